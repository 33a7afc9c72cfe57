//! Digits as a pen's path, made from a seed: for networks that read the pen, no files are needed.

use super::Dataset;
use crate::error::Result;
use crate::image::pen_steps::{N_STEPS, pen_steps};
use crate::image::strokes::{Point, Stroke};
use crate::kernels::math::sin_cos;
use crate::rng::{Rng, mix};

/// Tells this use of a seed from every other.
const STREAM: u64 = 0x70656e; // "pen"

/// One way to write a digit: its strokes, each by its corners in a box of 100 × 100, y downwards.
type Skeleton = &'static [&'static [[i8; 2]]];

/// Each digit as different hands write it: other ways around, other places to begin, in one stroke or in two.
const SKELETONS: [&[Skeleton]; 10] = [
    &[
        &[&[[50, 0], [20, 15], [10, 50], [20, 85], [50, 100], [80, 85], [90, 50], [80, 15], [50, 0]]],
        &[&[[60, 3], [80, 15], [90, 50], [80, 85], [50, 100], [20, 85], [10, 50], [20, 15], [55, 0]]],
        &[&[[75, 10], [45, 0], [15, 25], [10, 60], [35, 98], [70, 90], [90, 50], [78, 15], [62, 4]]],
    ],
    &[
        &[&[[35, 20], [50, 0], [50, 100]]],
        &[&[[50, 0], [50, 50], [50, 100]]],
        &[&[[20, 35], [55, 0], [55, 50], [55, 100]]],
        &[&[[30, 25], [52, 0], [52, 100]], &[[25, 100], [80, 100]]],
    ],
    &[
        &[&[[15, 20], [40, 0], [75, 10], [80, 35], [50, 65], [15, 100], [90, 100]]],
        &[&[
            [15, 25],
            [35, 2],
            [70, 5],
            [82, 30],
            [60, 65],
            [25, 95],
            [15, 85],
            [40, 80],
            [65, 97],
            [95, 90],
        ]],
        &[&[[10, 10], [55, 0], [80, 20], [65, 55], [10, 100], [50, 98], [90, 100]]],
    ],
    &[
        &[&[[20, 5], [65, 0], [75, 25], [40, 45], [80, 65], [70, 95], [20, 95]]],
        &[&[[15, 15], [50, 0], [78, 18], [65, 42], [38, 48], [72, 55], [85, 78], [55, 100], [12, 88]]],
        &[&[[15, 0], [80, 0], [42, 42], [78, 55], [82, 82], [50, 100], [12, 90]]],
    ],
    &[
        &[&[[30, 0], [10, 55], [90, 55]], &[[70, 20], [65, 100]]],
        &[&[[20, 0], [18, 50], [55, 52], [92, 48]], &[[72, 0], [68, 50], [65, 100]]],
        &[&[[65, 100], [68, 50], [70, 0], [35, 35], [8, 68], [50, 68], [95, 66]]],
        &[&[[70, 0], [10, 65], [92, 65]], &[[68, 30], [66, 100]]],
    ],
    &[
        &[&[[80, 0], [25, 0], [20, 45], [65, 40], [85, 70], [60, 100], [15, 95]]],
        &[&[[25, 0], [20, 42], [60, 36], [85, 62], [70, 95], [35, 100], [10, 88]], &[[25, 0], [85, 0]]],
        &[&[[88, 3], [30, 5], [22, 45], [55, 40], [82, 58], [78, 88], [45, 100], [12, 90]]],
    ],
    &[
        &[&[[65, 0], [25, 40], [15, 80], [45, 100], [75, 80], [60, 55], [20, 70]]],
        &[&[[55, 0], [30, 30], [18, 65], [30, 95], [60, 98], [80, 75], [62, 55], [35, 60], [22, 78]]],
        &[&[[80, 5], [45, 12], [18, 50], [20, 88], [50, 100], [82, 85], [75, 60], [45, 55], [22, 72]]],
    ],
    &[
        &[&[[10, 0], [85, 0], [45, 100]]],
        &[&[[12, 15], [15, 0], [85, 2], [60, 50], [45, 100]]],
        &[&[[10, 2], [88, 0], [55, 50], [40, 100]], &[[28, 50], [80, 48]]],
    ],
    &[
        &[&[[50, 50], [20, 25], [50, 0], [80, 25], [50, 50], [15, 75], [50, 100], [85, 75], [50, 50]]],
        &[&[
            [80, 12],
            [50, 0],
            [22, 15],
            [30, 38],
            [70, 60],
            [82, 82],
            [50, 100],
            [18, 82],
            [32, 60],
            [68, 38],
            [80, 15],
        ]],
        &[&[
            [75, 15],
            [45, 2],
            [22, 20],
            [50, 46],
            [82, 75],
            [52, 100],
            [15, 80],
            [45, 50],
            [78, 22],
            [70, 8],
        ]],
        &[&[[50, 45], [75, 25], [50, 0], [25, 22], [50, 48], [85, 78], [50, 100], [15, 78], [48, 50]]],
    ],
    &[
        &[&[[80, 30], [50, 45], [20, 25], [50, 0], [80, 20], [75, 60], [60, 100]]],
        &[&[[75, 15], [48, 0], [22, 18], [30, 45], [60, 45], [78, 18], [78, 60], [75, 100]]],
        &[&[[78, 20], [50, 2], [22, 22], [38, 48], [68, 40], [80, 12], [78, 60], [60, 95], [25, 92]]],
        &[&[[70, 40], [40, 50], [20, 28], [45, 2], [75, 15], [75, 45], [55, 100]]],
    ],
];

