//! The part of a batch that one worker computes, with all the memory it needs.

use super::mixing::Mixing;
use crate::data::Dataset;
use crate::data::augment::{Augmentation, Sampler};
use crate::data::loader::example_rng;
use crate::data::views::Views;
use crate::error::Result;
use crate::graph::{Graph, Mode, NodeId, Targets};
use crate::image::normalize::write_plain;
use crate::kernels::elementwise::add_assign;
use crate::kernels::math::ln;
use crate::kernels::softmax::softmax;
use crate::model::Model;
use crate::ops::Loss;
use crate::plan::{Gradient, Plan, Product, Step};
use crate::rng::{Rng, mix};

/// Tells this use of a seed from every other.
const MIXING_STREAM: u64 = 0x6d6978; // "mix"

/// Who computes the shards: one after the other, or threads that the caller has. The result is the same.
pub trait Executor {
    /// Calls `work` once for each shard and returns when all are done.
    fn run(&self, shards: &mut [Shard], work: &(dyn Fn(&mut Shard) + Sync));
}

/// Computes shards one after the other.
#[derive(Clone, Copy, Debug, Default)]
pub struct InTurn;

impl Executor for InTurn {
    fn run(&self, shards: &mut [Shard], work: &(dyn Fn(&mut Shard) + Sync)) {
        shards.iter_mut().for_each(work);
    }
}

/// A plan with its examples, gradient and statistics.
#[derive(Debug)]
pub struct Shard {
    plan: Plan,
    logits: NodeId,
    /// The first of the last nodes, whose gradient is ready early.
    cut: NodeId,
    capacity: usize,
    shard_idx: u64,
    sampler: Option<Sampler>,
    mean: Vec<f32>,
    inverse_deviation: Vec<f32>,
    /// Which examples of the data set to compute next.
    pub(super) indices: Vec<u32>,
    labels: Vec<u32>,
    pub(super) mixing: Mixing,
    /// Targets of mixed examples; of no use while nothing is mixed.
    targets: Vec<f32>,
    /// Gradient of the loss, without what is left in [`factors`](Self::factors); of no length in inference.
    pub(super) d_params: Vec<f32>,
    /// The model's running statistics, moved by this shard's examples.
    pub(super) state: Vec<f32>,
}

/// What a training step tells its shards.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    pub seed: u64,
    pub epoch: u64,
    pub step: u64,
    pub loss_scale: f32,
}

impl Shard {
    /// A shard of up to `capacity` examples.
    pub(super) fn new(
        model: &Model,
        capacity: usize,
        mode: Mode,
        loss: Loss,
        augmentation: &Augmentation,
        shard_idx: usize,
    ) -> Result<Shard> {
        let (graph, logits) = with_loss(model, loss)?;
        let (cut, n_params) = (cut_of(&graph), graph.n_params());
        let channels = model.spec().input_shape[2];
        let (mean, inverse_deviation) = model.spec().preprocessing.normalization(channels);
        let varied = mode.is_training() && !augmentation.is_off();
        let sampler = if varied { Some(Sampler::new(model.spec().input_shape, augmentation)?) } else { None };
        Ok(Shard {
            plan: match mode {
                Mode::Training => Plan::compile_in_factors(graph, capacity, &[logits])?,
                Mode::Inference => Plan::compile(graph, capacity, mode, &[logits])?,
            },
            logits,
            cut,
            capacity,
            shard_idx: shard_idx as u64,
            sampler,
            mean,
            inverse_deviation,
            indices: Vec::with_capacity(capacity),
            labels: Vec::with_capacity(capacity),
            mixing: Mixing::default(),
            targets: vec![0.0; if mode == Mode::Training { capacity * model.spec().labels.len() } else { 0 }],
            d_params: vec![0.0; if mode.is_training() { n_params } else { 0 }],
            state: model.state.clone(),
        })
    }

    /// Examples at hand.
    pub(super) fn n_examples(&self) -> usize {
        self.indices.len()
    }

    /// Elements of the plan's arena.
    pub fn arena_len(&self) -> usize {
        self.plan.arena_len()
    }

