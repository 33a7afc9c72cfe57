//! Files of the ONNX project's operator tests: a node, its inputs and outputs, packed as tar by xz.
//!
//! Source: onnx.proto of github.com/onnx/onnx; the format is Protocol Buffers, of which the few fields needed are read.

use std::collections::BTreeMap;
use std::io::Read;

/// What a field of a message holds.
enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

/// The fields of a message, by number.
fn fields(mut bytes: &[u8]) -> Vec<(u64, Field<'_>)> {
    fn varint(bytes: &mut &[u8]) -> u64 {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let (&byte, rest) = bytes.split_first().expect("a whole message");
            *bytes = rest;
            value |= u64::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                break;
            }
        }
        value
    }
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let mut take = |n: usize| {
            let (taken, rest) = bytes.split_at(n);
            bytes = rest;
            taken
        };
        let field = match key & 7 {
            0 => Field::Number(varint(&mut bytes)),
            1 => Field::Number(u64::from_le_bytes(take(8).try_into().unwrap())),
            5 => Field::Number(u64::from(u32::from_le_bytes(take(4).try_into().unwrap()))),
            2 => {
                let n = varint(&mut bytes) as usize;
                let (taken, rest) = bytes.split_at(n);
                bytes = rest;
                Field::Bytes(taken)
            }
            other => panic!("wire type {other}"),
        };
        found.push((key >> 3, field));
    }
    found
}

/// A repeated field of whole numbers, packed or not.
fn numbers(message: &[u8], wanted: u64) -> Vec<i64> {
    let mut all = Vec::new();
    for (number, field) in fields(message) {
        match field {
            Field::Number(value) if number == wanted => all.push(value as i64),
            Field::Bytes(mut packed) if number == wanted => {
                while !packed.is_empty() {
                    let end = packed.iter().position(|byte| byte & 0x80 == 0).unwrap() + 1;
                    let value = packed[..end]
                        .iter()
                        .rev()
                        .fold(0u64, |value, byte| value << 7 | u64::from(byte & 0x7f));
                    all.push(value as i64);
                    packed = &packed[end..];
                }
            }
            _ => {}
        }
    }
    all
}

