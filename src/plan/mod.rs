//! Floor 4: a graph compiled for one batch size. Every value and gradient gets a fixed slot in one
//! arena; running it allocates nothing. Absent by design: knowledge of any one operator.
//!
//! # Backpropagation
//!
//! Training asks of every parameter: how does the loss change when this number grows a little? That is its derivative, and
//! the derivatives of all parameters are the *gradient*. The chain rule gives them all at once. Let `d(v)` be the
//! derivative of the loss by a value `v` of the graph. Of the loss itself it is 1. Going through the nodes from the last to
//! the first, `d` of a node's output is known when the node's turn comes, for all that read it came before; the operator
//! then needs only its own rule:
//!
//! - A dense layer `y = x W + b` passes on `d(x) = d(y) Wᵀ`, and adds `d(W) += xᵀ d(y)` and `d(b) += d(y)` to the gradient.
//! - Softmax with cross-entropy has `d(logits) = probabilities − one-hot label`.
//! - A value that several nodes read gets the sum of what they pass on.
//!
//! So one backward pass costs about two forward ones, however many parameters there are. An optimizer
//! ([`train::optimizer`](crate::train::optimizer)) then goes a step against the gradient. Here is all of it for logistic
//! regression, with the derivative of one weight held against what the loss really does:
//!
//! ```
//! use ocelli::graph::{Mode, Targets};
//! use ocelli::model::{Model, zoo};
//! use ocelli::ops::Loss;
//! use ocelli::plan::{Plan, Step};
//!
//! let mut model = Model::create(zoo::preset("logistic")?, 1)?;
//! let mut graph = model.graph().clone();
//! graph.push(Loss::cross_entropy(), &[graph.output()])?;
//! let mut plan = Plan::compile(graph, 1, Mode::Training, &[])?;
//!
//! // One picture, a 3: some of its pixels are light.
//! let picture: Vec<f32> = (0..784).map(|i| f32::from(i % 7 == 0)).collect();
//! let step = Step { batch: 1, targets: Targets::Classes(&[3]), seed: 0, loss_scale: 1.0 };
//! let mut loss = |params: &[f32], gradient: &mut [f32]| {
//!     plan.input_mut(0, 1).copy_from_slice(&picture);
//!     plan.forward(params, &mut [], step);
//!     plan.backward(params, step, gradient);
//!     plan.value(plan.graph().output(), 1)[0]
//! };
//!
//! let mut gradient = vec![0.0; model.params.len()];
//! let before = loss(&model.params, &mut gradient);
//!
//! // The rules say: the weight from pixel 7 to class 3 has the derivative pixel · (probability − 1), below 0.
//! let weight = 7 * 10 + 3;
//! assert!(gradient[weight] < 0.0);
//! // And that is what the loss does when the weight grows a little.
//! let mut moved = model.params.clone();
//! moved[weight] += 0.01;
//! let change = (loss(&moved, &mut vec![0.0; moved.len()]) - before) / 0.01;
//! assert!((change - gradient[weight]).abs() < 0.01, "{change} {}", gradient[weight]);
//!
//! // Gradient descent: a step against the gradient makes the loss smaller.
//! for (param, derivative) in model.params.iter_mut().zip(&gradient) {
//!     *param -= 0.01 * derivative;
//! }
//! assert!(loss(&model.params, &mut gradient) < before);
//! # Ok::<(), ocelli::Error>(())
//! ```

#[cfg(feature = "train")]
mod backward;
mod layout;
mod pack;
#[cfg(feature = "train")]
mod product;

use std::ops::Range;

use crate::error::{Error, Limits, Result};
use crate::graph::{Forward, Graph, Mode, NodeId, Targets};
use crate::rng::mix;
use layout::Layout;
#[cfg(feature = "train")]
pub use product::Product;

/// What the backward pass of a training plan leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gradient {
    /// That of all parameters.
    Whole,
    /// The same, but of large weights the two factors of their gradient, for several plans' to be computed at once.
    #[cfg(feature = "train")]
    InFactors,
    /// The gradient by the output of this node alone.
    #[cfg(feature = "train")]
    By(NodeId),
}

/// A compiled graph with its memory.
#[derive(Clone, Debug)]
pub struct Plan {
    graph: Graph,
    mode: Mode,
    batch: usize,
    layout: Layout,
    arena: Vec<f32>,
    /// Whether a forward pass has left what the operators make of the parameters.
    has_run: bool,
}

