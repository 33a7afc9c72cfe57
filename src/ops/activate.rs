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
    /// This function.
    pub fn new(activation: Activation) -> Activate {
        Activate { activation }
    }

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
            Activation::Relu6 => "relu6",
            Activation::Elu(_) => "elu",
            Activation::Softplus => "softplus",
            Activation::Gelu => "gelu",
            Activation::Silu => "silu",
        }
    }

    fn output_shape(&self, inputs: &[&[usize]]) -> Result<Shape> {
        if let Activation::LeakyRelu(slope) = self.activation
            && !(slope > 0.0 && slope < 1.0)
        {
            return Err(Error::config("slope", "above 0 and below 1", slope));
        }
        if let Activation::Elu(factor) = self.activation
            && !(factor > 0.0 && factor <= 100.0)
        {
            return Err(Error::config("alpha", "above 0 and at most 100", factor));
        }
        Ok(one_input(self.name(), inputs)?.to_vec())
    }

    fn as_activation(&self) -> Option<Activation> {
        (!self.activation.reads_input()).then_some(self.activation)
    }

    fn keeps(&self) -> Keeps {
        let inputs = self.activation.reads_input();
        Keeps { inputs, output: !inputs }
    }

    fn forward(&self, cx: Forward<'_>) {
        self.activation.forward(cx.inputs[0], cx.output);
    }

    #[cfg(feature = "train")]
    fn backward(&self, cx: Backward<'_>) {
        let [d_x, _] = cx.d_inputs;
        let told_from = if self.activation.reads_input() { cx.inputs[0] } else { cx.output };
        self.activation.backward(told_from, cx.d_output, d_x);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::check::check_gradients;

    #[test]
    fn gradients_match_central_differences() {
        for activation in [
            Activation::None,
            Activation::Relu,
            Activation::LeakyRelu(0.2),
            Activation::Sigmoid,
            Activation::Tanh,
            Activation::Relu6,
            Activation::Elu(0.7),
            Activation::Softplus,
            Activation::Gelu,
            Activation::Silu,
        ] {
            check_gradients(&Activate::new(activation), &[&[3, 5, 7]], 3);
        }
    }

    #[test]
    fn a_slope_that_would_lose_the_sign_is_refused() {
        assert_eq!(Activate::leaky_relu(0.0).output_shape(&[&[2]]).unwrap_err().code(), "config");
        assert_eq!(Activate::new(Activation::Elu(0.0)).output_shape(&[&[2]]).unwrap_err().code(), "config");
        assert_eq!(Activate::leaky_relu(f32::NAN).output_shape(&[&[2]]).unwrap_err().code(), "config");
    }
}
