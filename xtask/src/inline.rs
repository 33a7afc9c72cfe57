//! The package as one file: esbuild puts scripts together, workers and wasm go in as text.

use std::path::Path;

use anyhow::{Context, Result};

use crate::{files, node};

/// Target of what is bundled, the floor of all that the package uses.
const TARGET: &str = "--target=es2022";

/// Makes `www/lib/pkg/payload.js`, the workers' one script and the wasm modules, gzipped, as text.
pub fn write_payload(pkg: &Path) -> Result<()> {
    let worker = bundle("www/lib/inline-worker.js", &["--format=iife"])?;
    let packed = |name: &str| -> Result<String> {
        Ok(files::base64(&files::gzip(&files::read(&pkg.join(format!("{name}_bg.wasm")))?)))
    };
    let text = format!(
        "export const WORKER = {};\nexport const ENGINE = '{}';\nexport const DECODE = '{}';\n",
        serde_json::to_string(&worker)?,
        packed("engine")?,
        packed("decode")?
    );
    files::write(&pkg.join("payload.js"), text)?;
    let types = "export const WORKER: string;\nexport const ENGINE: string;\nexport const DECODE: string;\n";
    files::write(&pkg.join("payload.d.ts"), types)
}

/// Makes `inline.js` of a package's folder, with its source map: the sources are the files beside it.
pub fn write_bundle(package: &Path) -> Result<()> {
    let out = files::target_dir().join("inline/inline.js");
    let arg = format!("--outfile={}", out.display());
    let format = ["--format=esm", "--sourcemap", "--sources-content=false", arg.as_str()];
    bundle("www/lib/inline.js", &format)?;
    let mut map: serde_json::Value = serde_json::from_slice(&files::read(&out.with_extension("js.map"))?)?;
    let sources = map["sources"].as_array_mut().context("a source map has sources")?;
    for source in sources {
        let name =
            source.as_str().and_then(|path| path.split_once("www/lib/")).map(|(_, name)| name.to_owned());
        *source = name.context("a source lies in www/lib")?.into();
    }
    files::write(&package.join("inline.js.map"), format!("{map}\n"))?;
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
