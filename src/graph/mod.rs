//! Floor 2: the network as data. Nodes in topological order, their shapes for one example, where
//! their parameters lie. Absent by design: memory, the batch, arithmetic, any particular operator.
//!
//! # What a computation graph is
//!
//! A network is a formula, such as the logistic regression `loss(softmax(x W + b), label)`. Written as a graph, each step
//! of the formula is a *node*: it has an operator (the arithmetic), the nodes whose outputs it reads, and, for some, a
//! piece of the parameters. A node reads only nodes before it, so going through them in order computes the formula. That
//! is the *forward pass*; [`plan`](crate::plan) does it, and tells how the same list, gone through from its end, gives the
//! gradient.
//!
//! ```
//! use ocelli::model::{Model, zoo};
//!
//! let model = Model::create(zoo::preset("logistic")?, 1)?;
//! let nodes = model.graph().nodes();
//! // The picture, its 784 numbers in a row, and one sum of them for each of ten classes.
//! let shapes: Vec<&[usize]> = nodes.iter().map(|node| &node.shape[..]).collect();
//! assert_eq!(shapes, [&[28, 28, 1][..], &[784], &[10]]);
//! // Each node names what it reads: here a chain; branches and joins are as good.
//! assert_eq!(nodes[2].inputs, [1]);
//! // All parameters are one vector. The last node has 784 × 10 weights and ten biases of it.
//! assert_eq!(nodes[2].params, 0..784 * 10 + 10);
//! assert_eq!(model.params.len(), 7850);
//! # Ok::<(), ocelli::Error>(())
//! ```

mod freeze;
mod fuse;
mod operator;
mod summary;

use std::ops::Range;
use std::sync::Arc;

pub use operator::{
    Backward, Forward, Initial, Keeps, Mode, Operator, ParamSpec, StateSpec, Targets, Workspace,
};
pub use summary::LayerSummary;

use crate::error::{Error, Limits, Result};
use crate::told::Told;

/// Dimensions of one example; the batch is never part of a shape. Pictures are `[h, w, c]`.
pub type Shape = Vec<usize>;

/// Index of a node in its [`Graph`].
pub type NodeId = usize;

/// One operator applied to earlier nodes.
#[derive(Clone, Debug)]
pub struct Node {
    /// Unique name, such as `conv2d_1`.
    pub name: String,
    /// What to compute.
    pub op: Arc<dyn Operator>,
    /// Whose outputs it reads.
    pub inputs: Vec<NodeId>,
    /// Shape of its output.
    pub shape: Shape,
    /// Where its parameters lie in the model's one parameter vector.
    pub params: Range<usize>,
    /// Where its running statistics lie in the model's one state vector.
    pub state: Range<usize>,
}

impl Node {
    /// Elements of the output for one example.
    pub fn len(&self) -> usize {
        self.shape.iter().product()
    }

    /// Whether the output has no elements; never so for a node that a graph accepted.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A static graph. A node can only read nodes pushed before it, so the order is topological; the
/// last node is the output.
#[derive(Clone, Debug, Default)]
pub struct Graph {
    nodes: Vec<Node>,
    n_params: usize,
    state_len: usize,
}

impl Graph {
    /// Adds a node that applies `op` to the outputs of `inputs` and returns its index.
    ///
    /// # Errors
    /// [`Error::Shape`] when the operator cannot take inputs of those shapes, or takes one twice;
    /// [`Error::Limit`] when its output or the parameters grow beyond [`Limits`].
    pub fn push(&mut self, op: impl Operator + 'static, inputs: &[NodeId]) -> Result<NodeId> {
        self.push_shared(Arc::new(op), inputs)
    }

