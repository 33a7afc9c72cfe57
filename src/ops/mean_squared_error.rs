//! The loss of a regression, or of a classifier taught to answer with one-hot vectors.

use super::wrong_inputs;
use crate::error::Result;
use crate::graph::{Backward, Forward, Keeps, Operator, Shape, Targets};

/// `loss = mean over i of (x[i] - t[i])²`; a class as target counts as its one-hot vector.
///
/// Shapes: `x, t: [n]`, `loss: [1]`, one for each example.
#[derive(Clone, Copy, Debug)]
pub struct MeanSquaredError;

/// The target for output `i` of example `row`.
fn target(targets: Targets<'_>, row: usize, n: usize, i: usize) -> f32 {
    match targets {
        Targets::None => 0.0,
        Targets::Classes(labels) => f32::from(u8::from(labels[row] as usize == i)),
        Targets::Values(values) => values[row * n + i],
    }
}

impl Operator for MeanSquaredError {
    fn name(&self) -> &'static str {
        "mean_squared_error"
    }

    fn output_shape(&self, inputs: &[&[usize]]) -> Result<Shape> {
        match inputs {
            [[_]] => Ok(vec![1]),
            _ => Err(wrong_inputs("mean_squared_error", "one flat input", inputs)),
        }
    }

    fn keeps(&self) -> Keeps {
        Keeps { inputs: true, ..Keeps::default() }
    }

    fn forward(&self, cx: Forward<'_>) {
        let n = cx.input_shapes[0][0];
        for (row, (x, loss)) in cx.inputs[0].chunks_exact(n).zip(cx.output).enumerate() {
            let mut sum = 0.0;
            for (i, &x) in x.iter().enumerate() {
                let error = x - target(cx.targets, row, n, i);
                sum += error * error;
            }
            *loss = sum / n as f32;
        }
    }

    fn backward(&self, cx: Backward<'_>) {
        let n = cx.input_shapes[0][0];
        let factor = cx.loss_scale * 2.0 / n as f32;
        let [d_x, _] = cx.d_inputs;
        for (row, (x, d_x)) in cx.inputs[0].chunks_exact(n).zip(d_x.chunks_exact_mut(n)).enumerate() {
            for (i, (&x, d_x)) in x.iter().zip(d_x).enumerate() {
                *d_x += factor * (x - target(cx.targets, row, n, i));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::check::check_loss_gradients;

    #[test]
    fn gradients_match_central_differences() {
        check_loss_gradients(&MeanSquaredError, &[5], Targets::Classes(&[0, 4, 3]));
        check_loss_gradients(&MeanSquaredError, &[2], Targets::Values(&[0.5, -0.25, 1.0, 0.0]));
    }
}
