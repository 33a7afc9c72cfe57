//! A run shared by several workers, each with a session of its own, has the very bits of a run by one; also when a worker
//! is lost on the way.

use ocelli::data::Dataset;
use ocelli::model::{Model, ModelSpec};
use ocelli::ops::Padding;
use ocelli::session::{Session, TrainProgress};
use ocelli::train::{Batches, Place, TrainChanges, TrainOptions};
use serde_json::json;

use crate::shapes::shapes;

fn session(dataset: &Dataset) -> Session {
    let spec = ModelSpec::new(dataset.shape, &dataset.class_names);
    let spec =
        spec.conv2d_norm_relu(4, 3, 2, Padding::Same).flatten().dropout(0.3).dense(dataset.n_classes());
    let mut session = Session::new(Model::create(spec, 5).unwrap()).unwrap();
    session.set_dataset(dataset.clone()).unwrap();
    session
}

fn options(batch_size: usize, validation_split: f32) -> TrainOptions {
    serde_json::from_value(json!({
        "epochs": 3,
        "batchSize": batch_size,
        "learningRate": 0.01,
        "averageDecay": 0.9,
        "schedule": { "type": "plateau", "patience": 0, "factor": 0.5 },
        "augmentation": { "shift": 2, "noise": 0.1 },
        "validationSplit": validation_split,
        "clipNorm": 1,
        "keepBest": false,
    }))
    .unwrap()
}

/// Before which steps a run is told what.
type Changes<'a> = &'a [(u64, TrainChanges)];

fn change(session: &mut Session, step: u64, changes: Changes<'_>) {
    for (_, told) in changes.iter().filter(|(at, _)| *at == step) {
        session.change_training(told).unwrap();
    }
}

fn alone(dataset: &Dataset, options: TrainOptions, changes: Changes<'_>) -> (Session, TrainProgress) {
    let mut session = session(dataset);
    let mut step = session.start_training(options).unwrap().step;
    loop {
        change(&mut session, step, changes);
        let progress = session.train_slice(&mut || !changes.is_empty()).unwrap();
        step = progress.step;
        if progress.state == "finished" {
            return (session, progress);
        }
    }
}

/// What travels from a worker to another: numbers in the order in which they were put.
fn sent(put_all: impl FnOnce(&mut dyn FnMut(&[f32]))) -> Vec<f32> {
    let mut numbers = Vec::new();
    put_all(&mut |part| numbers.extend_from_slice(part));
    numbers
}

fn taken(numbers: &[f32]) -> impl FnMut(&mut [f32]) {
    let mut rest = numbers;
    move |out| {
        let (first, more) = rest.split_at(out.len());
        out.copy_from_slice(first);
        rest = more;
    }
}

/// A leader and helpers; the last helper answers only in rounds of even number.
fn together(
    dataset: &Dataset,
    options: &TrainOptions,
    n_workers: usize,
    changes: Changes<'_>,
) -> (Session, TrainProgress) {
    let mut workers: Vec<Session> = (0..n_workers).map(|_| session(dataset)).collect();
    let n_parts = n_workers.next_power_of_two();
    for worker in &mut workers {
        worker.start_training(options.clone()).unwrap();
    }
    let (leader, helpers) = workers.split_first_mut().unwrap();
    let mut step = 0;
    for round in 0.. {
        change(leader, step, changes);
        let progress = match leader.begin_round().unwrap() {
            None => leader.train_slice(&mut || true).unwrap(),
            Some(place) => {
                let most = leader.part_len(n_parts).unwrap();
                let model = sent(|put| leader.write_model(put));
                assert!(model.len() <= most, "the array holds the model");
                leader.compute_part(0, n_parts).unwrap();
                for idx in 1..n_parts {
                    let answers = idx < n_parts - 1 || round % 2 == 0;
                    let Some(helper) = helpers.get_mut(idx - 1).filter(|_| answers) else {
                        leader.compute_part(idx, n_parts).unwrap();
                        continue;
                    };
                    helper.follow_round(place, &mut taken(&model)).unwrap();
                    helper.compute_part(idx, n_parts).unwrap();
                    let part = sent(|put| helper.write_part(idx, n_parts, put).unwrap());
                    assert!(part.len() <= most, "the array holds a part");
                    leader.read_part(idx, n_parts, &mut taken(&part)).unwrap();
                }
                leader.end_round(n_parts).unwrap()
            }
        };
        step = progress.step;
        if progress.state == "finished" {
            return (workers.remove(0), progress);
        }
    }
    unreachable!()
}

