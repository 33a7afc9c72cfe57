//! Where the places of strokes leave a doubt, whoever reads digits is asked: what it makes of the parts, and of the whole.

use super::super::strokes::Point;
use super::rule::{gap_at_equal_height, path_distance};
use super::{Bounds, Drawing};

/// The most strokes of a digit that is put together or parted.
const MOST_PARTS: u32 = 4;
/// Parts further apart than this are not looked at as one; the unit is the digits' height.
const FAR: f32 = 0.4;
/// Parts are two where the places tell less than this, one where they tell more, whatever they look like.
const CLEAR: [f32; 2] = [-4.5, 5.0];
/// Two that the rule holds apart become one from the second number on, one becomes two below the first.
const TURN: [f32; 2] = [-0.5, 0.0];

/// What a reader of digits makes of some strokes.
#[derive(Clone, Copy, Debug)]
pub struct Look {
    /// How sure it is of its best class, 0 to 1.
    pub confidence: f32,
    /// How little they look like a digit: above 0 like none, below like one.
    pub novelty: f32,
}

/// A drawing, and what was already looked at in it. A set of marks is a number with a bit for each.
struct Reader<'a> {
    drawing: &'a Drawing,
    look: &'a mut dyn FnMut(&[usize]) -> Option<Look>,
    seen: Vec<(u64, Option<Look>)>,
}

/// Parts what is not one digit, then puts together what is one.
pub(super) fn settle(drawing: &Drawing, owner: &mut [usize], look: &mut dyn FnMut(&[usize]) -> Option<Look>) {
    // A single mark is one digit; of too many nothing is known.
    if owner.len() < 2 || drawing.paths.len() < owner.len() {
        return;
    }
    let mut reader = Reader { drawing, look, seen: Vec::new() };
    let mut digits = vec![0u64; owner.len()];
    for (i, &name) in owner.iter().enumerate() {
        digits[name] |= 1 << i;
    }
    let mut at = 0;
    while at < digits.len() {
        let part = reader.worst_part(digits[at]);
        if part > 0 {
            digits[at] ^= part;
            digits.push(part);
        } else {
            at += 1;
        }
    }
    while let Some((i, j)) = reader.best_pair(&digits) {
        digits[i] |= std::mem::take(&mut digits[j]);
    }
    for (name, set) in digits.into_iter().enumerate() {
        members(set).for_each(|i| owner[i] = name);
    }
}

fn members(set: u64) -> impl Iterator<Item = usize> {
    (0..64).filter(move |i| set >> i & 1 == 1)
}

