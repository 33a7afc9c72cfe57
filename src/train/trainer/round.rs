//! A round of training, cut so that workers without shared memory can each compute a part of it.
//!
//! The leader begins the round and hands out the model; each worker computes the shards of its part and adds them up; the
//! leader adds the parts in the order of the one tree and takes the step. Bit for bit the result is that of one worker.

use std::ops::Range;

use super::Trainer;
use super::batches::{Batches, Position};
use crate::data::Dataset;
use crate::data::loader::shuffle_into;
use crate::error::{Error, Result};
use crate::graph::Mode;
use crate::kernels::elementwise;
use crate::model::Model;
use crate::ops::Loss;
use crate::train::mixing::Mixing;
use crate::train::shard::{Executor, Moment, Shard, fitting_round, tree_sum};
use crate::train::{TrainOptions, gradient};

/// Examples computed at once: a larger batch takes several rounds, whose gradients are added.
const ROUND: usize = 1024;
/// Numbers that all shards of a run may have in memory: 1.2 GB, for a tab's engine has four at most, and data and
/// checkpoints need room too. Rounds are made smaller until it is enough.
const MOST_NUMBERS: usize = 300_000_000;

/// The shards of a run, and what they compute at once.
pub(super) struct Rounds {
    pub shards: Vec<Shard>,
    /// The most examples computed at once.
    pub round: usize,
    /// For the sum over a batch's rounds; of no length where a batch is one round.
    pub d_params: Vec<f32>,
}

impl Rounds {
    /// Those of batches of up to `batch_size` examples.
    pub fn new(model: &Model, loss: &Loss, options: &TrainOptions, batch_size: usize) -> Result<Rounds> {
        let round = Rounds::most(model, loss, options, batch_size)?;
        let capacity = round.div_ceil(options.shards);
        let mut shards = (0..options.shards)
            .map(|idx| Shard::new(model, capacity, Mode::Training, loss.clone(), &options.augmentation, idx))
            .collect::<Result<Vec<_>>>()?;
        let mixing = Mixing { mixup: options.mixup, cutmix: options.cutmix };
        shards.iter_mut().for_each(|shard| shard.mixing = mixing);
        let d_params = vec![0.0; if batch_size > round { model.params.len() } else { 0 }];
        Ok(Rounds { shards, round, d_params })
    }

    /// The most examples that are computed at once.
    fn most(model: &Model, loss: &Loss, options: &TrainOptions, batch_size: usize) -> Result<usize> {
        fitting_round(model, loss, options.shards, batch_size.min(ROUND), MOST_NUMBERS)
    }
}

/// Which round of a run is the next: with it and the model, any worker can compute it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Steps taken.
    pub step: u64,
    /// Examples of the step's batch that earlier rounds took.
    pub n_summed: usize,
    /// How the epochs are cut into batches.
    pub batches: Batches,
}

/// One of the equal parts of a round's shards: a subtree of the tree that adds them up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    shards: Range<usize>,
}

impl Trainer {
    /// Part `idx` of `n_parts`.
    ///
    /// # Errors
    /// [`Error::Config`] unless `n_parts` is a power of two up to the option `shards`, and `idx` below it.
    pub fn part(&self, idx: usize, n_parts: usize) -> Result<Part> {
        let n_shards = self.shards.len();
        if !n_parts.is_power_of_two() || n_parts > n_shards {
            return Err(Error::config("workers", "a power of two up to the number of shards", n_parts));
        }
        if idx >= n_parts {
            return Err(Error::config("part", "below the number of parts", idx));
        }
        let len = n_shards / n_parts;
        Ok(Part { shards: idx * len..(idx + 1) * len })
    }

    /// The next round; none while the run validates or is finished.
    pub fn place(&self) -> Option<Place> {
        let trains = !self.is_finished() && !self.validating;
        trains.then_some(Place { step: self.step, n_summed: self.n_summed, batches: self.batches })
    }

