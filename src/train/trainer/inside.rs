//! A look inside the network of a run.

use super::Trainer;
use crate::data::Dataset;
use crate::error::Result;
use crate::model::Model;
use crate::train::internals::{Internals, Probe};

impl Trainer {
    /// What goes on inside, between two rounds or in the midst of one; `now` tells milliseconds. The step after the call is
    /// watched, so that the next one can tell how far it went.
    ///
    /// # Errors
    /// [`Error::Limit`](crate::Error::Limit) where there is no memory for it.
    pub fn internals(
        &mut self,
        model: &Model,
        dataset: &Dataset,
        now: &mut dyn FnMut() -> f64,
    ) -> Result<Internals> {
        let probe = match &mut self.probe {
            Some(probe) => probe,
            none => none.insert(Probe::new(model, dataset, &self.split.training, self.shard_loss.clone())?),
        };
        let internals = probe.look(model, dataset, &self.watch, self.step, now);
        self.watch.ask();
        Ok(internals)
    }
}
