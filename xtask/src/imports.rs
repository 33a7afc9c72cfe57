//! The functions that a module imports, without the frames that wasm-bindgen gives all of them, and their names: by what they do,
//! so that those which do the same are one, in whatever module.

use anyhow::{Context, Result, ensure};

use crate::bindings::RUNTIME;
use crate::calls::one_line;

/// Lines of an import that tell the module where a text or bytes lie.
const PUT: &str = "const len1 = WASM_VECTOR_LEN; getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 1, len1, true); \
    getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 0, ptr1, true);";

/// The same of a number that may be missing.
const PUT_NUMBER: &str = "getDataViewMemory0().setFloat64((arg0 >>> 0) + 8 * 1, isLikeNone(ret) ? 0 : ret, true); \
    getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 0, !isLikeNone(ret), true);";
/// Chosen so that no two functions get the same name.
const SALT: u64 = 114;
/// Around a test that cannot fail.
const TESTS: (&str, &str) =
    ("let result; try { result = ", "; } catch (_) { result = false; } const ret = result; return ret;");
/// Around what reads a text that it was given to keep; how the argument's name goes on.
const KEEPS: (&str, &str) = (
    "let deferred0_0; let deferred0_1; try { deferred0_0 = arg0; deferred0_1 = arg1; ",
    "} finally { wasm.__wbindgen_free(deferred0_0, deferred0_1, 1); }",
);
/// What looks at numbers in the module's memory, and their list.
const VIEWS: [(&str, &str); 4] = [
    ("getArrayU8FromWasm0(", "Uint8Array"),
    ("getArrayU32FromWasm0(", "Uint32Array"),
    ("getArrayI32FromWasm0(", "Int32Array"),
    ("getArrayF32FromWasm0(", "Float32Array"),
];

/// A function that a module imports.
pub struct Import {
    /// As the module knows it.
    pub name: String,
    /// Two letters, by the function alone.
    pub short: String,
    /// In JavaScript.
    pub function: String,
}

/// What a script of wasm-bindgen's offers its module.
pub fn imports(script: &str) -> Result<Vec<Import>> {
    let (_, rest) =
        script.split_once("    const import0 = {\n        __proto__: null,\n").context("no imports")?;
    let (lines, _) = rest.split_once("    };\n    return {").context("the imports have no end")?;
    let mut made: Vec<Import> = Vec::new();
    for import in
        lines.split_inclusive("\n        },\n").flat_map(|part| part.split_inclusive("}, arguments); },\n"))
    {
        let (name, function) =
            import_of(import).with_context(|| format!("an import reads unlike others: {import}"))?;
        let short = short_name(&function);
        ensure!(
            made.iter().all(|other| other.short != short || other.function == function),
            "two imports are named {short}: take another SALT"
        );
        made.push(Import { name, short, function });
    }
    Ok(made)
}

/// By a hash: what one module's script offers, another module finds there, too.
fn short_name(function: &str) -> String {
    const LETTERS: &[u8; 26] = b"abcdefghijklmnopqrstuvwxyz"; // the most frequent anyway: that packs
    // FNV-1a
    let mix = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    let hash = function.bytes().fold(0xcbf2_9ce4_8422_2325 ^ SALT, mix);
    let hash = ((hash >> 32) % (26 * 26)) as usize;
    [LETTERS[hash % 26], LETTERS[hash / 26]].map(char::from).iter().collect()
}

