//! `cargo xtask bench --against REVISION [WORD…]`: no kernel slower than it was. The kernels of that revision and those of the
//! working tree, both compiled for wasm with the benchmark as it is now, run in turns in Node; times count as ratios only.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use crate::{door, files, process};

const TARGET: &str = "wasm32-wasip1";
const BENCHMARK: &str = "benches/kernels.rs";
/// Turns of all kernels, and then of those that seem slower: what is left of a difference that was noise is not much.
const TURNS: usize = 2;
const MORE_TURNS: usize = 4;
/// A kernel that takes this much of its time before is slower. What runs twice differs by up to a twentieth on a shared machine.
const SLOWER: f64 = 1.1;

/// Compares, and errors when a kernel is slower.
pub fn compare(revision: &str, words: &[String]) -> Result<()> {
    door::ensure_target(TARGET)?;
    let before = checked_out(revision)?;
    let programs = [compile(&before)?, compile(&files::root())?];
    let mut times = Times::default();
    for turn in 1..=TURNS {
        println!("turn {turn} of {TURNS}");
        take_turns(&programs, words, &mut times)?;
    }
    let seem_slower = times.slower();
    if !seem_slower.is_empty() {
        for turn in 1..=MORE_TURNS {
            println!("turn {turn} of {MORE_TURNS} of {} that seem slower", seem_slower.len());
            take_turns(&programs, &seem_slower, &mut times)?;
        }
    }
    times.print();
    match times.slower() {
        slower if slower.is_empty() => Ok(()),
        slower => bail!("slower than {SLOWER} times: {}", slower.join("; ")),
    }
}

/// The revision's files, in a folder that later comparisons use again, with the benchmark of the working tree.
fn checked_out(revision: &str) -> Result<PathBuf> {
    let git = |args: &[&str]| process::program("git", args);
    let commit = git(&["rev-parse", "--verify", "--quiet", &format!("{revision}^{{commit}}")]).read();
    let commit = commit.with_context(|| format!("git knows no revision {revision}"))?;
    let folder = files::target_dir().join("against/tree");
    if !folder.join("Cargo.toml").is_file() {
        fs::create_dir_all(&folder)?;
        git(&["worktree", "prune"]).run()?;
        git(&["worktree", "add", "--quiet", "--force", "--detach"])
            .args([&folder])
            .args([commit.trim()])
            .run()?;
    }
    let inside = |args: &[&str]| git(&["-C"]).args([&folder]).args(args);
    inside(&["checkout", "--quiet", "--force", "--detach", commit.trim()]).run()?;
    fs::copy(files::root().join(BENCHMARK), folder.join(BENCHMARK))?;
    Ok(folder)
}

/// Compiles the benchmark of the tree; returns the program.
fn compile(tree: &Path) -> Result<PathBuf> {
    println!("compiling the kernels of {}", tree.display());
    let messages =
        process::cargo(&["bench", "--no-run", "--quiet", "--package", "ocelli", "--bench", "kernels"])
            .args(["--target", TARGET, "--no-default-features", "--features", "every-layer,train"])
            .args(["--message-format", "json"])
            .within(tree)
            .env(
                "CARGO_TARGET_DIR",
                files::target_dir().join("against").join(if tree == files::root() {
                    "now"
                } else {
                    "before"
                }),
            )
            .read()
            .context("the kernels did not compile; does the benchmark fit that revision?")?;
    messages.lines().rev().find_map(program_of).context("cargo told of no program")
}

/// The program that one of cargo's messages tells of.
fn program_of(message: &str) -> Option<PathBuf> {
    let message: serde_json::Value = serde_json::from_str(message).ok()?;
    (message["target"]["name"] == "kernels").then(|| message["executable"].as_str().map(PathBuf::from))?
}

fn take_turns(programs: &[PathBuf; 2], words: &[String], times: &mut Times) -> Result<()> {
    for (which, program) in programs.iter().enumerate() {
        let runner = files::root().join("tests/wasi-runner.mjs");
        let told =
            process::program("node", &["--no-warnings"]).args([&runner, program]).args(words).read()?;
        told.lines().filter_map(kernel_of).for_each(|(name, time)| times.note(which, name, time));
    }
    Ok(())
}

/// `name …  12.34 us  …`.
fn kernel_of(line: &str) -> Option<(&str, f64)> {
    let (front, _) = line.split_once(" us ")?;
    let (name, time) = front.trim_end().rsplit_once(' ')?;
    Some((name.trim_end(), time.parse().ok()?))
}

/// The least microseconds of each kernel, before and now.
#[derive(Default)]
struct Times(BTreeMap<String, [f64; 2]>);

impl Times {
    fn note(&mut self, which: usize, name: &str, time: f64) {
        let least = &mut self.0.entry(name.to_owned()).or_insert([f64::INFINITY; 2])[which];
        *least = least.min(time);
    }

    /// Name, times and ratio of each kernel that both have.
    fn ratios(&self) -> Vec<(&str, [f64; 2], f64)> {
        let both = self.0.iter().filter(|(_, times)| times.iter().all(|time| time.is_finite()));
        both.map(|(name, times)| (&name[..], *times, times[1] / times[0])).collect()
    }

    fn slower(&self) -> Vec<String> {
        self.ratios()
            .iter()
            .filter(|(.., ratio)| *ratio > SLOWER)
            .map(|(name, ..)| (*name).to_owned())
            .collect()
    }

    fn print(&self) {
        let mut ratios = self.ratios();
        ratios.sort_by(|a, b| a.2.total_cmp(&b.2));
        for (name, [before, now], ratio) in &ratios {
            println!("{name:<44} {before:>9.2} us {now:>9.2} us {ratio:>6.2}");
        }
        if let (Some(least), Some(most)) = (ratios.first(), ratios.last()) {
            let median = ratios[ratios.len() / 2].2;
            println!(
                "{} kernels: {:.2} to {:.2} of their time before, median {median:.2}",
                ratios.len(),
                least.2,
                most.2
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_least_times_are_compared_where_both_have_one() {
        let mut times = Times::default();
        let lines = [
            [
                " conv a b8    12.50 us   10.00 GF/s   50 %",
                "dense b   2.00 us   1.00 G floats/s",
                "gone   1.00 us  1 GF/s",
            ],
            [
                "conv a b8    13.90 us   10.00 GF/s   50 %",
                "dense b   2.10 us   1.00 G floats/s",
                "new   1.00 us  1 GF/s",
            ],
        ];
        for (which, lines) in lines.iter().enumerate() {
            lines
                .iter()
                .filter_map(|line| kernel_of(line.trim()))
                .for_each(|(name, time)| times.note(which, name, time));
        }
        assert_eq!(times.ratios().len(), 2);
        assert_eq!(times.slower(), ["conv a b8"]);
        times.note(1, "conv a b8", 12.6);
        assert!(times.slower().is_empty(), "a better turn clears it");
        assert!(kernel_of("peak 35.1 GF/s").is_none());
    }
}
