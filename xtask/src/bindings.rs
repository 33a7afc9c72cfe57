//! The script beside a wasm module, written anew: wasm-bindgen's has a function of ten lines for each call, which are alike but for
//! the kinds of what they take and give. Of those we make a table, read by the fifty lines of `bindings.js`; the functions that the
//! module imports stay as they are. What does not read as expected, after an update of wasm-bindgen, is an error.

use std::collections::BTreeMap;
use std::fmt::Write;

use anyhow::{Context, Result, ensure};

use crate::calls::Call;
use crate::imports::{Import, imports};

/// What reads the table; `MODULE` stands for what the module calls its script.
pub const RUNTIME: &str = include_str!("bindings.js");

/// Of the class `Engine` the calls with which a worker begins; those of the others are told to it when they are needed.
const CORE: [&str; 23] = [
    "beginRound",
    "changeTraining",
    "checkpoint",
    "computeEnd",
    "computeRest",
    "create",
    "endRound",
    "groupStrokes",
    "info",
    "load",
    "pieceLength",
    "predictImageData",
    "predictPixels",
    "predictPrepared",
    "predictStrokes",
    "resumeTraining",
    "save",
    "setDataset",
    "startTraining",
    "stopTraining",
    "takePiece",
    "trainSlice",
    "writePiece",
];

/// Whether an export of the training engine's module belongs to what a worker begins with. Cargo's own module has a hash behind the
/// names, and functions that only describe others.
pub fn is_core_export(name: &str) -> bool {
    let name = match name.rsplit_once('_') {
        Some((name, hash)) if hash.len() == 16 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()) => name,
        _ => name,
    };
    if let Some(call) = name.strip_prefix("engine_") {
        return CORE.contains(&call);
    }
    let others = ["ganengine_", "_ganengine_", "__wbg_ganengine_", "__wbindgen_describe_", "_ZN", "_R"];
    !others.iter().any(|start| name.starts_with(start))
}

/// A shorter name for an export that wasm-bindgen itself uses.
pub fn short_export(name: &str) -> String {
    let long = ["__wbindgen_", "__externref_table_", "__wbg_"];
    long.iter().find_map(|start| name.strip_prefix(start)).map_or(name.to_owned(), |rest| format!("_{rest}"))
}

/// A module's scripts.
pub struct Scripts {
    /// All there is; or, where there is a table of later calls, what is there from the start.
    pub core: String,
    /// The table of later calls.
    pub later: Option<String>,
}

impl Scripts {
    /// Their files: how the names end after the module's, and contents. Who takes all of a module in two parts gets it by its own name.
    pub fn files(self, name: &str) -> Vec<(&'static str, String)> {
        let Some(later) = self.later else { return vec![(".js", self.core)] };
        let whole = format!(
            "import {{ Engine, addCalls }} from './{name}-core.js';\nimport {{ CALLS }} from './{name}-later.js';\n\n\
             addCalls(Engine, CALLS);\n\nexport * from './{name}-core.js';\nexport {{ default }} from './{name}-core.js';\n"
        );
        let core_types = format!(
            "export * from './{name}.js';\nexport {{ default }} from './{name}.js';\n\
             export function addCalls(kind: object, calls: string): void;\n\
             export function addModule(options: {{ module: WebAssembly.Module }}): void;\n"
        );
        vec![
            (".js", whole),
            ("-core.js", self.core),
            ("-core.d.ts", core_types),
            ("-later.js", later),
            ("-later.d.ts", "export const CALLS: string;\n".to_owned()),
        ]
    }
}

/// Errors unless the script of one module offers all that another imports, so that it can start either.
pub fn ensure_serves(script: &str, other: &str) -> Result<()> {
    let lines = |script: &str| -> Result<Vec<String>> {
        let (_, rest) = script.split_once("\nconst IMPORTS = {\n").context("a script has no imports")?;
        let (imports, _) = rest.split_once("\n};").context("the imports do not end")?;
        Ok(imports.lines().map(str::to_owned).collect())
    };
    let offered = lines(script)?;
    for line in lines(other)? {
        ensure!(
            offered.contains(&line),
            "the one worker's script cannot start the small engine, which imports {line}"
        );
    }
    Ok(())
}

