//! One example, varied at random: as if drawn, worn or photographed again.
//!
//! [`Augmentation`] is the options, [`Sampler`] applies them. A sampler works in this order, each
//! part in a file of its own:
//!
//! 1. `stroke_width`: grey dilation or erosion;
//! 2. `warp`: flip, scale, stretch, shear, rotation, shift, and the `elastic` field, all in one
//!    bilinear resampling about the middle of the picture;
//! 3. tone: brightness and contrast, then noise, then a black rectangle (in `sampler`);
//! 4. [`normalize`](crate::image::normalize): to the numbers a network is fed.

mod elastic;
mod sampler;
mod stroke_width;
mod warp;

pub use sampler::Sampler;

use serde::{Deserialize, Serialize};

use crate::error::{Error, Result};
use crate::settings::{Setting, Settings, choose};
use crate::told::Told;
use crate::value::Value;

/// How far an example may be varied. Everything is off by default.
///
/// Each example draws its own amounts evenly from the ranges given here.
#[derive(Serialize, Deserialize, Clone, Copy, Debug, PartialEq)]
#[serde(rename_all = "camelCase", try_from = "Value")]
pub struct Augmentation {
    /// Moves the picture by up to this many pixels, to either side and up or down. 0 to 1000. By whole pixels, so that
    /// it stays sharp, unless it is also turned, scaled, stretched, slanted or bent.
    pub shift: f32,
    /// Turns it by up to this many degrees, either way. 0 to 180.
    pub rotate: f32,
    /// Enlarges it by a factor between these two, each 0.1 to 10, the lower first.
    pub scale: [f32; 2],
    /// Changes the ratio of width to height by a factor of up to 1 + this, either way, keeping the area. 0 to 3.
    pub stretch: f32,
    /// Slants it by up to this many degrees, either way: a vertical line leans, a horizontal one
    /// stays. 0 to 80.
    pub shear: f32,
    /// Bends it as if printed on rubber.
    pub elastic: Elastic,
    /// Mirrors it left to right, every other time.
    pub flip_horizontal: bool,
    /// Blackens a rectangle whose sides are up to this share of the picture's. 0 to 1.
    pub erase: f32,
    /// Multiplies all values by a factor between 1 − this and 1 + this. 0 to 1.
    pub brightness: f32,
    /// Multiplies each value's distance from the picture's mean by a factor between 1 − this and 1 + this. 0 to 1.
    pub contrast: f32,
    /// Adds noise whose standard deviation is up to this share of the full range of values. 0 to 1.
    pub noise: f32,
    /// Moves the edges of bright strokes outwards or inwards by up to this many pixels. 0 to 4.
    pub thickness: f32,
    /// What lies around the picture, for what comes into view from there.
    pub surroundings: Surroundings,
}

/// A smooth random displacement of the picture's points.
#[derive(Serialize, Clone, Copy, Debug, PartialEq)]
#[serde(rename_all = "camelCase")]
pub struct Elastic {
    /// The displacement's standard deviation in each direction is up to this many pixels. 0 to 100.
    pub strength: f32,
    /// Pixels over which the displacement changes: the spacing of its grid. 1 to 1000.
    pub smoothness: f32,
}

/// What lies around a picture.
#[derive(Serialize, Clone, Copy, Debug, Default, PartialEq, Eq)]
#[serde(rename_all = "camelCase")]
pub enum Surroundings {
    /// Black, as around a digit of MNIST.
    #[default]
    Black,
    /// The pixels of the nearest edge, as fits photos.
    Edge,
}

impl Default for Elastic {
    fn default() -> Elastic {
        Elastic { strength: 0.0, smoothness: 8.0 }
    }
}

impl Default for Augmentation {
    fn default() -> Augmentation {
        Augmentation {
            shift: 0.0,
            rotate: 0.0,
            scale: [1.0, 1.0],
            stretch: 0.0,
            shear: 0.0,
            elastic: Elastic::default(),
            flip_horizontal: false,
            erase: 0.0,
            brightness: 0.0,
            contrast: 0.0,
            noise: 0.0,
            thickness: 0.0,
            surroundings: Surroundings::Black,
        }
    }
}

impl TryFrom<Value> for Augmentation {
    type Error = Box<Error>;

    fn try_from(value: Value) -> Result<Augmentation> {
        let mut settings = Settings::new("augmentation", value)?;
        let s = &mut settings;
        let off = Augmentation::default();
        let augmentation = Augmentation {
            shift: s.get_or("shift", off.shift)?,
            rotate: s.get_or("rotate", off.rotate)?,
            scale: s.get_or("scale", off.scale)?,
            stretch: s.get_or("stretch", off.stretch)?,
            shear: s.get_or("shear", off.shear)?,
            elastic: s.record_or("elastic", off.elastic)?,
            flip_horizontal: s.get_or("flipHorizontal", off.flip_horizontal)?,
            erase: s.get_or("erase", off.erase)?,
            brightness: s.get_or("brightness", off.brightness)?,
            contrast: s.get_or("contrast", off.contrast)?,
            noise: s.get_or("noise", off.noise)?,
            thickness: s.get_or("thickness", off.thickness)?,
            surroundings: s.get_or("surroundings", off.surroundings)?,
        };
        settings.finish()?;
        Ok(augmentation)
    }
}

