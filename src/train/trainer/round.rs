//! A round of training or validation: begun, computed, ended.

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
use crate::train::optimizer::all_finite;
use crate::train::shard::{Executor, Moment, Shard, fitting_round};
use crate::train::shard_sum::{GradientSum, tree_sum};
use crate::train::{TrainOptions, gradient};

/// Examples computed at once: a larger batch takes several rounds, whose gradients are added.
const ROUND: usize = 1024;
/// Numbers that all shards of a run may have in memory: 1.2 GB, for a tab's engine has four at most, and data and
/// checkpoints need room too. Rounds are made smaller until it is enough.
const MOST_NUMBERS: usize = 300_000_000;

/// The shards of a run, and what they compute at once.
pub(super) struct Rounds {
    pub shards: Vec<Shard>,
    pub gradient_sum: GradientSum,
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
        Ok(Rounds { gradient_sum: GradientSum::of(&shards), shards, round, d_params })
    }

    /// The most examples that are computed at once.
    fn most(model: &Model, loss: &Loss, options: &TrainOptions, batch_size: usize) -> Result<usize> {
        fitting_round(model, loss, options.shards, batch_size.min(ROUND), MOST_NUMBERS)
    }
}

impl Trainer {
    /// Cuts the epochs into these batches from now on, with the memory that their rounds need.
    pub(super) fn cut_into(&mut self, batches: Batches, model: &Model) -> Result<()> {
        let n_examples = self.split.training.len();
        let [now, then] = [self.batches.size, batches.size].map(|size| size.min(n_examples));
        if now != then {
            Rounds::most(model, &self.shard_loss, &self.options, then)?;
            // What there is goes first, so that there is room.
            self.shards.clear();
            let rounds = Rounds::new(model, &self.shard_loss, &self.options, then)?;
            (self.shards, self.gradient_sum) = (rounds.shards, rounds.gradient_sum);
            (self.round, self.d_params) = (rounds.round, rounds.d_params);
        }
        self.batches = batches;
        Ok(())
    }

    /// Deals the next round's examples to the shards: of training or, after an epoch's last, of validation. May be done
    /// again before the round is ended. The run must not be finished.
    ///
    /// # Errors
    /// [`Error::Limit`] for a changed size of the batches that would need too much memory.
    pub fn begin_round(&mut self, model: &Model) -> Result<()> {
        if let (true, Some(evaluator)) = (self.validating, &mut self.validation) {
            evaluator.begin_chunk(model);
            return Ok(());
        }
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

    /// Whether the round begun is an epoch's last of training, or the last of its validation.
    pub fn is_last_round(&self) -> bool {
        match &self.validation {
            Some(evaluator) if self.validating => evaluator.is_last_chunk(),
            _ => self.batch_and_round()[1].end == self.order.len(),
        }
    }

    /// Where the next round's batch, and the round itself, lie in the epoch's order.
    #[inline(never)]
    fn batch_and_round(&self) -> [Range<usize>; 2] {
        let Range { start, end } = self.batches.range(self.position(), self.order.len());
        let round_start = start + self.n_summed.min(end - start - 1);
        [start..end, round_start..end.min(round_start + self.round)]
    }

    pub(super) fn moment(&self) -> Moment {
        let [batch, _] = self.batch_and_round();
        Moment {
            seed: self.options.seed,
            epoch: self.order_epoch,
            step: self.step,
            loss_scale: 1.0 / batch.len() as f32,
        }
    }

    /// Computes all of the round begun.
    pub(super) fn compute_round(&mut self, model: &Model, dataset: &Dataset, executor: &dyn Executor) {
        if let (true, Some(evaluator)) = (self.validating, &mut self.validation) {
            return evaluator.compute(0..self.shards.len(), model, dataset, executor);
        }
        let moment = self.moment();
        executor.run(&mut self.shards, &|shard: &mut Shard| shard.train(dataset, &model.params, moment));
        let whole = 0..self.shards.len();
        self.add_up(whole.clone(), 0..model.params.len(), &mut |_| {});
        self.add_up_state(whole);
    }

    #[inline(never)]
    pub(super) fn add_up(
        &mut self,
        shards: Range<usize>,
        gradient: Range<usize>,
        done: &mut dyn FnMut(&[f32]),
    ) {
        self.gradient_sum.run(&mut self.shards[shards], gradient, done);
    }

    /// Statistics of batch normalization are the shards' own; the model keeps their mean.
    #[inline(never)]
    pub(super) fn add_up_state(&mut self, shards: Range<usize>) {
        let [_, round] = self.batch_and_round();
        let round_share = 1.0 / round.len() as f32;
        let shards = &mut self.shards[shards];
        for shard in &mut *shards {
            let share = shard.n_examples() as f32 * round_share;
            elementwise::scale(&mut shard.state, share);
        }
        let len = shards[0].state.len();
        tree_sum(shards, 0..len, |shard| &mut shard.state);
    }

    /// Takes the step that the round, all parts of which are computed and added up, is of, if its batch is done.
    ///
    /// # Errors
    /// [`Error::NonFinite`]; the model then has its last good parameters.
    pub fn end_round(&mut self, model: &mut Model) -> Result<()> {
        if let (true, Some(evaluator)) = (self.validating, &mut self.validation) {
            evaluator.end_chunk();
            if evaluator.is_finished() {
                self.end_epoch(model);
            }
            return Ok(());
        }
        let [batch, round] = self.batch_and_round();
        let is_last = round.end == batch.end;
        let loss_scale = 1.0 / batch.len() as f32;
        let mut loss = 0.0;
        for shard in self.shards.iter().filter(|shard| shard.n_examples() > 0) {
            loss += shard.losses().iter().sum::<f32>() * loss_scale;
        }
        self.loss = loss * (batch.len() as f32 * (1.0 / round.len() as f32));
        if !loss.is_finite() {
            self.last_good.restore(model);
            return Err(Box::new(Error::NonFinite { step: self.step, loss }));
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
        let mut all_params_finite = true;
        if is_last {
            let d_params = &mut first.d_params;
            self.frozen[0].iter().for_each(|range| d_params[range.clone()].fill(0.0));
            gradient::shape(&self.options, &model.params, &self.decayed, d_params);
            let learning_rate = self.learning_rate();
            self.watch.before(&model.params);
            let d_params = &self.shards[0].d_params;
            all_params_finite =
                self.optimizer.step(learning_rate, &mut model.params, d_params, &self.decayed);
            self.watch.after(model);
            self.step += 1;
        }
        // The loss need not show it: small inputs hide a huge weight, a maximum may hide what is no number.
        if !(all_params_finite && all_finite(&model.state)) {
            self.last_good.restore(model);
            return Err(Box::new(Error::NonFinite { step: self.step, loss }));
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
