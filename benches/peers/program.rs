// A job's layers, as JSON, laid flat for the crates that build the network themselves.

use serde::Deserialize;

/// What came as JSON.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Network {
    input_shape: [usize; 3],
    layers: Vec<Layer>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase")]
enum Layer {
    Conv2d { filters: usize, kernel_size: usize, stride: usize, padding: String, bias: bool },
    DepthwiseConv2d { kernel_size: usize, stride: usize, padding: String, bias: bool },
    BatchNorm { epsilon: f64 },
    Relu,
    Relu6,
    MaxPool2d { pool_size: usize },
    GlobalAveragePool2d,
    Flatten,
    Dense { units: usize },
    Residual { layers: Vec<Layer>, shortcut: Vec<Layer> },
}

/// One step of the forward pass. A residual layer is `Save`, the long way, `Swap`, the short way, `Add`.
pub enum Op {
    Conv { in_c: usize, out_c: usize, kernel: usize, stride: usize, pad: usize, groups: usize, bias: bool },
    Norm { channels: usize, epsilon: f64 },
    Relu,
    Relu6,
    MaxPool(usize),
    GlobalAverage,
    Flatten,
    Dense { inputs: usize, units: usize },
    Save,
    Swap,
    Add,
}

/// The input's channels, height and width, and the steps.
pub fn program(json: &str) -> Result<([usize; 3], Vec<Op>), String> {
    let network: Network = serde_json::from_str(json).map_err(|error| error.to_string())?;
    let [height, width, channels] = network.input_shape;
    let mut ops = Vec::new();
    lay(&network.layers, [channels, height, width], &mut ops);
    Ok(([channels, height, width], ops))
}

fn lay(layers: &[Layer], mut shape: [usize; 3], ops: &mut Vec<Op>) -> [usize; 3] {
    for layer in layers {
        let [c, h, w] = shape;
        let mut conv = |out_c, kernel: usize, stride, padding: &str, groups, bias| {
            // Zeros on both sides alike: at stride 2 Keras' lie behind only, which costs the same.
            let pad = if padding == "same" { kernel / 2 } else { 0 };
            ops.push(Op::Conv { in_c: c, out_c, kernel, stride, pad, groups, bias });
            let out = |side: usize| (side + 2 * pad - kernel) / stride + 1;
            [out_c, out(h), out(w)]
        };
        shape = match layer {
            Layer::Conv2d { filters, kernel_size, stride, padding, bias } => {
                conv(*filters, *kernel_size, *stride, padding, 1, *bias)
            }
            Layer::DepthwiseConv2d { kernel_size, stride, padding, bias } => {
                conv(c, *kernel_size, *stride, padding, c, *bias)
            }
            Layer::BatchNorm { epsilon } => {
                ops.push(Op::Norm { channels: c, epsilon: *epsilon });
                shape
            }
            Layer::Relu => {
                ops.push(Op::Relu);
                shape
            }
            Layer::Relu6 => {
                ops.push(Op::Relu6);
                shape
            }
            Layer::MaxPool2d { pool_size } => {
                ops.push(Op::MaxPool(*pool_size));
                [c, h / pool_size, w / pool_size]
            }
            Layer::GlobalAveragePool2d => {
                ops.push(Op::GlobalAverage);
                [c, 1, 1]
            }
            Layer::Flatten => {
                ops.push(Op::Flatten);
                [c * h * w, 1, 1]
            }
            Layer::Dense { units } => {
                ops.push(Op::Dense { inputs: c, units: *units });
                [*units, 1, 1]
            }
            Layer::Residual { layers, shortcut } => {
                ops.push(Op::Save);
                let out = lay(layers, shape, ops);
                ops.push(Op::Swap);
                lay(shortcut, shape, ops);
                ops.push(Op::Add);
                out
            }
        };
    }
    shape
}
