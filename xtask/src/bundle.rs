//! `cargo xtask build`: everything from sources to `dist/site` and `dist/npm`, skipping what has not changed.

use std::path::Path;
use std::thread;
use std::time::Instant;

use anyhow::{Result, ensure};

use crate::door::{self, DECODE, ENGINE, INFERENCE};
use crate::{bindings, docs, files, inline, node, site};

/// Builds `www/lib/pkg`, `dist/site` and `dist/npm`.
pub fn build() -> Result<()> {
    let start = Instant::now();
    door::ensure_target(door::TARGET)?;
    node::install()?;
    println!("building the wasm modules");
    let pkg = files::root().join("www/lib/pkg");
    // Side by side: the last step of each (link-time optimization) uses one core only.
    let ([engine, inference, decode], rustdoc) = thread::scope(|scope| {
        let doors = [&ENGINE, &INFERENCE, &DECODE].map(|door| scope.spawn(|| door.build(&pkg)));
        let rustdoc = scope.spawn(docs::rustdoc);
        let built = doors.map(|work| work.join().expect("a build thread does not panic"));
        (built, rustdoc.join().expect("a build thread does not panic"))
    });
    // Both engines are made of the same sources and so share one id.
    let build = engine?;
    ensure!(inference? == build, "the two engines are not of one build");
    let script = |name: &str| files::read_text(&pkg.join(name));
    bindings::ensure_serves(&script("engine-core.js")?, &script("inference.js")?)?;
    write_ids(&pkg, &build, &decode?)?;
    inline::write_payload(&pkg)?;
    site::assemble_site(&docs::pages()?, &rustdoc?)?;
    site::assemble_package()?;
    println!("built dist/site and dist/npm in {:.1} s", start.elapsed().as_secs_f32());
    Ok(())
}

/// `build.js`: what scripts and wasm are told apart by. A worker's scripts must be the page's, and both the wasm's.
fn write_ids(pkg: &Path, build: &str, decode_build: &str) -> Result<()> {
    let lib = files::root().join("www/lib");
    let mut scripts = files::ContentHash::new();
    for name in files::list(&lib)?.iter().filter(|name| name.ends_with(".js") && !name.starts_with("pkg/")) {
        scripts.add(name, &files::read(&lib.join(name))?);
    }
    let scripts = scripts.finish();
    let mut text = format!(
        "export const LIB = '{scripts}';\nexport const BUILD = '{build}-{scripts}';\n\
         export const DECODE_BUILD = '{decode_build}-{scripts}';\n"
    );
    let mut types: String =
        ["LIB", "BUILD", "DECODE_BUILD"].map(|name| format!("export const {name}: string;\n")).concat();
    // Each by itself: who needs one module carries no other's hash.
    for name in ["inference", "engine", "decode"] {
        let hash = files::integrity(&files::read(&pkg.join(format!("{name}_bg.wasm")))?);
        text += &format!("export const {}_INTEGRITY = '{hash}';\n", name.to_uppercase());
        types += &format!("export const {}_INTEGRITY: string;\n", name.to_uppercase());
    }
    files::write(&pkg.join("build.js"), text)?;
    files::write(&pkg.join("build.d.ts"), types)
}
