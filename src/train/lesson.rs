//! A head learnt from features, and an honest estimate of how well it does on pictures it has not seen.

use super::discriminant::Sums;
use super::heads::{Examples, add_scaled, answer, nearest_mean, trained};
use crate::data::split::{Split, folds, stratified};
use crate::error::{Error, Result};
use crate::kernels::math::{exp, ln};
use crate::model::Head;
use crate::settings::{Setting, Settings, choose};
use crate::value::Value;

/// Parts that the pictures are cut into; each is held out once.
const N_FOLDS: usize = 5;
/// With more pictures one part is enough to go by, and the others need not wait for it.
const MOST_IN_FOLDS: usize = 500;

/// Chosen by draws of hand signs that no table tells of.
const SHRINKAGE: f32 = 0.05;
/// The most features that discriminant analysis takes: its work grows with their cube.
const MOST_FEATURES: usize = 4096;
/// What the logits of discriminant analysis are divided by where no picture could be held out to tell.
const USUAL_TEMPERATURE: f32 = 10.0;

/// How to tell classes apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum HeadKind {
    /// By the nearest mean of a class' features.
    Mean,
    /// By a dense layer, trained.
    #[default]
    Trained,
    /// By discriminant analysis.
    Discriminant,
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
    /// How far discriminant analysis draws features toward equal and independent ones, 0 to 1.
    pub shrinkage: f32,
    /// Decides order and what is held out.
    pub seed: u64,
}

impl Default for LessonOptions {
    fn default() -> LessonOptions {
        LessonOptions {
            head: HeadKind::default(),
            n_views: 1,
            weight_decay: 0.01,
            shrinkage: SHRINKAGE,
            seed: 1,
        }
    }
}

impl Setting for HeadKind {
    fn read(name: &str, value: Value) -> Result<HeadKind> {
        choose(
            name,
            value,
            &[
                ("mean", HeadKind::Mean),
                ("trained", HeadKind::Trained),
                ("discriminant", HeadKind::Discriminant),
            ],
        )
    }
}

impl TryFrom<Value> for LessonOptions {
    type Error = Box<Error>;

