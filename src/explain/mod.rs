//! Floor 6, explanations: what in a picture makes a network answer as it does, and what would make it answer otherwise.
//!
//! - [`heat_map()`]: which pixels speak for a class, by Grad-CAM, gradients or occlusion.
//! - [`activations()`]: every layer's output for a picture.
//! - [`attack`]: pictures changed a little to be misread (FGSM, PGD); [`disturb`]: pictures made worse without malice.
//! - [`robustness`]: accuracy on a data set as a disturbance grows.
//!
//! All work on any network that ends in logits. The network is taken as it infers: batch normalization with its running
//! statistics, no dropout. Absent by design: colors, drawing, the page.

pub mod activations;
pub mod attack;
mod cam;
pub mod disturb;
pub mod heat_map;
mod occlusion;
pub mod robustness;
mod saliency;
mod slope;

pub use activations::{Activations, activations};
pub use attack::Attack;
pub use disturb::Disturbance;
pub use heat_map::{Explain, HeatMap, Method, heat_map};
pub use robustness::{Robustness, RobustnessPoint};

use crate::graph::{Graph, NodeId};
use crate::image::normalize::write_plain;
use crate::model::Model;

/// A model's graph for backward passes through it as it infers.
fn frozen(model: &Model) -> Graph {
    model.graph().frozen(&model.params, &model.state)
}

/// A picture as the network is fed it.
fn fed(model: &Model, picture: &[u8]) -> Vec<f32> {
    let spec = model.spec();
    let (mean, inverse_deviation) = spec.preprocessing.normalization(spec.input_shape[2]);
    let mut input = vec![0.0; picture.len()];
    write_plain(picture, &mean, &inverse_deviation, &mut input);
    input
}

/// The node of this name.
fn node_named(graph: &Graph, name: &str) -> crate::Result<NodeId> {
    graph.nodes().iter().position(|node| node.name == name).ok_or_else(|| {
        let names: Vec<&str> = graph.nodes().iter().map(|node| &node.name[..]).collect();
        crate::Error::config("layer", format!("one of {}", names.join(", ")), name)
    })
}