    /// Labels of the examples at hand, after a computation.
    pub(super) fn labels(&self) -> &[u32] {
        &self.labels
    }

    /// Logits of the examples at hand, after a computation.
    pub(super) fn logits(&self) -> &[f32] {
        self.plan.value(self.logits, self.n_examples())
    }

    /// Losses of the examples at hand, after a computation.
    pub(super) fn losses(&self) -> &[f32] {
        self.plan.value(self.plan.graph().output(), self.n_examples())
    }

    /// The parameters whose gradient stays in factors.
    pub(super) fn products(&self) -> Vec<Product> {
        self.plan.products()
    }

    /// The two factors of a product after a computation, with a row for each example at hand.
    pub(super) fn factors(&self, product: &Product) -> [&[f32]; 2] {
        self.plan.factors(product, self.n_examples())
    }

    /// The most examples it takes.
    pub(super) fn capacity(&self) -> usize {
        self.capacity
    }

    /// Where the gradient of the last nodes begins, which [`train_end`](Self::train_end) is done with.
    pub(super) fn end_of_gradient(&self) -> usize {
        self.plan.graph().nodes()[self.cut].params.start
    }

    /// Takes over losses and logits of the examples at hand from where they were computed.
    #[inline(never)]
    pub(super) fn read(&mut self, dataset: &Dataset, take: &mut dyn FnMut(&mut [f32])) {
        self.read_labels(dataset);
        let n = self.n_examples();
        let losses = self.plan.graph().output();
        take(self.plan.value_mut(losses, n));
        take(self.plan.value_mut(self.logits, n));
    }

    fn read_labels(&mut self, dataset: &Dataset) {
        self.labels.clear();
        self.labels.extend(self.indices.iter().map(|&idx| dataset.labels[idx as usize]));
    }

    /// Fills the input slot with the examples at hand.
    fn load(&mut self, dataset: &Dataset, seed: u64, epoch: u64) {
        let n = self.n_examples();
        self.read_labels(dataset);
        let input = self.plan.input_mut(0, n);
        for (&idx, out) in self.indices.iter().zip(input.chunks_exact_mut(dataset.example_len())) {
            let example = dataset.example(idx as usize);
            match &mut self.sampler {
                Some(sampler) => {
                    let mut rng = example_rng(seed, epoch, idx);
                    sampler.write(example, &mut rng, &self.mean, &self.inverse_deviation, out);
                }
                None => write_plain(example, &self.mean, &self.inverse_deviation, out),
            }
        }
    }

    /// Gradient, losses and logits of the examples at hand.
    pub(super) fn train(&mut self, dataset: &Dataset, params: &[f32], moment: Moment) {
        self.train_end(dataset, params, moment);
        self.train_rest(params, moment);
    }

    /// The first part of [`train`](Self::train): all but the gradient of the nodes before the last ones.
    #[inline(never)]
    pub(super) fn train_end(&mut self, dataset: &Dataset, params: &[f32], moment: Moment) {
        if self.n_examples() == 0 {
            self.d_params.fill(0.0);
            return;
        }
        self.load(dataset, moment.seed, moment.epoch);
        let n = self.n_examples();
        let seed = self.seed(moment);
        if !self.mixing.is_off() {
            let n_outputs = self.plan.graph().nodes()[self.logits].len();
            self.targets.resize(n * n_outputs, 0.0);
            let input = self.plan.input_mut(0, n);
            let mut rng = Rng::new(seed, MIXING_STREAM);
            self.mixing.apply(&mut rng, dataset.shape, &self.labels, input, &mut self.targets);
        }
        let targets = targets(&self.mixing, &self.labels, &self.targets);
        let step = Step { batch: n, targets, seed, loss_scale: moment.loss_scale };
        self.plan.forward(params, &mut self.state, step);
        let end = self.cut..self.plan.graph().nodes().len();
        self.plan.backward_through(params, step, &mut self.d_params, end);
    }

