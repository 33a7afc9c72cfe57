//! A head learnt from features, and an honest estimate of how well it does on pictures it has not seen.

use super::heads::{Examples, answer, nearest_mean, trained};
use crate::data::split::{Split, folds, stratified};
use crate::error::{Error, Result};
use crate::model::Head;
use crate::settings::{Setting, Settings, choose};
use crate::value::Value;

/// Parts that the pictures are cut into; each is held out once.
const N_FOLDS: usize = 5;
/// With more pictures one part is enough to go by, and the others need not wait for it.
const MOST_IN_FOLDS: usize = 500;

/// How to tell classes apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HeadKind {
    /// By the nearest mean of a class' features.
    Mean,
    /// By a dense layer, trained.
    #[default]
    Trained,
}

/// What a lesson can be told; all have defaults.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LessonOptions {
    /// How to tell classes apart.
    pub head: HeadKind,
    /// Lists of features for each picture, one after the other; 1 or more.
    pub n_views: usize,
    /// The pull of a trained head's weights toward 0, 0 to 10.
    pub weight_decay: f32,
    /// Decides order and what is held out.
    pub seed: u64,
}

impl Default for LessonOptions {
    fn default() -> LessonOptions {
        LessonOptions { head: HeadKind::default(), n_views: 1, weight_decay: 0.01, seed: 1 }
    }
}

impl Setting for HeadKind {
    fn read(name: &str, value: Value) -> Result<HeadKind> {
        choose(name, value, &[("mean", HeadKind::Mean), ("trained", HeadKind::Trained)])
    }
}

impl TryFrom<Value> for LessonOptions {
    type Error = Error;

    fn try_from(value: Value) -> Result<LessonOptions> {
        let mut settings = Settings::new("lesson", value)?;
        let usual = LessonOptions::default();
        let options = LessonOptions {
            head: settings.get_or("head", usual.head)?,
            n_views: settings.get_or("views", usual.n_views)?,
            weight_decay: settings.get_or("weightDecay", usual.weight_decay)?,
            seed: settings.get_or("seed", usual.seed)?,
        };
        settings.finish()?;
        if !(1..=1000).contains(&options.n_views) {
            return Err(Error::config("views", "1 to 1000", options.n_views));
        }
        if !(0.0..=10.0).contains(&options.weight_decay) {
            return Err(Error::config("weightDecay", "0 to 10", options.weight_decay));
        }
        Ok(options)
    }
}

/// What came of a lesson.
#[derive(Clone, Debug, PartialEq)]
pub struct Lesson {
    /// Learnt from all pictures.
    pub head: Head,
    /// For each picture the class that a head named which had not learnt from it; none for pictures that were never held
    /// out.
    pub held_out: Vec<Option<u32>>,
}

/// Learns from all pictures; before, from parts of them, to see how the others are answered. All views of a picture are
/// held out together.
///
/// # Errors
/// Those of [`Examples::new`].
pub fn learn(
    features: &[f32],
    classes: &[u32],
    n_features: usize,
    n_classes: usize,
    options: LessonOptions,
) -> Result<Lesson> {
    let per_picture = n_features * options.n_views;
    let of_views: Vec<u32> =
        classes.iter().flat_map(|&class| std::iter::repeat_n(class, options.n_views)).collect();
    let all = Examples::new(features, &of_views, n_features, n_classes)?;
    let head_of = |examples: Examples<'_>| match options.head {
        HeadKind::Mean => nearest_mean(examples),
        HeadKind::Trained => trained(examples, options.seed, options.weight_decay),
    };
    let splits = if classes.len() <= MOST_IN_FOLDS {
        folds(classes, n_classes, N_FOLDS, options.seed)
    } else {
        vec![stratified(classes, n_classes, 1.0 / N_FOLDS as f32, options.seed)]
    };
    let mut held_out = vec![None; classes.len()];
    let mut confidences = vec![0.0; n_classes];
    for Split { training, validation } in splits {
        let picture = |&i: &u32| &features[i as usize * per_picture..][..per_picture];
        let learnt: Vec<f32> = training.iter().flat_map(picture).copied().collect();
        let labels: Vec<u32> = training
            .iter()
            .flat_map(|&i| std::iter::repeat_n(classes[i as usize], options.n_views))
            .collect();
        // A class whose only picture is held out cannot be learnt: nothing honest can be said then.
        let Ok(examples) = Examples::new(&learnt, &labels, n_features, n_classes) else { continue };
        let head = head_of(examples);
        for i in validation {
            answer(&head, &picture(&i)[..n_features], &mut confidences);
            let best =
                (0..n_classes).fold(0, |best, k| if confidences[k] > confidences[best] { k } else { best });
            held_out[i as usize] = Some(best as u32);
        }
    }
    Ok(Lesson { head: head_of(all), held_out })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Class k's pictures point along axis k.
    fn pictures(per_class: usize, n_views: usize) -> (Vec<f32>, Vec<u32>) {
        let classes: Vec<u32> = (0..3 * per_class as u32).map(|i| i % 3).collect();
        let mut features = Vec::new();
        for (i, &class) in classes.iter().enumerate() {
            for view in 0..n_views {
                let value = |k: u32| if k == class { 1.0 } else { 0.01 * ((i + view) % 7) as f32 };
                features.extend((0..3).map(value));
            }
        }
        (features, classes)
    }

    #[test]
    fn every_picture_of_a_few_is_held_out_once_and_a_fifth_of_many() {
        let options = LessonOptions { n_views: 2, ..LessonOptions::default() };
        let (features, classes) = pictures(10, 2);
        let lesson = learn(&features, &classes, 3, 3, options).unwrap();
        let right = lesson.held_out.iter().zip(&classes).filter(|(a, b)| **a == Some(**b)).count();
        assert_eq!(right, 30);
        let (features, classes) = pictures(200, 2);
        let options = LessonOptions { head: HeadKind::Mean, ..options };
        let lesson = learn(&features, &classes, 3, 3, options).unwrap();
        assert_eq!(lesson.held_out.iter().flatten().count(), 120);
    }

    #[test]
    fn what_is_held_out_is_not_learnt_from() {
        // A picture of the third class that looks like the second's: whoever has not seen it takes it for one.
        let (mut features, mut classes) = pictures(4, 1);
        features.extend([0.0, 1.0, 0.0]);
        classes.push(2);
        let lesson = learn(&features, &classes, 3, 3, LessonOptions::default()).unwrap();
        assert_eq!(lesson.held_out[12], Some(1));
    }

    #[test]
    fn with_one_picture_a_class_nothing_is_said_of_others() {
        let (features, classes) = pictures(1, 1);
        let lesson = learn(&features, &classes, 3, 3, LessonOptions::default()).unwrap();
        assert_eq!(lesson.held_out, [None; 3]);
    }
}
