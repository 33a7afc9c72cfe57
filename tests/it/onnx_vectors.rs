//! The operator tests of the ONNX project: each vector that one of our operators can mean is computed and compared, each
//! other one is refused for a reason that is told. Needs `OCELLI_DATA`.
//!
//! Source: github.com/onnx/onnx, backend tests of single nodes.

use std::collections::BTreeMap;

use ocelli::graph::{Graph, Mode, Targets};
use ocelli::model::{LayerSpec, push_layers};
use ocelli::ops::{Input, Loss, LossKind};
use ocelli::plan::{Plan, Step};
use ocelli::train::optimizer::{Optimizer, OptimizerSpec};
use serde_json::json;

use super::onnx_files::{Case, Tensor, unpacked};

/// Largest error, as a share of the largest number expected.
const TOLERANCE: f32 = 1e-5;
/// Vectors in all, and those whose numbers we reach: neither may shrink unseen. All others are refused by design.
const COUNTS: (usize, usize) = (250, 84);

/// What our side made of a vector: a result for each output that is compared, or why it is refused.
type Outcome = Result<Vec<Vec<f32>>, &'static str>;

/// Runs layers on `x: [batch, ...shape]`; the outputs, and the running statistics afterwards.
fn layers(
    specs: serde_json::Value,
    shape: &[usize],
    x: &[f32],
    params: &[f32],
    state: &[f32],
    mode: Mode,
) -> (Vec<f32>, Vec<f32>) {
    let specs: Vec<LayerSpec> = serde_json::from_value(specs).expect("sound layers");
    let batch = x.len() / shape.iter().product::<usize>();
    let mut graph = Graph::default();
    let input = graph.push(Input { shape: shape.to_vec() }, &[]).expect("an input");
    let output = push_layers(&mut graph, &specs, input).expect("sound layers");
    let mut plan = Plan::compile(graph, batch, mode, &[output]).expect("small");
    let mut state = state.to_vec();
    plan.input_mut(0, batch).copy_from_slice(x);
    plan.forward(params, &mut state, Step { batch, targets: Targets::None, seed: 0, loss_scale: 0.0 });
    (plan.value(output, batch).to_vec(), state)
}

fn elementwise(case: &Case, layer: serde_json::Value) -> Outcome {
    let x = &case.inputs[0];
    Ok(vec![layers(json!([layer]), &[x.values.len()], &x.values, &[], &[], Mode::Inference).0])
}

/// The window's padding as layers before it, and the padding of the window itself.
fn padding(
    case: &Case,
    zeros_count: bool,
) -> Result<(Vec<serde_json::Value>, serde_json::Value), &'static str> {
    match case.text("auto_pad", "NOTSET").as_str() {
        "SAME_UPPER" => return Ok((vec![], json!("same"))),
        "SAME_LOWER" => return Err("same padding with the odd cell first"),
        _ => {}
    }
    match *case.list("pads") {
        [] | [0, 0, 0, 0] => Ok((vec![], json!("valid"))),
        [a, b, c, d] if !zeros_count && a == b && b == c && c == d => Ok((vec![], json!(a))),
        [top, left, bottom, right] if zeros_count => {
            Ok((vec![json!({ "type": "zeroPad2d", "padding": [top, bottom, left, right] })], json!("valid")))
        }
        _ => Err("uneven padding that is not of zeros"),
    }
}

fn pictures(case: &Case) -> Result<Tensor, &'static str> {
    let x = &case.inputs[0];
    if x.dims.len() == 4 { Ok(x.nhwc()) } else { Err("not pictures: one or three sides") }
}

fn on_pictures(case: &Case, specs: Vec<serde_json::Value>, params: &[f32]) -> Outcome {
    let x = pictures(case)?;
    let (y, _) = layers(json!(specs), &x.dims[1..], &x.values, params, &[], Mode::Inference);
    let [n, c, h, w] = case.outputs[0].dims[..] else { return Err("not pictures") };
    Ok(vec![Tensor { dims: vec![n, h, w, c], values: y, is_strange: false }.nchw().values])
}

