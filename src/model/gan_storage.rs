//! A generator and its discriminator as one safetensors file: one tensor for each parameter and running statistic, named
//! `node.tensor`, and the spec as JSON in the metadata under `ocelli.gan`.

use super::GanSpec;
use super::container::{self, Container, FORMAT};
use super::storage::{in_full, read};
use crate::error::{Error, Limits, Result};
use crate::json::Json;

/// The key of the metadata that holds the spec.
const SPEC_KEY: &str = "ocelli.gan";

impl GanSpec {
    /// The two networks with these numbers, the generator's first, as the bytes of a file.
    ///
    /// # Errors
    /// As [`GanSpec::initial`].
    pub fn save_by<J: Json>(&self, params: &[f32], state: &[f32]) -> Result<Vec<u8>> {
        let graph = self.graph()?;
        let mut tensors = Vec::new();
        for (node, spec, range) in graph.param_tensors() {
            tensors.push(in_full(format!("{node}.{}", spec.name), spec.shape, &params[range]));
        }
        for (node, spec, range) in graph.state_tensors() {
            tensors.push(in_full(format!("{node}.{}", spec.name), vec![spec.len], &state[range]));
        }
        Ok(container::write::<J>(&tensors, SPEC_KEY, J::print(self)))
    }

    /// The networks of a file and their numbers: parameters and running statistics.
    ///
    /// # Errors
    /// [`Error::Limit`] for a file above [`Limits::file_bytes`]; [`Error::Format`] for anything that is not such a file,
    /// or is one with missing, surplus, misshapen or non-finite tensors.
    pub fn load_by<J: Json>(bytes: &[u8], limits: &Limits) -> Result<(GanSpec, [Vec<f32>; 2])> {
        Limits::check("bytes of the generator file", bytes.len() as u64, limits.file_bytes)?;
        let wrong = |got: String| Error::format(FORMAT, "a generator that Ocelli saved", got);
        let file = Container::read::<J>(bytes, SPEC_KEY)?;
        let Some(spec) = &file.text else {
            return Err(wrong("a safetensors file without the description of a generator".into()));
        };
        let in_error =
            |error: String| wrong(format!("a description of the networks with an error ({error})"));
        let spec = J::parse(spec).map_err(in_error)?;
        let spec = GanSpec::try_from(spec).map_err(|error| in_error(error.to_string()))?;
        let graph = spec.graph().map_err(|error| in_error(error.to_string()))?;
        // Each parameter has four bytes in the file: no more memory is taken than came.
        if graph.n_params().saturating_add(graph.state_len()) > bytes.len() / 4 {
            return Err(wrong(format!("fewer numbers than the networks' {}", graph.n_params())));
        }
        let (mut params, mut state) = (vec![0.0; graph.n_params()], vec![0.0; graph.state_len()]);
        let mut n_tensors = 0;
        for (node, spec, range) in graph.param_tensors() {
            n_tensors += read(&file, &format!("{node}.{}", spec.name), &spec.shape, &mut params, range)?;
        }
        for (node, spec, range) in graph.state_tensors() {
            n_tensors += read(&file, &format!("{node}.{}", spec.name), &[spec.len], &mut state, range)?;
        }
        if file.len() != n_tensors {
            return Err(wrong(format!("{} tensors where the networks have {n_tensors}", file.len())));
        }
        Ok((spec, [params, state]))
    }
}
