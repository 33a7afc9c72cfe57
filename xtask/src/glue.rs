//! What wasm-bindgen writes, made shorter: the long names by which module and script find each other, with a hash in each; what frees
//! arguments when a later one finds no memory, as the instance is given up then; and the script as a whole (`bindings.rs`).

use anyhow::{Context, Result};

use crate::bindings::{self, Scripts};
use crate::imports::{Import, imports};
use crate::wasm::{Input, put_block, put_number};

/// What a module calls its script: each import names it.
const SCRIPT: &str = "a";
/// Sections of a module.
const IMPORTS: u8 = 2;
const EXPORTS: u8 = 7;
/// Around the passing of several arguments.
const TRY: &str = "\n        try {\n            ptr";
const CATCH: &str = "        } catch (e) {\n";
const CAUGHT: &str = "            throw e;\n        }\n";

/// The module and its script, shorter.
pub fn shorten(module: &[u8], script: &str) -> Result<(Vec<u8>, Scripts)> {
    let script = without_freeing(script)?;
    let module = rename(module, &imports(&script)?)?;
    Ok((module, bindings::write(&script, SCRIPT)?))
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

/// The module with short names for what it imports, and for what wasm-bindgen has it export.
fn rename(module: &[u8], offered: &[Import]) -> Result<Vec<u8>> {
    let (head, sections) = module.split_at_checked(8).context("it is too short")?;
    let mut renamed = head.to_vec();
    let mut input = Input(sections);
    while !input.0.is_empty() {
        let id = input.byte()?;
        let section = input.block()?;
        renamed.push(id);
        match id {
            IMPORTS => put_block(&mut renamed, &short_imports(section, offered)?),
            EXPORTS => put_block(&mut renamed, &short_exports(section)?),
            _ => put_block(&mut renamed, section),
        }
    }
    Ok(renamed)
}

fn short_imports(section: &[u8], offered: &[Import]) -> Result<Vec<u8>> {
    let imports = Input(section).imports()?;
    let mut short = Vec::new();
    put_number(&mut short, imports.len());
    for import in &imports {
        let found = offered.iter().find(|offered| offered.name.as_bytes() == import.name);
        let name = String::from_utf8_lossy(import.name);
        let found =
            found.with_context(|| format!("the script does not offer {name}, which the module imports"))?;
        put_block(&mut short, SCRIPT.as_bytes());
        put_block(&mut short, found.short.as_bytes());
        short.push(0);
        put_number(&mut short, import.kind);
    }
    Ok(short)
}

fn short_exports(section: &[u8]) -> Result<Vec<u8>> {
    let mut exports = Input(section);
    let n = exports.number()?;
    let mut short = Vec::new();
    put_number(&mut short, n);
    for _ in 0..n {
        let name = String::from_utf8_lossy(exports.block()?);
        put_block(&mut short, bindings::short_export(&name).as_bytes());
        short.push(exports.byte()?);
        put_number(&mut short, exports.number()?);
    }
    Ok(short)
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
        let offered = imports(SCRIPT).unwrap();
        let [x, xy] = [0, 1].map(|i| offered[i].short.as_str());
        let (module, scripts) = shorten(module, SCRIPT).unwrap();
        let script = scripts.core;
        let wanted =
            format!("\0asm\x01\0\0\0\x02\x0f\x02\x01a\x02{x}\x00\x00\x01a\x02{xy}\x00\x03\x0a\x01\x00");
        assert_eq!(module, wanted.as_bytes());
        assert!(
            script.contains(&format!(
                "\n    {xy}: () => {{ return 1; }},\n    {x}: (arg0) => {{ return arg0; }},\n"
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
