//! The slope of a network's answer: gradients by a node's output, of a batch of inputs.

use super::frozen;
use crate::error::Result;
use crate::graph::{NodeId, Operator, Targets};
use crate::model::Model;
use crate::plan::{Plan, Step};

/// A plan that goes back from a number for each example to one node.
#[derive(Debug)]
pub(super) struct Slope {
    plan: Plan,
    source: NodeId,
    state: Vec<f32>,
    d_params: Vec<f32>,
}

impl Slope {
    /// Of `last`, an operator over the logits, by the output of node `source` of the model's graph.
    pub fn by_node(
        model: &Model,
        last: impl Operator + 'static,
        source: NodeId,
        batch: usize,
    ) -> Result<Slope> {
        let mut graph = frozen(model);
        let logits = graph.output();
        graph.push(last, &[logits])?;
        Slope::over(model, Plan::compile_to(graph, batch, source, &[logits])?, source)
    }

    /// Of `last` by the input; by a folded graph, which is quicker.
    pub fn by_input(model: &Model, last: impl Operator + 'static, batch: usize) -> Result<Slope> {
        let mut graph = frozen(model);
        let logits = graph.output();
        graph.push(last, &[logits])?;
        let graph = graph.fused();
        let logits = graph.nodes()[graph.output()].inputs[0];
        Slope::over(model, Plan::compile_to(graph, batch, 0, &[logits])?, 0)
    }

    fn over(model: &Model, plan: Plan, source: NodeId) -> Result<Slope> {
        Ok(Slope { plan, source, state: model.state.clone(), d_params: vec![0.0; model.params.len()] })
    }

    /// Forward and backward for `inputs`, `[n, h, w, c]`, and a class each. What it comes to is read afterwards.
    pub fn run(&mut self, model: &Model, inputs: &[f32], classes: &[u32]) {
        let batch = classes.len();
        self.plan.input_mut(0, batch).copy_from_slice(inputs);
        let step = Step { batch, targets: Targets::Classes(classes), seed: 0, loss_scale: 1.0 };
        self.plan.forward(&model.params, &mut self.state, step);
        self.plan.backward(&model.params, step, &mut self.d_params);
    }

    /// The gradient by the source's output, for the `n` examples of the last run.
    pub fn gradient(&self, n: usize) -> &[f32] {
        self.plan.gradient(self.source, n)
    }

    /// The source's output.
    pub fn output(&self, n: usize) -> &[f32] {
        self.plan.value(self.source, n)
    }

    /// The logits, `[n, classes]`.
    #[cfg(test)]
    pub fn logits(&self, n: usize) -> &[f32] {
        let graph = self.plan.graph();
        self.plan.value(graph.nodes()[graph.output()].inputs[0], n)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::ChosenOutput;
    use crate::rng::Rng;

    /// A network of smooth layers, with all that infers otherwise than it trains and a residual block.
    fn smooth() -> Model {
        let spec = r#"{"inputShape":[6,6,2],"labels":["a","b","c"],"layers":[
            {"type":"conv2d","filters":3,"kernelSize":3,"padding":"same"},{"type":"batchNorm"},{"type":"tanh"},
            {"type":"residual","layers":[{"type":"conv2d","filters":3,"kernelSize":3,"padding":"same"},{"type":"silu"}]},
            {"type":"averagePool2d","poolSize":2},{"type":"dropout","rate":0.5},{"type":"flatten"},
            {"type":"dense","units":3}]}"#;
        let mut model = Model::create(serde_json::from_str(spec).unwrap(), 3).unwrap();
        let mut rng = Rng::new(8, 0);
        model.params.iter_mut().for_each(|p| *p += 0.3 * rng.normal());
        model.state.iter_mut().for_each(|s| *s += rng.range(0.0, 0.5));
        model
    }

    #[test]
    fn the_gradient_by_the_input_is_that_of_the_network_as_it_infers() {
        let model = smooth();
        let mut rng = Rng::new(4, 0);
        let input: Vec<f32> = (0..72).map(|_| rng.normal()).collect();
        let mut slope = Slope::by_input(&model, ChosenOutput, 2).unwrap();
        // The answers must be those of inference, or the differences below would be of another function.
        let mut plan =
            Plan::compile(model.graph().clone(), 1, crate::graph::Mode::Inference, &[]).expect("small");
        let mut answer = |input: &[f32], class: usize| {
            plan.input_mut(0, 1).copy_from_slice(input);
            let step = Step { batch: 1, targets: Targets::None, seed: 0, loss_scale: 0.0 };
            plan.forward(&model.params, &mut model.state.clone(), step);
            f64::from(plan.value(plan.graph().output(), 1)[class])
        };
        slope.run(&model, &[&input[..], &input].concat(), &[1, 2]);
        let gradient = slope.gradient(2).to_vec();
        for (row, class) in [1usize, 2].into_iter().enumerate() {
            assert!((f64::from(slope.logits(2)[row * 3 + class]) - answer(&input, class)).abs() < 1e-5);
            for i in 0..72 {
                let (mut above, mut below) = (input.clone(), input.clone());
                above[i] += 1e-2;
                below[i] -= 1e-2;
                let difference = (answer(&above, class) - answer(&below, class)) / 2e-2;
                let got = f64::from(gradient[row * 72 + i]);
                assert!((got - difference).abs() < 2e-3, "{i}: {got} beside {difference}");
            }
        }
    }

    #[test]
    fn the_gradient_by_a_layer_is_that_by_its_output() {
        // The last layers are linear in the pooled activations: their gradient is the weights themselves.
        let model = smooth();
        let pool = model.graph().nodes().iter().position(|node| node.name == "average_pool2d_1").unwrap();
        let mut slope = Slope::by_node(&model, ChosenOutput, pool, 1).unwrap();
        slope.run(&model, &[0.5; 72], &[2]);
        let dense = &model.params[model.graph().nodes()[model.graph().output()].params.clone()];
        let weights: Vec<f32> = (0..27).map(|i| dense[i * 3 + 2]).collect();
        assert_eq!(slope.gradient(1), weights);
    }
}
