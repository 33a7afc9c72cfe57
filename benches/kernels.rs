//! Speed of the kernels at the shapes of small picture networks, natively and in wasm:
//!
//! ```text
//! cargo xtask bench --bench kernels [-- WORD…]       only lines that contain a word
//! CARGO_TARGET_WASM32_WASIP1_RUNNER='node tests/wasi-runner.mjs' \
//!   cargo bench --bench kernels --target wasm32-wasip1 --no-default-features
//! ```
//!
//! GF/s are 2 · multiply-adds per second, padding left out. The peak is that of four lanes without fused
//! multiply-add, measured in the same run. Each figure is the best of several rounds.

use ocelli::kernels::activation::Activation;
use ocelli::kernels::conv2d::{Conv2d, Filters};
use ocelli::kernels::gemm::Gemm;
use ocelli::kernels::pool::Pool2d;
use ocelli::kernels::simd::F32x4;
use ocelli::kernels::{elementwise, reduce};
use ocelli::rng::Rng;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Time spent on one round of a line.
const ROUND: Duration = Duration::from_millis(3);
const WARM_UP: Duration = Duration::from_millis(60);
const N_ROUNDS: usize = 50;

/// Seconds of one call: the best round, each of as many calls as fill it.
fn seconds(mut call: impl FnMut()) -> f64 {
    // Browsers' engines compile a function twice; the second time takes a while.
    let mut n_calls = 0u32;
    let start = Instant::now();
    while start.elapsed() < WARM_UP {
        call();
        n_calls += 1;
    }
    let n_calls = (n_calls / (WARM_UP.as_millis() / ROUND.as_millis()) as u32).max(1);
    (0..N_ROUNDS)
        .map(|_| {
            let start = Instant::now();
            (0..n_calls).for_each(|_| call());
            start.elapsed().as_secs_f64() / f64::from(n_calls)
        })
        .fold(f64::INFINITY, f64::min)
}

/// GF/s of twelve independent chains of multiplication and addition in registers.
fn peak() -> f64 {
    const STEPS: u64 = 4_000;
    #[inline(never)]
    fn chains(a: F32x4, b: F32x4) -> [F32x4; 12] {
        let mut sums = [b; 12];
        for (i, sum) in sums.iter_mut().enumerate() {
            *sum = F32x4::splat(i as f32);
        }
        for _ in 0..STEPS {
            for sum in &mut sums {
                *sum = sum.mul(a).add(b);
            }
        }
        sums
    }
    let time = seconds(|| {
        black_box(chains(black_box(F32x4::splat(0.5)), black_box(F32x4::splat(1.0))));
    });
    (STEPS * 12 * 4) as f64 * 2.0 / time / 1e9
}

struct Report {
    words: Vec<String>,
    peak: f64,
}

impl Report {
    /// Prints `name` with the speed of `call`, which does `multiply_adds`.
    fn line(&self, name: &str, multiply_adds: f64, call: impl FnMut()) {
        if !self.words.is_empty() && !self.words.iter().any(|word| name.contains(word.as_str())) {
            return;
        }
        let time = seconds(call);
        let speed = 2.0 * multiply_adds / time / 1e9;
        println!("{name:<44} {:>9.2} us {speed:>7.2} GF/s {:>4.0} %", time * 1e6, 100.0 * speed / self.peak);
    }

    /// Prints `name` with the floats a second that `call` passes over.
    fn pass(&self, name: &str, n_floats: usize, call: impl FnMut()) {
        if !self.words.is_empty() && !self.words.iter().any(|word| name.contains(word.as_str())) {
            return;
        }
        let time = seconds(call);
        println!("{name:<44} {:>9.2} us {:>7.2} G floats/s", time * 1e6, n_floats as f64 / time / 1e9);
    }
}

/// Lengths and shapes are kept from the compiler: in a network it does not know them, and a loop of a known length it unrolls.
fn random(len: usize) -> Vec<f32> {
    let mut rng = Rng::new(7, len as u64);
    black_box((0..len).map(|_| rng.range(-1.0, 1.0)).collect())
}

fn zeros(len: usize) -> Vec<f32> {
    black_box(vec![0.0; len])
}

