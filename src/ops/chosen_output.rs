//! One output of a network as the number to differentiate: what explanations ask about.

use super::wrong_inputs;
use crate::error::Result;
use crate::graph::{Backward, Forward, Operator, Shape, Targets};

/// `y = x[target]`: the logit of the class that each example's target names; 0 without targets.
///
/// Its gradient is multiplied by `loss_scale`, as a loss' is. Shapes: `x: [n]`, `y: [1]`.
#[derive(Clone, Copy, Debug)]
pub struct ChosenOutput;

impl Operator for ChosenOutput {
    fn name(&self) -> &'static str {
        "chosen_output"
    }

    fn output_shape(&self, inputs: &[&[usize]]) -> Result<Shape> {
        match inputs {
            [[_]] => Ok(vec![1]),
            _ => Err(wrong_inputs(self.name(), "one flat input of logits", inputs)),
        }
    }

    fn forward(&self, cx: Forward<'_>) {
        let n = cx.input_shapes[0][0];
        for (row, (x, y)) in cx.inputs[0].chunks_exact(n).zip(cx.output).enumerate() {
            *y = match cx.targets {
                Targets::Classes(classes) => x[classes[row] as usize],
                _ => 0.0,
            };
        }
    }

    #[cfg(feature = "train")]
    fn backward(&self, cx: Backward<'_>) {
        let (n, [d_x, _]) = (cx.input_shapes[0][0], cx.d_inputs);
        if let Targets::Classes(classes) = cx.targets {
            for (d_x, &class) in d_x.chunks_exact_mut(n).zip(classes) {
                d_x[class as usize] += cx.loss_scale;
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
        check_loss_gradients(&ChosenOutput, &[5], Targets::Classes(&[4, 0, 2]));
    }
}