/// What a step needs beside the plan and the parameters.
#[derive(Clone, Copy, Debug)]
pub struct Step<'a> {
    /// Examples in this batch, at most the plan's.
    pub batch: usize,
    /// What the network should answer.
    pub targets: Targets<'a>,
    /// Seed of this step's random choices (dropout).
    pub seed: u64,
    /// 1 / examples of the whole step, of which this batch may be a shard.
    pub loss_scale: f32,
}

impl Plan {
    /// Lays out the arena for batches of up to `batch` examples. The outputs of the nodes in
    /// `outputs` and of the last node can be read after [`forward`](Self::forward).
    ///
    /// # Errors
    /// [`Error::Config`] for a batch of 0; [`Error::Limit`] when the arena would be too large.
    pub fn compile(graph: Graph, batch: usize, mode: Mode, outputs: &[NodeId]) -> Result<Plan> {
        Plan::lay_out(graph, batch, mode, outputs, Gradient::Whole)
    }

    /// A training plan whose backward pass leaves out the gradient of large weights, to be computed from the
    /// [`factors`](Self::factors) of this and other plans.
    ///
    /// # Errors
    /// As [`compile`](Self::compile).
    #[cfg(feature = "train")]
    pub fn compile_in_factors(graph: Graph, batch: usize, outputs: &[NodeId]) -> Result<Plan> {
        Plan::lay_out(graph, batch, Mode::Training, outputs, Gradient::InFactors)
    }

    /// A training plan whose backward pass goes from the last node to `source` and no further: it leaves there the
    /// gradient of the last node's output by that of `source`, for [`gradient`](Self::gradient). Both are outputs.
    ///
    /// # Errors
    /// As [`compile`](Self::compile).
    #[cfg(feature = "train")]
    pub fn compile_to(graph: Graph, batch: usize, source: NodeId, outputs: &[NodeId]) -> Result<Plan> {
        let outputs = [outputs, &[source]].concat();
        Plan::lay_out(graph, batch, Mode::Training, &outputs, Gradient::By(source))
    }

    fn lay_out(
        graph: Graph,
        batch: usize,
        mode: Mode,
        outputs: &[NodeId],
        gradient: Gradient,
    ) -> Result<Plan> {
        if batch == 0 {
            return Err(Error::config("batchSize", "at least 1", batch));
        }
        let layout = Plan::layout(&graph, batch, mode, outputs, gradient)?;
        let arena = vec![0.0; layout.arena_len];
        Ok(Plan { graph, mode, batch, layout, arena, has_run: false })
    }

    /// Elements that the arena of a plan would have, without making it.
    ///
    /// # Errors
    /// As [`compile`](Self::compile).
    pub fn arena_len_of(
        graph: &Graph,
        batch: usize,
        mode: Mode,
        outputs: &[NodeId],
        gradient: Gradient,
    ) -> Result<usize> {
        Ok(Plan::layout(graph, batch, mode, outputs, gradient)?.arena_len)
    }

    fn layout(
        graph: &Graph,
        batch: usize,
        mode: Mode,
        outputs: &[NodeId],
        gradient: Gradient,
    ) -> Result<Layout> {
        let layout = Layout::of(graph, batch, mode, outputs, gradient)?;
        Limits::check(
            "numbers in memory for this network and batch size",
            layout.arena_len as u64,
            Limits::default().arena_len,
        )?;
        Ok(layout)
    }

    /// The most examples a step can have.
    pub fn batch(&self) -> usize {
        self.batch
    }

    /// The graph this plan runs.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Elements of the arena.
    pub fn arena_len(&self) -> usize {
        self.layout.arena_len
    }

    /// Elements of the arena that grow with the batch: all but what operators make of the parameters.
    pub fn passing_len(&self) -> usize {
        let kept = if self.mode.is_training() { 0 } else { self.layout.saved.iter().map(Range::len).sum() };
        self.layout.arena_len.saturating_sub(kept)
    }

    /// Elements that all slots would take if none shared its memory.
    pub fn unshared_len(&self) -> usize {
        self.layout.unshared_len
    }

    /// The slot of the first `batch` examples of an input, to be written before
    /// [`forward`](Self::forward).
    pub fn input_mut(&mut self, id: NodeId, batch: usize) -> &mut [f32] {
        let slot = self.examples(&self.layout.values[id], id, batch);
        &mut self.arena[slot]
    }

