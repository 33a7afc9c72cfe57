//! Layer normalization over the last dimension.

use super::one_input;
use crate::error::{Error, Result};
use crate::graph::{Backward, Forward, Initial, Keeps, Operator, ParamSpec, Shape};
use crate::kernels::reduce::{dot, sum};

/// `y = gamma · (x - mean) / √(variance + epsilon) + beta`, with mean and (biased) variance over the last dimension.
///
/// Shapes: `x, y: [.., c]`; `gamma`, `beta`: `[c]`. Source: Ba, Kiros, Hinton 2016; Keras' `LayerNormalization`, PyTorch's
/// `LayerNorm(c)`.
#[derive(Clone, Copy, Debug)]
pub struct LayerNorm {
    /// Added to the variance, above 0 and below 1.
    pub epsilon: f32,
}

impl LayerNorm {
    /// Mean and inverse deviation of a row.
    fn statistics(&self, row: &[f32]) -> (f32, f32) {
        let per_element = 1.0 / row.len() as f32;
        let mean = sum(row) * per_element;
        let variance = row.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() * per_element;
        (mean, 1.0 / (variance + self.epsilon).sqrt())
    }
}

impl Operator for LayerNorm {
    fn name(&self) -> &'static str {
        "layer_norm"
    }

    fn output_shape(&self, inputs: &[&[usize]]) -> Result<Shape> {
        if !(self.epsilon > 0.0 && self.epsilon < 1.0) {
            return Err(Error::config("epsilon", "above 0 and below 1", self.epsilon));
        }
        match one_input(self.name(), inputs)? {
            [] => Err(super::wrong_inputs(self.name(), "an input with channels", inputs)),
            shape => Ok(shape.to_vec()),
        }
    }

    fn params(&self, inputs: &[&[usize]]) -> Vec<ParamSpec> {
        let shape = vec![inputs[0].last().copied().unwrap_or(0)];
        vec![
            ParamSpec { name: "gamma", shape: shape.clone(), initial: Initial::Ones },
            ParamSpec { name: "beta", shape, initial: Initial::Zeros },
        ]
    }

    fn keeps(&self) -> Keeps {
        Keeps { inputs: true, ..Keeps::default() }
    }

    fn forward(&self, cx: Forward<'_>) {
        let c = cx.params.len() / 2;
        let (gamma, beta) = cx.params.split_at(c);
        for (x, y) in cx.inputs[0].chunks_exact(c).zip(cx.output.chunks_exact_mut(c)) {
            let (mean, inverse_deviation) = self.statistics(x);
            for i in 0..c {
                y[i] = gamma[i] * ((x[i] - mean) * inverse_deviation) + beta[i];
            }
        }
    }

    /// With `x̂ = (x - mean) · inverse_deviation` and `g = d_y · gamma`:
    /// `d_beta = Σ d_y`, `d_gamma = Σ d_y x̂`, `d_x = inverse_deviation · (g - mean(g) - x̂ · mean(g x̂))`.
    #[cfg(feature = "train")]
    fn backward(&self, cx: Backward<'_>) {
        let c = cx.params.len() / 2;
        let gamma = &cx.params[..c];
        let (d_gamma, d_beta) = cx.d_params.split_at_mut(c);
        let [d_x, _] = cx.d_inputs;
        let mut d_x_rows = d_x.chunks_exact_mut(c);
        for (x, d_y) in cx.inputs[0].chunks_exact(c).zip(cx.d_output.chunks_exact_mut(c)) {
            let (mean, inverse_deviation) = self.statistics(x);
            let (mut of_product, per_element) = (0.0, 1.0 / c as f32);
            for i in 0..c {
                let normal = (x[i] - mean) * inverse_deviation;
                d_beta[i] += d_y[i];
                d_gamma[i] += d_y[i] * normal;
                of_product += d_y[i] * gamma[i] * normal;
            }
            let (of_gradient, of_product) = (dot(d_y, gamma) * per_element, of_product * per_element);
            let Some(d_x) = d_x_rows.next() else { continue };
            for i in 0..c {
                let normal = (x[i] - mean) * inverse_deviation;
                d_x[i] += inverse_deviation * (d_y[i] * gamma[i] - of_gradient - normal * of_product);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::check::check_gradients;

    #[test]
    fn gradients_match_central_differences() {
        check_gradients(&LayerNorm { epsilon: 1e-3 }, &[&[3, 2, 5]], 2);
        check_gradients(&LayerNorm { epsilon: 1e-3 }, &[&[7]], 3);
    }
}
