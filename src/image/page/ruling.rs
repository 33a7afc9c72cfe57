//! Lines printed on the paper: found by their length, and taken off as the light that they take.

use std::ops::Range;

use crate::image::Pixels;

/// Columns in which a line is taken for straight.
const STRIP: usize = 64;
/// Slopes that are tried, to both sides: rows a column.
const STEEPEST: f32 = 0.2;
/// Steps between slopes, over a strip: a pixel.
const SLOPE_STEP: f32 = 1.0 / STRIP as f32;
/// Steps by which a line's slope may differ from the common one.
const APART: i32 = 7;
/// Parts of a strip that each have a slope of their own.
const BLOCKS: usize = 6;
/// Rows to both sides of a line's middle that may belong to it.
const HALF: usize = 8;
/// A line is deeper than the paper beside it by this, of 255.
const LEAST_DEPTH: f32 = 7.0;
/// Ink deeper than this counts no more than this.
const CAP: u8 = 110;
/// A line is found in this share of the strips it crosses, which are at least this share of all.
const LEAST_FOUND: f32 = 0.6;
/// See `LEAST_FOUND`.
const LEAST_LENGTH: f32 = 0.4;
/// Strips of a line that goes out of the picture, if there are longer ones.
const SHORT: usize = 3;
/// Columns of a strip in which a line is there: a stroke ends within it.
const LEAST_COVERED: f32 = 0.85;
/// A line this many times as deep as the page's lines is written.
const WRITTEN: u8 = 2;

/// What was printed on the paper.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Ruling {
    /// Rows that the lines across sink, a column, if there are any.
    pub slope: Option<f32>,
    /// How deep the lines were.
    pub depth: u8,
}

/// Takes the printed lines off `depth`, those across and those down.
pub fn remove(depth: &mut Pixels) -> Ruling {
    let across = remove_across(depth);
    let mut turned = transposed(depth);
    let down = remove_across(&mut turned);
    if down.slope.is_some() {
        *depth = transposed(&turned);
    }
    Ruling { slope: across.slope, depth: across.depth.max(down.depth) }
}

fn transposed(picture: &Pixels) -> Pixels {
    let (width, height) = (picture.width, picture.height);
    let mut data = vec![0; width * height];
    for (y, row) in picture.data.chunks_exact(width).enumerate() {
        for (x, &level) in row.iter().enumerate() {
            data[x * height + y] = level;
        }
    }
    Pixels { width: height, height: width, channels: 1, data }
}

/// Where a line crosses a strip.
#[derive(Clone, Copy)]
struct Crossing {
    /// The row in the strip's middle.
    row: usize,
    slope: f32,
}

/// A line: its crossings by strip.
struct Line {
    crossings: Vec<Option<Crossing>>,
    last: usize,
}

impl Line {
    fn n_spanned(&self) -> usize {
        self.last + 1 - self.first()
    }

    fn first(&self) -> usize {
        self.crossings.iter().position(Option::is_some).unwrap_or(0)
    }

    fn is_dense(&self) -> bool {
        let n_found = self.crossings.iter().flatten().count();
        n_found as f32 >= LEAST_FOUND * self.n_spanned() as f32
    }

    /// Whether it is too long and straight for anything written.
    fn is_found(&self, n_strips: usize) -> bool {
        self.is_dense() && self.n_spanned() as f32 >= LEAST_LENGTH * n_strips as f32
    }

    /// Whether a shorter one goes out of the picture: among longer ones, one more of them.
    fn leaves(&self, n_strips: usize, height: usize) -> bool {
        let (first, last) = (self.first(), self.last);
        let is_out = |strip: usize| {
            let row = self.crossings[strip].map_or(0, |crossing| crossing.row);
            row < STRIP / 2 || row + STRIP / 2 > height
        };
        let ends = first == 0 || last + 1 == n_strips || is_out(first) || is_out(last);
        ends && self.is_dense() && self.n_spanned() >= SHORT
    }
}

