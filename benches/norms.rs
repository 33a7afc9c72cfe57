//! What batch normalisation costs a prediction, and what folding it into the convolution before it would save at best:
//! the network against the same one without its normalisations, whose convolutions have a bias instead.
//!
//! ```text
//! cargo bench --bench norms --no-default-features --features every-layer
//! CARGO_TARGET_WASM32_WASIP1_RUNNER='node tests/wasi-runner.mjs' \
//!   cargo bench --bench norms --target wasm32-wasip1 --no-default-features --features every-layer
//! ```
//!
//! Both run in turns, and of each the median counts, so the ratio holds on a machine that is not alone.

use std::time::Instant;

use ocelli::graph::{Mode, Targets};
use ocelli::model::{LayerSpec, Model, ModelSpec, zoo};
use ocelli::plan::{Plan, Step};
use ocelli::rng::Rng;

const N_TURNS: usize = 41;

/// The layers without normalisations; convolutions have a bias.
fn folded(layers: Vec<LayerSpec>) -> Vec<LayerSpec> {
    let fold = |layer| match layer {
        LayerSpec::BatchNorm { .. } => None,
        LayerSpec::Residual { layers, shortcut } => {
            Some(LayerSpec::Residual { layers: folded(layers), shortcut: folded(shortcut) })
        }
        mut layer => {
            if let LayerSpec::Conv2d { bias, .. } | LayerSpec::DepthwiseConv2d { bias, .. } = &mut layer {
                *bias = true;
            }
            Some(layer)
        }
    };
    layers.into_iter().filter_map(fold).collect()
}

struct Subject {
    model: Model,
    plan: Plan,
    seconds: Vec<f64>,
}

impl Subject {
    fn new(spec: ModelSpec, batch: usize) -> Subject {
        let model = Model::create(spec, 1).expect("a network");
        let mut plan = Plan::compile(model.graph().fused(), batch, Mode::Inference, &[]).expect("a plan");
        let mut rng = Rng::new(5, 0);
        plan.input_mut(0, batch).iter_mut().for_each(|value| *value = rng.range(-1.0, 1.0));
        Subject { model, plan, seconds: Vec::new() }
    }

    /// So many predictions as one time.
    fn run(&mut self, batch: usize, n: usize) {
        let step = Step { batch, targets: Targets::None, seed: 0, loss_scale: 0.0 };
        let start = Instant::now();
        for _ in 0..n {
            self.plan.forward(&self.model.params, &mut self.model.state, step);
        }
        self.seconds.push(start.elapsed().as_secs_f64() / n as f64);
    }

    fn median(&mut self) -> f64 {
        self.seconds.sort_by(f64::total_cmp);
        self.seconds[self.seconds.len() / 2]
    }
}

fn main() {
    println!("microseconds a picture, with normalisations and without; the ratio is what folding could gain");
    for name in ["resnet20", "mobilenet", "photos"] {
        for batch in [1, 64] {
            let spec = zoo::preset(name).expect("a preset");
            let without = ModelSpec { layers: folded(spec.layers.clone()), ..spec.clone() };
            let mut subjects = [spec, without].map(|spec| Subject::new(spec, batch));
            for _ in 0..N_TURNS {
                subjects.iter_mut().for_each(|subject| subject.run(batch, 64_usize.div_ceil(4 * batch)));
            }
            let [with, without] = subjects.each_mut().map(|subject| subject.median() * 1e6 / batch as f64);
            println!("{name:<10} batch {batch:>2}  {with:>8.1} {without:>8.1}  {:.3}", with / without);
        }
    }
}