/// Name and function.
fn import_of(text: &str) -> Result<(String, String)> {
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
    if let Some((before, rest)) = body.split_once(TESTS.0) {
        let (test, after) = rest.split_once(TESTS.1).context("a test has an end")?;
        body = format!("{before}return {test};{after}");
    }
    if let Some((before, rest)) = body.split_once(KEEPS.0) {
        let (reading, after) = rest.split_once(KEEPS.1).context("what was kept is not freed")?;
        body = format!("{before}{reading}wasm.__wbindgen_free(arg0, arg1, 1);{after}");
    }
    for (view, list) in VIEWS {
        body = body.replace(view, &format!("numbersAt({list}, "));
    }
    for (function, letter) in [("passStringToWasm0", "s"), ("passArray8ToWasm0", "8")] {
        let realloc = if letter == "s" { ", wasm.__wbindgen_realloc" } else { "" };
        let pass = format!("{function}(ret, wasm.__wbindgen_malloc{realloc});");
        let put = format!("putList(arg0, '{letter}', ret);");
        body = body.replace(&format!("const ptr1 = {pass} {PUT}"), &put);
        let optional = format!("var ptr1 = isLikeNone(ret) ? 0 : {pass} {}", PUT.replacen("const", "var", 1));
        body = body.replace(&optional, &put);
    }
    // The same without `new`; and no list has two thousand million places.
    body = body.replace("new Error(", "Error(").replace("[arg1 >>> 0]", "[arg1]");
    for (_, list) in VIEWS {
        let view = format!("numbersAt({list}, arg0, arg1)");
        body = body.replace(&format!("new {list}({view})"), &format!("{view}.slice()"));
        body =
            body.replace(&format!("{list}.prototype.set.call({view}, arg2)"), &format!("{view}.set(arg2)"));
    }
    body = body.replace(PUT_NUMBER, "putNumber(arg0, ret);");
    for word in body.split(|c: char| !c.is_alphanumeric() && c != '_') {
        let is_helper = word.ends_with("Wasm0") || word.ends_with("Memory0") || word == "WASM_VECTOR_LEN";
        let is_known = [format!("function {word}("), format!("const {word} =")]
            .iter()
            .any(|text| RUNTIME.contains(text));
        ensure!(!is_helper || is_known, "it calls {word}");
    }
    let arrow = format!("{parameters}) => {{{body}");
    Ok((name.to_owned(), if is_caught { format!("caught({arrow})") } else { arrow }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const SCRIPT: &str = "
    const import0 = {
        __proto__: null,
        a: function(arg0, arg1) {
            const ret = arg1.stack;
            const ptr1 = passStringToWasm0(ret, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
            const len1 = WASM_VECTOR_LEN;
            getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 1, len1, true);
            getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 0, ptr1, true);
        },
        b: function() { return handleError(function (arg0, arg1) {
            const ret = Reflect.get(arg0, arg1);
            return ret;
        }, arguments); },
        c: function(arg0) {
            // A comment.
            return arg0;
        },
        d: function(arg0) {
            return arg0;
        },
        e: function(arg0) {
            let result;
            try {
                result = arg0 instanceof Object;
            } catch (_) {
                result = false;
            }
            const ret = result;
            return ret;
        },
        f: function(arg0, arg1) {
            let deferred0_0;
            let deferred0_1;
            try {
                deferred0_0 = arg0;
                deferred0_1 = arg1;
                console.error(getStringFromWasm0(arg0, arg1));
            } finally {
                wasm.__wbindgen_free(deferred0_0, deferred0_1, 1);
            }
        },
        h: function(arg0, arg1) {
            const ret = typeof(arg1) === 'number' ? arg1 : undefined;
            getDataViewMemory0().setFloat64((arg0 >>> 0) + 8 * 1, isLikeNone(ret) ? 0 : ret, true);
            getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 0, !isLikeNone(ret), true);
        },
        g: function(arg0, arg1) {
            const ret = new Float32Array(getArrayF32FromWasm0(arg0, arg1));
            return ret;
        },
    };
    return {
        __proto__: null,
        \"./m.js\": import0,
    };
";

    #[test]
    fn imports_lose_their_frames() {
        let made = imports(SCRIPT).unwrap();
        assert_eq!(
            made.iter()
                .map(|import| [&import.name, &import.function].map(String::as_str))
                .collect::<Vec<_>>(),
            [
                ["a", "(arg0, arg1) => { const ret = arg1.stack; putList(arg0, 's', ret); }"],
                ["b", "caught((arg0, arg1) => { const ret = Reflect.get(arg0, arg1); return ret; })"],
                ["c", "(arg0) => { return arg0; }"],
                ["d", "(arg0) => { return arg0; }"],
                ["e", "(arg0) => { return arg0 instanceof Object; }"],
                [
                    "f",
                    "(arg0, arg1) => { console.error(getStringFromWasm0(arg0, arg1)); wasm.__wbindgen_free(arg0, arg1, 1); }"
                ],
                [
                    "h",
                    "(arg0, arg1) => { const ret = typeof(arg1) === 'number' ? arg1 : undefined; putNumber(arg0, ret); }"
                ],
                [
                    "g",
                    "(arg0, arg1) => { const ret = numbersAt(Float32Array, arg0, arg1).slice(); return ret; }"
                ],
            ]
        );
    }

    #[test]
    fn those_which_do_the_same_have_one_name() {
        let made = imports(SCRIPT).unwrap();
        for import in &made {
            for other in &made {
                assert_eq!(import.short == other.short, import.function == other.function);
            }
        }
    }
}
