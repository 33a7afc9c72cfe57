//! Convolution over NHWC pictures without unfolding them: an output pixel's factors are a few contiguous
//! runs of its (padded) input, read in place by the tile that multiplies them.

mod backward;
mod forward;
mod pooled;
mod winograd;
mod winograd_lines;
mod winograd_tiles;

pub use forward::Filters;
pub use pooled::PooledConv2d;

use super::microkernel::Runs;

/// Geometry of a convolution. Padding after the input follows from the size of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Conv2d {
    /// Rows of the input.
    pub in_h: usize,
    /// Columns of the input.
    pub in_w: usize,
    /// Channels of the input.
    pub in_c: usize,
    /// Rows of the output.
    pub out_h: usize,
    /// Columns of the output.
    pub out_w: usize,
    /// Channels of the output.
    pub out_c: usize,
    /// Rows of a filter.
    pub kernel_h: usize,
    /// Columns of a filter.
    pub kernel_w: usize,
    /// Rows from one window to the next.
    pub stride_h: usize,
    /// Columns from one window to the next.
    pub stride_w: usize,
    /// Rows of the first window above the input.
    pub pad_top: usize,
    /// Columns of the first window left of the input.
    pub pad_left: usize,
    /// Rows from one filter cell to the next.
    pub dilation_h: usize,
    /// Columns from one filter cell to the next.
    pub dilation_w: usize,
}

/// A picture with zeros around it.
#[derive(Clone, Copy)]
struct Padded {
    h: usize,
    w: usize,
    top: usize,
    left: usize,
}

impl Conv2d {
    fn in_len(&self) -> usize {
        self.in_h * self.in_w * self.in_c
    }

    fn out_len(&self) -> usize {
        self.out_h * self.out_w * self.out_c
    }

    fn window_len(&self) -> usize {
        self.kernel_h * self.kernel_w * self.in_c
    }

    /// Multiplications followed by an addition, for one example (with those on padding).
    pub fn multiply_adds(&self) -> u64 {
        (self.out_h * self.out_w) as u64 * (self.window_len() * self.out_c) as u64
    }

    /// Rows and columns that the windows reach over.
    fn padded(&self) -> Padded {
        Padded {
            h: ((self.out_h - 1) * self.stride_h + (self.kernel_h - 1) * self.dilation_h + 1)
                .max(self.pad_top + self.in_h),
            w: ((self.out_w - 1) * self.stride_w + (self.kernel_w - 1) * self.dilation_w + 1)
                .max(self.pad_left + self.in_w),
            top: self.pad_top,
            left: self.pad_left,
        }
    }

    fn is_padded(&self) -> bool {
        let padded = self.padded();
        padded.h != self.in_h || padded.w != self.in_w
    }

    fn padded_len(&self) -> usize {
        let padded = self.padded();
        if self.is_padded() { padded.h * padded.w * self.in_c } else { 0 }
    }

    /// A window's runs in a picture of `w` columns.
    fn runs(&self, w: usize) -> Runs {
        let row = self.dilation_h * w * self.in_c;
        if self.dilation_w == 1 {
            let run_len = self.kernel_w * self.in_c;
            return Runs { outer: self.kernel_h, outer_stride: row, inner: 1, inner_stride: 0, run_len };
        }
        Runs {
            outer: self.kernel_h,
            outer_stride: row,
            inner: self.kernel_w,
            inner_stride: self.dilation_w * self.in_c,
            run_len: self.in_c,
        }
    }

    /// Elements of a picture with its padding.
    fn picture_len(&self) -> usize {
        if self.is_padded() { self.padded_len() } else { self.in_len() }
    }

    /// The pictures with their padding one after the other, and their columns; `pads` as in
    /// [`pad_into`](Self::pad_into).
    fn pad_all<'a>(&self, x: &'a [f32], pads: &'a mut [f32]) -> (&'a [f32], usize) {
        if !self.is_padded() {
            return (x, self.in_w);
        }
        for (x, pad) in x.chunks_exact(self.in_len()).zip(pads.chunks_exact_mut(self.padded_len())) {
            self.pad_into(x, pad);
        }
        (pads, self.padded().w)
    }

    /// The picture with its padding, and its columns; `pad` has zeros at the border and keeps them.
    fn pad_into<'a>(&self, x: &'a [f32], pad: &'a mut [f32]) -> (&'a [f32], usize) {
        if !self.is_padded() {
            return (x, self.in_w);
        }
        let padded = self.padded();
        copy_rows(x, self.in_h, self.in_w * self.in_c, pad, padded.w * self.in_c, |y| {
            ((padded.top + y) * padded.w + padded.left) * self.in_c
        });
        (pad, padded.w)
    }
}

