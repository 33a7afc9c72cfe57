//! What happens to a gradient before the optimizer sees it.

use std::ops::Range;

use super::TrainOptions;
use crate::kernels::elementwise::scale;
use crate::kernels::reduce::dot;

/// Adds the derivatives of the penalties `l1 Σ |w| + l2 Σ w²` over the parameters in `ranges`, then bounds each element
/// by `clip_value`, then the length of the whole by `clip_norm`.
///
/// Source: PyTorch's `clip_grad_value_` and `clip_grad_norm_` (which adds 1e-6 to the length).
pub(super) fn shape(options: &TrainOptions, params: &[f32], ranges: &[Range<usize>], d_params: &mut [f32]) {
    let &TrainOptions { l1, l2, clip_value, clip_norm, .. } = options;
    if l1 > 0.0 || l2 > 0.0 {
        for range in ranges {
            for (d, &w) in d_params[range.clone()].iter_mut().zip(&params[range.clone()]) {
                let sign = if w == 0.0 { 0.0 } else { w.signum() };
                *d += l1 * sign + 2.0 * l2 * w;
            }
        }
    }
    if clip_value > 0.0 {
        // What is no number must stay so: `clamp` keeps it.
        d_params.iter_mut().for_each(|d| *d = d.clamp(-clip_value, clip_value));
    }
    if clip_norm > 0.0 {
        let norm = dot(d_params, d_params).sqrt();
        if norm > clip_norm {
            scale(d_params, clip_norm / norm);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shaped(options: &TrainOptions, d_params: [f32; 4]) -> [f32; 4] {
        let mut shaped = d_params;
        shape(options, &[2.0, -0.5, 0.0, 3.0], std::slice::from_ref(&(0..3)), &mut shaped);
        shaped
    }

    #[test]
    fn penalties_and_bounds_are_those_of_the_formulas() {
        let none = TrainOptions::default();
        let d_params = [3.0, -4.0, 0.0, 12.0];
        assert_eq!(shaped(&none, d_params), d_params);
        let penalties = TrainOptions { l1: 0.5, l2: 0.25, ..none.clone() };
        assert_eq!(shaped(&penalties, d_params), [3.0 + 0.5 + 1.0, -4.0 - 0.5 - 0.25, 0.0, 12.0]);
        let value = TrainOptions { clip_value: 3.5, ..none.clone() };
        assert_eq!(shaped(&value, d_params), [3.0, -3.5, 0.0, 3.5]);
        // The length is 13.
        let norm = TrainOptions { clip_norm: 6.5, ..none.clone() };
        assert_eq!(shaped(&norm, d_params), [1.5, -2.0, 0.0, 6.0]);
        assert_eq!(shaped(&TrainOptions { clip_norm: 14.0, ..none }, d_params), d_params);
    }

    #[test]
    fn a_gradient_that_is_no_number_is_not_hidden() {
        let options = TrainOptions { clip_value: 1.0, clip_norm: 1.0, ..TrainOptions::default() };
        assert!(shaped(&options, [f32::NAN; 4]).iter().all(|d| d.is_nan()));
    }
}
