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

/// `build.js`: what scripts and wasm are told apart by. A worker's scripts must be the page's, and both the wasm's. The decoder's is
/// in `decode-build.js`, which only those load who decode.
fn write_ids(pkg: &Path, build: &str, decode_build: &str) -> Result<()> {
    let lib = files::root().join("www/lib");
    let mut scripts = files::ContentHash::new();
    for name in files::list(&lib)?.iter().filter(|name| name.ends_with(".js") && !name.starts_with("pkg/")) {
        scripts.add(name, &files::read(&lib.join(name))?);
    }
    let scripts = scripts.finish();
    let integrity = |module: &str| -> Result<_> {
        let hash = files::integrity(&files::read(&pkg.join(format!("{module}_bg.wasm")))?);
        Ok((format!("{}_INTEGRITY", module.to_uppercase().replace('-', "_")), hash))
    };
    let named = |name: &str, id: &str| (name.to_owned(), id.to_owned());
    let build = format!("{build}-{scripts}");
    let decode_build = format!("{decode_build}-{scripts}");
    let ids = [
        named("LIB", &scripts),
        named("BUILD", &build),
        integrity("inference")?,
        integrity("engine")?,
        integrity("engine-later")?,
    ];
    write_constants(pkg, "build", &ids)?;
    write_constants(pkg, "decode-build", &[named("DECODE_BUILD", &decode_build), integrity("decode")?])
}

/// A script that exports texts by their names, and its types.
fn write_constants(pkg: &Path, script: &str, texts: &[(String, String)]) -> Result<()> {
    let text: String =
        texts.iter().map(|(name, text)| format!("export const {name} = '{text}';\n")).collect();
    let types: String = texts.iter().map(|(name, _)| format!("export const {name}: string;\n")).collect();
    files::write(&pkg.join(format!("{script}.js")), text)?;
    files::write(&pkg.join(format!("{script}.d.ts")), types)
}
