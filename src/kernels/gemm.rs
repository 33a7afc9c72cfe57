//! The general matrix product.

use std::ops::Range;

use super::activation::Activation;
use super::microkernel::{Last, Panels, Places, Runs, TILE_COLUMNS, TILE_ROWS, rows_tile};
use super::pack::{pack_rows, pack_transposed, packed_len};
use super::products::{Packed, outer_product, rows_product, tile};

/// `C = f(op(A) · op(B) + bias)`, or `C += op(A) · op(B)` where [`accumulate`](Self::accumulate).
///
/// Shapes: `op(A): [m, k]`, `op(B): [k, n]`, `C: [m, n]`, bias `[n]`. Each element of the product is one sum
/// in order of `k`, whatever `m` is, so a row's result does not depend on the batch it is part of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Gemm {
    /// Rows of the product.
    pub m: usize,
    /// Columns of the product.
    pub n: usize,
    /// Factors in each sum.
    pub k: usize,
    /// Whether A is stored `[k, m]`.
    pub a_transposed: bool,
    /// Whether B is stored `[n, k]`.
    pub b_transposed: bool,
    /// Whether to add to C; then there is neither bias nor activation.
    pub accumulate: bool,
}

/// Elements of B that are packed and used at a time, while they are near.
const PACKED_LEN: usize = 1 << 16;
/// Elements of an unpacked B that are used by all rows at a time, while they are nearest.
const NEAR: usize = 1 << 12;
/// Rows of C whose factors in A are brought together where they lie far apart.
const ROWS_TOGETHER: usize = 8 * TILE_ROWS;

impl Gemm {
    /// Whether packing B costs more than its panels' closeness saves. With the rows of B close together it takes
    /// longer until it pays, unless B fits no cache and is not gone through in parts.
    fn has_few_rows(&self) -> bool {
        self.m <= if self.n <= 128 && (!self.has_far_rows() || self.goes_in_parts()) { 40 } else { 10 }
    }

    /// Whether the rows of B are more than a core's own caches keep from one set of rows of A to the next.
    fn has_far_rows(&self) -> bool {
        self.k * self.n > 4 * PACKED_LEN
    }

    /// Whether few rows take a part of B after the other.
    fn goes_in_parts(&self) -> bool {
        self.has_far_rows() && self.n.is_multiple_of(TILE_COLUMNS) && !self.accumulate
    }

    /// Whether the factors of a row of a transposed A lie so far apart that they get into each other's way in the caches.
    fn has_far_factors(&self) -> bool {
        self.m >= 512 && self.k > 4
    }

    /// Columns packed together: whole cache lines, or all.
    fn n_packed_columns(&self) -> usize {
        (PACKED_LEN / self.k).next_multiple_of(16).min(self.n)
    }

    /// Elements of scratch that [`run`](Self::run) needs.
    pub fn scratch_len(&self) -> usize {
        let packed = packed_len(self.k, self.n_packed_columns());
        match (self.a_transposed, self.b_transposed) {
            (true, false) if self.has_far_factors() => self.k * ROWS_TOGETHER,
            (true, false) => 0,
            (true, true) => packed + self.m * self.k,
            (false, false) if self.has_few_rows() => packed_len(self.k, self.n % TILE_COLUMNS),
            (false, _) => packed,
        }
    }

