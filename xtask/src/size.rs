//! `cargo xtask size`: what `dist/site` weighs on the wire, against the goals and the ceilings.
//!
//! A goal is what we want to reach; missing it is said, in capitals, and is no failure. A ceiling lies a little above
//! what is reached today and fails the build: weight may come off, not creep on. Lower a ceiling when weight came off.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::{anatomy, bench, files, node};

/// Gzipped bytes: of everything a first visit loads.
const FIRST_VISIT: Limit = Limit { what: "first visit", goal: 400_000, ceiling: 400_000 };
/// Gzipped bytes: of the engine that a first visit loads, of the one that trains, and of what reads picture files.
const ENGINES: [(&str, Limit); 4] = [
    (
        "lib/pkg/inference_bg.wasm",
        Limit { what: "wasm of the inference engine", goal: 50_000, ceiling: 92_100 },
    ),
    (
        "lib/pkg/engine_bg.wasm",
        Limit { what: "wasm of the training engine", goal: 100_000, ceiling: 200_400 },
    ),
    (
        "lib/pkg/engine-later_bg.wasm",
        Limit { what: "wasm that rarer calls of it load", goal: 120_000, ceiling: 118_400 },
    ),
    ("lib/pkg/decode_bg.wasm", Limit { what: "wasm of the decoder", goal: 250_000, ceiling: 245_400 }),
];
/// Gzipped bytes of the scripts with which an app makes its first calls, page and worker together, bundled and minified: with `ocelli`
/// these are load or create, predict, addExample, train and save (a test of the consumers sees that no more is loaded for them).
const SCRIPTS: [(&str, Limit); 2] = [
    (
        "ocelli/inference",
        Limit { what: "scripts of ocelli/inference and its worker", goal: 10_000, ceiling: 9_300 },
    ),
    ("ocelli", Limit { what: "scripts of ocelli and its training worker", goal: 15_000, ceiling: 15_000 }),
];
/// What a first visit does not load, as in `www/sw.js`: training, its sample, the plots and the decoder come when they
/// are needed.
const LATER: &[&str] = &[
    "bench/",
    "data/",
    "docs/",
    "examples/",
    "models/photos",
    "vendor/",
    "css/later",
    "lib/classifier-later",
    "lib/dataset-files",
    "lib/decod",
    "lib/element",
    "lib/gan-",
    "lib/generator",
    "lib/inference-",
    "lib/load-progress",
    "lib/ocelli-later",
    "lib/pkg/decode",
    "lib/pkg/engine",
    "lib/predict-many",
    "lib/reading",
    "lib/worker-",
    "ui/later",
];

/// Brotli at its highest level, by Node; prints one number a file.
const BROTLI: &str = "
const { readFileSync } = require('node:fs');
const { brotliCompressSync } = require('node:zlib');
for (const file of process.argv.slice(1)) console.log(brotliCompressSync(readFileSync(file)).length);";

/// What is aimed at, and what must not be exceeded.
struct Limit {
    what: &'static str,
    goal: usize,
    ceiling: usize,
}

impl Limit {
    /// Says how `bytes` stands against both; false above the ceiling.
    fn print(&self, bytes: usize) -> bool {
        let Limit { what, goal, ceiling } = *self;
        let verdict = match bytes {
            _ if bytes > ceiling => "OVER THE CEILING",
            _ if bytes > goal => "GOAL MISSED, under the ceiling",
            _ => "goal met",
        };
        println!("{what}: {bytes} bytes gzipped; goal {goal}, ceiling {ceiling}: {verdict}");
        bytes <= ceiling
    }
}

/// One file's bytes.
struct Weight {
    name: String,
    raw: usize,
    gzip: usize,
    brotli: usize,
}

/// Whether a first visit does without the file.
pub fn is_later(name: &str) -> bool {
    let other_language = name.starts_with("words/") && !["words/en.json", "words/index.json"].contains(&name);
    other_language || name.ends_with(".map") || LATER.iter().any(|start| name.starts_with(start))
}

/// Prints everything there is to say about sizes; errors when a ceiling is exceeded.
pub fn report() -> Result<()> {
    for module in ["inference", "engine", "decode"] {
        anatomy::report(module)?;
    }
    println!();
    if let Err(error) = bench::install_peers() {
        println!("the peers are left out, npm could not fetch them: {error:#}");
    }
    compare()?;
    check()
}

