//! Steps that a classifier's last block of layers, or all of them, learn by, from where they are.
//!
//! Batch normalization keeps its statistics, scale and shift: those of a few pictures would be poorer ones. The steps are
//! Adam's, down half a cosine, shorter for the last layer than for the others where a lesson made it: its weights are small
//! and fit what the others give. No class counts more for having more pictures. What is judged and kept is a running mean of
//! the parameters: the last of a few large steps says little.

use super::class_weights::ClassWeights;
use super::features::usual_variation;
use super::optimizer::{Optimizer, OptimizerSpec};
use super::schedule::Schedule;
use super::snapshot::Average;
use crate::data::augment::Sampler;
use crate::data::loader::{example_rng, shuffle_into};
use crate::error::{Error, Result};
use crate::graph::{Graph, Mode, NodeId, Targets};
use crate::image::normalize::write_plain;
use crate::kernels::math::{exp, ln};
use crate::model::Model;
use crate::ops::Loss;
use crate::plan::{Plan, Step};
use crate::told::Told;

/// Pictures of a step.
const BATCH: usize = 16;
/// Pictures seen in a run, each as often as it comes.
const MOST_PASSES: usize = 2000;
const LEAST_EPOCHS: usize = 2;
const MOST_EPOCHS: usize = 20;
/// Height of the least maps that a layer with weights is taken to halve on purpose.
const LEAST_STRIDED: usize = 8;
/// What the mean of the parameters keeps each step, once there were enough.
const KEPT: f32 = 0.9;
/// Pictures judged at once.
const JUDGED_AT_ONCE: usize = 32;

/// Which layers learn on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfrozen {
    /// Those after the network last made its maps smaller.
    LastBlock,
    /// All.
    All,
}

/// What a fine-tuning can be told.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FineTuneOptions {
    /// Which layers learn on.
    pub unfrozen: Unfrozen,
    /// Passes over the pictures at most.
    pub epochs: u32,
    /// The longest steps of the backbone.
    pub learning_rate: f32,
    /// The longest steps of the last layer.
    pub head_rate: f32,
    /// Decides order and variations.
    pub seed: u64,
}

impl FineTuneOptions {
    /// Those that served best on draws of hand signs that no table tells of; many pictures are seen less often.
    pub fn usual(unfrozen: Unfrozen, n_pictures: usize, seed: u64) -> FineTuneOptions {
        let epochs = (MOST_PASSES / n_pictures.max(1)).clamp(LEAST_EPOCHS, MOST_EPOCHS) as u32;
        FineTuneOptions { unfrozen, epochs, learning_rate: 1e-4, head_rate: 1e-4, seed }
    }
}

/// Pictures of the network's input, one byte a value, with the class of each and its own number.
#[derive(Clone, Debug, Default)]
pub struct Pictures {
    /// Shape `[n, height, width, channels]`.
    pub pixels: Vec<u8>,
    /// Shape `[n]`.
    pub classes: Vec<u32>,
    /// Decides how a picture is varied; shape `[n]`.
    pub numbers: Vec<u32>,
}

/// How pictures that were not learnt from were answered.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Judgment {
    /// The class that each was taken for.
    pub answers: Vec<u32>,
    /// How many of them rightly.
    pub n_right: usize,
    /// Mean cross-entropy.
    pub loss: f32,
}

/// Steps of a classifier on some pictures.
#[derive(Debug)]
pub struct FineTuner {
    model: Model,
    options: FineTuneOptions,
    pictures: Pictures,
    plan: Plan,
    judge: Plan,
    sampler: Sampler,
    /// Of the backbone and of the last layer.
    optimizers: [Optimizer; 2],
    n_backbone: usize,
    d_params: Vec<f32>,
    mean: Average,
    training: Vec<u32>,
    order: Vec<u32>,
    step: u32,
}

