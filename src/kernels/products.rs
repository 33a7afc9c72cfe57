//! Whole products cut into tiles. Every element is one sum in order of its factors, whatever the tile it
//! falls into, so cutting never changes a bit.

use super::microkernel::{
    Last, Panels, Places, Runs, TILE_COLUMNS, TILE_ROWS, outer_tile, outer_tile_turned, rows_tile,
};

/// The second factor of [`rows_product`]: packed `[k, n]`, of which the factors from `skipped` on are used.
#[derive(Clone, Copy)]
pub(super) struct Packed<'a> {
    pub elements: &'a [f32],
    pub k: usize,
    pub n: usize,
    pub skipped: usize,
    /// Columns of C, and the one that B begins with.
    pub columns: usize,
    pub first: usize,
}

impl<'a> Packed<'a> {
    /// All of a packed `[k, n]`, for a C of as many columns.
    pub fn whole(elements: &'a [f32], k: usize, n: usize) -> Packed<'a> {
        Packed { elements, k, n, skipped: 0, columns: n, first: 0 }
    }

    /// Panels of 8 columns; with a rest of 5 to 7 the last of them is filled up.
    fn n_wide(&self) -> usize {
        (self.n + 3) / TILE_COLUMNS
    }
}

/// The product of the rows, whose factors lie in `a` from each of `places` on as `runs` says, with a packed
/// matrix. The transcendental activations are left to the caller.
pub(super) fn rows_product(
    runs: Runs,
    a: &[f32],
    places: Places,
    b: Packed<'_>,
    last: Last<'_>,
    c: &mut [f32],
) {
    let mut place = Walk { places, start: 0, column: 0 };
    let mut n_left = places.rows * places.columns;
    let mut c = c;
    while n_left > 0 {
        // As even as can be: a full tile and a rest of one row would cost more than two halves.
        let n_rows = n_left.div_ceil(n_left.div_ceil(TILE_ROWS));
        let (c_rows, rest) = std::mem::take(&mut c).split_at_mut(n_rows * b.columns);
        let mut starts = [0; TILE_ROWS];
        for start in &mut starts[..n_rows] {
            *start = place.next_start();
        }
        tile_row(n_rows, starts, runs, a, b, last, c_rows);
        c = rest;
        n_left -= n_rows;
    }
}

/// Place after place, without division.
struct Walk {
    places: Places,
    start: usize,
    column: usize,
}

impl Walk {
    fn next_start(&mut self) -> usize {
        let start = self.start;
        self.column += 1;
        self.start += self.places.column_stride;
        if self.column == self.places.columns {
            self.column = 0;
            self.start =
                self.start - self.places.columns * self.places.column_stride + self.places.row_stride;
        }
        start
    }
}

/// All panels for one set of rows, which stay in the nearest cache meanwhile.
fn tile_row(
    n_rows: usize,
    starts: [usize; TILE_ROWS],
    runs: Runs,
    a: &[f32],
    b: Packed<'_>,
    last: Last<'_>,
    c: &mut [f32],
) {
    let (n_panels, panel_stride) = (b.n_wide(), b.k * TILE_COLUMNS);
    if n_panels > 0 {
        let from_skipped = &b.elements[b.skipped * TILE_COLUMNS..];
        let panels = Panels {
            runs,
            b: from_skipped,
            panel_stride,
            row_stride: TILE_COLUMNS,
            n_panels,
            first: b.first,
            n: b.columns,
            last,
        };
        tile::<2>(n_rows, starts, a, &panels, c);
    }
    let first = n_panels * TILE_COLUMNS;
    if first < b.n {
        let narrow = &b.elements[first * b.k + b.skipped * 4..];
        let panels = Panels {
            runs,
            b: narrow,
            panel_stride: 0,
            row_stride: 4,
            n_panels: 1,
            first: b.first + first,
            n: b.columns,
            last,
        };
        tile::<1>(n_rows, starts, a, &panels, c);
    }
}

/// The tile of the first `n_rows` of these rows.
pub(super) fn tile<const NV: usize>(
    n_rows: usize,
    starts: [usize; TILE_ROWS],
    a: &[f32],
    panels: &Panels<'_>,
    c: &mut [f32],
) {
    let [s0, s1, s2, s3, _] = starts;
    match n_rows {
        1 => rows_tile::<1, NV>(a, [s0], panels, c),
        2 => rows_tile::<2, NV>(a, [s0, s1], panels, c),
        3 => rows_tile::<3, NV>(a, [s0, s1, s2], panels, c),
        4 => rows_tile::<4, NV>(a, [s0, s1, s2, s3], panels, c),
        _ => rows_tile::<5, NV>(a, starts, panels, c),
    }
}

/// Elements that stay in the nearest cache beside a tile's.
const NEAR: usize = 4096;

/// `c[i, j] += Σ over places of a[place + i] · b[place + j]`, or `=` where not `add`. Shapes: `c: [m, n]`.
pub(super) fn outer_product(
    m: usize,
    n: usize,
    a: &[f32],
    a_places: Places,
    b: &[f32],
    b_places: Places,
    c: &mut [f32],
    add: bool,
) {
    if n < 4 {
        return narrow_outer_product(m, n, a, a_places, b, b_places, c, add);
    }
    // Few places: all columns of B stay near, so each row of A and C is gone through once. Else one panel of
    // B stays near.
    let rows_outside = a_places.rows * a_places.columns * n <= NEAR;
    let n_heights = m.div_ceil(TILE_ROWS);
    let (n_outer, mut column) = (if rows_outside { n_heights } else { 1 }, 0);
    for outer in 0..n_outer {
        column %= n;
        while column < n {
            let n_columns = outer_columns(n - column, n);
            // The last few columns are a tile with those before them, whose sums are not added again.
            let first = column.min(n - n_columns);
            let heights = if rows_outside { outer..outer + 1 } else { 0..n_heights };
            for height in heights {
                // As even as can be.
                let (row, end) = (height * m / n_heights, (height + 1) * m / n_heights);
                let c = &mut c[row * n + first..];
                outer_tile_of(
                    end - row,
                    n_columns,
                    &a[row..],
                    a_places,
                    &b[first..],
                    b_places,
                    column - first,
                    c,
                    n,
                    add,
                );
            }
            column = first + n_columns;
        }
    }
}

/// Columns of the next tile where `left` of `all` are left.
fn outer_columns(left: usize, all: usize) -> usize {
    #[cfg(target_arch = "x86_64")]
    if left >= 16 && super::simd::is_wide() {
        return 16;
    }
    if left > 4 && all >= TILE_COLUMNS { TILE_COLUMNS } else { 4 }
}

/// The tile of this size.
fn outer_tile_of(
    n_rows: usize,
    n_columns: usize,
    a: &[f32],
    a_places: Places,
    b: &[f32],
    b_places: Places,
    skip: usize,
    c: &mut [f32],
    n: usize,
    add: bool,
) {
    match (n_rows, n_columns) {
        #[cfg(target_arch = "x86_64")]
        (5, 16) => outer_tile::<5, 4>(a, a_places, b, b_places, skip, c, n, add),
        #[cfg(target_arch = "x86_64")]
        (4, 16) => outer_tile::<4, 4>(a, a_places, b, b_places, skip, c, n, add),
        #[cfg(target_arch = "x86_64")]
        (3, 16) => outer_tile::<3, 4>(a, a_places, b, b_places, skip, c, n, add),
        #[cfg(target_arch = "x86_64")]
        (2, 16) => outer_tile::<2, 4>(a, a_places, b, b_places, skip, c, n, add),
        #[cfg(target_arch = "x86_64")]
        (_, 16) => outer_tile::<1, 4>(a, a_places, b, b_places, skip, c, n, add),
        (5, 8) => outer_tile::<5, 2>(a, a_places, b, b_places, skip, c, n, add),
        (4, 8) => outer_tile::<4, 2>(a, a_places, b, b_places, skip, c, n, add),
        (3, 8) => outer_tile::<3, 2>(a, a_places, b, b_places, skip, c, n, add),
        (2, 8) => outer_tile::<2, 2>(a, a_places, b, b_places, skip, c, n, add),
        (_, 8) => outer_tile::<1, 2>(a, a_places, b, b_places, skip, c, n, add),
        (5, _) => outer_tile::<5, 1>(a, a_places, b, b_places, skip, c, n, add),
        (4, _) => outer_tile::<4, 1>(a, a_places, b, b_places, skip, c, n, add),
        (3, _) => outer_tile::<3, 1>(a, a_places, b, b_places, skip, c, n, add),
        (2, _) => outer_tile::<2, 1>(a, a_places, b, b_places, skip, c, n, add),
        (_, _) => outer_tile::<1, 1>(a, a_places, b, b_places, skip, c, n, add),
    }
}

/// With fewer columns than lanes, the lanes go along the rows of `c`.
fn narrow_outer_product(
    m: usize,
    n: usize,
    a: &[f32],
    a_places: Places,
    b: &[f32],
    b_places: Places,
    c: &mut [f32],
    add: bool,
) {
    let mut row = 0;
    while row + 4 <= m {
        let (a, c) = (&a[row..], &mut c[row * n..]);
        match n {
            1 => outer_tile_turned::<1, 1>(b, b_places, a, a_places, c, n, add),
            2 => outer_tile_turned::<2, 1>(b, b_places, a, a_places, c, n, add),
            _ => outer_tile_turned::<3, 1>(b, b_places, a, a_places, c, n, add),
        }
        row += 4;
    }
    for i in row * n..m * n {
        let sum = outer_element(&a[i / n..], a_places, &b[i % n..], b_places);
        c[i] = if add { c[i] + sum } else { sum };
    }
}

/// One element of an outer product.
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
