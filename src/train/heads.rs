//! New last layers for a backbone, learnt in a moment from the features of a few pictures.
//!
//! Both kinds are plain dense layers, so what comes out is an ordinary classifier. With `f` the features of a picture,
//! `m` the mean of the classes' mean features and `c = f - m`:
//!
//! - *Nearest mean*: `w_k` is the mean of `c / |c|` over class k's pictures, brought to length 1. The cosine of a picture
//!   with class k is `w_k · c / |c|`, and the confidences are `softmax(cosine / T)` with `T` = [`TEMPERATURE`]. A dense
//!   layer cannot divide by each picture's own `|c|`, so it divides by their mean `s`: `weights = w_k / (s T)`,
//!   `bias = - w_k · m / (s T)`. The division changes no order, so the answer is exactly the nearest mean's; confidence
//!   alone is approximate: lower for pictures of weak features, higher for those of strong ones.
//! - *Trained*: softmax regression on `z = c / d`, `d` each feature's standard deviation, from zero, by
//!   Adam with a pull of weights toward 0; centers and deviations are folded into the layer at the end.
//!
//! Source: nearest class mean on centered, normalized features: Wang et al. 2019, *SimpleShot*.

use crate::data::loader::shuffled;
use crate::error::{Error, Result};
use crate::kernels::activation::Activation;
use crate::kernels::gemm::Gemm;
use crate::kernels::math::exp;
use crate::model::Head;

/// What cosines are divided by.
pub const TEMPERATURE: f32 = 0.1;

/// Steps of a trained head.
const N_STEPS: usize = 300;
/// Features in a step's batch.
const BATCH: usize = 256;
const LEARNING_RATE: f32 = 0.02;

/// Features with the class of each.
#[derive(Clone, Copy, Debug)]
pub struct Examples<'a> {
    /// A row of `n_features` for each example.
    pub rows: &'a [&'a [f32]],
    /// Shape `[n]`, each below `n_classes`.
    pub classes: &'a [u32],
    /// Numbers of one example.
    pub n_features: usize,
    /// Classes there are.
    pub n_classes: usize,
}

impl<'a> Examples<'a> {
    /// Checked: every class has an example.
    ///
    /// # Errors
    /// [`Error::Shape`], [`Error::Label`], [`Error::Data`].
    pub fn new(
        rows: &'a [&'a [f32]],
        classes: &'a [u32],
        n_features: usize,
        n_classes: usize,
    ) -> Result<Examples<'a>> {
        if n_features == 0 || rows.len() != classes.len() || rows.iter().any(|row| row.len() != n_features) {
            return Err(Error::shape(
                "The features",
                format!("{} lists of {n_features} numbers", classes.len()),
                format!("{} numbers", rows.iter().map(|row| row.len()).sum::<usize>()),
            ));
        }
        if let Some(bad) = classes.iter().find(|&&class| class as usize >= n_classes) {
            return Err(Error::label(format!("below {n_classes}"), bad));
        }
        let has_example = |class: &usize| classes.contains(&(*class as u32));
        let n_learnt = (0..n_classes).filter(has_example).count();
        if n_classes < 2 || n_learnt < n_classes {
            return Err(Error::data(
                "two classes or more, each with an example",
                format!("{n_learnt} classes with examples"),
            ));
        }
        if rows.iter().any(|row| row.iter().any(|value| !value.is_finite())) {
            return Err(Error::data("features that are numbers", "some that are none"));
        }
        Ok(Examples { rows, classes, n_features, n_classes })
    }

    pub(super) fn each(&self) -> impl Iterator<Item = (&'a [f32], usize)> {
        self.rows.iter().copied().zip(self.classes.iter().map(|&class| class as usize))
    }

    /// The mean of the classes' means: no class counts more for having more pictures.
    pub(super) fn center(&self) -> Vec<f32> {
        let mut counts = vec![0.0f32; self.n_classes];
        self.classes.iter().for_each(|&class| counts[class as usize] += 1.0);
        let mut center = vec![0.0; self.n_features];
        for (row, class) in self.each() {
            add_scaled(&mut center, row, 1.0 / (counts[class] * self.n_classes as f32));
        }
        center
    }
}

/// The head that goes by the nearest class mean.
pub fn nearest_mean(examples: Examples<'_>) -> Head {
    let Examples { n_features, n_classes, .. } = examples;
    let center = examples.center();
    let mut means = vec![vec![0.0; n_features]; n_classes];
    let mut sum_of_lengths = 0.0;
    let mut centered = vec![0.0; n_features];
    for (row, class) in examples.each() {
        centered.copy_from_slice(row);
        add_scaled(&mut centered, &center, -1.0);
        let length = dot(&centered, &centered).sqrt();
        sum_of_lengths += length;
        add_scaled(&mut means[class], &centered, 1.0 / length.max(1e-12));
    }
    let mean_length = (sum_of_lengths / examples.classes.len() as f32).max(1e-12);
    let mut head = Head { weights: vec![0.0; n_features * n_classes], bias: vec![0.0; n_classes] };
    for (class, mean) in means.iter().enumerate() {
        let scale = 1.0 / (dot(mean, mean).sqrt().max(1e-12) * mean_length * TEMPERATURE);
        for (i, value) in mean.iter().enumerate() {
            head.weights[i * n_classes + class] = value * scale;
        }
        head.bias[class] = -dot(mean, &center) * scale;
    }
    head
}

