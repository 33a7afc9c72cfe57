//! Which strokes are one digit as far as their places tell.

use super::super::strokes::Point;
use super::{Bounds, Drawing, STEP, unite};

/// A stroke or the strokes of a digit, below this share of the digits' height, is a part of its nearest neighbor.
const SMALL: f32 = 0.45;
/// How far away that neighbor may be.
const NEAR: f32 = 0.3;
/// Paths as near as this touch.
const TOUCH: f32 = 0.03;
/// A path that reaches so far past another at equal height goes through it.
const THROUGH: f32 = 0.08;
/// Of two strokes one is a part when it is lower than this share of both together.
const PART: f32 = 0.8;
/// A stem begins and ends lower than the stroke on its left, by at least this.
const STEM: [f32; 2] = [0.05, 0.15];
/// Strokes of less height in common than this lie one above the other, if no more than `ABOVE` is between them.
const LEVEL: f32 = 0.15;
/// See `LEVEL`.
const ABOVE: f32 = 0.2;
/// Levels at which two strokes are compared.
const N_LEVELS: usize = 12;

/// Each mark's group, named by one of the group's marks.
pub(super) fn owners(drawing: &Drawing) -> Vec<usize> {
    let Drawing { marks, paths, height } = drawing;
    let (n, height) = (marks.len(), *height);
    if paths.len() < n {
        return vec![0; n];
    }
    let owner = &mut (0..n).collect::<Vec<usize>>();
    for i in 0..n {
        for j in 0..i {
            if are_one(&marks[i].bounds, &marks[j].bounds, &paths[i], &paths[j], height) {
                unite(owner, i, j);
            }
        }
    }
    // All look for their neighbors before any joins one.
    let groups = drawing.collect(owner);
    let mut joining = Vec::new();
    for group in groups.iter().filter(|group| group.bounds.height() < SMALL * height) {
        let mine = |i: usize| group.strokes.contains(&marks[i].stroke);
        let mut nearest = (NEAR * height, None);
        for i in (0..n).filter(|&i| mine(i)) {
            for j in (0..n).filter(|&j| !mine(j)) {
                let between = path_distance(&paths[i], &paths[j]);
                if between < nearest.0 {
                    nearest = (between, Some((i, j)));
                }
            }
        }
        joining.extend(nearest.1);
    }
    for (i, j) in joining {
        unite(owner, i, j);
    }
    std::mem::take(owner)
}

/// Whether two strokes are of one digit whatever else there is.
#[inline(never)]
fn are_one(a: &Bounds, b: &Bounds, path_a: &[Point], path_b: &[Point], height: f32) -> bool {
    let common = a.bottom.min(b.bottom) - a.top.max(b.top);
    let overlap = a.right.min(b.right) - a.left.max(b.left);
    let narrower = a.width().min(b.width()).max(0.1 * height);
    if common < LEVEL * height && overlap > 0.5 * narrower && -common < ABOVE * height {
        return true;
    }
    // Strokes apart neither touch nor go through each other.
    if common <= 0.0 || overlap < -TOUCH * height {
        return false;
    }
    if gap_at_equal_height(path_a, path_b, a.top.max(b.top), common, height) < -THROUGH * height {
        return true;
    }
    let are_parts = a.height().min(b.height()) < PART * a.with(*b).height();
    let (upper, lower) = if a.top + a.bottom < b.top + b.bottom { (a, b) } else { (b, a) };
    let is_stem = lower.bottom - upper.bottom > STEM[1] * height
        && lower.top - upper.top > STEM[0] * height
        && upper.left + upper.right < lower.left + lower.right;
    are_parts && (overlap > 0.2 * narrower || is_stem) && path_distance(path_a, path_b) < TOUCH * height
}

/// The least that is between two paths on one level, less than 0 where they lie across each other; infinite without
/// a level on which both are.
pub(super) fn gap_at_equal_height(a: &[Point], b: &[Point], top: f32, common: f32, height: f32) -> f32 {
    let n_levels = ((common / (2.0 * STEP * height)) as usize).clamp(1, N_LEVELS);
    let at = |level: usize| top + common * level as f32 / n_levels as f32;
    let mut least = f32::INFINITY;
    for level in 0..n_levels {
        let (a, b) = (between(a, at(level), at(level + 1)), between(b, at(level), at(level + 1)));
        // Without a point the box is inside out, and far from everything.
        least = least.min((b.left - a.right).max(a.left - b.right));
    }
    least
}

/// The box of the points of a path between two levels.
#[inline(never)]
fn between(path: &[Point], top: f32, bottom: f32) -> Bounds {
    Bounds::of(path.iter().filter(|point| point.y >= top && point.y <= bottom))
}

/// The least distance of two paths' steps.
#[inline(never)]
pub(super) fn path_distance(a: &[Point], b: &[Point]) -> f32 {
    let mut least = f32::INFINITY;
    for p in a {
        for q in b {
            let (x, y) = (p.x - q.x, p.y - q.y);
            least = least.min(x * x + y * y);
        }
    }
    least.sqrt()
}
