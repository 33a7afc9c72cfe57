//! `ocelli evaluate`: a model against a data set.

use std::path::PathBuf;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use ocelli::data::Dataset;
use ocelli::data::views::Views;
use ocelli::model::Model;
use ocelli::session::Evaluation;
use ocelli::train::{Evaluator, Executor};
use ocelli::value::Value;

use super::data::{self, DataArguments, Part, Use};
use super::threads::Threads;

/// Pairs and mistakes that are shown; `--json` has more.
const N_SHOWN: usize = 5;

#[derive(Args)]
pub struct EvaluateArguments {
    /// The model file.
    #[arg(long)]
    model: PathBuf,
    #[command(flatten)]
    data: DataArguments,
    /// Which part of it.
    #[arg(long, value_enum, default_value = "test")]
    part: Part,
    /// Test-time augmentation: the mean over several views of each picture, as JSON; shifted by a pixel if not said how.
    #[arg(long, num_args = 0..=1, default_missing_value = r#"{"shift":1}"#)]
    tta: Option<String>,
    /// Threads to use; all processors if not given.
    #[arg(long)]
    threads: Option<usize>,
    /// Print all as one JSON record, as the package's `evaluate` gives it.
    #[arg(long)]
    json: bool,
}

/// The views that `--tta` names.
pub fn views_of(json: Option<&str>) -> Result<Views, Box<dyn std::error::Error>> {
    let Some(json) = json else { return Ok(Views::default()) };
    let value: Value = serde_json::from_str(json).map_err(|error| format!("--tta: {error}"))?;
    Ok(Views::try_from(value)?)
}

/// A finished evaluation of a whole data set.
pub fn evaluate(
    model: &Model,
    dataset: &Dataset,
    executor: &dyn Executor,
    n_shards: usize,
    views: Views,
) -> Result<Evaluator, Box<ocelli::Error>> {
    let indices: Vec<u32> = (0..dataset.len() as u32).collect();
    let mut evaluator = Evaluator::new(model, indices, n_shards)?;
    evaluator.keep_answers(model);
    evaluator.see(views);
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} examples").expect("the template is sound");
    let bar = ProgressBar::new(dataset.len() as u64).with_style(style);
    while !evaluator.is_finished() {
        evaluator.advance(model, dataset, executor);
        bar.set_position(evaluator.n_done() as u64);
    }
    bar.finish_and_clear();
    Ok(evaluator)
}

/// Prints what the evaluation came to, accuracy last.
pub fn run(arguments: EvaluateArguments) -> super::Outcome {
    let model = data::model(&arguments.model)?;
    let dataset =
        data::dataset(&arguments.data, arguments.part, &Use::of(&model))?.in_order_of(&model.spec().labels);
    let views = views_of(arguments.tta.as_deref())?;
    ocelli::train::trainer::check_fit(&model, &dataset)?;
    let evaluator = evaluate(&model, &dataset, &Threads::new(arguments.threads), 4, views)?;
    let evaluation = Evaluation::of(&evaluator);
    if arguments.json {
        println!("{}", serde_json::to_string(&evaluation)?);
        return Ok(());
    }
    let labels = &model.spec().labels;
    let label = |class: u32| &labels[class as usize];
    println!("confusion, rows actual and columns predicted:");
    println!("{:>12} {}", "", labels.iter().map(|label| format!("{label:>6}")).collect::<String>());
    for (label, row) in labels.iter().zip(&evaluation.confusion) {
        println!("{label:>12} {}", row.iter().map(|n| format!("{n:>6}")).collect::<String>());
    }
    println!("{:>12} {:>9} {:>9} {:>9} {:>9}", "class", "examples", "precision", "recall", "F1");
    for (label, class) in labels.iter().zip(&evaluation.per_class) {
        let (precision, recall, f1) = (class.precision, class.recall, class.f1);
        println!("{label:>12} {:>9} {precision:>9.4} {recall:>9.4} {f1:>9.4}", class.n_examples);
    }
    for pair in evaluation.most_confused.iter().take(N_SHOWN) {
        println!("confused: {} {} taken for {}", pair.n_examples, label(pair.actual), label(pair.predicted));
    }
    for mistake in evaluation.mistakes.iter().take(N_SHOWN) {
        println!(
            "mistake: example {}, {} taken for {} with confidence {:.4}",
            mistake.index,
            label(mistake.actual),
            label(mistake.predicted),
            mistake.confidence
        );
    }
    if let Some(calibration) = evaluation.calibration {
        println!(
            "calibration error {:.4}, at the temperature {:.3} that suits these examples {:.4}",
            calibration.error, calibration.temperature, calibration.error_at_temperature
        );
    }
    let n_right: u32 = evaluation.confusion.iter().enumerate().map(|(class, row)| row[class]).sum();
    println!("examples {} wrong {}", evaluation.n_examples, evaluation.n_examples - u64::from(n_right));
    println!("loss {:.5}", evaluation.loss);
    println!("top-2 {:.4}", evaluation.top_k[0]);
    println!("accuracy {:.4}", evaluation.accuracy);
    Ok(())
}
