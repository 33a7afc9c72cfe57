//! Schedules: the learning rate of each step.

use serde::{Deserialize, Serialize};

use super::checkpoint::Tape;
use crate::error::{Error, Result};
use crate::kernels::math::{pow, sin_cos};
use crate::settings::Settings;
use crate::value::Value;

/// How the learning rate goes from the first step to the last. Steps count from 0; `base` is the
/// rate that the factors multiply.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, Default, PartialEq)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase", try_from = "Value")]
pub enum Schedule {
    /// base
    #[default]
    Constant,
    /// Half a cosine from base to base · finalFactor:
    /// base (f + (1 − f) (1 + cos(π t)) / 2) with t = step / n_steps.
    ///
    /// Source: Loshchilov, Hutter 2017, equation 5, without restarts; PyTorch's
    /// `CosineAnnealingLR(T_max=n_steps, eta_min=f·base)`, so the last step still lies one before the end.
    Cosine {
        /// The rate at the end as a factor of base, 0 to 1.
        final_factor: f32,
    },
    /// Half a cosine up from base · startFactor to base, which it reaches just before the share
    /// peakAt of the steps, then half a cosine down to base · finalFactor at the last step.
    ///
    /// Source: Smith, Topin 2018; PyTorch's `OneCycleLR(max_lr=base, pct_start=peakAt,
    /// div_factor=1/startFactor, final_div_factor=startFactor/finalFactor)` with cosine annealing. PyTorch
    /// counts the end from the start's rate, here it counts from base; momentum is not cycled.
    OneCycle {
        /// The share of the steps after which the rate is highest, above 0 and below 1.
        peak_at: f32,
        /// The first rate as a factor of base, 0 to 1.
        start_factor: f32,
        /// The last rate as a factor of base, 0 to 1.
        final_factor: f32,
    },
    /// base · factorᵏ in the run's part k, of `parts` equal ones.
    ///
    /// Source: PyTorch's `StepLR(step_size=n_steps/parts, gamma=factor)`.
    Step {
        /// Equal parts of the run, at least 1; 3 unless given.
        parts: u32,
        /// From one part to the next, above 0 and at most 1; 0.1 unless given.
        factor: f32,
    },
    /// base · finalFactorᵗ with t = step / n_steps.
    ///
    /// Source: PyTorch's `ExponentialLR(gamma=finalFactor^(1/n_steps))`.
    Exponential {
        /// The rate at the end as a factor of base, above 0 and at most 1; 0.01 unless given.
        final_factor: f32,
    },
    /// `cycles` half cosines from base to base · finalFactor one after the other, each `lengthening` times as
    /// long as the one before.
    ///
    /// Source: Loshchilov, Hutter 2017, equation 5; PyTorch's `CosineAnnealingWarmRestarts(T_0, T_mult=lengthening,
    /// eta_min=finalFactor·base)` with the T_0 that lets the last cycle end with the run.
    WarmRestarts {
        /// Half cosines, at least 1; 3 unless given.
        cycles: u32,
        /// At least 1; 2 unless given.
        lengthening: f32,
        /// The rate at each cycle's end as a factor of base, 0 to 1.
        final_factor: f32,
    },
    /// base · factorᵏ after k times that the loss stood still: see [`Plateau`].
    Plateau {
        /// From one rate to the next, above 0 and below 1; 0.1 unless given.
        factor: f32,
        /// Epochs without a lower loss that are borne; 10 unless given.
        patience: u32,
        /// The least rate as a factor of base, 0 to 1.
        final_factor: f32,
    },
}

impl TryFrom<Value> for Schedule {
    type Error = Box<Error>;

