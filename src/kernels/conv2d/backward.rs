//! The gradients with respect to filters and input.

use super::Conv2d;
use super::forward::{Filters, ForwardPass};
use super::winograd::Winograd;
use crate::kernels::elementwise::add_assign;
use crate::kernels::microkernel::{Last, Places, Runs};
use crate::kernels::pack::{pack_transposed, packed_len, transpose};
use crate::kernels::products::{Packed, outer_product, rows_product};

impl Conv2d {
    /// Elements of scratch that either backward call needs, for any batch.
    pub fn backward_scratch_len(&self, _batch: usize) -> usize {
        let of_input = match self.mirrored() {
            Some(mirrored) => self.window_len() * self.out_c + mirrored.forward_scratch_len(1),
            None => packed_len(self.out_c, self.window_len()) + self.out_h * self.out_w * self.window_len(),
        };
        of_input.max(
            Winograd::of_filters(self)
                .map_or(self.padded_len(), |winograd| winograd.filters_len() + winograd.scratch_len()),
        )
    }

    /// The convolution of the output gradient with the flipped filters, which is the input gradient; not with
    /// strides, nor with more padding than the filter reaches over.
    fn mirrored(&self) -> Option<Conv2d> {
        if self.stride_h > 1 || self.stride_w > 1 {
            return None;
        }
        Some(Conv2d {
            in_h: self.out_h,
            in_w: self.out_w,
            in_c: self.out_c,
            out_h: self.in_h,
            out_w: self.in_w,
            out_c: self.in_c,
            pad_top: ((self.kernel_h - 1) * self.dilation_h).checked_sub(self.pad_top)?,
            pad_left: ((self.kernel_w - 1) * self.dilation_w).checked_sub(self.pad_left)?,
            ..*self
        })
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
        if let Some(winograd) = Winograd::of_filters(self) {
            return winograd.backward_filters(x, d_y, scratch, d_filters);
        }
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
                        true,
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
        let Some(mirrored) = self.mirrored() else {
            return self.backward_input_by_windows(d_y, filters, scratch, d_x);
        };
        let (flipped, scratch) = scratch.split_at_mut(filters.len());
        let cell_len = self.in_c * self.out_c;
        for (filter, flipped) in filters.chunks_exact(cell_len).zip(flipped.chunks_exact_mut(cell_len).rev())
        {
            transpose(self.in_c, self.out_c, filter, flipped, false);
        }
        let last = Last { accumulate: true, ..Last::NONE };
        let mut pass = ForwardPass::new(&mirrored, Filters::Plain(flipped), last, scratch);
        let n = mirrored.n_together();
        for (d_y, d_x) in d_y.chunks(n * self.out_len()).zip(d_x.chunks_mut(n * self.in_len())) {
            pass.run(d_y, d_x);
        }
    }

    /// With strides: the gradient of every window, then each added to where its window lay.
    fn backward_input_by_windows(&self, d_y: &[f32], filters: &[f32], scratch: &mut [f32], d_x: &mut [f32]) {
        let (k, n) = (self.out_c, self.window_len());
        let (packed, rest) = scratch.split_at_mut(packed_len(k, n));
        pack_transposed(k, n, filters, k, 0, packed);
        let packed = Packed::whole(packed, k, n);
        let windows = &mut rest[..self.out_h * self.out_w * n];
        let last = Last::NONE;
        let places = Places { rows: 1, columns: self.out_h * self.out_w, row_stride: 0, column_stride: k };
        for (d_y, d_x) in d_y.chunks_exact(self.out_len()).zip(d_x.chunks_exact_mut(self.in_len())) {
            rows_product(Runs::one(k), d_y, places, packed, last, windows);
            for (i, window) in windows.chunks_exact(n).enumerate() {
                self.add_window(i / self.out_w, i % self.out_w, window, d_x);
            }
        }
    }

    /// Adds a picture without its padding.
    pub(super) fn add_inner(&self, pad: &[f32], d_x: &mut [f32]) {
        let (padded, row_len) = (self.padded(), self.in_w * self.in_c);
        let rows = pad.chunks_exact(padded.w * self.in_c).skip(padded.top);
        for (d_x, row) in d_x.chunks_exact_mut(row_len).zip(rows) {
            add_assign(d_x, &row[padded.left * self.in_c..][..row_len]);
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
