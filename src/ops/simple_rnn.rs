//! The simplest recurrent layer.

use super::wrong_inputs;
use crate::error::{Error, Result};
use crate::graph::{Backward, Forward, Initial, Keeps, Mode, Operator, ParamSpec, Shape, Workspace};
use crate::kernels::activation::Activation;
use crate::kernels::elementwise::add_assign;
use crate::kernels::gemm::Gemm;
use crate::kernels::reduce;

/// `h[t] = f(x[t] W + h[t-1] U + b)` with `h[-1] = 0`; the output is the last `h`, or all.
///
/// The backward pass goes through all steps. Shapes: `x: [steps, in]`, `W: [in, units]`, `U: [units, units]`,
/// `b: [units]`, `y: [units]` or `[steps, units]`. Source: Elman 1990; Keras' `SimpleRNN`, PyTorch's `RNN` (whose second
/// bias is part of `b`).
#[derive(Clone, Copy, Debug)]
pub struct SimpleRnn {
    units: usize,
    activation: Activation,
    all_steps: bool,
}

/// Sizes of one call.
#[derive(Clone, Copy)]
struct Sizes {
    batch: usize,
    n_steps: usize,
    n_in: usize,
    units: usize,
}

impl Sizes {
    /// Elements of `h` at one step.
    fn step(&self) -> usize {
        self.batch * self.units
    }

    /// Elements of `h` at all steps.
    fn all(&self) -> usize {
        self.n_steps * self.step()
    }

    /// `x W`, of all steps at once.
    fn input(&self) -> Gemm {
        let Sizes { batch, n_steps, n_in, units } = *self;
        let (m, n, k) = (batch * n_steps, units, n_in);
        Gemm { m, n, k, a_transposed: false, b_transposed: false, accumulate: false }
    }

    /// `h U` of one step.
    fn recurrent(&self) -> Gemm {
        let (m, n) = (self.batch, self.units);
        Gemm { m, n, k: n, a_transposed: false, b_transposed: false, accumulate: false }
    }

    /// `d_W += xᵀ d_z`, of all steps at once.
    fn d_weights(&self) -> Gemm {
        let Gemm { m, n, k, .. } = self.input();
        Gemm { m: k, n, k: m, a_transposed: true, b_transposed: false, accumulate: true }
    }

    /// `d_x += d_z Wᵀ`, of all steps at once.
    fn d_input(&self) -> Gemm {
        let Gemm { m, n, k, .. } = self.input();
        Gemm { m, n: k, k: n, a_transposed: false, b_transposed: true, accumulate: true }
    }

    /// `d_U += hᵀ d_z` of one step.
    fn d_recurrent(&self) -> Gemm {
        let units = self.units;
        Gemm { m: units, n: units, k: self.batch, a_transposed: true, b_transposed: false, accumulate: true }
    }

    /// `d_h = d_z Uᵀ` of one step.
    fn d_before(&self) -> Gemm {
        Gemm { b_transposed: true, ..self.recurrent() }
    }
}

impl SimpleRnn {
    /// `units` outputs after the last step, with tanh.
    pub fn new(units: usize) -> SimpleRnn {
        SimpleRnn { units, activation: Activation::Tanh, all_steps: false }
    }

    /// With relu.
    pub fn relu(self) -> SimpleRnn {
        SimpleRnn { activation: Activation::Relu, ..self }
    }

    /// With the outputs of all steps.
    pub fn all_steps(self) -> SimpleRnn {
        SimpleRnn { all_steps: true, ..self }
    }

    fn sizes(&self, shape: &[usize], batch: usize) -> Sizes {
        let &[n_steps, n_in] = shape else { unreachable!("the graph checked the shape") };
        Sizes { batch, n_steps, n_in, units: self.units }
    }

    /// Calls `visit(step, part of the output, part of h)` for each example's output of each step.
    fn for_each_output(
        &self,
        sizes: Sizes,
        step: usize,
        mut visit: impl FnMut(std::ops::Range<usize>, std::ops::Range<usize>),
    ) {
        let Sizes { batch, n_steps, units, .. } = sizes;
        for example in 0..batch {
            let row = match self.all_steps {
                true => example * n_steps + step,
                false if step + 1 == n_steps => example,
                false => return,
            };
            visit(row * units..(row + 1) * units, example * units..(example + 1) * units);
        }
    }
}