/// One job's bytes with a library: all that its users are sent, but for model and data.
#[derive(serde::Deserialize)]
struct Job {
    job: String,
    name: String,
    scripts: usize,
    /// Gzipped bytes of scripts that come with the first call that needs them.
    later: usize,
    raw: usize,
    gzip: usize,
    brotli: usize,
}

fn jobs(args: &[&str]) -> Result<Vec<Job>> {
    let rows = node::tool("benches/peers/sizes.js", args).read().context("the apps could not be bundled")?;
    Ok(serde_json::from_str(&rows)?)
}

/// Prints what each library comes to.
fn compare() -> Result<()> {
    let mut title = String::new();
    for Job { job, name, scripts, later, raw, gzip, brotli } in jobs(&[])? {
        if job != title {
            let heads = ["raw", "gzip", "brotli", "scripts, gzip", "scripts later"];
            println!(
                "{job:<44}{:>10}{:>10}{:>10}{:>16}{:>16}",
                heads[0], heads[1], heads[2], heads[3], heads[4]
            );
            title = job;
        }
        println!("  {name:<42}{raw:>10}{gzip:>10}{brotli:>10}{scripts:>16}{later:>16}");
    }
    println!();
    Ok(())
}

/// Prints what `dist/site` weighs; errors when a ceiling is exceeded.
pub fn check() -> Result<()> {
    let weights = weigh()?;
    let later = |weight: &&Weight| is_later(&weight.name);
    let (late, first): (Vec<_>, Vec<_>) = weights.iter().partition(later);
    println!("{:<44}{:>10}{:>10}{:>10}", "bytes", "raw", "gzip", "brotli");
    let first_visit = table("first visit", &first);
    table("later, when needed", &late);

    let mut over = Vec::new();
    let mut judge = |limit: &Limit, bytes| {
        if !limit.print(bytes) {
            over.push(limit.what);
        }
    };
    judge(&FIRST_VISIT, first_visit);
    for (name, limit) in &ENGINES {
        let weight = weights.iter().find(|weight| weight.name == *name);
        judge(limit, weight.with_context(|| format!("dist/site has no {name}"))?.gzip);
    }
    let ours = jobs(&["--ours"])?;
    for (entry, limit) in &SCRIPTS {
        let job = ours.iter().find(|job| job.name == format!("Ocelli ({entry})"));
        let job = job.with_context(|| format!("nothing is built with {entry}"))?;
        judge(limit, job.scripts);
        println!("  and {} bytes of scripts with the first calls that need them", job.later);
    }
    if !over.is_empty() {
        bail!("over the ceiling: {}", over.join(", "));
    }
    Ok(())
}

fn weigh() -> Result<Vec<Weight>> {
    let site = files::root().join("dist/site");
    // The documentation is for other people than the page's visitors, and would be most of the table.
    let names: Vec<_> = files::list(&site)?.into_iter().filter(|name| !name.starts_with("docs/")).collect();
    let paths: Vec<_> = names.iter().map(|name| site.join(name)).collect();
    let brotli = node::tool("--eval", &[BROTLI, "--"]).args(&paths).read()?;
    let weights = names.into_iter().zip(&paths).zip(brotli.lines()).map(|((name, path), brotli)| {
        let bytes = fs::read(path)?;
        // A host may compress anything, but none makes a gzipped file smaller.
        let gzip = files::gzip(&bytes).len().min(bytes.len());
        Ok(Weight { name, raw: bytes.len(), gzip, brotli: brotli.parse::<usize>()?.min(bytes.len()) })
    });
    weights.collect()
}

/// Prints one part of the files, with its sum; returns the gzipped sum.
fn table(title: &str, weights: &[&Weight]) -> usize {
    let line = |name: &str, raw, gzip, brotli| println!("{name:<44}{raw:>10}{gzip:>10}{brotli:>10}");
    println!("{title}");
    for weight in weights {
        line(&format!("  {}", weight.name), weight.raw, weight.gzip, weight.brotli);
    }
    let sum = |of: fn(&Weight) -> usize| weights.iter().map(|weight| of(weight)).sum::<usize>();
    let gzip = sum(|weight| weight.gzip);
    line("  sum", sum(|weight| weight.raw), gzip, sum(|weight| weight.brotli));
    gzip
}
