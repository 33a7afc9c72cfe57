//! What of a run's options may change while it runs.

use serde::Serialize;

use super::Trainer;
use crate::error::{Error, Result};
use crate::model::Model;
use crate::settings::Settings;
use crate::train::TrainOptions;
use crate::train::optimizer::OptimizerSpec;
use crate::train::options::check_learning_rate;
use crate::value::Value;

/// Other options from the next step on; what is not given stays.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct TrainChanges {
    /// The base learning rate; the schedule's shape stays.
    pub learning_rate: Option<f32>,
    /// Examples of a step. What is left of the epoch is cut anew, and the schedule goes on from the same share of its way.
    pub batch_size: Option<usize>,
    /// For an optimizer that has this option.
    pub momentum: Option<f32>,
    /// Likewise.
    pub beta1: Option<f32>,
}

impl TryFrom<Value> for TrainChanges {
    type Error = Box<Error>;

    fn try_from(value: Value) -> Result<TrainChanges> {
        let mut settings = Settings::new("changes", value)?;
        let changes = TrainChanges {
            learning_rate: settings.get("learningRate")?,
            batch_size: settings.get("batchSize")?,
            momentum: settings.get("momentum")?,
            beta1: settings.get("beta1")?,
        };
        settings.finish()?;
        Ok(changes)
    }
}

/// What of a run's options may change, as it is now.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Changeable {
    /// The base learning rate, which the schedule multiplies.
    pub learning_rate: f32,
    /// Examples of a step.
    pub batch_size: usize,
    /// Of an optimizer that has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub momentum: Option<f32>,
    /// Of an optimizer that has it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beta1: Option<f32>,
}

impl Changeable {
    /// That of these options.
    pub fn of(options: &TrainOptions) -> Changeable {
        let [momentum, beta1] = match options.optimizer {
            OptimizerSpec::Momentum { momentum } | OptimizerSpec::Nesterov { momentum } => {
                [Some(momentum), None]
            }
            OptimizerSpec::Adam { beta1, .. }
            | OptimizerSpec::AdamW { beta1, .. }
            | OptimizerSpec::Nadam { beta1, .. } => [None, Some(beta1)],
            _ => [None; 2],
        };
        Changeable { learning_rate: options.learning_rate, batch_size: options.batch_size, momentum, beta1 }
    }
}

impl Trainer {
    /// Changes options from the next step on: all that are given, or on an error none.
    ///
    /// # Errors
    /// [`Error::Config`] naming an option that is out of range, or that the run's optimizer does not have.
    pub fn change(&mut self, changes: &TrainChanges) -> Result<()> {
        let &TrainChanges { learning_rate, batch_size, momentum, beta1 } = changes;
        let mut options = self.options.clone();
        options.learning_rate = learning_rate.unwrap_or(options.learning_rate);
        options.batch_size = batch_size.unwrap_or(options.batch_size);
        set(&mut options.optimizer, "momentum", momentum)?;
        set(&mut options.optimizer, "beta1", beta1)?;
        options.validate()?;
        self.optimizer.change(&options.optimizer);
        self.options = options;
        Ok(())
    }

    /// [`change`](Self::change) of the base learning rate alone.
    ///
    /// # Errors
    /// [`Error::Config`] for a rate that is none.
    pub fn set_learning_rate(&mut self, learning_rate: f32) -> Result<()> {
        check_learning_rate(learning_rate)?;
        self.options.learning_rate = learning_rate;
        Ok(())
    }

    /// Cuts the rest of the run into batches of the size that the options ask for by now; not within a batch.
    pub(super) fn take_batch_size(&mut self, model: &Model) -> Result<()> {
        let size = self.options.batch_size;
        if size == self.batches.size || self.n_summed > 0 {
            return Ok(());
        }
        self.cut_into(self.batches.resized(size, self.step, self.split.training.len()), model)
    }
}

fn set(optimizer: &mut OptimizerSpec, name: &str, value: Option<f32>) -> Result<()> {
    let Some(value) = value else { return Ok(()) };
    match (name, optimizer) {
        ("momentum", OptimizerSpec::Momentum { momentum } | OptimizerSpec::Nesterov { momentum }) => {
            *momentum = value;
        }
        (
            "beta1",
            OptimizerSpec::Adam { beta1, .. }
            | OptimizerSpec::AdamW { beta1, .. }
            | OptimizerSpec::Nadam { beta1, .. },
        ) => *beta1 = value,
        _ => return Err(Error::config(name, "left out: the run's optimizer does not have it", value)),
    }
    Ok(())
}
