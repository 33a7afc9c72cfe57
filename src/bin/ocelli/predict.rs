//! `ocelli predict`: a model's answer to pictures.

use std::path::{Path, PathBuf};

use clap::Args;
use ocelli::error::Limits;
use ocelli::image::decode::decode;
use ocelli::session::{PageRow, Session, Source};

use super::data;
use super::evaluate::views_of;

#[derive(Args)]
pub struct PredictArguments {
    /// The model file.
    #[arg(long)]
    model: PathBuf,
    /// How many classes to show.
    #[arg(long, default_value_t = 3)]
    top: usize,
    /// Test-time augmentation: the mean over several views of each picture, as JSON; shifted by a pixel if not said how.
    #[arg(long, num_args = 0..=1, default_missing_value = r#"{"shift":1}"#, require_equals = true)]
    tta: Option<String>,
    /// The pictures are photos of handwriting: every digit is found and read, one line of text for each line on the page.
    #[arg(long, conflicts_with_all = ["tta", "top"])]
    page: bool,
    /// The pictures.
    #[arg(required = true)]
    images: Vec<PathBuf>,
}

/// Prints a line for each picture; one that cannot be read does not stop the others.
pub fn run(arguments: PredictArguments) -> super::Outcome {
    let mut session = Session::new(data::model(&arguments.model)?)?;
    let views = views_of(arguments.tta.as_deref())?;
    let mut n_failed = 0;
    for path in &arguments.images {
        if arguments.page {
            let rows = data::read(path)
                .and_then(|bytes| Ok(session.read_page(&decode(&bytes, &Limits::default())?, 1)?));
            match rows {
                Ok(rows) => print_page(path, &rows),
                Err(error) => {
                    eprintln!("{}: {error}", path.display());
                    n_failed += 1;
                }
            }
            continue;
        }
        let prediction = data::read(path).and_then(|bytes| {
            let pixels = decode(&bytes, &Limits::default())?;
            let (width, height, channels) = (pixels.width, pixels.height, pixels.channels);
            let source = Source::Pixels { data: &pixels.data, width, height, channels };
            Ok(session.predict_views(source, arguments.top, &views)?)
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

/// The text of each row, and how sure its least sure digit is.
fn print_page(path: &Path, rows: &[PageRow]) {
    if rows.is_empty() {
        println!("{}: no digits found", path.display());
    }
    for row in rows {
        let confidences =
            row.digits.iter().filter_map(|digit| Some(digit.prediction.classes.first()?.confidence));
        let least = confidences.fold(1.0, f32::min);
        println!("{}: {} (the least sure digit {:.1} %)", path.display(), row.text, 100.0 * least);
    }
}
