//! Which slot of the arena holds what, from when to when.
//!
//! A plan of `n` nodes has `2 n` moments: node `id` runs forward at moment `id` and backward at
//! `2 n - 1 - id`. A slot is in use from its first writer's moment to its last reader's.

use std::ops::Range;

use super::Gradient;
use super::pack::{Lifetime, pack};
use crate::error::{Limits, Result};
use crate::graph::{Graph, Mode, NodeId};

/// The slots of every node, as ranges of the arena; a slot that is not needed is empty.
#[derive(Clone, Debug)]
pub(super) struct Layout {
    /// Outputs.
    pub values: Vec<Range<usize>>,
    /// Gradients of the outputs.
    pub d_values: Vec<Range<usize>>,
    /// What forward leaves for backward, or in inference for the next forward.
    pub saved: Vec<Range<usize>>,
    /// Free use in forward.
    pub forward_scratch: Vec<Range<usize>>,
    /// Free use in backward.
    pub backward_scratch: Vec<Range<usize>>,
    /// For each node, the nodes whose gradient its backward is the first to add to.
    pub first_written: Vec<Vec<NodeId>>,
    /// Whether the node's backward has to run at all.
    pub runs_backward: Vec<bool>,
    /// Whether the node's backward leaves the factors of its weights' gradient in place of that.
    pub in_factors: Vec<bool>,
    /// Elements of the arena.
    pub arena_len: usize,
    /// Sum of all slots.
    pub unshared_len: usize,
}

impl Layout {
    /// Finds the lifetimes of all slots and packs them.
    ///
    pub fn of(
        graph: &Graph,
        batch: usize,
        mode: Mode,
        outputs: &[NodeId],
        gradient: Gradient,
    ) -> Result<Layout> {
        let nodes = graph.nodes();
        let n = nodes.len();
        let last_moment = 2 * n;
        let backward_at = |id: NodeId| 2 * n - 1 - id;
        let roots = view_roots(graph);
        let source = match gradient {
            #[cfg(feature = "train")]
            Gradient::By(id) => Some(roots[id]),
            _ => None,
        };
        let needs = needs_gradient(graph, source);
        let reaches = reaches_output(graph);
        // What comes before the source, and the source itself, has nothing to hand a gradient to.
        let has_to_run = |id: NodeId| match source {
            Some(_) => nodes[id].inputs.iter().any(|&input| needs[input]),
            None => needs[id],
        };
        let runs_backward: Vec<bool> = (0..n)
            .map(|id| mode.is_training() && has_to_run(id) && reaches[id] && !nodes[id].op.is_view())
            .collect();

        let mut lifetimes = Lifetimes::new(n);
        let mut total = 0u64;
        for (id, node) in nodes.iter().enumerate() {
            let len = (batch as u64).saturating_mul(node.len() as u64);
            total = total.saturating_add(len.saturating_mul(2));
            Limits::check(
                "numbers in memory for this network and batch size",
                total,
                Limits::default().arena_len,
            )?;
            let root = roots[id];
            if root == id {
                // The caller fills an input before moment 0.
                let first = if node.inputs.is_empty() { 0 } else { id };
                lifetimes.values[id] = Lifetime { len: len as usize, first, last: id };
            }
            if id == n - 1 || outputs.contains(&id) {
                lifetimes.values[root].last = last_moment;
            }
            for &input in &node.inputs {
                lifetimes.values[roots[input]].until(id);
            }
            let shapes = graph.input_shapes(id);
            let workspace = node.op.workspace(&shapes, batch, mode);
            lifetimes.forward_scratch[id] = Lifetime { len: workspace.forward, first: id, last: id };
            if !mode.is_training() {
                lifetimes.saved[id] = Lifetime { len: workspace.saved, first: 0, last: last_moment };
            }
            if !runs_backward[id] {
                continue;
            }
            let moment = backward_at(id);
            lifetimes.saved[id] = Lifetime { len: workspace.saved, first: id, last: moment };
            lifetimes.backward_scratch[id] =
                Lifetime { len: workspace.backward, first: moment, last: moment };
            if node.op.keeps().output {
                lifetimes.values[root].until(moment);
            }
            if node.op.keeps().inputs {
                node.inputs.iter().for_each(|&input| lifetimes.values[roots[input]].until(moment));
            }
        }

        // A gradient is born at the backward moment of its last reader and dies after its own node's.
        let mut first_written = vec![Vec::new(); n];
        for id in (0..n).rev().filter(|&id| runs_backward[id]) {
            for &input in &nodes[id].inputs {
                let root = roots[input];
                if needs[root] && lifetimes.d_values[root].len == 0 {
                    let len = lifetimes.values[root].len;
                    lifetimes.d_values[root] =
                        Lifetime { len, first: backward_at(id), last: backward_at(root) };
                    first_written[id].push(root);
                }
            }
        }

        if let Some(source) = source {
            lifetimes.d_values[source].last = last_moment;
        }
        let in_factors: Vec<bool> =
            (0..n).map(|id| runs_backward[id] && leaves_factors(graph, id, gradient)).collect();
        for id in (0..n).filter(|&id| in_factors[id]) {
            lifetimes.values[roots[nodes[id].inputs[0]]].last = last_moment;
            lifetimes.d_values[id].last = last_moment;
        }

        let (offsets, arena_len) = pack(&lifetimes.all());
        let slot = |kind: usize, id: NodeId| {
            let len = lifetimes.kind(kind)[id].len;
            if len == 0 { 0..0 } else { offsets[kind * n + id]..offsets[kind * n + id] + len }
        };
        Ok(Layout {
            values: (0..n).map(|id| slot(0, roots[id])).collect(),
            d_values: (0..n).map(|id| slot(1, roots[id])).collect(),
            saved: (0..n).map(|id| slot(2, id)).collect(),
            forward_scratch: (0..n).map(|id| slot(3, id)).collect(),
            backward_scratch: (0..n).map(|id| slot(4, id)).collect(),
            first_written,
            runs_backward,
            in_factors,
            arena_len,
            unshared_len: lifetimes.all().iter().map(Lifetime::padded_len).sum(),
        })
    }
}

