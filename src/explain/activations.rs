//! A layer's output for a picture.

use super::{fed, node_named};
use crate::error::Result;
use crate::graph::{Mode, Targets};
use crate::model::Model;
use crate::plan::{Plan, Step};

/// What a layer puts out.
#[derive(Clone, Debug, PartialEq)]
pub struct Activations {
    /// The values, in the order of `shape`.
    pub data: Vec<f32>,
    /// `[height, width, channels]` for pictures, `[n]` for what is flat.
    pub shape: Vec<usize>,
}

/// The output of the layer of this name for a picture of the model's input shape; `input` is the picture as the network is
/// fed it.
///
/// # Errors
/// [`Error::Config`](crate::Error::Config) for a layer that there is not.
pub fn activations(model: &Model, picture: &[u8], layer: &str) -> Result<Activations> {
    let id = node_named(model.graph(), layer)?;
    // Not the folded graph, in which a layer may have no output of its own.
    let mut plan = Plan::compile(model.graph().clone(), 1, Mode::Inference, &[id])?;
    plan.input_mut(0, 1).copy_from_slice(&fed(model, picture));
    let step = Step { batch: 1, targets: Targets::None, seed: 0, loss_scale: 0.0 };
    plan.forward(&model.params, &mut model.state.clone(), step);
    Ok(Activations { data: plan.value(id, 1).to_vec(), shape: model.graph().nodes()[id].shape.clone() })
}