    fn try_from(value: Value) -> Result<Schedule> {
        let mut settings = Settings::new("schedule", value)?;
        let s = &mut settings;
        let schedule = match s.require::<String>("type")?.as_str() {
            "constant" => Schedule::Constant,
            "cosine" => Schedule::Cosine { final_factor: s.get_or("finalFactor", 0.0)? },
            "oneCycle" => Schedule::OneCycle {
                peak_at: s.get_or("peakAt", default_peak_at())?,
                start_factor: s.get_or("startFactor", default_start_factor())?,
                final_factor: s.get_or("finalFactor", default_one_cycle_final_factor())?,
            },
            "step" => Schedule::Step { parts: s.get_or("parts", 3)?, factor: s.get_or("factor", 0.1)? },
            "exponential" => Schedule::Exponential { final_factor: s.get_or("finalFactor", 0.01)? },
            "warmRestarts" => Schedule::WarmRestarts {
                cycles: s.get_or("cycles", 3)?,
                lengthening: s.get_or("lengthening", 2.0)?,
                final_factor: s.get_or("finalFactor", 0.0)?,
            },
            "plateau" => Schedule::Plateau {
                factor: s.get_or("factor", 0.1)?,
                patience: s.get_or("patience", 10)?,
                final_factor: s.get_or("finalFactor", 0.0)?,
            },
            other => {
                let kinds = ["one of ", &Schedule::TYPES.join(", ")].concat();
                return Err(Error::config("type", kinds, other));
            }
        };
        settings.finish()?;
        Ok(schedule)
    }
}

fn default_peak_at() -> f32 {
    0.3
}

fn default_start_factor() -> f32 {
    1.0 / 25.0
}

fn default_one_cycle_final_factor() -> f32 {
    1e-4
}

impl Schedule {
    /// All types by the names they have in JSON.
    pub const TYPES: [&'static str; 7] =
        ["constant", "oneCycle", "cosine", "exponential", "step", "warmRestarts", "plateau"];

    /// Refuses options outside the ranges given at the fields.
    ///
    /// # Errors
    /// [`Error::Config`] naming the option, as `schedule.peakAt`.
    pub fn validate(&self) -> Result<()> {
        let factor = |option: &str, value: f32| {
            if (0.0..=1.0).contains(&value) {
                return Ok(());
            }
            Err(Error::config(&format!("schedule.{option}"), "between 0 and 1", value))
        };
        let positive = |option: &str, value: f32| {
            if value > 0.0 && value <= 1.0 {
                return Ok(());
            }
            Err(Error::config(&format!("schedule.{option}"), "above 0 and at most 1", value))
        };
        let count = |option: &str, value: u32| {
            if (1..=1000).contains(&value) {
                return Ok(());
            }
            Err(Error::config(&format!("schedule.{option}"), "between 1 and 1000", value))
        };
        match *self {
            Schedule::Constant => Ok(()),
            Schedule::Cosine { final_factor } => factor("finalFactor", final_factor),
            Schedule::Step { parts, factor } => {
                count("parts", parts)?;
                positive("factor", factor)
            }
            Schedule::Exponential { final_factor } => positive("finalFactor", final_factor),
            Schedule::WarmRestarts { cycles, lengthening, final_factor } => {
                count("cycles", cycles)?;
                if !(1.0..=10.0).contains(&lengthening) {
                    return Err(Error::config("schedule.lengthening", "between 1 and 10", lengthening));
                }
                factor("finalFactor", final_factor)
            }
            Schedule::Plateau { factor: down, final_factor, .. } => {
                positive("factor", down)?;
                factor("finalFactor", final_factor)
            }
            Schedule::OneCycle { peak_at, start_factor, final_factor } => {
                if !(peak_at > 0.0 && peak_at < 1.0) {
                    return Err(Error::config("schedule.peakAt", "above 0 and below 1", peak_at));
                }
                factor("startFactor", start_factor)?;
                factor("finalFactor", final_factor)
            }
        }
    }

    /// The learning rate of step `step` of `n_steps`, counted from 0.
    ///
    /// The first `warmup_steps` climb evenly to the schedule's first rate,
    /// (step + 1) / (warmup_steps + 1) of it; the schedule then fills the steps left. Past the end it stays at
    /// the last step's rate.
    pub fn learning_rate(&self, base: f32, warmup_steps: u64, step: u64, n_steps: u64) -> f32 {
        let n_left = n_steps.saturating_sub(warmup_steps);
        if step < warmup_steps {
            let climbed = (step + 1) as f64 / (warmup_steps as f64 + 1.0);
            return base * self.factor(0, n_left) * climbed as f32;
        }
        base * self.factor((step - warmup_steps).min(n_left.saturating_sub(1)), n_left)
    }

    /// The factor of base at `step`, below `n_steps` unless that is 0.
    fn factor(&self, step: u64, n_steps: u64) -> f32 {
        let share = step as f64 / n_steps.max(1) as f64;
        match *self {
            Schedule::Constant | Schedule::Plateau { .. } => 1.0,
            Schedule::Cosine { final_factor } => half_cosine(1.0, final_factor, share),
            Schedule::Step { parts, factor } => {
                let part = step * u64::from(parts) / n_steps.max(1);
                (0..part).fold(1.0, |product, _| product * factor)
            }
            Schedule::Exponential { final_factor } => pow(final_factor, share as f32),
            Schedule::WarmRestarts { cycles, lengthening, final_factor } => {
                let lengthening = f64::from(lengthening);
                let lengths =
                    || (0..cycles).scan(1.0, |next, _| Some(std::mem::replace(next, *next * lengthening)));
                let unit = n_steps.max(1) as f64 / lengths().sum::<f64>();
                let mut start = 0.0;
                for length in lengths() {
                    // Sums of fractions: what is within a millionth of a cycle's end is its end.
                    if step as f64 + 1e-6 < start + length * unit {
                        return half_cosine(
                            1.0,
                            final_factor,
                            (step as f64 - start).max(0.0) / (length * unit),
                        );
                    }
                    start += length * unit;
                }
                final_factor
            }
            Schedule::OneCycle { peak_at, start_factor, final_factor } => {
                let (step, last) = (step as f64, n_steps.saturating_sub(1) as f64);
                let peak = (f64::from(peak_at) * n_steps as f64 - 1.0).max(0.0);
                if step < peak {
                    half_cosine(start_factor, 1.0, step / peak)
                } else {
                    half_cosine(1.0, final_factor, (step - peak) / (last - peak).max(1.0))
                }
            }
        }
    }
}

/// The loss over the epochs as [`Schedule::Plateau`] watches it: that of the validation, or of the training where there
/// is none.
///
/// The rate goes down after more than `patience` epochs whose loss was not at least 0.01 % below the lowest.
/// Source: PyTorch's `ReduceLROnPlateau` with its usual options.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Plateau {
    lowest: f32,
    n_worse: u32,
    /// What the rate is multiplied by now.
    pub factor: f32,
}

