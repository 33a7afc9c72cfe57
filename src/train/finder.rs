//! Which learning rate to choose: a short run whose rate climbs, until the loss does.

use serde::Serialize;

use super::schedule::Schedule;
use super::shard::Executor;
use super::{TrainOptions, Trainer};
use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::kernels::math::pow;
use crate::model::Model;
use crate::settings::Settings;
use crate::told::Told;
use crate::value::Value;

/// What the mean of the losses keeps each step.
const KEPT: f32 = 0.9;
/// A loss so many times the lowest ends the run.
const TOO_HIGH: f32 = 4.0;

/// From which rate to which, and in how many steps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Climb {
    /// The first step's rate.
    pub low: f32,
    /// The last step's rate.
    pub high: f32,
    /// Steps, each a batch, if the loss does not end the run before.
    pub n_steps: u32,
}

impl Default for Climb {
    fn default() -> Climb {
        Climb { low: 1e-6, high: 10.0, n_steps: 200 }
    }
}

impl TryFrom<Value> for Climb {
    type Error = Box<Error>;

    /// From a record `{ low, high, steps }`.
    fn try_from(value: Value) -> Result<Climb> {
        let usual = Climb::default();
        let mut settings = Settings::new("climb", value)?;
        let climb = Climb {
            low: settings.get_or("low", usual.low)?,
            high: settings.get_or("high", usual.high)?,
            n_steps: settings.get_or("steps", usual.n_steps)?,
        };
        settings.finish()?;
        Ok(climb)
    }
}

/// One step of the run.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RateRow {
    /// Its rate.
    pub learning_rate: f32,
    /// Its loss, averaged over the last few.
    pub loss: f32,
}

/// What the run showed.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RateRange {
    /// Each step.
    pub rows: Vec<RateRow>,
    /// A tenth of the rate at which the loss was lowest: a rate to start from.
    pub suggestion: f32,
}

/// Lets the rate climb by equal factors over the steps of a copy of a model.
///
/// Source: Smith 2017, section 3.3; the suggestion is that of fastai's `lr_find`.
#[derive(Debug)]
pub struct RateFinder {
    model: Model,
    trainer: Trainer,
    climb: Climb,
    /// Of the losses, the later ones weighing more.
    sum: f32,
    weight: f32,
    lowest: f32,
    is_finished: bool,
    range: RateRange,
}

impl RateFinder {
    /// A run by these options, but for those that only a longer one needs: epochs, schedule, validation.
    ///
    /// # Errors
    /// [`Error::Config`] for rates that do not climb or fewer than ten steps; else as [`Trainer::new`].
    pub fn new(model: &Model, dataset: &Dataset, options: TrainOptions, climb: Climb) -> Result<RateFinder> {
        let Climb { low, high, n_steps } = climb;
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
        let endless = TrainOptions {
            epochs: 10_000,
            schedule: Schedule::Constant,
            warmup_steps: 0,
            validation_split: 0.0,
            folds: 0,
            fold: 0,
            patience: 0,
            keep_best: false,
            ..options
        };
        Ok(RateFinder {
            trainer: Trainer::new(model, dataset, endless)?,
            model: model.clone(),
            climb,
            sum: 0.0,
            weight: 0.0,
            lowest: f32::INFINITY,
            is_finished: false,
            range: RateRange { rows: Vec::with_capacity(n_steps as usize), suggestion: low },
        })
    }

    /// Goes on by one step, of a batch above 1024 examples by a part of it. Nothing when finished.
    ///
    /// # Errors
    /// As [`Trainer::advance`], but for a loss that is no number any more: that is what the run was to find out.
    pub fn advance(&mut self, dataset: &Dataset, executor: &dyn Executor) -> Result<()> {
        if self.is_finished {
            return Ok(());
        }
        let step = self.range.rows.len();
        let Climb { low, high, n_steps } = self.climb;
        let learning_rate = (low * pow(high / low, step as f32 / (n_steps - 1) as f32)).min(high);
        self.trainer.set_learning_rate(learning_rate)?;
        match self.trainer.advance(&mut self.model, dataset, executor) {
            Err(error) if matches!(*error, Error::NonFinite { .. }) => self.is_finished = true,
            outcome => outcome?,
        }
        if self.trainer.step() > step as u64 && !self.is_finished {
            self.note(learning_rate);
        }
        Ok(())
    }

    fn note(&mut self, learning_rate: f32) {
        self.sum = KEPT * self.sum + self.trainer.last_loss();
        self.weight = KEPT * self.weight + 1.0;
        let loss = self.sum / self.weight;
        self.range.rows.push(RateRow { learning_rate, loss });
        if loss < self.lowest {
            self.lowest = loss;
            self.range.suggestion = learning_rate / 10.0;
        }
        self.is_finished =
            loss > TOO_HIGH * self.lowest || self.range.rows.len() == self.climb.n_steps as usize;
    }

    /// Whether all steps are taken, or the loss climbed.
    pub fn is_finished(&self) -> bool {
        self.is_finished
    }

    /// The share of the steps that are taken: 1 when finished.
    pub fn share(&self) -> f32 {
        if self.is_finished { 1.0 } else { self.range.rows.len() as f32 / self.climb.n_steps as f32 }
    }

    /// What the run has shown so far.
    pub fn range(&self) -> &RateRange {
        &self.range
    }
}

/// A whole run of a [`RateFinder`].
///
/// # Errors
/// As [`RateFinder::new`] and [`RateFinder::advance`].
pub fn find_rate(
    model: &Model,
    dataset: &Dataset,
    options: TrainOptions,
    climb: Climb,
    executor: &dyn Executor,
) -> Result<RateRange> {
    let mut finder = RateFinder::new(model, dataset, options, climb)?;
    while !finder.is_finished() {
        finder.advance(dataset, executor)?;
    }
    Ok(finder.range)
}
