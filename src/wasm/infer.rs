//! What both engines do: a model from a file, and what it thinks of pictures. Records are plain objects, pixels typed
//! arrays.

use js_sys::{Object, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::ImageData;

use super::json::BrowserJson;
use super::records::record;
use super::{js_error, set};
use crate::error::Limits;
use crate::image::strokes::{Point, Stroke};
use crate::model::Model;
use crate::session::{Prediction, Session, Source};

/// One session.
#[wasm_bindgen]
pub struct Engine {
    pub(super) session: Session,
    pub(super) input_shape: [usize; 3],
}

#[wasm_bindgen]
impl Engine {
    /// A model from a file's bytes.
    pub fn load(bytes: &[u8]) -> Result<Engine, JsValue> {
        let model = Model::load_by::<BrowserJson>(bytes, &Limits::default());
        Ok(Engine::over(model.and_then(Session::new).map_err(js_error)?))
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
        self.predict(Source::Strokes(&strokes_of(points, lengths)), top_k)
    }

    /// Which digit each stroke of a drawing belongs to: the digit's place in the order of reading; -1 for a stroke of none.
    #[wasm_bindgen(js_name = groupStrokes)]
    pub fn group_strokes(&mut self, points: &[f32], lengths: &[u32]) -> Vec<i32> {
        let mut places = vec![-1; lengths.len()];
        for (place, group) in self.session.group(&strokes_of(points, lengths)).iter().enumerate() {
            group.strokes.iter().for_each(|&stroke| places[stroke] = place as i32);
        }
        places
    }

    /// What the network thinks of a picture that is already of its input shape, one byte a value.
    #[wasm_bindgen(js_name = predictPrepared)]
    pub fn predict_prepared(&mut self, data: &[u8], top_k: usize) -> Result<JsValue, JsValue> {
        self.predict(Source::Prepared(data), top_k)
    }
}

impl Engine {
    pub(super) fn over(session: Session) -> Engine {
        let input_shape = session.info().input_shape;
        Engine { session, input_shape }
    }

    fn predict(&mut self, source: Source<'_>, top_k: usize) -> Result<JsValue, JsValue> {
        let prediction = self.session.predict(source, top_k).map_err(js_error)?;
        prediction_record(&prediction, self.input_shape)
    }
}

/// `points` are x, y, x, y, …; stroke i has `lengths[i]` of them.
fn strokes_of(points: &[f32], lengths: &[u32]) -> Vec<Stroke> {
    let mut points = points.chunks_exact(2).map(|xy| Point { x: xy[0], y: xy[1] });
    lengths.iter().map(|&n_points| points.by_ref().take(n_points as usize).collect()).collect()
}

/// `{ classes, blank, input: { data, width, height, channels } | null }`; the picture's bytes as a typed array.
pub(super) fn prediction_record(
    prediction: &Prediction,
    [height, width, channels]: [usize; 3],
) -> Result<JsValue, JsValue> {
    let object = Object::new();
    set(&object, "classes", &record(&prediction.classes)?);
    set(&object, "blank", &prediction.blank.into());
    set(&object, "novelty", &prediction.novelty.map_or(JsValue::NULL, JsValue::from));
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
