//! The house rules of `src/`, read from its text: imports only go down, no platform-dependent float
//! function, `unsafe` in two modules, no file that is two ideas.

use std::fs;
use std::path::{Path, PathBuf};

/// The floors as `src/lib.rs` lists them, lowest first. A module uses itself and those before it.
const FLOORS: [&str; 17] = [
    "rng", "value", "json", "told", "error", "settings", "kernels", "image", "graph", "ops", "plan", "model",
    "data", "train", "explain", "session", "wasm",
];

/// Where `unsafe` may stand.
const UNSAFE_FILES: [&str; 4] = [
    "kernels/simd/mod.rs",
    "kernels/simd/wide.rs",
    "kernels/microkernel/mod.rs",
    "kernels/microkernel/outer.rs",
];

/// Functions whose last bits differ from platform to platform, or that round once where others round twice.
const INEXACT: [&str; 17] = [
    "exp", "exp2", "exp_m1", "ln", "ln_1p", "log", "log2", "log10", "tanh", "sinh", "cosh", "sin", "cos",
    "sin_cos", "tan", "powf", "powi",
];

/// Clocks, files, processes, threads and the network, which doors pass in.
const OUTSIDE: [&str; 7] =
    ["std::time", "std::fs", "std::thread", "std::env", "std::net", "std::process", "wasm_bindgen"];

const MOST_LINES: usize = 450;

struct Source {
    /// Path below `src/`.
    path: String,
    /// What comes before its tests.
    text: String,
}

impl Source {
    /// The top-level module: `ops` of `ops/add.rs`.
    fn module(&self) -> &str {
        self.path.split(['/', '.']).next().expect("a path has a first part")
    }

    fn is_door(&self) -> bool {
        matches!(self.module(), "wasm" | "bin" | "lib")
    }

    /// Numbered lines without comments.
    fn code(&self) -> impl Iterator<Item = (usize, &str)> {
        let lines = self.text.lines().enumerate();
        lines.map(|(i, line)| (i + 1, line.split("//").next().expect("split has a first part")))
    }
}

/// All of `src/`.
fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder of sources") {
            let path: PathBuf = entry.expect("readable").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let text = fs::read_to_string(&path).expect("UTF-8");
                let end = text.find("#[cfg(test)]\nmod tests").unwrap_or(text.len());
                let path = path.strip_prefix(&root).expect("below it").to_string_lossy().replace('\\', "/");
                found.push(Source { path, text: text[..end].to_owned() });
            }
        }
    }
    assert!(found.len() > 60, "only {} files", found.len());
    found
}

/// The modules that a line names by `crate::…` or by a chain of `super::`.
fn modules_named(line: &str) -> Vec<&str> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut named = Vec::new();
    for start in ["crate::", "super::"] {
        for (at, _) in line.match_indices(start) {
            let rest = &line[at + start.len()..];
            let parts = match rest.strip_prefix('{') {
                // Names one brace deep; what lies deeper belongs to them.
                Some(list) => list.split([',', '}']).map(str::trim).collect(),
                None => vec![rest],
            };
            named.extend(parts.iter().filter_map(|part| part.split(|c| !is_name(c)).next()));
        }
    }
    named
}

fn floor_of(module: &str) -> Option<usize> {
    // The crate's root shows these two to users; inside they belong to `error`.
    let module = if matches!(module, "Error" | "Result") { "error" } else { module };
    FLOORS.iter().position(|&floor| floor == module)
}

fn report(complaints: &[String]) {
    assert!(complaints.is_empty(), "\n{}", complaints.join("\n"));
}

#[test]
fn imports_only_go_down() {
    let mut complaints = Vec::new();
    for source in sources() {
        let Some(own) = floor_of(source.module()) else { continue };
        for (n, line) in source.code() {
            for module in modules_named(line) {
                if floor_of(module).is_some_and(|floor| floor > own) {
                    complaints.push(format!("{}:{n} uses {module}, a floor above", source.path));
                }
            }
            // The plan runs operators by their trait and knows none of them.
            if source.module() == "plan" && line.contains("crate::ops") {
                complaints.push(format!("{}:{n} knows an operator", source.path));
            }
        }
    }
    report(&complaints);
}

#[test]
fn every_module_has_its_floor() {
    let library = sources().into_iter().find(|source| source.path == "lib.rs").expect("lib.rs");
    for (_, line) in library.code() {
        let declared = line.trim_start_matches("pub ").strip_prefix("mod ");
        if let Some(module) = declared.and_then(|rest| rest.strip_suffix(';')) {
            assert!(floor_of(module).is_some(), "give {module} its place among the floors");
        }
    }
}

#[test]
fn the_core_calls_no_float_function_that_differs_by_platform() {
    let mut complaints = Vec::new();
    for source in sources().iter().filter(|source| !source.is_door()) {
        for (n, line) in source.code() {
            for name in INEXACT {
                for call in [format!(".{name}("), format!("f32::{name}("), format!("f64::{name}(")] {
                    if line.contains(&call) {
                        complaints
                            .push(format!("{}:{n} calls {name}; kernels::math has its own", source.path));
                    }
                }
            }
            let kernel = source.module() == "kernels";
            if !kernel && line.contains("mul_add(") {
                complaints.push(format!("{}:{n} may fuse a multiplication with an addition", source.path));
            }
        }
    }
    report(&complaints);
}

#[test]
fn the_core_touches_nothing_outside() {
    let mut complaints = Vec::new();
    for source in sources().iter().filter(|source| !source.is_door()) {
        for (n, line) in source.code() {
            for outside in OUTSIDE.iter().filter(|&&outside| line.contains(outside)) {
                complaints.push(format!("{}:{n} uses {outside}", source.path));
            }
        }
    }
    report(&complaints);
}

#[test]
fn unsafe_stays_where_the_lanes_are() {
    let mut complaints = Vec::new();
    for source in sources().iter().filter(|source| !UNSAFE_FILES.contains(&&source.path[..])) {
        for (n, line) in source.code() {
            if line.split(|c: char| !c.is_alphanumeric() && c != '_').any(|word| word == "unsafe") {
                complaints.push(format!("{}:{n} is unsafe", source.path));
            }
        }
    }
    report(&complaints);
}

#[test]
fn a_long_file_is_two_ideas() {
    let mut complaints = Vec::new();
    for source in sources() {
        let n_lines = source.text.lines().count();
        if n_lines > MOST_LINES {
            complaints.push(format!(
                "{} has {n_lines} lines before its tests, more than {MOST_LINES}",
                source.path
            ));
        }
    }
    report(&complaints);
}

#[test]
fn the_reader_of_imports_sees_them() {
    assert_eq!(modules_named("use crate::plan::{Plan, Step};"), ["plan"]);
    assert_eq!(modules_named("use crate::{data::Dataset, train};"), ["data", "train", ""]);
    assert_eq!(modules_named("    crate::kernels::elementwise::add(a, b)"), ["kernels"]);
    assert_eq!(modules_named("use super::super::session::Session;"), ["super", "session"]);
}
