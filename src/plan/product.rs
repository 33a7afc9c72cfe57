//! Gradients of weights that a plan leaves as the two factors of a product.

use std::ops::Range;

use super::Plan;
use crate::graph::NodeId;
use crate::kernels::product_tree::ProductTree;

/// Weights whose gradient is a product of two values of the plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    node: NodeId,
    /// Where the weights lie in the parameters.
    pub weights: Range<usize>,
    /// Their gradient, of this plan's factors and those of others.
    pub tree: ProductTree,
}

impl Plan {
    /// The weights whose gradient [`backward`](Self::backward) leaves out, in order; none but of a plan
    /// [`in factors`](Self::compile_in_factors).
    pub fn products(&self) -> Vec<Product> {
        let of = |node: NodeId| {
            let [m, n] = self.graph().nodes()[node].op.weights_product(&self.graph().input_shapes(node))?;
            let start = self.graph().nodes()[node].params.start;
            Some(Product { node, weights: start..start + m * n, tree: ProductTree { m, n } })
        };
        (0..self.graph().nodes().len()).filter(|&id| self.layout.in_factors[id]).filter_map(of).collect()
    }

    /// The factors for the first `batch` examples, after a backward pass.
    pub fn factors(&self, product: &Product, batch: usize) -> [&[f32]; 2] {
        let (layout, id) = (&self.layout, product.node);
        let input = self.graph().nodes()[id].inputs[0];
        [self.examples(&layout.values[input], input, batch), self.examples(&layout.d_values[id], id, batch)]
            .map(|slot| &self.arena[slot])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::graph::{Mode, Targets};
    use crate::model::{Model, zoo};
    use crate::ops::Loss;
    use crate::plan::Step;
    use crate::rng::Rng;

    #[test]
    fn factors_outlast_the_backward_pass_and_make_the_gradient_that_it_left_out() {
        for preset in ["keras-cnn", "three-channel"] {
            let model = Model::create(zoo::preset(preset).unwrap(), 1).unwrap();
            let mut graph = model.graph().clone();
            graph.push(Loss::cross_entropy(), &[graph.output()]).unwrap();
            let graph = graph.fused();
            let mut whole = Plan::compile(graph.clone(), 3, Mode::Training, &[]).unwrap();
            let mut plan = Plan::compile_in_factors(graph, 3, &[]).unwrap();
            let mut rng = Rng::new(1, 0);
            whole.input_mut(0, 3).iter_mut().for_each(|x| *x = rng.range(-1.0, 1.0));
            plan.input_mut(0, 3).copy_from_slice(whole.input_mut(0, 3));
            let step = Step { batch: 3, targets: Targets::Classes(&[1, 0, 2]), seed: 1, loss_scale: 0.1 };
            let [d_whole, mut d_params] = [&mut whole, &mut plan].map(|plan| {
                let mut d_params = vec![9.0; model.params.len()];
                plan.forward(&model.params, &mut model.state.clone(), step);
                plan.backward(&model.params, step, &mut d_params);
                d_params
            });
            let products = plan.products();
            assert!(whole.products().is_empty() && products.len() == 1, "{preset}");
            for product in products {
                let gradient = &mut d_params[product.weights.clone()];
                assert!(gradient.iter().all(|&d| d == 9.0), "{preset}: left out");
                let mut scratch = vec![0.0; product.tree.scratch_len(1, 3)];
                product.tree.run(1, &|_| plan.factors(&product, 3), 0, &mut scratch, gradient);
            }
            assert_eq!(d_params, d_whole, "{preset}");
        }
    }
}
