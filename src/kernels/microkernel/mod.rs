//! The inner loops that all large products come down to: of rows here, of outer products in `outer`.
//!
//! Each checks its bounds once on entry and then reads by pointer: a bounds check for each of some hundred thousand
//! multiply-adds would cost more than the arithmetic. Small and never inlined, so that compilers keep the tile in registers.
#![allow(unsafe_code)]

mod outer;

use super::activation::Activation;
use super::simd::{F32x4, Lanes};
#[cfg(target_arch = "x86_64")]
use super::simd::{F32x8, is_wide};
pub(super) use outer::{Places, outer_tile, outer_tile_turned};

/// Rows of a full tile: 5 × 8 accumulators, two vectors of B and one broadcast fit 16 registers.
pub(super) const TILE_ROWS: usize = 5;

/// Columns of a tile of the packed kernels.
pub(super) const TILE_COLUMNS: usize = 8;

/// Where a row's factors lie: `outer` groups of `inner` runs of `run_len` contiguous elements. A matrix
/// row is one run; a convolution's window is one run for each row of its kernel.
#[derive(Clone, Copy, Debug)]
pub(super) struct Runs {
    pub outer: usize,
    pub outer_stride: usize,
    pub inner: usize,
    pub inner_stride: usize,
    pub run_len: usize,
}

impl Runs {
    /// One run of `len` elements.
    pub fn one(len: usize) -> Runs {
        Runs { outer: 1, outer_stride: 0, inner: 1, inner_stride: 0, run_len: len }
    }

    /// Factors in all.
    pub fn len(self) -> usize {
        self.outer * self.inner * self.run_len
    }

    /// Where run number `run` begins.
    pub fn offset(self, run: usize) -> usize {
        run / self.inner * self.outer_stride + run % self.inner * self.inner_stride
    }

    /// Elements from the first to the last factor.
    fn reach(self) -> usize {
        (self.outer - 1) * self.outer_stride + (self.inner - 1) * self.inner_stride + self.run_len
    }
}

/// What happens to a tile on its way to C. The transcendental activations are left to the caller.
#[derive(Clone, Copy)]
pub(super) struct Last<'a> {
    pub bias: Option<&'a [f32]>,
    pub activation: Activation,
    pub accumulate: bool,
    /// Whether C holds the sums of the factors before these, which the sums go on from.
    pub goes_on: bool,
}

impl Last<'_> {
    /// Nothing: the sums themselves.
    pub const NONE: Last<'static> =
        Last { bias: None, activation: Activation::None, accumulate: false, goes_on: false };
}

/// Some panels of a product: all that does not change from one set of rows to the next.
#[derive(Clone, Copy)]
pub(super) struct Panels<'a> {
    /// Where the factors of a row lie from its start on.
    pub runs: Runs,
    /// Panel after panel, `panel_stride` apart, their rows `row_stride` apart.
    pub b: &'a [f32],
    pub panel_stride: usize,
    pub row_stride: usize,
    pub n_panels: usize,
    /// Column of C that the first panel begins with.
    pub first: usize,
    /// Columns of C.
    pub n: usize,
    pub last: Last<'a>,
}

/// `c[i · n + j] = f(bias[j] + Σ over p of a[starts[i] + place(p)] · b[p, j])` for `i` below `MR` and `j` in the
/// panels, which are `4 NV` columns wide and may go beyond column `n`; each sum in order of `p`.
///
/// # Panics
/// If a factor lies outside its slice.
#[inline(never)]
pub(super) fn rows_tile<const MR: usize, const NV: usize>(
    a: &[f32],
    starts: [usize; MR],
    panels: &Panels<'_>,
    c: &mut [f32],
) {
    let Panels { runs, b, panel_stride, row_stride, n_panels, .. } = *panels;
    let k = runs.len();
    assert!(k > 0 && starts.iter().all(|&start| start < a.len() && runs.reach() <= a.len() - start));
    assert!(n_panels > 0 && (n_panels - 1) * panel_stride + (k - 1) * row_stride + 4 * NV <= b.len());
    let starts = starts.map(|start| a.as_ptr().wrapping_add(start));
    #[cfg(not(target_arch = "x86_64"))]
    let done = 0;
    #[cfg(target_arch = "x86_64")]
    let done = if NV != 1 && is_wide() {
        let within = (panels.n - panels.first) / (4 * NV);
        // SAFETY: the processor has AVX2, the reaches were asserted above.
        unsafe { wide_panels::<MR, NV>(starts, panels, n_panels.min(within), c) }
    } else {
        0
    };
    for panel in done..n_panels {
        let b = b.as_ptr().wrapping_add(panel * panel_stride);
        let first = panels.first + panel * 4 * NV;
        let tile = before::<F32x4, MR, NV>(first, panels.n, panels.last, c);
        // SAFETY: every place read lies below `reach` from its start and below the last row of its panel plus
        // 4 NV columns, both asserted above.
        let tile = unsafe { row_sums::<F32x4, MR, NV>(tile, starts, runs, b, row_stride, 4) };
        if first + 4 * NV > panels.n {
            store_part(&tile, first, panels.n, panels.last, c);
        } else {
            store(tile, first, panels.n, panels.last, c);
        }
    }
}

