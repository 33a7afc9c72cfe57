//! A round of training shared with other workers: each has a session of the same model, data set and options, and hears
//! of nothing but the round's place and the model's numbers.

use super::Session;
use super::training::TrainProgress;
use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::model::Model;
use crate::train::{InTurn, Place, Trainer};

impl Session {
    /// The run under way, its model and its data.
    pub(super) fn run(&mut self) -> Result<(&mut Trainer, &mut Model, &Dataset)> {
        match (&mut self.runs.trainer, &self.runs.dataset) {
            (Some(trainer), Some(dataset)) => Ok((trainer, &mut self.model, dataset)),
            _ => Err(Error::State { expected: "a started training".into(), got: "A part of a round".into() }),
        }
    }

    /// Begins the next round and returns its place; none where the next thing to do is validation.
    ///
    /// # Errors
    /// [`Error::State`] without a run; [`Error::Limit`] for a changed size of the batches that would need too much memory.
    pub fn begin_round(&mut self) -> Result<Option<Place>> {
        let (trainer, model, _) = self.run()?;
        if trainer.place().is_some() {
            trainer.begin_round(model)?;
        }
        Ok(trainer.place())
    }

    /// Hands on the parameters, then the statistics.
    pub fn write_model(&self, put: &mut dyn FnMut(&[f32])) {
        put(&self.model.params);
        put(&self.model.state);
    }

    /// Begins the leader's round, with the leader's numbers in the order of [`write_model`](Self::write_model).
    ///
    /// # Errors
    /// [`Error::State`] without a run; [`Error::Config`] for a round that the run does not have.
    pub fn follow_round(&mut self, place: Place, take: &mut dyn FnMut(&mut [f32])) -> Result<()> {
        let (trainer, model, _) = self.run()?;
        trainer.go_to(place, model)?;
        take(&mut model.params);
        take(&mut model.state);
        trainer.begin_round(model)
    }

    /// The numbers that travel at most for one of `n_parts` parts, either way.
    ///
    /// # Errors
    /// [`Error::State`] without a run; [`Error::Config`] for parts that the run does not have.
    pub fn part_len(&mut self, n_parts: usize) -> Result<usize> {
        let (trainer, ..) = self.run()?;
        trainer.part(0, n_parts)?;
        Ok(trainer.part_len(n_parts))
    }

    /// Computes part `idx` of the `n_parts` of the round begun.
    ///
    /// # Errors
    /// As [`part_len`](Self::part_len).
    pub fn compute_part(&mut self, idx: usize, n_parts: usize) -> Result<()> {
        let (trainer, model, dataset) = self.run()?;
        let part = trainer.part(idx, n_parts)?;
        trainer.compute_part(&part, model, dataset, &InTurn);
        Ok(())
    }

    /// Hands on what a part came to.
    ///
    /// # Errors
    /// As [`part_len`](Self::part_len).
    pub fn write_part(&mut self, idx: usize, n_parts: usize, put: &mut dyn FnMut(&[f32])) -> Result<()> {
        let (trainer, ..) = self.run()?;
        trainer.write_part(&trainer.part(idx, n_parts)?, put);
        Ok(())
    }

    /// Takes over a part that another worker computed.
    ///
    /// # Errors
    /// As [`part_len`](Self::part_len).
    pub fn read_part(&mut self, idx: usize, n_parts: usize, take: &mut dyn FnMut(&mut [f32])) -> Result<()> {
        let (trainer, _, dataset) = self.run()?;
        let part = trainer.part(idx, n_parts)?;
        trainer.read_part(&part, dataset, take);
        Ok(())
    }

    /// Ends the round, all `n_parts` parts of which are here.
    ///
    /// # Errors
    /// As [`part_len`](Self::part_len); [`Error::NonFinite`], which ends the run.
    pub fn end_round(&mut self, n_parts: usize) -> Result<TrainProgress> {
        let (trainer, model, _) = self.run()?;
        trainer.part(0, n_parts)?;
        let ended = trainer.end_round(n_parts, model);
        self.report(ended)
    }
}
