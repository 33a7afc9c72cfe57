//! A picture of one digit, made as the digits of MNIST were made: ink white on black, its box scaled to
//! 20 pixels, its center of mass in the middle of 28×28.
//!
//! Source: <http://yann.lecun.com/exdb/mnist/>: "size normalized to fit in a 20x20 pixel box while
//! preserving their aspect ratio … centered in a 28x28 image by computing the center of mass of the
//! pixels, and translating the image so as to position this point at the center of the 28x28 field".

use super::paper::{Paper, percentile};
use super::{Pixels, crop, resize};

/// Pixels a side of a prepared digit.
pub const SIDE: usize = 28;
/// Pixels of the longer side of the ink's box in it.
pub const INK_SIDE: usize = 20;
/// Larger pictures are reduced to this many pixels on the longer side before ink is sought.
const WORK_SIDE: usize = 1024;
/// Ink that differs less from its paper, in 256 gray levels, is taken for none.
const LEAST_CONTRAST: u8 = 16;
/// MNIST pens are mostly 2 to 3 pixels wide; in a large picture, a thinner line is thickened to this.
/// By their nearest MNIST neighbors, 600 digits of a 3-pixel pen, 500 pixels high, are then read at 87.5 %,
/// about as those of a thick pen (88.0 %); thickened to 1.5 pixels only, at 81.5 %.
const LEAST_PEN: f32 = 2.0;
/// Pixels of the longer side of the ink's box while it is thickened.
const THICKENING_SIDE: usize = 160;

/// The digit in `picture` as a 28×28 gray picture, light ink on black as in MNIST; none when there is no
/// ink (a blank or uniform picture).
///
/// Ink may be darker or lighter than its paper, the light may be uneven, and specks are left out.
/// A transparent picture is looked at over white and, if it shows nothing so, over black.
pub fn prepare(picture: &Pixels) -> Option<Pixels> {
    let small;
    let longer = picture.width.max(picture.height);
    let picture = if longer > WORK_SIDE {
        let shrink = |side: usize| (side * WORK_SIDE).div_ceil(longer);
        small = resize::area(picture, shrink(picture.width), shrink(picture.height));
        &small
    } else {
        picture
    };
    let ink = find_ink(&picture.to_gray())
        .or_else(|| if picture.channels == 4 { find_ink(&picture.gray_over(0)) } else { None })?;
    let is_large = ink.width.max(ink.height) >= 2 * INK_SIDE;
    Some(from_ink(ink, if is_large { LEAST_PEN } else { 0.0 }))
}

/// A digit's ink, cut out, 255 on 0, at the place and of the size that MNIST's have. Lines thinner than `least_pen`, in pixels
/// of the prepared digit, become that wide.
pub(super) fn from_ink(ink: Pixels, least_pen: f32) -> Pixels {
    let ink = if pen_width(&ink) < least_pen { thicken(&ink, least_pen) } else { ink };
    let longer = ink.width.max(ink.height);
    let fit = |side: usize| ((side * INK_SIDE + longer / 2) / longer).max(1);
    let mut digit = resize::area(&ink, fit(ink.width), fit(ink.height));
    stretch(&mut digit.data);
    place(&digit)
}

/// The box of the ink, cut out, ink 255 on 0.
fn find_ink(gray: &Pixels) -> Option<Pixels> {
    let paper = Paper::of(gray);
    let mut depth = ink_depth(gray, &paper);
    let mut counts = [0usize; 256];
    for &level in &depth.data {
        counts[usize::from(level)] += 1;
    }
    // The deepest level that is more than a few stray pixels.
    let mut seen = 0;
    let peak = (0..256usize).rev().find(|&level| {
        seen += counts[level];
        seen > depth.data.len() / 10_000
    })? as u8;
    if peak < LEAST_CONTRAST || f32::from(peak) < 6.0 * paper.noise {
        return None;
    }
    let strong = (peak / 2).max(1);
    // A drawn or upscaled picture has few pixels that are only a trace darker than its paper, and each
    // belongs to an edge. In a photo or JPEG they are many and mean nothing.
    let trace = usize::from(peak / 10);
    let n_traces: usize = counts[1..=trace.max(1)].iter().sum();
    let n_strong: usize = counts[usize::from(strong)..].iter().sum();
    let faintest =
        if n_traces * 2 <= n_strong { 1 } else { (peak / 8).max((3.0 * paper.noise) as u8).min(strong) };
    let [left, top, right, bottom] = keep_ink(&mut depth, faintest, strong)?;

    let mut levels = [0usize; 256];
    for &level in depth.data.iter().filter(|&&level| level >= strong) {
        levels[usize::from(level)] += 1;
    }
    let full = (percentile(&levels, 0.9) as u32).max(1);
    for level in &mut depth.data {
        *level = ((u32::from(*level) * 255 + full / 2) / full).min(255) as u8;
    }
    crop::rectangle(&depth, left, top, right - left, bottom - top).ok()
}

