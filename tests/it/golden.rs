//! Every operator, all losses and two whole networks against what PyTorch answers
//! (`tests/golden/make_networks.py`): outputs, losses, gradients, and parameters after ten steps.

use ocelli::data::Dataset;
use ocelli::graph::{
    Backward, Forward, Graph, Initial, Keeps, Mode, NodeId, Operator, ParamSpec, Shape, Targets,
};
use ocelli::model::{LayerSpec, Model, ModelSpec, push_layers};
use ocelli::ops::{Input, Loss, LossKind};
use ocelli::plan::{Plan, Step};
use ocelli::train::optimizer::OptimizerSpec;
use ocelli::train::{InTurn, TrainOptions, Trainer};
use serde::Deserialize;

/// Largest error of an operator and of a network's loss and gradient, as a share of the largest number.
const TOLERANCE: f64 = 1e-5;
/// Largest error after ten steps.
const TEN_STEPS_TOLERANCE: f64 = 1e-4;

/// Numbers that are the same in PyTorch's f64 and our f32.
#[derive(Deserialize, Default)]
struct Exact {
    over: i32,
    integers: Vec<i32>,
}

impl Exact {
    fn values(&self) -> Vec<f32> {
        self.integers.iter().map(|&integer| integer as f32 / self.over as f32).collect()
    }
}

#[derive(Deserialize)]
struct Operators {
    operators: Vec<OperatorCase>,
    losses: Vec<LossCase>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct OperatorCase {
    layer: LayerSpec,
    input_shape: Shape,
    batch: usize,
    input: Exact,
    params: Exact,
    output_shape: Shape,
    output: Vec<f64>,
    /// Running statistics of a case in inference, which has no gradients.
    state: Option<Exact>,
    #[serde(default)]
    weights: Exact,
    #[serde(default)]
    d_input: Vec<f64>,
    #[serde(default)]
    d_params: Vec<f64>,
    #[serde(default)]
    state_after: Vec<f64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct LossCase {
    loss: String,
    logits: Exact,
    n_outputs: usize,
    losses: Vec<f64>,
    d_logits: Vec<f64>,
    labels: Option<Vec<u32>>,
    values: Option<Exact>,
    #[serde(default)]
    label_smoothing: f32,
    #[serde(default)]
    class_weights: Vec<f32>,
}

#[derive(Deserialize)]
struct Network {
    name: String,
    spec: ModelSpec,
    pixels: Vec<u8>,
    labels: Vec<u32>,
    params: Exact,
    loss: f64,
    gradient: Vec<f64>,
    runs: Vec<Run>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    optimizer: OptimizerSpec,
    learning_rate: f32,
    weight_decay: f32,
    losses: Vec<f64>,
    params: Vec<f64>,
    state: Vec<f64>,
}

/// Answers its parameters, a part for each example: as the first node it makes the next node's gradient of
/// its input one of the plan's gradients of parameters.
#[derive(Debug)]
struct Given {
    shape: Shape,
    batch: usize,
}

impl Operator for Given {
    fn name(&self) -> &'static str {
        "given"
    }

    fn output_shape(&self, _inputs: &[&[usize]]) -> ocelli::Result<Shape> {
        Ok(self.shape.clone())
    }

    fn params(&self, _inputs: &[&[usize]]) -> Vec<ParamSpec> {
        let shape = [&[self.batch], &self.shape[..]].concat();
        vec![ParamSpec { name: "values", shape, initial: Initial::Zeros }]
    }

    fn forward(&self, cx: Forward<'_>) {
        cx.output.copy_from_slice(cx.params);
    }

    fn backward(&self, cx: Backward<'_>) {
        cx.d_params.iter_mut().zip(cx.d_output).for_each(|(d, d_y)| *d += *d_y);
    }
}

/// `loss = Σ targets · x`.
#[derive(Debug)]
struct Weighted;

impl Operator for Weighted {
    fn name(&self) -> &'static str {
        "weighted"
    }

