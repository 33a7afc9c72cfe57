//! Floor 7: what every door calls: a model, perhaps a data set, perhaps a run over it. Absent by design:
//! types of JavaScript, files, clocks.

mod records;

pub use records::{ClassConfidence, DatasetInfo, Evaluation, ModelInfo, Prediction, TrainProgress};

use crate::data::Dataset;
use crate::data::augment::write_plain;
use crate::error::{Error, Limits, Result};
use crate::graph::{Mode, Targets};
use crate::image::Pixels;
use crate::image::strokes::Stroke;
use crate::model::{Model, ModelSpec, Picture, StorageType};
use crate::ops::Softmax;
use crate::plan::{Plan, Step};
use crate::train::trainer::check_fit;
use crate::train::{Evaluator, Executor, InTurn, TrainOptions, Trainer};

/// A model and what is being done with it.
#[derive(Debug)]
pub struct Session {
    model: Model,
    predictor: Plan,
    dataset: Option<Dataset>,
    trainer: Option<Trainer>,
    /// Examples that were held out of the last training.
    held_out: Vec<u32>,
    n_epochs_reported: usize,
    evaluator: Option<Evaluator>,
}

/// What someone wants classified.
#[derive(Clone, Copy, Debug)]
pub enum Source<'a> {
    /// 8-bit pixels, row after row: gray, RGB or RGBA by the number of channels.
    Pixels {
        /// The values.
        data: &'a [u8],
        /// Columns.
        width: usize,
        /// Rows.
        height: usize,
        /// 1, 3 or 4.
        channels: usize,
    },
    /// The path of a pen.
    Strokes(&'a [Stroke]),
    /// A picture of the network's own input shape, to be used as it is.
    Prepared(&'a [u8]),
}

/// Which examples to evaluate.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EvaluationSet {
    /// Those held out of the last training; all if there was none.
    Validation,
    /// All of the data set.
    All,
}

impl Session {
    /// A session with the model of a file.
    ///
    /// # Errors
    /// As [`Model::load`].
    pub fn load(bytes: &[u8], limits: &Limits) -> Result<Session> {
        Session::new(Model::load(bytes, limits)?)
    }

    /// A session with a new model: the JSON of a [`ModelSpec`].
    ///
    /// # Errors
    /// [`Error::Format`] for what is no spec; else as [`Model::create`].
    pub fn create(spec_json: &str, seed: u64) -> Result<Session> {
        let spec: ModelSpec = serde_json::from_str(spec_json).map_err(|error| {
            Error::format("network description", "inputShape, labels and layers", error.to_string())
        })?;
        Session::new(Model::create(spec, seed)?)
    }

    /// A session with this model.
    ///
    /// # Errors
    /// [`Error::Limit`] when the network needs too much memory.
    pub fn new(model: Model) -> Result<Session> {
        let mut graph = model.graph().clone();
        graph.push(Softmax, &[graph.output()])?;
        let predictor = Plan::compile(graph.fused(), 1, Mode::Inference, &[])?;
        Ok(Session {
            model,
            predictor,
            dataset: None,
            trainer: None,
            held_out: Vec::new(),
            n_epochs_reported: 0,
            evaluator: None,
        })
    }

    /// The model as it is.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// What the model is.
    pub fn info(&self) -> ModelInfo {
        let (spec, graph) = (self.model.spec(), self.model.graph());
        ModelInfo {
            labels: spec.labels.clone(),
            input_shape: spec.input_shape,
            n_parameters: self.model.params.len(),
            multiply_adds: graph.multiply_adds(),
            layers: graph.summary(),
            preprocessing: spec.preprocessing.clone(),
        }
    }

