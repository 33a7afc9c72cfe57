//! Letters and scribbles, made from a seed: what is not a digit, to tell whether a network of digits knows.

use super::Dataset;
use super::handwriting::{Hand, curve};
use crate::error::Result;
use crate::image::strokes::{self, Point, Stroke};
use crate::rng::{Rng, mix};

/// Tells this use of a seed from every other.
const STREAM: u64 = 0x6c65_7474; // "lett"

/// A letter's strokes, each by the points it passes, hundredths of a box's sides, y downwards.
type Form = &'static [&'static [[i8; 2]]];

/// The letters, by name.
const LETTERS: [(&str, Form); 52] = [
    ("A", &[&[[10, 100], [50, 0]], &[[50, 0], [90, 100]], &[[25, 62], [75, 62]]]),
    (
        "B",
        &[
            &[[20, 0], [20, 100]],
            &[[20, 0], [65, 5], [75, 24], [60, 44], [20, 48]],
            &[[20, 48], [70, 54], [85, 75], [65, 97], [20, 100]],
        ],
    ),
    ("C", &[&[[85, 18], [55, 0], [20, 20], [10, 52], [22, 84], [55, 100], [86, 84]]]),
    ("D", &[&[[18, 0], [18, 100]], &[[18, 0], [62, 8], [88, 50], [62, 92], [18, 100]]]),
    ("E", &[&[[85, 0], [20, 0]], &[[20, 0], [20, 100]], &[[20, 100], [85, 100]], &[[20, 48], [70, 48]]]),
    ("F", &[&[[85, 0], [20, 0]], &[[20, 0], [20, 100]], &[[20, 46], [70, 46]]]),
    (
        "G",
        &[
            &[[82, 18], [52, 0], [20, 20], [10, 52], [24, 86], [56, 100], [84, 82], [86, 58]],
            &[[86, 58], [55, 58]],
        ],
    ),
    ("H", &[&[[15, 0], [15, 100]], &[[85, 0], [85, 100]], &[[15, 50], [85, 50]]]),
    ("I", &[&[[50, 0], [50, 50], [50, 100]]]),
    ("J", &[&[[70, 0], [70, 70], [55, 98], [28, 95], [18, 72]], &[[40, 0], [95, 0]]]),
    ("K", &[&[[20, 0], [20, 100]], &[[85, 0], [22, 55]], &[[36, 44], [88, 100]]]),
    ("L", &[&[[20, 0], [20, 100]], &[[20, 100], [80, 100]]]),
    ("M", &[&[[10, 100], [15, 0]], &[[15, 0], [50, 65]], &[[50, 65], [85, 0]], &[[85, 0], [92, 100]]]),
    ("N", &[&[[15, 100], [15, 0]], &[[15, 0], [85, 100]], &[[85, 100], [85, 0]]]),
    ("O", &[&[[50, 0], [18, 18], [8, 52], [22, 88], [52, 100], [84, 84], [92, 48], [78, 12], [50, 0]]]),
    ("P", &[&[[20, 0], [20, 100]], &[[20, 0], [70, 6], [82, 28], [66, 50], [20, 54]]]),
    (
        "Q",
        &[
            &[[50, 0], [18, 18], [8, 52], [22, 86], [52, 96], [84, 80], [90, 46], [76, 12], [50, 0]],
            &[[58, 68], [96, 100]],
        ],
    ),
    (
        "R",
        &[&[[20, 0], [20, 100]], &[[20, 0], [70, 6], [80, 26], [64, 46], [20, 50]], &[[48, 50], [88, 100]]],
    ),
    ("S", &[&[[82, 14], [50, 0], [20, 18], [38, 44], [70, 60], [82, 82], [50, 100], [14, 86]]]),
    ("T", &[&[[8, 0], [92, 0]], &[[50, 0], [50, 100]]]),
    ("U", &[&[[15, 0], [15, 60], [30, 95], [68, 95], [85, 60], [85, 0]]]),
    ("V", &[&[[12, 0], [50, 100]], &[[50, 100], [88, 0]]]),
    ("W", &[&[[6, 0], [28, 100]], &[[28, 100], [50, 30]], &[[50, 30], [72, 100]], &[[72, 100], [94, 0]]]),
    ("X", &[&[[14, 0], [86, 100]], &[[86, 0], [14, 100]]]),
    ("Y", &[&[[14, 0], [50, 50]], &[[88, 0], [50, 50]], &[[50, 50], [48, 100]]]),
    ("Z", &[&[[14, 0], [84, 0]], &[[84, 0], [14, 100]], &[[14, 100], [88, 100]]]),
    (
        "a",
        &[
            &[[78, 16], [48, 2], [16, 26], [16, 70], [42, 92], [78, 62]],
            &[[80, 4], [78, 72], [86, 96], [98, 92]],
        ],
    ),
    ("b", &[&[[22, 0], [22, 100]], &[[22, 62], [50, 44], [80, 58], [80, 88], [50, 100], [22, 88]]]),
    ("c", &[&[[84, 22], [54, 2], [20, 22], [12, 58], [30, 92], [62, 98], [88, 82]]]),
    (
        "d",
        &[
            &[[76, 58], [48, 42], [18, 58], [18, 88], [46, 100], [76, 84]],
            &[[78, 0], [78, 80], [84, 98], [94, 96]],
        ],
    ),
    ("e", &[&[[14, 52], [82, 46], [74, 14], [46, 2], [18, 24], [12, 60], [32, 94], [62, 98], [86, 82]]]),
    ("f", &[&[[84, 10], [64, 0], [48, 16], [46, 60], [44, 100]], &[[18, 42], [78, 42]]]),
    (
        "g",
        &[
            &[[74, 12], [46, 0], [18, 18], [26, 44], [56, 44], [76, 16]],
            &[[76, 4], [78, 70], [62, 98], [24, 92]],
        ],
    ),
    ("h", &[&[[20, 0], [20, 100]], &[[20, 62], [44, 42], [74, 52], [78, 100]]]),
    ("i", &[&[[48, 36], [48, 78], [58, 98], [72, 94]], &[[48, 4], [49, 8]]]),
    ("j", &[&[[60, 30], [60, 80], [44, 100], [20, 90]], &[[60, 2], [61, 6]]]),
    ("k", &[&[[22, 0], [22, 100]], &[[76, 36], [24, 70]], &[[40, 62], [82, 100]]]),
    ("l", &[&[[50, 0], [49, 50], [52, 100]]]),
    (
        "m",
        &[
            &[[8, 6], [10, 98]],
            &[[10, 40], [28, 8], [48, 20], [48, 98]],
            &[[48, 40], [68, 8], [88, 22], [90, 98]],
        ],
    ),
    ("n", &[&[[18, 4], [20, 98]], &[[20, 40], [46, 6], [76, 22], [80, 98]]]),
    ("o", &[&[[50, 2], [20, 18], [12, 54], [28, 90], [58, 96], [86, 76], [86, 34], [64, 6], [48, 2]]]),
    ("p", &[&[[22, 6], [20, 100]], &[[22, 16], [50, 2], [80, 16], [78, 46], [50, 58], [22, 46]]]),
    ("q", &[&[[76, 14], [48, 0], [18, 18], [18, 46], [44, 58], [76, 40]], &[[78, 2], [78, 94], [96, 84]]]),
    ("r", &[&[[26, 4], [28, 98]], &[[28, 46], [48, 10], [84, 12]]]),
    ("s", &[&[[80, 14], [48, 2], [22, 20], [42, 46], [72, 62], [76, 86], [46, 98], [16, 86]]]),
    ("t", &[&[[46, 0], [46, 76], [60, 98], [84, 88]], &[[16, 32], [80, 32]]]),
    ("u", &[&[[16, 6], [18, 66], [36, 94], [66, 84], [80, 40]], &[[80, 6], [82, 76], [96, 96]]]),
    ("v", &[&[[14, 4], [50, 96]], &[[50, 96], [88, 4]]]),
    ("w", &[&[[6, 4], [16, 76], [32, 94], [48, 70], [50, 30]], &[[50, 50], [60, 92], [80, 86], [94, 6]]]),
    ("x", &[&[[16, 4], [84, 96]], &[[84, 4], [16, 96]]]),
    ("y", &[&[[18, 0], [26, 44], [52, 52], [76, 30]], &[[80, 0], [74, 56], [52, 98], [22, 92]]]),
    ("z", &[&[[16, 6], [82, 6]], &[[82, 6], [16, 94]], &[[16, 94], [86, 94]]]),
];

