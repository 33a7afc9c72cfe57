//! Winograd's minimal filtering F(4×4, 3×3): sixteen outputs of a 3 × 3 filter from 36 products instead of 144.
//!
//! `Y = Aᵀ [(G g Gᵀ) ⊙ (Bᵀ d B)] A` for each tile `Y` of 4 × 4 outputs, filter `g` and tile `d` of 6 × 6 inputs.
//! Summed over channels the products at each of the 36 points are one matrix product of tiles and filters. The gradient
//! of the filters goes the same way back: `d_g = Gᵀ [Σ over tiles of (Bᵀ d B) ⊙ (A d_Y Aᵀ)] G`. The matrices are in
//! [`winograd_lines`](super::winograd_lines).
//!
//! Source: Lavin and Gray 2016, *Fast Algorithms for Convolutional Neural Networks*, section 4.

use super::Conv2d;
use super::winograd_lines::{OfFilter, POINTS, TILE, ToFilter, both_ways};
use super::winograd_tiles::{Inputs, OutputGradients, Outputs};
use crate::kernels::activation::Activation;
use crate::kernels::microkernel::{Last, Places, Runs, TILE_COLUMNS};
use crate::kernels::products::{Packed, outer_product, rows_product};
use crate::kernels::simd::{F32x4, LANES, widest};

/// Tiles computed together: few enough that their points stay near, and a multiple of a product's rows.
const BLOCK: usize = 20;

/// As [`BLOCK`], for the filters' gradient, whose sums over the tiles of a block are added to what is far.
const BLOCK_OF_FILTERS: usize = 40;

/// Rows of `row_len` elements from one point to the next, of which each has `n`: one more where they would all
/// fall into a few sets of the nearest cache.
fn apart(n: usize, row_len: usize) -> usize {
    if (n * row_len).is_multiple_of(512) { n + 1 } else { n }
}

/// A convolution that is computed this way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Winograd {
    /// With as many outputs as whole tiles have.
    pub whole: Conv2d,
    pub out_h: usize,
    pub out_w: usize,
    /// Most tiles at a time.
    block: usize,
}

impl Winograd {
    /// How to compute `conv` where this way is faster; its results differ by rounding.
    pub fn of(conv: &Conv2d) -> Option<Winograd> {
        let Conv2d { in_c, out_c, out_h, out_w, .. } = *conv;
        let fits = conv.kernel_h == 3
            && conv.kernel_w == 3
            && (conv.stride_h, conv.stride_w, conv.dilation_h, conv.dilation_w) == (1, 1, 1, 1)
            && in_c % LANES == 0
            && out_c % LANES == 0;
        let whole =
            Conv2d { out_h: out_h.next_multiple_of(TILE), out_w: out_w.next_multiple_of(TILE), ..*conv };
        // Transforming costs as much for each channel whatever it is multiplied with; and tiles that are
        // mostly beyond the border are computed for nothing.
        let pays = in_c.min(out_c) >= 16 && 16 * out_h * out_w >= 9 * whole.out_h * whole.out_w;
        (fits && pays).then_some(Winograd { whole, out_h, out_w, block: BLOCK })
    }

    /// [`of`](Self::of) for the gradient of the filters.
    pub fn of_filters(conv: &Conv2d) -> Option<Winograd> {
        Winograd::of(conv).map(|winograd| Winograd { block: BLOCK_OF_FILTERS, ..winograd })
    }

    /// Tiles of one picture.
    fn n_tiles(&self) -> usize {
        self.whole.out_h * self.whole.out_w / (TILE * TILE)
    }

    /// Pictures whose tiles are computed together, so that small ones do not go through all filters each.
    pub fn n_together(&self) -> usize {
        (self.block / self.n_tiles()).max(1)
    }

    fn block_len(&self) -> usize {
        // As even as can be in steps of a product's rows.
        let n_tiles = self.n_together() * self.n_tiles();
        n_tiles.div_ceil(n_tiles.div_ceil(self.block)).next_multiple_of(5).min(n_tiles)
    }

    /// Elements from one point to the next of filters, inputs and outputs.
    fn strides(&self) -> [usize; 3] {
        let Conv2d { in_c, out_c, .. } = self.whole;
        let n = self.block_len();
        [apart(in_c, out_c) * out_c, apart(n, in_c) * in_c, apart(n, out_c) * out_c]
    }

    /// Elements of the transformed filters.
    pub fn filters_len(&self) -> usize {
        POINTS * self.strides()[0]
    }

    /// Elements of scratch of either pass, beside the filters.
    pub fn scratch_len(&self) -> usize {
        let [_, of_inputs, of_outputs] = self.strides();
        POINTS * (of_inputs + of_outputs) + self.n_together() * self.whole.padded_len()
    }

