//! Models as safetensors files: one tensor for each parameter and running statistic, named
//! `node.tensor`, and the spec as JSON in the metadata under `ocelli`.

use std::ops::Range;

use half::f16;
use safetensors::tensor::Dtype;

use super::container::{self, Container, FORMAT, Tensor};
use super::{Model, ModelSpec, build, initialize};
use crate::error::{Error, Limits, Result};
use crate::graph::Initial;
use crate::json::Json;
#[cfg(feature = "json")]
use crate::json::SerdeJson;
use crate::told::Told;

/// The key of the metadata that holds the spec.
const SPEC_KEY: &str = "ocelli";

/// The tensor that tells what is none of the classes.
const NOVELTY: &str = "novelty";

/// How numbers are stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StorageType {
    /// Four bytes: exactly what was trained.
    #[default]
    F32,
    /// Two bytes, 11 significant bits: half the size; running statistics stay at four.
    F16,
    /// One byte for weights, as multiples of a step for each output channel (`name.step`: the largest weight
    /// of the channel is 127 steps); everything else as in `F16`. For download, not for going on training.
    I8,
}

impl Model {
    /// The model as the bytes of a file.
    #[cfg(feature = "json")]
    pub fn save(&self, storage: StorageType) -> Vec<u8> {
        self.save_by::<SerdeJson>(storage)
    }

    /// [`save`](Self::save) with the host's writer of JSON.
    pub fn save_by<J: Json>(&self, storage: StorageType) -> Vec<u8> {
        let mut tensors: Vec<Tensor> = Vec::new();
        for (node, spec, range) in self.graph.param_tensors() {
            let (name, values) = (format!("{node}.{}", spec.name), &self.params[range]);
            let weights = matches!(spec.initial, Initial::Random { .. });
            match storage {
                StorageType::F32 => tensors.push(in_full(name, spec.shape, values)),
                StorageType::I8 if weights => {
                    let n_channels = *spec.shape.last().expect("weights have an output dimension");
                    let (bytes, steps) = quantize(values, n_channels);
                    tensors.push(in_full(format!("{name}.step"), vec![n_channels], &steps));
                    tensors.push(Tensor { name, dtype: Dtype::I8, shape: spec.shape, bytes });
                }
                StorageType::F16 | StorageType::I8 => {
                    let bytes = values.iter().flat_map(|&x| f16::from_f32(x).to_le_bytes()).collect();
                    tensors.push(Tensor { name, dtype: Dtype::F16, shape: spec.shape, bytes });
                }
            }
        }
        for (node, spec, range) in self.graph.state_tensors() {
            let values = &self.state[range];
            tensors.push(in_full(format!("{node}.{}", spec.name), vec![spec.len], values));
        }
        if !self.novelty.is_empty() {
            tensors.push(in_full(NOVELTY.into(), vec![self.novelty.len()], &self.novelty));
        }
        let spec = J::print(&self.spec);
        container::write::<J>(&tensors, SPEC_KEY, spec)
    }

    /// The model that [`save`](Self::save) wrote.
    ///
    /// # Errors
    /// [`Error::Limit`] for a file above [`Limits::file_bytes`]; [`Error::Format`] for anything that is not
    /// such a file, or is one with missing, surplus, misshapen or non-finite tensors.
    #[cfg(feature = "json")]
    pub fn load(bytes: &[u8], limits: &Limits) -> Result<Model> {
        Model::load_by::<SerdeJson>(bytes, limits)
    }

    /// [`load`](Self::load) with the host's reader of JSON.
    ///
    /// # Errors
    /// As there.
    pub fn load_by<J: Json>(bytes: &[u8], limits: &Limits) -> Result<Model> {
        Limits::check("bytes of the model file", bytes.len() as u64, limits.file_bytes)?;
        let wrong = |got: String| Error::format(FORMAT, "a model that Ocelli saved", got);
        let file = Container::read::<J>(bytes, SPEC_KEY)?;
        let Some(spec) = &file.text else {
            return Err(wrong("a safetensors file without Ocelli's description of the network".into()));
        };
        let in_error = |error: String| wrong(format!("a description of the network with an error ({error})"));
        let spec = ModelSpec::try_from(J::parse(spec).map_err(in_error)?).map_err(|error| match *error {
            // Not this file's fault.
            Error::Unsupported { .. } => error,
            _ => in_error(error.to_string()),
        })?;
        let graph = build::graph_of(&spec)?;
        let mut params = vec![0.0; graph.n_params()];
        let mut state = initialize::state(&graph);
        let mut n_tensors = 0;
        for (node, spec, range) in graph.param_tensors() {
            n_tensors += read(&file, &format!("{node}.{}", spec.name), &spec.shape, &mut params, range)?;
        }
        for (node, spec, range) in graph.state_tensors() {
            n_tensors += read(&file, &format!("{node}.{}", spec.name), &[spec.len], &mut state, range)?;
        }
        let mut model = Model { spec, graph, params, state, novelty: Vec::new() };
        if file.tensor(NOVELTY).is_some() {
            let len = model.features().1 + 1;
            model.novelty = vec![0.0; len];
            n_tensors += read(&file, NOVELTY, &[len], &mut model.novelty, 0..len)?;
        }
        if file.len() != n_tensors {
            return Err(wrong(format!("{} tensors where the network has {n_tensors}", file.len())));
        }
        Ok(model)
    }
}

