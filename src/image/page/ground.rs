//! How dark each pixel is against the paper around it, whatever the light, and whether ink is dark or light.

use crate::image::{Pixels, resize};

/// The paper is looked for in a picture reduced by this factor.
const REDUCED: usize = 4;
/// Half the window in which the brightest is paper, as a part of the shorter side: ink is narrower than the window.
const REACH: usize = 12;
/// Halves of the widths up to which something is thin, in the reduced picture, the finest first.
const THIN: [usize; 4] = [2, 4, 8, 16];
/// What is thin and stands out by this much is ink or a printed line, if there is more of it than this part of the picture.
const STANDS_OUT: u8 = 14;
/// See `STANDS_OUT`.
const RAREST: usize = 3000;

/// The share of the paper's light that is missing at each pixel, 255 for all of it. Ink lighter than its ground, as on a
/// board, is turned around first.
///
/// The paper is the closing of the picture: the least, within a window, of the greatest within a window. It follows shadows
/// with hard edges as well as a slope, and fills whatever is dark and narrower than the window.
pub fn depth(gray: &Pixels) -> Pixels {
    let (width, height) = (gray.width.div_ceil(REDUCED), gray.height.div_ceil(REDUCED));
    let mut gray = gray.clone();
    let mut small = resize::area(&gray, width, height);
    if is_light_on_dark(&small) {
        for picture in [&mut gray, &mut small] {
            picture.data.iter_mut().for_each(|level| *level = 255 - *level);
        }
    }
    let reach = (width.min(height) / REACH).max(2);
    // One more on the way back: at an edge the paper is as dark as its dark side.
    let closed = extreme(&extreme(&small, reach, u8::max), reach + 1, u8::min);
    let paper = resize::area(&mean(&closed, 1), gray.width, gray.height);
    let data = gray.data.iter().zip(&paper.data).map(|(&level, &paper)| {
        let missing = u32::from(paper.saturating_sub(level)) * 255;
        (missing / u32::from(paper.max(1))) as u8
    });
    Pixels { data: data.collect(), ..gray }
}

/// Whether thin structures are lighter than what is around them: lines of ink are thin, paper is not. The finest structures
/// that there are decide, since between thick lines the paper is thin too. Edges of shadows and of the paper are no structure.
fn is_light_on_dark(small: &Pixels) -> bool {
    let least = small.data.len() / RAREST;
    for reach in THIN {
        let closed = extreme(&extreme(small, reach, u8::max), reach, u8::min);
        let opened = extreme(&extreme(small, reach, u8::min), reach, u8::max);
        // How many pixels stand out, and how much.
        let sum = |of: &mut dyn Iterator<Item = u8>| {
            of.filter(|&off| off >= STANDS_OUT)
                .fold((0, 0u64), |(n, sum), off| (n + 1, sum + u64::from(off) * u64::from(off)))
        };
        let (n_dark, dark) =
            sum(&mut closed.data.iter().zip(&small.data).map(|(&closed, &own)| closed - own));
        let (n_light, light) =
            sum(&mut opened.data.iter().zip(&small.data).map(|(&opened, &own)| own - opened));
        if n_dark.max(n_light) > least {
            return light > dark;
        }
    }
    false
}

/// The least or the greatest level within `reach` to all sides.
fn extreme(picture: &Pixels, reach: usize, of: fn(u8, u8) -> u8) -> Pixels {
    let along = |picture: &Pixels| {
        // Rows become columns, so that twice the same makes a square.
        let (width, height) = (picture.width, picture.height);
        let mut data = vec![0; width * height];
        for (y, row) in picture.data.chunks_exact(width).enumerate() {
            for x in 0..width {
                let window = &row[x.saturating_sub(reach)..(x + reach + 1).min(width)];
                data[x * height + y] = window.iter().copied().fold(window[0], of);
            }
        }
        Pixels { width: height, height: width, channels: 1, data }
    };
    along(&along(picture))
}

/// The mean level within `reach` to all sides.
fn mean(picture: &Pixels, reach: usize) -> Pixels {
    let along = |picture: &Pixels| {
        let (width, height) = (picture.width, picture.height);
        let mut data = vec![0; width * height];
        let mut sums = vec![0u32; width + 1];
        for (y, row) in picture.data.chunks_exact(width).enumerate() {
            for (x, &level) in row.iter().enumerate() {
                sums[x + 1] = sums[x] + u32::from(level);
            }
            for x in 0..width {
                let (from, to) = (x.saturating_sub(reach), (x + reach + 1).min(width));
                data[x * height + y] = ((sums[to] - sums[from]) / (to - from) as u32) as u8;
            }
        }
        Pixels { width: height, height: width, channels: 1, data }
    };
    along(&along(picture))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ink_is_deep_and_paper_is_not_in_light_and_in_shadow() {
        // Bright on the left, a third as bright beyond a hard edge; a bar of ink that takes half of the light in each.
        let mut data = vec![240; 400 * 300];
        for y in 0..300 {
            data[y * 400 + 200..y * 400 + 400].fill(80);
            if (100..180).contains(&y) {
                data[y * 400 + 60..y * 400 + 68].fill(120);
                data[y * 400 + 300..y * 400 + 308].fill(40);
            }
        }
        for turned in [false, true] {
            let mut gray = Pixels::new(400, 300, 1, data.clone()).unwrap();
            if turned {
                gray.data.iter_mut().for_each(|level| *level = 255 - *level);
            }
            let depth = depth(&gray);
            let at = |x: usize, y: usize| depth.data[y * 400 + x];
            for x in [64, 304] {
                assert!((120..=135).contains(&at(x, 140)), "{}", at(x, 140));
            }
            for x in [30, 100, 260, 380] {
                assert!(at(x, 140) < 10, "{} at {x}", at(x, 140));
            }
        }
    }
}
