//! `ocelli train`: a network from nothing, or from a model file, to a model file.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Instant;

use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use ocelli::data::views::Views;
use ocelli::data::{Dataset, styles};
use ocelli::model::{Model, ModelSpec, zoo};
use ocelli::settings::Setting;
use ocelli::train::finder::{Climb, find_rate};
use ocelli::train::optimizer::OptimizerSpec;
use ocelli::train::schedule::Schedule;
use ocelli::train::{TrainOptions, Trainer, checkpoint, recipes};
use ocelli::value::Value;

use super::data::{self, DataArguments, Part, Storage, Use};
use super::evaluate::evaluate;
use super::threads::Threads;

#[derive(Args)]
pub struct TrainArguments {
    #[command(flatten)]
    data: DataArguments,
    /// A preset's name, a JSON file with a network description, or a model file to go on from. A preset takes the shape
    /// and the classes of the data, and brings the options it is usually trained with.
    #[arg(long)]
    spec: String,
    /// Where to save the model.
    #[arg(long)]
    out: PathBuf,
    /// Passes over the training examples.
    #[arg(long)]
    epochs: Option<u32>,
    /// Examples of one step.
    #[arg(long)]
    batch_size: Option<usize>,
    /// Parts a batch is cut into.
    #[arg(long)]
    shards: Option<usize>,
    /// sgd, momentum, nesterov, adaGrad, adaDelta, rmsProp, adam, adamW or nadam, or JSON such as
    /// {"type":"momentum","momentum":0.8}.
    #[arg(long)]
    optimizer: Option<String>,
    /// crossEntropy, binaryCrossEntropy, meanSquaredError, meanAbsoluteError or hinge.
    #[arg(long)]
    loss: Option<String>,
    /// How far targets are drawn toward equal shares.
    #[arg(long)]
    label_smoothing: Option<f32>,
    /// equal, balanced, or JSON with a weight for each class.
    #[arg(long)]
    class_weights: Option<String>,
    /// Length of a step.
    #[arg(long)]
    learning_rate: Option<f32>,
    /// Pull of weights toward 0.
    #[arg(long)]
    weight_decay: Option<f32>,
    /// Factor of the sum of the weights' sizes, added to the loss.
    #[arg(long)]
    l1: Option<f32>,
    /// Factor of the sum of the weights' squares, added to the loss.
    #[arg(long)]
    l2: Option<f32>,
    /// The most an element of the gradient may be.
    #[arg(long)]
    clip_value: Option<f32>,
    /// The greatest length of the gradient.
    #[arg(long)]
    clip_norm: Option<f32>,
    /// What an average of the parameters keeps each step.
    #[arg(long)]
    average_decay: Option<f32>,
    /// Epochs without a better validation after which to end.
    #[arg(long)]
    patience: Option<u32>,
    /// Layers that stay as they are, with commas between.
    #[arg(long, value_delimiter = ',')]
    frozen: Option<Vec<String>>,
    /// constant, cosine, oneCycle, step, exponential, warmRestarts or plateau, or JSON.
    #[arg(long)]
    schedule: Option<String>,
    /// Steps during which the learning rate rises.
    #[arg(long)]
    warmup_steps: Option<u64>,
    /// Share of each class held out to validate.
    #[arg(long)]
    validation_split: Option<f32>,
    /// Lays training pictures over each other in pairs, up to 1.
    #[arg(long)]
    mixup: Option<f32>,
    /// Puts rectangles of training pictures into each other in pairs, up to 1.
    #[arg(long)]
    cutmix: Option<f32>,
    /// Equal parts of the data, of which one validates, instead of a share of each class.
    #[arg(long)]
    folds: Option<usize>,
    /// Which part validates, from 0.
    #[arg(long)]
    fold: Option<usize>,
    /// How many of the last examples only train and never validate.
    #[arg(long)]
    training_only: Option<usize>,
    /// Only look for a learning rate to start from, by a short run whose rate climbs to 10.
    #[arg(long)]
    find_rate: bool,
    /// JSON such as {"shift":2,"rotate":10}; see `Augmentation`.
    #[arg(long)]
    augmentation: Option<String>,
    /// Decides initial weights, split, order, augmentation and dropout.
    #[arg(long)]
    seed: Option<u64>,
    /// Begin from the options with which the preset soon comes to a good result, not from those it is taught with.
    #[arg(long)]
    quick: bool,
    /// All options as a JSON file; those above override it.
    #[arg(long)]
    options: Option<PathBuf>,
    /// Where to put the run aside after each epoch and on Ctrl-C; if it is there already, the run goes on from it, with
    /// its own options.
    #[arg(long)]
    checkpoint: Option<PathBuf>,
    /// Keep the weights of the last epoch instead of the best one's.
    #[arg(long)]
    keep_last: bool,
    /// A second data set to report after each epoch; it decides nothing.
    #[arg(long)]
    watch: Option<String>,
    /// Generated digits to add of each style that MNIST lacks: slashed 0, flagged 1, roofed 5, barred 7.
    #[arg(long, default_value_t = 0)]
    styles: usize,
    /// How weights are stored.
    #[arg(long, value_enum, default_value = "f32")]
    storage: Storage,
    /// Threads to use; all processors if not given.
    #[arg(long)]
    threads: Option<usize>,
}