/// How far each pixel differs from the paper towards the ink's side, which is the side with the greater
/// sum of squared differences.
fn ink_depth(gray: &Pixels, paper: &Paper) -> Pixels {
    let ignored = 4.0 * paper.noise + 4.0;
    let (mut darker, mut lighter) = (0.0f64, 0.0f64);
    let for_each = |visit: &mut dyn FnMut(usize, f32)| {
        for y in 0..gray.height {
            let level = paper.row(gray, y);
            for x in 0..gray.width {
                let at = y * gray.width + x;
                visit(at, level(x) - f32::from(gray.data[at]));
            }
        }
    };
    for_each(&mut |_, depth| {
        if depth > ignored {
            darker += f64::from(depth * depth);
        } else if depth < -ignored {
            lighter += f64::from(depth * depth);
        }
    });
    let sign = if darker >= lighter { 1.0 } else { -1.0 };
    let mut data = vec![0; gray.data.len()];
    for_each(&mut |at, depth| data[at] = (sign * depth + 0.5).clamp(0.0, 255.0) as u8);
    Pixels { data, ..gray.clone() }
}

/// One connected patch of pixels.
struct Patch {
    n_strong: usize,
    /// Left, top, right, bottom; right and bottom just outside.
    bounds: [usize; 4],
    n_sides_touched: usize,
}

/// Sets to 0 all that is not ink and returns the box of what is left: left, top, right, bottom.
///
/// Ink are the patches (8-connected pixels of at least `faintest`) with at least 4 % as many strong pixels
/// as the largest has. Patches that touch two sides of the picture are ruled lines, the edge of the table
/// or a shadow, and left out if there is anything else.
fn keep_ink(depth: &mut Pixels, faintest: u8, strong: u8) -> Option<[usize; 4]> {
    let (width, height) = (depth.width, depth.height);
    let mut patch_of = vec![0u32; depth.data.len()];
    let mut patches: Vec<Patch> = Vec::new();
    let mut waiting = Vec::new();
    for start in 0..depth.data.len() {
        if patch_of[start] != 0 || depth.data[start] < strong {
            continue;
        }
        let number = patches.len() as u32 + 1;
        let mut patch = Patch { n_strong: 0, bounds: [width, height, 0, 0], n_sides_touched: 0 };
        patch_of[start] = number;
        waiting.push(start);
        while let Some(at) = waiting.pop() {
            let (x, y) = (at % width, at / width);
            let [left, top, right, bottom] = patch.bounds;
            patch.bounds = [left.min(x), top.min(y), right.max(x + 1), bottom.max(y + 1)];
            patch.n_strong += usize::from(depth.data[at] >= strong);
            for near_y in y.saturating_sub(1)..(y + 2).min(height) {
                for near_x in x.saturating_sub(1)..(x + 2).min(width) {
                    let near = near_y * width + near_x;
                    if patch_of[near] == 0 && depth.data[near] >= faintest {
                        patch_of[near] = number;
                        waiting.push(near);
                    }
                }
            }
        }
        let [left, top, right, bottom] = patch.bounds;
        patch.n_sides_touched = [left == 0, top == 0, right == width, bottom == height]
            .iter()
            .filter(|&&touched| touched)
            .count();
        patches.push(patch);
    }

    let largest = |inner_only: bool| {
        let counted = patches.iter().filter(|patch| !inner_only || patch.n_sides_touched < 2);
        counted.map(|patch| patch.n_strong).max()
    };
    // A few specks inside do not make the only large thing a table edge.
    let all = largest(false)?;
    let inner_only = largest(true).is_some_and(|inner| inner * 20 >= all);
    let least = if inner_only { largest(true)? } else { all }.div_ceil(25);
    let kept = |patch: &Patch| patch.n_strong >= least && (!inner_only || patch.n_sides_touched < 2);
    let mut bounds = [width, height, 0, 0];
    for patch in patches.iter().filter(|patch| kept(patch)) {
        let [left, top, right, bottom] = patch.bounds;
        bounds = [bounds[0].min(left), bounds[1].min(top), bounds[2].max(right), bounds[3].max(bottom)];
    }
    for (level, &number) in depth.data.iter_mut().zip(&patch_of) {
        if number == 0 || !kept(&patches[number as usize - 1]) {
            *level = 0;
        }
    }
    Some(bounds)
}

