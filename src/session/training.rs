//! A session's data set, and what runs over it: a training, an evaluation.

use serde::Serialize;

use super::Session;
use super::correction::Corrections;
use super::evaluation::Evaluation;
use super::fine_tuning::Tuning;
use super::teaching::Reading;
use crate::data::Dataset;
use crate::data::views::Views;
use crate::error::{Error, Result};
use crate::explain::Robustness;
use crate::train::features::KnownFeatures;
use crate::train::finder::RateFinder;
use crate::train::internals::Internals;
use crate::train::search::Search;
use crate::train::trainer::check_fit;
use crate::train::{
    Changeable, EpochRecord, Evaluator, Executor, InTurn, TrainChanges, TrainOptions, Trainer,
};

/// The data set and the runs under way.
#[derive(Debug, Default)]
pub(super) struct Runs {
    pub(super) dataset: Option<Dataset>,
    pub(super) trainer: Option<Trainer>,
    /// Examples that were held out of the last training.
    held_out: Vec<u32>,
    pub(super) n_epochs_reported: usize,
    evaluator: Option<Evaluator>,
    pub(super) search: Option<Search>,
    pub(super) finder: Option<RateFinder>,
    pub(super) corrections: Corrections,
    pub(super) robustness: Option<Robustness>,
    pub(super) reading: Option<Reading>,
    pub(super) known: KnownFeatures,
    pub(super) tuning: Option<Tuning>,
}

impl Runs {
    /// Notes what a run that begins, or goes on, means for the rest.
    pub(super) fn begin(&mut self, trainer: &Trainer) {
        self.held_out.clone_from(&trainer.split().validation);
        self.n_epochs_reported = 0;
        self.evaluator = None;
        // They are of layers that change now.
        self.corrections = Corrections::default();
        self.robustness = None;
        // The weights will be others.
        self.reading = None;
        self.known.forget(None);
        self.tuning = None;
    }
}

/// Which examples to evaluate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvaluationSet {
    /// Those held out of the last training; all if there was none.
    Validation,
    /// All of the data set.
    All,
}

/// What a data set is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct DatasetInfo {
    /// Pictures.
    pub n_examples: usize,
    /// Height, width and channels of each.
    pub shape: [usize; 3],
    /// Pictures of each class.
    pub class_counts: Vec<u32>,
    /// Names of the classes.
    pub class_names: Vec<String>,
}

impl DatasetInfo {
    /// What this data set is.
    pub(super) fn of(dataset: &Dataset) -> DatasetInfo {
        DatasetInfo {
            n_examples: dataset.len(),
            shape: dataset.shape,
            class_counts: dataset.class_counts(),
            class_names: dataset.class_names.clone(),
        }
    }
}

/// How far a training run is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct TrainProgress {
    /// `running` or `finished`.
    pub state: &'static str,
    /// The epoch under way, from 1.
    pub epoch: u32,
    /// Epochs in all.
    pub n_epochs: u32,
    /// Steps taken.
    pub step: u64,
    /// Steps in all.
    pub n_steps: u64,
    /// Steps taken in this epoch.
    pub step_in_epoch: u64,
    /// Steps of this epoch.
    pub steps_per_epoch: u64,
    /// Training examples seen, each as often as it came.
    pub n_examples_seen: u64,
    /// Those of this epoch.
    pub n_examples_in_epoch: u64,
    /// Training examples of an epoch.
    pub n_examples_per_epoch: u64,
    /// Of the next step.
    pub learning_rate: f32,
    /// What may change while it runs, as it is now.
    pub in_force: Changeable,
    /// Mean over this epoch's training examples so far.
    pub loss: f32,
    /// Share of this epoch's training examples answered rightly so far.
    pub accuracy: f32,
    /// The epochs that ended since the last report.
    pub history: Vec<EpochRecord>,
    /// The epoch of the best validation accuracy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub best_epoch: Option<u32>,
    /// That accuracy.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub best_validation_accuracy: Option<f32>,
}

impl Session {
    /// Takes the examples to train and evaluate on.
    ///
    /// # Errors
    /// [`Error::Shape`] or [`Error::Label`] when they do not fit the model; [`Error::State`] during a run.
    pub fn set_dataset(&mut self, dataset: Dataset) -> Result<DatasetInfo> {
        self.refuse_during_run("Changing the data set")?;
        check_fit(&self.model, &dataset)?;
        let info = DatasetInfo::of(&dataset);
        self.runs.dataset = Some(dataset);
        self.runs.held_out.clear();
        self.runs.evaluator = None;
        self.runs.search = None;
        self.runs.finder = None;
        self.runs.corrections = Corrections::default();
        self.runs.robustness = None;
        Ok(info)
    }

