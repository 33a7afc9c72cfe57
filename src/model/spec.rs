//! A network as data: what files, pages and the command line exchange.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::Preprocessing;
use crate::error::{Error, Result};
use crate::ops::Padding;
use crate::settings::{Setting, Settings, choose};

/// The layers of a classifier, its labels, and how its input is prepared.
///
/// The layers end at the logits, one for each label; softmax and the loss are not among them. In JSON the
/// names are camelCase: `{ "inputShape": [28, 28, 1], "labels": […], "layers": [{ "type": "conv2d", … }] }`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", try_from = "Value")]
pub struct ModelSpec {
    /// Height, width and channels of the input.
    pub input_shape: [usize; 3],
    /// The classes, in the order of the outputs.
    pub labels: Vec<String>,
    /// From a picture to the network's input.
    pub preprocessing: Preprocessing,
    /// From the input to the logits.
    pub layers: Vec<LayerSpec>,
    /// How weights are drawn.
    pub initializer: Initializer,
}

/// How weights are drawn before training.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Initializer {
    /// Evenly within `±sqrt(6 / (fan_in + fan_out))`. Source: Glorot and Bengio 2010; Keras' default.
    #[default]
    GlorotUniform,
    /// Normally with variance `2 / fan_in`. Source: He et al. 2015, for relu networks.
    HeNormal,
}

/// One layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase", try_from = "Value")]
pub enum LayerSpec {
    /// See [`Conv2d`](crate::ops::Conv2d).
    Conv2d {
        /// Channels of the output.
        filters: usize,
        /// Side of the square window.
        kernel_size: usize,
        /// Cells from one window to the next.
        stride: usize,
        /// What happens at the border.
        padding: Padding,
        /// Cells from one filter cell to the next.
        dilation: usize,
        /// Whether a bias is added; not needed before batch normalization.
        bias: bool,
    },
    /// See [`Dense`](crate::ops::Dense).
    Dense {
        /// Outputs.
        units: usize,
        /// Whether a bias is added.
        bias: bool,
    },
    /// See [`MaxPool2d`](crate::ops::MaxPool2d).
    MaxPool2d {
        /// Side of the square window.
        pool_size: usize,
        /// Cells from one window to the next; the side of the window if not given.
        #[serde(skip_serializing_if = "Option::is_none")]
        stride: Option<usize>,
        /// What happens at the border.
        padding: Padding,
    },
    /// See [`AveragePool2d`](crate::ops::AveragePool2d).
    AveragePool2d {
        /// Side of the square window.
        pool_size: usize,
        /// Cells from one window to the next; the side of the window if not given.
        #[serde(skip_serializing_if = "Option::is_none")]
        stride: Option<usize>,
        /// What happens at the border.
        padding: Padding,
    },
    /// See [`GlobalAveragePool2d`](crate::ops::GlobalAveragePool2d).
    GlobalAveragePool2d {},
    /// `max(x, 0)`.
    Relu {},
    /// See [`Activate::leaky_relu`](crate::ops::Activate::leaky_relu).
    LeakyRelu {
        /// Factor below 0.
        slope: f32,
    },
    /// `1 / (1 + e⁻ˣ)`.
    Sigmoid {},
    /// The hyperbolic tangent.
    Tanh {},
    /// See [`Softmax`](crate::ops::Softmax). Not for the end of a classifier, which adds its own.
    Softmax {},
    /// See [`Flatten`](crate::ops::Flatten).
    Flatten {},
    /// See [`Dropout`](crate::ops::Dropout).
    Dropout {
        /// Share of elements silenced in training.
        rate: f32,
    },
    /// See [`BatchNorm`](crate::ops::BatchNorm).
    BatchNorm {
        /// Of the running statistics.
        momentum: f32,
        /// Added to the variance.
        epsilon: f32,
    },
    /// `layers(x) + shortcut(x)`, the shortcut being `x` itself where it has no layers.
    ///
    /// Source: He et al. 2015.
    Residual {
        /// The longer way.
        layers: Vec<LayerSpec>,
        /// The shorter way, for instance a convolution of size 1 where the shape changes.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        shortcut: Vec<LayerSpec>,
    },
}

fn default_slope() -> f32 {
    0.2
}

fn default_momentum() -> f32 {
    0.9
}

fn default_epsilon() -> f32 {
    1e-3
}

impl TryFrom<Value> for ModelSpec {
    type Error = Error;

    fn try_from(value: Value) -> Result<ModelSpec> {
        let mut settings = Settings::new("network", value)?;
        let spec = ModelSpec {
            input_shape: settings.require("inputShape")?,
            labels: settings.require("labels")?,
            preprocessing: settings.record_or("preprocessing", Preprocessing::default())?,
            layers: settings.records("layers")?,
            initializer: settings.get_or("initializer", Initializer::default())?,
        };
        settings.finish()?;
        Ok(spec)
    }
}

impl Setting for Initializer {
    fn read(name: &str, value: Value) -> Result<Initializer> {
        let choices = [("glorotUniform", Initializer::GlorotUniform), ("heNormal", Initializer::HeNormal)];
        choose(name, value, &choices)
    }
}

impl TryFrom<Value> for LayerSpec {
    type Error = Error;

