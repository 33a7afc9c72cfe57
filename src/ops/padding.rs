//! Where a sliding window may stand, shared by convolution and pooling.

use serde::Serialize;
use serde_json::Value;

use crate::error::{Error, Result};
use crate::settings::{Setting, choose};

/// How a window treats the border.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Padding {
    /// The window stays inside: `out = (in - window) / stride + 1`, rounded down.
    #[default]
    Valid,
    /// `out = in / stride`, rounded up, with zeros around; of an odd total the larger half comes
    /// after, as in TensorFlow.
    Same,
}

impl Setting for Padding {
    fn read(name: &str, value: Value) -> Result<Padding> {
        choose(name, value, &[("valid", Padding::Valid), ("same", Padding::Same)])
    }
}

/// The window positions along one axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Axis {
    /// Positions of the window.
    pub out: usize,
    /// Cells before the first of the input.
    pub pad_before: usize,
}

impl Padding {
    /// Positions of a window of `kernel` cells, `dilation` apart, at every `stride`-th cell of `len`.
    ///
    /// # Errors
    /// [`Error::Config`] for an option of 0 or one that would wrap; [`Error::Shape`] when the window
    /// is larger than a valid-padded input.
    pub(super) fn axis(
        self,
        op: &str,
        len: usize,
        kernel: usize,
        stride: usize,
        dilation: usize,
    ) -> Result<Axis> {
        for (option, value) in [("kernelSize", kernel), ("stride", stride), ("dilation", dilation)] {
            if value == 0 || value > 1 << 12 {
                return Err(Error::config(option, "between 1 and 4096", value));
            }
        }
        let window = (kernel - 1) * dilation + 1;
        match self {
            Padding::Valid if window > len => Err(Error::Shape {
                at: op.into(),
                expected: format!("an input at least as large as its window of {window}"),
                got: format!("{len}"),
            }),
            Padding::Valid => Ok(Axis { out: (len - window) / stride + 1, pad_before: 0 }),
            Padding::Same => {
                let out = len.div_ceil(stride);
                let total = ((out - 1) * stride + window).saturating_sub(len);
                Ok(Axis { out, pad_before: total / 2 })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn same_padding_puts_the_larger_half_after_as_tensorflow_does() {
        // (input, kernel, stride) → (out, before), as computed by tf.nn.conv2d.
        for (len, kernel, stride, out, before) in
            [(28, 3, 1, 28, 1), (28, 3, 2, 14, 0), (7, 3, 2, 4, 1), (5, 2, 1, 5, 0), (6, 5, 3, 2, 1)]
        {
            let axis = Padding::Same.axis("conv2d", len, kernel, stride, 1).unwrap();
            assert_eq!(axis, Axis { out, pad_before: before }, "{len} {kernel} {stride}");
        }
    }

    #[test]
    fn a_window_larger_than_the_input_is_refused() {
        assert_eq!(Padding::Valid.axis("conv2d", 4, 3, 1, 2).unwrap_err().code(), "shape");
        assert_eq!(Padding::Same.axis("conv2d", 4, 3, 0, 1).unwrap_err().code(), "config");
    }
}
