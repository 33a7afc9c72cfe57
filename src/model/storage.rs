//! Models as safetensors files: one tensor for each parameter and running statistic, named
//! `node.tensor`, and the spec as JSON in the metadata under `ocelli`.

use std::ops::Range;

use half::f16;
use safetensors::tensor::{Dtype, TensorView};
use safetensors::{SafeTensors, serialize};

use super::{Model, ModelSpec, build, initialize};
use crate::error::{Error, Limits, Result};
use crate::graph::Initial;

const FORMAT: &str = "safetensors model";

/// The key of the metadata that holds the spec.
const SPEC_KEY: &str = "ocelli";

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
    pub fn save(&self, storage: StorageType) -> Vec<u8> {
        let mut tensors: Vec<(String, Vec<usize>, Vec<u8>, Dtype)> = Vec::new();
        for (node, spec, range) in self.graph.param_tensors() {
            let values = &self.params[range];
            if storage == StorageType::I8 && matches!(spec.initial, Initial::Random { .. }) {
                let n_channels = *spec.shape.last().expect("weights have an output dimension");
                let (bytes, steps) = quantize(values, n_channels);
                let name = format!("{node}.{}", spec.name);
                tensors.push((format!("{name}.step"), vec![n_channels], f32_bytes(&steps), Dtype::F32));
                tensors.push((name, spec.shape, bytes, Dtype::I8));
                continue;
            }
            let (bytes, dtype) = match storage {
                StorageType::F32 => (f32_bytes(values), Dtype::F32),
                StorageType::F16 | StorageType::I8 => {
                    (values.iter().flat_map(|&x| f16::from_f32(x).to_le_bytes()).collect(), Dtype::F16)
                }
            };
            tensors.push((format!("{node}.{}", spec.name), spec.shape, bytes, dtype));
        }
        for (node, spec, range) in self.graph.state_tensors() {
            tensors.push((
                format!("{node}.{}", spec.name),
                vec![spec.len],
                f32_bytes(&self.state[range]),
                Dtype::F32,
            ));
        }
        let views = tensors.iter().map(|(name, shape, bytes, dtype)| {
            let view = TensorView::new(*dtype, shape.clone(), bytes).expect("the bytes fill the shape");
            (name.as_str(), view)
        });
        let spec = serde_json::to_string(&self.spec).expect("a spec has nothing that JSON cannot say");
        let metadata = [(SPEC_KEY.to_owned(), spec)].into_iter().collect();
        serialize(views, Some(metadata)).expect("names are unique and shapes filled")
    }

    /// The model that [`save`](Self::save) wrote.
    ///
    /// # Errors
    /// [`Error::Limit`] for a file above [`Limits::file_bytes`]; [`Error::Format`] for anything that is not
    /// such a file, or is one with missing, surplus, misshapen or non-finite tensors.
    pub fn load(bytes: &[u8], limits: &Limits) -> Result<Model> {
        Limits::check("bytes of the model file", bytes.len() as u64, limits.file_bytes)?;
        let wrong = |got: String| Error::format(FORMAT, "a model that Ocelli saved", got);
        let (_, metadata) =
            SafeTensors::read_metadata(bytes).map_err(|error| wrong(describe(bytes, &error.to_string())))?;
        let spec = metadata.metadata().as_ref().and_then(|metadata| metadata.get(SPEC_KEY));
        let spec = spec
            .ok_or_else(|| wrong("a safetensors file without Ocelli's description of the network".into()))?;
        let spec: ModelSpec = serde_json::from_str(spec)
            .map_err(|error| wrong(format!("a description of the network with an error ({error})")))?;
        let graph = build::graph_of(&spec)?;
        let file = SafeTensors::deserialize(bytes).map_err(|error| wrong(error.to_string()))?;
        let mut params = vec![0.0; graph.n_params()];
        let mut state = initialize::state(&graph);
        let mut n_tensors = 0;
        for (node, spec, range) in graph.param_tensors() {
            n_tensors += read(&file, &format!("{node}.{}", spec.name), &spec.shape, &mut params, range)?;
        }
        for (node, spec, range) in graph.state_tensors() {
            n_tensors += read(&file, &format!("{node}.{}", spec.name), &[spec.len], &mut state, range)?;
        }
        if file.len() != n_tensors {
            return Err(wrong(format!("{} tensors where the network has {n_tensors}", file.len())));
        }
        Ok(Model { spec, graph, params, state })
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

fn f32_bytes(values: &[f32]) -> Vec<u8> {
    values.iter().flat_map(|x| x.to_le_bytes()).collect()
}

/// What a file that is no safetensors file seems to be.
fn describe(bytes: &[u8], error: &str) -> String {
    match bytes {
        [] => "an empty file".into(),
        [0x89, b'P', b'N', b'G', ..] | [0xff, 0xd8, ..] => "a picture".into(),
        [b'P', b'K', ..] => "a zip archive".into(),
        [0x89, b'H', b'D', b'F', ..] => "a Keras HDF5 file".into(),
        _ => format!("other bytes ({error})"),
    }
}

/// Reads one tensor into `values[range]` and returns how many of the file it took: two for one in steps.
fn read(
    file: &SafeTensors<'_>,
    name: &str,
    shape: &[usize],
    values: &mut [f32],
    range: Range<usize>,
) -> Result<usize> {
    let wrong = |expected: String, got: String| Error::format(FORMAT, expected, got);
    let tensor = file.tensor(name).map_err(|_| wrong(format!("a tensor {name}"), "none".into()))?;
    if tensor.shape() != shape {
        return Err(wrong(format!("{name} of shape {shape:?}"), format!("{:?}", tensor.shape())));
    }
    let (values, data) = (&mut values[range], tensor.data());
    let mut n_tensors = 1;
    match tensor.dtype() {
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
        other => return Err(wrong(format!("{name} in F32, F16 or I8"), format!("{other:?}"))),
    }
    match values.iter().find(|value| !value.is_finite()) {
        Some(bad) => Err(wrong(format!("finite numbers in {name}"), bad.to_string())),
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
