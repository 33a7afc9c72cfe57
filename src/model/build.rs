//! From the layer spec to the graph.

use super::{LayerSpec, ModelSpec};
use crate::error::{Error, Limits, Result};
use crate::graph::{Graph, NodeId};
use crate::kernels::activation::Activation;
use crate::ops::{
    Activate, Add, AveragePool2d, BatchNorm, Conv2d, Dense, Dropout, Flatten, GlobalAveragePool2d, Input,
    MaxPool2d, Softmax,
};
use crate::told::Told;

/// Layers of a spec, those inside residual layers included.
const MOST_LAYERS: u64 = 1000;

/// Layers inside each other.
const MOST_NESTED: usize = 8;

/// The graph of a spec, from the input to the logits.
pub(super) fn graph_of(spec: &ModelSpec) -> Result<Graph> {
    let limits = Limits::default();
    let side = 1 << 14;
    if spec.input_shape.iter().any(|&dim| dim == 0 || dim > side) {
        return Err(Error::config("inputShape", format!("three numbers from 1 to {side}"), spec.input_shape));
    }
    let n_labels = spec.labels.len();
    if !(2..=10_000).contains(&n_labels) {
        return Err(Error::config("labels", "2 to 10000 names", format!("{n_labels} names")));
    }
    Limits::check("layers of the model", spec.layers.len() as u64, MOST_LAYERS)?;
    spec.preprocessing.validate(spec.input_shape)?;
    let mut graph = Graph::default();
    let input = graph.push(Input { shape: spec.input_shape.to_vec() }, &[])?;
    let output = push_layers(&mut graph, &spec.layers, input)?;
    let shape = &graph.nodes()[output].shape;
    if shape[..] != [n_labels] {
        return Err(Error::shape(
            "The last layer",
            format!("one output for each of the {n_labels} labels"),
            format!("an output of shape {}", shape.told()),
        ));
    }
    Limits::check("parameters of the model", graph.n_params() as u64, limits.parameters)?;
    Ok(graph)
}

/// Adds the nodes of `layers` after node `input` and returns the last.
///
/// # Errors
/// Those of [`Graph::push`]; [`Error::Limit`] for too many layers, or too many inside each other.
pub fn push_layers(graph: &mut Graph, layers: &[LayerSpec], input: NodeId) -> Result<NodeId> {
    push_nested(graph, layers, input, 0)
}

pub(super) fn push_nested(
    graph: &mut Graph,
    layers: &[LayerSpec],
    mut last: NodeId,
    depth: usize,
) -> Result<NodeId> {
    Limits::check("layers inside each other", depth as u64, MOST_NESTED as u64)?;
    for layer in layers {
        Limits::check("layers of the model", graph.nodes().len() as u64, MOST_LAYERS)?;
        last = push_layer(graph, layer, last, depth)?;
    }
    Ok(last)
}

