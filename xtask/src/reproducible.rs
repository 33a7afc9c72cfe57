//! The stage `reproducible`: what is built twice, in two folders and for two homes of cargo, is the same to the byte.
//!
//! The first build is the repository's own. The second starts from nothing but the sources (and the installed npm packages)
//! in another folder, compiles every crate again, and finds cargo's registry under another path.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use crate::stages::{Count, Ended};
use crate::{bundle, files, process};

/// What is compared.
const MADE: [&str; 2] = ["dist/site", "dist/npm"];

/// Builds again elsewhere, and counts the files that are the same.
pub fn check() -> Result<Ended> {
    if process::find("git").is_none() || !files::root().join(".git").exists() {
        return Ok(Ended::LeftOut("the sources are listed by git, which is not here".into()));
    }
    bundle::build()?;
    let there = files::target_dir().join("reproducible");
    if there.exists() {
        std::fs::remove_dir_all(&there)?;
    }
    let copy = there.join("a folder of another name");
    copy_sources(&copy)?;
    let home = there.join("cargo");
    if link(&files::root().join("node_modules"), &copy.join("node_modules")).is_err()
        || link(&cargo_home()?, &home).is_err()
    {
        return Ok(Ended::LeftOut("folders cannot be linked here".into()));
    }
    println!("building once more, in {}", copy.display());
    let itself = std::env::current_exe()?;
    process::program(itself, &["build"])
        .env(files::ROOT_VARIABLE, copy.display().to_string())
        .env("CARGO_HOME", home.display().to_string())
        .env("CARGO_TARGET_DIR", copy.join("target").display().to_string())
        .run()
        .context("the second build failed")?;
    let mut count = Count::default();
    for made in MADE {
        let (here, there) = (files::root().join(made), copy.join(made));
        let names = files::list(&here)?;
        for name in files::list(&there)?.iter().filter(|name| !names.contains(name)) {
            println!("{made}/{name} was made the second time only");
            count.fail();
        }
        for name in names {
            if std::fs::read(there.join(&name))
                .is_ok_and(|bytes| files::read(&here.join(&name)).is_ok_and(|first| first == bytes))
            {
                count.pass();
            } else {
                println!("{made}/{name} is another the second time");
                count.fail();
            }
        }
    }
    // It is large, and only a failure is worth looking at.
    if count.is_sound() {
        std::fs::remove_dir_all(&there)?;
    }
    Ok(Ended::Counted(count))
}

/// Everything that git knows or would take in, as it stands now.
fn copy_sources(to: &Path) -> Result<()> {
    let names =
        process::program("git", &["ls-files", "-z", "--cached", "--others", "--exclude-standard"]).read()?;
    for name in names.split('\0').filter(|name| !name.is_empty()) {
        let from = files::root().join(name);
        // Removed, and not yet told to git.
        if from.is_file() {
            files::write(&to.join(name), files::read(&from)?)?;
        }
    }
    Ok(())
}

/// Where cargo keeps what it fetched.
fn cargo_home() -> Result<PathBuf> {
    crate::door::cargo_home().context("neither CARGO_HOME nor a home folder is known")
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> Result<()> {
    Ok(std::os::unix::fs::symlink(from, to)?)
}

#[cfg(not(unix))]
fn link(_: &Path, _: &Path) -> Result<()> {
    anyhow::bail!("not on this system")
}
