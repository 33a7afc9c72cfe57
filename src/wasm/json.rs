//! The browser's own JSON for the core, and plain objects as the core's values.

use js_sys::{Array, JSON, Object};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use super::records::record;
use crate::json::Json;
use crate::value::Value;

/// How deep lists and objects may lie in each other, as in serde_json.
const MOST_LEVELS: u32 = 128;

/// `JSON.parse` and `JSON.stringify`.
pub(super) struct BrowserJson;

impl Json for BrowserJson {
    fn parse(text: &str) -> Result<Value, String> {
        let parsed = JSON::parse(text).map_err(|error| String::from(js_sys::Error::from(error).message()))?;
        value_of(&parsed)
    }

    fn print(value: &impl Serialize) -> String {
        let object = record(value).expect("records have no keys but strings");
        let text = JSON::stringify(&object).expect("records hold no circle");
        String::from(text)
    }
}

/// The value of a plain object, list, text, number, boolean, null or undefined.
///
/// # Errors
/// What else came, in words.
pub(super) fn value_of(value: &JsValue) -> Result<Value, String> {
    read(value, MOST_LEVELS)
}

fn read(value: &JsValue, levels: u32) -> Result<Value, String> {
    if value.is_null() || value.is_undefined() {
        return Ok(Value::Null);
    }
    if let Some(truth) = value.as_bool() {
        return Ok(Value::Bool(truth));
    }
    if let Some(number) = value.as_f64() {
        return Ok(Value::Number(number));
    }
    if let Some(text) = value.as_string() {
        return Ok(Value::String(text));
    }
    if levels == 0 {
        return Err("lists and objects too deep in each other".into());
    }
    if Array::is_array(value) {
        let list = Array::from(value);
        let values = (0..list.length()).map(|i| read(&list.get(i), levels - 1));
        return values.collect::<Result<_, _>>().map(Value::Array);
    }
    let Some(object) = value.dyn_ref::<Object>().filter(|_| !value.is_function()) else {
        return Err("something that is no plain object".into());
    };
    let mut members = Vec::new();
    for entry in Object::entries(object).iter() {
        let entry = Array::from(&entry);
        let (name, member) = (entry.get(0), entry.get(1));
        // A member that is undefined counts as not given.
        if !member.is_undefined() {
            members.push((name.as_string().unwrap_or_default(), read(&member, levels - 1)?));
        }
    }
    Ok(Value::Object(members))
}
