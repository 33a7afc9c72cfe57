//! A layer as data.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::json::shortest;
use crate::ops::{Interpolation, Padding};
use crate::settings::{Setting, Settings, choose};
use crate::value::Value;

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
        /// Groups of channels that do not see each other; see [`GroupedConv2d`](crate::ops::GroupedConv2d).
        #[serde(skip_serializing_if = "is_one")]
        groups: usize,
        /// Whether a bias is added; not needed before batch normalization.
        bias: bool,
    },
    /// See [`GroupedConv2d::depthwise`](crate::ops::GroupedConv2d::depthwise).
    DepthwiseConv2d {
        /// Side of the square window.
        kernel_size: usize,
        /// Outputs of each channel.
        multiplier: usize,
        /// Cells from one window to the next.
        stride: usize,
        /// What happens at the border.
        padding: Padding,
        /// Cells from one filter cell to the next.
        dilation: usize,
        /// Whether a bias is added.
        bias: bool,
    },
    /// A depthwise convolution without bias, then a convolution of size 1.
    ///
    /// Source: Chollet 2017; Keras' `SeparableConv2D`.
    SeparableConv2d {
        /// Channels of the output.
        filters: usize,
        /// Side of the square window.
        kernel_size: usize,
        /// Depthwise outputs of each channel.
        multiplier: usize,
        /// Cells from one window to the next.
        stride: usize,
        /// What happens at the border.
        padding: Padding,
        /// Cells from one filter cell to the next.
        dilation: usize,
        /// Whether a bias is added in the end.
        bias: bool,
    },
    /// See [`ConvTranspose2d`](crate::ops::ConvTranspose2d).
    ConvTranspose2d {
        /// Channels of the output.
        filters: usize,
        /// Side of the square window.
        kernel_size: usize,
        /// Cells of the output from one input cell to the next.
        stride: usize,
        /// Of the convolution whose gradient it is.
        padding: Padding,
        /// Whether a bias is added.
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
    /// See [`GlobalMaxPool2d`](crate::ops::GlobalMaxPool2d).
    GlobalMaxPool2d {},
    /// `max(x, 0)`.
    Relu {},
    /// See [`Activate::leaky_relu`](crate::ops::Activate::leaky_relu).
    LeakyRelu {
        /// Factor below 0.
        #[serde(serialize_with = "shortest")]
        slope: f32,
    },
    /// `1 / (1 + e⁻ˣ)`.
    Sigmoid {},
    /// The hyperbolic tangent.
    Tanh {},
    /// `x`.
    Linear {},
    /// `min(max(x, 0), 6)`.
    Relu6 {},
    /// `x` where positive, `alpha · (eˣ - 1)` elsewhere.
    Elu {
        /// Above 0; 1 unless given.
        #[serde(serialize_with = "shortest")]
        alpha: f32,
    },
    /// `x` times the share of a normal distribution below it.
    Gelu {},
    /// `x / (1 + e⁻ˣ)`, also called swish.
    Silu {},
    /// `ln (1 + eˣ)`.
    Softplus {},
    /// See [`Softmax`](crate::ops::Softmax). Not for the end of a classifier, which adds its own.
    Softmax {},
    /// See [`Flatten`](crate::ops::Flatten).
    Flatten {},
    /// See [`Dropout`](crate::ops::Dropout).
    Dropout {
        /// Share of elements silenced in training.
        #[serde(serialize_with = "shortest")]
        rate: f32,
    },
    /// [`Dropout`](crate::ops::Dropout) of whole channels.
    SpatialDropout2d {
        /// Share of channels silenced in training.
        #[serde(serialize_with = "shortest")]
        rate: f32,
    },
    /// See [`Reshape`](crate::ops::Reshape).
    Reshape {
        /// Dimensions of the output.
        shape: Vec<usize>,
    },
    /// See [`Upsample2d`](crate::ops::Upsample2d).
    Upsample2d {
        /// New pixels for each old one in either direction.
        size: usize,
        /// Where they come from.
        interpolation: Interpolation,
    },
    /// See [`ZeroPad2d`](crate::ops::ZeroPad2d).
    ZeroPad2d {
        /// Cells to add at top, bottom, left and right.
        padding: [usize; 4],
    },
    /// See [`LayerNorm`](crate::ops::LayerNorm).
    LayerNorm {
        /// Added to the variance.
        #[serde(serialize_with = "shortest")]
        epsilon: f32,
    },
    /// See [`SimpleRnn`](crate::ops::SimpleRnn).
    SimpleRnn {
        /// Outputs.
        units: usize,
        /// What is applied at each step.
        activation: RnnActivation,
        /// Whether the outputs of all steps are given, or of the last only.
        return_sequences: bool,
    },
    /// `layers` at every step of a sequence, with the same parameters; see [`OverTime`](crate::ops::OverTime).
    TimeDistributed {
        /// What is done at each step.
        layers: Vec<LayerSpec>,
    },
    /// See [`BatchNorm`](crate::ops::BatchNorm).
    BatchNorm {
        /// Of the running statistics.
        #[serde(serialize_with = "shortest")]
        momentum: f32,
        /// Added to the variance.
        #[serde(serialize_with = "shortest")]
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
    /// The channels of `layers(x)`, then those of `shortcut(x)`, or of `x` itself where that has no layers.
    Concat {
        /// The first channels.
        layers: Vec<LayerSpec>,
        /// The other channels.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        shortcut: Vec<LayerSpec>,
    },
    /// `shortcut(x) · layers(x)`, where the latter may have one number for each channel, as in squeeze and excitation.
    ///
    /// Source: Hu et al. 2018.
    Multiply {
        /// The gates.
        layers: Vec<LayerSpec>,
        /// What they are applied to; `x` itself where it has no layers.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        shortcut: Vec<LayerSpec>,
    },
}

/// What a recurrent layer applies at each step.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum RnnActivation {
    /// The hyperbolic tangent.
    #[default]
    Tanh,
    /// `max(x, 0)`.
    Relu,
}

