//! Optimizers: one loop over the flat parameters, their gradient, and the state kept for each.
//!
//! Three loops serve them all: velocities (SGD, momentum, Nesterov), steps divided by the root of a running square
//! (AdaGrad, RMSprop, Adam and kin), and AdaDelta. What tells the optimizers of a loop apart are a few coefficients.
//!
//! Tiny gradients and moments are set to 0: subnormal numbers, into which moments decay, cost
//! some 60 times the time, and WebAssembly cannot flush them by itself.

use std::ops::Range;

use super::checkpoint::Tape;
pub use super::optimizer_spec::OptimizerSpec;
use crate::error::{Error, Result};
use crate::kernels::elementwise::each_of;
use crate::kernels::simd::F32x4;

/// Gradients nearer to 0 than this count as 0.
const LEAST_GRADIENT: f32 = 1e-15;
/// The same for velocities and first moments.
const LEAST_MOMENT: f32 = 1e-20;
/// The same for second moments.
const LEAST_SQUARE: f32 = 1e-30;

/// Parameters moved at a time and then looked at, while they are still near.
const NEAR_LEN: usize = 1 << 11;

/// 0.96^(1/250): by how much Nadam's doubt in its momentum shrinks each step.
const NADAM_DOUBT: f64 = 0.999_836_725_352_675_3;

/// An optimizer at work on one vector of parameters.
#[derive(Clone, Debug)]
pub struct Optimizer {
    spec: OptimizerSpec,
    weight_decay: f32,
    /// Velocities, first moments, or AdaDelta's mean squares of steps.
    m: Vec<f32>,
    /// Mean squares of gradients; empty for an optimizer that keeps none.
    v: Vec<f32>,
    n_steps: u64,
    /// Products over the steps of what the first and the second moment keep, by repeated multiplication: the same
    /// bits everywhere.
    kept: [f64; 2],
    /// Nadam's 0.96^(t/250), likewise.
    doubt: f64,
    rule: Rule,
}

