//! Features of pictures, and classifiers of other classes learnt from them.

use js_sys::{Float32Array, Int32Array, Object, Uint8Array};
use wasm_bindgen::prelude::*;

use super::infer::Engine;
use super::json::{self, BrowserJson};
use super::{js_error, set};
use crate::error::Error;
use crate::model::{Detail, StorageType};
use crate::train::lesson::LessonOptions;

#[wasm_bindgen]
impl Engine {
    /// Features of pictures of the model's input shape, one byte a value, each in `n_views` views; `numbers` are the
    /// pictures' own.
    #[wasm_bindgen(js_name = featuresBatch)]
    pub fn features_batch(
        &mut self,
        pictures: &[u8],
        numbers: &[u32],
        n_views: usize,
        detail: &str,
        seed: f64,
    ) -> Result<Vec<f32>, JsValue> {
        let detail = detail_of(detail)?;
        self.session.features_batch(pictures, numbers, n_views, detail, seed as u64).map_err(js_error)
    }

    /// A classifier learnt from features: `{ model, heldOut }`, the file's bytes and for each picture the class that was
    /// answered by a head that had not seen it, -1 where there was none.
    pub fn teach(
        &mut self,
        features: &Float32Array,
        classes: &[u32],
        labels: Vec<String>,
        detail: &str,
        options: &JsValue,
    ) -> Result<JsValue, JsValue> {
        let detail = detail_of(detail)?;
        let options = json::value_of(options).map_err(|got| Error::config("options", "a plain object", got));
        let options = options.and_then(LessonOptions::try_from).map_err(js_error)?;
        let features = features.to_vec();
        let (model, lesson) =
            self.session.teach(&features, classes, &labels, detail, options).map_err(js_error)?;
        let held_out: Vec<i32> =
            lesson.held_out.iter().map(|class| class.map_or(-1, |class| class as i32)).collect();
        let object = Object::new();
        let file = model.save_by::<BrowserJson>(StorageType::F32);
        set(&object, "model", &Uint8Array::from(file.as_slice()));
        set(&object, "heldOut", &Int32Array::from(held_out.as_slice()));
        Ok(object.into())
    }
}

fn detail_of(name: &str) -> Result<Detail, JsValue> {
    match name {
        "whole" => Ok(Detail::Whole),
        "parts" => Ok(Detail::Parts),
        other => Err(js_error(Error::config("detail", "whole or parts", other))),
    }
}
