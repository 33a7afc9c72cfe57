//! A taught classifier learns on in its backbone, too, and pictures that were held out say whether that was for the better.
//!
//! Few pictures can spoil a network, so nothing is taken on trust. A first run learns without some pictures, and they judge it
//! after every epoch, as they judge the classifier it began from. Only if some epoch is better by them does a second run of as
//! many epochs learn from all; else the classifier stays as it was.

use super::fine_tuner::{FineTuneOptions, FineTuner, Judgment, Pictures};
use super::lesson::{Lesson, LessonOptions, learn};
use crate::data::split::stratified;
use crate::error::{Error, Result};
use crate::model::{Backbone, Model};

/// The share of the pictures of each class that judge.
const HELD_OUT: f32 = 0.2;
/// What a fine-tuning came to.
#[derive(Clone, Debug)]
pub struct FineTuned {
    /// Learnt from all pictures; as it was where that was no worse.
    pub model: Model,
    /// Epochs learnt from all; 0 where the classifier stayed as it was.
    pub epochs: u32,
    /// Which pictures judged.
    pub held_out: Vec<u32>,
    /// How they were answered before.
    pub before: Judgment,
    /// And after these epochs.
    pub after: Judgment,
}

/// A fine-tuning under way.
#[derive(Debug)]
pub struct FineTuning {
    options: FineTuneOptions,
    n_pictures: usize,
    held_out: Vec<u32>,
    before: Judgment,
    after: Judgment,
    epochs: u32,
    /// The classifier learnt from all, as it was.
    frozen: Model,
    /// At work: until `learns_from_all` on all but those held out.
    tuner: Option<FineTuner>,
    learns_from_all: bool,
    tuned: Option<Model>,
}

impl FineTuning {
    /// Begins with a lesson on `rows`, the features of `pictures` as [`learn`] takes them, and with one without some of them.
    ///
    /// # Errors
    /// Those of [`learn`], [`Backbone::with_head`] and [`new`](FineTuning::new).
    pub fn of_lesson(
        backbone: &Backbone,
        rows: &[&[f32]],
        pictures: Pictures,
        labels: &[String],
        lesson: LessonOptions,
        options: FineTuneOptions,
    ) -> Result<(Lesson, FineTuning)> {
        let (n_features, n_classes, n_views) = (backbone.n_features(), labels.len(), lesson.n_views);
        let learnt = learn(rows, &pictures.classes, n_features, n_classes, lesson)?;
        let split = stratified(&pictures.classes, n_classes, HELD_OUT, lesson.seed);
        let of = |i: &u32| &rows[*i as usize * n_views..][..n_views];
        let rest: Vec<&[f32]> = split.training.iter().flat_map(of).copied().collect();
        let classes: Vec<u32> = split.training.iter().map(|&i| pictures.classes[i as usize]).collect();
        let head = learn(&rest, &classes, n_features, n_classes, lesson)?.head;
        let frozen = backbone.with_head(labels, &learnt.head)?;
        let without = backbone.with_head(labels, &head)?;
        Ok((learnt, FineTuning::new(frozen, without, pictures, split.validation, options)?))
    }

    /// `frozen` was learnt from all pictures, `without` from all but those of `held_out`.
    ///
    /// # Errors
    /// [`Error::Data`] where nothing is held out; else as [`FineTuner::new`].
    pub fn new(
        frozen: Model,
        without: Model,
        pictures: Pictures,
        held_out: Vec<u32>,
        options: FineTuneOptions,
    ) -> Result<FineTuning> {
        if held_out.is_empty() {
            return Err(Error::data(
                "a class of three pictures or more, of which one can be held out to judge",
                "fewer of each",
            ));
        }
        let n_pictures = pictures.classes.len();
        let training = (0..n_pictures as u32).filter(|i| !held_out.contains(i)).collect();
        let mut tuner = FineTuner::new(without, pictures, training, options)?;
        let before = tuner.judge(&held_out);
        Ok(FineTuning {
            options,
            n_pictures,
            held_out,
            after: before.clone(),
            before,
            epochs: 0,
            frozen,
            tuner: Some(tuner),
            learns_from_all: false,
            tuned: None,
        })
    }

    /// How far it is, from 0 to 1; a second run that is spared comes as a leap.
    pub fn share(&self) -> f32 {
        let Some(tuner) = &self.tuner else { return 1.0 };
        let first = (self.n_pictures - self.held_out.len()) as f32 / self.n_pictures as f32;
        let share = tuner.step() as f32 / tuner.n_steps() as f32;
        if !self.learns_from_all {
            return share * first / (first + 1.0);
        }
        (first + share) / (first + 1.0)
    }

    /// Whether it is done.
    pub fn is_finished(&self) -> bool {
        self.tuner.is_none()
    }

