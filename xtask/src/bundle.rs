//! `cargo xtask build`: everything from sources to `dist/site` and `dist/npm`, skipping what has not changed.

use std::thread;
use std::time::Instant;

use anyhow::{Result, ensure};

use crate::door::{self, DECODE, ENGINE, INFERENCE};
use crate::{files, node, site};

/// Builds `www/lib/pkg`, `dist/site` and `dist/npm`.
pub fn build() -> Result<()> {
    let start = Instant::now();
    door::ensure_target(door::TARGET)?;
    node::install()?;
    println!("building the wasm modules");
    let pkg = files::root().join("www/lib/pkg");
    // Side by side: the last step of each (link-time optimization) uses one core only.
    let [engine, inference, decode] = thread::scope(|scope| {
        [&ENGINE, &INFERENCE, &DECODE]
            .map(|door| scope.spawn(|| door.build(&pkg)))
            .map(|work| work.join().expect("a build thread does not panic"))
    });
    // Both engines are made of the same sources and so share one id.
    let build = engine?;
    ensure!(inference? == build, "the two engines are not of one build");
    let ids = format!("export const BUILD = '{build}';\nexport const DECODE_BUILD = '{}';\n", decode?);
    files::write(&pkg.join("build.js"), ids)?;
    files::write(
        &pkg.join("build.d.ts"),
        "export const BUILD: string;\nexport const DECODE_BUILD: string;\n",
    )?;
    site::assemble_site()?;
    site::assemble_package()?;
    println!("built dist/site and dist/npm in {:.1} s", start.elapsed().as_secs_f32());
    Ok(())
}
