//! Handwritten digits made from a seed: the paths of a pen through a few points of each digit's usual forms, bent,
//! slanted, narrowed and drawn with pens of many widths. A data set that needs no download.

use std::f32::consts::TAU;

use super::Dataset;
use crate::error::Result;
use crate::image::strokes::{self, Point, Stroke};
use crate::kernels::math::sin_cos;
use crate::rng::{Rng, mix};

/// Tells this use of a seed from every other.
const STREAM: u64 = 0x68616e64; // "hand"
/// Pieces of the curve between two points of a form.
const PIECES: usize = 8;

/// One way to write a digit: strokes by the points they pass, in a unit square, y downwards.
type Form = &'static [&'static [[f32; 2]]];

/// The forms of each digit, each as likely as the others.
const FORMS: [&[Form]; 10] = [
    &[
        &[&[
            [0.55, 0.02],
            [0.22, 0.12],
            [0.04, 0.5],
            [0.2, 0.9],
            [0.5, 1.0],
            [0.82, 0.86],
            [0.96, 0.48],
            [0.8, 0.1],
            [0.48, 0.0],
        ]],
        &[&[
            [0.8, 0.14],
            [0.45, 0.0],
            [0.1, 0.3],
            [0.08, 0.72],
            [0.4, 1.0],
            [0.8, 0.85],
            [0.95, 0.45],
            [0.75, 0.08],
            [0.4, 0.06],
        ]],
    ],
    &[
        &[&[[0.5, 0.0], [0.5, 0.5], [0.5, 1.0]]],
        &[&[[0.52, 0.0], [0.48, 0.5], [0.5, 1.0]]],
        &[&[[0.3, 0.22], [0.52, 0.0]], &[[0.52, 0.0], [0.5, 0.5], [0.5, 1.0]]],
        &[&[[0.32, 0.2], [0.5, 0.0]], &[[0.5, 0.0], [0.5, 1.0]], &[[0.2, 1.0], [0.8, 1.0]]],
    ],
    &[
        &[
            &[[0.08, 0.24], [0.32, 0.03], [0.66, 0.03], [0.85, 0.25], [0.7, 0.52], [0.36, 0.8], [0.04, 1.0]],
            &[[0.04, 1.0], [0.45, 0.97], [0.98, 0.98]],
        ],
        &[&[
            [0.12, 0.2],
            [0.42, 0.0],
            [0.8, 0.14],
            [0.76, 0.46],
            [0.4, 0.84],
            [0.12, 0.99],
            [0.04, 0.86],
            [0.24, 0.78],
            [0.55, 0.95],
            [0.98, 0.94],
        ]],
        &[
            &[[0.1, 0.12], [0.5, 0.0], [0.84, 0.2], [0.6, 0.6], [0.1, 0.96]],
            &[[0.1, 0.96], [0.5, 0.92], [0.9, 1.0]],
        ],
    ],
    &[
        &[
            &[[0.1, 0.12], [0.45, 0.0], [0.8, 0.15], [0.72, 0.38], [0.36, 0.48]],
            &[[0.36, 0.48], [0.78, 0.56], [0.88, 0.8], [0.52, 1.0], [0.06, 0.88]],
        ],
        &[&[
            [0.14, 0.1],
            [0.5, 0.0],
            [0.82, 0.2],
            [0.58, 0.45],
            [0.5, 0.47],
            [0.64, 0.5],
            [0.9, 0.74],
            [0.5, 1.0],
            [0.08, 0.92],
        ]],
        &[
            &[[0.1, 0.04], [0.8, 0.02]],
            &[[0.8, 0.02], [0.4, 0.42]],
            &[[0.4, 0.42], [0.8, 0.54], [0.84, 0.82], [0.45, 1.0], [0.06, 0.9]],
        ],
    ],
    &[
        &[
            &[[0.22, 0.0], [0.12, 0.3], [0.1, 0.54]],
            &[[0.1, 0.54], [0.5, 0.55], [0.94, 0.5]],
            &[[0.74, 0.02], [0.68, 0.5], [0.64, 1.0]],
        ],
        &[
            &[[0.66, 0.0], [0.05, 0.64]],
            &[[0.05, 0.64], [0.98, 0.62]],
            &[[0.66, 0.0], [0.64, 0.5], [0.64, 1.0]],
        ],
        &[
            &[[0.2, 0.02], [0.1, 0.34], [0.22, 0.52], [0.5, 0.5], [0.8, 0.36]],
            &[[0.84, 0.0], [0.76, 0.5], [0.7, 1.0]],
        ],
    ],
    &[
        &[
            &[[0.28, 0.02], [0.2, 0.42]],
            &[[0.2, 0.42], [0.5, 0.34], [0.86, 0.52], [0.84, 0.82], [0.48, 1.0], [0.06, 0.9]],
            &[[0.28, 0.02], [0.6, 0.03], [0.95, 0.0]],
        ],
        &[
            &[[0.9, 0.0], [0.5, 0.04], [0.3, 0.06]],
            &[[0.3, 0.06], [0.18, 0.44]],
            &[[0.18, 0.44], [0.6, 0.46], [0.8, 0.7], [0.6, 0.94], [0.1, 1.0]],
        ],
        &[&[
            [0.94, 0.0],
            [0.5, 0.05],
            [0.3, 0.22],
            [0.34, 0.4],
            [0.66, 0.55],
            [0.72, 0.8],
            [0.4, 1.0],
            [0.04, 0.9],
        ]],
    ],
    &[
        &[&[
            [0.72, 0.0],
            [0.36, 0.24],
            [0.12, 0.62],
            [0.22, 0.92],
            [0.52, 1.0],
            [0.82, 0.84],
            [0.76, 0.62],
            [0.48, 0.54],
            [0.18, 0.72],
        ]],
        &[&[
            [0.5, 0.0],
            [0.24, 0.34],
            [0.12, 0.74],
            [0.32, 1.0],
            [0.7, 0.94],
            [0.8, 0.7],
            [0.54, 0.56],
            [0.26, 0.7],
            [0.2, 0.86],
        ]],
    ],
    &[
        &[&[[0.04, 0.06], [0.5, 0.05], [0.92, 0.02]], &[[0.92, 0.02], [0.62, 0.46], [0.42, 1.0]]],
        &[
            &[[0.06, 0.18], [0.1, 0.04]],
            &[[0.1, 0.04], [0.5, 0.06], [0.9, 0.03]],
            &[[0.9, 0.03], [0.72, 0.5], [0.6, 1.0]],
        ],
        &[&[[0.06, 0.12], [0.4, 0.02], [0.8, 0.04], [0.84, 0.2], [0.6, 0.6], [0.46, 1.0]]],
        &[
            &[[0.04, 0.05], [0.9, 0.02]],
            &[[0.9, 0.02], [0.6, 0.5], [0.4, 1.0]],
            &[[0.34, 0.52], [0.86, 0.48]],
        ],
    ],
    &[
        &[&[
            [0.76, 0.16],
            [0.5, 0.0],
            [0.22, 0.16],
            [0.4, 0.42],
            [0.72, 0.68],
            [0.7, 0.92],
            [0.42, 1.0],
            [0.16, 0.86],
            [0.32, 0.6],
            [0.64, 0.4],
            [0.82, 0.18],
            [0.66, 0.04],
        ]],
        &[
            &[[0.5, 0.0], [0.24, 0.1], [0.26, 0.36], [0.52, 0.46], [0.78, 0.34], [0.74, 0.1], [0.5, 0.0]],
            &[[0.52, 0.46], [0.2, 0.6], [0.18, 0.88], [0.5, 1.0], [0.84, 0.88], [0.8, 0.6], [0.52, 0.46]],
        ],
        &[&[
            [0.9, 0.06],
            [0.5, 0.04],
            [0.2, 0.2],
            [0.44, 0.46],
            [0.7, 0.7],
            [0.6, 0.96],
            [0.3, 0.98],
            [0.22, 0.78],
            [0.5, 0.5],
            [0.84, 0.14],
            [0.9, 0.04],
        ]],
    ],
    &[
        &[
            &[[0.78, 0.16], [0.5, 0.0], [0.2, 0.18], [0.24, 0.44], [0.54, 0.46], [0.8, 0.2]],
            &[[0.8, 0.14], [0.76, 0.56], [0.68, 1.0]],
        ],
        &[&[
            [0.82, 0.12],
            [0.48, 0.02],
            [0.16, 0.22],
            [0.3, 0.46],
            [0.6, 0.4],
            [0.82, 0.14],
            [0.8, 0.5],
            [0.66, 0.86],
            [0.3, 1.0],
        ]],
        &[
            &[[0.76, 0.2], [0.46, 0.0], [0.14, 0.2], [0.3, 0.44], [0.66, 0.34], [0.78, 0.16]],
            &[[0.78, 0.16], [0.6, 0.6], [0.46, 1.0]],
        ],
    ],
];