/// Letters that some hands write as others write a digit: 0, 1, 2, 5, 6 and 9.
pub const LIKE_DIGITS: [&str; 11] = ["I", "O", "S", "Z", "b", "g", "l", "o", "q", "s", "z"];

/// `n` letters, in turn A to Z and a to z, 28 × 28 pixels as MNIST's.
///
/// # Errors
/// None for numbers of letters that memory holds; the type is that of [`Dataset::new`].
pub fn generate(n: usize, seed: u64) -> Result<Dataset> {
    let mut pixels = Vec::with_capacity(n * 28 * 28);
    for idx in 0..n {
        let mut rng = Rng::new(mix(&[seed, idx as u64]), STREAM);
        let strokes = strokes_of(idx % LETTERS.len(), &mut rng);
        pixels.extend_from_slice(&strokes::prepare(&strokes).expect("a written letter has ink").data);
    }
    let names = LETTERS.iter().map(|(name, _)| name.to_string()).collect();
    Dataset::new([28, 28, 1], pixels, (0..n).map(|idx| (idx % LETTERS.len()) as u32).collect(), names)
}

/// The strokes of a letter, written by a hand that `rng` decides.
fn strokes_of(letter: usize, rng: &mut Rng) -> Vec<Stroke> {
    let hand = Hand::draw(rng.range(0.45, 0.95), rng);
    let mut moved = |&[x, y]: &[i8; 2]| [x, y].map(|at| f32::from(at) / 100.0 + rng.range(-0.035, 0.035));
    let strokes = LETTERS[letter].1.iter();
    strokes
        .map(|points| {
            let points: Vec<[f32; 2]> = points.iter().map(&mut moved).collect();
            curve(&points).map(|point| hand.place(point)).collect()
        })
        .collect()
}

