//! `ocelli inspect`: the summary table.

use std::path::PathBuf;

use clap::Args;
use ocelli::graph::Graph;
use ocelli::model::{GAN_NAMES, Model, gan_preset, zoo};

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
    if let Some(name) = arguments.preset.as_deref().filter(|name| GAN_NAMES.contains(name)) {
        let graph = gan_preset(name)?.graph()?;
        table(&graph);
        println!("parameters {}", graph.n_params());
        return Ok(());
    }
    let model = match (&arguments.model, &arguments.preset) {
        (Some(path), _) => data::model(path)?,
        (None, Some(name)) => Model::create(zoo::preset(name)?, 0)?,
        (None, None) => return Err("give a model file or --preset NAME".into()),
    };
    let spec = model.spec();
    println!("labels {}", spec.labels.join(" "));
    println!("preprocessing {}", serde_json::to_string(&spec.preprocessing)?);
    table(model.graph());
    println!("parameters {}", model.params.len());
    Ok(())
}

fn table(graph: &Graph) {
    println!("{:<26}{:>16}{:>14}{:>16}", "layer", "output shape", "parameters", "multiply-adds");
    for row in graph.summary() {
        let shape: Vec<String> = row.output_shape.iter().map(usize::to_string).collect();
        println!("{:<26}{:>16}{:>14}{:>16}", row.name, shape.join("×"), row.n_parameters, row.multiply_adds);
    }
    println!("multiply-adds {}", graph.multiply_adds());
}