/// Adds the nodes of one layer and returns the last.
///
/// The layers that most networks are made of; the rarer ones lie in a file of their own, which the small engine for
/// browsers leaves out.
fn push_layer(graph: &mut Graph, layer: &LayerSpec, x: NodeId, depth: usize) -> Result<NodeId> {
    match *layer {
        LayerSpec::Conv2d { filters, kernel_size, stride, padding, dilation, groups: 1, bias } => {
            let op = Conv2d::new(filters, kernel_size).stride(stride).padding(padding).dilation(dilation);
            graph.push(if bias { op } else { op.without_bias() }, &[x])
        }
        LayerSpec::Dense { units, bias } => {
            let op = Dense::new(units);
            graph.push(if bias { op } else { op.without_bias() }, &[x])
        }
        LayerSpec::MaxPool2d { pool_size, stride, padding } => {
            graph.push(MaxPool2d::new(pool_size).stride(stride.unwrap_or(pool_size)).padding(padding), &[x])
        }
        LayerSpec::AveragePool2d { pool_size, stride, padding } => graph
            .push(AveragePool2d::new(pool_size).stride(stride.unwrap_or(pool_size)).padding(padding), &[x]),
        LayerSpec::GlobalAveragePool2d {} => graph.push(GlobalAveragePool2d, &[x]),
        LayerSpec::Relu {} => graph.push(Activate::relu(), &[x]),
        LayerSpec::LeakyRelu { slope } => graph.push(Activate::leaky_relu(slope), &[x]),
        LayerSpec::Sigmoid {} => graph.push(Activate::sigmoid(), &[x]),
        LayerSpec::Tanh {} => graph.push(Activate::tanh(), &[x]),
        LayerSpec::Linear {} => graph.push(Activate::new(Activation::None), &[x]),
        LayerSpec::Relu6 {} => graph.push(Activate::new(Activation::Relu6), &[x]),
        LayerSpec::Elu { alpha } => graph.push(Activate::new(Activation::Elu(alpha)), &[x]),
        LayerSpec::Gelu {} => graph.push(Activate::new(Activation::Gelu), &[x]),
        LayerSpec::Silu {} => graph.push(Activate::new(Activation::Silu), &[x]),
        LayerSpec::Softplus {} => graph.push(Activate::new(Activation::Softplus), &[x]),
        LayerSpec::Softmax {} => graph.push(Softmax, &[x]),
        LayerSpec::Flatten {} => graph.push(Flatten, &[x]),
        LayerSpec::Dropout { rate } => graph.push(Dropout { rate, spatial: false }, &[x]),
        LayerSpec::SpatialDropout2d { rate } => graph.push(Dropout { rate, spatial: true }, &[x]),
        LayerSpec::BatchNorm { momentum, epsilon } => graph.push(BatchNorm::new(momentum, epsilon), &[x]),
        LayerSpec::Residual { ref layers, ref shortcut } => {
            let inputs = push_branches(graph, layers, shortcut, x, depth)?;
            graph.push(Add, &inputs)
        }
        #[cfg(feature = "every-layer")]
        _ => super::rarer::push_layer(graph, layer, x, depth),
        #[cfg(not(feature = "every-layer"))]
        _ => Err(Error::unsupported(
            "One of this network's layers",
            "load it with the engine that has every layer",
        )),
    }
}

/// Both ways from `x` to a layer that joins them.
pub(super) fn push_branches(
    graph: &mut Graph,
    layers: &[LayerSpec],
    shortcut: &[LayerSpec],
    x: NodeId,
    depth: usize,
) -> Result<[NodeId; 2]> {
    let long = push_nested(graph, layers, x, depth + 1)?;
    Ok([long, push_nested(graph, shortcut, x, depth + 1)?])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_layer_must_have_one_output_for_each_label() {
        let error = graph_of(&ModelSpec::new([8, 8, 1], &["a", "b"]).flatten().dense(3)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "The last layer needs one output for each of the 2 labels, but got an output of shape [3]."
        );
    }

    #[test]
    fn a_shape_error_names_the_layer() {
        let error = graph_of(&ModelSpec::new([8, 8, 1], &["a", "b"]).conv2d(4, 3).dense(2)).unwrap_err();
        assert!(error.to_string().starts_with("dense_1 needs one flat input"), "{error}");
    }

    #[test]
    fn a_spec_from_json_that_says_too_much_or_too_little_is_refused() {
        let bad = [
            r#"{"type":"conv2d","filters":4}"#,
            r#"{"type":"conv2d","filters":4,"kernelSize":3,"colour":1}"#,
            r#"{"type":"relu","slope":1}"#,
            r#"{"type":"swish"}"#,
        ];
        for json in bad {
            assert!(serde_json::from_str::<LayerSpec>(json).is_err(), "{json}");
        }
        let layer: LayerSpec = serde_json::from_str(r#"{"type":"maxPool2d","poolSize":2}"#).unwrap();
        assert_eq!(
            layer,
            LayerSpec::MaxPool2d { pool_size: 2, stride: None, padding: crate::ops::Padding::Valid }
        );
    }

    #[test]
    fn sizes_that_would_wrap_a_32_bit_address_are_refused() {
        let huge = ModelSpec::new([16384, 16384, 16384], &["a", "b"]).flatten().dense(2);
        assert_eq!(graph_of(&huge).unwrap_err().code(), "limit");
        let wide = ModelSpec::new([8, 8, 1], &["a", "b"]).flatten().dense(1 << 26).dense(2);
        assert_eq!(graph_of(&wide).unwrap_err().code(), "limit");
    }
}
