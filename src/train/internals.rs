//! What goes on inside a network while it learns: units that never fire, the gradient's and the steps' lengths, what takes
//! the time. Looking changes no bit of the run.

use std::ops::Range;

use serde::Serialize;

use super::shard::with_loss;
use crate::data::Dataset;
use crate::error::Result;
use crate::graph::{Graph, Mode, NodeId, Targets};
use crate::image::normalize::write_plain;
use crate::kernels::activation::Activation;
use crate::model::Model;
use crate::ops::Loss;
use crate::plan::{Gradient, Plan, Step};

/// Examples that are looked at, where memory permits.
const MOST_EXAMPLES: usize = 64;
/// Numbers that looking may have in memory: 80 MB.
const MOST_NUMBERS: usize = 20_000_000;

/// What goes on inside.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Internals {
    /// Steps taken.
    pub step: u64,
    /// Training examples looked at, as they are in the data set.
    pub n_examples: usize,
    /// One pass of them through the network.
    pub forward_milliseconds: f64,
    /// The way back, which gives the gradient.
    pub backward_milliseconds: f64,
    /// In the order of the network.
    pub layers: Vec<LayerInternals>,
}

/// What goes on inside a layer, with the activation and the pooling that are computed in its pass.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LayerInternals {
    /// Its name, as the summary has it.
    pub name: String,
    /// Its part of the pass.
    pub forward_milliseconds: f64,
    /// Its part of the way back.
    pub backward_milliseconds: f64,
    /// Channels of a picture, or numbers of what is flat; of a layer that ends in a ReLU.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub n_units: Option<usize>,
    /// Of these, the share that put out 0 for all the examples, everywhere.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dead_share: Option<f32>,
    /// Length of the gradient by its parameters, of the mean loss of the examples.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gradient_norm: Option<f32>,
    /// Length of the last watched step, as a share of the length of its parameters; none before there was one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub update_ratio: Option<f32>,
}

/// A node of the fused graph that is told about.
#[derive(Debug)]
struct Row {
    id: NodeId,
    rectifies: bool,
}

/// A network with memory of its own, so that nothing of the run is touched.
#[derive(Debug)]
pub(super) struct Probe {
    plan: Plan,
    rows: Vec<Row>,
    indices: Vec<u32>,
    labels: Vec<u32>,
    mean: Vec<f32>,
    inverse_deviation: Vec<f32>,
    d_params: Vec<f32>,
}

impl Probe {
    /// Looks at some of the `training` examples, spread over them.
    pub fn new(model: &Model, dataset: &Dataset, training: &[u32], loss: Loss) -> Result<Probe> {
        let (graph, _) = with_loss(model, loss)?;
        let rectifying = rectifying(model.graph(), &graph);
        let last = graph.output();
        let rows: Vec<Row> = (0..last)
            .filter(|&id| !graph.nodes()[id].op.is_view() && !graph.nodes()[id].inputs.is_empty())
            .map(|id| Row { id, rectifies: rectifying.contains(&id) })
            .collect();
        let mut n = training.len().min(MOST_EXAMPLES);
        while n > 1
            && Plan::arena_len_of(&graph, n, Mode::Training, &rectifying, Gradient::Whole)? > MOST_NUMBERS
        {
            n /= 2;
        }
        let indices: Vec<u32> = (0..n).map(|i| training[i * training.len() / n]).collect();
        let labels = indices.iter().map(|&index| dataset.labels[index as usize]).collect();
        let channels = model.spec().input_shape[2];
        let (mean, inverse_deviation) = model.spec().preprocessing.normalization(channels);
        let d_params = vec![0.0; model.params.len()];
        let plan = Plan::compile(graph, n, Mode::Training, &rectifying)?;
        Ok(Probe { plan, rows, indices, labels, mean, inverse_deviation, d_params })
    }