    fn try_from(value: Value) -> Result<LayerSpec> {
        let mut settings = Settings::new("layer", value)?;
        let s = &mut settings;
        let layer = match s.require::<String>("type")?.as_str() {
            "conv2d" => LayerSpec::Conv2d {
                filters: s.require("filters")?,
                kernel_size: s.require("kernelSize")?,
                stride: s.get_or("stride", 1)?,
                padding: s.get_or("padding", Padding::default())?,
                dilation: s.get_or("dilation", 1)?,
                bias: s.get_or("bias", true)?,
            },
            "dense" => LayerSpec::Dense { units: s.require("units")?, bias: s.get_or("bias", true)? },
            "maxPool2d" => LayerSpec::MaxPool2d {
                pool_size: s.require("poolSize")?,
                stride: s.get("stride")?,
                padding: s.get_or("padding", Padding::default())?,
            },
            "averagePool2d" => LayerSpec::AveragePool2d {
                pool_size: s.require("poolSize")?,
                stride: s.get("stride")?,
                padding: s.get_or("padding", Padding::default())?,
            },
            "globalAveragePool2d" => LayerSpec::GlobalAveragePool2d {},
            "relu" => LayerSpec::Relu {},
            "leakyRelu" => LayerSpec::LeakyRelu { slope: s.get_or("slope", default_slope())? },
            "sigmoid" => LayerSpec::Sigmoid {},
            "tanh" => LayerSpec::Tanh {},
            "softmax" => LayerSpec::Softmax {},
            "flatten" => LayerSpec::Flatten {},
            "dropout" => LayerSpec::Dropout { rate: s.require("rate")? },
            "batchNorm" => LayerSpec::BatchNorm {
                momentum: s.get_or("momentum", default_momentum())?,
                epsilon: s.get_or("epsilon", default_epsilon())?,
            },
            "residual" => {
                LayerSpec::Residual { layers: s.records("layers")?, shortcut: s.records("shortcut")? }
            }
            other => return Err(Error::config("type", "a known kind of layer", other)),
        };
        settings.finish()?;
        Ok(layer)
    }
}

impl ModelSpec {
    /// A classifier without layers yet, for inputs of `[height, width, channels]`.
    pub fn new(input_shape: [usize; 3], labels: &[impl AsRef<str>]) -> ModelSpec {
        ModelSpec {
            input_shape,
            labels: labels.iter().map(|label| label.as_ref().to_owned()).collect(),
            preprocessing: Preprocessing::default(),
            layers: Vec::new(),
            initializer: Initializer::default(),
        }
    }

    /// With this layer at the end.
    pub fn layer(mut self, layer: LayerSpec) -> ModelSpec {
        self.layers.push(layer);
        self
    }

    /// With this preprocessing.
    pub fn preprocessing(self, preprocessing: Preprocessing) -> ModelSpec {
        ModelSpec { preprocessing, ..self }
    }

    /// With weights drawn this way.
    pub fn initializer(self, initializer: Initializer) -> ModelSpec {
        ModelSpec { initializer, ..self }
    }

    fn any_conv2d(
        self,
        filters: usize,
        kernel_size: usize,
        stride: usize,
        padding: Padding,
        bias: bool,
    ) -> ModelSpec {
        self.layer(LayerSpec::Conv2d { filters, kernel_size, stride, padding, dilation: 1, bias })
    }

    /// A convolution of stride 1 with valid padding and bias.
    pub fn conv2d(self, filters: usize, kernel_size: usize) -> ModelSpec {
        self.any_conv2d(filters, kernel_size, 1, Padding::Valid, true)
    }

    /// A convolution of stride 1 with same padding and bias.
    pub fn conv2d_same(self, filters: usize, kernel_size: usize) -> ModelSpec {
        self.any_conv2d(filters, kernel_size, 1, Padding::Same, true)
    }

    /// A convolution without bias, batch normalization and relu: the usual brick of newer networks.
    pub fn conv2d_norm_relu(
        self,
        filters: usize,
        kernel_size: usize,
        stride: usize,
        padding: Padding,
    ) -> ModelSpec {
        self.any_conv2d(filters, kernel_size, stride, padding, false).batch_norm().relu()
    }

    /// A fully connected layer with bias.
    pub fn dense(self, units: usize) -> ModelSpec {
        self.layer(LayerSpec::Dense { units, bias: true })
    }

    /// Max pooling with windows side by side.
    pub fn max_pool2d(self, pool_size: usize) -> ModelSpec {
        self.layer(LayerSpec::MaxPool2d { pool_size, stride: None, padding: Padding::Valid })
    }

    /// Average pooling with windows side by side.
    pub fn average_pool2d(self, pool_size: usize) -> ModelSpec {
        self.layer(LayerSpec::AveragePool2d { pool_size, stride: None, padding: Padding::Valid })
    }

    /// The mean of each channel.
    pub fn global_average_pool2d(self) -> ModelSpec {
        self.layer(LayerSpec::GlobalAveragePool2d {})
    }

    /// `max(x, 0)`.
    pub fn relu(self) -> ModelSpec {
        self.layer(LayerSpec::Relu {})
    }

    /// All dimensions as one.
    pub fn flatten(self) -> ModelSpec {
        self.layer(LayerSpec::Flatten {})
    }

    /// Random silence of this share of elements in training.
    pub fn dropout(self, rate: f32) -> ModelSpec {
        self.layer(LayerSpec::Dropout { rate })
    }

    /// Batch normalization with momentum 0.9 and epsilon 0.001.
    pub fn batch_norm(self) -> ModelSpec {
        self.layer(LayerSpec::BatchNorm { momentum: default_momentum(), epsilon: default_epsilon() })
    }
}
