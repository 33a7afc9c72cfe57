//! Two inputs side by side.

use super::wrong_inputs;
use crate::error::Result;
use crate::graph::{Backward, Forward, Operator, Shape};
use crate::kernels::elementwise::add_assign;

/// `y[.., c] = a[.., c]` for the channels of `a`, then those of `b`. Chain it for more than two.
///
/// Shapes: `a: [.., c]`, `b: [.., d]`, `y: [.., c + d]`.
#[derive(Clone, Copy, Debug)]
pub struct Concat;

/// Channels of either input.
fn channels(shapes: [&[usize]; 2]) -> [usize; 2] {
    shapes.map(|shape| *shape.last().expect("the graph checked the shape"))
}

impl Operator for Concat {
    fn name(&self) -> &'static str {
        "concat"
    }

    fn output_shape(&self, inputs: &[&[usize]]) -> Result<Shape> {
        match inputs {
            [[rest_a @ .., a], [rest_b @ .., b]] if rest_a == rest_b => Ok([rest_a, &[a + b]].concat()),
            _ => Err(wrong_inputs("concat", "two inputs that differ in their last dimension only", inputs)),
        }
    }

    fn forward(&self, cx: Forward<'_>) {
        let [a_len, b_len] = channels(cx.input_shapes);
        let rows = cx.inputs[0].chunks_exact(a_len).zip(cx.inputs[1].chunks_exact(b_len));
        for ((a, b), y) in rows.zip(cx.output.chunks_exact_mut(a_len + b_len)) {
            y[..a_len].copy_from_slice(a);
            y[a_len..].copy_from_slice(b);
        }
    }

    #[cfg(feature = "train")]
    fn backward(&self, cx: Backward<'_>) {
        let [a_len, b_len] = channels(cx.input_shapes);
        let [d_a, d_b] = cx.d_inputs;
        for (d_x, len, start) in [(d_a, a_len, 0), (d_b, b_len, a_len)] {
            for (d_x, d_y) in d_x.chunks_exact_mut(len).zip(cx.d_output.chunks_exact(a_len + b_len)) {
                add_assign(d_x, &d_y[start..][..len]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::check::check_gradients;

    #[test]
    fn gradients_match_central_differences() {
        check_gradients(&Concat, &[&[3, 2, 5], &[3, 2, 3]], 2);
        check_gradients(&Concat, &[&[1], &[4]], 3);
    }

    #[test]
    fn pictures_of_other_sizes_are_refused() {
        assert_eq!(Concat.output_shape(&[&[2, 2, 1], &[2, 3, 1]]).unwrap_err().code(), "shape");
    }
}
