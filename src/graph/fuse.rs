//! Rewrites of a graph into one that computes the same in fewer passes over memory.

use std::sync::Arc;

use super::{Graph, Node, NodeId, Operator};

impl Graph {
    /// The same function with every activation and maximum pooling folded into the node before it, where that
    /// node can apply it in its last pass and nothing else reads its output. Parameters keep their places.
    pub fn fused(&self) -> Graph {
        let mut n_readers = vec![0; self.nodes.len()];
        for node in &self.nodes {
            for &input in &node.inputs {
                n_readers[input] += 1;
            }
        }
        let mut fused = Graph { nodes: Vec::new(), n_params: self.n_params, state_len: self.state_len };
        let mut new_id: Vec<NodeId> = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            if let &[input] = &node.inputs[..]
                && n_readers[input] == 1
                && let Some(op) = both(&fused.nodes[new_id[input]], &*node.op)
            {
                let into = &mut fused.nodes[new_id[input]];
                into.op = Arc::from(op);
                into.shape.clone_from(&node.shape);
                new_id.push(new_id[input]);
                continue;
            }
            let mut node = node.clone();
            for input in &mut node.inputs {
                *input = new_id[*input];
            }
            fused.nodes.push(node);
            new_id.push(fused.nodes.len() - 1);
        }
        fused
    }
}

/// `first` followed by `second` as one operator.
fn both(first: &Node, second: &dyn Operator) -> Option<Box<dyn Operator>> {
    if let Some(activation) = second.as_activation() {
        return first.op.with_activation(activation);
    }
    first.op.with_max_pool(second.as_max_pool(&[&first.shape])?)
}
