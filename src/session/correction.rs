//! A visitor's corrections: the last layer learns what a picture is, among known examples, and can forget it again.

use std::ops::Range;

use serde::Serialize;

use super::Session;
use crate::error::{Error, Result};
use crate::kernels::math::exp;
use crate::train::novelty::{features_and_logits, scores};

/// Known examples, of which each third is learnt again with every correction and the others judge.
const N_KNOWN: usize = 3000;
/// The most steps a correction takes.
const MOST_STEPS: usize = 150;
/// How much the corrections together weigh, against the known examples together.
const WEIGHT: f32 = 0.5;
/// How far below 0 a corrected picture's novelty comes to lie.
const MARGIN: f32 = 0.1;
/// A correction is learnt when its class is as likely as this.
const LEARNT: f32 = 0.6;

/// What is known, seen once by the layers that stay as they are, and what was corrected.
#[derive(Debug, Default)]
pub(super) struct Corrections {
    /// `[n, features]`
    features: Vec<f32>,
    labels: Vec<u32>,
    taught: Vec<(Vec<f32>, u32)>,
    /// The last layer before each correction, and what told no class from them.
    before: Vec<[Vec<f32>; 2]>,
}

/// What a correction, or taking one back, came to.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Correction {
    /// The share of the judging examples read right before.
    pub accuracy_before: f32,
    /// And after.
    pub accuracy_after: f32,
    /// Judging examples.
    pub n_judging: usize,
    /// How likely the network holds the right class of the corrected picture now; 0 when one was taken back.
    pub confidence: f32,
    /// Steps taken.
    pub n_steps: usize,
    /// Corrections in force.
    pub n_corrections: usize,
}

impl Session {
    /// Shows the network up to `n` more of the examples that it shall not forget; true when all have been seen.
    ///
    /// # Errors
    /// [`Error::State`] without a data set or during a run.
    pub fn recall(&mut self, n: usize) -> Result<bool> {
        self.refuse_during_run("Preparing corrections")?;
        let dataset = self.runs.dataset.as_ref().ok_or_else(|| Session::no_data("Correcting the network"))?;
        let stride = (dataset.len() / N_KNOWN).max(1);
        let known: Vec<u32> = (0..dataset.len() as u32).step_by(stride).take(N_KNOWN).collect();
        let corrections = &mut self.runs.corrections;
        let n_seen = corrections.labels.len();
        let part = dataset.subset(&known[n_seen..known.len().min(n_seen + n)]);
        corrections.features.extend(features_and_logits(&self.model, &part.pixels)?.0);
        corrections.labels.extend(part.labels);
        Ok(corrections.labels.len() == known.len())
    }

    /// Has the last layer learn that `picture`, of the model's input shape, is of class `class`.
    ///
    /// Full steps down the gradient of the mean cross-entropy of the known examples and half of that of all corrections,
    /// until these are as likely as 0.6. The layers before stay as they are. A picture that looked like none of the classes
    /// does so no more, while the mean of the known examples looks as before.
    ///
    /// # Errors
    /// [`Error::State`] before [`recall`](Self::recall) is done; [`Error::Shape`] or [`Error::Label`] for what does not fit.
    pub fn correct(&mut self, picture: &[u8], class: u32) -> Result<Correction> {
        let n_classes = self.model.spec().labels.len();
        let len: usize = self.model.spec().input_shape.iter().product();
        if picture.len() != len {
            return Err(Error::shape(
                "The corrected picture",
                format!("{len} bytes"),
                format!("{} bytes", picture.len()),
            ));
        }
        if class as usize >= n_classes {
            return Err(Error::config("class", format!("below {n_classes}"), class));
        }
        if self.runs.corrections.labels.is_empty() || !self.recall(0)? {
            return Err(Error::state("all known examples to be recalled", "A correction"));
        }
        let features = features_and_logits(&self.model, picture)?.0;
        let mut head = self.head()?;
        let corrections = &mut self.runs.corrections;
        corrections.before.push([head.numbers.clone(), self.model.novelty.clone()]);
        corrections.make_familiar(&mut self.model.novelty, &features);
        corrections.taught.push((features, class));
        let accuracy_before = corrections.accuracy(&head);
        let n_steps = corrections.learn(&mut head);
        let (accuracy_after, n_corrections) = (corrections.accuracy(&head), corrections.taught.len());
        let (features, class) = &corrections.taught[n_corrections - 1];
        let confidence = head.probabilities(features)[*class as usize];
        let n_judging = corrections.judging().count();
        self.set_head(&head);
        Ok(Correction { accuracy_before, accuracy_after, n_judging, confidence, n_steps, n_corrections })
    }

