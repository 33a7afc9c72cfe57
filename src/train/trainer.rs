//! A training run, a step at a time: whoever calls decides when to pause.

use std::ops::Range;

use serde::Serialize;

use super::evaluator::Evaluator;
use super::metrics::Metrics;
use super::optimizer::Optimizer;
use super::options::{TrainOptions, check_learning_rate};
use super::shard::{Executor, Moment, Shard, tree_sum};
use crate::data::Dataset;
use crate::data::loader::shuffle_into;
use crate::data::split::{Split, stratified};
use crate::error::{Error, Result};
use crate::graph::Mode;
use crate::kernels::elementwise;
use crate::model::Model;

/// What an epoch came to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
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

/// Parameters and statistics put aside.
#[derive(Debug)]
struct Snapshot {
    params: Vec<f32>,
    state: Vec<f32>,
}

impl Snapshot {
    fn of(model: &Model) -> Snapshot {
        Snapshot { params: model.params.clone(), state: model.state.clone() }
    }

    fn store(&mut self, model: &Model) {
        self.params.copy_from_slice(&model.params);
        self.state.copy_from_slice(&model.state);
    }

    fn restore(&self, model: &mut Model) {
        model.params.copy_from_slice(&self.params);
        model.state.copy_from_slice(&self.state);
    }
}

/// A training run of one model on one data set.
#[derive(Debug)]
pub struct Trainer {
    options: TrainOptions,
    split: Split,
    order: Vec<u32>,
    shards: Vec<Shard>,
    optimizer: Optimizer,
    decayed: Vec<Range<usize>>,
    validation: Option<Evaluator>,
    metrics: Metrics,
    history: Vec<EpochRecord>,
    /// Steps taken.
    step: u64,
    validating: bool,
    last_good: Snapshot,
    best: Option<(f32, f32, u32)>,
    best_weights: Snapshot,
}

impl Trainer {
    /// A run of `options` that has not begun.
    ///
    /// # Errors
    /// [`Error::Config`] for options out of range; [`Error::Shape`] or [`Error::Label`] when the data do not
    /// fit the model; [`Error::Data`] without training examples; [`Error::Limit`] for a batch that would
    /// need too much memory.
    pub fn new(model: &Model, dataset: &Dataset, options: TrainOptions) -> Result<Trainer> {
        options.validate()?;
        check_fit(model, dataset)?;
        let n_classes = model.spec().labels.len();
        let split = stratified(&dataset.labels, n_classes, options.validation_split, options.seed);
        if split.training.is_empty() {
            return Err(Error::Data { expected: "at least one training example".into(), got: "none".into() });
        }
        let capacity = options.batch_size.div_ceil(options.shards);
        let shards = (0..options.shards)
            .map(|idx| Shard::new(model, capacity, Mode::Training, &options.augmentation, idx))
            .collect::<Result<Vec<_>>>()?;
        let validation = match &split.validation[..] {
            [] => None,
            indices => Some(Evaluator::new(model, indices.to_vec(), options.shards)?),
        };
        Ok(Trainer {
            order: Vec::with_capacity(split.training.len()),
            optimizer: Optimizer::new(&options.optimizer, options.weight_decay, model.params.len())?,
            decayed: model.decayed(),
            metrics: Metrics::new(n_classes),
            history: Vec::with_capacity(options.epochs as usize),
            step: 0,
            validating: false,
            last_good: Snapshot::of(model),
            best: None,
            best_weights: Snapshot::of(model),
            split,
            shards,
            validation,
            options,
        })
    }

    /// The options of this run, with the learning rate in force.
    pub fn options(&self) -> &TrainOptions {
        &self.options
    }

    /// Which examples train and which validate.
    pub fn split(&self) -> &Split {
        &self.split
    }

    /// Steps of one epoch; its last batch may be smaller.
    pub fn steps_per_epoch(&self) -> u64 {
        self.split.training.len().div_ceil(self.options.batch_size) as u64
    }

    /// Steps of the whole run.
    pub fn n_steps(&self) -> u64 {
        self.steps_per_epoch() * u64::from(self.options.epochs)
    }

    /// Steps taken so far.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// The epoch under way or just ended, counted from 1.
    pub fn epoch(&self) -> u32 {
        let ahead = u64::from(!self.validating && !self.is_finished());
        (self.step.saturating_sub(1 - ahead) / self.steps_per_epoch()) as u32 + 1
    }

    /// The epochs that ended.
    pub fn history(&self) -> &[EpochRecord] {
        &self.history
    }

    /// Whether all epochs ended.
    pub fn is_finished(&self) -> bool {
        self.history.len() == self.options.epochs as usize
    }

    /// Whether the epoch's steps are done and its validation is under way.
    pub fn is_validating(&self) -> bool {
        self.validating
    }

    /// Sums over the training examples of the epoch under way.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Epoch and validation accuracy of the best epoch so far.
    pub fn best(&self) -> Option<(u32, f32)> {
        self.best.map(|(accuracy, _, epoch)| (epoch, accuracy))
    }

    /// The learning rate of the next step.
    pub fn learning_rate(&self) -> f32 {
        let TrainOptions { learning_rate, schedule, warmup_steps, .. } = &self.options;
        let step = self.step.min(self.n_steps() - 1);
        schedule.learning_rate(*learning_rate, *warmup_steps, step, self.n_steps())
    }