/// `n` digits, in turn 0 to 9, 28 × 28 pixels as MNIST's.
///
/// # Errors
/// None for numbers of digits that memory holds; the type is that of [`Dataset::new`].
pub fn generate(n: usize, seed: u64) -> Result<Dataset> {
    let mut pixels = Vec::with_capacity(n * 28 * 28);
    for idx in 0..n {
        let mut rng = Rng::new(mix(&[seed, idx as u64]), STREAM);
        let strokes = write(idx % 10, &mut rng);
        let picture = strokes::drawn(&strokes, f64::from(rng.range(0.75, 1.9)));
        pixels.extend_from_slice(&picture.expect("a written digit has ink").data);
    }
    let names = (0..10).map(|digit| digit.to_string()).collect();
    Dataset::new([28, 28, 1], pixels, (0..n).map(|idx| idx as u32 % 10).collect(), names)
}

/// The strokes of a digit, written by a hand that `rng` decides.
fn write(digit: usize, rng: &mut Rng) -> Vec<Stroke> {
    let form = FORMS[digit][rng.below(FORMS[digit].len() as u32) as usize];
    let width = if digit == 1 { rng.range(0.3, 0.6) } else { rng.range(0.45, 0.95) };
    let hand = Hand::draw(width, rng);
    let unsteady = 0.035;
    let jitter = |rng: &mut Rng| rng.range(-unsteady, unsteady);
    let strokes = form.iter().map(|points| {
        let points: Vec<[f32; 2]> = points.iter().map(|[x, y]| [x + jitter(rng), y + jitter(rng)]).collect();
        curve(&points).map(|point| hand.place(point)).collect()
    });
    strokes.collect()
}