fn remove_across(depth: &mut Pixels) -> Ruling {
    let n_strips = depth.width / STRIP;
    if n_strips < 4 || depth.height < 8 * HALF {
        return Ruling::default();
    }
    let strips: Vec<Strip> = (0..n_strips).map(|strip| Strip::of(depth, strip)).collect();
    let common = common_slope(&strips);
    let mut lines: Vec<Line> = Vec::new();
    for (strip, sums) in strips.iter().enumerate() {
        let profiles: Vec<(f32, Vec<f32>)> = (-APART..=APART)
            .map(|step| common + step as f32 * SLOPE_STEP)
            .map(|slope| (slope, sums.profile(slope)))
            .collect();
        // Seen from a slant, lines that are level on the paper have a slope of their own in each part of the picture.
        let block = depth.height.div_ceil(BLOCKS);
        for from in (0..depth.height).step_by(block) {
            let rows = from..(from + block).min(depth.height);
            let best =
                profiles.iter().map(|(slope, profile)| (contrast(profile, rows.clone()), *slope, profile));
            let Some((_, slope, profile)) = best.reduce(|a, b| if b.0 > a.0 { b } else { a }) else {
                continue;
            };
            for row in peaks(profile, rows) {
                let crossing = Crossing { row, slope };
                let height = profile[row] - profile[row - HALF].max(profile[row + HALF]);
                if share_covered(depth, strip, crossing, profile[row] - height / 2.0) < LEAST_COVERED {
                    continue;
                }
                follow(&mut lines, strip, n_strips, crossing);
            }
        }
    }
    let longest = lines.iter().filter(|line| line.is_found(n_strips)).count();
    let leaves = |line: &Line| line.leaves(n_strips, depth.height);
    lines.retain(|line| line.is_found(n_strips) || (longest > 1 && leaves(line)));
    if lines.is_empty() {
        return Ruling::default();
    }
    let sections: Vec<Sections> = lines.iter().map(|line| Sections::of(depth, line)).collect();
    // All lines of a page are about as deep, but for one at the margin.
    let mut depths: Vec<u8> = lines.iter().map(|line| ridge(depth, line)).collect();
    let middle = depths.len() / 2;
    let deepest =
        depths.select_nth_unstable(middle).1.saturating_mul(WRITTEN).saturating_add(LEAST_DEPTH as u8);
    for (line, sections) in lines.iter().zip(&sections) {
        take_off(depth, line, sections, deepest);
    }
    Ruling { slope: Some(common), depth: depths[middle] }
}

/// Puts a crossing to the line that it goes on, or begins a new one.
fn follow(lines: &mut Vec<Line>, strip: usize, n_strips: usize, crossing: Crossing) {
    let off = |line: &Line| {
        let before = line.crossings[line.last]?;
        let gap = strip - line.last;
        let expected = before.row as f32 + 0.5 * (before.slope + crossing.slope) * (gap * STRIP) as f32;
        let off = (expected - crossing.row as f32).abs();
        ((1..=4).contains(&gap) && off <= 2.0 + gap as f32).then_some(off)
    };
    let nearest =
        lines.iter_mut().filter_map(|line| Some((off(line)?, line))).min_by(|a, b| a.0.total_cmp(&b.0));
    match nearest {
        Some((_, line)) => {
            line.crossings[strip] = Some(crossing);
            line.last = strip;
        }
        None => {
            let mut crossings = vec![None; n_strips];
            crossings[strip] = Some(crossing);
            lines.push(Line { crossings, last: strip });
        }
    }
}

/// The slope at which rows differ most from their neighbors, over the whole picture.
fn common_slope(strips: &[Strip]) -> f32 {
    let n_steps = (STEEPEST / SLOPE_STEP) as i32;
    let mut best = (0.0, 0.0);
    for step in -n_steps..=n_steps {
        let slope = step as f32 * SLOPE_STEP;
        let sum: f32 = strips
            .iter()
            .map(|strip| {
                let profile = strip.profile(slope);
                contrast(&profile, 0..profile.len())
            })
            .sum();
        if sum > best.0 {
            best = (sum, slope);
        }
    }
    best.1
}

/// Of each row of a strip, the depths from its first column on, added up.
struct Strip {
    sums: Vec<[u16; STRIP + 1]>,
}

impl Strip {
    fn of(depth: &Pixels, strip: usize) -> Strip {
        let rows = depth.data.chunks_exact(depth.width);
        let sums = rows.map(|row| {
            let mut sums = [0; STRIP + 1];
            for (x, &level) in row[strip * STRIP..][..STRIP].iter().enumerate() {
                sums[x + 1] = sums[x] + u16::from(level.min(CAP));
            }
            sums
        });
        Strip { sums: sums.collect() }
    }

    /// The mean depth along each row that has this slope.
    fn profile(&self, slope: f32) -> Vec<f32> {
        let height = self.sums.len();
        let mut profile = vec![0.0; height];
        let mut from = 0;
        while from < STRIP {
            let shift = shift_at(from, slope);
            let to = (from..STRIP).find(|&x| shift_at(x, slope) != shift).unwrap_or(STRIP);
            let first = (-shift).max(0) as usize;
            let rows = self.sums.iter().skip(shift.max(0) as usize);
            for (value, sums) in profile.iter_mut().skip(first).zip(rows) {
                *value += f32::from(sums[to] - sums[from]) / STRIP as f32;
            }
            from = to;
        }
        profile
    }
}

