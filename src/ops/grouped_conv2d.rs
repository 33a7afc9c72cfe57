//! Convolution in groups of channels; with a group for each channel, depthwise convolution.

use super::{Padding, one_picture};
use crate::error::{Error, Result};
use crate::graph::{Backward, Forward, Initial, Keeps, Operator, ParamSpec, Shape};
use crate::kernels::activation::Activation;
use crate::kernels::conv2d::Conv2d as Geometry;
use crate::kernels::depthwise::GroupedConv2d as Kernel;
use crate::kernels::reduce;

/// As [`Conv2d`](super::Conv2d), but the outputs of group `g` see the inputs of group `g` only.
///
/// Shapes: `x: [h, w, c]`, `w: [kernel, kernel, c / groups, filters]`, `b: [filters]`, `y: [out_h, out_w, filters]`.
/// In a depthwise convolution the `multiplier` outputs of a channel lie side by side, so the filters are, element for
/// element, Keras' `[kernel, kernel, c, multiplier]`.
#[derive(Clone, Debug)]
pub struct GroupedConv2d {
    channels: Channels,
    kernel_size: usize,
    stride: usize,
    dilation: usize,
    padding: Padding,
    bias: bool,
    activation: Activation,
}

/// How many there are.
#[derive(Clone, Copy, Debug)]
enum Channels {
    Groups { filters: usize, groups: usize },
    Depthwise { multiplier: usize },
}

impl GroupedConv2d {
    /// `filters` square filters of `kernel_size` in `groups` groups, stride 1, valid padding, with bias.
    pub fn new(filters: usize, kernel_size: usize, groups: usize) -> GroupedConv2d {
        GroupedConv2d {
            channels: Channels::Groups { filters, groups },
            kernel_size,
            stride: 1,
            dilation: 1,
            padding: Padding::Valid,
            bias: true,
            activation: Activation::None,
        }
    }

    /// `multiplier` filters for each channel.
    pub fn depthwise(kernel_size: usize, multiplier: usize) -> GroupedConv2d {
        GroupedConv2d {
            channels: Channels::Depthwise { multiplier },
            ..GroupedConv2d::new(0, kernel_size, 0)
        }
    }

    /// With this padding.
    pub fn padding(self, padding: Padding) -> GroupedConv2d {
        GroupedConv2d { padding, ..self }
    }

    /// At every `stride`-th cell.
    pub fn stride(self, stride: usize) -> GroupedConv2d {
        GroupedConv2d { stride, ..self }
    }

    /// With filter cells `dilation` apart.
    pub fn dilation(self, dilation: usize) -> GroupedConv2d {
        GroupedConv2d { dilation, ..self }
    }

    /// Without a bias, as before batch normalization.
    pub fn without_bias(self) -> GroupedConv2d {
        GroupedConv2d { bias: false, ..self }
    }

    fn kernel(&self, inputs: &[&[usize]]) -> Result<Kernel> {
        let [in_h, in_w, in_c] = one_picture(self.name(), inputs)?;
        let (out_c, n_groups) = match self.channels {
            Channels::Groups { filters, groups } => (filters, groups),
            Channels::Depthwise { multiplier: 0 } => {
                return Err(Error::config("multiplier", "at least 1", 0_usize));
            }
            Channels::Depthwise { multiplier } => (in_c.saturating_mul(multiplier), in_c),
        };
        if out_c == 0 {
            return Err(Error::config("filters", "at least 1", out_c));
        }
        if n_groups == 0 || in_c % n_groups != 0 || out_c % n_groups != 0 {
            let expected = format!("a divisor of the {in_c} channels and of the {out_c} filters");
            return Err(Error::config("groups", expected, n_groups));
        }
        let rows = self.padding.axis(self.name(), in_h, self.kernel_size, self.stride, self.dilation)?;
        let columns = self.padding.axis(self.name(), in_w, self.kernel_size, self.stride, self.dilation)?;
        let conv = Geometry {
            in_h,
            in_w,
            in_c,
            out_h: rows.out,
            out_w: columns.out,
            out_c,
            kernel_h: self.kernel_size,
            kernel_w: self.kernel_size,
            stride_h: self.stride,
            stride_w: self.stride,
            pad_top: rows.pad_before,
            pad_left: columns.pad_before,
            dilation_h: self.dilation,
            dilation_w: self.dilation,
        };
        Ok(Kernel { conv, n_groups })
    }