/// The curve through the points, at even steps between each two.
///
/// Source: Catmull and Rom, "A Class of Local Interpolating Splines", 1974; the ends are doubled.
pub(super) fn curve(points: &[[f32; 2]]) -> impl Iterator<Item = [f32; 2]> + '_ {
    let at = |i: isize| points[i.clamp(0, points.len() as isize - 1) as usize];
    let n_steps = (points.len() - 1) * PIECES;
    (0..=n_steps).map(move |step| {
        let i = (step / PIECES).min(points.len() - 2) as isize;
        let t = step as f32 / PIECES as f32 - i as f32;
        let [a, b, c, d] = [at(i - 1), at(i), at(i + 1), at(i + 2)];
        [0, 1].map(|axis| {
            let (a, b, c, d) = (a[axis], b[axis], c[axis], d[axis]);
            b + 0.5 * t * (c - a + t * (2.0 * a - 5.0 * b + 4.0 * c - d + t * (3.0 * (b - c) + d - a)))
        })
    })
}

/// How someone writes: an affine map, and waves that bend it.
pub(super) struct Hand {
    width: f32,
    slant: f32,
    turn: [f32; 2],
    /// Strength, then the waves' numbers along x and y and their phases, for x and for y.
    waves: [[f32; 5]; 4],
}

impl Hand {
    /// A hand that writes this wide.
    pub(super) fn draw(width: f32, rng: &mut Rng) -> Hand {
        let slant = rng.range(-0.2, 0.6);
        let (sin, cos) = sin_cos(rng.range(-0.2, 0.2));
        let waves = [0.05, 0.05, 0.03, 0.03].map(|most| {
            let strength = rng.range(0.0, most);
            let most_waves = 0.05 / most * 6.0;
            [
                strength,
                rng.range(-most_waves, most_waves),
                rng.range(-most_waves, most_waves),
                rng.range(0.0, TAU),
                rng.range(0.0, TAU),
            ]
        });
        Hand { width, slant, turn: [sin, cos], waves }
    }

    /// Where the hand puts this point of a form.
    pub(super) fn place(&self, [x, y]: [f32; 2]) -> Point {
        let (mut bent_x, mut bent_y) = (x, y);
        for [strength, along_x, along_y, phase_x, phase_y] in self.waves {
            let angle = along_x * x + along_y * y;
            bent_x += strength * sin_cos(angle + phase_x).0;
            bent_y += strength * sin_cos(angle + phase_y).0;
        }
        let x = (bent_x - 0.5) * self.width + self.slant * (0.5 - bent_y);
        let y = bent_y - 0.5;
        let [sin, cos] = self.turn;
        Point { x: cos * x - sin * y, y: sin * x + cos * y }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_seed_decides_every_digit_and_no_two_are_equal() {
        let digits = generate(200, 7).unwrap();
        assert_eq!(digits, generate(200, 7).unwrap());
        assert_eq!(digits.class_counts(), [20; 10]);
        assert_eq!(digits.subset(&[0, 1, 2]), generate(3, 7).unwrap(), "more digits do not change the first");
        for i in 0..200 {
            let ink = digits.example(i).iter().filter(|&&level| level > 128).count();
            assert!((15..300).contains(&ink), "{i}: {ink}");
            assert!((0..i).all(|j| digits.example(i) != digits.example(j)), "{i}");
        }
    }

    #[test]
    fn the_curve_passes_its_points() {
        let points = [[0.0, 0.0], [1.0, 2.0], [3.0, 1.0], [2.0, 0.0]];
        let path: Vec<[f32; 2]> = curve(&points).collect();
        assert_eq!(path.len(), 3 * PIECES + 1);
        for (i, point) in points.iter().enumerate() {
            let [dx, dy] = [path[i * PIECES][0] - point[0], path[i * PIECES][1] - point[1]];
            assert!(dx.abs() + dy.abs() < 1e-5, "{i}");
        }
    }
}
