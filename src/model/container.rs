//! The container of a model file: safetensors, which is a length, a header of JSON, and the tensors' bytes.
//!
//! The crate `safetensors` has the tensor types and checks that offsets, shapes and sizes agree; the header's text is
//! read by the host's JSON (see [`crate::json`]), which the crate does not let one choose.

use safetensors::tensor::{Dtype, Metadata, TensorInfo};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

use crate::error::{Error, Result};
use crate::json::Json;
use crate::settings::Settings;
use crate::value::Value;

/// What messages call such a file.
pub(super) const FORMAT: &str = "safetensors model";

/// The types of number a model is stored in, those that take more bytes first: so they stay aligned in the file.
const TYPES: [(Dtype, &str); 3] = [(Dtype::F32, "F32"), (Dtype::F16, "F16"), (Dtype::I8, "I8")];

/// The most bytes a header may have, as in the crate.
const MOST_HEADER_BYTES: u64 = 100_000_000;

/// One tensor to be written.
pub(super) struct Tensor {
    pub name: String,
    pub dtype: Dtype,
    pub shape: Vec<usize>,
    /// The numbers, each with its lowest byte first.
    pub bytes: Vec<u8>,
}

/// A container that was read.
pub(super) struct Container<'a> {
    /// The text that the file carries beside the tensors, under the key that was asked for.
    pub text: Option<String>,
    tensors: Metadata,
    n_tensors: usize,
    data: &'a [u8],
}

impl<'a> Container<'a> {
    /// Reads the header of `bytes`, and the text that its metadata has under `key`.
    ///
    /// # Errors
    /// [`Error::Format`] for what is no such file, or one whose tensors do not fill it exactly.
    pub fn read<J: Json>(bytes: &'a [u8], key: &str) -> Result<Container<'a>> {
        let wrong = |got: &str| Error::format(FORMAT, "a model that Ocelli saved", describe(bytes, got));
        let (length, rest) = bytes.split_first_chunk().ok_or_else(|| wrong("too few for a header"))?;
        let header_bytes = u64::from_le_bytes(*length);
        if header_bytes > MOST_HEADER_BYTES || header_bytes > rest.len() as u64 {
            return Err(wrong("no length of a header at the beginning"));
        }
        let (header, data) = rest.split_at(header_bytes as usize);
        let header = std::str::from_utf8(header).map_err(|_| wrong("a header that is no text"))?;
        let header = J::parse(header).map_err(|error| wrong(&error))?;
        let Value::Object(header) = header else {
            return Err(wrong("a header that is no object"));
        };
        let mut text = None;
        let mut tensors: Vec<(String, TensorInfo)> = Vec::with_capacity(header.len());
        for (name, record) in header {
            if name == "__metadata__" {
                text = record.get(key).and_then(Value::as_str).map(str::to_owned);
                continue;
            }
            let info = tensor_info(record).map_err(|error| wrong(&error.to_string()))?;
            // In the order of their bytes, an empty tensor before the one that begins where it lies.
            let place = tensors.partition_point(|(_, other)| other.data_offsets <= info.data_offsets);
            tensors.insert(place, (name, info));
        }
        let n_tensors = tensors.len();
        let end = tensors.last().map_or(0, |(_, info)| info.data_offsets.1);
        let tensors = Metadata::new(None, tensors).map_err(|_| wrong("tensors of wrong sizes or places"))?;
        if end != data.len() {
            return Err(wrong(&format!("{} bytes of tensors instead of {end}", data.len())));
        }
        Ok(Container { text, tensors, n_tensors, data })
    }

    /// How many tensors there are.
    pub fn len(&self) -> usize {
        self.n_tensors
    }

    /// The tensor called `name` with its bytes.
    pub fn tensor(&self, name: &str) -> Option<(&TensorInfo, &'a [u8])> {
        let info = self.tensors.info(name)?;
        Some((info, &self.data[info.data_offsets.0..info.data_offsets.1]))
    }
}

fn tensor_info(record: Value) -> Result<TensorInfo> {
    let mut settings = Settings::new("tensor", record)?;
    let name: String = settings.require("dtype")?;
    let known = TYPES.iter().find(|(_, other)| *other == name);
    let (dtype, _) = known.ok_or_else(|| Error::config("dtype", "F32, F16 or I8", name))?;
    let [start, end] = settings.require("data_offsets")?;
    Ok(TensorInfo { dtype: *dtype, shape: settings.require("shape")?, data_offsets: (start, end) })
}

/// The bytes of a file with these tensors, and `text` under `key` in its metadata.
pub(super) fn write<J: Json>(tensors: &[Tensor], key: &str, text: String) -> Vec<u8> {
    // By type and then by name, as the crate writes them.
    let mut order: Vec<&Tensor> = Vec::with_capacity(tensors.len());
    for (dtype, _) in TYPES {
        let before = order.len();
        for tensor in tensors.iter().filter(|tensor| tensor.dtype == dtype) {
            let place = order[before..].partition_point(|other| other.name < tensor.name);
            order.insert(before + place, tensor);
        }
    }
    let mut header = J::print(&Header { key, text: &text, tensors: &order }).into_bytes();
    header.resize(header.len().next_multiple_of(8), b' ');
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.append(&mut header);
    for tensor in order {
        file.extend_from_slice(&tensor.bytes);
    }
    file
}

/// A map of one text.
struct Texts<'a> {
    key: &'a str,
    text: &'a str,
}

