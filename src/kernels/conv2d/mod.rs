//! Convolution over NHWC pictures without unfolding them: an output pixel's factors are a few contiguous
//! runs of its (padded) input, read in place by the tile that multiplies them.

use super::activation::Activation;
use super::microkernel::{Last, Places, Runs};
use super::pack::{pack_rows, pack_transposed, packed_len};
use super::products::{Packed, outer_product, rows_product};

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

    /// Elements of scratch that [`forward`](Self::forward) needs, for any batch.
    pub fn forward_scratch_len(&self, _batch: usize) -> usize {
        packed_len(self.window_len(), self.out_c) + self.padded_len()
    }

    /// `y = f(x * filters + bias)`.
    ///
    /// Shapes: `x: [batch, in_h, in_w, in_c]`, `filters: [kernel_h, kernel_w, in_c, out_c]`, bias `[out_c]`,
    /// `y: [batch, out_h, out_w, out_c]`.
    pub fn forward(
        &self,
        batch: usize,
        x: &[f32],
        filters: &[f32],
        bias: Option<&[f32]>,
        activation: Activation,
        scratch: &mut [f32],
        y: &mut [f32],
    ) {
        assert!(x.len() == batch * self.in_len() && y.len() == batch * self.out_len());
        let (k, n) = (self.window_len(), self.out_c);
        let (packed, rest) = scratch.split_at_mut(packed_len(k, n));
        pack_rows(k, n, filters, n, packed);
        let packed = Packed { elements: packed, k, n, skipped: 0 };
        let last = Last { bias, activation, accumulate: false };
        let pad = &mut rest[..self.padded_len()];
        pad.fill(0.0);
        for (x, y) in x.chunks_exact(self.in_len()).zip(y.chunks_exact_mut(self.out_len())) {
            let (x, w) = self.pad_into(x, pad);
            self.convolve(x, w, self.pad_top, self.in_h, packed, last, y);
        }
        if activation.is_transcendental() {
            activation.forward_in_place(y);
        }
    }

    /// All windows of one padded picture of `w` columns, of whose rows those outside `top .. top + n_rows`
    /// are zero and left out.
    fn convolve(
        &self,
        x: &[f32],
        w: usize,
        top: usize,
        n_rows: usize,
        packed: Packed<'_>,
        last: Last<'_>,
        y: &mut [f32],
    ) {
        let filter_rows = |out_y: usize| {
            let first = out_y * self.stride_h;
            let from = top.saturating_sub(first).div_ceil(self.dilation_h).min(self.kernel_h - 1);
            let to = (top + n_rows).saturating_sub(first).div_ceil(self.dilation_h).min(self.kernel_h);
            // A window on nothing but padding still has to write its bias: one row of zeros is enough.
            (from, to.max(from + 1))
        };
        let mut out_y = 0;
        while out_y < self.out_h {
            let (from, to) = filter_rows(out_y);
            let end = (out_y..self.out_h).find(|&y| filter_rows(y) != (from, to)).unwrap_or(self.out_h);
            let places = Places {
                rows: end - out_y,
                columns: self.out_w,
                row_stride: self.stride_h * w * self.in_c,
                column_stride: self.stride_w * self.in_c,
            };
            let runs = Runs { outer: to - from, ..self.runs(w) };
            let first = (out_y * self.stride_h + from * self.dilation_h) * w * self.in_c;
            let packed = Packed { skipped: from * self.kernel_w * self.in_c, ..packed };
            let y = &mut y[out_y * self.out_w * self.out_c..end * self.out_w * self.out_c];
            rows_product(runs, &x[first..], places, packed, last, y);
            out_y = end;
        }
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

    /// Elements of scratch that either backward call needs, for any batch.
    pub fn backward_scratch_len(&self, _batch: usize) -> usize {
        let of_input = if self.takes_windows_apart() {
            packed_len(self.out_c, self.window_len()) + self.out_h * self.out_w * self.window_len()
        } else {
            let spread = self.spread();
            packed_len(self.kernel_h * self.kernel_w * self.out_c, self.in_c)
                + spread.h * spread.w * self.out_c
        };
        of_input.max(self.padded_len())
    }

    /// Whether the input gradient is no plain convolution of the output gradient: with strides, or with more
    /// padding than the filter reaches over.
    fn takes_windows_apart(&self) -> bool {
        self.stride_h > 1
            || self.stride_w > 1
            || self.pad_top > (self.kernel_h - 1) * self.dilation_h
            || self.pad_left > (self.kernel_w - 1) * self.dilation_w
    }

    /// `d_filters += ` gradient, an outer product of windows and output gradients for each filter cell.
    pub fn backward_filters(
        &self,
        batch: usize,
        x: &[f32],
        d_y: &[f32],
        scratch: &mut [f32],
        d_filters: &mut [f32],
    ) {
        assert!(x.len() == batch * self.in_len() && d_y.len() == batch * self.out_len());
        assert_eq!(d_filters.len(), self.window_len() * self.out_c);
        let pad = &mut scratch[..self.padded_len()];
        pad.fill(0.0);
        // Without dilation the cells of one filter row lie side by side, in the picture as in the filter.
        let joined = if self.dilation_w == 1 { self.kernel_w } else { 1 };
        for (x, d_y) in x.chunks_exact(self.in_len()).zip(d_y.chunks_exact(self.out_len())) {
            let (x, w) = self.pad_into(x, pad);
            for u in 0..self.kernel_h {
                // Output rows whose cell of this filter row lies on the picture.
                let up = u * self.dilation_h;
                let from = self.pad_top.saturating_sub(up).div_ceil(self.stride_h);
                let to =
                    (self.pad_top + self.in_h).saturating_sub(up).div_ceil(self.stride_h).min(self.out_h);
                if from >= to {
                    continue;
                }
                let y_places = Places {
                    rows: to - from,
                    columns: self.out_w,
                    row_stride: self.out_w * self.out_c,
                    column_stride: self.out_c,
                };
                let x_places = Places {
                    row_stride: self.stride_h * w * self.in_c,
                    column_stride: self.stride_w * self.in_c,
                    ..y_places
                };
                let (x, d_y) = (
                    &x[(from * self.stride_h + up) * w * self.in_c..],
                    &d_y[from * self.out_w * self.out_c..],
                );
                for v in (0..self.kernel_w).step_by(joined) {
                    let (m, n) = (joined * self.in_c, self.out_c);
                    let d_cell = &mut d_filters[(u * self.kernel_w + v) * self.in_c * n..][..m * n];
                    outer_product(
                        m,
                        n,
                        &x[v * self.dilation_w * self.in_c..],
                        x_places,
                        d_y,
                        y_places,
                        d_cell,
                    );
                }
            }
        }
    }

    /// `d_x += ` gradient.
    pub fn backward_input(
        &self,
        batch: usize,
        d_y: &[f32],
        filters: &[f32],
        scratch: &mut [f32],
        d_x: &mut [f32],
    ) {
        assert!(d_x.len() == batch * self.in_len() && d_y.len() == batch * self.out_len());
        if self.takes_windows_apart() {
            self.backward_input_by_windows(d_y, filters, scratch, d_x);
        } else {
            self.backward_input_by_convolution(d_y, filters, scratch, d_x);
        }
    }

    /// The size of an output gradient spread so far that every input cell sees all windows it was in.
    fn spread(&self) -> Padded {
        Padded {
            h: self.in_h + (self.kernel_h - 1) * self.dilation_h,
            w: self.in_w + (self.kernel_w - 1) * self.dilation_w,
            top: (self.kernel_h - 1) * self.dilation_h - self.pad_top,
            left: (self.kernel_w - 1) * self.dilation_w - self.pad_left,
        }
    }

    /// At stride 1 the input gradient is the convolution of the padded output gradient with the flipped
    /// filters, so the forward kernel computes it.
    fn backward_input_by_convolution(
        &self,
        d_y: &[f32],
        filters: &[f32],
        scratch: &mut [f32],
        d_x: &mut [f32],
    ) {
        let (spread, n_cells) = (self.spread(), self.kernel_h * self.kernel_w);
        let k = n_cells * self.out_c;
        let (packed, rest) = scratch.split_at_mut(packed_len(k, self.in_c));
        for (cell, filter) in filters.chunks_exact(self.in_c * self.out_c).enumerate() {
            let at = (n_cells - 1 - cell) * self.out_c;
            pack_transposed(self.out_c, self.in_c, filter, k, at, packed);
        }
        let packed = Packed { elements: packed, k, n: self.in_c, skipped: 0 };
        let pad = &mut rest[..spread.h * spread.w * self.out_c];
        pad.fill(0.0);
        let mirrored =
            Conv2d { in_c: self.out_c, out_c: self.in_c, out_h: self.in_h, out_w: self.in_w, ..*self };
        let last = Last { bias: None, activation: Activation::None, accumulate: true };
        for (d_y, d_x) in d_y.chunks_exact(self.out_len()).zip(d_x.chunks_exact_mut(self.in_len())) {
            // Output rows beyond the spread picture only ever met padding.
            let rows = self.out_h.min(spread.h - spread.top);
            copy_rows(d_y, rows, self.out_w * self.out_c, pad, spread.w * self.out_c, |y| {
                ((spread.top + y) * spread.w + spread.left) * self.out_c
            });
            mirrored.convolve(pad, spread.w, spread.top, rows, packed, last, d_x);
        }
    }

    /// With strides: the gradient of every window, then each added to where its window lay.
    fn backward_input_by_windows(&self, d_y: &[f32], filters: &[f32], scratch: &mut [f32], d_x: &mut [f32]) {
        let (k, n) = (self.out_c, self.window_len());
        let (packed, rest) = scratch.split_at_mut(packed_len(k, n));
        pack_transposed(k, n, filters, k, 0, packed);
        let packed = Packed { elements: packed, k, n, skipped: 0 };
        let windows = &mut rest[..self.out_h * self.out_w * n];
        let last = Last { bias: None, activation: Activation::None, accumulate: false };
        let places = Places { rows: 1, columns: self.out_h * self.out_w, row_stride: 0, column_stride: k };
        for (d_y, d_x) in d_y.chunks_exact(self.out_len()).zip(d_x.chunks_exact_mut(self.in_len())) {
            rows_product(Runs::one(k), d_y, places, packed, last, windows);
            for (i, window) in windows.chunks_exact(n).enumerate() {
                self.add_window(i / self.out_w, i % self.out_w, window, d_x);
            }
        }
    }

    fn add_window(&self, out_y: usize, out_x: usize, window: &[f32], d_x: &mut [f32]) {
        for (cell, d_cell) in window.chunks_exact(self.in_c).enumerate() {
            let (u, v) = (cell / self.kernel_w, cell % self.kernel_w);
            let y = (out_y * self.stride_h + u * self.dilation_h).wrapping_sub(self.pad_top);
            let x = (out_x * self.stride_w + v * self.dilation_w).wrapping_sub(self.pad_left);
            if y < self.in_h && x < self.in_w {
                let place = (y * self.in_w + x) * self.in_c;
                for (d_x, d) in d_x[place..place + self.in_c].iter_mut().zip(d_cell) {
                    *d_x += d;
                }
            }
        }
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
        conv.forward(batch, &x, &filters, Some(&bias), Activation::None, &mut scratch, &mut got);
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
        // Strides so long that the windows miss the last rows and columns.
        check(Conv2d { out_h: 2, out_w: 3, stride_h: 3, stride_w: 3, ..base });
    }
}
