//! The engine's door: one session, its records as plain objects, its pixels and weights as typed arrays.

use js_sys::{Date, JSON, Object, Uint8Array};
use serde::Serialize;
use serde_json::Value;
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;
use web_sys::{ImageData, Performance, WorkerGlobalScope};

use super::{js_error, set};
use crate::data::idx;
use crate::error::{Error, Limits};
use crate::image::strokes::Point;
use crate::model::{Model, ModelSpec, StorageType, zoo};
use crate::session::{EvaluationSet, Prediction, Session, Source};
use crate::train::TrainOptions;

/// One model with its data set and training.
#[wasm_bindgen]
pub struct Engine {
    session: Session,
    input_shape: [usize; 3],
    clock: Clock,
}

#[wasm_bindgen]
impl Engine {
    /// A model from a file's bytes.
    pub fn load(bytes: &[u8]) -> Result<Engine, JsValue> {
        Ok(Engine::over(Session::load(bytes, &Limits::default()).map_err(js_error)?))
    }

    /// An untrained model from a network's JSON, which is a preset's name if it is a string.
    ///
    /// `seed` is a whole number, as JavaScript has them.
    pub fn create(spec_json: &str, seed: f64) -> Result<Engine, JsValue> {
        let seed = seed as u64;
        let spec = match parse(spec_json)? {
            Value::String(name) => zoo::preset(&name),
            record => ModelSpec::try_from(record),
        };
        let session = spec.and_then(|spec| Session::new(Model::create(spec, seed)?));
        Ok(Engine::over(session.map_err(js_error)?))
    }

    /// What the model is.
    pub fn info(&self) -> Result<JsValue, JsValue> {
        record(&self.session.info())
    }

    /// What the network thinks of pixels in memory: `data` has `height`·`width`·`channels` bytes.
    #[wasm_bindgen(js_name = predictPixels)]
    pub fn predict_pixels(
        &mut self,
        data: &[u8],
        width: usize,
        height: usize,
        channels: usize,
        top_k: usize,
    ) -> Result<JsValue, JsValue> {
        self.predict(Source::Pixels { data, width, height, channels }, top_k)
    }

    /// What the network thinks of a canvas' pixels.
    #[wasm_bindgen(js_name = predictImageData)]
    pub fn predict_image_data(&mut self, image: &ImageData, top_k: usize) -> Result<JsValue, JsValue> {
        let data = image.data();
        let (width, height) = (image.width() as usize, image.height() as usize);
        self.predict(Source::Pixels { data: &data, width, height, channels: 4 }, top_k)
    }

    /// What the network thinks of a pen's path: `points` are x, y, x, y, …; stroke i has `lengths[i]` points.
    #[wasm_bindgen(js_name = predictStrokes)]
    pub fn predict_strokes(
        &mut self,
        points: &[f32],
        lengths: &[u32],
        top_k: usize,
    ) -> Result<JsValue, JsValue> {
        let mut points = points.chunks_exact(2).map(|xy| Point { x: xy[0], y: xy[1] });
        let strokes: Vec<Vec<Point>> =
            lengths.iter().map(|&n_points| points.by_ref().take(n_points as usize).collect()).collect();
        self.predict(Source::Strokes(&strokes), top_k)
    }

    /// What the network thinks of a picture that is already of its input shape, one byte a value.
    #[wasm_bindgen(js_name = predictPrepared)]
    pub fn predict_prepared(&mut self, data: &[u8], top_k: usize) -> Result<JsValue, JsValue> {
        self.predict(Source::Prepared(data), top_k)
    }

    /// Takes the examples of two unpacked IDX files.
    #[wasm_bindgen(js_name = setDataset)]
    pub fn set_dataset(&mut self, images: &[u8], labels: &[u8]) -> Result<JsValue, JsValue> {
        let dataset = idx::dataset(images, labels, &Limits::default()).map_err(js_error)?;
        record(&self.session.set_dataset(dataset).map_err(js_error)?)
    }

    /// Starts a training, which slices go on with.
    #[wasm_bindgen(js_name = startTraining)]
    pub fn start_training(&mut self, options: &JsValue) -> Result<JsValue, JsValue> {
        // By way of JSON, which refuses an option it does not know; reading the object directly would overlook it.
        let json = JSON::stringify(options)?.as_string().unwrap_or_default();
        let options = TrainOptions::try_from(parse(&json)?).map_err(js_error)?;
        record(&self.session.start_training(options).map_err(js_error)?)
    }

    /// Trains for about that long, and one batch at least.
    #[wasm_bindgen(js_name = trainSlice)]
    pub fn train_slice(&mut self, milliseconds: f64) -> Result<JsValue, JsValue> {
        let mut out_of_time = self.clock.deadline(milliseconds);
        record(&self.session.train_slice(&mut out_of_time).map_err(js_error)?)
    }

