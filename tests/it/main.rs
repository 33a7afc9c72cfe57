//! Integration tests.

mod bits;
mod datasets;
mod drawing;
mod floors;
mod gan;
mod golden;
mod image;
mod learning;
mod onnx_files;
mod onnx_vectors;
mod option_table;
mod options;
mod paper;
mod paper_photos;
mod parts;
mod plan;
mod resume;
mod search_program;
mod session;
mod shapes;
