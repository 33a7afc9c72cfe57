//! Searching for good options: which trials to make, and which of them to go on with.

use super::TrainOptions;
use crate::error::{Error, Limits, Result};
use crate::rng::{Rng, mix};
use crate::value::Value;

/// Tells this use of a seed from every other.
const STREAM: u64 = 0x736561726368; // "search"

/// Trials of one search.
const MOST_TRIALS: u64 = 10_000;

/// Values to try for each of some options, by the options' names in JSON.
#[derive(Clone, Debug, PartialEq)]
pub struct Space {
    choices: Vec<(String, Vec<Value>)>,
}

/// One value for each of the space's options.
pub type Trial = Vec<(String, Value)>;

impl TryFrom<Value> for Space {
    type Error = Error;

    /// From a record of lists, such as `{"learningRate": [0.1, 0.01], "optimizer": [{"type": "adam"}]}`.
    fn try_from(value: Value) -> Result<Space> {
        let wrong =
            || Error::config("space", "a record with a list of values for each option", "something else");
        let Value::Object(members) = value else { return Err(wrong()) };
        let choices = members.into_iter().map(|(name, values)| match values {
            Value::Array(values) if !values.is_empty() => Ok((name, values)),
            _ => Err(wrong()),
        });
        Ok(Space { choices: choices.collect::<Result<_>>()? })
    }
}

impl Space {
    /// Every combination once, the last option's values changing fastest.
    ///
    /// # Errors
    /// [`Error::Limit`] above 10,000.
    pub fn grid(&self) -> Result<Vec<Trial>> {
        let n = self.choices.iter().fold(1u64, |n, (_, values)| n.saturating_mul(values.len() as u64));
        Limits::check("trials of a search", n, MOST_TRIALS)?;
        let trial = |mut idx: usize| {
            let mut trial: Trial = Vec::new();
            for (name, values) in self.choices.iter().rev() {
                trial.insert(0, (name.clone(), values[idx % values.len()].clone()));
                idx /= values.len();
            }
            trial
        };
        Ok((0..n as usize).map(trial).collect())
    }

    /// `n` combinations by chance, with repetitions. Each depends on the seed and its place alone, so a search can be
    /// gone on with, or made longer.
    ///
    /// # Errors
    /// [`Error::Limit`] above 10,000.
    pub fn random(&self, n: usize, seed: u64) -> Result<Vec<Trial>> {
        Limits::check("trials of a search", n as u64, MOST_TRIALS)?;
        let trial = |idx: usize| {
            let mut rng = Rng::new(mix(&[seed, idx as u64]), STREAM);
            let pick = |(name, values): &(String, Vec<Value>)| {
                (name.clone(), values[rng.below(values.len() as u32) as usize].clone())
            };
            self.choices.iter().map(pick).collect()
        };
        Ok((0..n).map(trial).collect())
    }
}

/// The options of a trial: the record `base` with the trial's values in place of its own.
///
/// # Errors
/// [`Error::Config`] for an option that there is not, or a value that it cannot have.
pub fn options_of(base: &Value, trial: &Trial) -> Result<TrainOptions> {
    let mut record = base.clone();
    if let Value::Object(members) = &mut record {
        members.retain(|(name, _)| trial.iter().all(|(other, _)| other != name));
        members.extend(trial.iter().cloned());
    }
    let options = TrainOptions::try_from(record)?;
    options.validate()?;
    Ok(options)
}

/// The rounds of successive halving for `n_trials` trials of at most `epochs` epochs: epochs of each round, and how many
/// of the best trials go on after it. Each round has `factor` times the epochs of the one before, for one of `factor`
/// trials.
///
/// Source: Jamieson, Talwalkar 2016, with trials begun anew each round.
pub fn rounds(n_trials: usize, epochs: u32, factor: usize) -> Vec<(u32, usize)> {
    let factor = factor.max(2);
    let mut rounds = vec![(epochs.max(1), 1)];
    let mut n = 1;
    while n < n_trials {
        let first = rounds[0].0;
        // A round of no fewer epochs than the next would only repeat it.
        if first == 1 {
            break;
        }
        n *= factor;
        rounds.insert(0, ((first / factor as u32).max(1), n / factor));
    }
    rounds
}

/// The places of the `n` best of `scores`, the first of equals before the others; what is no number comes last.
pub fn best(scores: &[f32], n: usize) -> Vec<usize> {
    let mut order: Vec<usize> = Vec::new();
    for (idx, score) in scores.iter().enumerate() {
        let after = |&other: &usize| scores[other] >= *score || score.is_nan();
        order.insert(order.partition_point(after), idx);
    }
    order.truncate(n);
    order
}

#[cfg(test)]
mod tests {
    use super::*;

    fn space() -> Space {
        let json = r#"{"learningRate":[0.1,0.01,0.001],"batchSize":[16,32],"seed":[1]}"#;
        Space::try_from(serde_json::from_str::<Value>(json).unwrap()).unwrap()
    }

    #[test]
    fn a_grid_has_every_combination_once() {
        let base = serde_json::from_str(r#"{"epochs":3,"learningRate":5}"#).unwrap();
        let trials = space().grid().unwrap();
        let options: Vec<TrainOptions> =
            trials.iter().map(|trial| options_of(&base, trial).unwrap()).collect();
        let pairs: Vec<(f32, usize)> = options.iter().map(|o| (o.learning_rate, o.batch_size)).collect();
        assert_eq!(pairs, [(0.1, 16), (0.1, 32), (0.01, 16), (0.01, 32), (0.001, 16), (0.001, 32)]);
        assert!(options.iter().all(|o| o.epochs == 3));
    }

    #[test]
    fn random_trials_repeat_and_a_longer_search_begins_as_the_shorter() {
        let long = space().random(50, 7).unwrap();
        assert_eq!(long[..20], space().random(20, 7).unwrap());
        assert_ne!(long, space().random(50, 8).unwrap());
        assert!(space().grid().unwrap().iter().all(|trial| long.contains(trial)));
    }

    #[test]
    fn each_round_keeps_one_of_factor_and_the_last_has_all_epochs() {
        assert_eq!(rounds(9, 9, 3), [(1, 3), (3, 1), (9, 1)]);
        assert_eq!(rounds(1, 5, 3), [(5, 1)]);
        assert_eq!(rounds(10, 27, 3), [(1, 9), (3, 3), (9, 1), (27, 1)]);
        assert_eq!(rounds(6, 4, 3), [(1, 1), (4, 1)]);
        assert_eq!(best(&[0.5, f32::NAN, 0.9, 0.5], 3), [2, 0, 3]);
    }

    #[test]
    fn what_is_no_option_is_refused_by_name() {
        let base = serde_json::from_str("{}").unwrap();
        let trial = vec![("learningrate".to_owned(), Value::Number(0.1))];
        assert!(options_of(&base, &trial).unwrap_err().to_string().contains("learningrate"));
        assert!(Space::try_from(serde_json::from_str::<Value>(r#"{"seed":1}"#).unwrap()).is_err());
    }
}