fn bytes_of(message: &[u8], wanted: u64) -> Vec<&[u8]> {
    let of = |(number, field)| match field {
        Field::Bytes(bytes) if number == wanted => Some(bytes),
        _ => None,
    };
    fields(message).into_iter().filter_map(of).collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// A tensor in the order of ONNX.
#[derive(Clone, Debug, Default)]
pub struct Tensor {
    pub dims: Vec<usize>,
    pub values: Vec<f32>,
    /// Of a type that is not a 32-bit float or a 32- or 64-bit whole number.
    pub is_strange: bool,
}

impl Tensor {
    pub fn parse(message: &[u8]) -> Tensor {
        let dims: Vec<usize> = numbers(message, 1).iter().map(|&side| side as usize).collect();
        let kind = numbers(message, 2)[0];
        let raw = bytes_of(message, 9).first().copied().unwrap_or_default();
        let values = match kind {
            1 => raw.chunks_exact(4).map(|b| f32::from_le_bytes(b.try_into().unwrap())).collect(),
            6 => raw.chunks_exact(4).map(|b| i32::from_le_bytes(b.try_into().unwrap()) as f32).collect(),
            7 => raw.chunks_exact(8).map(|b| i64::from_le_bytes(b.try_into().unwrap()) as f32).collect(),
            9 => raw.iter().map(|&byte| f32::from(byte)).collect(),
            _ => Vec::new(),
        };
        Tensor { dims, values, is_strange: !matches!(kind, 1 | 6 | 7 | 9) }
    }

    /// With axis `order[i]` in place i.
    pub fn permuted(&self, order: &[usize]) -> Tensor {
        let dims: Vec<usize> = order.iter().map(|&axis| self.dims[axis]).collect();
        let stride = |axis: usize| self.dims[axis + 1..].iter().product::<usize>();
        let values = (0..self.values.len()).map(|i| {
            let (mut rest, mut at) = (i, 0);
            for (place, &axis) in order.iter().enumerate().rev() {
                at += rest % dims[place] * stride(axis);
                rest /= dims[place];
            }
            self.values[at]
        });
        Tensor { values: values.collect(), dims: dims.clone(), is_strange: false }
    }

    /// Channels last.
    pub fn nhwc(&self) -> Tensor {
        self.permuted(&[0, 2, 3, 1])
    }

    pub fn nchw(&self) -> Tensor {
        self.permuted(&[0, 3, 1, 2])
    }
}

/// One vector: a node, what goes in and what comes out.
pub struct Case {
    pub op: String,
    pub ints: BTreeMap<String, Vec<i64>>,
    pub floats: BTreeMap<String, f32>,
    pub texts: BTreeMap<String, String>,
    pub inputs: Vec<Tensor>,
    pub outputs: Vec<Tensor>,
}

impl Case {
    pub fn parse(files: &BTreeMap<String, Vec<u8>>, folder: &str) -> Case {
        let graph = bytes_of(&files[&format!("{folder}/model.onnx")], 7)[0];
        let nodes = bytes_of(graph, 1);
        let node = nodes[0];
        let mut case = Case {
            op: text(bytes_of(node, 4)[0]),
            ints: BTreeMap::new(),
            floats: BTreeMap::new(),
            texts: BTreeMap::new(),
            inputs: Vec::new(),
            outputs: Vec::new(),
        };
        for attribute in bytes_of(node, 5) {
            let name = text(bytes_of(attribute, 1)[0]);
            let list = [numbers(attribute, 8), numbers(attribute, 3)].concat();
            case.ints.insert(name.clone(), list);
            if let Some(&float) = numbers(attribute, 2).first() {
                case.floats.insert(name.clone(), f32::from_bits(float as u32));
            }
            if let Some(&bytes) = bytes_of(attribute, 4).first() {
                case.texts.insert(name, text(bytes));
            }
        }
        let read = |kind: &str| {
            let path = |i: usize| format!("{folder}/test_data_set_0/{kind}_{i}.pb");
            (0..).map_while(|i| files.get(&path(i))).map(|bytes| Tensor::parse(bytes)).collect()
        };
        (case.inputs, case.outputs) = (read("input"), read("output"));
        // A node without a name for an input has no file for it either: those of the names given come in turn.
        let mut given = std::mem::take(&mut case.inputs).into_iter();
        for name in bytes_of(node, 1) {
            case.inputs.push(if name.is_empty() {
                Tensor::default()
            } else {
                given.next().unwrap_or_default()
            });
        }
        case
    }

    pub fn list(&self, name: &str) -> &[i64] {
        self.ints.get(name).map_or(&[], |list| list)
    }

    pub fn int(&self, name: &str, usual: i64) -> i64 {
        self.list(name).first().copied().unwrap_or(usual)
    }

    pub fn float(&self, name: &str, usual: f32) -> f32 {
        self.floats.get(name).copied().unwrap_or(usual)
    }

    pub fn text(&self, name: &str, usual: &str) -> String {
        self.texts.get(name).cloned().unwrap_or_else(|| usual.into())
    }

    /// The same number on both axes.
    pub fn even(&self, name: &str, usual: i64) -> Result<usize, &'static str> {
        match self.list(name) {
            [] => Ok(usual as usize),
            [a, b] if a == b => Ok(*a as usize),
            _ => Err("different numbers for height and width"),
        }
    }

    pub fn has_input(&self, i: usize) -> bool {
        self.inputs.get(i).is_some_and(|input| !input.values.is_empty())
    }
}

/// The files of an archive: tar, packed by xz.
pub fn unpacked(packed: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut bytes = Vec::new();
    lzma_rust2::XzReader::new(packed, true).read_to_end(&mut bytes).expect("a sound archive");
    let mut files = BTreeMap::new();
    let mut at = 0;
    while let Some(head) = bytes.get(at..at + 512).filter(|head| head[0] != 0) {
        let until_zero = |field: &[u8]| text(field.split(|&byte| byte == 0).next().unwrap());
        let size = usize::from_str_radix(until_zero(&head[124..136]).trim(), 8).expect("a size");
        let path = until_zero(&head[..100]).trim_start_matches("./").to_string();
        if matches!(head[156], 0 | b'0') {
            files.insert(path, bytes[at + 512..at + 512 + size].to_vec());
        }
        at += 512 + size.next_multiple_of(512);
    }
    files
}