/// The scripts for the same module, by tables. `module` is what the module calls the script.
pub fn write(script: &str, module: &str) -> Result<Scripts> {
    let mut made = RUNTIME.replace("MODULE", module);
    let mut later = None;
    // Those which do the same once; those alike together, which packs better.
    let lines: BTreeMap<_, _> = imports(script)?
        .into_iter()
        .map(|Import { function, short, .. }| (with_short_exports(&function), short))
        .collect();
    let lines: String = lines.iter().map(|(function, name)| format!("    {name}: {function},\n")).collect();
    write!(made, "\nconst IMPORTS = {{\n{lines}}};\n")?;
    let (calls, _) = script.split_once("\nfunction __wbg_get_imports").context("it has no imports")?;
    for item in calls.split("\nexport ").skip(1) {
        if let Some(class) = item.strip_prefix("class ") {
            let (name, body) = class.split_once(" {\n").context("a class has a body")?;
            let (body, _) = body.split_once("\n}").context("a class has an end")?;
            let (first, others) =
                methods(name, body)?.into_iter().partition::<Vec<_>, _>(|word| is_core(name, word));
            if !others.is_empty() {
                later = Some(format!("export const CALLS = '{}';\n", others.join(",")));
            }
            let table = first.join(",");
            let module = name.to_lowercase();
            write!(made, "\nexport const {name} = /* @__PURE__ */ classOf('{module}', '{table}');\n")?;
        } else {
            let function = item.strip_prefix("function ").context("it exports something else")?;
            let (function, _) = function.split_once("\n}").context("a function has an end")?;
            let call = Call::read(function, "")?;
            // That one is the module's own.
            if call.name != "start" {
                let Call { name, takes, gives, .. } = call;
                write!(
                    made,
                    "\nexport const {name} = /* @__PURE__ */ call('{name}', '{takes}', '{gives}');\n"
                )?;
            }
        }
    }
    Ok(Scripts { core: made, later })
}

/// An import with these names where it calls the module.
fn with_short_exports(function: &str) -> String {
    let mut parts = function.split("wasm.");
    let mut made = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        made += "wasm.";
        made += &short_export(part);
    }
    made
}

/// Whether a call is there from the start, by its word in the table.
fn is_core(class: &str, word: &str) -> bool {
    let name = word.split(' ').next().unwrap_or_default().trim_start_matches('*');
    class != "Engine" || CORE.contains(&name)
}

