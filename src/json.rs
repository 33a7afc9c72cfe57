//! JSON text to values and back. The host has a reader already: [`SerdeJson`] natively, the browser's own in a worker,
//! where a second one would be a tenth of all that a visitor loads.

use serde::{Serialize, Serializer};

use crate::value::Value;

/// Who reads and writes JSON.
pub trait Json {
    /// The value in `text`.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    fn parse(text: &str) -> Result<Value, String>;

    /// The text of a record, without spaces.
    fn print(record: &impl Serialize) -> String;
}

/// The crate serde_json.
#[cfg(feature = "json")]
#[derive(Clone, Copy, Debug)]
pub struct SerdeJson;

#[cfg(feature = "json")]
impl Json for SerdeJson {
    fn parse(text: &str) -> Result<Value, String> {
        serde_json::from_str(text).map_err(|error| error.to_string())
    }

    fn print(record: &impl Serialize) -> String {
        serde_json::to_string(record).expect("records have nothing that JSON cannot say")
    }
}

/// Serializes an `f32` as the number with the fewest digits that reads back as itself: 0.2, where its exact value would
/// print as 0.20000000298023224. Every writer of JSON then comes to the same text.
pub fn shortest<S: Serializer>(x: &f32, serializer: S) -> Result<S::Ok, S::Error> {
    let x = decimal(*x);
    if x == x.trunc() && x.abs() < 1e15 {
        serializer.serialize_i64(x as i64)
    } else {
        serializer.serialize_f64(x)
    }
}

/// [`shortest`] for a list.
pub fn shortest_each<S: Serializer>(values: &[f32], serializer: S) -> Result<S::Ok, S::Error> {
    struct Shortest(f32);
    impl Serialize for Shortest {
        fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
            shortest(&self.0, serializer)
        }
    }
    serializer.collect_seq(values.iter().map(|&x| Shortest(x)))
}

/// The `f64` nearest to the shortest decimal that stands for `x`.
fn decimal(x: f32) -> f64 {
    let exact = f64::from(x);
    let mut scale = 1.0;
    // Powers of ten up to 22 are exact, and so is a product below 2^53: the quotient is then rounded once.
    for _ in 0..22 {
        let shifted = (exact * scale + 0.5 * exact.signum()).trunc();
        if shifted.abs() < 1e15 && (shifted / scale) as f32 == x {
            return shifted / scale;
        }
        scale *= 10.0;
    }
    exact
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    #[test]
    fn a_float_is_written_with_its_fewest_digits_and_read_back_as_itself() {
        #[derive(Serialize)]
        struct Record {
            #[serde(serialize_with = "shortest")]
            x: f32,
            #[serde(serialize_with = "shortest_each")]
            list: Vec<f32>,
        }
        let print = |x: f32| SerdeJson::print(&Record { x, list: vec![x, 1.0] });
        assert_eq!(print(0.2), r#"{"x":0.2,"list":[0.2,1]}"#);
        assert_eq!(print(-3.0), r#"{"x":-3,"list":[-3,1]}"#);
        assert_eq!(print(1e-7), r#"{"x":1e-7,"list":[1e-7,1]}"#);
        assert_eq!(print(0.0), r#"{"x":0,"list":[0,1]}"#);
        let mut rng = Rng::new(3, 0);
        for _ in 0..10_000 {
            let x = rng.range(-1.0, 1.0);
            assert_eq!(decimal(x) as f32, x);
            // Nine digits tell any two of them apart.
            let digits = format!("{:e}", decimal(x)).split('e').next().unwrap().trim_start_matches('-').len();
            assert!(digits <= 10, "{}", decimal(x));
        }
        for x in [f32::MAX, f32::MIN_POSITIVE, f32::from_bits(1), 16_777_216.0, 1.0 / 3.0] {
            assert_eq!(decimal(x) as f32, x);
        }
    }
}
