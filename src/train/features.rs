//! What a backbone sees in pictures: the lists of numbers that heads learn from.

use std::ops::Range;

use crate::data::augment::{Augmentation, Sampler, Surroundings};
use crate::data::loader::example_rng;
use crate::error::{Error, Result};
use crate::graph::{Mode, Targets};
use crate::image::normalize::write_plain;
use crate::model::Backbone;
use crate::plan::{Plan, Step};

/// The most pictures computed together.
const MOST_AT_ONCE: usize = 32;
/// Numbers that the values of the pictures computed together may take: what stays in a processor's cache.
const MOST_NUMBERS: usize = 1 << 20;

/// How pictures of this shape are varied in their further views: as if moved, turned a little, held nearer or farther,
/// in other light.
pub fn usual_variation(shape: [usize; 3]) -> Augmentation {
    Augmentation {
        shift: 0.06 * shape[0].min(shape[1]) as f32,
        rotate: 12.0,
        scale: [0.85, 1.15],
        brightness: 0.1,
        contrast: 0.1,
        surroundings: if shape[2] == 1 { Surroundings::Black } else { Surroundings::Edge },
        ..Augmentation::default()
    }
}

/// A backbone, ready to be shown pictures.
#[derive(Debug)]
pub struct FeatureReader {
    backbone: Backbone,
    plan: Plan,
    sampler: Option<Sampler>,
    seed: u64,
}

impl FeatureReader {
    /// Reads pictures as they are, and their further views varied as `augmentation` and `seed` say.
    ///
    /// # Errors
    /// [`Error::Limit`] when the network needs too much memory; those of [`Augmentation::validate`].
    pub fn new(backbone: Backbone, augmentation: &Augmentation, seed: u64) -> Result<FeatureReader> {
        let graph = backbone.graph().clone().fused();
        let alone = Plan::compile(graph.clone(), 1, Mode::Inference, &[])?;
        let n = (MOST_NUMBERS / alone.arena_len().max(1)).clamp(1, MOST_AT_ONCE);
        let plan = Plan::compile(graph, n, Mode::Inference, &[])?;
        let shape = backbone.spec().input_shape;
        let sampler = if augmentation.is_off() { None } else { Some(Sampler::new(shape, augmentation)?) };
        Ok(FeatureReader { backbone, plan, sampler, seed })
    }

    /// Whose features these are.
    pub fn backbone(&self) -> &Backbone {
        &self.backbone
    }

    /// The features of pictures of the input's shape, one byte a value: a list for each of these `views` of a picture. View
    /// 0 is the picture as it is, the others are of it varied, as its own number decides.
    ///
    /// Shapes: `pictures: [n, height, width, channels]`, the `numbers: [n]`, the result
    /// `[n, n_views, n_features]`.
    ///
    /// # Errors
    /// [`Error::Shape`] for bytes that are no picture for each number.
    pub fn read(&mut self, pictures: &[u8], views: Range<usize>, numbers: &[u32]) -> Result<Vec<f32>> {
        let spec = self.backbone.spec();
        let len: usize = spec.input_shape.iter().product();
        if pictures.len() != numbers.len() * len {
            return Err(Error::shape(
                "The pictures",
                format!("{} times {len} bytes", numbers.len()),
                format!("{} bytes", pictures.len()),
            ));
        }
        let (mean, inverse_deviation) = spec.preprocessing.normalization(spec.input_shape[2]);
        let n_views = views.len();
        let n = numbers.len() * n_views;
        let mut features = Vec::with_capacity(n * self.backbone.n_features());
        for start in (0..n).step_by(self.plan.batch()) {
            let batch = self.plan.batch().min(n - start);
            let input = self.plan.input_mut(0, batch);
            for (place, out) in (start..).zip(input.chunks_exact_mut(len)) {
                let (index, view) = (place / n_views, views.start + place % n_views);
                let picture = &pictures[index * len..][..len];
                match &mut self.sampler {
                    Some(sampler) if view > 0 => {
                        let mut rng = example_rng(self.seed, view as u64, numbers[index]);
                        sampler.write(picture, &mut rng, &mean, &inverse_deviation, out);
                    }
                    _ => write_plain(picture, &mean, &inverse_deviation, out),
                }
            }
            let step = Step { batch, targets: Targets::None, seed: 0, loss_scale: 0.0 };
            self.plan.forward(&self.backbone.params, &mut self.backbone.state, step);
            features.extend_from_slice(self.plan.value(self.plan.graph().output(), batch));
        }
        Ok(features)
    }

