//! A run shared by several workers, each with a session of its own, has the very bits of a run by one; also when a worker
//! is lost on the way.

use ocelli::data::Dataset;
use ocelli::json::SerdeJson;
use ocelli::model::{Model, ModelSpec};
use ocelli::ops::Padding;
use ocelli::session::{Session, TrainProgress};
use ocelli::train::checkpoint::source_of;
use ocelli::train::{Piece, TrainChanges, TrainOptions};
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

/// What travels between two workers of a round, either way.
fn exchange(left: &mut Session, right: &mut Session, idx: usize, n_parts: usize, piece: Piece) {
    let most = left.piece_len(piece, n_parts).unwrap();
    let [of_left, of_right] = [(&mut *left, idx), (&mut *right, idx + 1)]
        .map(|(worker, idx)| sent(|put| worker.write_piece(idx, n_parts, piece, put).unwrap()));
    assert!(of_left.len().max(of_right.len()) <= most, "the array holds a piece");
    left.take_piece(idx + 1, n_parts, piece, &mut taken(&of_right)).unwrap();
    right.take_piece(idx, n_parts, piece, &mut taken(&of_left)).unwrap();
}

fn sent_run(session: &mut Session) -> Vec<u8> {
    let mut run = Vec::new();
    session.checkpoint::<SerdeJson>(&mut |bytes| run.extend_from_slice(bytes)).unwrap();
    run
}

/// One round by all, up to its end.
fn round(workers: &mut [Session]) {
    let mut has_end = false;
    let n_workers = workers.len();
    for (idx, worker) in workers.iter_mut().enumerate() {
        worker.begin_round().unwrap();
        let mut written = Vec::new();
        has_end = worker.compute_end(idx, n_workers, &mut |part| written.extend_from_slice(part)).unwrap();
        if has_end {
            let end = sent(|put| worker.write_piece(idx, n_workers, Piece::End, put).unwrap());
            assert!(written == end, "the piece handed on at once is the one of the part");
        }
        worker.compute_rest(idx, n_workers).unwrap();
    }
    let mut distance = 1;
    while distance < n_workers {
        for left in (0..n_workers).filter(|idx| idx & distance == 0) {
            let (head, tail) = workers.split_at_mut(left + distance);
            let (idx, n_parts) = (left / distance, n_workers / distance);
            let pieces = if has_end { &[Piece::End, Piece::Rest][..] } else { &[Piece::Rest] };
            for &piece in pieces {
                exchange(&mut head[left], &mut tail[0], idx, n_parts, piece);
            }
        }
        distance *= 2;
    }
}

/// The first worker leads. Each seventh round is lost on the way: the leader computes it alone, and the others take over
/// its run.
fn together(
    dataset: &Dataset,
    options: &TrainOptions,
    n_workers: usize,
    changes: Changes<'_>,
) -> (Session, TrainProgress) {
    let mut workers: Vec<Session> = (0..n_workers).map(|_| session(dataset)).collect();
    workers[0].start_training(options.clone()).unwrap();
    let mut step = 0;
    for n in 0.. {
        let is_lost = n % 7 == 5;
        let (leader, helpers) = workers.split_first_mut().unwrap();
        change(leader, step, changes);
        if n == 0 || n % 7 == 6 {
            let run = sent_run(leader);
            for helper in helpers {
                let _ = helper.stop_training();
                helper.resume_training::<SerdeJson>(&mut source_of(&run)).unwrap();
            }
        } else {
            helpers.iter_mut().for_each(|worker| change(worker, step, changes));
        }
        let progress = if is_lost {
            round(&mut workers);
            workers[0].train_slice(&mut || true).unwrap()
        } else {
            round(&mut workers);
            let told: Vec<_> = workers
                .iter_mut()
                .map(|worker| {
                    worker.end_round().unwrap();
                    worker.training_progress().unwrap()
                })
                .collect();
            for (worker, progress) in workers.iter().zip(&told) {
                assert_eq!(bits(worker), bits(&workers[0]));
                assert_eq!((progress.step, progress.loss), (told[0].step, told[0].loss));
                assert_eq!(progress.learning_rate, told[0].learning_rate);
            }
            told[0].clone()
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
        for n_workers in [1, 2, 4] {
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
        for n_workers in [1, 2, 4] {
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
    session.begin_round().unwrap();
    for (idx, n_parts) in [(0, 0), (0, 3), (0, 8), (2, 2)] {
        assert_eq!(
            session.compute_end(idx, n_parts, &mut |_| {}).unwrap_err().code(),
            "config",
            "{idx} of {n_parts}"
        );
    }
    let refused = session.take_piece(0, 1, Piece::Rest, &mut |_| {}).unwrap_err().code();
    assert_eq!(refused, "config", "the only part has no neighbor");
}
