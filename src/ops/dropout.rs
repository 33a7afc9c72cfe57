//! Random silence during training.

use super::one_input;
use crate::error::{Error, Result};
use crate::graph::{Backward, Forward, Mode, Operator, Shape};
use crate::rng::Rng;

/// In training each element becomes 0 with probability `rate`, the others are divided by
/// `1 - rate`; in inference nothing happens ("inverted dropout", as in Keras and PyTorch).
///
/// Shapes: any, unchanged. The mask is drawn from the step's seed, once forward and once backward.
#[derive(Clone, Copy, Debug)]
pub struct Dropout {
    /// Share of elements silenced, 0 to below 1.
    pub rate: f32,
}

impl Dropout {
    /// Calls `visit(i, factor)` for every element in order.
    fn for_each_factor(self, seed: u64, len: usize, mut visit: impl FnMut(usize, f32)) {
        let mut rng = Rng::new(seed, 0);
        let kept = 1.0 / (1.0 - self.rate);
        for i in 0..len {
            visit(i, if rng.uniform() < self.rate { 0.0 } else { kept });
        }
    }
}

impl Operator for Dropout {
    fn name(&self) -> &'static str {
        "dropout"
    }

    fn output_shape(&self, inputs: &[&[usize]]) -> Result<Shape> {
        if !(0.0..1.0).contains(&self.rate) {
            return Err(Error::config("rate", "at least 0 and below 1", self.rate));
        }
        Ok(one_input("dropout", inputs)?.to_vec())
    }

    fn forward(&self, cx: Forward<'_>) {
        let x = cx.inputs[0];
        match cx.mode {
            Mode::Inference => cx.output.copy_from_slice(x),
            Mode::Training => {
                self.for_each_factor(cx.seed, x.len(), |i, factor| cx.output[i] = x[i] * factor)
            }
        }
    }

    fn backward(&self, cx: Backward<'_>) {
        let [d_x, _] = cx.d_inputs;
        let d_y = &*cx.d_output;
        self.for_each_factor(cx.seed, d_y.len(), |i, factor| d_x[i] += d_y[i] * factor);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::check::{check_gradients, run_forward};

    #[test]
    fn gradients_match_central_differences() {
        check_gradients(&Dropout { rate: 0.4 }, &[&[3, 5, 7]], 2);
    }

    #[test]
    fn training_silences_the_stated_share_and_keeps_the_mean() {
        let x = vec![1.0; 20_000];
        let y = run_forward(&Dropout { rate: 0.25 }, &[&[20_000]], &[&x], 1, Mode::Training);
        let zeros = y.iter().filter(|&&y| y == 0.0).count() as f32 / 20_000.0;
        let mean = y.iter().sum::<f32>() / 20_000.0;
        assert!((zeros - 0.25).abs() < 0.02 && (mean - 1.0).abs() < 0.02, "{zeros} {mean}");
        assert_eq!(run_forward(&Dropout { rate: 0.25 }, &[&[20_000]], &[&x], 1, Mode::Inference), x);
    }

    #[test]
    fn rates_outside_the_range_are_refused() {
        for rate in [-0.1, 1.0, f32::NAN] {
            assert_eq!(Dropout { rate }.output_shape(&[&[2]]).unwrap_err().code(), "config");
        }
    }
}