    fn split<'a>(&self, scratch: &'a mut [f32]) -> [&'a mut [f32]; 3] {
        let [_, of_inputs, of_outputs] = self.strides().map(|stride| POINTS * stride);
        let (inputs, rest) = scratch.split_at_mut(of_inputs);
        let (outputs, rest) = rest.split_at_mut(of_outputs);
        let pads = &mut rest[..self.n_together() * self.whole.padded_len()];
        pads.fill(0.0);
        [inputs, outputs, pads]
    }

    /// Transforms the filters, for [`forward`](Self::forward).
    pub fn pack(&self, filters: &[f32], points: &mut [f32]) {
        transform_filters(self.whole.in_c, self.whole.out_c, filters, points);
    }

    /// The forward pass with filters of [`pack`](Self::pack).
    pub fn forward<'a>(
        self,
        filters: &'a [f32],
        last: Last<'a>,
        scratch: &'a mut [f32],
    ) -> WinogradForward<'a> {
        let [inputs, outputs, pads] = self.split(scratch);
        WinogradForward { winograd: self, filters, inputs, outputs, pads, last }
    }

    /// `d_filters += ` gradient.
    pub fn backward_filters(&self, x: &[f32], d_y: &[f32], scratch: &mut [f32], d_filters: &mut [f32]) {
        let Conv2d { in_c, out_c, .. } = self.whole;
        let [of_filters, of_inputs, of_outputs] = self.strides();
        let (d_points, scratch) = scratch.split_at_mut(self.filters_len());
        let [inputs, outputs, pads] = self.split(scratch);
        d_points.fill(0.0);
        let pictures = x.chunks(self.n_together() * self.whole.in_len());
        for (x, d_y) in pictures.zip(d_y.chunks(self.n_together() * self.out_h * self.out_w * out_c)) {
            let n_tiles = x.len() / self.whole.in_len() * self.n_tiles();
            let (x, w) = self.whole.pad_all(x, pads);
            for first in (0..n_tiles).step_by(self.block_len()) {
                let n = self.block_len().min(n_tiles - first);
                self.transform_inputs(first, n, of_inputs / in_c, x, w, inputs);
                self.transform_d_outputs(first, n, of_outputs / out_c, d_y, outputs);
                let points = inputs.chunks_exact(of_inputs).zip(outputs.chunks_exact(of_outputs));
                for ((x, d_y), d_point) in points.zip(d_points.chunks_exact_mut(of_filters)) {
                    let d_point = &mut d_point[..in_c * out_c];
                    let places =
                        |stride| Places { rows: 1, columns: n, row_stride: 0, column_stride: stride };
                    outer_product(in_c, out_c, x, places(in_c), d_y, places(out_c), d_point, true);
                }
            }
        }
        add_filter_gradient(in_c, out_c, d_points, d_filters);
    }

    /// Picture of a tile, row and column of its first output.
    pub fn corner(&self, tile: usize) -> [usize; 3] {
        let (tiles_w, n_tiles) = (self.whole.out_w / TILE, self.n_tiles());
        let in_picture = tile % n_tiles;
        [tile / n_tiles, in_picture / tiles_w * TILE, in_picture % tiles_w * TILE]
    }

    /// `points[z, t] = (Bᵀ d B)[z]` for `n` tiles. Shapes: `points: [36, apart, in_c]`.
    #[inline(never)]
    fn transform_inputs(
        &self,
        first: usize,
        n: usize,
        apart: usize,
        x: &[f32],
        w: usize,
        points: &mut [f32],
    ) {
        widest(Inputs { winograd: self, first, n, apart, x, w, points });
    }

    /// `y = f(Aᵀ points A + bias)` for `n` tiles, less what lies beyond the output's border.
    #[inline(never)]
    fn transform_outputs(
        &self,
        first: usize,
        n: usize,
        apart: usize,
        points: &[f32],
        last: Last<'_>,
        y: &mut [f32],
    ) {
        widest(Outputs { winograd: self, first, n, apart, points, last, y });
    }

    /// `points[z, t] = (A d_Y Aᵀ)[z]` for `n` of `apart` tiles; outputs beyond the border have no gradient.
    #[inline(never)]
    fn transform_d_outputs(&self, first: usize, n: usize, apart: usize, d_y: &[f32], points: &mut [f32]) {
        widest(OutputGradients { winograd: self, first, n, apart, d_y, points });
    }
}

/// A forward pass under way.
pub(super) struct WinogradForward<'a> {
    winograd: Winograd,
    filters: &'a [f32],
    inputs: &'a mut [f32],
    outputs: &'a mut [f32],
    pads: &'a mut [f32],
    last: Last<'a>,
}

impl WinogradForward<'_> {
    /// The outputs of [`Winograd::n_together`] pictures or fewer; returns the activation, which is applied unless transcendental.
    pub fn run(&mut self, x: &[f32], y: &mut [f32]) -> Activation {
        let Winograd { whole, .. } = self.winograd;
        let (in_c, out_c, block_len) = (whole.in_c, whole.out_c, self.winograd.block_len());
        let [of_filters, of_inputs, of_outputs] = self.winograd.strides();
        let n_tiles = x.len() / whole.in_len() * self.winograd.n_tiles();
        let (x, w) = whole.pad_all(x, self.pads);
        let last = Last::NONE;
        for first in (0..n_tiles).step_by(block_len) {
            let n = block_len.min(n_tiles - first);
            self.winograd.transform_inputs(first, n, of_inputs / in_c, x, w, self.inputs);
            let points = self.inputs.chunks_exact(of_inputs).zip(self.outputs.chunks_exact_mut(of_outputs));
            for ((x, y), filters) in points.zip(self.filters.chunks_exact(of_filters)) {
                let (y, filters) = (&mut y[..n * out_c], &filters[..in_c * out_c]);
                let places = Places { rows: 1, columns: n, row_stride: 0, column_stride: in_c };
                let packed = Packed::whole(filters, in_c, out_c);
                rows_product(Runs::one(in_c), x, places, packed, last, y);
            }
            self.winograd.transform_outputs(first, n, of_outputs / out_c, self.outputs, self.last, y);
        }
        self.last.activation
    }
}

