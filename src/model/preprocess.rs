//! From pixels or pen strokes to the network's input; part of every model and of its file.

use serde::Serialize;

use crate::error::{Error, Limits, Result};
use crate::image::strokes::Stroke;
use crate::image::{Pixels, crop, digit, resize, strokes};
use crate::json::shortest_each;
use crate::settings::{Setting, Settings, choose};
use crate::told::Told;
use crate::value::Value;

/// How a picture becomes the network's input: first to pixels of the input's shape, then each channel to
/// `(value / 255 - mean) / standard deviation`.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Preprocessing {
    /// How the pixels are arranged.
    pub preparation: Preparation,
    /// Mean of each channel, 0 where not given. Units: 1 is white.
    #[serde(serialize_with = "shortest_each")]
    pub mean: Vec<f32>,
    /// Standard deviation of each channel, 1 where not given.
    #[serde(serialize_with = "shortest_each")]
    pub standard_deviation: Vec<f32>,
}

/// How pixels are arranged for the network.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Preparation {
    /// The middle square, scaled to the input.
    #[default]
    Resize,
    /// The ink alone, as in MNIST: 20 pixels long, white on black, centered by mass in 28 × 28.
    Digit,
    /// The path of a pen as 64 even steps of direction and pressure, 64 × 3; pictures have none.
    PenSteps,
}

/// What someone wants classified.
#[derive(Clone, Copy, Debug)]
pub enum Picture<'a> {
    /// Pixels of any size.
    Pixels(&'a Pixels),
    /// The path of a pen.
    Strokes(&'a [Stroke]),
}

impl TryFrom<Value> for Preprocessing {
    type Error = Box<Error>;

    fn try_from(value: Value) -> Result<Preprocessing> {
        let mut settings = Settings::new("preprocessing", value)?;
        let read = Preprocessing {
            preparation: settings.get_or("preparation", Preparation::default())?,
            mean: settings.get_or("mean", Vec::new())?,
            standard_deviation: settings.get_or("standardDeviation", Vec::new())?,
        };
        settings.finish()?;
        Ok(read)
    }
}

impl Setting for Preparation {
    fn read(name: &str, value: Value) -> Result<Preparation> {
        let choices = [
            ("resize", Preparation::Resize),
            ("digit", Preparation::Digit),
            ("penSteps", Preparation::PenSteps),
        ];
        choose(name, value, &choices)
    }
}

impl Preprocessing {
    /// As MNIST was made, with the mean and deviation of its training digits.
    pub fn digit() -> Preprocessing {
        Preprocessing {
            preparation: Preparation::Digit,
            mean: vec![0.1307],
            standard_deviation: vec![0.3081],
        }
    }

    /// Refuses what cannot work for inputs of this shape.
    pub(super) fn validate(&self, input_shape: [usize; 3]) -> Result<()> {
        let channels = input_shape[2];
        for (option, values) in [("mean", &self.mean), ("standardDeviation", &self.standard_deviation)] {
            if !values.is_empty() && values.len() != channels {
                return Err(Error::config(
                    option,
                    format!("{channels} numbers"),
                    format!("{} numbers", values.len()),
                ));
            }
            if let Some(bad) = values.iter().find(|value| !value.is_finite()) {
                return Err(Error::config(option, "finite numbers", bad));
            }
        }
        if let Some(bad) = self.standard_deviation.iter().find(|&&value| value <= 1e-6) {
            return Err(Error::config("standardDeviation", "above 0", bad));
        }
        let (own_shape, name) = match self.preparation {
            Preparation::Resize => return Ok(()),
            Preparation::Digit => ([digit::SIDE, digit::SIDE, 1], "digit"),
            Preparation::PenSteps => ([64, 3, 1], "penSteps"),
        };
        if input_shape == own_shape {
            return Ok(());
        }
        let expected = format!("resize for any input shape other than {}", own_shape.told());
        Err(Error::config("preparation", expected, name))
    }

    /// Mean of each channel and the inverse of its standard deviation.
    pub fn normalization(&self, channels: usize) -> (Vec<f32>, Vec<f32>) {
        let mean = if self.mean.is_empty() { vec![0.0; channels] } else { self.mean.clone() };
        let deviation = if self.standard_deviation.is_empty() {
            vec![1.0; channels]
        } else {
            self.standard_deviation.clone()
        };
        (mean, deviation.iter().map(|deviation| 1.0 / deviation).collect())
    }

    /// The pixels as the network sees them, before normalization; none where there is nothing to see.
    ///
    /// # Errors
    /// [`Error::Limit`] for a picture above [`Limits::pixels`]; [`Error::Unsupported`] for strokes where
    /// the model takes pictures of another shape than the digits', and for pictures where it takes strokes.
    pub fn prepare(&self, picture: Picture<'_>, input_shape: [usize; 3]) -> Result<Option<Pixels>> {
        match (picture, self.preparation) {
            // A drawing has no size of its own: it fits whatever is as large as the digits.
            (Picture::Strokes(strokes), Preparation::Digit | Preparation::Resize)
                if input_shape == [digit::SIDE, digit::SIDE, 1] =>
            {
                Ok(strokes::prepare(strokes))
            }
            (Picture::Strokes(_), Preparation::Digit | Preparation::Resize) => Err(Error::unsupported(
                "Reading pen strokes with this model",
                "give it the drawing as a picture",
            )),
            #[cfg(feature = "every-layer")]
            (Picture::Strokes(strokes), Preparation::PenSteps) => {
                let steps = crate::image::pen_steps::pen_steps(strokes);
                steps.map(|steps| Pixels::new(3, 64, 1, steps)).transpose()
            }
            (_, Preparation::PenSteps) => Err(Error::unsupported(
                "Reading pictures with a model of the pen's path",
                "draw with the pen",
            )),
            (Picture::Pixels(pixels), preparation) => {
                let n_pixels = (pixels.width as u64).saturating_mul(pixels.height as u64);
                Limits::check("pixels of the picture", n_pixels, Limits::default().pixels)?;
                if preparation == Preparation::Digit {
                    return Ok(digit::prepare(pixels));
                }
                let [height, width, channels] = input_shape;
                let square = crop::center_square(&pixels.to_channels(channels)?);
                Ok(Some(resize::area(&square, width, height)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::strokes::Point;

    #[test]
    fn a_drawing_fits_every_gray_network_of_its_size_and_no_other() {
        let stroke = [Point { x: 0.0, y: 0.0 }, Point { x: 30.0, y: 90.0 }];
        let strokes: [Stroke; 1] = [stroke.to_vec()];
        let resize = Preprocessing::default();
        let drawn = resize.prepare(Picture::Strokes(&strokes), [28, 28, 1]).unwrap();
        assert_eq!(drawn, Preprocessing::digit().prepare(Picture::Strokes(&strokes), [28, 28, 1]).unwrap());
        for shape in [[32, 32, 1], [28, 28, 3]] {
            assert_eq!(resize.prepare(Picture::Strokes(&strokes), shape).unwrap_err().code(), "unsupported");
        }
    }
}
