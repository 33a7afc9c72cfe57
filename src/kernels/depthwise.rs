//! Convolution whose channels fall into groups that do not see each other; with a group for each channel, depthwise.

use super::conv2d::Conv2d;
use super::depthwise_cells::{FilterGradient, Forward, InputGradient, MOST_CELLS};
use super::elementwise::axpy;
use super::reduce::dot;
use super::simd::widest;

/// A convolution in groups: outputs of group `g`, of as many as inputs, see the inputs of group `g` only.
///
/// Shapes: `x: [in_h, in_w, in_c]`, filters `[kernel_h, kernel_w, in_c / n_groups, out_c]`, `y: [out_h, out_w, out_c]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GroupedConv2d {
    /// Geometry with all channels.
    pub conv: Conv2d,
    /// Groups; divides the channels of input and output.
    pub n_groups: usize,
}

/// Where the numbers of one filter cell at one output cell lie: an input pixel, a filter cell, an output pixel.
struct Cell {
    x: usize,
    filter: usize,
    y: usize,
}

impl GroupedConv2d {
    fn group_in(&self) -> usize {
        self.conv.in_c / self.n_groups
    }

    fn group_out(&self) -> usize {
        self.conv.out_c / self.n_groups
    }

    /// Multiplications followed by an addition, for one example (with those on padding).
    pub fn multiply_adds(&self) -> u64 {
        self.conv.multiply_adds() / self.n_groups as u64
    }

    /// Calls `visit` for every filter cell at every output cell that lies on the input, in a fixed order.
    fn for_each_cell(&self, batch: usize, mut visit: impl FnMut(Cell)) {
        let conv = &self.conv;
        let inside = |at: usize, stride: usize, cell: usize, dilation: usize, pad: usize, len: usize| {
            let place = (at * stride + cell * dilation).wrapping_sub(pad);
            (place < len).then_some(place)
        };
        for out_row in 0..batch * conv.out_h {
            let (image, at_y) = (out_row / conv.out_h, out_row % conv.out_h);
            for u in 0..conv.kernel_h {
                let Some(y) = inside(at_y, conv.stride_h, u, conv.dilation_h, conv.pad_top, conv.in_h) else {
                    continue;
                };
                for v in 0..conv.kernel_w {
                    for at_x in 0..conv.out_w {
                        let Some(x) =
                            inside(at_x, conv.stride_w, v, conv.dilation_w, conv.pad_left, conv.in_w)
                        else {
                            continue;
                        };
                        visit(Cell {
                            x: ((image * conv.in_h + y) * conv.in_w + x) * conv.in_c,
                            filter: (u * conv.kernel_w + v) * self.group_in() * conv.out_c,
                            y: (out_row * conv.out_w + at_x) * conv.out_c,
                        });
                    }
                }
            }
        }
    }

    /// Calls `visit(input channel, filter place, output channel)` for each input of each group of one cell: the
    /// filter's and the output's channels are the group's, side by side.
    fn for_each_input(&self, mut visit: impl FnMut(usize, usize, usize)) {
        let (group_in, group_out) = (self.group_in(), self.group_out());
        for channel in 0..self.conv.in_c {
            let (group, i) = (channel / group_in, channel % group_in);
            visit(channel, i * self.conv.out_c + group * group_out, group * group_out);
        }
    }

    /// Whether every channel is alone, and the filters of usual size.
    fn is_depthwise(&self) -> bool {
        let n_cells = self.conv.kernel_h * self.conv.kernel_w;
        self.group_in() == 1 && self.group_out() == 1 && n_cells <= MOST_CELLS
    }

    /// `y = bias + x ∗ filters`.
    pub fn forward(&self, batch: usize, x: &[f32], filters: &[f32], bias: Option<&[f32]>, y: &mut [f32]) {
        let (out_c, n) = (self.conv.out_c, self.group_out());
        match bias {
            Some(bias) => y.chunks_exact_mut(out_c).for_each(|y| y.copy_from_slice(bias)),
            None => y.fill(0.0),
        }
        if self.is_depthwise() {
            return widest(Forward { conv: &self.conv, x, filters, y });
        }
        self.for_each_cell(batch, |cell| {
            self.for_each_input(|channel, filter, out| {
                axpy(x[cell.x + channel], &filters[cell.filter + filter..][..n], &mut y[cell.y + out..][..n]);
            });
        });
    }