impl TrainArguments {
    fn options(&self) -> Result<TrainOptions, Box<dyn std::error::Error>> {
        let mut options = match &self.options {
            Some(path) => serde_json::from_slice(&data::read(path)?)
                .map_err(|error| format!("{}: {error}", path.display()))?,
            None if self.quick => recipes::quick(&self.spec),
            None => recipes::recipe(&self.spec),
        };
        set(&mut options.epochs, self.epochs);
        set(&mut options.batch_size, self.batch_size);
        set(&mut options.shards, self.shards);
        set(&mut options.learning_rate, self.learning_rate);
        set(&mut options.weight_decay, self.weight_decay);
        set(&mut options.label_smoothing, self.label_smoothing);
        set(&mut options.l1, self.l1);
        set(&mut options.l2, self.l2);
        set(&mut options.clip_value, self.clip_value);
        set(&mut options.clip_norm, self.clip_norm);
        set(&mut options.average_decay, self.average_decay);
        set(&mut options.patience, self.patience);
        set(&mut options.frozen, self.frozen.clone());
        set(&mut options.loss, setting("loss", self.loss.as_deref())?);
        set(&mut options.class_weights, setting("classWeights", self.class_weights.as_deref())?);
        set(&mut options.warmup_steps, self.warmup_steps);
        set(&mut options.validation_split, self.validation_split);
        set(&mut options.mixup, self.mixup);
        set(&mut options.cutmix, self.cutmix);
        set(&mut options.folds, self.folds);
        set(&mut options.fold, self.fold);
        set(&mut options.training_only, self.training_only);
        set(&mut options.seed, self.seed);
        set(
            &mut options.optimizer,
            named_or_json::<OptimizerSpec>("--optimizer", self.optimizer.as_deref())?,
        );
        set(&mut options.schedule, named_or_json::<Schedule>("--schedule", self.schedule.as_deref())?);
        if let Some(json) = &self.augmentation {
            options.augmentation =
                serde_json::from_str(json).map_err(|error| format!("--augmentation: {error}"))?;
        }
        options.keep_best &= !self.keep_last;
        options.validate()?;
        Ok(options)
    }
}

fn set<T>(option: &mut T, given: Option<T>) {
    if let Some(given) = given {
        *option = given;
    }
}

/// `adam` or `{"type":"adam",…}`.
fn named_or_json<T: serde::de::DeserializeOwned>(
    flag: &str,
    text: Option<&str>,
) -> Result<Option<T>, String> {
    let Some(text) = text else { return Ok(None) };
    let json = if text.starts_with('{') { text.to_owned() } else { format!("{{\"type\":\"{text}\"}}") };
    serde_json::from_str(&json).map(Some).map_err(|error| format!("{flag}: {error}"))
}

/// `balanced` or `[1,2]`.
fn setting<T: Setting>(name: &str, text: Option<&str>) -> Result<Option<T>, Box<ocelli::Error>> {
    let value = |text: &str| serde_json::from_str(text).unwrap_or_else(|_| Value::String(text.into()));
    text.map(|text| T::read(name, value(text))).transpose()
}

/// A preset, a description or a model.
fn starting_model(spec: &str, seed: u64) -> Result<Model, Box<dyn std::error::Error>> {
    if zoo::NAMES.contains(&spec) {
        return Ok(Model::create(zoo::preset(spec)?, seed)?);
    }
    let path = Path::new(spec);
    if !path.exists() {
        return Err(format!("--spec {spec}: neither a file nor a preset ({})", zoo::NAMES.join(", ")).into());
    }
    if path.extension().is_some_and(|extension| extension == "json") {
        let spec: ModelSpec =
            serde_json::from_slice(&data::read(path)?).map_err(|error| format!("{spec}: {error}"))?;
        return Ok(Model::create(spec, seed)?);
    }
    data::model(path)
}

