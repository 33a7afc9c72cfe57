//! How the epochs of a run are cut into batches, which may change their size on the way.

use std::ops::Range;

use serde::Serialize;

use crate::error::{Error, Limits, Result};
use crate::settings::Settings;
use crate::train::TrainOptions;
use crate::train::option_table;
use crate::value::Value;

/// Batches of one size, and the place from which on they are of it: the start of the run, or where the size was changed.
///
/// An epoch shows every training example once, whatever the sizes: a change cuts what is left of it anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Batches {
    /// Examples of a batch; an epoch's last may have fewer.
    pub size: usize,
    /// Steps taken before that place.
    step: u64,
    /// The epoch of that place, from 0.
    epoch: u64,
    /// Examples of that epoch before it.
    example: usize,
    /// Steps taken before that epoch.
    epoch_step: u64,
}

/// A place in a run: before which batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    /// From 0.
    pub epoch: u64,
    /// Examples of the epoch before it.
    pub example: usize,
    /// Steps taken before the epoch.
    pub epoch_step: u64,
}

impl Batches {
    /// Batches of this size from the start of a run.
    pub fn of(size: usize) -> Batches {
        Batches { size, step: 0, epoch: 0, example: 0, epoch_step: 0 }
    }

    /// Refuses what no run of so many examples has.
    pub(super) fn check(&self, options: &TrainOptions, n_examples: usize) -> Result<()> {
        option_table::check("batchSize", &TrainOptions { batch_size: self.size, ..options.clone() })?;
        Limits::check("epochs before the batches", self.epoch, u64::from(options.epochs))?;
        Limits::check("examples before the batches", self.example as u64, n_examples as u64 - 1)?;
        // Fewer than there are in all epochs, one a step.
        let most = (n_examples as u64).saturating_mul(u64::from(options.epochs));
        Limits::check("steps before the batches", self.step, most)?;
        Limits::check("steps before the epoch", self.epoch_step, self.step)
    }

    /// Refuses a number of steps that a run of `n_steps` does not come to with these batches.
    pub(super) fn check_step(&self, step: u64, n_steps: u64) -> Result<()> {
        Limits::check("steps of the checkpoint", step, n_steps)?;
        Limits::check("steps before the batches", self.step, step)
    }

    /// Steps of an epoch that has only these batches.
    pub(super) fn per_epoch(&self, n_examples: usize) -> u64 {
        n_examples.div_ceil(self.size) as u64
    }

    /// Steps from the place on to the end of its epoch.
    fn rest(&self, n_examples: usize) -> u64 {
        (n_examples - self.example).div_ceil(self.size) as u64
    }

    /// Where the run is after so many steps.
    pub(super) fn position(&self, step: u64, n_examples: usize) -> Position {
        let (since, rest) = (step.saturating_sub(self.step), self.rest(n_examples));
        if since < rest {
            let example = self.example + since as usize * self.size;
            return Position { epoch: self.epoch, example, epoch_step: self.epoch_step };
        }
        let (since, per_epoch) = (since - rest, self.per_epoch(n_examples));
        let (n_epochs, in_epoch) = (since / per_epoch, since % per_epoch);
        Position {
            epoch: self.epoch + 1 + n_epochs,
            example: in_epoch as usize * self.size,
            epoch_step: self.step + rest + n_epochs * per_epoch,
        }
    }

    /// Steps of this epoch, whatever its batches were.
    pub(super) fn steps_of(&self, epoch: u64, n_examples: usize) -> u64 {
        let earlier = if epoch == self.epoch { self.step - self.epoch_step } else { 0 };
        let from_here = if epoch == self.epoch { self.rest(n_examples) } else { self.per_epoch(n_examples) };
        earlier + from_here
    }

    /// Steps of a run of so many epochs.
    pub(super) fn n_steps(&self, epochs: u32, n_examples: usize) -> u64 {
        match u64::from(epochs).checked_sub(self.epoch + 1) {
            Some(more) => self.step + self.rest(n_examples) + more * self.per_epoch(n_examples),
            None => self.step,
        }
    }

