//! `ocelli evaluate`: a model against a data set.

use std::path::PathBuf;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use ocelli::data::Dataset;
use ocelli::model::Model;
use ocelli::train::metrics::Metrics;
use ocelli::train::{Evaluator, Executor};

use super::data::{self, DataArguments, Part, Use};
use super::threads::Threads;

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
    /// Threads to use; all processors if not given.
    #[arg(long)]
    threads: Option<usize>,
}

/// The sums over a whole data set.
pub fn evaluate(
    model: &Model,
    dataset: &Dataset,
    executor: &dyn Executor,
    n_shards: usize,
) -> Result<Metrics, ocelli::Error> {
    let indices: Vec<u32> = (0..dataset.len() as u32).collect();
    let mut evaluator = Evaluator::new(model, indices, n_shards)?;
    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} examples").expect("the template is sound");
    let bar = ProgressBar::new(dataset.len() as u64).with_style(style);
    while !evaluator.is_finished() {
        evaluator.advance(model, dataset, executor);
        bar.set_position(evaluator.n_done() as u64);
    }
    bar.finish_and_clear();
    Ok(evaluator.metrics().clone())
}

/// Prints loss, confusion and accuracy.
pub fn run(arguments: EvaluateArguments) -> super::Outcome {
    let model = data::model(&arguments.model)?;
    let dataset =
        data::dataset(&arguments.data, arguments.part, &Use::of(&model))?.in_order_of(&model.spec().labels);
    ocelli::train::trainer::check_fit(&model, &dataset)?;
    let metrics = evaluate(&model, &dataset, &Threads::new(arguments.threads), 4)?;
    println!("confusion, rows actual and columns predicted:");
    let labels = &model.spec().labels;
    println!("{:>12} {}", "", labels.iter().map(|label| format!("{label:>6}")).collect::<String>());
    for (label, row) in labels.iter().zip(metrics.confusion_rows()) {
        println!("{label:>12} {}", row.iter().map(|n| format!("{n:>6}")).collect::<String>());
    }
    let wrong = metrics.n_examples() - (metrics.accuracy() * metrics.n_examples() as f32).round() as u64;
    println!("examples {} wrong {wrong}", metrics.n_examples());
    println!("loss {:.5}", metrics.loss());
    println!("top-2 {:.4}", metrics.top_k(2));
    println!("accuracy {:.4}", metrics.accuracy());
    Ok(())
}
