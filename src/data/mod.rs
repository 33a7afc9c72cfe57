//! Floor 6, data: labelled pictures held as bytes, the files they come from, and how a batch is made of them.
//!
//! - [`Dataset`]: pictures of one shape with a label each. Pixels stay `u8` until they enter a plan.
//! - [`arrange`]: what the files of a folder make together. [`files`]: which of the formats [`idx`], [`cifar`], [`csv`] and [`npy`] files are, and the data set they make
//!   together; [`pictures`]: pictures of any size, sorted by class.
//! - [`split`]: which examples validate; [`loader`]: in which order the others are learnt.
//! - [`handwriting`], [`styles`], [`clips`], [`pen_digits`]: examples made from a seed; [`generated`]: such data sets by
//!   their names.
//! - [`views`]: one picture seen in several ways, when a model is judged.
//! - [`augment`]: one example, varied at random, straight into the slot where the plan reads it.
//!
//! Absent: files and threads (bytes come in), models, the page.

pub mod arrange;
pub mod augment;
pub mod cifar;
pub mod clips;
pub mod csv;
pub mod files;
pub mod generated;
pub mod handwriting;
pub mod idx;
pub mod letters;
pub mod loader;
pub mod npy;
pub mod pen_digits;
pub mod pictures;
pub mod split;
pub mod styles;
pub mod views;

use crate::error::{Error, Result};
use crate::told::Told;

/// Labelled pictures of one shape.
///
/// Shapes: `pixels: [n, h, w, c]` with `c` fastest, `labels: [n]`, each below `class_names.len()`.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    /// Height, width and channels of every picture.
    pub shape: [usize; 3],
    /// All pictures, one after the other.
    pub pixels: Vec<u8>,
    /// The class index of every picture.
    pub labels: Vec<u32>,
    /// What the classes are called, by class index.
    pub class_names: Vec<String>,
}

/// Where `word` begins in `text`, as bytes. The library's search for a text weighs 8 KB in a wasm module, with the message of its
/// panic.
fn place_of(word: &str, text: &str) -> Option<usize> {
    text.as_bytes().windows(word.len()).position(|part| part == word.as_bytes())
}

impl Dataset {
    /// A data set of checked parts.
    ///
    /// # Errors
    /// [`Error::Shape`] when a side is 0 or `pixels` does not hold `labels.len()` pictures of `shape`,
    /// [`Error::Label`] when a label has no class name.
    pub fn new(
        shape: [usize; 3],
        pixels: Vec<u8>,
        labels: Vec<u32>,
        class_names: Vec<String>,
    ) -> Result<Dataset> {
        let refuse = |expected: String, got: String| Error::shape("The data set", expected, got);
        if shape.contains(&0) {
            return Err(refuse("height, width and channels above 0".into(), shape.told()));
        }
        let wanted = shape
            .iter()
            .chain([&labels.len()])
            .try_fold(1u64, |product, &side| product.checked_mul(side as u64))
            .ok_or_else(|| {
                refuse("fewer pixels".into(), format!("{} pictures of {}", labels.len(), shape.told()))
            })?;
        if wanted != pixels.len() as u64 {
            return Err(refuse(
                format!("{wanted} bytes for {} pictures of {}", labels.len(), shape.told()),
                format!("{} bytes", pixels.len()),
            ));
        }
        if let Some(&label) = labels.iter().find(|&&label| label as usize >= class_names.len()) {
            return Err(Error::label(format!("a class index below {}", class_names.len()), label));
        }
        Ok(Dataset { shape, pixels, labels, class_names })
    }

    /// The number of examples.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are no examples.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// The number of classes.
    pub fn n_classes(&self) -> usize {
        self.class_names.len()
    }

    /// The bytes of one picture: `h * w * c`.
    pub fn example_len(&self) -> usize {
        self.shape.iter().product()
    }

    /// The picture of example `i`, `[h, w, c]`.
    ///
    /// # Panics
    /// When there is no such example.
    pub fn example(&self, i: usize) -> &[u8] {
        let example_len = self.example_len();
        &self.pixels[i * example_len..(i + 1) * example_len]
    }

    /// How many examples each class has, by class index.
    pub fn class_counts(&self) -> Vec<u32> {
        let mut counts = vec![0; self.n_classes()];
        for &label in &self.labels {
            counts[label as usize] += 1;
        }
        counts
    }

    /// These examples and then those of `other`.
    ///
    /// # Errors
    /// [`Error::Shape`] or [`Error::Label`] when the pictures' shape or the classes differ.
    pub fn joined(mut self, other: &Dataset) -> Result<Dataset> {
        if other.class_names != self.class_names {
            return Err(Error::label(self.class_names.join(", "), other.class_names.join(", ")));
        }
        if other.shape != self.shape {
            return Err(Error::shape(
                "Joining data sets",
                format!("pictures of {}", self.shape.told()),
                other.shape,
            ));
        }
        self.pixels.extend_from_slice(&other.pixels);
        self.labels.extend_from_slice(&other.labels);
        Ok(self)
    }

