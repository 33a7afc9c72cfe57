//! Ocelli: image classifiers that train and run inside a browser tab.
//!
//! Floors, lowest first; each uses only those before it:
//! [`error`], [`json`], [`rng`], [`settings`], [`told`], [`value`] · [`kernels`], [`image`] · [`graph`] · [`ops`] · [`plan`] · [`model`] ·
//! [`data`], [`train`], [`explain`] · [`session`] · the doors (`wasm`, the program `ocelli`).

// A build that leaves something out leaves unused what only these need, here and there.
#![cfg_attr(
    not(all(feature = "every-layer", feature = "train", feature = "json")),
    allow(dead_code, unused_imports)
)]

pub mod error;
pub mod json;
pub mod rng;
pub mod settings;
pub mod told;
pub mod value;

pub mod image;
pub mod kernels;

pub mod graph;

pub mod ops;

pub mod plan;

pub mod model;

#[cfg(feature = "train")]
pub mod data;
#[cfg(feature = "train")]
pub mod train;

#[cfg(feature = "train")]
pub mod explain;

pub mod session;

#[cfg(all(target_arch = "wasm32", feature = "door"))]
mod wasm;

pub use error::{Error, Result};
