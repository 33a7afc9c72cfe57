//! `cargo xtask test`: every check, stage by stage, counted, with one summary at the end.
//!
//! A failing stage does not stop the others. What cannot run here (a browser that is not installed) is said in the
//! summary and is not a failure.

use std::time::Instant;

use anyhow::{Result, bail};

use crate::door::{self, DECODE, ENGINE, INFERENCE};
use crate::{browsers, bundle, files, node, process, reproducible, size};

/// How one stage ended.
pub enum Ended {
    /// It ran; how many of its checks passed, failed and were skipped.
    Counted(Count),
    /// Likewise, after what failed was run a second time; which files that were.
    Repeated(Count, String),
    /// It could not run, for this reason.
    LeftOut(String),
}

/// Checks of a stage. A tool that only says yes or no counts as one.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Count {
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl Count {
    /// One more check passed.
    pub fn pass(&mut self) {
        self.passed += 1;
    }

    /// One more check failed.
    pub fn fail(&mut self) {
        self.failed += 1;
    }

    /// Whether nothing failed.
    pub fn is_sound(&self) -> bool {
        self.failed == 0
    }
}

type Stage = (&'static str, fn() -> Result<Ended>);

const STAGES: [Stage; 16] = [
    ("format", format),
    ("clippy", clippy),
    ("native", native),
    ("xtask", own),
    ("build", build),
    ("wasm", wasm),
    ("types", types),
    ("lint", lint),
    ("node", node_tests),
    ("size", sizes),
    ("chromium", || browsers::run("chromium")),
    ("firefox", || browsers::run("firefox")),
    ("webkit", || browsers::run("webkit")),
    ("consumers", consumers),
    ("docs", docs),
    ("reproducible", reproducible::check),
];

/// Runs the stages named in `only` (comma-separated), or all.
pub fn test(only: Option<&str>, list: bool) -> Result<()> {
    let wanted: Option<Vec<&str>> = only.map(|names| names.split(',').map(str::trim).collect());
    for name in wanted.iter().flatten() {
        if !STAGES.iter().any(|(stage, _)| stage == name) {
            bail!("there is no stage {name}; the stages are {}", STAGES.map(|(stage, _)| stage).join(", "));
        }
    }
    if list {
        STAGES.iter().for_each(|(name, _)| println!("{name}"));
        return Ok(());
    }
    let start = Instant::now();
    let mut lines = Vec::new();
    let mut warnings = Vec::new();
    let mut total = Count::default();
    for (name, run) in STAGES {
        if wanted.as_ref().is_some_and(|wanted| !wanted.contains(&name)) {
            continue;
        }
        println!("\n=== {name}");
        let began = Instant::now();
        let ended = run();
        let took = began.elapsed().as_secs_f32();
        let (mark, count, note) = match ended {
            Ok(Ended::Counted(count)) => (mark(count), count, String::new()),
            Ok(Ended::Repeated(count, files)) => {
                warnings.push(format!("{name}: run a second time, since it failed: {files}"));
                (mark(count), count, "failed at first".to_owned())
            }
            Ok(Ended::LeftOut(why)) => {
                warnings.push(format!("left out: {name}: {why}"));
                ("LEFT OUT", Count::default(), why)
            }
            Err(error) => ("FAILED", Count { failed: 1, ..Count::default() }, format!("{error:#}")),
        };
        total.passed += count.passed;
        total.failed += count.failed;
        total.skipped += count.skipped;
        let Count { passed, failed, skipped } = count;
        let counts = format!("{passed} passed, {failed} failed, {skipped} skipped");
        let line = format!("{mark:<9} {name:<10} {took:>7.1} s  {counts}  {note}");
        println!("=== {line}");
        lines.push(line);
    }
    println!("\n=== summary");
    lines.iter().for_each(|line| println!("{line}"));
    for line in &warnings {
        println!("WARNING: {line}");
    }
    println!("{:.0} s in all", start.elapsed().as_secs_f32());
    let Count { passed, failed, skipped } = total;
    println!("{passed} passed, {failed} failed, {skipped} skipped");
    if failed > 0 {
        bail!("the tests failed");
    }
    Ok(())
}

fn mark(count: Count) -> &'static str {
    if count.is_sound() { "ok" } else { "FAILED" }
}

/// A stage that is one yes or no.
fn all_of(works: impl IntoIterator<Item = process::Program>) -> Result<Ended> {
    let mut count = Count::default();
    for work in works {
        match work.run() {
            Ok(()) => count.passed += 1,
            Err(error) => {
                println!("{error:#}");
                count.failed += 1;
            }
        }
    }
    Ok(Ended::Counted(count))
}

