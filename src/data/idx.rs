//! IDX, the file format of MNIST: two zero bytes, an element type, the number of dimensions, each
//! dimension as a big-endian `u32`, then the elements.
//!
//! Read here: unsigned bytes (type 8); images of 3 dimensions `[n, h, w]` or 4 `[n, h, w, c]`, labels of 1.
//! With feature `gzip` the bytes may also be gzipped. Every count is compared with the bytes that
//! are there before anything is allocated.
//!
//! Source: LeCun, Cortes, Burges, "The MNIST database", section "File formats".

use std::borrow::Cow;

use super::Dataset;
use crate::error::{Error, Limits, Result};

const FORMAT: &str = "IDX";

/// Height, width and channels, and the pixels `[n, h, w, c]`, of an IDX file of images.
///
/// # Errors
/// [`Error::Format`] when the bytes are no IDX images or not exactly as many as the header says,
/// [`Error::Limit`] when they are more than `limits` allows, [`Error::Unsupported`] for gzip in a
/// build without it.
pub fn parse_images(bytes: &[u8], limits: &Limits) -> Result<([usize; 3], Vec<u8>)> {
    let bytes = unpacked(bytes, limits)?;
    let (dimensions, data) = header("images", &bytes)?;
    let shape = match dimensions[..] {
        [_, h, w] => [h, w, 1],
        [_, h, w, c @ 1..=4] => [h, w, c],
        [_, _, _, c] => {
            return Err(Error::format(FORMAT, "images of 1 to 4 channels", format!("{c} channels")));
        }
        _ => {
            return Err(Error::format(
                FORMAT,
                "images, with 3 or 4 dimensions",
                match dimensions.len() {
                    1 => "labels, with 1 dimension (are the files of images and labels swapped?)".into(),
                    n => format!("{n} dimensions"),
                },
            ));
        }
    };
    if shape.contains(&0) {
        return Err(Error::format(
            FORMAT,
            "images of at least 1×1 pixel",
            format!("{}×{}", shape[1], shape[0]),
        ));
    }
    let pixels = elements("images", &dimensions, data, limits)?;
    Ok((shape.map(|side| side as usize), pixels.to_vec()))
}

/// The class indices of an IDX file of labels.
///
/// # Errors
/// As [`parse_images`].
pub fn parse_labels(bytes: &[u8], limits: &Limits) -> Result<Vec<u32>> {
    let bytes = unpacked(bytes, limits)?;
    let (dimensions, data) = header("labels", &bytes)?;
    if dimensions.len() != 1 {
        let got = match dimensions.len() {
            3 | 4 => format!(
                "images, with {} dimensions (are the files of images and labels swapped?)",
                dimensions.len()
            ),
            n => format!("{n} dimensions"),
        };
        return Err(Error::format(FORMAT, "labels, with 1 dimension", got));
    }
    let labels = elements("labels", &dimensions, data, limits)?;
    Ok(labels.iter().map(|&label| u32::from(label)).collect())
}

/// The data set of a file of images and its file of labels; the classes are called `"0"`, `"1"`, …
/// up to the highest label.
///
/// # Errors
/// As [`parse_images`]; also [`Error::Format`] when the two hold different counts, and
/// [`Error::Data`] when they hold none.
pub fn dataset(images: &[u8], labels: &[u8], limits: &Limits) -> Result<Dataset> {
    let labels = parse_labels(labels, limits)?;
    let (shape, pixels) = parse_images(images, limits)?;
    let n_images = pixels.len() / shape.iter().product::<usize>();
    if n_images != labels.len() {
        return Err(Error::format(
            FORMAT,
            format!("one label for each of the {n_images} images"),
            format!("{} labels", labels.len()),
        ));
    }
    let n_classes = match labels.iter().max() {
        Some(&highest) => highest + 1,
        None => {
            return Err(Error::data("at least one example", "none"));
        }
    };
    Dataset::new(shape, pixels, labels, (0..n_classes).map(|class| class.to_string()).collect())
}

/// Turns pictures that lie on their side, column after column as in EMNIST, upright.
pub fn transpose(data: &mut Dataset) {
    let [h, w, c] = data.shape;
    let mut picture = vec![0; h * w * c];
    for example in data.pixels.chunks_exact_mut(h * w * c) {
        for (cell, pixel) in example.chunks_exact(c).enumerate() {
            let at = (cell % w * h + cell / w) * c;
            picture[at..at + c].copy_from_slice(pixel);
        }
        example.copy_from_slice(&picture);
    }
    data.shape = [w, h, c];
}