impl Setting for RnnActivation {
    fn read(name: &str, value: Value) -> Result<RnnActivation> {
        choose(name, value, &[("tanh", RnnActivation::Tanh), ("relu", RnnActivation::Relu)])
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for a reference")]
fn is_one(groups: &usize) -> bool {
    *groups == 1
}

fn default_slope() -> f32 {
    0.2
}

pub(super) fn default_momentum() -> f32 {
    0.9
}

pub(super) fn default_epsilon() -> f32 {
    1e-3
}

impl TryFrom<Value> for LayerSpec {
    type Error = Box<Error>;

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
                groups: s.get_or("groups", 1)?,
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
            "linear" => LayerSpec::Linear {},
            "relu6" => LayerSpec::Relu6 {},
            "elu" => LayerSpec::Elu { alpha: s.get_or("alpha", 1.0)? },
            "gelu" => LayerSpec::Gelu {},
            "silu" => LayerSpec::Silu {},
            "softplus" => LayerSpec::Softplus {},
            "softmax" => LayerSpec::Softmax {},
            "flatten" => LayerSpec::Flatten {},
            "dropout" => LayerSpec::Dropout { rate: s.require("rate")? },
            "batchNorm" => LayerSpec::BatchNorm {
                momentum: s.get_or("momentum", default_momentum())?,
                epsilon: s.get_or("epsilon", default_epsilon())?,
            },
            "spatialDropout2d" => LayerSpec::SpatialDropout2d { rate: s.require("rate")? },
            "residual" => {
                LayerSpec::Residual { layers: s.records("layers")?, shortcut: s.records("shortcut")? }
            }
            #[cfg(feature = "every-layer")]
            other => super::rarer::read(other, s)?,
            #[cfg(not(feature = "every-layer"))]
            other => {
                return Err(Error::unsupported(
                    &["The layer ", other].concat(),
                    "load the network with the engine that has every layer",
                ));
            }
        };
        settings.finish()?;
        Ok(layer)
    }
}
