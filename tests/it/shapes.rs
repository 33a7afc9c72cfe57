//! Pictures made from a seed, for tests that need something to learn but no files.

use ocelli::data::Dataset;
use ocelli::image::strokes::{self, Point, Stroke};
use ocelli::rng::{Rng, mix};

/// `n` gray pictures of `side` × `side` on a noisy ground, in turn of each class: an upright bar, a lying
/// bar, a frame, a filled square, each at another place.
pub fn shapes(n: usize, side: usize, seed: u64) -> Dataset {
    let mut pixels = Vec::with_capacity(n * side * side);
    for i in 0..n {
        let mut rng = Rng::new(mix(&[seed, i as u64]), 0);
        let size = side / 2 + rng.below(2) as usize;
        let mut place = || rng.below((side - size) as u32 + 1) as usize;
        let (left, top) = (place(), place());
        let ink = 160 + rng.below(96) as u8;
        for y in 0..side {
            for x in 0..side {
                let (u, v) = (x.wrapping_sub(left), y.wrapping_sub(top));
                let inside = u < size && v < size;
                let inked = inside
                    && match i % 4 {
                        0 => u / 2 == size / 4,
                        1 => v / 2 == size / 4,
                        2 => u.min(v) == 0 || u.max(v) + 1 == size,
                        _ => true,
                    };
                pixels.push(if inked { ink } else { rng.below(48) as u8 });
            }
        }
    }
    let labels = (0..n).map(|i| i as u32 % 4).collect();
    let names = ["upright", "lying", "frame", "square"].map(String::from).to_vec();
    Dataset::new([side, side, 1], pixels, labels, names).expect("whole pictures")
}

/// The middle line of each digit in a box of 0 to 1, y downwards, pen lifts between the parts.
const DIGITS: [&[&[(f32, f32)]]; 10] = [
    &[&[
        (0.5, 0.0),
        (0.2, 0.15),
        (0.1, 0.5),
        (0.2, 0.85),
        (0.5, 1.0),
        (0.8, 0.85),
        (0.9, 0.5),
        (0.8, 0.15),
        (0.5, 0.0),
    ]],
    &[&[(0.35, 0.2), (0.5, 0.0), (0.5, 1.0)]],
    &[&[(0.15, 0.2), (0.4, 0.0), (0.75, 0.1), (0.8, 0.35), (0.5, 0.65), (0.15, 1.0), (0.9, 1.0)]],
    &[&[(0.2, 0.05), (0.65, 0.0), (0.75, 0.25), (0.4, 0.45), (0.8, 0.65), (0.7, 0.95), (0.2, 0.95)]],
    &[&[(0.3, 0.0), (0.1, 0.55), (0.9, 0.55)], &[(0.7, 0.2), (0.65, 1.0)]],
    &[&[(0.8, 0.0), (0.25, 0.0), (0.2, 0.45), (0.65, 0.4), (0.85, 0.7), (0.6, 1.0), (0.15, 0.95)]],
    &[&[(0.65, 0.0), (0.25, 0.4), (0.15, 0.8), (0.45, 1.0), (0.75, 0.8), (0.6, 0.55), (0.2, 0.7)]],
    &[&[(0.1, 0.0), (0.85, 0.0), (0.45, 1.0)]],
    &[&[
        (0.5, 0.5),
        (0.2, 0.25),
        (0.5, 0.0),
        (0.8, 0.25),
        (0.5, 0.5),
        (0.15, 0.75),
        (0.5, 1.0),
        (0.85, 0.75),
        (0.5, 0.5),
    ]],
    &[&[(0.8, 0.3), (0.5, 0.45), (0.2, 0.25), (0.5, 0.0), (0.8, 0.2), (0.75, 0.6), (0.6, 1.0)]],
];

/// The pen's path of a digit, its corners moved, its box stretched and slanted at random.
pub fn digit_strokes(digit: usize, rng: &mut Rng) -> Vec<Stroke> {
    let (width, slant) = (rng.range(0.5, 0.9), rng.range(-0.3, 0.3));
    let mut moved = |at: f32| at + rng.range(-0.06, 0.06);
    let mut to_point = |&(x, y): &(f32, f32)| {
        let (x, y) = (moved(x), moved(y));
        Point { x: 100.0 * (x * width - slant * y), y: 100.0 * y }
    };
    DIGITS[digit].iter().map(|stroke| stroke.iter().map(&mut to_point).collect()).collect()
}

/// `n` drawn digits of 28 × 28, prepared as the page prepares what a pen draws.
pub fn drawn_digits(n: usize, seed: u64) -> Dataset {
    let mut pixels = Vec::with_capacity(n * 784);
    for i in 0..n {
        let strokes = digit_strokes(i % 10, &mut Rng::new(mix(&[seed, i as u64]), 1));
        pixels.extend(strokes::prepare(&strokes).expect("there is ink").data);
    }
    let labels = (0..n).map(|i| i as u32 % 10).collect();
    let names = (0..10).map(|digit| digit.to_string()).collect();
    Dataset::new([28, 28, 1], pixels, labels, names).expect("whole pictures")
}
