//! Telling what is none of the classes from what the last layer reads.

use crate::error::Result;
use crate::graph::{Mode, Targets};
use crate::image::normalize::write_plain;
use crate::kernels::math::exp;
use crate::model::Model;
use crate::plan::{Plan, Step};

/// Steps of the fit, each over all examples.
const N_STEPS: usize = 3000;
/// Length of a step, and what of the last one goes on.
const RATE: f64 = 0.06;
/// See `RATE`.
const MOMENTUM: f64 = 0.9;
/// How dear large weights are.
const WEIGHT_DECAY: f64 = 1e-3;
/// Pictures computed at once.
const BATCH: usize = 64;

/// What the last layer reads of each picture, and what it makes of that.
///
/// Shapes: `pictures: [n, input]` as bytes, the results `[n, features]` and `[n, classes]`.
///
/// # Errors
/// [`Error::Limit`](crate::Error::Limit) for a network that needs too much memory.
pub fn features_and_logits(model: &Model, pictures: &[u8]) -> Result<(Vec<f32>, Vec<f32>)> {
    let shape = model.spec().input_shape;
    let (id, output) = (model.features().0, model.graph().output());
    let mut plan = Plan::compile(model.graph().clone(), BATCH, Mode::Inference, &[id])?;
    let (mean, inverse_deviation) = model.spec().preprocessing.normalization(shape[2]);
    let mut state = model.state.clone();
    let (mut features, mut logits) = (Vec::new(), Vec::new());
    let len: usize = shape.iter().product();
    for part in pictures.chunks(BATCH * len) {
        let batch = part.len() / len;
        write_plain(part, &mean, &inverse_deviation, plan.input_mut(0, batch));
        let step = Step { batch, targets: Targets::None, seed: 0, loss_scale: 0.0 };
        plan.forward(&model.params, &mut state, step);
        features.extend_from_slice(plan.value(id, batch));
        logits.extend_from_slice(plan.value(output, batch));
    }
    Ok((features, logits))
}

/// The weights and the constant of [`Model::novelty`] by logistic regression: above 0 where `outside` is likelier than
/// `inside`, both counted as equally many. Both are rows of `n_features` numbers.
///
/// Source: training on examples of what is none of the classes, Hendrycks, Mazeika and Dietterich, "Deep Anomaly Detection
/// with Outlier Exposure", 2019; here of the last layer's input alone, the network stays as it is.
pub fn fit(inside: &[f32], outside: &[f32], n_features: usize) -> Vec<f32> {
    let rows = || inside.chunks_exact(n_features).chain(outside.chunks_exact(n_features));
    let (n_inside, n) = (inside.len() / n_features, (inside.len() + outside.len()) / n_features);
    let mean_of = |of: &dyn Fn(usize, f64) -> f64| -> Vec<f64> {
        let sum = |at: usize| rows().map(|row| of(at, f64::from(row[at]))).sum::<f64>();
        (0..n_features).map(|at| sum(at) / n as f64).collect()
    };
    let mean = mean_of(&|_, x| x);
    let variance = mean_of(&|at, x| (x - mean[at]) * (x - mean[at]));
    let scale: Vec<f64> = variance.iter().map(|variance| 1.0 / (variance.sqrt() + 1e-6)).collect();
    let standard: Vec<f64> = rows()
        .flat_map(|row| {
            (0..n_features).map(|at| (f64::from(row[at]) - mean[at]) * scale[at]).collect::<Vec<_>>()
        })
        .collect();
    let share = [0.5 / n_inside as f64, 0.5 / (n - n_inside) as f64];
    let (mut weights, mut speed) = (vec![0.0; n_features + 1], vec![0.0; n_features + 1]);
    for _ in 0..N_STEPS {
        let mut gradient: Vec<f64> = weights.iter().map(|weight| WEIGHT_DECAY * weight).collect();
        gradient[n_features] = 0.0;
        for (i, row) in standard.chunks_exact(n_features).enumerate() {
            let is_outside = usize::from(i >= n_inside);
            let logit =
                row.iter().zip(&weights).fold(weights[n_features], |sum, (x, weight)| sum + x * weight);
            let error = share[is_outside] * (1.0 / (1.0 + f64::from(exp(-logit as f32))) - is_outside as f64);
            for (gradient, x) in gradient.iter_mut().zip(row.iter().chain(&[1.0])) {
                *gradient += error * x;
            }
        }
        for ((weight, speed), gradient) in weights.iter_mut().zip(&mut speed).zip(&gradient) {
            *speed = MOMENTUM * *speed - RATE * gradient;
            *weight += *speed;
        }
    }
    let mut constant = weights[n_features];
    let mut plain: Vec<f32> = Vec::with_capacity(n_features + 1);
    for at in 0..n_features {
        plain.push((weights[at] * scale[at]) as f32);
        constant -= weights[at] * scale[at] * mean[at];
    }
    plain.push(constant as f32);
    plain
}

