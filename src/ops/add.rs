//! The sum of two inputs, as a residual connection needs it.

use super::wrong_inputs;
use crate::error::Result;
use crate::graph::{Backward, Forward, Operator, Shape};
use crate::kernels::elementwise;

/// `y = a + b`. Shapes: any, both the same.
#[derive(Clone, Copy, Debug)]
pub struct Add;

impl Operator for Add {
    fn name(&self) -> &'static str {
        "add"
    }

    fn output_shape(&self, inputs: &[&[usize]]) -> Result<Shape> {
        match inputs {
            [a, b] if a == b => Ok(a.to_vec()),
            _ => Err(wrong_inputs("add", "two inputs of the same shape", inputs)),
        }
    }

    fn forward(&self, cx: Forward<'_>) {
        elementwise::add(cx.inputs[0], cx.inputs[1], cx.output);
    }

    #[cfg(feature = "train")]
    fn backward(&self, cx: Backward<'_>) {
        for d_x in cx.d_inputs {
            if !d_x.is_empty() {
                elementwise::add_assign(d_x, cx.d_output);
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
        check_gradients(&Add, &[&[3, 5, 7], &[3, 5, 7]], 2);
    }

    #[test]
    fn different_shapes_are_refused() {
        assert_eq!(Add.output_shape(&[&[2], &[3]]).unwrap_err().code(), "shape");
    }
}
