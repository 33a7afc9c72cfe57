//! The window that both poolings slide over a picture.

use super::{Padding, one_picture};
use crate::error::Result;
use crate::kernels::pool::Pool2d;

/// Size, spacing and border of a pooling's square windows.
#[derive(Clone, Copy, Debug)]
pub(super) struct PoolWindow {
    /// Side of the window.
    pub size: usize,
    /// Cells from one window to the next.
    pub stride: usize,
    /// What happens at the border.
    pub padding: Padding,
}

impl PoolWindow {
    /// Windows side by side, valid padding.
    pub fn side_by_side(size: usize) -> PoolWindow {
        PoolWindow { size, stride: size, padding: Padding::Valid }
    }

    /// The pooling of an input of these shapes by the operator `op`.
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape) or [`Error::Config`](crate::Error::Config).
    pub fn geometry(self, op: &str, inputs: &[&[usize]]) -> Result<Pool2d> {
        let [in_h, in_w, channels] = one_picture(op, inputs)?;
        let rows = self.padding.axis(op, in_h, self.size, self.stride, 1)?;
        let columns = self.padding.axis(op, in_w, self.size, self.stride, 1)?;
        Ok(Pool2d {
            in_h,
            in_w,
            channels,
            out_h: rows.out,
            out_w: columns.out,
            pool_h: self.size,
            pool_w: self.size,
            stride_h: self.stride,
            stride_w: self.stride,
            pad_top: rows.pad_before,
            pad_left: columns.pad_before,
        })
    }
}