    /// The `top_k` most confident classes for a picture; none for a blank one.
    ///
    /// # Errors
    /// [`Error::Shape`] or [`Error::Limit`] for pixels that do not fit their stated size.
    pub fn predict(&mut self, source: Source<'_>, top_k: usize) -> Result<Prediction> {
        let shape = self.model.spec().input_shape;
        let preprocessing = &self.model.spec().preprocessing;
        let input = match source {
            Source::Pixels { data, width, height, channels } => {
                let pixels = Pixels::new(width, height, channels, data.to_vec())?;
                preprocessing.prepare(Picture::Pixels(&pixels), shape)?.map(|pixels| pixels.data)
            }
            Source::Strokes(strokes) => {
                preprocessing.prepare(Picture::Strokes(strokes), shape)?.map(|pixels| pixels.data)
            }
            Source::Prepared(data) => {
                let len: usize = shape.iter().product();
                if data.len() != len {
                    return Err(Error::Shape {
                        at: "The model's input".into(),
                        expected: format!("{len} bytes"),
                        got: format!("{} bytes", data.len()),
                    });
                }
                Some(data.to_vec())
            }
        };
        let Some(input) = input else {
            return Ok(Prediction { classes: Vec::new(), blank: true, input: Vec::new() });
        };
        let (mean, inverse_deviation) = preprocessing.normalization(shape[2]);
        write_plain(&input, &mean, &inverse_deviation, self.predictor.input_mut(0, 1));
        let step = Step { batch: 1, targets: Targets::None, seed: 0, loss_scale: 0.0 };
        self.predictor.forward(&self.model.params, &mut self.model.state, step);
        let probabilities = self.predictor.value(self.predictor.graph().output(), 1);
        let mut order: Vec<usize> = Vec::new();
        for index in 0..probabilities.len() {
            order.insert(order.partition_point(|&other| probabilities[other] >= probabilities[index]), index);
            order.truncate(top_k);
        }
        let classes = order.into_iter().map(|index| ClassConfidence {
            label: self.model.spec().labels[index].clone(),
            index,
            confidence: probabilities[index],
        });
        Ok(Prediction { classes: classes.collect(), blank: false, input })
    }

    /// Takes the examples to train and evaluate on.
    ///
    /// # Errors
    /// [`Error::Shape`] or [`Error::Label`] when they do not fit the model; [`Error::State`] during a run.
    pub fn set_dataset(&mut self, dataset: Dataset) -> Result<DatasetInfo> {
        self.refuse_during_run("Changing the data set")?;
        check_fit(&self.model, &dataset)?;
        let info = DatasetInfo {
            n_examples: dataset.len(),
            shape: dataset.shape,
            class_counts: dataset.class_counts(),
            class_names: dataset.class_names.clone(),
        };
        self.dataset = Some(dataset);
        self.held_out.clear();
        self.evaluator = None;
        Ok(info)
    }

    fn refuse_during_run(&self, what: &str) -> Result<()> {
        match self.trainer {
            Some(_) => {
                Err(Error::State { expected: "the running training to stop".into(), got: what.into() })
            }
            None => Ok(()),
        }
    }

    fn no_data(call: &str) -> Error {
        Error::State { expected: "a data set".into(), got: call.into() }
    }

    /// Begins a training run on the data set.
    ///
    /// # Errors
    /// [`Error::State`] without data or during another run; else as [`Trainer::new`].
    pub fn start_training(&mut self, options: TrainOptions) -> Result<TrainProgress> {
        self.refuse_during_run("Another training")?;
        let dataset = self.dataset.as_ref().ok_or_else(|| Session::no_data("Training"))?;
        let trainer = Trainer::new(&self.model, dataset, options)?;
        self.held_out.clone_from(&trainer.split().validation);
        self.n_epochs_reported = 0;
        self.evaluator = None;
        let progress = progress_of(&trainer, &mut self.n_epochs_reported);
        self.trainer = Some(trainer);
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
        let (Some(trainer), Some(dataset)) = (&mut self.trainer, &self.dataset) else {
            return Err(Error::State {
                expected: "a started training".into(),
                got: "Going on with training".into(),
            });
        };
        loop {
            if let Err(error) = trainer.advance(&mut self.model, dataset, executor) {
                trainer.finish(&mut self.model);
                self.trainer = None;
                return Err(error);
            }
            let epoch_ended = trainer.history().len() > self.n_epochs_reported;
            if trainer.is_finished() || epoch_ended || out_of_time() {
                break;
            }
        }
        let progress = progress_of(trainer, &mut self.n_epochs_reported);
        if trainer.is_finished() {
            trainer.finish(&mut self.model);
            self.trainer = None;
        }
        Ok(progress)
    }

