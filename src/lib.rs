//! Ocelli: image classifiers that train and run inside a browser tab.
//!
//! Floors, lowest first; each uses only those before it:
//! [`error`], [`rng`], [`settings`] · [`kernels`], [`image`] · [`graph`] · [`ops`] · [`plan`] · [`model`] ·
//! [`data`], [`train`] · [`session`] · the doors (`wasm`, the program `ocelli`).

pub mod error;
pub mod rng;
pub mod settings;

pub mod image;
pub mod kernels;

pub mod graph;

pub mod ops;

pub mod plan;

pub mod model;

pub mod data;
pub mod train;

pub mod session;

#[cfg(all(target_arch = "wasm32", any(feature = "engine-door", feature = "decode-door")))]
mod wasm;

pub use error::{Error, Result};
