//! Transposed convolution: the convolution's gradient as a layer, which makes pictures larger.

use super::{Padding, one_picture};
use crate::error::{Error, Result};
use crate::graph::{Backward, Forward, Initial, Keeps, Mode, Operator, ParamSpec, Shape, Workspace};
use crate::kernels::activation::Activation;
use crate::kernels::conv2d::Conv2d as Geometry;
#[cfg(feature = "train")]
use crate::kernels::conv2d::Filters;
use crate::kernels::{elementwise, reduce};

/// `y[i·stride + u - pad, …, o] += x[i, …, c] · w[u, v, o, c]` over all `i, u`, plus `b[o]`, then `f`.
///
/// Shapes: `x: [h, w, c]`, `w: [kernel, kernel, filters, c]`, `b: [filters]`, `y: [out_h, out_w, filters]` with
/// `out = (in - 1) · stride + kernel` for valid padding, that less `2 p` for a padding of `p`, and `in · stride` for same
/// padding. Source: Keras' `Conv2DTranspose` (its valid output is `in · stride` where the stride exceeds the kernel),
/// PyTorch's `ConvTranspose2d`.
#[derive(Clone, Debug)]
pub struct ConvTranspose2d {
    filters: usize,
    kernel_size: usize,
    stride: usize,
    padding: Padding,
    bias: bool,
}

impl ConvTranspose2d {
    /// `filters` square filters of `kernel_size`, stride 1, valid padding, with bias.
    pub fn new(filters: usize, kernel_size: usize) -> ConvTranspose2d {
        ConvTranspose2d { filters, kernel_size, stride: 1, padding: Padding::Valid, bias: true }
    }

    /// With this padding of the convolution whose gradient it is.
    pub fn padding(self, padding: Padding) -> ConvTranspose2d {
        ConvTranspose2d { padding, ..self }
    }

    /// With the input's cells `stride` apart in the output.
    pub fn stride(self, stride: usize) -> ConvTranspose2d {
        ConvTranspose2d { stride, ..self }
    }

    /// Without a bias, as before batch normalization.
    pub fn without_bias(self) -> ConvTranspose2d {
        ConvTranspose2d { bias: false, ..self }
    }

    /// The convolution from the output back to the input.
    fn geometry(&self, inputs: &[&[usize]]) -> Result<Geometry> {
        let [h, w, c] = one_picture(self.name(), inputs)?;
        if self.filters == 0 {
            return Err(Error::config("filters", "at least 1", self.filters));
        }
        let (kernel, stride) = (self.kernel_size, self.stride);
        let axis = |len: usize| {
            // Checks the options, on a length that any window fits into.
            self.padding.axis(self.name(), 1 << 13, kernel, stride, 1)?;
            let whole = (len - 1) * stride + kernel;
            let (out, before) = match self.padding {
                Padding::Valid => (whole, 0),
                Padding::Explicit(pad) => (whole.saturating_sub(2 * pad), pad),
                Padding::Same => (len * stride, kernel.saturating_sub(stride) / 2),
            };
            if out == 0 {
                return Err(Error::config("padding", "less than the output has cells", 2 * whole));
            }
            Ok((out, before))
        };
        let ((in_h, pad_top), (in_w, pad_left)) = (axis(h)?, axis(w)?);
        Ok(Geometry {
            in_h,
            in_w,
            in_c: self.filters,
            out_h: h,
            out_w: w,
            out_c: c,
            kernel_h: kernel,
            kernel_w: kernel,
            stride_h: stride,
            stride_w: stride,
            pad_top,
            pad_left,
            dilation_h: 1,
            dilation_w: 1,
        })
    }

    fn known_geometry(&self, input_shape: &[usize]) -> Geometry {
        self.geometry(&[input_shape]).expect("the graph checked the shape")
    }

    fn n_weights(&self, c: usize) -> usize {
        self.kernel_size * self.kernel_size * self.filters * c
    }
}

