//! The three wasm modules: compiled by cargo, bound by wasm-bindgen in this process, shrunk by binaryen's wasm-opt.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::{bindings, files, glue, linked, node, process, split};

/// One of the modules that come from the one crate.
pub struct Door {
    name: &'static str,
    feature: &'static str,
    /// What it is made of, beside the common sources.
    sources: &'static [&'static str],
    /// Settings of cargo's beside those of `.cargo/config.toml`.
    config: &'static [&'static str],
    /// Settings of wasm-opt's beside [`WASM_OPT`].
    shrink: &'static [&'static str],
    /// Whether it comes in two parts: `{name}_bg.wasm`, which does what [`bindings::is_core_export`] names, and
    /// `{name}-later_bg.wasm`; `{name}-whole_bg.wasm` is for those who want one.
    is_split: bool,
}

/// The kernels name their own lanes; what the compiler would widen and unroll beside them is a tenth of the module and is
/// not where the time goes. Nor is what it would inline beyond this bound: with 50 in place of 75 Winograd's convolutions suffer.
const PLAIN_LOOPS: &str = "target.wasm32-unknown-unknown.rustflags = [\"-C\", \"no-vectorize-loops\", \"-C\", \
    \"no-vectorize-slp\", \"-C\", \"llvm-args=-unroll-runtime=false\", \"-C\", \"llvm-args=-inline-threshold=75\"]";

/// Has the linker tell what refers to what, by which a module is cut in two.
const RELOCATIONS: &str = "target.wasm32-unknown-unknown.rustflags = [\"-C\", \"link-arg=--emit-relocs\"]";

/// Functions with one caller stay by themselves. Browsers compile a function when it is first called, so one that took in others
/// has its first caller wait for what he may not need. Training would be a fiftieth slower for it.
const APART: &str = "--one-caller-inline-max-function-size=0";

/// Of the picture formats, photos are JPEG files, and PNG files are screenshots: those stay fast; the others may take longer.
const SMALL_FORMATS: [&str; 6] = [
    "profile.release.package.'*'.opt-level = 's'",
    "profile.release.package.zune-jpeg.opt-level = 3",
    "profile.release.package.zune-core.opt-level = 3",
    "profile.release.package.png.opt-level = 3",
    "profile.release.package.fdeflate.opt-level = 3",
    "profile.release.package.simd-adler32.opt-level = 3",
];

/// Predict; loaded at once.
pub const INFERENCE: Door = Door {
    name: "inference",
    feature: "inference-door",
    sources: &["src"],
    config: &[PLAIN_LOOPS],
    shrink: &[APART],
    is_split: false,
};
/// Train and predict; loaded when somebody trains.
pub const ENGINE: Door = Door {
    name: "engine",
    feature: "engine-door",
    sources: &["src"],
    config: &[PLAIN_LOOPS, RELOCATIONS],
    shrink: &[],
    is_split: true,
};
/// Picture files to pixels; loaded when a file comes.
pub const DECODE: Door = Door {
    name: "decode",
    feature: "decode-door",
    sources: &[
        "src/lib.rs",
        "src/error.rs",
        "src/rng.rs",
        "src/told.rs",
        "src/value.rs",
        "src/image",
        "src/wasm/mod.rs",
        "src/wasm/decode.rs",
    ],
    config: &SMALL_FORMATS,
    shrink: &[APART],
    is_split: false,
};
/// What all are made of, and how.
const COMMON_SOURCES: [&str; 11] = [
    "Cargo.toml",
    "Cargo.lock",
    ".cargo/config.toml",
    "xtask/src/bindings.js",
    "xtask/src/bindings.rs",
    "xtask/src/calls.rs",
    "xtask/src/door.rs",
    "xtask/src/glue.rs",
    "xtask/src/imports.rs",
    "xtask/src/linked.rs",
    "xtask/src/split.rs",
];

/// Where a module tells its build before it runs, for `www/lib/spawn.js`.
const BUILD_SECTION: &str = "ocelli.build";