struct Lifetimes {
    values: Vec<Lifetime>,
    d_values: Vec<Lifetime>,
    saved: Vec<Lifetime>,
    forward_scratch: Vec<Lifetime>,
    backward_scratch: Vec<Lifetime>,
}

impl Lifetimes {
    fn new(n: usize) -> Lifetimes {
        let none = || vec![Lifetime::default(); n];
        Lifetimes {
            values: none(),
            d_values: none(),
            saved: none(),
            forward_scratch: none(),
            backward_scratch: none(),
        }
    }

    fn kind(&self, kind: usize) -> &[Lifetime] {
        [&self.values, &self.d_values, &self.saved, &self.forward_scratch, &self.backward_scratch][kind]
    }

    fn all(&self) -> Vec<Lifetime> {
        (0..5).flat_map(|kind| self.kind(kind)).copied().collect()
    }
}

/// Weights below this are not worth the memory of their gradient's factors: 128 KB.
#[cfg(feature = "train")]
const LARGE: usize = 1 << 15;

/// Whether a node's backward leaves the factors of its weights' gradient.
#[cfg(feature = "train")]
fn leaves_factors(graph: &Graph, id: NodeId, gradient: Gradient) -> bool {
    let product = graph.nodes()[id].op.weights_product(&graph.input_shapes(id));
    gradient == Gradient::InFactors && product.is_some_and(|[m, n]| m * n >= LARGE)
}

#[cfg(not(feature = "train"))]
fn leaves_factors(_graph: &Graph, _id: NodeId, _gradient: Gradient) -> bool {
    false
}

/// For each node the node whose slot it shares: itself, unless it is a view.
fn view_roots(graph: &Graph) -> Vec<NodeId> {
    let mut roots: Vec<NodeId> = Vec::new();
    for (id, node) in graph.nodes().iter().enumerate() {
        roots.push(if node.op.is_view() { roots[node.inputs[0]] } else { id });
    }
    roots
}

/// Whether parameters, or with a source that node, lie in or before each node.
fn needs_gradient(graph: &Graph, source: Option<NodeId>) -> Vec<bool> {
    let mut needs: Vec<bool> = Vec::new();
    for (id, node) in graph.nodes().iter().enumerate() {
        let own = source.map_or(!node.params.is_empty(), |source| source == id);
        needs.push(own || node.inputs.iter().any(|&input| needs[input]));
    }
    needs
}

