//! Shards computed by the threads of this machine; the result is that of one thread, bit for bit.

use std::num::NonZero;
use std::thread;

use ocelli::train::{Executor, Shard};

/// Computes shards on up to this many threads.
#[derive(Clone, Copy, Debug)]
pub struct Threads {
    n_threads: usize,
}

impl Threads {
    /// As many threads as asked for, or as the machine has processors.
    pub fn new(asked: Option<usize>) -> Threads {
        let there = || thread::available_parallelism().map_or(1, NonZero::get);
        Threads { n_threads: asked.unwrap_or_else(there).max(1) }
    }
}

impl Executor for Threads {
    fn run(&self, shards: &mut [Shard], work: &(dyn Fn(&mut Shard) + Sync)) {
        let each = shards.len().div_ceil(self.n_threads);
        if each == shards.len() {
            shards.iter_mut().for_each(work);
            return;
        }
        thread::scope(|scope| {
            let mut parts = shards.chunks_mut(each);
            let own = parts.next();
            for part in parts {
                scope.spawn(move || part.iter_mut().for_each(work));
            }
            own.into_iter().flatten().for_each(work);
        });
    }
}
