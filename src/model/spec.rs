//! A network as data: what files, pages and the command line exchange.

use serde::{Deserialize, Serialize};

use super::Preprocessing;
use super::layer::{LayerSpec, RnnActivation, default_epsilon, default_momentum};
use crate::error::{Error, Result};
use crate::ops::Padding;
use crate::settings::{Setting, Settings, choose};
use crate::value::Value;

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

impl TryFrom<Value> for ModelSpec {
    type Error = Box<Error>;

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
        self.layer(LayerSpec::Conv2d { filters, kernel_size, stride, padding, dilation: 1, groups: 1, bias })
    }

    /// A convolution of stride 1 with valid padding and bias.
    pub fn conv2d(self, filters: usize, kernel_size: usize) -> ModelSpec {
        self.any_conv2d(filters, kernel_size, 1, Padding::Valid, true)
    }

    /// A convolution of stride 1 with same padding and bias.
    pub fn conv2d_same(self, filters: usize, kernel_size: usize) -> ModelSpec {
        self.any_conv2d(filters, kernel_size, 1, Padding::Same, true)
    }

    /// A convolution without bias and batch normalization.
    pub fn conv2d_norm(
        self,
        filters: usize,
        kernel_size: usize,
        stride: usize,
        padding: Padding,
    ) -> ModelSpec {
        self.any_conv2d(filters, kernel_size, stride, padding, false).batch_norm()
    }

    /// A convolution without bias, batch normalization and relu: the usual brick of newer networks.
    pub fn conv2d_norm_relu(
        self,
        filters: usize,
        kernel_size: usize,
        stride: usize,
        padding: Padding,
    ) -> ModelSpec {
        self.conv2d_norm(filters, kernel_size, stride, padding).relu()
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

    /// The same numbers under other dimensions.
    pub fn reshape(self, shape: &[usize]) -> ModelSpec {
        self.layer(LayerSpec::Reshape { shape: shape.to_vec() })
    }

    /// A recurrent layer with tanh that gives the last step's outputs.
    pub fn simple_rnn(self, units: usize) -> ModelSpec {
        let activation = RnnActivation::Tanh;
        self.layer(LayerSpec::SimpleRnn { units, activation, return_sequences: false })
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