fn convolution(case: &Case) -> Outcome {
    pictures(case)?;
    let weights = &case.inputs[1];
    if weights.dims[2] != weights.dims[3] {
        return Err("filters that are not square");
    }
    let bias = if case.has_input(2) { &case.inputs[2].values[..] } else { &[] };
    if case.op == "ConvTranspose" {
        let strange = ["output_padding", "output_shape"].iter().any(|name| !case.list(name).is_empty());
        if strange || case.int("group", 1) != 1 || case.even("dilations", 1)? != 1 {
            return Err("transposed convolution with groups, dilation or a stated output");
        }
        let (before, padding) = padding(case, false)?;
        assert!(before.is_empty());
        let layer = json!({ "type": "convTranspose2d", "filters": weights.dims[1], "kernelSize": weights.dims[2],
            "stride": case.even("strides", 1)?, "padding": padding, "bias": !bias.is_empty() });
        let weights = weights.permuted(&[2, 3, 1, 0]);
        return on_pictures(case, vec![layer], &[&weights.values[..], bias].concat());
    }
    let (mut specs, padding) = padding(case, true)?;
    specs.push(json!({ "type": "conv2d", "filters": weights.dims[0], "kernelSize": weights.dims[2],
        "stride": case.even("strides", 1)?, "padding": padding, "dilation": case.even("dilations", 1)?,
        "groups": case.int("group", 1), "bias": !bias.is_empty() }));
    let weights = weights.permuted(&[2, 3, 1, 0]);
    on_pictures(case, specs, &[&weights.values[..], bias].concat())
}

fn pooling(case: &Case) -> Outcome {
    pictures(case)?;
    if case.int("ceil_mode", 0) != 0 {
        return Err("windows that reach beyond the picture (ceil_mode)");
    }
    if case.outputs.len() > 1 {
        return Err("places of the largest cells as an output");
    }
    if case.even("dilations", 1)? != 1 {
        return Err("dilated pooling");
    }
    let zeros_count = case.op == "AveragePool" && case.int("count_include_pad", 0) != 0;
    let (mut specs, padding) = padding(case, zeros_count)?;
    let name = if case.op == "MaxPool" { "maxPool2d" } else { "averagePool2d" };
    specs.push(
        json!({ "type": name, "poolSize": case.even("kernel_shape", 1)?, "stride": case.even("strides", 1)?,
        "padding": padding }),
    );
    on_pictures(case, specs, &[])
}

fn batch_norm(case: &Case) -> Outcome {
    let x = pictures(case)?;
    let is_training = case.int("training_mode", 0) != 0;
    let mode = if is_training { Mode::Training } else { Mode::Inference };
    let layer = json!({ "type": "batchNorm", "momentum": case.float("momentum", 0.9),
        "epsilon": case.float("epsilon", 1e-5) });
    let two = |a: usize| [&case.inputs[a].values[..], &case.inputs[a + 1].values[..]].concat();
    let (y, state) = layers(json!([layer]), &x.dims[1..], &x.values, &two(1), &two(3), mode);
    let y = Tensor { dims: x.dims.clone(), values: y, is_strange: false }.nchw().values;
    let (mean, variance) = state.split_at(state.len() / 2);
    Ok(if is_training { vec![y, mean.to_vec(), variance.to_vec()] } else { vec![y] })
}

/// The axis moved to the end, the layer on it, and back.
fn along_axis(case: &Case, axis: i64, layer: serde_json::Value) -> Outcome {
    let x = &case.inputs[0];
    let rank = x.dims.len();
    let axis = axis.rem_euclid(rank as i64) as usize;
    let mut order: Vec<usize> = (0..rank).filter(|&other| other != axis).collect();
    order.push(axis);
    let moved = x.permuted(&order);
    let (y, _) = layers(json!([layer]), &[x.dims[axis]], &moved.values, &[], &[], Mode::Inference);
    let back: Vec<usize> = (0..rank).map(|at| order.iter().position(|&other| other == at).unwrap()).collect();
    Ok(vec![Tensor { dims: moved.dims, values: y, is_strange: false }.permuted(&back).values])
}

