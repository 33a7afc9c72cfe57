//! `cargo xtask bench`: the kernels natively, then the four standard jobs in a real Chromium, ours and the peers in turns.
//!
//! The peers are fetched and compiled here only, never by `build` or `test`; one that cannot be had is left out and
//! said so. `benches/jobs` does the measuring, in Node.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::args::Args;
use crate::{against, browsers, bundle, door, files, node, process};

/// The crates under `benches/peers`, in the order of how long they take to compile.
const CRATES: [&str; 3] = ["rten", "burn", "candle"];
/// Plain SIMD as everybody has it; and where random numbers come from.
const RUSTFLAGS: &str = "-C target-feature=+simd128,+bulk-memory --cfg getrandom_backend=\"wasm_js\"";
const TASKS: [&str; 5] = ["predict", "train", "memory", "cold-start", "to-99"];
/// Between these lines BENCHMARKS.md keeps the last whole run.
const KEPT: [&str; 2] = ["<!-- jobs: begin -->", "<!-- jobs: end -->"];

/// Runs what the arguments choose.
pub fn bench(mut args: Args) -> Result<()> {
    let list = |args: &mut Args, name: &str| -> Result<Vec<String>> {
        let value = args.value(name)?.unwrap_or_default();
        Ok(value.split(',').filter(|part| !part.is_empty()).map(str::to_owned).collect())
    };
    let (jobs, tasks) = (list(&mut args, "--job")?, list(&mut args, "--task")?);
    let peers = list(&mut args, "--peer")?;
    let (quick, record) = (args.flag("--quick"), args.flag("--record"));
    let json = args.value("--json")?;
    if let Some(revision) = args.value("--against")? {
        return against::compare(&revision, &args.rest());
    }
    let whole = jobs.is_empty() && tasks.is_empty() && peers.is_empty();
    if args.has_any() {
        // What is left is for the benchmarks in Rust: `--bench kernels -- conv`.
        return native(args.rest());
    }
    if let Some(task) = tasks.iter().find(|task| !TASKS.contains(&task.as_str())) {
        bail!("there is no task {task}; the tasks are {}", TASKS.join(", "));
    }
    if record && (!whole || quick) {
        bail!("--record keeps a whole run only: without --quick, --job, --task and --peer");
    }
    let kernels = if whole { Some(kernels()?) } else { None };

    bundle::build()?;
    let Some(chromium) = browsers::chromium() else {
        bail!("the jobs need Chromium or Chrome: install it, or name it in the variable CHROME");
    };
    let wanted = |name: &str| peers.is_empty() || peers.iter().any(|peer| peer == name);
    let npm = ["onnxruntime-web", "tfjs-wasm", "tfjs-cpu", "convnetjs"].into_iter().any(wanted);
    if npm && let Err(error) = install_peers() {
        println!("the peers from npm are left out: {error:#}");
    }
    let bound = files::target_dir().join("peers/bound");
    for name in CRATES.into_iter().filter(|name| wanted(name)) {
        if let Err(error) = build_crate(name, &bound) {
            println!("{name} is left out: {error:#}");
        }
    }
    let raw = files::target_dir().join("bench.json");
    let mut run = node::tool("benches/jobs/run.js", &["--rust"])
        .args([&bound])
        .arg_path("--json", &raw)
        .env("CHROME", chromium.display().to_string());
    for (name, values) in [("--job", &jobs), ("--task", &tasks), ("--peer", &peers)] {
        for value in values {
            run = run.args([name, value]);
        }
    }
    if quick {
        run = run.args(["--quick"]);
    }
    let outcome = run.watch()?;
    if !outcome.success {
        bail!("the jobs could not be measured");
    }
    if let Some(path) = json {
        let rows: Vec<serde_json::Value> = serde_json::from_slice(&files::read(&raw)?)?;
        let rows: Vec<_> = kernels.unwrap_or_default().into_iter().chain(rows).collect();
        // Relative to where the user stands, not to the repository.
        fs::write(&path, format!("{:#}\n", serde_json::Value::Array(rows)))
            .with_context(|| format!("could not write {path}"))?;
    }
    if record { keep(&outcome.stdout) } else { Ok(()) }
}

/// The benchmarks in Rust. Without the program: cargo would build the library a second time for it, under the same name.
fn native(args: Vec<String>) -> Result<()> {
    cargo_bench().args(args).run()
}

fn cargo_bench() -> process::Program {
    process::cargo(&["bench", "--package", "ocelli", "--no-default-features"])
        .args(["--features", "every-layer,json,train"])
}

/// The kernels' speed, shown, and as rows like the jobs'.
fn kernels() -> Result<Vec<serde_json::Value>> {
    let outcome = cargo_bench().args(["--bench", "kernels"]).watch()?;
    if !outcome.success {
        bail!("the kernels could not be measured");
    }
    let version = process::program("rustc", &["--version"]).read()?;
    let version = version.split_whitespace().nth(1).unwrap_or("").to_owned();
    Ok(outcome.stdout.lines().filter_map(|line| kernel_row(line, &version)).collect())
}

