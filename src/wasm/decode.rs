//! The decoders' door: picture files to pixels, and photos of handwriting to digits.

use js_sys::{Object, Uint8Array, Uint32Array};
use wasm_bindgen::prelude::*;

use super::{js_error, set};
use crate::error::Limits;
use crate::image::{Pixels, page};

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

/// What may be digits in the photo of a page, in the order of reading: `{ width, height, places, pictures }`. Of each digit,
/// `places` has its row, its number in the row, and left, top, right and bottom; `pictures` 28 × 28 bytes.
///
/// # Errors
/// As [`decode`].
#[wasm_bindgen(js_name = findDigits)]
pub fn find_digits(bytes: &[u8]) -> Result<JsValue, JsValue> {
    let pixels = crate::image::decode::decode(bytes, &Limits::default()).map_err(js_error)?;
    Ok(digits_of(&pixels))
}

/// As [`find_digits`], of pixels in memory.
///
/// # Errors
/// `shape` where the bytes are not `width`·`height`·`channels`.
#[wasm_bindgen(js_name = findDigitsInPixels)]
pub fn find_digits_in_pixels(
    data: Vec<u8>,
    width: usize,
    height: usize,
    channels: usize,
) -> Result<JsValue, JsValue> {
    Ok(digits_of(&Pixels::new(width, height, channels, data).map_err(js_error)?))
}

fn digits_of(picture: &Pixels) -> JsValue {
    let (mut places, mut pictures) = (Vec::new(), Vec::new());
    for digit in page::digits(picture) {
        let bounds = digit.bounds;
        let place = [digit.row, digit.number, bounds.left, bounds.top, bounds.right, bounds.bottom];
        places.extend(place.map(|value| value as u32));
        pictures.extend(digit.picture.data);
    }
    let object = Object::new();
    set(&object, "width", &(picture.width as f64).into());
    set(&object, "height", &(picture.height as f64).into());
    set(&object, "places", &Uint32Array::from(places.as_slice()));
    set(&object, "pictures", &Uint8Array::from(pictures.as_slice()));
    object.into()
}
