//! The general matrix product.

use super::activation::Activation;
use super::microkernel::{Places, Runs, TILE_COLUMNS, TILE_ROWS, outer_tile, rows_tile};
use super::simd::F32x4;

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

/// Up to this many rows, packing B would cost more than it saves.
const FEW_ROWS: usize = 3;

/// What happens to a tile on its way to C.
#[derive(Clone, Copy)]
pub(super) struct Last<'a> {
    pub bias: Option<&'a [f32]>,
    pub activation: Activation,
    pub accumulate: bool,
}

impl Gemm {
    /// Elements of scratch that [`run`](Self::run) needs.
    pub fn scratch_len(&self) -> usize {
        let packed = packed_len(self.k, self.n);
        match (self.a_transposed, self.b_transposed) {
            (true, false) => 0,
            (true, true) => packed + self.m * self.k,
            (false, true) => packed,
            (false, false) if self.m <= FEW_ROWS => packed_len(self.k, self.n % TILE_COLUMNS),
            (false, false) => packed,
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
        let last = Last { bias, activation, accumulate };
        match (self.a_transposed, self.b_transposed) {
            (true, false) => {
                if !accumulate {
                    c.fill(0.0);
                }
                let a_places = Places { rows: 1, columns: k, row_stride: 0, column_stride: m };
                let b_places = Places { rows: 1, columns: k, row_stride: 0, column_stride: n };
                outer_product(m, n, a, a_places, b, b_places, c);
                if bias.is_some() || activation != Activation::None {
                    finish(c, n, bias, activation);
                }
                return;
            }
            (false, false) if m <= FEW_ROWS => few_rows(m, n, k, a, b, last, scratch, c),
            (false, false) => {
                let packed = &mut scratch[..packed_len(k, n)];
                pack(k, n, packed, |p, j| b[p * n + j]);
                rows_product(m, n, Runs::one(k), a, |row| row * k, packed, last, c);
            }
            (false, true) => {
                let packed = &mut scratch[..packed_len(k, n)];
                pack(k, n, packed, |p, j| b[j * k + p]);
                rows_product(m, n, Runs::one(k), a, |row| row * k, packed, last, c);
            }
            (true, true) => {
                let (packed, rest) = scratch.split_at_mut(packed_len(k, n));
                pack(k, n, packed, |p, j| b[j * k + p]);
                let rows = &mut rest[..m * k];
                for (p, a_row) in a.chunks_exact(m).enumerate() {
                    for (i, &a) in a_row.iter().enumerate() {
                        rows[i * k + p] = a;
                    }
                }
                rows_product(m, n, Runs::one(k), rows, |row| row * k, packed, last, c);
            }
        }
        if activation.is_transcendental() {
            activation.forward_in_place(c);
        }
    }
}

/// Elements of `[k, n]` packed in panels of [`TILE_COLUMNS`], the last one filled up.
pub(super) fn packed_len(k: usize, n: usize) -> usize {
    k * n.next_multiple_of(TILE_COLUMNS)
}

/// Packs a matrix given by `element(p, j)`: panel after panel of 8 columns, each `[k, 8]`, zeros after the
/// last column.
pub(super) fn pack(k: usize, n: usize, packed: &mut [f32], element: impl Fn(usize, usize) -> f32) {
    for (panel, first) in packed.chunks_exact_mut(k * TILE_COLUMNS).zip((0..n).step_by(TILE_COLUMNS)) {
        let width = TILE_COLUMNS.min(n - first);
        for (p, row) in panel.chunks_exact_mut(TILE_COLUMNS).enumerate() {
            for (j, place) in row[..width].iter_mut().enumerate() {
                *place = element(p, first + j);
            }
            row[width..].fill(0.0);
        }
    }
}

/// The product of `m` rows, whose factors lie in `a` from `start_of(row)` on as `runs` says, with packed
/// panels. The transcendental activations are left to the caller.
pub(super) fn rows_product(
    m: usize,
    n: usize,
    runs: Runs,
    a: &[f32],
    start_of: impl Fn(usize) -> usize,
    packed: &[f32],
    last: Last<'_>,
    c: &mut [f32],
) {
    // A tile's rows of A stay in the nearest cache while all panels pass.
    let mut row = 0;
    while row < m {
        let n_rows = TILE_ROWS.min(m - row);
        let c = &mut c[row * n..(row + n_rows) * n];
        match n_rows {
            1 => tile_row::<1>([start_of(row)], n, runs, a, packed, last, c),
            2 => tile_row::<2>([0, 1].map(|i| start_of(row + i)), n, runs, a, packed, last, c),
            3 => tile_row::<3>([0, 1, 2].map(|i| start_of(row + i)), n, runs, a, packed, last, c),
            4 => tile_row::<4>([0, 1, 2, 3].map(|i| start_of(row + i)), n, runs, a, packed, last, c),
            _ => tile_row::<5>([0, 1, 2, 3, 4].map(|i| start_of(row + i)), n, runs, a, packed, last, c),
        }
        row += n_rows;
    }
}

/// All panels for one set of rows.
fn tile_row<const MR: usize>(
    starts: [usize; MR],
    n: usize,
    runs: Runs,
    a: &[f32],
    packed: &[f32],
    last: Last<'_>,
    c: &mut [f32],
) {
    let panels = packed.chunks_exact(runs.len() * TILE_COLUMNS);
    for (panel, first) in panels.zip((0..n).step_by(TILE_COLUMNS)) {
        let tile = rows_tile::<MR, 2>(a, starts, runs, panel, TILE_COLUMNS);
        store(tile, first, n, last, c);
    }
}

/// The product without packing, for few rows: whole vectors of B straight from where they lie.
fn few_rows(
    m: usize,
    n: usize,
    k: usize,
    a: &[f32],
    b: &[f32],
    last: Last<'_>,
    scratch: &mut [f32],
    c: &mut [f32],
) {
    let tail = n - n % TILE_COLUMNS;
    let packed = &mut scratch[..packed_len(k, n - tail)];
    pack(k, n - tail, packed, |p, j| b[p * n + tail + j]);
    for row in 0..m {
        let c = &mut c[row * n..(row + 1) * n];
        let mut first = 0;
        // More columns at once than a tile has: one row alone would wait for each addition.
        while first + 32 <= tail {
            let tile = rows_tile::<1, 8>(a, [row * k], Runs::one(k), &b[first..], n);
            store(tile, first, n, last, c);
            first += 32;
        }
        while first < tail {
            let tile = rows_tile::<1, 2>(a, [row * k], Runs::one(k), &b[first..], n);
            store(tile, first, n, last, c);
            first += TILE_COLUMNS;
        }
        if tail < n {
            let tile = rows_tile::<1, 2>(a, [row * k], Runs::one(k), packed, TILE_COLUMNS);
            store(tile, tail, n, last, c);
        }
    }
}

/// Writes a tile, whose first column is `first`, to rows of `n` columns, less what lies beyond the last.
#[inline(always)]
fn store<const MR: usize, const NV: usize>(
    tile: [[F32x4; NV]; MR],
    first: usize,
    n: usize,
    last: Last<'_>,
    c: &mut [f32],
) {
    let width = (4 * NV).min(n - first);
    let mut bias = [[0.0; 4]; NV];
    if let Some(all) = last.bias {
        for (place, &b) in bias.as_flattened_mut().iter_mut().zip(&all[first..first + width]) {
            *place = b;
        }
    }
    for (tile, c) in tile.iter().zip(c.chunks_exact_mut(n)) {
        let c = &mut c[first..first + width];
        let mut row = *tile;
        if last.accumulate {
            for (j, sum) in row.iter_mut().enumerate() {
                let mut before = [0.0; 4];
                for (place, &c) in before.iter_mut().zip(c.iter().skip(4 * j)) {
                    *place = c;
                }
                *sum = F32x4::from_array(before).add(*sum);
            }
        } else {
            for (sum, bias) in row.iter_mut().zip(bias) {
                *sum = last.activation.of_lanes(sum.add(F32x4::from_array(bias)));
            }
        }
        if width == 4 * NV {
            for (sum, c) in row.iter().zip(c.chunks_exact_mut(4)) {
                sum.store(c);
            }
        } else {
            let row = row.map(F32x4::to_array);
            c.copy_from_slice(&row.as_flattened()[..width]);
        }
    }
}

/// `c[i, j] += Σ over places of a[place + i] · b[place + j]`. Shapes: `c: [m, n]`.
pub(super) fn outer_product(
    m: usize,
    n: usize,
    a: &[f32],
    a_places: Places,
    b: &[f32],
    b_places: Places,
    c: &mut [f32],
) {
    let mut column = 0;
    while column < n {
        let width = if column + 8 <= n {
            8
        } else if column + 4 <= n {
            4
        } else {
            1
        };
        let b = &b[column..];
        let mut row = 0;
        while row < m {
            let height = if width == 1 { 1 } else { TILE_ROWS.min(m - row) };
            let (a, c) = (&a[row..], &mut c[row * n + column..]);
            match (height, width) {
                (5, 8) => outer_tile::<5, 2>(a, a_places, b, b_places, c, n),
                (4, 8) => outer_tile::<4, 2>(a, a_places, b, b_places, c, n),
                (3, 8) => outer_tile::<3, 2>(a, a_places, b, b_places, c, n),
                (2, 8) => outer_tile::<2, 2>(a, a_places, b, b_places, c, n),
                (_, 8) => outer_tile::<1, 2>(a, a_places, b, b_places, c, n),
                (5, 4) => outer_tile::<5, 1>(a, a_places, b, b_places, c, n),
                (4, 4) => outer_tile::<4, 1>(a, a_places, b, b_places, c, n),
                (3, 4) => outer_tile::<3, 1>(a, a_places, b, b_places, c, n),
                (2, 4) => outer_tile::<2, 1>(a, a_places, b, b_places, c, n),
                (_, 4) => outer_tile::<1, 1>(a, a_places, b, b_places, c, n),
                _ => c[0] += outer_element(a, a_places, b, b_places),
            }
            row += height;
        }
        column += width;
    }
}

/// One element of an outer product, for the last columns of an odd number.
fn outer_element(a: &[f32], a_places: Places, b: &[f32], b_places: Places) -> f32 {
    let mut sum = 0.0;
    for row in 0..a_places.rows {
        for column in 0..a_places.columns {
            let a = a[row * a_places.row_stride + column * a_places.column_stride];
            sum += a * b[row * b_places.row_stride + column * b_places.column_stride];
        }
    }
    sum
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
        let mut rng = Rng::new(3, 0);
        let (n, k) = (43, 57);
        let mut random = |len: usize| -> Vec<f32> { (0..len).map(|_| rng.range(-1.0, 1.0)).collect() };
        let (a, b) = (random(9 * k), random(k * n));
        let product = |m: usize, a: &[f32]| {
            let gemm = Gemm { m, n, k, a_transposed: false, b_transposed: false, accumulate: false };
            let (mut scratch, mut c) = (vec![0.0; gemm.scratch_len()], vec![0.0; m * n]);
            gemm.run(a, &b, None, Activation::None, &mut scratch, &mut c);
            c
        };
        let whole = product(9, &a);
        for (row, a) in a.chunks_exact(k).enumerate() {
            assert_eq!(product(1, a), whole[row * n..(row + 1) * n]);
        }
    }
}