    /// Takes the last correction back: the weights are those from before it, bit for bit.
    ///
    /// # Errors
    /// [`Error::State`] when there is none.
    pub fn undo_correction(&mut self) -> Result<Correction> {
        let mut head = self.head()?;
        let corrections = &mut self.runs.corrections;
        let Some([numbers, novelty]) = corrections.before.pop() else {
            return Err(Error::state("a correction", "Taking a correction back"));
        };
        corrections.taught.pop();
        let accuracy_before = corrections.accuracy(&head);
        head.numbers = numbers;
        self.model.novelty = novelty;
        let (accuracy_after, n_corrections) = (corrections.accuracy(&head), corrections.taught.len());
        let n_judging = corrections.judging().count();
        self.set_head(&head);
        Ok(Correction {
            accuracy_before,
            accuracy_after,
            n_judging,
            confidence: 0.0,
            n_steps: 0,
            n_corrections,
        })
    }

    /// A copy of the last layer.
    fn head(&self) -> Result<Head> {
        let (n_features, n_classes) = (self.model.features().1, self.model.spec().labels.len());
        let range = self.head_range();
        if range.len() != (n_features + 1) * n_classes {
            return Err(Error::unsupported(
                "Correcting a network whose last layer is not a dense one with a bias",
                "train it on more examples",
            ));
        }
        Ok(Head { numbers: self.model.params[range].to_vec(), n_classes })
    }

    fn set_head(&mut self, head: &Head) {
        let range = self.head_range();
        self.model.params[range].copy_from_slice(&head.numbers);
    }

    /// Where the last layer's weights and biases lie: at the end, in this order.
    fn head_range(&self) -> Range<usize> {
        let last = self.model.graph().nodes().last();
        let n: usize = last.map_or(0, |node| node.params.len());
        self.model.params.len() - n..self.model.params.len()
    }
}

/// A dense layer: weights `[features, classes]`, then biases.
struct Head {
    numbers: Vec<f32>,
    n_classes: usize,
}

impl Head {
    fn logits(&self, features: &[f32]) -> Vec<f32> {
        let (weights, biases) = self.numbers.split_at(self.numbers.len() - self.n_classes);
        let mut logits = biases.to_vec();
        for (row, feature) in weights.chunks_exact(self.n_classes).zip(features) {
            logits.iter_mut().zip(row).for_each(|(logit, weight)| *logit += weight * feature);
        }
        logits
    }

    fn probabilities(&self, features: &[f32]) -> Vec<f32> {
        let mut values = self.logits(features);
        let largest = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        values.iter_mut().for_each(|value| *value = exp(*value - largest));
        let sum: f32 = values.iter().sum();
        values.iter_mut().for_each(|value| *value /= sum);
        values
    }

    /// Adds `share` of the gradient of an example's cross-entropy; returns how likely its class is.
    fn add_gradient(&self, features: &[f32], class: u32, share: f32, gradient: &mut [f32]) -> f32 {
        let mut errors = self.probabilities(features);
        let likely = errors[class as usize];
        errors[class as usize] -= 1.0;
        let (weights, biases) = gradient.split_at_mut(self.numbers.len() - self.n_classes);
        for (row, feature) in weights.chunks_exact_mut(self.n_classes).zip(features) {
            row.iter_mut().zip(&errors).for_each(|(g, error)| *g += share * feature * error);
        }
        biases.iter_mut().zip(&errors).for_each(|(g, error)| *g += share * error);
        likely
    }
}

impl Corrections {
    fn known(&self) -> impl Iterator<Item = (&[f32], u32)> {
        let n_features = self.features.len() / self.labels.len().max(1);
        self.features.chunks_exact(n_features.max(1)).zip(self.labels.iter().copied())
    }

    fn judging(&self) -> impl Iterator<Item = (&[f32], u32)> {
        self.known().enumerate().filter(|(i, _)| i % 3 != 0).map(|(_, example)| example)
    }

    /// The share of the judging examples read right.
    fn accuracy(&self, head: &Head) -> f32 {
        let is_right = |(features, label): (&[f32], u32)| {
            let logits = head.logits(features);
            let best = (1..logits.len()).fold(0, |best, i| if logits[i] > logits[best] { i } else { best });
            best == label as usize
        };
        self.judging().map(is_right).filter(|&right| right).count() as f32
            / self.judging().count().max(1) as f32
    }