    /// What [`train_end`](Self::train_end) left out.
    #[inline(never)]
    pub(super) fn train_rest(&mut self, params: &[f32], moment: Moment) {
        let n = self.n_examples();
        if n == 0 {
            return;
        }
        let targets = targets(&self.mixing, &self.labels, &self.targets);
        let step = Step { batch: n, targets, seed: self.seed(moment), loss_scale: moment.loss_scale };
        self.plan.backward_through(params, step, &mut self.d_params, 0..self.cut);
    }

    fn seed(&self, moment: Moment) -> u64 {
        mix(&[moment.seed, moment.step, self.shard_idx])
    }

    /// [`infer`](Self::infer) with the mean of the probabilities over several views: the logits are then its logarithms.
    pub(super) fn infer_views(&mut self, dataset: &Dataset, params: &[f32], views: &Views) {
        let n = self.n_examples();
        if views.n() == 1 || n == 0 {
            self.infer(dataset, params);
            return;
        }
        self.read_labels(dataset);
        let n_classes = self.logits().len() / n;
        let mut mean = vec![0.0; n * n_classes];
        let mut probabilities = mean.clone();
        let mut seen = vec![0; dataset.example_len()];
        for view in 0..views.n() {
            let input = self.plan.input_mut(0, n);
            for (&idx, out) in self.indices.iter().zip(input.chunks_exact_mut(dataset.example_len())) {
                views.write(view, dataset.shape, dataset.example(idx as usize), &mut seen);
                write_plain(&seen, &self.mean, &self.inverse_deviation, out);
            }
            let targets = Targets::Classes(&self.labels);
            self.plan.forward(params, &mut self.state, Step { batch: n, targets, seed: 0, loss_scale: 0.0 });
            softmax(self.logits(), n_classes, &mut probabilities);
            add_assign(&mut mean, &probabilities);
        }
        // Nothing is less likely than the least number that has a logarithm.
        let logarithm = |sum: f32| ln((sum / views.n() as f32).max(f32::MIN_POSITIVE));
        let losses = self.plan.graph().output();
        for (loss, (row, &label)) in
            self.plan.value_mut(losses, n).iter_mut().zip(mean.chunks_exact(n_classes).zip(&self.labels))
        {
            *loss = -logarithm(row[label as usize]);
        }
        for (logit, &sum) in self.plan.value_mut(self.logits, n).iter_mut().zip(&mean) {
            *logit = logarithm(sum);
        }
    }

    /// Losses and logits of the examples at hand, by running statistics.
    pub(super) fn infer(&mut self, dataset: &Dataset, params: &[f32]) {
        if self.n_examples() == 0 {
            return;
        }
        self.load(dataset, 0, 0);
        let step = Step {
            batch: self.n_examples(),
            targets: Targets::Classes(&self.labels),
            seed: 0,
            loss_scale: 0.0,
        };
        self.plan.forward(params, &mut self.state, step);
    }
}

/// What the examples at hand should be answered.
fn targets<'a>(mixing: &Mixing, labels: &'a [u32], mixed: &'a [f32]) -> Targets<'a> {
    if mixing.is_off() { Targets::Classes(labels) } else { Targets::Values(mixed) }
}

/// The first of the last nodes that have half of the parameters or more: the backward pass begins with them, so their gradient
/// is done while most of it is still to come.
fn cut_of(graph: &Graph) -> NodeId {
    let half = graph.n_params() / 2;
    let nodes = graph.nodes();
    nodes.iter().rposition(|node| !node.params.is_empty() && node.params.start <= half).unwrap_or(0)
}

/// The graph that a shard runs, and its logits.
pub(super) fn with_loss(model: &Model, loss: Loss) -> Result<(Graph, NodeId)> {
    let mut graph: Graph = model.graph().clone();
    let logits = graph.output();
    graph.push(loss, &[logits])?;
    let graph = graph.fused();
    let logits = graph.nodes()[graph.output()].inputs[0];
    Ok((graph, logits))
}