/// What they are compiled for.
pub const TARGET: &str = "wasm32-unknown-unknown";

/// Everything rustc lets a wasm module use by default, and SIMD: what every current browser has.
pub const WASM_OPT: [&str; 11] = [
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

impl Door {
    /// The arguments that choose this door's part of the crate.
    pub fn cargo_args(&self) -> [&'static str; 5] {
        ["--target", TARGET, "--no-default-features", "--features", self.feature]
    }

    /// Brings `{name}.js`, `{name}_bg.wasm` and their types in `pkg` up to date; returns the build id.
    ///
    /// A door whose own sources have not changed is not even compiled: most changes leave the picture decoders, the
    /// larger part of the work, alone.
    pub fn build(&self, pkg: &Path) -> Result<String> {
        let id = self.build_id()?;
        let stamp = files::target_dir().join(self.name).join("built");
        // With the outputs' own hash: another checkout, or a hand, may have changed them.
        let state = || Ok::<_, anyhow::Error>(format!("{id} {}", self.hash_outputs(pkg)?));
        if std::fs::read_to_string(&stamp).is_ok_and(|built| state().is_ok_and(|now| now == built)) {
            return Ok(id);
        }
        self.bind(&self.compile(&id)?, &id, pkg)?;
        files::write(&stamp, state()?)?;
        Ok(id)
    }

    /// A hash of all that it is made of. Page and wasm refuse a partner of another build.
    fn build_id(&self) -> Result<String> {
        let mut hash = files::ContentHash::new();
        for path in self.sources.iter().chain(&COMMON_SOURCES) {
            hash.add_path(path)?;
        }
        Ok(hash.finish())
    }

    fn hash_outputs(&self, pkg: &Path) -> Result<String> {
        let mut hash = files::ContentHash::new();
        for end in [".js", ".d.ts", "-core.js", "-later.js", "_bg.wasm", "-whole_bg.wasm", "-later_bg.wasm"] {
            let path = pkg.join(format!("{}{end}", self.name));
            if path.is_file() {
                hash.add(end, &files::read(&path)?);
            }
        }
        Ok(hash.finish())
    }

    /// Compiles it; returns where cargo put the wasm.
    ///
    /// Each door has a target directory of its own: cargo writes both to the same file name, and would not notice that
    /// the file there is the other's.
    fn compile(&self, build_id: &str) -> Result<PathBuf> {
        let dir = files::target_dir().join(self.name);
        process::cargo(&["build", "--package", "ocelli", "--lib", "--release", "--quiet"])
            .args(self.cargo_args())
            .args(self.config.iter().flat_map(|config| ["--config", config]))
            .args(["--config", &nameless_folders()?])
            .arg_path("--target-dir", &dir)
            .env("OCELLI_BUILD", build_id)
            .run()
            .with_context(|| format!("the {} module did not compile", self.name))?;
        let compiled = dir.join(TARGET).join("release/ocelli.wasm");
        self.refuse_printed_floats(&files::read(&compiled)?)?;
        Ok(compiled)
    }

    /// Nothing of a module may format a float by Rust's library, which would bring 20 KB: found by the names of functions, which
    /// cargo leaves in.
    fn refuse_printed_floats(&self, wasm: &[u8]) -> Result<()> {
        let has = |name: &str| wasm.windows(name.len()).any(|bytes| bytes == name.as_bytes());
        ensure!(has("ocelli"), "the {} module has no names of functions", self.name);
        ensure!(
            !has("flt2dec"),
            "the {} module formats floats by Rust's library: messages tell them by `told`, and `f32::clamp` with bounds that are \
            no constants prints these, so use `kernels::math::within`",
            self.name
        );
        Ok(())
    }

    /// Makes the files in `pkg` from cargo's wasm.
    fn bind(&self, compiled: &Path, build_id: &str, pkg: &Path) -> Result<()> {
        let start = Instant::now();
        let bound = compiled.with_file_name("bound");
        let linked = files::read(compiled)?;
        let plain = linked::without_relocations(&linked)?;
        Bindgen::new()
            .input_bytes(self.name, plain)
            .web(true)?
            .typescript(true)
            .remove_name_section(true)
            .remove_producers_section(true)
            // The workers say where the wasm lies; a second, hidden URL would make bundlers copy it twice.
            .omit_default_module_path(true)
            .out_name(self.name)
            .generate(&bound)
            .with_context(|| format!("wasm-bindgen could not bind {}", self.name))?;
        let types = format!("{}.d.ts", self.name);
        files::write(&pkg.join(&types), files::read(&bound.join(&types))?)?;
        let script = format!("{}.js", self.name);
        let file = format!("{}_bg.wasm", self.name);
        let small = bound.join("small.wasm");
        node::tool("node_modules/binaryen/bin/wasm-opt", &WASM_OPT)
            .args(self.shrink)
            .arg_path("--output", &small)
            .args([bound.join(&file)])
            .run()
            .context("wasm-opt failed")?;
        let (mut bytes, scripts) =
            glue::shorten(&files::read(&small)?, &files::read_text(&bound.join(&script))?)?;
        for (end, text) in scripts.files(self.name) {
            files::write(&pkg.join(format!("{}{end}", self.name)), text)?;
        }
        let publish = |part: &str, mut bytes: Vec<u8>| -> Result<usize> {
            bytes.extend(custom_section(BUILD_SECTION, build_id));
            files::write(&pkg.join(format!("{}{part}_bg.wasm", self.name)), &bytes)?;
            Ok(bytes.len())
        };
        if self.is_split {
            let needed = linked::needed(&linked, bindings::is_core_export)?;
            let parts = split::split(&bytes, bindings::is_core_export, &needed)?;
            publish("-whole", bytes)?;
            publish("-later", parts.later)?;
            bytes = parts.core;
        }
        let size = publish("", bytes)?;
        println!(
            "  {}: bound and optimized in {:.1} s, {} bytes",
            self.name,
            start.elapsed().as_secs_f32(),
            size
        );
        Ok(())
    }
}

/// Where cargo keeps what it fetched.
pub fn cargo_home() -> Option<PathBuf> {
    let home = std::env::var_os("HOME").or_else(|| std::env::var_os("USERPROFILE"));
    std::env::var_os("CARGO_HOME").map(PathBuf::from).or_else(|| Some(PathBuf::from(home?).join(".cargo")))
}

/// A panic's place names its source: of a crate that was fetched, with the folder of whoever builds. That is nobody's business, and
/// would make each of us a module of their own.
fn nameless_folders() -> Result<String> {
    let home = cargo_home().context("neither CARGO_HOME nor a home folder is known")?;
    Ok(format!(
        "target.{TARGET}.rustflags = ['--remap-path-prefix={}=']",
        home.join("registry/src").display()
    ))
}

/// A section of a wasm file that only tells something; names and contents are short.
fn custom_section(name: &str, content: &str) -> Vec<u8> {
    let size = 1 + name.len() + content.len();
    assert!(size < 128, "a length of one byte");
    let mut section = vec![0, size as u8, name.len() as u8];
    section.extend(name.bytes().chain(content.bytes()));
    section
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_decoder_uses_no_source_that_its_build_id_leaves_out() {
        let root = files::root();
        let mut sources =
            ["src/wasm/mod.rs", "src/wasm/decode.rs", "src/error.rs", "src/told.rs", "src/value.rs"]
                .map(str::to_owned)
                .to_vec();
        let images = files::list(&root.join("src/image")).unwrap();
        sources.extend(images.into_iter().map(|name| format!("src/image/{name}")));
        for source in sources {
            let text = files::read_text(&root.join(&source)).unwrap();
            for used in text.split("crate::").skip(1) {
                let name: String = used.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let known = ["error", "image", "rng", "told", "value", "Error", "Result"];
                assert!(
                    known.contains(&name.as_str()),
                    "{source} uses crate::{name}: add it to DECODE's sources"
                );
            }
        }
    }
}
