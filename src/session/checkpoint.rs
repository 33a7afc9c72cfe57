//! A run put aside as bytes, and gone on with in another session of the same network and data.

use super::Session;
use super::training::{TrainProgress, progress_of};
use crate::error::{Error, Result};
use crate::json::Json;
use crate::train::checkpoint::{self, Source};

impl Session {
    /// The run under way as bytes, from which [`resume_training`](Self::resume_training) goes on to the very bits of a
    /// run that was not interrupted; `put` gets them bit by bit.
    ///
    /// # Errors
    /// [`Error::State`] without a run.
    pub fn checkpoint<J: Json>(&mut self, put: &mut dyn FnMut(&[u8])) -> Result<()> {
        let (trainer, model, dataset) = self.run()?;
        checkpoint::save_by::<J>(trainer, model, dataset, put);
        Ok(())
    }

    /// Goes on with a run that was put aside, whose bytes `next` tells; its first progress tells all epochs so far.
    ///
    /// # Errors
    /// [`Error::State`] without data or during another run; [`Error::Config`] for a run of another network; else as
    /// [`checkpoint::load_by`].
    pub fn resume_training<J: Json>(&mut self, next: &mut Source<'_>) -> Result<TrainProgress> {
        self.refuse_during_run("Going on with another training")?;
        let dataset =
            self.runs.dataset.as_ref().ok_or_else(|| Session::no_data("Going on with a training"))?;
        let (model, trainer) = checkpoint::load_by::<J>(next, dataset)?;
        if model.spec() != self.model.spec() {
            return Err(Error::config("checkpoint", "of this network", "of another"));
        }
        *self.model = model;
        self.runs.begin(&trainer);
        let progress = progress_of(&trainer, &mut self.runs.n_epochs_reported);
        self.runs.trainer = Some(trainer);
        Ok(progress)
    }
}
