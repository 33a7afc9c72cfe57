//! Trains a small network on digits that are drawn from a seed, measures it on others, keeps it as a file and reads with it:
//! `cargo run --release --example learn`.

use ocelli::data::generated;
use ocelli::error::Limits;
use ocelli::model::{Model, StorageType, zoo};
use ocelli::session::{EvaluationSet, Session, Source};
use ocelli::train::TrainOptions;
use ocelli::train::recipes::quick;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = learn(4000, 5)?;
    let path = std::env::temp_dir().join("digits.safetensors");
    std::fs::write(&path, &file)?;
    println!("{} bytes in {}", file.len(), path.display());

    let mut session = Session::load(&file, &Limits::default())?;
    let digits = generated::generate("handwriting", 10, 99)?;
    for idx in 0..digits.len() {
        let prediction = session.predict(Source::Prepared(digits.example(idx)), 1)?;
        let best = &prediction.classes[0];
        println!("a {} is read as {} ({:.1} %)", digits.labels[idx], best.label, 100.0 * best.confidence);
    }
    Ok(())
}

/// A trained network as a file; prints how it comes along.
fn learn(n_examples: usize, epochs: u32) -> ocelli::Result<Vec<u8>> {
    let mut session = Session::new(Model::create(zoo::preset("tiny")?, 1)?)?;
    session.set_dataset(generated::generate("handwriting", n_examples, 1)?)?;
    session.start_training(TrainOptions { epochs, ..quick("tiny") })?;
    loop {
        // Whoever calls says when to come back: a window would after a few milliseconds, here it is each batch.
        let progress = session.train_slice(&mut || true)?;
        for record in &progress.history {
            println!("epoch {}: loss {:.3}", record.epoch, record.loss);
        }
        if progress.state == "finished" {
            break;
        }
    }
    session.set_dataset(generated::generate("handwriting", 500, 2)?)?;
    session.start_evaluation(EvaluationSet::All)?;
    if let Ok(evaluation) = session.evaluate_slice(&mut || false)? {
        println!("{:.1} % of 500 other digits are read right", 100.0 * evaluation.accuracy);
    }
    Ok(session.save(StorageType::F32))
}

#[test]
fn the_example_learns_and_its_file_reads() {
    let mut session = Session::load(&learn(2000, 3).unwrap(), &Limits::default()).unwrap();
    let digits = generated::generate("handwriting", 50, 3).unwrap();
    let is_right = |idx: &usize| {
        let prediction = session.predict(Source::Prepared(digits.example(*idx)), 1).unwrap();
        prediction.classes[0].index == digits.labels[*idx] as usize
    };
    let n_right = (0..digits.len()).filter(is_right).count();
    assert!(n_right > 25, "{n_right} of 50");
}