/// The words of a class's calls.
fn methods(class: &str, body: &str) -> Result<Vec<String>> {
    let mut words = Vec::new();
    for part in body.split("\n    }") {
        let text = match part.rsplit_once("*/\n    ") {
            Some((_, text)) => text,
            None => part.trim_start(),
        };
        // How instances come and go is the same for all.
        let is_own =
            ["static __wrap(", "__destroy_into_raw(", "free("].iter().any(|name| text.starts_with(name));
        if text.is_empty() || is_own {
            continue;
        }
        let (star, text) = text.strip_prefix("static ").map_or(("", text), |text| ("*", text));
        let Call { name, takes, gives, is_on_instance } = Call::read(text, class)?;
        ensure!(is_on_instance == star.is_empty(), "{name} is of another kind than it says");
        words.push(format!("{star}{name} {takes} {gives}"));
    }
    Ok(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::files;

    #[test]
    fn what_a_worker_begins_with_makes_no_later_call() {
        let scripts = ["handlers", "core-handlers", "training", "helpers", "helper", "exchange"];
        let mut made = Vec::new();
        for script in scripts {
            let text = files::read_text(&files::root().join(format!("www/lib/{script}.js"))).unwrap();
            for (at, _) in text.match_indices("ngine.").chain(text.match_indices("lass.")) {
                let call = text[at..].split_once('.').unwrap().1;
                let name: String = call.chars().take_while(char::is_ascii_alphanumeric).collect();
                if call[name.len()..].starts_with('(') && name != "free" {
                    made.push(name);
                }
            }
        }
        for name in &made {
            assert!(CORE.contains(&name.as_str()), "{name} is called from the start");
        }
        for name in CORE {
            assert!(made.iter().any(|made| made == name), "nothing calls {name} from the start");
        }
    }

    const SCRIPT: &str = "
/** One. */
export class Engine {
    static __wrap(ptr) {
        const obj = Object.create(Engine.prototype);
        return obj;
    }
    __destroy_into_raw() {
        return ptr;
    }
    free() {
        const ptr = this.__destroy_into_raw();
        wasm.__wbg_engine_free(ptr, 0);
    }
    /**
     * Pictures.
     */
    predict(data, top_k, part, numbers, views) {
        const val2 = +top_k;
        const val3 = +(isLikeNone(part) ? Number.MAX_SAFE_INTEGER : (part) >>> 0);
        let ptr0, len0, ptr1, len1;
            ptr0 = passArray8ToWasm0(data, wasm.__wbindgen_malloc);
            len0 = WASM_VECTOR_LEN;
            var ptr1 = isLikeNone(numbers) ? 0 : passArray32ToWasm0(numbers, wasm.__wbindgen_malloc);
            var len1 = WASM_VECTOR_LEN;
        const ret = wasm.engine_predict(this.__wbg_ptr, ptr0, len0, val2, val3, ptr1, len1, isLikeNone(views) ? 0xFFFFFF : views ? 1 : 0);
        if (ret[3]) {
            throw takeFromExternrefTable0(ret[2]);
        }
        var v7 = getArrayF32FromWasm0(ret[0], ret[1]).slice();
        wasm.__wbindgen_free(ret[0], ret[1] * 4, 4);
        return v7;
    }
    /**
     * A model.
     */
    static load(bytes) {
        const ptr0 = passArray8ToWasm0(bytes, wasm.__wbindgen_malloc);
        const len0 = WASM_VECTOR_LEN;
        const ret = wasm.engine_load(ptr0, len0);
        if (ret[2]) {
            throw takeFromExternrefTable0(ret[1]);
        }
        return Engine.__wrap(ret[0]);
    }
    /**
     * Ends.
     */
    stop() {
        wasm.engine_stop(this.__wbg_ptr);
    }
}
if (Symbol.dispose) Engine.prototype[Symbol.dispose] = Engine.prototype.free;

/** The build. */
export function build() {
    let deferred1_0;
    let deferred1_1;
    try {
        const ret = wasm.build();
        deferred1_0 = ret[0];
        deferred1_1 = ret[1];
        return getStringFromWasm0(ret[0], ret[1]);
    } finally {
        wasm.__wbindgen_free(deferred1_0, deferred1_1, 1);
    }
}
function __wbg_get_imports() {
    const import0 = {
        __proto__: null,
        a: function(arg0, arg1) {
            const ret = arg1.stack;
            const ptr1 = passStringToWasm0(ret, wasm.__wbindgen_malloc, wasm.__wbindgen_realloc);
            const len1 = WASM_VECTOR_LEN;
            getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 1, len1, true);
            getDataViewMemory0().setInt32((arg0 >>> 0) + 4 * 0, ptr1, true);
        },
        b: function() { return handleError(function (arg0, arg1) {
            const ret = Reflect.get(arg0, arg1);
            return ret;
        }, arguments); },
        c: function(arg0) {
            // A comment.
            return arg0;
        },
    };
    return {
        __proto__: null,
        \"./m.js\": import0,
    };
}
";

    #[test]
    fn calls_become_words_of_a_table() {
        let made = write(SCRIPT, "m").unwrap();
        assert_eq!(made.later.as_deref(), Some("export const CALLS = 'predict 8xnub f,stop  ';\n"));
        let made = made.core.strip_prefix(RUNTIME.replace("MODULE", "m").as_str()).unwrap();
        assert!(made.contains("classOf('engine', '*load 8 c')"), "{made}");
        assert!(made.contains("export const build = /* @__PURE__ */ call('build', '', 's');"), "{made}");
    }

    #[test]
    fn exports_are_told_apart_by_their_names_before_and_after_they_are_short() {
        for name in [
            "engine_create",
            "engine_create_758e666f3accb5a8",
            "build",
            "memory",
            "_malloc",
            "__wbindgen_malloc",
        ] {
            assert!(is_core_export(name), "{name}");
        }
        for name in [
            "engine_teach",
            "engine_teach_758e666f3accb5a8",
            "ganengine_create",
            "_ganengine_free",
            "_ZN4core",
        ] {
            assert!(!is_core_export(name), "{name}");
        }
        let short = ["__wbindgen_malloc", "__externref_table_alloc", "__wbg_engine_free", "engine_create"]
            .map(short_export);
        assert_eq!(short, ["_malloc", "_alloc", "_engine_free", "engine_create"]);
    }

    #[test]
    fn one_script_starts_two_modules_if_it_offers_both_what_they_import() {
        let whole = write(SCRIPT, "m").unwrap().core;
        let (before, after) = SCRIPT.split_once("        c: function").unwrap();
        let small = [before, after.split_once("        },\n").unwrap().1].concat();
        let small = write(&small, "m").unwrap().core;
        assert!(ensure_serves(&whole, &small).is_ok() && ensure_serves(&small, &whole).is_err());
    }

    #[test]
    fn what_reads_unlike_the_others_is_an_error() {
        for (from, to) in [
            ("wasm.engine_stop(this.__wbg_ptr);", "wasm.engine_halt(this.__wbg_ptr);"),
            ("return Engine.__wrap(ret[0]);", "return ret[1];"),
            ("passArray8ToWasm0(bytes", "passArray64ToWasm0(bytes"),
            ("predict(data, top_k, part", "predict(top_k, data, part"),
            ("arg1.stack;", "getArrayI64FromWasm0(arg1);"),
        ] {
            let changed = SCRIPT.replace(from, to);
            assert_ne!(changed, SCRIPT, "{from}");
            assert!(write(&changed, "m").is_err(), "{from}");
        }
    }
}
