//! The layers that few networks need: from their settings, and to the graph.

use super::build::{push_branches, push_nested};
use super::layer::default_epsilon;
use super::{LayerSpec, RnnActivation};
use crate::error::{Error, Result};
use crate::graph::{Graph, NodeId};
use crate::ops::{
    Concat, Conv2d, ConvTranspose2d, GlobalMaxPool2d, GroupedConv2d, Input, Interpolation, LayerNorm,
    Multiply, OverTime, Padding, Reshape, SimpleRnn, Upsample2d, ZeroPad2d,
};
use crate::settings::Settings;

/// The layer of this type, with its settings.
///
/// # Errors
/// [`Error::Config`] for a type that there is not; those of the settings.
pub(super) fn read(kind: &str, s: &mut Settings) -> Result<LayerSpec> {
    Ok(match kind {
        "depthwiseConv2d" => LayerSpec::DepthwiseConv2d {
            kernel_size: s.require("kernelSize")?,
            multiplier: s.get_or("multiplier", 1)?,
            stride: s.get_or("stride", 1)?,
            padding: s.get_or("padding", Padding::default())?,
            dilation: s.get_or("dilation", 1)?,
            bias: s.get_or("bias", true)?,
        },
        "separableConv2d" => LayerSpec::SeparableConv2d {
            filters: s.require("filters")?,
            kernel_size: s.require("kernelSize")?,
            multiplier: s.get_or("multiplier", 1)?,
            stride: s.get_or("stride", 1)?,
            padding: s.get_or("padding", Padding::default())?,
            dilation: s.get_or("dilation", 1)?,
            bias: s.get_or("bias", true)?,
        },
        "convTranspose2d" => LayerSpec::ConvTranspose2d {
            filters: s.require("filters")?,
            kernel_size: s.require("kernelSize")?,
            stride: s.get_or("stride", 1)?,
            padding: s.get_or("padding", Padding::default())?,
            bias: s.get_or("bias", true)?,
        },
        "globalMaxPool2d" => LayerSpec::GlobalMaxPool2d {},
        "reshape" => LayerSpec::Reshape { shape: s.require("shape")? },
        "upsample2d" => LayerSpec::Upsample2d {
            size: s.get_or("size", 2)?,
            interpolation: s.get_or("interpolation", Interpolation::default())?,
        },
        "zeroPad2d" => LayerSpec::ZeroPad2d { padding: s.require("padding")? },
        "layerNorm" => LayerSpec::LayerNorm { epsilon: s.get_or("epsilon", default_epsilon())? },
        "simpleRnn" => LayerSpec::SimpleRnn {
            units: s.require("units")?,
            activation: s.get_or("activation", RnnActivation::default())?,
            return_sequences: s.get_or("returnSequences", false)?,
        },
        "timeDistributed" => LayerSpec::TimeDistributed { layers: s.records("layers")? },
        "concat" => LayerSpec::Concat { layers: s.records("layers")?, shortcut: s.records("shortcut")? },
        "multiply" => LayerSpec::Multiply { layers: s.records("layers")?, shortcut: s.records("shortcut")? },
        other => return Err(Error::config("type", "a known kind of layer", other)),
    })
}

/// Adds the nodes of one layer and returns the last.
pub(super) fn push_layer(graph: &mut Graph, layer: &LayerSpec, x: NodeId, depth: usize) -> Result<NodeId> {
    match *layer {
        LayerSpec::Conv2d { filters, kernel_size, stride, padding, dilation, groups, bias } => {
            let op = GroupedConv2d::new(filters, kernel_size, groups);
            let op = op.stride(stride).padding(padding).dilation(dilation);
            graph.push(if bias { op } else { op.without_bias() }, &[x])
        }
        LayerSpec::DepthwiseConv2d { kernel_size, multiplier, stride, padding, dilation, bias } => {
            let op = GroupedConv2d::depthwise(kernel_size, multiplier);
            let op = op.stride(stride).padding(padding).dilation(dilation);
            graph.push(if bias { op } else { op.without_bias() }, &[x])
        }
        LayerSpec::SeparableConv2d { filters, kernel_size, multiplier, stride, padding, dilation, bias } => {
            let op = GroupedConv2d::depthwise(kernel_size, multiplier).without_bias();
            let x = graph.push(op.stride(stride).padding(padding).dilation(dilation), &[x])?;
            let op = Conv2d::new(filters, 1);
            graph.push(if bias { op } else { op.without_bias() }, &[x])
        }
        LayerSpec::ConvTranspose2d { filters, kernel_size, stride, padding, bias } => {
            let op = ConvTranspose2d::new(filters, kernel_size).stride(stride).padding(padding);
            graph.push(if bias { op } else { op.without_bias() }, &[x])
        }
        LayerSpec::GlobalMaxPool2d {} => graph.push(GlobalMaxPool2d, &[x]),
        LayerSpec::Reshape { ref shape } => graph.push(Reshape { shape: shape.clone() }, &[x]),
        LayerSpec::Upsample2d { size, interpolation } => graph.push(Upsample2d { size, interpolation }, &[x]),
        LayerSpec::ZeroPad2d { padding } => graph.push(ZeroPad2d { padding }, &[x]),
        LayerSpec::LayerNorm { epsilon } => graph.push(LayerNorm { epsilon }, &[x]),
        LayerSpec::SimpleRnn { units, activation, return_sequences } => {
            let op = SimpleRnn::new(units);
            let op = if activation == RnnActivation::Relu { op.relu() } else { op };
            graph.push(if return_sequences { op.all_steps() } else { op }, &[x])
        }
        LayerSpec::Concat { ref layers, ref shortcut } => {
            let inputs = push_branches(graph, layers, shortcut, x, depth)?;
            graph.push(Concat, &inputs)
        }
        LayerSpec::Multiply { ref layers, ref shortcut } => {
            let [gates, values] = push_branches(graph, layers, shortcut, x, depth)?;
            graph.push(Multiply, &[values, gates])
        }
        LayerSpec::TimeDistributed { ref layers } => {
            let mut inner = Graph::default();
            let step = graph.nodes()[x].shape.get(1..).unwrap_or(&[]).to_vec();
            let input = inner.push(Input { shape: step }, &[])?;
            push_nested(&mut inner, layers, input, depth + 1)?;
            let mut outer = vec![x];
            for node in &inner.nodes()[1..] {
                let inputs: Vec<NodeId> = node.inputs.iter().map(|&input| outer[input]).collect();
                outer.push(graph.push(OverTime::new(node.op.clone()), &inputs)?);
            }
            Ok(outer[outer.len() - 1])
        }
        _ => Err(Error::config("type", "a known kind of layer", "another")),
    }
}
