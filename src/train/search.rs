//! Searching for good options: which trials to make, and which of them to go on with.
//!
//! A [`Search`] trains nothing itself: it names the next trial, and is told how accurate that became. What it names depends
//! on its settings and the accuracies so far alone, so a search is gone on with by telling it the rows of before.
//!
//! ```
//! use ocelli::train::search::{Search, SearchOptions};
//! use ocelli::value::Value;
//!
//! let options: Value = serde_json::from_str(r#"{ "space": { "learningRate": [0.1, 0.01], "batchSize": [16, 32] } }"#)?;
//! let mut search = Search::new(&SearchOptions::try_from(options)?)?;
//! while let Some((_, options)) = search.next()? {
//!     let accuracy = 1.0 - options.learning_rate; // of a training with these options
//!     search.record(Some(accuracy))?;
//! }
//! assert_eq!((search.rows().len(), search.best()?.1.learning_rate), (4, 0.01));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use serde::Serialize;

use super::TrainOptions;
use crate::error::{Error, Limits, Result};
use crate::rng::{Rng, mix};
use crate::settings::Settings;
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
    type Error = Box<Error>;

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

/// What to search, and how.
#[derive(Clone, Debug, PartialEq)]
pub struct SearchOptions {
    /// The values to try.
    pub space: Space,
    /// All other options, as a record.
    pub base: Value,
    /// So many combinations by chance; all if not given.
    pub random: Option<usize>,
    /// Successive halving: one of so many trials goes on to a round of so many times the epochs.
    pub halving: Option<usize>,
    /// Decides the combinations.
    pub seed: u64,
}

impl TryFrom<Value> for SearchOptions {
    type Error = Box<Error>;

    /// From a record `{ space, base, random, halving, seed }`, of which `space` must be there.
    fn try_from(value: Value) -> Result<SearchOptions> {
        let mut settings = Settings::new("search", value)?;
        let space = settings.record_or("space", Space { choices: Vec::new() })?;
        let base = settings.get_or("base", Value::Object(Vec::new()))?;
        let (random, halving) = (settings.get("random")?, settings.get("halving")?);
        let seed = settings.get_or("seed", 1)?;
        settings.finish()?;
        if space.choices.is_empty() {
            return Err(Error::config("space", "a list of values for at least one option", "none"));
        }
        if random == Some(0) {
            return Err(Error::config("random", "at least 1", "0"));
        }
        if halving.is_some_and(|factor| factor < 2) {
            return Err(Error::config("halving", "at least 2", "less"));
        }
        Ok(SearchOptions { space, base, random, halving, seed })
    }
}

/// A trial of a search, and how it went.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// From 1.
    pub round: usize,
    /// Rounds in all.
    pub n_rounds: usize,
    /// Epochs of each trial of this round.
    pub epochs: u32,
    /// Which combination, from 0; the same in every round.
    pub trial: usize,
    /// Its values by the options' names.
    pub choice: Value,
    /// The best validation accuracy; none if the run diverged.
    pub accuracy: Option<f32>,
}

/// A search under way.
#[derive(Clone, Debug)]
pub struct Search {
    base: Value,
    trials: Vec<Trial>,
    rounds: Vec<(u32, usize)>,
    /// Rounds that are over.
    n_over: usize,
    /// The combinations of the round under way.
    alive: Vec<usize>,
    /// Their accuracies so far.
    scores: Vec<f32>,
    rows: Vec<Row>,
}

impl Search {
    /// A search, all of whose options are checked before the first trial.
    ///
    /// # Errors
    /// [`Error::Config`] for options that there are not, values that they cannot have, or no validation;
    /// [`Error::Limit`] above 10,000 trials.
    pub fn new(options: &SearchOptions) -> Result<Search> {
        let SearchOptions { space, base, random, halving, seed } = options;
        let trials = random.map_or_else(|| space.grid(), |n| space.random(n, *seed))?;
        for trial in &trials {
            let options = options_of(base, trial)?;
            if options.validation_split == 0.0 && options.folds == 0 {
                return Err(Error::config("validationSplit", "above 0 in a search", "0"));
            }
        }
        let epochs = options_of(base, &Trial::new())?.epochs;
        let rounds = halving.map_or_else(|| vec![(epochs, 1)], |factor| rounds(trials.len(), epochs, factor));
        let alive = (0..trials.len()).collect();
        Ok(Search {
            base: base.clone(),
            trials,
            rounds,
            n_over: 0,
            alive,
            scores: Vec::new(),
            rows: Vec::new(),
        })
    }

    /// The trial to make next, without an accuracy, and its options; none when all are made.
    ///
    /// # Errors
    /// None that [`new`](Self::new) would not have told.
    pub fn next(&self) -> Result<Option<(Row, TrainOptions)>> {
        let Some(&(epochs, _)) = self.rounds.get(self.n_over) else { return Ok(None) };
        let trial = self.alive[self.scores.len()];
        let choice = &self.trials[trial];
        // A search over the number of epochs is one without halving.
        let fixed = choice.iter().any(|(name, _)| name == "epochs") && self.rounds.len() == 1;
        let mut options = options_of(&self.base, choice)?;
        options.epochs = if fixed { options.epochs } else { epochs };
        let row = Row {
            round: self.n_over + 1,
            n_rounds: self.rounds.len(),
            epochs: options.epochs,
            trial,
            choice: Value::Object(choice.clone()),
            accuracy: None,
        };
        Ok(Some((row, options)))
    }