impl FineTuner {
    /// Begins at `model`, on those of the pictures that `training` names.
    ///
    /// # Errors
    /// [`Error::Shape`] for pictures that do not fit; [`Error::Data`] without any; [`Error::Limit`] when the network needs too
    /// much memory.
    pub fn new(
        model: Model,
        pictures: Pictures,
        training: Vec<u32>,
        options: FineTuneOptions,
    ) -> Result<FineTuner> {
        let shape = model.spec().input_shape;
        let n = pictures.classes.len();
        if pictures.pixels.len() != n * shape.iter().product::<usize>() || pictures.numbers.len() != n {
            return Err(Error::shape(
                "The pictures",
                format!("{n} of shape {}, a number for each", shape.told()),
                format!("{} bytes and {} numbers", pictures.pixels.len(), pictures.numbers.len()),
            ));
        }
        if training.is_empty() {
            return Err(Error::data("a picture to learn from", "none"));
        }
        let n_classes = model.spec().labels.len();
        let labels = training.iter().map(|&i| pictures.classes[i as usize]);
        let weights = ClassWeights::Balanced.of(labels, n_classes);
        let mut graph = model.graph().frozen(&model.params, &model.state);
        let logits = graph.output();
        let n_backbone = model.params.len() - graph.nodes()[logits].params.len();
        let source = match options.unfrozen {
            Unfrozen::LastBlock => last_block(&graph),
            Unfrozen::All => None,
        };
        graph.push(Loss::cross_entropy().class_weights(weights), &[logits])?;
        let plan = match source {
            Some(source) => Plan::compile_to(graph, BATCH, source, &[logits])?,
            None => Plan::compile(graph, BATCH, Mode::Training, &[logits])?,
        };
        let judge = Plan::compile(model.graph().clone().fused(), JUDGED_AT_ONCE, Mode::Inference, &[])?;
        let adam = OptimizerSpec::Adam { beta1: 0.9, beta2: 0.99, epsilon: 1e-8 };
        let optimizers = [
            Optimizer::new(&adam, 0.0, n_backbone)?,
            Optimizer::new(&adam, 0.0, model.params.len() - n_backbone)?,
        ];
        Ok(FineTuner {
            sampler: Sampler::new(shape, &usual_variation(shape))?,
            d_params: vec![0.0; model.params.len()],
            mean: Average::new(&model.params, KEPT),
            model,
            options,
            pictures,
            plan,
            judge,
            optimizers,
            n_backbone,
            training,
            order: Vec::new(),
            step: 0,
        })
    }

    /// Where it got to, and what it learnt from.
    pub fn into_parts(mut self) -> (Model, Pictures) {
        self.model.params = self.mean.params;
        (self.model, self.pictures)
    }

    /// Steps of an epoch.
    pub fn steps_per_epoch(&self) -> u32 {
        self.training.len().div_ceil(BATCH) as u32
    }

    /// Steps of all epochs.
    pub fn n_steps(&self) -> u32 {
        self.steps_per_epoch() * self.options.epochs
    }

    /// Steps taken.
    pub fn step(&self) -> u32 {
        self.step
    }

    /// Takes the next step.
    ///
    /// # Errors
    /// [`Error::NonFinite`].
    pub fn advance(&mut self) -> Result<()> {
        let (epoch, at) = (self.step / self.steps_per_epoch(), self.step % self.steps_per_epoch());
        if at == 0 {
            self.order.clear();
            shuffle_into(&self.training, self.options.seed, u64::from(epoch), &mut self.order);
        }
        // As equal as can be: a last step of one picture would be a wild one.
        let n_steps = self.steps_per_epoch() as usize;
        let start = self.order.len() * at as usize / n_steps;
        let end = self.order.len() * (at as usize + 1) / n_steps;
        let chosen = &self.order[start..end];
        let spec = self.model.spec();
        let len: usize = spec.input_shape.iter().product();
        let (mean, inverse_deviation) = spec.preprocessing.normalization(spec.input_shape[2]);
        let input = self.plan.input_mut(0, chosen.len());
        for (&i, out) in chosen.iter().zip(input.chunks_exact_mut(len)) {
            let picture = &self.pictures.pixels[i as usize * len..][..len];
            // View 0 is the picture as it is.
            let view = u64::from(epoch) + 1;
            let mut rng = example_rng(self.options.seed, view, self.pictures.numbers[i as usize]);
            self.sampler.write(picture, &mut rng, &mean, &inverse_deviation, out);
        }
        let classes: Vec<u32> = chosen.iter().map(|&i| self.pictures.classes[i as usize]).collect();
        let targets = Targets::Classes(&classes);
        let step = Step { batch: chosen.len(), targets, seed: 0, loss_scale: 1.0 / chosen.len() as f32 };
        self.plan.forward(&self.model.params, &mut self.model.state, step);
        self.plan.backward(&self.model.params, step, &mut self.d_params);
        let loss: f32 = self.plan.value(self.plan.graph().output(), chosen.len()).iter().sum();
        if !loss.is_finite() || self.d_params.iter().any(|d| !d.is_finite()) {
            return Err(Box::new(Error::NonFinite { step: u64::from(self.step), loss }));
        }
        let (step, n_steps) = (u64::from(self.step), u64::from(self.n_steps()));
        let rate = Schedule::Cosine { final_factor: 0.0 }.learning_rate(1.0, 0, step, n_steps);
        let (backbone, head) = self.model.params.split_at_mut(self.n_backbone);
        let (d_backbone, d_head) = self.d_params.split_at(self.n_backbone);
        self.optimizers[0].step(self.options.learning_rate * rate, backbone, d_backbone, &[]);
        self.optimizers[1].step(self.options.head_rate * rate, head, d_head, &[]);
        self.step += 1;
        self.mean.add(&self.model.params, u64::from(self.step));
        Ok(())
    }

