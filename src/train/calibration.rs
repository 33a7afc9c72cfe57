//! How far the confidence of a classifier can be believed, and one number that corrects it.

use crate::kernels::math::exp;

/// Bins of equal width into which confidences are sorted.
pub const N_BINS: usize = 15;
/// Where the temperature is looked for.
const RANGE: [f64; 2] = [0.05, 20.0];
/// Steps of the search, each of which leaves 0.618 of the range: the last one of a ten-millionth.
const N_STEPS: usize = 40;

/// What the confidences of examples are worth.
#[derive(serde::Serialize, Clone, Copy, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Calibration {
    /// Expected calibration error of the probabilities as they are.
    pub error: f32,
    /// What logits are divided by to make the probabilities of the actual classes largest.
    pub temperature: f32,
    /// Expected calibration error after that division.
    pub error_at_temperature: f32,
}

/// The calibration of `logits: [n, n_classes]` with their actual classes `labels: [n]`; none of no examples.
///
/// Expected calibration error: Σ over bins of (examples in the bin / n) · |accuracy − mean confidence|, with 15 bins of
/// equal width over the confidence, the largest probability. Temperature: the T of softmax(logits / T) with the least mean
/// cross-entropy, by golden section over ln T between 0.05 and 20; fit it on examples that were not learnt.
///
/// Source: Guo, Pleiss, Sun, Weinberger, "On Calibration of Modern Neural Networks", 2017, equations 3 and 9.
///
/// # Panics
/// When the lengths do not fit or a label is not below `n_classes`.
pub fn calibrate(logits: &[f32], labels: &[u32], n_classes: usize) -> Option<Calibration> {
    assert_eq!(logits.len(), labels.len() * n_classes, "one row of logits for each label");
    if labels.is_empty() {
        return None;
    }
    let temperature = best_temperature(logits, labels, n_classes);
    Some(Calibration {
        error: error(logits, labels, n_classes, 1.0),
        temperature,
        error_at_temperature: error(logits, labels, n_classes, temperature),
    })
}

/// The expected calibration error of softmax(logits / temperature).
fn error(logits: &[f32], labels: &[u32], n_classes: usize, temperature: f32) -> f32 {
    let mut bins = [(0.0f64, 0.0f64); N_BINS];
    let mut probabilities = vec![0.0; n_classes];
    for (row, &label) in logits.chunks_exact(n_classes).zip(labels) {
        softmax(row, temperature, &mut probabilities);
        let predicted = (1..n_classes).fold(0, |best, i| if row[i] > row[best] { i } else { best });
        let confidence = probabilities[predicted];
        let bin = &mut bins[((confidence * N_BINS as f32) as usize).min(N_BINS - 1)];
        bin.0 += f64::from(u8::from(predicted == label as usize));
        bin.1 += f64::from(confidence);
    }
    let gaps = bins.iter().map(|(n_right, confidence)| (n_right - confidence).abs());
    (gaps.sum::<f64>() / labels.len() as f64) as f32
}

/// softmax(row / temperature)
pub(super) fn softmax(row: &[f32], temperature: f32, probabilities: &mut [f32]) {
    let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    for (probability, &logit) in probabilities.iter_mut().zip(row) {
        *probability = exp((logit - largest) / temperature);
    }
    let sum: f32 = probabilities.iter().sum();
    probabilities.iter_mut().for_each(|probability| *probability /= sum);
}

/// Golden section over ln T; the mean cross-entropy is convex in 1 / T, so it has one valley.
fn best_temperature(logits: &[f32], labels: &[u32], n_classes: usize) -> f32 {
    let golden = (5f64.sqrt() - 1.0) / 2.0;
    let ln = |x: f64| f64::from(crate::kernels::math::ln(x as f32));
    let at = |x: f64| cross_entropy(logits, labels, n_classes, exp(x as f32));
    let [mut low, mut high] = RANGE.map(ln);
    let [mut a, mut b] = [high - golden * (high - low), low + golden * (high - low)];
    let (mut loss_a, mut loss_b) = (at(a), at(b));
    for _ in 0..N_STEPS {
        if loss_a <= loss_b {
            (high, b, loss_b) = (b, a, loss_a);
            a = high - golden * (high - low);
            loss_a = at(a);
        } else {
            (low, a, loss_a) = (a, b, loss_b);
            b = low + golden * (high - low);
            loss_b = at(b);
        }
    }
    exp(((low + high) / 2.0) as f32)
}

/// Σ ln Σ exp(logits / T) − logit of the actual class / T
fn cross_entropy(logits: &[f32], labels: &[u32], n_classes: usize, temperature: f32) -> f64 {
    let mut sum = 0.0;
    for (row, &label) in logits.chunks_exact(n_classes).zip(labels) {
        let largest = row.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        let total: f32 = row.iter().map(|&logit| exp((logit - largest) / temperature)).sum();
        let own = (row[label as usize] - largest) / temperature;
        sum += f64::from(crate::kernels::math::ln(total) - own);
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    /// Examples whose logits are those that their classes are drawn by, times `factor`.
    fn drawn(n: usize, factor: f32) -> (Vec<f32>, Vec<u32>) {
        let mut rng = Rng::new(3, 3);
        let (mut logits, mut labels) = (Vec::new(), Vec::new());
        let mut probabilities = [0.0; 4];
        for _ in 0..n {
            let row: [f32; 4] = std::array::from_fn(|_| 2.0 * rng.normal());
            softmax(&row, 1.0, &mut probabilities);
            let mut left = rng.uniform();
            let drawn = probabilities.iter().position(|&probability| {
                left -= probability;
                left < 0.0
            });
            labels.push(drawn.unwrap_or(3) as u32);
            logits.extend(row.map(|logit| factor * logit));
        }
        (logits, labels)
    }

    #[test]
    fn the_temperature_undoes_a_factor_on_honest_logits() {
        for factor in [0.3, 1.0, 4.0] {
            let (logits, labels) = drawn(20_000, factor);
            let found = calibrate(&logits, &labels, 4).unwrap();
            assert!((found.temperature / factor - 1.0).abs() < 0.03, "{factor}: {found:?}");
            assert!(found.error_at_temperature < 0.02, "{found:?}");
            assert_eq!(found.error < 0.02, factor == 1.0, "{found:?}");
        }
    }

    #[test]
    fn the_error_of_a_small_case_counted_by_hand() {
        // Confidences of 0.75, of which one of two is right, and of 0.5, where the first of equals is: |1.5 − 1| and
        // |0.5 − 1|, of three examples.
        let three = 3f32.ln();
        let logits = [three, 0.0, three, 0.0, 0.0, 0.0];
        let found = error(&logits, &[0, 1, 0], 2, 1.0);
        assert!((found - 1.0 / 3.0).abs() < 1e-6, "{found}");
        assert_eq!(calibrate(&[], &[], 2), None);
    }
}
