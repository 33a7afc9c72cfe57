//! What a run can be told beside its optimizer: each option does what its name says, and nothing when it is off.

use ocelli::data::Dataset;
use ocelli::graph::{Mode, Targets};
use ocelli::model::{Model, ModelSpec, zoo};
use ocelli::ops::{Loss, LossKind};
use ocelli::plan::{Plan, Step};
use ocelli::rng::Rng;
use ocelli::train::class_weights::ClassWeights;
use ocelli::train::finder::{Climb, find_rate};
use ocelli::train::optimizer::OptimizerSpec;
use ocelli::train::schedule::Schedule;
use ocelli::train::{InTurn, TrainOptions, Trainer};

use crate::shapes::drawn_digits;

/// Ends the run as `options` say.
fn run(model: &mut Model, dataset: &Dataset, options: TrainOptions) -> Trainer {
    let mut trainer = Trainer::new(model, dataset, options).unwrap();
    while !trainer.is_finished() {
        trainer.advance(model, dataset, &InTurn).unwrap();
    }
    trainer.finish(model);
    trainer
}

fn tiny() -> Model {
    Model::create(zoo::preset("tiny").unwrap(), 3).unwrap()
}

/// Two epochs of four steps each.
fn short() -> TrainOptions {
    TrainOptions { epochs: 2, batch_size: 50, keep_best: false, ..TrainOptions::default() }
}

#[test]
fn a_batch_of_all_examples_has_the_gradient_of_all_though_it_takes_several_rounds() {
    let (n, mut rng) = (2500, Rng::new(3, 0));
    let pixels: Vec<u8> = (0..n * 6).map(|_| rng.below(256) as u8).collect();
    let labels: Vec<u32> = (0..n).map(|_| rng.below(3)).collect();
    let names = ["a", "b", "c"];
    let dataset = Dataset::new([2, 3, 1], pixels, labels, names.map(String::from).to_vec()).unwrap();
    let mut model = Model::create(ModelSpec::new([2, 3, 1], &names).flatten().dense(3), 1).unwrap();
    let before = model.params.clone();

    let mut graph = model.graph().clone();
    graph.push(Loss::cross_entropy(), &[graph.output()]).unwrap();
    let mut plan = Plan::compile(graph, n, Mode::Training, &[]).unwrap();
    for (x, &pixel) in plan.input_mut(0, n).iter_mut().zip(&dataset.pixels) {
        *x = f32::from(pixel) / 255.0;
    }
    let targets = Targets::Classes(&dataset.labels);
    let step = Step { batch: n, targets, seed: 0, loss_scale: 1.0 / n as f32 };
    let mut gradient = vec![0.0; before.len()];
    plan.forward(&before, &mut [], step);
    plan.backward(&before, step, &mut gradient);

    let options = TrainOptions {
        epochs: 1,
        batch_size: 1_000_000,
        optimizer: OptimizerSpec::Sgd,
        learning_rate: 1.0,
        validation_split: 0.0,
        ..TrainOptions::default()
    };
    let trainer = run(&mut model, &dataset, options);
    assert_eq!(trainer.step(), 1);
    assert_eq!(trainer.metrics().n_examples(), n as u64);
    for ((after, before), d) in model.params.iter().zip(&before).zip(&gradient) {
        assert!((before - after - d).abs() < 1e-6, "{before} to {after}, gradient {d}");
    }
}

#[test]
fn every_loss_is_trained_and_learned() {
    let dataset = drawn_digits(200, 1);
    for (name, loss) in LossKind::NAMES {
        let mut model = tiny();
        let options = TrainOptions { loss, epochs: 12, batch_size: 10, learning_rate: 0.01, ..short() };
        let trainer = run(&mut model, &dataset, options);
        let [first, .., last] = trainer.history() else { panic!("many epochs") };
        assert!(last.loss < 0.9 * first.loss && last.accuracy > 0.5, "{name}: {first:?} {last:?}");
    }
}

#[test]
fn an_average_that_keeps_nothing_is_the_parameters_and_one_that_keeps_is_not() {
    let dataset = drawn_digits(20, 2);
    let ends = [0.0, 1e-12, 0.9].map(|average_decay| {
        let mut model = tiny();
        let trainer = run(&mut model, &dataset, TrainOptions { average_decay, ..short() });
        (model.params, trainer.history().last().copied())
    });
    let distance = |a: &[f32], b: &[f32]| a.iter().zip(b).map(|(a, b)| (a - b).abs()).fold(0.0, f32::max);
    assert!(distance(&ends[0].0, &ends[1].0) < 1e-6);
    assert_eq!(ends[0].1.unwrap().accuracy, ends[2].1.unwrap().accuracy, "the steps go from the parameters");
    assert!(distance(&ends[0].0, &ends[2].0) > 1e-4);
}

#[test]
fn a_run_that_no_longer_improves_ends_when_its_patience_does() {
    let dataset = drawn_digits(100, 2);
    let options = TrainOptions { epochs: 50, learning_rate: 1e-30, patience: 3, ..short() };
    let trainer = run(&mut tiny(), &dataset, options);
    // Running statistics settle in the first epochs, so the first is not always the best.
    let best = trainer.best().unwrap().0;
    assert!(trainer.is_finished() && trainer.history().len() as u32 == best + 3, "{:?}", trainer.best());
    assert!(best < 40);
}

#[test]
fn the_rate_falls_while_the_loss_stands_still() {
    let dataset = drawn_digits(10, 2);
    let schedule = Schedule::Plateau { factor: 0.5, patience: 0, final_factor: 0.125 };
    let spec = ModelSpec::new([28, 28, 1], &zoo::preset("tiny").unwrap().labels).flatten().dense(10);
    let mut model = Model::create(spec, 1).unwrap();
    let options = TrainOptions { epochs: 9, learning_rate: 1e-30, schedule, ..short() };
    let trainer = run(&mut model, &dataset, options);
    assert_eq!(trainer.learning_rate(), 0.125e-30);
}

