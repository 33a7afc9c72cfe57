//! The documentation in `dist/site/docs`: pages from Markdown and from the package's types (`docs/site`, in Node), and rustdoc.

use std::path::PathBuf;

use anyhow::{Context, Result};

use crate::{files, node, process};

/// What rustdoc reads.
const SOURCES: [&str; 3] = ["src", "Cargo.toml", "Cargo.lock"];
/// The crate as most use it: the program's dependencies are not documented, so they need not be compiled.
const FEATURES: [&str; 3] = ["--no-default-features", "--features", "decode,every-layer,json,train"];

/// Makes the pages; returns the folder.
pub fn pages() -> Result<PathBuf> {
    let out = files::target_dir().join("docs");
    node::tool("docs/site/build.mjs", &[])
        .args([&out])
        .run()
        .context("the documentation's pages could not be made")?;
    Ok(out)
}

/// Brings rustdoc's pages up to date; returns the folder. Apart from what `cargo doc` makes for the user.
pub fn rustdoc() -> Result<PathBuf> {
    let target = files::target_dir().join("rustdoc");
    let mut hash = files::ContentHash::new();
    for path in SOURCES {
        hash.add_path(path)?;
    }
    let wanted = hash.finish();
    let (pages, stamp) = (target.join("doc"), target.join("built"));
    if std::fs::read_to_string(&stamp).is_ok_and(|built| built == wanted) {
        return Ok(pages);
    }
    // It would add to the index of what it finds there.
    if pages.exists() {
        std::fs::remove_dir_all(&pages)?;
    }
    process::cargo(&["doc", "--quiet", "--no-deps", "--package", "ocelli", "--lib"])
        .args(FEATURES)
        .arg_path("--target-dir", &target)
        .run()
        .context("rustdoc failed")?;
    files::write(&stamp, wanted)?;
    Ok(pages)
}