fn format() -> Result<Ended> {
    all_of([process::cargo(&["fmt", "--all", "--check"])])
}

fn clippy() -> Result<Ended> {
    door::ensure_target(door::TARGET)?;
    let clippy = |args: &[&str]| process::cargo(&["clippy", "--quiet"]).args(args);
    let deny = ["--", "--deny", "warnings"];
    let door =
        |door: &door::Door| clippy(&["--package", "ocelli", "--lib"]).args(door.cargo_args()).args(deny);
    all_of([
        clippy(&["--workspace", "--all-targets"]).args(deny),
        door(&INFERENCE),
        door(&ENGINE),
        door(&DECODE),
    ])
}

fn native() -> Result<Ended> {
    counted_cargo(process::cargo(&["test", "--package", "ocelli"]))
}

fn own() -> Result<Ended> {
    counted_cargo(process::cargo(&["test", "--package", "xtask"]))
}

fn build() -> Result<Ended> {
    bundle::build()?;
    Ok(Ended::Counted(Count { passed: 1, ..Count::default() }))
}

/// The core's own tests as a wasm module, in Node's WASI: the arithmetic that the browser runs.
fn wasm() -> Result<Ended> {
    const TARGET: &str = "wasm32-wasip1";
    if let Err(error) = door::ensure_target(TARGET) {
        return Ok(Ended::LeftOut(format!("the target {TARGET} could not be had ({error:#})")));
    }
    let runner = files::root().join("tests/wasi-runner.mjs");
    let cargo = process::cargo(&["test", "--package", "ocelli", "--lib", "--test", "it", "--target", TARGET])
        .args(["--no-default-features", "--features", "decode,every-layer,gzip,json,train"])
        .env("CARGO_TARGET_WASM32_WASIP1_RUNNER", format!("node --no-warnings {}", runner.display()));
    counted_cargo(cargo)
}

fn types() -> Result<Ended> {
    node::install()?;
    let check = |project: &str| node::tool("node_modules/typescript/bin/tsc", &["--project", project]);
    all_of([check("tsconfig.json"), check("tests/web/tsconfig.json"), check("benches/jobs/tsconfig.json")])
}

fn lint() -> Result<Ended> {
    node::install()?;
    all_of([node::tool("node_modules/eslint/bin/eslint.js", &["--max-warnings", "0", "."])])
}

fn node_tests() -> Result<Ended> {
    node::install()?;
    counted_node("tests/node", &[])
}

fn sizes() -> Result<Ended> {
    size::check()?;
    Ok(Ended::Counted(Count { passed: 1, ..Count::default() }))
}

/// Apps built with the packed package, in a folder with npm packages of its own.
fn consumers() -> Result<Ended> {
    node::install()?;
    if !files::root().join("dist/npm/package.json").is_file() {
        return Ok(Ended::LeftOut("dist/npm is not built yet (stage build)".into()));
    }
    let Some(chromium) = browsers::chromium() else {
        return Ok(Ended::LeftOut("no Chromium or Chrome found (set CHROME, or install it)".into()));
    };
    if let Err(error) = node::install_in("tests/consumers") {
        return Ok(Ended::LeftOut(format!("what the apps are built with could not be had ({error:#})")));
    }
    let env = [("OCELLI_ENGINE", "chromium".to_owned()), ("CHROME", chromium.display().to_string())];
    counted_in_browser("tests/consumers/suite", &env)
}

fn docs() -> Result<Ended> {
    let rustdoc = process::cargo(&["doc", "--quiet", "--no-deps", "--package", "ocelli", "--lib"]);
    all_of([rustdoc.env("RUSTDOCFLAGS", "--deny warnings")])
}

fn counted_cargo(cargo: process::Program) -> Result<Ended> {
    let outcome = cargo.watch()?;
    let mut count = cargo_count(&outcome.stdout);
    if !outcome.success && count.failed == 0 {
        // It did not compile, or a test program died without its summary.
        count.failed = 1;
    }
    Ok(Ended::Counted(count))
}

/// Node's test runner over the `*.test.js` files of a folder, with environment variables.
fn counted_node(folder: &str, env: &[(&str, String)]) -> Result<Ended> {
    let Some(tests) = test_files(folder) else {
        return Ok(Ended::LeftOut(format!("there are no tests in {folder}")));
    };
    Ok(Ended::Counted(run_node(&tests, env)?.0))
}

