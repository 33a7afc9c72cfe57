//! Networks to start from, each under the name that the page, the package and the program share.

use super::{Initializer, ModelSpec, Preprocessing};
use crate::error::{Error, Result};
use crate::ops::Padding;

/// The names that [`preset`] knows.
pub const NAMES: [&str; 7] =
    ["tiny", "keras-cnn", "keras-cnn-dropout", "one-conv", "mlp", "three-channel", "digits"];

/// The network of this name, for the ten digits (`three-channel`: for 32 × 32 color pictures of ten
/// classes).
///
/// # Errors
/// [`Error::Config`] for another name.
pub fn preset(name: &str) -> Result<ModelSpec> {
    let spec = match name {
        "tiny" => tiny(),
        "keras-cnn" => keras_cnn().flatten().dense(64).relu().dense(10),
        "keras-cnn-dropout" => keras_cnn().flatten().dropout(0.5).dense(64).relu().dense(10),
        "one-conv" => digits().conv2d(32, 3).relu().max_pool2d(2).flatten().dense(128).relu().dense(10),
        "mlp" => digits().flatten().dense(128).relu().dense(10),
        "three-channel" => three_channel(),
        "digits" => shipped(),
        other => return Err(Error::config("preset", format!("one of {}", NAMES.join(", ")), other)),
    };
    Ok(spec)
}

/// An empty classifier of MNIST's digits.
fn digits() -> ModelSpec {
    let labels: Vec<String> = (0..10).map(|digit| digit.to_string()).collect();
    ModelSpec::new([28, 28, 1], &labels).preprocessing(Preprocessing::digit())
}

/// The convolutions of the example in Keras' documentation: 121,930 parameters with its dense layers.
fn keras_cnn() -> ModelSpec {
    digits().conv2d(32, 3).relu().max_pool2d(2).conv2d(64, 3).relu().max_pool2d(2)
}

/// All convolution, under 10,000 parameters, the quickest to train.
fn tiny() -> ModelSpec {
    digits()
        .initializer(Initializer::HeNormal)
        .conv2d_norm_relu(8, 3, 2, Padding::Same)
        .conv2d_norm_relu(16, 3, 2, Padding::Same)
        .conv2d_norm_relu(32, 3, 1, Padding::Same)
        .global_average_pool2d()
        .dense(10)
}

/// The network of PyTorch's CIFAR-10 courses: 32 and 64 filters, a dense layer of 128.
fn three_channel() -> ModelSpec {
    let labels = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];
    ModelSpec::new([32, 32, 3], &labels)
        .conv2d_same(32, 3)
        .relu()
        .max_pool2d(2)
        .conv2d_same(64, 3)
        .relu()
        .max_pool2d(2)
        .flatten()
        .dense(128)
        .relu()
        .dense(10)
}

/// The network behind the page's pad.
fn shipped() -> ModelSpec {
    digits()
        .initializer(Initializer::HeNormal)
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
        .dense(10)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Model;

    #[test]
    fn presets_have_the_parameters_their_frameworks_count() {
        for (name, n_params) in [
            ("keras-cnn", 121_930),
            ("one-conv", 13 * 13 * 32 * 128 + 128 + 320 + 1290),
            ("mlp", 101_770),
            ("three-channel", 896 + 18_496 + 64 * 64 * 128 + 128 + 1290),
        ] {
            assert_eq!(Model::create(preset(name).unwrap(), 0).unwrap().params.len(), n_params, "{name}");
        }
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
