//! What the graph and the plan need to know about an operator, whichever it is.

use std::fmt;

use super::Shape;
use crate::error::Result;
use crate::kernels::activation::Activation;
use crate::kernels::pool::Pool2d;

/// One way to compute an output from at most two inputs, and the gradient of that.
pub trait Operator: Send + Sync {
    /// Lower-case name, as in error messages and the summary table.
    fn name(&self) -> &'static str;

    /// Output shape for the given input shapes, per example.
    ///
    /// # Errors
    /// [`Error::Shape`](crate::Error::Shape) or [`Error::Config`](crate::Error::Config).
    fn output_shape(&self, inputs: &[&[usize]]) -> Result<Shape>;

    /// The parameter tensors the node owns, in the order they lie in [`Forward::params`].
    fn params(&self, _inputs: &[&[usize]]) -> Vec<ParamSpec> {
        Vec::new()
    }

    /// The running statistics the node owns, in the order they lie in [`Forward::state`].
    fn state(&self, _inputs: &[&[usize]]) -> Vec<StateSpec> {
        Vec::new()
    }

    /// Multiplications followed by an addition, for one example.
    fn multiply_adds(&self, _inputs: &[&[usize]]) -> u64 {
        0
    }

    /// Whether [`backward`](Self::backward) writes to `d_params` what others add: to clear and read what is large takes
    /// longer than to compute it.
    fn writes_gradient(&self) -> bool {
        false
    }

    /// Rows and columns of the first parameters where their gradient is `xᵀ d(y)`: of the first input and of the output's
    /// gradient as [`backward`](Self::backward) leaves it, a row for each example. Whoever has several batches can then
    /// compute it for all at once, which [`Backward::weights_later`] announces.
    #[cfg(feature = "train")]
    fn weights_product(&self, _inputs: &[&[usize]]) -> Option<[usize; 2]> {
        None
    }

    /// Which tensors of the forward pass [`backward`](Self::backward) reads.
    fn keeps(&self) -> Keeps {
        Keeps::default()
    }

    /// Memory beside inputs and output, for batches of up to `batch` examples.
    fn workspace(&self, _inputs: &[&[usize]], _batch: usize, _mode: Mode) -> Workspace {
        Workspace::default()
    }

    /// Whether the output is the first input under another shape, so that both share one slot and
    /// neither pass does anything.
    fn is_view(&self) -> bool {
        false
    }

    /// The activation this operator is, if it is nothing else.
    fn as_activation(&self) -> Option<Activation> {
        None
    }

    /// This operator followed by `activation` in one pass, where it can do that.
    fn with_activation(&self, _activation: Activation) -> Option<Box<dyn Operator>> {
        None
    }

    /// The maximum pooling this operator is, if it is nothing else.
    fn as_max_pool(&self, _inputs: &[&[usize]]) -> Option<Pool2d> {
        None
    }

    /// This operator followed by `pool` in one pass, where it can do that.
    fn with_max_pool(&self, _pool: Pool2d) -> Option<Box<dyn Operator>> {
        None
    }

    /// What computes in training what this operator computes in inference, with these parameters and running statistics
    /// of the node; none where that is this operator itself.
    #[cfg(feature = "train")]
    fn frozen(&self, _params: &[f32], _state: &[f32]) -> Option<Box<dyn Operator>> {
        None
    }

    /// Writes all of `cx.output`.
    fn forward(&self, cx: Forward<'_>);

    /// Adds to those of `cx.d_inputs` that are not empty, and to `cx.d_params`, unless it
    /// [writes](Self::writes_gradient) them.
    #[cfg(feature = "train")]
    fn backward(&self, cx: Backward<'_>);
}

impl fmt::Debug for dyn Operator + '_ {
    /// Its name alone: the members of every operator would be in every module.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// What a plan is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mode {
    /// Forward only, with running statistics and without dropout.
    Inference,
    /// Forward and backward, with the batch's statistics and dropout.
    #[cfg(feature = "train")]
    Training,
}

impl Mode {
    /// Whether a backward pass follows; never so in a build without training, which thereby loses all that serves it.
    pub fn is_training(self) -> bool {
        match self {
            Mode::Inference => false,
            #[cfg(feature = "train")]
            Mode::Training => true,
        }
    }
}

/// One parameter tensor of a node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParamSpec {
    /// Its name within the node, such as `weights`.
    pub name: &'static str,
    /// Its dimensions: filters `[kh, kw, in, out]`, dense weights `[in, out]`.
    pub shape: Vec<usize>,
    /// What it is before training.
    pub initial: Initial,
}

