//! Digits in styles that MNIST's American writers hardly used, drawn by chance along a pen's path: zeros with a slash, ones
//! with a long flag or on a foot, fives whose roof is away, sevens with a bar, serif or hook.

use super::Dataset;
use crate::error::Result;
use crate::image::strokes::{self, Point, Stroke};
use crate::kernels::math::sin_cos;
use crate::rng::{Rng, mix};

/// Tells this use of a seed from every other.
const STREAM: u64 = 0x7374796c65; // "style"

/// How many styles there are.
pub const N_STYLES: usize = 4;

/// How a style is drawn: its strokes, some way or other by chance.
type Style = fn(&mut Rng) -> Vec<Stroke>;

/// `n` digits of each style, labelled 0 to 9 as MNIST's, 28 × 28 pixels.
///
/// # Errors
/// None for numbers of digits that memory holds; the type is that of [`Dataset::new`].
pub fn generate(n: usize, seed: u64) -> Result<Dataset> {
    let styles: [(u32, Style); N_STYLES] =
        [(0, slashed_zero), (1, flagged_one), (5, roofed_five), (7, barred_seven)];
    let (mut pixels, mut labels) = (Vec::new(), Vec::new());
    for (label, draw) in styles {
        for i in 0..n {
            let mut rng = Rng::new(mix(&[seed, u64::from(label), i as u64]), STREAM);
            let picture = strokes::prepare(&draw(&mut rng)).expect("a drawn digit has ink");
            pixels.extend_from_slice(&picture.data);
            labels.push(label);
        }
    }
    let names = (0..10).map(|digit| digit.to_string()).collect();
    Dataset::new([28, 28, 1], pixels, labels, names)
}

/// A straight stroke bent to the side by `bend` of its length.
fn line(from: [f32; 2], to: [f32; 2], bend: f32) -> Stroke {
    let [dx, dy] = [to[0] - from[0], to[1] - from[1]];
    let point = |i: u8| {
        let t = f32::from(i) / 8.0;
        let side = bend * 4.0 * t * (1.0 - t);
        Point { x: from[0] + t * dx - side * dy, y: from[1] + t * dy + side * dx }
    };
    (0..=8).map(point).collect()
}

/// An oval, not always closed, with a line from lower left to upper right that often reaches beyond, sometimes far.
fn slashed_zero(rng: &mut Rng) -> Vec<Stroke> {
    let (width, lean) = (rng.range(0.28, 0.5), rng.range(-0.1, 0.3));
    let (start, turn) = (rng.range(-2.4, -0.6), rng.range(5.9, 6.9));
    let direction = if rng.below(4) == 0 { 1.0 } else { -1.0 };
    let oval = (0..=32u8).map(|i| {
        let (sin, cos) = sin_cos(start + direction * turn * f32::from(i) / 32.0 + 12.566_371);
        Point { x: width * cos - lean * 0.5 * sin, y: 0.5 * sin }
    });
    let (sin, cos) = sin_cos(rng.range(0.6, 1.25));
    let furthest = if rng.below(2) == 0 { 0.75 } else { 1.15 };
    let mut reach = || rng.range(0.35, furthest);
    let (up, down) = (reach(), reach());
    let slash = line([-down * cos, down * sin], [up * cos, -up * sin], rng.range(-0.08, 0.08));
    vec![oval.collect(), slash]
}

