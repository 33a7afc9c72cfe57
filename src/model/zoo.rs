//! Networks to start from, each under the name that the page, the package and the program share.

use super::{Initializer, LayerSpec, ModelSpec, Preparation, Preprocessing};
use crate::error::{Error, Result};
use crate::ops::Padding;
use crate::settings::Settings;
use crate::value::Value;

/// The names that [`preset`] knows.
pub const NAMES: [&str; 19] = [
    "tiny",
    "compact",
    "sprint",
    "keras-cnn",
    "keras-cnn-dropout",
    "one-conv",
    "mlp",
    "logistic",
    "linear",
    "three-channel",
    "rnn-rows",
    "rnn-strokes",
    "rnn-clips",
    "resnet8",
    "resnet20",
    "mobilenet",
    "photos",
    "fashion",
    "digits",
];

/// The network of this name for the data it is usually shown with: the ten digits, or color pictures of 32 × 32 pixels
/// and ten classes.
///
/// # Errors
/// [`Error::Config`] for another name.
pub fn preset(name: &str) -> Result<ModelSpec> {
    let digits = digits();
    let things = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
    match name {
        "three-channel" | "resnet8" | "resnet20" | "mobilenet" | "photos" => {
            preset_for(name, [32, 32, 3], &things)
        }
        "rnn-strokes" => preset_for(name, [64, 3, 1], &digits),
        "rnn-clips" => preset_for(name, [8 * 16, 16, 1], &["left", "right", "up", "down"]),
        _ => preset_for(name, [28, 28, 1], &digits),
    }
}

/// The network of a record `{ preset, inputShape, labels }`, of which the last two may be missing: labels are then the
/// preset's own for the shape it was made for, and the ten digits for any other.
///
/// # Errors
/// As [`preset_for`], and for what else the record holds.
pub fn preset_of(record: Value) -> Result<ModelSpec> {
    let mut settings = Settings::new("preset", record)?;
    let name: String = settings.require("preset")?;
    let own = preset(&name)?;
    let shape = settings.get_or("inputShape", own.input_shape)?;
    let labels: Option<Vec<String>> = settings.get("labels")?;
    settings.finish()?;
    match labels {
        Some(labels) => preset_for(&name, shape, &labels),
        None if own.input_shape == shape => Ok(own),
        None => preset_for(&name, shape, &digits()),
    }
}

fn digits() -> Vec<String> {
    (0..10).map(|digit| digit.to_string()).collect()
}

/// The network of this name for other data: inputs of `[height, width, channels]` and these classes.
///
/// # Errors
/// [`Error::Config`] for another name.
pub fn preset_for(name: &str, input_shape: [usize; 3], labels: &[impl AsRef<str>]) -> Result<ModelSpec> {
    layers_of(name, ModelSpec::new(input_shape, labels).preprocessing(preprocessing(name, input_shape)))
}

/// The network of this name, by a spec of its input and its classes that has no layers yet.
fn layers_of(name: &str, empty: ModelSpec) -> Result<ModelSpec> {
    let (input_shape, n_classes) = (empty.input_shape, empty.labels.len());
    let spec = match name {
        "tiny" => tiny(empty),
        "compact" => compact(empty),
        "sprint" => sprint(empty),
        "keras-cnn" => keras_cnn(empty).flatten().dense(64).relu(),
        "keras-cnn-dropout" => keras_cnn(empty).flatten().dropout(0.5).dense(64).relu(),
        "one-conv" => empty.conv2d(32, 3).relu().max_pool2d(2).flatten().dense(128).relu(),
        "mlp" => empty.flatten().dense(128).relu(),
        // One network, two losses: the squared distance to one-hot vectors, and the cross-entropy.
        "linear" | "logistic" => empty.flatten(),
        "three-channel" => three_channel(empty),
        "rnn-rows" => empty.reshape(&[input_shape[0], input_shape[1] * input_shape[2]]).simple_rnn(32),
        "rnn-strokes" => empty.reshape(&[input_shape[0], input_shape[1] * input_shape[2]]).simple_rnn(64),
        "rnn-clips" => clips(empty, input_shape),
        "resnet8" => residual(empty, 1),
        "resnet20" => residual(empty, 3),
        "mobilenet" => mobilenet(empty),
        "photos" => photos(empty),
        "fashion" => widening(empty, &[16, 24, 48, 48, 64]),
        "digits" => shipped(empty),
        other => return Err(Error::config("preset", format!("one of {}", NAMES.join(", ")), other)),
    };
    Ok(spec.dense(n_classes))
}

