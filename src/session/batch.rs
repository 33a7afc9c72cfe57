//! Predictions for many pictures at once: fewer calls, and weights are read once for several pictures.

use super::{ClassConfidence, Prediction, Session, Source};
use crate::data::views::Views;
use crate::error::{Error, Result};
use crate::graph::{Mode, Targets};
use crate::image::normalize::write_plain;
use crate::plan::{Plan, Step};

/// The most pictures computed together.
const MOST_AT_ONCE: usize = 64;

/// Numbers that the values of the pictures computed together may take: what stays in a processor's cache.
const MOST_NUMBERS: usize = 1 << 20;

impl Session {
    /// As [`predict`](Self::predict), by the mean of the probabilities over several views of the picture.
    ///
    /// # Errors
    /// As there.
    pub fn predict_views(&mut self, source: Source<'_>, top_k: usize, views: &Views) -> Result<Prediction> {
        let mut prediction = self.predict(source, usize::MAX)?;
        if views.n() > 1 && !prediction.blank {
            let mut pictures = vec![0; views.n() * prediction.input.len()];
            for (view, out) in pictures.chunks_exact_mut(prediction.input.len()).enumerate() {
                views.write(view, self.model.spec().input_shape, &prediction.input, out);
            }
            let probabilities = self.predict_batch(&pictures)?;
            let n_classes = prediction.classes.len();
            let mut classes: Vec<ClassConfidence> = Vec::new();
            for mut class in prediction.classes {
                let of_class = probabilities.iter().skip(class.index).step_by(n_classes);
                class.confidence = of_class.sum::<f32>() / views.n() as f32;
                let place = classes.partition_point(|other| other.confidence >= class.confidence);
                classes.insert(place, class);
            }
            prediction.classes = classes;
        }
        prediction.classes.truncate(top_k);
        Ok(prediction)
    }

    /// The probability of each class for pictures that have the model's input shape already, one byte a value.
    ///
    /// Shapes: `pictures: [n, height, width, channels]`, the result `[n, classes]`.
    ///
    /// # Errors
    /// [`Error::Shape`] for bytes that are no whole number of pictures.
    pub fn predict_batch(&mut self, pictures: &[u8]) -> Result<Vec<f32>> {
        let shape = self.model.spec().input_shape;
        let len: usize = shape.iter().product();
        if !pictures.len().is_multiple_of(len) {
            return Err(Error::shape(
                "The pictures",
                format!("a multiple of {len} bytes"),
                format!("{} bytes", pictures.len()),
            ));
        }
        let (mean, inverse_deviation) = self.model.spec().preprocessing.normalization(shape[2]);
        let plan = match &mut self.batch_predictor {
            Some(plan) => plan,
            none => {
                let n = (MOST_NUMBERS / self.predictor.passing_len().max(1)).clamp(1, MOST_AT_ONCE);
                // The predictor's graph is folded already, and ends in the softmax.
                none.insert(Plan::compile(self.predictor.graph().clone(), n, Mode::Inference, &[])?)
            }
        };
        let output = plan.graph().output();
        let mut probabilities = Vec::with_capacity(pictures.len() / len * self.model.spec().labels.len());
        for part in pictures.chunks(len * plan.batch()) {
            let batch = part.len() / len;
            write_plain(part, &mean, &inverse_deviation, plan.input_mut(0, batch));
            let step = Step { batch, targets: Targets::None, seed: 0, loss_scale: 0.0 };
            let (params, state) = self.model.numbers();
            plan.forward(params, state, step);
            probabilities.extend_from_slice(plan.value(output, batch));
        }
        Ok(probabilities)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Model, zoo};
    use crate::rng::Rng;

    #[test]
    fn a_batch_has_the_probabilities_of_its_pictures_one_by_one() {
        let mut rng = Rng::new(5, 0);
        let mut one_by_one = Session::new(Model::create(zoo::preset("tiny").unwrap(), 1).unwrap()).unwrap();
        let pictures: Vec<u8> = (0..67 * 784).map(|_| rng.range(0.0, 255.0) as u8).collect();
        let probabilities = one_by_one.predict_batch(&pictures).unwrap();
        assert_eq!(probabilities.len(), 670);
        for (picture, probabilities) in pictures.chunks(784).zip(probabilities.chunks(10)) {
            for class in one_by_one.predict(Source::Prepared(picture), 10).unwrap().classes {
                let difference = (class.confidence - probabilities[class.index]).abs();
                assert!(difference < 1e-5, "{difference}");
            }
        }
        assert!(one_by_one.predict_batch(&[]).unwrap().is_empty());
        assert_eq!(one_by_one.predict_batch(&pictures[1..]).unwrap_err().code(), "shape");
    }
}