/// The model to start from and the examples to learn; a preset takes the data's shape and classes.
pub fn fitting_model(
    spec: &str,
    data: &DataArguments,
    seed: u64,
) -> Result<(Model, Dataset), Box<dyn std::error::Error>> {
    let model = starting_model(spec, seed)?;
    let is_preset = zoo::NAMES.contains(&spec);
    let of = if is_preset { Use::Preset(model.spec().input_shape) } else { Use::of(&model) };
    let dataset = data::dataset(data, Part::Train, &of)?;
    let fits = dataset.shape == model.spec().input_shape && dataset.n_classes() == model.spec().labels.len();
    if !fits && is_preset {
        let spec = zoo::preset_for(spec, dataset.shape, &dataset.class_names)?;
        return Ok((Model::create(spec, seed)?, dataset));
    }
    let dataset = dataset.in_order_of(&model.spec().labels);
    Ok((model, dataset))
}

/// Trains, showing a bar; Ctrl-C ends the run early and saves what there is.
pub fn run(arguments: TrainArguments) -> super::Outcome {
    let options = arguments.options()?;
    let (mut model, mut dataset) = fitting_model(&arguments.spec, &arguments.data, options.seed)?;
    if arguments.styles > 0 {
        dataset = dataset.joined(&styles::generate(arguments.styles, options.seed)?)?;
    }
    let watched = match &arguments.watch {
        Some(name) => {
            let from = DataArguments { data: name.clone(), ..arguments.data.clone() };
            Some(data::dataset(&from, Part::Test, &Use::of(&model))?.in_order_of(&model.spec().labels))
        }
        None => None,
    };
    let threads = Threads::new(arguments.threads);
    if arguments.find_rate {
        let range = find_rate(&model, &dataset, options, Climb::default(), &threads)?;
        for row in range.rows.iter().step_by(5) {
            println!("rate {:.2e}  loss {:.4}", row.learning_rate, row.loss);
        }
        println!("suggested learning rate {:.1e}", range.suggestion);
        return Ok(());
    }
    let put_aside = arguments.checkpoint.as_deref().filter(|path| path.exists());
    let mut trainer = match put_aside {
        Some(path) => {
            let (interrupted, trainer) = checkpoint::load(&data::read(path)?, &dataset)?;
            model = interrupted;
            println!("going on from step {}", trainer.step());
            trainer
        }
        None => Trainer::new(&model, &dataset, options)?,
    };
    println!(
        "{} parameters, {} training and {} validation examples, {} steps",
        model.params.len(),
        trainer.split().training.len(),
        trainer.split().validation.len(),
        trainer.n_steps()
    );
    let interrupted = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&interrupted);
    ctrlc::set_handler(move || {
        // A second Ctrl-C ends the program at once.
        if flag.swap(true, Ordering::SeqCst) {
            std::process::exit(130);
        }
    })?;

    let style = ProgressStyle::with_template("{bar:30} {pos}/{len} steps  {msg}  ETA {eta}")?;
    let bar = ProgressBar::new(trainer.n_steps()).with_style(style);
    let start = Instant::now();
    while !trainer.is_finished() && !interrupted.load(Ordering::SeqCst) {
        let n_ended = trainer.history().len();
        if let Err(error) = trainer.advance(&mut model, &dataset, &threads) {
            trainer.finish(&mut model);
            save(&arguments, &model)?;
            return Err(error.into());
        }
        bar.set_position(trainer.step());
        if let Some(path) = &arguments.checkpoint
            && (trainer.history().len() > n_ended || interrupted.load(Ordering::SeqCst))
        {
            data::write(path, &checkpoint::save(&mut trainer, &mut model, &dataset))?;
        }
        if trainer.step().is_multiple_of(20) {
            bar.set_message(format!("loss {:.4}", trainer.metrics().loss()));
        }
        if let Some(record) = trainer.history().get(n_ended) {
            let mut line = format!(
                "epoch {:>3}  {:>6.1} s  loss {:.4} accuracy {:.4}",
                record.epoch,
                start.elapsed().as_secs_f32(),
                record.loss,
                record.accuracy
            );
            if let (Some(loss), Some(accuracy)) = (record.validation_loss, record.validation_accuracy) {
                line += &format!("  validation loss {loss:.4} accuracy {accuracy:.4}");
            }
            if let Some(watched) = &watched {
                line += &format!(
                    "  watched accuracy {:.4}",
                    evaluate(&model, watched, &threads, 4, Views::default())?.metrics().accuracy()
                );
            }
            bar.suspend(|| println!("{line}"));
        }
    }
    bar.finish_and_clear();
    trainer.finish(&mut model);
    if let Some((epoch, accuracy)) = trainer.best() {
        println!("best epoch {epoch} with validation accuracy {accuracy:.4}");
    }
    save(&arguments, &model)?;
    let how = if trainer.is_finished() { "trained" } else { "interrupted and saved" };
    println!("{how} in {:.1} minutes: {}", start.elapsed().as_secs_f32() / 60.0, arguments.out.display());
    Ok(())
}

fn save(arguments: &TrainArguments, model: &Model) -> super::Outcome {
    data::save(&arguments.out, model, arguments.storage)
}
