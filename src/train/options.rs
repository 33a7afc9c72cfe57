//! Everything a training run can be told.

use serde::{Deserialize, Serialize};

use super::class_weights::ClassWeights;
use super::optimizer::OptimizerSpec;
use super::option_table::{self, NUMBERS};
use super::schedule::Schedule;
use crate::data::augment::Augmentation;
use crate::error::{Error, Result};
use crate::ops::LossKind;
use crate::settings::Settings;
use crate::value::Value;

/// Options of a training run; all have defaults. The same names in JSON, in camelCase, serve the page,
/// the package and the program.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "Value")]
pub struct TrainOptions {
    /// Passes over the training examples, 1 to 10,000.
    pub epochs: u32,
    /// Examples of one optimizer step, 1 to 10,000,000; as many as there are make one batch of all.
    pub batch_size: usize,
    /// Parts a batch is cut into, a power of two up to 64. The result depends on it, and on it alone: not
    /// on how many workers compute the parts.
    pub shards: usize,
    /// What is to become small.
    pub loss: LossKind,
    /// How far the loss' targets are drawn toward equal shares, 0 to below 1.
    pub label_smoothing: f32,
    /// What an example of each class counts in training.
    pub class_weights: ClassWeights,
    /// How a gradient becomes a step.
    pub optimizer: OptimizerSpec,
    /// Length of a step, above 0.
    pub learning_rate: f32,
    /// Pull of weights toward 0, at least 0; biases and scales are exempt.
    pub weight_decay: f32,
    /// Adds `l1 Σ |w|` to the loss, and so `l1 sign(w)` to the gradient; of weights only, 0 for none.
    pub l1: f32,
    /// Adds `l2 Σ w²` to the loss, and so `2 l2 w` to the gradient; of weights only, 0 for none.
    pub l2: f32,
    /// The most that an element of the gradient may be, 0 for no bound.
    pub clip_value: f32,
    /// The most that the length of the whole gradient may be, 0 for no bound; a longer one is shortened.
    pub clip_norm: f32,
    /// What an exponential moving average of the parameters keeps each step, 0 for none. It is the average that is
    /// validated and that the run ends with; the first steps keep less, (1 + step) / (10 + step).
    pub average_decay: f32,
    /// How the learning rate changes from step to step.
    pub schedule: Schedule,
    /// Steps during which the learning rate rises to the schedule's.
    pub warmup_steps: u64,
    /// Share of the examples of each class held out to validate, 0 to below 1.
    pub validation_split: f32,
    /// Parts of equal size that the examples are cut into, of which one validates: 2 to 100, or 0 to go by
    /// `validation_split`.
    pub folds: usize,
    /// Which of the parts validates, from 0.
    pub fold: usize,
    /// How many examples, the last ones of the data, only train and never validate: such as were made, not found.
    pub training_only: usize,
    /// Random variation of the training examples.
    pub augmentation: Augmentation,
    /// Lays training pictures and their targets over each other in pairs: from 0 for not at all to 1 for any share alike.
    pub mixup: f32,
    /// Puts rectangles of training pictures into each other in pairs, and mixes the targets: likewise.
    pub cutmix: f32,
    /// Decides split, order, augmentation and dropout.
    pub seed: u64,
    /// Whether to end with the parameters of the epoch of the best validation accuracy.
    pub keep_best: bool,
    /// Epochs without a better validation after which the run ends early, 0 for never.
    pub patience: u32,
    /// Names of layers that stay as they are, as the summary has them.
    pub frozen: Vec<String>,
}

impl Default for TrainOptions {
    fn default() -> TrainOptions {
        TrainOptions {
            epochs: 10,
            batch_size: 32,
            shards: 4,
            loss: LossKind::default(),
            label_smoothing: 0.0,
            class_weights: ClassWeights::default(),
            optimizer: OptimizerSpec::default(),
            learning_rate: 1e-3,
            weight_decay: 0.0,
            l1: 0.0,
            l2: 0.0,
            clip_value: 0.0,
            clip_norm: 0.0,
            average_decay: 0.0,
            schedule: Schedule::Constant,
            warmup_steps: 0,
            validation_split: 0.1,
            folds: 0,
            fold: 0,
            training_only: 0,
            augmentation: Augmentation::default(),
            mixup: 0.0,
            cutmix: 0.0,
            seed: 1,
            keep_best: true,
            patience: 0,
            frozen: Vec::new(),
        }
    }
}