    /// `now` tells milliseconds.
    pub fn look(
        &mut self,
        model: &Model,
        dataset: &Dataset,
        watch: &Watch,
        step: u64,
        now: &mut dyn FnMut() -> f64,
    ) -> Internals {
        let n = self.indices.len();
        let input = self.plan.input_mut(0, n);
        for (&index, out) in self.indices.iter().zip(input.chunks_exact_mut(dataset.example_len())) {
            write_plain(dataset.example(index as usize), &self.mean, &self.inverse_deviation, out);
        }
        let targets = Targets::Classes(&self.labels);
        let pass = Step { batch: n, targets, seed: step, loss_scale: 1.0 / n as f32 };
        let mut milliseconds = vec![[0.0; 2]; self.plan.graph().nodes().len()];
        let mut last = now();
        let mut note = |id: NodeId, way: usize| {
            let time = now();
            milliseconds[id][way] = time - std::mem::replace(&mut last, time);
        };
        self.plan.forward_observed(&model.params, &mut model.state.clone(), pass, |id| note(id, 0));
        self.plan.backward_observed(&model.params, pass, &mut self.d_params, |id| note(id, 1));
        let total = |way: usize| milliseconds.iter().map(|times| times[way]).sum();
        let layers = self.rows.iter().map(|row| self.layer(row, milliseconds[row.id], watch)).collect();
        Internals {
            step,
            n_examples: n,
            forward_milliseconds: total(0),
            backward_milliseconds: total(1),
            layers,
        }
    }

    fn layer(&self, row: &Row, [forward, backward]: [f64; 2], watch: &Watch) -> LayerInternals {
        let node = &self.plan.graph().nodes()[row.id];
        let n_units = row.rectifies.then(|| *node.shape.last().unwrap_or(&1));
        let dead_share = n_units.map(|n_units| {
            let mut fired = vec![false; n_units];
            for values in self.plan.value(row.id, self.indices.len()).chunks_exact(n_units) {
                fired.iter_mut().zip(values).for_each(|(fired, &value)| *fired |= value != 0.0);
            }
            fired.iter().filter(|&&fired| !fired).count() as f32 / n_units as f32
        });
        let has_params = !node.params.is_empty();
        LayerInternals {
            name: node.name.clone(),
            forward_milliseconds: forward,
            backward_milliseconds: backward,
            n_units,
            dead_share,
            gradient_norm: has_params.then(|| norm(self.d_params[node.params.clone()].iter().copied())),
            update_ratio: watch.ratio(&node.params),
        }
    }
}

/// How far a step goes, watched when it is asked for: of the parameters, those before the step are then put aside.
#[derive(Debug, Default)]
pub(super) struct Watch {
    is_asked: bool,
    before: Vec<f32>,
    /// Of each node with parameters.
    ratios: Vec<(Range<usize>, f32)>,
}

impl Watch {
    /// The next step is to be watched.
    pub fn ask(&mut self) {
        self.is_asked = true;
    }

    /// A step is about to be taken.
    pub fn before(&mut self, params: &[f32]) {
        if self.is_asked {
            self.before.clear();
            self.before.extend_from_slice(params);
        }
    }

    /// The step was taken.
    pub fn after(&mut self, model: &Model) {
        if !std::mem::take(&mut self.is_asked) {
            return;
        }
        self.ratios.clear();
        for node in model.graph().nodes().iter().filter(|node| !node.params.is_empty()) {
            let (before, after) = (&self.before[node.params.clone()], &model.params[node.params.clone()]);
            let moved = norm(before.iter().zip(after).map(|(before, after)| after - before));
            let length = norm(before.iter().copied());
            if length > 0.0 {
                self.ratios.push((node.params.clone(), moved / length));
            }
        }
    }

    fn ratio(&self, params: &Range<usize>) -> Option<f32> {
        self.ratios.iter().find(|(range, _)| range == params).map(|(_, ratio)| *ratio)
    }
}

/// The length of a vector.
fn norm(values: impl Iterator<Item = f32>) -> f32 {
    values.map(|value| f64::from(value) * f64::from(value)).sum::<f64>().sqrt() as f32
}

