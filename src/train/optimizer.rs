//! Optimizers: one loop over the flat parameters, their gradient, and the state kept for each.
//!
//! Momentum, Nesterov and Adam follow PyTorch 2; Adam's `epsilon` defaults to Keras' 1e-7 and is added
//! to the square root of the corrected second moment (Keras adds it before correcting).
//!
//! Tiny gradients and moments are set to 0: subnormal numbers, into which moments decay, cost
//! some 60 times the time, and WebAssembly cannot flush them by itself.

use std::ops::Range;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::error::{Error, Result};
use crate::settings::Settings;

/// Gradients nearer to 0 than this count as 0.
const LEAST_GRADIENT: f32 = 1e-15;
/// The same for velocities and first moments.
const LEAST_MOMENT: f32 = 1e-20;
/// The same for second moments.
const LEAST_SQUARE: f32 = 1e-30;

/// Which optimizer, with its own options; `w` are parameters, `g` is dLoss/dw, `lr` the learning rate.
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(tag = "type", rename_all = "camelCase", try_from = "Value")]
pub enum OptimizerSpec {
    /// w ← w − lr g
    Sgd,
    /// v ← momentum v + g; w ← w − lr v
    Momentum {
        /// The share of the velocity kept, 0 to below 1.
        momentum: f32,
    },
    /// v ← momentum v + g; w ← w − lr (g + momentum v)
    Nesterov {
        /// The share of the velocity kept, 0 to below 1.
        momentum: f32,
    },
    /// m ← beta1 m + (1 − beta1) g; v ← beta2 v + (1 − beta2) g²;
    /// w ← w − lr m̂ / (√v̂ + epsilon), with m̂ = m / (1 − beta1ᵗ) and v̂ = v / (1 − beta2ᵗ) at step t.
    ///
    /// Source: Kingma, Ba 2015, algorithm 1.
    Adam {
        /// The share of the first moment kept, 0 to below 1.
        beta1: f32,
        /// The share of the second moment kept, 0 to below 1.
        beta2: f32,
        /// Keeps the division finite, above 0.
        epsilon: f32,
    },
    /// As Adam, but weight decay does not pass through the moments: first w ← (1 − lr decay) w.
    ///
    /// Source: Loshchilov, Hutter 2019, algorithm 2.
    AdamW {
        /// As for Adam.
        beta1: f32,
        /// As for Adam.
        beta2: f32,
        /// As for Adam.
        epsilon: f32,
    },
}

fn default_momentum() -> f32 {
    0.9
}

fn default_beta1() -> f32 {
    0.9
}

fn default_beta2() -> f32 {
    0.999
}

fn default_epsilon() -> f32 {
    1e-7
}

impl TryFrom<Value> for OptimizerSpec {
    type Error = Error;

    fn try_from(value: Value) -> Result<OptimizerSpec> {
        let mut settings = Settings::new("optimizer", value)?;
        let s = &mut settings;
        let spec = match s.require::<String>("type")?.as_str() {
            "sgd" => OptimizerSpec::Sgd,
            "momentum" => OptimizerSpec::Momentum { momentum: s.get_or("momentum", default_momentum())? },
            "nesterov" => OptimizerSpec::Nesterov { momentum: s.get_or("momentum", default_momentum())? },
            "adam" => OptimizerSpec::Adam {
                beta1: s.get_or("beta1", default_beta1())?,
                beta2: s.get_or("beta2", default_beta2())?,
                epsilon: s.get_or("epsilon", default_epsilon())?,
            },
            "adamW" | "adamw" => OptimizerSpec::AdamW {
                beta1: s.get_or("beta1", default_beta1())?,
                beta2: s.get_or("beta2", default_beta2())?,
                epsilon: s.get_or("epsilon", default_epsilon())?,
            },
            other => {
                return Err(Error::config("type", "one of sgd, momentum, nesterov, adam, adamW", other));
            }
        };
        settings.finish()?;
        Ok(spec)
    }
}

impl Default for OptimizerSpec {
    /// Adam with its usual options.
    fn default() -> OptimizerSpec {
        OptimizerSpec::Adam { beta1: default_beta1(), beta2: default_beta2(), epsilon: default_epsilon() }
    }
}

