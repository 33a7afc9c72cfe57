//! The forward pass.

use super::Conv2d;
use super::winograd::{Winograd, WinogradForward};
use crate::kernels::activation::Activation;
use crate::kernels::microkernel::{Last, Places, Runs};
use crate::kernels::pack::{pack_rows, packed_len};
use crate::kernels::products::{Packed, rows_product};

/// The filters of a forward pass.
#[derive(Clone, Copy, Debug)]
pub enum Filters<'a> {
    /// As parameters lie, `[kernel_h, kernel_w, in_c, out_c]`: they are packed in scratch.
    Plain(&'a [f32]),
    /// By [`Conv2d::pack`]: ready for any number of passes.
    Packed(&'a [f32]),
}

impl Conv2d {
    /// Elements of [packed](Self::pack) filters.
    pub fn packed_len(&self) -> usize {
        match Winograd::of(self) {
            Some(winograd) => winograd.filters_len(),
            None => packed_len(self.window_len(), self.out_c),
        }
    }

    /// Lays out filters as the forward pass reads them. Shapes: `filters: [kernel_h, kernel_w, in_c, out_c]`,
    /// `packed` of [`packed_len`](Self::packed_len).
    pub fn pack(&self, filters: &[f32], packed: &mut [f32]) {
        match Winograd::of(self) {
            Some(winograd) => winograd.pack(filters, packed),
            None => pack_rows(self.window_len(), self.out_c, filters, self.out_c, packed),
        }
    }

    /// Elements of scratch that [`forward`](Self::forward) needs, for any batch; packed filters need
    /// [`packed_len`](Self::packed_len) less.
    pub fn forward_scratch_len(&self, _batch: usize) -> usize {
        self.packed_len() + Winograd::of(self).map_or(self.padded_len(), |winograd| winograd.scratch_len())
    }

    /// The most pictures that a [pass](ForwardPass::run) computes at once.
    pub(super) fn n_together(&self) -> usize {
        Winograd::of(self).map_or(1, |winograd| winograd.n_together())
    }

    /// `y = f(x * filters + bias)`.
    ///
    /// Shapes: `x: [batch, in_h, in_w, in_c]`, bias `[out_c]`, `y: [batch, out_h, out_w, out_c]`.
    pub fn forward(
        &self,
        batch: usize,
        x: &[f32],
        filters: Filters<'_>,
        bias: Option<&[f32]>,
        activation: Activation,
        scratch: &mut [f32],
        y: &mut [f32],
    ) {
        assert!(x.len() == batch * self.in_len() && y.len() == batch * self.out_len());
        let mut pass = ForwardPass::new(self, filters, Last { bias, activation, ..Last::NONE }, scratch);
        let n = self.n_together();
        for (x, y) in x.chunks(n * self.in_len()).zip(y.chunks_mut(n * self.out_len())) {
            pass.run(x, y);
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
}

/// A forward pass with its filters laid out, ready for picture after picture.
pub(super) enum ForwardPass<'a> {
    /// Window by window.
    Direct {
        conv: Conv2d,
        packed: Packed<'a>,
        last: Last<'a>,
        /// A picture with its padding: zeros at the border, and they stay.
        pad: &'a mut [f32],
    },
    /// Tile by tile.
    Winograd(WinogradForward<'a>),
}

impl<'a> ForwardPass<'a> {
    /// With `scratch` of [`Conv2d::forward_scratch_len`].
    pub fn new(
        conv: &Conv2d,
        filters: Filters<'a>,
        last: Last<'a>,
        scratch: &'a mut [f32],
    ) -> ForwardPass<'a> {
        let (packed, scratch): (&[f32], _) = match filters {
            Filters::Plain(filters) => {
                let (packed, scratch) = scratch.split_at_mut(conv.packed_len());
                conv.pack(filters, packed);
                (packed, scratch)
            }
            Filters::Packed(packed) => (packed, scratch),
        };
        if let Some(winograd) = Winograd::of(conv) {
            return ForwardPass::Winograd(winograd.forward(packed, last, scratch));
        }
        let packed = Packed::whole(packed, conv.window_len(), conv.out_c);
        let pad = &mut scratch[..conv.padded_len()];
        pad.fill(0.0);
        ForwardPass::Direct { conv: *conv, packed, last, pad }
    }

    /// The outputs of one picture or some, [`Conv2d::n_together`] at most.
    pub fn run(&mut self, x: &[f32], y: &mut [f32]) {
        let activation = match self {
            ForwardPass::Direct { conv, packed, last, pad } => {
                let (x, w) = conv.pad_into(x, pad);
                conv.convolve(x, w, conv.pad_top, conv.in_h, *packed, *last, y);
                last.activation
            }
            ForwardPass::Winograd(winograd) => winograd.run(x, y),
        };
        if activation.is_transcendental() {
            activation.forward_in_place(y);
        }
    }
}
