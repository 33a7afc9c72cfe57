//! What a message says of a value: numbers as people write them.
//!
//! The formatting of floats in Rust's library is exact to the last digit and takes 10 KB of a wasm module; a message
//! needs six digits.

use crate::value::Value;

/// What can stand in a message as the thing that was given.
pub trait Told {
    /// Its words.
    fn told(&self) -> String;
}

impl Told for str {
    fn told(&self) -> String {
        self.into()
    }
}

impl Told for String {
    fn told(&self) -> String {
        self.clone()
    }
}

impl Told for usize {
    fn told(&self) -> String {
        self.to_string()
    }
}

impl Told for u32 {
    fn told(&self) -> String {
        self.to_string()
    }
}

impl Told for u64 {
    fn told(&self) -> String {
        self.to_string()
    }
}

impl Told for f32 {
    fn told(&self) -> String {
        number(f64::from(*self))
    }
}

impl<T: Told> Told for [T] {
    /// As shapes are written: `[28, 28, 1]`.
    fn told(&self) -> String {
        let items: Vec<_> = self.iter().map(T::told).collect();
        ["[", &items.join(", "), "]"].concat()
    }
}

impl<T: Told, const N: usize> Told for [T; N] {
    fn told(&self) -> String {
        self[..].told()
    }
}

impl Told for Value {
    /// A number or a text as it is, of anything larger the kind.
    fn told(&self) -> String {
        match self {
            Value::Null => "null".into(),
            Value::Bool(true) => "true".into(),
            Value::Bool(false) => "false".into(),
            Value::Number(value) => number(*value),
            Value::String(text) => ["\"", text, "\""].concat(),
            Value::Array(_) => "a list".into(),
            Value::Object(_) => "an object".into(),
        }
    }
}

impl<T: Told + ?Sized> Told for &T {
    fn told(&self) -> String {
        (**self).told()
    }
}

/// `x` to six significant digits: `0.2`, `-1500`, `1e-7`.
fn number(x: f64) -> String {
    if x.is_nan() {
        return "not a number".into();
    }
    if x.is_infinite() {
        return if x > 0.0 { "infinity".into() } else { "-infinity".into() };
    }
    let sign = if x < 0.0 { "-" } else { "" };
    let mut size = x.abs();
    if size == 0.0 {
        return "0".into();
    }
    // Six digits before the point, and the power of ten that was taken out.
    let mut exponent = 0;
    while size >= 999_999.5 {
        size /= 10.0;
        exponent += 1;
    }
    while size < 99_999.95 {
        size *= 10.0;
        exponent -= 1;
    }
    let mut digits = (size + 0.5) as u64;
    while digits.is_multiple_of(10) {
        digits /= 10;
        exponent += 1;
    }
    let digits = digits.to_string();
    // The place of the point, counted from the first digit.
    let point = digits.len() as i32 + exponent;
    let plain = (-3..=15).contains(&point);
    let mut text = String::from(sign);
    if plain && point <= 0 {
        text.push_str("0.");
        (point..0).for_each(|_| text.push('0'));
    }
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && i as i32 == if plain { point } else { 1 } {
            text.push('.');
        }
        text.push(digit);
    }
    if plain {
        (0..exponent).for_each(|_| text.push('0'));
    } else {
        text.push('e');
        text.push_str(&(point - 1).to_string());
    }
    text
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        let cases = [
            (0.0, "0"),
            (0.2, "0.2"),
            (1.5, "1.5"),
            (-1500.0, "-1500"),
            (123_456.7, "123457"),
            (999_999.9, "1000000"),
            (0.1 + 0.2, "0.3"),
            (1e-7, "1e-7"),
            (-2.5e-9, "-2.5e-9"),
            (0.000_123, "0.000123"),
            (1e20, "1e20"),
            (4_294_967_296.0, "4294970000"),
            (1.234_567, "1.23457"),
            (f64::NAN, "not a number"),
            (f64::NEG_INFINITY, "-infinity"),
        ];
        for (x, text) in cases {
            assert_eq!(number(x), text);
        }
        assert_eq!(0.1_f32.told(), "0.1");
        assert_eq!((1.0e-7_f32).told(), "1e-7");
        assert_eq!(f32::MAX.told(), "3.40282e38");
        assert_eq!(f32::from_bits(1).told(), "1.4013e-45");
    }

    #[test]
    fn shapes_read_as_code_has_them() {
        assert_eq!([28_usize, 28, 1].told(), "[28, 28, 1]");
        assert_eq!([&[2_usize, 3][..], &[]].told(), "[[2, 3], []]");
    }

    #[test]
    fn of_records_and_lists_the_kind_is_told() {
        let told = |json: serde_json::Value| serde_json::from_value::<Value>(json).unwrap().told();
        assert_eq!(told(json!({ "a": 1 })), "an object");
        assert_eq!(told(json!([1])), "a list");
        assert_eq!(told(json!("x")), "\"x\"");
        assert_eq!(told(json!(3)), "3");
        assert_eq!(told(json!(null)), "null");
    }
}
