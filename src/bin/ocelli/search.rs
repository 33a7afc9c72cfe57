//! `ocelli search`: trains with many options and goes on with the best.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use ocelli::data::Dataset;
use ocelli::model::{Model, ModelSpec};
use ocelli::train::search::{Row, Search, SearchOptions, Space};
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
    /// Where to keep the rows, a line of JSON each; if there are rows already, the search goes on after them.
    #[arg(long)]
    rows: Option<PathBuf>,
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
    let SearchArguments { random, halving, seed, .. } = arguments;
    let mut search = Search::new(&SearchOptions { space, base, random, halving, seed })?;
    if let Some(path) = arguments.rows.as_deref().filter(|path| path.exists()) {
        let n_rows = replay(&mut search, path)?;
        println!("going on after {n_rows} rows");
    }
    let threads = Threads::new(arguments.threads);
    let (model, dataset) = fitting_model(&arguments.spec, &arguments.data, 0)?;
    let spec = model.spec();
    while let Some((_, options)) = search.next()? {
        let (_, accuracy) = trained(spec, &dataset, options, &threads)?;
        let row = search.record(accuracy)?;
        println!("{}", shown(&row));
        if let Some(path) = &arguments.rows {
            let mut file = OpenOptions::new().create(true).append(true).open(path)?;
            writeln!(file, "{}", serde_json::to_string(&row)?)?;
        }
    }
    let (row, options) = search.best()?;
    println!("best {}", text(&row.choice));
    if let Some(path) = &arguments.out {
        let (model, _) = trained(spec, &dataset, options, &threads)?;
        data::save(path, &model, Storage::F32)?;
    }
    Ok(())
}

/// Takes the rows of a file, of which the last line may be cut off.
fn replay(search: &mut Search, path: &Path) -> Result<usize, Box<dyn std::error::Error>> {
    let text = String::from_utf8(data::read(path)?)?;
    let whole = text.rfind('\n').map_or("", |end| &text[..end]);
    for line in whole.lines() {
        let row: Value =
            serde_json::from_str(line).map_err(|error| format!("{}: {error}", path.display()))?;
        let number = |name: &str| match row.get(name) {
            Some(Value::Number(number)) => Some(*number),
            _ => None,
        };
        let (Some(round), Some(trial), Some(choice)) = (number("round"), number("trial"), row.get("choice"))
        else {
            return Err(format!("{}: a line is no row of a search", path.display()).into());
        };
        let accuracy = number("accuracy").map(|accuracy| accuracy as f32);
        search
            .replay(round as usize, trial as usize, choice, accuracy)
            .map_err(|error| format!("{}: {error}", path.display()))?;
    }
    if whole.len() + 1 < text.len() {
        let kept = if whole.is_empty() { String::new() } else { format!("{whole}\n") };
        data::write(path, kept.as_bytes())?;
    }
    Ok(search.rows().len())
}

/// A network trained from nothing, and its best validation accuracy; none for a run that diverged.
fn trained(
    spec: &ModelSpec,
    dataset: &Dataset,
    options: TrainOptions,
    threads: &Threads,
) -> Result<(Model, Option<f32>), Box<dyn std::error::Error>> {
    let mut model = Model::create(spec.clone(), options.seed)?;
    let mut trainer = Trainer::new(&model, dataset, options)?;
    while !trainer.is_finished() {
        match trainer.advance(&mut model, dataset, threads) {
            Err(error) if matches!(*error, ocelli::Error::NonFinite { .. }) => return Ok((model, None)),
            outcome => outcome?,
        }
    }
    trainer.finish(&mut model);
    Ok((model, trainer.best().map(|(_, accuracy)| accuracy)))
}

fn shown(row: &Row) -> String {
    let accuracy = row.accuracy.map_or("diverged".into(), |accuracy| format!("{accuracy:.4}"));
    format!("round {} epochs {} accuracy {accuracy} {}", row.round, row.epochs, text(&row.choice))
}

/// A record as `name=value`, one after the other.
fn text(choice: &Value) -> String {
    let Value::Object(members) = choice else { return String::new() };
    let pairs = members.iter().map(|(name, value)| {
        let value = serde_json::to_string(value).unwrap_or_default();
        format!("{name}={}", value.replace('"', ""))
    });
    pairs.collect::<Vec<_>>().join(" ")
}
