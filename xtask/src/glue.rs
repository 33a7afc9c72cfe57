//! What wasm-bindgen writes, made shorter: the long names by which module and script find each other, with a hash in each; what frees
//! arguments when a later one finds no memory, as the instance is given up then; and the script as a whole (`bindings.rs`).

use anyhow::{Context, Result, ensure};

use crate::bindings::{self, Scripts};

use crate::wasm::{Input, put_block, put_number};

/// What a module calls its script: each import names it.
const SCRIPT: &str = "a";
/// Chosen so that no two imports get the same name.
const SALT: u64 = 2;
/// Around the passing of several arguments.
const TRY: &str = "\n        try {\n            ptr";
const CATCH: &str = "        } catch (e) {\n";
const CAUGHT: &str = "            throw e;\n        }\n";

/// A name, and what stands for it.
type Renamed = (String, String);

/// The module and its script, shorter.
pub fn shorten(module: &[u8], script: &str) -> Result<(Vec<u8>, Scripts)> {
    let (module, names) = rename(module)?;
    let mut script = script.to_owned();
    // The longest first: one name may be the beginning of another.
    let mut by_length = names;
    by_length.sort_by_key(|(name, _)| std::cmp::Reverse(name.len()));
    for (name, short) in by_length {
        ensure!(script.contains(&name), "the script does not offer {name}, which the module imports");
        script = script.replace(&name, &short);
    }
    Ok((module, bindings::write(&without_freeing(&script)?, SCRIPT)?))
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
        for import in &imports {
            let short = short_name(import.name);
            ensure!(
                names.iter().all(|(_, name)| *name != short),
                "two imports are named {short}: take another SALT"
            );
            put_block(&mut short_section, SCRIPT.as_bytes());
            put_block(&mut short_section, short.as_bytes());
            short_section.push(0);
            put_number(&mut short_section, import.kind);
            names.push((String::from_utf8(import.name.to_vec())?, short));
        }
        put_block(&mut renamed, &short_section);
    }
    Ok((renamed, names))
}

/// Two letters or digits, by the name alone: what one module's script offers, another module finds there, too.
fn short_name(name: &[u8]) -> String {
    const LETTERS: &[u8; 62] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    // FNV-1a
    let mix = |hash: u64, byte: &u8| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = name.iter().fold(0xcbf2_9ce4_8422_2325 ^ SALT, mix);
    let hash = ((hash >> 32) % (52 * 62)) as usize;
    [LETTERS[hash % 52], LETTERS[hash / 52]].map(char::from).iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = "
export function end() {
    wasm.end();
}
function __wbg_get_imports() {
    const import0 = {
        __proto__: null,
        __wbg_x: function(arg0) {
            return arg0;
        },
        __wbg_xy: function() {
            return 1;
        },
    };
    return {};
}
";

    #[test]
    fn module_and_script_keep_their_understanding() {
        let module =
            b"\0asm\x01\0\0\0\x02\x1a\x02\x01m\x07__wbg_x\x00\x00\x01m\x08__wbg_xy\x00\x03\x0a\x01\x00";
        let (x, xy) = (short_name(b"__wbg_x"), short_name(b"__wbg_xy"));
        let (module, scripts) = shorten(module, SCRIPT).unwrap();
        let script = scripts.core;
        let wanted =
            format!("\0asm\x01\0\0\0\x02\x0f\x02\x01a\x02{x}\x00\x00\x01a\x02{xy}\x00\x03\x0a\x01\x00");
        assert_eq!(module, wanted.as_bytes());
        assert!(
            script.contains(&format!(
                "\n    {x}: (arg0) => {{ return arg0; }},\n    {xy}: () => {{ return 1; }},\n"
            )),
            "{script}"
        );
        assert!(shorten(&module, "nothing").is_err());
    }

    #[test]
    fn nothing_is_freed_on_the_way() {
        let script = "a() {\n        let ptr0;\n        try {\n            ptr0 = 1;\n        } catch (e) {\n            \
                      free(ptr0);\n            throw e;\n        }\n        end();\n}";
        let made = without_freeing(script).unwrap();
        assert_eq!(made, "a() {\n        let ptr0;\n            ptr0 = 1;\n        end();\n}");
    }
}
