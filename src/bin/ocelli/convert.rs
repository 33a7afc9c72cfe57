//! `ocelli convert`: a model file stored another way.

use std::path::PathBuf;

use clap::Args;

use super::data::{self, Storage};

#[derive(Args)]
pub struct ConvertArguments {
    /// The model file.
    #[arg(long)]
    model: PathBuf,
    /// Where to save it.
    #[arg(long)]
    out: PathBuf,
    /// How weights are stored.
    #[arg(long, value_enum, default_value = "f16")]
    storage: Storage,
}

/// Loads and saves.
pub fn run(arguments: ConvertArguments) -> super::Outcome {
    data::save(&arguments.out, &data::model(&arguments.model)?, arguments.storage)
}
