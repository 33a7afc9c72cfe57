//! Two-dimensional convolution (cross-correlation, as all frameworks call it).

use super::{Padding, one_picture};
use crate::error::{Error, Result};
use crate::graph::{Backward, Forward, Initial, Keeps, Mode, Operator, ParamSpec, Shape, Workspace};
use crate::kernels::activation::Activation;
use crate::kernels::conv2d::{Conv2d as Geometry, Filters, PooledConv2d};
use crate::kernels::pool::Pool2d;
use crate::kernels::reduce;

/// `y[i, j, o] = f(b[o] + Σ x[i·stride + u·dilation - pad, …, c] · w[u, v, c, o])`.
///
/// Shapes: `x: [h, w, c]`, `w: [kernel, kernel, c, filters]`, `b: [filters]`,
/// `y: [out_h, out_w, filters]`.
#[derive(Clone, Debug)]
pub struct Conv2d {
    filters: usize,
    kernel_size: [usize; 2],
    stride: usize,
    dilation: usize,
    padding: Padding,
    bias: bool,
    activation: Activation,
    pool: Option<Pool2d>,
}

impl Conv2d {
    /// `filters` square filters of `kernel_size`, stride 1, valid padding, with bias.
    pub fn new(filters: usize, kernel_size: usize) -> Conv2d {
        Conv2d {
            filters,
            kernel_size: [kernel_size; 2],
            stride: 1,
            dilation: 1,
            padding: Padding::Valid,
            bias: true,
            activation: Activation::None,
            pool: None,
        }
    }

    /// With this padding.
    pub fn padding(self, padding: Padding) -> Conv2d {
        Conv2d { padding, ..self }
    }

    /// With zeros around, so that at stride 1 the size stays.
    pub fn same(self) -> Conv2d {
        self.padding(Padding::Same)
    }

    /// At every `stride`-th cell.
    pub fn stride(self, stride: usize) -> Conv2d {
        Conv2d { stride, ..self }
    }

    /// With filter cells `dilation` apart.
    pub fn dilation(self, dilation: usize) -> Conv2d {
        Conv2d { dilation, ..self }
    }

    /// Without a bias, as before batch normalisation.
    pub fn without_bias(self) -> Conv2d {
        Conv2d { bias: false, ..self }
    }

    fn geometry(&self, inputs: &[&[usize]]) -> Result<Geometry> {
        let [in_h, in_w, in_c] = one_picture("conv2d", inputs)?;
        if self.filters == 0 {
            return Err(Error::config("filters", "at least 1", self.filters));
        }
        let [kernel_h, kernel_w] = self.kernel_size;
        let rows = self.padding.axis("conv2d", in_h, kernel_h, self.stride, self.dilation)?;
        let columns = self.padding.axis("conv2d", in_w, kernel_w, self.stride, self.dilation)?;
        Ok(Geometry {
            in_h,
            in_w,
            in_c,
            out_h: rows.out,
            out_w: columns.out,
            out_c: self.filters,
            kernel_h,
            kernel_w,
            stride_h: self.stride,
            stride_w: self.stride,
            pad_top: rows.pad_before,
            pad_left: columns.pad_before,
            dilation_h: self.dilation,
            dilation_w: self.dilation,
        })
    }

    fn known_geometry(&self, input_shape: &[usize]) -> Geometry {
        self.geometry(&[input_shape]).expect("the graph checked the shape")
    }

    fn pooled(&self, conv: Geometry) -> Option<PooledConv2d> {
        self.pool.map(|pool| PooledConv2d::new(conv, pool))
    }

    fn n_weights(&self, in_c: usize) -> usize {
        self.kernel_size[0] * self.kernel_size[1] * in_c * self.filters
    }
}

