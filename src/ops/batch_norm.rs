//! Batch normalisation over all but the last dimension.

use super::one_input;
use crate::error::{Error, Result};
use crate::graph::{
    Backward, Forward, Initial, Keeps, Mode, Operator, ParamSpec, Shape, StateSpec, Workspace,
};
use crate::kernels::activation::Activation;
use crate::kernels::{elementwise, reduce};

/// `y = f(gamma · (x - mean) / sqrt(variance + epsilon) + beta)`, for each channel.
///
/// In training mean and (biased) variance are those of the batch, and the running ones move by
/// `running = momentum · running + (1 - momentum) · batch`; in inference the running ones serve.
///
/// Shapes: `x, y: [.., c]`; `gamma`, `beta`, running mean and variance: `[c]`.
/// Source: Ioffe and Szegedy 2015; momentum counts as in Keras, PyTorch's is `1 - momentum`, and as
/// in Keras the running variance is the biased one.
#[derive(Clone, Copy, Debug)]
pub struct BatchNorm {
    momentum: f32,
    epsilon: f32,
    activation: Activation,
}

impl Default for BatchNorm {
    fn default() -> BatchNorm {
        BatchNorm::new(0.9, 1e-3)
    }
}

impl BatchNorm {
    /// With this momentum of the running statistics and this addition to the variance.
    pub fn new(momentum: f32, epsilon: f32) -> BatchNorm {
        BatchNorm { momentum, epsilon, activation: Activation::None }
    }

    fn inverse_deviation(&self, variance: f32) -> f32 {
        1.0 / (variance + self.epsilon).sqrt()
    }
}

/// The channels of an accepted shape.
fn channels_of(shape: &[usize]) -> usize {
    *shape.last().expect("the graph checked the shape")
}

