//! `cargo xtask size`: what `dist/site` weighs on the wire, against the goals and the ceilings.
//!
//! A goal is what we want to reach; missing it is said, in capitals, and is no failure. A ceiling lies a little above
//! what is reached today and fails the build: weight may come off, not creep on. Lower a ceiling when weight came off.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::{files, node};

/// Gzipped bytes: of everything a first visit loads.
const FIRST_VISIT: Limit = Limit { what: "first visit", goal: 400_000, ceiling: 400_000 };
/// Gzipped bytes: of the engine that a first visit loads, and of the one that trains.
const ENGINES: [(&str, Limit); 2] = [
    (
        "lib/pkg/inference_bg.wasm",
        Limit { what: "wasm of the inference engine", goal: 100_000, ceiling: 100_000 },
    ),
    (
        "lib/pkg/engine_bg.wasm",
        Limit { what: "wasm of the training engine", goal: 100_000, ceiling: 376_000 },
    ),
];
/// What a first visit does not load, as in `www/sw.js`: training, its sample, the plots and the decoder come when they
/// are needed.
const LATER: &[&str] = &[
    "bench/",
    "data/",
    "models/photos",
    "vendor/",
    "css/later",
    "lib/decode-worker",
    "lib/explain-handlers",
    "lib/gan-",
    "lib/pkg/decode",
    "lib/pkg/engine",
    "lib/teaching-handlers",
    "lib/training-handlers",
    "lib/training.js",
    "lib/unzip",
    "lib/worker",
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
    other_language || LATER.iter().any(|start| name.starts_with(start))
}

/// Prints the table; errors when a ceiling is exceeded.
pub fn report() -> Result<()> {
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
    if !over.is_empty() {
        bail!("over the ceiling: {}", over.join(", "));
    }
    Ok(())
}

fn weigh() -> Result<Vec<Weight>> {
    let site = files::root().join("dist/site");
    let names = files::list(&site)?;
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
