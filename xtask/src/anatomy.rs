//! What takes the bytes of a wasm module: its sections, and its functions by the part of the sources they come from.
//!
//! Read off the module as cargo leaves it, the last one with the functions' names; wasm-opt then makes it smaller throughout, so
//! shares are worth more than bytes.

use std::collections::BTreeMap;
use std::path::PathBuf;

use anyhow::{Context, Result, bail};

use crate::door;
use crate::files;
use crate::wasm::Input;

/// Groups with less than this share of the code are told together.
const LEAST_SHARE: f64 = 0.01;

/// Prints the anatomy of one module.
pub fn report(name: &str) -> Result<()> {
    let bytes = files::read(&path(name))?;
    let module = Module::read(&bytes).with_context(|| format!("the module {name} could not be read"))?;
    let code: usize = module.functions.iter().map(|(_, len)| len).sum();
    println!("\n{name}, as compiled: {} bytes of code, {} of data", code, module.data);
    let mut groups = BTreeMap::<String, usize>::new();
    for (name, len) in &module.functions {
        *groups.entry(group(name)).or_default() += len;
    }
    let mut rows: Vec<_> = groups.into_iter().collect();
    rows.sort_by_key(|(_, len)| std::cmp::Reverse(*len));
    let share = |len: usize| len as f64 / code as f64;
    let n_told = rows.iter().filter(|(_, len)| share(*len) >= LEAST_SHARE).count();
    let rest: usize = rows[n_told..].iter().map(|(_, len)| len).sum();
    let n_others = rows.len() - n_told;
    rows.truncate(n_told);
    rows.push((format!("{n_others} others"), rest));
    for (name, len) in rows {
        println!("  {name:<42}{len:>10}{:>8.1} %", 100.0 * share(len));
    }
    Ok(())
}

fn path(name: &str) -> PathBuf {
    files::target_dir().join(name).join(door::TARGET).join("release/ocelli.wasm")
}

/// The part of the sources that a function, by its symbol, belongs to: two levels deep in our own crate.
fn group(symbol: &str) -> String {
    let name = format!("{:#}", rustc_demangle::demangle(symbol));
    // An implementation for a type of ours counts as ours: `<ocelli::ops::dense::Dense as core::fmt::Debug>::fmt`.
    if let Some((_, inside)) = name.split_once("ocelli::") {
        let path: Vec<_> = inside.split("::").take(2).collect();
        let is_module =
            |part: &&str| part.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_');
        // What follows a module is another, or an item of it.
        let depth = if inside.split("::").count() > 2 { 2 } else { 1 };
        let path: Vec<_> = path.into_iter().take(depth).take_while(is_module).collect();
        return path.join("::");
    }
    let crate_name: String =
        name.trim_start_matches(['<', '&', '[', '(']).split("::").next().unwrap_or("").into();
    match crate_name.as_str() {
        "core" | "alloc" | "std" | "compiler_builtins" | "dlmalloc" | "hashbrown" => "Rust's library".into(),
        name if name.contains("bindgen") || name == "js_sys" => "wasm-bindgen".into(),
        name if name.chars().all(|c| c.is_alphanumeric() || c == '_') && symbol.starts_with('_') => {
            format!("crate {name}")
        }
        _ => "Rust's library".into(),
    }
}

/// What is read of a module.
struct Module {
    /// Each function's symbol and size.
    functions: Vec<(String, usize)>,
    data: usize,
}

impl Module {
    fn read(bytes: &[u8]) -> Result<Module> {
        let mut input = Input(bytes.get(8..).context("it is too short")?);
        let (mut n_imported, mut sizes, mut names, mut data) = (0, Vec::new(), BTreeMap::new(), 0);
        while !input.0.is_empty() {
            let id = input.byte()?;
            let mut section = Input(input.block()?);
            match id {
                0 if section.block()? == b"name" => names = function_names(section)?,
                2 => n_imported = section.imports()?.len(),
                10 => {
                    sizes =
                        (0..section.number()?).map(|_| Ok(section.block()?.len())).collect::<Result<_>>()?
                }
                11 => data = section.0.len(),
                _ => {}
            }
        }
        let name = |i: usize| names.get(&(n_imported + i)).cloned().unwrap_or_default();
        // By these wasm-bindgen is told of types, and takes them away.
        let stays = |(name, _): &(String, usize)| !name.contains("escribe");
        let functions = sizes.into_iter().enumerate().map(|(i, len)| (name(i), len)).filter(stays).collect();
        Ok(Module { functions, data })
    }
}

/// The names of functions, by their places, in the section of names.
fn function_names(mut section: Input<'_>) -> Result<BTreeMap<usize, String>> {
    while !section.0.is_empty() {
        let kind = section.byte()?;
        let mut part = Input(section.block()?);
        if kind == 1 {
            let n = part.number()?;
            let name = |_| Ok((part.number()?, String::from_utf8_lossy(part.block()?).into_owned()));
            return (0..n).map(name).collect();
        }
    }
    bail!("its functions have no names")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_are_grouped_by_the_sources_they_come_from() {
        let groups = [
            ("_ZN6ocelli7kernels4pool22global_average_forward17h51aa762905fccff6E", "kernels::pool"),
            ("_ZN6ocelli4told6number17hf187298e019fc8d7E", "told"),
            (
                "_ZN59_$LT$ocelli..error..Error$u20$as$u20$core..fmt..Display$GT$3fmt17h33deba28d4ab147cE",
                "error",
            ),
            ("_ZN10serde_core3ser10Serializer11collect_seq17h6547e9e69a599bf3E", "crate serde_core"),
            ("_ZN4core3fmt5Write9write_fmt17h9cb0191327f254d2E", "Rust's library"),
            ("memcpy", "Rust's library"),
        ];
        for (symbol, wanted) in groups {
            assert_eq!(group(symbol), wanted, "{symbol}");
        }
    }

    #[test]
    fn a_module_is_taken_apart() {
        let module: Vec<u8> = [
            &b"\0asm\x01\0\0\0"[..],
            b"\x02\x07\x01\x01a\x01b\x00\x00", // one imported function
            b"\x0a\x08\x02\x02\x00\x0b\x03\x00\x01\x0b", // two bodies, of 2 and 3 bytes
            b"\x0b\x03abc",
            b"\x00\x12\x04name\x01\x0b\x02\x01\x03one\x02\x03two",
        ]
        .concat();
        let read = Module::read(&module).unwrap();
        assert_eq!(read.functions, [("one".to_owned(), 2), ("two".to_owned(), 3)]);
        assert_eq!(read.data, 3);
        assert!(Module::read(&module[..module.len() - 1]).is_err());
    }
}
