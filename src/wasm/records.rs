//! What doors over sessions share: records for JavaScript, and its clock.

use serde::Serialize;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

/// A small record as a plain object.
pub(super) fn record<T: Serialize + ?Sized>(value: &T) -> Result<JsValue, JsValue> {
    Ok(value.serialize(&Serializer::new().serialize_maps_as_objects(true))?)
}

#[wasm_bindgen]
extern "C" {
    /// Milliseconds by the clock that workers, pages and Node have.
    #[wasm_bindgen(js_namespace = performance)]
    pub(super) fn now() -> f64;
}

/// Whether that much time went by since this call.
pub(super) fn deadline(milliseconds: f64) -> impl FnMut() -> bool {
    let end = now() + milliseconds;
    move || now() >= end
}
