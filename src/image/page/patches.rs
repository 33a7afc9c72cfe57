//! Ink on the page as patches: pixels that hang together.

use super::Bounds;
use crate::image::Pixels;

/// Pixels a side of the squares in which the deepest pixel is sought.
const CELL: usize = 8;
/// A pixel is ink if it has this share of the deepest level around it.
const SHARE: u32 = 45;
/// Cells to all sides that count as around.
const AROUND: usize = 3;
/// Shallower than this, of 255, is never ink.
const LEAST: u8 = 24;

/// Of a line's depth, what may be left where it was.
const LEFT: u32 = 100;

/// Pixels of ink that hang together.
#[derive(Clone, Debug)]
pub struct Patch {
    pub bounds: Bounds,
    pub n_pixels: usize,
    /// The level that nine in ten of its pixels do not exceed.
    pub full: u8,
    /// Of each row from the top: the first and the last column with ink.
    pub extents: Vec<(usize, usize)>,
}

/// The patches, and of each pixel its patch's number, from 1; 0 for none. `printed` is how deep the lines were that were taken
/// off.
pub fn find(depth: &Pixels, printed: u8) -> (Vec<Patch>, Vec<u32>) {
    let ink = ink(depth, least(printed));
    let (width, height) = (depth.width, depth.height);
    let mut patch_of = vec![0u32; width * height];
    let mut patches = Vec::new();
    let mut pixels: Vec<usize> = Vec::new();
    for start in 0..ink.len() {
        if !ink[start] || patch_of[start] != 0 {
            continue;
        }
        let number = patches.len() as u32 + 1;
        pixels.clear();
        pixels.push(start);
        patch_of[start] = number;
        let mut next = 0;
        while let Some(&at) = pixels.get(next) {
            next += 1;
            let (x, y) = (at % width, at / width);
            for near_y in y.saturating_sub(1)..(y + 2).min(height) {
                for near_x in x.saturating_sub(1)..(x + 2).min(width) {
                    let near = near_y * width + near_x;
                    if ink[near] && patch_of[near] == 0 {
                        patch_of[near] = number;
                        pixels.push(near);
                    }
                }
            }
        }
        patches.push(Patch::of(&pixels, depth));
    }
    (patches, patch_of)
}

impl Patch {
    fn of(pixels: &[usize], depth: &Pixels) -> Patch {
        let width = depth.width;
        let mut bounds = Bounds { left: width, top: depth.height, right: 0, bottom: 0 };
        let mut counts = [0usize; 256];
        for &at in pixels {
            let (x, y) = (at % width, at / width);
            bounds = bounds.with(&Bounds { left: x, top: y, right: x + 1, bottom: y + 1 });
            counts[usize::from(depth.data[at])] += 1;
        }
        let mut extents = vec![(width, 0); bounds.height()];
        for &at in pixels {
            let extent = &mut extents[at / width - bounds.top];
            *extent = (extent.0.min(at % width), extent.1.max(at % width));
        }
        let full = crate::image::paper::percentile(&counts, 0.9) as u8;
        Patch { bounds, n_pixels: pixels.len(), full, extents }
    }
}

/// What ink must reach where lines were taken off, of which some is left.
fn least(printed: u8) -> u8 {
    LEAST.max((u32::from(printed) * LEFT / 100) as u8)
}

/// Which pixels are ink: those with a good part of the deepest level around them, and deeper than the paper's noise.
fn ink(depth: &Pixels, least: u8) -> Vec<bool> {
    let (width, height) = (depth.width, depth.height);
    let (columns, rows) = (width.div_ceil(CELL), height.div_ceil(CELL));
    let mut deepest = vec![0u8; columns * rows];
    let mut counts = [0usize; 256];
    for (y, row) in depth.data.chunks_exact(width).enumerate() {
        let cells = &mut deepest[y / CELL * columns..][..columns];
        for (levels, cell) in row.chunks(CELL).zip(cells) {
            for &level in levels {
                *cell = level.max(*cell);
                counts[usize::from(level)] += 1;
            }
        }
    }
    let percentile = |share: f64| crate::image::paper::percentile(&counts, share);
    // Most of a page is paper: half its spread is that of its noise.
    let noise = percentile(0.75) - percentile(0.25);
    let least = least.max((percentile(0.5) + 4 * noise).min(200) as u8);
    let thresholds: Vec<u8> = (0..columns * rows)
        .map(|cell| {
            let (x, y) = (cell % columns, cell / columns);
            let mut most = 0;
            for near_y in y.saturating_sub(AROUND)..(y + AROUND + 1).min(rows) {
                let near =
                    &deepest[near_y * columns..][x.saturating_sub(AROUND)..(x + AROUND + 1).min(columns)];
                most = near.iter().copied().fold(most, u8::max);
            }
            least.max((u32::from(most) * SHARE / 100) as u8)
        })
        .collect();
    let of =
        |(at, &level): (usize, &u8)| level >= thresholds[at / width / CELL * columns + at % width / CELL];
    depth.data.iter().enumerate().map(of).collect()
}
