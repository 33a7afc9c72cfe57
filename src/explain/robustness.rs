//! Accuracy on a data set while a disturbance grows.

use serde::Serialize;

use super::attack::Attacker;
use super::disturb::{Disturbance, innocently};
use super::frozen;
use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::graph::{Mode, Targets};
use crate::image::normalize::write_plain;
use crate::model::Model;
use crate::plan::{Plan, Step};
use crate::rng::{Rng, mix};
use crate::settings::Settings;
use crate::value::Value;

/// Examples computed together.
const BATCH: usize = 16;
/// Strengths of one curve.
const MOST_STRENGTHS: usize = 50;

/// What is asked.
#[derive(Clone, Debug, PartialEq)]
pub struct RobustnessOptions {
    /// What happens to the pictures.
    pub kind: Disturbance,
    /// How much of it, for each point of the curve.
    pub strengths: Vec<f32>,
    /// At most so many examples, drawn by the seed: those of a file may come class by class, or in turn.
    pub n_examples: usize,
    /// Of the choice of examples, of noise and directions.
    pub seed: u64,
}

impl TryFrom<Value> for RobustnessOptions {
    type Error = Box<Error>;

    fn try_from(value: Value) -> Result<RobustnessOptions> {
        let mut settings = Settings::new("robustness", value)?;
        let read = RobustnessOptions {
            kind: settings.require("kind")?,
            strengths: settings.require("strengths")?,
            n_examples: settings.get_or("nExamples", 500)?,
            seed: settings.get_or("seed", 1)?,
        };
        settings.finish()?;
        Ok(read)
    }
}

/// A point of the curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RobustnessPoint {
    /// Of the disturbance.
    pub strength: f32,
    /// Share answered rightly.
    pub accuracy: f32,
}

/// A curve under way.
#[derive(Debug)]
pub struct Robustness {
    options: RobustnessOptions,
    indices: Vec<u32>,
    plan: Plan,
    attacker: Option<Attacker>,
    done: usize,
    right: Vec<u32>,
}

impl Robustness {
    /// A curve over some of the examples `indices`.
    ///
    /// # Errors
    /// [`Error::Config`] for strengths or numbers that are none; [`Error::Data`] without examples; [`Error::Limit`] when
    /// the network needs too much memory.
    pub fn new(model: &Model, indices: &[u32], options: RobustnessOptions) -> Result<Robustness> {
        if !(1..=MOST_STRENGTHS).contains(&options.strengths.len()) {
            let got = options.strengths.len();
            return Err(Error::config("strengths", format!("1 to {MOST_STRENGTHS} numbers"), got));
        }
        options.strengths.iter().try_for_each(|&strength| options.kind.check(strength))?;
        if options.n_examples == 0 {
            return Err(Error::config("nExamples", "at least 1", options.n_examples));
        }
        if indices.is_empty() {
            return Err(Error::data("at least one example", "none"));
        }
        let n = options.n_examples.min(indices.len());
        let mut indices = indices.to_vec();
        Rng::new(options.seed, 0).shuffle(&mut indices);
        indices.truncate(n);
        let plan = Plan::compile(frozen(model).fused(), BATCH, Mode::Inference, &[])?;
        let attacker = options.kind.attack().map(|_| Attacker::new(model, BATCH)).transpose()?;
        let right = vec![0; options.strengths.len()];
        Ok(Robustness { options, indices, plan, attacker, done: 0, right })
    }

    /// The share that is done, 0 to 1.
    pub fn share(&self) -> f32 {
        self.done as f32 / (self.indices.len() * self.options.strengths.len()) as f32
    }

    /// Whether all is.
    pub fn is_finished(&self) -> bool {
        self.done == self.indices.len() * self.options.strengths.len()
    }

    /// The points that are done.
    pub fn curve(&self) -> Vec<RobustnessPoint> {
        let n = self.indices.len();
        let points = self.options.strengths.iter().zip(&self.right).take(self.done / n);
        points
            .map(|(&strength, &right)| RobustnessPoint { strength, accuracy: right as f32 / n as f32 })
            .collect()
    }

    /// Computes the next examples; nothing when finished.
    ///
    /// # Panics
    /// With another model or data set than it was made for.
    pub fn advance(&mut self, model: &Model, dataset: &Dataset) {
        if self.is_finished() {
            return;
        }
        let (point, first) = (self.done / self.indices.len(), self.done % self.indices.len());
        let part = &self.indices[first..(first + BATCH).min(self.indices.len())];
        let (kind, strength) = (self.options.kind, self.options.strengths[point]);
        let classes: Vec<u32> = part.iter().map(|&idx| dataset.labels[idx as usize]).collect();
        let mut pictures = Vec::with_capacity(part.len() * dataset.example_len());
        for &idx in part {
            let seed = mix(&[self.options.seed, u64::from(idx)]);
            let picture = dataset.example(idx as usize);
            pictures.extend(innocently(picture, dataset.shape, kind, strength, seed));
        }
        if let (Some(attacker), Some(attack)) = (&mut self.attacker, kind.attack()) {
            pictures = attacker.change(model, &pictures, &classes, attack, strength, false);
        }
        let spec = model.spec();
        let (mean, inverse_deviation) = spec.preprocessing.normalization(spec.input_shape[2]);
        let n = part.len();
        write_plain(&pictures, &mean, &inverse_deviation, self.plan.input_mut(0, n));
        let step = Step { batch: n, targets: Targets::None, seed: 0, loss_scale: 0.0 };
        self.plan.forward(&model.params, &mut model.state.clone(), step);
        let logits = self.plan.value(self.plan.graph().output(), n).chunks_exact(spec.labels.len());
        for (row, &class) in logits.zip(&classes) {
            let best = (1..row.len()).fold(0, |best, i| if row[i] > row[best] { i } else { best });
            self.right[point] += u32::from(best == class as usize);
        }
        self.done += n;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::zoo;

    fn curve(kind: Disturbance, strengths: &[f32]) -> Robustness {
        let model = Model::create(zoo::preset("tiny").unwrap(), 1).unwrap();
        let dataset = crate::data::generated::generate("handwriting", 200, 1).unwrap();
        let indices: Vec<u32> = (0..200).collect();
        let options = RobustnessOptions { kind, strengths: strengths.to_vec(), n_examples: 20, seed: 1 };
        let mut curve = Robustness::new(&model, &indices, options).unwrap();
        while !curve.is_finished() {
            curve.advance(&model, &dataset);
        }
        curve
    }

    #[test]
    fn a_part_of_data_whose_classes_come_in_turn_has_all_kinds_of_examples() {
        let curve = curve(Disturbance::Noise, &[0.0]);
        let mut places: Vec<u32> = curve.indices.iter().map(|idx| idx % 10).collect();
        places.sort_unstable();
        places.dedup();
        assert!(places.len() > 5, "{places:?}");
    }

    #[test]
    fn an_attack_never_raises_the_accuracy_and_nothing_changes_nothing() {
        let fgsm = curve(Disturbance::Fgsm, &[0.0, 0.2]).curve();
        assert_eq!(fgsm[0].accuracy, curve(Disturbance::Blur, &[0.0]).curve()[0].accuracy);
        assert!(fgsm[1].accuracy <= fgsm[0].accuracy);
    }
}