    /// Makes this round the next, on a worker that computes parts for another.
    ///
    /// # Errors
    /// [`Error::Config`] for a round that the run does not have.
    pub fn go_to(&mut self, place: Place, model: &Model) -> Result<()> {
        let Place { step, n_summed, batches } = place;
        let n_examples = self.split.training.len();
        if batches != self.batches {
            batches.check(&self.options, n_examples)?;
        }
        if !batches.have(step, self.options.epochs, n_examples) {
            return Err(Error::config("step", "a step of the run", step as usize));
        }
        if n_summed >= batches.size {
            return Err(Error::config("round", "a round of the batch", n_summed));
        }
        if batches != self.batches {
            self.cut_into(batches, model)?;
            self.options.batch_size = batches.size;
        }
        (self.step, self.n_summed) = (step, n_summed);
        Ok(())
    }

    /// Cuts the epochs into these batches from now on, with the memory that their rounds need.
    pub(super) fn cut_into(&mut self, batches: Batches, model: &Model) -> Result<()> {
        let n_examples = self.split.training.len();
        let [now, then] = [self.batches.size, batches.size].map(|size| size.min(n_examples));
        if now != then {
            Rounds::most(model, &self.shard_loss, &self.options, then)?;
            // What there is goes first, so that there is room.
            self.shards.clear();
            let Rounds { shards, round, d_params } =
                Rounds::new(model, &self.shard_loss, &self.options, then)?;
            (self.shards, self.round, self.d_params) = (shards, round, d_params);
        }
        self.batches = batches;
        Ok(())
    }

    /// Deals the next round's examples to the shards.
    ///
    /// # Errors
    /// [`Error::Limit`] for a changed size of the batches that would need too much memory.
    pub fn begin_round(&mut self, model: &Model) -> Result<()> {
        self.take_batch_size(model)?;
        let Position { epoch, example, .. } = self.position();
        if example == 0 && self.n_summed == 0 {
            self.metrics.clear();
        }
        if self.order.is_empty() || self.order_epoch != epoch {
            self.order.clear();
            shuffle_into(&self.split.training, self.options.seed, epoch, &mut self.order);
            self.order_epoch = epoch;
        }
        let [_, round] = self.batch_and_round();
        deal(&self.order[round], &mut self.shards, &model.state);
        Ok(())
    }

    /// Where the next round's batch, and the round itself, lie in the epoch's order.
    fn batch_and_round(&self) -> [Range<usize>; 2] {
        let Range { start, end } = self.batches.range(self.position(), self.order.len());
        let round_start = start + self.n_summed.min(end - start - 1);
        [start..end, round_start..end.min(round_start + self.round)]
    }

    /// Computes the shards of a part of the round begun, and adds them up.
    pub fn compute_part(&mut self, part: &Part, model: &Model, dataset: &Dataset, executor: &dyn Executor) {
        let [batch, round] = self.batch_and_round();
        let moment = Moment {
            seed: self.options.seed,
            epoch: self.order_epoch,
            step: self.step,
            loss_scale: 1.0 / batch.len() as f32,
        };
        let shards = &mut self.shards[part.shards.clone()];
        executor.run(shards, &|shard: &mut Shard| shard.train(dataset, &model.params, moment));
        // Statistics of batch normalization are the shards' own; the model keeps their mean.
        let round_share = 1.0 / round.len() as f32;
        for shard in &mut *shards {
            let share = shard.n_examples() as f32 * round_share;
            elementwise::scale(&mut shard.state, share);
        }
        tree_sum(shards, 1, |shard| &mut shard.state);
        tree_sum(shards, 1, |shard| &mut shard.d_params);
    }

    /// The most numbers that [`write_part`](Self::write_part) writes for one of `n_parts`; no fewer than parameters and
    /// statistics together.
    pub fn part_len(&self, n_parts: usize) -> usize {
        let shard = &self.shards[0];
        let n_classes = self.metrics.n_classes();
        let n_examples = shard.capacity() * self.shards.len() / n_parts;
        shard.d_params.len() + shard.state.len() + n_examples * (1 + n_classes)
    }

    /// Hands on what a computed part came to: the gradient, the statistics, then each shard's losses and logits.
    pub fn write_part(&self, part: &Part, put: &mut dyn FnMut(&[f32])) {
        let shards = &self.shards[part.shards.clone()];
        put(&shards[0].d_params);
        put(&shards[0].state);
        for shard in shards {
            put(shard.losses());
            put(shard.logits());
        }
    }

