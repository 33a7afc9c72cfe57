//! Explanations of a session's model: see [`crate::explain`].

use super::{Session, Source};
use crate::error::{Error, Result};
use crate::explain::robustness::RobustnessOptions;
use crate::explain::{
    Activations, Disturbance, Explain, HeatMap, Robustness, RobustnessPoint, activations, disturb, heat_map,
};

impl Session {
    /// Which pixels speak for a class; none for a blank picture.
    ///
    /// # Errors
    /// As [`Session::predict`] and [`heat_map()`].
    pub fn explain(&mut self, source: Source<'_>, asked: &Explain) -> Result<Option<HeatMap>> {
        let prediction = self.predict(source, 1)?;
        let Some(answered) = prediction.classes.first() else { return Ok(None) };
        heat_map(&self.model, &prediction.input, answered.index, asked).map(Some)
    }

    /// The output of a layer; none for a blank picture.
    ///
    /// # Errors
    /// As [`Session::predict`] and [`activations()`].
    pub fn activations(&mut self, source: Source<'_>, layer: &str) -> Result<Option<Activations>> {
        let prediction = self.predict(source, 1)?;
        if prediction.blank {
            return Ok(None);
        }
        activations(&self.model, &prediction.input, layer).map(Some)
    }

    /// The picture as the network sees it, disturbed; none for a blank one. An attack leads away from `class`, the one
    /// answered if not said, or with `toward` to it.
    ///
    /// # Errors
    /// As [`Session::predict`] and [`disturb::disturb`].
    pub fn disturb(
        &mut self,
        source: Source<'_>,
        class: Option<usize>,
        kind: Disturbance,
        strength: f32,
        seed: u64,
        toward: bool,
    ) -> Result<Option<Vec<u8>>> {
        let prediction = self.predict(source, 1)?;
        let Some(answered) = prediction.classes.first() else { return Ok(None) };
        let class = class.unwrap_or(answered.index);
        disturb::disturb(&self.model, &prediction.input, class, kind, strength, seed, toward).map(Some)
    }

    /// Begins a curve of the accuracy on the examples of an evaluation, as a disturbance grows.
    ///
    /// # Errors
    /// [`Error::State`] without data; else as [`Robustness::new`].
    pub fn start_robustness(&mut self, options: RobustnessOptions) -> Result<()> {
        let indices = self.evaluated()?;
        self.runs.robustness = Some(Robustness::new(&self.model, &indices, options)?);
        Ok(())
    }

    /// Goes on with it until `out_of_time` says so: the share done and the points so far.
    ///
    /// # Errors
    /// [`Error::State`] when none was begun.
    pub fn robustness_slice(
        &mut self,
        out_of_time: &mut dyn FnMut() -> bool,
    ) -> Result<(f32, Vec<RobustnessPoint>)> {
        let (Some(robustness), Some(dataset)) = (&mut self.runs.robustness, &self.runs.dataset) else {
            return Err(Error::state("a begun curve", "Going on with a curve of robustness"));
        };
        loop {
            robustness.advance(&self.model, dataset);
            if robustness.is_finished() || out_of_time() {
                return Ok((robustness.share(), robustness.curve()));
            }
        }
    }
}