/// The head that is trained; `seed` decides the order of the examples, `weight_decay` is the pull toward 0.
pub fn trained(examples: Examples<'_>, seed: u64, weight_decay: f32) -> Head {
    let Examples { n_features, n_classes, .. } = examples;
    let n = examples.classes.len();
    let center = examples.center();
    let mut inverse_deviation = vec![0.0f32; n_features];
    for (row, _) in examples.each() {
        for ((sum, x), mean) in inverse_deviation.iter_mut().zip(row).zip(&center) {
            *sum += (x - mean) * (x - mean);
        }
    }
    // A feature that hardly varies says nothing: it must not be blown up.
    let variance = |sum: f32| sum / n as f32;
    let usual = inverse_deviation.iter().map(|&sum| variance(sum)).sum::<f32>() / n_features as f32;
    let least = (usual * 1e-2).max(1e-12);
    inverse_deviation.iter_mut().for_each(|sum| *sum = 1.0 / (variance(*sum) + least).sqrt());

    let mut counts = vec![0.0f32; n_classes];
    examples.classes.iter().for_each(|&class| counts[class as usize] += 1.0);
    let all: Vec<u32> = (0..n as u32).collect();
    let n_weights = n_features * n_classes;
    // Weights, then biases.
    let mut params = vec![0.0f32; n_weights + n_classes];
    let mut gradient = vec![0.0f32; params.len()];
    let (mut first, mut second) = (gradient.clone(), gradient.clone());
    let (mut decay_1, mut decay_2) = (1.0f32, 1.0f32);
    let (mut order, mut at, mut epoch) = (Vec::new(), 0, 0);
    let batch = n.min(BATCH);
    let forward = Gemm {
        m: batch,
        n: n_classes,
        k: n_features,
        a_transposed: false,
        b_transposed: false,
        accumulate: false,
    };
    let backward = Gemm {
        m: n_features,
        n: n_classes,
        k: batch,
        a_transposed: true,
        b_transposed: false,
        accumulate: true,
    };
    let mut scratch = vec![0.0; forward.scratch_len().max(backward.scratch_len())];
    let mut z = vec![0.0f32; batch * n_features];
    let mut shares = vec![0.0f32; batch * n_classes];
    let mut chosen = vec![0; batch];
    let plain = Activation::None;
    for step in 0..N_STEPS {
        for (chosen, z) in chosen.iter_mut().zip(z.chunks_exact_mut(n_features)) {
            if at == order.len() {
                order = shuffled(&all, seed, epoch);
                (at, epoch) = (0, epoch + 1);
            }
            *chosen = order[at] as usize;
            at += 1;
            let row = examples.rows[*chosen];
            for (i, z) in z.iter_mut().enumerate() {
                *z = (row[i] - center[i]) * inverse_deviation[i];
            }
        }
        let (weights, bias) = params.split_at(n_weights);
        forward.run(&z, weights, Some(bias), plain, &mut scratch, &mut shares);
        gradient.fill(0.0);
        for (&chosen, shares) in chosen.iter().zip(shares.chunks_exact_mut(n_classes)) {
            softmax(shares);
            let class = examples.classes[chosen] as usize;
            shares[class] -= 1.0;
            // Each class counts alike, however many pictures it has.
            let weight = n as f32 / (counts[class] * n_classes as f32 * batch as f32);
            shares.iter_mut().for_each(|share| *share *= weight);
            add_scaled(&mut gradient[n_weights..], shares, 1.0);
        }
        backward.run(&z, &shares, None, plain, &mut scratch, &mut gradient[..n_weights]);
        add_scaled(&mut gradient[..n_weights], &params[..n_weights], weight_decay);
        (decay_1, decay_2) = (decay_1 * 0.9, decay_2 * 0.99);
        // To 0 in a straight line.
        let rate = LEARNING_RATE * (1.0 - step as f32 / N_STEPS as f32) / (1.0 - decay_1);
        for (((x, g), m), v) in params.iter_mut().zip(&gradient).zip(&mut first).zip(&mut second) {
            *m += 0.1 * (g - *m);
            *v += 0.01 * (g * g - *v);
            *x -= rate * *m / ((*v / (1.0 - decay_2)).sqrt() + 1e-8);
        }
    }
    let bias = params.split_off(n_weights);
    let mut head = Head { weights: params, bias };
    for (i, row) in head.weights.chunks_exact_mut(n_classes).enumerate() {
        row.iter_mut().for_each(|weight| *weight *= inverse_deviation[i]);
        add_scaled(&mut head.bias, row, -center[i]);
    }
    head
}

