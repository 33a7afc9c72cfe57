//! Floor 6, training: from a model and a data set to better parameters.
//!
//! - [`optimizer`]: one step down a gradient; [`schedule`]: the learning rate of each step.
//! - [`metrics`]: loss, accuracy, top-k and the confusion matrix.
//!
//! Absent: clocks and threads (whoever calls decides when to pause), files, the page.

pub mod metrics;
pub mod optimizer;
pub mod schedule;
