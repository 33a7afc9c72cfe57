//! A fixed scale and shift of each channel: what batch normalization is once its statistics stand still.

use super::one_input;
use crate::error::Result;
use crate::graph::{Backward, Forward, Operator, Shape};
use crate::kernels::elementwise;

/// `y = scale · x + shift`, for each channel; nothing here is learnt.
///
/// Shapes: `x, y: [.., c]`, `scale, shift: [c]`.
#[derive(Clone, Debug)]
pub struct Affine {
    /// Factor of each channel.
    pub scale: Vec<f32>,
    /// What is added to each channel.
    pub shift: Vec<f32>,
}

impl Operator for Affine {
    fn name(&self) -> &'static str {
        "affine"
    }

    fn output_shape(&self, inputs: &[&[usize]]) -> Result<Shape> {
        match one_input(self.name(), inputs)? {
            shape if shape.last() == Some(&self.scale.len()) => Ok(shape.to_vec()),
            _ => Err(super::wrong_inputs(self.name(), "an input of as many channels", inputs)),
        }
    }

    fn forward(&self, cx: Forward<'_>) {
        elementwise::channel_affine(cx.inputs[0], &self.scale, &self.shift, cx.output);
    }

    #[cfg(feature = "train")]
    fn backward(&self, cx: Backward<'_>) {
        let [d_x, _] = cx.d_inputs;
        let rows = d_x.chunks_exact_mut(self.scale.len()).zip(cx.d_output.chunks_exact(self.scale.len()));
        for (d_x, d_y) in rows {
            for ((d_x, d_y), scale) in d_x.iter_mut().zip(d_y).zip(&self.scale) {
                *d_x += scale * d_y;
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
        check_gradients(
            &Affine { scale: vec![0.5, -2.0, 3.0], shift: vec![1.0, 0.0, -1.0] },
            &[&[4, 5, 3]],
            2,
        );
    }
}
