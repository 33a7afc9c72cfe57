//! A run that was put aside and gone on with ends with the very bits of one that was not.

use ocelli::data::Dataset;
use ocelli::json::SerdeJson;
use ocelli::model::{Model, ModelSpec};
use ocelli::session::Session;
use ocelli::train::checkpoint::{load, save, source_of};
use ocelli::train::{InTurn, TrainChanges, TrainOptions, Trainer};
use serde_json::json;

use crate::shapes::{drawn_digits, shapes};

/// With everything that has a state: running statistics, dropout, moments, an average, a plateau, variation.
fn options(optimizer: &str, batch_size: usize) -> TrainOptions {
    serde_json::from_value(json!({
        "epochs": 3,
        "batchSize": batch_size,
        "learningRate": 0.01,
        "optimizer": { "type": optimizer },
        "averageDecay": 0.9,
        "schedule": { "type": "plateau", "patience": 0, "factor": 0.5 },
        "augmentation": { "shift": 2, "noise": 0.1 },
        "validationSplit": 0.2,
        "weightDecay": 0.01,
        "clipNorm": 1,
        "keepBest": false,
    }))
    .unwrap()
}

fn model(dataset: &Dataset) -> Model {
    let spec = ModelSpec::new(dataset.shape, &dataset.class_names);
    let padding = ocelli::ops::Padding::Same;
    let spec = spec.conv2d_norm_relu(4, 3, 2, padding).flatten().dropout(0.3).dense(dataset.n_classes());
    Model::create(spec, 5).unwrap()
}

