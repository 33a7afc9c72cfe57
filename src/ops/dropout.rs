//! Random silence during training.

use super::one_input;
use crate::error::{Error, Result};
use crate::graph::{Backward, Forward, Operator, Shape};
use crate::rng::Rng;

/// In training each element becomes 0 with probability `rate`, the others are divided by
/// `1 - rate`; in inference nothing happens ("inverted dropout", as in Keras and PyTorch). If spatial, whole channels of
/// an example do so together.
///
/// Shapes: any, unchanged. The mask is drawn from the step's seed, once forward and once backward.
#[derive(Clone, Copy, Debug)]
pub struct Dropout {
    /// Share of elements silenced, 0 to below 1.
    pub rate: f32,
    /// Whether a channel is silenced as a whole.
    pub spatial: bool,
}

impl Dropout {
    /// Calls `visit(i, factor)` for every element of the examples of this shape: in order, or channel by channel.
    fn for_each_factor(self, seed: u64, len: usize, shape: &[usize], mut visit: impl FnMut(usize, f32)) {
        let mut rng = Rng::new(seed, 0);
        let kept = 1.0 / (1.0 - self.rate);
        let example: usize = shape.iter().product();
        let (n_channels, n_cells) = match shape {
            [.., channels] if self.spatial => (*channels, example / channels),
            _ => (example, 1),
        };
        for start in (0..len).step_by(example) {
            for channel in 0..n_channels {
                let factor = if rng.uniform() < self.rate { 0.0 } else { kept };
                (0..n_cells).for_each(|cell| visit(start + cell * n_channels + channel, factor));
            }
        }
    }
}

impl Operator for Dropout {
    fn name(&self) -> &'static str {
        if self.spatial { "spatial_dropout" } else { "dropout" }
    }

    fn output_shape(&self, inputs: &[&[usize]]) -> Result<Shape> {
        if !(0.0..1.0).contains(&self.rate) {
            return Err(Error::config("rate", "at least 0 and below 1", self.rate));
        }
        Ok(one_input(self.name(), inputs)?.to_vec())
    }

    #[cfg(feature = "train")]
    fn frozen(&self, _params: &[f32], _state: &[f32]) -> Option<Box<dyn Operator>> {
        Some(Box::new(super::Activate::new(crate::kernels::activation::Activation::None)))
    }

    fn forward(&self, cx: Forward<'_>) {
        let x = cx.inputs[0];
        if cx.mode.is_training() {
            self.for_each_factor(cx.seed, x.len(), cx.output_shape, |i, factor| cx.output[i] = x[i] * factor);
        } else {
            cx.output.copy_from_slice(x);
        }
    }

    #[cfg(feature = "train")]
    fn backward(&self, cx: Backward<'_>) {
        let [d_x, _] = cx.d_inputs;
        let d_y = &*cx.d_output;
        self.for_each_factor(cx.seed, d_y.len(), cx.output_shape, |i, factor| d_x[i] += d_y[i] * factor);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::Mode;
    use crate::ops::check::{check_gradients, run_forward};

    #[test]
    fn gradients_match_central_differences() {
        check_gradients(&Dropout { rate: 0.4, spatial: false }, &[&[3, 5, 7]], 2);
        check_gradients(&Dropout { rate: 0.4, spatial: true }, &[&[3, 5, 7]], 2);
    }

    #[test]
    fn training_silences_the_stated_share_and_keeps_the_mean() {
        let x = vec![1.0; 20_000];
        let y = run_forward(&Dropout { rate: 0.25, spatial: false }, &[&[20_000]], &[&x], 1, Mode::Training);
        let zeros = y.iter().filter(|&&y| y == 0.0).count() as f32 / 20_000.0;
        let mean = y.iter().sum::<f32>() / 20_000.0;
        assert!((zeros - 0.25).abs() < 0.02 && (mean - 1.0).abs() < 0.02, "{zeros} {mean}");
        assert_eq!(
            run_forward(&Dropout { rate: 0.25, spatial: false }, &[&[20_000]], &[&x], 1, Mode::Inference),
            x
        );
    }

    #[test]
    fn spatial_dropout_silences_channels_of_one_example_as_a_whole() {
        let x = vec![1.0; 2 * 12 * 50];
        let op = Dropout { rate: 0.5, spatial: true };
        let y = run_forward(&op, &[&[3, 4, 50]], &[&x], 2, Mode::Training);
        for example in y.chunks_exact(12 * 50) {
            assert!(example.iter().enumerate().all(|(i, y)| *y == example[i % 50]));
            let silent = example[..50].iter().filter(|&&y| y == 0.0).count();
            assert!((10..40).contains(&silent), "{silent}");
        }
        assert_ne!(y[..50], y[600..650]);
    }

    #[test]
    fn rates_outside_the_range_are_refused() {
        for rate in [-0.1, 1.0, f32::NAN] {
            assert_eq!(Dropout { rate, spatial: false }.output_shape(&[&[2]]).unwrap_err().code(), "config");
        }
    }
}