    /// Batches of another size from step `step` on.
    pub(super) fn resized(&self, size: usize, step: u64, n_examples: usize) -> Batches {
        let Position { epoch, example, epoch_step } = self.position(step, n_examples);
        Batches { size, step, epoch, example, epoch_step }
    }

    /// Where a position lies, in steps of a run that has only batches of this size, and the steps of that run. A schedule
    /// goes by them: its share of the way stays the same when the size changes.
    pub(super) fn of_whole_run(&self, at: Position, epochs: u32, n_examples: usize) -> [u64; 2] {
        let per_epoch = self.per_epoch(n_examples);
        let n_steps = u64::from(epochs) * per_epoch;
        [(at.epoch * per_epoch + (at.example / self.size) as u64).min(n_steps - 1), n_steps]
    }

    /// The examples of the batch at a position.
    pub(super) fn range(&self, at: Position, n_examples: usize) -> Range<usize> {
        at.example..n_examples.min(at.example + self.size)
    }
}

impl TryFrom<Value> for Batches {
    type Error = Box<Error>;

    fn try_from(value: Value) -> Result<Batches> {
        let mut settings = Settings::new("batches", value)?;
        let batches = Batches {
            size: settings.require("size")?,
            step: settings.require("step")?,
            epoch: settings.require("epoch")?,
            example: settings.require("example")?,
            epoch_step: settings.require("epochStep")?,
        };
        settings.finish()?;
        Ok(batches)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The batches of a run of 3 epochs of 10 examples whose size becomes another at some steps, by walking through it.
    fn walked(first: usize, changes: &[(u64, usize)]) -> Vec<(u64, Range<usize>)> {
        let mut batches = Batches::of(first);
        let mut walked = Vec::new();
        loop {
            let step = walked.len() as u64;
            if let Some(&(_, size)) = changes.iter().find(|(at, _)| *at == step) {
                batches = batches.resized(size, step, 10);
            }
            if step == batches.n_steps(3, 10) {
                return walked;
            }
            let at = batches.position(step, 10);
            walked.push((at.epoch, batches.range(at, 10)));
        }
    }

    #[test]
    fn every_epoch_shows_each_example_once_whatever_the_sizes() {
        for changes in
            [&[][..], &[(1, 3)], &[(2, 10), (3, 1)], &[(0, 7)], &[(4, 2), (5, 4), (6, 1)], &[(3, 3)]]
        {
            let walked = walked(4, changes);
            for epoch in 0..3 {
                let of_epoch = walked.iter().filter(|(of, _)| *of == epoch);
                let examples: Vec<usize> = of_epoch.flat_map(|(_, range)| range.clone()).collect();
                assert_eq!(examples, (0..10).collect::<Vec<_>>(), "{changes:?}");
            }
            assert!(walked.is_sorted_by_key(|(epoch, _)| *epoch), "{changes:?}");
        }
        assert_eq!(walked(4, &[])[..4], [(0, 0..4), (0, 4..8), (0, 8..10), (1, 0..4)]);
        assert_eq!(walked(4, &[(1, 5)])[..4], [(0, 0..4), (0, 4..9), (0, 9..10), (1, 0..5)]);
    }

    #[test]
    fn a_schedule_goes_on_from_the_same_share_of_the_way() {
        let before = Batches::of(5);
        let half = before.position(3, 10);
        assert_eq!(before.of_whole_run(half, 3, 10), [3, 6]);
        let after = before.resized(1, 3, 10);
        assert_eq!(after.position(3, 10), half);
        assert_eq!(after.of_whole_run(half, 3, 10), [15, 30]);
        assert_eq!(after.steps_of(1, 10), 1 + 5, "one of five examples, five of one");
        assert_eq!(after.n_steps(3, 10), 3 + 5 + 10);
    }
}