/// [`counted_node`] for tests that drive a browser. A browser may die or lose an event through no fault of ours: a file
/// with a test that failed runs a second time, in a new browser, and counts as that ends. The summary names it.
pub fn counted_in_browser(folder: &str, env: &[(&str, String)]) -> Result<Ended> {
    let Some(tests) = test_files(folder) else {
        return Ok(Ended::LeftOut(format!("there are no tests in {folder}")));
    };
    let (first, stdout) = run_node(&tests, env)?;
    let again = failed_files(&stdout);
    // Where much fails it is no accident.
    if first.failed == 0 || again.is_empty() || again.len() > 3 {
        return Ok(Ended::Counted(first));
    }
    println!("\nonce more: {}", again.join(", "));
    let (second, _) = run_node(&again, env)?;
    let count = Count {
        passed: first.passed + first.failed.saturating_sub(second.failed),
        failed: second.failed,
        skipped: first.skipped,
    };
    Ok(Ended::Repeated(count, again.join(", ")))
}

/// The `*.test.js` files of a folder.
fn test_files(folder: &str) -> Option<Vec<String>> {
    let names = files::list(&files::root().join(folder)).ok()?;
    let tests: Vec<_> = names.into_iter().filter(|name| name.ends_with(".test.js")).collect();
    (!tests.is_empty()).then(|| tests.iter().map(|name| format!("{folder}/{name}")).collect())
}

/// Counts what Node's test runner finds in `tests`, and returns its output.
fn run_node(tests: &[String], env: &[(&str, String)]) -> Result<(Count, String)> {
    // One file after the other: they share two cores with the browser they drive.
    let mut node =
        node::tool("--test", &["--test-concurrency=1", "--test-reporter=spec", "--test-timeout=600000"])
            .args(tests);
    for (name, value) in env {
        node = node.env(name, value);
    }
    let outcome = node.watch()?;
    let mut count = node_count(&outcome.stdout);
    if !outcome.success && count.failed == 0 {
        count.failed = 1;
    }
    Ok((count, outcome.stdout))
}

/// The files that Node's list of failing tests names (`test at tests/web/draw.test.js:75:1`).
fn failed_files(stdout: &str) -> Vec<String> {
    let places = stdout.lines().filter_map(|line| line.trim_start().strip_prefix("test at "));
    let mut files: Vec<_> = places.filter_map(|place| place.split(':').next()).map(str::to_owned).collect();
    files.sort();
    files.dedup();
    files
}

/// Adds up the `test result:` lines of cargo's test programs.
fn cargo_count(stdout: &str) -> Count {
    let mut count = Count::default();
    for line in stdout.lines().filter(|line| line.starts_with("test result:")) {
        let mut words = line.split_whitespace().peekable();
        while let Some(word) = words.next() {
            let Some(kind) = words.peek() else { break };
            let Ok(n) = word.parse::<usize>() else { continue };
            match kind.trim_end_matches(';') {
                "passed" => count.passed += n,
                "failed" => count.failed += n,
                "ignored" => count.skipped += n,
                _ => {}
            }
        }
    }
    count
}

///Reads the `ℹ pass 3` lines of Node's summary.
fn node_count(stdout: &str) -> Count {
    let last = |name: &str| {
        let start = format!("ℹ {name} ");
        let found = stdout.lines().rev().find_map(|line| line.strip_prefix(&start)?.parse::<usize>().ok());
        found.unwrap_or(0)
    };
    Count {
        passed: last("pass"),
        failed: last("fail") + last("cancelled"),
        skipped: last("skipped") + last("todo"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_with_failing_tests_are_found_once() {
        let stdout = "✖ failing tests:\n\ntest at tests/web/draw.test.js:75:1\n✖ a 1 (3 ms)\n\n\
                      test at tests/web/draw.test.js:87:1\n✖ strokes (1 ms)\n\n\
                      test at tests/web/access.test.js:2:1\n";
        assert_eq!(failed_files(stdout), ["tests/web/access.test.js", "tests/web/draw.test.js"]);
        assert!(failed_files("ℹ pass 3\n").is_empty());
    }

    #[test]
    fn cargo_results_add_up() {
        let stdout = "running 3 tests\ntest result: ok. 2 passed; 0 failed; 1 ignored; 0 measured; 9 filtered out\n\
                      test result: FAILED. 4 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out\n";
        assert_eq!(cargo_count(stdout), Count { passed: 6, failed: 3, skipped: 1 });
    }

    #[test]
    fn node_results_are_the_summary_not_a_test_that_looks_like_it() {
        let stdout = "ℹ pass 99\n✔ x\nℹ tests 9\nℹ pass 5\nℹ fail 1\nℹ cancelled 2\nℹ skipped 1\nℹ todo 0\n";
        assert_eq!(node_count(stdout), Count { passed: 5, failed: 3, skipped: 1 });
    }
}
