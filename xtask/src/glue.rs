//! What wasm-bindgen writes, made shorter: the long names by which module and script find each other, with a hash in each; the
//! description of any value there may be, of which only errors make use; texts passed letter by letter where the browser encodes
//! them; and what frees arguments when a later one finds no memory: the instance is given up then.

use anyhow::{Context, Result, ensure};

use crate::wasm::{Input, put_block, put_number};

/// Functions by their heads, and what they hold from now on. Of a value as much is told as a message needs: JSON where it has such
/// a form.
const SHORTER: [(&str, &str); 2] = [
    (
        "function debugString(val) {",
        "
    try {
        return JSON.stringify(val) ?? String(val);
    } catch {
        return String(val);
    }",
    ),
    (
        "function passStringToWasm0(arg, malloc, realloc) {",
        "
    return passArray8ToWasm0(cachedTextEncoder.encode(arg), malloc);",
    ),
];
/// What a function ends with.
const END: &str = "\n}\n";
/// For texts where no other bytes are passed.
const PASS_BYTES: &str = "
function passArray8ToWasm0(arg, malloc) {
    const ptr = malloc(arg.length * 1, 1) >>> 0;
    getUint8ArrayMemory0().set(arg, ptr / 1);
    WASM_VECTOR_LEN = arg.length;
    return ptr;
}
";
/// Around the passing of several arguments.
const TRY: &str = "\n        try {\n            ptr";
const CATCH: &str = "        } catch (e) {\n";
const CAUGHT: &str = "            throw e;\n        }\n";

/// A name, and what stands for it.
type Renamed = (String, String);

/// The module and its script, shorter.
pub fn shorten(module: &[u8], script: &str) -> Result<(Vec<u8>, String)> {
    let (module, names) = rename(module)?;
    let mut script = script.to_owned();
    // The longest first: one name may be the beginning of another.
    let mut by_length = names;
    by_length.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    for (name, short) in by_length {
        ensure!(script.contains(&name), "the script does not offer {name}, which the module imports");
        script = script.replace(&name, &short);
    }
    for (head, body) in SHORTER {
        let Some((before, rest)) = script.split_once(head) else { continue };
        let (_, after) = rest.split_once(END).with_context(|| format!("{head} has no end"))?;
        script = [before, head, body, END, after].concat();
    }
    if script.contains("passArray8ToWasm0(cachedTextEncoder")
        && !script.contains("function passArray8ToWasm0(")
    {
        script += PASS_BYTES;
    }
    script = without_freeing(&script)?;
    Ok((module, script))
}

/// The script without the frames in which arguments are freed.
fn without_freeing(script: &str) -> Result<String> {
    let mut parts = script.split(TRY);
    let mut made = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (passing, rest) = part.split_once(CATCH).context("the passing of arguments catches nothing")?;
        let (_, after) = rest.split_once(CAUGHT).context("what is caught is not thrown on")?;
        made = [&made, "\n            ptr", passing, after].concat();
    }
    Ok(made)
}

/// The module with short names for what it imports, and which stands for which.
fn rename(module: &[u8]) -> Result<(Vec<u8>, Vec<Renamed>)> {
    let (head, sections) = module.split_at_checked(8).context("it is too short")?;
    let (mut renamed, mut names) = (head.to_vec(), Vec::new());
    let mut input = Input(sections);
    while !input.0.is_empty() {
        let id = input.byte()?;
        let section = input.block()?;
        renamed.push(id);
        if id != 2 {
            put_block(&mut renamed, section);
            continue;
        }
        let imports = Input(section).imports()?;
        let mut short_section = Vec::new();
        put_number(&mut short_section, imports.len());
        for (i, import) in imports.iter().enumerate() {
            let short = short_name(i);
            put_block(&mut short_section, import.module);
            put_block(&mut short_section, short.as_bytes());
            short_section.push(0);
            put_number(&mut short_section, import.kind);
            names.push((String::from_utf8(import.name.to_vec())?, short));
        }
        put_block(&mut renamed, &short_section);
    }
    Ok((renamed, names))
}

/// A letter, or a letter and a number: never a word of the language.
fn short_name(i: usize) -> String {
    const LETTERS: &[u8; 52] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let letter = char::from(LETTERS[i % 52]);
    if i < 52 { letter.to_string() } else { format!("{letter}{}", i / 52) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn module_and_script_keep_their_understanding() {
        let module =
            b"\0asm\x01\0\0\0\x02\x1a\x02\x01m\x07__wbg_x\x00\x00\x01m\x08__wbg_xy\x00\x03\x0a\x01\x00";
        let script = "return { __wbg_x: 1, __wbg_xy: 2 };\nfunction debugString(val) {\n    long;\n}\nrest";
        let (module, script) = shorten(module, script).unwrap();
        assert_eq!(module, b"\0asm\x01\0\0\0\x02\x0d\x02\x01m\x01a\x00\x00\x01m\x01b\x00\x03\x0a\x01\x00");
        assert!(script.starts_with("return { a: 1, b: 2 };") && script.ends_with("\n}\nrest"));
        assert!(!script.contains("long"));
        assert!(shorten(&module, "nothing").is_err());
    }

    #[test]
    fn texts_are_passed_as_bytes_and_nothing_is_freed_on_the_way() {
        let module = b"\0asm\x01\0\0\0";
        let script = "a() {\n        let ptr0;\n        try {\n            ptr0 = 1;\n        } catch (e) {\n            \
                      free(ptr0);\n            throw e;\n        }\n        end();\n}\nfunction passStringToWasm0(arg, malloc, \
                      realloc) {\n    long;\n}\nrest";
        let (_, made) = shorten(module, script).unwrap();
        assert!(
            made.starts_with("a() {\n        let ptr0;\n            ptr0 = 1;\n        end();\n}"),
            "{made}"
        );
        assert!(made.contains("passArray8ToWasm0(cachedTextEncoder.encode(arg), malloc);\n}\nrest"));
        assert!(made.contains("function passArray8ToWasm0(arg, malloc)") && !made.contains("long"));
    }

    #[test]
    fn no_two_imports_have_one_name() {
        let names: std::collections::BTreeSet<_> = (0..300).map(short_name).collect();
        assert_eq!(names.len(), 300);
        assert!(names.contains("a") && names.contains("a1"));
    }
}