    /// An example of the data set: its picture and its class.
    ///
    /// # Errors
    /// [`Error::State`] without data; [`Error::Config`] for an example that there is not.
    pub fn example(&self, index: usize) -> Result<(&[u8], u32)> {
        let dataset = self.runs.dataset.as_ref().ok_or_else(|| Session::no_data("Looking at an example"))?;
        if index >= dataset.len() {
            return Err(Error::config("index", "below the number of examples", index));
        }
        Ok((dataset.example(index), dataset.labels[index]))
    }

    /// The examples that an evaluation on [`EvaluationSet::Validation`] is of: those held out of the last training, all if
    /// there was none.
    ///
    /// # Errors
    /// [`Error::State`] without data.
    pub fn evaluated(&self) -> Result<Vec<u32>> {
        let dataset = self.runs.dataset.as_ref().ok_or_else(|| Session::no_data("Evaluating"))?;
        Ok(match &self.runs.held_out[..] {
            [] => (0..dataset.len() as u32).collect(),
            held_out => held_out.to_vec(),
        })
    }

    pub(super) fn refuse_during_run(&self, what: &str) -> Result<()> {
        match self.runs.trainer {
            Some(_) => Err(Error::state("the running training to stop", what)),
            None => Ok(()),
        }
    }

    pub(super) fn no_data(call: &str) -> Box<Error> {
        Error::state("a data set", call)
    }

    /// Begins a training run on the data set.
    ///
    /// # Errors
    /// [`Error::State`] without data or during another run; else as [`Trainer::new`].
    pub fn start_training(&mut self, options: TrainOptions) -> Result<TrainProgress> {
        self.refuse_during_run("Another training")?;
        let dataset = self.runs.dataset.as_ref().ok_or_else(|| Session::no_data("Training"))?;
        let trainer = Trainer::new(&self.model, dataset, options)?;
        // It told about features that are about to change.
        self.model.novelty.clear();
        self.runs.begin(&trainer);
        let progress = progress_of(&trainer, &mut self.runs.n_epochs_reported);
        self.runs.trainer = Some(trainer);
        Ok(progress)
    }

    /// Trains on until `out_of_time` says so, the run is finished, or an epoch has ended; at least one step.
    ///
    /// # Errors
    /// [`Error::State`] without a run; [`Error::NonFinite`], which ends it.
    pub fn train_slice(&mut self, out_of_time: &mut dyn FnMut() -> bool) -> Result<TrainProgress> {
        self.train_slice_by(&InTurn, out_of_time)
    }

    /// [`train_slice`](Self::train_slice) with the shards computed by `executor`.
    ///
    /// # Errors
    /// As there.
    pub fn train_slice_by(
        &mut self,
        executor: &dyn Executor,
        out_of_time: &mut dyn FnMut() -> bool,
    ) -> Result<TrainProgress> {
        let (Some(trainer), Some(dataset)) = (&mut self.runs.trainer, &self.runs.dataset) else {
            return Err(Error::state("a started training", "Going on with training"));
        };
        loop {
            let advanced = trainer.advance(&mut self.model, dataset, executor);
            let epoch_ended = trainer.history().len() > self.runs.n_epochs_reported;
            if advanced.is_err() || trainer.is_finished() || epoch_ended || out_of_time() {
                return self.report(advanced);
            }
        }
    }

    /// How far the run is, which ends here if it failed or is finished.
    pub(super) fn report(&mut self, advanced: Result<()>) -> Result<TrainProgress> {
        let Some(trainer) = &mut self.runs.trainer else { return Err(Session::no_data("Training")) };
        let progress = progress_of(trainer, &mut self.runs.n_epochs_reported);
        if advanced.is_err() || trainer.is_finished() {
            trainer.finish(&mut self.model);
            self.runs.trainer = None;
        }
        advanced.map(|()| progress)
    }

    /// Changes options of the run from the next step on: all that are given, or on an error none.
    ///
    /// # Errors
    /// [`Error::State`] without a run; else as [`Trainer::change`].
    pub fn change_training(&mut self, changes: &TrainChanges) -> Result<TrainProgress> {
        let Some(trainer) = &mut self.runs.trainer else {
            return Err(Error::state("a started training", "Changing its options"));
        };
        trainer.change(changes)?;
        Ok(progress_of(trainer, &mut self.runs.n_epochs_reported))
    }

