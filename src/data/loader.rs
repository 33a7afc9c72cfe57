//! The order of the examples in an epoch, and each example's own randomness.

use crate::rng::{Rng, mix};

/// Tell these uses of a seed from every other.
const ORDER_STREAM: u64 = 0x6f72646572; // "order"
const EXAMPLE_STREAM: u64 = 0x6578616d706c65; // "example"

/// `indices` in the random order of epoch `epoch`.
pub fn shuffled(indices: &[u32], seed: u64, epoch: u64) -> Vec<u32> {
    let mut order = Vec::new();
    shuffle_into(indices, seed, epoch, &mut order);
    order
}

/// [`shuffled`] into a vector that is kept: nothing is allocated once it has the capacity.
pub fn shuffle_into(indices: &[u32], seed: u64, epoch: u64, order: &mut Vec<u32>) {
    order.clear();
    order.extend_from_slice(indices);
    Rng::new(mix(&[seed, epoch]), ORDER_STREAM).shuffle(order);
}

/// The generator that varies example `example_idx` in epoch `epoch`.
///
/// It depends on nothing else, so the batch, shard or worker an example falls into does not
/// change what becomes of it.
pub fn example_rng(seed: u64, epoch: u64, example_idx: u32) -> Rng {
    Rng::new(mix(&[seed, epoch, u64::from(example_idx)]), EXAMPLE_STREAM)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_has_every_index_once_in_an_order_of_its_own() {
        let indices: Vec<u32> = (0..200).map(|i| i * 3).collect();
        for seed in 0..10 {
            let first = shuffled(&indices, seed, 1);
            assert_eq!(first, shuffled(&indices, seed, 1));
            assert_ne!(first, shuffled(&indices, seed, 2));
            assert_ne!(first, shuffled(&indices, seed + 1, 1));
            let mut sorted = first;
            sorted.sort_unstable();
            assert_eq!(sorted, indices);
        }
    }

    #[test]
    fn shuffling_again_reuses_the_vector() {
        let indices: Vec<u32> = (0..50).collect();
        let mut order = Vec::with_capacity(50);
        let place = order.as_ptr();
        for epoch in 0..3 {
            shuffle_into(&indices, 7, epoch, &mut order);
            assert_eq!(order, shuffled(&indices, 7, epoch));
            assert_eq!(order.as_ptr(), place);
        }
    }

    #[test]
    fn examples_and_epochs_have_generators_of_their_own() {
        let mut first: Vec<u32> = Vec::new();
        for epoch in 0..10 {
            for example_idx in 0..10 {
                first.push(example_rng(1, epoch, example_idx).next_u32());
            }
        }
        first.sort_unstable();
        first.dedup();
        assert_eq!(first.len(), 100);
    }
}