/// `n` scribbles of one to four strokes without a meaning, 28 × 28 pixels, all of one class.
///
/// # Errors
/// As [`generate`].
pub fn scribbles(n: usize, seed: u64) -> Result<Dataset> {
    let mut pixels = Vec::with_capacity(n * 28 * 28);
    for idx in 0..n {
        let mut rng = Rng::new(mix(&[seed, idx as u64]), STREAM + 1);
        let strokes: Vec<Stroke> = (0..1 + rng.below(4)).map(|_| scribble(&mut rng)).collect();
        pixels.extend_from_slice(&strokes::prepare(&strokes).expect("a scribble has ink").data);
    }
    Dataset::new([28, 28, 1], pixels, vec![0; n], vec!["scribble".into()])
}

/// A curve through two to nine points anywhere in the box.
fn scribble(rng: &mut Rng) -> Stroke {
    let points: Vec<[f32; 2]> = (0..2 + rng.below(8)).map(|_| [rng.uniform(), rng.uniform()]).collect();
    curve(&points).map(|[x, y]| Point { x, y }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_decides_every_letter_and_scribble_and_no_two_are_equal() {
        for make in [generate, scribbles] {
            let pictures = make(156, 7).unwrap();
            assert_eq!(pictures, make(156, 7).unwrap());
            assert_ne!(pictures, make(156, 8).unwrap());
            for i in 0..156 {
                let ink = pictures.example(i).iter().filter(|&&level| level > 128).count();
                assert!((10..400).contains(&ink), "{i}: {ink}");
                assert!((0..i).all(|j| pictures.example(i) != pictures.example(j)), "{i}");
            }
        }
    }
}
