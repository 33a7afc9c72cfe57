//! Everything a training run can be told.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::optimizer::OptimizerSpec;
use super::schedule::Schedule;
use crate::data::augment::Augmentation;
use crate::error::{Error, Result};
use crate::settings::Settings;

/// Options of a training run; all have defaults. The same names in JSON, in camelCase, serve the page,
/// the package and the program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "Value")]
pub struct TrainOptions {
    /// Passes over the training examples, 1 to 10,000.
    pub epochs: u32,
    /// Examples of one optimizer step, 1 to 4096.
    pub batch_size: usize,
    /// Parts a batch is cut into, a power of two up to 64. The result depends on it, and on it alone: not
    /// on how many workers compute the parts.
    pub shards: usize,
    /// How a gradient becomes a step.
    pub optimizer: OptimizerSpec,
    /// Length of a step, above 0.
    pub learning_rate: f32,
    /// Pull of weights toward 0, at least 0; biases and scales are exempt.
    pub weight_decay: f32,
    /// How the learning rate changes from step to step.
    pub schedule: Schedule,
    /// Steps during which the learning rate rises to the schedule's.
    pub warmup_steps: u64,
    /// Share of the examples of each class held out to validate, 0 to below 1.
    pub validation_split: f32,
    /// Random variation of the training examples.
    pub augmentation: Augmentation,
    /// Decides split, order, augmentation and dropout.
    pub seed: u64,
    /// Whether to end with the parameters of the epoch of the best validation accuracy.
    pub keep_best: bool,
}

impl Default for TrainOptions {
    fn default() -> TrainOptions {
        TrainOptions {
            epochs: 10,
            batch_size: 32,
            shards: 4,
            optimizer: OptimizerSpec::default(),
            learning_rate: 1e-3,
            weight_decay: 0.0,
            schedule: Schedule::Constant,
            warmup_steps: 0,
            validation_split: 0.1,
            augmentation: Augmentation::default(),
            seed: 1,
            keep_best: true,
        }
    }
}

impl TryFrom<Value> for TrainOptions {
    type Error = Error;

    fn try_from(value: Value) -> Result<TrainOptions> {
        let mut settings = Settings::new("training", value)?;
        let s = &mut settings;
        let default = TrainOptions::default();
        let options = TrainOptions {
            epochs: s.get_or("epochs", default.epochs)?,
            batch_size: s.get_or("batchSize", default.batch_size)?,
            shards: s.get_or("shards", default.shards)?,
            optimizer: s.record_or("optimizer", default.optimizer)?,
            learning_rate: s.get_or("learningRate", default.learning_rate)?,
            weight_decay: s.get_or("weightDecay", default.weight_decay)?,
            schedule: s.record_or("schedule", default.schedule)?,
            warmup_steps: s.get_or("warmupSteps", default.warmup_steps)?,
            validation_split: s.get_or("validationSplit", default.validation_split)?,
            augmentation: s.record_or("augmentation", default.augmentation)?,
            seed: s.get_or("seed", default.seed)?,
            keep_best: s.get_or("keepBest", default.keep_best)?,
        };
        settings.finish()?;
        Ok(options)
    }
}

impl TrainOptions {
    /// Refuses what is out of range.
    ///
    /// # Errors
    /// [`Error::Config`] naming the option.
    pub fn validate(&self) -> Result<()> {
        if !(1..=10_000).contains(&self.epochs) {
            return Err(Error::config("epochs", "between 1 and 10000", self.epochs));
        }
        if !(1..=4096).contains(&self.batch_size) {
            return Err(Error::config("batchSize", "between 1 and 4096", self.batch_size));
        }
        if !self.shards.is_power_of_two() || self.shards > 64 {
            return Err(Error::config("shards", "a power of two up to 64", self.shards));
        }
        check_learning_rate(self.learning_rate)?;
        if !(self.weight_decay >= 0.0 && self.weight_decay <= 10.0) {
            return Err(Error::config("weightDecay", "between 0 and 10", self.weight_decay));
        }
        if !(0.0..1.0).contains(&self.validation_split) {
            return Err(Error::config("validationSplit", "at least 0 and below 1", self.validation_split));
        }
        self.optimizer.validate()?;
        self.schedule.validate()?;
        self.augmentation.validate()
    }
}

/// Refuses a learning rate that is no length of a step.
pub(super) fn check_learning_rate(learning_rate: f32) -> Result<()> {
    if learning_rate > 0.0 && learning_rate <= 100.0 {
        return Ok(());
    }
    Err(Error::config("learningRate", "above 0 and at most 100", learning_rate))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_out_of_range_is_named() {
        for (json, option) in [
            (r#"{"epochs":0}"#, "epochs"),
            (r#"{"batchSize":5000}"#, "batchSize"),
            (r#"{"shards":3}"#, "shards"),
            (r#"{"learningRate":-1}"#, "learningRate"),
            (r#"{"weightDecay":-1}"#, "weightDecay"),
            (r#"{"validationSplit":1}"#, "validationSplit"),
        ] {
            let options: TrainOptions = serde_json::from_str(json).unwrap();
            assert!(options.validate().unwrap_err().to_string().contains(option), "{json}");
        }
        assert!(serde_json::from_str::<TrainOptions>(r#"{"learning_rate":1}"#).is_err());
        assert!(TrainOptions::default().validate().is_ok());
    }
}
