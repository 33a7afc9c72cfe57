//! Arrays of NumPy: a magic string, a version, the length of a header, the header (a Python record of element type, order
//! and shape), then the elements.
//!
//! Read here: C order, little-endian, whole numbers of 1 to 8 bytes and floats of 4 or 8. Pixels are `[n, h, w]`,
//! `[n, h, w, c]`, `[n, c, h, w]` or, of square gray pictures, `[n, h · w]`; floats among them may go from 0 to 1 or to 255.
//! Labels are `[n]` or `[n, 1]`.
//!
//! Source: NumPy Enhancement Proposal 1, "A Simple File Format for NumPy Arrays".

use super::place_of;
use crate::error::{Error, Limits, Result};
use crate::told::Told;

const FORMAT: &str = "NumPy";
/// How every such file begins.
pub const MAGIC: &[u8] = b"\x93NUMPY";
/// Bytes a header may have; NumPy itself writes 118.
const LONGEST_HEADER: usize = 1 << 16;

/// An array as it lies in its file.
#[derive(Clone, Debug, PartialEq)]
struct Array<'a> {
    /// `u`, `i` or `f`, and the bytes of an element.
    element: (u8, usize),
    shape: Vec<u64>,
    data: &'a [u8],
}

/// Height, width and channels, and the pixels `[n, h, w, c]`.
///
/// # Errors
/// [`Error::Format`] for what is no such array or is cut short, [`Error::Unsupported`] for an element type or order that
/// is not read, [`Error::Limit`] when the pixels are more than `limits` allows.
pub fn parse_pixels(bytes: &[u8], limits: &Limits) -> Result<([usize; 3], Vec<u8>)> {
    let array = parse(bytes)?;
    let wrong =
        |expected: &str| Err(Error::format(FORMAT, expected, format!("shape {}", array.shape.told())));
    let is_channels = |n: u64| matches!(n, 1 | 3);
    let (n, shape, is_planar) = match array.shape[..] {
        [n, len] if len > 0 && len.isqrt() * len.isqrt() == len => (n, [len.isqrt(), len.isqrt(), 1], false),
        [n, h, w] => (n, [h, w, 1], false),
        [n, h, w, c] if is_channels(c) => (n, [h, w, c], false),
        [n, c, h, w] if is_channels(c) => (n, [h, w, c], true),
        _ => return wrong("pictures: [n, h, w], [n, h, w, c], [n, c, h, w] or squares [n, h · w]"),
    };
    if shape.contains(&0) {
        return wrong("pictures of at least 1 × 1 pixel");
    }
    // The product is that of the elements, which are as many as the bytes that are there.
    let len = n * shape[0] * shape[1] * shape[2];
    Limits::check("bytes of the data set", len, limits.dataset_bytes)?;
    let levels = levels(&array)?;
    let shape = shape.map(|side| side as usize);
    Ok((shape, if is_planar { interleaved(&levels, shape) } else { levels }))
}

/// The class indices.
///
/// # Errors
/// As [`parse_pixels`]; also [`Error::Format`] for a negative label or one above the largest `u32`.
pub fn parse_labels(bytes: &[u8]) -> Result<Vec<u32>> {
    let array = parse(bytes)?;
    if !matches!(array.shape[..], [_] | [_, 1]) {
        return Err(Error::format(FORMAT, "labels: [n] or [n, 1]", format!("shape {}", array.shape.told())));
    }
    let (kind, len) = array.element;
    if kind == b'f' {
        return Err(Error::format(FORMAT, "labels as whole numbers", "floats"));
    }
    let label = |bytes: &[u8]| {
        // Of a signed type the last bit tells a negative number, which has more than any label either way.
        let is_negative = kind == b'i' && bytes.last().is_some_and(|&last| last >= 0x80);
        let value = bytes.iter().rev().fold(0u64, |value, &byte| value << 8 | u64::from(byte));
        let label = if is_negative { None } else { u32::try_from(value).ok() };
        label.ok_or_else(|| Error::format(FORMAT, "labels from 0", "one that is negative or huge"))
    };
    array.data.chunks_exact(len).map(label).collect()
}

/// Elements as bytes from 0 to 255.
fn levels(array: &Array<'_>) -> Result<Vec<u8>> {
    let beyond = || Error::format(FORMAT, "pixels from 0 to 255, or from 0 to 1 as floats", "others");
    match array.element {
        (b'u', 1) => Ok(array.data.to_vec()),
        (b'f', len) => {
            let value = |bytes: &[u8]| match len {
                4 => f64::from(f32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]])),
                _ => f64::from_le_bytes(bytes.try_into().expect("elements of 8 bytes")),
            };
            let values = || array.data.chunks_exact(len).map(value);
            if !values().all(|value| (0.0..=255.0).contains(&value)) {
                return Err(beyond());
            }
            let scale = if values().all(|value| value <= 1.0) { 255.0 } else { 1.0 };
            Ok(values().map(|value| (value * scale + 0.5) as u8).collect())
        }
        (_, len) => {
            let level = |bytes: &[u8]| match bytes.split_first() {
                Some((&low, high)) if high.iter().all(|&byte| byte == 0) => Some(low),
                _ => None,
            };
            let is_signed_byte = array.element == (b'i', 1);
            let in_range = |level: &u8| !is_signed_byte || *level < 0x80;
            let levels: Option<Vec<u8>> =
                array.data.chunks_exact(len).map(|bytes| level(bytes).filter(in_range)).collect();
            levels.ok_or_else(beyond)
        }
    }
}

