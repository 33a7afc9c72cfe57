//! The wasm doors: what JavaScript calls, translated and handed on. Nothing is decided here.
//!
//! Each door is a module of its own: `inference` and `engine` over the session (features `inference-door` and `engine-door`, which has a
//! generator's too), `decode` over the picture decoders (feature `decode-door`). Absent by design: anything the native program would
//! have to repeat.

#[cfg(feature = "engine-door")]
mod checkpoint;
#[cfg(feature = "engine-door")]
mod correction;
#[cfg(feature = "engine-door")]
mod data;
#[cfg(feature = "decode-door")]
mod decode;
#[cfg(feature = "engine-door")]
mod explain;
#[cfg(feature = "engine-door")]
mod finding;
#[cfg(feature = "engine-door")]
mod gan;
#[cfg(feature = "inference-door")]
mod infer;
#[cfg(feature = "inference-door")]
mod json;
#[cfg(feature = "engine-door")]
mod parts;
#[cfg(feature = "inference-door")]
mod records;
#[cfg(feature = "engine-door")]
mod search;
#[cfg(feature = "engine-door")]
mod teach;
#[cfg(feature = "engine-door")]
mod train;

use std::panic;
use std::sync::OnceLock;

use js_sys::Reflect;
use wasm_bindgen::prelude::*;

/// The first panic's text: what follows it only tells of the state it left behind.
static FIRST_PANIC: OnceLock<String> = OnceLock::new();

/// Runs once, when the module is instantiated.
#[wasm_bindgen(start)]
fn start() {
    panic::set_hook(Box::new(|info| {
        FIRST_PANIC.get_or_init(|| info.to_string());
        console_error_panic_hook::hook(info);
    }));
}

/// The first panic's text; after one, nothing of this instance can be trusted.
#[wasm_bindgen(js_name = panicText)]
pub fn panic_text() -> Option<String> {
    FIRST_PANIC.get().cloned()
}

/// The build this module is of, which must be the page's own.
#[wasm_bindgen]
pub fn build() -> String {
    option_env!("OCELLI_BUILD").unwrap_or("unnamed").into()
}

/// An `Error` object of JavaScript, with the stable `code`.
fn js_error(error: Box<crate::Error>) -> JsValue {
    let object = js_sys::Error::new(&error.to_string());
    set(&object, "code", &error.code().into());
    object.into()
}

/// `object[name] = value`
fn set(object: &JsValue, name: &str, value: &JsValue) {
    Reflect::set(object, &name.into(), value).expect("a fresh object takes every property");
}