impl Operator for BatchNorm {
    fn name(&self) -> &'static str {
        "batch_norm"
    }

    fn output_shape(&self, inputs: &[&[usize]]) -> Result<Shape> {
        if !(0.0..1.0).contains(&self.momentum) {
            return Err(Error::config("momentum", "at least 0 and below 1", self.momentum));
        }
        if !(self.epsilon > 0.0 && self.epsilon < 1.0) {
            return Err(Error::config("epsilon", "above 0 and below 1", self.epsilon));
        }
        match one_input("batch_norm", inputs)? {
            [] => Err(super::wrong_inputs("batch_norm", "an input with channels", inputs)),
            shape => Ok(shape.to_vec()),
        }
    }

    fn params(&self, inputs: &[&[usize]]) -> Vec<ParamSpec> {
        let shape = vec![channels_of(inputs[0])];
        vec![
            ParamSpec { name: "gamma", shape: shape.clone(), initial: Initial::Ones },
            ParamSpec { name: "beta", shape, initial: Initial::Zeros },
        ]
    }

    fn state(&self, inputs: &[&[usize]]) -> Vec<StateSpec> {
        let len = channels_of(inputs[0]);
        vec![
            StateSpec { name: "running_mean", len, initial: 0.0 },
            StateSpec { name: "running_variance", len, initial: 1.0 },
        ]
    }

    fn keeps(&self) -> Keeps {
        Keeps { inputs: true, output: self.activation != Activation::None }
    }

    fn workspace(&self, inputs: &[&[usize]], _batch: usize, mode: Mode) -> Workspace {
        let c = channels_of(inputs[0]);
        let saved = if mode.is_training() { 2 * c } else { 0 };
        Workspace { saved, forward: 4 * c, backward: 5 * c }
    }

    fn with_activation(&self, activation: Activation) -> Option<Box<dyn Operator>> {
        (self.activation == Activation::None).then(|| Box::new(BatchNorm { activation, ..*self }) as _)
    }

    /// Of a node that no activation was folded into.
    #[cfg(feature = "train")]
    fn frozen(&self, params: &[f32], state: &[f32]) -> Option<Box<dyn Operator>> {
        let c = params.len() / 2;
        let scale: Vec<f32> = (0..c).map(|i| params[i] * self.inverse_deviation(state[c + i])).collect();
        let shift = (0..c).map(|i| params[c + i] - state[i] * scale[i]).collect();
        (self.activation == Activation::None).then(|| Box::new(super::Affine { scale, shift }) as _)
    }

    fn forward(&self, cx: Forward<'_>) {
        let c = channels_of(cx.output_shape);
        let (gamma, beta) = cx.params.split_at(c);
        let (running_mean, running_variance) = cx.state.split_at_mut(c);
        let (statistics, affine) = cx.scratch.split_at_mut(2 * c);
        let (mean, variance) = statistics.split_at_mut(c);
        if cx.mode.is_training() {
            reduce::column_mean_variance(cx.inputs[0], c, mean, variance);
            for (running, batch) in [(&mut *running_mean, &*mean), (&mut *running_variance, &*variance)] {
                for (running, &batch) in running.iter_mut().zip(batch) {
                    *running = self.momentum * *running + (1.0 - self.momentum) * batch;
                }
            }
        } else {
            mean.copy_from_slice(running_mean);
            variance.copy_from_slice(running_variance);
        }
        let (scale, shift) = affine[..2 * c].split_at_mut(c);
        for channel in 0..c {
            let inverse_deviation = self.inverse_deviation(variance[channel]);
            scale[channel] = gamma[channel] * inverse_deviation;
            shift[channel] = beta[channel] - mean[channel] * scale[channel];
            if let Some(saved) = cx.saved.get_mut(channel) {
                *saved = mean[channel];
                cx.saved[c + channel] = inverse_deviation;
            }
        }
        elementwise::channel_affine(cx.inputs[0], scale, shift, cx.output);
        self.activation.forward_in_place(cx.output);
    }

    /// With `n` rows, `x̂ = (x - mean) · inverse_deviation`:
    /// `d_beta = Σ d_y`, `d_gamma = Σ d_y x̂`,
    /// `d_x = gamma · inverse_deviation · (d_y - d_beta / n - x̂ · d_gamma / n)`.
    #[cfg(feature = "train")]
    fn backward(&self, cx: Backward<'_>) {
        let c = channels_of(cx.output_shape);
        self.activation.backward_in_place(cx.output, cx.d_output);
        let n_rows = cx.d_output.len() / c;
        let (mean, inverse_deviation) = cx.saved.split_at(c);
        let gamma = &cx.params[..c];
        let (sums, factors) = cx.scratch.split_at_mut(2 * c);
        let (d_gamma, d_beta) = sums.split_at_mut(c);
        d_gamma.fill(0.0);
        d_beta.fill(0.0);
        reduce::column_sums_add(cx.d_output, c, d_beta);
        reduce::column_moments_add(cx.d_output, cx.inputs[0], mean, d_gamma);
        for (d_gamma, inverse_deviation) in d_gamma.iter_mut().zip(inverse_deviation) {
            *d_gamma *= inverse_deviation;
        }
        let (gamma_out, beta_out) = cx.d_params.split_at_mut(c);
        elementwise::add_assign(gamma_out, d_gamma);
        elementwise::add_assign(beta_out, d_beta);
        let [d_x, _] = cx.d_inputs;
        if d_x.is_empty() {
            return;
        }
        // d_x = of_d_y · d_y + of_x · x + constant, for each channel.
        let (of_d_y, rest) = factors.split_at_mut(c);
        let (of_x, constant) = rest.split_at_mut(c);
        let per_row = 1.0 / n_rows as f32;
        for channel in 0..c {
            of_d_y[channel] = gamma[channel] * inverse_deviation[channel];
            of_x[channel] = -of_d_y[channel] * inverse_deviation[channel] * d_gamma[channel] * per_row;
            constant[channel] = -of_d_y[channel] * d_beta[channel] * per_row - of_x[channel] * mean[channel];
        }
        let (of_d_y, of_x, constant) = (&of_d_y[..c], &of_x[..c], &constant[..c]);
        elementwise::channel_lines_add([of_d_y, cx.d_output], [of_x, cx.inputs[0]], constant, d_x);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::check::{check_gradients, run_forward};

    #[test]
    fn gradients_match_central_differences() {
        let op = BatchNorm::default();
        check_gradients(&op, &[&[3, 3, 5]], 3);
        check_gradients(&op, &[&[7]], 6);
        check_gradients(op.with_activation(Activation::LeakyRelu(0.3)).unwrap().as_ref(), &[&[3, 3, 5]], 3);
    }

    #[test]
    fn training_output_has_mean_beta_and_deviation_gamma() {
        let x: Vec<f32> = (0..60).map(|i| (i * i % 17) as f32).collect();
        let y = run_forward(&BatchNorm::new(0.9, 1e-6), &[&[3]], &[&x], 20, Mode::Training);
        // `run_forward` fills the parameters with 0.5: gamma and beta.
        for channel in 0..3 {
            let column: Vec<f32> = y.iter().skip(channel).step_by(3).copied().collect();
            let mean = column.iter().sum::<f32>() / 20.0;
            let variance = column.iter().map(|y| (y - mean) * (y - mean)).sum::<f32>() / 20.0;
            assert!((mean - 0.5).abs() < 1e-5 && (variance.sqrt() - 0.5).abs() < 1e-4, "{mean} {variance}");
        }
    }

    #[test]
    fn options_outside_their_range_are_refused() {
        assert_eq!(BatchNorm::new(1.0, 1e-3).output_shape(&[&[2]]).unwrap_err().code(), "config");
        assert_eq!(BatchNorm::new(0.9, 0.0).output_shape(&[&[2]]).unwrap_err().code(), "config");
    }
}
