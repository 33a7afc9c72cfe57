//! Which examples train and which validate.

use crate::rng::{Rng, mix};

/// Two disjoint lists of example indices, each ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Split {
    /// The examples to learn from.
    pub training: Vec<u32>,
    /// The examples held out.
    pub validation: Vec<u32>,
}

/// Tells this use of a seed from every other.
const STREAM: u64 = 0x73706c6974; // "split"

/// A split that holds out the share `fraction` (clamped to 0..=1) of each class, chosen by `seed`.
///
/// A class of `n` examples gives the nearest whole number to `n * fraction` of them, halves
/// upwards; but while `fraction` is below 1 never its last one, so that every class can be learnt.
///
/// # Panics
/// When a label is not below `n_classes`.
pub fn stratified(labels: &[u32], n_classes: usize, fraction: f32, seed: u64) -> Split {
    let fraction = f64::from(if fraction > 0.0 { fraction.min(1.0) } else { 0.0 });
    let mut by_class = vec![Vec::new(); n_classes];
    for (example_idx, &label) in labels.iter().enumerate() {
        by_class[label as usize].push(example_idx as u32);
    }
    let mut is_held_out = vec![false; labels.len()];
    for (class, mut members) in by_class.into_iter().enumerate() {
        // A generator of its own, so that a class's choice does not hang on the other classes.
        Rng::new(mix(&[seed, class as u64]), STREAM).shuffle(&mut members);
        let mut n_held_out = (members.len() as f64 * fraction + 0.5).floor() as usize;
        if fraction < 1.0 {
            n_held_out = n_held_out.min(members.len().saturating_sub(1));
        }
        members[..n_held_out].iter().for_each(|&held_out| is_held_out[held_out as usize] = true);
    }
    let (validation, training) =
        (0..labels.len() as u32).partition(|&example_idx| is_held_out[example_idx as usize]);
    Split { training, validation }
}

/// `n_folds` splits, each with another part of the examples held out: every example validates in exactly one, and each
/// class is dealt as evenly as it can be.
///
/// Source: scikit-learn's `StratifiedKFold(n_folds, shuffle=True)`, with other random numbers.
///
/// # Panics
/// When a label is not below `n_classes`, or there are no folds.
pub fn folds(labels: &[u32], n_classes: usize, n_folds: usize, seed: u64) -> Vec<Split> {
    let mut fold_of = vec![0; labels.len()];
    // Goes on from class to class, so that small classes do not all fall to the first folds.
    let mut n_dealt = 0;
    for class in 0..n_classes as u32 {
        let examples = (0..labels.len()).filter(|&i| labels[i] == class);
        let mut members: Vec<usize> = examples.collect();
        Rng::new(mix(&[seed, u64::from(class)]), STREAM).shuffle(&mut members);
        for member in members {
            fold_of[member] = n_dealt % n_folds;
            n_dealt += 1;
        }
    }
    assert_eq!(n_dealt, labels.len(), "labels below the number of classes");
    let split = |fold: usize| {
        let (validation, training) = (0..labels.len() as u32).partition(|&i| fold_of[i as usize] == fold);
        Split { training, validation }
    };
    (0..n_folds).map(split).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(n: usize, n_classes: u32, seed: u64) -> Vec<u32> {
        let mut rng = Rng::new(seed, 0);
        // Uneven on purpose: low classes are more frequent.
        (0..n).map(|_| rng.below(n_classes).min(rng.below(n_classes))).collect()
    }

    #[test]
    fn every_example_validates_in_one_fold_and_classes_are_dealt_evenly() {
        for (n, n_folds) in [(500, 5), (23, 4), (7, 10)] {
            let labels = labels(n, 3, 6);
            let folds = folds(&labels, 3, n_folds, 2);
            let mut n_held_out = vec![0; n];
            for split in &folds {
                assert_eq!(split.training.len() + split.validation.len(), n);
                split.validation.iter().for_each(|&i| n_held_out[i as usize] += 1);
            }
            assert!(n_held_out.iter().all(|&n| n == 1));
            for class in 0..3 {
                let of =
                    |split: &Split| split.validation.iter().filter(|&&i| labels[i as usize] == class).count();
                let counts: Vec<usize> = folds.iter().map(of).collect();
                assert!(counts.iter().max().unwrap() - counts.iter().min().unwrap() <= 1, "{counts:?}");
            }
        }
    }

    #[test]
    fn every_example_is_on_exactly_one_side() {
        for seed in 0..20 {
            let labels = labels(500, 7, seed);
            let split = stratified(&labels, 7, 0.2, seed);
            let mut all: Vec<u32> = split.training.iter().chain(&split.validation).copied().collect();
            all.sort_unstable();
            assert_eq!(all, (0..500).collect::<Vec<_>>());
            assert!(split.training.is_sorted() && split.validation.is_sorted());
        }
    }

    #[test]
    fn each_class_gives_its_share() {
        for (seed, fraction) in [(1, 0.1), (2, 0.25), (3, 0.5), (4, 0.03)] {
            let labels = labels(800, 5, seed);
            let split = stratified(&labels, 5, fraction, seed);
            for class in 0..5 {
                let n = labels.iter().filter(|&&label| label == class).count() as f32;
                let held = split.validation.iter().filter(|&&i| labels[i as usize] == class).count() as f32;
                assert!((held - n * fraction).abs() <= 0.5, "{held} of {n} at {fraction}");
            }
        }
    }

    #[test]
    fn the_seed_decides_and_nothing_else() {
        let labels = labels(300, 4, 1);
        assert_eq!(stratified(&labels, 4, 0.3, 5), stratified(&labels, 4, 0.3, 5));
        assert_ne!(stratified(&labels, 4, 0.3, 5), stratified(&labels, 4, 0.3, 6));
    }

    #[test]
    fn the_ends_hold() {
        let labels = [0, 0, 1];
        for nothing in [0.0, -1.0, f32::NAN] {
            assert_eq!(stratified(&labels, 3, nothing, 1).validation, [] as [u32; 0]);
        }
        assert_eq!(stratified(&labels, 3, 1.0, 1).training, [] as [u32; 0]);
        let most = stratified(&labels, 3, 0.99, 1);
        assert_eq!((most.training.len(), most.validation.len()), (2, 1));
    }
}
