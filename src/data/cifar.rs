//! The binary files of CIFAR-10 and CIFAR-100: records of a label byte (CIFAR-100: the coarse label, then the fine one)
//! and 32 × 32 pixels, all reds, then all greens, then all blues.
//!
//! Source: Krizhevsky, "Learning Multiple Layers of Features from Tiny Images", 2009; layout as its web page has it.

use crate::error::{Error, Limits, Result};

const FORMAT: &str = "CIFAR";
/// Rows and columns of a picture.
pub const SIDE: usize = 32;
/// Cells of a picture: the bytes of one color.
const PLANE: usize = SIDE * SIDE;
const PICTURE: usize = 3 * PLANE;

/// The classes of CIFAR-10, by label.
pub const CIFAR_10: [&str; 10] =
    ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"];

/// Which label of a record is the class.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Labels {
    /// The only one: CIFAR-10.
    Ten,
    /// The second of two: one of CIFAR-100's hundred classes.
    Fine,
    /// The first of two: one of CIFAR-100's twenty groups.
    Coarse,
}

impl Labels {
    /// The number of classes.
    pub fn n_classes(self) -> usize {
        match self {
            Labels::Ten => 10,
            Labels::Fine => 100,
            Labels::Coarse => 20,
        }
    }

    fn record_len(self) -> usize {
        if self == Labels::Ten { 1 + PICTURE } else { 2 + PICTURE }
    }

    /// The labels that a file of this length has, if it is one of CIFAR at all; `coarse` chooses of two.
    pub fn of_file_len(len: usize, coarse: bool) -> Option<Labels> {
        let hundred = if coarse { Labels::Coarse } else { Labels::Fine };
        [Labels::Ten, hundred].into_iter().find(|labels| len > 0 && len.is_multiple_of(labels.record_len()))
    }
}

/// Adds a file's pictures, channels interleaved, and their labels.
///
/// Shapes: `pixels: [n, 32, 32, 3]`.
///
/// # Errors
/// [`Error::Format`] when the bytes are no whole records or a label is none of the classes; [`Error::Limit`] when there
/// would be more pixels than `limits` allows.
pub fn append(
    bytes: &[u8],
    which: Labels,
    limits: &Limits,
    pixels: &mut Vec<u8>,
    labels: &mut Vec<u32>,
) -> Result<()> {
    let record_len = which.record_len();
    let n = bytes.len() / record_len;
    if n == 0 || !bytes.len().is_multiple_of(record_len) {
        let expected = format!("records of {record_len} bytes each");
        return Err(Error::format(FORMAT, expected, format!("{} bytes", bytes.len())));
    }
    let wanted = pixels.len() as u64 + n as u64 * PICTURE as u64;
    Limits::check("bytes of the data set", wanted, limits.dataset_bytes)?;
    pixels.reserve_exact(n * PICTURE);
    for record in bytes.chunks_exact(record_len) {
        let (head, planes) = record.split_at(record_len - PICTURE);
        let label = if which == Labels::Fine { head[1] } else { head[0] };
        if usize::from(label) >= which.n_classes() {
            let expected = format!("labels below {}", which.n_classes());
            return Err(Error::format(FORMAT, expected, format!("label {label}")));
        }
        labels.push(label.into());
        let (red, rest) = planes.split_at(PLANE);
        let (green, blue) = rest.split_at(PLANE);
        for ((&r, &g), &b) in red.iter().zip(green).zip(blue) {
            pixels.extend([r, g, b]);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A record whose pixel i has the colors i, 2i and 3i, cut to a byte.
    fn record(labels: &[u8]) -> Vec<u8> {
        let planes = [1, 2, 3].map(|factor| (0..PLANE).map(move |i| (factor * i) as u8));
        labels.iter().copied().chain(planes.into_iter().flatten()).collect()
    }

    #[test]
    fn planes_become_interleaved_pixels_with_the_label_asked_for() {
        let cases =
            [(Labels::Ten, vec![7], 7), (Labels::Fine, vec![3, 99], 99), (Labels::Coarse, vec![3, 99], 3)];
        for (which, head, label) in cases {
            let (mut pixels, mut labels) = (Vec::new(), Vec::new());
            let file = [record(&head), record(&head)].concat();
            append(&file, which, &Limits::default(), &mut pixels, &mut labels).unwrap();
            assert_eq!(labels, [label; 2]);
            assert_eq!(pixels.len(), 2 * PICTURE);
            assert_eq!(pixels[PICTURE + 3 * 200..][..3], [200, 144, 88]);
        }
    }

    #[test]
    fn the_length_of_a_file_tells_its_labels() {
        assert_eq!(Labels::of_file_len(30_730_000, false), Some(Labels::Ten));
        assert_eq!(Labels::of_file_len(153_700_000, false), Some(Labels::Fine));
        assert_eq!(Labels::of_file_len(30_740_000, true), Some(Labels::Coarse));
        assert_eq!(Labels::of_file_len(4000, false), None);
        assert_eq!(Labels::of_file_len(0, false), None);
    }

    #[test]
    fn faults_are_refused() {
        let mut long = record(&[1]);
        long.push(0);
        let cases = [
            (vec![], Labels::Ten, "format"),
            (record(&[1])[..3000].to_vec(), Labels::Ten, "format"),
            (long, Labels::Ten, "format"),
            (record(&[10]), Labels::Ten, "format"),
            (record(&[0, 100]), Labels::Fine, "format"),
            (record(&[20, 0]), Labels::Coarse, "format"),
            (record(&[1]).repeat(3), Labels::Ten, "limit"),
        ];
        let limits = Limits { dataset_bytes: 2 * PICTURE as u64, ..Limits::default() };
        for (bytes, which, code) in cases {
            let refused = append(&bytes, which, &limits, &mut Vec::new(), &mut Vec::new());
            assert_eq!(refused.unwrap_err().code(), code, "{} bytes", bytes.len());
        }
    }
}
