//! Features of pictures, and classifiers of other classes learnt from them.

use js_sys::{Float32Array, Int32Array, Object, Uint8Array, Uint32Array};
use wasm_bindgen::prelude::*;

use super::infer::Engine;
use super::json::{self, BrowserJson};
use super::records::deadline;
use super::{js_error, set};
use crate::error::Error;
use crate::model::{Detail, Model, StorageType};
use crate::session::Source;
use crate::train::fine_tuner::{FineTuneOptions, Pictures, Unfrozen};
use crate::train::lesson::{Lesson, LessonOptions};

#[wasm_bindgen]
impl Engine {
    /// Features of pictures of the model's input shape, one byte a value, each in the views from `first_view` to before
    /// `end_view`; `numbers` are the pictures' own.
    #[wasm_bindgen(js_name = featuresBatch)]
    pub fn features_batch(
        &mut self,
        pictures: &[u8],
        numbers: &[u32],
        first_view: usize,
        end_view: usize,
        detail: &str,
        seed: f64,
    ) -> Result<Vec<f32>, JsValue> {
        let detail = detail_of(detail)?;
        self.session
            .features_batch(pictures, numbers, first_view..end_view, detail, seed as u64)
            .map_err(js_error)
    }

    /// A picture as the network's input, one byte a value; nothing for a blank one.
    pub fn prepare(
        &self,
        data: &[u8],
        width: usize,
        height: usize,
        channels: usize,
    ) -> Result<Option<Vec<u8>>, JsValue> {
        self.session.prepare(Source::Pixels { data, width, height, channels }).map_err(js_error)
    }

    /// The views from 0 to before `n_views` of a picture of the model's input shape themselves, as features are taken of
    /// them.
    #[wasm_bindgen(js_name = viewsOf)]
    pub fn views_of(
        &mut self,
        picture: &[u8],
        number: u32,
        n_views: usize,
        seed: f64,
    ) -> Result<Vec<u8>, JsValue> {
        self.session.views_of(picture, number, 0..n_views, seed as u64).map_err(js_error)
    }

    /// Keeps features of pictures for lessons, after those already kept of them.
    #[wasm_bindgen(js_name = keepFeatures)]
    pub fn keep_features(
        &mut self,
        numbers: &[u32],
        features: &Float32Array,
        detail: &str,
    ) -> Result<(), JsValue> {
        self.session.keep_features(numbers, &features.to_vec(), detail_of(detail)?).map_err(js_error)
    }

    /// Forgets what was kept of these pictures, or of all.
    #[wasm_bindgen(js_name = forgetFeatures)]
    pub fn forget_features(&mut self, numbers: Option<Vec<u32>>) {
        self.session.forget_features(numbers.as_deref());
    }

    /// A classifier learnt from features, or from those kept of the pictures of these numbers: `{ model, heldOut }`, the
    /// file's bytes and for each picture the class that was answered by a head that had not seen it, -1 where there was
    /// none.
    pub fn teach(
        &mut self,
        features: Option<Float32Array>,
        numbers: &[u32],
        classes: &[u32],
        labels: Vec<String>,
        detail: &str,
        options: &JsValue,
    ) -> Result<JsValue, JsValue> {
        let (detail, options) = (detail_of(detail)?, lesson_options(options)?);
        let learnt = match features {
            Some(features) => self.session.teach(&features.to_vec(), classes, &labels, detail, options),
            None => self.session.teach_known(numbers, classes, &labels, detail, options),
        };
        let (model, lesson) = learnt.map_err(js_error)?;
        Ok(taught(&model, &lesson).into())
    }

    /// Learns as [`teach`](Engine::teach), then begins to let the backbone learn on: its `last-block`, or `all` of it, for so
    /// many epochs at most. `pictures` are of the model's input shape, one byte a value.
    #[wasm_bindgen(js_name = startFineTuning)]
    pub fn start_fine_tuning(
        &mut self,
        features: Option<Float32Array>,
        pictures: Vec<u8>,
        numbers: Vec<u32>,
        classes: Vec<u32>,
        labels: Vec<String>,
        detail: &str,
        options: &JsValue,
        unfreeze: &str,
        epochs: Option<u32>,
    ) -> Result<(), JsValue> {
        let (detail, lesson) = (detail_of(detail)?, lesson_options(options)?);
        let unfrozen = match unfreeze {
            "lastBlock" => Unfrozen::LastBlock,
            "all" => Unfrozen::All,
            other => return Err(js_error(Error::config("unfreeze", "lastBlock or all", other))),
        };
        let mut tuning = FineTuneOptions::usual(unfrozen, classes.len(), lesson.seed);
        if let Some(epochs) = epochs {
            if !(1..=1000).contains(&epochs) {
                return Err(js_error(Error::config("epochs", "1 to 1000", epochs)));
            }
            tuning.epochs = epochs;
        }
        let features = features.map(|features| features.to_vec());
        let pictures = Pictures { pixels: pictures, classes, numbers };
        self.session
            .start_fine_tuning(features.as_deref(), pictures, &labels, detail, lesson, tuning)
            .map_err(js_error)
    }

    /// Goes on with it for about so many milliseconds; how far it is then, from 0 to 1. At 1 it is finished.
    #[wasm_bindgen(js_name = fineTuneSlice)]
    pub fn fine_tune_slice(&mut self, milliseconds: f64) -> Result<f32, JsValue> {
        self.session.fine_tune_slice(&mut deadline(milliseconds)).map_err(js_error)
    }

    /// What it came to, or nothing of one that was not finished and ends here: as of [`teach`](Engine::teach), and `epochs` learnt from all pictures, 0 where the classifier stayed
    /// as it was; `judges`, the places of the pictures that decided; their `answersBefore` and `answersAfter`.
    #[wasm_bindgen(js_name = finishFineTuning)]
    pub fn finish_fine_tuning(&mut self) -> Option<Object> {
        let (tuned, lesson) = self.session.finish_fine_tuning()?;
        let object = taught(&tuned.model, &lesson);
        set(&object, "epochs", &tuned.epochs.into());
        for (name, values) in [
            ("judges", &tuned.held_out),
            ("answersBefore", &tuned.before.answers),
            ("answersAfter", &tuned.after.answers),
        ] {
            set(&object, name, &Uint32Array::from(values.as_slice()));
        }
        Some(object)
    }
}

fn lesson_options(options: &JsValue) -> Result<LessonOptions, JsValue> {
    let options = json::value_of(options).map_err(|got| Error::config("options", "a plain object", got));
    options.and_then(LessonOptions::try_from).map_err(js_error)
}

/// The file's bytes, and for each picture the class that was answered, -1 where there was none.
fn taught(model: &Model, lesson: &Lesson) -> Object {
    let held_out: Vec<i32> =
        lesson.held_out.iter().map(|class| class.map_or(-1, |class| class as i32)).collect();
    let object = Object::new();
    let file = model.save_by::<BrowserJson>(StorageType::F32);
    set(&object, "model", &Uint8Array::from(file.as_slice()));
    set(&object, "heldOut", &Int32Array::from(held_out.as_slice()));
    object
}

fn detail_of(name: &str) -> Result<Detail, JsValue> {
    match name {
        "whole" => Ok(Detail::Whole),
        "parts" => Ok(Detail::Parts),
        other => Err(js_error(Error::config("detail", "whole or parts", other))),
    }
}
