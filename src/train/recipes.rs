//! The options each preset is usually trained with.

use super::TrainOptions;
use super::optimizer::OptimizerSpec;
use super::schedule::Schedule;
use crate::data::augment::{Augmentation, Elastic, Surroundings};
use crate::ops::LossKind;

/// Up from a small rate and down to a smaller one: the quickest way to a good result in few epochs.
const ONE_CYCLE: Schedule = Schedule::OneCycle { peak_at: 0.3, start_factor: 0.04, final_factor: 1e-4 };

/// The options that the preset `name` is taught with: those of the courses it comes from, or ours where it comes from
/// none. For another name the default ones.
pub fn recipe(name: &str) -> TrainOptions {
    let usual = TrainOptions::default();
    let one_cycle = ONE_CYCLE;
    let descent = TrainOptions { optimizer: OptimizerSpec::Sgd, learning_rate: 0.1, ..usual.clone() };
    match name {
        "one-conv" => TrainOptions { learning_rate: 1e-4, ..usual },
        // Along the mean of MNIST's pictures the loss curves so strongly that steps above 0.03 diverge.
        "linear" => TrainOptions { loss: LossKind::MeanSquaredError, learning_rate: 0.02, ..descent },
        "logistic" | "mlp" => descent,
        "three-channel" => {
            let optimizer = OptimizerSpec::Momentum { momentum: 0.9 };
            TrainOptions { optimizer, batch_size: 4, ..usual }
        }
        // Chosen on validation digits, for the fewest multiply-adds with which a run comes to 99 %.
        "sprint" => {
            let augmentation = Augmentation { shift: 1.0, ..Augmentation::default() };
            let schedule = Schedule::OneCycle { peak_at: 0.3, start_factor: 0.1, final_factor: 1e-3 };
            TrainOptions { epochs: 4, batch_size: 64, learning_rate: 0.01, schedule, augmentation, ..usual }
        }
        "compact" => {
            let augmentation = Augmentation {
                shift: 1.5,
                rotate: 8.0,
                scale: [0.92, 1.08],
                shear: 6.0,
                ..Augmentation::default()
            };
            let schedule = Schedule::OneCycle { peak_at: 0.2, start_factor: 0.1, final_factor: 2e-4 };
            let (average_decay, validation_split) = (0.998, 0.05);
            let (epochs, batch_size, learning_rate) = (30, 64, 0.006);
            TrainOptions {
                epochs,
                batch_size,
                learning_rate,
                schedule,
                augmentation,
                average_decay,
                validation_split,
                ..usual
            }
        }
        "photos" => TrainOptions {
            epochs: 36,
            shards: 2,
            validation_split: 0.04,
            ..moved_and_mirrored(4.0, Surroundings::Edge)
        },
        "fashion" => TrainOptions {
            epochs: 20,
            validation_split: 0.05,
            ..moved_and_mirrored(2.0, Surroundings::Black)
        },
        "tiny" | "digits" => TrainOptions { learning_rate: 0.006, schedule: one_cycle, ..usual },
        "rnn-strokes" | "rnn-clips" => TrainOptions { clip_norm: 1.0, epochs: 20, ..usual },
        "rnn-rows" => TrainOptions { clip_norm: 1.0, ..usual },
        "resnet8" | "resnet20" | "mobilenet" => {
            let optimizer = OptimizerSpec::Nesterov { momentum: 0.9 };
            let (learning_rate, weight_decay, batch_size) = (0.1, 5e-4, 64);
            TrainOptions { optimizer, learning_rate, weight_decay, batch_size, schedule: one_cycle, ..usual }
        }
        _ => usual,
    }
}

/// For convolutions with batch normalization and pictures whose mirror images are as good.
fn moved_and_mirrored(shift: f32, surroundings: Surroundings) -> TrainOptions {
    TrainOptions {
        batch_size: 64,
        optimizer: OptimizerSpec::Nesterov { momentum: 0.9 },
        learning_rate: 0.1,
        weight_decay: 5e-4,
        label_smoothing: 0.1,
        schedule: Schedule::OneCycle { peak_at: 0.25, start_factor: 0.1, final_factor: 5e-4 },
        augmentation: Augmentation { shift, flip_horizontal: true, surroundings, ..Augmentation::default() },
        ..TrainOptions::default()
    }
}

/// Options with which the preset `name` soon comes to a good result on some thousand examples: ours, for trying in a tab.
pub fn quick(name: &str) -> TrainOptions {
    let adam =
        TrainOptions { epochs: 3, learning_rate: 0.006, schedule: ONE_CYCLE, ..TrainOptions::default() };
    // Enough to tell no two epochs' pictures apart, too little to spoil a digit.
    let augmentation = Augmentation {
        shift: 0.8,
        rotate: 4.0,
        scale: [0.97, 1.03],
        shear: 3.0,
        elastic: Elastic { strength: 0.5, smoothness: 4.0 },
        ..Augmentation::default()
    };
    match name {
        "linear" => {
            TrainOptions { epochs: 10, loss: LossKind::MeanSquaredError, learning_rate: 0.003, ..adam }
        }
        "logistic" => TrainOptions { epochs: 10, learning_rate: 0.003, ..adam },
        "rnn-rows" | "rnn-strokes" | "rnn-clips" => {
            TrainOptions { epochs: 10, clip_norm: 1.0, learning_rate: 0.004, ..adam }
        }
        "resnet8" | "resnet20" | "mobilenet" => TrainOptions { epochs: 3, augmentation, ..recipe(name) },
        // For photos, whose mirror images are as good; chosen on CIFAR-10's validation pictures.
        "three-channel" => TrainOptions {
            epochs: 12,
            batch_size: 64,
            learning_rate: 0.002,
            augmentation: Augmentation {
                shift: 3.0,
                flip_horizontal: true,
                surroundings: Surroundings::Edge,
                ..Augmentation::default()
            },
            ..adam
        },
        _ => TrainOptions { augmentation, ..adam },
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::zoo;

    #[test]
    fn every_recipe_is_sound() {
        for name in zoo::NAMES {
            recipe(name).validate().unwrap();
            quick(name).validate().unwrap();
        }
        assert_eq!(recipe("keras-cnn"), TrainOptions::default(), "Keras' example has our defaults");
    }
}