    /// These views of a picture themselves, one byte a value, as [`read`](FeatureReader::read) shows them to the network.
    ///
    /// # Errors
    /// [`Error::Shape`] for bytes that are no picture.
    pub fn views(&mut self, picture: &[u8], views: Range<usize>, number: u32) -> Result<Vec<u8>> {
        let shape = self.backbone.spec().input_shape;
        if picture.len() != shape.iter().product::<usize>() {
            return Err(Error::shape(
                "The picture",
                format!("{} bytes", shape.iter().product::<usize>()),
                format!("{} bytes", picture.len()),
            ));
        }
        let (mean, inverse_deviation) = (vec![0.0; shape[2]], vec![255.0; shape[2]]);
        let mut bytes = Vec::with_capacity(views.len() * picture.len());
        let mut varied = vec![0.0; picture.len()];
        for view in views {
            match &mut self.sampler {
                Some(sampler) if view > 0 => {
                    let mut rng = example_rng(self.seed, view as u64, number);
                    sampler.write(picture, &mut rng, &mean, &inverse_deviation, &mut varied);
                    bytes.extend(varied.iter().map(|value| (value + 0.5) as u8));
                }
                _ => bytes.extend_from_slice(picture),
            }
        }
        Ok(bytes)
    }
}

/// Features kept for lessons, by the pictures' numbers: each picture's lists, in the order they came.
#[derive(Clone, Debug, Default)]
pub struct KnownFeatures {
    /// In the order of the numbers. A map of the library's takes several KB of a wasm module.
    by_number: Vec<(u32, Vec<Box<[f32]>>)>,
}

impl KnownFeatures {
    /// Keeps `features: [n, n_views, n_features]` of the pictures `numbers: [n]`, after those already kept of them.
    ///
    /// # Errors
    /// [`Error::Shape`] for features that do not go up.
    pub fn add(&mut self, numbers: &[u32], features: &[f32], n_features: usize) -> Result<()> {
        let per_picture = features.len() / numbers.len().max(1);
        if per_picture * numbers.len() != features.len()
            || !per_picture.is_multiple_of(n_features)
            || per_picture == 0
        {
            return Err(Error::shape(
                "The features",
                format!("lists of {n_features} numbers, as many for each of {} pictures", numbers.len()),
                format!("{} numbers", features.len()),
            ));
        }
        for (number, own) in numbers.iter().zip(features.chunks_exact(per_picture)) {
            match self.place_of(*number) {
                Ok(place) => self.by_number[place].1.push(own.into()),
                Err(place) => self.by_number.insert(place, (*number, vec![own.into()])),
            }
        }
        Ok(())
    }

    /// Forgets these pictures, or all.
    pub fn forget(&mut self, numbers: Option<&[u32]>) {
        match numbers {
            // Most come in their order: from the last on, fewer have to move up.
            Some(numbers) => {
                for number in numbers.iter().rev() {
                    if let Ok(place) = self.place_of(*number) {
                        self.by_number.remove(place);
                    }
                }
            }
            None => self.by_number.clear(),
        }
    }

    /// Where the picture `number` is, or where it would be.
    fn place_of(&self, number: u32) -> std::result::Result<usize, usize> {
        self.by_number.binary_search_by_key(&number, |(other, _)| *other)
    }

    /// The first `n_views` lists of each of these pictures, picture after picture.
    ///
    /// # Errors
    /// [`Error::State`] for a picture of which fewer are kept.
    pub fn rows(&self, numbers: &[u32], n_views: usize, n_features: usize) -> Result<Vec<&[f32]>> {
        let mut rows = Vec::with_capacity(numbers.len() * n_views);
        for number in numbers {
            let kept = self.place_of(*number).map_or(&[][..], |place| &self.by_number[place].1);
            rows.extend(kept.iter().flat_map(|own| own.chunks_exact(n_features)).take(n_views));
            if !rows.len().is_multiple_of(n_views) || kept.is_empty() {
                return Err(Error::state(&format!("features of picture {number} to be kept"), "A lesson"));
            }
        }
        Ok(rows)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Detail, Model, zoo};
    use crate::rng::Rng;
    use crate::session::{Session, Source};
    use crate::train::heads::answer;