/// A square convolution of `kernel` cells; `same` or valid padding as in Keras.
fn square(size: usize, in_c: usize, out_c: usize, kernel: usize, stride: usize, same: bool) -> Conv2d {
    let out = if same { size.div_ceil(stride) } else { (size - kernel) / stride + 1 };
    let pad = if same { ((out - 1) * stride + kernel).saturating_sub(size) / 2 } else { 0 };
    black_box(Conv2d {
        in_h: size,
        in_w: size,
        in_c,
        out_h: out,
        out_w: out,
        out_c,
        kernel_h: kernel,
        kernel_w: kernel,
        stride_h: stride,
        stride_w: stride,
        pad_top: pad,
        pad_left: pad,
        dilation_h: 1,
        dilation_w: 1,
    })
}

fn conv(report: &Report, name: &str, conv: Conv2d, batch: usize) {
    let x = random(batch * conv.in_h * conv.in_w * conv.in_c);
    let filters = random(conv.kernel_h * conv.kernel_w * conv.in_c * conv.out_c);
    let bias = random(conv.out_c);
    let d_y = random(batch * conv.out_h * conv.out_w * conv.out_c);
    let mut y = zeros(d_y.len());
    let mut scratch = zeros(conv.forward_scratch_len(batch).max(conv.backward_scratch_len(batch)));
    let (mut d_x, mut d_filters) = (zeros(x.len()), zeros(filters.len()));
    let work = conv.multiply_adds() as f64 * batch as f64;
    report.line(&format!("conv {name} forward b{batch}"), work, || {
        conv.forward(
            batch,
            &x,
            Filters::Plain(&filters),
            Some(&bias),
            Activation::Relu,
            &mut scratch,
            black_box(&mut y),
        );
    });
    report.line(&format!("conv {name} d_filters b{batch}"), work, || {
        conv.backward_filters(batch, &x, &d_y, &mut scratch, black_box(&mut d_filters));
    });
    report.line(&format!("conv {name} d_input b{batch}"), work, || {
        conv.backward_input(batch, &d_y, &filters, &mut scratch, black_box(&mut d_x));
    });
}

fn dense(report: &Report, n_in: usize, units: usize, batch: usize) {
    let (n_in, units, batch) = black_box((n_in, units, batch));
    let forward =
        Gemm { m: batch, n: units, k: n_in, a_transposed: false, b_transposed: false, accumulate: false };
    let weights =
        Gemm { m: n_in, n: units, k: batch, a_transposed: true, b_transposed: false, accumulate: true };
    let input =
        Gemm { m: batch, n: n_in, k: units, a_transposed: false, b_transposed: true, accumulate: true };
    let scratch_len = forward.scratch_len().max(weights.scratch_len()).max(input.scratch_len());
    let (x, w, bias, d_y) =
        (random(batch * n_in), random(n_in * units), random(units), random(batch * units));
    let (mut y, mut d_w, mut d_x) = (zeros(batch * units), zeros(n_in * units), zeros(batch * n_in));
    let mut scratch = zeros(scratch_len);
    let work = (batch * n_in * units) as f64;
    let none = Activation::None;
    report.line(&format!("dense {n_in}->{units} forward b{batch}"), work, || {
        forward.run(&x, &w, Some(&bias), Activation::Relu, &mut scratch, black_box(&mut y));
    });
    report.line(&format!("dense {n_in}->{units} d_weights b{batch}"), work, || {
        weights.run(&x, &d_y, None, none, &mut scratch, black_box(&mut d_w));
    });
    report.line(&format!("dense {n_in}->{units} d_input b{batch}"), work, || {
        input.run(&d_y, &w, None, none, &mut scratch, black_box(&mut d_x));
    });
}