/// The coefficients of one step, equal for all parameters.
#[derive(Clone, Copy, Debug)]
enum Rule {
    /// m ← momentum m + g; w ← w − lr (of_g g + of_m m)
    Velocity { lr: f32, momentum: f32, of_g: f32, of_m: f32 },
    /// m ← beta1 m + (1 − beta1) g; v ← beta2 v + of_square g²; w ← keep w − (of_m m + of_g g) / (root √v + epsilon),
    /// where `keep` is 1 − lr · decay if decay is decoupled, else 1 with decay · w in g.
    Divided {
        lr: f32,
        beta1: f32,
        beta2: f32,
        of_square: f32,
        of_m: f32,
        of_g: f32,
        root: f32,
        epsilon: f32,
        decoupled: bool,
    },
    /// As [`OptimizerSpec::AdaDelta`] says; m is its u.
    Delta { lr: f32, rho: f32, epsilon: f32 },
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
        let square = match *spec {
            OptimizerSpec::Sgd | OptimizerSpec::Momentum { .. } | OptimizerSpec::Nesterov { .. } => None,
            OptimizerSpec::AdaGrad { initial_square, .. } => Some(initial_square),
            _ => Some(0.0),
        };
        Ok(Optimizer {
            spec: spec.clone(),
            weight_decay,
            m: vec![0.0; n_params],
            v: square.map_or(Vec::new(), |square| vec![square; n_params]),
            n_steps: 0,
            kept: [1.0; 2],
            doubt: 1.0,
            rule: Rule::Velocity { lr: 0.0, momentum: 0.0, of_g: 0.0, of_m: 0.0 },
        })
    }

    pub(super) fn keep(&mut self, tape: &mut Tape<'_>) -> Result<()> {
        tape.u64(&mut self.n_steps)?;
        self.kept.iter_mut().try_for_each(|kept| tape.f64(kept))?;
        tape.f64(&mut self.doubt)?;
        tape.f32s(&mut self.m)?;
        tape.f32s(&mut self.v)
    }

    /// Other options from the next step on, of the same optimizer. What it keeps of the steps before stays: the
    /// corrections of the first moment are by what each step kept.
    pub(super) fn change(&mut self, spec: &OptimizerSpec) {
        debug_assert_eq!(std::mem::discriminant(spec), std::mem::discriminant(&self.spec));
        self.spec = spec.clone();
    }

    /// The steps taken.
    pub fn steps(&self) -> u64 {
        self.n_steps
    }

    /// Takes one step: moves `params` against their gradient `d_params`. Weight decay applies inside
    /// `decayed` only: ranges of parameters, ascending and disjoint. Returns whether all parameters are finite numbers.
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
    ) -> bool {
        let n_params = self.m.len();
        assert_eq!((params.len(), d_params.len()), (n_params, n_params), "the optimizer's parameters");
        self.n_steps += 1;
        self.rule = self.next_rule(learning_rate);
        let (mut done, mut all_finite) = (0, true);
        for range in decayed {
            all_finite &= self.step_range(0.0, done..range.start, params, d_params);
            all_finite &= self.step_range(self.weight_decay, range.clone(), params, d_params);
            done = range.end;
        }
        all_finite & self.step_range(0.0, done..n_params, params, d_params)
    }

    /// The coefficients of the next step.
    fn next_rule(&mut self, lr: f32) -> Rule {
        match self.spec {
            OptimizerSpec::Sgd => Rule::Velocity { lr, momentum: 0.0, of_g: 1.0, of_m: 0.0 },
            OptimizerSpec::Momentum { momentum } => Rule::Velocity { lr, momentum, of_g: 0.0, of_m: 1.0 },
            OptimizerSpec::Nesterov { momentum } => {
                Rule::Velocity { lr, momentum, of_g: 1.0, of_m: momentum }
            }
            OptimizerSpec::AdaGrad { epsilon, .. } => {
                let (beta2, of_square) = (1.0, 1.0);
                Rule::divided_gradient(lr, beta2, of_square, epsilon)
            }
            OptimizerSpec::RmsProp { rho, epsilon } => Rule::divided_gradient(lr, rho, 1.0 - rho, epsilon),
            OptimizerSpec::AdaDelta { rho, epsilon } => Rule::Delta { lr, rho, epsilon },
            OptimizerSpec::Adam { beta1, beta2, epsilon }
            | OptimizerSpec::AdamW { beta1, beta2, epsilon }
            | OptimizerSpec::Nadam { beta1, beta2, epsilon } => {
                let decoupled = matches!(self.spec, OptimizerSpec::AdamW { .. });
                let (of_m, of_g) = if matches!(self.spec, OptimizerSpec::Nadam { .. }) {
                    let momentum = |doubt: f64| f64::from(beta1) * (1.0 - 0.5 * doubt);
                    self.doubt *= NADAM_DOUBT;
                    let (now, next) = (momentum(self.doubt), momentum(self.doubt * NADAM_DOUBT));
                    self.kept[0] *= now;
                    let lr = f64::from(lr);
                    (lr * next / (1.0 - self.kept[0] * next), lr * (1.0 - now) / (1.0 - self.kept[0]))
                } else {
                    self.kept[0] *= f64::from(beta1);
                    (f64::from(lr) / (1.0 - self.kept[0]), 0.0)
                };
                self.kept[1] *= f64::from(beta2);
                let root = (1.0 / (1.0 - self.kept[1]).sqrt()) as f32;
                let (of_m, of_g, of_square) = (of_m as f32, of_g as f32, 1.0 - beta2);
                Rule::Divided { lr, beta1, beta2, of_square, of_m, of_g, root, epsilon, decoupled }
            }
        }
    }

    #[inline(never)]
    fn step_range(&mut self, decay: f32, range: Range<usize>, params: &mut [f32], d_params: &[f32]) -> bool {
        let mut finite = true;
        for from in range.clone().step_by(NEAR_LEN) {
            let near = from..(from + NEAR_LEN).min(range.end);
            self.step_near(decay, near.clone(), params, d_params);
            finite &= all_finite(&params[near]);
        }
        finite
    }

    fn step_near(&mut self, decay: f32, range: Range<usize>, params: &mut [f32], d_params: &[f32]) {
        let (w, g, m) = (&mut params[range.clone()], &d_params[range.clone()], &mut self.m[range.clone()]);
        if let Rule::Velocity { lr, momentum, of_g, of_m } = self.rule {
            let [decay, lr, momentum, of_g, of_m] = [decay, lr, momentum, of_g, of_m].map(F32x4::splat);
            each_of([w, m], g, |[w, m], g| {
                let g = plus(flushed(g, LEAST_GRADIENT), decay, w);
                let m = flushed(momentum.mul(m).add(g), LEAST_MOMENT);
                [w.sub(lr.mul(plus(of_g.mul(g), of_m, m))), m]
            });
            return;
        }
        divided_loop(self.rule, decay, w, g, m, &mut self.v[range]);
    }
}

