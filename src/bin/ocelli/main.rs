//! The command line program: trains, evaluates and uses models natively, by the very core that the browser
//! runs.

mod calibrate;
mod convert;
mod data;
mod evaluate;
mod folders;
mod gan;
mod inspect;
mod predict;
mod search;
mod teach;
mod threads;
mod train;

use std::process::ExitCode;

use clap::{Parser, Subcommand};
use ocelli::train::option_table;

/// Image classifiers that also train and run inside a browser tab.
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[expect(clippy::large_enum_variant, reason = "one value a run; boxing it saves nothing")]
#[derive(Subcommand)]
enum Command {
    /// Train a network and save it.
    Train(train::TrainArguments),
    /// Measure a model's accuracy on a data set; the last line is `accuracy 0.xxxx`.
    Evaluate(evaluate::EvaluateArguments),
    /// Classify pictures.
    Predict(predict::PredictArguments),
    /// Make a model of digits say how sure it is, and what is no digit.
    Calibrate(calibrate::CalibrateArguments),
    /// Store a model in another way, for instance smaller.
    Convert(convert::ConvertArguments),
    /// Train a generator of pictures, and have its pictures judged.
    Gan(gan::GanArguments),
    /// Train with many options and go on with the best.
    Search(search::SearchArguments),
    /// Teach a network other classes by a few pictures of each; with `--per-class` the last line is `accuracy 0.xxxx`.
    Teach(teach::TeachArguments),
    /// Show what a model or preset is made of; the last line is `parameters N`.
    Inspect(inspect::InspectArguments),
    /// Print every training option with its range and default, and the presets' recipes, as the page reads them.
    Options,
}

/// What the commands return: an error is shown as its sentence.
type Outcome = Result<(), Box<dyn std::error::Error>>;

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Train(arguments) => train::run(arguments),
        Command::Evaluate(arguments) => evaluate::run(arguments),
        Command::Predict(arguments) => predict::run(arguments),
        Command::Calibrate(arguments) => calibrate::run(arguments),
        Command::Convert(arguments) => convert::run(arguments),
        Command::Gan(arguments) => gan::run(arguments),
        Command::Search(arguments) => search::run(arguments),
        Command::Teach(arguments) => teach::run(arguments),
        Command::Inspect(arguments) => inspect::run(arguments),
        Command::Options => {
            print!("{}", option_table::script());
            Ok(())
        }
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("ocelli: {error}");
            ExitCode::FAILURE
        }
    }
}
