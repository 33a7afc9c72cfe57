//! Thicker and thinner strokes: grey dilation and erosion by fractions of a pixel.
//!
//! Pictures are `[h, row_len]` with a frame around them (see [`Frame`]); neighbours of a value are
//! those of its own channel.

use super::warp::Frame;

/// The shares of the cross of 5 pixels and of the square of 9 in one step. The cross moves a
/// diagonal edge by 0.7 pixels and the square by 1.4; together all edges move by about 1.
const CROSS: f32 = 0.6;

/// Room for one picture and its frame, twice, and for one row by one.
#[derive(Debug)]
pub(super) struct StrokeWidth {
    spare: Vec<f32>,
    opened: Vec<f32>,
}

impl StrokeWidth {
    pub(super) fn new(frame: &Frame) -> StrokeWidth {
        StrokeWidth { spare: vec![0.0; frame.len()], opened: vec![0.0; frame.len()] }
    }

    /// Moves the edges of what is bright outwards by `by` pixels, inwards when negative.
    ///
    /// Thinning keeps the ridges of strokes, so that thin ones do not break up or fade:
    /// x becomes erosion(x) + (x − opening(x)).
    ///
    /// Source: the erosion and its residue are one step of Lantuéjoul's skeleton (1978).
    pub(super) fn apply(&mut self, frame: &Frame, picture: &mut [f32], by: f32) {
        let mut left = by.abs();
        while left > 0.0 {
            let share = left.min(1.0);
            left -= share;
            if by > 0.0 {
                extreme(frame, picture, &mut self.spare, larger);
                blend(picture, &self.spare, share);
            } else {
                extreme(frame, picture, &mut self.spare, smaller);
                frame.surround(&mut self.spare);
                extreme(frame, &self.spare, &mut self.opened, larger);
                for ((eroded, &opened), &x) in self.spare.iter_mut().zip(&self.opened).zip(&*picture) {
                    *eroded += larger(x - opened, 0.0);
                }
                blend(picture, &self.spare, share);
            }
            frame.surround(picture);
        }
    }
}

fn larger(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

fn smaller(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

fn blend(picture: &mut [f32], other: &[f32], share: f32) {
    for (x, &other) in picture.iter_mut().zip(other) {
        *x += share * (other - *x);
    }
}

/// The largest or smallest value around each: [`CROSS`] of that in the cross, the rest of that in
/// the square. The frame of `to` is left as it is.
fn extreme(frame: &Frame, from: &[f32], to: &mut [f32], pick: fn(f32, f32) -> f32) {
    // Two monomorphic loops rather than a call through a pointer for each value.
    if pick(0.0, 1.0) == 1.0 {
        extreme_by(frame, from, to, larger)
    } else {
        extreme_by(frame, from, to, smaller)
    }
}

fn extreme_by(frame: &Frame, from: &[f32], to: &mut [f32], pick: impl Fn(f32, f32) -> f32) {
    let (c, row_len, inside) = (frame.channels, frame.row_len(), frame.width * frame.channels);
    for y in 1..=frame.height {
        let row = |y: usize, x: usize| &from[y * row_len + x..][..inside];
        let [above_left, above, above_right] = [0, c, 2 * c].map(|x| row(y - 1, x));
        let [left, here, right] = [0, c, 2 * c].map(|x| row(y, x));
        let [below_left, below, below_right] = [0, c, 2 * c].map(|x| row(y + 1, x));
        let to = &mut to[y * row_len + c..][..inside];
        for x in 0..inside {
            let cross = pick(pick(pick(left[x], right[x]), pick(above[x], below[x])), here[x]);
            let corners = pick(pick(above_left[x], above_right[x]), pick(below_left[x], below_right[x]));
            to[x] = cross + (1.0 - CROSS) * (pick(cross, corners) - cross);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FRAME: Frame = Frame { height: 12, width: 12, channels: 1, edge: false };

    fn vertical_stroke(width: usize) -> Vec<f32> {
        let mut picture = vec![0.0; FRAME.len()];
        for y in 1..=12 {
            for x in 5..5 + width {
                picture[y * FRAME.row_len() + x] = 255.0;
            }
        }
        picture
    }

    /// The ink across the stroke, in pixels.
    fn width_of(picture: &[f32]) -> f32 {
        picture[6 * FRAME.row_len()..7 * FRAME.row_len()].iter().sum::<f32>() / 255.0
    }

    fn changed(width: usize, by: f32) -> Vec<f32> {
        let mut picture = vertical_stroke(width);
        StrokeWidth::new(&FRAME).apply(&FRAME, &mut picture, by);
        picture
    }

    #[test]
    fn each_edge_moves_by_the_fraction_asked_for() {
        for (width, by, want) in
            [(2, 0.5, 3.0), (2, 1.0, 4.0), (3, 1.25, 5.5), (4, -0.5, 3.0), (5, -1.0, 3.0), (6, -2.0, 2.0)]
        {
            let got = width_of(&changed(width, by));
            assert!((got - want).abs() < 1e-4, "{width} by {by}: {got}, not {want}");
        }
    }

    #[test]
    fn thin_strokes_keep_their_brightness_when_thinned() {
        for width in [1, 2] {
            assert_eq!(changed(width, -1.0), vertical_stroke(width));
        }
    }

    #[test]
    fn thicker_is_never_darker_and_thinner_never_brighter() {
        let mut rng = crate::rng::Rng::new(4, 4);
        for _ in 0..20 {
            let mut picture = vec![0.0; FRAME.len()];
            for y in 1..=12 {
                for x in 1..=12 {
                    picture[y * FRAME.row_len() + x] = (rng.below(2) * rng.below(256)) as f32;
                }
            }
            for by in [0.3, 1.7] {
                let (mut thick, mut thin) = (picture.clone(), picture.clone());
                let mut strokes = StrokeWidth::new(&FRAME);
                strokes.apply(&FRAME, &mut thick, by);
                strokes.apply(&FRAME, &mut thin, -by);
                for ((&thin, &was), &thick) in thin.iter().zip(&picture).zip(&thick) {
                    assert!(-1e-3 <= thin && thin <= was + 1e-3 && was <= thick && thick <= 255.001);
                }
            }
        }
    }
}
