//! Parameters and running statistics before training.

use super::Initializer;
use crate::graph::{Graph, Initial};
use crate::kernels::elementwise::{axpy, scale};
use crate::kernels::reduce::dot;
use crate::rng::{Rng, mix};

/// The parameter vector; every tensor draws from a generator of its own.
pub(super) fn parameters(graph: &Graph, initializer: Initializer, seed: u64) -> Vec<f32> {
    let mut params = vec![0.0; graph.n_params()];
    for (tensor_idx, (_, spec, range)) in graph.param_tensors().into_iter().enumerate() {
        let values = &mut params[range];
        match spec.initial {
            Initial::Zeros => values.fill(0.0),
            Initial::Ones => values.fill(1.0),
            Initial::Orthogonal => {
                let mut rng = Rng::new(mix(&[seed, tensor_idx as u64]), 0);
                values.fill_with(|| rng.normal());
                make_orthogonal(values, *spec.shape.last().unwrap_or(&1));
            }
            Initial::Random { fan_in, fan_out } => {
                let mut rng = Rng::new(mix(&[seed, tensor_idx as u64]), 0);
                match initializer {
                    Initializer::GlorotUniform => {
                        let limit = (6.0 / (fan_in + fan_out) as f32).sqrt();
                        values.fill_with(|| rng.range(-limit, limit));
                    }
                    Initializer::HeNormal => {
                        let deviation = (2.0 / fan_in as f32).sqrt();
                        values.fill_with(|| deviation * rng.normal());
                    }
                }
            }
        }
    }
    params
}

/// Replaces a square matrix' rows of length `n` by orthonormal ones that span the same: Gram and Schmidt's way, twice
/// over since in f32 once leaves a rest.
fn make_orthogonal(matrix: &mut [f32], n: usize) {
    for row in 0..matrix.len() / n {
        let (before, rest) = matrix.split_at_mut(row * n);
        let row = &mut rest[..n];
        for _ in 0..2 {
            for other in before.chunks_exact(n) {
                axpy(-dot(row, other), other, row);
            }
            let length = dot(row, row).sqrt();
            scale(row, 1.0 / length.max(f32::MIN_POSITIVE));
        }
    }
}

/// The state vector.
pub(super) fn state(graph: &Graph) -> Vec<f32> {
    let mut state = vec![0.0; graph.state_len()];
    for (_, spec, range) in graph.state_tensors() {
        state[range].fill(spec.initial);
    }
    state
}

#[cfg(test)]
mod tests {
    use super::super::{Initializer, Model, ModelSpec};
    use super::{dot, make_orthogonal};
    use crate::rng::Rng;

    #[test]
    fn orthogonal_rows_have_length_one_and_nothing_in_common() {
        let (n, mut rng) = (33, Rng::new(3, 0));
        let mut matrix: Vec<f32> = (0..n * n).map(|_| rng.normal()).collect();
        make_orthogonal(&mut matrix, n);
        for (i, a) in matrix.chunks_exact(n).enumerate() {
            for (j, b) in matrix.chunks_exact(n).enumerate() {
                let want = if i == j { 1.0 } else { 0.0 };
                assert!((dot(a, b) - want).abs() < 1e-5, "{i} {j}: {}", dot(a, b));
            }
        }
    }

    #[test]
    fn weights_have_the_stated_deviation_and_biases_are_zero() {
        for (initializer, deviation) in [
            (Initializer::GlorotUniform, (2.0f32 / 400.0).sqrt()),
            (Initializer::HeNormal, (2.0f32 / 300.0).sqrt()),
        ] {
            let labels: Vec<String> = (0..100).map(|i| i.to_string()).collect();
            let spec = ModelSpec::new([10, 10, 3], &labels).flatten().dense(100).initializer(initializer);
            let model = Model::create(spec, 5).unwrap();
            let (weights, bias) = model.params.split_at(30_000);
            let measured = (weights.iter().map(|w| w * w).sum::<f32>() / 30_000.0).sqrt();
            assert!((measured / deviation - 1.0).abs() < 0.02, "{measured} {deviation}");
            assert!(bias.iter().all(|&b| b == 0.0));
        }
    }
}
