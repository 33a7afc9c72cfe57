//! The options of a run as a table: what each may be and is unless said. The checks go by it, and the page, the package
//! and the tests of the program are given it, so that there is one definition of all.

use super::TrainOptions;
use crate::error::{Error, Result};
use crate::told::Told;

/// A number among the options.
#[derive(Clone, Copy)]
pub struct NumberOption {
    /// Its public name.
    pub name: &'static str,
    /// Whether it counts something.
    pub whole: bool,
    /// The least and the most that it may be.
    pub range: [f32; 2],
    /// Whether the least and the most themselves are permitted.
    pub closed: [bool; 2],
    /// Whether 0 is permitted beside the range, for "off".
    pub or_zero: bool,
    /// The option that must be on for this one to matter; none if it always does.
    pub needs: Option<&'static str>,
    value: fn(&TrainOptions) -> f32,
}

impl NumberOption {
    const fn new(name: &'static str, range: [f32; 2], value: fn(&TrainOptions) -> f32) -> NumberOption {
        NumberOption { name, whole: false, range, closed: [true; 2], or_zero: false, needs: None, value }
    }

    const fn whole(name: &'static str, range: [f32; 2], value: fn(&TrainOptions) -> f32) -> NumberOption {
        NumberOption { whole: true, ..NumberOption::new(name, range, value) }
    }

    const fn closed(self, closed: [bool; 2]) -> NumberOption {
        NumberOption { closed, ..self }
    }

    const fn or_zero(self) -> NumberOption {
        NumberOption { or_zero: true, ..self }
    }

    const fn needs(self, option: &'static str) -> NumberOption {
        NumberOption { needs: Some(option), ..self }
    }

    /// What it must be, in words.
    fn expected(&self) -> String {
        let [low, high] = self.range.map(|bound| bound.told());
        let zero = if self.or_zero { "0, or " } else { "" };
        match (self.closed, self.range[1].is_finite()) {
            (_, false) => [zero, &low, " or more"].concat(),
            ([true, true], _) => [zero, "between ", &low, " and ", &high].concat(),
            ([true, false], _) => [zero, "at least ", &low, " and below ", &high].concat(),
            ([false, true], _) => [zero, "above ", &low, " and at most ", &high].concat(),
            ([false, false], _) => [zero, "above ", &low, " and below ", &high].concat(),
        }
    }

    /// Refuses a value out of the range.
    ///
    /// # Errors
    /// [`Error::Config`] naming the option.
    pub fn check(&self, options: &TrainOptions) -> Result<()> {
        let value = (self.value)(options);
        let [low, high] = self.range;
        let above = if self.closed[0] { value >= low } else { value > low };
        let below = if self.closed[1] { value <= high } else { value < high };
        // An infinite value is in no range.
        if (self.or_zero && value == 0.0) || (above && below && value.is_finite()) {
            return Ok(());
        }
        Err(Error::config(self.name, self.expected(), value))
    }
}

/// All numbers but the seed, the more usual ones first.
pub const NUMBERS: [NumberOption; 19] = [
    NumberOption::whole("epochs", [1.0, 10_000.0], |o| o.epochs as f32),
    NumberOption::whole("batchSize", [1.0, 10_000_000.0], |o| o.batch_size as f32),
    NumberOption::new("learningRate", [0.0, 100.0], |o| o.learning_rate).closed([false, true]),
    NumberOption::new("validationSplit", [0.0, 1.0], |o| o.validation_split).closed([true, false]),
    NumberOption::new("weightDecay", [0.0, 10.0], |o| o.weight_decay),
    NumberOption::new("labelSmoothing", [0.0, 1.0], |o| o.label_smoothing).closed([true, false]),
    NumberOption::whole("warmupSteps", [0.0, 1e9], |o| o.warmup_steps as f32),
    NumberOption::new("clipNorm", [0.0, f32::INFINITY], |o| o.clip_norm),
    NumberOption::new("clipValue", [0.0, f32::INFINITY], |o| o.clip_value),
    NumberOption::new("l1", [0.0, 10.0], |o| o.l1),
    NumberOption::new("l2", [0.0, 10.0], |o| o.l2),
    NumberOption::new("averageDecay", [0.0, 1.0], |o| o.average_decay).closed([true, false]),
    NumberOption::whole("patience", [0.0, 10_000.0], |o| o.patience as f32),
    NumberOption::new("mixup", [0.01, 1.0], |o| o.mixup).or_zero(),
    NumberOption::new("cutmix", [0.01, 1.0], |o| o.cutmix).or_zero(),
    NumberOption::whole("folds", [2.0, 100.0], |o| o.folds as f32).or_zero(),
    NumberOption::whole("fold", [0.0, 99.0], |o| o.fold as f32).needs("folds"),
    NumberOption::whole("trainingOnly", [0.0, 1e9], |o| o.training_only as f32),
    NumberOption::whole("shards", [1.0, 64.0], |o| o.shards as f32),
];

/// The number option called `name`.
///
/// # Errors
/// [`Error::Config`] as its [`NumberOption::check`].
///
/// # Panics
/// For a name that is not in the table.
pub(super) fn check(name: &str, options: &TrainOptions) -> Result<()> {
    let row = NUMBERS.iter().find(|row| row.name == name).expect("an option of the table");
    row.check(options)
}

