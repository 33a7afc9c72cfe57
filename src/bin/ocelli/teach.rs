//! `ocelli teach`: a network that ships learns other classes from a few pictures of each.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use ocelli::data::Dataset;
use ocelli::data::loader::shuffled;
use ocelli::model::{Backbone, Detail};
use ocelli::train::discriminant::discriminant;
use ocelli::train::features::{FeatureReader, usual_variation};
use ocelli::train::fine_tuner::{FineTuneOptions, Pictures, Unfrozen};
use ocelli::train::fine_tuning::{FineTuned, FineTuning};
use ocelli::train::heads::{self, Examples};
use ocelli::train::lesson::{self, LessonOptions};
use ocelli::train::{Evaluator, InTurn};

use super::data::{self, DataArguments, Part, Storage, Use};

#[derive(Args)]
pub struct TeachArguments {
    /// The network whose features are used.
    #[arg(long)]
    backbone: PathBuf,
    #[command(flatten)]
    data: DataArguments,
    /// How to tell the classes apart.
    #[arg(long, value_enum, default_value = "trained")]
    head: HeadKind,
    /// Look at parts of the picture rather than at the whole.
    #[arg(long)]
    parts: bool,
    /// Views of each picture: itself, and the others varied.
    #[arg(long, default_value_t = 8)]
    views: usize,
    /// The pull of a trained head's weights toward 0.
    #[arg(long, default_value_t = 0.01)]
    weight_decay: f32,
    /// How far discriminant analysis draws features toward equal and independent ones, 0 to 1.
    #[arg(long, default_value_t = 0.05)]
    shrinkage: f32,
    /// Let the network itself learn on after the head, as far as pictures held out are answered better for it.
    #[arg(long, value_enum)]
    unfreeze: Option<Unfreeze>,
    /// Epochs of that at most; 20 or fewer for many pictures unless said.
    #[arg(long, requires = "unfreeze")]
    epochs: Option<u32>,
    /// The longest steps of the network.
    #[arg(long, requires = "unfreeze")]
    rate: Option<f32>,
    /// The longest steps of the head.
    #[arg(long, requires = "unfreeze")]
    head_rate: Option<f32>,
    /// Learn from that many pictures of each class, and measure on the rest.
    #[arg(long)]
    per_class: Option<usize>,
    /// How often to draw these pictures anew; the mean is told.
    #[arg(long, default_value_t = 1)]
    draws: u64,
    /// Where to put the model that learnt from all pictures, or from the last draw.
    #[arg(long)]
    out: Option<PathBuf>,
    /// Decides draws, views and order.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum HeadKind {
    /// The nearest mean of a class' features.
    Mean,
    /// A dense layer, trained.
    Trained,
    /// Discriminant analysis.
    Discriminant,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Unfreeze {
    /// Its last block of layers.
    LastBlock,
    /// All of it.
    All,
}

/// Teaches, measures if asked, and saves.
pub fn run(arguments: TeachArguments) -> super::Outcome {
    let model = data::model(&arguments.backbone)?;
    let dataset = data::dataset(&arguments.data, Part::Train, &Use::of(&model))?;
    let detail = if arguments.parts { Detail::Parts } else { Detail::Whole };
    let varied = usual_variation(dataset.shape);
    let mut reader = FeatureReader::new(Backbone::of(&model, detail)?, &varied, arguments.seed)?;
    let n_views = arguments.views.max(1);
    let numbers: Vec<u32> = (0..dataset.len() as u32).collect();
    let start = Instant::now();
    let features = reader.read(&dataset.pixels, 0..n_views, &numbers)?;
    println!("features {} in {:.2} s", reader.backbone().n_features(), start.elapsed().as_secs_f32());
    let mut shares = Vec::new();
    for draw in 0..arguments.draws.max(1) {
        let seed = arguments.seed + draw;
        let (learnt, rest) = chosen(&dataset, arguments.per_class, seed);
        let len = reader.backbone().n_features();
        let rows: Vec<&[f32]> =
            learnt.iter().flat_map(|&i| features[i * n_views * len..][..n_views * len].chunks(len)).collect();
        let classes: Vec<u32> =
            learnt.iter().flat_map(|&i| std::iter::repeat_n(dataset.labels[i], n_views)).collect();
        let n_classes = dataset.class_names.len();
        let examples = Examples::new(&rows, &classes, len, n_classes)?;
        let start = Instant::now();
        let head = match arguments.head {
            HeadKind::Mean => heads::nearest_mean(examples),
            HeadKind::Trained => heads::trained(examples, seed, arguments.weight_decay),
            HeadKind::Discriminant => discriminant(examples, arguments.shrinkage),
        };
        let seconds = start.elapsed().as_secs_f32();
        let (model, told) = match arguments.unfreeze {
            None => (reader.backbone().with_head(&dataset.class_names, &head)?, String::new()),
            Some(unfreeze) => {
                let start = Instant::now();
                let tuned = tuned(&arguments, unfreeze, &dataset, &learnt, &rows, reader.backbone(), seed)?;
                let told = format!(
                    "; {} epochs of the network in {:.1} s, held out {} of {} right, before {}",
                    tuned.epochs,
                    start.elapsed().as_secs_f32(),
                    tuned.after.n_right,
                    tuned.held_out.len(),
                    tuned.before.n_right
                );
                (tuned.model, told)
            }
        };
        if !rest.is_empty() {
            let rest: Vec<u32> = rest.iter().map(|&i| i as u32).collect();
            let n_rest = rest.len();
            let mut evaluator = Evaluator::new(&model, rest, 1)?;
            while !evaluator.is_finished() {
                evaluator.advance(&model, &dataset, &InTurn);
            }
            let share = f64::from(evaluator.metrics().accuracy());
            println!(
                "draw {seed}: learnt {} in {seconds:.2} s{told}; right {share:.4} of {n_rest}",
                learnt.len()
            );
            shares.push(share);
        }
        if let Some(out) = &arguments.out {
            data::save(out, &model, Storage::F32)?;
        }
    }
    if !shares.is_empty() {
        println!("accuracy {:.4}", shares.iter().sum::<f64>() / shares.len() as f64);
    }
    Ok(())
}

/// The classifier whose backbone learnt on, of the pictures `learnt`, whose features are `rows`.
fn tuned(
    arguments: &TeachArguments,
    unfreeze: Unfreeze,
    dataset: &Dataset,
    learnt: &[usize],
    rows: &[&[f32]],
    backbone: &Backbone,
    seed: u64,
) -> Result<FineTuned, Box<ocelli::Error>> {
    let indices: Vec<u32> = learnt.iter().map(|&i| i as u32).collect();
    let Dataset { pixels, labels: classes, .. } = dataset.subset(&indices);
    let pictures = Pictures { pixels, classes, numbers: indices };
    let lesson = LessonOptions {
        head: match arguments.head {
            HeadKind::Mean => lesson::HeadKind::Mean,
            HeadKind::Trained => lesson::HeadKind::Trained,
            HeadKind::Discriminant => lesson::HeadKind::Discriminant,
        },
        n_views: arguments.views.max(1),
        weight_decay: arguments.weight_decay,
        shrinkage: arguments.shrinkage,
        seed,
    };
    let unfrozen = match unfreeze {
        Unfreeze::LastBlock => Unfrozen::LastBlock,
        Unfreeze::All => Unfrozen::All,
    };
    let usual = FineTuneOptions::usual(unfrozen, learnt.len(), seed);
    let options = FineTuneOptions {
        epochs: arguments.epochs.unwrap_or(usual.epochs).max(1),
        learning_rate: arguments.rate.unwrap_or(usual.learning_rate),
        head_rate: arguments.head_rate.unwrap_or(usual.head_rate),
        ..usual
    };
    let (_, mut tuning) =
        FineTuning::of_lesson(backbone, rows, pictures, &dataset.class_names, lesson, options)?;
    while !tuning.is_finished() {
        tuning.advance()?;
    }
    Ok(tuning.finish())
}

/// The examples to learn from, drawn by `seed`, and the rest.
fn chosen(dataset: &Dataset, per_class: Option<usize>, seed: u64) -> (Vec<usize>, Vec<usize>) {
    let all: Vec<u32> = (0..dataset.len() as u32).collect();
    let Some(per_class) = per_class else { return (all.iter().map(|&i| i as usize).collect(), Vec::new()) };
    let mut counts = vec![0; dataset.class_names.len()];
    shuffled(&all, seed, 0).into_iter().map(|i| i as usize).partition(|&i| {
        let count = &mut counts[dataset.labels[i] as usize];
        *count += 1;
        *count <= per_class
    })
}