    /// The same examples with the classes in the order of `names`, as a model has them.
    ///
    /// Nothing changes unless every class here has its name there.
    pub fn in_order_of(mut self, names: &[String]) -> Dataset {
        let places: Option<Vec<u32>> = self
            .class_names
            .iter()
            .map(|name| Some(names.iter().position(|known| known == name)? as u32))
            .collect();
        if let Some(places) = places {
            self.labels.iter_mut().for_each(|label| *label = places[*label as usize]);
            self.class_names = names.to_vec();
        }
        self
    }

    /// The middle `side`×`side` pixels of every picture; an odd pixel too many is cut at the end.
    ///
    /// # Errors
    /// [`Error::Shape`] when `side` is 0 or a picture is smaller.
    pub fn cropped(&self, side: usize) -> Result<Dataset> {
        let [height, width, channels] = self.shape;
        if side == 0 || side > height.min(width) {
            return Err(Error::shape("A crop", format!("a side from 1 to {}", height.min(width)), side));
        }
        let (top, left) = ((height - side) / 2, (width - side) / 2);
        let mut pixels = Vec::with_capacity(self.len() * side * side * channels);
        for i in 0..self.len() {
            let picture = self.example(i);
            for row in top..top + side {
                let start = (row * width + left) * channels;
                pixels.extend_from_slice(&picture[start..start + side * channels]);
            }
        }
        Dataset::new([side, side, channels], pixels, self.labels.clone(), self.class_names.clone())
    }

    /// The examples of `indices`, in that order, with the same classes.
    ///
    /// # Panics
    /// When an index is not that of an example.
    pub fn subset(&self, indices: &[u32]) -> Dataset {
        let mut pixels = Vec::with_capacity(indices.len() * self.example_len());
        for &i in indices {
            pixels.extend_from_slice(self.example(i as usize));
        }
        let labels = indices.iter().map(|&i| self.labels[i as usize]).collect();
        Dataset { shape: self.shape, pixels, labels, class_names: self.class_names.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(n: usize) -> Vec<String> {
        (0..n).map(|i| i.to_string()).collect()
    }

    fn three() -> Dataset {
        Dataset::new([1, 2, 1], vec![1, 2, 3, 4, 5, 6], vec![0, 2, 0], names(3)).expect("sound parts")
    }

    #[test]
    fn parts_that_do_not_fit_are_refused() {
        let cases = [
            (Dataset::new([0, 2, 1], vec![], vec![], names(1)), "shape"),
            (Dataset::new([1, 2, 1], vec![1, 2, 3], vec![0, 0], names(1)), "shape"),
            (Dataset::new([usize::MAX, 2, 1], vec![1], vec![0], names(1)), "shape"),
            (Dataset::new([1, 1, 1], vec![1], vec![1], names(1)), "label"),
        ];
        for (result, code) in cases {
            assert_eq!(result.expect_err("must be refused").code(), code);
        }
    }

    #[test]
    fn classes_follow_the_order_of_a_model_that_knows_them_all() {
        let order: Vec<String> = ["2", "9", "0", "1"].map(String::from).to_vec();
        let data = three().in_order_of(&order);
        assert_eq!((data.labels, data.class_names), (vec![2, 0, 2], order));
        let others = ["0".to_string(), "1".into()];
        assert_eq!(three().in_order_of(&others), three());
    }

    #[test]
    fn the_middle_of_every_picture_is_cropped() {
        let data = Dataset::new([4, 5, 1], (0..40).collect(), vec![1, 0], names(2)).unwrap();
        let cropped = data.cropped(2).unwrap();
        assert_eq!((cropped.shape, cropped.labels.clone()), ([2, 2, 1], vec![1, 0]));
        assert_eq!(cropped.pixels, [6, 7, 11, 12, 26, 27, 31, 32]);
        let colors = Dataset::new([2, 3, 2], (0..12).collect(), vec![0], names(1)).unwrap();
        assert_eq!(colors.cropped(1).unwrap().pixels, [2, 3]);
        assert_eq!(colors.cropped(2).unwrap().pixels, [0, 1, 2, 3, 6, 7, 8, 9]);
        for side in [0, 3, usize::MAX] {
            assert_eq!(colors.cropped(side).expect_err("must be refused").code(), "shape");
        }
    }

    #[test]
    fn subset_keeps_pictures_with_their_labels() {
        let data = three();
        assert_eq!(data.class_counts(), [2, 0, 1]);
        let part = data.subset(&[2, 1]);
        assert_eq!((part.pixels, part.labels), (vec![5, 6, 3, 4], vec![0, 2]));
        assert_eq!(data.example(1), [3, 4]);
    }
}