    /// Turns the weights by as little as takes these features below 0, about the mean of the known ones.
    fn make_familiar(&self, novelty: &mut [f32], features: &[f32]) {
        let Some(&score) = scores(novelty, features).first().filter(|&&score| score > -MARGIN) else {
            return;
        };
        let mut mean = vec![0.0; features.len()];
        for (known, _) in self.known() {
            mean.iter_mut().zip(known).for_each(|(mean, x)| *mean += x / self.labels.len() as f32);
        }
        let square: f32 = features.iter().zip(&mean).map(|(x, mean)| (x - mean) * (x - mean)).sum();
        let factor = (score + MARGIN) / square.max(1e-6);
        let (constant, weights) = novelty.split_last_mut().expect("it has a score");
        for ((weight, x), mean) in weights.iter_mut().zip(features).zip(&mean) {
            *weight -= factor * (x - mean);
            *constant += factor * (x - mean) * mean;
        }
    }

    /// Returns the number of steps.
    fn learn(&self, head: &mut Head) -> usize {
        let replayed: Vec<(&[f32], u32)> = self.known().step_by(3).collect();
        let squares = |features: &[f32]| features.iter().map(|x| x * x).sum::<f32>() + 1.0;
        let mean_square =
            replayed.iter().map(|(features, _)| squares(features)).sum::<f32>() / replayed.len() as f32;
        // The cross-entropy's curvature is at most half the features' square.
        let rate = 2.0 / mean_square / (1.0 + WEIGHT);
        let mut gradient = vec![0.0; head.numbers.len()];
        for step in 0..MOST_STEPS {
            gradient.fill(0.0);
            let mut least = 1.0f32;
            for (features, class) in &self.taught {
                let share = WEIGHT / self.taught.len() as f32;
                least = least.min(head.add_gradient(features, *class, share, &mut gradient));
            }
            if least >= LEARNT {
                return step;
            }
            for (features, class) in &replayed {
                head.add_gradient(features, *class, 1.0 / replayed.len() as f32, &mut gradient);
            }
            head.numbers.iter_mut().zip(&gradient).for_each(|(number, g)| *number -= rate * g);
        }
        MOST_STEPS
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::handwriting;
    use crate::model::{Model, zoo};
    use crate::session::Source;

    #[test]
    fn a_correction_is_learnt_without_forgetting_and_taken_back_to_the_bit() {
        let mut model = Model::create(zoo::preset("tiny").unwrap(), 1).unwrap();
        // Everything is new to it.
        model.novelty = vec![0.0; model.features().1 + 1];
        *model.novelty.last_mut().unwrap() = 1.0;
        let novelty = model.novelty.clone();
        let mut session = Session::new(model).unwrap();
        let digits = handwriting::generate(300, 5).unwrap();
        let picture = digits.example(7).to_vec();
        assert_eq!(session.recall(10).unwrap_err().code(), "state");
        session.set_dataset(digits).unwrap();
        assert_eq!(session.correct(&picture, 3).unwrap_err().code(), "state");
        while !session.recall(64).unwrap() {}
        let before = session.model.params.clone();
        let wrong = session.predict(Source::Prepared(&picture), 10).unwrap().classes[9].index as u32;
        let done = session.correct(&picture, wrong).unwrap();
        assert!(done.confidence >= 0.3 && done.n_steps > 0 && done.n_judging == 200, "{done:?}");
        let now = session.predict(Source::Prepared(&picture), 1).unwrap();
        assert!((now.classes[0].confidence - done.confidence).abs() < 1e-4, "{now:?} {done:?}");
        assert!(now.novelty.unwrap() < 0.0, "{now:?}");
        let changed = before.iter().zip(&session.model.params).filter(|(a, b)| a.to_bits() != b.to_bits());
        assert!(changed.count() <= session.head().unwrap().numbers.len());
        let undone = session.undo_correction().unwrap();
        assert_eq!((undone.accuracy_after, undone.n_corrections), (done.accuracy_before, 0));
        assert!(before.iter().zip(&session.model.params).all(|(a, b)| a.to_bits() == b.to_bits()));
        assert_eq!(session.model.novelty, novelty);
        assert_eq!(session.undo_correction().unwrap_err().code(), "state");
        assert_eq!(session.correct(&picture, 10).unwrap_err().code(), "config");
        assert_eq!(session.correct(&picture[1..], 1).unwrap_err().code(), "shape");
    }
}