impl Operator for SimpleRnn {
    fn name(&self) -> &'static str {
        "simple_rnn"
    }

    fn output_shape(&self, inputs: &[&[usize]]) -> Result<Shape> {
        if !(1..=1 << 14).contains(&self.units) {
            return Err(Error::config("units", "between 1 and 16384", self.units));
        }
        match inputs {
            [[n_steps, _]] if self.all_steps => Ok(vec![*n_steps, self.units]),
            [[_, _]] => Ok(vec![self.units]),
            _ => Err(wrong_inputs(
                "simple_rnn",
                "one input of shape [steps, values] (put a reshape layer before it)",
                inputs,
            )),
        }
    }

    fn params(&self, inputs: &[&[usize]]) -> Vec<ParamSpec> {
        let (n_in, units) = (inputs[0][1], self.units);
        let initial = Initial::Random { fan_in: n_in, fan_out: units };
        vec![
            ParamSpec { name: "weights", shape: vec![n_in, units], initial },
            ParamSpec { name: "recurrent_weights", shape: vec![units; 2], initial: Initial::Orthogonal },
            ParamSpec { name: "bias", shape: vec![units], initial: Initial::Zeros },
        ]
    }

    fn multiply_adds(&self, inputs: &[&[usize]]) -> u64 {
        let Sizes { n_steps, n_in, units, .. } = self.sizes(inputs[0], 1);
        (n_steps * units) as u64 * (n_in + units) as u64
    }

    fn keeps(&self) -> Keeps {
        Keeps { inputs: true, ..Keeps::default() }
    }

    fn workspace(&self, inputs: &[&[usize]], batch: usize, mode: Mode) -> Workspace {
        let sizes = self.sizes(inputs[0], batch);
        let most = |products: &[Gemm]| products.iter().map(Gemm::scratch_len).max().unwrap_or(0);
        let forward = sizes.all() + most(&[sizes.input(), sizes.recurrent()]);
        let products = [sizes.d_weights(), sizes.d_input(), sizes.d_recurrent(), sizes.d_before()];
        if mode.is_training() {
            Workspace {
                saved: sizes.all(),
                forward,
                backward: sizes.all() + 2 * sizes.step() + most(&products),
            }
        } else {
            Workspace { forward: forward + sizes.all(), ..Workspace::default() }
        }
    }

    fn forward(&self, cx: Forward<'_>) {
        let sizes = self.sizes(cx.input_shapes[0], cx.batch);
        let (weights, rest) = cx.params.split_at(sizes.n_in * sizes.units);
        let (recurrent, bias) = rest.split_at(sizes.units * sizes.units);
        let (products, scratch) = cx.scratch.split_at_mut(sizes.all());
        let (h, scratch) = if cx.mode.is_training() {
            (&mut cx.saved[..sizes.all()], scratch)
        } else {
            scratch.split_at_mut(sizes.all())
        };
        sizes.input().run(cx.inputs[0], weights, Some(bias), Activation::None, scratch, products);
        for step in 0..sizes.n_steps {
            let (before, now) = h.split_at_mut(step * sizes.step());
            let now = &mut now[..sizes.step()];
            match before.len().checked_sub(sizes.step()) {
                Some(start) => {
                    let before = &before[start..];
                    sizes.recurrent().run(before, recurrent, None, Activation::None, scratch, now);
                }
                None => now.fill(0.0),
            }
            for (example, now) in now.chunks_exact_mut(sizes.units).enumerate() {
                let row = (example * sizes.n_steps + step) * sizes.units;
                add_assign(now, &products[row..][..sizes.units]);
            }
            self.activation.forward_in_place(now);
            self.for_each_output(sizes, step, |row, part| cx.output[row].copy_from_slice(&now[part]));
        }
    }

    #[cfg(feature = "train")]
    fn backward(&self, cx: Backward<'_>) {
        let sizes = self.sizes(cx.input_shapes[0], cx.batch);
        let n_weights = sizes.n_in * sizes.units;
        let (weights, rest) = cx.params.split_at(n_weights);
        let recurrent = &rest[..sizes.units * sizes.units];
        let (d_weights, rest) = cx.d_params.split_at_mut(n_weights);
        let (d_recurrent, d_bias) = rest.split_at_mut(recurrent.len());
        let (d_z, scratch) = cx.scratch.split_at_mut(sizes.all());
        let (mut d_h, scratch) = scratch.split_at_mut(sizes.step());
        let (mut d_before, scratch) = scratch.split_at_mut(sizes.step());
        let none = Activation::None;
        d_h.fill(0.0);
        for step in (0..sizes.n_steps).rev() {
            self.for_each_output(sizes, step, |row, part| add_assign(&mut d_h[part], &cx.d_output[row]));
            let (before, now) = cx.saved.split_at(step * sizes.step());
            self.activation.backward_in_place(&now[..sizes.step()], d_h);
            for (example, d_h) in d_h.chunks_exact(sizes.units).enumerate() {
                let row = (example * sizes.n_steps + step) * sizes.units;
                d_z[row..][..sizes.units].copy_from_slice(d_h);
            }
            if let Some(start) = before.len().checked_sub(sizes.step()) {
                sizes.d_recurrent().run(&before[start..], d_h, None, none, scratch, d_recurrent);
                sizes.d_before().run(d_h, recurrent, None, none, scratch, d_before);
                std::mem::swap(&mut d_h, &mut d_before);
            }
        }
        reduce::column_sums_add(d_z, sizes.units, d_bias);
        sizes.d_weights().run(cx.inputs[0], d_z, None, none, scratch, d_weights);
        let [d_x, _] = cx.d_inputs;
        if !d_x.is_empty() {
            sizes.d_input().run(d_z, weights, None, none, scratch, d_x);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::check::{check_gradients, run_forward};

    #[test]
    fn gradients_match_central_differences_through_all_steps() {
        for op in [SimpleRnn::new(5), SimpleRnn::new(3).all_steps()] {
            check_gradients(&op, &[&[4, 3]], 3);
            check_gradients(&op, &[&[1, 7]], 1);
        }
        check_gradients(&SimpleRnn::new(3).relu(), &[&[3, 5]], 2);
    }

    #[test]
    fn inference_and_training_answer_the_same() {
        let x: Vec<f32> = (0..2 * 5 * 3).map(|i| (i % 7) as f32 * 0.3 - 1.0).collect();
        let run = |mode| run_forward(&SimpleRnn::new(4).all_steps(), &[&[5, 3]], &[&x], 2, mode);
        assert_eq!(run(Mode::Training), run(Mode::Inference));
    }

    #[test]
    fn a_picture_without_reshape_is_refused_with_advice() {
        let error = SimpleRnn::new(3).output_shape(&[&[28, 28, 1]]).unwrap_err();
        assert!(error.to_string().contains("reshape"), "{error}");
    }
}
