//! A search of options: its trials are trainings, gone on with in slices as any other.

use js_sys::Object;
use wasm_bindgen::prelude::*;

use super::infer::Engine;
use super::records::record;
use super::{js_error, json, set};
use crate::error::{self, Error};
use crate::train::search::SearchOptions;
use crate::value::Value;

#[wasm_bindgen]
impl Engine {
    /// Begins a search by `{ space, base, random, halving, seed }`.
    #[wasm_bindgen(js_name = startSearch)]
    pub fn start_search(&mut self, options: &JsValue) -> Result<(), JsValue> {
        let options = value_of("search", options).and_then(SearchOptions::try_from);
        options.and_then(|options| self.session.start_search(&options)).map_err(js_error)
    }

    /// Takes a row that the same search had before.
    #[wasm_bindgen(js_name = replayRow)]
    pub fn replay_row(&mut self, row: &JsValue) -> Result<JsValue, JsValue> {
        let row = value_of("resumeFrom", row).and_then(|row| self.session.replay_row(&row));
        record(&row.map_err(js_error)?)
    }

    /// Begins the next trial: `{ row, report }`; undefined if all are made.
    #[wasm_bindgen(js_name = startTrial)]
    pub fn start_trial(&mut self) -> Result<JsValue, JsValue> {
        match self.session.start_trial().map_err(js_error)? {
            Some((row, report)) => begun(&record(&row)?, &record(&report)?),
            None => Ok(JsValue::UNDEFINED),
        }
    }

    /// Notes how the trial went that ended: its row.
    #[wasm_bindgen(js_name = recordTrial)]
    pub fn record_trial(&mut self, accuracy: Option<f32>) -> Result<JsValue, JsValue> {
        record(&self.session.record_trial(accuracy).map_err(js_error)?)
    }

    /// Begins to train the best trial anew, on all examples: `{ row, report }`.
    #[wasm_bindgen(js_name = startBest)]
    pub fn start_best(&mut self) -> Result<JsValue, JsValue> {
        let (row, report) = self.session.start_best().map_err(js_error)?;
        begun(&record(&row)?, &record(&report)?)
    }
}

fn begun(row: &JsValue, report: &JsValue) -> Result<JsValue, JsValue> {
    let object = Object::new();
    set(&object, "row", row);
    set(&object, "report", report);
    Ok(object.into())
}

fn value_of(name: &str, value: &JsValue) -> error::Result<Value> {
    json::value_of(value).map_err(|got| Error::config(name, "a plain object", got))
}