fn layer_norm(case: &Case) -> Outcome {
    let x = &case.inputs[0];
    let axis = case.int("axis", -1).rem_euclid(x.dims.len() as i64) as usize;
    let len: usize = x.dims[axis..].iter().product();
    let layer = json!({ "type": "layerNorm", "epsilon": case.float("epsilon", 1e-5) });
    let params = [&case.inputs[1].values[..], &case.inputs[2].values[..]].concat();
    Ok(vec![layers(json!([layer]), &[len], &x.values, &params, &[], Mode::Inference).0])
}

fn dense(case: &Case) -> Outcome {
    let (a, b) = (&case.inputs[0], &case.inputs[1]);
    if a.dims.len() != 2 || b.dims.len() != 2 {
        return Err("products of stacks of matrices, or of vectors");
    }
    if case.int("transA", 0) != 0 || case.float("alpha", 1.0) != 1.0 || case.float("beta", 1.0) != 1.0 {
        return Err("factors or a transposed input beside the weights");
    }
    let weights = if case.int("transB", 0) != 0 { b.permuted(&[1, 0]) } else { b.clone() };
    let units = weights.dims[1];
    let bias = if case.has_input(2) { &case.inputs[2].values[..] } else { &[] };
    if !bias.is_empty() && bias.len() != units {
        return Err("a bias that is not one number for each unit");
    }
    let layer = json!({ "type": "dense", "units": units, "bias": !bias.is_empty() });
    let params = [&weights.values[..], bias].concat();
    Ok(vec![layers(json!([layer]), &[a.dims[1]], &a.values, &params, &[], Mode::Inference).0])
}

fn dropout(case: &Case) -> Outcome {
    let is_training = case.has_input(2) && case.inputs[2].values[0] != 0.0;
    let rate = if case.has_input(1) { case.inputs[1].values[0] } else { case.float("ratio", 0.5) };
    if case.outputs.len() > 1 {
        return Err("the mask as an output");
    }
    if is_training && rate > 0.0 {
        return Err("another generator of random numbers");
    }
    let mode = if is_training { Mode::Training } else { Mode::Inference };
    let x = &case.inputs[0];
    let layer = json!([{ "type": "dropout", "rate": rate }]);
    Ok(vec![layers(layer, &[x.values.len()], &x.values, &[], &[], mode).0])
}

fn resize(case: &Case) -> Outcome {
    let mode = case.text("mode", "nearest");
    let way = case.text("coordinate_transformation_mode", "half_pixel");
    let x = pictures(case)?;
    let out = &case.outputs[0].dims;
    let (h, w) = (x.dims[1], x.dims[2]);
    if !out[2].is_multiple_of(h) || out[2] / h != out[3] / w || !out[3].is_multiple_of(w) || out[2] <= h {
        return Err("scales that are not one whole number above 1");
    }
    if (mode != "linear" && mode != "nearest") || way != "half_pixel" {
        return Err("cubic, or coordinates other than half pixels");
    }
    if mode == "nearest" && case.text("nearest_mode", "round_prefer_floor") == "ceil" {
        return Err("the nearest cell rounded up");
    }
    let interpolation = if mode == "linear" { "bilinear" } else { "nearest" };
    on_pictures(
        case,
        vec![json!({ "type": "upsample2d", "size": out[2] / h, "interpolation": interpolation })],
        &[],
    )
}

fn recurrent(case: &Case) -> Outcome {
    if case.has_input(5) || case.has_input(4) {
        return Err("a first state or lengths given");
    }
    let units = case.int("hidden_size", 0) as usize;
    let is_batch_first = case.int("layout", 0) != 0;
    let x = &case.inputs[0];
    let x = if is_batch_first { x.clone() } else { x.permuted(&[1, 0, 2]) };
    let weights = |i: usize| case.inputs[i].permuted(&[0, 2, 1]).values;
    let bias = match case.has_input(3) {
        true => (0..units).map(|i| case.inputs[3].values[i] + case.inputs[3].values[units + i]).collect(),
        false => vec![0.0; units],
    };
    let layer = json!([{ "type": "simpleRnn", "units": units }]);
    let params = [weights(1), weights(2), bias].concat();
    let last = layers(layer, &x.dims[1..], &x.values, &params, &[], Mode::Inference).0;
    // Of one step all states are the last one.
    Ok(if is_batch_first { vec![last.clone(), last] } else { vec![last] })
}

