//! Sums in a fixed order, which depends on the lengths only.

use super::simd::{F32x4, LANES};

/// Vectors added up side by side.
const SIDE: usize = 4;

/// The lanes of the vectors added up: first the vectors, then the lanes, in pairs.
fn total([a, b, c, d]: [F32x4; SIDE]) -> f32 {
    let [p, q, r, s] = a.add(b).add(c.add(d)).to_array();
    (p + q) + (r + s)
}

/// `Σ x`: element `i` goes to sum `i mod 16`, then the 16 sums are added in pairs.
pub fn sum(x: &[f32]) -> f32 {
    let mut sums = [F32x4::zero(); SIDE];
    let (blocks, rest) = x.as_chunks::<{ SIDE * LANES }>();
    for block in blocks {
        for (sum, x) in sums.iter_mut().zip(block.as_chunks().0) {
            *sum = sum.add(F32x4::from_array(*x));
        }
    }
    for (sum, x) in sums.iter_mut().zip(rest.chunks(LANES)) {
        *sum = sum.add(F32x4::load_part(x));
    }
    total(sums)
}

/// `Σ a · b`, in the order of [`sum`].
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    let mut sums = [F32x4::zero(); SIDE];
    let (a_blocks, a_rest) = a.as_chunks::<{ SIDE * LANES }>();
    let (b_blocks, b_rest) = b.as_chunks::<{ SIDE * LANES }>();
    for (a, b) in a_blocks.iter().zip(b_blocks) {
        for ((sum, a), b) in sums.iter_mut().zip(a.as_chunks().0).zip(b.as_chunks().0) {
            *sum = sum.mul_add(F32x4::from_array(*a), F32x4::from_array(*b));
        }
    }
    for ((sum, a), b) in sums.iter_mut().zip(a_rest.chunks(LANES)).zip(b_rest.chunks(LANES)) {
        *sum = sum.mul_add(F32x4::load_part(a), F32x4::load_part(b));
    }
    total(sums)
}

/// `out[c] += Σ over rows of term(row, c)` for blocks of columns that stay in registers: `term` has the places
/// of the row's element and of the column.
#[inline(always)]
fn add_columns(
    n_rows: usize,
    n_columns: usize,
    out: &mut [f32],
    lanes: impl Fn(usize, usize) -> F32x4,
    single: impl Fn(usize, usize) -> f32,
) {
    assert_eq!(out.len(), n_columns);
    let mut column = 0;
    while column + SIDE * LANES <= n_columns {
        let mut sums = [F32x4::zero(); SIDE];
        for row in 0..n_rows {
            for (j, sum) in sums.iter_mut().enumerate() {
                let column = column + LANES * j;
                *sum = sum.add(lanes(row * n_columns + column, column));
            }
        }
        for (sum, out) in sums.iter().zip(out[column..].as_chunks_mut::<LANES>().0) {
            *out = F32x4::from_array(*out).add(*sum).to_array();
        }
        column += SIDE * LANES;
    }
    while column + LANES <= n_columns {
        let mut sum = F32x4::zero();
        for row in 0..n_rows {
            sum = sum.add(lanes(row * n_columns + column, column));
        }
        F32x4::load(&out[column..]).add(sum).store(&mut out[column..]);
        column += LANES;
    }
    for (column, out) in out.iter_mut().enumerate().skip(column) {
        let mut sum = 0.0;
        for row in 0..n_rows {
            sum += single(row * n_columns + column, column);
        }
        *out += sum;
    }
}

/// `out[c] += Σ over rows of x[row, c]`, row after row. Shapes: `x: [rows, n_columns]`.
#[inline(never)]
pub fn column_sums_add(x: &[f32], n_columns: usize, out: &mut [f32]) {
    let n_rows = x.len() / n_columns;
    add_columns(n_rows, n_columns, out, |place, _| F32x4::load(&x[place..]), |place, _| x[place]);
}

