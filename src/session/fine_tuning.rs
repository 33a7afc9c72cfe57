//! A lesson after which the backbone learns on, a slice at a time.

use super::Session;
use crate::error::{Error, Result};
use crate::model::{Backbone, Detail};
use crate::train::fine_tuner::{FineTuneOptions, Pictures};
use crate::train::fine_tuning::{FineTuned, FineTuning};
use crate::train::lesson::{Lesson, LessonOptions};

/// A lesson, and what learns on from it.
#[derive(Debug)]
pub(super) struct Tuning {
    lesson: Lesson,
    tuning: FineTuning,
}

impl Session {
    /// As [`teach`](Session::teach), or without features as [`teach_known`](Session::teach_known); then begins to let the
    /// backbone learn on. `pictures` are those that the features are of.
    ///
    /// # Errors
    /// As there and [`FineTuning::of_lesson`].
    pub fn start_fine_tuning(
        &mut self,
        features: Option<&[f32]>,
        pictures: Pictures,
        labels: &[String],
        detail: Detail,
        lesson: LessonOptions,
        options: FineTuneOptions,
    ) -> Result<()> {
        self.refuse_during_run("Fine-tuning")?;
        self.runs.tuning = None;
        let backbone = Backbone::of(&self.model, detail)?;
        let n_features = backbone.n_features();
        let rows: Vec<&[f32]> = match features {
            Some(features) => features.chunks(n_features).collect(),
            None => self.runs.known.rows(&pictures.numbers, lesson.n_views, n_features)?,
        };
        let (lesson, tuning) = FineTuning::of_lesson(&backbone, &rows, pictures, labels, lesson, options)?;
        self.runs.tuning = Some(Tuning { lesson, tuning });
        Ok(())
    }

    /// Goes on until `out_of_time` says so, at least a step; how far it is then, from 0 to 1. At 1 it is finished.
    ///
    /// # Errors
    /// [`Error::State`] when none was started; [`Error::NonFinite`], which ends it.
    pub fn fine_tune_slice(&mut self, out_of_time: &mut dyn FnMut() -> bool) -> Result<f32> {
        let Some(Tuning { tuning, .. }) = &mut self.runs.tuning else {
            return Err(Error::state("a fine-tuning that was started", "Going on with it"));
        };
        loop {
            if let Err(error) = tuning.advance() {
                self.runs.tuning = None;
                return Err(error);
            }
            if tuning.is_finished() || out_of_time() {
                return Ok(tuning.share());
            }
        }
    }

    /// Ends it: what it came to, and the lesson it began from; nothing of one that was not finished.
    pub fn finish_fine_tuning(&mut self) -> Option<(FineTuned, Lesson)> {
        let Tuning { lesson, tuning } = self.runs.tuning.take()?;
        tuning.is_finished().then(|| (tuning.finish(), lesson))
    }
}
