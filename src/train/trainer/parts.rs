//! A round, cut so that workers without shared memory can each compute a part of it.
//!
//! Each worker has the whole run: it computes the shards of its part and adds them up, takes over the other parts' sums, adds
//! them in the order of the one tree, and takes the step itself. Bit for bit the result is that of one worker.

use std::mem::swap;
use std::ops::Range;

use super::Trainer;
use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::kernels::elementwise::add_assign;
use crate::model::Model;
use crate::train::evaluator::SHARD_LEN;
use crate::train::shard::{InTurn, Shard};

/// One of the equal parts of a round's shards: a subtree of the tree that adds them up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    shards: Range<usize>,
}

impl Part {
    fn len(&self) -> usize {
        self.shards.len()
    }

    /// The part that it makes together with its neighbor in the tree.
    fn with_neighbor(&self) -> Part {
        let len = 2 * self.len();
        let start = self.shards.start / len * len;
        Part { shards: start..start + len }
    }
}

/// What a part comes to travels in two pieces, so that the larger one is on its way while the part is still computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// The gradient of the last layers, the first that the backward pass is done with; none of a validation.
    End,
    /// The other layers' gradient, the statistics, the losses and logits.
    Rest,
}

/// Numbers taken over and added at a time, while they are still near: a small part of what a core's own memory holds.
const NEAR_LEN: usize = 1 << 14;

/// A range in such pieces.
fn nearby(range: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    range.clone().step_by(NEAR_LEN).map(move |from| from..(from + NEAR_LEN).min(range.end))
}

impl Trainer {
    /// Part `idx` of `n_parts`.
    ///
    /// # Errors
    /// [`Error::Config`] unless `n_parts` is a power of two up to the option `shards`, and `idx` below it.
    #[inline(never)]
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

    /// Computes a part of the round begun up to its piece [`Piece::End`], and hands that on; whether there is one.
    pub fn compute_end(
        &mut self,
        part: &Part,
        model: &Model,
        dataset: &Dataset,
        put: &mut dyn FnMut(&[f32]),
    ) -> bool {
        if self.validating {
            return false;
        }
        let moment = self.moment();
        if let [earlier @ .., last] = &mut self.shards[part.shards.clone()] {
            earlier.iter_mut().for_each(|shard| shard.train(dataset, &model.params, moment));
            last.train_end(dataset, &model.params, moment);
        }
        self.add_up(part.shards.clone(), self.gradient_of(Piece::End), put);
        true
    }

    /// Computes what [`compute_end`](Self::compute_end) left out of a part.
    pub fn compute_rest(&mut self, part: &Part, model: &Model, dataset: &Dataset) {
        if let (true, Some(evaluator)) = (self.validating, &mut self.validation) {
            return evaluator.compute(part.shards.clone(), model, dataset, &InTurn);
        }
        let moment = self.moment();
        if let Some(last) = self.shards[part.shards.clone()].last_mut() {
            last.train_rest(&model.params, moment);
        }
        self.add_up(part.shards.clone(), self.gradient_of(Piece::Rest), &mut |_| {});
        self.add_up_state(part.shards.clone());
    }

    /// The most numbers that a piece of one of `n_parts` parts has.
    pub fn piece_len(&self, piece: Piece, n_parts: usize) -> usize {
        let gradient = self.gradient_of(piece).len();
        if piece == Piece::End {
            return gradient;
        }
        let shard = &self.shards[0];
        let n_examples = shard.capacity().max(SHARD_LEN) * self.shards.len() / n_parts;
        gradient + shard.state.len() + n_examples * (1 + self.metrics.n_classes())
    }

    /// Hands on a piece of a computed part: gradient, then statistics, then each shard's losses and logits.
    pub fn write_piece(&mut self, part: &Part, piece: Piece, put: &mut dyn FnMut(&[f32])) {
        if !self.validating {
            let first = &self.shards[part.shards.start];
            put(&first.d_params[self.gradient_of(piece)]);
            if piece == Piece::End {
                return;
            }
            put(&first.state);
        }
        for shard in self.answering(part) {
            put(shard.losses());
            put(shard.logits());
        }
    }

    /// Takes over a piece of a part that another worker computed, as [`write_piece`](Self::write_piece) hands it on, and adds
    /// it to its neighbor in the tree, which must be computed here. With both pieces the two are one part.
    pub fn take_piece(
        &mut self,
        part: &Part,
        piece: Piece,
        dataset: &Dataset,
        take: &mut dyn FnMut(&mut [f32]),
    ) {
        if !self.validating {
            let (gradient, both) = (self.gradient_of(piece), part.with_neighbor());
            // A sum of two is the same whichever of them comes first.
            let own =
                if part.shards.start == both.shards.start { part.shards.end } else { both.shards.start };
            self.taken.resize(NEAR_LEN, 0.0);
            let mut take_and_add = |sum: &mut [f32]| {
                let taken = &mut self.taken[..sum.len()];
                take(taken);
                add_assign(sum, taken);
            };
            nearby(gradient).for_each(|near| take_and_add(&mut self.shards[own].d_params[near]));
            if piece == Piece::End {
                return;
            }
            self.shards[own].state.chunks_mut(NEAR_LEN).for_each(take_and_add);
            // A part's sums are its first shard's.
            let (first, rest) = self.shards[both.shards.clone()].split_at_mut(1);
            if let Some(own) = own.checked_sub(both.shards.start + 1) {
                swap(&mut first[0].d_params, &mut rest[own].d_params);
                swap(&mut first[0].state, &mut rest[own].state);
            }
        }
        for shard in self.answering(part) {
            shard.read(dataset, take);
        }
    }

    /// The shards of a part that have the round's losses and logits.
    fn answering(&mut self, part: &Part) -> &mut [Shard] {
        match &mut self.validation {
            Some(evaluator) if self.validating => evaluator.shards_mut(part.shards.clone()),
            _ => &mut self.shards[part.shards.clone()],
        }
    }

    fn gradient_of(&self, piece: Piece) -> Range<usize> {
        let first = &self.shards[0];
        match piece {
            Piece::End => first.end_of_gradient()..first.d_params.len(),
            Piece::Rest => 0..first.end_of_gradient(),
        }
    }
}
