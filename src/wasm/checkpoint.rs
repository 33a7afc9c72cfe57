//! A run put aside in JavaScript's memory. A run is several times the network: were all of it in this engine's memory at
//! once, that would stay as large for good, so it passes through in pieces.

use js_sys::{Array, Uint8Array};
use wasm_bindgen::prelude::*;

use super::infer::{Engine, record};
use super::js_error;
use super::json::BrowserJson;

/// Bytes of a piece.
const PIECE: usize = 1 << 16;

#[wasm_bindgen]
impl Engine {
    /// The training under way as bytes, to go on with later.
    pub fn checkpoint(&mut self) -> Result<Uint8Array, JsValue> {
        let pieces = Array::new();
        let mut near: Vec<u8> = Vec::with_capacity(PIECE);
        let mut len = 0;
        let mut put = |mut bytes: &[u8]| {
            while !bytes.is_empty() {
                let (first, rest) = bytes.split_at(bytes.len().min(PIECE - near.len()));
                near.extend_from_slice(first);
                bytes = rest;
                len += first.len() as u32;
                if near.len() == PIECE {
                    pieces.push(&Uint8Array::from(&near[..]));
                    near.clear();
                }
            }
        };
        self.session.checkpoint::<BrowserJson>(&mut put).map_err(js_error)?;
        pieces.push(&Uint8Array::from(&near[..]));
        let whole = Uint8Array::new_with_length(len);
        let mut start = 0;
        for piece in pieces.iter() {
            let piece: Uint8Array = piece.unchecked_into();
            whole.set(&piece, start);
            start += piece.length();
        }
        Ok(whole)
    }

    /// Goes on with a training that was put aside.
    #[wasm_bindgen(js_name = resumeTraining)]
    pub fn resume_training(&mut self, checkpoint: &Uint8Array) -> Result<JsValue, JsValue> {
        let len = checkpoint.length() as usize;
        let mut near: Vec<u8> = Vec::with_capacity(PIECE);
        let (mut far, mut at) = (0, 0);
        let mut next = |out: &mut [u8]| {
            if out.len() > len - far + near.len() - at {
                return false;
            }
            let mut filled = 0;
            while filled < out.len() {
                if at == near.len() {
                    near.resize(PIECE.min(len - far), 0);
                    checkpoint.subarray(far as u32, (far + near.len()) as u32).copy_to(&mut near);
                    (far, at) = (far + near.len(), 0);
                }
                let n = (out.len() - filled).min(near.len() - at);
                out[filled..filled + n].copy_from_slice(&near[at..at + n]);
                (filled, at) = (filled + n, at + n);
            }
            true
        };
        record(&self.session.resume_training::<BrowserJson>(&mut next).map_err(js_error)?)
    }
}