impl Serialize for Texts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(self.key, self.text)?;
        map.end()
    }
}

struct Header<'a> {
    key: &'a str,
    text: &'a str,
    tensors: &'a [&'a Tensor],
}

impl Serialize for Header<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Record<'a> {
            dtype: &'a str,
            shape: &'a [usize],
            data_offsets: [usize; 2],
        }
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("__metadata__", &Texts { key: self.key, text: self.text })?;
        let mut start = 0;
        for tensor in self.tensors {
            let end = start + tensor.bytes.len();
            let dtype = TYPES.iter().find(|(dtype, _)| *dtype == tensor.dtype).map_or("", |(_, name)| name);
            let record = Record { dtype, shape: &tensor.shape, data_offsets: [start, end] };
            map.serialize_entry(&tensor.name, &record)?;
            start = end;
        }
        map.end()
    }
}

/// What a file that is no model seems to be.
fn describe(bytes: &[u8], got: &str) -> String {
    match bytes {
        [] => "an empty file".into(),
        [0x89, b'P', b'N', b'G', ..] | [0xff, 0xd8, ..] => "a picture".into(),
        [b'P', b'K', ..] => "a zip archive".into(),
        [0x89, b'H', b'D', b'F', ..] => "a Keras HDF5 file".into(),
        _ => format!("other bytes ({got})"),
    }
}

#[cfg(test)]
mod tests {
    use safetensors::SafeTensors;
    use safetensors::tensor::TensorView;

    use super::*;
    use crate::json::SerdeJson;

    fn tensors() -> Vec<Tensor> {
        let tensor = |name: &str, dtype, shape: &[usize], n_bytes: u8| Tensor {
            name: name.into(),
            dtype,
            shape: shape.into(),
            bytes: (0..n_bytes).collect(),
        };
        vec![
            tensor("b.step", Dtype::F32, &[2], 8),
            tensor("b", Dtype::I8, &[3, 2], 6),
            tensor("none", Dtype::F16, &[0, 4], 0),
            tensor("a", Dtype::F32, &[1, 3], 12),
            tensor("half", Dtype::F16, &[2], 4),
        ]
    }

    #[test]
    fn a_file_is_to_the_byte_what_the_crate_writes_and_reads() {
        let ours = write::<SerdeJson>(&tensors(), "key", "a \"text\" of ünicode".into());
        let read = SafeTensors::deserialize(&ours).unwrap();
        let list = tensors();
        for tensor in &list {
            let other = read.tensor(&tensor.name).unwrap();
            assert_eq!((other.dtype(), other.shape()), (tensor.dtype, &tensor.shape[..]));
            assert_eq!(other.data(), tensor.bytes, "{}", tensor.name);
        }
        let views = list.iter().map(|tensor| {
            let view = TensorView::new(tensor.dtype, tensor.shape.clone(), &tensor.bytes).unwrap();
            (tensor.name.as_str(), view)
        });
        let text = [("key".to_owned(), "a \"text\" of ünicode".to_owned())].into_iter().collect();
        assert_eq!(safetensors::serialize(views, Some(text)).unwrap(), ours);
    }

    #[test]
    fn what_was_written_is_read_again() {
        let file = write::<SerdeJson>(&tensors(), "key", "text".into());
        let container = Container::read::<SerdeJson>(&file, "key").unwrap();
        assert_eq!((container.text.as_deref(), container.len()), (Some("text"), 5));
        for tensor in tensors() {
            let (info, data) = container.tensor(&tensor.name).unwrap();
            assert_eq!((info.dtype, &info.shape, data), (tensor.dtype, &tensor.shape, &tensor.bytes[..]));
        }
        assert!(container.tensor("other").is_none());
        assert_eq!(Container::read::<SerdeJson>(&file, "another").unwrap().text, None);
    }

    #[test]
    fn headers_that_lie_are_refused() {
        let with = |header: &str, n_bytes: usize| {
            let mut file = (header.len() as u64).to_le_bytes().to_vec();
            file.extend_from_slice(header.as_bytes());
            file.resize(file.len() + n_bytes, 0);
            Container::read::<SerdeJson>(&file, "key").map(|container| container.len())
        };
        let record = |shape: &str, offsets: &str| {
            format!(r#"{{"a":{{"dtype":"F32","shape":{shape},"data_offsets":{offsets}}}}}"#)
        };
        assert_eq!(with(&record("[2]", "[0,8]"), 8), Ok(1));
        let lies = [
            (record("[2]", "[0,8]"), 9),
            (record("[2]", "[0,8]"), 7),
            (record("[2]", "[8,0]"), 8),
            (record("[2]", "[4,12]"), 12),
            (record("[3]", "[0,8]"), 8),
            (record("[4294967296,4294967296,4294967296]", "[0,0]"), 0),
            (record("[-1]", "[0,4]"), 4),
            (record("[1.5]", "[0,6]"), 6),
            (record("2", "[0,8]"), 8),
            (r#"{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}"#.into(), 4),
            (r#"{"a":3}"#.into(), 0),
            ("[]".into(), 0),
            ("{".into(), 0),
            ("[".repeat(100_000), 0),
        ];
        for (header, n_bytes) in lies {
            let error = with(&header, n_bytes).expect_err(&header[..header.len().min(100)]);
            assert_eq!(error.code(), "format", "{error}");
        }
    }
}