/// `[n, c, h, w]` to `[n, h, w, c]`.
fn interleaved(planar: &[u8], [h, w, c]: [usize; 3]) -> Vec<u8> {
    let mut pixels = Vec::with_capacity(planar.len());
    for picture in planar.chunks_exact(h * w * c) {
        for cell in 0..h * w {
            pixels.extend((0..c).map(|channel| picture[channel * h * w + cell]));
        }
    }
    pixels
}

fn parse(bytes: &[u8]) -> Result<Array<'_>> {
    let wrong = |expected: &str, got: String| Err(Error::format(FORMAT, expected, got));
    let Some([major, _minor, rest @ ..]) = bytes.strip_prefix(MAGIC) else {
        return wrong("a file that begins with \\x93NUMPY", format!("{} other bytes", bytes.len()));
    };
    let (len, rest) = match (major, rest) {
        (1, [a, b, rest @ ..]) => (usize::from(u16::from_le_bytes([*a, *b])), rest),
        (2 | 3, [a, b, c, d, rest @ ..]) => (u32::from_le_bytes([*a, *b, *c, *d]) as usize, rest),
        _ => return wrong("version 1, 2 or 3", format!("version {major}")),
    };
    if len > LONGEST_HEADER || len > rest.len() {
        return wrong("a header within the file", format!("one of {len} bytes"));
    }
    let (header, data) = rest.split_at(len);
    let Ok(header) = std::str::from_utf8(header) else {
        return wrong("a header of text", "other bytes".into());
    };
    let element = element(value_of(header, "descr")?)?;
    match value_of(header, "fortran_order")? {
        order if order.starts_with("False") => {}
        _ => {
            return Err(Error::unsupported(
                "A NumPy array in Fortran's order",
                "save numpy.ascontiguousarray of it",
            ));
        }
    }
    let shape = shape(value_of(header, "shape")?)?;
    let wanted = shape.iter().chain([&(element.1 as u64)]).try_fold(1u64, |n, &side| n.checked_mul(side));
    if wanted != Some(data.len() as u64) {
        let wanted = wanted.map_or("far more".into(), |wanted| wanted.to_string());
        return wrong(&format!("{wanted} bytes of shape {}", shape.told()), format!("{} bytes", data.len()));
    }
    Ok(Array { element, shape, data })
}

/// What follows `'key':` in the header.
fn value_of<'a>(header: &'a str, key: &str) -> Result<&'a str> {
    let key_quoted = format!("'{key}'");
    let after = place_of(&key_quoted, header).and_then(|place| header.get(place + key_quoted.len()..));
    let value = after.and_then(|after| after.trim_start().strip_prefix(':')).map(str::trim_start);
    value.ok_or_else(|| Error::format(FORMAT, format!("a header with {key}"), "one without"))
}

/// `'<f4'` and the like.
fn element(text: &str) -> Result<(u8, usize)> {
    let name = text.strip_prefix('\'').and_then(|text| text.split('\'').next()).unwrap_or("a record");
    match name.as_bytes() {
        [b'|' | b'<' | b'=', b'b', b'1'] => Ok((b'u', 1)),
        [b'|' | b'<' | b'=', kind @ (b'u' | b'i'), len @ b'1'] => Ok((*kind, usize::from(len - b'0'))),
        [b'<', kind @ (b'u' | b'i'), len @ (b'2' | b'4' | b'8')] => Ok((*kind, usize::from(len - b'0'))),
        [b'<', b'f', len @ (b'4' | b'8')] => Ok((b'f', usize::from(len - b'0'))),
        _ => Err(Error::unsupported(
            &format!("A NumPy array of {}", name.chars().take(20).collect::<String>()),
            "save it as uint8 or float32",
        )),
    }
}

