//! Where each pixel comes from, and the one bilinear resampling that fetches it.

use super::elastic::Field;
use crate::kernels::math::sin_cos;

/// A picture's size, and how it lies in a buffer of `[height + 3, width + 3, channels]`: one row and
/// column of surroundings before it and two after, so that no neighbour needs a test for the border.
#[derive(Clone, Copy, Debug)]
pub(super) struct Frame {
    pub(super) height: usize,
    pub(super) width: usize,
    pub(super) channels: usize,
    /// Whether the surroundings repeat the picture's edge; else they are 0.
    pub(super) edge: bool,
}

impl Frame {
    /// Elements of a row with its surroundings.
    pub(super) fn row_len(&self) -> usize {
        (self.width + 3) * self.channels
    }

    /// Elements of a picture with its surroundings.
    pub(super) fn len(&self) -> usize {
        (self.height + 3) * self.row_len()
    }

    /// Puts the bytes of a picture, `[height, width, channels]`, into `framed` as numbers of 0 to 255.
    pub(super) fn place(&self, example: &[u8], framed: &mut [f32]) {
        let (row_len, inside) = (self.row_len(), self.width * self.channels);
        for (row, bytes) in framed.chunks_exact_mut(row_len).skip(1).zip(example.chunks_exact(inside)) {
            for (x, &byte) in row[self.channels..][..inside].iter_mut().zip(bytes) {
                *x = f32::from(byte);
            }
        }
        self.surround(framed);
    }

    /// Brings the surroundings up to date. Black ones never change: the buffer starts as zeros.
    pub(super) fn surround(&self, framed: &mut [f32]) {
        if !self.edge {
            return;
        }
        let (row_len, c) = (self.row_len(), self.channels);
        for row in framed.chunks_exact_mut(row_len).skip(1).take(self.height) {
            let last = self.width * c;
            row.copy_within(c..2 * c, 0);
            row.copy_within(last..last + c, last + c);
            row.copy_within(last..last + c, last + 2 * c);
        }
        let last = self.height * row_len;
        framed.copy_within(row_len..2 * row_len, 0);
        framed.copy_within(last..last + row_len, last + row_len);
        framed.copy_within(last..last + row_len, last + 2 * row_len);
    }
}

/// From a point of the result to the point of the picture it shows, both from the middle:
/// `(m[0] x + m[1] y + t[0], m[2] x + m[3] y + t[1])`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Map {
    pub(super) m: [f32; 4],
    pub(super) t: [f32; 2],
}

/// What is done to a picture, in this order.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Motion {
    /// Factors along x (below 0: mirrored) and y.
    pub(super) scale: [f32; 2],
    /// Degrees by which vertical lines lean.
    pub(super) shear: f32,
    /// Degrees.
    pub(super) rotate: f32,
    /// Pixels to the right and down.
    pub(super) shift: [f32; 2],
}

impl Motion {
    /// The inverse of the motion: scale⁻¹ · shear⁻¹ · rotation⁻¹ · (point − shift).
    pub(super) fn inverse(&self) -> Map {
        let radians = |degrees: f32| degrees * (std::f32::consts::PI / 180.0);
        let (sin, cos) = sin_cos(radians(self.rotate));
        let (shear_sin, shear_cos) = sin_cos(radians(self.shear));
        let lean = shear_sin / shear_cos;
        let [by_x, by_y] = self.scale.map(|factor| 1.0 / factor);
        let m = [(cos + lean * sin) * by_x, (sin - lean * cos) * by_x, -sin * by_y, cos * by_y];
        let [x, y] = self.shift;
        Map { m, t: [-(m[0] * x + m[1] * y), -(m[2] * x + m[3] * y)] }
    }
}

