//! A training run, a step at a time: whoever calls decides when to pause.

mod batches;
mod change;
mod inside;
mod parts;
mod round;

use std::ops::Range;

use super::checkpoint::Tape;
pub use super::epoch_record::EpochRecord;
use super::evaluator::Evaluator;
use super::internals::{Probe, Watch};
use super::metrics::Metrics;
use super::optimizer::Optimizer;
use super::options::TrainOptions;
use super::schedule::Plateau;
use super::shard::{Executor, Shard};
use super::shard_sum::GradientSum;
use super::snapshot::{Average, Snapshot};
use crate::data::Dataset;
use crate::data::split::{Split, folds, stratified};
use crate::error::{Error, Limits, Result};
use crate::model::Model;
use crate::ops::Loss;
use crate::told::Told;

pub use batches::Batches;
use batches::Position;
pub use change::{Changeable, TrainChanges};
pub use parts::{Part, Piece};
use round::Rounds;

/// A training run of one model on one data set.
#[derive(Debug)]
pub struct Trainer {
    options: TrainOptions,
    split: Split,
    order: Vec<u32>,
    /// The epoch whose order that is.
    order_epoch: u64,
    /// How the epochs are cut by now.
    batches: Batches,
    /// The loss that the shards compute.
    shard_loss: Loss,
    shards: Vec<Shard>,
    gradient_sum: GradientSum,
    /// The most examples computed at once.
    round: usize,
    optimizer: Optimizer,
    decayed: Vec<Range<usize>>,
    /// Parameters and statistics that stay as they are.
    frozen: [Vec<Range<usize>>; 2],
    validation: Option<Evaluator>,
    metrics: Metrics,
    history: Vec<EpochRecord>,
    /// Steps taken.
    step: u64,
    /// Examples of the next step's batch whose gradient is in the sum already.
    n_summed: usize,
    /// The sum over the batch's rounds; of no length where a batch is one round.
    d_params: Vec<f32>,
    /// Mean loss of the last round.
    loss: f32,
    validating: bool,
    plateau: Plateau,
    /// The average of the parameters; during validation, the parameters themselves.
    average: Option<Average>,
    ended_early: bool,
    last_good: Snapshot,
    best: Option<(f32, f32, u32)>,
    best_weights: Snapshot,
    watch: Watch,
    /// What was just taken over from another worker; of no length without.
    taken: Vec<f32>,
    /// Once someone looked inside.
    probe: Option<Probe>,
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
        let split = split_of(&dataset.labels, n_classes, &options)?;
        if split.training.is_empty() {
            return Err(Error::data("at least one training example", "none"));
        }
        let labels = split.training.iter().map(|&idx| dataset.labels[idx as usize]);
        let loss = Loss::new(options.loss).label_smoothing(options.label_smoothing);
        let weighted = loss.clone().class_weights(options.class_weights.of(labels, n_classes));
        let Rounds { shards, gradient_sum, round, d_params } =
            Rounds::new(model, &weighted, &options, options.batch_size.min(split.training.len()))?;
        let validation = match &split.validation[..] {
            [] => None,
            indices => Some(Evaluator::with_loss(model, indices.to_vec(), options.shards, &loss)?),
        };
        let frozen = frozen(model, &options.frozen)?;
        let average =
            (options.average_decay > 0.0).then(|| Average::new(&model.params, options.average_decay));
        Ok(Trainer {
            order: Vec::with_capacity(split.training.len()),
            order_epoch: 0,
            optimizer: Optimizer::new(&options.optimizer, options.weight_decay, model.params.len())?,
            decayed: model.decayed().into_iter().filter(|range| !frozen[0].contains(range)).collect(),
            frozen,
            metrics: Metrics::new(n_classes),
            history: Vec::with_capacity(options.epochs as usize),
            step: 0,
            n_summed: 0,
            loss: 0.0,
            d_params,
            round,
            batches: Batches::of(options.batch_size),
            shard_loss: weighted,
            validating: false,
            plateau: Plateau::default(),
            average,
            ended_early: false,
            last_good: Snapshot::of(model),
            best: None,
            best_weights: Snapshot::of(model),
            watch: Watch::default(),
            taken: Vec::new(),
            probe: None,
            split,
            shards,
            gradient_sum,
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

    /// How the epochs are cut into batches by now.
    pub fn batches(&self) -> Batches {
        self.batches
    }

    /// Steps of the whole run.
    pub fn n_steps(&self) -> u64 {
        self.batches.n_steps(self.options.epochs, self.split.training.len())
    }

    /// Steps taken so far.
    pub fn step(&self) -> u64 {
        self.step
    }

    /// The epoch under way or just ended, counted from 1.
    pub fn epoch(&self) -> u32 {
        self.latest().epoch as u32 + 1
    }

    /// Steps taken in that epoch, and all its steps.
    pub fn steps_in_epoch(&self) -> [u64; 2] {
        let Position { epoch, epoch_step, .. } = self.latest();
        [self.step.saturating_sub(epoch_step), self.batches.steps_of(epoch, self.split.training.len())]
    }

    /// Training examples seen in the steps taken, each as often as it came, and those of that epoch.
    pub fn n_examples_seen(&self) -> [u64; 2] {
        let n_examples = self.split.training.len() as u64;
        let Position { epoch, example, .. } = self.position();
        let seen = epoch * n_examples + example as u64;
        [seen, seen - self.latest().epoch * n_examples]
    }

    /// Where the next step's batch lies.
    fn position(&self) -> Position {
        self.batches.position(self.step, self.split.training.len())
    }

    /// Where the next step's batch lies, or the last one's when its epoch's validation is under way or the run is finished.
    fn latest(&self) -> Position {
        let ended = u64::from(self.validating || self.is_finished());
        self.batches.position(self.step.saturating_sub(ended), self.split.training.len())
    }

    /// The epochs that ended.
    pub fn history(&self) -> &[EpochRecord] {
        &self.history
    }

    /// Whether all epochs ended, or the options' patience.
    pub fn is_finished(&self) -> bool {
        self.ended_early || self.history.len() == self.options.epochs as usize
    }

    /// Whether the epoch's steps are done and its validation is under way.
    pub fn is_validating(&self) -> bool {
        self.validating
    }

    /// Mean loss of the examples of the last step, or of its last round where it took several.
    pub fn last_loss(&self) -> f32 {
        self.loss
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
        let [step, n_steps] =
            self.batches.of_whole_run(self.position(), self.options.epochs, self.split.training.len());
        self.plateau.factor * schedule.learning_rate(*learning_rate, *warmup_steps, step, n_steps)
    }

    /// Goes on by one unit: a step (of a batch above 1024 examples, a part of it), or a chunk of the validation at an epoch's end. Nothing when finished.
    ///
    /// # Errors
    /// [`Error::NonFinite`]; the model then has its last good parameters.
    pub fn advance(&mut self, model: &mut Model, dataset: &Dataset, executor: &dyn Executor) -> Result<()> {
        if self.is_finished() {
            return Ok(());
        }
        self.begin_round(model)?;
        self.compute_round(model, dataset, executor);
        self.end_round(model)
    }

    /// Gives the model the best parameters if the options say so; call it when the run ends or is ended.
    pub fn finish(&self, model: &mut Model) {
        if self.options.keep_best && self.best.is_some() {
            self.best_weights.restore(model);
        } else if let Some(average) = &self.average
            && !self.validating
        {
            model.params.copy_from_slice(&average.params);
        }
    }

    /// Writes or reads all that the run has become since it began, with the model.
    pub(super) fn keep(&mut self, model: &mut Model, tape: &mut Tape<'_>) -> Result<()> {
        tape.f32s(&mut model.params)?;
        tape.f32s(&mut model.state)?;
        self.optimizer.keep(tape)?;
        self.metrics.keep(tape)?;
        tape.u64(&mut self.step)?;
        let mut n_summed = self.n_summed as u64;
        tape.u64(&mut n_summed)?;
        tape.f32s(&mut self.d_params)?;
        tape.bool(&mut self.validating)?;
        tape.bool(&mut self.ended_early)?;
        self.plateau.keep(tape)?;
        if let Some(validation) = &mut self.validation {
            validation.keep(tape)?;
        }
        if let Some(average) = &mut self.average {
            tape.f32s(&mut average.params)?;
        }
        self.last_good.keep(tape)?;
        self.best_weights.keep(tape)?;
        let (mut is_any, mut best) = (self.best.is_some(), self.best.unwrap_or_default());
        tape.bool(&mut is_any)?;
        tape.f32(&mut best.0)?;
        tape.f32(&mut best.1)?;
        tape.u32(&mut best.2)?;
        self.best = is_any.then_some(best);
        let mut n_epochs = self.history.len() as u32;
        tape.u32(&mut n_epochs)?;
        let at_most = u64::from(self.options.epochs);
        Limits::check("epochs of the checkpoint", u64::from(n_epochs), at_most)?;
        self.batches.check_step(self.step, self.n_steps())?;
        self.history.resize(n_epochs as usize, EpochRecord::default());
        let validates = self.validation.is_some();
        let records = self.history.iter_mut().zip(1..);
        records.into_iter().try_for_each(|(record, epoch)| record.keep(epoch, validates, tape))?;
        self.n_summed = n_summed as usize;
        self.validating &= self.validation.is_some();
        Ok(())
    }

    /// Takes over how a run that was put aside had its epochs cut; before [`keep`](Self::keep).
    pub(super) fn cut_as(&mut self, batches: Batches, model: &Model) -> Result<()> {
        batches.check(&self.options, self.split.training.len())?;
        self.cut_into(batches, model)
    }

    /// Exchanges the parameters for their average, or the other way round.
    fn swap_average(&mut self, model: &mut Model) {
        if let Some(average) = &mut self.average {
            std::mem::swap(&mut average.params, &mut model.params);
        }
    }

    fn end_epoch(&mut self, model: &mut Model) {
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
        self.plateau.observe(self.options.schedule, record.validation_loss.unwrap_or(record.loss));
        if let (Some(accuracy), Some(loss)) = (record.validation_accuracy, record.validation_loss) {
            let better = self
                .best
                .is_none_or(|(best, least, _)| accuracy > best || (accuracy == best && loss < least));
            if better && loss.is_finite() {
                self.best = Some((accuracy, loss, epoch));
                self.best_weights.store(model);
            }
            let patience = self.options.patience;
            let waited = epoch - self.best.map_or(0, |(.., best_epoch)| best_epoch);
            self.ended_early = patience > 0 && waited >= patience;
        }
        if std::mem::take(&mut self.validating) {
            self.swap_average(model);
        }
        if record.validation_loss.is_none_or(f32::is_finite) {
            self.last_good.store(model);
        }
    }
}

/// Which examples train and which validate.
fn split_of(labels: &[u32], n_classes: usize, options: &TrainOptions) -> Result<Split> {
    let Some(n_found) = labels.len().checked_sub(options.training_only) else {
        let most = ["at most ", &labels.len().to_string(), ", for there are no more examples"].concat();
        return Err(Error::config("trainingOnly", most, options.training_only));
    };
    let found = &labels[..n_found];
    let mut split = match options.folds {
        0 => stratified(found, n_classes, options.validation_split, options.seed),
        n => folds(found, n_classes, n, options.seed).swap_remove(options.fold),
    };
    split.training.extend(n_found as u32..labels.len() as u32);
    Ok(split)
}

/// Where the parameters and the statistics of the named layers lie.
fn frozen(model: &Model, names: &[String]) -> Result<[Vec<Range<usize>>; 2]> {
    for name in names {
        if !model.graph().nodes().iter().any(|node| node.name == *name && !node.params.is_empty()) {
            return Err(Error::config("frozen", "names of layers that have parameters", name));
        }
    }
    let is_frozen = |node: &str| names.iter().any(|name| name == node);
    let graph = model.graph();
    let params = graph.param_tensors().into_iter().filter(|(node, ..)| is_frozen(node));
    let state = graph.state_tensors().into_iter().filter(|(node, ..)| is_frozen(node));
    Ok([params.map(|(.., range)| range).collect(), state.map(|(.., range)| range).collect()])
}

/// Refuses data whose pictures or labels the model does not have.
pub fn check_fit(model: &Model, dataset: &Dataset) -> Result<()> {
    if dataset.shape != model.spec().input_shape {
        return Err(Error::shape(
            "The model's input",
            format!("pictures of {} (height, width, channels)", model.spec().input_shape.told()),
            format!("a data set of {}", dataset.shape.told()),
        ));
    }
    let n_labels = model.spec().labels.len();
    match dataset.labels.iter().max() {
        Some(&largest) if largest as usize >= n_labels => Err(Error::label(
            format!("one of the model's {n_labels} classes"),
            format!("class index {largest}"),
        )),
        _ => Ok(()),
    }
}