/// Whether the last node depends on each node.
fn reaches_output(graph: &Graph) -> Vec<bool> {
    let nodes = graph.nodes();
    let mut reaches = vec![false; nodes.len()];
    if let Some(last) = reaches.last_mut() {
        *last = true;
    }
    for id in (0..nodes.len()).rev().filter(|&id| id == nodes.len() - 1 || !nodes[id].inputs.is_empty()) {
        if reaches[id] {
            nodes[id].inputs.iter().for_each(|&input| reaches[input] = true);
        }
    }
    reaches
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::{Add, Conv2d, Dense, Flatten, GlobalAveragePool2d, Input, Loss, MaxPool2d};
    use crate::rng::Rng;

    /// A random chain of convolutions, pools and residual additions.
    fn random_graph(rng: &mut Rng) -> Graph {
        let mut graph = Graph::default();
        let mut last = graph.push(Input { shape: vec![12, 12, 3] }, &[]).unwrap();
        for _ in 0..2 + rng.below(8) {
            last = match rng.below(4) {
                0 => graph.push(Conv2d::new(1 + rng.below(5) as usize, 3), &[last]).unwrap_or(last),
                1 => graph.push(MaxPool2d::new(2), &[last]).unwrap_or(last),
                2 => graph.push(crate::ops::Activate::relu(), &[last]).unwrap(),
                _ => {
                    let channels = graph.nodes()[last].shape[2];
                    let branch = graph.push(Conv2d::new(channels, 3).same(), &[last]).unwrap();
                    graph.push(Add, &[branch, last]).unwrap()
                }
            };
        }
        last = if rng.below(2) == 0 {
            graph.push(GlobalAveragePool2d, &[last]).unwrap()
        } else {
            graph.push(Flatten, &[last]).unwrap()
        };
        last = graph.push(Dense::new(4), &[last]).unwrap();
        graph.push(Loss::cross_entropy(), &[last]).unwrap();
        if rng.below(2) == 0 { graph.fused() } else { graph }
    }

    #[test]
    fn slots_that_live_at_the_same_moment_never_overlap() {
        let mut rng = Rng::new(11, 0);
        for _ in 0..200 {
            let graph = random_graph(&mut rng);
            let mode = if rng.below(2) == 0 { Mode::Inference } else { Mode::Training };
            let layout = Layout::of(&graph, 1 + rng.below(5) as usize, mode, &[], Gradient::Whole).unwrap();
            assert!(layout.arena_len <= layout.unshared_len);
            let n = graph.nodes().len();
            let roots = view_roots(&graph);
            // Replays the moments and claims what each step reads and writes.
            for id in 0..n {
                let mut used: Vec<&Range<usize>> = vec![&layout.forward_scratch[id]];
                // In inference all that is saved waits for the next pass.
                match mode {
                    Mode::Inference => used.extend(&layout.saved),
                    Mode::Training => used.push(&layout.saved[id]),
                }
                if !graph.nodes()[id].op.is_view() {
                    used.push(&layout.values[id]);
                }
                for later in id..n {
                    // Values read at this or a later moment and written by now.
                    for &input in &graph.nodes()[later].inputs {
                        if input < id && roots[input] != roots[id] && !used.contains(&&layout.values[input]) {
                            used.push(&layout.values[input]);
                        }
                    }
                }
                assert_disjoint(&used, &graph);
            }
            if mode == Mode::Inference {
                continue;
            }
            for id in (0..n).rev().filter(|&id| layout.runs_backward[id]) {
                let keeps = graph.nodes()[id].op.keeps();
                let mut used = vec![&layout.saved[id], &layout.backward_scratch[id], &layout.d_values[id]];
                for &input in &graph.nodes()[id].inputs {
                    used.push(&layout.d_values[input]);
                    if keeps.inputs {
                        used.push(&layout.values[input]);
                    }
                }
                if keeps.output {
                    used.push(&layout.values[id]);
                }
                // Whatever an earlier node's backward will still read must not be overwritten now.
                for earlier in (0..id).filter(|&earlier| layout.runs_backward[earlier]) {
                    used.push(&layout.saved[earlier]);
                    let keeps = graph.nodes()[earlier].op.keeps();
                    if keeps.output && !used.contains(&&layout.values[earlier]) {
                        used.push(&layout.values[earlier]);
                    }
                    for &input in graph.nodes()[earlier].inputs.iter().filter(|_| keeps.inputs) {
                        if !used.contains(&&layout.values[input]) {
                            used.push(&layout.values[input]);
                        }
                    }
                }
                assert_disjoint(&used, &graph);
            }
        }
    }

    fn assert_disjoint(ranges: &[&Range<usize>], graph: &Graph) {
        for (k, a) in ranges.iter().enumerate() {
            for b in &ranges[..k] {
                let apart = a.is_empty() || b.is_empty() || a.end <= b.start || b.end <= a.start;
                assert!(apart, "{a:?} and {b:?} overlap in {:?}", graph.summary());
            }
        }
    }
}