/// How many rows lower a sloping row is at column `x` of a strip than in its middle.
fn shift_at(x: usize, slope: f32) -> isize {
    let exact = (x as f32 + 0.5 - STRIP as f32 / 2.0) * slope;
    (exact + 1000.5) as isize - 1000
}

/// Σ (how much a row stands out of the rows beside it)².
fn contrast(profile: &[f32], rows: Range<usize>) -> f32 {
    let stands_out = |at: usize| (profile[at] - 0.5 * (profile[at - HALF] + profile[at + HALF])).max(0.0);
    inner(profile, rows).map(|at| stands_out(at) * stands_out(at)).sum()
}

/// The rows that stand out as a line does.
fn peaks(profile: &[f32], rows: Range<usize>) -> Vec<usize> {
    let is_peak = |&at: &usize| {
        let own = profile[at];
        let around = &profile[at - HALF..=at + HALF];
        let beside = profile[at - HALF].max(profile[at + HALF]);
        own - beside >= LEAST_DEPTH && around.iter().all(|&other| other <= own)
    };
    inner(profile, rows).filter(is_peak).collect()
}

/// The share of a strip's columns in which a line is deeper than `least`.
fn share_covered(depth: &Pixels, strip: usize, crossing: Crossing, least: f32) -> f32 {
    let is_covered = |&x: &usize| {
        let row = crossing.row as isize + shift_at(x, crossing.slope);
        (row - 1..=row + 1).any(|row| {
            (0..depth.height as isize).contains(&row)
                && f32::from(depth.data[row as usize * depth.width + strip * STRIP + x]) >= least
        })
    };
    (0..STRIP).filter(is_covered).count() as f32 / STRIP as f32
}

/// How deep a line usually is where it is deepest.
fn ridge(depth: &Pixels, line: &Line) -> u8 {
    let mut levels = Vec::new();
    for (strip, crossing) in line.crossings.iter().enumerate() {
        let Some(crossing) = crossing else { continue };
        for x in (0..STRIP).step_by(4) {
            let row = crossing.row as isize + shift_at(x, crossing.slope);
            let rows = (row - 1).max(0)..(row + 2).min(depth.height as isize);
            levels.extend(rows.map(|row| depth.data[row as usize * depth.width + strip * STRIP + x]).max());
        }
    }
    let middle = levels.len() / 2;
    *levels.select_nth_unstable(middle).1
}

/// Those of the rows that have enough rows beside them.
fn inner(profile: &[f32], rows: Range<usize>) -> Range<usize> {
    rows.start.max(HALF)..rows.end.min(profile.len().saturating_sub(HALF))
}

/// A line's own depth at each distance from its middle.
struct Sections {
    by_strip: Vec<Option<[u8; 2 * HALF + 1]>>,
    usual: [u8; 2 * HALF + 1],
}

impl Sections {
    fn of(depth: &Pixels, line: &Line) -> Sections {
        let crossings = line.crossings.iter().enumerate();
        let by_strip: Vec<Option<[u8; 2 * HALF + 1]>> =
            crossings.map(|(strip, crossing)| Some(cross_section(depth, strip, (*crossing)?))).collect();
        let usual = std::array::from_fn(|at| {
            let mut all: Vec<u8> = by_strip.iter().flatten().map(|section| section[at]).collect();
            let middle = all.len() / 2;
            *all.select_nth_unstable(middle).1
        });
        Sections { by_strip, usual }
    }
}

