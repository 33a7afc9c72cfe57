//! Tests' tool: compares an operator's backward pass with central differences of its forward pass.

use crate::graph::{Backward, Forward, Initial, Mode, Operator, Targets};
use crate::rng::Rng;

/// One operator with everything its calls need.
struct Rig<'a> {
    op: &'a dyn Operator,
    shapes: [&'a [usize]; 2],
    output_shape: Vec<usize>,
    batch: usize,
    targets: Targets<'a>,
    inputs: [Vec<f32>; 2],
    params: Vec<f32>,
    state: Vec<f32>,
    saved: Vec<f32>,
}

const SEED: u64 = 77;

impl<'a> Rig<'a> {
    fn new(op: &'a dyn Operator, inputs: &[&'a [usize]], batch: usize, targets: Targets<'a>) -> Rig<'a> {
        let output_shape = op.output_shape(inputs).unwrap();
        let len = |k: usize| inputs.get(k).map_or(0, |shape| batch * shape.iter().product::<usize>());
        let n_params = op.params(inputs).iter().map(|spec| spec.shape.iter().product::<usize>()).sum();
        let state = op.state(inputs).iter().flat_map(|spec| vec![spec.initial; spec.len]).collect();
        let saved = [Mode::Training, Mode::Inference].map(|mode| op.workspace(inputs, batch, mode).saved);
        let shape = |k: usize| inputs.get(k).copied().unwrap_or(&[]);
        Rig {
            op,
            shapes: [shape(0), shape(1)],
            output_shape,
            batch,
            targets,
            inputs: [vec![0.0; len(0)], vec![0.0; len(1)]],
            params: vec![0.0; n_params],
            state,
            saved: vec![0.0; saved[0].max(saved[1])],
        }
    }

    fn used_shapes(&self) -> Vec<&'a [usize]> {
        self.shapes.iter().copied().filter(|shape| !shape.is_empty()).collect()
    }

    fn forward(&mut self, mode: Mode) -> Vec<f32> {
        let workspace = self.op.workspace(&self.used_shapes(), self.batch, mode);
        // Stale numbers in scratch and output must not matter.
        let mut scratch = vec![f32::NAN; workspace.forward];
        let mut output = vec![f32::NAN; self.batch * self.output_shape.iter().product::<usize>()];
        self.op.forward(Forward {
            batch: self.batch,
            mode,
            input_shapes: self.shapes,
            output_shape: &self.output_shape,
            inputs: [&self.inputs[0], &self.inputs[1]],
            params: &self.params,
            state: &mut self.state,
            targets: self.targets,
            seed: SEED,
            same_params: false,
            saved: &mut self.saved[..workspace.saved],
            scratch: &mut scratch,
            output: &mut output,
        });
        output
    }

    /// Gradients of inputs and parameters. Each starts at 1 to show that backward adds, or at no number where it writes.
    fn backward(&mut self, output: &[f32], d_output: &[f32], loss_scale: f32) -> [Vec<f32>; 3] {
        let shapes = self.used_shapes();
        let workspace = self.op.workspace(&shapes, self.batch, Mode::Training);
        let mut scratch = vec![f32::NAN; workspace.backward];
        let mut d_inputs = [vec![1.0; self.inputs[0].len()], vec![1.0; self.inputs[1].len()]];
        let before = if self.op.writes_gradient() { f32::NAN } else { 1.0 };
        let mut d_params = vec![before; self.params.len()];
        let [d_a, d_b] = &mut d_inputs;
        let keeps = self.op.keeps();
        let kept = |yes: bool| if yes { usize::MAX } else { 0 };
        let input = |k: usize| &self.inputs[k][..self.inputs[k].len().min(kept(keeps.inputs))];
        self.op.backward(Backward {
            batch: self.batch,
            input_shapes: self.shapes,
            output_shape: &self.output_shape,
            inputs: [input(0), input(1)],
            output: &output[..output.len().min(kept(keeps.output))],
            params: &self.params,
            targets: self.targets,
            seed: SEED,
            loss_scale,
            saved: &self.saved,
            scratch: &mut scratch,
            d_output: &mut d_output.to_vec(),
            d_inputs: [d_a, d_b],
            d_params: &mut d_params,
            weights_later: false,
        });
        let [d_a, d_b] = d_inputs;
        if !self.op.writes_gradient() {
            d_params.iter_mut().for_each(|d| *d -= 1.0);
        }
        let [d_a, d_b] = [d_a, d_b].map(|d| d.iter().map(|d| d - 1.0).collect());
        [d_a, d_b, d_params]
    }

    fn slot(&mut self, which: usize) -> &mut Vec<f32> {
        if which < 2 { &mut self.inputs[which] } else { &mut self.params }
    }

    /// Compares all gradients of `Σ weights · output` (or of the loss) with central differences.
    fn check(&mut self, weights: &[f32], loss_scale: Option<f32>) {
        let output = self.forward(Mode::Training);
        let analytic = match loss_scale {
            Some(scale) => self.backward(&output, &[], scale),
            None => self.backward(&output, weights, 1.0),
        };
        let step = 1.0 / 256.0;
        for (which, analytic) in analytic.iter().enumerate() {
            for (i, &d) in analytic.iter().enumerate() {
                let at = self.slot(which)[i];
                let mut value = |x: f32| -> f64 {
                    self.slot(which)[i] = x;
                    let y = self.forward(Mode::Training);
                    y.iter().zip(weights).map(|(&y, &w)| f64::from(y) * f64::from(w)).sum()
                };
                let numeric = (value(at + step) - value(at - step)) / (2.0 * f64::from(step));
                self.slot(which)[i] = at;
                let difference = (f64::from(d) - numeric).abs();
                let tolerance = 4e-3 * (1.0 + numeric.abs());
                assert!(
                    difference <= tolerance,
                    "{:?} gradient {which}[{i}]: {d} against {numeric}",
                    self.op
                );
            }
        }
    }
}