/// `out[c] += Σ over rows of a[row, c] · b[row, c]`, row after row. Shapes: `a, b: [rows, n_columns]`.
#[inline(never)]
pub fn column_products_add(a: &[f32], b: &[f32], n_columns: usize, out: &mut [f32]) {
    assert_eq!(a.len(), b.len());
    let n_rows = a.len() / n_columns;
    add_columns(
        n_rows,
        n_columns,
        out,
        |place, _| F32x4::load(&a[place..]).mul(F32x4::load(&b[place..])),
        |place, _| a[place] * b[place],
    );
}

/// `out[c] += Σ over rows of a[row, c] · (x[row, c] - mean[c])`, row after row. Shapes: `a, x: [rows, columns of mean]`.
#[inline(never)]
pub fn column_moments_add(a: &[f32], x: &[f32], mean: &[f32], out: &mut [f32]) {
    assert_eq!(a.len(), x.len());
    let n_columns = mean.len();
    add_columns(
        a.len() / n_columns,
        n_columns,
        out,
        |place, column| {
            let from_mean = F32x4::load(&x[place..]).sub(F32x4::load(&mean[column..]));
            F32x4::load(&a[place..]).mul(from_mean)
        },
        |place, column| a[place] * (x[place] - mean[column]),
    );
}

/// Mean and (biased) variance of each column, in two passes. Shapes: `x: [rows, n_columns]`.
#[inline(never)]
pub fn column_mean_variance(x: &[f32], n_columns: usize, mean: &mut [f32], variance: &mut [f32]) {
    assert!(mean.len() == n_columns && variance.len() == n_columns);
    let n_rows = x.len() / n_columns;
    let per_row = 1.0 / n_rows as f32;
    mean.fill(0.0);
    column_sums_add(x, n_columns, mean);
    mean.iter_mut().for_each(|mean| *mean *= per_row);
    variance.fill(0.0);
    let mean = &*mean;
    add_columns(
        n_rows,
        n_columns,
        variance,
        |place, column| {
            let from_mean = F32x4::load(&x[place..]).sub(F32x4::load(&mean[column..]));
            from_mean.mul(from_mean)
        },
        |place, column| (x[place] - mean[column]) * (x[place] - mean[column]),
    );
    variance.iter_mut().for_each(|variance| *variance *= per_row);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_and_variance_survive_a_large_offset() {
        let x: Vec<f32> = (0..300).map(|i| 1000.0 + (i % 3) as f32 + (i / 3 % 2) as f32).collect();
        let (mut mean, mut variance) = ([0.0; 3], [0.0; 3]);
        column_mean_variance(&x, 3, &mut mean, &mut variance);
        assert_eq!(mean, [1000.5, 1001.5, 1002.5]);
        assert!(variance.iter().all(|v| (v - 0.25).abs() < 1e-5), "{variance:?}");
    }

    #[test]
    fn columns_add_to_what_is_there_at_any_width() {
        for n_columns in [1, 2, 4, 7, 16, 21, 37] {
            let x: Vec<f32> = (0..3 * n_columns).map(|i| i as f32).collect();
            let mut out: Vec<f32> = (0..n_columns).map(|c| c as f32).collect();
            column_sums_add(&x, n_columns, &mut out);
            column_products_add(&x, &x, n_columns, &mut out);
            for (c, out) in out.iter().enumerate() {
                let column = [x[c], x[n_columns + c], x[2 * n_columns + c]];
                let expected =
                    c as f32 + column.iter().sum::<f32>() + column.iter().map(|x| x * x).sum::<f32>();
                assert_eq!(*out, expected, "{n_columns} {c}");
            }
        }
    }

    #[test]
    fn sums_take_every_element_once() {
        for len in [0, 1, 4, 15, 16, 17, 53] {
            let x: Vec<f32> = (1..=len).map(|i| i as f32).collect();
            let n = len as f32;
            assert_eq!(sum(&x), n * (n + 1.0) / 2.0);
            assert_eq!(dot(&x, &x), n * (n + 1.0) * (2.0 * n + 1.0) / 6.0);
        }
    }
}
