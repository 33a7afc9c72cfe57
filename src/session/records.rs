//! What a session tells its door: plain records, serialized in camelCase.

use serde::Serialize;

use crate::graph::LayerSummary;
use crate::model::Preprocessing;

/// What a model is.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelInfo {
    /// The classes, in the order of the outputs.
    pub labels: Vec<String>,
    /// Height, width and channels.
    pub input_shape: [usize; 3],
    /// Trainable numbers.
    pub n_parameters: usize,
    /// Multiplications followed by an addition, for one example.
    pub multiply_adds: u64,
    /// The layers, in order.
    pub layers: Vec<LayerSummary>,
    /// How a picture becomes the input.
    pub preprocessing: Preprocessing,
}

/// What the network thinks of a picture.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Prediction {
    /// Most confident first; none for a blank picture.
    pub classes: Vec<ClassConfidence>,
    /// Whether there was nothing to see.
    pub blank: bool,
    /// The pixels the network saw, of its input shape; none for a blank picture.
    pub input: Vec<u8>,
    /// Above 0 for what looks like none of the classes; none where the model cannot tell.
    pub novelty: Option<f32>,
}

/// One class of a prediction.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ClassConfidence {
    /// Its name.
    pub label: String,
    /// Its index.
    pub index: usize,
    /// The softmax, 0 to 1.
    pub confidence: f32,
}
