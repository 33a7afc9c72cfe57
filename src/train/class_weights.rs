//! What an example of each class counts in training.

use serde::Serialize;

use crate::error::{Error, Result};
use crate::settings::Setting;
use crate::value::Value;

/// Weights of the classes, for data that has many examples of one and few of another. In JSON `equal`, `balanced`, or
/// a list with a number for each class.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ClassWeights {
    /// Every example counts 1.
    #[default]
    Equal,
    /// All classes count the same: `examples / (classes · examples of the class)`, as in scikit-learn.
    Balanced,
    /// These, at least 0, in the order of the labels.
    #[serde(untagged)]
    Given(Vec<f32>),
}

impl Setting for ClassWeights {
    fn read(name: &str, value: Value) -> Result<ClassWeights> {
        match value.as_str() {
            Some("equal") => Ok(ClassWeights::Equal),
            Some("balanced") => Ok(ClassWeights::Balanced),
            _ if matches!(value, Value::Array(_)) => Ok(ClassWeights::Given(Vec::read(name, value)?)),
            _ => Err(Error::config(name, "equal, balanced or a list of numbers", value)),
        }
    }
}

impl ClassWeights {
    /// Refuses weights below 0, and none.
    ///
    /// # Errors
    /// [`Error::Config`].
    pub fn validate(&self) -> Result<()> {
        match self {
            ClassWeights::Given(weights) if weights.is_empty() => {
                Err(Error::config("classWeights", "a number for each class", "empty"))
            }
            ClassWeights::Given(weights) => {
                match weights.iter().find(|&weight| !(0.0..=1e6).contains(weight)) {
                    Some(bad) => Err(Error::config("classWeights", "numbers between 0 and 1000000", bad)),
                    None => Ok(()),
                }
            }
            _ => Ok(()),
        }
    }

    /// A weight for each of `n_classes` classes, given the examples' labels; none if all are 1.
    pub fn of(&self, labels: impl Iterator<Item = u32>, n_classes: usize) -> Vec<f32> {
        match self {
            ClassWeights::Equal => Vec::new(),
            ClassWeights::Given(weights) => weights.clone(),
            ClassWeights::Balanced => {
                let mut counts = vec![0u32; n_classes];
                labels.for_each(|label| counts[label as usize] += 1);
                let n_present = counts.iter().filter(|&&count| count > 0).count();
                let mean = counts.iter().sum::<u32>() as f32 / n_present.max(1) as f32;
                counts.into_iter().map(|count| if count == 0 { 0.0 } else { mean / count as f32 }).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn balanced_classes_weigh_the_same_in_all() {
        let labels = [0, 0, 0, 2, 2, 2, 2, 2, 2];
        let weights = ClassWeights::Balanced.of(labels.into_iter(), 4);
        assert_eq!(weights, [1.5, 0.0, 0.75, 0.0]);
        assert!(ClassWeights::Given(Vec::new()).validate().is_err());
        assert!(ClassWeights::Equal.of(labels.into_iter(), 4).is_empty());
    }
}
