//! `ocelli convert`: a model file stored another way, or the mean of two.

use std::path::PathBuf;

use clap::Args;

use super::data::{self, Storage};

#[derive(Args)]
pub struct ConvertArguments {
    /// The model file.
    #[arg(long)]
    model: PathBuf,
    /// Take the mean of its weights and those of this file, a later stage of the same network's training.
    #[arg(long)]
    average: Option<PathBuf>,
    /// Where to save it.
    #[arg(long)]
    out: PathBuf,
    /// How weights are stored.
    #[arg(long, value_enum, default_value = "f16")]
    storage: Storage,
}

/// Loads and saves.
pub fn run(arguments: ConvertArguments) -> super::Outcome {
    let mut model = data::model(&arguments.model)?;
    if let Some(path) = &arguments.average {
        let other = data::model(path)?;
        if model.graph().summary() != other.graph().summary() {
            return Err(
                format!("{} is another network: only the same can be averaged", path.display()).into()
            );
        }
        // What tells strangers was fitted to the one's features.
        model.novelty.clear();
        for (own, other) in [(&mut model.params, &other.params), (&mut model.state, &other.state)] {
            own.iter_mut().zip(other).for_each(|(own, other)| *own += 0.5 * (other - *own));
        }
    }
    data::save(&arguments.out, &model, arguments.storage)
}