/// As [`rows_tile`] with vectors of eight lanes, for the first `n_panels`; returns how many it computed, which is all
/// where a panel has 8 or 32 columns.
///
/// # Safety
/// AVX2 must be there, and the caller have asserted what `rows_tile` does.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
unsafe fn wide_panels<const MR: usize, const NV: usize>(
    starts: [*const f32; MR],
    panels: &Panels<'_>,
    n_panels: usize,
    c: &mut [f32],
) -> usize {
    let Panels { runs, b, panel_stride, row_stride, .. } = *panels;
    let place = |panel: usize| b.as_ptr().wrapping_add(panel * panel_stride);
    let column = |panel: usize| panels.first + panel * 4 * NV;
    let mut panel = 0;
    // SAFETY: the caller's promise.
    unsafe {
        if NV == 8 {
            while panel < n_panels {
                let tile = before::<F32x8, MR, 4>(column(panel), panels.n, panels.last, c);
                let tile = row_sums(tile, starts, runs, place(panel), row_stride, 8);
                store(tile, column(panel), panels.n, panels.last, c);
                panel += 1;
            }
        }
        if NV == 2 {
            // Two panels at once: one alone would wait for its additions.
            while panel + 2 <= n_panels {
                let tile = before::<F32x8, MR, 2>(column(panel), panels.n, panels.last, c);
                let tile = row_sums(tile, starts, runs, place(panel), row_stride, panel_stride);
                store(tile, column(panel), panels.n, panels.last, c);
                panel += 2;
            }
            if panel < n_panels {
                let tile = before::<F32x8, MR, 1>(column(panel), panels.n, panels.last, c);
                let tile = row_sums(tile, starts, runs, place(panel), row_stride, 8);
                store(tile, column(panel), panels.n, panels.last, c);
                panel += 1;
            }
        }
    }
    panel
}

/// What the sums of a tile, whose first column is `first`, begin with.
///
/// # Panics
/// If they go on from a C that the tile does not lie within.
#[inline(always)]
fn before<V: Lanes, const MR: usize, const NV: usize>(
    first: usize,
    n: usize,
    last: Last<'_>,
    c: &[f32],
) -> [[V; NV]; MR] {
    let mut tile = [[V::zero(); NV]; MR];
    if last.goes_on {
        let width = V::LANES * NV;
        assert!(first + width <= n && (MR - 1) * n + first + width <= c.len());
        for (i, sums) in tile.iter_mut().enumerate() {
            for (j, sum) in sums.iter_mut().enumerate() {
                // SAFETY: the last of all places was asserted to lie within.
                *sum = unsafe { V::load_pointer(c.as_ptr().wrapping_add(first + i * n + V::LANES * j)) };
            }
        }
    }
    tile
}

/// `tile + Σ over p of a[starts[i] + place(p)] · b[p]`, the vectors of a row of `b` being `vector_stride` apart.
///
/// # Safety
/// All factors must be readable.
#[inline(always)]
unsafe fn row_sums<V: Lanes, const MR: usize, const NV: usize>(
    mut tile: [[V; NV]; MR],
    starts: [*const f32; MR],
    runs: Runs,
    b: *const f32,
    row_stride: usize,
    vector_stride: usize,
) -> [[V; NV]; MR] {
    // The full tile's loop takes most of the time of a long product; eight turns of the others would only weigh more.
    let unrolled = const { if MR >= 4 && NV == 2 { 8 } else { 4 } };
    let (mut b, mut outer) = (b, starts);
    for _ in 0..runs.outer {
        let mut inner = outer;
        for _ in 0..runs.inner {
            let mut a = inner;
            for _ in 0..runs.run_len / unrolled {
                for step in 0..unrolled {
                    // SAFETY: the caller's promise.
                    unsafe { add_products(&mut tile, a, step, b, vector_stride) };
                    b = b.wrapping_add(row_stride);
                }
                for place in &mut a {
                    *place = place.wrapping_add(unrolled);
                }
            }
            for step in 0..runs.run_len % unrolled {
                // SAFETY: as above.
                unsafe { add_products(&mut tile, a, step, b, vector_stride) };
                b = b.wrapping_add(row_stride);
            }
            for start in &mut inner {
                *start = start.wrapping_add(runs.inner_stride);
            }
        }
        for start in &mut outer {
            *start = start.wrapping_add(runs.outer_stride);
        }
    }
    tile
}

