//! A session as doors use it: broken files, runs that go wrong, what is kept, what is said.

use ocelli::data::Dataset;
use ocelli::data::views::Views;
use ocelli::error::{Error, Limits};
use ocelli::image::strokes::{Point, Stroke};
use ocelli::model::{Model, StorageType, zoo};
use ocelli::rng::Rng;
use ocelli::session::{Evaluation, EvaluationSet, Session, Source, TrainProgress};
use ocelli::train::{TrainChanges, TrainOptions};

use crate::shapes::{drawn_digits, shapes};

const SHAPES_NET: &str = r#"{
    "inputShape": [10, 10, 1], "labels": ["upright", "lying", "frame", "square"],
    "layers": [
        {"type": "conv2d", "filters": 6, "kernelSize": 3}, {"type": "relu"}, {"type": "maxPool2d", "poolSize": 2},
        {"type": "flatten"}, {"type": "dense", "units": 4}
    ]
}"#;

/// Nothing bounds what a linear network computes.
const LINEAR_NET: &str = r#"{
    "inputShape": [10, 10, 1], "labels": ["upright", "lying", "frame", "square"],
    "layers": [{"type": "flatten"}, {"type": "dense", "units": 8}, {"type": "dense", "units": 4}]
}"#;

/// A maximum may answer 0 for what is not a number, and so hide it from the loss.
const DEEP_NET: &str = r#"{
    "inputShape": [10, 10, 1], "labels": ["upright", "lying", "frame", "square"],
    "layers": [
        {"type": "conv2d", "filters": 6, "kernelSize": 3}, {"type": "conv2d", "filters": 6, "kernelSize": 3},
        {"type": "batchNorm"}, {"type": "relu"}, {"type": "maxPool2d", "poolSize": 2}, {"type": "flatten"},
        {"type": "dense", "units": 8}, {"type": "relu"}, {"type": "dense", "units": 4}
    ]
}"#;

fn session(spec: &str, dataset: Dataset) -> Session {
    let mut session = Session::create(spec, 1).unwrap();
    session.set_dataset(dataset).unwrap();
    session
}

fn options(json: &str) -> TrainOptions {
    serde_json::from_str(json).unwrap()
}

/// Trains to the end, a step a call.
fn run(session: &mut Session) -> ocelli::Result<TrainProgress> {
    loop {
        let progress = session.train_slice(&mut || true)?;
        if progress.state == "finished" {
            return Ok(progress);
        }
    }
}

fn evaluated(session: &mut Session, which: EvaluationSet) -> Evaluation {
    let n = session.start_evaluation(which).unwrap();
    loop {
        match session.evaluate_slice(&mut || true).unwrap() {
            Ok(evaluation) => return evaluation,
            Err(n_done) => assert!(n_done < n),
        }
    }
}

fn is_finite(model: &Model) -> bool {
    model.params.iter().chain(&model.state).all(|x| x.is_finite())
}

