//! The library as it is published: esbuild puts each entry's modules together, with source maps that hold the sources.
//!
//! What several entries of a page's side need is in files they share, so that an error has one class however it is imported. A
//! worker has a world of its own, and so is one file.

use std::collections::BTreeMap;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use crate::{files, node};

/// Target of what is bundled, the floor of all that the package uses.
pub const TARGET: &str = "--target=es2022";

/// Workers' scripts, in both, and the part that one of them loads later.
const WORKERS: [&str; 6] =
    ["inference-worker", "worker", "worker-later", "worker-whole", "decode-worker", "gan-worker"];
/// The script that loads a part by an address it is told.
const LOADS_LATER: &str = "worker.js";
/// Tells bundlers that there is nothing to look for.
const NOT_TO_BUNDLE: &str = "/* webpackIgnore: true */ /* @vite-ignore */ ";
/// Loaded by the library itself when they are needed.
const LATER: [&str; 5] = ["decoding", "dataset-files", "classifier-later", "load-progress", "predict-many"];

/// What is made for whom.
pub struct Library {
    /// Where it is put together first, in the target folder.
    pub name: &'static str,
    /// What is imported, the most used first.
    pub entries: &'static [&'static str],
}

/// What esbuild calls files that several entries share; what we call them is as long, for the source maps' columns.
const CHUNK: &str = "chunk-";
const CHUNK_LENGTH: usize = "chunk-01234567.js".len();

impl Library {
    /// Writes the scripts and their maps into a folder; returns their names.
    pub fn write(&self, to: &Path) -> Result<Vec<String>> {
        let out = files::target_dir().join("library").join(self.name);
        if out.exists() {
            std::fs::remove_dir_all(&out)?;
        }
        let pages: Vec<_> = self.entries.iter().chain(&LATER).copied().collect();
        bundle(&pages, &out, &["--splitting", "--chunk-names=chunk-[hash]"])?;
        bundle(&WORKERS, &out, &[])?;
        let made = files::list(&out)?;
        let scripts: BTreeMap<_, _> = made
            .iter()
            .filter(|name| name.ends_with(".js"))
            .map(|name| Ok((name.clone(), files::read_text(&out.join(name))?)))
            .collect::<Result<_>>()?;
        let renamed = chunk_names(&pages, &scripts)?;
        let rename =
            |text: &str| renamed.iter().fold(text.to_owned(), |text, (from, to)| text.replace(from, to));
        for name in &made {
            let text = files::read_text(&out.join(name))?;
            let text = match name.as_str() {
                name if name.ends_with(".map") => with_sources(&text, &[])?,
                LOADS_LATER => not_to_bundle(&text)?,
                _ => rename(&text),
            };
            files::write(&to.join(rename(name)), text)?;
        }
        Ok(made.iter().map(|name| rename(name)).collect())
    }
}

fn bundle(entries: &[&str], out: &Path, args: &[&str]) -> Result<()> {
    let fixed = ["--bundle", "--minify", "--format=esm", "--sourcemap", "--external:node:*", TARGET];
    node::program("node_modules/esbuild/bin/esbuild")
        .args(entries.iter().map(|name| format!("www/lib/{name}.js")))
        .args(fixed)
        .args(["--legal-comments=none", "--log-level=warning", "--outbase=www/lib"])
        .args([format!("--outdir={}", out.display())])
        .args(args)
        .run()
        .with_context(|| format!("esbuild could not bundle {}", entries.join(", ")))
}

/// The names of the files that entries share, in the order in which the entries need them: a content's hash would be another
/// with every version, and those who ask the browser to load them ahead want to write them down.
fn chunk_names(entries: &[&str], scripts: &BTreeMap<String, String>) -> Result<Vec<(String, String)>> {
    let mut names: Vec<(String, String)> = Vec::new();
    let mut waiting: Vec<String> = entries.iter().rev().map(|name| format!("{name}.js")).collect();
    let (mut n_shared, mut n_later) = (0, 0);
    // Of the library's whole and of its small entry everything is shared at once; the rest comes when asked for.
    let mut is_at_once = true;
    while let Some(name) = waiting.pop() {
        is_at_once &= entries.iter().position(|entry| format!("{entry}.js") == name).is_none_or(|i| i < 2);
        let text = scripts.get(&name).with_context(|| format!("esbuild made no {name}"))?;
        for (place, _) in text.match_indices(CHUNK) {
            let Some(found) = text.get(place..place + CHUNK_LENGTH) else { continue };
            if !scripts.contains_key(found) || names.iter().any(|(known, _)| known == found) {
                continue;
            }
            let (word, count) = if is_at_once { ("shared", &mut n_shared) } else { ("later-", &mut n_later) };
            *count += 1;
            ensure!(*count < 10, "more files are shared than have names");
            let new = format!("ocelli-{word}{count}.js");
            ensure!(new.len() == CHUNK_LENGTH, "a name of another length moves what source maps point at");
            names.push((found.to_owned(), new));
            waiting.push(found.to_owned());
        }
    }
    Ok(names)
}

