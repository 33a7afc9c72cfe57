//! `dist/site` (the page, for any static host) and `dist/npm` (the package), put together from what is built.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::library::Library;
use crate::{files, inline, mnist, preload};

/// What `sw.js` carries where the build puts `{ build, files }`.
const PRECACHE: &str = "/*PRECACHE*/";

/// Third-party files the page loads itself: from `node_modules`, to `vendor`.
const VENDOR: [(&str, &str); 3] = [
    ("uplot/dist/uPlot.esm.js", "uPlot.esm.js"),
    ("uplot/dist/uPlot.min.css", "uPlot.min.css"),
    ("uplot/LICENSE", "uPlot.LICENSE.txt"),
];

/// Scripts that do something when they are imported: workers, and entries that choose where things come from.
const SIDE_EFFECTS: [&str; 15] = [
    "./worker.js",
    "./worker-later.js",
    "./worker-whole.js",
    "./inference-worker.js",
    "./decode-worker.js",
    "./gan-worker.js",
    "./node-worker.js",
    "./node.js",
    "./node-direct.js",
    "./node-generator.js",
    "./node-inference.js",
    "./node-inline.js",
    "./direct.js",
    "./inline.js",
    "./element.js",
];

/// The library as the page loads it: it also reads files itself.
const OF_SITE: Library =
    Library { name: "site", entries: &["index", "presets", "generator", "element", "reading"] };
/// The library as it is installed.
const OF_PACKAGE: Library = Library {
    name: "npm",
    entries: &["inference", "index", "presets", "generator", "element", "direct", "node"],
};
/// Entries that only name others, and go as they are; each of those keeps its code, and its effects, to itself.
const PASSED_ON: [&str; 6] = [
    "node-direct.js",
    "node-files.js",
    "node-generator.js",
    "node-inference.js",
    "node-inline.js",
    "node-worker.js",
];

/// Makes `dist/site`; the documentation is in two folders.
pub fn assemble_site(docs: &Path, rustdoc: &Path) -> Result<()> {
    let root = files::root();
    let site = root.join("dist/site");
    let mut kept = copy(&root.join("www"), &site, |name| !is_source_only(name))?;
    kept.extend(OF_SITE.write(&site.join("lib"))?.into_iter().map(|name| format!("lib/{name}")));
    for (from, name) in VENDOR {
        files::write(&site.join("vendor").join(name), files::read(&root.join("node_modules").join(from))?)?;
        kept.push(format!("vendor/{name}"));
    }
    mnist::write_sample(&site.join("data"))?;
    kept.extend(files::list(&site.join("data"))?.into_iter().map(|name| format!("data/{name}")));
    for (folder, from) in
        [("examples", root.join("examples").as_path()), ("docs", docs), ("docs/rust", rustdoc)]
    {
        // Of the examples the pages; of rustdoc all but its lock.
        let is_wanted =
            |name: &str| folder != "examples" || name.ends_with(".html") || name.ends_with(".css");
        let names = copy(from, &site.join(folder), |name| is_wanted(name) && !name.starts_with('.'))?;
        kept.extend(names.into_iter().map(|name| format!("{folder}/{name}")));
    }
    remove_others(&site, &kept)?;
    preload::link(&site)?;
    stamp(&site)
}

/// Makes `dist/npm`: the library, its files at the package's root (bundlers want it so), the network that reads digits, and
/// all of it once more as one file.
pub fn assemble_package() -> Result<()> {
    let root = files::root();
    let package = root.join("dist/npm");
    let mut kept = copy(&root.join("www/lib"), &package, is_published)?;
    kept.extend(OF_PACKAGE.write(&package)?);
    inline::write_bundle(&package)?;
    kept.extend(["inline.js", "inline.js.map"].map(str::to_owned));
    let others = [
        ("LICENSE", "LICENSE"),
        ("LICENSE-MIT", "LICENSE-MIT"),
        ("LICENSE-APACHE", "LICENSE-APACHE"),
        ("www/npm.md", "README.md"),
        ("www/models/digits.safetensors", "models/digits.safetensors"),
    ];
    for (from, name) in others {
        files::write(&package.join(name), files::read(&root.join(from))?)?;
        kept.push(name.to_owned());
    }
    let metadata = manifest(&files::read_text(&root.join("Cargo.toml"))?)?;
    files::write(&package.join("package.json"), in_order(&metadata))?;
    kept.push("package.json".to_owned());
    remove_others(&package, &kept)
}