    /// Notes how the next trial went: its best validation accuracy, or none if it diverged.
    ///
    /// # Errors
    /// [`Error::State`] when all trials are made.
    pub fn record(&mut self, accuracy: Option<f32>) -> Result<Row> {
        let Some((row, _)) = self.next()? else {
            return Err(Error::state("a trial to make", "The result of another"));
        };
        let accuracy = accuracy.filter(|accuracy| accuracy.is_finite());
        let row = Row { accuracy, ..row };
        self.rows.push(row.clone());
        self.scores.push(accuracy.unwrap_or(f32::NAN));
        if self.scores.len() == self.alive.len() {
            let (_, n_kept) = self.rounds[self.n_over];
            self.alive = best(&self.scores, n_kept).into_iter().map(|idx| self.alive[idx]).collect();
            self.scores.clear();
            self.n_over += 1;
        }
        Ok(row)
    }

    /// Notes a row of the same search from before.
    ///
    /// # Errors
    /// [`Error::Config`] when it is of another search.
    pub fn replay(
        &mut self,
        round: usize,
        trial: usize,
        choice: &Value,
        accuracy: Option<f32>,
    ) -> Result<Row> {
        let expected = self.next()?.map(|(row, _)| (row.round, row.trial, row.choice));
        let is_next = expected.is_some_and(|next| (next.0, next.1, &next.2) == (round, trial, choice));
        if !is_next {
            return Err(Error::config(
                "resumeFrom",
                "the rows of this very search, in their order",
                "others",
            ));
        }
        self.record(accuracy)
    }

    /// The trials made so far.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The best trial of the last round that has any, and its options for training on all examples.
    ///
    /// # Errors
    /// [`Error::Data`] when no trial came to its end.
    pub fn best(&self) -> Result<(Row, TrainOptions)> {
        let last = self.rows.last().map_or(0, |row| row.round);
        let of_last: Vec<&Row> = self.rows.iter().filter(|row| row.round == last).collect();
        let scores: Vec<f32> = of_last.iter().map(|row| row.accuracy.unwrap_or(f32::NAN)).collect();
        match best(&scores, 1).first().map(|&idx| of_last[idx]).filter(|row| row.accuracy.is_some()) {
            Some(row) => {
                let options = options_of(&self.base, &self.trials[row.trial])?;
                Ok((row.clone(), TrainOptions { validation_split: 0.0, folds: 0, fold: 0, ..options }))
            }
            None => Err(Error::data("a trial that comes to its end", "none")),
        }
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

    fn search(json: &str) -> Result<Search> {
        Search::new(&SearchOptions::try_from(serde_json::from_str::<Value>(json).unwrap())?)
    }

    const HALVING: &str = r#"{"space":{"learningRate":[0.1,0.2,0.3,0.4],"batchSize":[8]},"base":{"epochs":4},"halving":2,"seed":3}"#;

    /// Accurate as its rate is high; 0.4 diverges.
    fn outcome(options: &TrainOptions) -> Option<f32> {
        (options.learning_rate < 0.4).then_some(options.learning_rate)
    }

    #[test]
    fn halving_goes_on_with_the_better_ones_and_ends_with_the_best() {
        let mut search = search(HALVING).unwrap();
        let mut made = Vec::new();
        while let Some((row, options)) = search.next().unwrap() {
            assert_eq!((row.epochs, options.batch_size), (options.epochs, 8));
            made.push((row.round, row.epochs, row.trial));
            search.record(outcome(&options)).unwrap();
        }
        let expected = [(1, 1, 0), (1, 1, 1), (1, 1, 2), (1, 1, 3), (2, 2, 2), (2, 2, 1), (3, 4, 2)];
        assert_eq!(made, expected);
        let (best, options) = search.best().unwrap();
        assert_eq!((best.trial, best.accuracy), (2, Some(0.3)));
        assert_eq!((options.learning_rate, options.epochs, options.validation_split), (0.3, 4, 0.0));
        assert!(search.record(None).is_err());
    }

    #[test]
    fn a_search_goes_on_from_its_rows_and_refuses_those_of_another() {
        let mut whole = search(HALVING).unwrap();
        while let Some((_, options)) = whole.next().unwrap() {
            whole.record(outcome(&options)).unwrap();
        }
        for n in 0..whole.rows().len() {
            let mut again = search(HALVING).unwrap();
            for row in &whole.rows()[..n] {
                again.replay(row.round, row.trial, &row.choice, row.accuracy).unwrap();
            }
            while let Some((_, options)) = again.next().unwrap() {
                again.record(outcome(&options)).unwrap();
            }
            assert_eq!(again.rows(), whole.rows(), "from row {n}");
        }
        let other = HALVING.replace("0.2", "0.25");
        let row = &whole.rows()[1];
        let mut other = search(&other).unwrap();
        other.record(Some(0.1)).unwrap();
        assert!(other.replay(row.round, row.trial, &row.choice, row.accuracy).is_err());
    }

    #[test]
    fn a_search_that_cannot_be_is_refused_before_it_begins() {
        for json in [
            r#"{}"#,
            r#"{"space":{}}"#,
            r#"{"space":{"learningRate":[]}}"#,
            r#"{"space":{"learningRate":[-1]}}"#,
            r#"{"space":{"seed":[1]},"random":0}"#,
            r#"{"space":{"seed":[1]},"halving":1}"#,
            r#"{"space":{"seed":[1]},"base":{"validationSplit":0}}"#,
            r#"{"space":{"seed":[1]},"others":1}"#,
        ] {
            assert!(search(json).is_err(), "{json}");
        }
        assert!(search(HALVING).unwrap().best().is_err());
    }

    #[test]
    fn what_is_no_option_is_refused_by_name() {
        let base = serde_json::from_str("{}").unwrap();
        let trial = vec![("learningrate".to_owned(), Value::Number(0.1))];
        assert!(options_of(&base, &trial).unwrap_err().to_string().contains("learningrate"));
        assert!(Space::try_from(serde_json::from_str::<Value>(r#"{"seed":1}"#).unwrap()).is_err());
    }
}