/// The whole run; before each `every`-th unit it goes through bytes, if asked.
fn run(
    dataset: &Dataset,
    options: TrainOptions,
    every: Option<usize>,
    changes: &[(u64, TrainChanges)],
) -> (Model, Trainer) {
    let mut model = model(dataset);
    let mut trainer = Trainer::new(&model, dataset, options).unwrap();
    let mut n_units = 0;
    while !trainer.is_finished() {
        let step = trainer.step();
        for (_, told) in changes.iter().filter(|(at, _)| *at == step) {
            trainer.change(told).unwrap();
        }
        if every.is_some_and(|every| n_units % every == 0) {
            let bytes = save(&mut trainer, &mut model, dataset);
            (model, trainer) = load(&bytes, dataset).unwrap();
        }
        trainer.advance(&mut model, dataset, &InTurn).unwrap();
        n_units += 1;
    }
    trainer.finish(&mut model);
    (model, trainer)
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn an_interrupted_run_ends_with_the_bits_of_an_uninterrupted_one() {
    let few = drawn_digits(150, 1);
    let many = shapes(1600, 8, 2);
    for (dataset, optimizer, batch_size, every) in [
        (&few, "nadam", 20, 1),
        (&few, "momentum", 20, 5),
        (&few, "adaDelta", 33, 4),
        // Batches of several rounds, put aside between two of them.
        (&many, "rmsProp", 1_000_000, 1),
    ] {
        let (plain, plain_run) = run(dataset, options(optimizer, batch_size), None, &[]);
        let (resumed, resumed_run) = run(dataset, options(optimizer, batch_size), Some(every), &[]);
        assert_eq!(bits(&plain.params), bits(&resumed.params), "{optimizer}");
        assert_eq!(bits(&plain.state), bits(&resumed.state), "{optimizer}");
        assert_eq!(plain_run.history(), resumed_run.history(), "{optimizer}");
        assert_eq!(plain_run.best(), resumed_run.best(), "{optimizer}");
        assert_eq!(plain_run.learning_rate(), resumed_run.learning_rate(), "{optimizer}");
    }
}

#[test]
fn a_run_changed_on_the_way_goes_on_from_its_bytes_to_the_same_bits() {
    let few = drawn_digits(150, 1);
    let many = shapes(1600, 8, 2);
    let sized = |batch_size| TrainChanges { batch_size: Some(batch_size), ..TrainChanges::default() };
    let faster = TrainChanges { learning_rate: Some(0.02), momentum: Some(0.5), ..TrainChanges::default() };
    // The last: of batches of several rounds, told between two of them.
    for (dataset, batch_size, changes) in [
        (&few, 20, &[(2, sized(7)), (4, faster), (30, sized(50))][..]),
        (&few, 33, &[(4, sized(150)), (5, sized(10))]),
        (&many, 1_000_000, &[(0, sized(300)), (4, sized(1500))]),
    ] {
        let options = || options("momentum", batch_size);
        let (plain, plain_run) = run(dataset, options(), None, changes);
        for every in [1, 3] {
            let (resumed, resumed_run) = run(dataset, options(), Some(every), changes);
            assert_eq!(bits(&plain.params), bits(&resumed.params));
            assert_eq!(bits(&plain.state), bits(&resumed.state));
            assert_eq!(plain_run.history(), resumed_run.history());
            assert_eq!(plain_run.step(), resumed_run.step());
        }
    }
}

#[test]
fn a_broken_checkpoint_or_other_data_are_refused_with_a_sentence() {
    let dataset = drawn_digits(60, 1);
    let mut model = model(&dataset);
    let mut trainer = Trainer::new(&model, &dataset, options("adam", 16)).unwrap();
    trainer.advance(&mut model, &dataset, &InTurn).unwrap();
    trainer.change(&TrainChanges { batch_size: Some(7), ..TrainChanges::default() }).unwrap();
    trainer.advance(&mut model, &dataset, &InTurn).unwrap();
    let bytes = save(&mut trainer, &mut model, &dataset);
    assert!(load(&bytes, &dataset).is_ok());
    for len in (0..bytes.len()).step_by(211) {
        assert!(load(&bytes[..len], &dataset).is_err(), "{len}");
    }
    assert_eq!(load(&[&bytes[..], &[0]].concat(), &dataset).unwrap_err().code(), "format");
    assert_eq!(load(&bytes, &drawn_digits(60, 2)).unwrap_err().code(), "data");
    // Whatever the numbers say, going on does not panic.
    for place in (0..bytes.len()).step_by(307) {
        let mut bytes = bytes.clone();
        bytes[place] ^= 0xff;
        if let Ok((mut model, mut trainer)) = load(&bytes, &dataset) {
            for _ in 0..3 {
                if trainer.advance(&mut model, &dataset, &InTurn).is_err() {
                    break;
                }
            }
        }
    }
    // Nor do the counters at the end of the fixed part, in any combination.
    for place in bytes.len().saturating_sub(200)..bytes.len() {
        let mut bytes = bytes.clone();
        bytes[place] = 0xff;
        if let Ok((mut model, mut trainer)) = load(&bytes, &dataset) {
            let _ = trainer.advance(&mut model, &dataset, &InTurn);
        }
    }
}

/// What a door does: the session's checkpoint goes on in a fresh session, which tells all epochs so far.
#[test]
fn a_session_goes_on_from_another_ones_checkpoint_to_the_same_bits() {
    let dataset = drawn_digits(150, 1);
    let session = || {
        let mut session = Session::new(model(&dataset)).unwrap();
        session.set_dataset(dataset.clone()).unwrap();
        session
    };
    let finish = |session: &mut Session| {
        let mut history = Vec::new();
        loop {
            let progress = session.train_slice(&mut || true).unwrap();
            history.extend(progress.history);
            if progress.state == "finished" {
                return (bits(&session.model().params), history);
            }
        }
    };
    let mut whole = session();
    whole.start_training(options("adam", 20)).unwrap();
    let uninterrupted = finish(&mut whole);

    let mut interrupted = session();
    assert_eq!(interrupted.checkpoint::<SerdeJson>(&mut |_| {}).unwrap_err().code(), "state");
    interrupted.start_training(options("adam", 20)).unwrap();
    while interrupted.train_slice(&mut || true).unwrap().step < 9 {}
    let mut bytes = Vec::new();
    interrupted.checkpoint::<SerdeJson>(&mut |more| bytes.extend_from_slice(more)).unwrap();

    let mut other = session();
    let progress = other.resume_training::<SerdeJson>(&mut source_of(&bytes)).unwrap();
    assert_eq!((progress.step, progress.history.len()), (9, 1));
    let (params, mut history) = finish(&mut other);
    history.splice(0..0, progress.history);
    assert_eq!((params, history), uninterrupted);

    let spec = ModelSpec::new(dataset.shape, &dataset.class_names).flatten().dense(10);
    let mut foreign = Session::new(Model::create(spec, 1).unwrap()).unwrap();
    assert_eq!(foreign.resume_training::<SerdeJson>(&mut source_of(&bytes)).unwrap_err().code(), "state");
    foreign.set_dataset(dataset.clone()).unwrap();
    assert_eq!(foreign.resume_training::<SerdeJson>(&mut source_of(&bytes)).unwrap_err().code(), "config");
}