    /// Changes the learning rate of the training under way.
    #[wasm_bindgen(js_name = setLearningRate)]
    pub fn set_learning_rate(&mut self, learning_rate: f32) -> Result<(), JsValue> {
        self.session.set_learning_rate(learning_rate).map_err(js_error)
    }

    /// Ends the training under way.
    #[wasm_bindgen(js_name = stopTraining)]
    pub fn stop_training(&mut self) -> Result<JsValue, JsValue> {
        record(&self.session.stop_training().map_err(js_error)?)
    }

    /// Starts an evaluation on the `validation` split or on `all` examples; how many these are.
    #[wasm_bindgen(js_name = startEvaluation)]
    pub fn start_evaluation(&mut self, which: &str) -> Result<usize, JsValue> {
        let which = match which {
            "validation" => EvaluationSet::Validation,
            "all" => EvaluationSet::All,
            other => return Err(js_error(Error::config("evaluate", "validation or all", other))),
        };
        self.session.start_evaluation(which).map_err(js_error)
    }

    /// Evaluates for about that long: how many examples are done, or at the end the evaluation itself.
    #[wasm_bindgen(js_name = evaluateSlice)]
    pub fn evaluate_slice(&mut self, milliseconds: f64) -> Result<JsValue, JsValue> {
        let mut out_of_time = self.clock.deadline(milliseconds);
        match self.session.evaluate_slice(&mut out_of_time).map_err(js_error)? {
            Ok(evaluation) => record(&evaluation),
            Err(n_done) => Ok(JsValue::from(n_done as f64)),
        }
    }

    /// The model as a file's bytes; weights stored as `f32`, `f16` or `i8`.
    pub fn save(&self, storage: &str) -> Result<Vec<u8>, JsValue> {
        match storage {
            "f32" => Ok(self.session.save(StorageType::F32)),
            "f16" => Ok(self.session.save(StorageType::F16)),
            "i8" => Ok(self.session.save(StorageType::I8)),
            other => Err(js_error(Error::config("storage", "f32, f16 or i8", other))),
        }
    }
}

impl Engine {
    fn over(session: Session) -> Engine {
        let input_shape = session.info().input_shape;
        Engine { session, input_shape, clock: Clock::new() }
    }

    fn predict(&mut self, source: Source<'_>, top_k: usize) -> Result<JsValue, JsValue> {
        let prediction = self.session.predict(source, top_k).map_err(js_error)?;
        prediction_record(&prediction, self.input_shape)
    }
}

/// `{ classes, blank, input: { data, width, height, channels } | null }`; the picture's bytes as a typed array.
fn prediction_record(
    prediction: &Prediction,
    [height, width, channels]: [usize; 3],
) -> Result<JsValue, JsValue> {
    let object = Object::new();
    set(&object, "classes", &record(&prediction.classes)?);
    set(&object, "blank", &prediction.blank.into());
    let input = if prediction.input.is_empty() {
        JsValue::NULL
    } else {
        let input = Object::new();
        set(&input, "data", &Uint8Array::from(prediction.input.as_slice()));
        set(&input, "width", &(width as f64).into());
        set(&input, "height", &(height as f64).into());
        set(&input, "channels", &(channels as f64).into());
        input.into()
    };
    set(&object, "input", &input);
    Ok(object.into())
}

fn parse(json: &str) -> Result<Value, JsValue> {
    serde_json::from_str(json)
        .map_err(|error| js_error(Error::format("JSON", "one value", error.to_string())))
}

/// A small record as a plain object.
fn record<T: Serialize + ?Sized>(value: &T) -> Result<JsValue, JsValue> {
    Ok(value.serialize(&Serializer::new().serialize_maps_as_objects(true))?)
}

/// The time: of the worker, or of the calendar where there is no worker, as in Node.
struct Clock {
    performance: Option<Performance>,
}

impl Clock {
    fn new() -> Clock {
        let scope = js_sys::global().dyn_into::<WorkerGlobalScope>().ok();
        Clock { performance: scope.and_then(|scope| scope.performance()) }
    }

    /// Milliseconds since some moment.
    fn now(&self) -> f64 {
        self.performance.as_ref().map_or_else(Date::now, Performance::now)
    }

    /// Whether that much time went by since this call.
    fn deadline(&self, milliseconds: f64) -> impl FnMut() -> bool + use<> {
        let clock = Clock { performance: self.performance.clone() };
        let end = clock.now() + milliseconds;
        move || clock.now() >= end
    }
}