fn cross_entropy(case: &Case) -> Outcome {
    if case.ints.contains_key("ignore_index") {
        return Err("labels to be ignored");
    }
    if case.outputs.len() > 1 {
        return Err("logarithms of probabilities as an output");
    }
    let has_weights = case.has_input(2);
    let reduction = case.text("reduction", "mean");
    if has_weights && reduction == "mean" {
        return Err("a mean by weights: ours is by examples, as Keras'");
    }
    let x = &case.inputs[0];
    let mut order: Vec<usize> = (0..x.dims.len()).filter(|&axis| axis != 1).collect();
    order.push(1);
    let logits = x.permuted(&order).values;
    let labels: Vec<u32> = case.inputs[1].values.iter().map(|&label| label as u32).collect();
    let weights = if has_weights { case.inputs[2].values.clone() } else { Vec::new() };
    let mut graph = Graph::default();
    let input = graph.push(Input { shape: vec![x.dims[1]] }, &[]).expect("an input");
    let loss =
        graph.push(Loss::new(LossKind::CrossEntropy).class_weights(weights), &[input]).expect("a loss");
    let batch = labels.len();
    let mut plan = Plan::compile(graph, batch, Mode::Inference, &[]).expect("small");
    plan.input_mut(0, batch).copy_from_slice(&logits);
    let step = Step { batch, targets: Targets::Classes(&labels), seed: 0, loss_scale: 1.0 };
    plan.forward(&[], &mut [], step);
    let losses = plan.value(loss, batch).to_vec();
    let sum: f32 = losses.iter().sum();
    Ok(vec![match reduction.as_str() {
        "none" => losses,
        "sum" => vec![sum],
        _ => vec![sum / batch as f32],
    }])
}

fn optimizer(case: &Case) -> Outcome {
    let n = (case.inputs.len() - 2) / if case.op == "Adam" { 4 } else { 3 };
    let all = |from: usize| -> Vec<f32> {
        (0..n).flat_map(|i| case.inputs[2 + from * n + i].values.clone()).collect()
    };
    let (rate, steps) = (case.inputs[0].values[0], case.inputs[1].values[0]);
    let (mut params, d_params, first) = (all(0), all(1), all(2));
    if steps != 0.0 || (case.op != "Adagrad" && first.iter().any(|&value| value != 0.0)) {
        return Err("an optimizer that begins with a history");
    }
    let spec = match case.op.as_str() {
        "Adagrad" if first.iter().all(|&value| value == first[0]) => {
            OptimizerSpec::AdaGrad { initial_square: first[0], epsilon: case.float("epsilon", 1e-6) }
        }
        "Adagrad" => return Err("an optimizer that begins with a history"),
        "Momentum" => OptimizerSpec::Momentum { momentum: case.float("alpha", 0.9) },
        _ => return Err("an optimizer that begins with a history"),
    };
    let decay = case.float("norm_coefficient", 0.0);
    let mut optimizer = Optimizer::new(&spec, decay, params.len()).expect("sound options");
    let everything = 0..params.len();
    optimizer.step(rate, &mut params, &d_params, &[everything]);
    let mut rest = &params[..];
    Ok((0..n)
        .map(|i| {
            let (own, after) = rest.split_at(case.inputs[2 + i].values.len());
            rest = after;
            own.to_vec()
        })
        .collect())
}