/// What a parameter is before training.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Initial {
    /// All 0, such as a bias.
    Zeros,
    /// All 1, such as a scale.
    Ones,
    /// A random orthogonal matrix, so that a recurrent layer neither grows nor shrinks its memory.
    Orthogonal,
    /// Random, of a width that depends on the numbers of inputs and outputs of one unit. Only
    /// tensors of the random kinds are subject to weight decay.
    Random {
        /// Inputs that add up in one output.
        fan_in: usize,
        /// Outputs that one input adds to.
        fan_out: usize,
    },
}

/// One running statistic of a node.
#[derive(Clone, Debug, PartialEq)]
pub struct StateSpec {
    /// Its name within the node, such as `running_mean`.
    pub name: &'static str,
    /// Number of elements.
    pub len: usize,
    /// The value of each before training.
    pub initial: f32,
}

/// What an operator's backward pass reads of the forward pass.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Keeps {
    /// Its inputs.
    pub inputs: bool,
    /// Its output.
    pub output: bool,
}

/// Elements of memory an operator needs beside its inputs and output.
#[derive(Default, Clone, Copy, Debug, PartialEq, Eq)]
pub struct Workspace {
    /// Written by the forward pass and kept: in training for the backward pass, in inference for the next forward pass
    /// with the same parameters.
    pub saved: usize,
    /// Free use during the forward pass.
    pub forward: usize,
    /// Free use during the backward pass.
    pub backward: usize,
}

/// What the network should have answered, for losses.
#[derive(Clone, Copy, Debug)]
pub enum Targets<'a> {
    /// None: no loss is computed.
    None,
    /// A class index for each example.
    Classes(&'a [u32]),
    /// A value for each output of each example.
    Values(&'a [f32]),
}

/// One forward call: slices of the arena, example after example.
pub struct Forward<'a> {
    /// Examples in the batch.
    pub batch: usize,
    /// Training or inference.
    pub mode: Mode,
    /// Shapes of the inputs, per example; unused ones are empty.
    pub input_shapes: [&'a [usize]; 2],
    /// Shape of the output, per example.
    pub output_shape: &'a [usize],
    /// The inputs; unused ones are empty.
    pub inputs: [&'a [f32]; 2],
    /// The node's parameters.
    pub params: &'a [f32],
    /// The node's running statistics, updated in training.
    pub state: &'a mut [f32],
    /// What the output should be (losses only).
    pub targets: Targets<'a>,
    /// Another number for each step and node, the same in the backward call (dropout).
    pub seed: u64,
    /// Whether the parameters are those of the call before; only ever so in inference.
    pub same_params: bool,
    /// Kept for the backward call, or in inference for the next one with the same parameters.
    pub saved: &'a mut [f32],
    /// Free use.
    pub scratch: &'a mut [f32],
    /// To be written in full.
    pub output: &'a mut [f32],
}

/// One backward call. `d_` marks the gradient of the loss with respect to what follows it.
pub struct Backward<'a> {
    /// Examples in the batch.
    pub batch: usize,
    /// Shapes of the inputs, per example; unused ones are empty.
    pub input_shapes: [&'a [usize]; 2],
    /// Shape of the output, per example.
    pub output_shape: &'a [usize],
    /// As in the forward call if [`Keeps::inputs`]; otherwise empty.
    pub inputs: [&'a [f32]; 2],
    /// As in the forward call if [`Keeps::output`]; otherwise empty.
    pub output: &'a [f32],
    /// The node's parameters.
    pub params: &'a [f32],
    /// As in the forward call.
    pub targets: Targets<'a>,
    /// As in the forward call.
    pub seed: u64,
    /// What a loss multiplies its gradient by: 1 / examples of the whole step.
    pub loss_scale: f32,
    /// What the forward call left.
    pub saved: &'a [f32],
    /// Free use.
    pub scratch: &'a mut [f32],
    /// Gradient of the output; this call is its last reader and may change it. Empty for a loss.
    pub d_output: &'a mut [f32],
    /// Add to these; empty where no gradient is needed.
    pub d_inputs: [&'a mut [f32]; 2],
    /// Add to this, or write it where [`Operator::writes_gradient`].
    pub d_params: &'a mut [f32],
    /// Whether the gradient of the weights that [`Operator::weights_product`] tells of is left to somebody else.
    pub weights_later: bool,
}