    /// Changes the base learning rate from the next step on; the schedule's shape stays.
    ///
    /// # Errors
    /// [`Error::Config`] for a rate that is none.
    pub fn set_learning_rate(&mut self, learning_rate: f32) -> Result<()> {
        check_learning_rate(learning_rate)?;
        self.options.learning_rate = learning_rate;
        Ok(())
    }

    /// Goes on by one unit: a step, or a chunk of the validation at an epoch's end. Nothing when finished.
    ///
    /// # Errors
    /// [`Error::NonFinite`]; the model then has its last good parameters.
    pub fn advance(&mut self, model: &mut Model, dataset: &Dataset, executor: &dyn Executor) -> Result<()> {
        if self.is_finished() {
            return Ok(());
        }
        if self.validating {
            self.validate_chunk(model, dataset, executor);
            return Ok(());
        }
        self.train_step(model, dataset, executor)?;
        if self.step.is_multiple_of(self.steps_per_epoch()) {
            match &mut self.validation {
                Some(evaluator) => {
                    evaluator.restart();
                    self.validating = true;
                }
                None => self.end_epoch(model),
            }
        }
        Ok(())
    }

    /// Gives the model the best parameters if the options say so; call it when the run ends or is ended.
    pub fn finish(&self, model: &mut Model) {
        if self.options.keep_best && self.best.is_some() {
            self.best_weights.restore(model);
        }
    }

    fn train_step(&mut self, model: &mut Model, dataset: &Dataset, executor: &dyn Executor) -> Result<()> {
        let epoch = self.step / self.steps_per_epoch();
        let step_in_epoch = self.step % self.steps_per_epoch();
        let options = &self.options;
        if step_in_epoch == 0 {
            shuffle_into(&self.split.training, options.seed, epoch, &mut self.order);
            self.metrics.clear();
        }
        let start = step_in_epoch as usize * options.batch_size;
        let batch = &self.order[start..(start + options.batch_size).min(self.order.len())];
        deal(batch, &mut self.shards, &model.state);
        let loss_scale = 1.0 / batch.len() as f32;
        let moment = Moment { seed: options.seed, epoch, step: self.step, loss_scale };
        executor.run(&mut self.shards, &|shard: &mut Shard| shard.train(dataset, &model.params, moment));

        let mut loss = 0.0;
        for shard in self.shards.iter().filter(|shard| shard.n_examples() > 0) {
            loss += shard.losses().iter().sum::<f32>() * loss_scale;
        }
        // Statistics of batch normalization are the shards' own; the model keeps their mean.
        for shard in &mut self.shards {
            let share = shard.n_examples() as f32 * loss_scale;
            elementwise::scale(&mut shard.state, share);
        }
        tree_sum(&mut self.shards, |shard| &mut shard.state);
        tree_sum(&mut self.shards, |shard| &mut shard.d_params);
        if !loss.is_finite() {
            self.last_good.restore(model);
            return Err(Error::NonFinite { step: self.step, loss });
        }
        let learning_rate = self.learning_rate();
        self.optimizer.step(learning_rate, &mut model.params, &self.shards[0].d_params, &self.decayed);
        model.state.copy_from_slice(&self.shards[0].state);
        // The loss need not show it: small inputs hide a huge weight, a maximum may hide what is no number.
        if !(all_finite(&model.params) && all_finite(&model.state)) {
            self.last_good.restore(model);
            return Err(Error::NonFinite { step: self.step, loss });
        }
        for shard in self.shards.iter().filter(|shard| shard.n_examples() > 0) {
            self.metrics.add(shard.logits(), shard.labels(), shard.losses());
        }
        self.step += 1;
        Ok(())
    }

    fn validate_chunk(&mut self, model: &Model, dataset: &Dataset, executor: &dyn Executor) {
        let Some(evaluator) = &mut self.validation else { return };
        evaluator.advance(model, dataset, executor);
        if evaluator.is_finished() {
            self.end_epoch(model);
        }
    }

    fn end_epoch(&mut self, model: &Model) {
        self.validating = false;
        let epoch = self.history.len() as u32 + 1;
        let validation = self.validation.as_ref().map(Evaluator::metrics);
        let record = EpochRecord {
            epoch,
            loss: self.metrics.loss(),
            accuracy: self.metrics.accuracy(),
            validation_loss: validation.map(Metrics::loss),
            validation_accuracy: validation.map(Metrics::accuracy),
        };
        self.history.push(record);
        if record.validation_loss.is_none_or(f32::is_finite) {
            self.last_good.store(model);
        }
        if let (Some(accuracy), Some(loss)) = (record.validation_accuracy, record.validation_loss) {
            let better = self
                .best
                .is_none_or(|(best, least, _)| accuracy > best || (accuracy == best && loss < least));
            if better && loss.is_finite() {
                self.best = Some((accuracy, loss, epoch));
                self.best_weights.store(model);
            }
        }
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

/// Refuses data whose pictures or labels the model does not have.
pub fn check_fit(model: &Model, dataset: &Dataset) -> Result<()> {
    if dataset.shape != model.spec().input_shape {
        return Err(Error::Shape {
            at: "The model's input".into(),
            expected: format!("pictures of {:?} (height, width, channels)", model.spec().input_shape),
            got: format!("a data set of {:?}", dataset.shape),
        });
    }
    let n_labels = model.spec().labels.len();
    match dataset.labels.iter().max() {
        Some(&largest) if largest as usize >= n_labels => Err(Error::Label {
            expected: format!("one of the model's {n_labels} classes"),
            got: format!("class index {largest}"),
        }),
        _ => Ok(()),
    }
}
