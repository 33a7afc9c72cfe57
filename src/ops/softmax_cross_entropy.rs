//! The loss of a classifier, straight from its logits.

use super::wrong_inputs;
use crate::error::Result;
use crate::graph::{Backward, Forward, Keeps, Operator, Shape, Targets};
use crate::kernels::math::exp;
use crate::kernels::softmax::log_sum_exp;

/// `loss = ln Σ e^x[j] - x[label]`, the cross-entropy of the softmax, for sparse labels.
///
/// Shapes: `x: [classes]`, `loss: [1]`, one for each example; the gradient is that of
/// `loss_scale · Σ loss`, hence `loss_scale · (softmax(x) - one_hot(label))`.
#[derive(Clone, Copy, Debug)]
pub struct SoftmaxCrossEntropy;

impl Operator for SoftmaxCrossEntropy {
    fn name(&self) -> &'static str {
        "softmax_cross_entropy"
    }

    fn output_shape(&self, inputs: &[&[usize]]) -> Result<Shape> {
        match inputs {
            [[_]] => Ok(vec![1]),
            _ => Err(wrong_inputs("softmax_cross_entropy", "one flat input of logits", inputs)),
        }
    }

    fn keeps(&self) -> Keeps {
        Keeps { inputs: true, ..Keeps::default() }
    }

    fn forward(&self, cx: Forward<'_>) {
        let Targets::Classes(labels) = cx.targets else {
            cx.output.fill(0.0);
            return;
        };
        let rows = cx.inputs[0].chunks_exact(cx.input_shapes[0][0]);
        for ((x, &label), loss) in rows.zip(labels).zip(cx.output) {
            *loss = log_sum_exp(x) - x[label as usize];
        }
    }

    fn backward(&self, cx: Backward<'_>) {
        let Targets::Classes(labels) = cx.targets else { return };
        let n = cx.input_shapes[0][0];
        let [d_x, _] = cx.d_inputs;
        for ((x, &label), d_x) in cx.inputs[0].chunks_exact(n).zip(labels).zip(d_x.chunks_exact_mut(n)) {
            let normalizer = log_sum_exp(x);
            for (d_x, &x) in d_x.iter_mut().zip(x) {
                *d_x += cx.loss_scale * exp(x - normalizer);
            }
            d_x[label as usize] -= cx.loss_scale;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::check::check_loss_gradients;

    #[test]
    fn gradients_match_central_differences() {
        check_loss_gradients(&SoftmaxCrossEntropy, &[7], Targets::Classes(&[0, 6, 3]));
    }
}
