//! The functions that a module imports, without the frames that wasm-bindgen gives all of them.

use anyhow::{Context, Result, ensure};

use crate::bindings::RUNTIME;
use crate::calls::one_line;

/// Lines of an import that tell the module where a text or bytes lie.
const PUT: &str = "const len1 = WASM_VECTOR_LEN; getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 1, len1, true); \
    getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 0, ptr1, true);";

/// The imports' lines: functions, without the frames that all have.
pub fn imports(script: &str) -> Result<String> {
    let (_, rest) =
        script.split_once("    const import0 = {\n        __proto__: null,\n").context("no imports")?;
    let (lines, _) = rest.split_once("    };\n    return {").context("the imports have no end")?;
    let mut made = String::new();
    for import in
        lines.split_inclusive("\n        },\n").flat_map(|part| part.split_inclusive("}, arguments); },\n"))
    {
        made += &import_of(import).with_context(|| format!("an import reads unlike others: {import}"))?;
    }
    Ok(made)
}

fn import_of(text: &str) -> Result<String> {
    let without_comments: Vec<_> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let text = one_line(&without_comments.join("\n"));
    let (name, function) = text.split_once(": function").context("it is no function")?;
    let (is_caught, function) = match function.strip_prefix("() { return handleError(function ") {
        Some(function) => {
            (true, function.strip_suffix(", arguments); },").context("what is caught has an end")?)
        }
        None => (false, function.trim_start().strip_suffix(',').context("it has an end")?),
    };
    let (parameters, body) = function.split_once(") {").context("it has no body")?;
    let mut body = body.to_owned();
    for (function, letter) in [("passStringToWasm0", "s"), ("passArray8ToWasm0", "8")] {
        let realloc = if letter == "s" { ", wasm.__wbindgen_realloc" } else { "" };
        let pass = format!("{function}(ret, wasm.__wbindgen_malloc{realloc});");
        let put = format!("putList(arg0, '{letter}', ret);");
        body = body.replace(&format!("const ptr1 = {pass} {PUT}"), &put);
        let optional = format!("var ptr1 = isLikeNone(ret) ? 0 : {pass} {}", PUT.replacen("const", "var", 1));
        body = body.replace(&optional, &put);
    }
    for word in body.split(|c: char| !c.is_alphanumeric() && c != '_') {
        let is_helper = word.ends_with("Wasm0") || word.ends_with("Memory0") || word == "WASM_VECTOR_LEN";
        let is_known = [format!("function {word}("), format!("const {word} =")]
            .iter()
            .any(|text| RUNTIME.contains(text));
        ensure!(!is_helper || is_known, "it calls {word}");
    }
    let arrow = format!("{parameters}) => {{{body}");
    Ok(if is_caught { format!("    {name}: caught({arrow}),\n") } else { format!("    {name}: {arrow},\n") })
}
