//! Sums in a fixed order.

/// `Σ x`, from first to last.
pub fn sum(x: &[f32]) -> f32 {
    x.iter().sum()
}

/// `Σ a · b`, from first to last.
pub fn dot(a: &[f32], b: &[f32]) -> f32 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// `out[c] += Σ over rows of x[row, c]`, row after row. Shapes: `x: [rows, n_columns]`.
pub fn column_sums_add(x: &[f32], n_columns: usize, out: &mut [f32]) {
    assert_eq!(out.len(), n_columns);
    for row in x.chunks_exact(n_columns) {
        for (sum, x) in out.iter_mut().zip(row) {
            *sum += x;
        }
    }
}

/// Mean and (biased) variance of each column, in two passes. Shapes: `x: [rows, n_columns]`.
pub fn column_mean_variance(x: &[f32], n_columns: usize, mean: &mut [f32], variance: &mut [f32]) {
    assert!(mean.len() == n_columns && variance.len() == n_columns);
    let per_row = 1.0 / (x.len() / n_columns) as f32;
    mean.fill(0.0);
    column_sums_add(x, n_columns, mean);
    mean.iter_mut().for_each(|mean| *mean *= per_row);
    variance.fill(0.0);
    for row in x.chunks_exact(n_columns) {
        for ((sum, x), mean) in variance.iter_mut().zip(row).zip(&*mean) {
            let from_mean = x - mean;
            *sum += from_mean * from_mean;
        }
    }
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
    fn column_sums_add_to_what_is_there() {
        let mut out = [1.0, 2.0];
        column_sums_add(&[1.0, 2.0, 3.0, 4.0], 2, &mut out);
        assert_eq!(out, [5.0, 8.0]);
    }
}