#[test]
fn broken_model_files_are_refused_with_a_sentence() {
    let sound = Session::create(SHAPES_NET, 1).unwrap().save(StorageType::F32);
    let header_len = u64::from_le_bytes(sound[..8].try_into().unwrap()) as usize;
    let with_header = |from: &str, to: &str| {
        let header = String::from_utf8(sound[8..8 + header_len].to_vec()).unwrap();
        assert!(header.contains(from), "{header}");
        let header = header.replace(from, to);
        [&(header.len() as u64).to_le_bytes()[..], header.as_bytes(), &sound[8 + header_len..]].concat()
    };
    assert!(Session::load(&with_header("upright", "upright"), &Limits::default()).is_ok());
    let cases: [(&str, Vec<u8>, &str); 12] = [
        ("nothing", vec![], "format"),
        ("text", b"these are not the weights you are looking for".to_vec(), "format"),
        ("a header longer than the address space", vec![0xff; 64], "format"),
        ("half a file", sound[..sound.len() / 2].to_vec(), "format"),
        ("a byte too much", [&sound[..], &[0]].concat(), "format"),
        ("no description", with_header("\"ocelli\"", "\"others\""), "format"),
        ("an unknown layer", with_header(r#"maxPool2d"#, r#"fancyPool"#), "format"),
        ("another number of filters", with_header(r#"\"filters\":6"#, r#"\"filters\":7"#), "format"),
        ("another data type", with_header(r#""F32""#, r#""I32""#), "format"),
        ("a network of 4 billion inputs", with_header(r#"[10,10,1]"#, r#"[65536,65536,1]"#), "config"),
        ("a network of 3 labels", with_header(r#",\"square\""#, ""), "shape"),
        ("a dense layer too large", with_header(r#"\"filters\":6"#, r#"\"filters\":4000000000"#), "limit"),
    ];
    for (what, bytes, code) in cases {
        let error = Session::load(&bytes, &Limits::default()).expect_err(what);
        assert_eq!(error.code(), code, "{what}: {error}");
        assert!(error.to_string().ends_with('.'), "{error}");
    }
    let small = Limits { file_bytes: 100, ..Limits::default() };
    assert_eq!(Session::load(&sound, &small).unwrap_err().code(), "limit");
}

#[test]
fn a_run_that_diverges_stops_and_leaves_finite_weights() {
    let cases = [
        (LINEAR_NET, r#"{"optimizer": {"type": "sgd"}, "learningRate": 100, "epochs": 50}"#),
        // Here every step is an epoch, so every step's weights could be taken for good ones.
        (
            LINEAR_NET,
            r#"{"optimizer": {"type": "momentum"}, "learningRate": 100, "epochs": 500, "batchSize": 40,
                "validationSplit": 0}"#,
        ),
    ];
    for (spec, json) in cases {
        let mut session = session(spec, shapes(40, 10, 1));
        session.start_training(options(json)).unwrap();
        let error = run(&mut session).expect_err(json);
        assert!(matches!(*error, Error::NonFinite { step, .. } if step > 0), "{error:?}");
        assert!(is_finite(session.model()), "{json}");
        // The session goes on: the file loads, and another run may start.
        assert!(Session::load(&session.save(StorageType::F32), &Limits::default()).is_ok());
        session.start_training(options(r#"{"epochs": 1}"#)).unwrap();
    }
}

#[test]
fn the_weights_of_a_run_are_finite_whenever_it_is_stopped() {
    for (learning_rate, batch_size) in [(1.0, 8), (100.0, 8), (100.0, 40)] {
        for spec in [SHAPES_NET, LINEAR_NET, DEEP_NET] {
            for n_steps in [1, 2, 3, 5, 8, 13, 30] {
                let mut session = session(spec, shapes(40, 10, 1));
                let json = format!(
                    r#"{{"optimizer": {{"type": "sgd"}}, "learningRate": {learning_rate}, "keepBest": false,
                        "batchSize": {batch_size}, "validationSplit": 0}}"#
                );
                session.start_training(options(&json)).unwrap();
                let failed = (0..n_steps).any(|_| session.train_slice(&mut || true).is_err());
                if !failed {
                    session.stop_training().unwrap();
                }
                assert!(is_finite(session.model()), "{json}, {n_steps} steps");
            }
        }
    }
}

/// So strong a decay throws every weight a thousand times as far to the other side; the inputs are so small that
/// weights leave the range of numbers while the loss still lies in it.
#[test]
fn weights_that_are_no_numbers_stop_a_run_whatever_the_loss_says() {
    let spec = r#"{"inputShape": [10, 10, 1], "labels": ["upright", "lying", "frame", "square"],
        "preprocessing": {"standardDeviation": [1e6]},
        "layers": [{"type": "flatten"}, {"type": "dense", "units": 4}]}"#;
    for validation_split in [0.0, 0.5] {
        for n_steps in 1..20 {
            let mut session = session(spec, shapes(40, 10, 1));
            let json = format!(
                r#"{{"optimizer": {{"type": "sgd"}}, "learningRate": 100, "weightDecay": 10, "batchSize": 40,
                    "validationSplit": {validation_split}, "keepBest": false, "epochs": {n_steps}}}"#
            );
            session.start_training(options(&json)).unwrap();
            let outcome = run(&mut session);
            assert!(is_finite(session.model()), "{n_steps} steps");
            assert_eq!(outcome.is_err(), n_steps > 13, "{n_steps} steps: {outcome:?}");
        }
    }
}

#[test]
fn the_weights_of_the_best_epoch_are_kept_also_when_stopped() {
    // So high a rate that accuracy goes up and down.
    let json = r#"{"epochs": 12, "batchSize": 8, "learningRate": 0.05, "validationSplit": 0.4}"#;
    for stop_after in [7, 12] {
        let mut session = session(SHAPES_NET, shapes(60, 10, 2));
        session.start_training(options(json)).unwrap();
        let mut history = Vec::new();
        let last = loop {
            let progress = session.train_slice(&mut || false).unwrap();
            history.extend(progress.history.clone());
            if progress.state == "finished" {
                break progress;
            }
            if history.len() == stop_after {
                break session.stop_training().unwrap();
            }
        };
        assert_eq!(last.state, "finished");
        assert_eq!(history.len(), stop_after);
        let best = history.iter().map(|epoch| epoch.validation_accuracy.unwrap()).fold(0.0, f32::max);
        assert_eq!(last.best_validation_accuracy, Some(best));
        let epoch = &history[last.best_epoch.unwrap() as usize - 1];
        assert_eq!(epoch.validation_accuracy, Some(best));
        let evaluation = evaluated(&mut session, EvaluationSet::Validation);
        assert_eq!(evaluation.accuracy, best, "{history:?}");
        assert!((evaluation.loss - epoch.validation_loss.unwrap()).abs() <= 1e-5 * evaluation.loss);
    }
}

#[test]
fn without_keep_best_the_last_weights_stay() {
    let json =
        r#"{"epochs": 4, "batchSize": 8, "learningRate": 0.05, "validationSplit": 0.4, "keepBest": false}"#;
    let mut session = session(SHAPES_NET, shapes(60, 10, 2));
    session.start_training(options(json)).unwrap();
    let last = run(&mut session).unwrap().history.pop().unwrap();
    let evaluation = evaluated(&mut session, EvaluationSet::Validation);
    assert_eq!(Some(evaluation.accuracy), last.validation_accuracy);
}

#[test]
fn an_evaluation_is_what_the_predictions_add_up_to() {
    let dataset = shapes(90, 10, 3);
    let mut session = session(SHAPES_NET, dataset.clone());
    session.start_training(options(r#"{"epochs": 2, "batchSize": 8, "learningRate": 0.005}"#)).unwrap();
    run(&mut session).unwrap();
    let evaluation = evaluated(&mut session, EvaluationSet::All);
    let mut confusion = vec![vec![0; 4]; 4];
    let (mut loss, mut n_within) = (0.0, [0.0f32; 2]);
    for i in 0..dataset.len() {
        let prediction = session.predict(Source::Prepared(dataset.example(i)), 4).unwrap();
        let label = dataset.labels[i] as usize;
        let place = prediction.classes.iter().position(|class| class.index == label).unwrap();
        confusion[label][prediction.classes[0].index] += 1;
        loss -= f64::from(prediction.classes[place].confidence).ln() / 90.0;
        for (n, k) in n_within.iter_mut().zip([2, 3]) {
            *n += if place < k { 1.0 } else { 0.0 };
        }
        let total: f32 = prediction.classes.iter().map(|class| class.confidence).sum();
        assert!((total - 1.0).abs() < 1e-5, "{prediction:?}");
        assert!(prediction.classes.is_sorted_by(|a, b| a.confidence >= b.confidence));
    }
    assert_eq!(evaluation.n_examples, 90);
    assert_eq!(evaluation.confusion, confusion);
    let n_right: u32 = (0..4).map(|class| confusion[class][class]).sum();
    assert_eq!(evaluation.accuracy, n_right as f32 / 90.0);
    assert_eq!(evaluation.top_k, n_within.map(|n| n / 90.0));
    assert!((f64::from(evaluation.loss) - loss).abs() < 1e-4 * loss, "{} {loss}", evaluation.loss);
    assert!(n_right > 30 && n_right < 90, "{n_right} right: neither all nor by chance");
}

#[test]
fn a_saved_and_loaded_model_predicts_the_same() {
    let model = Model::create(zoo::preset("tiny").unwrap(), 4).unwrap();
    let mut first = Session::new(model).unwrap();
    first.set_dataset(drawn_digits(80, 1)).unwrap();
    first.start_training(options(r#"{"epochs": 2, "batchSize": 16}"#)).unwrap();
    run(&mut first).unwrap();
    let bytes = first.save(StorageType::F32);
    let mut again = Session::load(&bytes, &Limits::default()).unwrap();
    assert_eq!(again.save(StorageType::F32), bytes);
    let mut half = Session::load(&first.save(StorageType::F16), &Limits::default()).unwrap();
    let stroke: Stroke = [(30.0, 10.0), (80.0, 10.0), (50.0, 90.0)].map(|(x, y)| Point { x, y }).to_vec();
    let strokes = [stroke];
    let mut rng = Rng::new(8, 0);
    let noise: Vec<u8> = (0..28 * 28).map(|_| rng.next_u32() as u8).collect();
    for source in [Source::Strokes(&strokes), Source::Prepared(&noise)] {
        let prediction = first.predict(source, 10).unwrap();
        assert_eq!(again.predict(source, 10).unwrap(), prediction);
        let nearly = half.predict(source, 10).unwrap();
        for class in &prediction.classes {
            let other = nearly.classes.iter().find(|other| other.index == class.index).unwrap();
            assert!((other.confidence - class.confidence).abs() < 0.01, "{class:?} {other:?}");
        }
    }
}

#[test]
fn predictions_and_evaluations_during_training_change_nothing() {
    let json = r#"{"epochs": 3, "batchSize": 8, "learningRate": 0.01}"#;
    let mut bytes = Vec::new();
    for disturbed in [false, true] {
        let dataset = shapes(60, 10, 2);
        let example = dataset.example(3).to_vec();
        let mut session = session(SHAPES_NET, dataset);
        session.start_training(options(json)).unwrap();
        while session.train_slice(&mut || true).unwrap().state == "running" {
            if disturbed {
                session.predict(Source::Prepared(&example), 2).unwrap();
                evaluated(&mut session, EvaluationSet::Validation);
            }
        }
        bytes.push(session.save(StorageType::F32));
    }
    assert!(bytes[0] == bytes[1]);
}

#[test]
fn calls_out_of_turn_say_what_has_to_come_first() {
    let mut session = Session::create(SHAPES_NET, 1).unwrap();
    assert_eq!(session.start_training(TrainOptions::default()).unwrap_err().code(), "state");
    assert_eq!(session.train_slice(&mut || true).unwrap_err().code(), "state");
    assert_eq!(session.stop_training().unwrap_err().code(), "state");
    let faster = TrainChanges { learning_rate: Some(0.5), ..TrainChanges::default() };
    assert_eq!(session.change_training(&faster).unwrap_err().code(), "state");
    assert_eq!(session.start_evaluation(EvaluationSet::All).unwrap_err().code(), "state");
    assert_eq!(session.evaluate_slice(&mut || true).unwrap_err().code(), "state");
    assert_eq!(session.set_dataset(shapes(8, 9, 1)).unwrap_err().code(), "shape");
    let mut five = shapes(8, 10, 1);
    five.class_names.push("other".into());
    five.labels[0] = 4;
    assert_eq!(session.set_dataset(five).unwrap_err().code(), "label");
    session.set_dataset(shapes(40, 10, 1)).unwrap();
    session.start_training(TrainOptions::default()).unwrap();
    assert_eq!(session.start_training(TrainOptions::default()).unwrap_err().code(), "state");
    assert_eq!(session.set_dataset(shapes(40, 10, 1)).unwrap_err().code(), "state");
    let none = TrainChanges::default();
    for wrong in [
        TrainChanges { learning_rate: Some(f32::NAN), ..none },
        TrainChanges { batch_size: Some(0), ..none },
        TrainChanges { beta1: Some(1.0), ..none },
        // The run's optimizer is Adam.
        TrainChanges { momentum: Some(0.5), ..none },
        // All or none.
        TrainChanges { momentum: Some(0.5), ..faster },
    ] {
        assert_eq!(session.change_training(&wrong).unwrap_err().code(), "config", "{wrong:?}");
    }
    let before = session.change_training(&none).unwrap().in_force;
    assert_eq!((before.learning_rate, before.batch_size, before.beta1), (1e-3, 32, Some(0.9)));
    assert_eq!(session.change_training(&faster).unwrap().in_force.learning_rate, 0.5);
    assert_eq!(session.train_slice(&mut || true).unwrap().learning_rate, 0.5);
}

#[test]
fn an_evaluation_of_several_views_is_by_the_mean_of_their_probabilities() {
    let dataset = shapes(40, 10, 5);
    let mut session = session(SHAPES_NET, dataset.clone());
    for views in [Views { mirror: true, shift: 1 }, Views::default()] {
        let (mut n_right, mut loss) = (0, 0.0);
        for (i, &label) in dataset.labels.iter().enumerate() {
            let prediction = session.predict_views(Source::Prepared(dataset.example(i)), 4, &views).unwrap();
            let sum: f32 = prediction.classes.iter().map(|class| class.confidence).sum();
            assert!((sum - 1.0).abs() < 1e-5, "{sum}");
            n_right += usize::from(prediction.classes[0].index == label as usize);
            let right = prediction.classes.iter().find(|class| class.index == label as usize).unwrap();
            loss -= f64::from(right.confidence.ln()) / dataset.len() as f64;
        }
        session.start_evaluation_of(EvaluationSet::All, views).unwrap();
        let evaluation = session.evaluate_slice(&mut || false).unwrap().unwrap();
        assert_eq!(evaluation.accuracy, n_right as f32 / dataset.len() as f32);
        assert!((f64::from(evaluation.loss) - loss).abs() < 1e-5, "{} {loss}", evaluation.loss);
    }
    let plain = evaluated(&mut session, EvaluationSet::All).loss;
    session.start_evaluation_of(EvaluationSet::All, Views { mirror: false, shift: 2 }).unwrap();
    assert_ne!(session.evaluate_slice(&mut || false).unwrap().unwrap().loss, plain);
}
