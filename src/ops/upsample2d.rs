//! Larger pictures by a whole factor.

use serde::Serialize;

use super::one_picture;
use crate::error::{Error, Result};
use crate::graph::{Backward, Forward, Operator, Shape};
use crate::kernels::elementwise::axpy;
use crate::settings::{Setting, choose};
use crate::value::Value;

/// Where a new pixel comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Interpolation {
    /// From the pixel that it lies in.
    #[default]
    Nearest,
    /// From the four pixels whose centers are around its center, the nearer the more.
    Bilinear,
}

impl Setting for Interpolation {
    fn read(name: &str, value: Value) -> Result<Interpolation> {
        choose(name, value, &[("nearest", Interpolation::Nearest), ("bilinear", Interpolation::Bilinear)])
    }
}

/// `y[i, j, c]`, a mean of the pixels of `x` around `((i + 1/2) / size - 1/2, (j + 1/2) / size - 1/2)`; beyond the border
/// the pixels at the border count.
///
/// Shapes: `x: [h, w, c]`, `y: [h · size, w · size, c]`. Source: Keras' `UpSampling2D`, PyTorch's `Upsample` without
/// aligned corners.
#[derive(Clone, Copy, Debug)]
pub struct Upsample2d {
    /// New pixels for each old one in either direction.
    pub size: usize,
    /// Where they come from.
    pub interpolation: Interpolation,
}

impl Upsample2d {
    /// The two places along an axis of `len` that output `i` comes from, and the second one's share.
    fn sources(&self, i: usize, len: usize) -> [(usize, f32); 2] {
        if self.interpolation == Interpolation::Nearest {
            return [(i / self.size, 1.0), (i / self.size, 0.0)];
        }
        // In units of 1 / (2 size), so that shares are exact where they can be.
        let center = (2 * i + 1).saturating_sub(self.size);
        let (first, rest) = (center / (2 * self.size), center % (2 * self.size));
        let share = rest as f32 / (2 * self.size) as f32;
        [(first, 1.0 - share), ((first + 1).min(len - 1), share)]
    }

    /// Calls `visit(output pixel, input pixel, share)` for all pairs with a share, in a fixed order.
    fn for_each_pair(&self, batch: usize, shape: &[usize], mut visit: impl FnMut(usize, usize, f32)) {
        let &[h, w, _] = shape else { return };
        let (out_h, out_w) = (h * self.size, w * self.size);
        for row in 0..batch * out_h {
            let image = row / out_h;
            for column in 0..out_w {
                for (y, share_y) in self.sources(row % out_h, h) {
                    for (x, share_x) in self.sources(column, w) {
                        let share = share_y * share_x;
                        if share > 0.0 {
                            visit(row * out_w + column, (image * h + y) * w + x, share);
                        }
                    }
                }
            }
        }
    }
}

impl Operator for Upsample2d {
    fn name(&self) -> &'static str {
        "upsample2d"
    }

    fn output_shape(&self, inputs: &[&[usize]]) -> Result<Shape> {
        let [h, w, c] = one_picture(self.name(), inputs)?;
        if !(1..=64).contains(&self.size) {
            return Err(Error::config("size", "between 1 and 64", self.size));
        }
        Ok(vec![h * self.size, w * self.size, c])
    }

    fn forward(&self, cx: Forward<'_>) {
        let c = cx.output_shape[2];
        cx.output.fill(0.0);
        self.for_each_pair(cx.batch, cx.input_shapes[0], |to, from, share| {
            axpy(share, &cx.inputs[0][from * c..][..c], &mut cx.output[to * c..][..c]);
        });
    }

    #[cfg(feature = "train")]
    fn backward(&self, cx: Backward<'_>) {
        let c = cx.output_shape[2];
        let [d_x, _] = cx.d_inputs;
        self.for_each_pair(cx.batch, cx.input_shapes[0], |to, from, share| {
            axpy(share, &cx.d_output[to * c..][..c], &mut d_x[from * c..][..c]);
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::check::{check_gradients, run_forward};

    #[test]
    fn gradients_match_central_differences() {
        for interpolation in [Interpolation::Nearest, Interpolation::Bilinear] {
            check_gradients(&Upsample2d { size: 2, interpolation }, &[&[3, 4, 5]], 2);
            check_gradients(&Upsample2d { size: 3, interpolation }, &[&[1, 3, 2]], 2);
        }
    }

    #[test]
    fn a_ramp_stays_a_ramp_between_its_ends() {
        let op = Upsample2d { size: 2, interpolation: Interpolation::Bilinear };
        let y = run_forward(&op, &[&[1, 3, 1]], &[&[0.0, 4.0, 8.0]], 1, crate::graph::Mode::Inference);
        assert_eq!(y[..6], [0.0, 1.0, 3.0, 5.0, 7.0, 8.0]);
    }
}
