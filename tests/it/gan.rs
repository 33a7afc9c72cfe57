//! Generators through the session: trained, put into a file, and going on from it.

use ocelli::error::Limits;
use ocelli::json::SerdeJson;
use ocelli::model::{GanSpec, gan_preset};
use ocelli::session::GanSession;
use ocelli::train::gan::{GanOptions, Latent};

use crate::shapes::drawn_digits;

fn session(preset: &str) -> GanSession {
    let options = GanOptions { batch_size: 4, ..GanOptions::default() };
    let mut session = GanSession::create(gan_preset(preset).unwrap(), options).unwrap();
    assert_eq!(session.train_slice(&mut || true).unwrap_err().code(), "state");
    session.set_dataset(drawn_digits(40, 1)).unwrap();
    session
}

#[test]
fn a_generator_of_a_file_makes_the_same_pictures_and_can_be_trained_on() {
    let mut trained = session("gan-small");
    let mut n_slices = 0;
    let progress = trained
        .train_slice(&mut || {
            n_slices += 1;
            n_slices == 3
        })
        .unwrap();
    assert_eq!((progress.step, progress.n_examples_seen), (3, 12));
    assert!(progress.generator_loss.is_finite() && progress.discriminator_loss.iter().all(|x| x.is_finite()));

    let file = trained.save::<SerdeJson>().unwrap();
    let mut loaded = GanSession::load::<SerdeJson>(&file, GanOptions::default()).unwrap();
    assert_eq!(loaded.info(), trained.info());
    let (own, other) =
        (trained.sample(&[1, 2], Latent::of(7)).unwrap(), loaded.sample(&[1, 2], Latent::of(7)).unwrap());
    assert_eq!(own.pixels, other.pixels);
    assert!(own.real_diversity > 10.0 && other.real_diversity == 0.0, "only one has real pictures");
    loaded.set_dataset(drawn_digits(80, 2)).unwrap();
    loaded.train_slice(&mut || true).unwrap();
    assert_ne!(loaded.sample(&[1, 2], Latent::of(7)).unwrap().pixels, own.pixels);
}

#[test]
fn what_cannot_be_made_is_refused() {
    let session = session("gan-small");
    assert_eq!(session.sample(&[], Latent::of(1)).unwrap_err().code(), "config");
    assert_eq!(session.sample(&[0; 1001], Latent::of(1)).unwrap_err().code(), "config");
    assert_eq!(session.sample(&[10], Latent::of(1)).unwrap_err().code(), "label");
}

#[test]
fn broken_generator_files_are_refused_with_a_sentence() {
    let file = session("gan-small").save::<SerdeJson>().unwrap();
    let load = |bytes: &[u8]| GanSpec::load_by::<SerdeJson>(bytes, &Limits::default());
    assert!(load(&file).is_ok());
    let text = |from: &str, to: &str| {
        let at = file.windows(from.len()).position(|window| window == from.as_bytes()).expect(from);
        [&file[..at], to.as_bytes(), &file[at + from.len()..]].concat()
    };
    let cases = [
        file[..file.len() - 4].to_vec(),
        text("ocelli.gan", "ocelli.gam"),
        text("\\\"latentLen\\\":32", "\\\"latentLen\\\":99"),
        text(".bias\"", ".bios\""),
    ];
    for (i, bytes) in cases.iter().enumerate() {
        assert_eq!(load(bytes).unwrap_err().code(), "format", "{i}");
    }
}
