//! Any operator at every step of a sequence.

use std::sync::Arc;

use super::wrong_inputs;
use crate::error::Result;
use crate::graph::{Backward, Forward, Keeps, Mode, Operator, ParamSpec, Shape, StateSpec, Workspace};
use crate::kernels::activation::Activation;
use crate::kernels::pool::Pool2d;

/// `y[t] = op(x[t])` with the same parameters at every step, as in Keras' `TimeDistributed`.
///
/// The steps of all examples are the inner operator's batch. Shapes: those of the operator with the steps before them.
#[derive(Clone, Debug)]
pub struct OverTime {
    inner: Arc<dyn Operator>,
}

/// Without the steps; empty stays empty.
fn inner_shape(shape: &[usize]) -> &[usize] {
    shape.get(1..).unwrap_or(&[])
}

fn inner_shapes<'a>(inputs: &[&'a [usize]]) -> Vec<&'a [usize]> {
    inputs.iter().map(|shape| inner_shape(shape)).collect()
}

impl OverTime {
    /// This operator at every step.
    pub fn new(inner: Arc<dyn Operator>) -> OverTime {
        OverTime { inner }
    }

    fn around(inner: Box<dyn Operator>) -> Box<dyn Operator> {
        Box::new(OverTime { inner: Arc::from(inner) })
    }
}

impl Operator for OverTime {
    fn name(&self) -> &'static str {
        self.inner.name()
    }

    fn output_shape(&self, inputs: &[&[usize]]) -> Result<Shape> {
        match inputs.first() {
            Some([n_steps, _, ..]) if inputs.iter().all(|shape| shape.first() == Some(n_steps)) => {
                let inner = self.inner.output_shape(&inner_shapes(inputs))?;
                Ok([&[*n_steps], &inner[..]].concat())
            }
            _ => Err(wrong_inputs(self.name(), "inputs of the same number of steps", inputs)),
        }
    }

    fn params(&self, inputs: &[&[usize]]) -> Vec<ParamSpec> {
        self.inner.params(&inner_shapes(inputs))
    }

    fn state(&self, inputs: &[&[usize]]) -> Vec<StateSpec> {
        self.inner.state(&inner_shapes(inputs))
    }

    fn multiply_adds(&self, inputs: &[&[usize]]) -> u64 {
        inputs[0][0] as u64 * self.inner.multiply_adds(&inner_shapes(inputs))
    }

    fn writes_gradient(&self) -> bool {
        self.inner.writes_gradient()
    }

    fn keeps(&self) -> Keeps {
        self.inner.keeps()
    }

    fn workspace(&self, inputs: &[&[usize]], batch: usize, mode: Mode) -> Workspace {
        self.inner.workspace(&inner_shapes(inputs), batch * inputs[0][0], mode)
    }

    fn is_view(&self) -> bool {
        self.inner.is_view()
    }

    fn as_activation(&self) -> Option<Activation> {
        self.inner.as_activation()
    }

    fn with_activation(&self, activation: Activation) -> Option<Box<dyn Operator>> {
        self.inner.with_activation(activation).map(OverTime::around)
    }

    fn as_max_pool(&self, inputs: &[&[usize]]) -> Option<Pool2d> {
        self.inner.as_max_pool(&inner_shapes(inputs))
    }

    fn with_max_pool(&self, pool: Pool2d) -> Option<Box<dyn Operator>> {
        self.inner.with_max_pool(pool).map(OverTime::around)
    }

    #[cfg(feature = "train")]
    fn frozen(&self, params: &[f32], state: &[f32]) -> Option<Box<dyn Operator>> {
        Some(OverTime::around(self.inner.frozen(params, state)?))
    }

    fn forward(&self, cx: Forward<'_>) {
        self.inner.forward(Forward {
            batch: cx.batch * cx.output_shape[0],
            input_shapes: cx.input_shapes.map(inner_shape),
            output_shape: inner_shape(cx.output_shape),
            ..cx
        });
    }

    #[cfg(feature = "train")]
    fn backward(&self, cx: Backward<'_>) {
        self.inner.backward(Backward {
            batch: cx.batch * cx.output_shape[0],
            input_shapes: cx.input_shapes.map(inner_shape),
            output_shape: inner_shape(cx.output_shape),
            ..cx
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::check::check_gradients;
    use crate::ops::{Add, BatchNorm, Conv2d, Dense};

    #[test]
    fn gradients_match_central_differences() {
        check_gradients(&OverTime::new(Arc::new(Dense::new(3))), &[&[4, 5]], 2);
        check_gradients(&OverTime::new(Arc::new(Conv2d::new(2, 3).same())), &[&[2, 4, 3, 2]], 2);
        check_gradients(&OverTime::new(Arc::new(BatchNorm::default())), &[&[3, 5]], 3);
        check_gradients(&OverTime::new(Arc::new(Add)), &[&[3, 2], &[3, 2]], 2);
    }

    #[test]
    fn inputs_of_other_lengths_are_refused() {
        let error = OverTime::new(Arc::new(Add)).output_shape(&[&[3, 2], &[4, 2]]).unwrap_err();
        assert_eq!(error.code(), "shape");
    }
}
