//! Softmax and its logarithm.

use super::math::{exp, ln};

/// `y[i] = e^x[i] / Σ e^x[j]` for each row of `n_classes`; the row's maximum is subtracted first.
pub fn softmax(x: &[f32], n_classes: usize, y: &mut [f32]) {
    assert_eq!(x.len(), y.len());
    for (x, y) in x.chunks_exact(n_classes).zip(y.chunks_exact_mut(n_classes)) {
        let largest = maximum(x);
        let mut sum = 0.0;
        for (y, x) in y.iter_mut().zip(x) {
            *y = exp(x - largest);
            sum += *y;
        }
        y.iter_mut().for_each(|y| *y /= sum);
    }
}

/// `ln Σ e^row[j]`, without overflow.
pub fn log_sum_exp(row: &[f32]) -> f32 {
    let largest = maximum(row);
    let mut sum = 0.0;
    for x in row {
        sum += exp(x - largest);
    }
    largest + ln(sum)
}

fn maximum(row: &[f32]) -> f32 {
    row.iter().copied().fold(f32::NEG_INFINITY, f32::max)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn huge_logits_neither_overflow_nor_lose_their_order() {
        let mut y = [0.0; 3];
        softmax(&[1e30, -1e30, 1e30], 3, &mut y);
        assert_eq!(y, [0.5, 0.0, 0.5]);
        assert_eq!(log_sum_exp(&[300.0, 300.0]), 300.0 + ln(2.0));
    }

    #[test]
    fn a_logit_that_is_no_number_shows_in_the_loss() {
        assert!(log_sum_exp(&[f32::NAN, 1.0]).is_nan());
    }
}
