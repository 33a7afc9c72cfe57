//! The package as one file: esbuild puts scripts together, workers and wasm go in as text.

use std::path::Path;

use anyhow::{Context, Result};

use crate::library::{self, TARGET};
use crate::{files, node};

/// Makes `www/lib/pkg/payload.js`, the workers' one script and the wasm modules, gzipped, as text.
pub fn write_payload(pkg: &Path) -> Result<()> {
    let worker = bundle("www/lib/inline-worker.js", &["--format=iife"])?;
    let packed = |name: &str| -> Result<String> {
        Ok(files::base64(&files::gzip(&files::read(&pkg.join(format!("{name}_bg.wasm")))?)))
    };
    let text = format!(
        "export const WORKER = {};\nexport const ENGINE = '{}';\nexport const DECODE = '{}';\n",
        serde_json::to_string(&worker)?,
        packed("engine-whole")?,
        packed("decode")?
    );
    files::write(&pkg.join("payload.js"), text)?;
    let types = "export const WORKER: string;\nexport const ENGINE: string;\nexport const DECODE: string;\n";
    files::write(&pkg.join("payload.d.ts"), types)
}

/// Makes `inline.js` of a package's folder, with its source map.
pub fn write_bundle(package: &Path) -> Result<()> {
    let out = files::target_dir().join("inline/inline.js");
    let arg = format!("--outfile={}", out.display());
    bundle("www/lib/inline.js", &["--format=esm", "--sourcemap", arg.as_str()])?;
    // What the wasm is as text is no source that anybody reads.
    let map = library::with_sources(&files::read_text(&out.with_extension("js.map"))?, &["pkg/payload.js"])?;
    files::write(&package.join("inline.js.map"), map)?;
    files::write(&package.join("inline.js"), files::read(&out)?)
}

/// What esbuild prints for an entry. There are no files beside it: nothing may look for them.
fn bundle(entry: &str, args: &[&str]) -> Result<String> {
    let fixed = [entry, "--bundle", "--minify", "--legal-comments=none", "--log-level=warning", TARGET];
    node::program("node_modules/esbuild/bin/esbuild")
        .args(fixed)
        .args(["--define:import.meta.url=\"inline:\""])
        .args(args)
        .read()
        .with_context(|| format!("esbuild could not bundle {entry}"))
}
