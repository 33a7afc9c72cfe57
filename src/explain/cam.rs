//! Grad-CAM: where the features of a layer lie that raise a class' logit.

use super::node_named;
use super::slope::Slope;
use crate::error::{Error, Result};
use crate::graph::{Graph, NodeId};
use crate::model::Model;
use crate::ops::ChosenOutput;

/// `map = max(Σ_k a_k A_k, 0)` with `a_k` the mean over all places of `d y_class / d A_k`, scaled up to the input's size
/// bilinearly (middles of cells on middles of pixels).
///
/// Shapes: `A: [h, w, k]`, the result `[height, width]`. Source: Selvaraju et al. 2017.
pub(super) fn grad_cam(
    model: &Model,
    picture: &[u8],
    class_index: usize,
    layer: Option<&str>,
) -> Result<(Vec<f32>, String)> {
    let graph = model.graph();
    let node = match layer {
        Some(name) => node_named(graph, name)?,
        None => last_convolution(graph).ok_or_else(|| {
            Error::unsupported("Grad-CAM of a network without convolutions", "saliency or occlusion")
        })?,
    };
    let (name, shape) = (graph.nodes()[node].name.clone(), graph.nodes()[node].shape.clone());
    let [h, w, k] = shape[..] else {
        return Err(Error::config("layer", "a layer whose output has height, width and channels", &name[..]));
    };
    let mut slope = Slope::by_node(model, ChosenOutput, node, 1)?;
    slope.run(model, &super::fed(model, picture), &[class_index as u32]);
    let mut weights = vec![0.0; k];
    for cell in slope.gradient(1).chunks_exact(k) {
        weights.iter_mut().zip(cell).for_each(|(weight, d)| *weight += d / (h * w) as f32);
    }
    let map: Vec<f32> = slope
        .output(1)
        .chunks_exact(k)
        .map(|cell| cell.iter().zip(&weights).map(|(a, weight)| a * weight).sum::<f32>().max(0.0))
        .collect();
    let [height, width, _] = model.spec().input_shape;
    Ok((enlarge(&map, [h, w], [height, width]), name))
}

/// The last convolution, and behind it what only it feeds: batch normalization and an activation.
fn last_convolution(graph: &Graph) -> Option<NodeId> {
    let nodes = graph.nodes();
    let is_convolution = |id: &NodeId| {
        let name = nodes[*id].op.name();
        (name.ends_with("conv2d") || name == "conv_transpose2d") && nodes[*id].shape.len() == 3
    };
    let mut last = (0..nodes.len()).rev().find(is_convolution)?;
    while let Some(next) = nodes.get(last + 1) {
        let follows =
            next.inputs == [last] && (next.op.as_activation().is_some() || next.op.name() == "batch_norm");
        if !follows {
            break;
        }
        last += 1;
    }
    Some(last)
}

/// Bilinear, with the edge repeated outside.
fn enlarge(map: &[f32], [h, w]: [usize; 2], [height, width]: [usize; 2]) -> Vec<f32> {
    let place = |i: usize, from: usize, to: usize| {
        let at = ((i as f32 + 0.5) * from as f32 / to as f32 - 0.5).clamp(0.0, (from - 1) as f32);
        let low = at as usize;
        (low, (low + 1).min(from - 1), at - low as f32)
    };
    let mut large = Vec::with_capacity(height * width);
    for i in 0..height {
        let (top, bottom, down) = place(i, h, height);
        for j in 0..width {
            let (left, right, along) = place(j, w, width);
            let row = |row: usize| map[row * w + left] * (1.0 - along) + map[row * w + right] * along;
            large.push(row(top) * (1.0 - down) + row(bottom) * down);
        }
    }
    large
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_is_enlarged_by_the_middles_of_its_cells() {
        assert_eq!(enlarge(&[0.0, 4.0], [1, 2], [1, 4]), [0.0, 1.0, 3.0, 4.0]);
        assert_eq!(enlarge(&[1.0, 2.0, 3.0, 4.0], [2, 2], [2, 2]), [1.0, 2.0, 3.0, 4.0]);
    }

    #[test]
    fn with_a_mean_of_all_places_before_the_logits_the_map_is_the_weighted_sum_of_features() {
        // Then d y / d A_k is w_k / (h w) everywhere, as in CAM (Zhou et al. 2016).
        let spec = r#"{"inputShape":[8,8,1],"labels":["a","b"],"layers":[{"type":"conv2d","filters":3,"kernelSize":3},
            {"type":"relu"},{"type":"globalAveragePool2d"},{"type":"dense","units":2}]}"#;
        let model = Model::create(serde_json::from_str(spec).unwrap(), 2).unwrap();
        let picture: Vec<u8> = (0..64).map(|i| (i * 37 % 256) as u8).collect();
        let features = super::super::activations(&model, &picture, "relu_1").unwrap();
        let dense = &model.params[model.graph().nodes()[4].params.clone()];
        let mut is_hot = false;
        for class in 0..2 {
            let (map, layer) = grad_cam(&model, &picture, class, None).unwrap();
            assert_eq!(layer, "relu_1");
            let cells = features.data.chunks_exact(3);
            let sums: Vec<f32> = cells
                .map(|cell| (0..3).map(|k| cell[k] * dense[k * 2 + class] / 36.0).sum::<f32>().max(0.0))
                .collect();
            for (got, expected) in map.iter().zip(&enlarge(&sums, [6, 6], [8, 8])) {
                assert!((got - expected).abs() < 1e-6, "{got} beside {expected}");
            }
            is_hot |= map.iter().any(|&heat| heat > 0.0);
        }
        assert!(is_hot);
    }
}
