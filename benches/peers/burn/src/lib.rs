//! Burn in the browser, for the benchmark: its CPU backend "flex", and its autodiff over it for training.

#[path = "../../program.rs"]
mod program;

use burn::backend::{Autodiff, Flex};
use burn::module::AutodiffModule;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::{BatchNorm, BatchNormConfig, Linear, LinearConfig, PaddingConfig2d};
use burn::optim::{AdamConfig, GradientsParams, Optimizer, SgdConfig, momentum::MomentumConfig};
use burn::prelude::*;
use burn::tensor::activation::{relu, softmax};
use burn::tensor::module::{adaptive_avg_pool2d, max_pool2d};
use wasm_bindgen::prelude::*;

use program::Op;

type Inference = Flex;
type Training = Autodiff<Flex>;

/// All that has parameters, in the order of the program.
#[derive(Module, Debug)]
struct Weights<B: Backend> {
    convs: Vec<Conv2d<B>>,
    norms: Vec<BatchNorm<B>>,
    linears: Vec<Linear<B>>,
}

impl<B: Backend> Weights<B> {
    fn new(ops: &[Op], device: &B::Device) -> Weights<B> {
        let mut weights = Weights { convs: Vec::new(), norms: Vec::new(), linears: Vec::new() };
        for op in ops {
            match *op {
                Op::Conv { in_c, out_c, kernel, stride, pad, groups, bias } => {
                    let config = Conv2dConfig::new([in_c, out_c], [kernel; 2])
                        .with_stride([stride; 2])
                        .with_padding(PaddingConfig2d::Explicit(pad, pad, pad, pad))
                        .with_groups(groups)
                        .with_bias(bias);
                    weights.convs.push(config.init(device));
                }
                Op::Norm { channels, epsilon } => {
                    weights.norms.push(BatchNormConfig::new(channels).with_epsilon(epsilon).init(device));
                }
                Op::Dense { inputs, units } => {
                    weights.linears.push(LinearConfig::new(inputs, units).init(device));
                }
                _ => {}
            }
        }
        weights
    }

    /// The logits.
    fn forward(&self, ops: &[Op], x: Tensor<B, 4>) -> Tensor<B, 2> {
        let (mut convs, mut norms, mut linears) = (self.convs.iter(), self.norms.iter(), self.linears.iter());
        let [n, ..] = x.dims();
        let (mut x, mut flat, mut saved) = (x, None::<Tensor<B, 2>>, Vec::new());
        for op in ops {
            match (op, flat.take()) {
                (Op::Dense { .. }, Some(rows)) => {
                    flat = Some(linears.next().expect("a layer for each op").forward(rows));
                }
                (Op::Relu, Some(rows)) => flat = Some(relu(rows)),
                (Op::Flatten, _) => flat = Some(x.clone().reshape([n as i32, -1])),
                (Op::GlobalAverage, _) => {
                    flat = Some(adaptive_avg_pool2d(x.clone(), [1, 1]).reshape([n as i32, -1]));
                }
                (op, _) => x = self.picture_op(op, x, &mut convs, &mut norms, &mut saved),
            }
        }
        flat.expect("a job ends in a dense layer")
    }

    fn picture_op<'a>(
        &self,
        op: &Op,
        x: Tensor<B, 4>,
        convs: &mut impl Iterator<Item = &'a Conv2d<B>>,
        norms: &mut impl Iterator<Item = &'a BatchNorm<B>>,
        saved: &mut Vec<Tensor<B, 4>>,
    ) -> Tensor<B, 4>
    where
        B: 'a,
    {
        match *op {
            Op::Conv { .. } => convs.next().expect("a layer for each op").forward(x),
            Op::Norm { .. } => norms.next().expect("a layer for each op").forward(x),
            Op::Relu => relu(x),
            Op::Relu6 => x.clamp(0.0, 6.0),
            Op::MaxPool(size) => max_pool2d(x, [size; 2], [size; 2], [0; 2], [1; 2], false),
            Op::Save => {
                saved.push(x.clone());
                x
            }
            Op::Swap => std::mem::replace(saved.last_mut().expect("a save before"), x),
            Op::Add => saved.pop().expect("a save before") + x,
            Op::Flatten | Op::GlobalAverage | Op::Dense { .. } => unreachable!("not of pictures"),
        }
    }
}

type Step = Box<dyn FnMut(Weights<Training>, GradientsParams) -> Weights<Training>>;

#[wasm_bindgen]
pub struct Network {
    ops: Vec<Op>,
    shape: [usize; 3],
    inference: Weights<Inference>,
    training: Option<(Weights<Training>, Step)>,
}

#[wasm_bindgen]
impl Network {
    /// A network of a job's layers.
    #[wasm_bindgen(constructor)]
    pub fn new(json: &str) -> Result<Network, String> {
        let (shape, ops) = program::program(json)?;
        let inference = Weights::<Training>::new(&ops, &Default::default()).valid();
        Ok(Network { ops, shape, inference, training: None })
    }

    /// Probabilities of `batch` pictures.
    pub fn predict(&self, pictures: &[f32], batch: usize) -> Vec<f32> {
        let x = input::<Inference>(pictures, batch, self.shape);
        let probabilities = softmax(self.inference.forward(&self.ops, x), 1);
        probabilities.into_data().to_vec().expect("floats come out")
    }

    /// Makes steps possible, by `adam` or `momentum`.
    #[wasm_bindgen(js_name = startTraining)]
    pub fn start_training(&mut self, optimizer: &str) {
        let weights = Weights::<Training>::new(&self.ops, &Default::default());
        let step: Step = if optimizer == "adam" {
            let mut adam = AdamConfig::new().init();
            Box::new(move |weights, gradients| adam.step(0.001, weights, gradients))
        } else {
            let momentum = MomentumConfig { momentum: 0.9, dampening: 0.0, nesterov: false };
            let mut sgd = SgdConfig::new().with_momentum(Some(momentum)).init();
            Box::new(move |weights, gradients| sgd.step(0.01, weights, gradients))
        };
        self.training = Some((weights, step));
    }

    /// One step; returns the loss.
    #[wasm_bindgen(js_name = trainStep)]
    pub fn train_step(&mut self, pictures: &[f32], labels: &[u8]) -> Result<f32, String> {
        let (weights, mut step) = self.training.take().ok_or("startTraining comes first")?;
        let x = input::<Training>(pictures, labels.len(), self.shape);
        let labels: Vec<i32> = labels.iter().map(|&label| i32::from(label)).collect();
        let targets = Tensor::<Training, 1, Int>::from_data(labels.as_slice(), &Default::default());
        let logits = weights.forward(&self.ops, x);
        let loss = CrossEntropyLossConfig::new().init(&Default::default()).forward(logits, targets);
        let gradients = GradientsParams::from_grads(loss.backward(), &weights);
        let weights = step(weights, gradients);
        self.training = Some((weights, step));
        Ok(loss.into_scalar())
    }
}

fn input<B: Backend>(pictures: &[f32], batch: usize, [channels, height, width]: [usize; 3]) -> Tensor<B, 4> {
    let data = TensorData::new(pictures.to_vec(), [batch, channels, height, width]);
    Tensor::from_data(data, &Default::default())
}
