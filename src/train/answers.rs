//! What a model answered to each example: where it was wrong, and how sure it was.

use super::calibration::{self, Calibration, softmax};

/// The logits of examples, with what they should have been.
#[derive(Clone, Debug, PartialEq)]
pub struct Answers {
    n_classes: usize,
    indices: Vec<u32>,
    labels: Vec<u32>,
    /// `[n, n_classes]`
    logits: Vec<f32>,
}

/// An example that was answered wrongly.
#[derive(serde::Serialize, Clone, Copy, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Mistake {
    /// Its place in the data set.
    pub index: u32,
    /// The class it is of.
    pub actual: u32,
    /// The class it was taken for.
    pub predicted: u32,
    /// The probability of the class it was taken for.
    pub confidence: f32,
}

impl Answers {
    /// No answers yet.
    pub fn new(n_classes: usize) -> Answers {
        Answers { n_classes, indices: Vec::new(), labels: Vec::new(), logits: Vec::new() }
    }

    /// Adds answers.
    ///
    /// Shapes: `logits: [n, n_classes]`, `indices` and `labels` `[n]`.
    ///
    /// # Panics
    /// When the lengths do not fit.
    pub fn add(&mut self, indices: &[u32], labels: &[u32], logits: &[f32]) {
        assert_eq!((indices.len(), logits.len()), (labels.len(), labels.len() * self.n_classes));
        self.indices.extend_from_slice(indices);
        self.labels.extend_from_slice(labels);
        self.logits.extend_from_slice(logits);
    }

    /// Forgets all.
    pub fn clear(&mut self) {
        self.indices.clear();
        self.labels.clear();
        self.logits.clear();
    }

    /// At most `most` wrongly answered examples, first those that the model was surest about.
    pub fn mistakes(&self, most: usize) -> Vec<Mistake> {
        let mut mistakes: Vec<Mistake> = Vec::new();
        let mut probabilities = vec![0.0; self.n_classes];
        let rows = self.logits.chunks_exact(self.n_classes).zip(&self.labels).zip(&self.indices);
        for ((row, &actual), &index) in rows {
            let predicted = (1..row.len()).fold(0, |best, i| if row[i] > row[best] { i } else { best });
            if predicted != actual as usize {
                softmax(row, 1.0, &mut probabilities);
                let confidence = probabilities[predicted];
                let is_before = |other: &Mistake| {
                    confidence.total_cmp(&other.confidence).then(other.index.cmp(&index)).is_lt()
                };
                // Kept in order, and no more than are wanted: the library's sorting weighs several KB in a wasm module.
                let place = mistakes.partition_point(is_before);
                mistakes.insert(place, Mistake { index, actual, predicted: predicted as u32, confidence });
                mistakes.truncate(most);
            }
        }
        mistakes
    }

    /// How far the confidences can be believed; none of no examples.
    pub fn calibration(&self) -> Option<Calibration> {
        calibration::calibrate(&self.logits, &self.labels, self.n_classes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_surest_mistakes_come_first() {
        let mut answers = Answers::new(2);
        answers.add(&[7, 3, 9], &[0, 0, 1], &[0.0, 1.0, 5.0, 0.0, 4.0, 0.0]);
        answers.add(&[1], &[1], &[4.0, 0.0]);
        let mistakes = answers.mistakes(10);
        let told: Vec<_> = mistakes.iter().map(|m| (m.index, m.actual, m.predicted)).collect();
        assert_eq!(told, [(1, 1, 0), (9, 1, 0), (7, 0, 1)]);
        assert!((mistakes[2].confidence - 0.731_058_6).abs() < 1e-6);
        assert_eq!(answers.mistakes(1), mistakes[..1]);
        answers.clear();
        assert_eq!((answers.mistakes(9).len(), answers.calibration()), (0, None));
    }
}