/// Without a branch in the loop, so that it costs nothing beside a step.
pub(super) fn all_finite(values: &[f32]) -> bool {
    values.iter().fold(true, |all, value| all & value.is_finite())
}

impl Rule {
    /// The gradient itself over the root of its squares.
    fn divided_gradient(lr: f32, beta2: f32, of_square: f32, epsilon: f32) -> Rule {
        let (beta1, of_m, of_g, root, decoupled) = (0.0, 0.0, lr, 1.0, false);
        Rule::Divided { lr, beta1, beta2, of_square, of_m, of_g, root, epsilon, decoupled }
    }
}

/// `a + b · c`, rounded twice.
#[inline(always)]
fn plus(a: F32x4, b: F32x4, c: F32x4) -> F32x4 {
    a.add(b.mul(c))
}

/// `x`, or 0 where it is nearer to 0 than `least`. What is not a number stays so.
#[inline(always)]
fn flushed(x: F32x4, least: f32) -> F32x4 {
    x.sub(x.where_greater(F32x4::splat(least), x.abs()))
}

fn divided_loop(rule: Rule, decay: f32, w: &mut [f32], g: &[f32], m: &mut [f32], v: &mut [f32]) {
    match rule {
        Rule::Divided { lr, beta1, beta2, of_square, of_m, of_g, root, epsilon, decoupled } => {
            let (keep, decay) = if decoupled { (1.0 - lr * decay, 0.0) } else { (1.0, decay) };
            let (of_old_m, of_new_m) = (F32x4::splat(beta1), F32x4::splat(1.0 - beta1));
            let [keep, decay, beta2, of_square] = [keep, decay, beta2, of_square].map(F32x4::splat);
            let [of_m, of_g, root, epsilon] = [of_m, of_g, root, epsilon].map(F32x4::splat);
            each_of([w, m, v], g, |[w, m, v], g| {
                let g = plus(flushed(g, LEAST_GRADIENT), decay, w);
                let m = flushed(plus(of_old_m.mul(m), of_new_m, g), LEAST_MOMENT);
                let v = flushed(plus(beta2.mul(v), of_square.mul(g), g), LEAST_SQUARE);
                let step = plus(of_m.mul(m), of_g, g).div(v.sqrt().mul(root).add(epsilon));
                [keep.mul(w).sub(step), m, v]
            });
        }
        Rule::Delta { lr, rho, epsilon } => {
            let [decay, lr, rho, of_new, epsilon] = [decay, lr, rho, 1.0 - rho, epsilon].map(F32x4::splat);
            each_of([w, m, v], g, |[w, u, v], g| {
                let g = plus(flushed(g, LEAST_GRADIENT), decay, w);
                let v = flushed(plus(rho.mul(v), of_new.mul(g), g), LEAST_SQUARE);
                let step = g.mul(u.add(epsilon).sqrt()).div(v.add(epsilon).sqrt());
                let u = flushed(plus(rho.mul(u), of_new.mul(step), step), LEAST_SQUARE);
                [w.sub(lr.mul(step)), u, v]
            });
        }
        Rule::Velocity { .. } => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_steps_are_those_worked_out_by_hand() {
        let cases: [(&str, f32, f32); 8] = [
            // w = 2, g = 0.5, lr = 0.1, decay = 0.2: two steps with the same g.
            (r#"{"type":"sgd"}"#, 0.0, 2.0 - 0.05 - 0.05),
            (r#"{"type":"momentum"}"#, 0.0, 2.0 - 0.05 - 0.1 * 0.95),
            (r#"{"type":"nesterov"}"#, 0.0, 2.0 - 0.1 * 0.95 - 0.1 * (0.5 + 0.9 * 0.95)),
            // Equal gradients: m̂ = g, √v̂ = |g|, so each step has the length lr.
            (r#"{"type":"adam"}"#, 0.0, 2.0 - 0.1 - 0.1),
            (r#"{"type":"adamW"}"#, 0.2, (2.0 * 0.98 - 0.1) * 0.98 - 0.1),
            // Divided by the root of 2 then 3 squares of 0.5, the first of them given.
            (
                r#"{"type":"adaGrad","initialSquare":0.25}"#,
                0.0,
                2.0 - 0.1 / 2.0f32.sqrt() - 0.1 / 3.0f32.sqrt(),
            ),
            (r#"{"type":"rmsprop","rho":0.0}"#, 0.0, 2.0 - 0.1 - 0.1),
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
    fn equal_gradients_give_equal_steps_of_adam_also_after_its_beta1_changed() {
        let adam = |beta1| OptimizerSpec::Adam { beta1, beta2: 0.999, epsilon: 1e-7 };
        let mut optimizer = Optimizer::new(&adam(0.9), 0.0, 1).unwrap();
        let mut w = [2.0f32];
        for step in 1..=9 {
            optimizer.change(&adam(if step < 4 { 0.9 } else { 0.3 }));
            optimizer.step(0.1, &mut w, &[0.5], &[]);
            assert!((w[0] - (2.0 - 0.1 * step as f32)).abs() < 1e-5, "step {step}: {}", w[0]);
        }
        let mut optimizer = Optimizer::new(&OptimizerSpec::Momentum { momentum: 0.9 }, 0.0, 1).unwrap();
        let mut w = [2.0];
        optimizer.step(0.1, &mut w, &[0.5], &[]);
        optimizer.change(&OptimizerSpec::Momentum { momentum: 0.5 });
        optimizer.step(0.1, &mut w, &[0.5], &[]);
        assert!((w[0] - (2.0 - 0.05 - 0.1 * (0.5 * 0.5 + 0.5))).abs() < 1e-6, "{}", w[0]);
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
        assert_eq!(n_cases, 18);
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
        let option = |spec: &OptimizerSpec, decay| match *Optimizer::new(spec, decay, 1).unwrap_err() {
            Error::Config { option, .. } => option,
            other => panic!("{other:?}"),
        };
        assert_eq!(option(&OptimizerSpec::Momentum { momentum: 1.0 }, 0.0), "optimizer.momentum");
        let adam = OptimizerSpec::AdamW { beta1: 0.9, beta2: f32::NAN, epsilon: 1e-7 };
        assert_eq!(option(&adam, 0.0), "optimizer.beta2");
        assert_eq!(option(&OptimizerSpec::Sgd, -1.0), "weightDecay");
        assert!(serde_json::from_str::<OptimizerSpec>(r#"{"type":"adam","momentum":0.5}"#).is_err());
    }
}
