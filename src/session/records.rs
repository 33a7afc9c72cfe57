//! What a session tells its door: plain records, serialized in camelCase.

use serde::Serialize;

use crate::graph::LayerSummary;
use crate::model::Preprocessing;
use crate::train::EpochRecord;

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

/// What a data set is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DatasetInfo {
    /// Pictures.
    pub n_examples: usize,
    /// Height, width and channels of each.
    pub shape: [usize; 3],
    /// Pictures of each class.
    pub class_counts: Vec<u32>,
    /// Names of the classes.
    pub class_names: Vec<String>,
}

/// How far a training run is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TrainProgress {
    /// `running` or `finished`.
    pub state: &'static str,
    /// The epoch under way, from 1.
    pub epoch: u32,
    /// Epochs in all.
    pub n_epochs: u32,
    /// Steps taken.
    pub step: u64,
    /// Steps in all.
    pub n_steps: u64,
    /// Steps taken in this epoch.
    pub step_in_epoch: u64,
    /// Steps of an epoch.
    pub steps_per_epoch: u64,
    /// Training examples seen, each as often as it came.
    pub n_examples_seen: u64,
    /// Of the next step.
    pub learning_rate: f32,
    /// Mean over this epoch's training examples so far.
    pub loss: f32,
    /// Share of this epoch's training examples answered rightly so far.
    pub accuracy: f32,
    /// The epochs that ended since the last report.
    pub history: Vec<EpochRecord>,
    /// The epoch of the best validation accuracy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub best_epoch: Option<u32>,
    /// That accuracy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub best_validation_accuracy: Option<f32>,
}

/// How a model does on a data set.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Evaluation {
    /// Examples evaluated.
    pub n_examples: u64,
    /// Mean cross-entropy.
    pub loss: f32,
    /// Share answered rightly.
    pub accuracy: f32,
    /// Share with the right class among the `k` most confident, for `k` of 2 and 3.
    pub top_k: [f32; 2],
    /// Examples by `[actual][predicted]` class.
    pub confusion: Vec<Vec<u32>>,
}