impl Reader<'_> {
    /// One of the two parts that `set` rather is; empty if it is one digit.
    #[inline(never)]
    fn worst_part(&mut self, set: u64) -> u64 {
        let (mut worst, mut least) = (0, TURN[0]);
        if set.count_ones() > MOST_PARTS {
            return 0;
        }
        // All subsets without the first mark.
        let rest = set & set.wrapping_sub(1);
        let mut part = rest;
        while part > 0 {
            let score = self.score(part, set ^ part, [f32::NEG_INFINITY, CLEAR[1]]);
            if score < least {
                (worst, least) = (part, score);
            }
            part = (part - 1) & rest;
        }
        worst
    }

    /// The two that are most clearly one digit.
    #[inline(never)]
    fn best_pair(&mut self, digits: &[u64]) -> Option<(usize, usize)> {
        let (mut best, mut most) = (None, TURN[1]);
        for (j, &b) in digits.iter().enumerate() {
            for (i, &a) in digits[..j].iter().enumerate() {
                if a > 0 && b > 0 && (a | b).count_ones() <= MOST_PARTS {
                    let score = self.score(a, b, [CLEAR[0], f32::INFINITY]);
                    if score > most {
                        (best, most) = (Some((i, j)), score);
                    }
                }
            }
        }
        best
    }

    /// Above 0 for two parts of one digit, below for two digits; not a number where nothing is known, or where what their places
    /// tell is not `within` two bounds.
    ///
    /// Source: our own, fitted by logistic regression (see the model card).
    #[inline(never)]
    fn score(&mut self, a: u64, b: u64, within: [f32; 2]) -> f32 {
        let places = self.places(a, b);
        if !(places > within[0] && places < within[1]) {
            return f32::NAN;
        }
        let (Some(whole), Some(a), Some(b)) = (self.look_at(a | b), self.look_at(a), self.look_at(b)) else {
            return f32::NAN;
        };
        let foreign = |look: Look| look.novelty.clamp(-6.0, 6.0);
        places + 4.14 * (whole.confidence - a.confidence * b.confidence)
            - 0.32 * (foreign(whole) - foreign(a).max(foreign(b)))
    }

    /// What the places of two parts tell: the more, the rather they are one. Not a number for parts far apart.
    fn places(&self, a: u64, b: u64) -> f32 {
        let height = self.drawing.height;
        let [(box_a, path_a), (box_b, path_b)] = [self.part(a), self.part(b)];
        let both = box_a.with(box_b);
        let common = box_a.bottom.min(box_b.bottom) - box_a.top.max(box_b.top);
        let overlap = box_a.right.min(box_b.right) - box_a.left.max(box_b.left);
        if common.min(overlap) < -FAR * height {
            return f32::NAN;
        }
        let distance = path_distance(&path_a, &path_b) / height;
        if distance > FAR {
            return f32::NAN;
        }
        let mut gap = f32::INFINITY;
        if common > 0.0 {
            gap = gap_at_equal_height(&path_a, &path_b, box_a.top.max(box_b.top), common, height) / height;
        }
        let narrower = box_a.width().min(box_b.width()).max(0.1 * height);
        8.09 - 5.27 * distance
            - 5.02 * gap.clamp(-0.5, 0.6)
            - 3.76 * box_a.height().min(box_b.height()) / height
            - 3.03 * (common / height).clamp(-0.3, 1.0)
            + 2.86 * (overlap / narrower).clamp(-1.0, 1.0)
            - 1.50 * both.width() / both.height()
            - 2.65 * both.height() / height
    }

    #[inline(never)]
    fn part(&self, set: u64) -> (Bounds, Vec<Point>) {
        let (mut bounds, mut path) = (Bounds::NOTHING, Vec::new());
        for i in members(set) {
            bounds = bounds.with(self.drawing.marks[i].bounds);
            path.extend_from_slice(&self.drawing.paths[i]);
        }
        (bounds, path)
    }

    #[inline(never)]
    fn look_at(&mut self, set: u64) -> Option<Look> {
        if let Some((_, look)) = self.seen.iter().find(|(other, _)| *other == set) {
            return *look;
        }
        let strokes: Vec<usize> = members(set).map(|i| self.drawing.marks[i].stroke).collect();
        let look = (self.look)(&strokes);
        self.seen.push((set, look));
        look
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::strokes::Stroke;
    use super::super::{digits, digits_by};
    use super::*;

    fn stroke(points: &[(f32, f32)]) -> Stroke {
        points.iter().map(|&(x, y)| Point { x, y }).collect()
    }

    /// A 4 of an angle and a stem that stands `away` from it.
    fn open_four(away: f32) -> Vec<Stroke> {
        vec![
            stroke(&[(20.0, 0.0), (5.0, 55.0), (50.0, 53.0)]),
            stroke(&[(50.0 + away, 15.0), (48.0 + away, 100.0)]),
        ]
    }

    /// How many digits these strokes are to a reader that knows sets of so many strokes.
    fn read_by(strokes: &[Stroke], known: usize) -> usize {
        let mut look = |places: &[usize]| {
            let is_known = places.len() == known;
            Some(Look {
                confidence: if is_known { 0.99 } else { 0.4 },
                novelty: if is_known { -5.0 } else { 3.0 },
            })
        };
        digits_by(strokes, &mut look).len()
    }

    #[test]
    fn a_digit_whose_strokes_are_apart_is_one_to_whom_its_parts_are_none() {
        let four = open_four(9.0);
        assert_eq!(digits(&four).len(), 2, "by its places alone");
        assert_eq!(read_by(&four, 2), 1);
        assert_eq!(read_by(&four, 1), 2);
    }

    #[test]
    fn digits_that_run_into_each_other_are_parted_by_whom_they_are_digits() {
        // A 7 whose foot reaches under the roof of the next.
        let seven = |x: f32| stroke(&[(x, 0.0), (x + 60.0, 2.0), (x + 25.0, 100.0)]);
        let pair = [seven(0.0), seven(48.0)];
        assert_eq!(digits(&pair).len(), 1, "by their places alone");
        assert_eq!(read_by(&pair, 1), 2);
        assert_eq!(read_by(&pair, 2), 1);
    }

    #[test]
    fn what_is_clear_is_not_looked_at() {
        let mut n_looks = 0;
        let mut look = |_: &[usize]| {
            n_looks += 1;
            Some(Look { confidence: 1.0, novelty: -6.0 })
        };
        let far = [stroke(&[(0.0, 0.0), (0.0, 100.0)]), stroke(&[(60.0, 0.0), (60.0, 100.0)])];
        assert_eq!(digits_by(&far, &mut look).len(), 2);
        let plus = [stroke(&[(0.0, 53.0), (60.0, 47.0)]), stroke(&[(30.0, 20.0), (30.0, 80.0)])];
        assert_eq!(digits_by(&plus, &mut look).len(), 1);
        assert_eq!(digits_by(&far[..1], &mut look).len(), 1);
        assert_eq!(n_looks, 0);
    }

    #[test]
    fn to_a_reader_that_knows_parts_and_whole_alike_places_decide() {
        let three = |y: f32| {
            stroke(&[(0.0, y), (50.0, y + 20.0), (10.0, y + 45.0), (55.0, y + 70.0), (0.0, y + 100.0)])
        };
        let mut look = |_: &[usize]| Some(Look { confidence: 0.99, novelty: -5.0 });
        let mut n_read = |strokes: &[Stroke]| digits_by(strokes, &mut look).len();
        assert_eq!(n_read(&[three(0.0), three(125.0)]), 2, "in two rows");
        assert_eq!(n_read(&open_four(25.0)), 2);
        assert_eq!(n_read(&open_four(-4.0)), 1);
    }

    #[test]
    fn wild_numbers_and_a_reader_that_knows_nothing_change_nothing() {
        let extreme = stroke(&[(f32::MAX, f32::MIN), (f32::MIN, f32::MAX)]);
        assert!(read_by(&[extreme.clone(), extreme], 1) > 0);
        let dots = vec![stroke(&[(3.0, 4.0)]); 3];
        assert!(read_by(&dots, 1) > 0);
        let many: Vec<Stroke> = (0..1000).map(|i| stroke(&[(i as f32, 0.0), (i as f32, 9.0)])).collect();
        assert_eq!(read_by(&many, 1), 1);
        assert_eq!(digits_by(&open_four(9.0), &mut |_| None), digits(&open_four(9.0)));
    }
}
