//! Copies of a model's numbers: put aside, or averaged over the steps.

use super::checkpoint::Tape;
use crate::error::Result;
use crate::model::Model;

/// Parameters and statistics put aside.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub params: Vec<f32>,
    pub state: Vec<f32>,
}

impl Snapshot {
    pub fn of(model: &Model) -> Snapshot {
        Snapshot { params: model.params.clone(), state: model.state.clone() }
    }

    pub fn keep(&mut self, tape: &mut Tape<'_>) -> Result<()> {
        tape.f32s(&mut self.params)?;
        tape.f32s(&mut self.state)
    }

    pub fn store(&mut self, model: &Model) {
        self.params.copy_from_slice(&model.params);
        self.state.copy_from_slice(&model.state);
    }

    pub fn restore(&self, model: &mut Model) {
        model.params.copy_from_slice(&self.params);
        model.state.copy_from_slice(&self.state);
    }
}

/// An exponential moving average of the parameters: a ← d a + (1 − d) w, where d is the `decay`, but in the first steps
/// at most (1 + step) / (10 + step).
///
/// Source: Polyak, Juditsky 1992; TensorFlow's `ExponentialMovingAverage(decay, num_updates=step)`.
#[derive(Debug)]
pub(super) struct Average {
    pub params: Vec<f32>,
    decay: f32,
}

impl Average {
    /// An average that begins with these parameters.
    pub fn new(params: &[f32], decay: f32) -> Average {
        Average { params: params.to_vec(), decay }
    }

    /// Takes in the parameters after step `step`, counted from 1.
    pub fn add(&mut self, params: &[f32], step: u64) {
        let decay = self.decay.min((1 + step) as f32 / (10 + step) as f32);
        for (average, &param) in self.params.iter_mut().zip(params) {
            *average += (1.0 - decay) * (param - *average);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_average_follows_quickly_first_and_slowly_then() {
        let mut average = Average::new(&[0.0], 0.5);
        average.add(&[11.0], 1);
        assert!((average.params[0] - 9.0).abs() < 1e-5, "kept 2/11");
        average.add(&[1.0], 100);
        assert!((average.params[0] - 5.0).abs() < 1e-5, "kept 1/2");
    }
}
