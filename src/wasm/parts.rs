//! Rounds of training shared with other workers: numbers go to and from arrays of JavaScript, copied once.

use js_sys::Float32Array;
use wasm_bindgen::prelude::*;

use super::infer::Engine;
use super::js_error;
use super::records::record;
use crate::error::Error;
use crate::train::Piece;

#[wasm_bindgen]
impl Engine {
    /// Begins the next round, of training or validation: whether it is the last of its kind in the epoch.
    #[wasm_bindgen(js_name = beginRound)]
    pub fn begin_round(&mut self) -> Result<bool, JsValue> {
        self.session.begin_round().map_err(js_error)
    }

    /// Computes part `idx` of the `n_parts` of the round begun up to its piece 0, which it writes into an array of
    /// `pieceLength`; whether there is that piece.
    #[wasm_bindgen(js_name = computeEnd)]
    pub fn compute_end(&mut self, idx: usize, n_parts: usize, array: &Float32Array) -> Result<bool, JsValue> {
        self.fitting(n_parts, 0, array).map_err(js_error)?;
        let mut start = 0;
        let mut put = |numbers: &[f32]| next(array, &mut start, numbers.len()).copy_from(numbers);
        self.session.compute_end(idx, n_parts, &mut put).map_err(js_error)
    }

    /// Computes the rest of the part, up to its piece 1.
    #[wasm_bindgen(js_name = computeRest)]
    pub fn compute_rest(&mut self, idx: usize, n_parts: usize) -> Result<(), JsValue> {
        self.session.compute_rest(idx, n_parts).map_err(js_error)
    }

    /// The length of the array in which a piece of one of `n_parts` parts travels.
    #[wasm_bindgen(js_name = pieceLength)]
    pub fn piece_len(&mut self, piece: u8, n_parts: usize) -> Result<usize, JsValue> {
        self.session.piece_len(piece_of(piece), n_parts).map_err(js_error)
    }

    /// Writes a piece of a part that is here into an array of `pieceLength`.
    #[wasm_bindgen(js_name = writePiece)]
    pub fn write_piece(
        &mut self,
        idx: usize,
        n_parts: usize,
        piece: u8,
        array: &Float32Array,
    ) -> Result<(), JsValue> {
        let piece = self.fitting(n_parts, piece, array).map_err(js_error)?;
        let mut start = 0;
        let mut put = |numbers: &[f32]| next(array, &mut start, numbers.len()).copy_from(numbers);
        self.session.write_piece(idx, n_parts, piece, &mut put).map_err(js_error)
    }

    /// Takes over a piece of a part that another worker wrote; its neighbor must be here.
    #[wasm_bindgen(js_name = takePiece)]
    pub fn take_piece(
        &mut self,
        idx: usize,
        n_parts: usize,
        piece: u8,
        array: &Float32Array,
    ) -> Result<(), JsValue> {
        let piece = self.fitting(n_parts, piece, array).map_err(js_error)?;
        let mut start = 0;
        let mut take = |numbers: &mut [f32]| next(array, &mut start, numbers.len()).copy_to(numbers);
        self.session.take_piece(idx, n_parts, piece, &mut take).map_err(js_error)
    }

    /// Ends the round, all parts of which are here. If asked for, tells how far the training is, which ends here if it is
    /// finished.
    #[wasm_bindgen(js_name = endRound)]
    pub fn end_round(&mut self, reports: bool) -> Result<JsValue, JsValue> {
        self.session.end_round().map_err(js_error)?;
        if !reports {
            return Ok(JsValue::UNDEFINED);
        }
        record(&self.session.training_progress().map_err(js_error)?)
    }

    fn fitting(&mut self, n_parts: usize, piece: u8, array: &Float32Array) -> crate::Result<Piece> {
        let piece = piece_of(piece);
        if array.length() as usize != self.session.piece_len(piece, n_parts)? {
            return Err(Error::config("part", "an array of pieceLength", array.length()));
        }
        Ok(piece)
    }
}

fn piece_of(piece: u8) -> Piece {
    if piece == 0 { Piece::End } else { Piece::Rest }
}

/// The next `len` numbers of an array.
fn next(array: &Float32Array, start: &mut u32, len: usize) -> Float32Array {
    let end = *start + len as u32;
    let part = array.subarray(*start, end);
    *start = end;
    part
}