/// Σ weights · features + constant of each row.
pub fn scores(novelty: &[f32], features: &[f32]) -> Vec<f32> {
    let Some((constant, weights)) = novelty.split_last() else { return Vec::new() };
    let rows = features.chunks_exact(weights.len());
    rows.map(|row| weights.iter().zip(row).fold(*constant, |sum, (weight, x)| sum + weight * x)).collect()
}

/// Moves the constant so that at most the share `refused` of examples with these scores is above 0.
pub fn set_share(novelty: &mut [f32], scores: &[f32], refused: f32) {
    let mut sorted = scores.to_vec();
    sorted.sort_by(f32::total_cmp);
    let n_kept = ((1.0 - f64::from(refused)) * sorted.len() as f64) as usize;
    let (Some(constant), Some(edge)) = (novelty.last_mut(), sorted.get(n_kept.min(sorted.len().max(1) - 1)))
    else {
        return;
    };
    *constant -= edge;
}

/// How likely one of `outside` has the higher score than one of `inside`: the area under the receiver's curve.
pub fn auroc(inside: &[f32], outside: &[f32]) -> f64 {
    let mut all: Vec<(f32, bool)> = inside.iter().map(|&score| (score, false)).collect();
    all.extend(outside.iter().map(|&score| (score, true)));
    all.sort_by(|a, b| a.0.total_cmp(&b.0));
    let (mut n_below, mut n_pairs) = (0.0, 0.0);
    for equal in all.chunk_by(|a, b| a.0 == b.0) {
        let n_outside = equal.iter().filter(|(_, outside)| *outside).count() as f64;
        let n_inside = equal.len() as f64 - n_outside;
        n_pairs += n_outside * (n_below + n_inside / 2.0);
        n_below += n_inside;
    }
    n_pairs / (inside.len() as f64 * outside.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    #[test]
    fn what_lies_elsewhere_is_told_apart_and_the_share_refused_is_the_asked() {
        let mut rng = Rng::new(4, 1);
        let mut around = |at: f32| -> Vec<f32> {
            (0..500).flat_map(|_| [rng.normal() + at, 3.0 * rng.normal(), 5.0 + rng.normal() - at]).collect()
        };
        let (inside, outside, far) = (around(0.0), around(1.5), around(4.0));
        let mut novelty = fit(&inside, &outside, 3);
        assert_eq!(novelty.len(), 4);
        let inner = scores(&novelty, &inside);
        assert!(auroc(&inner, &scores(&novelty, &outside)) > 0.92);
        assert!(auroc(&inner, &scores(&novelty, &far)) > 0.999);
        set_share(&mut novelty, &inner, 0.02);
        let n_refused = scores(&novelty, &inside).iter().filter(|&&score| score > 0.0).count();
        assert!((8..=10).contains(&n_refused), "{n_refused} of 500");
    }

    #[test]
    fn the_area_counts_pairs_in_order_and_halves_of_equal_ones() {
        assert_eq!(auroc(&[0.0, 1.0], &[2.0, 3.0]), 1.0);
        assert_eq!(auroc(&[2.0, 3.0], &[0.0]), 0.0);
        assert_eq!(auroc(&[1.0, 2.0], &[1.0, 3.0]), 0.625);
    }
}
