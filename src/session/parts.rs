//! A round of training shared with other workers: each has a session of the same run, and computes a part of each round.

use super::Session;
use super::training::TrainProgress;
use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::model::Model;
use crate::train::{Piece, Trainer};

impl Session {
    /// The run under way, its model and its data.
    #[inline(never)]
    pub(super) fn run(&mut self) -> Result<(&mut Trainer, &mut Model, &Dataset)> {
        match (&mut self.runs.trainer, &self.runs.dataset) {
            (Some(trainer), Some(dataset)) => Ok((trainer, &mut self.model, dataset)),
            _ => Err(Error::state("a started training", "A part of a round")),
        }
    }

    /// Begins the next round, of training or validation; whether it is the last of its kind in the epoch. May be called
    /// again before the round is ended.
    ///
    /// # Errors
    /// [`Error::State`] without a run; [`Error::Limit`] for a changed size of the batches that would need too much memory.
    pub fn begin_round(&mut self) -> Result<bool> {
        let (trainer, model, _) = self.run()?;
        trainer.begin_round(model)?;
        Ok(trainer.is_last_round())
    }

    /// Computes part `idx` of the `n_parts` of the round begun up to its piece [`Piece::End`], and hands that on; whether there
    /// is one.
    ///
    /// # Errors
    /// [`Error::State`] without a run; [`Error::Config`] for parts that the run does not have.
    pub fn compute_end(&mut self, idx: usize, n_parts: usize, put: &mut dyn FnMut(&[f32])) -> Result<bool> {
        let (trainer, model, dataset) = self.run()?;
        let part = trainer.part(idx, n_parts)?;
        Ok(trainer.compute_end(&part, model, dataset, put))
    }

    /// Computes the rest of the part.
    ///
    /// # Errors
    /// As [`compute_end`](Self::compute_end).
    pub fn compute_rest(&mut self, idx: usize, n_parts: usize) -> Result<()> {
        let (trainer, model, dataset) = self.run()?;
        let part = trainer.part(idx, n_parts)?;
        trainer.compute_rest(&part, model, dataset);
        Ok(())
    }

    /// The most numbers that such a piece of one of `n_parts` parts has.
    ///
    /// # Errors
    /// As [`compute_end`](Self::compute_end).
    pub fn piece_len(&mut self, piece: Piece, n_parts: usize) -> Result<usize> {
        let (trainer, ..) = self.run()?;
        trainer.part(0, n_parts)?;
        Ok(trainer.piece_len(piece, n_parts))
    }

    /// Hands on a piece of a part that was computed here, or put together from two.
    ///
    /// # Errors
    /// As [`compute_end`](Self::compute_end).
    pub fn write_piece(
        &mut self,
        idx: usize,
        n_parts: usize,
        piece: Piece,
        put: &mut dyn FnMut(&[f32]),
    ) -> Result<()> {
        let (trainer, ..) = self.run()?;
        let part = trainer.part(idx, n_parts)?;
        trainer.write_piece(&part, piece, put);
        Ok(())
    }

    /// Takes over a piece of a part from another worker and adds it to the neighbor's, which is here.
    ///
    /// # Errors
    /// As [`compute_end`](Self::compute_end).
    pub fn take_piece(
        &mut self,
        idx: usize,
        n_parts: usize,
        piece: Piece,
        take: &mut dyn FnMut(&mut [f32]),
    ) -> Result<()> {
        let (trainer, _, dataset) = self.run()?;
        if n_parts < 2 {
            return Err(Error::config("workers", "two or more", n_parts));
        }
        let part = trainer.part(idx, n_parts)?;
        trainer.take_piece(&part, piece, dataset, take);
        Ok(())
    }

    /// Ends the round, all parts of which are here.
    ///
    /// # Errors
    /// [`Error::State`] without a run; [`Error::NonFinite`], which ends the run.
    pub fn end_round(&mut self) -> Result<()> {
        let (trainer, model, _) = self.run()?;
        match trainer.end_round(model) {
            Ok(()) => Ok(()),
            failed => self.report(failed).map(|_| ()),
        }
    }

    /// How far the run under way is, which ends here if it is finished.
    ///
    /// # Errors
    /// [`Error::State`] without a run.
    pub fn training_progress(&mut self) -> Result<TrainProgress> {
        self.report(Ok(()))
    }
}