/// What goes into the package as it is: types of what is imported, wasm, and what only names other files.
fn is_published(name: &str) -> bool {
    let is_types = name.ends_with(".d.ts") && !name.contains('/');
    is_types || name.ends_with(".wasm") || PASSED_ON.contains(&name)
}

/// A manifest's text, without the numbers that put its conditions in order.
fn in_order(manifest: &Value) -> String {
    ["1 ", "2 ", "3 "]
        .iter()
        .fold(format!("{manifest:#}\n"), |text, number| text.replace(&format!("\"{number}"), "\""))
}

/// The package's manifest; name, version and description are the crate's.
fn manifest(cargo_toml: &str) -> Result<Value> {
    let field = |name: &str| -> Result<String> {
        let start = format!("{name} = \"");
        let line = cargo_toml.lines().find_map(|line| line.strip_prefix(&start));
        Ok(line
            .and_then(|line| line.strip_suffix('"'))
            .with_context(|| format!("Cargo.toml has no {name}"))?
            .into())
    };
    // The first condition that holds is taken; records are written by their sorted keys, hence the numbers.
    let entry =
        |types: &str, node: &str, file: &str| json!({ "1 types": types, "2 node": node, "3 default": file });
    let index = "./index.d.ts";
    // Workers are started, not imported from: they export nothing.
    let worker = |file: &str| json!({ "1 types": "./worker.d.ts", "3 default": file });
    let mut manifest = json!({
        "name": field("name")?,
        "version": field("version")?,
        "description": field("description")?,
        "keywords": ["image", "classifier", "neural-network", "training", "wasm", "simd", "digits", "mnist", "worker"],
        "license": field("license")?,
        "type": "module",
        "main": "./index.js",
        "module": "./index.js",
        "types": index,
        "engines": { "node": ">=20" },
        "exports": {
            ".": entry(index, "./node.js", "./index.js"),
            "./inference": entry("./inference.d.ts", "./node-inference.js", "./inference.js"),
            "./inline": entry("./inline.d.ts", "./node-inline.js", "./inline.js"),
            "./direct": entry(index, "./node-direct.js", "./direct.js"),
            "./presets": entry("./presets.d.ts", "./presets.js", "./presets.js"),
            "./generator": entry("./generator.d.ts", "./node-generator.js", "./generator.js"),
            "./element": entry("./element.d.ts", "./element.js", "./element.js"),
            "./worker": worker("./worker-whole.js"),
            "./inference-worker": worker("./inference-worker.js"),
            "./decode-worker": worker("./decode-worker.js"),
            "./gan-worker": worker("./gan-worker.js"),
            "./wasm": "./pkg/engine-whole_bg.wasm",
            "./inference.wasm": "./pkg/inference_bg.wasm",
            "./decode.wasm": "./pkg/decode_bg.wasm",
            "./models/digits.safetensors": "./models/digits.safetensors",
            "./package.json": "./package.json",
        },
        "sideEffects": SIDE_EFFECTS,
    });
    if let Some(address) =
        cargo_toml.lines().find_map(|line| line.strip_prefix("repository = \"")?.strip_suffix('"'))
    {
        manifest["repository"] = json!({ "type": "git", "url": format!("git+{address}.git") });
    }
    Ok(manifest)
}

