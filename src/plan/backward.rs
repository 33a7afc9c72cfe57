//! The reverse walk over the nodes, written once for all operators.

use std::ops::Range;

use super::{Plan, Step, shapes_of};
use crate::graph::{Backward, NodeId};
use crate::rng::mix;

impl Plan {
    /// Runs all nodes backward after a [`forward`](Self::forward) with the same arguments and
    /// overwrites `d_params` with the gradient of the loss.
    ///
    /// # Panics
    /// If the plan was not compiled for training, or as `forward`.
    pub fn backward(&mut self, params: &[f32], step: Step<'_>, d_params: &mut [f32]) {
        self.backward_through(params, step, d_params, 0..self.graph.nodes().len());
    }

    /// The part of a [`backward`](Self::backward) that goes through these nodes, from the last to the first. One pass is made of
    /// such parts, from the last nodes to the first; after each the gradient of its nodes' parameters is done.
    ///
    /// # Panics
    /// As `backward`.
    pub fn backward_through(
        &mut self,
        params: &[f32],
        step: Step<'_>,
        d_params: &mut [f32],
        nodes: Range<NodeId>,
    ) {
        self.walk_backward(params, step, d_params, nodes, &mut |_| {});
    }

    /// [`backward`](Self::backward), telling of each node when it is done: to measure what takes the time.
    ///
    /// # Panics
    /// As `backward`.
    pub fn backward_observed(
        &mut self,
        params: &[f32],
        step: Step<'_>,
        d_params: &mut [f32],
        mut done: impl FnMut(NodeId),
    ) {
        self.walk_backward(params, step, d_params, 0..self.graph.nodes().len(), &mut done);
    }

    /// One walk for all, whoever watches.
    fn walk_backward(
        &mut self,
        params: &[f32],
        step: Step<'_>,
        d_params: &mut [f32],
        nodes: Range<NodeId>,
        done: &mut dyn FnMut(NodeId),
    ) {
        assert!(self.mode.is_training(), "only a training plan runs backward");
        self.check(params, step);
        assert_eq!(d_params.len(), params.len(), "the gradient has the parameters' length");
        for id in nodes.rev() {
            for &first_written in &self.layout.first_written[id] {
                let slot = self.examples(&self.layout.d_values[first_written], first_written, step.batch);
                self.arena[slot].fill(0.0);
            }
            let node = &self.graph.nodes()[id];
            let runs = self.layout.runs_backward[id];
            if !(runs && node.op.writes_gradient()) {
                d_params[node.params.clone()].fill(0.0);
            }
            if !runs {
                continue;
            }
            let keeps = node.op.keeps();
            let input = |slots: &[Range<usize>], k: usize| match node.inputs.get(k) {
                Some(&i) => self.examples(&slots[i], i, step.batch),
                None => 0..0,
            };
            // A slot whose value was not kept may overlap a live one, so it is not borrowed at all.
            let kept = |yes: bool, slot: Range<usize>| if yes { slot } else { 0..0 };
            let slots = [
                kept(keeps.inputs, input(&self.layout.values, 0)),
                kept(keeps.inputs, input(&self.layout.values, 1)),
                kept(keeps.output, self.examples(&self.layout.values[id], id, step.batch)),
                self.layout.saved[id].clone(),
                self.layout.backward_scratch[id].clone(),
                self.examples(&self.layout.d_values[id], id, step.batch),
                input(&self.layout.d_values, 0),
                input(&self.layout.d_values, 1),
            ];
            let [a, b, output, saved, scratch, d_output, d_a, d_b] =
                self.arena.get_disjoint_mut(slots).expect("slots of one step are disjoint");
            node.op.backward(Backward {
                batch: step.batch,
                input_shapes: shapes_of(&self.graph, id),
                output_shape: &node.shape,
                inputs: [a, b],
                output,
                params: &params[node.params.clone()],
                targets: step.targets,
                seed: mix(&[step.seed, id as u64]),
                loss_scale: step.loss_scale,
                saved,
                scratch,
                d_output,
                d_inputs: [d_a, d_b],
                d_params: &mut d_params[node.params.clone()],
                weights_later: self.layout.in_factors[id],
            });
            done(id);
        }
    }
}
