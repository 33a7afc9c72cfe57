//! A data set of several files, told apart by their names and first bytes: IDX pairs (EMNIST's too), CIFAR's binary
//! files, tables, NumPy arrays.
//!
//! ```
//! use ocelli::data::files::{File, Part, Reading, dataset};
//! use ocelli::error::Limits;
//!
//! let table = b"label,pixel0,pixel1,pixel2,pixel3\ncat,0,9,9,0\ndog,9,0,0,9\n";
//! let files = [File { name: "pets.csv", bytes: table }];
//! let pets = dataset(&files, Reading::of(Part::Train), &Limits::default())?;
//! assert_eq!((pets.shape, pets.len(), &pets.class_names[1][..]), ([2, 2, 1], 2, "dog"));
//! # Ok::<(), ocelli::Error>(())
//! ```

use std::borrow::Cow;

use super::cifar::{CIFAR_10, Labels};
use super::pictures::order_classes;
use super::{Dataset, cifar, csv, idx, npy, place_of};
use crate::error::{Error, Limits, Result};

/// A file, gzipped or not.
#[derive(Clone, Copy, Debug)]
pub struct File<'a> {
    /// Its name, without folders.
    pub name: &'a str,
    /// What it holds.
    pub bytes: &'a [u8],
}

/// Which of a data set's two parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The examples to learn from.
    Train,
    /// The examples to judge by.
    Test,
}

/// How files are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reading {
    /// The part that is wanted.
    pub part: Part,
    /// CIFAR-100's twenty groups instead of its hundred classes.
    pub coarse: bool,
    /// Whether the pictures of IDX files lie on their side; if not said, those named EMNIST do.
    pub transposed: Option<bool>,
}

impl Reading {
    /// This part, and all else as it usually is.
    pub fn of(part: Part) -> Reading {
        Reading { part, coarse: false, transposed: None }
    }
}

/// The part that a file's name tells, if it tells one.
pub fn part_of(name: &str) -> Option<Part> {
    let name = name.to_ascii_lowercase();
    let has = |word: &str| place_of(word, &name).is_some();
    match () {
        () if has("t10k") || has("test") => Some(Part::Test),
        () if has("train") || has("data_batch") => Some(Part::Train),
        () => None,
    }
}

/// Whether a file of this name can be of a data set that [`dataset`] reads.
pub fn is_known(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let name = name.strip_suffix(".gz").unwrap_or(&name);
    let endings = ["ubyte", ".idx", ".bin", ".csv", ".npy", "names.txt", "meta.txt", "mapping.txt"];
    endings.iter().any(|ending| name.ends_with(ending))
}

/// The data set of these files, of which those of the other part are left out.
///
/// # Errors
/// [`Error::Data`] when no data set is among them or not the part wanted; else as the readers of the formats.
pub fn dataset(files: &[File<'_>], reading: Reading, limits: &Limits) -> Result<Dataset> {
    let other = if reading.part == Part::Train { Part::Test } else { Part::Train };
    let tells_parts = files.iter().any(|file| part_of(file.name).is_some());
    let mut own: Vec<(&str, Cow<'_, [u8]>)> = Vec::new();
    for file in files.iter().filter(|file| part_of(file.name) != Some(other)) {
        let bytes = idx::unpacked(file.bytes, limits)?;
        // Kept in order as they come: the library's sorting weighs several KB in a wasm module.
        own.insert(own.partition_point(|&(name, _)| name <= file.name), (file.name, bytes));
    }
    let begins =
        |magic: &'static [u8]| own.iter().filter(move |(_, bytes)| bytes.starts_with(magic)).collect();
    let ends = |ending: &'static str| {
        let is_such = move |name: &str| without(".gz", &name.to_ascii_lowercase()).ends_with(ending);
        own.iter().filter(move |(name, _)| is_such(name)).collect()
    };
    if !tells_parts && reading.part == Part::Test {
        return Err(none_of("a part to test on"));
    }
    let arrays: Vec<&Named<'_>> = begins(npy::MAGIC);
    let (idx_files, tables, binaries): (Vec<&Named<'_>>, Vec<&Named<'_>>, Vec<&Named<'_>>) =
        (begins(&[0, 0, 8]), ends(".csv"), ends(".bin"));
    if !arrays.is_empty() {
        of_arrays(&arrays, limits)
    } else if !idx_files.is_empty() {
        of_idx(&idx_files, &names_in(&own, "mapping.txt"), reading, limits)
    } else if !tables.is_empty() {
        joined(tables.iter().map(|(_, bytes)| {
            let mut reader = csv::Reader::new(limits);
            reader.push(bytes)?;
            reader.finish()
        }))
    } else if !binaries.is_empty() {
        of_cifar(&binaries, &own, reading, limits)
    } else {
        Err(none_of("IDX, CIFAR, CSV or NumPy files"))
    }
}

type Named<'a> = (&'a str, Cow<'a, [u8]>);

fn none_of(expected: &str) -> Box<Error> {
    Error::data(expected, "none among the files")
}

/// One data set after the other.
fn joined(mut parts: impl Iterator<Item = Result<Dataset>>) -> Result<Dataset> {
    let first = parts.next().ok_or_else(|| none_of("a data set"))??;
    parts.try_fold(first, |all, part| all.joined(&part?))
}

/// `name` without this at its end, be it there several times.
fn without<'a>(ending: &str, mut name: &'a str) -> &'a str {
    while let Some(shorter) = name.strip_suffix(ending) {
        name = shorter;
    }
    name
}