    fn push_shared(&mut self, op: Arc<dyn Operator>, inputs: &[NodeId]) -> Result<NodeId> {
        let limits = Limits::default();
        let name = self.unique_name(op.name());
        let twice = inputs.iter().enumerate().any(|(k, id)| inputs[..k].contains(id));
        if twice || inputs.len() > 2 || inputs.iter().any(|&id| id >= self.nodes.len()) {
            return Err(Error::shape(
                &name,
                "at most two different earlier nodes as inputs",
                format!("nodes {}", inputs.told()),
            ));
        }
        let shapes: Vec<&[usize]> = inputs.iter().map(|&id| &self.nodes[id].shape[..]).collect();
        let shape = op.output_shape(&shapes).map_err(|error| at_node(error, &name))?;
        let len = checked_len(&shape);
        if len == 0 {
            return Err(Error::shape(&name, "an output of at least one element", &shape[..]));
        }
        Limits::check("elements of one layer's output", len, limits.arena_len)?;
        let n_params = op.params(&shapes).iter().map(|spec| checked_len(&spec.shape)).sum::<u64>();
        Limits::check("parameters of the model", self.n_params as u64 + n_params, limits.parameters)?;
        let state_len: usize = op.state(&shapes).iter().map(|spec| spec.len).sum();
        let params = self.n_params..self.n_params + n_params as usize;
        let state = self.state_len..self.state_len + state_len;
        self.n_params = params.end;
        self.state_len = state.end;
        self.nodes.push(Node { name, op, inputs: inputs.to_vec(), shape, params, state });
        Ok(self.nodes.len() - 1)
    }

    fn unique_name(&self, kind: &str) -> String {
        let before = self.nodes.iter().filter(|node| node.op.name() == kind).count();
        if before == 0 && kind == "input" { kind.into() } else { format!("{kind}_{}", before + 1) }
    }

    /// The nodes, in execution order.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The index of the last node, whose output is the graph's.
    ///
    /// # Panics
    /// If the graph is empty.
    pub fn output(&self) -> NodeId {
        self.nodes.len().checked_sub(1).expect("a graph has at least its input node")
    }

    /// Length of the parameter vector.
    pub fn n_params(&self) -> usize {
        self.n_params
    }

    /// Length of the vector of running statistics.
    pub fn state_len(&self) -> usize {
        self.state_len
    }

    /// Shapes of a node's inputs.
    pub fn input_shapes(&self, id: NodeId) -> Vec<&[usize]> {
        self.nodes[id].inputs.iter().map(|&input| &self.nodes[input].shape[..]).collect()
    }

    /// Every parameter tensor as `(node name, spec, range in the parameter vector)`, in order.
    pub fn param_tensors(&self) -> Vec<(&str, ParamSpec, Range<usize>)> {
        let mut tensors = Vec::new();
        for (id, node) in self.nodes.iter().enumerate() {
            let mut start = node.params.start;
            for spec in node.op.params(&self.input_shapes(id)) {
                let len: usize = spec.shape.iter().product();
                tensors.push((&node.name[..], spec, start..start + len));
                start += len;
            }
        }
        tensors
    }

    /// Every running statistic as `(node name, spec, range in the state vector)`, in order.
    pub fn state_tensors(&self) -> Vec<(&str, StateSpec, Range<usize>)> {
        let mut tensors = Vec::new();
        for (id, node) in self.nodes.iter().enumerate() {
            let mut start = node.state.start;
            for spec in node.op.state(&self.input_shapes(id)) {
                let end = start + spec.len;
                tensors.push((&node.name[..], spec, start..end));
                start = end;
            }
        }
        tensors
    }
}

/// The product of the dimensions, saturating: wasm's `usize` would wrap.
fn checked_len(shape: &[usize]) -> u64 {
    shape.iter().fold(1u64, |len, &dim| len.saturating_mul(dim as u64))
}

/// Names the node in a shape error that only knew its operator.
fn at_node(mut error: Box<Error>, name: &str) -> Box<Error> {
    if let Error::Shape { at, .. } = &mut *error {
        *at = name.into();
    }
    error
}
