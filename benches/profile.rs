//! Where a training step's time goes, node by node: the time of each in its forward and backward pass, one thread,
//! natively and in wasm.
//!
//! ```text
//! cargo bench --bench profile --no-default-features --features train,every-layer -- PRESET [EXAMPLES] [STEPS]
//! CARGO_TARGET_WASM32_WASIP1_RUNNER='node tests/wasi-runner.mjs' \
//!   cargo bench --bench profile --target wasm32-wasip1 --no-default-features --features train,every-layer -- PRESET
//! ```
//!
//! The network is fused and runs on 8 examples, a shard's at batch 32, unless told otherwise. Of each node the best
//! time of all steps counts, so the sums are a step's that nothing disturbed.

use std::time::Instant;

use ocelli::graph::{Graph, Mode, Targets};
use ocelli::model::{Model, zoo};
use ocelli::ops::Loss;
use ocelli::plan::{Plan, Step};
use ocelli::rng::Rng;

const N_STEPS: usize = 30;

/// Best times in seconds.
struct Times {
    forward: Vec<f64>,
    backward: Vec<f64>,
}

fn measure(model: &Model, graph: Graph, batch: usize, n_steps: usize) -> Times {
    let n_nodes = graph.nodes().len();
    let input_len = batch * graph.nodes()[0].len();
    let n_classes = model.spec().labels.len() as u32;
    let mut plan = Plan::compile(graph, batch, Mode::Training, &[]).expect("a plan");
    let (mut params, mut state) = (model.params.clone(), model.state.clone());
    let mut d_params = vec![0.0; params.len()];
    let mut rng = Rng::new(5, 0);
    let classes: Vec<u32> = (0..batch as u32).map(|i| i % n_classes).collect();
    let mut times = Times { forward: vec![f64::INFINITY; n_nodes], backward: vec![f64::INFINITY; n_nodes] };
    for seed in 0..n_steps as u64 {
        let pixels: Vec<f32> = (0..input_len).map(|_| rng.range(-1.0, 1.0)).collect();
        plan.input_mut(0, batch).copy_from_slice(&pixels);
        let step = Step { batch, targets: Targets::Classes(&classes), seed, loss_scale: 1.0 / batch as f32 };
        let mut last = Instant::now();
        let mut note = |times: &mut [f64], id: usize| {
            let now = Instant::now();
            times[id] = times[id].min((now - last).as_secs_f64());
            last = now;
        };
        plan.forward_observed(&params, &mut state, step, |id| note(&mut times.forward, id));
        plan.backward_observed(&params, step, &mut d_params, |id| note(&mut times.backward, id));
        params.iter_mut().zip(&d_params).for_each(|(param, d_param)| *param -= 0.01 * d_param);
    }
    times
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let name = words.first().map_or("resnet20", String::as_str);
    let number =
        |place: usize, default| words.get(place).map_or(default, |word| word.parse().expect("a number"));
    let (batch, n_steps) = (number(1, 8), number(2, N_STEPS));
    let model = Model::create(zoo::preset(name).expect("a preset"), 1).expect("a network");
    let mut graph = model.graph().clone();
    let logits = graph.output();
    graph.push(Loss::cross_entropy(), &[logits]).expect("a loss");
    let graph = graph.fused();
    let times = measure(&model, graph.clone(), batch, n_steps);

    println!("{name}, {batch} examples: us forward and backward, GF/s of each (backward counted twice)");
    let mut kinds: Vec<(&str, f64, f64)> = Vec::new();
    for ((node, row), (forward, backward)) in
        graph.nodes().iter().zip(graph.summary()).zip(times.forward.iter().zip(&times.backward))
    {
        if forward.is_infinite() {
            continue;
        }
        let backward = if backward.is_infinite() { 0.0 } else { *backward };
        let gigaflops = 2e-9 * (row.multiply_adds * batch as u64) as f64;
        println!(
            "{:<28} {:<16} {:>9.1} {:>9.1} {:>6.1} {:>6.1}",
            node.name,
            format!("{:?}", node.shape),
            forward * 1e6,
            backward * 1e6,
            gigaflops / forward,
            2.0 * gigaflops / backward
        );
        let kind = match kinds.iter().position(|kind| kind.0 == row.kind) {
            Some(kind) => kind,
            None => {
                kinds.push((row.kind, 0.0, 0.0));
                kinds.len() - 1
            }
        };
        kinds[kind].1 += forward;
        kinds[kind].2 += backward;
    }
    let total: f64 = kinds.iter().map(|kind| kind.1 + kind.2).sum();
    println!("--- by kind: us forward, backward, share of {:.1} us", total * 1e6);
    for (kind, forward, backward) in kinds {
        let share = 100.0 * (forward + backward) / total;
        println!("{kind:<28} {:>9.1} {:>9.1} {share:>5.1} %", forward * 1e6, backward * 1e6);
    }
}