    #[test]
    fn features_times_the_last_layer_are_the_models_own_answer() {
        let model = Model::create(zoo::preset("digits").unwrap(), 1).unwrap();
        let backbone = Backbone::of(&model, Detail::Whole).unwrap();
        let (weights, bias) = model.params[backbone.params.len()..].split_at(640);
        let head = crate::model::Head { weights: weights.to_vec(), bias: bias.to_vec() };
        let mut reader = FeatureReader::new(backbone, &Augmentation::default(), 1).unwrap();
        let mut session = Session::new(model).unwrap();
        let mut rng = Rng::new(1, 1);
        let pictures: Vec<u8> = (0..40 * 784).map(|_| rng.below(256) as u8).collect();
        let features = reader.read(&pictures, 0..1, &[0; 40]).unwrap();
        for (picture, features) in pictures.chunks(784).zip(features.chunks(64)) {
            let mut confidences = [0.0; 10];
            answer(&head, features, &mut confidences);
            for class in session.predict(Source::Prepared(picture), 10).unwrap().classes {
                assert!((class.confidence - confidences[class.index]).abs() < 1e-4);
            }
        }
    }

    #[test]
    fn a_picture_is_varied_alike_alone_or_among_others_and_never_in_its_first_view() {
        let model = Model::create(zoo::preset("tiny").unwrap(), 1).unwrap();
        let backbone = Backbone::of(&model, Detail::Whole).unwrap();
        let n_features = backbone.n_features();
        let varied = Augmentation { rotate: 20.0, ..Augmentation::default() };
        let mut reader = FeatureReader::new(backbone, &varied, 4).unwrap();
        let mut rng = Rng::new(2, 1);
        let pictures: Vec<u8> = (0..3 * 784).map(|_| rng.below(256) as u8).collect();
        let all = reader.read(&pictures, 0..3, &[0, 1, 2]).unwrap();
        let alone = reader.read(&pictures[784..2 * 784], 0..3, &[1]).unwrap();
        assert_eq!(all[3 * n_features..6 * n_features], alone);
        assert_eq!(alone[..n_features], reader.read(&pictures[784..2 * 784], 0..1, &[1]).unwrap());
        assert_ne!(alone[..n_features], alone[n_features..2 * n_features]);
        let views = reader.views(&pictures[784..2 * 784], 0..3, 1).unwrap();
        assert_eq!(views[..784], pictures[784..2 * 784]);
        assert_ne!(views[784..2 * 784], views[2 * 784..]);
        assert_eq!(reader.views(&views[..783], 0..3, 1).unwrap_err().code(), "shape");
        assert_eq!(alone[n_features..], reader.read(&pictures[784..2 * 784], 1..3, &[1]).unwrap());
        assert_eq!(reader.read(&pictures[1..], 0..1, &[0, 1, 2]).unwrap_err().code(), "shape");
    }

    #[test]
    fn kept_features_are_found_by_number_view_after_view_until_they_are_forgotten() {
        let mut known = KnownFeatures::default();
        known.add(&[7, 3], &[1.0, 2.0, 3.0, 4.0], 2).unwrap();
        known.add(&[7], &[5.0, 6.0, 7.0, 8.0], 2).unwrap();
        assert_eq!(known.rows(&[7], 3, 2).unwrap(), [[1.0, 2.0], [5.0, 6.0], [7.0, 8.0]]);
        assert_eq!(known.rows(&[3, 7], 1, 2).unwrap(), [[3.0, 4.0], [1.0, 2.0]]);
        assert_eq!(known.rows(&[7, 3], 3, 2).unwrap_err().code(), "state");
        assert_eq!(known.rows(&[4], 1, 2).unwrap_err().code(), "state");
        assert_eq!(known.add(&[1, 2], &[0.0; 6], 2).unwrap_err().code(), "shape");
        known.forget(Some(&[3]));
        assert_eq!(known.rows(&[3], 1, 2).unwrap_err().code(), "state");
        known.forget(None);
        assert_eq!(known.rows(&[7], 1, 2).unwrap_err().code(), "state");
    }
}
