//! Records from JSON: each setting asked for by its name, none left over.
//!
//! serde's derived readers repeat their code for every record and every variant of a tagged enum, which came to a
//! third of the engine's size. A record that reads itself from [`Settings`] costs a few bytes for each setting, and
//! its errors name the setting.

use crate::error::{Error, Result};
use crate::value::Value;

/// The settings of one record, of which each may be taken once.
pub struct Settings {
    values: Vec<(String, Value)>,
    known: Vec<&'static str>,
}

impl Settings {
    /// The settings in `value`, of the record that messages call `what`.
    ///
    /// # Errors
    /// [`Error::Config`] when it is no object.
    pub fn new(what: &str, value: Value) -> Result<Settings> {
        match value {
            Value::Object(values) => Ok(Settings { values, known: Vec::new() }),
            other => Err(wrong(what, "an object", &other)),
        }
    }

    /// The setting `name`, if it is given.
    ///
    /// # Errors
    /// [`Error::Config`] when it is of the wrong kind.
    pub fn get<T: Setting>(&mut self, name: &'static str) -> Result<Option<T>> {
        match self.take(name) {
            Some(value) => T::read(name, value).map(Some),
            None => Ok(None),
        }
    }

    /// The setting `name`, or `default` if it is not given.
    ///
    /// # Errors
    /// As [`get`](Self::get).
    pub fn get_or<T: Setting>(&mut self, name: &'static str, default: T) -> Result<T> {
        Ok(self.get(name)?.unwrap_or(default))
    }

    /// The setting `name`.
    ///
    /// # Errors
    /// As [`get`](Self::get), and when it is not given.
    pub fn require<T: Setting>(&mut self, name: &'static str) -> Result<T> {
        match self.get(name)? {
            Some(value) => Ok(value),
            None => Err(Error::config(name, "given", "missing")),
        }
    }

    /// The setting `name` that is a record itself, or `default` if it is not given.
    ///
    /// # Errors
    /// Those of the record.
    pub fn record_or<T: TryFrom<Value, Error = Box<Error>>>(
        &mut self,
        name: &'static str,
        default: T,
    ) -> Result<T> {
        self.take(name).map_or(Ok(default), T::try_from)
    }

    /// The setting `name` that is a list of records; empty if it is not given.
    ///
    /// # Errors
    /// [`Error::Config`] when it is no list; those of the records.
    pub fn records<T: TryFrom<Value, Error = Box<Error>>>(&mut self, name: &'static str) -> Result<Vec<T>> {
        match self.take(name) {
            Some(Value::Array(values)) => values.into_iter().map(T::try_from).collect(),
            Some(other) => Err(wrong(name, "a list", &other)),
            None => Ok(Vec::new()),
        }
    }

    /// Ends the reading.
    ///
    /// # Errors
    /// [`Error::Config`] naming a setting that was never asked for.
    pub fn finish(self) -> Result<()> {
        match self.values.first() {
            Some((name, _)) => {
                Err(Error::config(name, format!("one of {}", self.known.join(", ")), "none of these names"))
            }
            None => Ok(()),
        }
    }

    fn take(&mut self, name: &'static str) -> Option<Value> {
        self.known.push(name);
        // The last of several, as in JavaScript; an earlier one stays and is refused.
        let place = self.values.iter().rposition(|(other, _)| other == name)?;
        Some(self.values.remove(place).1)
    }
}

/// What can stand as a setting.
pub trait Setting: Sized {
    /// The value, of the setting that messages call `name`.
    ///
    /// # Errors
    /// [`Error::Config`] when it is of another kind.
    fn read(name: &str, value: Value) -> Result<Self>;
}

fn wrong(name: &str, expected: &str, got: &Value) -> Box<Error> {
    Error::config(name, expected, got)
}

/// 2^53: above it not every whole number is an `f64`.
const MOST_WHOLE: f64 = 9_007_199_254_740_992.0;

/// A whole number from 0 to `most`.
fn whole(name: &str, value: &Value, most: u64) -> Result<u64> {
    match value {
        Value::Number(x) if *x >= 0.0 && x.trunc() == *x && *x <= MOST_WHOLE && *x as u64 <= most => {
            Ok(*x as u64)
        }
        _ => Err(wrong(name, "a whole number from 0", value)),
    }
}

impl Setting for usize {
    fn read(name: &str, value: Value) -> Result<usize> {
        Ok(whole(name, &value, usize::MAX as u64)? as usize)
    }
}

impl Setting for u32 {
    fn read(name: &str, value: Value) -> Result<u32> {
        Ok(whole(name, &value, u64::from(u32::MAX))? as u32)
    }
}