    /// Computes the product.
    ///
    /// # Panics
    /// If a slice has not the length its shape says, or the scratch is too short.
    pub fn run(
        &self,
        a: &[f32],
        b: &[f32],
        bias: Option<&[f32]>,
        activation: Activation,
        scratch: &mut [f32],
        c: &mut [f32],
    ) {
        let Gemm { m, n, k, accumulate, .. } = *self;
        assert!(a.len() == m * k && b.len() == k * n && c.len() == m * n);
        assert!(!(accumulate && (bias.is_some() || activation != Activation::None)));
        if m == 0 {
            return;
        }
        let last = Last { bias, activation, accumulate, goes_on: false };
        match (self.a_transposed, self.b_transposed) {
            (true, false) => {
                outer(self, a, b, scratch, c);
                if bias.is_some() || activation != Activation::None {
                    finish(c, n, bias, activation);
                }
                return;
            }
            (false, false) if self.has_few_rows() => few_rows(self, a, b, last, scratch, c),
            (a_transposed, b_transposed) => {
                let n_together = self.n_packed_columns();
                let (block, rest) = scratch.split_at_mut(packed_len(k, n_together));
                let a = if a_transposed { transposed(m, k, a, &mut rest[..m * k]) } else { a };
                let places = Places { rows: 1, columns: m, row_stride: 0, column_stride: k };
                for first in (0..n).step_by(n_together) {
                    let n_columns = n_together.min(n - first);
                    if b_transposed {
                        pack_transposed(k, n_columns, &b[first * k..], k, 0, block);
                    } else {
                        pack_rows(k, n_columns, &b[first..], n, block);
                    }
                    let packed = Packed { n: n_columns, first, ..Packed::whole(block, k, n) };
                    rows_product(Runs::one(k), a, places, packed, last, c);
                }
            }
        }
        if activation.is_transcendental() {
            activation.forward_in_place(c);
        }
    }
}

/// The product of a transposed A, without what comes after.
fn outer(gemm: &Gemm, a: &[f32], b: &[f32], scratch: &mut [f32], c: &mut [f32]) {
    let Gemm { m, n, k, accumulate, .. } = *gemm;
    let places = |column_stride| Places { rows: 1, columns: k, row_stride: 0, column_stride };
    if !gemm.has_far_factors() {
        return outer_product(m, n, a, places(m), b, places(n), c, accumulate);
    }
    for (first, c) in (0..m).step_by(ROWS_TOGETHER).zip(c.chunks_mut(ROWS_TOGETHER * n)) {
        let n_rows = ROWS_TOGETHER.min(m - first);
        for (near, far) in scratch.chunks_exact_mut(n_rows).zip(a.chunks_exact(m)) {
            near.copy_from_slice(&far[first..first + n_rows]);
        }
        outer_product(n_rows, n, scratch, places(n_rows), b, places(n), c, accumulate);
    }
}

/// `a: [k, m]` written to `rows: [m, k]`.
fn transposed<'a>(m: usize, k: usize, a: &[f32], rows: &'a mut [f32]) -> &'a [f32] {
    for (p, a_row) in a.chunks_exact(m).enumerate() {
        for (i, &a) in a_row.iter().enumerate() {
            rows[i * k + p] = a;
        }
    }
    rows
}

/// The product without packing, for few rows: whole vectors of B straight from where they lie. A far B is gone through
/// once, a few of its rows after the other, the sums lying in C meanwhile.
fn few_rows(gemm: &Gemm, a: &[f32], b: &[f32], last: Last<'_>, scratch: &mut [f32], c: &mut [f32]) {
    let Gemm { n, k, .. } = *gemm;
    if !gemm.goes_in_parts() {
        return few_rows_of(gemm, 0..k, a, b, last, scratch, c);
    }
    let near = (NEAR / n).next_multiple_of(8);
    for from in (0..k).step_by(near) {
        let to = (from + near).min(k);
        let finish = if to == k { last } else { Last::NONE };
        few_rows_of(gemm, from..to, a, b, Last { goes_on: from > 0, ..finish }, scratch, c);
    }
}

/// [`few_rows`] for these of the factors.
fn few_rows_of(
    gemm: &Gemm,
    factors: Range<usize>,
    a: &[f32],
    b: &[f32],
    last: Last<'_>,
    scratch: &mut [f32],
    c: &mut [f32],
) {
    let Gemm { m, n, k, .. } = *gemm;
    let tail = n - n % TILE_COLUMNS;
    let b = &b[factors.start * n..factors.end * n];
    pack_rows(factors.len(), n - tail, &b[tail.min(b.len())..], n, scratch);
    let runs = Runs::one(factors.len());
    let panels = |from: usize, to: usize, width: usize| Panels {
        runs,
        b: &b[from.min(b.len())..],
        panel_stride: width,
        row_stride: n,
        n_panels: (to - from) / width,
        first: from,
        n,
        last,
    };
    // More columns at once than a tile has: one row alone would wait for each addition.
    let wide = if m == 1 { n - n % 32 } else { 0 };
    let row_stride = (n - tail).next_multiple_of(4);
    let rest = Panels { b: scratch, row_stride, n_panels: 1, ..panels(tail, n, TILE_COLUMNS) };
    let mut row = 0;
    while row < m {
        let n_rows = (m - row).div_ceil((m - row).div_ceil(TILE_ROWS));
        let c = &mut c[row * n..(row + n_rows) * n];
        let starts = std::array::from_fn(|i| (row + i) * k + factors.start);
        if wide > 0 {
            rows_tile::<1, 8>(a, [factors.start], &panels(0, wide, 32), c);
        }
        if wide < tail {
            tile::<2>(n_rows, starts, a, &panels(wide, tail, TILE_COLUMNS), c);
        }
        match n - tail {
            0 => {}
            1..=4 => tile::<1>(n_rows, starts, a, &rest, c),
            _ => tile::<2>(n_rows, starts, a, &rest, c),
        }
        row += n_rows;
    }
}