impl OptimizerSpec {
    /// Refuses options outside the ranges given at the fields.
    ///
    /// # Errors
    /// [`Error::Config`] naming the option, as `optimizer.beta1`.
    pub fn validate(&self) -> Result<()> {
        let share = |option: &str, value: f32| {
            if (0.0..1.0).contains(&value) {
                return Ok(());
            }
            Err(Error::config(&format!("optimizer.{option}"), "at least 0 and below 1", value))
        };
        match *self {
            OptimizerSpec::Sgd => Ok(()),
            OptimizerSpec::Momentum { momentum } | OptimizerSpec::Nesterov { momentum } => {
                share("momentum", momentum)
            }
            OptimizerSpec::Adam { beta1, beta2, epsilon }
            | OptimizerSpec::AdamW { beta1, beta2, epsilon } => {
                share("beta1", beta1)?;
                share("beta2", beta2)?;
                if epsilon > 0.0 && epsilon.is_finite() {
                    return Ok(());
                }
                Err(Error::config("optimizer.epsilon", "above 0", epsilon))
            }
        }
    }
}

/// An optimizer at work on one vector of parameters.
#[derive(Clone, Debug)]
pub struct Optimizer {
    spec: OptimizerSpec,
    weight_decay: f32,
    n_params: usize,
    /// Velocities or first moments; empty when the optimizer keeps none.
    m: Vec<f32>,
    /// Second moments; empty when the optimizer keeps none.
    v: Vec<f32>,
    n_steps: u64,
    /// beta1ᵗ and beta2ᵗ, by repeated multiplication: the same bits everywhere.
    beta_powers: [f64; 2],
}

impl Optimizer {
    /// An optimizer of `n_params` parameters before its first step.
    ///
    /// `weight_decay` is added to the gradient as `weight_decay * w` (L2), except by AdamW.
    ///
    /// # Errors
    /// Those of [`OptimizerSpec::validate`], and [`Error::Config`] for a `weightDecay` that is
    /// below 0 or not finite.
    pub fn new(spec: &OptimizerSpec, weight_decay: f32, n_params: usize) -> Result<Optimizer> {
        spec.validate()?;
        if !(weight_decay >= 0.0 && weight_decay.is_finite()) {
            return Err(Error::config("weightDecay", "0 or more", weight_decay));
        }
        let (has_m, has_v) = match spec {
            OptimizerSpec::Sgd => (false, false),
            OptimizerSpec::Momentum { .. } | OptimizerSpec::Nesterov { .. } => (true, false),
            OptimizerSpec::Adam { .. } | OptimizerSpec::AdamW { .. } => (true, true),
        };
        Ok(Optimizer {
            spec: spec.clone(),
            weight_decay,
            n_params,
            m: vec![0.0; if has_m { n_params } else { 0 }],
            v: vec![0.0; if has_v { n_params } else { 0 }],
            n_steps: 0,
            beta_powers: [1.0, 1.0],
        })
    }

    /// The steps taken.
    pub fn steps(&self) -> u64 {
        self.n_steps
    }

    /// Takes one step: moves `params` against their gradient `d_params`. Weight decay applies inside
    /// `decayed` only: ranges of parameters, ascending and disjoint.
    ///
    /// Shapes: `params` and `d_params` `[n_params]`.
    ///
    /// # Panics
    /// When a length is another, or the ranges are not ascending and within the parameters.
    pub fn step(
        &mut self,
        learning_rate: f32,
        params: &mut [f32],
        d_params: &[f32],
        decayed: &[Range<usize>],
    ) {
        assert_eq!(
            (params.len(), d_params.len()),
            (self.n_params, self.n_params),
            "the optimizer's parameters"
        );
        self.n_steps += 1;
        if let OptimizerSpec::Adam { beta1, beta2, .. } | OptimizerSpec::AdamW { beta1, beta2, .. } =
            self.spec
        {
            self.beta_powers[0] *= f64::from(beta1);
            self.beta_powers[1] *= f64::from(beta2);
        }
        let mut done = 0;
        for range in decayed {
            self.step_range(learning_rate, 0.0, done..range.start, params, d_params);
            self.step_range(learning_rate, self.weight_decay, range.clone(), params, d_params);
            done = range.end;
        }
        self.step_range(learning_rate, 0.0, done..self.n_params, params, d_params);
    }