    /// `d_filters += ` the gradient.
    pub fn backward_filters(&self, batch: usize, x: &[f32], d_y: &[f32], d_filters: &mut [f32]) {
        let n = self.group_out();
        if self.is_depthwise() {
            return widest(FilterGradient { conv: &self.conv, x, d_y, d_filters });
        }
        self.for_each_cell(batch, |cell| {
            self.for_each_input(|channel, filter, out| {
                axpy(
                    x[cell.x + channel],
                    &d_y[cell.y + out..][..n],
                    &mut d_filters[cell.filter + filter..][..n],
                );
            });
        });
    }

    /// `d_x += ` the gradient.
    pub fn backward_input(&self, batch: usize, d_y: &[f32], filters: &[f32], d_x: &mut [f32]) {
        let n = self.group_out();
        if self.is_depthwise() {
            return widest(InputGradient { conv: &self.conv, d_y, filters, d_x });
        }
        self.for_each_cell(batch, |cell| {
            self.for_each_input(|channel, filter, out| {
                d_x[cell.x + channel] +=
                    dot(&d_y[cell.y + out..][..n], &filters[cell.filter + filter..][..n]);
            });
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::reference::for_each_product;
    use crate::rng::Rng;

    #[test]
    fn products_are_those_of_a_convolution_whose_other_filters_are_zero() {
        for (in_c, out_c, n_groups, stride, dilation) in [
            (6, 6, 6, 1, 1),
            (5, 5, 5, 2, 1),
            (37, 37, 37, 1, 1),
            (20, 20, 20, 2, 1),
            (3, 9, 3, 1, 2),
            (6, 4, 2, 2, 1),
            (8, 12, 4, 1, 1),
        ] {
            let conv = Conv2d {
                in_h: 7,
                in_w: 6,
                in_c,
                out_h: 7usize.div_ceil(stride),
                out_w: 6usize.div_ceil(stride),
                out_c,
                kernel_h: 3,
                kernel_w: 3,
                stride_h: stride,
                stride_w: stride,
                pad_top: dilation,
                pad_left: dilation,
                dilation_h: dilation,
                dilation_w: dilation,
            };
            let grouped = GroupedConv2d { conv, n_groups };
            let mut rng = Rng::new(9, 0);
            let mut random = |len: usize| -> Vec<f32> { (0..len).map(|_| rng.range(-1.0, 1.0)).collect() };
            let (batch, group_in, group_out) = (2, in_c / n_groups, out_c / n_groups);
            let x = random(batch * 42 * in_c);
            let filters = random(9 * group_in * out_c);
            let bias = random(out_c);
            let d_y = random(batch * conv.out_h * conv.out_w * out_c);
            let mut y: Vec<f64> = (0..d_y.len()).map(|i| f64::from(bias[i % out_c])).collect();
            let (mut d_x, mut d_filters) = (vec![1.0f64; x.len()], vec![1.0f64; filters.len()]);
            for_each_product(&conv, batch, |i, j, k| {
                let (cell, c, o) = (j / (in_c * out_c), j / out_c % in_c, j % out_c);
                if c / group_in != o / group_out {
                    return;
                }
                let j = (cell * group_in + c % group_in) * out_c + o;
                y[k] += f64::from(x[i]) * f64::from(filters[j]);
                d_x[i] += f64::from(d_y[k]) * f64::from(filters[j]);
                d_filters[j] += f64::from(d_y[k]) * f64::from(x[i]);
            });
            let mut got = vec![f32::NAN; d_y.len()];
            grouped.forward(batch, &x, &filters, Some(&bias), &mut got);
            let (mut got_d_x, mut got_d_filters) = (vec![1.0; x.len()], vec![1.0; filters.len()]);
            grouped.backward_input(batch, &d_y, &filters, &mut got_d_x);
            grouped.backward_filters(batch, &x, &d_y, &mut got_d_filters);
            for (got, want) in [(&got, &y), (&got_d_x, &d_x), (&got_d_filters, &d_filters)] {
                for (got, want) in got.iter().zip(want) {
                    assert!((f64::from(*got) - want).abs() < 1e-4, "{grouped:?}: {got} {want}");
                }
            }
        }
    }
}