    /// Takes over a part that another worker computed, in the order of [`write_part`](Self::write_part); the round must
    /// have begun here too.
    pub fn read_part(&mut self, part: &Part, dataset: &Dataset, take: &mut dyn FnMut(&mut [f32])) {
        let shards = &mut self.shards[part.shards.clone()];
        take(&mut shards[0].d_params);
        take(&mut shards[0].state);
        for shard in shards {
            shard.read(dataset, take);
        }
    }

    /// Adds up the `n_parts` parts of the round, all computed or taken over, and takes the step if the batch is done.
    ///
    /// # Errors
    /// [`Error::NonFinite`]; the model then has its last good parameters.
    pub fn end_round(&mut self, n_parts: usize, model: &mut Model) -> Result<()> {
        let [batch, round] = self.batch_and_round();
        let is_last = round.end == batch.end;
        let loss_scale = 1.0 / batch.len() as f32;
        let mut loss = 0.0;
        for shard in self.shards.iter().filter(|shard| shard.n_examples() > 0) {
            loss += shard.losses().iter().sum::<f32>() * loss_scale;
        }
        self.loss = loss * (batch.len() as f32 * (1.0 / round.len() as f32));
        let part_len = self.shards.len() / n_parts;
        tree_sum(&mut self.shards, part_len, |shard| &mut shard.state);
        tree_sum(&mut self.shards, part_len, |shard| &mut shard.d_params);
        if !loss.is_finite() {
            self.last_good.restore(model);
            return Err(Error::NonFinite { step: self.step, loss });
        }
        let [first, ..] = &mut self.shards[..] else { return Ok(()) };
        for range in &self.frozen[1] {
            first.state[range.clone()].copy_from_slice(&model.state[range.clone()]);
        }
        model.state.copy_from_slice(&first.state);
        if !self.d_params.is_empty() {
            if self.n_summed == 0 {
                self.d_params.fill(0.0);
            }
            elementwise::add_assign(&mut self.d_params, &first.d_params);
            first.d_params.copy_from_slice(&self.d_params);
        }
        self.n_summed = if is_last { 0 } else { round.end - batch.start };
        if is_last {
            let d_params = &mut first.d_params;
            self.frozen[0].iter().for_each(|range| d_params[range.clone()].fill(0.0));
            gradient::shape(&self.options, &model.params, &self.decayed, d_params);
            let learning_rate = self.learning_rate();
            self.watch.before(&model.params);
            let d_params = &self.shards[0].d_params;
            self.optimizer.step(learning_rate, &mut model.params, d_params, &self.decayed);
            self.watch.after(model);
            self.step += 1;
        }
        // The loss need not show it: small inputs hide a huge weight, a maximum may hide what is no number.
        if !(all_finite(&model.params) && all_finite(&model.state)) {
            self.last_good.restore(model);
            return Err(Error::NonFinite { step: self.step, loss });
        }
        for shard in self.shards.iter().filter(|shard| shard.n_examples() > 0) {
            self.metrics.add(shard.logits(), shard.labels(), shard.losses());
        }
        if is_last && let Some(average) = &mut self.average {
            average.add(&model.params, self.step);
        }
        if is_last && self.position().example == 0 {
            match &mut self.validation {
                Some(evaluator) => {
                    evaluator.restart();
                    self.validating = true;
                    self.swap_average(model);
                }
                None => self.end_epoch(model),
            }
        }
        Ok(())
    }
}

/// Without a branch in the loop, so that it costs nothing beside a step.
fn all_finite(values: &[f32]) -> bool {
    values.iter().fold(true, |all, value| all & value.is_finite())
}

/// Cuts a batch into the shards' parts, the first ones larger by one where it does not divide.
fn deal(batch: &[u32], shards: &mut [Shard], state: &[f32]) {
    let (each, more) = (batch.len() / shards.len(), batch.len() % shards.len());
    let mut start = 0;
    for (idx, shard) in shards.iter_mut().enumerate() {
        let n = each + usize::from(idx < more);
        shard.indices.clear();
        shard.indices.extend_from_slice(&batch[start..start + n]);
        shard.state.copy_from_slice(state);
        start += n;
    }
}