impl Operator for Conv2d {
    fn name(&self) -> &'static str {
        "conv2d"
    }

    fn output_shape(&self, inputs: &[&[usize]]) -> Result<Shape> {
        let geometry = self.geometry(inputs)?;
        Ok(match self.pool {
            Some(pool) => vec![pool.out_h, pool.out_w, pool.channels],
            None => vec![geometry.out_h, geometry.out_w, geometry.out_c],
        })
    }

    fn params(&self, inputs: &[&[usize]]) -> Vec<ParamSpec> {
        let in_c = inputs[0][2];
        let [kernel_h, kernel_w] = self.kernel_size;
        let window = kernel_h * kernel_w;
        let mut specs = vec![ParamSpec {
            name: "weights",
            shape: vec![kernel_h, kernel_w, in_c, self.filters],
            initial: Initial::Random { fan_in: window * in_c, fan_out: window * self.filters },
        }];
        if self.bias {
            specs.push(ParamSpec { name: "bias", shape: vec![self.filters], initial: Initial::Zeros });
        }
        specs
    }

    fn multiply_adds(&self, inputs: &[&[usize]]) -> u64 {
        self.geometry(inputs).map_or(0, |geometry| geometry.multiply_adds())
    }

    fn keeps(&self) -> Keeps {
        Keeps { inputs: true, output: self.activation != Activation::None }
    }

    fn workspace(&self, inputs: &[&[usize]], batch: usize, mode: Mode) -> Workspace {
        let geometry = self.known_geometry(inputs[0]);
        let pooled = self.pooled(geometry);
        let forward = match &pooled {
            Some(pooled) => pooled.forward_scratch_len(),
            None => geometry.forward_scratch_len(batch),
        };
        if !mode.is_training() {
            let packed = pooled.map_or(geometry, |pooled| *pooled.conv()).packed_len();
            // To lay out the filters takes a picture a fifth of its time, of many pictures nobody notices it.
            let saved = if batch == 1 { packed } else { 0 };
            return Workspace { saved, forward: forward - saved, backward: 0 };
        }
        match pooled {
            Some(pooled) => Workspace {
                saved: batch * self.pool.map_or(0, |pool| pool.out_len()),
                forward,
                backward: pooled.backward_scratch_len(batch),
            },
            None => Workspace { saved: 0, forward, backward: geometry.backward_scratch_len(batch) },
        }
    }

    fn with_activation(&self, activation: Activation) -> Option<Box<dyn Operator>> {
        (self.activation == Activation::None).then(|| Box::new(Conv2d { activation, ..self.clone() }) as _)
    }

    fn with_max_pool(&self, pool: Pool2d) -> Option<Box<dyn Operator>> {
        // A transcendental function may round different values to the same one, and the first of equals counts.
        let can = self.pool.is_none() && !self.activation.is_transcendental();
        (can && PooledConv2d::pays(&pool)).then(|| Box::new(Conv2d { pool: Some(pool), ..self.clone() }) as _)
    }

    fn forward(&self, cx: Forward<'_>) {
        let geometry = self.known_geometry(cx.input_shapes[0]);
        let (weights, bias) = cx.params.split_at(self.n_weights(geometry.in_c));
        let (x, bias, f) = (cx.inputs[0], self.bias.then_some(bias), self.activation);
        let pooled = self.pooled(geometry);
        let (kept, winners) =
            if cx.mode.is_training() { (&mut [][..], cx.saved) } else { (cx.saved, &mut [][..]) };
        if !kept.is_empty() && !cx.same_params {
            pooled.map_or(geometry, |pooled| *pooled.conv()).pack(weights, kept);
        }
        let filters = if kept.is_empty() { Filters::Plain(weights) } else { Filters::Packed(kept) };
        match pooled {
            Some(pooled) => {
                let winners = winners.get_mut(..cx.output.len()).unwrap_or_default();
                pooled.forward(cx.batch, x, filters, bias, f, cx.scratch, winners, cx.output);
            }
            None => geometry.forward(cx.batch, x, filters, bias, f, cx.scratch, cx.output),
        }
    }

    #[cfg(feature = "train")]
    fn backward(&self, cx: Backward<'_>) {
        let geometry = self.known_geometry(cx.input_shapes[0]);
        self.activation.backward_in_place(cx.output, cx.d_output);
        let weights = &cx.params[..self.n_weights(geometry.in_c)];
        let (d_weights, d_bias) = cx.d_params.split_at_mut(weights.len());
        if self.bias {
            reduce::column_sums_add(cx.d_output, self.filters, d_bias);
        }
        let [d_x, _] = cx.d_inputs;
        let (x, d_y, scratch) = (cx.inputs[0], &*cx.d_output, cx.scratch);
        if let Some(pooled) = self.pooled(geometry) {
            let winners = &cx.saved[..d_y.len()];
            pooled.backward_filters(cx.batch, x, winners, d_y, scratch, d_weights);
            if !d_x.is_empty() {
                pooled.backward_input(cx.batch, winners, d_y, weights, scratch, d_x);
            }
            return;
        }
        geometry.backward_filters(cx.batch, x, d_y, scratch, d_weights);
        if !d_x.is_empty() {
            geometry.backward_input(cx.batch, d_y, weights, scratch, d_x);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::MaxPool2d;
    use crate::ops::check::check_gradients;

    #[test]
    fn gradients_match_central_differences() {
        let cases = [
            (Conv2d::new(4, 3), [5, 7, 3]),
            (Conv2d::new(5, 3).same(), [5, 6, 2]),
            (Conv2d::new(3, 3).same().stride(2), [7, 6, 3]),
            (Conv2d::new(3, 2).stride(3), [8, 9, 1]),
            (Conv2d::new(2, 3).dilation(2), [7, 8, 3]),
            (Conv2d::new(9, 3).same().dilation(2).stride(2), [6, 7, 2]),
            (Conv2d::new(11, 1).without_bias(), [3, 4, 5]),
            (Conv2d::new(3, 4).same(), [5, 5, 2]),
        ];
        for (op, shape) in cases {
            check_gradients(&op, &[&shape], 2);
            for activation in [Activation::Sigmoid, Activation::Tanh] {
                check_gradients(op.with_activation(activation).unwrap().as_ref(), &[&shape], 2);
            }
        }
    }

    #[test]
    fn gradients_through_a_folded_pooling_match_central_differences() {
        // Of one cell, so that the largest values keep their distance; larger filters are held against the
        // unfolded graph, in `tests/it/plan.rs`.
        let (op, shape) = (Conv2d::new(4, 1), [6, 7, 1]);
        for pool in [MaxPool2d::new(2), MaxPool2d::new(3).stride(2).padding(Padding::Same)] {
            let pool = pool.as_max_pool(&[&op.output_shape(&[&shape]).unwrap()]).unwrap();
            check_gradients(op.with_max_pool(pool).unwrap().as_ref(), &[&shape], 2);
        }
    }

    #[test]
    fn an_input_that_is_no_picture_is_refused() {
        let error = Conv2d::new(4, 3).output_shape(&[&[28]]).unwrap_err();
        assert_eq!(error.code(), "shape");
        assert_eq!(Conv2d::new(0, 3).output_shape(&[&[28, 28, 1]]).unwrap_err().code(), "config");
    }
}