    fn step_range(&mut self, lr: f32, decay: f32, range: Range<usize>, params: &mut [f32], d_params: &[f32]) {
        let (w, g) = (&mut params[range.clone()], &d_params[range.clone()]);
        match self.spec {
            OptimizerSpec::Sgd => {
                for (w, &g) in w.iter_mut().zip(g) {
                    *w -= lr * (flushed(g, LEAST_GRADIENT) + decay * *w);
                }
            }
            OptimizerSpec::Momentum { momentum } => {
                momentum_loop(lr, decay, momentum, w, g, &mut self.m[range]);
            }
            OptimizerSpec::Nesterov { momentum } => {
                nesterov_loop(lr, decay, momentum, w, g, &mut self.m[range]);
            }
            OptimizerSpec::Adam { beta1, beta2, epsilon } => {
                let adam = AdamStep::new(lr, self.beta_powers, beta1, beta2, epsilon);
                adam.run(decay, 1.0, w, g, &mut self.m[range.clone()], &mut self.v[range]);
            }
            OptimizerSpec::AdamW { beta1, beta2, epsilon } => {
                let adam = AdamStep::new(lr, self.beta_powers, beta1, beta2, epsilon);
                adam.run(0.0, 1.0 - lr * decay, w, g, &mut self.m[range.clone()], &mut self.v[range]);
            }
        }
    }
}

/// `x`, or 0 where it is nearer to 0 than `least`. What is not a number stays so.
#[inline(always)]
fn flushed(x: f32, least: f32) -> f32 {
    if x.abs() < least { 0.0 } else { x }
}

#[inline(never)]
fn momentum_loop(lr: f32, decay: f32, momentum: f32, w: &mut [f32], g: &[f32], v: &mut [f32]) {
    for ((w, &g), v) in w.iter_mut().zip(g).zip(v) {
        let g = flushed(g, LEAST_GRADIENT) + decay * *w;
        *v = flushed(momentum * *v + g, LEAST_MOMENT);
        *w -= lr * *v;
    }
}

#[inline(never)]
fn nesterov_loop(lr: f32, decay: f32, momentum: f32, w: &mut [f32], g: &[f32], v: &mut [f32]) {
    for ((w, &g), v) in w.iter_mut().zip(g).zip(v) {
        let g = flushed(g, LEAST_GRADIENT) + decay * *w;
        *v = flushed(momentum * *v + g, LEAST_MOMENT);
        *w -= lr * (g + momentum * *v);
    }
}

/// The numbers of one Adam step that are equal for all parameters.
struct AdamStep {
    beta1: f32,
    beta2: f32,
    epsilon: f32,
    /// lr / (1 − beta1ᵗ)
    rate: f32,
    /// 1 / √(1 − beta2ᵗ)
    root: f32,
}

impl AdamStep {
    fn new(lr: f32, [power1, power2]: [f64; 2], beta1: f32, beta2: f32, epsilon: f32) -> AdamStep {
        let rate = (f64::from(lr) / (1.0 - power1)) as f32;
        let root = (1.0 / (1.0 - power2).sqrt()) as f32;
        AdamStep { beta1, beta2, epsilon, rate, root }
    }