/// The path of a digit as some hand might write it: a skeleton whose corners are moved and rounded, in a box that is
/// stretched, slanted and turned.
///
/// # Panics
/// For a digit above 9.
pub fn strokes_of(digit: usize, rng: &mut Rng) -> Vec<Stroke> {
    let ways = SKELETONS[digit];
    let way = ways[rng.below(ways.len() as u32) as usize];
    let (width, slant) = (rng.range(0.45, 1.0), rng.range(-0.4, 0.25));
    // Angles are above 0 for the sine's sake; a whole turn changes nothing.
    let (sin, cos) = sin_cos(std::f32::consts::TAU + rng.range(-0.2, 0.2));
    let shake = rng.range(2.0, 7.0);
    let rounds = rng.below(3);
    let mut to_point = |&[x, y]: &[i8; 2]| {
        let (x, y) = (f32::from(x) + rng.range(-shake, shake), f32::from(y) + rng.range(-shake, shake));
        let (x, y) = (x * width - slant * y, y);
        Point { x: cos * x - sin * y, y: sin * x + cos * y }
    };
    let mut strokes: Vec<Stroke> =
        way.iter().map(|corners| corners.iter().map(&mut to_point).collect()).collect();
    for _ in 0..rounds {
        strokes.iter_mut().for_each(|stroke| *stroke = rounded(stroke));
    }
    strokes
}

/// A path whose corners are cut at a quarter of their sides; its ends stay. Source: Chaikin 1974.
fn rounded(stroke: &[Point]) -> Stroke {
    let [first, .., last] = stroke else { return stroke.to_vec() };
    let between = |a: &Point, b: &Point, share: f32| Point {
        x: a.x + share * (b.x - a.x),
        y: a.y + share * (b.y - a.y),
    };
    let cut = stroke.windows(2).flat_map(|side| {
        let [a, b] = [side[0], side[1]];
        [between(&a, &b, 0.25), between(&a, &b, 0.75)]
    });
    std::iter::once(*first).chain(cut).chain([*last]).collect()
}

/// `n` digits in turn from 0 to 9, each as the 64 steps of its path that [`pen_steps`] makes.
///
/// # Errors
/// None for numbers of digits that memory holds; the type is that of [`Dataset::new`].
pub fn generate(n: usize, seed: u64) -> Result<Dataset> {
    let mut steps = Vec::with_capacity(n * N_STEPS * 3);
    for idx in 0..n {
        let strokes = strokes_of(idx % 10, &mut Rng::new(mix(&[seed, idx as u64]), STREAM));
        steps.extend(pen_steps(&strokes).expect("a skeleton has a length"));
    }
    let labels = (0..n).map(|idx| idx as u32 % 10).collect();
    let names = (0..10).map(|digit| digit.to_string()).collect();
    Dataset::new([N_STEPS, 3, 1], steps, labels, names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digit_is_another_and_the_seed_decides_all() {
        let digits = generate(60, 4).unwrap();
        assert_eq!(digits, generate(60, 4).unwrap());
        assert_eq!(digits.class_counts(), [6; 10]);
        for i in 10..digits.len() {
            assert_ne!(digits.example(i), digits.example(i - 10));
        }
    }

    #[test]
    fn a_rounded_path_keeps_its_ends_and_stays_within_its_corners() {
        let at = |x: f32, y: f32| Point { x, y };
        let corner = [at(0.0, 0.0), at(4.0, 0.0), at(4.0, 4.0)];
        let cut = rounded(&corner);
        let expected = [at(0.0, 0.0), at(1.0, 0.0), at(3.0, 0.0), at(4.0, 1.0), at(4.0, 3.0), at(4.0, 4.0)];
        assert_eq!(cut, expected);
        assert_eq!(rounded(&corner[..1]), corner[..1]);
    }
}