/// Bias and activation in a pass of their own.
fn finish(c: &mut [f32], n: usize, bias: Option<&[f32]>, activation: Activation) {
    if let Some(bias) = bias {
        for row in c.chunks_exact_mut(n) {
            row.iter_mut().zip(bias).for_each(|(c, bias)| *c += bias);
        }
    }
    activation.forward_in_place(c);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::reference;
    use crate::rng::Rng;

    #[test]
    fn all_transpose_cases_agree_with_the_f64_reference_at_odd_sizes() {
        let mut rng = Rng::new(2, 0);
        let sizes = [
            (1, 1, 1),
            (1, 10, 64),
            (2, 33, 7),
            (3, 8, 5),
            (5, 9, 17),
            (13, 12, 31),
            (32, 10, 64),
            (7, 50, 3),
            (523, 11, 6),
        ];
        for (m, n, k) in sizes {
            for case in 0..8 {
                let gemm = Gemm {
                    m,
                    n,
                    k,
                    a_transposed: case & 1 != 0,
                    b_transposed: case & 2 != 0,
                    accumulate: case & 4 != 0,
                };
                let mut random =
                    |len: usize| -> Vec<f32> { (0..len).map(|_| rng.range(-1.0, 1.0)).collect() };
                let (a, b, bias, before) = (random(m * k), random(k * n), random(n), random(m * n));
                let mut c = before.clone();
                let mut scratch = vec![f32::NAN; gemm.scratch_len()];
                let activation = if gemm.accumulate { Activation::None } else { Activation::LeakyRelu(0.1) };
                let given = (!gemm.accumulate).then_some(&bias[..]);
                gemm.run(&a, &b, given, activation, &mut scratch, &mut c);
                let product = reference::gemm(&gemm, &a, &b);
                for (i, (&c, product)) in c.iter().zip(product).enumerate() {
                    let expected = if gemm.accumulate {
                        product + f64::from(before[i])
                    } else {
                        let z = product + f64::from(bias[i % n]);
                        if z > 0.0 { z } else { 0.1 * z }
                    };
                    assert!(
                        (f64::from(c) - expected).abs() < 1e-5 * k as f64,
                        "{gemm:?} {i}: {c} {expected}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_row_has_the_same_bits_alone_and_in_a_batch() {
        // Of the second, few rows go through B a part at a time.
        for (n, k) in [(43, 57), (136, 2000)] {
            let mut rng = Rng::new(3, 0);
            let mut random = |len: usize| -> Vec<f32> { (0..len).map(|_| rng.range(-1.0, 1.0)).collect() };
            let (a, b, bias) = (random(43 * k), random(k * n), random(n));
            let product = |m: usize, a: &[f32]| {
                let gemm = Gemm { m, n, k, a_transposed: false, b_transposed: false, accumulate: false };
                let (mut scratch, mut c) = (vec![0.0; gemm.scratch_len()], vec![f32::NAN; m * n]);
                gemm.run(a, &b, Some(&bias), Activation::Relu, &mut scratch, &mut c);
                c
            };
            let whole = product(43, &a);
            for (row, a) in a.chunks_exact(k).enumerate() {
                assert_eq!(product(1, a), whole[row * n..(row + 1) * n]);
            }
            assert_eq!(product(7, &a[..7 * k]), whole[..7 * n]);
        }
    }
}
