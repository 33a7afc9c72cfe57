//! A run put aside in JavaScript's memory. A run is several times the network: were all of it in this engine's memory at
//! once, that would stay as large for good, so it passes through in pieces.

use js_sys::Uint8Array;
use wasm_bindgen::prelude::*;

use super::infer::Engine;
use super::js_error;
use super::json::BrowserJson;
use super::records::record;

#[wasm_bindgen]
impl Engine {
    /// The training under way as bytes, to go on with later.
    pub fn checkpoint(&mut self) -> Result<Uint8Array, JsValue> {
        let mut len = 0;
        self.session.checkpoint::<BrowserJson>(&mut |bytes| len += bytes.len() as u32).map_err(js_error)?;
        let whole = Uint8Array::new_with_length(len);
        let mut start = 0;
        let mut put = |bytes: &[u8]| {
            let end = start + bytes.len() as u32;
            whole.subarray(start, end).copy_from(bytes);
            start = end;
        };
        self.session.checkpoint::<BrowserJson>(&mut put).map_err(js_error)?;
        Ok(whole)
    }

    /// Goes on with a training that was put aside.
    #[wasm_bindgen(js_name = resumeTraining)]
    pub fn resume_training(&mut self, checkpoint: &Uint8Array) -> Result<JsValue, JsValue> {
        let mut start = 0;
        let mut next = |out: &mut [u8]| {
            let end = start + out.len() as u32;
            let is_there = end <= checkpoint.length();
            if is_there {
                checkpoint.subarray(start, end).copy_to(out);
                start = end;
            }
            is_there
        };
        record(&self.session.resume_training::<BrowserJson>(&mut next).map_err(js_error)?)
    }
}