impl Operator for ConvTranspose2d {
    fn name(&self) -> &'static str {
        "conv_transpose2d"
    }

    fn output_shape(&self, inputs: &[&[usize]]) -> Result<Shape> {
        let geometry = self.geometry(inputs)?;
        Ok(vec![geometry.in_h, geometry.in_w, geometry.in_c])
    }

    fn params(&self, inputs: &[&[usize]]) -> Vec<ParamSpec> {
        let (c, window) = (inputs[0][2], self.kernel_size * self.kernel_size);
        let mut specs = vec![ParamSpec {
            name: "weights",
            shape: vec![self.kernel_size, self.kernel_size, self.filters, c],
            initial: Initial::Random { fan_in: window * c, fan_out: window * self.filters },
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
        Keeps { inputs: true, output: false }
    }

    fn workspace(&self, inputs: &[&[usize]], batch: usize, mode: Mode) -> Workspace {
        let geometry = self.known_geometry(inputs[0]);
        let of_input = geometry.forward_scratch_len(batch) + batch * inputs[0].iter().product::<usize>();
        let backward = of_input.max(geometry.backward_scratch_len(batch));
        Workspace {
            saved: 0,
            forward: geometry.backward_scratch_len(batch),
            backward: if mode.is_training() { backward } else { 0 },
        }
    }

    fn forward(&self, cx: Forward<'_>) {
        let geometry = self.known_geometry(cx.input_shapes[0]);
        let (weights, bias) = cx.params.split_at(self.n_weights(geometry.out_c));
        if self.bias {
            cx.output.chunks_exact_mut(self.filters).for_each(|y| y.copy_from_slice(bias));
        } else {
            cx.output.fill(0.0);
        }
        geometry.backward_input(cx.batch, cx.inputs[0], weights, cx.scratch, cx.output);
    }

    #[cfg(feature = "train")]
    fn backward(&self, cx: Backward<'_>) {
        let geometry = self.known_geometry(cx.input_shapes[0]);
        let weights = &cx.params[..self.n_weights(geometry.out_c)];
        let (d_weights, d_bias) = cx.d_params.split_at_mut(weights.len());
        if self.bias {
            reduce::column_sums_add(cx.d_output, self.filters, d_bias);
        }
        geometry.backward_filters(cx.batch, cx.d_output, cx.inputs[0], cx.scratch, d_weights);
        let [d_x, _] = cx.d_inputs;
        if !d_x.is_empty() {
            let (sum, scratch) = cx.scratch.split_at_mut(d_x.len());
            geometry.forward(
                cx.batch,
                cx.d_output,
                Filters::Plain(weights),
                None,
                Activation::None,
                scratch,
                sum,
            );
            elementwise::add_assign(d_x, sum);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::check::check_gradients;

    #[test]
    fn gradients_match_central_differences() {
        for (op, shape) in [
            (ConvTranspose2d::new(3, 3), [3, 4, 2]),
            (ConvTranspose2d::new(2, 3).stride(2).padding(Padding::Same), [3, 2, 3]),
            (ConvTranspose2d::new(4, 4).stride(2).padding(Padding::Explicit(1)), [3, 3, 2]),
            (ConvTranspose2d::new(1, 2).stride(3).without_bias(), [2, 3, 5]),
        ] {
            check_gradients(&op, &[&shape], 2);
        }
    }

    #[test]
    fn sizes_are_those_of_keras_and_pytorch() {
        let of = |op: ConvTranspose2d| op.output_shape(&[&[7, 5, 1]]).unwrap();
        assert_eq!(of(ConvTranspose2d::new(2, 5).stride(2)), [17, 13, 2]);
        assert_eq!(of(ConvTranspose2d::new(2, 5).stride(2).padding(Padding::Same)), [14, 10, 2]);
        assert_eq!(of(ConvTranspose2d::new(2, 4).stride(2).padding(Padding::Explicit(1))), [14, 10, 2]);
    }
}
