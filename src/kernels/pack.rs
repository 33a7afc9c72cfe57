//! The second factor of a product, laid out as the tiles read it: panel after panel of 8 columns, each
//! `[k, 8]` without gaps; a rest of up to 4 columns in a last panel `[k, 4]`; zeros after the last column.

use super::microkernel::TILE_COLUMNS;
use super::simd::{F32x4, LANES};

/// Elements of `[k, n]` when packed.
pub(super) fn packed_len(k: usize, n: usize) -> usize {
    k * n.next_multiple_of(4)
}

/// Packs `b: [k, n]` whose rows are `row_stride` apart.
pub(super) fn pack_rows(k: usize, n: usize, b: &[f32], row_stride: usize, packed: &mut [f32]) {
    // Row after row is read, since that is how they lie; the panels are written side by side.
    let n_wide = n / TILE_COLUMNS;
    for (p, row) in b.chunks(row_stride).take(k).enumerate() {
        let row = &row[..n];
        for (panel, row) in row.chunks_exact(TILE_COLUMNS).enumerate() {
            let place = &mut packed[(panel * k + p) * TILE_COLUMNS..][..TILE_COLUMNS];
            F32x4::load(row).store(place);
            F32x4::load(&row[4..]).store(&mut place[4..]);
        }
        let rest = &row[n_wide * TILE_COLUMNS..];
        if !rest.is_empty() {
            let width = rest.len().next_multiple_of(4);
            let place = &mut packed[n_wide * TILE_COLUMNS * k + p * width..][..width];
            for (place, rest) in place.chunks_exact_mut(4).zip(rest.chunks(4)) {
                F32x4::load_part(rest).store(place);
            }
        }
    }
}

/// Packs rows `at .. at + k` of a `[k_packed, n]` from `b: [n, k]`, its transpose.
pub(super) fn pack_transposed(k: usize, n: usize, b: &[f32], k_packed: usize, at: usize, packed: &mut [f32]) {
    let whole = k - k % 4;
    for first in (0..n).step_by(4) {
        let panel = first - first % TILE_COLUMNS;
        let width = TILE_COLUMNS.min((n - panel).next_multiple_of(4));
        let packed = &mut packed[panel * k_packed + at * width + first - panel..];
        let n_columns = 4.min(n - first);
        // Rows beyond the last one are a copy of it and then not written.
        let row_of = |j: usize| &b[(first + j.min(n_columns - 1)) * k..][..k];
        let rows = [row_of(0), row_of(1), row_of(2), row_of(3)];
        for p in (0..whole).step_by(4) {
            let mut block = rows.map(|row| F32x4::load(&row[p..]));
            block[n_columns..].fill(F32x4::zero());
            for (i, column) in F32x4::transpose(block).into_iter().enumerate() {
                column.store(&mut packed[(p + i) * width..]);
            }
        }
        for p in whole..k {
            let mut lanes = rows.map(|row| row[p]);
            lanes[n_columns..].fill(0.0);
            packed[p * width..][..4].copy_from_slice(&lanes);
        }
    }
}

/// `to = fromᵀ`, or `to += fromᵀ`. Shapes: `from: [rows, columns]`, `to: [columns, rows]`.
pub(super) fn transpose(rows: usize, columns: usize, from: &[f32], to: &mut [f32], accumulate: bool) {
    assert!(from.len() == rows * columns && to.len() == from.len());
    for row in (0..rows).step_by(LANES) {
        let n_rows = LANES.min(rows - row);
        for column in (0..columns).step_by(LANES) {
            let n_columns = LANES.min(columns - column);
            let mut block = [F32x4::zero(); LANES];
            for (i, line) in block[..n_rows].iter_mut().enumerate() {
                *line = load_up_to(&from[(row + i) * columns + column..], n_columns);
            }
            for (j, line) in F32x4::transpose(block)[..n_columns].iter().enumerate() {
                let to = &mut to[(column + j) * rows + row..];
                let line = if accumulate { load_up_to(to, n_rows).add(*line) } else { *line };
                if n_rows == LANES { line.store(to) } else { line.store_part(&mut to[..n_rows]) }
            }
        }
    }
}

/// The first `n` elements, at most four.
#[inline(always)]
fn load_up_to(s: &[f32], n: usize) -> F32x4 {
    if n == LANES { F32x4::load(s) } else { F32x4::load_part(&s[..n]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The panels of a packed `[k, n]`: first column, columns of the panel, elements.
    fn panels(packed: &[f32], k: usize, n: usize) -> impl Iterator<Item = (usize, usize, &[f32])> {
        (0..n).step_by(TILE_COLUMNS).map(move |first| {
            let width = TILE_COLUMNS.min((n - first).next_multiple_of(4));
            (first, width, &packed[first * k..][..width * k])
        })
    }

    #[test]
    fn both_ways_of_packing_lay_out_the_same_panels() {
        for (k, n) in [(1, 1), (4, 4), (5, 8), (9, 10), (3, 13), (8, 24), (2, 3)] {
            let b: Vec<f32> = (0..k * n).map(|i| i as f32 + 1.0).collect();
            let transpose: Vec<f32> = (0..k * n).map(|i| b[i % k * n + i / k]).collect();
            let mut packed = vec![f32::NAN; packed_len(k, n)];
            pack_rows(k, n, &b, n, &mut packed);
            for (first, width, panel) in panels(&packed, k, n) {
                for (i, &got) in panel.iter().enumerate() {
                    let (p, column) = (i / width, first + i % width);
                    assert_eq!(got, if column < n { b[p * n + column] } else { 0.0 }, "{k} {n} {p} {column}");
                }
            }
            let mut turned = vec![f32::NAN; packed_len(k, n)];
            pack_transposed(k, n, &transpose, k, 0, &mut turned);
            assert_eq!(turned, packed, "{k} {n}");
        }
    }

    #[test]
    fn a_transpose_has_every_element_at_any_size() {
        for (rows, columns) in [(1, 1), (4, 4), (3, 9), (8, 5), (6, 7), (12, 16)] {
            let from: Vec<f32> = (0..rows * columns).map(|i| i as f32).collect();
            let mut to = vec![f32::NAN; from.len()];
            transpose(rows, columns, &from, &mut to, false);
            let expected: Vec<f32> = (0..from.len()).map(|i| from[i % rows * columns + i / rows]).collect();
            assert_eq!(to, expected);
            transpose(rows, columns, &from, &mut to, true);
            assert!(to.iter().zip(expected).all(|(to, expected)| *to == 2.0 * expected));
        }
    }
}
