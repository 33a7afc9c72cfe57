//! A pen's path as a sequence of even steps, for recurrent networks.

use super::strokes::{Point, Stroke};

/// Steps of a path.
pub const N_STEPS: usize = 64;

/// `[dx, dy, pen]` of each of 64 steps of equal length along the path, ways in the air included; none for a path of no
/// length.
///
/// The longer side of the path's box is 1; `dx` and `dy` are 128 for none and 1000 more for each 1, at most to 0 and 255;
/// `pen` is 255 on paper and 0 in the air.
pub fn pen_steps(strokes: &[Stroke]) -> Option<Vec<u8>> {
    let points: Vec<(Point, bool)> = strokes
        .iter()
        .flat_map(|stroke| stroke.iter().enumerate().map(|(i, point)| (*point, i > 0)))
        .filter(|(point, _)| point.x.is_finite() && point.y.is_finite())
        .collect();
    let bounds = |of: fn(&Point) -> f32| {
        points.iter().fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), (point, _)| {
            (low.min(of(point)), high.max(of(point)))
        })
    };
    let (x, y) = (bounds(|point| point.x), bounds(|point| point.y));
    let side = (x.1 - x.0).max(y.1 - y.0);
    let length_of =
        |a: &Point, b: &Point| ((a.x - b.x) * (a.x - b.x) + (a.y - b.y) * (a.y - b.y)).sqrt() / side;
    let lengths: Vec<f32> = points.windows(2).map(|pair| length_of(&pair[0].0, &pair[1].0)).collect();
    let whole: f32 = lengths.iter().sum();
    // A box of no side makes lengths that are no numbers.
    if !(whole > 0.0 && whole.is_finite()) {
        return None;
    }
    let mut steps = Vec::with_capacity(3 * N_STEPS);
    let (mut segment, mut passed, mut last) = (0, 0.0, points[0].0);
    for step in 1..=N_STEPS {
        let goal = whole * step as f32 / N_STEPS as f32;
        while segment + 1 < lengths.len() && passed + lengths[segment] < goal {
            passed += lengths[segment];
            segment += 1;
        }
        let share = ((goal - passed) / lengths[segment].max(f32::MIN_POSITIVE)).clamp(0.0, 1.0);
        let ((a, _), (b, on_paper)) = (&points[segment], &points[segment + 1]);
        let now = Point { x: a.x + share * (b.x - a.x), y: a.y + share * (b.y - a.y) };
        let byte = |d: f32| (128.5 + 1000.0 * d / side).clamp(0.0, 255.0) as u8;
        steps.extend([byte(now.x - last.x), byte(now.y - last.y), if *on_paper { 255 } else { 0 }]);
        last = now;
    }
    Some(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_are_even_and_know_the_air() {
        let at = |x: f32, y: f32| Point { x, y };
        // Right by 1, back through the air by √2 to below the start, then right again by 1, in any unit.
        let strokes = [vec![at(50.0, 0.0), at(150.0, 0.0)], vec![at(50.0, 100.0), at(150.0, 100.0)]];
        let steps = pen_steps(&strokes).unwrap();
        let rows: Vec<&[u8]> = steps.chunks_exact(3).collect();
        assert_eq!(rows.len(), N_STEPS);
        // Each step is 3.414 / 64 = 0.0533 long.
        assert_eq!(rows[0], [181, 128, 255]);
        assert_eq!(rows[63], [181, 128, 255]);
        assert_eq!(rows[32], [90, 166, 0]);
    }

    #[test]
    fn a_path_of_no_length_has_no_steps() {
        assert_eq!(pen_steps(&[]), None);
        assert_eq!(pen_steps(&[vec![Point { x: 3.0, y: 3.0 }; 5]]), None);
    }
}
