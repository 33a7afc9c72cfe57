//! Floor 1: arithmetic. Slices in, slices out, in a fixed order of summation and without fused
//! multiply-add, so that every target computes the same bits. Absent by design: tensors, allocation.

pub mod activation;
#[cfg(test)]
mod bits;
pub mod conv2d;
pub mod depthwise;
mod depthwise_cells;
pub mod elementwise;
pub mod gemm;
pub mod math;
mod microkernel;
mod pack;
pub mod pool;
#[cfg(feature = "train")]
pub mod product_tree;
mod products;
pub mod reduce;
pub mod reference;
pub mod simd;
pub mod softmax;
mod weighted_rows;