/// `tile[i][j] += a[i][step] · b[j · vector_stride ..]`.
///
/// # Safety
/// `a[i] + step` and all vectors at `b` must be readable.
#[inline(always)]
unsafe fn add_products<V: Lanes, const MR: usize, const NV: usize>(
    tile: &mut [[V; NV]; MR],
    a: [*const f32; MR],
    step: usize,
    b: *const f32,
    vector_stride: usize,
) {
    // SAFETY: the caller's promise.
    unsafe {
        let mut columns = [V::zero(); NV];
        for (j, column) in columns.iter_mut().enumerate() {
            *column = V::load_pointer(b.add(vector_stride * j));
        }
        for i in 0..MR {
            let factor = V::splat_pointer(a[i].add(step));
            for j in 0..NV {
                tile[i][j] = tile[i][j].mul_add(factor, columns[j]);
            }
        }
    }
}

/// Writes a tile, whose first column is `first`, to rows of `n` columns.
#[inline(always)]
fn store<V: Lanes, const MR: usize, const NV: usize>(
    mut tile: [[V; NV]; MR],
    first: usize,
    n: usize,
    last: Last<'_>,
    c: &mut [f32],
) {
    let width = V::LANES * NV;
    assert!(first + width <= n && (MR - 1) * n + first + width <= c.len());
    let c = c.as_mut_ptr().wrapping_add(first);
    // SAFETY: the last of all places in `c` was asserted to lie within, as is that in the bias.
    unsafe {
        if last.accumulate {
            for (i, sums) in tile.iter().enumerate() {
                for (j, sum) in sums.iter().enumerate() {
                    let place = c.add(i * n + V::LANES * j);
                    V::load_pointer(place).add(*sum).store_pointer(place);
                }
            }
            return;
        }
        if let Some(bias) = last.bias {
            assert!(first + width <= bias.len());
            for j in 0..NV {
                let bias = V::load_pointer(bias.as_ptr().add(first + V::LANES * j));
                for row in &mut tile {
                    row[j] = row[j].add(bias);
                }
            }
        }
        activate(&mut tile, last.activation);
        for (i, sums) in tile.iter().enumerate() {
            for (j, sum) in sums.iter().enumerate() {
                sum.store_pointer(c.add(i * n + V::LANES * j));
            }
        }
    }
}

#[inline(always)]
fn activate<V: Lanes, const MR: usize, const NV: usize>(tile: &mut [[V; NV]; MR], activation: Activation) {
    match activation {
        Activation::Relu => {
            for sum in tile.as_flattened_mut() {
                *sum = Activation::Relu.of_lanes(*sum);
            }
        }
        Activation::LeakyRelu(_) => {
            for sum in tile.as_flattened_mut() {
                *sum = activation.of_lanes(*sum);
            }
        }
        _ => {}
    }
}

/// As [`store`] where the last columns of the tile lie beyond those of C.
#[inline(never)]
fn store_part<const NV: usize>(tile: &[[F32x4; NV]], first: usize, n: usize, last: Last<'_>, c: &mut [f32]) {
    for (sums, c) in tile.iter().zip(c.chunks_exact_mut(n)) {
        for (j, (sum, c)) in sums.iter().zip(c[first..].chunks_mut(4)).enumerate() {
            let sum = match last.bias {
                _ if last.accumulate => F32x4::load_part(c).add(*sum),
                Some(bias) => last.activation.of_lanes(sum.add(F32x4::load_part(&bias[first + 4 * j..]))),
                None => last.activation.of_lanes(*sum),
            };
            sum.store_part(c);
        }
    }
}