    /// The output of a node for the first `batch` examples, after [`forward`](Self::forward); the
    /// node must be an output of the plan.
    pub fn value(&self, id: NodeId, batch: usize) -> &[f32] {
        &self.arena[self.examples(&self.layout.values[id], id, batch)]
    }

    /// [`value`](Self::value), to be replaced by what was computed elsewhere.
    pub fn value_mut(&mut self, id: NodeId, batch: usize) -> &mut [f32] {
        self.input_mut(id, batch)
    }

    /// The gradient by the output of the plan's source, after [`backward`](Self::backward).
    #[cfg(feature = "train")]
    pub fn gradient(&self, source: NodeId, batch: usize) -> &[f32] {
        &self.arena[self.examples(&self.layout.d_values[source], source, batch)]
    }

    /// The part of a slot that `batch` examples fill; empty slots stay empty.
    fn examples(&self, slot: &Range<usize>, id: NodeId, batch: usize) -> Range<usize> {
        if slot.is_empty() {
            return 0..0;
        }
        slot.start..slot.start + batch * self.graph.nodes()[id].len()
    }

    /// Runs all nodes in order. `state` is read in inference and updated in training.
    ///
    /// # Panics
    /// If `step.batch` exceeds the plan's, or a vector has not the graph's length.
    pub fn forward(&mut self, params: &[f32], state: &mut [f32], step: Step<'_>) {
        self.walk_forward(params, state, step, false, &mut |_| {});
    }

    /// [`forward`](Self::forward) in inference with the very parameters of the call before: what the operators made
    /// of them is used again.
    ///
    /// # Panics
    /// As `forward`.
    pub fn forward_again(&mut self, params: &[f32], state: &mut [f32], step: Step<'_>) {
        let same_params = self.has_run && !self.mode.is_training();
        self.walk_forward(params, state, step, same_params, &mut |_| {});
    }

    /// [`forward`](Self::forward), telling of each node when it is done: to measure what takes the time.
    ///
    /// # Panics
    /// As `forward`.
    pub fn forward_observed(
        &mut self,
        params: &[f32],
        state: &mut [f32],
        step: Step<'_>,
        mut done: impl FnMut(NodeId),
    ) {
        self.walk_forward(params, state, step, false, &mut done);
    }

    /// One walk for all, whoever watches: a copy of it for each would weigh kilobytes.
    fn walk_forward(
        &mut self,
        params: &[f32],
        state: &mut [f32],
        step: Step<'_>,
        same_params: bool,
        done: &mut dyn FnMut(NodeId),
    ) {
        self.check(params, step);
        assert_eq!(state.len(), self.graph.state_len(), "the state vector has the graph's length");
        for id in 0..self.graph.nodes().len() {
            let node = &self.graph.nodes()[id];
            if node.op.is_view() || node.inputs.is_empty() {
                continue;
            }
            let input = |k: usize| match node.inputs.get(k) {
                Some(&i) => self.examples(&self.layout.values[i], i, step.batch),
                None => 0..0,
            };
            let slots = [
                input(0),
                input(1),
                self.examples(&self.layout.values[id], id, step.batch),
                self.layout.saved[id].clone(),
                self.layout.forward_scratch[id].clone(),
            ];
            let [a, b, output, saved, scratch] =
                self.arena.get_disjoint_mut(slots).expect("slots of one step are disjoint");
            node.op.forward(Forward {
                batch: step.batch,
                mode: self.mode,
                input_shapes: shapes_of(&self.graph, id),
                output_shape: &node.shape,
                inputs: [a, b],
                params: &params[node.params.clone()],
                state: &mut state[node.state.clone()],
                targets: step.targets,
                seed: mix(&[step.seed, id as u64]),
                same_params,
                saved,
                scratch,
                output,
            });
            done(id);
        }
        self.has_run = true;
    }

    fn check(&self, params: &[f32], step: Step<'_>) {
        assert!(step.batch <= self.batch, "{} examples in a plan for {}", step.batch, self.batch);
        assert_eq!(params.len(), self.graph.n_params(), "the parameter vector has the graph's length");
    }
}

/// Shapes of a node's inputs, empty where it has fewer than two; allocates nothing.
fn shapes_of(graph: &Graph, id: NodeId) -> [&[usize]; 2] {
    let shape = |k: usize| match graph.nodes()[id].inputs.get(k) {
        Some(&input) => &graph.nodes()[input].shape[..],
        None => &[],
    };
    [shape(0), shape(1)]
}