/// Numbers of either sign, no two closer than eight finite-difference steps and none within one of 0, so
/// that no maximum and no kink lies inside a difference.
fn spread(rng: &mut Rng, len: usize) -> Vec<f32> {
    let spacing = (4.0 / len as f32).max(1.0 / 32.0);
    let mut values: Vec<f32> = (0..len).map(|i| (i as f32 - len as f32 / 2.0 + 0.25) * spacing).collect();
    rng.shuffle(&mut values);
    values
}

/// Checks the gradients of inputs and parameters of `Σ w · op(x)` for random `w`.
pub(super) fn check_gradients(op: &dyn Operator, inputs: &[&[usize]], batch: usize) {
    let mut rng = Rng::new(5, 0);
    let mut rig = Rig::new(op, inputs, batch, Targets::None);
    rig.inputs = [spread(&mut rng, rig.inputs[0].len()), spread(&mut rng, rig.inputs[1].len())];
    let mut params = Vec::new();
    for spec in op.params(inputs) {
        let center = if spec.initial == Initial::Ones { 1.0 } else { 0.0 };
        params.extend((0..spec.shape.iter().product::<usize>()).map(|_| center + rng.range(-0.5, 0.5)));
    }
    rig.params = params;
    let len = batch * rig.output_shape.iter().product::<usize>();
    let weights: Vec<f32> = (0..len).map(|_| rng.range(-1.0, 1.0)).collect();
    rig.check(&weights, None);
}

/// Checks the gradients of a loss over as many examples as there are targets.
pub(super) fn check_loss_gradients(op: &dyn Operator, input: &[usize], targets: Targets<'_>) {
    let batch = match targets {
        Targets::None => 1,
        Targets::Classes(labels) => labels.len(),
        Targets::Values(values) => values.len() / input[0],
    };
    let mut rng = Rng::new(6, 0);
    let mut rig = Rig::new(op, &[input], batch, targets);
    rig.inputs[0] = spread(&mut rng, rig.inputs[0].len());
    let loss_scale = 0.25;
    rig.check(&vec![loss_scale; batch], Some(loss_scale));
}

/// The output of one forward pass with all parameters 0.5.
pub(super) fn run_forward(
    op: &dyn Operator,
    shapes: &[&[usize]],
    inputs: &[&[f32]],
    batch: usize,
    mode: Mode,
) -> Vec<f32> {
    let mut rig = Rig::new(op, shapes, batch, Targets::None);
    for (slot, input) in rig.inputs.iter_mut().zip(inputs) {
        slot.copy_from_slice(input);
    }
    rig.params.fill(0.5);
    rig.forward(mode)
}