/// How the network of this name is given pictures of this shape.
fn preprocessing(name: &str, input_shape: [usize; 3]) -> Preprocessing {
    let resized = |mean: &[f32], deviation: &[f32]| Preprocessing {
        mean: mean.to_vec(),
        standard_deviation: deviation.to_vec(),
        ..Preprocessing::default()
    };
    match (name, input_shape) {
        // Of the training pictures of Fashion-MNIST and CIFAR-10.
        ("fashion", [_, _, 1]) => resized(&[0.286], &[0.353]),
        ("photos", [_, _, 3]) => resized(&[0.4914, 0.4822, 0.4465], &[0.247, 0.2435, 0.2616]),
        // Larger inputs drive tanh to its ends, where a recurrent layer learns slowly: it takes pixels from 0 to 1.
        ("rnn-rows", [28, 28, 1]) => {
            Preprocessing { preparation: Preparation::Digit, ..Preprocessing::default() }
        }
        ("rnn-strokes", [64, 3, 1]) => {
            Preprocessing { preparation: Preparation::PenSteps, ..Preprocessing::default() }
        }
        (_, [28, 28, 1]) => Preprocessing::digit(),
        _ => Preprocessing::default(),
    }
}

/// The convolutions of the example in Keras' documentation: 121,930 parameters with its dense layers.
fn keras_cnn(spec: ModelSpec) -> ModelSpec {
    spec.conv2d(32, 3).relu().max_pool2d(2).conv2d(64, 3).relu().max_pool2d(2)
}

/// All convolution, under 10,000 parameters, the quickest to train.
fn tiny(spec: ModelSpec) -> ModelSpec {
    spec.initializer(Initializer::HeNormal)
        .conv2d_norm_relu(8, 3, 2, Padding::Same)
        .conv2d_norm_relu(16, 3, 2, Padding::Same)
        .conv2d_norm_relu(32, 3, 1, Padding::Same)
        .global_average_pool2d()
}

/// All convolution, the most accurate under 10,000 parameters.
fn compact(spec: ModelSpec) -> ModelSpec {
    spec.initializer(Initializer::HeNormal)
        .conv2d_norm_relu(10, 3, 1, Padding::Valid)
        .conv2d_norm_relu(12, 3, 1, Padding::Valid)
        .max_pool2d(2)
        .conv2d_norm_relu(16, 3, 1, Padding::Valid)
        .conv2d_norm_relu(16, 3, 1, Padding::Valid)
        .max_pool2d(2)
        .conv2d_norm_relu(24, 3, 1, Padding::Valid)
        .global_average_pool2d()
}

/// The one that comes to 99 % of MNIST's test digits with the fewest multiply-adds: narrow, so that three or four epochs
/// are cheap, and without batch normalization, which would take half of the time.
fn sprint(spec: ModelSpec) -> ModelSpec {
    spec.initializer(Initializer::HeNormal)
        .conv2d(8, 3)
        .relu()
        .max_pool2d(2)
        .conv2d(24, 3)
        .relu()
        .max_pool2d(2)
        .flatten()
        .dense(64)
        .relu()
}

/// The network of PyTorch's CIFAR-10 courses: 32 and 64 filters, a dense layer of 128.
fn three_channel(spec: ModelSpec) -> ModelSpec {
    spec.conv2d_same(32, 3)
        .relu()
        .max_pool2d(2)
        .conv2d_same(64, 3)
        .relu()
        .max_pool2d(2)
        .flatten()
        .dense(128)
        .relu()
}

