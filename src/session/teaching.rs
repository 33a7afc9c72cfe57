//! A session's model as the backbone of others: features of pictures, and new last layers.

use std::ops::Range;

use super::training::Runs;
use super::{Session, Source};
use crate::error::Result;
use crate::model::{Backbone, Detail, Model};
use crate::train::features::{FeatureReader, usual_variation};
use crate::train::lesson::{Lesson, LessonOptions, learn};

/// Who reads features, and what they were asked for.
#[derive(Debug)]
pub(super) struct Reading {
    detail: Detail,
    seed: u64,
    reader: FeatureReader,
}

impl Runs {
    /// The reader for this, kept from call to call.
    fn reader(&mut self, model: &Model, detail: Detail, seed: u64) -> Result<&mut FeatureReader> {
        let kept = self.reading.take().filter(|kept| (kept.detail, kept.seed) == (detail, seed));
        let reading = match kept {
            Some(reading) => reading,
            None => {
                let varied = usual_variation(model.spec().input_shape);
                let reader = FeatureReader::new(Backbone::of(model, detail)?, &varied, seed)?;
                Reading { detail, seed, reader }
            }
        };
        Ok(&mut self.reading.insert(reading).reader)
    }
}

impl Session {
    /// What the network's last layer reads of a picture; nothing for a blank one.
    ///
    /// # Errors
    /// As [`predict`](Session::predict) and [`Backbone::of`].
    pub fn features(&mut self, source: Source<'_>, detail: Detail) -> Result<Option<Vec<f32>>> {
        match self.prepare(source)? {
            Some(input) => self.features_batch(&input, &[0], 0..1, detail, 0).map(Some),
            None => Ok(None),
        }
    }

    /// Features of pictures of the model's input shape, each in these views; see [`FeatureReader::read`].
    ///
    /// # Errors
    /// As there and [`Backbone::of`]; [`Error::State`](crate::Error::State) during a training.
    pub fn features_batch(
        &mut self,
        pictures: &[u8],
        numbers: &[u32],
        views: Range<usize>,
        detail: Detail,
        seed: u64,
    ) -> Result<Vec<f32>> {
        self.refuse_during_run("Taking features")?;
        self.runs.reader(&self.model, detail, seed)?.read(pictures, views, numbers)
    }

    /// These views of a picture of the model's input shape themselves; see [`FeatureReader::views`].
    ///
    /// # Errors
    /// As [`features_batch`](Session::features_batch).
    pub fn views_of(
        &mut self,
        picture: &[u8],
        number: u32,
        views: Range<usize>,
        seed: u64,
    ) -> Result<Vec<u8>> {
        self.refuse_during_run("Varying a picture")?;
        self.runs.reader(&self.model, Detail::Parts, seed)?.views(picture, views, number)
    }

    /// A classifier of `labels` on this model's backbone, learnt from features of pictures, and how pictures that were
    /// held out were answered. The session's own model stays as it is.
    ///
    /// # Errors
    /// As [`learn`] and [`Backbone::with_head`].
    pub fn teach(
        &mut self,
        features: &[f32],
        classes: &[u32],
        labels: &[String],
        detail: Detail,
        options: LessonOptions,
    ) -> Result<(Model, Lesson)> {
        let backbone = Backbone::of(&self.model, detail)?;
        let rows: Vec<&[f32]> = features.chunks(backbone.n_features()).collect();
        taught(&backbone, &rows, classes, labels, options)
    }

    /// Keeps features for [`teach_known`](Session::teach_known), so that they need not be brought for each lesson.
    ///
    /// # Errors
    /// As [`KnownFeatures::add`](crate::train::features::KnownFeatures::add) and [`Backbone::of`].
    pub fn keep_features(&mut self, numbers: &[u32], features: &[f32], detail: Detail) -> Result<()> {
        let n_features = Backbone::of(&self.model, detail)?.n_features();
        self.runs.known.add(numbers, features, n_features)
    }