/// The mean width of the lines in `ink`, 2 · area / outline, in pixels of the prepared digit.
fn pen_width(ink: &Pixels) -> f32 {
    let is_ink = |x: usize, y: usize| x < ink.width && y < ink.height && ink.data[y * ink.width + x] >= 128;
    let (mut n_inside, mut n_edges) = (0u32, 0u32);
    for y in 0..ink.height {
        for x in 0..ink.width {
            if is_ink(x, y) {
                n_inside += 1;
                n_edges += [(x.wrapping_sub(1), y), (x + 1, y), (x, y.wrapping_sub(1)), (x, y + 1)]
                    .iter()
                    .map(|&(x, y)| u32::from(!is_ink(x, y)))
                    .sum::<u32>();
            }
        }
    }
    // Steps along a slanted outline are 4/π times as long as the outline, on average.
    let outline = n_edges.max(1) as f32 * std::f32::consts::FRAC_PI_4;
    2.0 * n_inside as f32 / outline * INK_SIDE as f32 / ink.width.max(ink.height) as f32
}

/// `ink` with its lines `wide` pixels of the prepared digit wide: each pixel takes the greatest level within a circle.
fn thicken(ink: &Pixels, wide: f32) -> Pixels {
    let longer = ink.width.max(ink.height);
    let side = longer.clamp(INK_SIDE, THICKENING_SIDE);
    let scale = |len: usize| ((len * side + longer / 2) / longer).max(1);
    let mut ink = resize::area(ink, scale(ink.width), scale(ink.height));
    stretch(&mut ink.data);
    let radius = (wide - pen_width(&ink)).max(0.0) / 2.0 * side as f32 / INK_SIDE as f32;
    let reach = (radius + 0.5) as usize;
    let (width, height) = (ink.width + 2 * reach, ink.height + 2 * reach);
    let mut data = vec![0u8; width * height];
    for off_y in 0..=2 * reach {
        for off_x in 0..=2 * reach {
            let (from_x, from_y) = (off_x as f32 - reach as f32, off_y as f32 - reach as f32);
            if from_x * from_x + from_y * from_y > (radius + 0.25) * (radius + 0.25) {
                continue;
            }
            for (y, row) in ink.data.chunks_exact(ink.width).enumerate() {
                let start = (y + off_y) * width + off_x;
                for (level, &own) in data[start..start + ink.width].iter_mut().zip(row) {
                    *level = own.max(*level);
                }
            }
        }
    }
    Pixels { width, height, channels: 1, data }
}

/// Scales levels so that the greatest is 255.
fn stretch(data: &mut [u8]) {
    let peak = u32::from(data.iter().copied().max().unwrap_or(0));
    if peak > 0 && peak < 255 {
        for level in data {
            *level = ((u32::from(*level) * 255 + peak / 2) / peak) as u8;
        }
    }
}

