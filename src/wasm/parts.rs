//! Rounds of training shared with other workers: numbers go to and from arrays of JavaScript, copied once.

use js_sys::Float32Array;
use wasm_bindgen::prelude::*;

use super::infer::{Engine, record};
use super::js_error;
use crate::error::Error;
use crate::train::{Batches, Place};

#[wasm_bindgen]
impl Engine {
    /// Begins the next round: its place in numbers, for `followRound`; undefined if validation is next.
    #[wasm_bindgen(js_name = beginRound)]
    pub fn begin_round(&mut self) -> Result<Option<Vec<f64>>, JsValue> {
        let place = self.session.begin_round().map_err(js_error)?;
        Ok(place.map(|Place { step, n_summed, batches }| {
            let place = [step, n_summed as u64].into_iter().chain(batches.to_numbers());
            place.map(|number| number as f64).collect()
        }))
    }

    /// The length of the array that travels for one of `n_parts` parts.
    #[wasm_bindgen(js_name = partLength)]
    pub fn part_len(&mut self, n_parts: usize) -> Result<usize, JsValue> {
        self.session.part_len(n_parts).map_err(js_error)
    }

    /// Writes the parameters and statistics into an array of `partLength`.
    #[wasm_bindgen(js_name = writeModel)]
    pub fn write_model(&mut self, array: &Float32Array) {
        let mut start = 0;
        self.session.write_model(&mut |numbers| put(array, &mut start, numbers));
    }

    /// Begins the leader's round, with the leader's parameters and statistics.
    #[wasm_bindgen(js_name = followRound)]
    pub fn follow_round(&mut self, place: &[f64], array: &Float32Array) -> Result<(), JsValue> {
        let Ok([step, n_summed, batches @ ..]) = <[f64; 7]>::try_from(place) else {
            return Err(js_error(Error::config("place", "as beginRound gave it", place.len())));
        };
        let batches = Batches::from_numbers(batches.map(|number| number as u64));
        let place = Place { step: step as u64, n_summed: n_summed as usize, batches };
        let mut start = 0;
        self.session.follow_round(place, &mut |numbers| take(array, &mut start, numbers)).map_err(js_error)
    }

    /// Computes part `idx` of the `n_parts` of the round begun.
    #[wasm_bindgen(js_name = computePart)]
    pub fn compute_part(&mut self, idx: usize, n_parts: usize) -> Result<(), JsValue> {
        self.session.compute_part(idx, n_parts).map_err(js_error)
    }

    /// Writes what a part came to into an array of `partLength`.
    #[wasm_bindgen(js_name = writePart)]
    pub fn write_part(&mut self, idx: usize, n_parts: usize, array: &Float32Array) -> Result<(), JsValue> {
        let mut start = 0;
        self.session
            .write_part(idx, n_parts, &mut |numbers| put(array, &mut start, numbers))
            .map_err(js_error)
    }

    /// Takes over a part that another worker wrote.
    #[wasm_bindgen(js_name = readPart)]
    pub fn read_part(&mut self, idx: usize, n_parts: usize, array: &Float32Array) -> Result<(), JsValue> {
        let len = self.session.part_len(n_parts).map_err(js_error)?;
        if array.length() as usize != len {
            return Err(js_error(Error::config("part", "an array of partLength", array.length())));
        }
        let mut start = 0;
        self.session
            .read_part(idx, n_parts, &mut |numbers| take(array, &mut start, numbers))
            .map_err(js_error)
    }

    /// Ends the round, all parts of which are here.
    #[wasm_bindgen(js_name = endRound)]
    pub fn end_round(&mut self, n_parts: usize) -> Result<JsValue, JsValue> {
        record(&self.session.end_round(n_parts).map_err(js_error)?)
    }
}

fn put(array: &Float32Array, start: &mut u32, numbers: &[f32]) {
    let end = *start + numbers.len() as u32;
    array.subarray(*start, end).copy_from(numbers);
    *start = end;
}

fn take(array: &Float32Array, start: &mut u32, numbers: &mut [f32]) {
    let end = *start + numbers.len() as u32;
    array.subarray(*start, end).copy_to(numbers);
    *start = end;
}
