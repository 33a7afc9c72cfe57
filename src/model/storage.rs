//! Models as safetensors files: one tensor for each parameter and running statistic, named
//! `node.tensor`, and the spec as JSON in the metadata under `ocelli`.

use std::ops::Range;

use half::f16;
use safetensors::tensor::{Dtype, TensorView};
use safetensors::{SafeTensors, serialize};

use super::{Model, ModelSpec, build, initialize};
use crate::error::{Error, Limits, Result};

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
}

impl Model {
    /// The model as the bytes of a file.
    pub fn save(&self, storage: StorageType) -> Vec<u8> {
        let mut tensors: Vec<(String, Vec<usize>, Vec<u8>, Dtype)> = Vec::new();
        for (node, spec, range) in self.graph.param_tensors() {
            let values = &self.params[range];
            let (bytes, dtype) = match storage {
                StorageType::F32 => (f32_bytes(values), Dtype::F32),
                StorageType::F16 => {
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
            read(&file, &format!("{node}.{}", spec.name), &spec.shape, &mut params, range)?;
            n_tensors += 1;
        }
        for (node, spec, range) in graph.state_tensors() {
            read(&file, &format!("{node}.{}", spec.name), &[spec.len], &mut state, range)?;
            n_tensors += 1;
        }
        if file.len() != n_tensors {
            return Err(wrong(format!("{} tensors where the network has {n_tensors}", file.len())));
        }
        Ok(Model { spec, graph, params, state })
    }
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

/// Reads one tensor into `values[range]`.
fn read(
    file: &SafeTensors<'_>,
    name: &str,
    shape: &[usize],
    values: &mut [f32],
    range: Range<usize>,
) -> Result<()> {
    let wrong = |expected: String, got: String| Error::format(FORMAT, expected, got);
    let tensor = file.tensor(name).map_err(|_| wrong(format!("a tensor {name}"), "none".into()))?;
    if tensor.shape() != shape {
        return Err(wrong(format!("{name} of shape {shape:?}"), format!("{:?}", tensor.shape())));
    }
    let (values, data) = (&mut values[range], tensor.data());
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
        other => return Err(wrong(format!("{name} in F32 or F16"), format!("{other:?}"))),
    }
    match values.iter().find(|value| !value.is_finite()) {
        Some(bad) => Err(wrong(format!("finite numbers in {name}"), bad.to_string())),
        None => Ok(()),
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