/// What the page never reads as it is: the library's modules, which are put together, and types and notes, for tools and people.
fn is_source_only(name: &str) -> bool {
    let is_module = name.starts_with("lib/") && name.ends_with(".js") && name != "lib/pkg/build.js";
    // The page loads the training engine's two parts.
    is_module
        || name == "lib/pkg/engine-whole_bg.wasm"
        || name.ends_with(".d.ts")
        || name.ends_with(".md")
        || name.split('/').any(|part| part.starts_with('.'))
}

fn copy(from: &Path, to: &Path, wanted: impl Fn(&str) -> bool) -> Result<Vec<String>> {
    let names: Vec<_> = files::list(from)?.into_iter().filter(|name| wanted(name)).collect();
    for name in &names {
        files::write(&to.join(name), files::read(&from.join(name))?)?;
    }
    Ok(names)
}

fn remove_others(dir: &Path, kept: &[String]) -> Result<()> {
    for name in files::list(dir)? {
        if !kept.contains(&name) {
            fs::remove_file(dir.join(name))?;
        }
    }
    Ok(())
}

/// Gives the whole site one id: into the service worker with the list of files, and into `lib/pkg/build.js` as a
/// comment, by which the service worker sees that a server is between two builds.
fn stamp(site: &Path) -> Result<()> {
    let names = files::list(site)?;
    let mut hash = files::ContentHash::new();
    for name in &names {
        hash.add(name, &files::read(&site.join(name))?);
    }
    let id = hash.finish();
    let build_js = site.join("lib/pkg/build.js");
    if build_js.is_file() {
        files::write(&build_js, format!("{}// site {id}\n", files::read_text(&build_js)?))?;
    }
    let worker = site.join("sw.js");
    if worker.is_file() {
        // What is for other people than the page's visitors is not even told of.
        let is_beside = |name: &&String| name.starts_with("docs/") || name.starts_with("examples/");
        let names: Vec<_> = names.iter().filter(|name| !is_beside(name)).collect();
        let precache = json!({ "build": id, "files": names });
        files::write(&worker, fill(&files::read_text(&worker)?, &precache)?)?;
    }
    Ok(())
}

fn fill(worker: &str, precache: &Value) -> Result<String> {
    ensure!(worker.matches(PRECACHE).count() == 1, "sw.js must hold {PRECACHE} once");
    Ok(worker.replace(PRECACHE, &precache.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_service_worker_gets_its_files() {
        let filled = fill("const P = [/*PRECACHE*/][0];", &json!({ "build": "1", "files": ["a"] })).unwrap();
        assert_eq!(filled, r#"const P = [{"build":"1","files":["a"]}][0];"#);
        assert!(fill("nothing", &json!({})).is_err());
    }

    #[test]
    fn the_package_is_named_after_the_crate() {
        let made =
            manifest("name = \"o\"\nversion = \"1.2.3\"\ndescription = \"d\"\nlicense = \"l\"\n").unwrap();
        assert_eq!((made["name"].as_str(), made["version"].as_str()), (Some("o"), Some("1.2.3")));
        assert!(manifest("name = \"o\"").is_err());
        let text = in_order(&made);
        let place = |word: &str| text.find(word).unwrap();
        assert!(place("\"types\": \"./index.d.ts\"") < place("\"node\": \"./node.js\""));
        assert!(place("\"node\": \"./node.js\"") < place("\"default\": \"./index.js\""));
    }

    #[test]
    fn types_and_notes_stay_out_of_the_site() {
        assert!(
            is_source_only("lib/index.d.ts") && is_source_only("models/card.md") && is_source_only("a/.x")
        );
        assert!(is_source_only("lib/index.js") && !is_source_only("lib/pkg/build.js"));
        assert!(!is_source_only("app.js") && !is_source_only("lib/pkg/engine_bg.wasm"));
        assert!(is_source_only("lib/pkg/engine-whole_bg.wasm"));
        assert!(is_published("index.d.ts") && is_published("pkg/engine_bg.wasm"));
        assert!(!is_published("pkg/engine.d.ts") && !is_published("index.js"));
    }
}