    /// Changes the base learning rate of the run from the next step on.
    ///
    /// # Errors
    /// [`Error::State`] without a run; [`Error::Config`] for a rate that is none.
    pub fn set_learning_rate(&mut self, learning_rate: f32) -> Result<()> {
        match &mut self.trainer {
            Some(trainer) => trainer.set_learning_rate(learning_rate),
            None => Err(Error::State {
                expected: "a started training".into(),
                got: "Changing the learning rate".into(),
            }),
        }
    }

    /// Ends the run where it is, with the best parameters if its options say so.
    ///
    /// # Errors
    /// [`Error::State`] without a run.
    pub fn stop_training(&mut self) -> Result<TrainProgress> {
        let Some(trainer) = self.trainer.take() else {
            return Err(Error::State {
                expected: "a started training".into(),
                got: "Stopping training".into(),
            });
        };
        trainer.finish(&mut self.model);
        let mut progress = progress_of(&trainer, &mut self.n_epochs_reported);
        progress.state = "finished";
        Ok(progress)
    }

    /// Begins an evaluation of the model as it is, and returns the number of examples.
    ///
    /// # Errors
    /// [`Error::State`] without data; [`Error::Data`] without examples.
    pub fn start_evaluation(&mut self, which: EvaluationSet) -> Result<usize> {
        let dataset = self.dataset.as_ref().ok_or_else(|| Session::no_data("Evaluating"))?;
        let indices = match which {
            EvaluationSet::Validation if !self.held_out.is_empty() => self.held_out.clone(),
            _ => (0..dataset.len() as u32).collect(),
        };
        if indices.is_empty() {
            return Err(Error::Data {
                expected: "at least one example to evaluate".into(),
                got: "none".into(),
            });
        }
        let evaluator = Evaluator::new(&self.model, indices, 1)?;
        let n = evaluator.n_examples();
        self.evaluator = Some(evaluator);
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
        let (Some(evaluator), Some(dataset)) = (&mut self.evaluator, &self.dataset) else {
            return Err(Error::State {
                expected: "a started evaluation".into(),
                got: "Going on evaluating".into(),
            });
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
        let metrics = evaluator.metrics();
        let evaluation = Evaluation {
            n_examples: metrics.n_examples(),
            loss: metrics.loss(),
            accuracy: metrics.accuracy(),
            top_k: [metrics.top_k(2), metrics.top_k(3)],
            confusion: metrics.confusion_rows(),
        };
        self.evaluator = None;
        Ok(Ok(evaluation))
    }

    /// The model as the bytes of a file.
    pub fn save(&self, storage: StorageType) -> Vec<u8> {
        self.model.save(storage)
    }
}

fn progress_of(trainer: &Trainer, n_epochs_reported: &mut usize) -> TrainProgress {
    let options = trainer.options();
    let history = trainer.history()[*n_epochs_reported..].to_vec();
    *n_epochs_reported += history.len();
    let epoch = trainer.epoch();
    let before = u64::from(epoch - 1);
    let step_in_epoch = trainer.step() - before * trainer.steps_per_epoch();
    let n_training = trainer.split().training.len() as u64;
    let in_epoch = (step_in_epoch * options.batch_size as u64).min(n_training);
    TrainProgress {
        state: if trainer.is_finished() { "finished" } else { "running" },
        epoch,
        n_epochs: options.epochs,
        step: trainer.step(),
        n_steps: trainer.n_steps(),
        step_in_epoch,
        steps_per_epoch: trainer.steps_per_epoch(),
        n_examples_seen: before * n_training + in_epoch,
        learning_rate: trainer.learning_rate(),
        loss: trainer.metrics().loss(),
        accuracy: trainer.metrics().accuracy(),
        history,
        best_epoch: trainer.best().map(|(epoch, _)| epoch),
        best_validation_accuracy: trainer.best().map(|(_, accuracy)| accuracy),
    }
}