impl Setting for u64 {
    fn read(name: &str, value: Value) -> Result<u64> {
        whole(name, &value, u64::MAX)
    }
}

impl Setting for f32 {
    fn read(name: &str, value: Value) -> Result<f32> {
        match value {
            Value::Number(x) => Ok(x as f32),
            other => Err(wrong(name, "a number", &other)),
        }
    }
}

impl Setting for bool {
    fn read(name: &str, value: Value) -> Result<bool> {
        match value {
            Value::Bool(truth) => Ok(truth),
            other => Err(wrong(name, "true or false", &other)),
        }
    }
}

impl Setting for Value {
    fn read(_: &str, value: Value) -> Result<Value> {
        Ok(value)
    }
}

impl Setting for String {
    fn read(name: &str, value: Value) -> Result<String> {
        match value {
            Value::String(text) => Ok(text),
            other => Err(wrong(name, "a text", &other)),
        }
    }
}

impl<T: Setting> Setting for Vec<T> {
    fn read(name: &str, value: Value) -> Result<Vec<T>> {
        match value {
            Value::Array(values) => values.into_iter().map(|value| T::read(name, value)).collect(),
            other => Err(wrong(name, "a list", &other)),
        }
    }
}

impl<T: Setting, const N: usize> Setting for [T; N] {
    fn read(name: &str, value: Value) -> Result<[T; N]> {
        let values = Vec::<T>::read(name, value)?;
        let n_values = values.len();
        values
            .try_into()
            .map_err(|_| Error::config(name, format!("a list of {N}"), format!("a list of {n_values}")))
    }
}

/// The value that `name` stands for, of those listed.
///
/// # Errors
/// [`Error::Config`] listing the names, when it is none of them.
pub fn choose<T: Copy>(option: &str, value: Value, choices: &[(&str, T)]) -> Result<T> {
    let chosen = choices.iter().find(|(name, _)| value.as_str() == Some(*name));
    chosen.map(|(_, choice)| *choice).ok_or_else(|| {
        let names: Vec<&str> = choices.iter().map(|(name, _)| *name).collect();
        Error::config(option, format!("one of {}", names.join(", ")), value)
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn value(json: serde_json::Value) -> Value {
        serde_json::from_value(json).unwrap()
    }

    fn settings() -> Settings {
        Settings::new("a test", value(json!({ "n": 3, "x": -1.5, "on": true, "pair": [1, 2] }))).unwrap()
    }

    #[test]
    fn settings_are_taken_by_name_and_kind() {
        let mut settings = settings();
        assert_eq!(settings.require::<usize>("n"), Ok(3));
        assert_eq!(settings.get::<f32>("x"), Ok(Some(-1.5)));
        assert_eq!(settings.get_or("on", false), Ok(true));
        assert_eq!(settings.get_or("pair", [0_u32; 2]), Ok([1, 2]));
        assert_eq!(settings.get_or("off", 7_u64), Ok(7));
        assert_eq!(settings.finish(), Ok(()));
    }

    #[test]
    fn what_is_wrong_is_named() {
        let text = |error: Box<Error>| error.to_string();
        assert!(text(settings().require::<usize>("x").unwrap_err()).contains("x must be a whole number"));
        assert!(text(settings().require::<bool>("n").unwrap_err()).contains("n must be true or false"));
        assert!(text(settings().require::<String>("n").unwrap_err()).contains("n must be a text"));
        assert!(text(settings().require::<[f32; 3]>("pair").unwrap_err()).contains("a list of 3"));
        assert!(text(settings().require::<f32>("y").unwrap_err()).contains("y must be given"));
        assert!(
            text(Settings::new("a test", value(json!(3))).err().unwrap())
                .contains("a test must be an object")
        );
        let mut settings = settings();
        settings.get::<usize>("n").unwrap();
        assert!(text(settings.finish().unwrap_err()).contains("must be one of n, but"));
    }

    #[test]
    fn a_number_that_would_wrap_is_refused() {
        assert!(u32::read("n", value(json!(1_u64 << 32))).is_err());
        assert!(u64::read("n", value(json!(-1))).is_err());
        assert!(u64::read("n", value(json!(1.5))).is_err());
    }

    #[test]
    fn one_of_the_choices_or_an_error_that_lists_them() {
        let choices = [("valid", 1), ("same", 2)];
        assert_eq!(choose("padding", value(json!("same")), &choices), Ok(2));
        let error = choose("padding", value(json!("full")), &choices).unwrap_err().to_string();
        assert!(error.contains("padding must be one of valid, same"), "{error}");
    }
}