impl TryFrom<Value> for TrainOptions {
    type Error = Box<Error>;

    fn try_from(value: Value) -> Result<TrainOptions> {
        let mut settings = Settings::new("training", value)?;
        let s = &mut settings;
        let default = TrainOptions::default();
        let options = TrainOptions {
            epochs: s.get_or("epochs", default.epochs)?,
            batch_size: s.get_or("batchSize", default.batch_size)?,
            shards: s.get_or("shards", default.shards)?,
            loss: s.get_or("loss", default.loss)?,
            label_smoothing: s.get_or("labelSmoothing", default.label_smoothing)?,
            class_weights: s.get_or("classWeights", default.class_weights)?,
            optimizer: s.record_or("optimizer", default.optimizer)?,
            learning_rate: s.get_or("learningRate", default.learning_rate)?,
            weight_decay: s.get_or("weightDecay", default.weight_decay)?,
            l1: s.get_or("l1", default.l1)?,
            l2: s.get_or("l2", default.l2)?,
            clip_value: s.get_or("clipValue", default.clip_value)?,
            clip_norm: s.get_or("clipNorm", default.clip_norm)?,
            average_decay: s.get_or("averageDecay", default.average_decay)?,
            schedule: s.record_or("schedule", default.schedule)?,
            warmup_steps: s.get_or("warmupSteps", default.warmup_steps)?,
            validation_split: s.get_or("validationSplit", default.validation_split)?,
            folds: s.get_or("folds", default.folds)?,
            fold: s.get_or("fold", default.fold)?,
            training_only: s.get_or("trainingOnly", default.training_only)?,
            augmentation: s.record_or("augmentation", default.augmentation)?,
            mixup: s.get_or("mixup", default.mixup)?,
            cutmix: s.get_or("cutmix", default.cutmix)?,
            seed: s.get_or("seed", default.seed)?,
            keep_best: s.get_or("keepBest", default.keep_best)?,
            patience: s.get_or("patience", default.patience)?,
            frozen: s.get_or("frozen", default.frozen)?,
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
        NUMBERS.iter().try_for_each(|row| row.check(self))?;
        if !self.shards.is_power_of_two() {
            return Err(Error::config("shards", "a power of two up to 64", self.shards));
        }
        if self.fold >= self.folds.max(1) {
            return Err(Error::config("fold", "below the number of folds", self.fold));
        }
        self.class_weights.validate()?;
        self.optimizer.validate()?;
        self.schedule.validate()?;
        self.augmentation.validate()
    }
}

/// Refuses a learning rate that is no length of a step.
pub(super) fn check_learning_rate(learning_rate: f32) -> Result<()> {
    option_table::check("learningRate", &TrainOptions { learning_rate, ..TrainOptions::default() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_option_out_of_range_is_named() {
        for (json, option) in [
            (r#"{"epochs":0}"#, "epochs"),
            (r#"{"batchSize":0}"#, "batchSize"),
            (r#"{"shards":3}"#, "shards"),
            (r#"{"learningRate":-1}"#, "learningRate"),
            (r#"{"weightDecay":-1}"#, "weightDecay"),
            (r#"{"validationSplit":1}"#, "validationSplit"),
            (r#"{"labelSmoothing":1}"#, "labelSmoothing"),
            (r#"{"averageDecay":1}"#, "averageDecay"),
            (r#"{"clipNorm":-1}"#, "clipNorm"),
            (r#"{"mixup":2}"#, "mixup"),
            (r#"{"folds":1}"#, "folds"),
            (r#"{"folds":3,"fold":3}"#, "fold"),
            (r#"{"l1":-1}"#, "l1"),
            (r#"{"classWeights":[-1]}"#, "classWeights"),
        ] {
            let options: TrainOptions = serde_json::from_str(json).unwrap();
            assert!(options.validate().unwrap_err().to_string().contains(option), "{json}");
        }
        assert!(serde_json::from_str::<TrainOptions>(r#"{"learning_rate":1}"#).is_err());
        assert!(TrainOptions::default().validate().is_ok());
    }
}
