//! One of wasm-bindgen's functions for a call, read: what it takes and gives, as letters.

use anyhow::{Context, Result, bail, ensure};

/// What a call ends with, its values numbered away, and the letter for it.
const GIVEN: [(&str, &str); 14] = [
    ("", ""),
    ("return ret;", "r"),
    ("if (ret[1]) { throw takeFromExternrefTable0(ret[0]); }", "z"),
    ("if (ret[2]) { throw takeFromExternrefTable0(ret[1]); } return takeFromExternrefTable0(ret[0]);", "x"),
    ("if (ret[2]) { throw takeFromExternrefTable0(ret[1]); } return ret[0];", "n"),
    ("if (ret[2]) { throw takeFromExternrefTable0(ret[1]); } return ret[0] >>> 0;", "m"),
    ("if (ret[2]) { throw takeFromExternrefTable0(ret[1]); } return ret[0] !== 0;", "o"),
    ("if (ret[2]) { throw takeFromExternrefTable0(ret[1]); } return KIND.__wrap(ret[0]);", "c"),
    (
        "let v; if (ret[0] !== 0) { v = getStringFromWasm0(ret[0], ret[1]); wasm.__wbindgen_free(ret[0], ret[1] * 1, 1); } \
         return v;",
        "s",
    ),
    ("deferred = ret[0]; deferred = ret[1]; return getStringFromWasm0(ret[0], ret[1]);", "s"),
    // Of numbers: with an error, with one or none, without.
    (
        "if (ret[3]) { throw takeFromExternrefTable0(ret[2]); } var v = LIST(ret[0], ret[1]).slice(); \
         wasm.__wbindgen_free(ret[0], ret[1] * SIZE, SIZE); return v;",
        "*",
    ),
    (
        "if (ret[3]) { throw takeFromExternrefTable0(ret[2]); } let v; if (ret[0] !== 0) { v = LIST(ret[0], ret[1]).slice(); \
         wasm.__wbindgen_free(ret[0], ret[1] * SIZE, SIZE); } return v;",
        "*",
    ),
    (
        "var v = LIST(ret[0], ret[1]).slice(); wasm.__wbindgen_free(ret[0], ret[1] * SIZE, SIZE); return v;",
        "*",
    ),
    (
        "let v; if (ret[0] !== 0) { v = LIST(ret[0], ret[1]).slice(); wasm.__wbindgen_free(ret[0], ret[1] * SIZE, SIZE); } \
         return v;",
        "*",
    ),
];
/// What passes an argument, and its letter.
const PASSED: [(&str, &str); 6] = [
    ("passArray8ToWasm0", "8"),
    ("passArray32ToWasm0", "u"),
    ("passArrayF32ToWasm0", "f"),
    ("passArrayF64ToWasm0", "d"),
    ("passStringToWasm0", "s"),
    ("passArrayJsValueToWasm0", "v"),
];
/// What takes numbers out, its letter, and the bytes of one.
const LISTS: [(&str, &str, &str); 5] = [
    ("getArrayU8FromWasm0", "8", "1"),
    ("getArrayU32FromWasm0", "u", "4"),
    ("getArrayI32FromWasm0", "i", "4"),
    ("getArrayF32FromWasm0", "f", "4"),
    ("getArrayF64FromWasm0", "d", "8"),
];

/// One call, as the table tells it.
pub struct Call {
    pub name: String,
    pub takes: String,
    pub gives: String,
    pub is_on_instance: bool,
}

impl Call {
    /// Reads `name(parameters) { body`.
    pub fn read(text: &str, class: &str) -> Result<Call> {
        let (name, rest) = text.split_once('(').context("a call has a name")?;
        Call::parts(name, rest, class).with_context(|| format!("the binding of {name} reads unlike others"))
    }

