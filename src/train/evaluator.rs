//! Loss, accuracy and confusion of a model over examples, a chunk at a time.

use std::ops::Range;

use super::answers::Answers;
use super::checkpoint::Tape;
use super::metrics::Metrics;
use super::shard::{Executor, Shard};
use crate::data::Dataset;
use crate::data::augment::Augmentation;
use crate::data::views::Views;
use crate::error::Result;
use crate::graph::Mode;
use crate::model::Model;
use crate::ops::Loss;

/// Examples that one shard computes at a time.
pub(super) const SHARD_LEN: usize = 32;

/// An evaluation under way.
#[derive(Debug)]
pub struct Evaluator {
    shards: Vec<Shard>,
    indices: Vec<u32>,
    done: usize,
    metrics: Metrics,
    answers: Option<Answers>,
    views: Views,
}

impl Evaluator {
    /// An evaluation of the examples `indices`, by `n_shards` shards at a time.
    ///
    /// # Errors
    /// [`Error::Limit`](crate::Error::Limit) when the network needs too much memory.
    pub fn new(model: &Model, indices: Vec<u32>, n_shards: usize) -> Result<Evaluator> {
        Evaluator::with_loss(model, indices, n_shards, &Loss::cross_entropy())
    }

    /// [`new`](Self::new) with another loss.
    ///
    /// # Errors
    /// As there, and [`Error::Config`](crate::Error::Config) for a loss that does not fit the model.
    pub fn with_loss(model: &Model, indices: Vec<u32>, n_shards: usize, loss: &Loss) -> Result<Evaluator> {
        let none = Augmentation::default();
        let shards = (0..n_shards)
            .map(|idx| Shard::new(model, SHARD_LEN, Mode::Inference, loss.clone(), &none, idx))
            .collect::<Result<Vec<_>>>()?;
        Ok(Evaluator {
            shards,
            indices,
            done: 0,
            metrics: Metrics::new(model.spec().labels.len()),
            answers: None,
            views: Views::default(),
        })
    }

    pub(super) fn keep(&mut self, tape: &mut Tape<'_>) -> Result<()> {
        let mut done = self.done as u64;
        tape.u64(&mut done)?;
        self.done = self.indices.len().min(done as usize);
        self.metrics.keep(tape)
    }

    /// Starts again, with the model as it is by then.
    pub fn restart(&mut self) {
        self.done = 0;
        self.metrics.clear();
        if let Some(answers) = &mut self.answers {
            answers.clear();
        }
    }

    /// Keeps the answers to all examples from now on, which takes memory for their logits.
    pub fn keep_answers(&mut self, model: &Model) {
        self.answers = Some(Answers::new(model.spec().labels.len()));
    }

    /// Takes the mean of the probabilities over these views of each example from now on; the loss is then their
    /// cross-entropy.
    pub fn see(&mut self, views: Views) {
        self.views = views;
    }

    /// The answers so far, if they are kept.
    pub fn answers(&self) -> Option<&Answers> {
        self.answers.as_ref()
    }

    /// Examples to evaluate in all.
    pub fn n_examples(&self) -> usize {
        self.indices.len()
    }

    /// Examples evaluated so far.
    pub fn n_done(&self) -> usize {
        self.done
    }

    /// Whether all are.
    pub fn is_finished(&self) -> bool {
        self.done == self.indices.len()
    }

    /// The sums over what was evaluated so far.
    pub fn metrics(&self) -> &Metrics {
        &self.metrics
    }

    /// Evaluates the next chunk; nothing when finished.
    pub fn advance(&mut self, model: &Model, dataset: &Dataset, executor: &dyn Executor) {
        self.begin_chunk(model);
        self.compute(0..self.shards.len(), model, dataset, executor);
        self.end_chunk();
    }

    /// Deals the next chunk's examples to the shards; may be done again before the chunk is ended.
    pub(super) fn begin_chunk(&mut self, model: &Model) {
        let mut rest = &self.indices[self.done..];
        for shard in &mut self.shards {
            let (first, more) = rest.split_at(SHARD_LEN.min(rest.len()));
            shard.indices.clear();
            shard.indices.extend_from_slice(first);
            shard.state.copy_from_slice(&model.state);
            rest = more;
        }
    }

    /// Whether the chunk begun is the last one.
    pub(super) fn is_last_chunk(&self) -> bool {
        self.indices.len() - self.done <= self.shards.len() * SHARD_LEN
    }

    /// Computes these shards of the chunk begun.
    pub(super) fn compute(
        &mut self,
        shards: Range<usize>,
        model: &Model,
        dataset: &Dataset,
        executor: &dyn Executor,
    ) {
        let views = self.views;
        executor.run(&mut self.shards[shards], &|shard: &mut Shard| {
            shard.infer_views(dataset, &model.params, &views);
        });
    }

    /// Shards of the chunk begun, to be read, or replaced by what was computed elsewhere.
    pub(super) fn shards_mut(&mut self, shards: Range<usize>) -> &mut [Shard] {
        &mut self.shards[shards]
    }

    /// Adds the chunk, all of which is computed or taken over, to the sums.
    pub(super) fn end_chunk(&mut self) {
        for shard in self.shards.iter().filter(|shard| shard.n_examples() > 0) {
            self.done += shard.n_examples();
            self.metrics.add(shard.logits(), shard.labels(), shard.losses());
            if let Some(answers) = &mut self.answers {
                answers.add(&shard.indices, shard.labels(), shard.logits());
            }
        }
    }
}
