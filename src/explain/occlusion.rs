//! What a class' logit loses when a part of the picture is covered.

use super::{fed, frozen};
use crate::error::Result;
use crate::graph::{Mode, Targets};
use crate::model::Model;
use crate::plan::{Plan, Step};

/// Pictures computed together.
const BATCH: usize = 16;

/// At each pixel the mean of `y_class(x) - y_class(x with a patch covered)` over all patches that cover the pixel.
/// Patches are about a fifth of the picture a side and lie half a patch apart; covered is what the network is fed as 0,
/// the mean of its training pictures where the model knows that, else black.
///
/// Source: Zeiler and Fergus 2014.
pub(super) fn occlusion(model: &Model, picture: &[u8], class_index: usize) -> Result<Vec<f32>> {
    let [height, width, channels] = model.spec().input_shape;
    let input = fed(model, picture);
    let graph = frozen(model).fused();
    let output = graph.output();
    let mut plan = Plan::compile(graph, BATCH, Mode::Inference, &[])?;
    let mut state = model.state.clone();
    let mut logits = |inputs: &[f32], n: usize| -> Vec<f32> {
        plan.input_mut(0, n).copy_from_slice(inputs);
        let step = Step { batch: n, targets: Targets::None, seed: 0, loss_scale: 0.0 };
        plan.forward(&model.params, &mut state, step);
        let n_classes = model.spec().labels.len();
        plan.value(output, n).chunks_exact(n_classes).map(|logits| logits[class_index]).collect()
    };
    let whole = logits(&input, 1)[0];
    let (side_h, side_w) = ((height / 5).max(1), (width / 5).max(1));
    let starts = |len: usize, side: usize| {
        let mut starts: Vec<usize> = (0..=len - side).step_by((side / 2).max(1)).collect();
        starts.extend((starts.last() != Some(&(len - side))).then_some(len - side));
        starts
    };
    let (rows, columns) = (starts(height, side_h), starts(width, side_w));
    let patches: Vec<[usize; 2]> =
        rows.iter().flat_map(|&top| columns.iter().map(move |&left| [top, left])).collect();
    let (mut sums, mut counts) = (vec![0.0; height * width], vec![0.0; height * width]);
    for part in patches.chunks(BATCH) {
        let mut covered = input.repeat(part.len());
        for (copy, &[top, left]) in covered.chunks_exact_mut(input.len()).zip(part) {
            for row in copy.chunks_exact_mut(width * channels).skip(top).take(side_h) {
                row[left * channels..][..side_w * channels].fill(0.0);
            }
        }
        for (logit, &[top, left]) in logits(&covered, part.len()).into_iter().zip(part) {
            for i in top..top + side_h {
                for j in left..left + side_w {
                    sums[i * width + j] += whole - logit;
                    counts[i * width + j] += 1.0;
                }
            }
        }
    }
    Ok(sums.iter().zip(&counts).map(|(sum, count)| sum / count).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_linear_network_covering_a_pixel_takes_its_share() {
        // Pictures of 5 x 5 have patches of one pixel.
        let spec = r#"{"inputShape":[5,5,1],"labels":["a","b"],"layers":[{"type":"flatten"},{"type":"dense","units":2}]}"#;
        let model = Model::create(serde_json::from_str(spec).unwrap(), 7).unwrap();
        let picture: Vec<u8> = (0..25).map(|i| i * 10).collect();
        for (i, lost) in occlusion(&model, &picture, 0).unwrap().iter().enumerate() {
            let share = model.params[i * 2] * f32::from(picture[i]) / 255.0;
            assert!((lost - share).abs() < 1e-5, "{lost} beside {share}");
        }
    }
}
