//! The two wasm modules: compiled by cargo, bound by wasm-bindgen in this process, shrunk by binaryen's wasm-opt.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail};
use wasm_bindgen_cli_support::Bindgen;

use crate::{files, node, process};

/// One of the two modules that come from the one crate.
pub struct Door {
    /// Name of its files in `www/lib/pkg`.
    pub name: &'static str,
    feature: &'static str,
}

/// Train and infer; loaded at once.
pub const ENGINE: Door = Door { name: "engine", feature: "engine-door" };
/// Picture files to pixels; loaded when a file comes.
pub const DECODE: Door = Door { name: "decode", feature: "decode-door" };

/// What they are compiled for.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// Everything rustc lets a wasm module use by default, and SIMD: what every current browser has.
const WASM_OPT: [&str; 11] = [
    "-O3",
    "--enable-simd",
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-mutable-globals",
    "--enable-multivalue",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
    "--strip-debug",
    "--strip-producers",
];

/// Asks rustup for a target that the toolchain lacks.
pub fn ensure_target(target: &str) -> Result<()> {
    let sysroot = process::program("rustc", &["--print", "sysroot"]).read()?;
    if Path::new(sysroot.trim()).join("lib/rustlib").join(target).join("lib").is_dir() {
        return Ok(());
    }
    println!("asking rustup for the target {target}");
    process::program("rustup", &["target", "add", target])
        .run()
        .with_context(|| format!("the Rust target {target} is missing and rustup could not add it"))
}

/// The build id: a hash of all that the wasm is made of.
pub fn build_id() -> Result<String> {
    let mut hash = files::ContentHash::new();
    for path in ["src", "Cargo.toml", "Cargo.lock", ".cargo/config.toml", "xtask/src/door.rs"] {
        hash.add_path(path)?;
    }
    Ok(hash.finish())
}

impl Door {
    /// The arguments that choose this door's part of the crate.
    pub fn cargo_args(&self) -> [&'static str; 5] {
        ["--target", TARGET, "--no-default-features", "--features", self.feature]
    }

    /// Compiles it; returns where cargo put the wasm.
    ///
    /// Each door has a target directory of its own: cargo writes both to the same file name, and would not notice that
    /// the file there is the other's.
    pub fn compile(&self, build_id: &str) -> Result<PathBuf> {
        let dir = files::target_dir().join(self.name);
        process::cargo(&["build", "--package", "ocelli", "--lib", "--release", "--quiet"])
            .args(self.cargo_args())
            .arg_path("--target-dir", &dir)
            .env("OCELLI_BUILD", build_id)
            .run()
            .with_context(|| format!("the {} module did not compile", self.name))?;
        Ok(dir.join(TARGET).join("release/ocelli.wasm"))
    }

    /// Makes `www/lib/pkg/{name}.js`, `{name}_bg.wasm` and their types from cargo's wasm, unless they are of it.
    pub fn bind(&self, compiled: &Path, pkg: &Path) -> Result<()> {
        let mut hash = files::ContentHash::new();
        hash.add("wasm", &files::read(compiled)?);
        hash.add_path("package-lock.json")?;
        hash.add_path("xtask/src/door.rs")?;
        let stamp = compiled.with_extension("bound");
        let outputs =
            [format!("{}.js", self.name), format!("{}_bg.wasm", self.name), format!("{}.d.ts", self.name)];
        let made = outputs.iter().map(|file| pkg.join(file)).collect::<Vec<_>>();
        let mut wanted = hash.finish();
        // The outputs' own hash too: another checkout, or a hand, may have changed them.
        if made.iter().all(|path| path.is_file()) {
            let have = format!("{wanted} {}", hash_of(&made)?);
            if std::fs::read_to_string(&stamp).is_ok_and(|old| old == have) {
                return Ok(());
            }
        }

        let start = Instant::now();
        let raw_dir = compiled.with_file_name("bound");
        Bindgen::new()
            .input_path(compiled)
            .web(true)?
            .typescript(true)
            .remove_name_section(true)
            .remove_producers_section(true)
            // The workers say where the wasm lies; a second, hidden URL would make bundlers copy it twice.
            .omit_default_module_path(true)
            .out_name(self.name)
            .generate(&raw_dir)
            .with_context(|| format!("wasm-bindgen could not bind {}", self.name))?;
        for file in [&outputs[0], &outputs[2]] {
            files::write(&pkg.join(file), files::read(&raw_dir.join(file))?)?;
        }
        let raw = raw_dir.join(&outputs[1]);
        let small = raw.with_extension("opt.wasm");
        optimize(&raw, &small)?;
        let bytes = files::read(&small)?;
        if bytes.len() < 8 {
            bail!("wasm-opt left nothing of {}", self.name);
        }
        files::write(&pkg.join(&outputs[1]), &bytes)?;
        wanted.push_str(&format!(" {}", hash_of(&made)?));
        files::write(&stamp, wanted)?;
        println!(
            "  {}: bound and optimized in {:.1} s, {} bytes",
            self.name,
            start.elapsed().as_secs_f32(),
            bytes.len()
        );
        Ok(())
    }
}

fn optimize(from: &Path, to: &Path) -> Result<()> {
    node::tool("node_modules/binaryen/bin/wasm-opt", &WASM_OPT)
        .arg_path("--output", to)
        .args([from])
        .run()
        .context("wasm-opt failed")
}

fn hash_of(paths: &[PathBuf]) -> Result<String> {
    let mut hash = files::ContentHash::new();
    for path in paths {
        hash.add("", &files::read(path)?);
    }
    Ok(hash.finish())
}