/// `(60000, 28, 28)`, `(5,)`
fn shape(text: &str) -> Result<Vec<u64>> {
    let inside = text.strip_prefix('(').and_then(|text| text.split_once(')')).map(|(inside, _)| inside);
    let sides = inside.and_then(|inside| {
        let sides = inside.split(',').map(str::trim).filter(|side| !side.is_empty());
        sides.map(|side| side.parse().ok()).collect::<Option<Vec<u64>>>()
    });
    sides.ok_or_else(|| Error::format(FORMAT, "a shape such as (5, 28, 28)", "another"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
        let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
        let mut bytes = [MAGIC, &[1, 0], &(header.len() as u16).to_le_bytes(), header.as_bytes()].concat();
        bytes.extend(data);
        bytes
    }

    fn pixels(descr: &str, shape: &str, data: &[u8]) -> Result<([usize; 3], Vec<u8>)> {
        parse_pixels(&file(descr, shape, data), &Limits::default())
    }

    #[test]
    fn pixels_of_every_arrangement_and_type() {
        let six = [1, 2, 3, 4, 5, 6];
        assert_eq!(pixels("|u1", "(2, 1, 3)", &six).unwrap(), ([1, 3, 1], six.to_vec()));
        assert_eq!(pixels("|u1", "(1, 2, 1, 3)", &six).unwrap(), ([2, 1, 3], six.to_vec()));
        assert_eq!(pixels("|u1", "(1, 3, 1, 2)", &six).unwrap(), ([1, 2, 3], vec![1, 3, 5, 2, 4, 6]));
        assert_eq!(pixels("|u1", "(1, 4)", &six[..4]).unwrap(), ([2, 2, 1], vec![1, 2, 3, 4]));
        let floats = |values: [f32; 2]| values.map(f32::to_le_bytes).concat();
        assert_eq!(pixels("<f4", "(1, 1, 2)", &floats([0.5, 1.0])).unwrap().1, [128, 255]);
        assert_eq!(pixels("<f4", "(1, 1, 2)", &floats([17.0, 254.6])).unwrap().1, [17, 255]);
        let doubles = [0.0f64, 1.0].map(f64::to_le_bytes).concat();
        assert_eq!(pixels("<f8", "(2, 1, 1)", &doubles).unwrap().1, [0, 255]);
        assert_eq!(pixels("<i2", "(2, 1, 1)", &[200, 0, 7, 0]).unwrap().1, [200, 7]);
    }

    #[test]
    fn labels_of_every_whole_type() {
        let labels = |descr: &str, shape: &str, data: &[u8]| parse_labels(&file(descr, shape, data));
        assert_eq!(labels("|u1", "(3,)", &[5, 0, 200]).unwrap(), [5, 0, 200]);
        assert_eq!(
            labels("<i8", "(2, 1)", &[7, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0]).unwrap(),
            [7, 256]
        );
        assert_eq!(labels("<i4", "(1,)", &(-1i32).to_le_bytes()).unwrap_err().code(), "format");
        assert_eq!(labels("<u8", "(1,)", &[255; 8]).unwrap_err().code(), "format");
        assert_eq!(labels("<f4", "(1,)", &[0; 4]).unwrap_err().code(), "format");
        assert_eq!(labels("|u1", "(1, 2)", &[0; 2]).unwrap_err().code(), "format");
    }

    #[test]
    fn faults_are_refused_before_anything_is_allocated() {
        let huge = "(18446744073709551615, 28, 28)";
        let cases = [
            (file("|u1", huge, &[]), "format"),
            (file("|u1", "(2, 28, 28)", &[0; 10]), "format"),
            (file("|u1", "(1, 1, 1)", &[0; 2]), "format"),
            (file("|u1", "(1, 2, 2, 2)", &[0; 8]), "format"),
            (file("|u1", "(1, 0, 2)", &[]), "format"),
            (file("|u1", "(x, 2)", &[]), "format"),
            (file("|i1", "(1, 1, 1)", &[200]), "format"),
            (file("<f4", "(1, 1, 1)", &f32::NAN.to_le_bytes()), "format"),
            (file("<f4", "(1, 1, 1)", &(-0.5f32).to_le_bytes()), "format"),
            (file(">u2", "(1, 1, 1)", &[0; 2]), "unsupported"),
            (file("|O", "(1, 1, 1)", &[0; 8]), "unsupported"),
            (file("|u1", "(3, 1, 1)", &[0; 3]), "limit"),
            (b"PK\x03\x04".to_vec(), "format"),
            (MAGIC.to_vec(), "format"),
            ([MAGIC, &[1, 0, 255, 255]].concat(), "format"),
            ([MAGIC, &[2, 0, 255, 255, 255, 255]].concat(), "format"),
            ([MAGIC, &[9, 0, 1, 0, 0]].concat(), "format"),
        ];
        let limits = Limits { dataset_bytes: 2, ..Limits::default() };
        for (bytes, code) in cases {
            let error = parse_pixels(&bytes, &limits).unwrap_err();
            assert_eq!(error.code(), code, "{error}");
        }
        let fortran = file("|u1", "(1, 1, 1)", &[0]);
        let fortran = String::from_utf8_lossy(&fortran[10..]).replace("False", "True ");
        let fortran = [MAGIC, &[1, 0, (fortran.len() - 1) as u8, 0], fortran.as_bytes()].concat();
        assert_eq!(parse_pixels(&fortran, &limits).unwrap_err().code(), "unsupported");
    }

    #[test]
    fn no_prefix_or_flipped_bit_panics() {
        let whole = file("|u1", "(2, 1, 3)", &[1, 2, 3, 4, 5, 6]);
        for end in 0..whole.len() {
            assert!(parse_pixels(&whole[..end], &Limits::default()).is_err());
        }
        for (at, bit) in (0..whole.len()).flat_map(|at| (0..8).map(move |bit| (at, bit))) {
            let mut bytes = whole.clone();
            bytes[at] ^= 1 << bit;
            let _ = parse_pixels(&bytes, &Limits::default());
            let _ = parse_labels(&bytes);
        }
    }
}
