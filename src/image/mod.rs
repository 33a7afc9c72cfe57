//! Floor 1, image: pixels, and everything done to them before a network sees them.
//!
//! [`Pixels`] is a plain picture of bytes; [`decode`] makes one from a compressed file; [`digit`] and
//! [`strokes`] make the 28×28 picture that MNIST networks expect; [`grouping`] tells which strokes are one digit, [`page`]
//! finds the digits in a photo of handwriting. All arithmetic is whole numbers or
//! basic f32/f64 operations in a fixed order, so that results are equal on every target. Absent by
//! design: models, normalization to f32, files.

use crate::error::{Error, Result};
use crate::told::Told;

pub mod crop;
#[cfg(feature = "decode")]
pub mod decode;
pub mod digit;
pub mod grouping;
pub mod normalize;
pub mod orientation;
pub mod page;
mod paper;
#[cfg(any(feature = "every-layer", feature = "train"))]
pub mod pen_steps;
pub mod resize;
pub mod strokes;

/// A picture of 8-bit samples, rows from the top, channels interleaved: `data: [height, width, channels]`.
#[derive(Clone, Debug, PartialEq)]
pub struct Pixels {
    /// Columns, at least 1.
    pub width: usize,
    /// Rows, at least 1.
    pub height: usize,
    /// 1 gray, 3 red green blue, 4 the same with straight (not premultiplied) alpha.
    pub channels: usize,
    /// `width * height * channels` samples.
    pub data: Vec<u8>,
}

impl Pixels {
    /// A picture of the given samples.
    ///
    /// # Errors
    /// [`Error::Shape`] for a side of 0, for channels other than 1, 3 and 4, and for data of another length.
    pub fn new(width: usize, height: usize, channels: usize, data: Vec<u8>) -> Result<Pixels> {
        if !matches!(channels, 1 | 3 | 4) {
            return Err(shape_error("1, 3 or 4 channels", channels));
        }
        if width == 0 || height == 0 {
            return Err(shape_error("at least 1×1 pixels", format!("{width}×{height}")));
        }
        let expected = (width as u64).checked_mul(height as u64).and_then(|n| n.checked_mul(channels as u64));
        if expected != Some(data.len() as u64) {
            return Err(shape_error(
                format!("width × height × channels samples ({width} × {height} × {channels})"),
                data.len(),
            ));
        }
        Ok(Pixels { width, height, channels, data })
    }

    /// This picture in one channel: Rec. 601 luma, (299 R + 587 G + 114 B) / 1000 rounded, after laying a
    /// transparent picture over white.
    pub fn to_gray(&self) -> Pixels {
        if self.channels == 1 {
            return self.clone();
        }
        self.gray_over(255)
    }

    /// The luma of this picture laid over the gray level `ground`.
    pub(crate) fn gray_over(&self, ground: u8) -> Pixels {
        let data = match self.channels {
            3 => self.data.chunks_exact(3).map(|rgb| luma(rgb[0], rgb[1], rgb[2])).collect(),
            4 => self
                .data
                .chunks_exact(4)
                .map(|rgba| over(luma(rgba[0], rgba[1], rgba[2]), rgba[3], ground))
                .collect(),
            _ => self.data.clone(),
        };
        Pixels { width: self.width, height: self.height, channels: 1, data }
    }

    /// This picture in red, green and blue, a transparent one laid over white.
    pub fn to_rgb(&self) -> Pixels {
        let data = match self.channels {
            1 => self.data.iter().flat_map(|&gray| [gray; 3]).collect(),
            4 => self
                .data
                .chunks_exact(4)
                .flat_map(|rgba| [0, 1, 2].map(|channel| over(rgba[channel], rgba[3], 255)))
                .collect(),
            _ => self.data.clone(),
        };
        Pixels { width: self.width, height: self.height, channels: 3, data }
    }

    /// This picture with `n` channels: 1 as [`Pixels::to_gray`], 3 as [`Pixels::to_rgb`], 4 with an alpha
    /// of 255 where it had none.
    ///
    /// # Errors
    /// [`Error::Shape`] for any other `n`.
    pub fn to_channels(&self, n: usize) -> Result<Pixels> {
        match n {
            1 => Ok(self.to_gray()),
            3 => Ok(self.to_rgb()),
            4 if self.channels == 4 => Ok(self.clone()),
            4 => {
                let rgb = self.to_rgb();
                let data = rgb.data.chunks_exact(3).flat_map(|rgb| [rgb[0], rgb[1], rgb[2], 255]).collect();
                Ok(Pixels { channels: 4, data, ..rgb })
            }
            _ => Err(shape_error("1, 3 or 4 channels", n)),
        }
    }
}

fn shape_error(expected: impl Into<String>, got: impl Told) -> Box<Error> {
    Error::shape("A picture", expected, got)
}

/// (299 R + 587 G + 114 B) / 1000, rounded.
fn luma(red: u8, green: u8, blue: u8) -> u8 {
    ((u32::from(red) * 299 + u32::from(green) * 587 + u32::from(blue) * 114 + 500) / 1000) as u8
}

/// (value · alpha + ground · (255 − alpha)) / 255, rounded.
fn over(value: u8, alpha: u8, ground: u8) -> u8 {
    let (value, alpha, ground) = (u32::from(value), u32::from(alpha), u32::from(ground));
    ((value * alpha + ground * (255 - alpha) + 127) / 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_lengths_sides_and_channels_are_refused() {
        assert!(Pixels::new(2, 3, 1, vec![0; 6]).is_ok());
        for (width, height, channels, len) in
            [(2, 3, 1, 5), (0, 3, 1, 0), (2, 0, 3, 0), (2, 3, 2, 12), (usize::MAX, usize::MAX, 4, 4)]
        {
            let refused = Pixels::new(width, height, channels, vec![0; len]);
            assert_eq!(refused.expect_err("must be refused").code(), "shape");
        }
    }

    #[test]
    fn gray_is_rec_601_luma_over_white() {
        let picture = Pixels::new(3, 1, 4, vec![255, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 51]).expect("sound");
        assert_eq!(picture.to_gray().data, [76, 255, 204]);
        assert_eq!(picture.to_rgb().data, [255, 0, 0, 255, 255, 255, 204, 204, 204]);
    }

    #[test]
    fn channels_added_and_removed_again_change_nothing() {
        let gray = Pixels::new(4, 1, 1, vec![0, 1, 128, 255]).expect("sound");
        for n in [1, 3, 4] {
            assert_eq!(gray.to_channels(n).expect("known").to_gray(), gray);
        }
        assert!(gray.to_channels(2).is_err());
    }
}
