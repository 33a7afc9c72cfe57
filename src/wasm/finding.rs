//! The search for a learning rate, gone on with in slices.

use wasm_bindgen::prelude::*;

use super::infer::Engine;
use super::records::{deadline, record};
use super::{js_error, json};
use crate::error::{self, Error};
use crate::train::TrainOptions;
use crate::train::finder::Climb;
use crate::value::Value;

#[wasm_bindgen]
impl Engine {
    /// Begins a run by a training's options whose rate climbs as `{ low, high, steps }` says; the model stays as it is.
    #[wasm_bindgen(js_name = startFinding)]
    pub fn start_finding(&mut self, options: &JsValue, climb: &JsValue) -> Result<(), JsValue> {
        let options = value_of("options", options).and_then(TrainOptions::try_from).map_err(js_error)?;
        let climb = value_of("climb", climb).and_then(Climb::try_from).map_err(js_error)?;
        self.session.start_finding(options, climb).map_err(js_error)
    }

    /// Goes on with it for about that long: the share done, or at the end `{ rows, suggestion }`.
    #[wasm_bindgen(js_name = findSlice)]
    pub fn find_slice(&mut self, milliseconds: f64) -> Result<JsValue, JsValue> {
        let mut out_of_time = deadline(milliseconds);
        match self.session.find_slice(&mut out_of_time).map_err(js_error)? {
            Ok(range) => record(&range),
            Err(share) => Ok(JsValue::from(share)),
        }
    }

    /// Ends it before its time.
    #[wasm_bindgen(js_name = stopFinding)]
    pub fn stop_finding(&mut self) {
        self.session.stop_finding();
    }
}

fn value_of(name: &str, value: &JsValue) -> error::Result<Value> {
    json::value_of(value).map_err(|got| Error::config(name, "a plain object", got))
}