    /// Goes on by a step; at the end of an epoch of the first run the pictures that were held out judge.
    ///
    /// # Errors
    /// [`Error::NonFinite`].
    pub fn advance(&mut self) -> Result<()> {
        let Some(tuner) = &mut self.tuner else { return Ok(()) };
        tuner.advance()?;
        if tuner.step() % tuner.steps_per_epoch() > 0 {
            return Ok(());
        }
        let epoch = tuner.step() / tuner.steps_per_epoch();
        if self.learns_from_all {
            if tuner.step() == tuner.n_steps() {
                self.tuned = self.tuner.take().map(|tuner| tuner.into_parts().0);
            }
            return Ok(());
        }
        let judgment = tuner.judge(&self.held_out);
        // How likely the right classes are says more of a few pictures than how many are right; but none fewer may be.
        if judgment.loss < self.after.loss && judgment.n_right >= self.before.n_right {
            (self.after, self.epochs) = (judgment, epoch);
        }
        if epoch < self.options.epochs {
            return Ok(());
        }
        let pictures = self.tuner.take().map(|tuner| tuner.into_parts().1).unwrap_or_default();
        if self.epochs > 0 {
            let all = (0..self.n_pictures as u32).collect();
            self.learns_from_all = true;
            self.tuner = Some(FineTuner::new(
                self.frozen.clone(),
                pictures,
                all,
                FineTuneOptions { epochs: self.epochs, ..self.options },
            )?);
        }
        Ok(())
    }

    /// What it came to, once it is finished.
    pub fn finish(self) -> FineTuned {
        FineTuned {
            model: self.tuned.unwrap_or(self.frozen),
            epochs: self.epochs,
            held_out: self.held_out,
            before: self.before,
            after: self.after,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::handwriting;
    use crate::model::{Detail, zoo};
    use crate::train::features::{FeatureReader, usual_variation};
    use crate::train::fine_tuner::Unfrozen;

    /// Digits on a network that never saw any.
    fn tuned(n: usize, learning_rate: f32) -> Result<(Vec<f32>, FineTuned)> {
        let digits = handwriting::generate(n, 5)?;
        let model = Model::create(zoo::preset("digits")?, 1)?;
        let backbone = Backbone::of(&model, Detail::Parts)?;
        let numbers: Vec<u32> = (0..n as u32).collect();
        let variation = usual_variation(digits.shape);
        let mut reader = FeatureReader::new(backbone.clone(), &variation, 1)?;
        let features = reader.read(&digits.pixels, 0..1, &numbers)?;
        let rows: Vec<&[f32]> = features.chunks(backbone.n_features()).collect();
        let pictures = Pictures { pixels: digits.pixels, classes: digits.labels, numbers };
        let options =
            FineTuneOptions { epochs: 6, learning_rate, ..FineTuneOptions::usual(Unfrozen::All, n, 1) };
        let (lesson, mut tuning) = FineTuning::of_lesson(
            &backbone,
            &rows,
            pictures,
            &digits.class_names,
            LessonOptions::default(),
            options,
        )?;
        let frozen = backbone.with_head(&digits.class_names, &lesson.head)?;
        let mut shares = vec![tuning.share()];
        while !tuning.is_finished() {
            tuning.advance()?;
            shares.push(tuning.share());
        }
        assert!(shares.is_sorted() && shares.last() == Some(&1.0), "{shares:?}");
        Ok((frozen.params, tuning.finish()))
    }

    #[test]
    fn what_pictures_held_out_are_answered_better_by_is_kept() {
        // From a network that knows nothing there is only better.
        let digits = handwriting::generate(100, 5).unwrap();
        let model = Model::create(zoo::preset("digits").unwrap(), 1).unwrap();
        let pictures =
            Pictures { pixels: digits.pixels, classes: digits.labels, numbers: (0..100).collect() };
        let usual = FineTuneOptions::usual(Unfrozen::LastBlock, 100, 1);
        let options = FineTuneOptions { epochs: 4, learning_rate: 1e-3, head_rate: 1e-2, ..usual };
        let held_out: Vec<u32> = (0..20).collect();
        let mut tuning =
            FineTuning::new(model.clone(), model.clone(), pictures, held_out.clone(), options).unwrap();
        while !tuning.is_finished() {
            tuning.advance().unwrap();
        }
        let tuned = tuning.finish();
        let (before, after) = (&tuned.before, &tuned.after);
        assert!(tuned.epochs > 0 && after.loss < before.loss && after.n_right >= before.n_right, "{tuned:?}");
        assert_eq!(tuned.held_out, held_out);
        assert_ne!(tuned.model.params, model.params);
    }

    #[test]
    fn what_only_spoils_the_network_leaves_it_as_it_was() {
        let (frozen, tuned) = tuned(60, 10.0).unwrap();
        assert_eq!((tuned.epochs, &tuned.after), (0, &tuned.before));
        assert_eq!(tuned.model.params, frozen);
    }

    #[test]
    fn without_a_picture_to_judge_nothing_is_begun() {
        assert_eq!(tuned(10, 1e-3).unwrap_err().code(), "data");
    }
}
