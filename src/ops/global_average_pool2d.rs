//! The mean of each channel over the whole picture.

use super::one_picture;
use crate::error::Result;
use crate::graph::{Backward, Forward, Operator, Shape};
use crate::kernels::pool;

/// `y[c] = mean of x[.., .., c]`. Shapes: `x: [h, w, c]`, `y: [c]`.
#[derive(Clone, Copy, Debug)]
pub struct GlobalAveragePool2d;

impl Operator for GlobalAveragePool2d {
    fn name(&self) -> &'static str {
        "global_average_pool2d"
    }

    fn output_shape(&self, inputs: &[&[usize]]) -> Result<Shape> {
        Ok(vec![one_picture(self.name(), inputs)?[2]])
    }

    fn forward(&self, cx: Forward<'_>) {
        let [h, w, c] = [cx.input_shapes[0][0], cx.input_shapes[0][1], cx.input_shapes[0][2]];
        pool::global_average_forward(cx.batch, h * w, c, cx.inputs[0], cx.output);
    }

    #[cfg(feature = "train")]
    fn backward(&self, cx: Backward<'_>) {
        let [h, w, c] = [cx.input_shapes[0][0], cx.input_shapes[0][1], cx.input_shapes[0][2]];
        let [d_x, _] = cx.d_inputs;
        pool::global_average_backward(cx.batch, h * w, c, cx.d_output, d_x);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::check::check_gradients;

    #[test]
    fn gradients_match_central_differences() {
        check_gradients(&GlobalAveragePool2d, &[&[3, 5, 7]], 3);
    }
}
