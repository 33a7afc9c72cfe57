//! What only the training engine does: new models, data sets, runs over them, files.

use js_sys::{Object, Uint8Array};
use wasm_bindgen::prelude::*;

use super::infer::{Engine, prediction_record};
use super::json::{self, BrowserJson};
use super::records::{deadline, now, record};
use super::{js_error, set};
use crate::data::views::Views;
use crate::data::{generated, idx};
use crate::error::{Error, Limits};
use crate::model::{Model, ModelSpec, StorageType, zoo};
use crate::session::{EvaluationSet, Session, Source};
use crate::train::{TrainChanges, TrainOptions};
use crate::value::Value;

#[wasm_bindgen]
impl Engine {
    /// An untrained model from a network's record, a preset's name, or `{ preset, inputShape }` for the preset on
    /// pictures of another shape.
    ///
    /// `seed` is a whole number, as JavaScript has them.
    pub fn create(spec: &JsValue, seed: f64) -> Result<Engine, JsValue> {
        let spec = json::value_of(spec).map_err(|got| js_error(Error::config("spec", "a network", got)))?;
        let spec = match spec {
            Value::String(name) => zoo::preset(&name),
            record if record.get("preset").is_some() => zoo::preset_of(record),
            record => ModelSpec::try_from(record),
        };
        let session = spec.and_then(|spec| Session::new(Model::create(spec, seed as u64)?));
        Ok(Engine::over(session.map_err(js_error)?))
    }

    /// The probability of each class for pictures of the model's input shape, one byte a value, one after the other.
    #[wasm_bindgen(js_name = predictBatch)]
    pub fn predict_batch(&mut self, pictures: &[u8]) -> Result<Vec<f32>, JsValue> {
        self.session.predict_batch(pictures).map_err(js_error)
    }

    /// What the network thinks of a picture that is already of its input shape, by the mean over several views of it.
    #[wasm_bindgen(js_name = predictViews)]
    pub fn predict_views(&mut self, data: &[u8], top_k: usize, views: &JsValue) -> Result<JsValue, JsValue> {
        let views = views_of(views).map_err(js_error)?;
        let prediction =
            self.session.predict_views(Source::Prepared(data), top_k, &views).map_err(js_error)?;
        prediction_record(&prediction, self.input_shape)
    }

    /// Takes the examples of two unpacked IDX files.
    #[wasm_bindgen(js_name = setDataset)]
    pub fn set_dataset(&mut self, images: &[u8], labels: &[u8]) -> Result<JsValue, JsValue> {
        let dataset = idx::dataset(images, labels, &Limits::default()).map_err(js_error)?;
        record(&self.session.set_dataset(dataset).map_err(js_error)?)
    }

    /// Takes `count` examples of a data set that is made from a seed.
    #[wasm_bindgen(js_name = setGenerated)]
    pub fn set_generated(&mut self, name: &str, count: usize, seed: f64) -> Result<JsValue, JsValue> {
        let dataset = generated::generate(name, count, seed as u64).map_err(js_error)?;
        record(&self.session.set_dataset(dataset).map_err(js_error)?)
    }

    /// An example of the data set: `{ data, classIndex }`.
    pub fn example(&self, index: usize) -> Result<JsValue, JsValue> {
        let (picture, class) = self.session.example(index).map_err(js_error)?;
        let object = Object::new();
        set(&object, "data", &Uint8Array::from(picture));
        set(&object, "classIndex", &class.into());
        Ok(object.into())
    }

    /// The examples that an evaluation on `validation` is of.
    pub fn evaluated(&self) -> Result<Vec<u32>, JsValue> {
        self.session.evaluated().map_err(js_error)
    }

    /// Starts a training, which slices go on with.
    #[wasm_bindgen(js_name = startTraining)]
    pub fn start_training(&mut self, options: &JsValue) -> Result<JsValue, JsValue> {
        let options = json::value_of(options).map_err(|got| Error::config("options", "a plain object", got));
        let options = options.and_then(TrainOptions::try_from).map_err(js_error)?;
        record(&self.session.start_training(options).map_err(js_error)?)
    }

