//! The fully connected layer.

use super::wrong_inputs;
use crate::error::{Error, Result};
use crate::graph::{Backward, Forward, Initial, Keeps, Mode, Operator, ParamSpec, Shape, Workspace};
use crate::kernels::activation::Activation;
use crate::kernels::gemm::Gemm;
use crate::kernels::reduce;

/// `y = f(x W + b)`. Shapes: `x: [in]`, `W: [in, units]`, `b: [units]`, `y: [units]`.
#[derive(Clone, Debug)]
pub struct Dense {
    units: usize,
    bias: bool,
    activation: Activation,
}

impl Dense {
    /// `units` outputs, with bias.
    pub fn new(units: usize) -> Dense {
        Dense { units, bias: true, activation: Activation::None }
    }

    /// Without a bias, as before batch normalisation.
    pub fn without_bias(self) -> Dense {
        Dense { bias: false, ..self }
    }

    fn forward_gemm(&self, batch: usize, n_in: usize) -> Gemm {
        let n = self.units;
        Gemm { m: batch, n, k: n_in, a_transposed: false, b_transposed: false, accumulate: false }
    }

    /// `d_W = xᵀ d_y`.
    fn weights_gemm(&self, batch: usize, n_in: usize) -> Gemm {
        Gemm { m: n_in, n: self.units, k: batch, a_transposed: true, b_transposed: false, accumulate: false }
    }

    /// `d_x += d_y Wᵀ`.
    fn input_gemm(&self, batch: usize, n_in: usize) -> Gemm {
        Gemm { m: batch, n: n_in, k: self.units, a_transposed: false, b_transposed: true, accumulate: true }
    }
}

impl Operator for Dense {
    fn name(&self) -> &'static str {
        "dense"
    }

    fn output_shape(&self, inputs: &[&[usize]]) -> Result<Shape> {
        if self.units == 0 {
            return Err(Error::config("units", "at least 1", self.units));
        }
        match inputs {
            [[_]] => Ok(vec![self.units]),
            _ => Err(wrong_inputs("dense", "one flat input (put a flatten layer before it)", inputs)),
        }
    }

    fn params(&self, inputs: &[&[usize]]) -> Vec<ParamSpec> {
        let n_in = inputs[0][0];
        let mut specs = vec![ParamSpec {
            name: "weights",
            shape: vec![n_in, self.units],
            initial: Initial::Random { fan_in: n_in, fan_out: self.units },
        }];
        if self.bias {
            specs.push(ParamSpec { name: "bias", shape: vec![self.units], initial: Initial::Zeros });
        }
        specs
    }

    fn multiply_adds(&self, inputs: &[&[usize]]) -> u64 {
        (inputs[0][0] as u64) * self.units as u64
    }

    fn writes_gradient(&self) -> bool {
        true
    }

    #[cfg(feature = "train")]
    fn weights_product(&self, inputs: &[&[usize]]) -> Option<[usize; 2]> {
        Some([inputs[0][0], self.units])
    }

    fn keeps(&self) -> Keeps {
        Keeps { inputs: true, output: self.activation != Activation::None }
    }

    fn workspace(&self, inputs: &[&[usize]], batch: usize, mode: Mode) -> Workspace {
        let n_in = inputs[0][0];
        let backward =
            self.weights_gemm(batch, n_in).scratch_len().max(self.input_gemm(batch, n_in).scratch_len());
        Workspace {
            saved: 0,
            forward: self.forward_gemm(batch, n_in).scratch_len(),
            backward: if mode.is_training() { backward } else { 0 },
        }
    }

    fn with_activation(&self, activation: Activation) -> Option<Box<dyn Operator>> {
        (self.activation == Activation::None).then(|| Box::new(Dense { activation, ..self.clone() }) as _)
    }

    fn forward(&self, cx: Forward<'_>) {
        let n_in = cx.input_shapes[0][0];
        let (weights, bias) = cx.params.split_at(n_in * self.units);
        let bias = self.bias.then_some(bias);
        let gemm = self.forward_gemm(cx.batch, n_in);
        gemm.run(cx.inputs[0], weights, bias, self.activation, cx.scratch, cx.output);
    }

    #[cfg(feature = "train")]
    fn backward(&self, cx: Backward<'_>) {
        let n_in = cx.input_shapes[0][0];
        self.activation.backward_in_place(cx.output, cx.d_output);
        let weights = &cx.params[..n_in * self.units];
        let (d_weights, d_bias) = cx.d_params.split_at_mut(weights.len());
        if self.bias {
            d_bias.fill(0.0);
            reduce::column_sums_add(cx.d_output, self.units, d_bias);
        }
        let (none, scratch) = (Activation::None, cx.scratch);
        if !cx.weights_later {
            let gemm = self.weights_gemm(cx.batch, n_in);
            gemm.run(cx.inputs[0], cx.d_output, None, none, scratch, d_weights);
        }
        let [d_x, _] = cx.d_inputs;
        if !d_x.is_empty() {
            self.input_gemm(cx.batch, n_in).run(cx.d_output, weights, None, none, scratch, d_x);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::check::check_gradients;

    #[test]
    fn gradients_match_central_differences() {
        for (op, n_in, batch) in [
            (Dense::new(7), 5, 3),
            (Dense::new(1), 13, 1),
            (Dense::new(33), 9, 6),
            (Dense::new(8).without_bias(), 16, 5),
        ] {
            check_gradients(&op, &[&[n_in]], batch);
            check_gradients(op.with_activation(Activation::Sigmoid).unwrap().as_ref(), &[&[n_in]], batch);
        }
    }

    #[test]
    fn a_picture_without_flatten_is_refused_with_advice() {
        let error = Dense::new(3).output_shape(&[&[2, 2, 1]]).unwrap_err();
        assert!(error.to_string().contains("flatten"), "{error}");
    }
}
