//! Floor 3: the operators, one file each with formula, shape rule, forward, backward and tests;
//! losses are operators too. Absent by design: other operators, the arena.

mod activate;
mod add;
mod affine;
mod average_pool2d;
mod batch_norm;
#[cfg(test)]
mod check;
mod chosen_output;
mod concat;
mod conv2d;
mod conv_transpose2d;
mod dense;
mod dropout;
mod flatten;
mod global_average_pool2d;
mod global_max_pool2d;
mod grouped_conv2d;
mod input;
mod layer_norm;
mod loss;
mod max_pool2d;
mod multiply;
mod over_time;
mod padding;
mod pool_window;
mod reshape;
mod simple_rnn;
mod softmax;
mod upsample2d;
mod zero_pad2d;

pub use activate::Activate;
pub use add::Add;
pub use affine::Affine;
pub use average_pool2d::AveragePool2d;
pub use batch_norm::BatchNorm;
pub use chosen_output::ChosenOutput;
pub use concat::Concat;
pub use conv_transpose2d::ConvTranspose2d;
pub use conv2d::Conv2d;
pub use dense::Dense;
pub use dropout::Dropout;
pub use flatten::Flatten;
pub use global_average_pool2d::GlobalAveragePool2d;
pub use global_max_pool2d::GlobalMaxPool2d;
pub use grouped_conv2d::GroupedConv2d;
pub use input::Input;
pub use layer_norm::LayerNorm;
pub use loss::{Loss, LossKind};
pub use max_pool2d::MaxPool2d;
pub use multiply::Multiply;
pub use over_time::OverTime;
pub use padding::Padding;
pub use reshape::Reshape;
pub use simple_rnn::SimpleRnn;
pub use softmax::Softmax;
pub use upsample2d::{Interpolation, Upsample2d};
pub use zero_pad2d::ZeroPad2d;

use crate::error::{Error, Result};

/// The error of an operator that got other inputs than it takes.
fn wrong_inputs(op: &str, expected: &str, inputs: &[&[usize]]) -> Box<Error> {
    Error::shape(op, expected, inputs)
}

/// The `[h, w, c]` of the only input.
fn one_picture(op: &str, inputs: &[&[usize]]) -> Result<[usize; 3]> {
    match inputs {
        &[&[h, w, c]] => Ok([h, w, c]),
        _ => Err(wrong_inputs(op, "one input of shape [height, width, channels]", inputs)),
    }
}

/// The only input's shape.
fn one_input<'a>(op: &str, inputs: &[&'a [usize]]) -> Result<&'a [usize]> {
    match inputs {
        &[shape] => Ok(shape),
        _ => Err(wrong_inputs(op, "one input", inputs)),
    }
}
