//! The product of two inputs, as gates and channel attention need it.

use super::wrong_inputs;
use crate::error::Result;
use crate::graph::{Backward, Forward, Keeps, Operator, Shape};
use crate::kernels::elementwise::multiply_add_assign;
use crate::kernels::reduce::column_products_add;

/// `y = a · b`, element by element; `b` may have one number for each channel of `a`.
///
/// Shapes: `a, y: [.., c]`, `b`: the same, or `[c]`.
#[derive(Clone, Copy, Debug)]
pub struct Multiply;

impl Operator for Multiply {
    fn name(&self) -> &'static str {
        "multiply"
    }

    fn output_shape(&self, inputs: &[&[usize]]) -> Result<Shape> {
        match inputs {
            [a, b] if a == b => Ok(a.to_vec()),
            [a, [c]] if a.last() == Some(c) => Ok(a.to_vec()),
            _ => Err(wrong_inputs(
                "multiply",
                "two inputs of the same shape, or one and a number for each of its channels",
                inputs,
            )),
        }
    }

    fn keeps(&self) -> Keeps {
        Keeps { inputs: true, ..Keeps::default() }
    }

    fn forward(&self, cx: Forward<'_>) {
        let [a, b] = cx.inputs;
        cx.output.fill(0.0);
        for_each_row(cx.batch, a.len(), b.len(), cx.input_shapes, |row, gates| {
            multiply_add_assign(&mut cx.output[row.clone()], &a[row], &b[gates]);
        });
    }

    #[cfg(feature = "train")]
    fn backward(&self, cx: Backward<'_>) {
        let [a, b] = cx.inputs;
        let [d_a, d_b] = cx.d_inputs;
        let d_y = &*cx.d_output;
        for_each_row(cx.batch, a.len(), b.len(), cx.input_shapes, |row, gates| {
            if !d_a.is_empty() {
                multiply_add_assign(&mut d_a[row.clone()], &d_y[row.clone()], &b[gates.clone()]);
            }
            if !d_b.is_empty() {
                column_products_add(&d_y[row.clone()], &a[row], gates.len(), &mut d_b[gates]);
            }
        });
    }
}

/// Calls `visit(part of a, part of b)` for parts of the same length: all of an example where both have one shape, else
/// each pixel with the example's gates.
fn for_each_row(
    batch: usize,
    a_len: usize,
    b_len: usize,
    shapes: [&[usize]; 2],
    mut visit: impl FnMut(std::ops::Range<usize>, std::ops::Range<usize>),
) {
    let width = b_len / batch;
    let rows = if shapes[0] == shapes[1] { 1 } else { a_len / b_len };
    for row in 0..batch * rows {
        let gates = row / rows * width;
        visit(row * width..(row + 1) * width, gates..gates + width);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::check::check_gradients;

    #[test]
    fn gradients_match_central_differences() {
        check_gradients(&Multiply, &[&[3, 2, 5], &[3, 2, 5]], 2);
        check_gradients(&Multiply, &[&[3, 2, 5], &[5]], 2);
        check_gradients(&Multiply, &[&[1, 1, 3], &[3]], 3);
    }

    #[test]
    fn other_shapes_are_refused() {
        assert_eq!(Multiply.output_shape(&[&[2, 2, 4], &[2]]).unwrap_err().code(), "shape");
    }
}