/// Gives back the light that the line took: what is left is (1 − depth) / (1 − the line's). Where ink covers it, it took as much
/// as usual, and at most `deepest`.
fn take_off(depth: &mut Pixels, line: &Line, sections: &Sections, deepest: u8) {
    let (width, n_strips, first) = (depth.width, line.crossings.len(), line.first());
    let usual = sections.usual.map(|takes| takes.min(deepest));
    for strip in 0..n_strips {
        let nearest = |away: usize| {
            let [before, after] = [strip.checked_sub(away), strip.checked_add(away)];
            [before, after].into_iter().flatten().find_map(|at| {
                let crossing = (*line.crossings.get(at)?)?;
                let row = crossing.row as f32 + crossing.slope * STRIP as f32 * (strip as f32 - at as f32);
                (row >= 0.0).then_some(Crossing { row: (row + 0.5) as usize, slope: crossing.slope })
            })
        };
        // A line goes on a little beyond where it was found, and through what covers it.
        let reach = if (first..=line.last).contains(&strip) { n_strips } else { 2 };
        let Some(crossing) = (0..=reach).find_map(nearest) else { continue };
        let section = match &sections.by_strip[strip] {
            Some(own) => std::array::from_fn(|at| own[at].min(usual[at].saturating_add(usual[at] / 2 + 6))),
            None => usual,
        };
        let end = if strip + 1 == n_strips { width } else { (strip + 1) * STRIP };
        for column in strip * STRIP..end {
            let shift = shift_at(column - strip * STRIP, crossing.slope);
            for (at, &takes) in section.iter().enumerate() {
                let row = crossing.row as isize + shift + at as isize - HALF as isize;
                if takes == 0 || row < 0 || row >= depth.height as isize {
                    continue;
                }
                let level = &mut depth.data[row as usize * width + column];
                let left = u32::from(255 - *level) * 255 / u32::from(255 - takes.min(220));
                *level = 255 - left.min(255) as u8;
            }
        }
    }
}

/// The median depth along a line at each distance from its middle, less what the paper has beside it.
fn cross_section(depth: &Pixels, strip: usize, crossing: Crossing) -> [u8; 2 * HALF + 1] {
    let mut levels: Vec<u8> = Vec::with_capacity(STRIP);
    let mut section = std::array::from_fn(|at| {
        levels.clear();
        for x in 0..STRIP {
            let row = crossing.row as isize + shift_at(x, crossing.slope) + at as isize - HALF as isize;
            if (0..depth.height as isize).contains(&row) {
                levels.push(depth.data[row as usize * depth.width + strip * STRIP + x]);
            }
        }
        let middle = levels.len() / 2;
        if levels.is_empty() { 0 } else { *levels.select_nth_unstable(middle).1 }
    });
    let paper = section[0].min(section[2 * HALF]);
    section.iter_mut().for_each(|level: &mut u8| *level = level.saturating_sub(paper));
    section
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Paper with lines 40 pixels apart, 2 wide and of depth 60, that sink by `slope`; a bar of ink, 12 × 90, across two.
    fn ruled(slope: f32) -> Pixels {
        let (width, height) = (640, 480);
        let data = (0..width * height).map(|at| {
            let (x, y) = (at % width, at / width);
            let sunk = y as f32 - slope * x as f32 + 400.0;
            let is_line = sunk.rem_euclid(40.0) < 2.0;
            let is_ink = (300..312).contains(&x) && (200..290).contains(&y);
            if is_ink {
                160
            } else if is_line {
                60
            } else {
                4
            }
        });
        Pixels::new(width, height, 1, data.collect()).unwrap()
    }

    #[test]
    fn lines_at_any_small_slope_go_and_ink_across_them_stays() {
        for slope in [0.0, 0.03, -0.11] {
            for is_turned in [false, true] {
                let mut depth = ruled(slope);
                if is_turned {
                    depth = transposed(&depth);
                }
                let found = remove(&mut depth);
                if is_turned {
                    depth = transposed(&depth);
                } else {
                    let found = found.slope.expect("lines");
                    assert!((found - slope).abs() < 0.02, "{found} for {slope}");
                }
                let inside = |x: usize, y: usize| (302..310).contains(&x) && (202..288).contains(&y);
                let (mut n_left, mut least) = (0, 255);
                for (at, &level) in depth.data.iter().enumerate() {
                    let (x, y) = (at % depth.width, at / depth.width);
                    if inside(x, y) {
                        least = least.min(level);
                    } else if !(290..322).contains(&x) && (30..450).contains(&y) {
                        n_left += usize::from(level > 30);
                    }
                }
                assert!(least >= 90, "ink {least} at {slope}");
                // Half as deep as they were, of some 13,000: steps of hard edges cannot be followed.
                assert!(n_left < 4500, "{n_left} at {slope} {is_turned}");
            }
        }
    }

    #[test]
    fn strokes_are_no_lines() {
        // A 1 as high as the picture is, nearly, and a bar half as wide.
        let mut depth = Pixels::new(640, 480, 1, vec![0; 640 * 480]).unwrap();
        for y in 20..460 {
            depth.data[y * 640 + 100..y * 640 + 130].fill(150);
        }
        for y in 100..106 {
            depth.data[y * 640 + 300..y * 640 + 520].fill(150);
        }
        let before = depth.clone();
        assert_eq!(remove(&mut depth), Ruling::default());
        assert_eq!(depth, before);
    }
}