/// The confidences of a head, in the place of `confidences`.
pub fn answer(head: &Head, features: &[f32], confidences: &mut [f32]) {
    confidences.copy_from_slice(&head.bias);
    for (x, weights) in features.iter().zip(head.weights.chunks_exact(confidences.len())) {
        add_scaled(confidences, weights, *x);
    }
    softmax(confidences);
}

fn softmax(logits: &mut [f32]) {
    let most = logits.iter().fold(f32::NEG_INFINITY, |most, &x| most.max(x));
    let mut sum = 0.0;
    for x in logits.iter_mut() {
        *x = exp(*x - most);
        sum += *x;
    }
    logits.iter_mut().for_each(|x| *x /= sum);
}

pub(super) fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

pub(super) fn add_scaled(sum: &mut [f32], values: &[f32], scale: f32) {
    sum.iter_mut().zip(values).for_each(|(sum, value)| *sum += scale * value);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    /// Three classes around three corners, on features of very unlike sizes and a common offset.
    fn clouds(n: usize, seed: u64) -> (Vec<f32>, Vec<u32>) {
        let mut rng = Rng::new(seed, 0);
        let mut features = Vec::new();
        let classes: Vec<u32> = (0..n as u32).map(|i| i % 3).collect();
        for &class in &classes {
            for i in 0..6 {
                let corner = if i % 3 == class { 1.0 } else { 0.0 };
                features.push(20.0 + [1.0, 5.0][i as usize / 3] * (corner + 0.25 * rng.normal()));
            }
        }
        (features, classes)
    }

    fn accuracy(head: &Head, features: &[f32], classes: &[u32]) -> f32 {
        let mut confidences = [0.0; 3];
        let right = features.chunks(6).zip(classes).filter(|(row, class)| {
            answer(head, row, &mut confidences);
            let best = (0..3).max_by(|&a, &b| confidences[a].total_cmp(&confidences[b])).unwrap();
            best as u32 == **class
        });
        right.count() as f32 / classes.len() as f32
    }

    #[test]
    fn both_heads_tell_classes_that_lie_apart_also_on_examples_not_learnt_from() {
        let (features, classes) = clouds(30, 1);
        let rows: Vec<&[f32]> = features.chunks(6).collect();
        let examples = Examples::new(&rows, &classes, 6, 3).unwrap();
        let (others, labels) = clouds(300, 2);
        assert!(accuracy(&nearest_mean(examples), &others, &labels) > 0.9);
        assert!(accuracy(&trained(examples, 1, 1e-3), &others, &labels) > 0.9);
    }

    #[test]
    fn the_dense_layer_answers_with_the_class_of_the_largest_cosine() {
        let (features, classes) = clouds(30, 3);
        let rows: Vec<&[f32]> = features.chunks(6).collect();
        let examples = Examples::new(&rows, &classes, 6, 3).unwrap();
        let head = nearest_mean(examples);
        let center = examples.center();
        let mut means = vec![vec![0.0; 6]; 3];
        for (row, class) in examples.each() {
            let c: Vec<f32> = row.iter().zip(&center).map(|(x, m)| x - m).collect();
            add_scaled(&mut means[class], &c, 1.0 / dot(&c, &c).sqrt());
        }
        for row in clouds(200, 4).0.chunks(6) {
            let c: Vec<f32> = row.iter().zip(&center).map(|(x, m)| x - m).collect();
            let cosine = |k: &usize| dot(&means[*k], &c) / dot(&means[*k], &means[*k]).sqrt();
            let nearest = (0..3).max_by(|a, b| cosine(a).total_cmp(&cosine(b))).unwrap();
            let mut confidences = [0.0; 3];
            answer(&head, row, &mut confidences);
            assert!(confidences.iter().all(|&other| other <= confidences[nearest]));
        }
    }

    #[test]
    fn the_same_seed_gives_the_same_head_and_a_class_without_examples_none() {
        let (features, classes) = clouds(600, 5);
        let rows: Vec<&[f32]> = features.chunks(6).collect();
        let examples = Examples::new(&rows, &classes, 6, 3).unwrap();
        assert_eq!(trained(examples, 7, 1e-3), trained(examples, 7, 1e-3));
        assert_ne!(trained(examples, 7, 1e-3), trained(examples, 8, 1e-3));
        assert_eq!(Examples::new(&rows, &classes, 6, 4).unwrap_err().code(), "data");
        assert_eq!(Examples::new(&rows, &classes, 5, 3).unwrap_err().code(), "shape");
        assert_eq!(Examples::new(&rows, &classes, 6, 2).unwrap_err().code(), "label");
    }
}
