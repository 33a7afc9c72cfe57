//! Zeros around a picture.

use super::one_picture;
use crate::error::{Error, Result};
use crate::graph::{Backward, Forward, Operator, Shape};
use crate::kernels::elementwise::add_assign;

/// `y[i, j, c] = x[i - top, j - left, c]` where that lies inside, else 0.
///
/// Shapes: `x: [h, w, c]`, `y: [top + h + bottom, left + w + right, c]`.
#[derive(Clone, Copy, Debug)]
pub struct ZeroPad2d {
    /// Cells to add at top, bottom, left and right.
    pub padding: [usize; 4],
}

impl ZeroPad2d {
    /// Calls `visit(input place, output place)` for each row of an input of shape `[h, w, c]`.
    fn for_each_row(&self, batch: usize, shape: &[usize], mut visit: impl FnMut(usize, usize)) {
        let &[h, w, c] = shape else { return };
        let [top, bottom, left, right] = self.padding;
        for row in 0..batch * h {
            let out_row = row / h * (top + h + bottom) + top + row % h;
            visit(row * w * c, (out_row * (left + w + right) + left) * c);
        }
    }
}

impl Operator for ZeroPad2d {
    fn name(&self) -> &'static str {
        "zero_pad2d"
    }

    fn output_shape(&self, inputs: &[&[usize]]) -> Result<Shape> {
        let [h, w, c] = one_picture(self.name(), inputs)?;
        if let Some(&pad) = self.padding.iter().find(|&&pad| pad > 1 << 12) {
            return Err(Error::config("padding", "at most 4096", pad));
        }
        let [top, bottom, left, right] = self.padding;
        Ok(vec![top + h + bottom, left + w + right, c])
    }

    fn forward(&self, cx: Forward<'_>) {
        let len = cx.input_shapes[0][1] * cx.input_shapes[0][2];
        cx.output.fill(0.0);
        self.for_each_row(cx.batch, cx.input_shapes[0], |from, to| {
            cx.output[to..][..len].copy_from_slice(&cx.inputs[0][from..][..len]);
        });
    }

    #[cfg(feature = "train")]
    fn backward(&self, cx: Backward<'_>) {
        let len = cx.input_shapes[0][1] * cx.input_shapes[0][2];
        let [d_x, _] = cx.d_inputs;
        self.for_each_row(cx.batch, cx.input_shapes[0], |from, to| {
            add_assign(&mut d_x[from..][..len], &cx.d_output[to..][..len]);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::check::check_gradients;

    #[test]
    fn gradients_match_central_differences() {
        check_gradients(&ZeroPad2d { padding: [1, 0, 2, 3] }, &[&[3, 2, 5]], 2);
        check_gradients(&ZeroPad2d { padding: [0; 4] }, &[&[1, 3, 2]], 3);
    }
}