/// Fetches every pixel of `out`, `[height, width, channels]`, from the framed picture, bilinearly,
/// at the place `map` and `field` say. `places` is scratch of `2 * width`.
pub(super) fn resample(
    frame: &Frame,
    framed: &[f32],
    map: &Map,
    mut field: Option<&mut Field>,
    places: &mut [f32],
    out: &mut [f32],
) {
    let middle_x = (frame.width - 1) as f32 * 0.5;
    let middle_y = (frame.height - 1) as f32 * 0.5;
    // The picture begins at 1, 1 of its buffer; one pixel further out all is surroundings.
    let (highest_u, highest_v) = ((frame.width + 1) as f32, (frame.height + 1) as f32);
    let (u, v) = places.split_at_mut(frame.width);
    for (y, out_row) in out.chunks_exact_mut(frame.width * frame.channels).enumerate() {
        let from_middle = y as f32 - middle_y;
        let start_u = map.m[1] * from_middle + (map.t[0] + middle_x + 1.0);
        let start_v = map.m[3] * from_middle + (map.t[1] + middle_y + 1.0);
        for (x, (u, v)) in u.iter_mut().zip(&mut *v).enumerate() {
            let from_middle = x as f32 - middle_x;
            *u = map.m[0] * from_middle + start_u;
            *v = map.m[2] * from_middle + start_v;
        }
        if let Some(field) = &mut field {
            field.add_row(y, u, v);
        }
        for (u, v) in u.iter_mut().zip(&mut *v) {
            *u = within(*u, highest_u);
            *v = within(*v, highest_v);
        }
        match frame.channels {
            1 => fetch_row::<1>(frame.row_len(), framed, u, v, out_row),
            3 => fetch_row::<3>(frame.row_len(), framed, u, v, out_row),
            4 => fetch_row::<4>(frame.row_len(), framed, u, v, out_row),
            c => fetch_row_of(c, frame.row_len(), framed, u, v, out_row),
        }
    }
}

fn within(x: f32, highest: f32) -> f32 {
    let x = if x > 0.0 { x } else { 0.0 };
    if x < highest { x } else { highest }
}

/// [`fetch_row_of`] for a count of channels known to the compiler.
#[inline(never)]
fn fetch_row<const C: usize>(row_len: usize, framed: &[f32], u: &[f32], v: &[f32], out: &mut [f32]) {
    fetch_row_of(C, row_len, framed, u, v, out);
}

