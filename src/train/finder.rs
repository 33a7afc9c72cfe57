//! Which learning rate to choose: a short run whose rate climbs, until the loss does.

use super::schedule::Schedule;
use super::shard::Executor;
use super::{TrainOptions, Trainer};
use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::kernels::math::pow;
use crate::model::Model;
use crate::told::Told;

/// What the mean of the losses keeps each step.
const KEPT: f32 = 0.9;
/// A loss so many times the lowest ends the run.
const TOO_HIGH: f32 = 4.0;

/// What the run showed.
#[derive(Clone, Debug, PartialEq)]
pub struct RateRange {
    /// The rate of each step.
    pub rates: Vec<f32>,
    /// The loss of each step, averaged over the last few.
    pub losses: Vec<f32>,
    /// A tenth of the rate at which the loss was lowest: a rate to start from.
    pub suggestion: f32,
}

/// Lets the rate climb from `low` to `high` by equal factors over `n_steps` steps of a copy of `model`.
///
/// Source: Smith 2017, section 3.3; the suggestion is that of fastai's `lr_find`.
///
/// # Errors
/// [`Error::Config`] for rates that do not climb or fewer than ten steps; else as [`Trainer::new`].
pub fn find_rate(
    model: &Model,
    dataset: &Dataset,
    options: TrainOptions,
    (low, high): (f32, f32),
    n_steps: u32,
    executor: &dyn Executor,
) -> Result<RateRange> {
    if !(low > 0.0 && low < high && high <= 100.0) {
        return Err(Error::config(
            "learningRate",
            "a range that climbs, above 0 and up to 100",
            format!("{} to {}", low.told(), high.told()),
        ));
    }
    if !(10..=10_000).contains(&n_steps) {
        return Err(Error::config("steps", "between 10 and 10000", n_steps));
    }
    let mut model = model.clone();
    let endless = TrainOptions {
        epochs: 10_000,
        schedule: Schedule::Constant,
        warmup_steps: 0,
        validation_split: 0.0,
        folds: 0,
        fold: 0,
        keep_best: false,
        ..options
    };
    let mut trainer = Trainer::new(&model, dataset, endless)?;
    let (mut rates, mut losses) = (Vec::new(), Vec::new());
    let (mut sum, mut weight, mut lowest) = (0.0, 0.0, f32::INFINITY);
    let mut suggestion = low;
    for step in 0..n_steps {
        let rate = low * pow(high / low, step as f32 / (n_steps - 1) as f32);
        trainer.set_learning_rate(rate.min(high))?;
        while trainer.step() == u64::from(step) {
            match trainer.advance(&mut model, dataset, executor) {
                // That is what the run was to find out.
                Err(Error::NonFinite { .. }) => return Ok(RateRange { rates, losses, suggestion }),
                outcome => outcome?,
            }
        }
        sum = KEPT * sum + trainer.last_loss();
        weight = KEPT * weight + 1.0;
        let loss = sum / weight;
        rates.push(rate);
        losses.push(loss);
        if loss < lowest {
            (lowest, suggestion) = (loss, rate / 10.0);
        }
        if loss > TOO_HIGH * lowest {
            break;
        }
    }
    Ok(RateRange { rates, losses, suggestion })
}
