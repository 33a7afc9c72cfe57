//! What an evaluation comes to.

use serde::Serialize;

use crate::train::Evaluator;
use crate::train::answers::Mistake;
use crate::train::calibration::Calibration;
use crate::train::metrics::{ClassMetrics, ConfusedPair};

/// Pairs of classes that are told.
const MOST_PAIRS: usize = 10;
/// Mistakes that are told.
const MOST_MISTAKES: usize = 200;

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
    /// Precision, recall and F1 of each class.
    pub per_class: Vec<ClassMetrics>,
    /// The classes most often taken for another, up to 10 pairs.
    pub most_confused: Vec<ConfusedPair>,
    /// Wrongly answered examples, up to 200, first those that the model was surest about.
    pub mistakes: Vec<Mistake>,
    /// How far the confidences can be believed.
    pub calibration: Option<Calibration>,
}

impl Evaluation {
    /// What a finished evaluation came to; mistakes and calibration if it kept its answers.
    pub fn of(evaluator: &Evaluator) -> Evaluation {
        let (metrics, answers) = (evaluator.metrics(), evaluator.answers());
        Evaluation {
            n_examples: metrics.n_examples(),
            loss: metrics.loss(),
            accuracy: metrics.accuracy(),
            top_k: [metrics.top_k(2), metrics.top_k(3)],
            confusion: metrics.confusion_rows(),
            per_class: metrics.per_class(),
            most_confused: metrics.most_confused(MOST_PAIRS),
            mistakes: answers.map_or(Vec::new(), |answers| answers.mistakes(MOST_MISTAKES)),
            calibration: answers.and_then(|answers| answers.calibration()),
        }
    }
}