    fn try_from(value: Value) -> Result<LessonOptions> {
        let mut settings = Settings::new("lesson", value)?;
        let usual = LessonOptions::default();
        let options = LessonOptions {
            head: settings.get_or("head", usual.head)?,
            n_views: settings.get_or("views", usual.n_views)?,
            weight_decay: settings.get_or("weightDecay", usual.weight_decay)?,
            shrinkage: settings.get_or("shrinkage", usual.shrinkage)?,
            seed: settings.get_or("seed", usual.seed)?,
        };
        settings.finish()?;
        if !(1..=1000).contains(&options.n_views) {
            return Err(Error::config("views", "1 to 1000", options.n_views));
        }
        if !(0.0..=10.0).contains(&options.weight_decay) {
            return Err(Error::config("weightDecay", "0 to 10", options.weight_decay));
        }
        if !(0.0..=1.0).contains(&options.shrinkage) {
            return Err(Error::config("shrinkage", "0 to 1", options.shrinkage));
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
/// held out together: `rows` are the `n_views` of the first picture, then those of the next.
///
/// # Errors
/// Those of [`Examples::new`].
pub fn learn(
    rows: &[&[f32]],
    classes: &[u32],
    n_features: usize,
    n_classes: usize,
    options: LessonOptions,
) -> Result<Lesson> {
    let of_views: Vec<u32> =
        classes.iter().flat_map(|&class| std::iter::repeat_n(class, options.n_views)).collect();
    let all = Examples::new(rows, &of_views, n_features, n_classes)?;
    let splits = if classes.len() <= MOST_IN_FOLDS {
        folds(classes, n_classes, N_FOLDS, options.seed)
    } else {
        vec![stratified(classes, n_classes, 1.0 / N_FOLDS as f32, options.seed)]
    };
    if options.head == HeadKind::Discriminant {
        if n_features > MOST_FEATURES {
            return Err(Error::unsupported(
                &format!("Discriminant analysis of {n_features} features"),
                "choose the trained head",
            ));
        }
        return Ok(discriminated(all, classes, &splits, options));
    }
    let head_of = |examples: Examples<'_>| match options.head {
        HeadKind::Mean => nearest_mean(examples),
        _ => trained(examples, options.seed, options.weight_decay),
    };
    let mut held_out = vec![None; classes.len()];
    let mut confidences = vec![0.0; n_classes];
    for Split { training, validation } in splits {
        let picture = |&i: &u32| &rows[i as usize * options.n_views..][..options.n_views];
        let learnt: Vec<&[f32]> = training.iter().flat_map(picture).copied().collect();
        let labels: Vec<u32> = training
            .iter()
            .flat_map(|&i| std::iter::repeat_n(classes[i as usize], options.n_views))
            .collect();
        // A class whose only picture is held out cannot be learnt: nothing honest can be said then.
        let Ok(examples) = Examples::new(&learnt, &labels, n_features, n_classes) else { continue };
        let head = head_of(examples);
        for i in validation {
            answer(&head, picture(&i)[0], &mut confidences);
            held_out[i as usize] = Some(best(&confidences));
        }
    }
    Ok(Lesson { head: head_of(all), held_out })
}

/// The place of the largest.
fn best(values: &[f32]) -> u32 {
    (0..values.len()).fold(0, |best, k| if values[k] > values[best] { k } else { best }) as u32
}

/// As [`learn`], by discriminant analysis: sums over all pictures once, and for each part of them, less those held out. These
/// tell, too, how sure the head may be.
fn discriminated(all: Examples<'_>, classes: &[u32], splits: &[Split], options: LessonOptions) -> Lesson {
    let n_views = options.n_views;
    let center = all.center();
    let views_of = |&i: &u32| {
        let class = classes[i as usize] as usize;
        all.rows[i as usize * n_views..][..n_views].iter().map(move |row| (*row, class))
    };
    let sums_of = |pictures: &[u32]| Sums::of(pictures.iter().flat_map(views_of), &center, all.n_classes);
    let (mut held_out, mut told) = (vec![None; classes.len()], Vec::new());
    let mut judge = |others: Sums, validation: &[u32]| {
        let Some(head) = others.into_head(&center, options.shrinkage) else { return };
        for &i in validation {
            let mut logits = head.bias.clone();
            for (x, weights) in
                all.rows[i as usize * n_views].iter().zip(head.weights.chunks_exact(all.n_classes))
            {
                add_scaled(&mut logits, weights, *x);
            }
            held_out[i as usize] = Some(best(&logits));
            told.push((logits, classes[i as usize] as usize));
        }
    };
    let total = if let [Split { training, validation }] = splits {
        // Of many pictures: their features leave little room for sums of each part.
        let mut total = sums_of(training);
        judge(total.clone(), validation);
        total.take(validation.iter().flat_map(views_of), &center);
        total
    } else {
        let parts: Vec<Sums> = splits.iter().map(|split| sums_of(&split.validation)).collect();
        let mut total = sums_of(&[]);
        parts.iter().for_each(|part| total.add(part, 1.0));
        for (Split { validation, .. }, part) in splits.iter().zip(&parts) {
            let mut others = total.clone();
            others.add(part, -1.0);
            judge(others, validation);
        }
        total
    };
    let head = total.into_head(&center, options.shrinkage).expect("examples have all the classes");
    let scale = 1.0 / temperature(&told);
    let scaled = |values: Vec<f32>| values.into_iter().map(|x| x * scale).collect();
    Lesson { head: Head { weights: scaled(head.weights), bias: scaled(head.bias) }, held_out }
}

/// What these logits have to be divided by to be as sure as they are right: views of one picture are no independent ones.
fn temperature(told: &[(Vec<f32>, usize)]) -> f32 {
    let surprise = |temperature: f32| -> f32 {
        let of = |(logits, class): &(Vec<f32>, usize)| {
            let most = logits.iter().fold(f32::NEG_INFINITY, |most, &x| most.max(x));
            let sum: f32 = logits.iter().map(|x| exp((x - most) / temperature)).sum();
            ln(sum) - (logits[*class] - most) / temperature
        };
        told.iter().map(of).sum()
    };
    if told.is_empty() {
        return USUAL_TEMPERATURE;
    }
    // An eighth of an octave apart, from 1/2 to 64.
    let mut best = (f32::INFINITY, USUAL_TEMPERATURE);
    let mut temperature = 0.5;
    while temperature <= 64.0 {
        let surprise = surprise(temperature);
        if surprise < best.0 {
            best = (surprise, temperature);
        }
        temperature *= 1.090_507_7;
    }
    best.1
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

    fn rows_of(features: &[f32]) -> Vec<&[f32]> {
        features.chunks(3).collect()
    }

    #[test]
    fn every_picture_of_a_few_is_held_out_once_and_a_fifth_of_many() {
        let options = LessonOptions { n_views: 2, ..LessonOptions::default() };
        let (features, classes) = pictures(10, 2);
        let lesson = learn(&rows_of(&features), &classes, 3, 3, options).unwrap();
        let right = lesson.held_out.iter().zip(&classes).filter(|(a, b)| **a == Some(**b)).count();
        assert_eq!(right, 30);
        let (features, classes) = pictures(200, 2);
        let by_discriminant = LessonOptions { head: HeadKind::Discriminant, ..options };
        let lesson = learn(&rows_of(&pictures(10, 2).0), &pictures(10, 2).1, 3, 3, by_discriminant).unwrap();
        assert_eq!(
            lesson.held_out.iter().zip(&pictures(10, 2).1).filter(|(a, b)| **a == Some(**b)).count(),
            30
        );
        assert_eq!(
            learn(&rows_of(&features), &classes, 3, 3, by_discriminant)
                .unwrap()
                .held_out
                .iter()
                .flatten()
                .count(),
            120
        );
        let options = LessonOptions { head: HeadKind::Mean, ..options };
        let lesson = learn(&rows_of(&features), &classes, 3, 3, options).unwrap();
        assert_eq!(lesson.held_out.iter().flatten().count(), 120);
    }

    #[test]
    fn what_is_held_out_is_not_learnt_from() {
        // A picture of the third class that looks like the second's: whoever has not seen it takes it for one.
        let (mut features, mut classes) = pictures(4, 1);
        features.extend([0.0, 1.0, 0.0]);
        classes.push(2);
        let lesson = learn(&rows_of(&features), &classes, 3, 3, LessonOptions::default()).unwrap();
        assert_eq!(lesson.held_out[12], Some(1));
    }

    #[test]
    fn with_one_picture_a_class_nothing_is_said_of_others() {
        let (features, classes) = pictures(1, 1);
        for head in [HeadKind::Trained, HeadKind::Discriminant] {
            let options = LessonOptions { head, ..LessonOptions::default() };
            let lesson = learn(&rows_of(&features), &classes, 3, 3, options).unwrap();
            assert_eq!(lesson.held_out, [None; 3]);
            assert!(lesson.head.weights.iter().all(|x| x.is_finite()));
        }
    }
}
