//! The table that tells what a network is made of.

use serde::Serialize;

use super::Graph;

/// One row of the summary table.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LayerSummary {
    /// Unique name of the node.
    pub name: String,
    /// Name of its operator.
    #[serde(rename = "type")]
    pub kind: &'static str,
    /// Shape of its output, without the batch.
    pub output_shape: Vec<usize>,
    /// Places of the rows it reads.
    pub inputs: Vec<usize>,
    /// Parameters it owns.
    pub n_parameters: usize,
    /// Multiplications followed by an addition, for one example.
    pub multiply_adds: u64,
}

impl Graph {
    /// A row for each node, in execution order.
    pub fn summary(&self) -> Vec<LayerSummary> {
        (0..self.nodes.len())
            .map(|id| {
                let node = &self.nodes[id];
                LayerSummary {
                    name: node.name.clone(),
                    kind: node.op.name(),
                    output_shape: node.shape.clone(),
                    inputs: node.inputs.clone(),
                    n_parameters: node.params.len(),
                    multiply_adds: node.op.multiply_adds(&self.input_shapes(id)),
                }
            })
            .collect()
    }

    /// Multiply-adds of the whole network for one example.
    pub fn multiply_adds(&self) -> u64 {
        self.summary().iter().map(|row| row.multiply_adds).sum()
    }
}
