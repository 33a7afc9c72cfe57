//! The digits of a drawing.

use super::{Session, Source};
use crate::image::grouping::{self, Group, Look};
use crate::image::strokes::Stroke;

impl Session {
    /// Which strokes of a drawing are one digit, the digits as they are read. A network that knows what is no digit has its
    /// say where the places of the strokes leave a doubt; of any other these alone count.
    pub fn group(&mut self, strokes: &[Stroke]) -> Vec<Group> {
        grouping::digits_by(strokes, &mut |places| {
            if self.model.novelty.is_empty() {
                return None;
            }
            let own: Vec<Stroke> = places.iter().map(|&place| strokes[place].clone()).collect();
            let prediction = self.predict(Source::Strokes(&own), 1).ok()?;
            Some(Look { confidence: prediction.classes.first()?.confidence, novelty: prediction.novelty? })
        })
    }
}