/// Weights as signed bytes, and the step of each output channel, which varies fastest.
fn quantize(weights: &[f32], n_channels: usize) -> (Vec<u8>, Vec<f32>) {
    let mut steps = vec![0.0f32; n_channels];
    for row in weights.chunks_exact(n_channels) {
        for (step, weight) in steps.iter_mut().zip(row) {
            *step = step.max(weight.abs() / 127.0);
        }
    }
    let byte = |(i, &weight): (usize, &f32)| {
        let step = steps[i % n_channels];
        // Rounded half up; a channel of zeros has a step of 0.
        if step > 0.0 { ((weight / step + 0.5).floor() as i8) as u8 } else { 0 }
    };
    (weights.iter().enumerate().map(byte).collect(), steps)
}

/// A tensor of four bytes a number.
pub(super) fn in_full(name: String, shape: Vec<usize>, values: &[f32]) -> Tensor {
    let bytes = values.iter().flat_map(|x| x.to_le_bytes()).collect();
    Tensor { name, dtype: Dtype::F32, shape, bytes }
}

/// Reads one tensor into `values[range]` and returns how many of the file it took: two for one in steps.
pub(super) fn read(
    file: &Container<'_>,
    name: &str,
    shape: &[usize],
    values: &mut [f32],
    range: Range<usize>,
) -> Result<usize> {
    let wrong = |expected: String, got: String| Error::format(FORMAT, expected, got);
    let tensor = file.tensor(name).ok_or_else(|| wrong(format!("a tensor {name}"), "none".into()))?;
    let (info, data) = tensor;
    if info.shape != shape {
        return Err(wrong(format!("{name} of shape {}", shape.told()), info.shape.told()));
    }
    let values = &mut values[range];
    let mut n_tensors = 1;
    match info.dtype {
        Dtype::F32 => {
            for (value, bytes) in values.iter_mut().zip(data.chunks_exact(4)) {
                *value = f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
            }
        }
        Dtype::F16 => {
            for (value, bytes) in values.iter_mut().zip(data.chunks_exact(2)) {
                *value = f16::from_le_bytes([bytes[0], bytes[1]]).to_f32();
            }
        }
        Dtype::I8 if !name.ends_with(".step") => {
            let mut steps = vec![0.0; shape.last().copied().unwrap_or(1)];
            let (n_steps, all) = (steps.len(), 0..steps.len());
            n_tensors += read(file, &format!("{name}.step"), &[n_steps], &mut steps, all)?;
            for (i, (value, &byte)) in values.iter_mut().zip(data).enumerate() {
                *value = f32::from(byte as i8) * steps[i % n_steps];
            }
        }
        _ => return Err(wrong(format!("{name} as numbers, or in steps"), "another type".into())),
    }
    match values.iter().find(|value| !value.is_finite()) {
        Some(bad) => Err(wrong(format!("finite numbers in {name}"), bad.told())),
        None => Ok(n_tensors),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::zoo;

    fn model() -> Model {
        let mut model = Model::create(zoo::preset("tiny").unwrap(), 3).unwrap();
        for (i, x) in model.state.iter_mut().enumerate() {
            *x += i as f32 / 7.0;
        }
        model
    }

    #[test]
    fn a_saved_model_loads_without_loss_and_saves_to_the_same_bytes() {
        let model = model();
        let bytes = model.save(StorageType::F32);
        let again = Model::load(&bytes, &Limits::default()).unwrap();
        assert_eq!((&again.spec, &again.params, &again.state), (&model.spec, &model.params, &model.state));
        assert_eq!(again.save(StorageType::F32), bytes);
    }

    #[test]
    fn half_precision_keeps_eleven_bits() {
        let model = model();
        let again = Model::load(&model.save(StorageType::F16), &Limits::default()).unwrap();
        for (a, b) in again.params.iter().zip(&model.params) {
            assert!((a - b).abs() <= b.abs() / 2048.0 + 1e-7, "{a} {b}");
        }
        assert_eq!(again.state, model.state);
    }

    #[test]
    fn bytes_keep_weights_to_half_a_step_of_their_channel() {
        let model = model();
        let bytes = model.save(StorageType::I8);
        assert!(bytes.len() < model.save(StorageType::F16).len());
        let again = Model::load(&bytes, &Limits::default()).unwrap();
        // `tiny` begins with weights of shape [3, 3, 1, 8].
        for channel in 0..8 {
            let column =
                |model: &Model| model.params[channel..72].iter().step_by(8).copied().collect::<Vec<f32>>();
            let (before, after) = (column(&model), column(&again));
            let step = before.iter().fold(0.0, |most: f32, x| most.max(x.abs())) / 127.0;
            for (a, b) in before.iter().zip(after) {
                assert!((a - b).abs() <= step * 0.5001, "{a} {b} {step}");
            }
        }
    }

    #[test]
    fn no_prefix_and_no_flipped_byte_panics() {
        let bytes = model().save(StorageType::F16);
        for end in (0..bytes.len()).step_by(97).chain(0..200) {
            assert!(Model::load(&bytes[..end], &Limits::default()).is_err());
        }
        for at in 0..2500.min(bytes.len()) {
            let mut bytes = bytes.clone();
            bytes[at] ^= 1 << (at % 8);
            let _ = Model::load(&bytes, &Limits::default());
        }
    }

    #[test]
    fn numbers_that_are_none_and_files_of_others_are_refused() {
        let mut model = model();
        model.params[5] = f32::NAN;
        let error = Model::load(&model.save(StorageType::F32), &Limits::default()).unwrap_err();
        assert_eq!(error.code(), "format");
        let error = Model::load(b"\x89PNG\r\n\x1a\n", &Limits::default()).unwrap_err();
        assert!(error.to_string().contains("a picture"), "{error}");
    }
}