/// `points[z] = (G g Gᵀ)[z]`, each packed for a product. Shapes: `filters: [9, in_c, out_c]`.
#[inline(never)]
fn transform_filters(in_c: usize, out_c: usize, filters: &[f32], points: &mut [f32]) {
    let apart = apart(in_c, out_c);
    for row in 0..in_c {
        for column in (0..out_c).step_by(LANES) {
            let panel = column - column % TILE_COLUMNS;
            let width = TILE_COLUMNS.min(out_c - panel);
            let place = panel * in_c + row * width + column - panel;
            both_ways::<OfFilter, _, _, _>(
                |i, j| F32x4::load(&filters[((3 * i + j) * in_c + row) * out_c + column..]),
                |i, j, point| point.store(&mut points[(6 * i + j) * apart * out_c + place..]),
            );
        }
    }
}

/// `d_filters += Gᵀ d_points G`. Shapes: `d_points: [36, apart, out_c]`, `d_filters: [9, in_c, out_c]`.
#[inline(never)]
fn add_filter_gradient(in_c: usize, out_c: usize, d_points: &[f32], d_filters: &mut [f32]) {
    let (n, apart) = (in_c * out_c, apart(in_c, out_c));
    for place in (0..n).step_by(LANES) {
        both_ways::<ToFilter, _, _, _>(
            |i, j| F32x4::load(&d_points[(6 * i + j) * apart * out_c + place..]),
            |i, j, d| {
                let place = &mut d_filters[(3 * i + j) * n + place..];
                F32x4::load(place).add(d).store(place);
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::reference::for_each_product;
    use crate::rng::Rng;

    #[test]
    fn its_error_stays_within_a_few_roundings_of_the_sum_of_magnitudes() {
        for (in_c, out_c) in [(16, 20), (64, 32)] {
            let conv = Conv2d {
                in_h: 9,
                in_w: 11,
                in_c,
                out_h: 9,
                out_w: 11,
                out_c,
                kernel_h: 3,
                kernel_w: 3,
                stride_h: 1,
                stride_w: 1,
                pad_top: 1,
                pad_left: 1,
                dilation_h: 1,
                dilation_w: 1,
            };
            let mut rng = Rng::new(9, 0);
            let mut random = |len: usize| -> Vec<f32> { (0..len).map(|_| rng.range(-1.0, 1.0)).collect() };
            let (x, filters, d_y) =
                (random(conv.in_len()), random(conv.window_len() * out_c), random(conv.out_len()));
            let (mut y, mut magnitude) = (vec![0.0f64; d_y.len()], vec![0.0f64; d_y.len()]);
            let (mut d_filters, mut d_magnitude) = (vec![0.0f64; filters.len()], vec![0.0f64; filters.len()]);
            for_each_product(&conv, 1, |i, j, k| {
                let (product, d_product) =
                    (f64::from(x[i]) * f64::from(filters[j]), f64::from(x[i]) * f64::from(d_y[k]));
                y[k] += product;
                magnitude[k] += product.abs();
                d_filters[j] += d_product;
                d_magnitude[j] += d_product.abs();
            });
            let winograd = Winograd::of(&conv).unwrap();
            let mut points = vec![f32::NAN; winograd.filters_len()];
            winograd.pack(&filters, &mut points);
            let mut scratch = vec![f32::NAN; winograd.scratch_len()];
            let last = Last::NONE;
            let (mut got, mut d_got) = (vec![f32::NAN; y.len()], vec![0.0; filters.len()]);
            winograd.forward(&points, last, &mut scratch).run(&x, &mut got);
            let winograd = Winograd::of_filters(&conv).unwrap();
            let mut scratch = vec![f32::NAN; winograd.filters_len() + winograd.scratch_len()];
            winograd.backward_filters(&x, &d_y, &mut scratch, &mut d_got);
            let bound = 6.0 * f64::from(f32::EPSILON);
            for (got, (expected, magnitude)) in got.iter().zip(y.iter().zip(magnitude)) {
                assert!(
                    (f64::from(*got) - expected).abs() < bound * magnitude,
                    "{got} {expected} {magnitude}"
                );
            }
            for (got, (expected, magnitude)) in d_got.iter().zip(d_filters.iter().zip(d_magnitude)) {
                assert!(
                    (f64::from(*got) - expected).abs() < bound * magnitude,
                    "{got} {expected} {magnitude}"
                );
            }
        }
    }
}