impl TryFrom<Value> for Elastic {
    type Error = Box<Error>;

    fn try_from(value: Value) -> Result<Elastic> {
        let mut settings = Settings::new("elastic", value)?;
        let off = Elastic::default();
        let elastic = Elastic {
            strength: settings.get_or("strength", off.strength)?,
            smoothness: settings.get_or("smoothness", off.smoothness)?,
        };
        settings.finish()?;
        Ok(elastic)
    }
}

impl Setting for Surroundings {
    fn read(name: &str, value: Value) -> Result<Surroundings> {
        choose(name, value, &[("black", Surroundings::Black), ("edge", Surroundings::Edge)])
    }
}

impl Augmentation {
    /// Whether every option is off, so that examples come out as they are.
    pub fn is_off(&self) -> bool {
        let varied = Augmentation {
            elastic: Elastic { strength: self.elastic.strength, ..Elastic::default() },
            surroundings: Surroundings::Black,
            ..*self
        };
        varied == Augmentation::default()
    }

    /// Whether the picture is turned, scaled, stretched, slanted or bent, which takes values between its pixels.
    fn resamples(&self) -> bool {
        let amounts = [self.rotate, self.stretch, self.shear, self.elastic.strength];
        self.scale != [1.0, 1.0] || amounts.iter().any(|&amount| amount > 0.0)
    }

    /// Refuses values outside the ranges given at the fields.
    ///
    /// # Errors
    /// [`Error::Config`] naming the option, as `augmentation.shift`.
    pub fn validate(&self) -> Result<()> {
        let [lowest, highest] = self.scale;
        let ranges = [
            ("shift", self.shift, 0.0, 1000.0),
            ("rotate", self.rotate, 0.0, 180.0),
            ("scale[0]", lowest, 0.1, 10.0),
            ("scale[1]", highest, 0.1, 10.0),
            ("stretch", self.stretch, 0.0, 3.0),
            ("shear", self.shear, 0.0, 80.0),
            ("elastic.strength", self.elastic.strength, 0.0, 100.0),
            ("elastic.smoothness", self.elastic.smoothness, 1.0, 1000.0),
            ("erase", self.erase, 0.0, 1.0),
            ("brightness", self.brightness, 0.0, 1.0),
            ("contrast", self.contrast, 0.0, 1.0),
            ("noise", self.noise, 0.0, 1.0),
            ("thickness", self.thickness, 0.0, 4.0),
        ];
        for (option, value, low, high) in ranges {
            if !(low..=high).contains(&value) {
                let option = format!("augmentation.{option}");
                return Err(Error::config(
                    &option,
                    format!("between {} and {}", low.told(), high.told()),
                    value,
                ));
            }
        }
        if lowest > highest {
            let got = format!("[{}, {}]", lowest.told(), highest.told());
            return Err(Error::config("augmentation.scale", "the lower factor first", got));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_left_out_are_off_and_unknown_ones_refused() {
        let some: Augmentation =
            serde_json::from_str(r#"{"shift": 2, "elastic": {"strength": 1}, "flipHorizontal": true}"#)
                .unwrap();
        assert_eq!(
            some,
            Augmentation {
                shift: 2.0,
                elastic: Elastic { strength: 1.0, smoothness: 8.0 },
                flip_horizontal: true,
                ..Augmentation::default()
            }
        );
        assert!(serde_json::from_str::<Augmentation>(r#"{"shfit": 2}"#).is_err());
        let back = serde_json::to_string(&some).unwrap();
        assert_eq!(serde_json::from_str::<Augmentation>(&back).unwrap(), some);
    }

    #[test]
    fn off_means_that_nothing_varies() {
        let off = Augmentation::default();
        assert!(off.is_off() && off.validate().is_ok());
        assert!(Augmentation { elastic: Elastic { strength: 0.0, smoothness: 3.0 }, ..off }.is_off());
        assert!(!Augmentation { scale: [0.9, 1.0], ..off }.is_off());
    }

    #[test]
    fn a_value_out_of_range_names_its_option() {
        let off = Augmentation::default();
        let cases = [
            (Augmentation { shift: -1.0, ..off }, "augmentation.shift"),
            (Augmentation { rotate: f32::NAN, ..off }, "augmentation.rotate"),
            (Augmentation { scale: [1.2, 0.8], ..off }, "augmentation.scale"),
            (Augmentation { scale: [0.0, 0.8], ..off }, "augmentation.scale[0]"),
            (
                Augmentation { elastic: Elastic { strength: 1.0, smoothness: 0.0 }, ..off },
                "augmentation.elastic.smoothness",
            ),
            (Augmentation { erase: 1.5, ..off }, "augmentation.erase"),
            (Augmentation { thickness: f32::INFINITY, ..off }, "augmentation.thickness"),
        ];
        for (options, name) in cases {
            match *options.validate().expect_err(name) {
                Error::Config { option, .. } => assert_eq!(option, name),
                other => panic!("{name}: {other:?}"),
            }
        }
    }
}
