//! A search of options over the session's data set: each trial trains the model anew.

use super::{Session, TrainProgress};
use crate::error::{Error, Result};
use crate::model::Model;
use crate::train::TrainOptions;
use crate::train::search::{Row, Search, SearchOptions};
use crate::value::Value;

impl Session {
    /// Begins a search; trials are made one by one by [`start_trial`](Self::start_trial).
    ///
    /// # Errors
    /// [`Error::State`] without data or during a run; else as [`Search::new`].
    pub fn start_search(&mut self, options: &SearchOptions) -> Result<()> {
        self.refuse_during_run("A search")?;
        if self.runs.dataset.is_none() {
            return Err(Session::no_data("A search"));
        }
        self.runs.search = Some(Search::new(options)?);
        Ok(())
    }

    /// Takes a row that the same search had before.
    ///
    /// # Errors
    /// [`Error::State`] without a search; else as [`Search::replay`].
    pub fn replay_row(&mut self, row: &Value) -> Result<Row> {
        let number = |name: &str| match row.get(name) {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        };
        let wrong = || Error::config("resumeFrom", "rows of a search", "something else");
        let (round, trial) = number("round").zip(number("trial")).ok_or_else(wrong)?;
        let choice = row.get("choice").ok_or_else(wrong)?;
        let accuracy = number("accuracy").map(|accuracy| accuracy as f32);
        self.search()?.replay(round as usize, trial as usize, choice, accuracy)
    }

    /// Begins the next trial, with fresh weights; none if all are made. It is gone on with as any training.
    ///
    /// # Errors
    /// [`Error::State`] without a search or during a run; else as [`start_training`](Self::start_training).
    pub fn start_trial(&mut self) -> Result<Option<(Row, TrainProgress)>> {
        self.refuse_during_run("Another trial")?;
        let Some((row, options)) = self.search()?.next()? else { return Ok(None) };
        Ok(Some((row, self.start_anew(options)?)))
    }

    /// Notes the accuracy of the trial that ended; none if it diverged.
    ///
    /// # Errors
    /// As [`Search::record`].
    pub fn record_trial(&mut self, accuracy: Option<f32>) -> Result<Row> {
        self.search()?.record(accuracy)
    }

    /// The best trial so far, and a training begun with its options, fresh weights and all examples; the search is over.
    ///
    /// # Errors
    /// As [`Search::best`] and [`start_training`](Self::start_training).
    pub fn start_best(&mut self) -> Result<(Row, TrainProgress)> {
        self.refuse_during_run("Another trial")?;
        let (row, options) = self.search()?.best()?;
        let progress = self.start_anew(options)?;
        self.runs.search = None;
        Ok((row, progress))
    }

    fn search(&mut self) -> Result<&mut Search> {
        let none = || Error::state("a search", "Another trial");
        self.runs.search.as_mut().ok_or_else(none)
    }

    /// Trains from fresh weights, which the options' seed decides.
    fn start_anew(&mut self, options: TrainOptions) -> Result<TrainProgress> {
        *self.model = Model::create(self.model.spec().clone(), options.seed)?;
        self.start_training(options)
    }
}