/// `name …  12.34 us  56.7 GF/s  89 %` as a row in percent of the peak.
fn kernel_row(line: &str, rustc: &str) -> Option<serde_json::Value> {
    let (front, share) = line.strip_suffix(" %")?.rsplit_once(' ')?;
    let share: f64 = share.trim().parse().ok()?;
    let (front, _) = front.rsplit_once(" us ")?;
    let (name, _) = front.trim_end().rsplit_once(' ')?;
    Some(serde_json::json!({
        "job": "kernels", "task": name.trim(), "batch": 8, "workers": 1, "subject": "ocelli",
        "version": format!("rustc {rustc}"), "unit": "% of the measured peak",
        "median": share, "min": share, "max": share, "runs": 50,
    }))
}

/// The peers that are npm packages, in a folder of their own.
pub fn install_peers() -> Result<()> {
    let peers = files::root().join("benches/peers");
    let lock = files::read_text(&peers.join("package-lock.json"))?;
    let stamp = peers.join("node_modules/.ocelli-installed");
    if fs::read_to_string(&stamp).is_ok_and(|have| have == lock) {
        return Ok(());
    }
    println!("installing the peers from npm");
    node::npm(&["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel", "error", "--prefix"])
        .args([&peers])
        .run()?;
    files::write(&stamp, lock)
}

/// Compiles one of the small crates to wasm and binds it, unless that was done since its sources changed.
fn build_crate(name: &str, bound: &Path) -> Result<()> {
    let dir = files::root().join("benches/peers").join(name);
    let wasm = bound.join(format!("{name}_bg.wasm"));
    let sources = [dir.join("Cargo.toml"), dir.join("Cargo.lock"), dir.join("src/lib.rs")];
    let shared = files::root().join("benches/peers/program.rs");
    if let Some(built) = changed(&wasm)
        && sources.iter().chain([&shared]).all(|source| changed(source).is_some_and(|at| at < built))
    {
        return Ok(());
    }
    door::ensure_target(door::TARGET)?;
    println!("compiling {name} to wasm (minutes, the first time)");
    let target = files::target_dir().join("peers");
    process::cargo(&["build", "--release", "--quiet", "--locked", "--target", door::TARGET])
        .arg_path("--manifest-path", &dir.join("Cargo.toml"))
        .arg_path("--target-dir", &target)
        .env("RUSTFLAGS", RUSTFLAGS)
        .run()?;
    let compiled: PathBuf = target.join(door::TARGET).join(format!("release/bench_{name}.wasm"));
    Bindgen::new()
        .input_path(&compiled)
        .web(true)?
        .typescript(false)
        .out_name(name)
        .generate(bound)
        .with_context(|| format!("wasm-bindgen could not bind {name}"))?;
    let small = bound.join(format!("{name}.small"));
    node::tool("node_modules/binaryen/bin/wasm-opt", &door::WASM_OPT)
        .arg_path("--output", &small)
        .args([&wasm])
        .run()?;
    fs::rename(small, wasm)?;
    Ok(())
}

fn changed(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|data| data.modified()).ok()
}

/// Puts the report into BENCHMARKS.md, in place of the last one.
fn keep(report: &str) -> Result<()> {
    let path = files::root().join("BENCHMARKS.md");
    files::write(&path, replaced(&files::read_text(&path)?, report)?)
}

fn replaced(text: &str, report: &str) -> Result<String> {
    let parts =
        text.split_once(KEPT[0]).and_then(|(before, rest)| Some((before, rest.split_once(KEPT[1])?.1)));
    let (before, after) = parts.with_context(|| format!("BENCHMARKS.md has no {} … {}", KEPT[0], KEPT[1]))?;
    Ok(format!("{before}{}\n{}\n{}{after}", KEPT[0], report.trim(), KEPT[1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_of_the_kernels_becomes_a_row() {
        let row =
            kernel_row("conv 13x13 32->64 forward        12.34 us   56.70 GF/s   89 %", "1.95.0").unwrap();
        assert_eq!(
            (row["task"].as_str(), row["median"].as_f64()),
            (Some("conv 13x13 32->64 forward"), Some(89.0))
        );
        assert!(kernel_row("relu 12.34 us 5.00 G floats/s", "1").is_none());
        assert!(kernel_row("running benches", "1").is_none());
    }

    #[test]
    fn a_new_report_takes_the_place_of_the_last() {
        let text = format!("a\n{}\nold\n{}\nb\n", KEPT[0], KEPT[1]);
        let once = replaced(&text, "new\n\n").unwrap();
        assert_eq!(once, format!("a\n{}\nnew\n{}\nb\n", KEPT[0], KEPT[1]));
        assert!(replaced("nothing", "new").is_err());
    }
}