/// Frames one below the other, each as high as wide; a shared convolution sees each, a recurrent layer their sequence.
fn clips(spec: ModelSpec, [h, w, c]: [usize; 3]) -> ModelSpec {
    let of_a_frame = ModelSpec::new([w, w, c], &[""; 0]).conv2d(8, 3).relu().max_pool2d(2).flatten();
    spec.reshape(&[h / w, w, w, c])
        .layer(LayerSpec::TimeDistributed { layers: of_a_frame.layers })
        .simple_rnn(32)
}

/// The residual networks for small pictures: three widths of `n_blocks` blocks, each of two convolutions.
///
/// Source: He et al. 2015, section 4.2, with n of 1 and 3; shortcuts that change the shape are convolutions of size 1
/// (option B).
fn residual(spec: ModelSpec, n_blocks: usize) -> ModelSpec {
    let empty = || ModelSpec::new([1, 1, 1], &[""; 0]);
    let mut spec = spec.initializer(Initializer::HeNormal).conv2d_norm_relu(16, 3, 1, Padding::Same);
    for (width, first_stride) in [(16, 1), (32, 2), (64, 2)] {
        for block in 0..n_blocks {
            let stride = if block == 0 { first_stride } else { 1 };
            let long = empty().conv2d_norm_relu(width, 3, stride, Padding::Same).conv2d_norm(
                width,
                3,
                1,
                Padding::Same,
            );
            let short =
                if stride == 1 { empty() } else { empty().conv2d_norm(width, 1, stride, Padding::Same) };
            spec = spec.layer(LayerSpec::Residual { layers: long.layers, shortcut: short.layers }).relu();
        }
    }
    spec.global_average_pool2d()
}

/// Depthwise and pointwise convolutions in turn.
///
/// Source: Howard et al. 2017, table 1, with fewer and narrower layers.
fn mobilenet(spec: ModelSpec) -> ModelSpec {
    let mut spec = spec.initializer(Initializer::HeNormal).conv2d_norm_relu(32, 3, 1, Padding::Same);
    for (width, stride) in [(64, 1), (128, 2), (128, 1), (256, 2), (256, 1)] {
        let depthwise = LayerSpec::DepthwiseConv2d {
            kernel_size: 3,
            multiplier: 1,
            stride,
            padding: Padding::Same,
            dilation: 1,
            bias: false,
        };
        spec = spec.layer(depthwise).batch_norm().relu().conv2d_norm_relu(width, 1, 1, Padding::Valid);
    }
    spec.global_average_pool2d()
}

/// For color pictures of 32 × 32 pixels: most of the work at 16 × 16 and 8 × 8, where wide convolutions are fastest, with
/// two short cuts. After "ResNet-9" of the DAWNBench entries (Page 2018), at a fifteenth of its size.
fn photos(spec: ModelSpec) -> ModelSpec {
    let around = |spec: ModelSpec, width: usize| {
        let block = ModelSpec::new([1, 1, 1], &[""; 0])
            .conv2d_norm_relu(width, 3, 1, Padding::Same)
            .conv2d_norm_relu(width, 3, 1, Padding::Same);
        spec.layer(LayerSpec::Residual { layers: block.layers, shortcut: Vec::new() })
    };
    let spec = spec
        .initializer(Initializer::HeNormal)
        .conv2d_norm_relu(16, 3, 1, Padding::Same)
        .conv2d_norm_relu(32, 3, 1, Padding::Same)
        .max_pool2d(2)
        .conv2d_norm_relu(64, 3, 1, Padding::Same);
    let spec = around(spec, 64).max_pool2d(2).conv2d_norm_relu(104, 3, 1, Padding::Same);
    around(spec, 104).global_average_pool2d()
}

