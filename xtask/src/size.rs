//! `cargo xtask size`: what `dist/site` weighs on the wire, against the budgets.

use std::fs;

use anyhow::{Context, Result, bail};

use crate::{files, node};

/// Most gzipped bytes of a first visit.
const FIRST_VISIT_BUDGET: usize = 400 * 1000;
/// Most gzipped bytes of the engine's wasm.
const ENGINE_BUDGET: usize = 100 * 1000;
const ENGINE: &str = "lib/pkg/engine_bg.wasm";
/// What a first visit does not load: the training sample, the plots and the decoder come when they are needed.
const LATER: [&str; 4] = ["data/", "vendor/", "lib/decode", "lib/pkg/decode"];

/// Brotli at its highest level, by Node; prints one number a file.
const BROTLI: &str = "
const { readFileSync } = require('node:fs');
const { brotliCompressSync } = require('node:zlib');
for (const file of process.argv.slice(1)) console.log(brotliCompressSync(readFileSync(file)).length);";

/// One file's bytes.
struct Weight {
    name: String,
    raw: usize,
    gzip: usize,
    brotli: usize,
}

/// Prints the table; errors when a budget is exceeded.
pub fn report() -> Result<()> {
    let weights = weigh()?;
    let later = |weight: &&Weight| LATER.iter().any(|start| weight.name.starts_with(start));
    let (late, first): (Vec<_>, Vec<_>) = weights.iter().partition(later);
    println!("{:<44}{:>10}{:>10}{:>10}", "bytes", "raw", "gzip", "brotli");
    let first_visit = table("first visit", &first);
    table("later, when needed", &late);

    let engine = weights.iter().find(|weight| weight.name == ENGINE).context("dist/site has no engine")?.gzip;
    let mut over = Vec::new();
    for (what, bytes, budget) in
        [("first visit", first_visit, FIRST_VISIT_BUDGET), ("engine wasm", engine, ENGINE_BUDGET)]
    {
        let share = 100.0 * bytes as f32 / budget as f32;
        println!("{what}: {bytes} of {budget} bytes gzipped ({share:.0} %)");
        if bytes > budget {
            over.push(what);
        }
    }
    if !over.is_empty() {
        bail!("over budget: {}", over.join(", "));
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