/// How many examples `n_shards` shards compute in one round of training: `most`, or half of it as often as it takes for
/// all shards together to have at most `most_numbers` numbers in memory.
///
/// # Errors
/// [`Error::Limit`](crate::Error::Limit) when not even one example a shard can be computed.
pub(super) fn fitting_round(
    model: &Model,
    loss: &Loss,
    n_shards: usize,
    most: usize,
    most_numbers: usize,
) -> Result<usize> {
    let (graph, logits) = with_loss(model, loss.clone())?;
    let mut round = most;
    loop {
        let batch = round.div_ceil(n_shards);
        let len = Plan::arena_len_of(&graph, batch, Mode::Training, &[logits], Gradient::InFactors);
        match len {
            Ok(len) if len.saturating_mul(n_shards) <= most_numbers => return Ok(round),
            len if round <= n_shards => return len.map(|_| round),
            _ => round = (round / 2).max(n_shards.min(most)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::zoo;
    use crate::train::shard_sum::GradientSum;

    #[test]
    fn rounds_are_halved_until_all_shards_fit_in_memory() {
        let model = Model::create(zoo::preset("resnet8").unwrap(), 1).unwrap();
        let loss = Loss::cross_entropy();
        let round = |n_shards, most, most_numbers| fitting_round(&model, &loss, n_shards, most, most_numbers);
        let needed = |round: usize| {
            let shard =
                Shard::new(&model, round / 4, Mode::Training, loss.clone(), &Augmentation::default(), 0);
            4 * shard.unwrap().arena_len()
        };
        assert_eq!(round(4, 64, needed(64)).unwrap(), 64);
        assert_eq!(round(4, 64, needed(64) - 1).unwrap(), 32);
        assert_eq!(round(4, 64, needed(16)).unwrap(), 16);
        assert_eq!(round(4, 64, 1).unwrap(), 4, "one example a shard is always tried");
        assert_eq!(round(8, 3, 1).unwrap(), 3);
    }

    #[test]
    fn the_last_layers_gradient_is_half_of_it_or_more_and_done_before_the_rest() {
        let digits = crate::data::generated::generate("handwriting", 8, 1).unwrap();
        for preset in ["logistic", "keras-cnn", "resnet8"] {
            let spec = zoo::preset_for(preset, digits.shape, &digits.class_names).unwrap();
            let model = Model::create(spec, 1).unwrap();
            let [mut shard, mut whole] = [(), ()].map(|()| {
                let none = Augmentation::default();
                let mut shard =
                    Shard::new(&model, 8, Mode::Training, Loss::cross_entropy(), &none, 0).unwrap();
                shard.indices.extend(0..8);
                // What an earlier step left must not stay.
                shard.d_params.fill(9.0);
                shard
            });
            let moment = Moment { seed: 1, epoch: 0, step: 0, loss_scale: 0.125 };
            let sum = |shard: &mut Shard, range| {
                let shards = std::slice::from_mut(shard);
                GradientSum::of(shards).run(shards, range, &mut |_| {});
            };
            whole.train(&digits, &model.params, moment);
            sum(&mut whole, 0..model.params.len());
            shard.train_end(&digits, &model.params, moment);
            let start = shard.end_of_gradient();
            assert!(start <= model.params.len() / 2, "{preset}");
            sum(&mut shard, start..model.params.len());
            assert_eq!(shard.d_params[start..], whole.d_params[start..], "{preset}");
            shard.train_rest(&model.params, moment);
            sum(&mut shard, 0..start);
            assert_eq!(shard.d_params, whole.d_params, "{preset}");
            assert!(whole.d_params.iter().all(|d| *d != 9.0), "{preset}");
        }
    }

    #[test]
    fn a_network_that_no_memory_holds_is_refused() {
        use crate::model::ModelSpec;
        let spec = ModelSpec::new([2048, 2048, 3], &["a", "b"]).conv2d(32, 3).relu().conv2d(32, 3).relu();
        let spec = spec.global_average_pool2d().dense(2);
        let model = Model::create(spec, 1).unwrap();
        let refused = fitting_round(&model, &Loss::cross_entropy(), 4, 64, 300_000_000).unwrap_err();
        assert_eq!(refused.code(), "limit");
    }
}