#[test]
fn frozen_layers_keep_their_numbers_and_the_others_move() {
    let dataset = drawn_digits(20, 2);
    let mut model = tiny();
    let before = model.clone();
    let frozen = ["conv2d_1", "batch_norm_1"].map(String::from).to_vec();
    let optimizer = OptimizerSpec::AdamW { beta1: 0.9, beta2: 0.999, epsilon: 1e-7 };
    let options = TrainOptions { frozen, optimizer, weight_decay: 0.1, l2: 0.1, ..short() };
    run(&mut model, &dataset, options);
    for (node, _, range) in model.graph().param_tensors() {
        let same = model.params[range.clone()] == before.params[range];
        assert_eq!(same, node == "conv2d_1" || node == "batch_norm_1", "{node}");
    }
    for (node, _, range) in model.graph().state_tensors() {
        assert_eq!(model.state[range.clone()] == before.state[range], node == "batch_norm_1", "{node}");
    }
    let unknown = TrainOptions { frozen: vec!["relu_1".into()], ..short() };
    assert_eq!(Trainer::new(&model, &dataset, unknown).unwrap_err().code(), "config");
}

#[test]
fn a_class_of_weight_zero_is_not_learned() {
    let dataset = drawn_digits(200, 1);
    let mut weights = vec![1.0; 10];
    weights[4] = 0.0;
    let mut model = tiny();
    let class_weights = ClassWeights::Given(weights);
    let options = TrainOptions { class_weights, epochs: 12, batch_size: 10, learning_rate: 0.01, ..short() };
    let trainer = run(&mut model, &dataset, options);
    let confusion = trainer.metrics().confusion_rows();
    assert_eq!(confusion[4][4], 0, "{confusion:?}");
    assert!(trainer.metrics().accuracy() > 0.7);
}

#[test]
fn the_rate_that_is_found_trains_and_a_hundred_times_it_does_not() {
    let dataset = drawn_digits(300, 1);
    let options = TrainOptions { optimizer: OptimizerSpec::Sgd, batch_size: 20, ..short() };
    let climb = Climb { low: 1e-5, high: 100.0, n_steps: 120 };
    let range = find_rate(&tiny(), &dataset, options.clone(), climb, &InTurn).unwrap();
    assert!(range.rows.len() < 120, "it ends when the loss climbs");
    assert!(range.rows.is_sorted_by(|one, next| one.learning_rate < next.learning_rate));
    let loss_at = |learning_rate: f32| {
        let mut model = tiny();
        let mut trainer =
            Trainer::new(&model, &dataset, TrainOptions { learning_rate, epochs: 8, ..options.clone() })
                .unwrap();
        while !trainer.is_finished() {
            if trainer.advance(&mut model, &dataset, &InTurn).is_err() {
                return f32::INFINITY;
            }
        }
        trainer.history()[7].loss
    };
    let (found, too_high) = (loss_at(range.suggestion), loss_at((100.0 * range.suggestion).min(100.0)));
    assert!(found < 1.8 && found < 0.8 * too_high, "{} {found} {too_high}", range.suggestion);
}

#[test]
fn mixed_pictures_are_learned_with_higher_losses_and_pictures_alone_still_read() {
    let dataset = drawn_digits(200, 1);
    let histories = [(0.0, 0.0), (0.5, 0.0), (0.0, 0.5)].map(|(mixup, cutmix)| {
        let options =
            TrainOptions { mixup, cutmix, epochs: 15, batch_size: 20, learning_rate: 0.01, ..short() };
        *run(&mut tiny(), &dataset, options).history().last().unwrap()
    });
    for mixed in &histories[1..] {
        assert!(mixed.loss > histories[0].loss + 0.1, "{histories:?}");
        assert!(mixed.validation_accuracy.unwrap() > 0.6, "{histories:?}");
    }
}

#[test]
fn folds_hold_out_each_example_once() {
    let dataset = drawn_digits(60, 1);
    let mut held_out: Vec<u32> = (0..3)
        .flat_map(|fold| {
            let trainer =
                Trainer::new(&tiny(), &dataset, TrainOptions { folds: 3, fold, ..short() }).unwrap();
            trainer.split().validation.clone()
        })
        .collect();
    held_out.sort_unstable();
    assert_eq!(held_out, (0..60).collect::<Vec<u32>>());
}

#[test]
fn examples_that_only_train_are_never_held_out_and_change_nothing_for_the_others() {
    let dataset = drawn_digits(80, 1);
    let found = Dataset::new(
        dataset.shape,
        dataset.pixels[..60 * dataset.example_len()].to_vec(),
        dataset.labels[..60].to_vec(),
        dataset.class_names.clone(),
    )
    .unwrap();
    for options in
        [TrainOptions { validation_split: 0.3, ..short() }, TrainOptions { folds: 4, fold: 2, ..short() }]
    {
        let split = |dataset: &Dataset, training_only: usize| {
            let options = TrainOptions { training_only, ..options.clone() };
            Trainer::new(&tiny(), dataset, options).unwrap().split().clone()
        };
        let (with, without) = (split(&dataset, 20), split(&found, 0));
        assert_eq!(with.validation, without.validation);
        assert!(!with.validation.is_empty());
        assert_eq!(with.training, [without.training, (60..80).collect()].concat());
    }
    let too_many = TrainOptions { training_only: 81, ..short() };
    assert_eq!(Trainer::new(&tiny(), &dataset, too_many).unwrap_err().code(), "config");
}
