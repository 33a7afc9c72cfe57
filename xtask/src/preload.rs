//! Links by which the browser asks for all of the page's modules at once, not level by level as it finds the imports.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Result, ensure};

use crate::{files, size};

/// What index.html has where the build puts the links.
const PLACE: &str = "<link rel=\"modulepreload\" href=\"lib/index.js\">";
/// The page's entry, which its own script element loads.
const ENTRY: &str = "app.js";

/// Puts a link for each module that the page starts with into its index.html.
pub fn link(site: &Path) -> Result<()> {
    let page = site.join("index.html");
    let html = files::read_text(&page)?;
    ensure!(html.matches(PLACE).count() == 1, "index.html must hold {PLACE} once");
    let mut modules = BTreeSet::new();
    walk(site, ENTRY, &mut modules)?;
    for name in imports(&files::read_text(&site.join(ENTRY))?, "import(") {
        let name = joined(ENTRY, name);
        if !size::is_later(&name) {
            walk(site, &name, &mut modules)?;
        }
    }
    let links = modules.iter().filter(|name| *name != ENTRY);
    let links: Vec<_> = links.map(|name| format!("<link rel=\"modulepreload\" href=\"{name}\">")).collect();
    files::write(&page, html.replace(PLACE, &links.join("\n")))
}

/// Adds a module and all that it statically imports.
fn walk(site: &Path, name: &str, modules: &mut BTreeSet<String>) -> Result<()> {
    if !modules.insert(name.to_owned()) {
        return Ok(());
    }
    let source = files::read_text(&site.join(name))?;
    for import in imports(&source, "from").into_iter().chain(imports(&source, "import")) {
        walk(site, &joined(name, import), modules)?;
    }
    Ok(())
}

/// The relative addresses in quotes of either kind after `word` and perhaps a space, comments left out.
fn imports<'a>(source: &'a str, word: &str) -> Vec<&'a str> {
    let lines = source.lines().map(str::trim_start).filter(|line| !line.starts_with(['*', '/']));
    lines
        .flat_map(|line| line.split(word).skip(1))
        .filter_map(|rest| {
            let rest = rest.strip_prefix(' ').unwrap_or(rest);
            let quote = rest.chars().next().filter(|first| matches!(first, '\'' | '"'))?;
            rest[1..].split(quote).next()
        })
        .filter(|address| address.starts_with('.'))
        .collect()
}

/// The address of what the module `from` calls `address`.
fn joined(from: &str, address: &str) -> String {
    let mut parts: Vec<_> = from.split('/').collect();
    parts.pop();
    for part in address.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_found_and_comments_are_not() {
        let source = "import a from './a.js';\nimport {\n  b,\n} from '../b.js';\n/** {import('./type.js')} */\n\
                      export { c } from './c.js';\nimport './d.js';\nimport e from 'package';\nawait import('./f.js');\n";
        assert_eq!(imports(source, "from"), ["./a.js", "../b.js", "./c.js"]);
        assert_eq!(imports(source, "import"), ["./d.js"]);
        assert_eq!(imports(source, "import("), ["./f.js"]);
        let small = "import{a}from\"./a.js\";import\"./b.js\";export{c}from\"./c.js\";import(\"./d.js\")";
        assert_eq!(imports(small, "from"), ["./a.js", "./c.js"]);
        assert_eq!(imports(small, "import"), ["./b.js"]);
    }

    #[test]
    fn addresses_are_joined_as_a_browser_does() {
        assert_eq!(joined("ui/a.js", "../lib/b.js"), "lib/b.js");
        assert_eq!(joined("app.js", "./lib/b.js"), "lib/b.js");
    }

    #[test]
    fn the_page_itself_is_walked_to_its_worker_s_door() {
        let mut modules = BTreeSet::new();
        let site = files::root().join("www");
        // What the build generates is not there in a fresh checkout.
        if site.join("lib/pkg/build.js").is_file() {
            walk(&site, "lib/index.js", &mut modules).unwrap();
            assert!(modules.contains("lib/spawn.js") && modules.contains("lib/connection.js"));
            assert!(!modules.contains("lib/inference-worker.js"));
        }
    }
}