#[inline(always)]
fn fetch_row_of(c: usize, row_len: usize, framed: &[f32], u: &[f32], v: &[f32], out: &mut [f32]) {
    for ((pixel, &u), &v) in out.chunks_exact_mut(c).zip(u).zip(v) {
        let (left, upper) = (u as i32, v as i32);
        let (right_share, lower_share) = (u - left as f32, v - upper as f32);
        let corner = upper as usize * row_len + left as usize * c;
        let above = &framed[corner..][..2 * c];
        let below = &framed[corner + row_len..][..2 * c];
        for (i, x) in pixel.iter_mut().enumerate() {
            let top = above[i] + right_share * (above[i + c] - above[i]);
            let bottom = below[i] + right_share * (below[i + c] - below[i]);
            *x = top + lower_share * (bottom - top);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STILL: Motion = Motion { scale: [1.0, 1.0], shear: 0.0, rotate: 0.0, shift: [0.0, 0.0] };

    fn moved(frame: &Frame, example: &[u8], motion: &Motion) -> Vec<f32> {
        let mut framed = vec![0.0; frame.len()];
        frame.place(example, &mut framed);
        let mut out = vec![0.0; example.len()];
        resample(frame, &framed, &motion.inverse(), None, &mut vec![0.0; 2 * frame.width], &mut out);
        out
    }

    fn example(frame: &Frame) -> Vec<u8> {
        (0..frame.height * frame.width * frame.channels).map(|i| (i * 89 % 251) as u8).collect()
    }

    /// What `motion` gives must be what `from` says: the place in the picture for a place in the result.
    fn check(motion: &Motion, edge: bool, tolerance: f32, from: impl Fn(i32, i32, i32, i32) -> (i32, i32)) {
        for (height, width) in [(5, 5), (6, 6), (1, 1), (7, 7)] {
            for channels in [1, 2, 3, 4] {
                let frame = Frame { height, width, channels, edge };
                let (picture, (h, w)) = (example(&frame), (height as i32, width as i32));
                let got = moved(&frame, &picture, motion);
                for (i, got) in got.iter().enumerate() {
                    let (pixel, channel) = (i / channels, i % channels);
                    let (y, x) = from((pixel / width) as i32, (pixel % width) as i32, h, w);
                    let (inner_y, inner_x) = (y.clamp(0, h - 1), x.clamp(0, w - 1));
                    let outside = (inner_y, inner_x) != (y, x);
                    let place = (inner_y as usize * width + inner_x as usize) * channels + channel;
                    let want = if outside && !edge { 0.0 } else { f32::from(picture[place]) };
                    assert!(
                        (got - want).abs() <= tolerance,
                        "{motion:?} {height}×{width}×{channels} at {i}: {got}, not {want}"
                    );
                }
            }
        }
    }

    #[test]
    fn standing_still_is_exact() {
        check(&STILL, false, 0.0, |y, x, _, _| (y, x));
    }

    #[test]
    fn shifts_by_whole_pixels_are_exact() {
        for (right, down) in [(1, 0), (0, -1), (-2, 3), (40, 0), (0, -40)] {
            let motion = Motion { shift: [right as f32, down as f32], ..STILL };
            for edge in [false, true] {
                check(&motion, edge, 0.0, |y, x, _, _| (y - down, x - right));
            }
        }
    }

    #[test]
    fn mirroring_is_exact() {
        check(&Motion { scale: [-1.0, 1.0], ..STILL }, false, 0.0, |y, x, _, w| (y, w - 1 - x));
    }

    #[test]
    fn a_quarter_turn_moves_rows_to_columns() {
        // y points down, so the turn is clockwise.
        check(&Motion { rotate: 90.0, ..STILL }, true, 0.01, |y, x, h, _| (h - 1 - x, y));
        check(&Motion { rotate: 180.0, ..STILL }, true, 0.01, |y, x, h, w| (h - 1 - y, w - 1 - x));
    }

    #[test]
    fn a_shear_of_45_degrees_moves_each_row_by_its_height() {
        let motion = Motion { shear: 45.0, ..STILL };
        let frame = Frame { height: 5, width: 5, channels: 1, edge: false };
        let picture = example(&frame);
        let got = moved(&frame, &picture, &motion);
        for y in 0..5i32 {
            for x in 0..5i32 {
                let from = x - (y - 2);
                let want =
                    if (0..5).contains(&from) { f32::from(picture[(y * 5 + from) as usize]) } else { 0.0 };
                assert!((got[(y * 5 + x) as usize] - want).abs() < 0.01, "{y} {x}");
            }
        }
    }

    #[test]
    fn motions_are_applied_from_scale_to_shift() {
        let motion = Motion { scale: [1.5, 0.7], shear: 20.0, rotate: 33.0, shift: [2.0, -3.0] };
        let map = motion.inverse();
        let f = |degrees: f64| degrees.to_radians();
        for (x, y) in [(1.0f64, 0.0), (0.0, 1.0), (-3.0, 2.5)] {
            let (a, b) = (x * 1.5, y * 0.7);
            let a = a + f(20.0).tan() * b;
            let (a, b) = (f(33.0).cos() * a - f(33.0).sin() * b, f(33.0).sin() * a + f(33.0).cos() * b);
            let (a, b) = ((a + 2.0) as f32, (b - 3.0) as f32);
            let back = [map.m[0] * a + map.m[1] * b + map.t[0], map.m[2] * a + map.m[3] * b + map.t[1]];
            assert!(
                (back[0] - x as f32).abs() < 1e-5 && (back[1] - y as f32).abs() < 1e-5,
                "{back:?} {x} {y}"
            );
        }
    }
}