    /// How these of the pictures are answered.
    pub fn judge(&mut self, which: &[u32]) -> Judgment {
        let spec = self.model.spec();
        let len: usize = spec.input_shape.iter().product();
        let n_classes = spec.labels.len();
        let (mean, inverse_deviation) = spec.preprocessing.normalization(spec.input_shape[2]);
        let mut judgment = Judgment::default();
        for part in which.chunks(JUDGED_AT_ONCE) {
            let input = self.judge.input_mut(0, part.len());
            for (&i, out) in part.iter().zip(input.chunks_exact_mut(len)) {
                write_plain(&self.pictures.pixels[i as usize * len..][..len], &mean, &inverse_deviation, out);
            }
            let step = Step { batch: part.len(), targets: Targets::None, seed: 0, loss_scale: 0.0 };
            self.judge.forward(&self.mean.params, &mut self.model.state, step);
            let logits = self.judge.value(self.judge.graph().output(), part.len());
            for (logits, &i) in logits.chunks_exact(n_classes).zip(part) {
                let class = self.pictures.classes[i as usize] as usize;
                let best = (1..n_classes).fold(0, |best, k| if logits[k] > logits[best] { k } else { best });
                let sum: f32 = logits.iter().map(|x| exp(x - logits[best])).sum();
                judgment.loss += (ln(sum) + logits[best] - logits[class]) / which.len() as f32;
                judgment.n_right += usize::from(best == class);
                judgment.answers.push(best as u32);
            }
        }
        judgment
    }
}

/// The node whose output the layers read that come after the last one which made the maps half as large, or smaller.
fn last_block(graph: &Graph) -> Option<NodeId> {
    let nodes = graph.nodes();
    let has_maps = |id: NodeId| nodes[id].shape.len() == 3;
    let last = (0..nodes.len()).rev().find(|&id| has_maps(id) && !nodes[id].params.is_empty())?;
    let id = (1..=last).rev().find(|&id| {
        let (height, from) = (nodes[id].shape[0], nodes[nodes[id].inputs[0]].shape[0]);
        // A convolution whose filters hardly fit halves small maps, too, without being meant to.
        has_maps(id) && 2 * height <= from + 1 && (nodes[id].params.is_empty() || from >= LEAST_STRIDED)
    })?;
    Some(if nodes[id].params.is_empty() { id } else { nodes[id].inputs[0] })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::handwriting;
    use crate::model::zoo;

    fn pictures(n: usize) -> (Model, Pictures) {
        let digits = handwriting::generate(n, 3).unwrap();
        let pictures =
            Pictures { pixels: digits.pixels, classes: digits.labels, numbers: (0..n as u32).collect() };
        (Model::create(zoo::preset("digits").unwrap(), 1).unwrap(), pictures)
    }

    fn options(unfrozen: Unfrozen) -> FineTuneOptions {
        FineTuneOptions {
            epochs: 3,
            learning_rate: 1e-3,
            head_rate: 1e-3,
            ..FineTuneOptions::usual(unfrozen, 40, 1)
        }
    }

    #[test]
    fn only_the_last_block_learns_where_only_it_may_and_normalization_never() {
        let all = (0..40).collect::<Vec<u32>>();
        for (unfrozen, first_moves) in [(Unfrozen::LastBlock, false), (Unfrozen::All, true)] {
            let (model, pictures) = pictures(40);
            let mut tuner = FineTuner::new(model.clone(), pictures, all.clone(), options(unfrozen)).unwrap();
            let before = tuner.judge(&all);
            while tuner.step() < tuner.n_steps() {
                tuner.advance().unwrap();
            }
            let after = tuner.judge(&all);
            assert!(after.loss < before.loss, "{} {}", before.loss, after.loss);
            let tuned = tuner.into_parts().0;
            assert_eq!(tuned.state, model.state);
            let moved = |node: &str| {
                let node = model.graph().nodes().iter().find(|one| one.name == node).unwrap();
                tuned.params[node.params.clone()] != model.params[node.params.clone()]
            };
            assert_eq!(["conv2d_1", "conv2d_4"].map(moved), [first_moves; 2]);
            assert!(["conv2d_5", "conv2d_6", "dense_1"].map(moved) == [true; 3]);
            assert!(["batch_norm_1", "batch_norm_6"].map(moved) == [false; 2]);
        }
    }

    #[test]
    fn pictures_that_do_not_fit_are_refused() {
        let (model, pictures) = pictures(40);
        let refused = |pictures: Pictures, training: Vec<u32>| {
            FineTuner::new(model.clone(), pictures, training, options(Unfrozen::All)).unwrap_err().code()
        };
        assert_eq!(refused(pictures.clone(), Vec::new()), "data");
        assert_eq!(refused(Pictures { numbers: vec![1], ..pictures.clone() }, vec![0]), "shape");
        assert_eq!(refused(Pictures { pixels: vec![0; 5], ..pictures }, vec![0]), "shape");
    }

    #[test]
    fn the_last_block_begins_where_the_maps_were_last_made_smaller() {
        let name = |preset: &str| {
            let model = Model::create(zoo::preset(preset).unwrap(), 1).unwrap();
            last_block(model.graph()).map(|id| model.graph().nodes()[id].name.clone())
        };
        assert_eq!(name("digits").as_deref(), Some("max_pool2d_2"));
        assert_eq!(name("photos").as_deref(), Some("max_pool2d_2"));
        assert_eq!(name("logistic"), None);
    }
}