/// A stem with a rising stroke before it, that may begin level, and in half of them on a foot, which it may cross.
fn flagged_one(rng: &mut Rng) -> Vec<Stroke> {
    let lean = rng.range(-0.25, 0.15);
    let (length, angle) = (rng.range(0.2, 0.65), rng.range(0.45, 1.15));
    let (sin, cos) = sin_cos(angle);
    let start = [-length * cos, length * sin];
    let mut stem = line(start, [0.0, 0.0], rng.range(-0.12, 0.12));
    stem.extend(line([0.0, 0.0], [lean, 1.0], rng.range(-0.05, 0.05)));
    if rng.below(5) == 0 {
        stem.insert(0, Point { x: start[0] - rng.range(0.03, 0.12), y: start[1] + rng.range(-0.02, 0.03) });
    }
    let mut strokes = vec![stem];
    if rng.below(2) == 0 {
        let (left, right, tilt) = (rng.range(0.15, 0.45), rng.range(0.1, 0.4), rng.range(-0.08, 0.08));
        let height = if rng.below(3) == 0 { rng.range(0.82, 1.0) } else { 1.0 };
        let middle = lean * height;
        strokes.push(line(
            [middle - left, height + tilt],
            [middle + right, height - tilt],
            rng.range(-0.05, 0.05),
        ));
    }
    strokes
}

/// A short neck, or none, and a belly; the roof is a stroke of its own that may not touch it.
fn roofed_five(rng: &mut Rng) -> Vec<Stroke> {
    let (neck, belly) = (rng.range(0.1, 0.45), rng.range(0.22, 0.42));
    let mut path = line([0.0, 0.0], [rng.range(-0.08, 0.05), neck], 0.0);
    let (start, turn) = (rng.range(-2.2, -1.3), rng.range(3.2, 4.8));
    let radius = (1.0 - neck) / 2.0;
    let (from_sin, from_cos) = sin_cos(start + 6.283_185_5);
    let neck_end = path[path.len() - 1];
    path.extend((1..=24u8).map(|i| {
        let (sin, cos) = sin_cos(start + turn * f32::from(i) / 24.0 + 6.283_185_5);
        Point { x: neck_end.x + belly * (cos - from_cos), y: neck_end.y + radius * (sin - from_sin) }
    }));
    let (away, above) = (rng.range(-0.05, 0.2), rng.range(-0.02, 0.14));
    let roof = [away + rng.range(0.25, 0.6), -above + rng.range(-0.1, 0.04)];
    vec![path, line([away, -above], roof, rng.range(-0.08, 0.08))]
}

/// A level stroke, a slanting stem and, two times of three, a bar across its middle; some begin with a stroke down, some end
/// in a hook.
fn barred_seven(rng: &mut Rng) -> Vec<Stroke> {
    let (width, tilt) = (rng.range(0.45, 0.8), rng.range(-0.08, 0.1));
    let foot = [rng.range(0.0, 0.5) * width, 1.0];
    let corner = [width, -tilt];
    let mut path = Stroke::new();
    if rng.below(4) == 0 {
        path = line([rng.range(-0.03, 0.12), tilt + rng.range(0.1, 0.3)], [0.0, tilt], rng.range(-0.1, 0.1));
    }
    path.extend(line([0.0, tilt], corner, rng.range(-0.1, 0.1)));
    path.extend(line(corner, foot, rng.range(-0.1, 0.1)));
    let has_bar = rng.below(3) != 0;
    // With a bar as well, or a long one, it might be a 2.
    if rng.below(if has_bar { 8 } else { 4 }) == 0 {
        let hook = [foot[0] + rng.range(0.08, 0.25), 1.0 - rng.range(0.03, 0.18)];
        path.extend(line(foot, hook, rng.range(-0.1, 0.25)));
    }
    let mut strokes = vec![path];
    if has_bar {
        let middle = (corner[0] + foot[0]) / 2.0;
        let (half, height, tilt) = (rng.range(0.15, 0.32), rng.range(0.4, 0.6), rng.range(-0.06, 0.1));
        strokes.push(line([middle - half, height + tilt], [middle + half, height - tilt], 0.0));
    }
    strokes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_digit_is_another_and_the_seed_decides_all() {
        let digits = generate(20, 4).unwrap();
        assert_eq!(digits, generate(20, 4).unwrap());
        assert_eq!(digits.class_counts(), [20, 20, 0, 0, 0, 20, 0, 20, 0, 0]);
        for i in 1..digits.len() {
            assert_ne!(digits.example(i), digits.example(i - 1));
            assert!(digits.example(i).iter().filter(|&&level| level > 128).count() > 20, "{i}");
        }
    }
}
