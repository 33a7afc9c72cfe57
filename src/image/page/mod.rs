//! Digits in a photo of a page: found, in the order of reading, each as the 28×28 picture that MNIST networks expect.
//!
//! `ground` turns gray levels into how much of the paper's light is missing, `ruling` takes printed lines off,
//! `patches` finds what hangs together, `marks` tells which patches are one digit and which are none, `rows` the order.

mod ground;
mod marks;
mod patches;
mod rows;
mod ruling;

use super::{Pixels, digit, resize};
use marks::Mark;

/// Larger photos are reduced to this many pixels on the longer side.
const WORK_SIDE: usize = 1600;
/// A lower picture is enlarged: what follows counts in pixels.
const LEAST_SIDE: usize = 400;

/// Thinner lines, in pixels of the prepared digit, become this wide.
const LEAST_PEN: f32 = 2.0;

/// A part of a picture, in pixels; right and bottom just outside.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bounds {
    /// The first column.
    pub left: usize,
    /// The first row.
    pub top: usize,
    /// The column after the last.
    pub right: usize,
    /// The row after the last.
    pub bottom: usize,
}

impl Bounds {
    fn with(&self, other: &Bounds) -> Bounds {
        Bounds {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    fn width(&self) -> usize {
        self.right - self.left
    }

    fn height(&self) -> usize {
        self.bottom - self.top
    }

    /// What is between two boxes, 0 where they meet.
    fn distance(&self, other: &Bounds) -> f32 {
        let gap = |low: usize, high: usize, other_low: usize, other_high: usize| {
            other_low.saturating_sub(high).max(low.saturating_sub(other_high)) as f32
        };
        let across = gap(self.left, self.right, other.left, other.right);
        let down = gap(self.top, self.bottom, other.top, other.bottom);
        (across * across + down * down).sqrt()
    }
}

/// A digit on a page, or what looks as large as one.
#[derive(Clone, Debug, PartialEq)]
pub struct PageDigit {
    /// Its row, from 0 downwards.
    pub row: usize,
    /// Which number of its row it is of, from 0.
    pub number: usize,
    /// Its box in the picture.
    pub bounds: Bounds,
    /// 28×28, light ink on black.
    pub picture: Pixels,
}

/// What may be digits in a photo of a page, in the order of reading; none on an empty page.
///
/// Ink may be darker or lighter than its ground, the light uneven, the paper ruled or squared and turned by up to ten degrees.
/// A transparent picture lies on white. The work grows with the picture's size, which is reduced to 1600 pixels first.
pub fn digits(picture: &Pixels) -> Vec<PageDigit> {
    let longer = picture.width.max(picture.height);
    let work = longer.clamp(LEAST_SIDE, WORK_SIDE);
    let scaled = |side: usize| (side * work).div_ceil(longer);
    let mut depth = {
        let gray = resize::area(&picture.to_gray(), scaled(picture.width), scaled(picture.height));
        ground::depth(&gray)
    };
    let ruling = ruling::remove(&mut depth);
    let (patches, patch_of) = patches::find(&depth, ruling.depth);
    let (marks, usual) = marks::digits(&patches, depth.width, depth.height);
    let boxes: Vec<Bounds> = marks.iter().map(|mark| mark.bounds).collect();
    let in_picture = |at: usize, side: usize| ((at * longer + work / 2) / work).min(side);
    rows::order(&boxes, usual, ruling.slope)
        .into_iter()
        .map(|place| {
            let mark = &marks[place.at];
            let bounds = Bounds {
                left: in_picture(mark.bounds.left, picture.width),
                top: in_picture(mark.bounds.top, picture.height),
                right: in_picture(mark.bounds.right, picture.width),
                bottom: in_picture(mark.bounds.bottom, picture.height),
            };
            let picture = digit::from_ink(ink_of(mark, &depth, &patch_of), LEAST_PEN);
            PageDigit { row: place.row, number: place.number, bounds, picture }
        })
        .collect()
}

/// The ink of a mark, cut out, with its soft edge; 255 is full.
fn ink_of(mark: &Mark, depth: &Pixels, patch_of: &[u32]) -> Pixels {
    let bounds = Bounds {
        left: mark.bounds.left.saturating_sub(1),
        top: mark.bounds.top.saturating_sub(1),
        right: (mark.bounds.right + 1).min(depth.width),
        bottom: (mark.bounds.bottom + 1).min(depth.height),
    };
    let full = u32::from(mark.full.max(1));
    let mut data = vec![0; bounds.width() * bounds.height()];
    for (y, row) in data.chunks_exact_mut(bounds.width()).enumerate() {
        for (x, level) in row.iter_mut().enumerate() {
            let (x, y) = (bounds.left + x, bounds.top + y);
            let own = |x: usize, y: usize| mark.patches.contains(&patch_of[y * depth.width + x]);
            let near = || {
                let rows = y.saturating_sub(1)..(y + 2).min(depth.height);
                rows.flat_map(|y| (x.saturating_sub(1)..(x + 2).min(depth.width)).map(move |x| (x, y)))
                    .any(|(x, y)| own(x, y))
            };
            let number = patch_of[y * depth.width + x];
            if mark.patches.contains(&number) || (number == 0 && near()) {
                *level =
                    ((u32::from(depth.data[y * depth.width + x]) * 255 + full / 2) / full).min(255) as u8;
            }
        }
    }
    Pixels { width: bounds.width(), height: bounds.height(), channels: 1, data }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A 7 in strokes of 8 pixels, 40 wide and 60 high, in two pieces if `broken`.
    fn draw_seven(page: &mut Pixels, x: usize, y: usize, level: u8, broken: bool) {
        let mut fill = |x: usize, y: usize, width: usize, height: usize| {
            for row in y..y + height {
                page.data[row * page.width + x..row * page.width + x + width].fill(level);
            }
        };
        fill(x, y, 40, 8);
        fill(x + 32, if broken { y + 11 } else { y }, 8, 60 - if broken { 11 } else { 0 });
    }

    fn sheet(level: u8) -> Pixels {
        Pixels::new(800, 600, 1, vec![level; 800 * 600]).unwrap()
    }

    #[test]
    fn digits_are_boxed_and_ordered_whatever_the_ground_and_however_large_the_photo() {
        for (ground, ink) in [(230, 40), (50, 220)] {
            let mut page = sheet(ground);
            for (x, y, broken) in
                [(300, 320, false), (100, 330, true), (420, 100, false), (160, 110, false), (100, 105, true)]
            {
                draw_seven(&mut page, x, y, ink, broken);
            }
            // A speck, a dash far away, and the edge of the table.
            page.data[500 * 800 + 600..500 * 800 + 604].fill(ink);
            for y in 420..424 {
                page.data[y * 800 + 600..y * 800 + 640].fill(ink);
            }
            for y in 0..600 {
                page.data[y * 800 + 780..(y + 1) * 800].fill(ink);
            }
            for factor in [1, 3] {
                let large = resize::area(&page, 800 * factor, 600 * factor);
                let found = digits(&large);
                let places: Vec<(usize, usize, usize)> =
                    found.iter().map(|digit| (digit.row, digit.number, digit.bounds.left / factor)).collect();
                let near = |left: usize, wanted: usize| left.abs_diff(wanted) <= 2;
                assert_eq!(places.len(), 5, "{places:?}");
                for (&(row, number, left), wanted) in
                    places.iter().zip([(0, 0, 100), (0, 0, 160), (0, 1, 420), (1, 0, 100), (1, 1, 300)])
                {
                    assert!((row, number) == (wanted.0, wanted.1) && near(left, wanted.2), "{places:?}");
                }
                assert!(found.iter().all(|digit| digit.picture.width == 28 && digit.picture.height == 28));
                let bounds = found[1].bounds;
                assert!(near(bounds.bottom / factor, 170) && near(bounds.right / factor, 200), "{bounds:?}");
            }
        }
    }

    #[test]
    fn empty_noisy_and_tiny_pages_have_no_digits() {
        for level in [0, 128, 255] {
            assert!(digits(&sheet(level)).is_empty());
        }
        let mut noisy = sheet(200);
        let mut rng = crate::rng::Rng::new(3, 0);
        for level in &mut noisy.data {
            *level = (200.0 + 6.0 * rng.normal()) as u8;
        }
        assert!(digits(&noisy).is_empty());
        for (width, height) in [(1, 1), (1, 900), (2000, 2), (7, 7)] {
            assert!(digits(&Pixels::new(width, height, 1, vec![90; width * height]).unwrap()).is_empty());
        }
        assert!(digits(&Pixels::new(50, 50, 4, vec![0; 10_000]).unwrap()).is_empty());
    }
}
