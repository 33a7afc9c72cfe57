//! `ocelli calibrate`: a model of digits whose confidences can be believed, and that knows what is none of them.

use std::path::PathBuf;

use clap::Args;
use ocelli::data::{Dataset, handwriting, letters, split};
use ocelli::train::calibration::calibrate;
use ocelli::train::novelty::{self, auroc, features_and_logits, scores};

use super::data::{self, DataArguments, Part, Storage, Use};

/// Made-up pictures to fit by, of each kind.
const N_MADE: usize = 4000;

#[derive(Args)]
pub struct CalibrateArguments {
    /// The model file.
    #[arg(long)]
    model: PathBuf,
    #[command(flatten)]
    data: DataArguments,
    /// Which share of the training digits was held out, to fit by.
    #[arg(long, default_value_t = 0.08)]
    held_out: f32,
    /// The seed that chose them; what is made up takes it too.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Which share of them may be taken for no digits.
    #[arg(long, default_value_t = 0.01)]
    refused: f32,
    /// Where to save the model.
    #[arg(long)]
    out: PathBuf,
    /// How weights are stored.
    #[arg(long, value_enum, default_value = "i8")]
    storage: Storage,
}

/// Fits the temperature, which goes into the last layer, and what tells letters and scribbles; says what was reached.
pub fn run(arguments: CalibrateArguments) -> super::Outcome {
    let mut model = data::model(&arguments.model)?;
    let of = Use::of(&model);
    let digits = |part| -> Result<Dataset, Box<dyn std::error::Error>> {
        Ok(data::dataset(&arguments.data, part, &of)?.in_order_of(&model.spec().labels))
    };
    let (train, test) = (digits(Part::Train)?, digits(Part::Test)?);
    let n_classes = train.n_classes();
    let held_out = split::stratified(&train.labels, n_classes, arguments.held_out, arguments.seed).validation;
    let held_out = train.subset(&held_out);

    let (features, logits) = features_and_logits(&model, &held_out.pixels)?;
    let (_, test_logits) = features_and_logits(&model, &test.pixels)?;
    let fitted = calibrate(&logits, &held_out.labels, n_classes).ok_or("no digits to fit by")?;
    let before = calibrate(&test_logits, &test.labels, n_classes).ok_or("no digits to test with")?;
    // Dividing the last layer's weights and biases divides the logits.
    let last_layer: Vec<_> = model.graph().param_tensors().into_iter().rev().take(2).collect();
    let ranges: Vec<_> = last_layer.into_iter().map(|(_, _, range)| range).collect();
    for range in ranges {
        model.params[range].iter_mut().for_each(|weight| *weight /= fitted.temperature);
    }
    let (_, test_logits) = features_and_logits(&model, &test.pixels)?;
    let after = calibrate(&test_logits, &test.labels, n_classes).ok_or("no digits to test with")?;
    println!("temperature {:.4}", fitted.temperature);
    println!(
        "calibration error of held-out digits {:.4} -> {:.4}",
        fitted.error, fitted.error_at_temperature
    );
    println!("calibration error of test digits {:.4} -> {:.4}", before.error, after.error);

    let seen = |pictures: &Dataset| -> Result<Vec<f32>, Box<ocelli::Error>> {
        Ok(features_and_logits(&model, &pictures.pixels)?.0)
    };
    // To fit by: every other letter; the others are for judging only. Those that are written like digits are left out.
    let of_letters = |seed, rest| -> Result<Dataset, Box<ocelli::Error>> {
        let all = letters::generate(4 * N_MADE, seed)?;
        let is_kind = |&i: &u32| {
            let label = all.labels[i as usize];
            label % 2 == rest && !letters::LIKE_DIGITS.contains(&all.class_names[label as usize].as_str())
        };
        let chosen: Vec<u32> = (0..all.len() as u32).filter(is_kind).take(N_MADE).collect();
        Ok(all.subset(&chosen))
    };
    let seed = arguments.seed;
    let mut inside = features.clone();
    inside.extend(seen(&handwriting::generate(N_MADE, seed)?)?);
    let mut outside = seen(&of_letters(seed, 0)?)?;
    outside.extend(seen(&letters::scribbles(N_MADE, seed)?)?);
    let n_features = model.features().1;
    let mut fitted = novelty::fit(&inside, &outside, n_features);
    let of_held_out = scores(&fitted, &features);
    novelty::set_share(&mut fitted, &of_held_out, arguments.refused);

    let of_test = scores(&fitted, &seen(&test)?);
    let share = |scores: &[f32]| {
        scores.iter().filter(|&&score| score > 0.0).count() as f64 / scores.len().max(1) as f64
    };
    println!("test digits refused {:.4}", share(&of_test));
    let everything = letters::generate(N_MADE, seed + 1)?;
    for (name, pictures) in [
        ("letters of kinds fitted by", of_letters(seed + 1, 0)?),
        ("letters of other kinds", of_letters(seed + 1, 1)?),
        ("all letters, those like digits too", everything),
        ("scribbles", letters::scribbles(N_MADE, seed + 1)?),
    ] {
        let scores = scores(&fitted, &seen(&pictures)?);
        println!("{name}: AUROC {:.4}, refused {:.4}", auroc(&of_test, &scores), share(&scores));
    }
    model.novelty = fitted;
    data::save(&arguments.out, &model, arguments.storage)
}