/// The dimensions and what follows the header.
fn header<'a>(what: &str, bytes: &'a [u8]) -> Result<(Vec<u32>, &'a [u8])> {
    let &[zero_a, zero_b, element_type, n_dimensions, ..] = bytes else {
        return Err(Error::format(FORMAT, format!("a header of {what}"), format!("{} bytes", bytes.len())));
    };
    if (zero_a, zero_b) != (0, 0) || !(1..=4).contains(&n_dimensions) {
        return Err(Error::format(
            FORMAT,
            format!("{what} that begin with 00 00, the type 08 and 1 to 4 dimensions"),
            format!("{zero_a:02x} {zero_b:02x} {element_type:02x} {n_dimensions:02x}"),
        ));
    }
    if element_type != 8 {
        return Err(Error::format(
            FORMAT,
            format!("{what} as unsigned bytes (type 08)"),
            format!("type {element_type:02x}"),
        ));
    }
    let header_bytes = 4 + 4 * usize::from(n_dimensions);
    if bytes.len() < header_bytes {
        return Err(Error::format(
            FORMAT,
            format!("a header of {header_bytes} bytes"),
            format!("{} bytes", bytes.len()),
        ));
    }
    let (head, data) = bytes.split_at(header_bytes);
    let dimensions =
        head[4..].chunks_exact(4).map(|d| u32::from_be_bytes([d[0], d[1], d[2], d[3]])).collect();
    Ok((dimensions, data))
}

/// `data`, when it is exactly as long as `dimensions` say and within the limits.
fn elements<'a>(what: &str, dimensions: &[u32], data: &'a [u8], limits: &Limits) -> Result<&'a [u8]> {
    let wanted = dimensions
        .iter()
        .try_fold(1u64, |product, &side| product.checked_mul(u64::from(side)))
        .unwrap_or(u64::MAX);
    Limits::check("bytes of the data set", wanted, limits.dataset_bytes)?;
    let sides = dimensions.iter().map(u32::to_string).collect::<Vec<_>>().join("×");
    let got = data.len() as u64;
    if got < wanted {
        return Err(Error::format(
            FORMAT,
            format!("{wanted} bytes of {what} ({sides})"),
            format!("only {got}: the file is truncated"),
        ));
    }
    if got > wanted {
        return Err(Error::format(
            FORMAT,
            format!("{wanted} bytes of {what} ({sides})"),
            format!("{} bytes more after them", got - wanted),
        ));
    }
    Ok(data)
}

/// The plain bytes of a file that may be gzipped.
pub(super) fn unpacked<'a>(bytes: &'a [u8], limits: &Limits) -> Result<Cow<'a, [u8]>> {
    Limits::check("bytes of the file", bytes.len() as u64, limits.file_bytes)?;
    if bytes.starts_with(&[0x1f, 0x8b]) { gunzip(bytes, limits).map(Cow::Owned) } else { Ok(bytes.into()) }
}

/// Unpacks at most as many bytes as a data set within the limits has: a small file that would
/// swell without end is stopped there.
#[cfg(feature = "gzip")]
fn gunzip(bytes: &[u8], limits: &Limits) -> Result<Vec<u8>> {
    use std::io::Read;
    const LONGEST_HEADER: u64 = 4 + 4 * 4;
    let most = limits.dataset_bytes.saturating_add(LONGEST_HEADER);
    let mut plain = Vec::new();
    flate2::read::MultiGzDecoder::new(bytes)
        .take(most.saturating_add(1))
        .read_to_end(&mut plain)
        .map_err(|error| Error::format("gzip", "an intact gzip stream", error.to_string()))?;
    Limits::check("unpacked bytes of the file", plain.len() as u64, most)?;
    Ok(plain)
}

