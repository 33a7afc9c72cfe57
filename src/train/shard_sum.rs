//! What the shards of a part come to together: their vectors, added up by a fixed binary tree.

use std::mem::take;
use std::ops::Range;

use super::shard::Shard;
use crate::kernels::elementwise::add_assign;
use crate::plan::Product;

/// Elements handed on at a time, while they are still near: a small part of what a core's own memory holds.
const PIECE_LEN: usize = 1 << 14;
/// Elements of each shard that are added up at a time, so that what was just written is still near when it is read.
const NEAR_LEN: usize = 1 << 11;

/// Adds up gradients, of which shards leave some in factors.
#[derive(Debug)]
pub(super) struct GradientSum {
    products: Vec<Product>,
    scratch: Vec<f32>,
}

impl GradientSum {
    /// For shards like these.
    pub fn of(shards: &[Shard]) -> GradientSum {
        let products = shards.first().map(Shard::products).unwrap_or_default();
        let most = shards.iter().map(Shard::capacity).max().unwrap_or(0);
        let scratch_len = |product: &Product| product.tree.scratch_len(shards.len(), most);
        let scratch = vec![0.0; products.iter().map(scratch_len).max().unwrap_or(0)];
        GradientSum { products, scratch }
    }

    /// The first shard's gradient becomes the sum of all. `range` cuts no parameter tensor; `done` is told of the sum, a piece
    /// after the other.
    pub fn run(&mut self, shards: &mut [Shard], range: Range<usize>, done: &mut dyn FnMut(&[f32])) {
        let mut start = range.start;
        let GradientSum { products, scratch } = self;
        let within =
            |product: &&Product| range.start <= product.weights.start && product.weights.end <= range.end;
        for product in products.iter().filter(within) {
            add_up(shards, start..product.weights.start, done);
            multiply(product, scratch, shards, done);
            start = product.weights.end;
        }
        add_up(shards, start..range.end, done);
    }
}

/// Adds up a range that the shards have computed.
fn add_up(shards: &mut [Shard], range: Range<usize>, done: &mut dyn FnMut(&[f32])) {
    for from in range.clone().step_by(PIECE_LEN) {
        let piece = from..(from + PIECE_LEN).min(range.end);
        tree_sum(shards, piece.clone(), |shard| &mut shard.d_params);
        done(&shards[0].d_params[piece]);
    }
}

/// Computes the sum of what the shards have left in factors.
fn multiply(product: &Product, scratch: &mut [f32], shards: &mut [Shard], done: &mut dyn FnMut(&[f32])) {
    let mut d_params = take(&mut shards[0].d_params);
    let n = product.tree.n;
    let n_rows = (PIECE_LEN / n).max(1);
    let factors = |idx: usize| shards[idx].factors(product);
    for (piece, sum) in d_params[product.weights.clone()].chunks_mut(n_rows * n).enumerate() {
        product.tree.run(shards.len(), &factors, piece * n_rows, scratch, sum);
        done(sum);
    }
    shards[0].d_params = d_params;
}

/// Adds up one vector of each shard, or a range of it; the sum is the first shard's afterwards.
pub(super) fn tree_sum(shards: &mut [Shard], range: Range<usize>, vector: fn(&mut Shard) -> &mut Vec<f32>) {
    for from in range.clone().step_by(NEAR_LEN) {
        let part = from..(from + NEAR_LEN).min(range.end);
        let mut distance = 1;
        while distance < shards.len() {
            for left in (0..shards.len() - distance).step_by(2 * distance) {
                let (head, tail) = shards.split_at_mut(left + distance);
                add_assign(&mut vector(&mut head[left])[part.clone()], &vector(&mut tail[0])[part.clone()]);
            }
            distance *= 2;
        }
    }
}