    /// Trains for about that long, and one batch at least.
    #[wasm_bindgen(js_name = trainSlice)]
    pub fn train_slice(&mut self, milliseconds: f64) -> Result<JsValue, JsValue> {
        let mut out_of_time = deadline(milliseconds);
        record(&self.session.train_slice(&mut out_of_time).map_err(js_error)?)
    }

    /// Changes options of the run from the next step on: `{ learningRate, batchSize, momentum, beta1 }`, each if given.
    #[wasm_bindgen(js_name = changeTraining)]
    pub fn change_training(&mut self, changes: &JsValue) -> Result<JsValue, JsValue> {
        let changes = json::value_of(changes).map_err(|got| Error::config("changes", "a plain object", got));
        let changes = changes.and_then(TrainChanges::try_from).map_err(js_error)?;
        record(&self.session.change_training(&changes).map_err(js_error)?)
    }

    /// What goes on inside the network that learns, and the bytes of this engine's memory.
    pub fn internals(&mut self) -> Result<JsValue, JsValue> {
        let internals = record(&self.session.internals(&mut now).map_err(js_error)?)?;
        set(internals.unchecked_ref(), "memoryBytes", &memory_bytes().into());
        Ok(internals)
    }

    /// Ends the training under way.
    #[wasm_bindgen(js_name = stopTraining)]
    pub fn stop_training(&mut self) -> Result<JsValue, JsValue> {
        record(&self.session.stop_training().map_err(js_error)?)
    }

    /// Starts an evaluation on the `validation` split or on `all` examples, by the mean over `views` of each if they are
    /// given; how many examples these are.
    #[wasm_bindgen(js_name = startEvaluation)]
    pub fn start_evaluation(&mut self, which: &str, views: &JsValue) -> Result<usize, JsValue> {
        let views = if views.is_undefined() { Ok(Views::default()) } else { views_of(views) };
        let which = match which {
            "validation" => EvaluationSet::Validation,
            "all" => EvaluationSet::All,
            other => return Err(js_error(Error::config("evaluate", "validation or all", other))),
        };
        let started = views.and_then(|views| self.session.start_evaluation_of(which, views));
        started.map_err(js_error)
    }

    /// Evaluates for about that long: how many examples are done, or at the end the evaluation itself.
    #[wasm_bindgen(js_name = evaluateSlice)]
    pub fn evaluate_slice(&mut self, milliseconds: f64) -> Result<JsValue, JsValue> {
        let mut out_of_time = deadline(milliseconds);
        match self.session.evaluate_slice(&mut out_of_time).map_err(js_error)? {
            Ok(evaluation) => record(&evaluation),
            Err(n_done) => Ok(JsValue::from(n_done as f64)),
        }
    }

    /// The model as a file's bytes; weights stored as `f32`, `f16` or `i8`.
    pub fn save(&self, storage: &str) -> Result<Vec<u8>, JsValue> {
        let storage = match storage {
            "f32" => StorageType::F32,
            "f16" => StorageType::F16,
            "i8" => StorageType::I8,
            other => return Err(js_error(Error::config("storage", "f32, f16 or i8", other))),
        };
        Ok(self.session.model().save_by::<BrowserJson>(storage))
    }
}

fn views_of(views: &JsValue) -> crate::Result<Views> {
    json::value_of(views)
        .map_err(|got| Error::config("views", "a plain object", got))
        .and_then(Views::try_from)
}

/// What the engine has of the tab's memory.
fn memory_bytes() -> f64 {
    #[cfg(target_arch = "wasm32")]
    let n_pages = core::arch::wasm32::memory_size(0);
    #[cfg(not(target_arch = "wasm32"))]
    let n_pages = 0;
    n_pages as f64 * 65_536.0
}
