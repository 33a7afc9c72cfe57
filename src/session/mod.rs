//! Floor 7: what every door calls: a model, and with the feature `train` a data set and runs over it. Absent by design:
//! types of JavaScript, files, clocks.
//!
//! ```
//! use ocelli::data::generated;
//! use ocelli::model::{Model, zoo};
//! use ocelli::session::{Session, Source};
//! use ocelli::train::TrainOptions;
//!
//! let mut session = Session::new(Model::create(zoo::preset("tiny")?, 1)?)?;
//! let digits = generated::generate("handwriting", 100, 1)?;
//! let picture = digits.example(0).to_vec();
//! session.set_dataset(digits)?;
//! session.start_training(TrainOptions { epochs: 1, ..TrainOptions::default() })?;
//! // Whoever calls says when a slice has taken long enough: here after each step.
//! while session.train_slice(&mut || true)?.state != "finished" {}
//! let prediction = session.predict(Source::Prepared(&picture), 3)?;
//! assert_eq!(prediction.classes.len(), 3);
//! # Ok::<(), ocelli::Error>(())
//! ```

#[cfg(feature = "train")]
mod batch;
#[cfg(feature = "train")]
mod checkpoint;
#[cfg(feature = "train")]
mod correction;
mod drawing;
#[cfg(feature = "train")]
mod evaluation;
#[cfg(feature = "train")]
mod explanation;
#[cfg(feature = "train")]
mod finding;
#[cfg(feature = "train")]
mod fine_tuning;
#[cfg(feature = "train")]
mod gan;
mod page;
#[cfg(feature = "train")]
mod parts;
mod records;
#[cfg(feature = "train")]
mod search;
#[cfg(feature = "train")]
mod teaching;
#[cfg(feature = "train")]
mod training;
mod watched;

#[cfg(feature = "train")]
pub use correction::Correction;
#[cfg(feature = "train")]
pub use evaluation::Evaluation;
#[cfg(feature = "train")]
pub use gan::{GanInfo, GanProgress, GanSession, Samples};
pub use page::{PageRow, ReadDigit};
pub use records::{ClassConfidence, ModelInfo, Prediction};
#[cfg(feature = "train")]
use training::Runs;
#[cfg(feature = "train")]
pub use training::{DatasetInfo, EvaluationSet, TrainProgress};
use watched::Watched;

use crate::error::{Error, Limits, Result};
use crate::graph::{Graph, Mode, NodeId, Targets};
use crate::image::Pixels;
use crate::image::normalize::write_plain;
use crate::image::strokes::Stroke;
#[cfg(feature = "json")]
use crate::json::{Json, SerdeJson};
use crate::model::{Model, ModelSpec, Picture, StorageType};
use crate::ops::Softmax;
use crate::plan::{Plan, Step};

/// A model and what is being done with it.
#[derive(Debug)]
pub struct Session {
    model: Watched,
    predictor: Plan,
    /// For several pictures at once; made when it is first needed.
    #[cfg(feature = "train")]
    batch_predictor: Option<Plan>,
    #[cfg(feature = "train")]
    runs: Runs,
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

impl Session {
    /// A session with the model of a file.
    ///
    /// # Errors
    /// As [`Model::load`].
    #[cfg(feature = "json")]
    pub fn load(bytes: &[u8], limits: &Limits) -> Result<Session> {
        Session::new(Model::load(bytes, limits)?)
    }

    /// A session with a new model: the JSON of a [`ModelSpec`].
    ///
    /// # Errors
    /// [`Error::Format`] for what is no spec; else as [`Model::create`].
    #[cfg(feature = "json")]
    pub fn create(spec_json: &str, seed: u64) -> Result<Session> {
        let wrong = |error| Error::format("network description", "inputShape, labels and layers", error);
        let spec = ModelSpec::try_from(SerdeJson::parse(spec_json).map_err(wrong)?)?;
        Session::new(Model::create(spec, seed)?)
    }

    /// A session with this model.
    ///
    /// # Errors
    /// [`Error::Limit`] when the network needs too much memory.
    pub fn new(model: Model) -> Result<Session> {
        let mut graph = model.graph().clone();
        graph.push(Softmax, &[graph.output()])?;
        let graph = graph.fused();
        // The values that the last layer reads are kept only if someone asks what they say.
        let read_by_last = if model.novelty.is_empty() { Vec::new() } else { vec![features_of(&graph)] };
        let predictor = Plan::compile(graph, 1, Mode::Inference, &read_by_last)?;
        Ok(Session {
            model: Watched::new(model),
            predictor,
            #[cfg(feature = "train")]
            batch_predictor: None,
            #[cfg(feature = "train")]
            runs: Runs::default(),
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
        let input = self.prepare(source)?;
        let Some(input) = input else {
            return Ok(Prediction { classes: Vec::new(), blank: true, input: Vec::new(), novelty: None });
        };
        let spec = self.model.spec();
        let (mean, inverse_deviation) = spec.preprocessing.normalization(spec.input_shape[2]);
        write_plain(&input, &mean, &inverse_deviation, self.predictor.input_mut(0, 1));
        let step = Step { batch: 1, targets: Targets::None, seed: 0, loss_scale: 0.0 };
        let may_differ = self.model.settle();
        let (params, state) = self.model.numbers();
        if may_differ {
            self.predictor.forward(params, state, step);
        } else {
            self.predictor.forward_again(params, state, step);
        }
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
        let novelty = self.novelty();
        Ok(Prediction { classes: classes.collect(), blank: false, input, novelty })
    }

    /// Σ weights · features + constant, of the picture just predicted.
    fn novelty(&self) -> Option<f32> {
        let (constant, weights) = self.model.novelty.split_last()?;
        let features = self.predictor.value(features_of(self.predictor.graph()), 1);
        Some(weights.iter().zip(features).fold(*constant, |sum, (weight, feature)| sum + weight * feature))
    }

    /// The picture as the network's input, one byte a value; nothing for a blank one.
    ///
    /// # Errors
    /// [`Error::Shape`], [`Error::Image`] for what is no picture.
    pub fn prepare(&self, source: Source<'_>) -> Result<Option<Vec<u8>>> {
        let shape = self.model.spec().input_shape;
        let preprocessing = &self.model.spec().preprocessing;
        match source {
            Source::Pixels { data, width, height, channels } => {
                let pixels = Pixels::new(width, height, channels, data.to_vec())?;
                Ok(preprocessing.prepare(Picture::Pixels(&pixels), shape)?.map(|pixels| pixels.data))
            }
            Source::Strokes(strokes) => {
                Ok(preprocessing.prepare(Picture::Strokes(strokes), shape)?.map(|pixels| pixels.data))
            }
            Source::Prepared(data) => {
                let len: usize = shape.iter().product();
                if data.len() != len {
                    return Err(Error::shape(
                        "The model's input",
                        format!("{len} bytes"),
                        format!("{} bytes", data.len()),
                    ));
                }
                Ok(Some(data.to_vec()))
            }
        }
    }

    /// The model as the bytes of a file.
    #[cfg(feature = "json")]
    pub fn save(&self, storage: StorageType) -> Vec<u8> {
        self.model.save(storage)
    }
}

/// What the last layer reads, in a graph that ends in that layer and a softmax.
fn features_of(graph: &Graph) -> NodeId {
    let last = graph.nodes()[graph.output()].inputs[0];
    graph.nodes()[last].inputs[0]
}
