//! What a plan promises: no allocation in a step, and the same bits however the work is cut.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

use ocelli::data::augment::{Augmentation, Elastic};
use ocelli::graph::{Graph, Mode, Targets};
use ocelli::model::{LayerSpec, Model, ModelSpec};
use ocelli::ops::{Loss, Padding};
use ocelli::plan::{Plan, Step};
use ocelli::rng::Rng;
use ocelli::train::{InTurn, TrainOptions, Trainer};

use crate::shapes::shapes;

thread_local! {
    static N_ALLOCATIONS: Cell<u64> = const { Cell::new(0) };
}

/// The system's allocator, counting the calls of each thread.
struct Counting;

// SAFETY: everything is left to the system's allocator; a thread-local cell without a destructor allocates
// nothing.
#[allow(unsafe_code)]
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        N_ALLOCATIONS.set(N_ALLOCATIONS.get() + 1);
        // SAFETY: as the caller promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        // SAFETY: as the caller promised.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        N_ALLOCATIONS.set(N_ALLOCATIONS.get() + 1);
        // SAFETY: as the caller promised.
        unsafe { System.realloc(pointer, layout, new_size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn n_allocations(work: impl FnOnce()) -> u64 {
    let before = N_ALLOCATIONS.get();
    work();
    N_ALLOCATIONS.get() - before
}

const LABELS: [&str; 4] = ["upright", "lying", "frame", "square"];

/// Without dropout and batch normalization, which differ between training and inference.
fn plain_spec() -> ModelSpec {
    let residual = LayerSpec::Residual {
        layers: vec![same_conv(6), LayerSpec::Tanh {}, same_conv(6)],
        shortcut: vec![],
    };
    ModelSpec::new([13, 13, 1], &LABELS)
        .conv2d(6, 3)
        .relu()
        .layer(residual)
        .layer(LayerSpec::LeakyRelu { slope: 0.1 })
        .layer(LayerSpec::MaxPool2d { pool_size: 3, stride: Some(2), padding: Padding::Same })
        .conv2d(9, 3)
        .layer(LayerSpec::Sigmoid {})
        .layer(LayerSpec::AveragePool2d { pool_size: 2, stride: None, padding: Padding::Same })
        .flatten()
        .dense(7)
        .relu()
        .dense(4)
}

fn same_conv(filters: usize) -> LayerSpec {
    LayerSpec::Conv2d {
        filters,
        kernel_size: 3,
        stride: 1,
        padding: Padding::Same,
        dilation: 1,
        groups: 1,
        bias: true,
    }
}

/// With every operator that draws random numbers or keeps statistics.
fn full_spec() -> ModelSpec {
    ModelSpec::new([13, 13, 1], &LABELS)
        .conv2d_norm_relu(6, 3, 1, Padding::Same)
        .max_pool2d(2)
        .dropout(0.2)
        .conv2d_norm_relu(10, 3, 2, Padding::Valid)
        .flatten()
        .dropout(0.3)
        .dense(4)
}

fn all_augmentation() -> Augmentation {
    Augmentation {
        shift: 1.5,
        rotate: 10.0,
        scale: [0.9, 1.1],
        stretch: 0.1,
        shear: 5.0,
        elastic: Elastic { strength: 0.5, smoothness: 4.0 },
        flip_horizontal: true,
        erase: 0.2,
        brightness: 0.1,
        contrast: 0.1,
        noise: 0.05,
        thickness: 0.5,
        ..Augmentation::default()
    }
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|x| x.to_bits()).collect()
}

#[test]
fn a_hundred_training_steps_allocate_nothing() {
    let dataset = shapes(150, 13, 1);
    let mut model = Model::create(full_spec(), 1).unwrap();
    // 135 examples in batches of 8: 17 steps an epoch, the last one smaller, then three chunks of validation.
    let options = TrainOptions {
        batch_size: 8,
        epochs: 7,
        augmentation: all_augmentation(),
        ..TrainOptions::default()
    };
    let mut trainer = Trainer::new(&model, &dataset, options).unwrap();
    trainer.advance(&mut model, &dataset, &InTurn).unwrap();
    let n = n_allocations(|| {
        while trainer.step() < 101 {
            trainer.advance(&mut model, &dataset, &InTurn).unwrap();
        }
    });
    assert_eq!(n, 0);
    assert!(trainer.history().len() >= 5, "validations were among the steps");
    assert!(n_allocations(|| drop(Vec::<u8>::with_capacity(1))) == 1, "the counter counts");
}

/// A graph's outputs on `batch` pictures: logits, losses and, of a training plan, the gradient.
fn outcome(graph: &Graph, model: &Model, capacity: usize, batch: usize, mode: Mode) -> [Vec<f32>; 3] {
    let logits = graph.nodes()[graph.output()].inputs[0];
    let mut plan = Plan::compile(graph.clone(), capacity, mode, &[logits]).unwrap();
    let dataset = shapes(capacity, 13, 3);
    // Whatever lies in the rest of the slot must not matter.
    plan.input_mut(0, capacity).fill(7.0);
    for (x, &pixel) in plan.input_mut(0, batch).iter_mut().zip(&dataset.pixels) {
        *x = f32::from(pixel) / 255.0;
    }
    let targets = Targets::Classes(&dataset.labels[..batch]);
    let step = Step { batch, targets, seed: 5, loss_scale: 0.25 };
    let mut state = model.state.clone();
    plan.forward(&model.params, &mut state, step);
    let mut gradient = Vec::new();
    if mode == Mode::Training {
        gradient = vec![0.0; model.params.len()];
        plan.backward(&model.params, step, &mut gradient);
    }
    [plan.value(logits, batch).to_vec(), plan.value(graph.output(), batch).to_vec(), gradient]
}

fn with_loss(model: &Model) -> Graph {
    let mut graph = model.graph().clone();
    graph.push(Loss::cross_entropy(), &[graph.output()]).unwrap();
    graph
}

#[test]
fn training_and_inference_plans_answer_the_same() {
    let model = Model::create(plain_spec(), 2).unwrap();
    for graph in [with_loss(&model), with_loss(&model).fused()] {
        let [logits, losses, _] = outcome(&graph, &model, 5, 5, Mode::Training);
        let [inferred_logits, inferred_losses, _] = outcome(&graph, &model, 5, 5, Mode::Inference);
        assert_eq!(bits(&logits), bits(&inferred_logits));
        assert_eq!(bits(&losses), bits(&inferred_losses));
    }
}

#[test]
fn a_batch_smaller_than_the_plans_gives_the_bits_of_an_exact_plan() {
    for spec in [plain_spec(), full_spec()] {
        let model = Model::create(spec, 3).unwrap();
        let graph = with_loss(&model).fused();
        for batch in 1..=6 {
            let exact = outcome(&graph, &model, batch, batch, Mode::Training).map(|part| bits(&part));
            let part = outcome(&graph, &model, 7, batch, Mode::Training).map(|part| bits(&part));
            assert_eq!(part, exact, "{batch} examples");
        }
    }
}

#[test]
fn folded_activations_change_no_number() {
    let model = Model::create(plain_spec(), 4).unwrap();
    let graph = with_loss(&model);
    let fused = graph.fused();
    assert!(fused.nodes().len() < graph.nodes().len());
    assert_eq!(
        outcome(&fused, &model, 6, 6, Mode::Training),
        outcome(&graph, &model, 6, 6, Mode::Training),
        "0 and -0 are one number"
    );
}

/// Every convolution is followed by relu and a pooling, in either order.
fn pooled_spec() -> ModelSpec {
    ModelSpec::new([13, 13, 1], &LABELS)
        .conv2d(8, 3)
        .relu()
        .max_pool2d(2)
        .layer(same_conv(12))
        .layer(LayerSpec::MaxPool2d { pool_size: 3, stride: Some(2), padding: Padding::Same })
        .relu()
        .layer(same_conv(20))
        .layer(LayerSpec::LeakyRelu { slope: 0.1 })
        .max_pool2d(2)
        .flatten()
        .dense(4)
}

#[test]
fn folded_poolings_change_only_the_order_of_sums() {
    let model = Model::create(pooled_spec(), 5).unwrap();
    let graph = with_loss(&model);
    let fused = graph.fused();
    assert_eq!(fused.nodes().len(), 1 + 3 + 1 + 1 + 1, "input, convolutions, flatten, dense, loss");
    let [plain, folded] = [graph, fused].map(|graph| outcome(&graph, &model, 6, 5, Mode::Training));
    assert_eq!(plain[..2], folded[..2]);
    let scale = plain[2].iter().fold(0.0f32, |scale, d| scale.max(d.abs()));
    for (i, (plain, folded)) in plain[2].iter().zip(&folded[2]).enumerate() {
        assert!((plain - folded).abs() < 2e-6 * scale, "{i}: {plain} {folded}");
    }
}

#[test]
fn a_plan_forgets_what_it_ran_before() {
    let model = Model::create(full_spec(), 6).unwrap();
    let graph = with_loss(&model).fused();
    let logits = graph.nodes()[graph.output()].inputs[0];
    let mut plan = Plan::compile(graph, 4, Mode::Training, &[logits]).unwrap();
    let mut gradients = Vec::new();
    let mut rng = Rng::new(1, 0);
    for round in 0..3 {
        // The first and the last round are the same; the one between is not.
        let batch = if round == 1 { 4 } else { 3 };
        let dataset = shapes(4, 13, round % 2);
        for (x, &pixel) in plan.input_mut(0, batch).iter_mut().zip(&dataset.pixels) {
            *x = f32::from(pixel) / 255.0;
        }
        let step = Step {
            batch,
            targets: Targets::Classes(&dataset.labels[..batch]),
            seed: round % 2,
            loss_scale: 1.0,
        };
        let mut gradient: Vec<f32> = model.params.iter().map(|_| rng.uniform()).collect();
        plan.forward(&model.params, &mut model.state.clone(), step);
        plan.backward(&model.params, step, &mut gradient);
        gradients.push(bits(&gradient));
    }
    assert_eq!(gradients[0], gradients[2]);
    assert_ne!(gradients[0], gradients[1]);
}

#[cfg(not(target_family = "wasm"))]
mod threads {
    use std::thread;

    use ocelli::train::{Executor, Shard};

    use super::*;

    /// A thread for each shard, the last one started first.
    struct OneThreadEach;

    impl Executor for OneThreadEach {
        fn run(&self, shards: &mut [Shard], work: &(dyn Fn(&mut Shard) + Sync)) {
            thread::scope(|scope| {
                for shard in shards.iter_mut().rev() {
                    scope.spawn(move || work(shard));
                }
            });
        }
    }

    fn params_after_20_steps(executor: &dyn Executor, shards: usize) -> (Vec<u32>, Vec<u32>) {
        let dataset = shapes(150, 13, 1);
        let mut model = Model::create(full_spec(), 1).unwrap();
        let augmentation = all_augmentation();
        let options = TrainOptions { batch_size: 15, shards, augmentation, ..TrainOptions::default() };
        let mut trainer = Trainer::new(&model, &dataset, options).unwrap();
        while trainer.step() < 20 {
            trainer.advance(&mut model, &dataset, executor).unwrap();
        }
        (bits(&model.params), bits(&model.state))
    }

    #[test]
    fn the_bits_do_not_depend_on_who_computes_the_shards() {
        let in_turn = params_after_20_steps(&InTurn, 4);
        assert_eq!(params_after_20_steps(&OneThreadEach, 4), in_turn);
        assert_ne!(params_after_20_steps(&InTurn, 1), in_turn, "the cut itself does matter");
    }
}
