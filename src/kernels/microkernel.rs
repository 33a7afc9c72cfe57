//! The two inner loops that all large products come down to. Each checks its bounds once on entry and
//! then reads by pointer: a bounds check for each of some hundred thousand multiply-adds would cost
//! more than the arithmetic. Small and never inlined, so that compilers keep the tile in registers.
#![allow(unsafe_code)]

use super::simd::F32x4;

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

    /// Elements from the first to the last factor.
    fn reach(self) -> usize {
        (self.outer - 1) * self.outer_stride + (self.inner - 1) * self.inner_stride + self.run_len
    }
}

/// `tile[i][4 j ..] = Σ over p of a[starts[i] + place(p)] · b[p · b_stride + 4 j ..]`, in order of `p`.
///
/// # Panics
/// If a factor lies outside its slice.
#[inline(never)]
pub(super) fn rows_tile<const MR: usize, const NV: usize>(
    a: &[f32],
    starts: [usize; MR],
    runs: Runs,
    b: &[f32],
    b_stride: usize,
) -> [[F32x4; NV]; MR] {
    let k = runs.len();
    assert!(k > 0 && starts.iter().all(|&start| start < a.len() && runs.reach() <= a.len() - start));
    assert!((k - 1) * b_stride + 4 * NV <= b.len());
    let mut tile = [[F32x4::zero(); NV]; MR];
    let mut b = b.as_ptr();
    let mut outer = starts.map(|start| a.as_ptr().wrapping_add(start));
    for _ in 0..runs.outer {
        let mut inner = outer;
        for _ in 0..runs.inner {
            let mut a = inner;
            for _ in 0..runs.run_len {
                // SAFETY: every place read lies below `reach` from its start and below the last row of
                // B plus its 4 NV columns, both asserted above.
                unsafe {
                    let mut columns = [F32x4::zero(); NV];
                    for (j, column) in columns.iter_mut().enumerate() {
                        *column = F32x4::load_pointer(b.add(4 * j));
                    }
                    for i in 0..MR {
                        let factor = F32x4::splat_pointer(a[i]);
                        for j in 0..NV {
                            tile[i][j] = tile[i][j].mul_add(factor, columns[j]);
                        }
                        a[i] = a[i].wrapping_add(1);
                    }
                }
                b = b.wrapping_add(b_stride);
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

/// Places whose products [`outer_tile`] adds up: `rows` rows of `columns` places.
#[derive(Clone, Copy, Debug)]
pub(super) struct Places {
    pub rows: usize,
    pub columns: usize,
    /// From one row of places to the next.
    pub row_stride: usize,
    /// From one place to the next.
    pub column_stride: usize,
}

impl Places {
    fn reach(self, width: usize) -> usize {
        (self.rows - 1) * self.row_stride + (self.columns - 1) * self.column_stride + width
    }
}

/// `c[i · c_stride + j] += Σ over places of a[place + i] · b[place + j]` for `i` below `MR` and `j` below
/// `4 NV`, in order of the places, the sum added to `c` at the end.
///
/// # Panics
/// If a place lies outside its slice, or the two differ in number.
#[inline(never)]
pub(super) fn outer_tile<const MR: usize, const NV: usize>(
    a: &[f32],
    a_places: Places,
    b: &[f32],
    b_places: Places,
    c: &mut [f32],
    c_stride: usize,
) {
    assert!(a_places.rows == b_places.rows && a_places.columns == b_places.columns);
    assert!(a_places.rows > 0 && a_places.columns > 0);
    assert!(a_places.reach(MR) <= a.len() && b_places.reach(4 * NV) <= b.len());
    assert!((MR - 1) * c_stride + 4 * NV <= c.len());
    let mut tile = [[F32x4::zero(); NV]; MR];
    let (mut a_row, mut b_row) = (a.as_ptr(), b.as_ptr());
    for _ in 0..a_places.rows {
        let (mut a, mut b) = (a_row, b_row);
        for _ in 0..a_places.columns {
            // SAFETY: both reaches were asserted above.
            unsafe {
                let mut columns = [F32x4::zero(); NV];
                for (j, column) in columns.iter_mut().enumerate() {
                    *column = F32x4::load_pointer(b.add(4 * j));
                }
                for (i, row) in tile.iter_mut().enumerate() {
                    let factor = F32x4::splat_pointer(a.add(i));
                    for j in 0..NV {
                        row[j] = row[j].mul_add(factor, columns[j]);
                    }
                }
            }
            a = a.wrapping_add(a_places.column_stride);
            b = b.wrapping_add(b_places.column_stride);
        }
        a_row = a_row.wrapping_add(a_places.row_stride);
        b_row = b_row.wrapping_add(b_places.row_stride);
    }
    let c = c.as_mut_ptr();
    for (i, row) in tile.iter().enumerate() {
        for (j, sum) in row.iter().enumerate() {
            // SAFETY: the reach in `c` was asserted above.
            unsafe {
                let place = c.add(i * c_stride + 4 * j);
                F32x4::load_pointer(place).add(*sum).store_pointer(place);
            }
        }
    }
}