#[cfg(not(feature = "gzip"))]
fn gunzip(_: &[u8], _: &Limits) -> Result<Vec<u8>> {
    Err(Error::unsupported("A gzipped data file", "unpack it before handing it over"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(dimensions: &[u32], data: &[u8]) -> Vec<u8> {
        let mut bytes = vec![0, 0, 8, dimensions.len() as u8];
        for side in dimensions {
            bytes.extend(side.to_be_bytes());
        }
        bytes.extend(data);
        bytes
    }

    fn images() -> Vec<u8> {
        file(&[2, 1, 3], &[1, 2, 3, 4, 5, 6])
    }

    fn labels() -> Vec<u8> {
        file(&[2], &[3, 0])
    }

    #[test]
    fn images_and_labels_become_a_data_set() {
        let data = dataset(&images(), &labels(), &Limits::default()).unwrap();
        assert_eq!(data.shape, [1, 3, 1]);
        assert_eq!(data.example(1), [4, 5, 6]);
        assert_eq!(data.labels, [3, 0]);
        assert_eq!(data.class_names, ["0", "1", "2", "3"]);
        let colour = parse_images(&file(&[1, 1, 2, 3], &[0; 6]), &Limits::default()).unwrap();
        assert_eq!(colour.0, [1, 2, 3]);
    }

    #[test]
    fn transposing_twice_changes_nothing() {
        let mut data = Dataset::new([2, 3, 2], (0..24).collect(), vec![0, 0], vec!["0".into()]).unwrap();
        let before = data.clone();
        transpose(&mut data);
        assert_eq!((data.shape, &data.pixels[..6]), ([3, 2, 2], &[0, 1, 6, 7, 2, 3][..]));
        transpose(&mut data);
        assert_eq!(data, before);
    }

    #[test]
    fn every_fault_is_named() {
        let short = &images()[..20];
        let mut long = images();
        long.push(0);
        let mut wrong_type = images();
        wrong_type[2] = 0x0d;
        let cases: Vec<(Vec<u8>, Vec<u8>, &str)> = vec![
            (short.to_vec(), labels(), "truncated"),
            (long, labels(), "1 bytes more"),
            (wrong_type, labels(), "type 0d"),
            (labels(), images(), "swapped"),
            (b"\x89PNG\r\n".to_vec(), labels(), "89 50 4e 47"),
            (vec![], labels(), "0 bytes"),
            (vec![0, 0, 8, 3, 0], labels(), "5 bytes"),
            (images(), file(&[3], &[0, 1, 2]), "3 labels"),
            (file(&[2, 0, 3], &[]), labels(), "3×0"),
            (file(&[1, 1, 1, 9], &[0; 9]), labels(), "9 channels"),
            (file(&[0, 1, 3], &[]), file(&[0], &[]), "at least one example"),
        ];
        for (images, labels, part) in cases {
            let message = dataset(&images, &labels, &Limits::default()).unwrap_err().to_string();
            assert!(message.contains(part), "{message} should say {part}");
        }
        let message = parse_images(&labels(), &Limits::default()).unwrap_err().to_string();
        assert!(message.contains("swapped"), "{message}");
    }

    #[test]
    fn a_header_that_claims_too_much_is_refused_before_allocating() {
        let all = u32::MAX;
        for dimensions in [vec![all, all, all], vec![all, all, all, 3], vec![1 << 16, 1 << 16, 1]] {
            let error = parse_images(&file(&dimensions, &[0; 8]), &Limits::default()).unwrap_err();
            assert_eq!(error.code(), "limit", "{error}");
        }
        let limits = Limits { file_bytes: 10, ..Limits::default() };
        assert_eq!(parse_images(&images(), &limits).unwrap_err().code(), "limit");
    }

    #[test]
    fn no_prefix_or_flipped_byte_panics() {
        let whole = images();
        for end in 0..whole.len() {
            assert!(parse_images(&whole[..end], &Limits::default()).is_err());
        }
        for at in 0..whole.len() {
            for bit in 0..8 {
                let mut bytes = whole.clone();
                bytes[at] ^= 1 << bit;
                let _ = parse_images(&bytes, &Limits::default());
                let _ = parse_labels(&bytes, &Limits::default());
            }
        }
    }

    #[cfg(not(feature = "gzip"))]
    #[test]
    fn gzip_without_the_feature_is_unsupported() {
        assert_eq!(parse_images(&[0x1f, 0x8b, 8, 0], &Limits::default()).unwrap_err().code(), "unsupported");
    }

    #[cfg(feature = "gzip")]
    mod gzipped {
        use super::*;
        use std::io::Write;

        fn pack(bytes: &[u8]) -> Vec<u8> {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }

        #[test]
        fn gives_the_same_as_plain() {
            let limits = Limits::default();
            assert_eq!(
                dataset(&pack(&images()), &pack(&labels()), &limits),
                dataset(&images(), &labels(), &limits)
            );
        }

        #[test]
        fn a_bomb_is_stopped_at_the_limit() {
            let limits = Limits { dataset_bytes: 1 << 16, ..Limits::default() };
            let bomb = pack(&file(&[1 << 24, 1, 1], &vec![0; 1 << 24]));
            assert!(bomb.len() < 1 << 16);
            assert_eq!(parse_images(&bomb, &limits).unwrap_err().code(), "limit");
        }

        #[test]
        fn a_damaged_stream_is_a_format_error() {
            let packed = pack(&images());
            assert_eq!(
                parse_images(&packed[..packed.len() - 3], &Limits::default()).unwrap_err().code(),
                "format"
            );
        }

        #[test]
        fn mnist_reads_as_published() {
            let Ok(folder) = std::env::var("OCELLI_DATA") else {
                println!("left out: OCELLI_DATA is not set");
                return;
            };
            let read = |name: &str| std::fs::read(format!("{folder}/mnist/{name}")).unwrap();
            let data = dataset(
                &read("t10k-images-idx3-ubyte.gz"),
                &read("t10k-labels-idx1-ubyte.gz"),
                &Limits::default(),
            )
            .unwrap();
            assert_eq!((data.shape, data.len(), data.n_classes()), ([28, 28, 1], 10_000, 10));
            assert_eq!(data.labels[..5], [7, 2, 1, 0, 4]);
            assert_eq!(data.class_counts(), [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]);
        }
    }
}
