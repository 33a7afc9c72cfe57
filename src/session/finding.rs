//! The search for a learning rate, on a copy of the session's model.

use super::Session;
use crate::error::{Error, Result};
use crate::train::finder::{Climb, RateFinder, RateRange};
use crate::train::{InTurn, TrainOptions};

impl Session {
    /// Begins a run whose learning rate climbs; the model stays as it is.
    ///
    /// # Errors
    /// [`Error::State`] without data or during a training; else as [`RateFinder::new`].
    pub fn start_finding(&mut self, options: TrainOptions, climb: Climb) -> Result<()> {
        self.refuse_during_run("Finding a learning rate")?;
        let none = || Session::no_data("Finding a learning rate");
        let dataset = self.runs.dataset.as_ref().ok_or_else(none)?;
        self.runs.finder = Some(RateFinder::new(&self.model, dataset, options, climb)?);
        Ok(())
    }

    /// Goes on with it until `out_of_time` says so; at the end what it showed, until then the share done.
    ///
    /// # Errors
    /// [`Error::State`] when none was begun; else as [`RateFinder::advance`].
    pub fn find_slice(
        &mut self,
        out_of_time: &mut dyn FnMut() -> bool,
    ) -> Result<std::result::Result<RateRange, f32>> {
        let (Some(finder), Some(dataset)) = (&mut self.runs.finder, &self.runs.dataset) else {
            return Err(Error::state("a begun search for a learning rate", "Going on with it"));
        };
        loop {
            finder.advance(dataset, &InTurn)?;
            if finder.is_finished() || out_of_time() {
                break;
            }
        }
        if !finder.is_finished() {
            return Ok(Err(finder.share()));
        }
        let range = finder.range().clone();
        self.runs.finder = None;
        Ok(Ok(range))
    }

    /// Ends it before its time.
    pub fn stop_finding(&mut self) {
        self.runs.finder = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::generated;
    use crate::model::{Model, zoo};

    #[test]
    fn slices_find_the_rate_of_a_whole_run_and_the_model_stays_as_it_is() {
        let mut session = Session::new(Model::create(zoo::preset("tiny").unwrap(), 1).unwrap()).unwrap();
        let climb = Climb { low: 1e-5, high: 10.0, n_steps: 30 };
        let options = TrainOptions { batch_size: 16, ..TrainOptions::default() };
        let digits = generated::generate("handwriting", 60, 1).unwrap();
        assert_eq!(session.start_finding(options.clone(), climb).unwrap_err().code(), "state");
        session.set_dataset(digits.clone()).unwrap();
        assert_eq!(session.find_slice(&mut || true).unwrap_err().code(), "state");
        let before = session.model().clone();
        session.start_finding(options.clone(), climb).unwrap();
        let mut shares = Vec::new();
        let range = loop {
            match session.find_slice(&mut || true).unwrap() {
                Ok(range) => break range,
                Err(share) => shares.push(share),
            }
        };
        assert!(shares.len() > 9 && shares.is_sorted(), "{shares:?}");
        let whole = crate::train::finder::find_rate(&before, &digits, options.clone(), climb, &InTurn);
        assert_eq!(range, whole.unwrap());
        assert_eq!(session.model().params, before.params);
        assert_eq!(session.model().state, before.state);
        for (low, high, n_steps) in [(0.0, 1.0, 30), (0.1, 0.1, 30), (0.1, 101.0, 30), (0.1, 1.0, 9)] {
            let refused = session.start_finding(options.clone(), Climb { low, high, n_steps });
            assert_eq!(refused.unwrap_err().code(), "config");
        }
    }
}
