//! What wasm-bindgen writes, made shorter: the long names by which module and script find each other, with a hash in each, and the
//! description of any value there may be, of which only errors make use.

use anyhow::{Context, Result, ensure};

use crate::wasm::{Input, put_block, put_number};

/// Its start and end in the script.
const DESCRIPTION: [&str; 2] = ["function debugString(val) {", "\n}\n"];
/// As much as a message needs: JSON where a value has such a form.
const SHORT_DESCRIPTION: &str = "
    try {
        return JSON.stringify(val) ?? String(val);
    } catch {
        return String(val);
    }";

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
    if let Some((before, rest)) = script.split_once(DESCRIPTION[0]) {
        let (_, after) = rest.split_once(DESCRIPTION[1]).context("the description of values has no end")?;
        script = [before, DESCRIPTION[0], SHORT_DESCRIPTION, DESCRIPTION[1], after].concat();
    }
    Ok((module, script))
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
    fn no_two_imports_have_one_name() {
        let names: std::collections::BTreeSet<_> = (0..300).map(short_name).collect();
        assert_eq!(names.len(), 300);
        assert!(names.contains("a") && names.contains("a1"));
    }
}
