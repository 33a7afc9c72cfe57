//! Logits to probabilities.

use super::wrong_inputs;
use crate::error::Result;
use crate::graph::{Backward, Forward, Keeps, Operator, Shape};
use crate::kernels::{reduce, softmax};

/// `y[i] = e^x[i] / Σ e^x[j]`. Shapes: `x, y: [classes]`.
#[derive(Clone, Copy, Debug)]
pub struct Softmax;

impl Operator for Softmax {
    fn name(&self) -> &'static str {
        "softmax"
    }

    fn output_shape(&self, inputs: &[&[usize]]) -> Result<Shape> {
        match inputs {
            [[n]] => Ok(vec![*n]),
            _ => Err(wrong_inputs("softmax", "one flat input", inputs)),
        }
    }

    fn keeps(&self) -> Keeps {
        Keeps { output: true, ..Keeps::default() }
    }

    fn forward(&self, cx: Forward<'_>) {
        softmax::softmax(cx.inputs[0], cx.output_shape[0], cx.output);
    }

    /// `d_x = y (d_y - Σ y d_y)`.
    #[cfg(feature = "train")]
    fn backward(&self, cx: Backward<'_>) {
        let n = cx.output_shape[0];
        let [d_x, _] = cx.d_inputs;
        let rows = cx.output.chunks_exact(n).zip(cx.d_output.chunks_exact(n));
        for ((y, d_y), d_x) in rows.zip(d_x.chunks_exact_mut(n)) {
            let mean = reduce::dot(y, d_y);
            for ((d_x, &y), &d_y) in d_x.iter_mut().zip(y).zip(d_y) {
                *d_x += y * (d_y - mean);
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
        check_gradients(&Softmax, &[&[7]], 3);
    }
}