/// Copies `n_rows` rows of `row_len` elements to where `place(row)` says, cut at the end of the target's row.
fn copy_rows(
    from: &[f32],
    n_rows: usize,
    row_len: usize,
    to: &mut [f32],
    to_row_len: usize,
    place: impl Fn(usize) -> usize,
) {
    for (y, row) in from.chunks_exact(row_len).take(n_rows).enumerate() {
        let start = place(y);
        let len = row_len.min(to_row_len - start % to_row_len);
        to[start..start + len].copy_from_slice(&row[..len]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::activation::Activation;
    use crate::kernels::reference::for_each_product;
    use crate::rng::Rng;

    fn check(conv: Conv2d) {
        let mut rng = Rng::new(4, 0);
        let mut random = |len: usize| -> Vec<f32> { (0..len).map(|_| rng.range(-1.0, 1.0)).collect() };
        let batch = 2;
        let (x, filters, bias) =
            (random(batch * conv.in_len()), random(conv.window_len() * conv.out_c), random(conv.out_c));
        let d_y = random(batch * conv.out_len());
        let mut y: Vec<f64> = d_y.iter().enumerate().map(|(i, _)| f64::from(bias[i % conv.out_c])).collect();
        let (mut d_x, mut d_filters) = (vec![1.0f64; x.len()], vec![1.0f64; filters.len()]);
        for_each_product(&conv, batch, |i, j, k| {
            y[k] += f64::from(x[i]) * f64::from(filters[j]);
            d_x[i] += f64::from(d_y[k]) * f64::from(filters[j]);
            d_filters[j] += f64::from(d_y[k]) * f64::from(x[i]);
        });
        let mut scratch = vec![f32::NAN; conv.forward_scratch_len(batch)];
        let mut got = vec![f32::NAN; y.len()];
        conv.forward(
            batch,
            &x,
            Filters::Plain(&filters),
            Some(&bias),
            Activation::None,
            &mut scratch,
            &mut got,
        );
        compare(&conv, "forward", &got, &y);
        let mut scratch = vec![f32::NAN; conv.backward_scratch_len(batch)];
        let (mut got_x, mut got_filters) = (vec![1.0; x.len()], vec![1.0; filters.len()]);
        conv.backward_filters(batch, &x, &d_y, &mut scratch, &mut got_filters);
        compare(&conv, "filters", &got_filters, &d_filters);
        scratch.fill(f32::NAN);
        conv.backward_input(batch, &d_y, &filters, &mut scratch, &mut got_x);
        compare(&conv, "input", &got_x, &d_x);
    }

    fn compare(conv: &Conv2d, what: &str, got: &[f32], expected: &[f64]) {
        for (i, (&got, &expected)) in got.iter().zip(expected).enumerate() {
            let close = (f64::from(got) - expected).abs() < 1e-4 * (1.0 + expected.abs());
            assert!(close, "{conv:?} {what} {i}: {got} {expected}");
        }
    }

    #[test]
    fn forward_and_gradients_agree_with_the_f64_reference_at_odd_shapes() {
        let base = Conv2d {
            in_h: 7,
            in_w: 9,
            in_c: 3,
            out_h: 5,
            out_w: 7,
            out_c: 10,
            kernel_h: 3,
            kernel_w: 3,
            stride_h: 1,
            stride_w: 1,
            pad_top: 0,
            pad_left: 0,
            dilation_h: 1,
            dilation_w: 1,
        };
        check(base);
        check(Conv2d { in_c: 1, out_c: 33, ..base });
        check(Conv2d { in_c: 16, out_c: 24, ..base });
        check(Conv2d { out_h: 7, out_w: 9, pad_top: 1, pad_left: 1, ..base });
        check(Conv2d { out_h: 4, out_w: 5, stride_h: 2, stride_w: 2, pad_top: 1, pad_left: 1, ..base });
        check(Conv2d { out_h: 3, out_w: 5, dilation_h: 2, dilation_w: 2, ..base });
        check(Conv2d { out_h: 7, out_w: 9, dilation_h: 2, dilation_w: 2, pad_top: 2, pad_left: 2, ..base });
        check(Conv2d { kernel_h: 1, kernel_w: 1, out_h: 7, out_w: 9, ..base });
        check(Conv2d { kernel_h: 2, kernel_w: 4, out_h: 7, out_w: 9, pad_left: 1, ..base });
        check(Conv2d { kernel_h: 1, kernel_w: 2, out_h: 2, out_w: 2, stride_h: 4, stride_w: 5, ..base });
        // More padding than the filter reaches over: some windows see nothing else.
        check(Conv2d { out_h: 14, out_w: 17, pad_top: 4, pad_left: 5, ..base });
        check(Conv2d { out_h: 9, out_w: 11, dilation_h: 3, dilation_w: 2, pad_top: 4, pad_left: 3, ..base });
        // Few filters, as the last layer of a network that makes pictures has.
        check(Conv2d { out_c: 1, ..base });
        check(Conv2d { in_c: 5, out_c: 3, ..base });
        check(Conv2d { in_c: 8, out_c: 14, ..base });
        // By Winograd's way: whole tiles, cut ones, with padding, few channels left over.
        let wide = Conv2d { in_c: 32, out_c: 36, ..base };
        check(wide);
        check(Conv2d { in_h: 10, in_w: 18, out_h: 10, out_w: 18, pad_top: 1, pad_left: 1, ..wide });
        check(Conv2d { in_c: 16, out_c: 16, out_h: 9, out_w: 11, pad_top: 2, pad_left: 2, ..wide });
        check(Conv2d { in_h: 20, in_w: 16, out_h: 18, out_w: 14, ..wide });
        // Strides so long that the windows miss the last rows and columns.
        check(Conv2d { out_h: 2, out_w: 3, stride_h: 3, stride_w: 3, ..base });
    }
}
