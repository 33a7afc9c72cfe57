//! `[h, w, c]` seen as `[h·w·c]`.

use super::one_input;
use crate::error::Result;
use crate::graph::{Backward, Forward, Operator, Shape};

/// All dimensions as one, in the order they lie in memory.
#[derive(Clone, Copy, Debug)]
pub struct Flatten;

impl Operator for Flatten {
    fn name(&self) -> &'static str {
        "flatten"
    }

    fn output_shape(&self, inputs: &[&[usize]]) -> Result<Shape> {
        Ok(vec![one_input("flatten", inputs)?.iter().product()])
    }

    fn is_view(&self) -> bool {
        true
    }

    fn forward(&self, _cx: Forward<'_>) {}

    #[cfg(feature = "train")]
    fn backward(&self, _cx: Backward<'_>) {}
}