    fn parts(name: &str, rest: &str, class: &str) -> Result<Call> {
        let (parameters, body) = rest.split_once(") {").context("it has no body")?;
        let body = one_line(body);
        let export =
            if class.is_empty() { name.to_owned() } else { format!("{}_{name}", class.to_lowercase()) };
        let (before, after) =
            body.split_once(&format!("wasm.{export}(")).context("it does not call its export")?;
        let (arguments, after) = after.split_once(");").context("the call does not end")?;
        let before = before.strip_suffix("const ret = ").unwrap_or(before);
        let arguments = split_arguments(arguments);
        let is_on_instance = arguments.first() == Some(&"this.__wbg_ptr");
        let (mut takes, mut taken) = (String::new(), Vec::new());
        for argument in arguments.iter().skip(usize::from(is_on_instance)) {
            if argument.is_empty() || argument.starts_with("len") {
                continue;
            }
            let (letter, from) = passed(argument, before)?;
            takes += letter;
            taken.push(from);
        }
        let parameters: Vec<_> = parameters.split(", ").filter(|name| !name.is_empty()).collect();
        ensure!(parameters == taken, "it takes {parameters:?} in another order: {taken:?}");
        Ok(Call { name: name.to_owned(), takes, gives: gives(after, class)?, is_on_instance })
    }
}

/// The letter of what is passed, and the parameter that it comes from.
fn passed<'a>(argument: &'a str, before: &'a str) -> Result<(&'static str, &'a str)> {
    if argument.starts_with("ptr") {
        let start = format!("{argument} = ");
        let (_, made) = before.split_once(&start).context("a list is not passed")?;
        let made = made
            .split_once("? 0 : ")
            .filter(|(none, _)| none.starts_with("isLikeNone(") && !none.contains(';'));
        let made =
            made.map_or_else(|| before.split_once(&start).map_or("", |(_, made)| made), |(_, made)| made);
        let (function, rest) = made.split_once('(').context("nothing passes it")?;
        let letter =
            PASSED.iter().find(|(name, _)| *name == function).context("it is passed unlike others")?.1;
        return Ok((letter, rest.split_once(',').context("nothing is passed")?.0));
    }
    let made = match argument.strip_prefix("val") {
        Some(number) if number.parse::<u8>().is_ok() => {
            let start = format!("const {argument} = +");
            let (_, made) = before.split_once(&start).context("a number is not made")?;
            let made = made.split_once(';').context("a number has no end")?.0;
            made.strip_prefix('(').and_then(|made| made.strip_suffix(')')).unwrap_or(made)
        }
        _ => argument,
    };
    let Some(optional) = made.strip_prefix("isLikeNone(") else { return Ok(("x", made)) };
    let (name, rest) = optional.split_once(") ? ").context("a choice has two ends")?;
    let letter = if rest.starts_with("Number.MAX_SAFE_INTEGER") {
        "n"
    } else if rest.starts_with("0xFFFFFF") {
        "b"
    } else if rest.starts_with("0 : addToExternrefTable0") {
        "e"
    } else {
        bail!("it takes something optional unlike others: {made}")
    };
    Ok((letter, name))
}

/// The letter of what a call gives, by what follows it.
fn gives(after: &str, class: &str) -> Result<String> {
    let mut text = after.split(" } finally {").next().unwrap_or_default().trim().to_owned();
    for place in 0..16 {
        text = text
            .replace(&format!("deferred{place}_0"), "deferred")
            .replace(&format!("deferred{place}_1"), "deferred");
        text = text.replace(&format!("v{place} "), "v ").replace(&format!("v{place};"), "v;");
    }
    if !class.is_empty() {
        text = text.replace(&format!("{class}.__wrap"), "KIND.__wrap");
    }
    let mut list = "";
    for (function, letter, size) in LISTS {
        if text.contains(function) {
            list = letter;
            text = text.replace(function, "LIST").replace(&format!("* {size}, {size})"), "* SIZE, SIZE)");
        }
    }
    let (_, letter) =
        GIVEN.iter().find(|(end, _)| *end == text).with_context(|| format!("it ends with {text}"))?;
    Ok(if *letter == "*" { list } else { letter }.to_owned())
}

/// Arguments of a call, at their commas outside of parentheses.
fn split_arguments(text: &str) -> Vec<&str> {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0);
    for (place, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(text[start..place].trim());
                start = place + 1;
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    parts
}

pub fn one_line(text: &str) -> String {
    text.lines().map(str::trim).filter(|line| !line.is_empty()).collect::<Vec<_>>().join(" ")
}