    fn output_shape(&self, _inputs: &[&[usize]]) -> ocelli::Result<Shape> {
        Ok(vec![1])
    }

    fn keeps(&self) -> Keeps {
        Keeps { inputs: true, ..Keeps::default() }
    }

    fn forward(&self, cx: Forward<'_>) {
        cx.output.fill(0.0);
    }

    fn backward(&self, cx: Backward<'_>) {
        let Targets::Values(weights) = cx.targets else { return };
        let [d_x, _] = cx.d_inputs;
        d_x.iter_mut().zip(weights).for_each(|(d, w)| *d += cx.loss_scale * w);
    }
}

/// An input of one number, that nothing reads, and the values of the case after it.
fn graph_of(shape: &[usize], batch: usize) -> (Graph, NodeId) {
    let mut graph = Graph::default();
    let nothing = graph.push(Input { shape: vec![1] }, &[]).expect("an input");
    let given = graph.push(Given { shape: shape.to_vec(), batch }, &[nothing]).expect("a node");
    (graph, given)
}

/// Fails when a number is off by more than `tolerance` of the largest expected.
fn check(what: &str, got: &[f32], expected: &[f64], tolerance: f64) {
    assert_eq!(got.len(), expected.len(), "{what}");
    let largest = expected.iter().fold(1e-3f64, |largest, x| largest.max(x.abs()));
    for (i, (&got, &expected)) in got.iter().zip(expected).enumerate() {
        let error = (f64::from(got) - expected).abs() / largest;
        assert!(error <= tolerance, "{what}[{i}]: {got} against {expected}, off by {error:e}");
    }
}

fn operators() -> Operators {
    serde_json::from_str(include_str!("../golden/operators.json")).expect("what the script wrote")
}

#[test]
fn operators_answer_and_derive_as_pytorch_does() {
    for case in operators().operators {
        let what = format!("{:?} of {:?}", case.layer, case.input_shape);
        let mode = if case.state.is_some() { Mode::Inference } else { Mode::Training };
        let (mut graph, given) = graph_of(&case.input_shape, case.batch);
        let output =
            push_layers(&mut graph, std::slice::from_ref(&case.layer), given).expect("PyTorch took it");
        assert_eq!(graph.nodes()[output].shape, case.output_shape, "{what}");
        graph.push(Weighted, &[output]).expect("a loss");
        let (input, params) = (case.input.values(), case.params.values());
        let all = [&input[..], &params[..]].concat();
        let mut state = vec![0.0; graph.state_len()];
        for (_, spec, range) in graph.state_tensors() {
            state[range].fill(spec.initial);
        }
        if let Some(given) = &case.state {
            state = given.values();
        }
        let mut plan = Plan::compile(graph, case.batch, mode, &[output]).expect("small");
        let weights = case.weights.values();
        let step = Step { batch: case.batch, targets: Targets::Values(&weights), seed: 0, loss_scale: 1.0 };
        plan.forward(&all, &mut state, step);
        check(&format!("{what}: output"), plan.value(output, case.batch), &case.output, TOLERANCE);
        if mode == Mode::Inference {
            continue;
        }
        check(&format!("{what}: running statistics"), &state, &case.state_after, TOLERANCE);
        let mut gradient = vec![0.0; all.len()];
        plan.backward(&all, step, &mut gradient);
        check(&format!("{what}: d_input"), &gradient[..input.len()], &case.d_input, TOLERANCE);
        check(&format!("{what}: d_params"), &gradient[input.len()..], &case.d_params, TOLERANCE);
    }
}

