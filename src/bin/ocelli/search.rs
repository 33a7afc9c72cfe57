//! `ocelli search`: trains with many options and goes on with the best.

use std::path::PathBuf;

use clap::Args;
use ocelli::data::Dataset;
use ocelli::model::{Model, ModelSpec};
use ocelli::train::search::{Space, Trial, best, options_of, rounds};
use ocelli::train::{TrainOptions, Trainer};
use ocelli::value::Value;

use super::data::{self, DataArguments, Storage};
use super::threads::Threads;
use super::train::fitting_model;

#[derive(Args)]
pub struct SearchArguments {
    #[command(flatten)]
    data: DataArguments,
    /// A preset's name or a JSON file with a network description.
    #[arg(long)]
    spec: String,
    /// Values to try, as JSON: {"learningRate":[0.1,0.01],"optimizer":[{"type":"adam"},{"type":"sgd"}]}.
    #[arg(long)]
    space: String,
    /// The other options, as JSON.
    #[arg(long, default_value = "{}")]
    base: String,
    /// So many combinations by chance instead of all.
    #[arg(long)]
    random: Option<usize>,
    /// Successive halving: only one of so many trials goes on to a round of so many times the epochs.
    #[arg(long)]
    halving: Option<usize>,
    /// Decides the random combinations.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Where to save the best, trained again on all examples.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Threads to use; all processors if not given.
    #[arg(long)]
    threads: Option<usize>,
}

/// Prints a row for each trial: round, epochs, validation accuracy, options.
pub fn run(arguments: SearchArguments) -> super::Outcome {
    let parse = |flag: &str, json: &str| {
        serde_json::from_str::<Value>(json).map_err(|error| format!("{flag}: {error}"))
    };
    let base = parse("--base", &arguments.base)?;
    let space = Space::try_from(parse("--space", &arguments.space)?)?;
    let mut trials = match arguments.random {
        Some(n) => space.random(n, arguments.seed)?,
        None => space.grid()?,
    };
    // All are checked before the first is run.
    for trial in &trials {
        options_of(&base, trial)?;
    }
    let threads = Threads::new(arguments.threads);
    let (model, dataset) = fitting_model(&arguments.spec, &arguments.data, 0)?;
    let spec = model.spec();
    let epochs = options_of(&base, &Trial::new())?.epochs;
    let plan = match arguments.halving {
        Some(factor) => rounds(trials.len(), epochs, factor),
        None => vec![(epochs, 1)],
    };
    for (round, (epochs, n_kept)) in plan.into_iter().enumerate() {
        let mut scores = Vec::new();
        for trial in &trials {
            let options = TrainOptions { epochs, ..options_of(&base, trial)? };
            let (_, accuracy) = trained(spec, &dataset, options, &threads)?;
            println!("round {} epochs {epochs} accuracy {accuracy:.4} {}", round + 1, shown(trial));
            scores.push(accuracy);
        }
        trials = best(&scores, n_kept).into_iter().map(|idx| trials[idx].clone()).collect();
    }
    let Some(trial) = trials.first() else { return Err("no trial succeeded".into()) };
    println!("best {}", shown(trial));
    if let Some(path) = &arguments.out {
        let options = TrainOptions { validation_split: 0.0, folds: 0, fold: 0, ..options_of(&base, trial)? };
        let (model, _) = trained(spec, &dataset, options, &threads)?;
        data::save(path, &model, Storage::F32)?;
    }
    Ok(())
}

/// A network trained from nothing, and its best validation accuracy; no number for a run that diverged.
fn trained(
    spec: &ModelSpec,
    dataset: &Dataset,
    options: TrainOptions,
    threads: &Threads,
) -> Result<(Model, f32), Box<dyn std::error::Error>> {
    let mut model = Model::create(spec.clone(), options.seed)?;
    let mut trainer = Trainer::new(&model, dataset, options)?;
    while !trainer.is_finished() {
        match trainer.advance(&mut model, dataset, threads) {
            Err(ocelli::Error::NonFinite { .. }) => return Ok((model, f32::NAN)),
            outcome => outcome?,
        }
    }
    trainer.finish(&mut model);
    Ok((model, trainer.best().map_or(f32::NAN, |(_, accuracy)| accuracy)))
}

fn shown(trial: &Trial) -> String {
    let pairs: Vec<String> = trial.iter().map(|(name, value)| format!("{name}={}", text(value))).collect();
    pairs.join(" ")
}

fn text(value: &Value) -> String {
    let list = |texts: Vec<String>| texts.join(",");
    match value {
        Value::Null => "null".into(),
        Value::Bool(value) => value.to_string(),
        Value::Number(value) => value.to_string(),
        Value::String(value) => value.clone(),
        Value::Array(values) => format!("[{}]", list(values.iter().map(text).collect())),
        Value::Object(members) => {
            format!(
                "{{{}}}",
                list(members.iter().map(|(name, value)| format!("{name}:{}", text(value))).collect())
            )
        }
    }
}