#[cfg(feature = "json")]
pub use script::script;

#[cfg(feature = "json")]
mod script {
    use serde::Serialize;
    use serde_json::{Map, Value, json};

    use super::{NUMBERS, NumberOption};
    use crate::data::{augment::Augmentation, generated};
    use crate::model::zoo;
    use crate::ops::LossKind;
    use crate::train::TrainOptions;
    use crate::train::optimizer::OptimizerSpec;
    use crate::train::recipes::{quick, recipe};
    use crate::train::schedule::Schedule;

    /// By way of text, which has an `f32` with as few digits as tell it.
    fn value(record: &impl Serialize) -> Value {
        let text = serde_json::to_string(record).expect("options are plain records");
        serde_json::from_str(&text).expect("what was just written")
    }

    fn number(row: &NumberOption, default: &Value) -> Value {
        let mut record = json!({ "name": row.name, "kind": "number", "default": default });
        let [low, high] = row.range;
        record["low"] = value(&low);
        let more = [
            ("whole", row.whole.then_some(json!(true))),
            ("high", high.is_finite().then(|| value(&high))),
            ("above", (!row.closed[0]).then_some(json!(true))),
            ("below", (!row.closed[1]).then_some(json!(true))),
            ("orZero", row.or_zero.then_some(json!(true))),
            ("needs", row.needs.map(|other| json!(other))),
        ];
        for (name, member) in more {
            if let Some(member) = member {
                record[name] = member;
            }
        }
        record
    }

    fn variants<T: Serialize + serde::de::DeserializeOwned>(types: &[&str]) -> Vec<Value> {
        let whole = |name: &&str| {
            let text = json!({ "type": name }).to_string();
            value(&serde_json::from_str::<T>(&text).expect("each type has defaults for the rest"))
        };
        types.iter().map(whole).collect()
    }

    /// Those options of `record` that are not the usual ones.
    fn unusual(record: &TrainOptions, usual: &Value) -> Value {
        let Value::Object(members) = value(record) else { return Value::Null };
        let differ = members.into_iter().filter(|(name, member)| usual[name] != *member);
        Value::Object(differ.collect::<Map<_, _>>())
    }

    /// The table, the recipes and the names of generated data as a module of JavaScript, one row a line.
    pub fn script() -> String {
        let usual = value(&TrainOptions::default());
        let mut rows: Vec<Value> = NUMBERS.iter().map(|row| number(row, &usual[row.name])).collect();
        let losses: Vec<&str> = LossKind::NAMES.iter().map(|(name, _)| *name).collect();
        rows.extend([
            json!({ "name": "optimizer", "kind": "variant", "variants": variants::<OptimizerSpec>(&OptimizerSpec::TYPES) }),
            json!({ "name": "schedule", "kind": "variant", "variants": variants::<Schedule>(&Schedule::TYPES) }),
            json!({ "name": "loss", "kind": "choice", "choices": losses }),
            json!({ "name": "classWeights", "kind": "choice", "choices": ["equal", "balanced"] }),
            json!({ "name": "augmentation", "kind": "record", "members": value(&Augmentation::default()) }),
            json!({ "name": "keepBest", "kind": "boolean" }),
            json!({ "name": "frozen", "kind": "names" }),
            json!({ "name": "seed", "kind": "number", "whole": true, "low": 0, "high": 9_007_199_254_740_991_u64 }),
        ]);
        for row in &mut rows {
            let name = row["name"].as_str().unwrap_or_default().to_owned();
            row["default"] = usual[&name].clone();
        }
        let mut text = String::from(
            "// @ts-check\n/** Written by `ocelli options` from the core's own tables; a test compares them. Do not edit. */\n",
        );
        let mut list = |doc: &str, name: &str, brackets: [&str; 2], lines: Vec<String>| {
            let [open, close] = brackets;
            let lines: String = lines.iter().map(|line| ["  ", line, ",\n"].concat()).collect();
            text += &["\n/** ", doc, " */\nexport const ", name, " = ", open, "\n", &lines, close, ";\n"]
                .concat();
        };
        let rows = rows.iter().map(Value::to_string).collect();
        list(
            "Every option of a training. @type {readonly import('./index.d.ts').OptionInfo[]}",
            "OPTIONS",
            ["[", "]"],
            rows,
        );
        for (doc, name, of) in [
            (
                "What each preset is taught with, where it is not the usual.",
                "TAUGHT",
                recipe as fn(&str) -> TrainOptions,
            ),
            ("What soon gives a good result with each preset on some thousand examples.", "QUICK", quick),
        ] {
            let line = |preset: &&str| {
                [&json!(preset).to_string(), ": ", &unusual(&of(preset), &usual).to_string()].concat()
            };
            let doc = [doc, " @type {Record<string, import('./index.d.ts').TrainOptions>}"].concat();
            list(&doc, name, ["{", "}"], zoo::NAMES.iter().map(line).collect());
        }
        let names = generated::NAMES.iter().map(|name| json!(name).to_string()).collect();
        list("Data sets that are made from a seed.", "GENERATED", ["[", "]"], names);
        text
    }
}