    /// What goes on inside the network that learns; `now` tells milliseconds.
    ///
    /// # Errors
    /// [`Error::State`] without a run; else as [`Trainer::internals`].
    pub fn internals(&mut self, now: &mut dyn FnMut() -> f64) -> Result<Internals> {
        let (trainer, model, dataset) = self.run()?;
        trainer.internals(model, dataset, now)
    }

    /// Ends the run where it is, with the best parameters if its options say so.
    ///
    /// # Errors
    /// [`Error::State`] without a run.
    pub fn stop_training(&mut self) -> Result<TrainProgress> {
        let Some(trainer) = self.runs.trainer.take() else {
            return Err(Error::state("a started training", "Stopping training"));
        };
        trainer.finish(&mut self.model);
        let mut progress = progress_of(&trainer, &mut self.runs.n_epochs_reported);
        progress.state = "finished";
        Ok(progress)
    }

    /// Begins an evaluation of the model as it is, and returns the number of examples.
    ///
    /// # Errors
    /// [`Error::State`] without data; [`Error::Data`] without examples.
    pub fn start_evaluation(&mut self, which: EvaluationSet) -> Result<usize> {
        self.start_evaluation_of(which, Views::default())
    }

    /// [`start_evaluation`](Self::start_evaluation) by the mean over several views of each example.
    ///
    /// # Errors
    /// As there.
    pub fn start_evaluation_of(&mut self, which: EvaluationSet, views: Views) -> Result<usize> {
        let dataset = self.runs.dataset.as_ref().ok_or_else(|| Session::no_data("Evaluating"))?;
        let indices = match which {
            EvaluationSet::Validation => self.evaluated()?,
            EvaluationSet::All => (0..dataset.len() as u32).collect(),
        };
        if indices.is_empty() {
            return Err(Error::data("at least one example to evaluate", "none"));
        }
        let mut evaluator = Evaluator::new(&self.model, indices, 1)?;
        evaluator.keep_answers(&self.model);
        evaluator.see(views);
        let n = evaluator.n_examples();
        self.runs.evaluator = Some(evaluator);
        Ok(n)
    }

    /// Evaluates on until `out_of_time` says so; the result when all is done, until then how many are.
    ///
    /// # Errors
    /// [`Error::State`] when no evaluation was started.
    pub fn evaluate_slice(
        &mut self,
        out_of_time: &mut dyn FnMut() -> bool,
    ) -> Result<std::result::Result<Evaluation, usize>> {
        let (Some(evaluator), Some(dataset)) = (&mut self.runs.evaluator, &self.runs.dataset) else {
            return Err(Error::state("a started evaluation", "Going on evaluating"));
        };
        loop {
            evaluator.advance(&self.model, dataset, &InTurn);
            if evaluator.is_finished() || out_of_time() {
                break;
            }
        }
        if !evaluator.is_finished() {
            return Ok(Err(evaluator.n_done()));
        }
        let evaluation = Evaluation::of(evaluator);
        self.runs.evaluator = None;
        Ok(Ok(evaluation))
    }
}

pub(super) fn progress_of(trainer: &Trainer, n_epochs_reported: &mut usize) -> TrainProgress {
    let options = trainer.options();
    let history = trainer.history()[*n_epochs_reported..].to_vec();
    *n_epochs_reported += history.len();
    let [step_in_epoch, steps_per_epoch] = trainer.steps_in_epoch();
    let [n_examples_seen, n_examples_in_epoch] = trainer.n_examples_seen();
    TrainProgress {
        state: if trainer.is_finished() { "finished" } else { "running" },
        epoch: trainer.epoch(),
        n_epochs: options.epochs,
        step: trainer.step(),
        n_steps: trainer.n_steps(),
        step_in_epoch,
        steps_per_epoch,
        n_examples_seen,
        n_examples_in_epoch,
        n_examples_per_epoch: trainer.split().training.len() as u64,
        learning_rate: trainer.learning_rate(),
        in_force: Changeable::of(options),
        loss: trainer.metrics().loss(),
        accuracy: trainer.metrics().accuracy(),
        history,
        best_epoch: trainer.best().map(|(epoch, _)| epoch),
        best_validation_accuracy: trainer.best().map(|(_, accuracy)| accuracy),
    }
}
