//! Which patches make one digit, and which are none.

use super::Bounds;
use super::patches::Patch;

/// Lower than this, in pixels, nothing is read.
const LEAST_HEIGHT: usize = 9;
/// A mark below this share of the digits' height is a part of its nearest neighbor, or nothing.
const SMALL: f32 = 0.45;
/// How far away that neighbor may be.
const NEAR: f32 = 0.28;
/// Smaller to both sides than this is a speck, unless it is right beside a digit.
const SPECK: f32 = 0.14;
/// How near that is.
const BESIDE: f32 = 0.06;
/// Marks of less height in common than this lie one above the other, if no more than `ABOVE` is between them.
const LEVEL: f32 = 0.15;
/// See `LEVEL`.
const ABOVE: f32 = 0.2;
/// A mark that reaches so far past another at equal height lies across it.
const ACROSS: f32 = 0.08;
/// One digit is no higher and no wider than this.
const MOST_HEIGHT: f32 = 1.6;
/// See `MOST_HEIGHT`.
const MOST_WIDTH: f32 = 1.5;
/// A mark is a digit from this share of the usual height to the other.
const HEIGHTS: [f32; 2] = [0.45, 3.0];
/// A mark as wide as this many times its height is a dash, a line or a word.
const FLAT: f32 = 2.5;
/// Ink this much paler than the page's usual ink is something else: what a line left, or the other side's writing.
const PALE: f32 = 0.5;

/// Patches that make one digit.
#[derive(Clone, Debug)]
pub struct Mark {
    /// Their numbers, from 1.
    pub patches: Vec<u32>,
    pub bounds: Bounds,
    /// The level of its full ink.
    pub full: u8,
}

/// The digits among the patches of a page of this size, in no order, and the usual height of a digit.
pub fn digits(patches: &[Patch], width: usize, height: usize) -> (Vec<Mark>, f32) {
    let inside =
        |bounds: &Bounds| bounds.left > 0 && bounds.top > 0 && bounds.right < width && bounds.bottom < height;
    // What reaches out of the picture is no whole digit: the table, a thumb, a cut line of writing.
    let mut candidates: Vec<usize> = (0..patches.len()).filter(|&i| inside(&patches[i].bounds)).collect();
    let of = |&i: &usize| &patches[i];
    let Some(usual_ink) = median(
        candidates
            .iter()
            .map(of)
            .map(|patch| (f32::from(patch.full), patch.n_pixels * usize::from(patch.full))),
    ) else {
        return (Vec::new(), 0.0);
    };
    candidates.retain(|&i| f32::from(patches[i].full) >= PALE * usual_ink);
    let upright = candidates.iter().map(of).filter(|patch| {
        let bounds = &patch.bounds;
        bounds.height() >= LEAST_HEIGHT && (bounds.width() as f32) < FLAT * bounds.height() as f32
    });
    let Some(usual) = median(upright.map(|patch| (patch.bounds.height() as f32, patch.n_pixels))) else {
        return (Vec::new(), 0.0);
    };

    let size = |i: usize| patches[i].bounds.height().max(patches[i].bounds.width()) as f32;
    let (large, small): (Vec<usize>, Vec<usize>) =
        candidates.iter().partition(|&&i| size(i) >= SPECK * usual);
    let mut owner: Vec<usize> = (0..large.len()).collect();
    join(patches, &large, &mut owner, usual);
    let mut marks = collect(patches, &large, &owner);
    join_small(patches, &mut marks, usual);
    // A speck right beside a digit is a piece of it.
    for i in small {
        let near = |mark: &&mut Mark| {
            mark.bounds.distance(&patches[i].bounds) <= BESIDE * usual
                && mark.patches.iter().any(|&of| {
                    distance(&patches[of as usize - 1], &patches[i], BESIDE * usual) <= BESIDE * usual
                })
        };
        if let Some(mark) = marks.iter_mut().find(near) {
            mark.take(i, &patches[i]);
        }
    }
    let is_digit = |mark: &Mark| {
        let (high, wide) = (mark.bounds.height() as f32, mark.bounds.width() as f32);
        high >= (HEIGHTS[0] * usual).max(LEAST_HEIGHT as f32)
            && high <= HEIGHTS[1] * usual
            && wide < FLAT * high
    };
    marks.retain(is_digit);
    (marks, usual)
}

impl Mark {
    fn take(&mut self, i: usize, patch: &Patch) {
        self.patches.push(i as u32 + 1);
        self.bounds = self.bounds.with(&patch.bounds);
        self.full = self.full.max(patch.full);
    }
}

/// The value that half of the weight does not exceed.
fn median(values: impl Iterator<Item = (f32, usize)>) -> Option<f32> {
    let mut values: Vec<(f32, usize)> = values.collect();
    values.sort_by(|a, b| a.0.total_cmp(&b.0));
    let half = values.iter().map(|(_, weight)| weight).sum::<usize>() / 2;
    let mut seen = 0;
    values.into_iter().find_map(|(value, weight)| {
        seen += weight;
        (seen >= half).then_some(value)
    })
}