fn bits(session: &Session) -> Vec<u32> {
    let model = session.model();
    model.params.iter().chain(&model.state).map(|value| value.to_bits()).collect()
}

#[test]
fn any_number_of_workers_ends_with_the_bits_of_one() {
    let few = shapes(150, 8, 1);
    let many = shapes(1600, 8, 2);
    // The last batch of 33 has 18 or fewer examples; one of all takes several rounds. Without validation the training loss
    // decides on the learning rate.
    for (dataset, batch_size, validation_split) in
        [(&few, 33, 0.2), (&few, 33, 0.0), (&few, 49, 0.0), (&many, 1_000_000, 0.2)]
    {
        let options = options(batch_size, validation_split);
        let (one, last) = alone(dataset, options.clone(), &[]);
        for n_workers in 1..=4 {
            let (led, progress) = together(dataset, &options, n_workers, &[]);
            assert_eq!(bits(&one), bits(&led), "{n_workers} workers, batches of {batch_size}");
            assert_eq!(progress.history.last(), last.history.last(), "{n_workers} workers");
        }
    }
}

#[test]
fn a_run_changed_on_the_way_ends_with_the_same_bits_on_any_number_of_workers() {
    let few = shapes(150, 8, 1);
    let many = shapes(1600, 8, 2);
    let sized = |batch_size| TrainChanges { batch_size: Some(batch_size), ..TrainChanges::default() };
    let slower = TrainChanges { learning_rate: Some(1e-3), beta1: Some(0.5), ..TrainChanges::default() };
    // In an epoch, at its start, twice between two steps, and in the middle of a batch of several rounds.
    for (dataset, batch_size, changes) in [
        (&few, 33, &[(2, sized(7)), (2, slower), (20, sized(60))][..]),
        (&few, 60, &[(0, sized(9)), (0, sized(11)), (11, sized(150))]),
        (&many, 1_000_000, &[(1, sized(300)), (4, sized(1500)), (5, slower)]),
    ] {
        let options = options(batch_size, 0.2);
        let (one, last) = alone(dataset, options.clone(), changes);
        let (unchanged, _) = alone(dataset, options.clone(), &[]);
        assert_ne!(bits(&one), bits(&unchanged));
        let n_training = last.n_examples_seen / 3;
        assert_eq!((last.n_examples_seen, last.step), (3 * n_training, last.n_steps));
        assert_eq!(last.step_in_epoch, last.steps_per_epoch);
        for n_workers in 1..=4 {
            let (led, progress) = together(dataset, &options, n_workers, changes);
            assert_eq!(bits(&one), bits(&led), "{n_workers} workers, batches of {batch_size}");
            assert_eq!(progress, last, "{n_workers} workers");
        }
    }
}

#[test]
fn batches_changed_before_the_first_step_are_those_of_a_run_that_begins_with_them() {
    let dataset = shapes(150, 8, 1);
    let sized = TrainChanges { batch_size: Some(9), ..TrainChanges::default() };
    let (changed, _) = alone(&dataset, options(33, 0.2), &[(0, sized)]);
    let (begun, _) = alone(&dataset, options(9, 0.2), &[]);
    assert_eq!(bits(&changed), bits(&begun));
}

#[test]
fn parts_that_a_run_does_not_have_are_refused() {
    let dataset = shapes(60, 8, 1);
    let mut session = session(&dataset);
    assert_eq!(session.begin_round().unwrap_err().code(), "state");
    session.start_training(options(8, 0.0)).unwrap();
    for (idx, n_parts) in [(0, 0), (0, 3), (0, 8), (2, 2)] {
        assert_eq!(session.compute_part(idx, n_parts).unwrap_err().code(), "config", "{idx} of {n_parts}");
    }
    let beyond = Place { step: u64::MAX, n_summed: 0, batches: Batches::of(8) };
    assert_eq!(session.follow_round(beyond, &mut |_| {}).unwrap_err().code(), "config");
    for numbers in
        [[0, 0, 0, 0, 0], [8, 9, 3, 0, 0], [8, 1, 0, 60, 0], [8, u64::MAX, 0, 0, 0], [8, 1, 0, 8, 2]]
    {
        let place = Place { step: 2, n_summed: 0, batches: Batches::from_numbers(numbers) };
        let refused = session.follow_round(place, &mut |_| {}).unwrap_err().code();
        assert!(["config", "limit"].contains(&refused), "{numbers:?}: {refused}");
    }
}
