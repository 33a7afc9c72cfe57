//! A digit straight from the path of a pen: the same 28×28 picture wherever, however large and with
//! whatever pen it was drawn.

use super::Pixels;
use super::digit::{INK_SIDE, place};

/// One sample of the pen's path; y grows downwards. Any unit.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// From left to right.
    pub x: f32,
    /// From top to bottom.
    pub y: f32,
}

impl Point {
    pub(super) fn is_finite(&self) -> bool {
        self.x.is_finite() && self.y.is_finite()
    }
}

/// The path of the pen from its touching the paper to its leaving it.
pub type Stroke = Vec<Point>;

/// Half the width of the pen, in pixels of the prepared picture.
///
/// Source: with this width and [`SOFTNESS`], 600 digits written with pens have the mean level (33 of 255), the
/// number of inked pixels (150) and the share of full ones (0.43) of MNIST.
const PEN_RADIUS: f64 = 1.3;
/// Over how many pixels the pen's edge goes from ink to paper.
const SOFTNESS: f64 = 1.15;
/// Points nearer to the last one, in pixels, change nothing that could be seen.
const LEAST_STEP: f64 = 0.02;

/// The digit drawn by `strokes` as a 28×28 gray picture, light ink on black as in MNIST: the box of the
/// path scaled so that its longer side with the pen is 20 pixels, drawn by a pen of fixed width with a soft
/// edge, center of mass in the middle. None when there is no point. Points that are not finite are skipped.
///
/// The work is at most proportional to the number of points; memory does not depend on it.
pub fn prepare(strokes: &[Stroke]) -> Option<Pixels> {
    drawn(strokes, PEN_RADIUS)
}

/// [`prepare`] with a pen of another width, told by half of it in pixels.
pub fn drawn(strokes: &[Stroke], pen_radius: f64) -> Option<Pixels> {
    let points = || strokes.iter().flatten().filter(|point| point.is_finite());
    let first = points().next()?;
    let (mut left, mut top) = (f64::from(first.x), f64::from(first.y));
    let (mut right, mut bottom) = (left, top);
    for point in points() {
        let (x, y) = (f64::from(point.x), f64::from(point.y));
        (left, right) = (left.min(x), right.max(x));
        (top, bottom) = (top.min(y), bottom.max(y));
    }

    // A single dot stays a dot of the pen's size.
    let reach = pen_radius + SOFTNESS / 2.0;
    let longer = (right - left).max(bottom - top);
    let scale = if longer > 0.0 { (INK_SIDE as f64 - 2.0 * reach) / longer } else { 0.0 };
    let frame = |extent: f64| ((extent * scale + 2.0 * reach - 1e-6).ceil() as usize).clamp(1, INK_SIDE);
    let (width, height) = (frame(right - left), frame(bottom - top));
    let (middle_x, middle_y) = ((left + right) / 2.0, (top + bottom) / 2.0);
    let to_frame = |point: &Point| {
        (
            (f64::from(point.x) - middle_x) * scale + width as f64 / 2.0,
            (f64::from(point.y) - middle_y) * scale + height as f64 / 2.0,
        )
    };

    let mut ink = vec![0.0f64; width * height];
    for stroke in strokes {
        let mut last: Option<(f64, f64)> = None;
        for point in stroke.iter().filter(|point| point.is_finite()) {
            let at = to_frame(point);
            let from = last.unwrap_or(at);
            if last.is_some() && square_distance(from, at) < LEAST_STEP * LEAST_STEP {
                continue;
            }
            draw_segment(&mut ink, width, height, from, at, pen_radius);
            last = Some(at);
        }
    }
    let data = ink.iter().map(|&level| (level * 255.0 + 0.5) as u8).collect();
    Some(place(&Pixels { width, height, channels: 1, data }))
}

fn square_distance(a: (f64, f64), b: (f64, f64)) -> f64 {
    (a.0 - b.0) * (a.0 - b.0) + (a.1 - b.1) * (a.1 - b.1)
}