    fn known_kernel(&self, input_shape: &[usize]) -> Kernel {
        self.kernel(&[input_shape]).expect("the graph checked the shape")
    }

    fn weights_shape(&self, kernel: &Kernel) -> [usize; 4] {
        [self.kernel_size, self.kernel_size, kernel.conv.in_c / kernel.n_groups, kernel.conv.out_c]
    }
}

impl Operator for GroupedConv2d {
    fn name(&self) -> &'static str {
        match self.channels {
            Channels::Groups { .. } => "grouped_conv2d",
            Channels::Depthwise { .. } => "depthwise_conv2d",
        }
    }

    fn output_shape(&self, inputs: &[&[usize]]) -> Result<Shape> {
        let conv = self.kernel(inputs)?.conv;
        Ok(vec![conv.out_h, conv.out_w, conv.out_c])
    }

    fn params(&self, inputs: &[&[usize]]) -> Vec<ParamSpec> {
        let kernel = self.known_kernel(inputs[0]);
        let shape = self.weights_shape(&kernel);
        let window = self.kernel_size * self.kernel_size;
        let (fan_in, fan_out) = (window * shape[2], window * (shape[3] / kernel.n_groups));
        let initial = Initial::Random { fan_in, fan_out };
        let mut specs = vec![ParamSpec { name: "weights", shape: shape.to_vec(), initial }];
        if self.bias {
            specs.push(ParamSpec { name: "bias", shape: vec![shape[3]], initial: Initial::Zeros });
        }
        specs
    }

    fn multiply_adds(&self, inputs: &[&[usize]]) -> u64 {
        self.kernel(inputs).map_or(0, |kernel| kernel.multiply_adds())
    }

    fn keeps(&self) -> Keeps {
        Keeps { inputs: true, output: self.activation != Activation::None }
    }

    fn with_activation(&self, activation: Activation) -> Option<Box<dyn Operator>> {
        (self.activation == Activation::None)
            .then(|| Box::new(GroupedConv2d { activation, ..self.clone() }) as _)
    }

    fn forward(&self, cx: Forward<'_>) {
        let kernel = self.known_kernel(cx.input_shapes[0]);
        let (weights, bias) = cx.params.split_at(self.weights_shape(&kernel).iter().product());
        kernel.forward(cx.batch, cx.inputs[0], weights, self.bias.then_some(bias), cx.output);
        self.activation.forward_in_place(cx.output);
    }

    #[cfg(feature = "train")]
    fn backward(&self, cx: Backward<'_>) {
        let kernel = self.known_kernel(cx.input_shapes[0]);
        self.activation.backward_in_place(cx.output, cx.d_output);
        let weights = &cx.params[..self.weights_shape(&kernel).iter().product()];
        let (d_weights, d_bias) = cx.d_params.split_at_mut(weights.len());
        if self.bias {
            reduce::column_sums_add(cx.d_output, kernel.conv.out_c, d_bias);
        }
        kernel.backward_filters(cx.batch, cx.inputs[0], cx.d_output, d_weights);
        let [d_x, _] = cx.d_inputs;
        if !d_x.is_empty() {
            kernel.backward_input(cx.batch, cx.d_output, weights, d_x);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::check::check_gradients;

    #[test]
    fn gradients_match_central_differences() {
        let cases = [
            (GroupedConv2d::new(6, 3, 3), [5, 7, 3]),
            (GroupedConv2d::new(4, 3, 2).padding(Padding::Same).stride(2), [5, 4, 6]),
            (GroupedConv2d::depthwise(3, 1).padding(Padding::Explicit(1)), [5, 4, 5]),
            (GroupedConv2d::depthwise(3, 2).stride(2).without_bias(), [7, 5, 3]),
            (GroupedConv2d::depthwise(2, 1).dilation(2), [5, 5, 4]),
        ];
        for (op, shape) in cases {
            check_gradients(&op, &[&shape], 2);
            check_gradients(op.with_activation(Activation::Tanh).unwrap().as_ref(), &[&shape], 2);
        }
    }

    #[test]
    fn groups_that_do_not_divide_the_channels_are_refused() {
        for (filters, groups) in [(6, 4), (5, 3), (6, 0)] {
            let error = GroupedConv2d::new(filters, 3, groups).output_shape(&[&[8, 8, 6]]).unwrap_err();
            assert!(error.to_string().contains("groups"), "{error}");
        }
    }
}
