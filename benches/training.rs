//! Speed of whole networks, one thread, natively and in wasm: images a second in training steps, and the time
//! of one prediction.
//!
//! ```text
//! cargo xtask bench --bench training [-- WORD…]       only lines that contain a word
//! CARGO_TARGET_WASM32_WASIP1_RUNNER='node tests/wasi-runner.mjs' \
//!   cargo bench --bench training --target wasm32-wasip1 --no-default-features --features train
//! ```
//!
//! A step is what `Trainer::advance` does: batch preparation, forward, backward, Adam, metrics. Each figure is
//! that of the best of several rounds of some steps, after a few hundred steps of learning, since how many
//! gradients are zero changes with them.

use std::hint::black_box;
use std::time::{Duration, Instant};

use ocelli::data::Dataset;
use ocelli::model::{LayerSpec, Model, ModelSpec, zoo};
use ocelli::ops::Padding;
use ocelli::rng::{Rng, mix};
use ocelli::session::{Session, Source};
use ocelli::train::{InTurn, TrainOptions, Trainer};

const WARM_UP: Duration = Duration::from_millis(1500);
const ROUND: Duration = Duration::from_millis(100);
const N_ROUNDS: usize = 25;

/// Pictures of one smooth pattern a class, each with noise, dark where the pattern is low.
fn pictures(shape: [usize; 3], n_classes: usize, n: usize) -> Dataset {
    let [h, w, c] = shape;
    let mut pixels = Vec::with_capacity(n * h * w * c);
    for i in 0..n {
        let class = (i % n_classes) as f32;
        let mut rng = Rng::new(mix(&[3, i as u64]), 0);
        for place in 0..h * w * c {
            let (y, x, channel) = (place / c / w, place / c % w, place % c);
            let angle = class * 0.6 + channel as f32;
            let wave = (0.5 * (x as f32 * angle.cos() + y as f32 * angle.sin())).sin();
            pixels.push((200.0 * (wave - 0.1).max(0.0) + rng.range(0.0, 40.0)) as u8);
        }
    }
    let labels = (0..n).map(|i| (i % n_classes) as u32).collect();
    let names = (0..n_classes).map(|class| class.to_string()).collect();
    Dataset::new(shape, pixels, labels, names).expect("whole pictures")
}

fn block(layers: &[(usize, usize)], shortcut: &[(usize, usize, usize)]) -> LayerSpec {
    let conv = |filters, kernel_size, stride| LayerSpec::Conv2d {
        filters,
        kernel_size,
        stride,
        padding: Padding::Same,
        dilation: 1,
        groups: 1,
        bias: false,
    };
    let norm = LayerSpec::BatchNorm { momentum: 0.9, epsilon: 1e-5 };
    let mut inner = Vec::new();
    for (i, &(filters, stride)) in layers.iter().enumerate() {
        if i > 0 {
            inner.push(LayerSpec::Relu {});
        }
        inner.extend([conv(filters, 3, stride), norm.clone()]);
    }
    let around = shortcut
        .iter()
        .flat_map(|&(filters, kernel, stride)| [conv(filters, kernel, stride), norm.clone()])
        .collect();
    LayerSpec::Residual { layers: inner, shortcut: around }
}

/// ResNet-8: one block each of 16, 32 and 64 filters on 32 × 32 color pictures.
fn resnet() -> ModelSpec {
    let labels: Vec<String> = (0..10).map(|class| class.to_string()).collect();
    ModelSpec::new([32, 32, 3], &labels)
        .conv2d_norm_relu(16, 3, 1, Padding::Same)
        .layer(block(&[(16, 1), (16, 1)], &[]))
        .relu()
        .layer(block(&[(32, 2), (32, 1)], &[(32, 1, 2)]))
        .relu()
        .layer(block(&[(64, 2), (64, 1)], &[(64, 1, 2)]))
        .relu()
        .global_average_pool2d()
        .dense(10)
}

/// Seconds of one call: the best round, each of as many calls as fill it.
fn seconds(mut call: impl FnMut()) -> f64 {
    let (start, mut n_calls) = (Instant::now(), 0u32);
    while start.elapsed() < WARM_UP {
        call();
        n_calls += 1;
    }
    let n_calls = (f64::from(n_calls) * ROUND.as_secs_f64() / WARM_UP.as_secs_f64()).ceil() as u32;
    (0..N_ROUNDS)
        .map(|_| {
            let start = Instant::now();
            (0..n_calls).for_each(|_| call());
            start.elapsed().as_secs_f64() / f64::from(n_calls)
        })
        .fold(f64::INFINITY, f64::min)
}

fn train(words: &[String], name: &str, spec: &ModelSpec, batch_size: usize) {
    let line = format!("{name} train b{batch_size}");
    if !words.is_empty() && !words.iter().any(|word| line.contains(word.as_str())) {
        return;
    }
    let mut model = Model::create(spec.clone(), 1).expect("a network");
    let dataset = pictures(spec.input_shape, spec.labels.len(), 2048);
    let options =
        TrainOptions { batch_size, epochs: 10_000, validation_split: 0.0, ..TrainOptions::default() };
    let mut trainer = Trainer::new(&model, &dataset, options).expect("a run");
    let time = seconds(|| trainer.advance(&mut model, &dataset, &InTurn).expect("a step"));
    let speed = batch_size as f64 / time;
    println!("{line:<32} {speed:>8.0} images/s {:>9.1} us an image", 1e6 / speed);
}

fn predict(words: &[String], name: &str, spec: &ModelSpec) {
    let line = format!("{name} predict b1");
    if !words.is_empty() && !words.iter().any(|word| line.contains(word.as_str())) {
        return;
    }
    let mut session = Session::new(Model::create(spec.clone(), 1).expect("a network")).expect("a session");
    let dataset = pictures(spec.input_shape, spec.labels.len(), 1);
    let time = seconds(|| {
        black_box(session.predict(Source::Prepared(&dataset.pixels), 3).expect("a prediction"));
    });
    println!("{line:<32} {:>8.1} us", time * 1e6);
}

fn main() {
    let words: Vec<String> = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let preset = |name: &str| zoo::preset(name).expect("a preset");
    let networks = [
        ("keras-cnn", preset("keras-cnn")),
        ("three-channel", preset("three-channel")),
        ("digits", preset("digits")),
        ("resnet-8", resnet()),
    ];
    for (name, spec) in &networks {
        train(&words, name, spec, 32);
        train(&words, name, spec, 64);
        predict(&words, name, spec);
    }
}
