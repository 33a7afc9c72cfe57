//! The door to generators: what JavaScript calls to train one and to have it make pictures.

use js_sys::{Object, Uint8Array};
use wasm_bindgen::prelude::*;

use super::json::{self, BrowserJson};
use super::records::{deadline, record};
use super::{js_error, set};
use crate::data::idx;
use crate::error::{Error, Limits};
use crate::model::gan_preset;
use crate::session::GanSession;
use crate::train::gan::{GanOptions, Latent};

/// One generator with its discriminator.
#[wasm_bindgen]
pub struct GanEngine {
    session: GanSession,
}

#[wasm_bindgen]
impl GanEngine {
    /// Untrained networks of this name.
    pub fn create(preset: &str, options: &JsValue) -> Result<GanEngine, JsValue> {
        let session = gan_preset(preset).and_then(|spec| GanSession::create(spec, options_of(options)?));
        Ok(GanEngine { session: session.map_err(js_error)? })
    }

    /// The networks of a file's bytes.
    pub fn load(bytes: &[u8], options: &JsValue) -> Result<GanEngine, JsValue> {
        let session = options_of(options).and_then(|options| GanSession::load::<BrowserJson>(bytes, options));
        Ok(GanEngine { session: session.map_err(js_error)? })
    }

    /// What the networks are.
    pub fn info(&self) -> Result<JsValue, JsValue> {
        record(&self.session.info())
    }

    /// Takes the pictures of two unpacked IDX files.
    #[wasm_bindgen(js_name = setDataset)]
    pub fn set_dataset(&mut self, images: &[u8], labels: &[u8]) -> Result<JsValue, JsValue> {
        let dataset = idx::dataset(images, labels, &Limits::default()).map_err(js_error)?;
        record(&self.session.set_dataset(dataset).map_err(js_error)?)
    }

    /// Trains for about that long, and one step of both networks at least.
    #[wasm_bindgen(js_name = trainSlice)]
    pub fn train_slice(&mut self, milliseconds: f64) -> Result<JsValue, JsValue> {
        let mut out_of_time = deadline(milliseconds);
        record(&self.session.train_slice(&mut out_of_time).map_err(js_error)?)
    }

    /// One picture for each of `classes`, of the noise of `seed` led the share `at` of the way to that of `towards`:
    /// `{ data, diversity, realDiversity }`.
    pub fn sample(&self, classes: &[u32], seed: f64, towards: f64, at: f32) -> Result<JsValue, JsValue> {
        let latent = Latent { seed: seed as u64, towards: towards as u64, at };
        let samples = self.session.sample(classes, latent).map_err(js_error)?;
        let object = Object::new();
        set(&object, "data", &Uint8Array::from(samples.pixels.as_slice()));
        set(&object, "diversity", &f64::from(samples.diversity).into());
        set(&object, "realDiversity", &f64::from(samples.real_diversity).into());
        Ok(object.into())
    }

    /// Both networks as a file's bytes.
    pub fn save(&self) -> Result<Vec<u8>, JsValue> {
        self.session.save::<BrowserJson>().map_err(js_error)
    }
}

fn options_of(options: &JsValue) -> Result<GanOptions, Box<Error>> {
    let value = json::value_of(options).map_err(|got| Error::config("options", "a plain object", got))?;
    GanOptions::try_from(value)
}
