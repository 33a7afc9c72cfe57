//! The greatest value of each channel over the whole picture.

use super::one_picture;
use crate::error::Result;
#[cfg(feature = "train")]
use crate::graph::Backward;
use crate::graph::{Forward, Keeps, Operator, Shape};

/// `y[c] = max of x[.., .., c]`. The gradient goes to the first cell, row by row, that holds the maximum.
///
/// Shapes: `x: [h, w, c]`, `y: [c]`. Source: Keras' `GlobalMaxPooling2D`, PyTorch's `AdaptiveMaxPool2d(1)`.
#[derive(Clone, Copy, Debug)]
pub struct GlobalMaxPool2d;

impl Operator for GlobalMaxPool2d {
    fn name(&self) -> &'static str {
        "global_max_pool2d"
    }

    fn output_shape(&self, inputs: &[&[usize]]) -> Result<Shape> {
        Ok(vec![one_picture(self.name(), inputs)?[2]])
    }

    fn keeps(&self) -> Keeps {
        Keeps { inputs: true, output: true }
    }

    fn forward(&self, cx: Forward<'_>) {
        let len: usize = cx.input_shapes[0].iter().product();
        let c = cx.input_shapes[0][2];
        for (x, y) in cx.inputs[0].chunks_exact(len).zip(cx.output.chunks_exact_mut(c)) {
            y.fill(f32::NEG_INFINITY);
            for cell in x.chunks_exact(c) {
                for (y, &x) in y.iter_mut().zip(cell) {
                    *y = if x > *y { x } else { *y };
                }
            }
        }
    }

    #[cfg(feature = "train")]
    fn backward(&self, cx: Backward<'_>) {
        let len: usize = cx.input_shapes[0].iter().product();
        let c = cx.input_shapes[0][2];
        let [d_x, _] = cx.d_inputs;
        let outputs = cx.output.chunks_exact(c).zip(cx.d_output.chunks_exact(c));
        for ((x, d_x), (y, d_y)) in cx.inputs[0].chunks_exact(len).zip(d_x.chunks_exact_mut(len)).zip(outputs)
        {
            for channel in 0..c {
                let winner = (channel..len).step_by(c).find(|&at| x[at] == y[channel]);
                if let Some(at) = winner {
                    d_x[at] += d_y[channel];
                }
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
        check_gradients(&GlobalMaxPool2d, &[&[3, 5, 7]], 3);
    }
}
