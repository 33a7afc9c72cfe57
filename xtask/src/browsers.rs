//! The browsers the page is tested in: found, or got where that is easy, or left out and said so.

use std::path::{Path, PathBuf};

use anyhow::Result;

use crate::stages::{Ended, counted_in_browser};
use crate::{files, node, process};

/// Where Chromium or Chrome lies when it is not on the PATH.
const CHROMIUM_PLACES: [&str; 5] = [
    "/usr/lib/chromium/chromium",
    "/opt/google/chrome/chrome",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "C:/Program Files/Google/Chrome/Application/chrome.exe",
];
const CHROMIUM_NAMES: [&str; 4] = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome"];
const FIREFOX_NAMES: [&str; 2] = ["firefox-esr", "firefox"];

/// Runs the page's tests (`tests/web`) in one engine: `chromium`, `firefox` or `webkit`.
pub fn run(engine: &str) -> Result<Ended> {
    node::install()?;
    if !files::root().join("dist/site/index.html").is_file() {
        return Ok(Ended::LeftOut("dist/site is not built yet (stage build)".into()));
    }
    let mut env = vec![("OCELLI_ENGINE", engine.to_owned())];
    match engine {
        "webkit" => match webkit() {
            Ok(browser) => env.push(("MINIBROWSER", browser.display().to_string())),
            Err(missing) => return Ok(Ended::LeftOut(format!("{missing} is not installed"))),
        },
        "firefox" => match on_path(&["FIREFOX"], &FIREFOX_NAMES, &[]) {
            Some(path) => env.push(("FIREFOX", path.display().to_string())),
            None => return Ok(Ended::LeftOut("no Firefox found (set FIREFOX, or install it)".into())),
        },
        _ => match chromium() {
            Some(path) => env.push(("CHROME", path.display().to_string())),
            None => {
                return Ok(Ended::LeftOut("no Chromium or Chrome found (set CHROME, or install it)".into()));
            }
        },
    }
    counted_in_browser("tests/web", &env)
}

/// Chromium or Chrome, installed where that is easy.
pub fn chromium() -> Option<PathBuf> {
    let find = || on_path(&["CHROME", "CHROME_BIN"], &CHROMIUM_NAMES, &CHROMIUM_PLACES);
    find().or_else(|| {
        let root = process::program("id", &["-u"]).read().is_ok_and(|id| id.trim() == "0");
        if !root || process::find("apt-get").is_none() {
            return None;
        }
        println!("installing chromium by apt-get");
        process::program("apt-get", &["update", "-qq"]).run().ok()?;
        process::program("apt-get", &["install", "-y", "-qq", "--no-install-recommends", "chromium"])
            .run()
            .ok()?;
        find()
    })
}

/// The browser that WebKit's driver starts; else what is missing.
fn webkit() -> Result<PathBuf, &'static str> {
    if process::find("WebKitWebDriver").is_none() {
        return Err("WebKitWebDriver");
    }
    if std::env::var_os("DISPLAY").is_none() && process::find("Xvfb").is_none() {
        return Err("Xvfb");
    }
    if let Some(path) = std::env::var_os("MINIBROWSER") {
        return Ok(path.into());
    }
    if let Some(path) = process::find("MiniBrowser") {
        return Ok(path);
    }
    // Distributions keep it inside the library's own folder.
    for lib in ["/usr/lib", "/usr/libexec", "/usr/lib64"] {
        for middle in ["", "x86_64-linux-gnu", "aarch64-linux-gnu"] {
            for version in ["6.0", "4.1", "4.0"] {
                let folder = Path::new(lib).join(middle);
                let path = folder.join(format!("webkitgtk-{version}/MiniBrowser"));
                let path4 = folder.join(format!("webkit2gtk-{version}/MiniBrowser"));
                if let Some(found) = [path, path4].into_iter().find(|path| path.is_file()) {
                    return Ok(found);
                }
            }
        }
    }
    Err("MiniBrowser")
}

fn on_path(variables: &[&str], names: &[&str], places: &[&str]) -> Option<PathBuf> {
    let named = variables.iter().find_map(std::env::var_os).map(PathBuf::from);
    named
        .or_else(|| names.iter().find_map(|name| process::find(name)))
        .or_else(|| places.iter().map(PathBuf::from).find(|path| path.is_file()))
}