/// Has the patches of one digit name the same owner.
fn join(patches: &[Patch], candidates: &[usize], owner: &mut [usize], usual: f32) {
    for i in 0..candidates.len() {
        for j in 0..i {
            let (a, b) = (&patches[candidates[i]], &patches[candidates[j]]);
            if a.bounds.distance(&b.bounds) <= ABOVE * usual && are_one(a, b, usual) {
                let (from, to) = (owner[i], owner[j]);
                owner.iter_mut().filter(|owner| **owner == from).for_each(|owner| *owner = to);
            }
        }
    }
}

/// Whether two patches are of one digit whatever else there is.
fn are_one(a: &Patch, b: &Patch, usual: f32) -> bool {
    let both = a.bounds.with(&b.bounds);
    if !fits(&both, usual) {
        return false;
    }
    let common = a.bounds.bottom.min(b.bounds.bottom) as f32 - a.bounds.top.max(b.bounds.top) as f32;
    let overlap = a.bounds.right.min(b.bounds.right) as f32 - a.bounds.left.max(b.bounds.left) as f32;
    let narrower = (a.bounds.width().min(b.bounds.width()) as f32).max(0.1 * usual);
    let lower = a.bounds.height().min(b.bounds.height()) as f32;
    if common < LEVEL * usual {
        // Two whole digits above each other are of two rows.
        return overlap > 0.5 * narrower && -common < ABOVE * usual && lower < 0.7 * usual;
    }
    gap_at_equal_height(a, b) < -ACROSS * usual
}

fn fits(bounds: &Bounds, usual: f32) -> bool {
    bounds.height() as f32 <= MOST_HEIGHT * usual && bounds.width() as f32 <= MOST_WIDTH * usual
}

/// The least that is between two patches in one row of pixels, less than 0 where they lie across each other.
fn gap_at_equal_height(a: &Patch, b: &Patch) -> f32 {
    let top = a.bounds.top.max(b.bounds.top);
    let bottom = a.bounds.bottom.min(b.bounds.bottom);
    let gaps = (top..bottom).map(|y| {
        let (a, b) = (a.extents[y - a.bounds.top], b.extents[y - b.bounds.top]);
        (b.0 as f32 - a.1 as f32).max(a.0 as f32 - b.1 as f32)
    });
    gaps.fold(f32::INFINITY, f32::min)
}

/// The least distance of two patches' outlines; infinite beyond `most`.
fn distance(a: &Patch, b: &Patch, most: f32) -> f32 {
    let mut least = f32::INFINITY;
    for (i, from) in a.extents.iter().enumerate() {
        for (j, to) in b.extents.iter().enumerate() {
            let down = (a.bounds.top + i) as f32 - (b.bounds.top + j) as f32;
            if down.abs() > most {
                continue;
            }
            let across = (to.0 as f32 - from.1 as f32).max(from.0 as f32 - to.1 as f32).max(0.0);
            least = least.min(down * down + across * across);
        }
    }
    least.sqrt()
}

/// Gives each mark that is too low for a digit to its nearest neighbor: the roof of a 5, the bar of a 7, a broken piece.
fn join_small(patches: &[Patch], marks: &mut Vec<Mark>, usual: f32) {
    let patch = |&number: &u32| &patches[number as usize - 1];
    let mut joins = Vec::new();
    for (i, mark) in marks.iter().enumerate() {
        if mark.bounds.height() as f32 >= SMALL * usual {
            continue;
        }
        let most = NEAR * usual;
        let mut nearest = (most, None);
        for (j, other) in marks.iter().enumerate() {
            if i == j
                || mark.bounds.distance(&other.bounds) > most
                || !fits(&mark.bounds.with(&other.bounds), usual)
            {
                continue;
            }
            let pairs = mark.patches.iter().flat_map(|a| other.patches.iter().map(move |b| (a, b)));
            let between =
                pairs.map(|(a, b)| distance(patch(a), patch(b), most)).fold(f32::INFINITY, f32::min);
            if between < nearest.0 {
                nearest = (between, Some(j));
            }
        }
        joins.extend(nearest.1.map(|to| (i, to)));
    }
    for (from, to) in joins {
        // What joined another already took its patches along.
        let moved = std::mem::take(&mut marks[from].patches);
        let target = if marks[to].patches.is_empty() { from } else { to };
        for number in moved {
            marks[target].take(number as usize - 1, &patches[number as usize - 1]);
        }
    }
    marks.retain(|mark| !mark.patches.is_empty());
}

fn collect(patches: &[Patch], candidates: &[usize], owner: &[usize]) -> Vec<Mark> {
    let mut marks: Vec<(usize, Mark)> = Vec::new();
    for (&i, &name) in candidates.iter().zip(owner) {
        let patch = &patches[i];
        match marks.iter_mut().find(|(other, _)| *other == name) {
            Some((_, mark)) => mark.take(i, patch),
            None => marks
                .push((name, Mark { patches: vec![i as u32 + 1], bounds: patch.bounds, full: patch.full })),
        }
    }
    marks.into_iter().map(|(_, mark)| mark).collect()
}
