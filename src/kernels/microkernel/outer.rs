//! The inner loop of products whose first factor lies turned: gradients of weights and filters.

use crate::kernels::simd::{F32x4, Lanes};
#[cfg(target_arch = "x86_64")]
use crate::kernels::simd::{F32x8, is_wide};

/// Places whose products [`outer_tile`] adds up: `rows` rows of `columns` places.
#[derive(Clone, Copy, Debug)]
pub(in crate::kernels) struct Places {
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

/// `tile[i][j] = Σ over places of a[place + i] · b[place + j]` for `i` below `MR` and `j` below those
/// of `NV` vectors, in order of the places.
///
/// # Panics
/// If a place lies outside its slice, or the two differ in number.
#[inline(always)]
fn outer_sums<V: Lanes, const MR: usize, const NV: usize>(
    a: &[f32],
    a_places: Places,
    b: &[f32],
    b_places: Places,
) -> [[V; NV]; MR] {
    assert!(a_places.rows == b_places.rows && a_places.columns == b_places.columns);
    assert!(a_places.rows > 0 && a_places.columns > 0);
    assert!(a_places.reach(MR) <= a.len() && b_places.reach(V::LANES * NV) <= b.len());
    let mut tile = [[V::zero(); NV]; MR];
    let (mut a_row, mut b_row) = (a.as_ptr(), b.as_ptr());
    for _ in 0..a_places.rows {
        let (mut a, mut b) = (a_row, b_row);
        for _ in 0..a_places.columns {
            // SAFETY: both reaches were asserted above.
            unsafe {
                let mut columns = [V::zero(); NV];
                for (j, column) in columns.iter_mut().enumerate() {
                    *column = V::load_pointer(b.add(V::LANES * j));
                }
                for (i, row) in tile.iter_mut().enumerate() {
                    let factor = V::splat_pointer(a.add(i));
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
    tile
}

/// `c[i · c_stride + j] += Σ over places of a[place + i] · b[place + j]` for `i` below `MR` and `j` from
/// `from_column` to `4 NV`, in order of the places, the sum added to `c` at the end; or put there where not `add`.
///
/// # Panics
/// If a place lies outside its slice, or the two differ in number.
#[inline(never)]
pub(in crate::kernels) fn outer_tile<const MR: usize, const NV: usize>(
    a: &[f32],
    a_places: Places,
    b: &[f32],
    b_places: Places,
    from_column: usize,
    c: &mut [f32],
    c_stride: usize,
    add: bool,
) {
    #[cfg(target_arch = "x86_64")]
    if NV != 1 && from_column == 0 && is_wide() {
        // SAFETY: the processor has AVX2.
        return unsafe {
            match NV {
                2 => wide_outer_tile::<MR, 1>(a, a_places, b, b_places, c, c_stride, add),
                _ => wide_outer_tile::<MR, 2>(a, a_places, b, b_places, c, c_stride, add),
            }
        };
    }
    let tile = outer_sums::<F32x4, MR, NV>(a, a_places, b, b_places);
    for (i, sums) in tile.iter().enumerate() {
        let c = &mut c[i * c_stride..][..4 * NV];
        if !add {
            // The columns before `from_column` have these very sums already.
            for (sum, c) in sums.iter().zip(c.chunks_exact_mut(4)) {
                sum.store(c);
            }
        } else if from_column == 0 {
            for (sum, c) in sums.iter().zip(c.chunks_exact_mut(4)) {
                F32x4::load(c).add(*sum).store(c);
            }
        } else {
            let sums = sums.map(F32x4::to_array);
            for (c, sum) in c.iter_mut().zip(sums.as_flattened()).skip(from_column) {
                *c += sum;
            }
        }
    }
}

/// As [`outer_tile`] with vectors of eight lanes.
#[cfg(target_arch = "x86_64")]
#[target_feature(enable = "avx2")]
fn wide_outer_tile<const MR: usize, const NV: usize>(
    a: &[f32],
    a_places: Places,
    b: &[f32],
    b_places: Places,
    c: &mut [f32],
    c_stride: usize,
    add: bool,
) {
    let tile = outer_sums::<F32x8, MR, NV>(a, a_places, b, b_places);
    for (i, sums) in tile.iter().enumerate() {
        for (sum, c) in sums.iter().zip(c[i * c_stride..].chunks_exact_mut(8)) {
            if add { F32x8::load(c).add(*sum).store(c) } else { sum.store(c) }
        }
    }
}

/// As [`outer_tile`] with rows and columns of `c` exchanged: `c[j · c_stride + i] += …`, for few columns.
#[inline(never)]
pub(in crate::kernels) fn outer_tile_turned<const MR: usize, const NV: usize>(
    a: &[f32],
    a_places: Places,
    b: &[f32],
    b_places: Places,
    c: &mut [f32],
    c_stride: usize,
    add: bool,
) {
    let tile = outer_sums::<F32x4, MR, NV>(a, a_places, b, b_places);
    for (i, sums) in tile.iter().enumerate() {
        let sums = sums.map(F32x4::to_array);
        for (j, sum) in sums.as_flattened().iter().enumerate() {
            let c = &mut c[j * c_stride + i];
            *c = if add { *c + sum } else { *sum };
        }
    }
}
