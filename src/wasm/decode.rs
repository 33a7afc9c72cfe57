//! The decoders' door: picture files to pixels.

use js_sys::{Object, Uint8Array};
use wasm_bindgen::prelude::*;

use super::{js_error, set};
use crate::error::Limits;

/// Pixels of a picture file, upright: `{ data, width, height, channels }`, where `data` is a copy.
///
/// # Errors
/// As [`crate::image::decode::decode`].
#[wasm_bindgen]
pub fn decode(bytes: &[u8]) -> Result<JsValue, JsValue> {
    let pixels = crate::image::decode::decode(bytes, &Limits::default()).map_err(js_error)?;
    let object = Object::new();
    set(&object, "data", &Uint8Array::from(pixels.data.as_slice()));
    set(&object, "width", &(pixels.width as f64).into());
    set(&object, "height", &(pixels.height as f64).into());
    set(&object, "channels", &(pixels.channels as f64).into());
    Ok(object.into())
}