/// A script with what tells bundlers to leave its one import alone; esbuild leaves no comment. The source map is wrong behind it, so it
/// comes last.
fn not_to_bundle(script: &str) -> Result<String> {
    const IMPORT: &str = "import(";
    let (before, after) = script.rsplit_once(IMPORT).context("the worker loads nothing")?;
    ensure!(!before.contains(IMPORT) && after.len() < 100, "the worker's one import has to be its last line");
    Ok([before, IMPORT, NOT_TO_BUNDLE, after].concat())
}

/// A source map whose sources are named as in `www/lib`; those in `without` are left out.
pub fn with_sources(map: &str, without: &[&str]) -> Result<String> {
    let mut map: serde_json::Value = serde_json::from_str(map)?;
    let sources = map["sources"].as_array_mut().context("a source map has sources")?;
    let mut names = Vec::new();
    for source in sources {
        let name =
            source.as_str().and_then(|path| path.split_once("www/lib/")).map(|(_, name)| name.to_owned());
        let name = name.context("a source lies in www/lib")?;
        *source = format!("source/{name}").into();
        names.push(name);
    }
    let contents = map["sourcesContent"].as_array_mut().context("a source map holds its sources")?;
    for (content, name) in contents.iter_mut().zip(names) {
        if without.contains(&name.as_str()) {
            *content = serde_json::Value::Null;
        }
    }
    Ok(format!("{map}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shared_files_are_named_in_the_order_of_their_need() {
        let scripts = [
            ("index.js", "import\"./chunk-AAAAAAAA.js\";import\"./chunk-BBBBBBBB.js\";'chunk-'"),
            ("inference.js", "import\"./chunk-BBBBBBBB.js\""),
            ("decoding.js", "import\"./chunk-CCCCCCCC.js\""),
            ("chunk-AAAAAAAA.js", "import\"./chunk-BBBBBBBB.js\""),
            ("chunk-BBBBBBBB.js", "chunk-NOTHING1.js"),
            ("chunk-CCCCCCCC.js", ""),
        ];
        let scripts = scripts.map(|(name, text)| (name.to_owned(), text.to_owned())).into();
        let names = chunk_names(&["index", "inference", "decoding"], &scripts).unwrap();
        let names: Vec<_> = names.iter().map(|(from, to)| (&from[6..7], to.as_str())).collect();
        assert_eq!(
            names,
            [("A", "ocelli-shared1.js"), ("B", "ocelli-shared2.js"), ("C", "ocelli-later-1.js")]
        );
        assert!(chunk_names(&["none"], &scripts).is_err());
    }

    #[test]
    fn the_import_of_an_address_is_marked_for_bundlers() {
        assert_eq!(
            not_to_bundle("a();let b=c=>import(c);\n").unwrap(),
            "a();let b=c=>import(/* webpackIgnore: true */ /* @vite-ignore */ c);\n"
        );
        let far = format!("import(a);{}", " ".repeat(100));
        for script in ["a();", "import(a);import(b)", &far] {
            assert!(not_to_bundle(script).is_err());
        }
    }

    #[test]
    fn maps_name_their_sources_alike_everywhere() {
        let map = r#"{"sources":["../../a/www/lib/x.js","../www/lib/pkg/y.js"],"sourcesContent":["1","2"]}"#;
        let made: serde_json::Value =
            serde_json::from_str(&with_sources(map, &["pkg/y.js"]).unwrap()).unwrap();
        assert_eq!(made["sources"], serde_json::json!(["source/x.js", "source/pkg/y.js"]));
        assert_eq!(made["sourcesContent"], serde_json::json!(["1", null]));
        assert!(with_sources("{}", &[]).is_err());
    }
}
