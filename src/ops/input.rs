//! The graph's input, which the caller fills.

use super::wrong_inputs;
use crate::error::Result;
use crate::graph::{Backward, Forward, Operator, Shape};

/// Values that come from outside.
#[derive(Clone, Debug)]
pub struct Input {
    /// Shape of one example.
    pub shape: Shape,
}

impl Operator for Input {
    fn name(&self) -> &'static str {
        "input"
    }

    fn output_shape(&self, inputs: &[&[usize]]) -> Result<Shape> {
        if inputs.is_empty() {
            Ok(self.shape.clone())
        } else {
            Err(wrong_inputs("input", "no input", inputs))
        }
    }

    fn forward(&self, _cx: Forward<'_>) {}

    #[cfg(feature = "train")]
    fn backward(&self, _cx: Backward<'_>) {}
}