    /// Forgets what was kept of these pictures, or of all.
    pub fn forget_features(&mut self, numbers: Option<&[u32]>) {
        self.runs.known.forget(numbers);
    }

    /// As [`teach`](Session::teach), from features that were kept.
    ///
    /// # Errors
    /// As there, and [`Error::State`](crate::Error::State) for a picture of which fewer views are kept.
    pub fn teach_known(
        &mut self,
        numbers: &[u32],
        classes: &[u32],
        labels: &[String],
        detail: Detail,
        options: LessonOptions,
    ) -> Result<(Model, Lesson)> {
        let backbone = Backbone::of(&self.model, detail)?;
        let rows = self.runs.known.rows(numbers, options.n_views, backbone.n_features())?;
        taught(&backbone, &rows, classes, labels, options)
    }
}

fn taught(
    backbone: &Backbone,
    rows: &[&[f32]],
    classes: &[u32],
    labels: &[String],
    options: LessonOptions,
) -> Result<(Model, Lesson)> {
    let lesson = learn(rows, classes, backbone.n_features(), labels.len(), options)?;
    Ok((backbone.with_head(labels, &lesson.head)?, lesson))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::zoo;
    use crate::rng::Rng;

    /// Pictures of two kinds: noise above, or below, on black.
    fn pictures(n: usize) -> (Vec<u8>, Vec<u32>) {
        let mut rng = Rng::new(8, 0);
        let classes: Vec<u32> = (0..n as u32).map(|i| i % 2).collect();
        let mut pixels = Vec::new();
        for &class in &classes {
            pixels
                .extend((0..784).map(|at| if (at < 392) == (class == 0) { rng.below(256) as u8 } else { 0 }));
        }
        (pixels, classes)
    }

    #[test]
    fn a_lesson_makes_a_classifier_of_the_new_classes_and_leaves_the_old_one() {
        let model = Model::create(zoo::preset("digits").unwrap(), 1).unwrap();
        let mut session = Session::new(model.clone()).unwrap();
        let (pixels, classes) = pictures(20);
        let numbers: Vec<u32> = (0..20).collect();
        let labels = ["above".to_owned(), "below".to_owned()];
        for detail in [Detail::Whole, Detail::Parts] {
            let features = session.features_batch(&pixels, &numbers, 0..2, detail, 1).unwrap();
            let options = LessonOptions { n_views: 2, ..LessonOptions::default() };
            let (taught, lesson) = session.teach(&features, &classes, &labels, detail, options).unwrap();
            session.keep_features(&numbers, &features, detail).unwrap();
            let known = session.teach_known(&numbers, &classes, &labels, detail, options).unwrap();
            assert_eq!((&known.0.params, &known.1), (&taught.params, &lesson));
            session.forget_features(None);
            let right = lesson.held_out.iter().zip(&classes).filter(|(a, b)| **a == Some(**b)).count();
            assert!(right >= 18, "{right} of 20");
            let mut taught = Session::new(taught).unwrap();
            for (picture, class) in pixels.chunks(784).zip(&classes) {
                let prediction = taught.predict(Source::Prepared(picture), 1).unwrap();
                assert_eq!(prediction.classes[0].label, labels[*class as usize]);
            }
        }
        assert_eq!(session.model().params, model.params);
    }

    #[test]
    fn features_of_one_picture_are_those_of_the_batch_and_a_blank_one_has_none() {
        let model = Model::create(zoo::preset("digits").unwrap(), 1).unwrap();
        let mut session = Session::new(model).unwrap();
        let (pixels, _) = pictures(2);
        let batch = session.features_batch(&pixels, &[0, 1], 0..1, Detail::Whole, 1).unwrap();
        let alone = session.features(Source::Prepared(&pixels[784..]), Detail::Whole).unwrap().unwrap();
        assert_eq!(alone, batch[64..]);
        assert_eq!(session.features(Source::Strokes(&[]), Detail::Whole).unwrap(), None);
    }
}
