//! Floor 6, training: from a model and a data set to better parameters.
//!
//! - [`options`]: everything a run can be told; [`option_table`]: what each may be; [`trainer`]: the run, a step at a time.
//! - [`checkpoint`]: a run put aside, to be gone on with.
//! - [`recipes`]: the options each preset is usually trained with.
//! - [`finder`]: a learning rate to start from.
//! - [`features`]: what a backbone sees in pictures; [`heads`]: new last layers on a backbone's features; [`lesson`]: such a layer with its validation.
//! - [`gan`]: two networks trained against each other.
//! - [`optimizer`]: one step down a gradient; [`schedule`]: the learning rate of each step.
//! - [`evaluator`]: loss, accuracy and confusion over a data set; [`metrics`]: their sums.
//! - [`calibration`]: what confidences are worth; [`novelty`]: what is none of the classes.
//! - [`search`]: which options to try.
//! - [`shard`]: the part of a batch that one worker computes.
//!
//! Absent: clocks and threads (whoever calls decides when to pause), files, the page.
//!
//! ```
//! use ocelli::data::generated;
//! use ocelli::model::{Model, zoo};
//! use ocelli::train::{Evaluator, InTurn, TrainOptions, Trainer, recipes};
//!
//! let digits = generated::generate("handwriting", 400, 1)?;
//! let mut model = Model::create(zoo::preset("tiny")?, 1)?;
//! let options = TrainOptions { epochs: 2, ..recipes::quick("tiny") };
//! let mut trainer = Trainer::new(&model, &digits, options)?;
//! while !trainer.is_finished() {
//!     trainer.advance(&mut model, &digits, &InTurn)?; // one step, or a piece of the validation
//! }
//! trainer.finish(&mut model); // the weights of the best epoch
//! assert_eq!(trainer.history().len(), 2);
//!
//! let unseen = generated::generate("handwriting", 100, 2)?;
//! let mut evaluator = Evaluator::new(&model, (0..100).collect(), 1)?;
//! while !evaluator.is_finished() {
//!     evaluator.advance(&model, &unseen, &InTurn);
//! }
//! assert!(evaluator.metrics().accuracy() > 0.2, "better than by chance");
//! # Ok::<(), ocelli::Error>(())
//! ```

pub mod answers;
pub mod calibration;
pub mod checkpoint;
pub mod class_weights;
pub mod discriminant;
mod epoch_record;
pub mod evaluator;
pub mod features;
pub mod finder;
pub mod fine_tuner;
pub mod fine_tuning;
pub mod gan;
mod gradient;
pub mod heads;
pub mod internals;
pub mod lesson;
pub mod metrics;
mod mixing;
pub mod novelty;
pub mod optimizer;
mod optimizer_spec;
pub mod option_table;
pub mod options;
pub mod recipes;
pub mod schedule;
pub mod search;
pub mod shard;
mod shard_sum;
mod snapshot;
pub mod trainer;

pub use evaluator::Evaluator;
pub use options::TrainOptions;
pub use shard::{Executor, InTurn, Shard};
pub use trainer::{Batches, Changeable, EpochRecord, Part, Piece, TrainChanges, Trainer};