    /// `keep` is what AdamW's decay leaves of each parameter.
    #[inline(never)]
    fn run(&self, decay: f32, keep: f32, w: &mut [f32], g: &[f32], m: &mut [f32], v: &mut [f32]) {
        let AdamStep { beta1, beta2, epsilon, rate, root } = *self;
        for (((w, &g), m), v) in w.iter_mut().zip(g).zip(m).zip(v) {
            let g = flushed(g, LEAST_GRADIENT) + decay * *w;
            *m = flushed(beta1 * *m + (1.0 - beta1) * g, LEAST_MOMENT);
            *v = flushed(beta2 * *v + (1.0 - beta2) * g * g, LEAST_SQUARE);
            *w = keep * *w - rate * *m / (v.sqrt() * root + epsilon);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_steps_are_those_worked_out_by_hand() {
        let cases: [(&str, f32, f32); 6] = [
            // w = 2, g = 0.5, lr = 0.1, decay = 0.2: two steps with the same g.
            (r#"{"type":"sgd"}"#, 0.0, 2.0 - 0.05 - 0.05),
            (r#"{"type":"momentum"}"#, 0.0, 2.0 - 0.05 - 0.1 * 0.95),
            (r#"{"type":"nesterov"}"#, 0.0, 2.0 - 0.1 * 0.95 - 0.1 * (0.5 + 0.9 * 0.95)),
            // Equal gradients: m̂ = g, √v̂ = |g|, so each step has the length lr.
            (r#"{"type":"adam"}"#, 0.0, 2.0 - 0.1 - 0.1),
            (r#"{"type":"adamW"}"#, 0.2, (2.0 * 0.98 - 0.1) * 0.98 - 0.1),
            (r#"{"type":"sgd"}"#, 0.2, 1.91 - 0.1 * (0.5 + 0.2 * 1.91)),
        ];
        for (json, decay, want) in cases {
            let spec: OptimizerSpec = serde_json::from_str(json).unwrap();
            let mut optimizer = Optimizer::new(&spec, decay, 1).unwrap();
            let mut w = [2.0];
            for _ in 0..2 {
                optimizer.step(0.1, &mut w, &[0.5], std::slice::from_ref(&(0..1)));
            }
            assert_eq!(optimizer.steps(), 2);
            assert!((w[0] - want).abs() < 1e-5, "{json}: {} not {want}", w[0]);
        }
    }

    #[test]
    fn ten_steps_are_those_of_pytorch() {
        let golden: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/golden/optimizers.json")).unwrap();
        let floats = |value: &serde_json::Value| -> Vec<f32> {
            value.as_array().unwrap().iter().map(|x| x.as_f64().unwrap() as f32).collect()
        };
        let mut n_cases = 0;
        for case in golden["cases"].as_array().unwrap() {
            let spec: OptimizerSpec = serde_json::from_value(case["optimizer"].clone()).unwrap();
            let mut params = floats(&golden["params"]);
            let decay = case["weightDecay"].as_f64().unwrap() as f32;
            let mut optimizer = Optimizer::new(&spec, decay, params.len()).unwrap();
            let rate = case["learningRate"].as_f64().unwrap() as f32;
            // The middle two parameters are not decayed.
            let decayed = [0..2, 4..params.len()];
            for (d_params, want) in
                golden["gradients"].as_array().unwrap().iter().zip(case["steps"].as_array().unwrap())
            {
                optimizer.step(rate, &mut params, &floats(d_params), &decayed);
                for (got, want) in params.iter().zip(floats(want)) {
                    assert!((got - want).abs() <= 1e-5 * want.abs().max(0.1), "{case}: {got} not {want}");
                }
            }
            assert_eq!(optimizer.steps(), 10);
            n_cases += 1;
        }
        assert_eq!(n_cases, 10);
    }

    #[test]
    fn moments_decay_to_zero_and_not_into_subnormals() {
        let mut optimizer = Optimizer::new(&OptimizerSpec::default(), 0.0, 2).unwrap();
        let mut w = [1.0, 1.0];
        optimizer.step(0.001, &mut w, &[1e-3, 1e-18], &[]);
        assert_eq!(w[1], 1.0);
        for _ in 0..2000 {
            optimizer.step(0.001, &mut w, &[0.0, 1e-18], &[]);
            for moment in optimizer.m.iter().chain(&optimizer.v) {
                assert!(!moment.is_subnormal());
            }
        }
        assert_eq!(optimizer.m, [0.0, 0.0]);
    }

    #[test]
    fn a_gradient_that_is_not_a_number_is_not_hidden() {
        for spec in [OptimizerSpec::Sgd, OptimizerSpec::default()] {
            let mut w = [1.0];
            Optimizer::new(&spec, 0.0, 1).unwrap().step(0.1, &mut w, &[f32::NAN], &[]);
            assert!(w[0].is_nan());
        }
    }

    #[test]
    fn options_out_of_range_are_refused_by_name() {
        let option = |spec: &OptimizerSpec, decay| match Optimizer::new(spec, decay, 1) {
            Err(Error::Config { option, .. }) => option,
            other => panic!("{other:?}"),
        };
        assert_eq!(option(&OptimizerSpec::Momentum { momentum: 1.0 }, 0.0), "optimizer.momentum");
        let adam = OptimizerSpec::AdamW { beta1: 0.9, beta2: f32::NAN, epsilon: 1e-7 };
        assert_eq!(option(&adam, 0.0), "optimizer.beta2");
        assert_eq!(option(&OptimizerSpec::Sgd, -1.0), "weightDecay");
        assert!(serde_json::from_str::<OptimizerSpec>(r#"{"type":"adam","momentum":0.5}"#).is_err());
    }
}
