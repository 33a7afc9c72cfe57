//! `ocelli inspect`: the summary table.

use std::path::PathBuf;

use clap::Args;
use ocelli::model::{Model, zoo};

use super::data;

#[derive(Args)]
pub struct InspectArguments {
    /// The model file.
    #[arg(required_unless_present = "preset", conflicts_with = "preset")]
    model: Option<PathBuf>,
    /// A preset's name instead of a file.
    #[arg(long)]
    preset: Option<String>,
}

/// Prints a row for each layer.
pub fn run(arguments: InspectArguments) -> super::Outcome {
    let model = match (&arguments.model, &arguments.preset) {
        (Some(path), _) => data::model(path)?,
        (None, Some(name)) => Model::create(zoo::preset(name)?, 0)?,
        (None, None) => return Err("give a model file or --preset NAME".into()),
    };
    let spec = model.spec();
    println!("labels {}", spec.labels.join(" "));
    println!("preprocessing {}", serde_json::to_string(&spec.preprocessing)?);
    println!("{:<26}{:>16}{:>14}{:>16}", "layer", "output shape", "parameters", "multiply-adds");
    for row in model.graph().summary() {
        let shape: Vec<String> = row.output_shape.iter().map(usize::to_string).collect();
        println!("{:<26}{:>16}{:>14}{:>16}", row.name, shape.join("×"), row.n_parameters, row.multiply_adds);
    }
    println!("multiply-adds {}", model.graph().multiply_adds());
    println!("parameters {}", model.params.len());
    Ok(())
}
