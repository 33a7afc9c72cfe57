//! Pooling by the mean of each window.

use super::Padding;
use super::pool_window::PoolWindow;
use crate::error::Result;
use crate::graph::{Backward, Forward, Operator, Shape};
use crate::kernels::pool::Pool2d;

/// `y[i, j, c] = mean of x over the cells of the window at (i, j) that lie inside the input`.
///
/// Shapes: `x: [h, w, c]`, `y: [out_h, out_w, c]`.
#[derive(Clone, Debug)]
pub struct AveragePool2d {
    window: PoolWindow,
}

impl AveragePool2d {
    /// Square windows of `pool_size` side by side, valid padding.
    pub fn new(pool_size: usize) -> AveragePool2d {
        AveragePool2d { window: PoolWindow::side_by_side(pool_size) }
    }

    /// With windows `stride` apart.
    pub fn stride(self, stride: usize) -> AveragePool2d {
        AveragePool2d { window: PoolWindow { stride, ..self.window } }
    }

    /// With this padding.
    pub fn padding(self, padding: Padding) -> AveragePool2d {
        AveragePool2d { window: PoolWindow { padding, ..self.window } }
    }

    fn known_geometry(&self, input_shape: &[usize]) -> Pool2d {
        self.window.geometry(self.name(), &[input_shape]).expect("the graph checked the shape")
    }
}

impl Operator for AveragePool2d {
    fn name(&self) -> &'static str {
        "average_pool2d"
    }

    fn output_shape(&self, inputs: &[&[usize]]) -> Result<Shape> {
        let geometry = self.window.geometry(self.name(), inputs)?;
        Ok(vec![geometry.out_h, geometry.out_w, geometry.channels])
    }

    fn forward(&self, cx: Forward<'_>) {
        self.known_geometry(cx.input_shapes[0]).average_forward(cx.batch, cx.inputs[0], cx.output);
    }

    #[cfg(feature = "train")]
    fn backward(&self, cx: Backward<'_>) {
        let [d_x, _] = cx.d_inputs;
        self.known_geometry(cx.input_shapes[0]).average_backward(cx.batch, cx.d_output, d_x);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::check::check_gradients;

    #[test]
    fn gradients_match_central_differences() {
        for (op, shape) in [
            (AveragePool2d::new(2), [5, 7, 3]),
            (AveragePool2d::new(3).stride(2), [7, 9, 5]),
            (AveragePool2d::new(3).stride(2).padding(Padding::Same), [6, 7, 9]),
            (AveragePool2d::new(2).stride(1).padding(Padding::Same), [4, 3, 1]),
        ] {
            check_gradients(&op, &[&shape], 2);
        }
    }
}