/// The nodes of the fused graph whose output went through a ReLU: those that a ReLU became, or was folded into.
fn rectifying(graph: &Graph, fused: &Graph) -> Vec<NodeId> {
    let place = |name: &str| fused.nodes().iter().position(|node| node.name == name);
    let mut found: Vec<NodeId> = Vec::new();
    for node in graph.nodes() {
        if !matches!(node.op.as_activation(), Some(Activation::Relu | Activation::Relu6)) {
            continue;
        }
        // What was folded has one input, and so had all that it was folded into.
        let mut into = node;
        while place(&into.name).is_none() {
            into = &graph.nodes()[into.inputs[0]];
        }
        found.extend(place(&into.name));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::generated;
    use crate::model::ModelSpec;
    use crate::train::{InTurn, TrainOptions, Trainer};

    fn network() -> (Model, Dataset) {
        let dataset = generated::generate("handwriting", 100, 1).unwrap();
        let spec = ModelSpec::new(dataset.shape, &dataset.class_names).conv2d(4, 3).relu().max_pool2d(2);
        let spec = spec.flatten().dense(8).relu().dense(10);
        (Model::create(spec, 3).unwrap(), dataset)
    }

    fn looked(model: &Model, dataset: &Dataset) -> Internals {
        let training: Vec<u32> = (0..100).collect();
        let mut probe = Probe::new(model, dataset, &training, Loss::cross_entropy()).unwrap();
        let mut time = 0.0;
        probe.look(model, dataset, &Watch::default(), 0, &mut || {
            time += 1.0;
            time
        })
    }

    #[test]
    fn units_that_never_fire_are_counted_where_a_relu_reads_them() {
        let (mut model, dataset) = network();
        let tensors = model.graph().param_tensors();
        // A bias so low that no sum comes above 0: of one of four filters, and of two of eight sums.
        let biases: Vec<usize> = tensors.iter().skip(1).step_by(2).map(|(.., range)| range.start).collect();
        let (filters, sums) = (biases[0], biases[1]);
        model.params[filters + 2] = -1e6;
        model.params[sums + 3] = -1e6;
        model.params[sums + 5] = -1e6;
        let seen = looked(&model, &dataset);
        let told =
            |layer: &LayerInternals| (layer.name.clone(), layer.n_units, layer.gradient_norm.is_some());
        let rows: Vec<_> = seen.layers.iter().map(told).collect();
        let row = |name: &str, n_units, has_gradient| (name.to_string(), n_units, has_gradient);
        assert_eq!(
            rows,
            [row("conv2d_1", Some(4), true), row("dense_1", Some(8), true), row("dense_2", None, true)]
        );
        assert!(seen.layers[0].dead_share.unwrap() >= 0.25 && seen.layers[0].dead_share.unwrap() < 1.0);
        assert!(seen.layers[1].dead_share.unwrap() >= 0.25 && seen.layers[1].dead_share.unwrap() < 1.0);
        // A clock of one a look: a layer each way, and the loss.
        assert_eq!((seen.n_examples, seen.forward_milliseconds, seen.backward_milliseconds), (64, 4.0, 4.0));
    }

    #[test]
    fn a_run_that_is_looked_at_has_the_bits_of_one_that_is_not() {
        let (model, dataset) = network();
        let options = TrainOptions { epochs: 1, ..TrainOptions::default() };
        let mut ends = Vec::new();
        for looks in [false, true] {
            let mut model = model.clone();
            let mut trainer = Trainer::new(&model, &dataset, options.clone()).unwrap();
            while !trainer.is_finished() {
                let before = model.params.clone();
                let is_step = !trainer.is_validating();
                trainer.advance(&mut model, &dataset, &InTurn).unwrap();
                if !looks {
                    continue;
                }
                let seen = trainer.internals(&model, &dataset, &mut || 0.0).unwrap();
                let step = trainer.step();
                assert_eq!(seen.step, step);
                let last = &model.graph().nodes().last().unwrap().params;
                let ratio = seen.layers.last().unwrap().update_ratio;
                if step == 1 {
                    assert_eq!(ratio, None, "no step has been watched yet");
                } else if is_step {
                    let moved = last.clone().map(|i| model.params[i] - before[i]);
                    let want = norm(moved) / norm(before[last.clone()].iter().copied());
                    assert_eq!(ratio, Some(want));
                }
            }
            ends.push(model.params);
        }
        assert_eq!(ends[0], ends[1]);
    }

    #[test]
    fn the_gradient_is_that_of_the_mean_loss() {
        let (model, dataset) = network();
        let seen = looked(&model, &dataset);
        let want = seen.layers.last().unwrap().gradient_norm.unwrap();
        // A step of plain descent by all examples looked at goes as far as the gradient is long.
        let indices: Vec<u32> = (0..64).map(|i| i * 100 / 64).collect();
        let few = dataset.subset(&indices);
        let options: TrainOptions = serde_json::from_str(
            r#"{"optimizer":{"type":"sgd"},"batchSize":64,"learningRate":1,"validationSplit":0,"epochs":1}"#,
        )
        .unwrap();
        let mut trained = model.clone();
        Trainer::new(&trained, &few, options).unwrap().advance(&mut trained, &few, &InTurn).unwrap();
        let last = &model.graph().nodes().last().unwrap().params;
        let moved = norm(last.clone().map(|i| trained.params[i] - model.params[i]));
        assert!((moved - want).abs() < 1e-4 * want, "{moved} not {want}");
    }
}
