//! Pooling by the largest value of each window.

use super::Padding;
use super::pool_window::PoolWindow;
use crate::error::Result;
use crate::graph::{Backward, Forward, Mode, Operator, Shape, Workspace};
use crate::kernels::pool::Pool2d;

/// `y[i, j, c] = max of x over the window at (i, j)`. Where several are largest the first, row by row, receives the gradient.
///
/// Shapes: `x: [h, w, c]`, `y: [out_h, out_w, c]`.
#[derive(Clone, Debug)]
pub struct MaxPool2d {
    window: PoolWindow,
}

impl MaxPool2d {
    /// Square windows of `pool_size` side by side, valid padding.
    pub fn new(pool_size: usize) -> MaxPool2d {
        MaxPool2d { window: PoolWindow::side_by_side(pool_size) }
    }

    /// With windows `stride` apart.
    pub fn stride(self, stride: usize) -> MaxPool2d {
        MaxPool2d { window: PoolWindow { stride, ..self.window } }
    }

    /// With this padding.
    pub fn padding(self, padding: Padding) -> MaxPool2d {
        MaxPool2d { window: PoolWindow { padding, ..self.window } }
    }

    fn known_geometry(&self, input_shape: &[usize]) -> Pool2d {
        self.window.geometry(self.name(), &[input_shape]).expect("the graph checked the shape")
    }
}

impl Operator for MaxPool2d {
    fn name(&self) -> &'static str {
        "max_pool2d"
    }

    fn output_shape(&self, inputs: &[&[usize]]) -> Result<Shape> {
        let geometry = self.window.geometry(self.name(), inputs)?;
        Ok(vec![geometry.out_h, geometry.out_w, geometry.channels])
    }

    fn as_max_pool(&self, inputs: &[&[usize]]) -> Option<Pool2d> {
        self.window.geometry(self.name(), inputs).ok()
    }

    fn workspace(&self, inputs: &[&[usize]], batch: usize, mode: Mode) -> Workspace {
        let saved = if mode.is_training() { batch * self.known_geometry(inputs[0]).out_len() } else { 0 };
        Workspace { saved, ..Workspace::default() }
    }

    fn forward(&self, cx: Forward<'_>) {
        let winners = cx.saved.get_mut(..cx.output.len()).unwrap_or_default();
        self.known_geometry(cx.input_shapes[0]).max_forward(cx.batch, cx.inputs[0], cx.output, winners);
    }

    #[cfg(feature = "train")]
    fn backward(&self, cx: Backward<'_>) {
        let [d_x, _] = cx.d_inputs;
        let winners = &cx.saved[..cx.d_output.len()];
        self.known_geometry(cx.input_shapes[0]).max_backward(cx.batch, winners, cx.d_output, d_x);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::check::check_gradients;

    #[test]
    fn gradients_match_central_differences() {
        for (op, shape) in [
            (MaxPool2d::new(2), [5, 7, 3]),
            (MaxPool2d::new(3).stride(2), [7, 9, 5]),
            (MaxPool2d::new(3).stride(2).padding(Padding::Same), [6, 7, 9]),
            (MaxPool2d::new(2).stride(1).padding(Padding::Same), [4, 3, 1]),
        ] {
            check_gradients(&op, &[&shape], 2);
        }
    }
}