fn passes(report: &Report) {
    let (batch, channels) = black_box((8, 32));
    let pool = black_box(Pool2d {
        in_h: 26,
        in_w: 26,
        channels: 32,
        out_h: 13,
        out_w: 13,
        pool_h: 2,
        pool_w: 2,
        stride_h: 2,
        stride_w: 2,
        pad_top: 0,
        pad_left: 0,
    });
    let x = random(batch * 26 * 26 * 32);
    let d_y = random(batch * 13 * 13 * 32);
    let (mut y, mut d_x) = (zeros(d_y.len()), zeros(x.len()));
    let n = x.len();
    let mut winners = zeros(y.len());
    report.pass("max pool 2 26x26x32 forward", n, || {
        pool.max_forward(batch, &x, black_box(&mut y), &mut winners);
    });
    report.pass("max pool 2 26x26x32 backward", n, || {
        pool.max_backward(batch, &winners, &d_y, black_box(&mut d_x));
    });
    report.pass("average pool 2 26x26x32 forward", n, || pool.average_forward(batch, &x, black_box(&mut y)));
    report.pass("average pool 2 26x26x32 backward", n, || {
        pool.average_backward(batch, &d_y, black_box(&mut d_x));
    });
    let mut out = random(n);
    report.pass("relu", n, || Activation::Relu.forward(&x, black_box(&mut out)));
    report.pass("relu backward in place", n, || Activation::Relu.backward_in_place(&x, black_box(&mut out)));
    report.pass("tanh", n, || Activation::Tanh.forward(&x, black_box(&mut out)));
    report.pass("sigmoid", n, || Activation::Sigmoid.forward(&x, black_box(&mut out)));
    report.pass("add_assign", n, || elementwise::add_assign(black_box(&mut out), &x));
    report.pass("channel_affine 32", n, || {
        let (scale, shift) = d_y[..2 * channels].split_at(channels);
        elementwise::channel_affine(&x, scale, shift, black_box(&mut out));
    });
    report.pass("column_sums_add 32", n, || {
        reduce::column_sums_add(&x, channels, black_box(&mut y[..channels]))
    });
    report.pass("column_mean_variance 32", n, || {
        let (mean, variance) = y[..2 * channels].split_at_mut(channels);
        reduce::column_mean_variance(&x, channels, mean, black_box(variance));
    });
    report.pass("dot", n, || {
        black_box(reduce::dot(&x, &out));
    });
}

fn main() {
    let words = std::env::args().skip(1).filter(|word| !word.starts_with('-')).collect();
    let report = Report { words, peak: peak() };
    println!("peak {:.1} GF/s (four lanes, multiplication and addition apart)", report.peak);
    for batch in [1, 8] {
        conv(&report, "28x28x1->32 valid", square(28, 1, 32, 3, 1, false), batch);
        conv(&report, "13x13x32->64 valid", square(13, 32, 64, 3, 1, false), batch);
        conv(&report, "28x28x16->16 same", square(28, 16, 16, 3, 1, true), batch);
        conv(&report, "14x14x32->32 same", square(14, 32, 32, 3, 1, true), batch);
        conv(&report, "28x28x16->32 same stride 2", square(28, 16, 32, 3, 2, true), batch);
        conv(&report, "32x32x3->32 same", square(32, 3, 32, 3, 1, true), batch);
        conv(&report, "14x14x24->48 same", square(14, 24, 48, 3, 1, true), batch);
        conv(&report, "14x14x32->64 1x1", square(14, 32, 64, 1, 1, true), batch);
        conv(&report, "28x28x8->16 same", square(28, 8, 16, 3, 1, true), batch);
        conv(&report, "8x8x64->64 same", square(8, 64, 64, 3, 1, true), batch);
        conv(&report, "8x8x128->128 same", square(8, 128, 128, 3, 1, true), batch);
        conv(&report, "32x32x64->64 same", square(32, 64, 64, 3, 1, true), batch);
        conv(&report, "32x32x16->16 same", square(32, 16, 16, 3, 1, true), batch);
        conv(&report, "16x16x128->128 1x1", square(16, 128, 128, 1, 1, true), batch);
        conv(&report, "12x12x8->10 same", square(12, 8, 10, 3, 1, true), batch);
    }
    for batch in [1, 8, 16, 32] {
        dense(&report, 1600, 64, batch);
        dense(&report, 4096, 128, batch);
        dense(&report, 64, 10, batch);
        dense(&report, 2304, 256, batch);
    }
    passes(&report);
}
