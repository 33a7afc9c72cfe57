//! Floor 5: a model is a graph with its parameters, its labels and its preprocessing. Absent by
//! design: data sets, training.

#[cfg(feature = "train")]
mod backbone;
mod build;
mod container;
#[cfg(feature = "train")]
mod gan;
#[cfg(feature = "train")]
mod gan_storage;
mod initialize;
mod layer;
mod preprocess;
#[cfg(feature = "every-layer")]
mod rarer;
mod spec;
mod storage;
pub mod zoo;

#[cfg(feature = "train")]
pub use backbone::{Backbone, Detail, Head};
pub use build::push_layers;
#[cfg(feature = "train")]
pub(crate) use gan::GanGraph;
#[cfg(feature = "train")]
pub use gan::{GAN_NAMES, GanSpec, gan_preset};
pub use layer::{LayerSpec, RnnActivation};
pub use preprocess::{Picture, Preparation, Preprocessing};
pub use spec::{Initializer, ModelSpec};
pub use storage::StorageType;

use std::ops::Range;

use crate::error::Result;
use crate::graph::{Graph, Initial, NodeId};

/// A network that can be used and trained.
#[derive(Clone, Debug)]
pub struct Model {
    spec: ModelSpec,
    graph: Graph,
    /// All parameters, in node order.
    pub params: Vec<f32>,
    /// All running statistics, in node order.
    pub state: Vec<f32>,
    /// How what is none of the classes is told from them: a weight for each value that the last layer reads, and a
    /// constant. Their sum with those values is above 0 for what looks like none; empty where nobody measured.
    pub novelty: Vec<f32>,
}

impl Model {
    /// A model as `spec` says, with random parameters drawn from `seed`.
    ///
    /// # Errors
    /// Whatever makes the spec unusable, naming layer and option.
    ///
    /// # Example
    /// ```
    /// use ocelli::model::{Model, ModelSpec};
    /// let spec = ModelSpec::new([28, 28, 1], &["no", "yes"]).conv2d(8, 3).relu().flatten().dense(2);
    /// let model = Model::create(spec, 1)?;
    /// assert_eq!(model.params.len(), 8 * 9 + 8 + 26 * 26 * 8 * 2 + 2);
    /// # Ok::<(), ocelli::Error>(())
    /// ```
    pub fn create(spec: ModelSpec, seed: u64) -> Result<Model> {
        let graph = build::graph_of(&spec)?;
        let params = initialize::parameters(&graph, spec.initializer, seed);
        let state = initialize::state(&graph);
        Ok(Model { spec, graph, params, state, novelty: Vec::new() })
    }

    /// What the model was made of.
    pub fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    /// The graph from the input to the logits, one node for each layer.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// The node whose values the last layer reads, and how many they are: the features of a picture.
    pub fn features(&self) -> (NodeId, usize) {
        let id = self.graph.nodes()[self.graph.output()].inputs[0];
        (id, self.graph.nodes()[id].len())
    }

    /// The parameters subject to weight decay: weights, not biases or scales.
    pub fn decayed(&self) -> Vec<Range<usize>> {
        let tensors = self.graph.param_tensors().into_iter();
        tensors
            .filter(|(_, spec, _)| matches!(spec.initial, Initial::Random { .. } | Initial::Orthogonal))
            .map(|(.., range)| range)
            .collect()
    }
}