impl Default for Plateau {
    fn default() -> Plateau {
        Plateau { lowest: f32::INFINITY, n_worse: 0, factor: 1.0 }
    }
}

impl Plateau {
    pub(super) fn keep(&mut self, tape: &mut Tape<'_>) -> Result<()> {
        tape.f32(&mut self.lowest)?;
        tape.u32(&mut self.n_worse)?;
        tape.f32(&mut self.factor)
    }

    /// Takes note of an epoch's loss; does nothing for other schedules.
    pub fn observe(&mut self, schedule: Schedule, loss: f32) {
        let Schedule::Plateau { factor, patience, final_factor } = schedule else { return };
        if loss < self.lowest * (1.0 - 1e-4) {
            (self.lowest, self.n_worse) = (loss, 0);
            return;
        }
        self.n_worse += 1;
        if self.n_worse > patience {
            self.factor = (self.factor * factor).max(final_factor);
            self.n_worse = 0;
        }
    }
}

/// From `from` at `t = 0` to `to` at `t = 1`: to + (from − to) (1 + cos(π t)) / 2.
fn half_cosine(from: f32, to: f32, t: f64) -> f32 {
    // (1 + cos 2a) / 2 = cos² a: near the end the sum would lose its digits. As a sine, exact at 1.
    let root = sin_cos((1.0 - t) as f32 * std::f32::consts::FRAC_PI_2).0;
    to + (from - to) * (root * root)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE_CYCLE: Schedule = Schedule::OneCycle { peak_at: 0.3, start_factor: 0.04, final_factor: 1e-4 };

    #[test]
    fn rates_are_those_of_pytorch() {
        let golden: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/golden/optimizers.json")).unwrap();
        let mut n_cases = 0;
        for case in golden["schedules"].as_array().unwrap() {
            let schedule: Schedule = serde_json::from_value(case["schedule"].clone()).unwrap();
            let base = case["learningRate"].as_f64().unwrap() as f32;
            let rates = case["rates"].as_array().unwrap();
            for (step, want) in rates.iter().enumerate() {
                let got = schedule.learning_rate(base, 0, step as u64, rates.len() as u64);
                let want = want.as_f64().unwrap() as f32;
                assert!((got - want).abs() <= 1e-5 * want, "{case} step {step}: {got} not {want}");
            }
            n_cases += 1;
        }
        assert_eq!(n_cases, 8);
    }

    #[test]
    fn the_rate_falls_at_a_plateau_where_pytorchs_does() {
        let golden: serde_json::Value =
            serde_json::from_str(include_str!("../../tests/golden/optimizers.json")).unwrap();
        let golden = &golden["plateau"];
        let schedule: Schedule = serde_json::from_value(golden["schedule"].clone()).unwrap();
        let mut plateau = Plateau::default();
        let losses = golden["losses"].as_array().unwrap();
        for (loss, want) in losses.iter().zip(golden["factors"].as_array().unwrap()) {
            plateau.observe(schedule, loss.as_f64().unwrap() as f32);
            let want = want.as_f64().unwrap() as f32;
            assert!((plateau.factor - want).abs() <= 1e-6 * want, "{plateau:?} not {want}");
        }
        assert!(plateau.factor < 0.2);
    }

    #[test]
    fn ends_and_middle_are_those_of_the_formula() {
        let cosine = Schedule::Cosine { final_factor: 0.2 };
        assert_eq!(cosine.learning_rate(2.0, 0, 0, 10), 2.0);
        assert!((cosine.learning_rate(2.0, 0, 5, 10) - 1.2).abs() < 1e-6);
        assert!((ONE_CYCLE.learning_rate(1.0, 0, 0, 100) - 0.04).abs() < 1e-7);
        assert!((ONE_CYCLE.learning_rate(1.0, 0, 29, 100) - 1.0).abs() < 1e-6);
        assert_eq!(ONE_CYCLE.learning_rate(1.0, 0, 99, 100), 1e-4);
    }

    #[test]
    fn warm_up_climbs_evenly_and_the_schedule_fills_the_rest() {
        let got: Vec<f32> = (0..6).map(|step| Schedule::Constant.learning_rate(0.5, 4, step, 6)).collect();
        for (got, want) in got.iter().zip([0.1, 0.2, 0.3, 0.4, 0.5, 0.5]) {
            assert!((got - want).abs() < 1e-7, "{got} {want}");
        }
        for schedule in [Schedule::Cosine { final_factor: 0.0 }, ONE_CYCLE] {
            for step in 0..20 {
                assert_eq!(
                    schedule.learning_rate(1.0, 7, step + 7, 27),
                    schedule.learning_rate(1.0, 0, step, 20)
                );
            }
        }
    }

    #[test]
    fn any_count_of_steps_gives_finite_rates_up_to_base() {
        let names = ["constant", "cosine", "oneCycle", "step", "exponential", "warmRestarts", "plateau"];
        for name in names {
            let schedule: Schedule = serde_json::from_value(serde_json::json!({ "type": name })).unwrap();
            schedule.validate().unwrap();
            for n_steps in 0..8 {
                for warmup_steps in 0..10 {
                    for step in 0..12 {
                        let rate = schedule.learning_rate(0.3, warmup_steps, step, n_steps);
                        assert!(
                            (0.0..=0.3).contains(&rate),
                            "{schedule:?} {n_steps} {warmup_steps} {step}: {rate}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn options_have_defaults_and_ranges() {
        let schedule: Schedule = serde_json::from_str(r#"{"type":"oneCycle"}"#).unwrap();
        assert_eq!(schedule, ONE_CYCLE);
        let schedule: Schedule = serde_json::from_str(r#"{"type":"oneCycle","peakAt":1.0}"#).unwrap();
        assert_eq!(schedule.validate().unwrap_err().code(), "config");
        assert!(serde_json::from_str::<Schedule>(r#"{"type":"cosine","finalfactor":1}"#).is_err());
        for (json, option) in [
            (r#"{"type":"step","parts":0}"#, "schedule.parts"),
            (r#"{"type":"exponential","finalFactor":0}"#, "schedule.finalFactor"),
            (r#"{"type":"warmRestarts","lengthening":0.5}"#, "schedule.lengthening"),
            (r#"{"type":"plateau","factor":2}"#, "schedule.factor"),
        ] {
            let error = serde_json::from_str::<Schedule>(json).unwrap().validate().unwrap_err();
            assert!(error.to_string().contains(option), "{error}");
        }
    }
}
