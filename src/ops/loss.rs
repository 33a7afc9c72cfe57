//! The losses: how far the logits are from what they should be.

use serde::Serialize;

use super::wrong_inputs;
use crate::error::{Error, Result};
use crate::graph::{Backward, Forward, Keeps, Operator, Shape, Targets};
use crate::kernels::math::{exp, ln, sigmoid};
use crate::kernels::softmax::log_sum_exp;
use crate::settings::{Setting, choose};
use crate::value::Value;

/// What is compared; `x` are a network's outputs for one example, `t` its targets: a class stands for its one-hot vector.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum LossKind {
    /// `Σ t[i] (ln Σ e^x[j] - x[i])`: the cross-entropy of the softmax.
    #[default]
    CrossEntropy,
    /// The mean over `i` of `ln (1 + e^x[i]) - t[i] x[i]`: the cross-entropy of each output's sigmoid.
    BinaryCrossEntropy,
    /// The mean over `i` of `(x[i] - t[i])²`.
    MeanSquaredError,
    /// The mean over `i` of `|x[i] - t[i]|`.
    MeanAbsoluteError,
    /// The mean over `i` of `max(1 - s[i] x[i], 0)` with `s = 2 t - 1`: -1 for 0 and 1 for 1, as in Keras.
    Hinge,
}

impl LossKind {
    /// All of them by the names they have in JSON.
    pub const NAMES: [(&'static str, LossKind); 5] = [
        ("crossEntropy", LossKind::CrossEntropy),
        ("binaryCrossEntropy", LossKind::BinaryCrossEntropy),
        ("meanSquaredError", LossKind::MeanSquaredError),
        ("meanAbsoluteError", LossKind::MeanAbsoluteError),
        ("hinge", LossKind::Hinge),
    ];

    /// What one output contributes to the mean, for all but the cross-entropy of the softmax.
    fn term(self, x: f32, t: f32) -> f32 {
        match self {
            LossKind::CrossEntropy => 0.0,
            LossKind::BinaryCrossEntropy => x.max(0.0) - x * t + ln(1.0 + exp(-x.abs())),
            LossKind::MeanSquaredError => (x - t) * (x - t),
            LossKind::MeanAbsoluteError => (x - t).abs(),
            LossKind::Hinge => 0.0f32.max(1.0 - (2.0 * t - 1.0) * x),
        }
    }

    /// The derivative of [`term`](Self::term) by `x`.
    fn d_term(self, x: f32, t: f32) -> f32 {
        match self {
            LossKind::CrossEntropy => 0.0,
            LossKind::BinaryCrossEntropy => sigmoid(x) - t,
            LossKind::MeanSquaredError => 2.0 * (x - t),
            LossKind::MeanAbsoluteError if x == t => 0.0,
            LossKind::MeanAbsoluteError => (x - t).signum(),
            LossKind::Hinge => {
                let sign = 2.0 * t - 1.0;
                if sign * x < 1.0 { -sign } else { 0.0 }
            }
        }
    }
}

impl Setting for LossKind {
    fn read(name: &str, value: Value) -> Result<LossKind> {
        choose(name, value, &LossKind::NAMES)
    }
}

/// A loss of a network's outputs, one number for each example.
///
/// With smoothing `s` each target `t` of `n` becomes `(1 - s) t + s / n`. An example's loss is multiplied by its class'
/// weight; the gradient is that of `loss_scale · Σ loss`, so weights are not divided by their sum (as in Keras; PyTorch
/// divides).
///
/// Shapes: `x, t: [n]`, `loss: [1]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Loss {
    kind: LossKind,
    label_smoothing: f32,
    class_weights: Vec<f32>,
}

impl Loss {
    /// A loss of this kind, with neither smoothing nor weights.
    pub fn new(kind: LossKind) -> Loss {
        Loss { kind, ..Loss::default() }
    }

    /// The cross-entropy of the softmax.
    pub fn cross_entropy() -> Loss {
        Loss::default()
    }

    /// With targets drawn this far toward 1 / n, from 0 to below 1.
    pub fn label_smoothing(self, label_smoothing: f32) -> Loss {
        Loss { label_smoothing, ..self }
    }

    /// With the examples of each class counting so much; none given: 1.
    pub fn class_weights(self, class_weights: Vec<f32>) -> Loss {
        Loss { class_weights, ..self }
    }

    /// The target of output `i`, of `n`, for example `row`.
    fn target(&self, targets: Targets<'_>, row: usize, n: usize, i: usize) -> f32 {
        let target = match targets {
            Targets::None => 0.0,
            Targets::Classes(labels) => f32::from(u8::from(labels[row] as usize == i)),
            Targets::Values(values) => values[row * n + i],
        };
        (1.0 - self.label_smoothing) * target + self.label_smoothing / n as f32
    }