/// Convolutions of these widths one after the other, with pooling after the second and the fourth.
fn widening(spec: ModelSpec, widths: &[usize]) -> ModelSpec {
    let mut spec = spec.initializer(Initializer::HeNormal);
    for (index, width) in widths.iter().enumerate() {
        spec = spec.conv2d_norm_relu(*width, 3, 1, Padding::Same);
        if index == 1 || index == 3 {
            spec = spec.max_pool2d(2);
        }
    }
    spec.global_average_pool2d()
}

/// The network behind the page's pad.
fn shipped(spec: ModelSpec) -> ModelSpec {
    spec.initializer(Initializer::HeNormal)
        .conv2d_norm_relu(16, 3, 1, Padding::Valid)
        .conv2d_norm_relu(32, 3, 1, Padding::Valid)
        .max_pool2d(2)
        .conv2d_norm_relu(48, 3, 1, Padding::Valid)
        .conv2d_norm_relu(48, 3, 1, Padding::Valid)
        .max_pool2d(2)
        .conv2d_norm_relu(64, 3, 1, Padding::Same)
        .conv2d_norm_relu(64, 3, 1, Padding::Valid)
        .global_average_pool2d()
        .dropout(0.1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model;

    /// The trainable ones, as `tests/golden/count_parameters.py` printed them.
    #[test]
    fn a_preset_takes_the_shape_of_a_record() {
        let record = |json: &str| preset_of(serde_json::from_str(json).unwrap());
        let spec = record(r#"{"preset": "resnet8", "inputShape": [28, 28, 1]}"#).unwrap();
        assert_eq!((spec.input_shape, &spec.labels[3][..]), ([28, 28, 1], "3"));
        let own = record(r#"{"preset": "resnet8", "inputShape": [32, 32, 3]}"#).unwrap();
        assert_eq!(own, preset("resnet8").unwrap());
        assert!(Model::create(spec, 1).is_ok());
        let two = record(r#"{"preset": "tiny", "labels": ["cat", "dog"]}"#);
        assert_eq!(two.unwrap().labels, ["cat", "dog"]);
        assert!(record(r#"{"preset": "nothing", "inputShape": [28, 28, 1]}"#).is_err());
        assert!(record(r#"{"preset": "tiny", "inputShape": [28, 28, 1], "other": 1}"#).is_err());
    }

    #[test]
    fn presets_have_the_parameters_their_frameworks_count() {
        let printed = include_str!("../../tests/golden/parameters.txt");
        let mut n_checked = 0;
        for line in printed.lines() {
            let (name, n_params) = line.split_once(' ').unwrap();
            let model = Model::create(preset(name).unwrap(), 0).unwrap();
            assert_eq!(model.params.len().to_string(), n_params, "{name}");
            n_checked += 1;
        }
        assert_eq!(n_checked, NAMES.len());
    }

    #[test]
    fn networks_for_pictures_fit_other_pictures_too() {
        for (name, shape) in [
            ("three-channel", [24, 24, 3]),
            ("resnet8", [28, 28, 1]),
            ("mobilenet", [28, 28, 1]),
            ("linear", [5, 7, 2]),
            ("rnn-rows", [32, 32, 3]),
        ] {
            let spec = preset_for(name, shape, &["a", "b", "c"]).unwrap();
            assert!(Model::create(spec, 0).is_ok(), "{name}");
        }
        let crops = preset_for("three-channel", [24, 24, 3], &["a", "b"]).unwrap();
        let graph = Model::create(crops, 0).unwrap();
        assert!(graph.graph().nodes().iter().any(|node| node.shape == [64 * 6 * 6]));
    }

    #[test]
    fn every_name_is_a_network_and_no_other_is() {
        for name in NAMES {
            assert!(Model::create(preset(name).unwrap(), 0).is_ok(), "{name}");
        }
        assert_eq!(preset("resnet50").unwrap_err().code(), "config");
        assert!(Model::create(preset("tiny").unwrap(), 0).unwrap().params.len() < 10_000);
    }
}
