//! The digits of a drawing.

use super::{Session, Source};
use crate::error::Result;
use crate::image::grouping::{self, Group, Look};
use crate::image::strokes::Stroke;

impl Session {
    /// Which strokes of a drawing are one digit, the digits as they are read. A network that knows what is no digit has its
    /// say where the places of the strokes leave a doubt; of any other these alone count.
    ///
    /// # Errors
    /// As [`Session::predict`] for strokes.
    pub fn group(&mut self, strokes: &[Stroke]) -> Result<Vec<Group>> {
        if self.model.novelty.is_empty() {
            return Ok(grouping::digits(strokes));
        }
        grouping::digits_by(strokes, &mut |places| {
            let own: Vec<Stroke> = places.iter().map(|&place| strokes[place].clone()).collect();
            let prediction = self.predict(Source::Strokes(&own), 1)?;
            let confidence = prediction.classes.first().map_or(0.0, |class| class.confidence);
            Ok(Look { confidence, novelty: prediction.novelty.unwrap_or(0.0) })
        })
    }
}