    /// What example `row` counts.
    fn weight(&self, targets: Targets<'_>, row: usize, n: usize) -> f32 {
        match targets {
            _ if self.class_weights.is_empty() => 1.0,
            Targets::None => 1.0,
            Targets::Classes(labels) => self.class_weights[labels[row] as usize],
            Targets::Values(values) => {
                values[row * n..][..n].iter().zip(&self.class_weights).map(|(t, weight)| t * weight).sum()
            }
        }
    }
}

impl Operator for Loss {
    fn name(&self) -> &'static str {
        match self.kind {
            LossKind::CrossEntropy => "softmax_cross_entropy",
            LossKind::BinaryCrossEntropy => "binary_cross_entropy",
            LossKind::MeanSquaredError => "mean_squared_error",
            LossKind::MeanAbsoluteError => "mean_absolute_error",
            LossKind::Hinge => "hinge",
        }
    }

    fn output_shape(&self, inputs: &[&[usize]]) -> Result<Shape> {
        if !(0.0..1.0).contains(&self.label_smoothing) {
            return Err(Error::config("labelSmoothing", "at least 0 and below 1", self.label_smoothing));
        }
        match inputs {
            [[n]] if self.class_weights.is_empty() || self.class_weights.len() == *n => Ok(vec![1]),
            [[n]] => Err(Error::config(
                "classWeights",
                format!("a list of {n}, a weight for each class"),
                format!("a list of {}", self.class_weights.len()),
            )),
            _ => Err(wrong_inputs(self.name(), "one flat input of logits", inputs)),
        }
    }

    fn keeps(&self) -> Keeps {
        Keeps { inputs: true, ..Keeps::default() }
    }

    fn forward(&self, cx: Forward<'_>) {
        let (n, targets) = (cx.input_shapes[0][0], cx.targets);
        if matches!(targets, Targets::None) {
            cx.output.fill(0.0);
            return;
        }
        for (row, (x, loss)) in cx.inputs[0].chunks_exact(n).zip(cx.output).enumerate() {
            let values = x.iter().enumerate().map(|(i, &x)| (x, self.target(targets, row, n, i)));
            let weight = self.weight(targets, row, n);
            *loss = weight
                * if self.kind == LossKind::CrossEntropy {
                    let (total, dot) =
                        values.fold((0.0, 0.0), |(total, dot), (x, t)| (total + t, dot + t * x));
                    total * log_sum_exp(x) - dot
                } else {
                    values.map(|(x, t)| self.kind.term(x, t)).sum::<f32>() / n as f32
                };
        }
    }

    #[cfg(feature = "train")]
    fn backward(&self, cx: Backward<'_>) {
        let (n, targets) = (cx.input_shapes[0][0], cx.targets);
        if matches!(targets, Targets::None) {
            return;
        }
        let [d_x, _] = cx.d_inputs;
        for (row, (x, d_x)) in cx.inputs[0].chunks_exact(n).zip(d_x.chunks_exact_mut(n)).enumerate() {
            let scale = cx.loss_scale * self.weight(targets, row, n);
            let target = |i: usize| self.target(targets, row, n, i);
            if self.kind == LossKind::CrossEntropy {
                let normalizer = log_sum_exp(x);
                let total = (0..n).map(target).sum::<f32>();
                for (i, (d_x, &x)) in d_x.iter_mut().zip(x).enumerate() {
                    *d_x += scale * total * exp(x - normalizer);
                    *d_x -= scale * target(i);
                }
            } else {
                for (i, (d_x, &x)) in d_x.iter_mut().zip(x).enumerate() {
                    *d_x += scale / n as f32 * self.kind.d_term(x, target(i));
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::check::check_loss_gradients;

    #[test]
    fn gradients_match_central_differences() {
        for (_, kind) in LossKind::NAMES {
            check_loss_gradients(&Loss::new(kind), &[7], Targets::Classes(&[0, 6, 3]));
            check_loss_gradients(&Loss::new(kind), &[2], Targets::Values(&[0.5, -0.25, 1.0, 0.0]));
            let smooth = Loss::new(kind).label_smoothing(0.1).class_weights(vec![0.5, 2.0, 1.0]);
            check_loss_gradients(&smooth, &[3], Targets::Classes(&[1, 0, 2, 1, 1]));
            check_loss_gradients(&smooth, &[3], Targets::Values(&[0.25, 0.5, 0.25, 0.0, 0.0, 1.0]));
        }
    }

    #[test]
    fn options_that_do_not_fit_are_refused_by_name() {
        for (loss, option) in [
            (Loss::cross_entropy().label_smoothing(1.0), "labelSmoothing"),
            (Loss::cross_entropy().class_weights(vec![1.0; 3]), "classWeights"),
        ] {
            assert!(loss.output_shape(&[&[4]]).unwrap_err().to_string().contains(option));
        }
    }
}