/// `ink`, at most 28×28, in a 28×28 picture, moved by whole pixels until its center of mass is nearest to
/// pixel (14, 14), but never cut off.
///
/// Source: measured on MNIST: the centers of mass of its digits lie evenly in 13.5..14.5, in pixel indices.
pub(super) fn place(ink: &Pixels) -> Pixels {
    let (mut mass, mut moment_x, mut moment_y) = (0i64, 0i64, 0i64);
    for (i, &level) in ink.data.iter().enumerate() {
        mass += i64::from(level);
        moment_x += i64::from(level) * (i % ink.width) as i64;
        moment_y += i64::from(level) * (i / ink.width) as i64;
    }
    let mass = mass.max(1);
    let middle = SIDE as i64 / 2;
    // floor(14 − center + ½), exactly.
    let shift = |moment: i64, len: usize| {
        (2 * (middle * mass - moment) + mass).div_euclid(2 * mass).clamp(0, (SIDE - len) as i64) as usize
    };
    let (left, top) = (shift(moment_x, ink.width), shift(moment_y, ink.height));
    let mut data = vec![0; SIDE * SIDE];
    for (y, row) in ink.data.chunks_exact(ink.width).enumerate() {
        let start = (top + y) * SIDE + left;
        data[start..start + ink.width].copy_from_slice(row);
    }
    Pixels { width: SIDE, height: SIDE, channels: 1, data }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    fn sheet(width: usize, height: usize, level: u8) -> Pixels {
        Pixels::new(width, height, 1, vec![level; width * height]).expect("lengths agree")
    }

    fn fill(picture: &mut Pixels, x: usize, y: usize, width: usize, height: usize, level: u8) {
        for row in y..y + height {
            picture.data[row * picture.width + x..row * picture.width + x + width].fill(level);
        }
    }

    /// A 7: a bar and a leg, 120 pixels high, pen 15 wide, at (x, y).
    fn draw_seven(picture: &mut Pixels, x: usize, y: usize, level: u8) {
        fill(picture, x, y, 80, 15, level);
        fill(picture, x + 50, y, 15, 120, level);
    }

    #[test]
    fn blank_uniform_and_merely_noisy_pictures_have_no_digit() {
        for level in [0, 100, 255] {
            assert_eq!(prepare(&sheet(50, 40, level)), None);
        }
        assert_eq!(prepare(&sheet(1, 1, 9)), None);
        let mut noisy = sheet(300, 300, 200);
        let mut rng = Rng::new(4, 0);
        for level in &mut noisy.data {
            *level = (200.0 + 5.0 * rng.normal()) as u8;
        }
        assert_eq!(prepare(&noisy), None);
        let mut slope = sheet(200, 150, 0);
        for (i, level) in slope.data.iter_mut().enumerate() {
            *level = (100 + i % 200 / 2) as u8;
        }
        assert_eq!(prepare(&slope), None);
        assert_eq!(prepare(&Pixels::new(2, 2, 4, vec![0; 16]).expect("sound")), None);
    }

    #[test]
    fn paper_ink_place_and_specks_do_not_matter() {
        let mut plain = sheet(300, 300, 255);
        draw_seven(&mut plain, 100, 100, 0);
        let expected = prepare(&plain).expect("ink");
        let inked: Vec<usize> = (0..784).filter(|&i| expected.data[i] > 0).collect();
        assert_eq!(inked[inked.len() - 1] / 28 - inked[0] / 28 + 1, 20);
        for (paper, ink) in [(255, 0), (0, 255), (200, 120), (40, 110), (128, 100)] {
            for (x, y) in [(1, 1), (100, 100), (215, 175)] {
                let mut moved = sheet(300, 300, paper);
                draw_seven(&mut moved, x, y, ink);
                fill(&mut moved, 270, 20, 4, 4, ink);
                assert_eq!(prepare(&moved).expect("ink"), expected, "{paper} {ink} at {x} {y}");
            }
        }
    }

    #[test]
    fn ruled_lines_beside_a_digit_are_left_out() {
        let mut plain = sheet(300, 300, 250);
        draw_seven(&mut plain, 90, 80, 20);
        let expected = prepare(&plain);
        fill(&mut plain, 0, 40, 300, 2, 60);
        fill(&mut plain, 0, 240, 300, 2, 60);
        assert_eq!(prepare(&plain), expected);
    }

    #[test]
    fn a_hairline_becomes_as_wide_as_a_pen() {
        let mut thin = sheet(400, 400, 255);
        fill(&mut thin, 200, 50, 2, 300, 0);
        fill(&mut thin, 120, 50, 80, 2, 0);
        let digit = prepare(&thin).expect("ink");
        let row = &digit.data[15 * 28..16 * 28];
        let width: u32 = row.iter().map(|&level| u32::from(level)).sum();
        assert!((300..560).contains(&width), "{} pixels wide", width as f32 / 255.0);
    }

    #[test]
    fn ink_on_nothing_is_seen_in_either_color() {
        for ink in [0, 255] {
            let mut data = vec![0; 40 * 40 * 4];
            for y in 8..32 {
                data[(y * 40 + 18) * 4..(y * 40 + 22) * 4].copy_from_slice(&[ink, ink, ink, 255].repeat(4));
            }
            assert!(prepare(&Pixels::new(40, 40, 4, data).expect("sound")).is_some());
        }
    }

    #[test]
    fn the_center_of_mass_lands_nearest_to_pixel_14() {
        let mut bar = sheet(20, 3, 0);
        fill(&mut bar, 0, 0, 6, 3, 255);
        let placed = place(&bar);
        // Mass at columns 0..6 has its middle at 2.5; the empty columns are not cut off.
        assert_eq!(placed.data.iter().position(|&level| level > 0), Some(13 * 28 + 8));
    }
}
