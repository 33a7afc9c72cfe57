//! Elementwise activations as nodes of their own; the fusion folds most into the node before.

use super::one_input;
use crate::error::{Error, Result};
use crate::graph::{Backward, Forward, Keeps, Operator, Shape};
use crate::kernels::activation::Activation;

/// `y = f(x)`, element by element. Shapes: any, unchanged.
#[derive(Clone, Copy, Debug)]
pub struct Activate {
    activation: Activation,
}

impl Activate {
    /// `max(x, 0)`.
    pub fn relu() -> Activate {
        Activate { activation: Activation::Relu }
    }

    /// `x` where positive, `slope · x` elsewhere.
    pub fn leaky_relu(slope: f32) -> Activate {
        Activate { activation: Activation::LeakyRelu(slope) }
    }

    /// `1 / (1 + e⁻ˣ)`.
    pub fn sigmoid() -> Activate {
        Activate { activation: Activation::Sigmoid }
    }

    /// `(eˣ - e⁻ˣ) / (eˣ + e⁻ˣ)`.
    pub fn tanh() -> Activate {
        Activate { activation: Activation::Tanh }
    }
}

impl Operator for Activate {
    fn name(&self) -> &'static str {
        match self.activation {
            Activation::None => "linear",
            Activation::Relu => "relu",
            Activation::LeakyRelu(_) => "leaky_relu",
            Activation::Sigmoid => "sigmoid",
            Activation::Tanh => "tanh",
        }
    }

    fn output_shape(&self, inputs: &[&[usize]]) -> Result<Shape> {
        if let Activation::LeakyRelu(slope) = self.activation
            && !(slope > 0.0 && slope < 1.0)
        {
            return Err(Error::config("slope", "above 0 and below 1", slope));
        }
        Ok(one_input(self.name(), inputs)?.to_vec())
    }

    fn as_activation(&self) -> Option<Activation> {
        Some(self.activation)
    }

    fn keeps(&self) -> Keeps {
        Keeps { output: true, ..Keeps::default() }
    }

    fn forward(&self, cx: Forward<'_>) {
        self.activation.forward(cx.inputs[0], cx.output);
    }

    fn backward(&self, cx: Backward<'_>) {
        let [d_x, _] = cx.d_inputs;
        self.activation.backward(cx.output, cx.d_output, d_x);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::check::check_gradients;

    #[test]
    fn gradients_match_central_differences() {
        for op in [Activate::relu(), Activate::leaky_relu(0.2), Activate::sigmoid(), Activate::tanh()] {
            check_gradients(&op, &[&[3, 5, 7]], 3);
        }
    }

    #[test]
    fn a_slope_that_would_lose_the_sign_is_refused() {
        assert_eq!(Activate::leaky_relu(0.0).output_shape(&[&[2]]).unwrap_err().code(), "config");
        assert_eq!(Activate::leaky_relu(f32::NAN).output_shape(&[&[2]]).unwrap_err().code(), "config");
    }
}
