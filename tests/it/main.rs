//! Integration tests.

mod bits;
mod floors;
mod golden;
mod image;
mod learning;
mod options;
mod plan;
mod session;
mod shapes;