fn run(case: &Case) -> Outcome {
    if case.inputs.iter().chain(&case.outputs).any(|tensor| tensor.is_strange) {
        return Err("numbers of another type");
    }
    match case.op.as_str() {
        "Relu" => elementwise(case, json!({ "type": "relu" })),
        "LeakyRelu" => elementwise(case, json!({ "type": "leakyRelu", "slope": case.float("alpha", 0.01) })),
        "Elu" => elementwise(case, json!({ "type": "elu", "alpha": case.float("alpha", 1.0) })),
        "Sigmoid" => elementwise(case, json!({ "type": "sigmoid" })),
        "Tanh" => elementwise(case, json!({ "type": "tanh" })),
        "Gelu" if case.text("approximate", "none") == "none" => elementwise(case, json!({ "type": "gelu" })),
        "Gelu" => Err("gelu by tanh: ours is the exact one"),
        "Softmax" => along_axis(case, case.int("axis", -1), json!({ "type": "softmax" })),
        "Conv" | "ConvTranspose" => convolution(case),
        "MaxPool" | "AveragePool" => pooling(case),
        "GlobalAveragePool" => on_pictures(case, vec![json!({ "type": "globalAveragePool2d" })], &[]),
        "GlobalMaxPool" => on_pictures(case, vec![json!({ "type": "globalMaxPool2d" })], &[]),
        "BatchNormalization" => batch_norm(case),
        "LayerNormalization" => layer_norm(case),
        "Gemm" | "MatMul" => dense(case),
        "Flatten" if case.int("axis", 1).rem_euclid(case.inputs[0].dims.len() as i64) == 1 => {
            let x = &case.inputs[0];
            let layer = json!([{ "type": "flatten" }]);
            Ok(vec![layers(layer, &x.dims[1..], &x.values, &[], &[], Mode::Inference).0])
        }
        "Flatten" => Err("flattening that leaves no batch"),
        "Dropout" => dropout(case),
        "Resize" => resize(case),
        "RNN" => recurrent(case),
        "SoftmaxCrossEntropyLoss" => cross_entropy(case),
        "Adagrad" | "Momentum" | "Adam" => optimizer(case),
        "NegativeLogLikelihoodLoss" => Err("a loss of logarithms: ours takes logits"),
        "LogSoftmax" => Err("no such layer: the loss takes logits"),
        _ => Err("no such layer"),
    }
}

#[test]
fn the_vectors_of_onnx_are_reached_or_refused_for_a_reason() {
    let Ok(folder) = std::env::var("OCELLI_DATA") else {
        println!("left out: OCELLI_DATA is not set");
        return;
    };
    let packed =
        std::fs::read(format!("{folder}/onnx-node-tests/onnx-node-tests.tar.xz")).expect("the archive");
    let files = unpacked(&packed);
    let mut table: BTreeMap<String, (usize, usize, BTreeMap<&str, usize>)> = BTreeMap::new();
    let mut wrong = Vec::new();
    for path in files.keys().filter(|path| path.ends_with("/model.onnx")) {
        let folder = path.trim_end_matches("/model.onnx");
        let case = Case::parse(&files, folder);
        let row = table.entry(case.op.clone()).or_default();
        row.0 += 1;
        let results = match run(&case) {
            Ok(results) => results,
            Err(reason) => {
                *row.2.entry(reason).or_default() += 1;
                continue;
            }
        };
        let is_right = results.iter().zip(&case.outputs).all(|(got, expected)| {
            let largest = expected.values.iter().fold(1e-3f32, |largest, value| largest.max(value.abs()));
            let close = |(a, b): (&f32, &f32)| (a - b).abs() <= TOLERANCE * largest;
            got.len() == expected.values.len() && got.iter().zip(&expected.values).all(close)
        });
        if is_right {
            row.1 += 1;
        } else {
            wrong.push(format!("{folder}: {:?}", results.first().map(|got| &got[..got.len().min(6)])));
        }
    }
    println!("| operator | tried | passed | refused by design |\n|---|---|---|---|");
    for (op, (tried, passed, reasons)) in &table {
        let told: Vec<String> = reasons.iter().map(|(reason, n)| format!("{n}: {reason}")).collect();
        println!("| {op} | {tried} | {passed} | {} |", told.join("; "));
    }
    let tried = table.values().map(|row| row.0).sum::<usize>();
    let passed = table.values().map(|row| row.1).sum::<usize>();
    println!("| all | {tried} | {passed} | {} |", tried - passed - wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!((tried, passed), COUNTS);
}
