//! `ocelli teach`: a network that ships learns other classes from a few pictures of each.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use ocelli::data::Dataset;
use ocelli::data::loader::shuffled;
use ocelli::model::{Backbone, Detail};
use ocelli::train::discriminant::discriminant;
use ocelli::train::features::{FeatureReader, usual_variation};
use ocelli::train::heads::{self, Examples};

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
        if !rest.is_empty() {
            let mut confidences = vec![0.0; n_classes];
            let is_right = |&&i: &&usize| {
                heads::answer(&head, &features[i * n_views * len..][..len], &mut confidences);
                let best = (0..n_classes).max_by(|&a, &b| confidences[a].total_cmp(&confidences[b]));
                best == Some(dataset.labels[i] as usize)
            };
            let share = rest.iter().filter(is_right).count() as f64 / rest.len() as f64;
            println!(
                "draw {seed}: learnt {} in {seconds:.2} s, right {share:.4} of {}",
                learnt.len(),
                rest.len()
            );
            shares.push(share);
        }
        if let Some(out) = &arguments.out {
            data::save(out, &reader.backbone().with_head(&dataset.class_names, &head)?, Storage::F32)?;
        }
    }
    if !shares.is_empty() {
        println!("accuracy {:.4}", shares.iter().sum::<f64>() / shares.len() as f64);
    }
    Ok(())
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
