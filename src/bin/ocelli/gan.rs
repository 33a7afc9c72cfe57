//! `ocelli gan`: a generator that learns to make pictures, judged by a classifier.

use std::path::PathBuf;
use std::time::Instant;

use clap::Args;
use ocelli::model::gan_preset;
use ocelli::session::{Session, Source};
use ocelli::train::gan::{Gan, GanOptions, Latent, diversity};

use super::data::{self, DataArguments, Part, Use};

/// Pictures of each class that are judged.
const JUDGED: u32 = 50;
/// Pictures in a row of the sheet.
const COLUMNS: usize = 10;

#[derive(Args)]
pub struct GanArguments {
    #[command(flatten)]
    data: DataArguments,
    /// gan, or gan-small, which is told the digit.
    #[arg(long, default_value = "gan-small")]
    preset: String,
    /// Steps of both networks.
    #[arg(long, default_value_t = 3000)]
    steps: u64,
    /// Real pictures of a step.
    #[arg(long)]
    batch_size: Option<usize>,
    /// Length of a step.
    #[arg(long)]
    learning_rate: Option<f32>,
    /// Decides everything.
    #[arg(long)]
    seed: Option<u64>,
    /// Where to save a sheet of samples, as PGM.
    #[arg(long)]
    sheet: Option<PathBuf>,
    /// A classifier that says what it takes the samples for.
    #[arg(long)]
    judge: Option<PathBuf>,
}

/// Trains, then shows the diversity of the samples and what the judge says.
pub fn run(arguments: GanArguments) -> super::Outcome {
    let spec = gan_preset(&arguments.preset)?;
    let dataset = data::dataset(&arguments.data, Part::Train, &Use::plain(spec.picture_shape))?;
    let usual = GanOptions::default();
    let options = GanOptions {
        batch_size: arguments.batch_size.unwrap_or(usual.batch_size),
        learning_rate: arguments.learning_rate.unwrap_or(usual.learning_rate),
        seed: arguments.seed.unwrap_or(usual.seed),
    };
    let mut gan = Gan::new(spec, options)?;
    println!("{} parameters, {} pictures", gan.params().len(), dataset.len());
    let start = Instant::now();
    let every = (arguments.steps / 20).max(1);
    while gan.steps() < arguments.steps {
        let losses = gan.advance(&dataset)?;
        if gan.steps().is_multiple_of(every) {
            println!(
                "step {:>6}  {:>6.1} s  discriminator {:.3} real {:.3} made  generator {:.3}",
                gan.steps(),
                start.elapsed().as_secs_f32(),
                losses.discriminator[0],
                losses.discriminator[1],
                losses.generator
            );
        }
    }
    let classes: Vec<u32> = (0..JUDGED).flat_map(|_| 0..10).collect();
    let pictures = gan.sample(&classes, Latent::of(options.seed))?;
    let len = dataset.example_len();
    let real: Vec<u8> = dataset.pixels[..len * dataset.len().min(classes.len())].to_vec();
    println!("diversity {:.1}, of real pictures {:.1}", diversity(&pictures, len), diversity(&real, len));
    if let Some(path) = &arguments.judge {
        judge(&mut Session::new(data::model(path)?)?, &gan, &classes, &pictures)?;
    }
    if let Some(path) = &arguments.sheet {
        data::write(path, &sheet(&pictures, gan.spec().picture_shape))?;
    }
    Ok(())
}

/// For each class: the share read as it, and the mean confidence in it.
fn judge(session: &mut Session, gan: &Gan, classes: &[u32], pictures: &[u8]) -> super::Outcome {
    let mut sums = [(0, 0.0); 10];
    let mut read = [0; 10];
    for (&class, picture) in classes.iter().zip(pictures.chunks_exact(pictures.len() / classes.len())) {
        let prediction = session.predict(Source::Prepared(picture), 10)?;
        let (n_right, confidence) = &mut sums[class as usize];
        if let Some(first) = prediction.classes.first() {
            *n_right += usize::from(first.index == class as usize);
            read[first.index] += 1;
        }
        for other in prediction.classes.iter().filter(|other| other.index == class as usize) {
            *confidence += other.confidence;
        }
    }
    if gan.spec().n_classes == 0 {
        println!("read as each digit: {read:?}");
        return Ok(());
    }
    for (class, (n_right, confidence)) in sums.iter().enumerate() {
        let n = f64::from(JUDGED);
        println!(
            "class {class}: read as it {:.2}, confidence {:.3}",
            *n_right as f64 / n,
            f64::from(*confidence) / n
        );
    }
    let n_good = sums.iter().filter(|(_, confidence)| confidence / JUDGED as f32 >= 0.9).count();
    println!("classes of mean confidence 0.9 {n_good}");
    Ok(())
}

/// The first hundred pictures side by side, as a gray PGM.
fn sheet(pictures: &[u8], [h, w, _]: [usize; 3]) -> Vec<u8> {
    let rows = COLUMNS.min(pictures.len() / (h * w) / COLUMNS);
    let mut bytes = format!("P5 {} {} 255\n", COLUMNS * w, rows * h).into_bytes();
    for y in 0..rows * h {
        for column in 0..COLUMNS {
            let picture = (y / h * COLUMNS + column) * h * w;
            bytes.extend_from_slice(&pictures[picture + y % h * w..][..w]);
        }
    }
    bytes
}