#[test]
fn losses_and_their_gradients_are_pytorchs() {
    for case in operators().losses {
        let logits = case.logits.values();
        let batch = logits.len() / case.n_outputs;
        let (mut graph, given) = graph_of(&[case.n_outputs], batch);
        let kind = LossKind::NAMES.iter().find(|(name, _)| *name == case.loss).expect("a known loss").1;
        let op = Loss::new(kind).label_smoothing(case.label_smoothing).class_weights(case.class_weights);
        let loss = graph.push(op, &[given]).expect("a loss");
        let values = case.values.unwrap_or_default().values();
        let targets = match &case.labels {
            Some(labels) => Targets::Classes(labels),
            None => Targets::Values(&values),
        };
        let mut plan = Plan::compile(graph, batch, Mode::Training, &[]).expect("small");
        let step = Step { batch, targets, seed: 0, loss_scale: 1.0 / batch as f32 };
        plan.forward(&logits, &mut [], step);
        check(&case.loss, plan.value(loss, batch), &case.losses, TOLERANCE);
        let mut gradient = vec![0.0; logits.len()];
        plan.backward(&logits, step, &mut gradient);
        check(&format!("{}: d_logits", case.loss), &gradient, &case.d_logits, TOLERANCE);
    }
}

fn networks() -> Vec<Network> {
    serde_json::from_str(include_str!("../golden/networks.json")).expect("what the script wrote")
}

impl Network {
    fn model(&self) -> Model {
        let mut model = Model::create(self.spec.clone(), 1).expect("a sound spec");
        model.params.copy_from_slice(&self.params.values());
        model
    }

    fn dataset(&self) -> Dataset {
        let names = self.spec.labels.clone();
        Dataset::new(self.spec.input_shape, self.pixels.clone(), self.labels.clone(), names)
            .expect("whole pictures")
    }
}

#[test]
fn networks_have_pytorchs_loss_and_gradient() {
    for network in networks() {
        let mut model = network.model();
        let batch = network.labels.len();
        let mut graph = model.graph().clone();
        let loss = graph.push(Loss::cross_entropy(), &[graph.output()]).expect("logits");
        let mut plan = Plan::compile(graph, batch, Mode::Training, &[]).expect("small");
        for (x, &pixel) in plan.input_mut(0, batch).iter_mut().zip(&network.pixels) {
            *x = f32::from(pixel) / 255.0;
        }
        let targets = Targets::Classes(&network.labels);
        let step = Step { batch, targets, seed: 0, loss_scale: 1.0 / batch as f32 };
        plan.forward(&model.params, &mut model.state, step);
        let mean = plan.value(loss, batch).iter().sum::<f32>() / batch as f32;
        check(&format!("{}: loss", network.name), &[mean], &[network.loss], TOLERANCE);
        let mut gradient = vec![0.0; model.params.len()];
        plan.backward(&model.params, step, &mut gradient);
        check(&format!("{}: gradient", network.name), &gradient, &network.gradient, TOLERANCE);
    }
}

#[test]
fn ten_steps_of_each_optimizer_lead_where_pytorchs_lead() {
    for network in networks() {
        let dataset = network.dataset();
        for run in &network.runs {
            let what = format!("{}, {:?}", network.name, run.optimizer);
            let mut model = network.model();
            // One batch of all examples and one shard: every step is an epoch.
            let options = TrainOptions {
                epochs: run.losses.len() as u32,
                batch_size: dataset.len(),
                shards: 1,
                optimizer: run.optimizer.clone(),
                learning_rate: run.learning_rate,
                weight_decay: run.weight_decay,
                validation_split: 0.0,
                ..TrainOptions::default()
            };
            let mut trainer = Trainer::new(&model, &dataset, options).expect("sound options");
            while !trainer.is_finished() {
                trainer.advance(&mut model, &dataset, &InTurn).expect("finite");
            }
            trainer.finish(&mut model);
            let losses: Vec<f32> = trainer.history().iter().map(|record| record.loss).collect();
            check(&format!("{what}: losses"), &losses, &run.losses, TEN_STEPS_TOLERANCE);
            check(&format!("{what}: params"), &model.params, &run.params, TEN_STEPS_TOLERANCE);
            check(&format!("{what}: state"), &model.state, &run.state, TEN_STEPS_TOLERANCE);
        }
    }
}
