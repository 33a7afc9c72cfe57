//! npm packages: installed when `node_modules` is missing or older than the lock file.

use anyhow::{Context, Result};

use crate::{files, process};

/// `npm` by its name on this system.
const NPM: &str = if cfg!(windows) { "npm.cmd" } else { "npm" };

/// Makes `node_modules` agree with `package-lock.json`.
pub fn install() -> Result<()> {
    install_in(".")
}

/// The same in a folder of the repository that has packages of its own.
pub fn install_in(folder: &str) -> Result<()> {
    let root = files::root();
    let mut hash = files::ContentHash::new();
    for name in ["package.json", "package-lock.json"] {
        hash.add(name, &files::read(&root.join(folder).join(name))?);
    }
    let wanted = hash.finish();
    let stamp = root.join(folder).join("node_modules/.ocelli-installed");
    if std::fs::read_to_string(&stamp).is_ok_and(|have| have == wanted) {
        return Ok(());
    }
    println!("installing npm packages");
    npm(&["ci", "--no-audit", "--no-fund", "--loglevel", "error", "--prefix", folder])
        .run()
        .context("npm packages could not be installed; is Node 20.19 or newer here?")?;
    files::write(&stamp, wanted)
}

/// npm, in the repository's root.
pub fn npm(args: &[&str]) -> process::Program {
    process::program(NPM, args)
}

/// A program that an npm package brings.
pub fn program(path: &str) -> process::Program {
    process::program(files::root().join(path), &[])
}

/// Node running a script of an npm package.
pub fn tool(script: &str, args: &[&str]) -> process::Program {
    process::program("node", &[script]).args(args)
}
