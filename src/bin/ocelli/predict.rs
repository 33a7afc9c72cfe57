//! `ocelli predict`: a model's answer to pictures.

use std::path::PathBuf;

use clap::Args;
use ocelli::error::Limits;
use ocelli::image::decode::decode;
use ocelli::session::{Session, Source};

use super::data;

#[derive(Args)]
pub struct PredictArguments {
    /// The model file.
    #[arg(long)]
    model: PathBuf,
    /// How many classes to show.
    #[arg(long, default_value_t = 3)]
    top: usize,
    /// The pictures.
    #[arg(required = true)]
    images: Vec<PathBuf>,
}

/// Prints a line for each picture; one that cannot be read does not stop the others.
pub fn run(arguments: PredictArguments) -> super::Outcome {
    let mut session = Session::new(data::model(&arguments.model)?)?;
    let mut n_failed = 0;
    for path in &arguments.images {
        let prediction = data::read(path).and_then(|bytes| {
            let pixels = decode(&bytes, &Limits::default())?;
            let (width, height, channels) = (pixels.width, pixels.height, pixels.channels);
            Ok(session
                .predict(Source::Pixels { data: &pixels.data, width, height, channels }, arguments.top)?)
        });
        match prediction {
            Ok(prediction) if prediction.blank => println!("{}: blank", path.display()),
            Ok(prediction) => {
                let classes = prediction.classes.iter();
                let answers: Vec<String> = classes
                    .map(|class| format!("{} {:.1} %", class.label, 100.0 * class.confidence))
                    .collect();
                println!("{}: {}", path.display(), answers.join(", "));
            }
            Err(error) => {
                eprintln!("{}: {error}", path.display());
                n_failed += 1;
            }
        }
    }
    if n_failed > 0 {
        Err(format!("{n_failed} of {} pictures failed", arguments.images.len()).into())
    } else {
        Ok(())
    }
}
