//! Which optimizer a run uses, with the optimizer's own options.

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::settings::Settings;
use crate::value::Value;

/// Which optimizer, with its own options; `w` are parameters, `g` is dLoss/dw, `lr` the learning rate.
///
/// With batches of one example [`Sgd`](OptimizerSpec::Sgd) is stochastic gradient descent in the word's first sense,
/// with one batch of all examples plain gradient descent. Every `epsilon` is added to a root, as in PyTorch (Keras adds
/// that of AdaGrad and RMSprop under it).
#[derive(Serialize, Deserialize, Clone, Debug, PartialEq)]
#[serde(tag = "type", rename_all = "camelCase", rename_all_fields = "camelCase", try_from = "Value")]
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
    /// v ← v + g²; w ← w − lr g / (√v + epsilon)
    ///
    /// Source: Duchi, Hazan, Singer 2011, section 1, the diagonal case.
    AdaGrad {
        /// v before the first step, at least 0; 0.1 unless given, as in Keras (PyTorch: 0).
        initial_square: f32,
        /// Keeps the division finite, above 0.
        epsilon: f32,
    },
    /// v ← rho v + (1 − rho) g²; d = g √(u + epsilon) / √(v + epsilon); u ← rho u + (1 − rho) d²; w ← w − lr d
    ///
    /// Source: Zeiler 2012, algorithm 1, which has no learning rate: lr 1.
    AdaDelta {
        /// The share of both mean squares kept, 0 to below 1; 0.95 unless given.
        rho: f32,
        /// Keeps the division finite and lets the first step be one, above 0; 1e-6 unless given, as in PyTorch.
        epsilon: f32,
    },
    /// v ← rho v + (1 − rho) g²; w ← w − lr g / (√v + epsilon)
    ///
    /// Source: Hinton 2012, lecture 6e.
    RmsProp {
        /// The share of the mean square kept, 0 to below 1; 0.9 unless given, as in Keras (PyTorch: 0.99).
        rho: f32,
        /// Keeps the division finite, above 0.
        epsilon: f32,
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
    /// As Adam, but looking ahead: m̂ = μₜ₊₁ m / (1 − μ₁ … μₜ₊₁) + (1 − μₜ) g / (1 − μ₁ … μₜ) with
    /// μₜ = beta1 (1 − 0.96^(t/250) / 2).
    ///
    /// Source: Dozat 2016; PyTorch's `NAdam` (Keras lets μ rise 250 times as fast).
    Nadam {
        /// As for Adam.
        beta1: f32,
        /// As for Adam.
        beta2: f32,
        /// As for Adam.
        epsilon: f32,
    },
}

const MOMENTUM: f32 = 0.9;
const BETA1: f32 = 0.9;
const BETA2: f32 = 0.999;
const EPSILON: f32 = 1e-7;

impl TryFrom<Value> for OptimizerSpec {
    type Error = Box<Error>;

    fn try_from(value: Value) -> Result<OptimizerSpec> {
        let mut settings = Settings::new("optimizer", value)?;
        let s = &mut settings;
        let spec = match s.require::<String>("type")?.as_str() {
            "sgd" => OptimizerSpec::Sgd,
            "momentum" => OptimizerSpec::Momentum { momentum: s.get_or("momentum", MOMENTUM)? },
            "nesterov" => OptimizerSpec::Nesterov { momentum: s.get_or("momentum", MOMENTUM)? },
            "adaGrad" | "adagrad" => OptimizerSpec::AdaGrad {
                initial_square: s.get_or("initialSquare", 0.1)?,
                epsilon: s.get_or("epsilon", EPSILON)?,
            },
            "adaDelta" | "adadelta" => {
                OptimizerSpec::AdaDelta { rho: s.get_or("rho", 0.95)?, epsilon: s.get_or("epsilon", 1e-6)? }
            }
            "rmsProp" | "rmsprop" => {
                OptimizerSpec::RmsProp { rho: s.get_or("rho", 0.9)?, epsilon: s.get_or("epsilon", EPSILON)? }
            }
            kind @ ("adam" | "adamW" | "adamw" | "nadam") => {
                let beta1 = s.get_or("beta1", BETA1)?;
                let beta2 = s.get_or("beta2", BETA2)?;
                let epsilon = s.get_or("epsilon", EPSILON)?;
                match kind {
                    "adam" => OptimizerSpec::Adam { beta1, beta2, epsilon },
                    "nadam" => OptimizerSpec::Nadam { beta1, beta2, epsilon },
                    _ => OptimizerSpec::AdamW { beta1, beta2, epsilon },
                }
            }
            other => {
                let kinds = ["one of ", &OptimizerSpec::TYPES.join(", ")].concat();
                return Err(Error::config("type", kinds, other));
            }
        };
        settings.finish()?;
        Ok(spec)
    }
}

impl Default for OptimizerSpec {
    /// Adam with its usual options.
    fn default() -> OptimizerSpec {
        OptimizerSpec::Adam { beta1: BETA1, beta2: BETA2, epsilon: EPSILON }
    }
}

impl OptimizerSpec {
    /// All types by the names they have in JSON, the more usual ones first.
    pub const TYPES: [&'static str; 9] =
        ["adam", "adamW", "nadam", "rmsProp", "adaGrad", "adaDelta", "nesterov", "momentum", "sgd"];

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
        let positive = |epsilon: f32| {
            if epsilon > 0.0 && epsilon.is_finite() {
                return Ok(());
            }
            Err(Error::config("optimizer.epsilon", "above 0", epsilon))
        };
        match *self {
            OptimizerSpec::Sgd => Ok(()),
            OptimizerSpec::Momentum { momentum } | OptimizerSpec::Nesterov { momentum } => {
                share("momentum", momentum)
            }
            OptimizerSpec::AdaGrad { initial_square, epsilon } => {
                if !(initial_square >= 0.0 && initial_square.is_finite()) {
                    return Err(Error::config("optimizer.initialSquare", "0 or more", initial_square));
                }
                positive(epsilon)
            }
            OptimizerSpec::AdaDelta { rho, epsilon } | OptimizerSpec::RmsProp { rho, epsilon } => {
                share("rho", rho)?;
                positive(epsilon)
            }
            OptimizerSpec::Adam { beta1, beta2, epsilon }
            | OptimizerSpec::AdamW { beta1, beta2, epsilon }
            | OptimizerSpec::Nadam { beta1, beta2, epsilon } => {
                share("beta1", beta1)?;
                share("beta2", beta2)?;
                positive(epsilon)
            }
        }
    }
}
