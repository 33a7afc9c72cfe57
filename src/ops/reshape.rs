//! The same numbers under other dimensions.

use super::{one_input, wrong_inputs};
use crate::error::Result;
use crate::graph::{Backward, Forward, Operator, Shape};
use crate::told::Told;

/// `[..]` seen as these dimensions, in the order they lie in memory.
#[derive(Clone, Debug)]
pub struct Reshape {
    /// The dimensions of the output; their product is the input's.
    pub shape: Shape,
}

impl Operator for Reshape {
    fn name(&self) -> &'static str {
        "reshape"
    }

    fn output_shape(&self, inputs: &[&[usize]]) -> Result<Shape> {
        let len = |shape: &[usize]| shape.iter().fold(1u64, |len, &dim| len.saturating_mul(dim as u64));
        if len(one_input("reshape", inputs)?) == len(&self.shape) {
            return Ok(self.shape.clone());
        }
        let expected = format!("an input of as many elements as {} has", self.shape.told());
        Err(wrong_inputs("reshape", &expected, inputs))
    }

    fn is_view(&self) -> bool {
        true
    }

    fn forward(&self, _cx: Forward<'_>) {}

    #[cfg(feature = "train")]
    fn backward(&self, _cx: Backward<'_>) {}
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_as_many_elements_are_taken() {
        let op = Reshape { shape: vec![2, 6] };
        assert_eq!(op.output_shape(&[&[3, 4]]), Ok(vec![2, 6]));
        assert_eq!(op.output_shape(&[&[3, 5]]).unwrap_err().code(), "shape");
    }
}
