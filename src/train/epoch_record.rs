//! What an epoch came to.

use serde::Serialize;

use super::checkpoint::Tape;
use crate::error::Result;

/// What an epoch came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EpochRecord {
    /// Counted from 1.
    pub epoch: u32,
    /// Mean loss of the training examples, each taken when its batch came.
    pub loss: f32,
    /// Share of the training examples answered rightly, likewise.
    pub accuracy: f32,
    /// Mean loss of the validation examples at the end of the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation_loss: Option<f32>,
    /// Share of the validation examples answered rightly at the end of the epoch.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub validation_accuracy: Option<f32>,
}

impl EpochRecord {
    /// Writes or reads the record of epoch `epoch`.
    pub(super) fn keep(&mut self, epoch: u32, validates: bool, tape: &mut Tape<'_>) -> Result<()> {
        self.epoch = epoch;
        tape.f32(&mut self.loss)?;
        tape.f32(&mut self.accuracy)?;
        if validates {
            for number in [&mut self.validation_loss, &mut self.validation_accuracy] {
                tape.f32(number.get_or_insert(0.0))?;
            }
        }
        Ok(())
    }
}
