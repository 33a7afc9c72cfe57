//! candle in the browser, for the benchmark: its CPU device, and its backward pass for training.

#[path = "../../program.rs"]
mod program;

use candle_core::{DType, Device, Result, Tensor, Var};
use candle_nn::{
    BatchNorm, Conv2d, Conv2dConfig, Linear, Module, ModuleT, Optimizer, ParamsAdamW, VarBuilder, VarMap, batch_norm,
    conv2d, conv2d_no_bias, linear, loss, ops::softmax,
};
use wasm_bindgen::prelude::*;

use program::Op;

enum Layer {
    Conv(Conv2d),
    Norm(BatchNorm),
    Dense(Linear),
    None,
}

#[wasm_bindgen]
pub struct Network {
    ops: Vec<Op>,
    shape: [usize; 3],
    layers: Vec<Layer>,
    variables: Vec<Var>,
    adam: Option<candle_nn::AdamW>,
}

fn text(error: candle_core::Error) -> String {
    error.to_string()
}

#[wasm_bindgen]
impl Network {
    /// A network of a job's layers.
    #[wasm_bindgen(constructor)]
    pub fn new(json: &str) -> std::result::Result<Network, String> {
        let (shape, ops) = program::program(json)?;
        let map = VarMap::new();
        let builder = VarBuilder::from_varmap(&map, DType::F32, &Device::Cpu);
        let layers = ops.iter().enumerate().map(|(i, op)| layer(op, builder.pp(i.to_string())));
        let layers = layers.collect::<Result<_>>().map_err(text)?;
        Ok(Network { ops, shape, layers, variables: map.all_vars(), adam: None })
    }

    /// Probabilities of `batch` pictures.
    pub fn predict(&self, pictures: &[f32], batch: usize) -> std::result::Result<Vec<f32>, String> {
        let predict = || softmax(&self.forward(pictures, batch, false)?, 1)?.flatten_all()?.to_vec1();
        predict().map_err(text)
    }

    /// Makes steps possible; only `adam`, which candle calls AdamW.
    #[wasm_bindgen(js_name = startTraining)]
    pub fn start_training(&mut self, optimizer: &str) -> std::result::Result<(), String> {
        if optimizer != "adam" {
            return Err("candle has no momentum".into());
        }
        let options = ParamsAdamW { lr: 0.001, weight_decay: 0.0, ..ParamsAdamW::default() };
        self.adam = Some(candle_nn::AdamW::new(self.variables.clone(), options).map_err(text)?);
        Ok(())
    }

    /// One step; returns the loss.
    #[wasm_bindgen(js_name = trainStep)]
    pub fn train_step(&mut self, pictures: &[f32], labels: &[u8]) -> std::result::Result<f32, String> {
        let mut adam = self.adam.take().ok_or("startTraining comes first")?;
        let mut step = || {
            let labels: Vec<u32> = labels.iter().map(|&label| u32::from(label)).collect();
            let logits = self.forward(pictures, labels.len(), true)?;
            let loss = loss::cross_entropy(&logits, &Tensor::new(labels, &Device::Cpu)?)?;
            adam.backward_step(&loss)?;
            loss.to_scalar::<f32>()
        };
        let loss = step().map_err(text);
        self.adam = Some(adam);
        loss
    }

    fn forward(&self, pictures: &[f32], batch: usize, train: bool) -> Result<Tensor> {
        let [channels, height, width] = self.shape;
        let mut x = Tensor::from_slice(pictures, (batch, channels, height, width), &Device::Cpu)?;
        let mut saved = Vec::new();
        for (op, layer) in self.ops.iter().zip(&self.layers) {
            x = match (op, layer) {
                (_, Layer::Conv(conv)) => conv.forward(&x)?,
                (_, Layer::Norm(norm)) => norm.forward_t(&x, train)?,
                (_, Layer::Dense(dense)) => dense.forward(&x)?,
                (Op::Relu, _) => x.relu()?,
                (Op::Relu6, _) => x.clamp(0f32, 6f32)?,
                (Op::MaxPool(size), _) => x.max_pool2d(*size)?,
                (Op::GlobalAverage, _) => x.mean((2, 3))?,
                (Op::Flatten, _) => x.flatten_from(1)?,
                (Op::Save, _) => {
                    saved.push(x.clone());
                    x
                }
                (Op::Swap, _) => std::mem::replace(saved.last_mut().expect("a save before"), x),
                (Op::Add, _) => (saved.pop().expect("a save before") + x)?,
                (Op::Conv { .. } | Op::Norm { .. } | Op::Dense { .. }, Layer::None) => unreachable!("it has a layer"),
            };
        }
        Ok(x)
    }
}

fn layer(op: &Op, builder: VarBuilder<'_>) -> Result<Layer> {
    Ok(match *op {
        Op::Conv { in_c, out_c, kernel, stride, pad, groups, bias } => {
            let config = Conv2dConfig { padding: pad, stride, groups, ..Conv2dConfig::default() };
            let make = if bias { conv2d } else { conv2d_no_bias };
            Layer::Conv(make(in_c, out_c, kernel, config, builder)?)
        }
        Op::Norm { channels, epsilon } => Layer::Norm(batch_norm(channels, epsilon, builder)?),
        Op::Dense { inputs, units } => Layer::Dense(linear(inputs, units, builder)?),
        _ => Layer::None,
    })
}
