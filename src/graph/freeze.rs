//! A graph as it infers, made fit for a backward pass.

use std::sync::Arc;

use super::Graph;

impl Graph {
    /// The same function as in inference, with operators whose training pass does the same: what has statistics uses the
    /// running ones, what is random rests. Parameters keep their places.
    #[cfg(feature = "train")]
    pub fn frozen(&self, params: &[f32], state: &[f32]) -> Graph {
        let mut frozen = self.clone();
        for node in &mut frozen.nodes {
            if let Some(op) = node.op.frozen(&params[node.params.clone()], &state[node.state.clone()]) {
                node.op = Arc::from(op);
            }
        }
        frozen
    }
}