/// Lays a pen's mark from `a` to `b` on `ink: [height, width]`, levels 0 to 1: at distance d of a pixel's
/// middle from the segment, (pen_radius − d) / SOFTNESS + ½ within 0..1. Overlapping marks do not add up.
fn draw_segment(ink: &mut [f64], width: usize, height: usize, a: (f64, f64), b: (f64, f64), pen_radius: f64) {
    let reach = pen_radius + SOFTNESS / 2.0;
    let range = |low: f64, high: f64, len: usize| {
        let start = (low - reach).max(0.0) as usize;
        let end = ((high + reach).max(0.0) as usize + 1).min(len);
        start.min(end)..end
    };
    let (step_x, step_y) = (b.0 - a.0, b.1 - a.1);
    let length_squared = step_x * step_x + step_y * step_y;
    for y in range(a.1.min(b.1), a.1.max(b.1), height) {
        for x in range(a.0.min(b.0), a.0.max(b.0), width) {
            let middle = (x as f64 + 0.5, y as f64 + 0.5);
            let along = (middle.0 - a.0) * step_x + (middle.1 - a.1) * step_y;
            let share = if length_squared > 0.0 { (along / length_squared).clamp(0.0, 1.0) } else { 0.0 };
            let nearest = (a.0 + share * step_x, a.1 + share * step_y);
            let distance = square_distance(middle, nearest).sqrt();
            let level = ((pen_radius - distance) / SOFTNESS + 0.5).clamp(0.0, 1.0);
            let own = &mut ink[y * width + x];
            *own = own.max(level);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    fn stroke(points: &[(f32, f32)]) -> Stroke {
        points.iter().map(|&(x, y)| Point { x, y }).collect()
    }

    /// A 7 with its bar, a 1 and an arc, in a unit square.
    fn shapes() -> Vec<Vec<Stroke>> {
        let arc = (0..60).map(|i| {
            let at = i as f32 / 59.0;
            (4.0 * at * (1.0 - at), at)
        });
        vec![
            vec![stroke(&[(0.0, 0.05), (0.6, 0.0), (0.25, 1.0)]), stroke(&[(0.2, 0.5), (0.55, 0.5)])],
            vec![stroke(&[(0.3, 0.0), (0.3, 0.5), (0.29, 1.0)])],
            vec![stroke(&arc.collect::<Vec<_>>())],
        ]
    }

    fn ink_box(picture: &Pixels) -> (usize, usize) {
        let inked = || (0..784).filter(|&i| picture.data[i] > 0);
        let side = |of: &dyn Fn(usize) -> usize| {
            inked().map(of).max().expect("ink") - inked().map(of).min().expect("ink") + 1
        };
        (side(&|i| i % 28), side(&|i| i / 28))
    }

    #[test]
    fn place_and_size_of_the_drawing_do_not_matter() {
        for shape in shapes() {
            let expected = prepare(&shape).expect("ink");
            for (scale, x, y) in
                [(0.1, 0.0, 0.0), (10.0, -3.0, 8.0), (280.0, 40.0, 512.0), (1e30, 0.0, -1e30)]
            {
                let moved: Vec<Stroke> = shape
                    .iter()
                    .map(|s| s.iter().map(|p| Point { x: p.x * scale + x, y: p.y * scale + y }).collect())
                    .collect();
                let drawn = prepare(&moved).expect("ink");
                let off = expected.data.iter().zip(&drawn.data).map(|(a, b)| a.abs_diff(*b)).max();
                assert!(off <= Some(1), "off by {off:?} at scale {scale}");
            }
        }
    }

    #[test]
    fn the_longer_side_is_20_pixels_with_the_pen() {
        for shape in shapes() {
            let (width, height) = ink_box(&prepare(&shape).expect("ink"));
            assert_eq!(width.max(height), 20);
        }
    }

    #[test]
    fn dots_and_level_lines_are_drawn() {
        let dot = prepare(&[stroke(&[(5.0, 5.0)])]).expect("ink");
        assert_eq!(ink_box(&dot), (4, 4));
        assert_eq!(dot, prepare(&[stroke(&[(-7.0, 1e9); 3])]).expect("ink"));
        let level = prepare(&[stroke(&[(0.0, 2.0), (100.0, 2.0)])]).expect("ink");
        assert_eq!(ink_box(&level), (20, 4));
    }

    #[test]
    fn doubled_points_and_more_samples_change_nothing() {
        let [a, b] = [(0.0, 0.0), (30.0, 90.0)];
        let many: Vec<(f32, f32)> =
            (0..=50_000).map(|i| (30.0 * i as f32 / 50_000.0, 90.0 * i as f32 / 50_000.0)).collect();
        let expected = prepare(&[stroke(&[a, b])]).expect("ink");
        assert_eq!(prepare(&[stroke(&[a, a, b, b])]).expect("ink"), expected);
        let drawn = prepare(&[stroke(&many)]).expect("ink");
        assert!(expected.data.iter().zip(&drawn.data).all(|(a, b)| a.abs_diff(*b) <= 3));
    }

    #[test]
    fn nothing_drawn_is_none_and_wild_numbers_are_skipped() {
        assert_eq!(prepare(&[]), None);
        assert_eq!(prepare(&[vec![]]), None);
        assert_eq!(prepare(&[stroke(&[(f32::NAN, 1.0), (1.0, f32::INFINITY)])]), None);
        let clean = [stroke(&[(0.0, 0.0), (5.0, 9.0)])];
        let wild = [stroke(&[(0.0, 0.0), (f32::NAN, 2.0), (f32::NEG_INFINITY, 0.0), (5.0, 9.0)])];
        assert_eq!(prepare(&wild), prepare(&clean));
        let extreme = [stroke(&[(f32::MAX, f32::MIN), (f32::MIN, f32::MAX), (1e-45, 0.0)])];
        assert!(prepare(&extreme).is_some());
    }

    #[test]
    fn any_scribble_stays_inside_the_picture() {
        let mut rng = Rng::new(2, 0);
        for _ in 0..200 {
            let scribble: Vec<Stroke> = (0..1 + rng.below(4))
                .map(|_| (0..rng.below(9)).map(|_| Point { x: rng.normal(), y: rng.normal() }).collect())
                .collect();
            if let Some(picture) = prepare(&scribble) {
                let (width, height) = ink_box(&picture);
                assert!(width <= 20 && height <= 20);
            }
        }
    }
}
