//! Integration tests.

mod bits;
mod floors;
mod golden;
mod image;
mod learning;
mod options;
mod parts;
mod plan;
mod resume;
mod session;
mod shapes;
