//! Corrections of single pictures.

use wasm_bindgen::prelude::*;

use super::infer::Engine;
use super::js_error;
use super::records::record;

#[wasm_bindgen]
impl Engine {
    /// Shows the network up to `n` more of the examples that it shall not forget; whether all have been seen.
    pub fn recall(&mut self, n: usize) -> Result<bool, JsValue> {
        self.session.recall(n).map_err(js_error)
    }

    /// Has the last layer learn that a picture of the model's input shape is of this class.
    pub fn correct(&mut self, picture: &[u8], class: u32) -> Result<JsValue, JsValue> {
        record(&self.session.correct(picture, class).map_err(js_error)?)
    }

    /// Takes the last correction back.
    #[wasm_bindgen(js_name = undoCorrection)]
    pub fn undo_correction(&mut self) -> Result<JsValue, JsValue> {
        record(&self.session.undo_correction().map_err(js_error)?)
    }
}
