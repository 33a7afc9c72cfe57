//! Explanations. Each call says its picture as `predict` does, by one method for all kinds of pictures.

use js_sys::{Float32Array, Object, Uint8Array};
use wasm_bindgen::prelude::*;

use super::infer::Engine;
use super::records::{deadline, record};
use super::{js_error, json, set};
use crate::error::Error;
use crate::explain::robustness::RobustnessOptions;
use crate::explain::{Disturbance, Explain};
use crate::session::Source;
use crate::settings::Setting;
use crate::value::Value;

#[wasm_bindgen]
impl Engine {
    /// `{ data, width, height, classIndex, layer }` for a picture of the model's input shape.
    pub fn explain(&mut self, prepared: &[u8], asked: &JsValue) -> Result<JsValue, JsValue> {
        let asked = plain(asked, "explain").and_then(Explain::try_from).map_err(js_error)?;
        let Some(map) = self.session.explain(Source::Prepared(prepared), &asked).map_err(js_error)? else {
            return Ok(JsValue::NULL);
        };
        let object = Object::new();
        set(&object, "data", &Float32Array::from(&map.data[..]));
        set(&object, "width", &(map.width as f64).into());
        set(&object, "height", &(map.height as f64).into());
        set(&object, "classIndex", &(map.class_index as f64).into());
        set(&object, "layer", &map.layer.map_or(JsValue::NULL, JsValue::from));
        Ok(object.into())
    }

    /// `{ data, shape }` of a layer, for a picture of the model's input shape.
    pub fn activations(&mut self, prepared: &[u8], layer: &str) -> Result<JsValue, JsValue> {
        let output = self.session.activations(Source::Prepared(prepared), layer).map_err(js_error)?;
        let Some(output) = output else { return Ok(JsValue::NULL) };
        let object = Object::new();
        set(&object, "data", &Float32Array::from(&output.data[..]));
        set(&object, "shape", &record(&output.shape)?);
        Ok(object.into())
    }

    /// A picture of the model's input shape, disturbed.
    pub fn disturb(
        &mut self,
        prepared: &[u8],
        class: Option<usize>,
        kind: &str,
        strength: f32,
        seed: f64,
        toward: bool,
    ) -> Result<Uint8Array, JsValue> {
        let kind = Disturbance::read("kind", Value::String(kind.into())).map_err(js_error)?;
        let source = Source::Prepared(prepared);
        let picture =
            self.session.disturb(source, class, kind, strength, seed as u64, toward).map_err(js_error)?;
        Ok(Uint8Array::from(&picture.unwrap_or_default()[..]))
    }

    /// The parameters of a layer, `[{ name, shape, data }]`.
    #[wasm_bindgen(js_name = layerParameters)]
    pub fn layer_parameters(&self, layer: &str) -> js_sys::Array {
        let model = self.session.model();
        let tensors = model.graph().param_tensors().into_iter().filter(|(node, ..)| *node == layer);
        tensors
            .map(|(_, spec, range)| {
                let object = Object::new();
                let shape: js_sys::Array =
                    spec.shape.iter().map(|&side| JsValue::from(side as f64)).collect();
                set(&object, "name", &spec.name.into());
                set(&object, "shape", &shape);
                set(&object, "data", &Float32Array::from(&model.params[range]));
                JsValue::from(object)
            })
            .collect()
    }

    /// Begins a curve of robustness.
    #[wasm_bindgen(js_name = startRobustness)]
    pub fn start_robustness(&mut self, options: &JsValue) -> Result<(), JsValue> {
        let options = plain(options, "robustness").and_then(RobustnessOptions::try_from).map_err(js_error)?;
        self.session.start_robustness(options).map_err(js_error)
    }

    /// Goes on with it for about that long: `{ share, points }`.
    #[wasm_bindgen(js_name = robustnessSlice)]
    pub fn robustness_slice(&mut self, milliseconds: f64) -> Result<JsValue, JsValue> {
        let mut out_of_time = deadline(milliseconds);
        let (share, points) = self.session.robustness_slice(&mut out_of_time).map_err(js_error)?;
        let object = Object::new();
        set(&object, "share", &share.into());
        set(&object, "points", &record(&points)?);
        Ok(object.into())
    }
}

fn plain(value: &JsValue, option: &str) -> crate::Result<Value> {
    json::value_of(value).map_err(|got| Error::config(option, "a plain object", got))
}
