//! Where a sliding window may stand, shared by convolution and pooling.

use serde::Serialize;

use crate::error::{Error, Result};
use crate::settings::{Setting, choose};
use crate::value::Value;

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
    /// So many cells of zeros on every side; in JSON the number. Fewer than the window has cells.
    #[serde(untagged)]
    Explicit(usize),
}

impl Setting for Padding {
    fn read(name: &str, value: Value) -> Result<Padding> {
        if matches!(value, Value::Number(_)) {
            return Ok(Padding::Explicit(usize::read(name, value)?));
        }
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
        let pad = match self {
            Padding::Valid => 0,
            Padding::Explicit(pad) if pad < window => pad,
            Padding::Explicit(pad) => {
                return Err(Error::config("padding", format!("below the window's {window} cells"), pad));
            }
            Padding::Same => {
                let out = len.div_ceil(stride);
                let total = ((out - 1) * stride + window).saturating_sub(len);
                return Ok(Axis { out, pad_before: total / 2 });
            }
        };
        if window > len + 2 * pad {
            return Err(Error::shape(
                op,
                format!("an input at least as large as its window of {window}"),
                len,
            ));
        }
        Ok(Axis { out: (len + 2 * pad - window) / stride + 1, pad_before: pad })
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
    fn explicit_padding_is_counted_on_both_sides() {
        let axis = Padding::Explicit(1).axis("conv2d", 7, 3, 2, 1).unwrap();
        assert_eq!(axis, Axis { out: 4, pad_before: 1 });
        assert_eq!(Padding::Explicit(3).axis("conv2d", 7, 3, 2, 1).unwrap_err().code(), "config");
        assert_eq!(Padding::read("padding", Value::Number(2.0)), Ok(Padding::Explicit(2)));
        assert_eq!(serde_json::to_string(&Padding::Explicit(2)).unwrap(), "2");
    }

    #[test]
    fn a_window_larger_than_the_input_is_refused() {
        assert_eq!(Padding::Valid.axis("conv2d", 4, 3, 1, 2).unwrap_err().code(), "shape");
        assert_eq!(Padding::Same.axis("conv2d", 4, 3, 0, 1).unwrap_err().code(), "config");
    }
}