/// The lines of the text file whose name ends so; none if there is no such file.
fn names_in(files: &[Named<'_>], ending: &str) -> Vec<String> {
    let file = files.iter().find(|(name, _)| name.to_ascii_lowercase().ends_with(ending));
    let text = file.map(|(_, bytes)| String::from_utf8_lossy(bytes)).unwrap_or_default();
    text.lines().map(str::trim).filter(|line| !line.is_empty()).map(String::from).collect()
}

/// A pair of arrays `x_train`, `y_train` (`x_test`, `y_test`), as in Keras' archives, or an array for each class, which
/// is called as its file.
fn of_arrays(arrays: &[&Named<'_>], limits: &Limits) -> Result<Dataset> {
    let stem = |name: &str| without(".npy", &name.to_ascii_lowercase()).to_string();
    let find = |wanted: &[&str]| {
        arrays.iter().find(|(name, _)| wanted.contains(&stem(name).as_str())).map(|(_, bytes)| bytes)
    };
    let pictures = find(&["x_train", "x_test", "train_images", "test_images", "x", "images"]);
    let labels = find(&["y_train", "y_test", "train_labels", "test_labels", "y", "labels"]);
    if let (Some(pictures), Some(labels)) = (pictures, labels) {
        let (shape, pixels) = npy::parse_pixels(pictures, limits)?;
        return counted(shape, pixels, npy::parse_labels(labels)?);
    }
    let mut names: Vec<String> = arrays.iter().map(|(name, _)| without(".npy", name).into()).collect();
    order_classes(&mut names);
    let parts = arrays.iter().map(|(name, bytes)| {
        let (shape, pixels) = npy::parse_pixels(bytes, limits)?;
        let n = pixels.len() / shape.iter().product::<usize>();
        let class = names.iter().position(|known| known == without(".npy", name));
        Dataset::new(shape, pixels, vec![class.unwrap_or(0) as u32; n], names.clone())
    });
    let all = joined(parts)?;
    Limits::check("bytes of the data set", all.pixels.len() as u64, limits.dataset_bytes)?;
    if all.is_empty() { Err(none_of("at least one example")) } else { Ok(all) }
}

/// Classes called 0, 1, … up to the highest label.
fn counted(shape: [usize; 3], pixels: Vec<u8>, labels: Vec<u32>) -> Result<Dataset> {
    let Some(&highest) = labels.iter().max() else { return Err(none_of("at least one example")) };
    // As many names would be made as the highest label says.
    Limits::check("classes of the data set", u64::from(highest) + 1, 1 << 16)?;
    Dataset::new(shape, pixels, labels, (0..=highest).map(|class| class.to_string()).collect())
}

/// A file of images and one of labels; of EMNIST on their side, and its letters counted from 1.
fn of_idx(files: &[&Named<'_>], mapping: &[String], reading: Reading, limits: &Limits) -> Result<Dataset> {
    let of_rank =
        |ranks: &[u8]| files.iter().find(|(_, bytes)| bytes.get(3).is_some_and(|n| ranks.contains(n)));
    let (Some((name, images)), Some((_, labels))) = (of_rank(&[3, 4]), of_rank(&[1])) else {
        return Err(none_of("a file of images and one of labels"));
    };
    if files.len() > 2 {
        let got = files.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ");
        return Err(Error::data("one file of images and one of labels", got));
    }
    let mut data = idx::dataset(images, labels, limits)?;
    let name = name.to_ascii_lowercase();
    let has = |word: &str| place_of(word, &name).is_some();
    let is_emnist = has("emnist");
    if reading.transposed.unwrap_or(is_emnist) {
        idx::transpose(&mut data);
    }
    if is_emnist && has("letters") {
        data.labels = data.labels.iter().map(|&label| label.saturating_sub(1)).collect();
        data.class_names = ('a'..='z').map(String::from).collect();
    } else if !mapping.is_empty() {
        name_by_codes(&mut data, mapping);
    }
    Dataset::new(data.shape, data.pixels, data.labels, data.class_names)
}

/// Names by lines of `class code`, the code being that of a character; what does not fit is left as it is.
fn name_by_codes(data: &mut Dataset, mapping: &[String]) {
    for line in mapping {
        let mut numbers = line.split_whitespace().map(|word| word.parse::<u32>().ok());
        if let (Some(Some(class)), Some(Some(code))) = (numbers.next(), numbers.next())
            && let (Some(name), Some(letter)) = (
                data.class_names.get_mut(class as usize),
                char::from_u32(code).filter(|c| c.is_ascii_alphanumeric()),
            )
        {
            *name = letter.to_string();
        }
    }
}

fn of_cifar(
    binaries: &[&Named<'_>],
    all: &[Named<'_>],
    reading: Reading,
    limits: &Limits,
) -> Result<Dataset> {
    let (mut pixels, mut labels, mut which) = (Vec::new(), Vec::new(), None);
    for (name, bytes) in binaries {
        let found = Labels::of_file_len(bytes.len(), reading.coarse).ok_or_else(|| {
            Error::format(
                "CIFAR",
                "records of 3073 or 3074 bytes",
                format!("{} bytes in {name}", bytes.len()),
            )
        })?;
        if *which.get_or_insert(found) != found {
            return Err(Error::format("CIFAR", "files of one kind", "CIFAR-10 and CIFAR-100"));
        }
        cifar::append(bytes, found, limits, &mut pixels, &mut labels)?;
    }
    let which = which.ok_or_else(|| none_of("CIFAR files"))?;
    let mut names = match which {
        Labels::Ten => names_in(all, "batches.meta.txt"),
        Labels::Fine => names_in(all, "fine_label_names.txt"),
        Labels::Coarse => names_in(all, "coarse_label_names.txt"),
    };
    if names.len() != which.n_classes() {
        names = match which {
            Labels::Ten => CIFAR_10.map(String::from).to_vec(),
            _ => (0..which.n_classes()).map(|class| class.to_string()).collect(),
        };
    }
    Dataset::new([cifar::SIDE, cifar::SIDE, 3], pixels, labels, names)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn idx_file(sides: &[u32], data: &[u8]) -> Vec<u8> {
        let sides_bytes: Vec<u8> = sides.iter().flat_map(|side| side.to_be_bytes()).collect();
        [&[0, 0, 8, sides.len() as u8][..], &sides_bytes, data].concat()
    }

    fn array(descr: &str, shape: &str, data: &[u8]) -> Vec<u8> {
        let header = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n");
        [npy::MAGIC, &[1, 0, header.len() as u8, 0], header.as_bytes(), data].concat()
    }

    fn read(files: &[(&str, Vec<u8>)], reading: Reading) -> Result<Dataset> {
        let files: Vec<File<'_>> = files.iter().map(|(name, bytes)| File { name, bytes }).collect();
        dataset(&files, reading, &Limits::default())
    }

    fn train() -> Reading {
        Reading::of(Part::Train)
    }

    #[test]
    fn each_part_has_its_own_idx_files() {
        let files = [
            ("train-images-idx3-ubyte", idx_file(&[1, 1, 2], &[1, 2])),
            ("train-labels-idx1-ubyte", idx_file(&[1], &[3])),
            ("t10k-images-idx3-ubyte", idx_file(&[1, 1, 2], &[8, 9])),
            ("t10k-labels-idx1-ubyte", idx_file(&[1], &[4])),
        ];
        assert_eq!(read(&files, train()).unwrap().labels, [3]);
        assert_eq!(read(&files, Reading::of(Part::Test)).unwrap().pixels, [8, 9]);
        assert_eq!(read(&files[..2], Reading::of(Part::Test)).unwrap_err().code(), "data");
        assert_eq!(read(&files[..1], train()).unwrap_err().code(), "data");
        let unnamed = [("a", files[0].1.clone()), ("b", files[1].1.clone()), ("c", files[3].1.clone())];
        assert!(read(&unnamed, train()).unwrap_err().to_string().contains("a, b, c"));
    }

    #[test]
    fn emnist_is_turned_and_its_letters_begin_at_a() {
        let files = [
            ("emnist-letters-train-images-idx3-ubyte", idx_file(&[1, 2, 2], &[1, 2, 3, 4])),
            ("emnist-letters-train-labels-idx1-ubyte", idx_file(&[1], &[2])),
        ];
        let data = read(&files, train()).unwrap();
        assert_eq!((data.pixels, data.labels, data.class_names.len()), (vec![1, 3, 2, 4], vec![1], 26));
        let as_it_lies = read(&files, Reading { transposed: Some(false), ..train() }).unwrap();
        assert_eq!(as_it_lies.pixels, [1, 2, 3, 4]);
        let balanced = [
            ("emnist-balanced-train-images-idx3-ubyte", files[0].1.clone()),
            ("emnist-balanced-train-labels-idx1-ubyte", files[1].1.clone()),
            ("emnist-balanced-mapping.txt", b"0 48\n1 65\n2 97\n9 98\nnonsense\n".to_vec()),
        ];
        assert_eq!(read(&balanced, train()).unwrap().class_names, ["0", "A", "a"]);
    }

    #[test]
    fn cifar_takes_names_from_its_own_files() {
        let ten = |label: u8| [&[label][..], &[label; 3072]].concat();
        let batches = [
            ("data_batch_2.bin", ten(1)),
            ("data_batch_1.bin", ten(0)),
            ("test_batch.bin", ten(2)),
            ("batches.meta.txt", (0..10).map(|i| format!("thing {i}\n")).collect::<String>().into_bytes()),
        ];
        let data = read(&batches, train()).unwrap();
        assert_eq!((data.labels, &data.class_names[9][..]), (vec![0, 1], "thing 9"));
        assert_eq!(read(&batches[..3], Reading::of(Part::Test)).unwrap().class_names[2], "bird");
        let hundred = [("train.bin", [&[19, 99][..], &[7; 3072]].concat())];
        assert_eq!(read(&hundred, train()).unwrap().labels, [99]);
        let coarse = read(&hundred, Reading { coarse: true, ..train() }).unwrap();
        assert_eq!((coarse.labels, coarse.class_names.len()), (vec![19], 20));
        let mixed = [hundred[0].clone(), ("data_batch_1.bin", ten(0))];
        assert_eq!(read(&mixed, train()).unwrap_err().code(), "format");
        assert_eq!(read(&[("labels.bin", vec![1, 2])], train()).unwrap_err().code(), "format");
    }

    #[test]
    fn arrays_come_in_pairs_or_one_for_each_class() {
        let pair = [
            ("x_train.npy", array("|u1", "(2, 1, 1)", &[7, 8])),
            ("y_train.npy", array("<i8", "(2,)", &[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])),
            ("x_test.npy", array("|u1", "(1, 1, 1)", &[9])),
            ("y_test.npy", array("|u1", "(1,)", &[0])),
        ];
        let data = read(&pair, train()).unwrap();
        assert_eq!((data.pixels, data.labels), (vec![7, 8], vec![1, 0]));
        assert_eq!(read(&pair, Reading::of(Part::Test)).unwrap().pixels, [9]);
        let classes = [
            ("rainbow.npy", array("|u1", "(1, 4)", &[1, 2, 3, 4])),
            ("bowtie.npy", array("|u1", "(2, 4)", &[5; 8])),
        ];
        let data = read(&classes, train()).unwrap();
        assert_eq!((data.shape, data.labels), ([2, 2, 1], vec![0, 0, 1]));
        assert_eq!(data.class_names, ["bowtie", "rainbow"]);
        assert_eq!(read(&classes, Reading::of(Part::Test)).unwrap_err().code(), "data");
        let many = [("x.npy", pair[2].1.clone()), ("y.npy", array("<u4", "(1,)", &[255; 4]))];
        assert_eq!(read(&many, train()).unwrap_err().code(), "limit");
        let uneven = [pair[0].clone(), ("y_train.npy", array("|u1", "(1,)", &[0]))];
        assert_eq!(read(&uneven, train()).unwrap_err().code(), "shape");
    }

    #[test]
    fn tables_are_told_by_their_ending() {
        let files = [("mnist_train.csv", b"1,2\n".to_vec()), ("mnist_test.csv", b"0,3\n".to_vec())];
        assert_eq!(read(&files, Reading::of(Part::Test)).unwrap().pixels, [3]);
        assert_eq!(read(&[("notes.md", vec![])], train()).unwrap_err().code(), "data");
        assert!(is_known("x.CSV.gz") && is_known("t10k-images.idx3-ubyte") && !is_known("notes.md"));
    }
}
