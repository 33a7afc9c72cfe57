//! Which strokes of a drawing belong to one digit, and in which order the digits are read.

mod look;
mod rule;

pub use look::Look;

use super::strokes::{Point, Stroke};

/// Paths are looked at in steps of this length; the unit of all such numbers here is the digits' height.
const STEP: f32 = 0.03;
/// The most steps of one stroke: of a longer one they are longer.
const MOST_STEPS: usize = 512;
/// Strokes beyond this many are not sorted out: the drawing is one digit then.
const MOST_STROKES: usize = 64;

/// A part of the drawing's plane.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bounds {
    /// Smallest x.
    pub left: f32,
    /// Smallest y.
    pub top: f32,
    /// Largest x.
    pub right: f32,
    /// Largest y.
    pub bottom: f32,
}

impl Bounds {
    const NOTHING: Bounds = Bounds {
        left: f32::INFINITY,
        top: f32::INFINITY,
        right: f32::NEG_INFINITY,
        bottom: f32::NEG_INFINITY,
    };

    fn of<'a>(points: impl Iterator<Item = &'a Point>) -> Bounds {
        points.fold(Bounds::NOTHING, |bounds, &Point { x, y }| {
            bounds.with(Bounds { left: x, top: y, right: x, bottom: y })
        })
    }

    fn with(self, other: Bounds) -> Bounds {
        Bounds {
            left: self.left.min(other.left),
            top: self.top.min(other.top),
            right: self.right.max(other.right),
            bottom: self.bottom.max(other.bottom),
        }
    }

    fn height(&self) -> f32 {
        self.bottom - self.top
    }

    fn width(&self) -> f32 {
        self.right - self.left
    }
}

/// The strokes of one digit.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Group {
    /// Their places in the drawing, rising.
    pub strokes: Vec<usize>,
    /// The box of their points.
    pub bounds: Bounds,
}

/// The strokes of each digit of a drawing, the digits as they are read: rows from the top, each from the left. The order in
/// which the strokes were drawn does not matter. Strokes without a finite point belong to none.
///
/// The unit of all lengths is the digits' height: the median of the strokes that are at least half as high as the highest.
/// Two strokes make one digit when
///
/// - one lies above the other: they have almost no height in common, there is little between them, and at least half of the
///   narrower one's width is under or over the other (an 8 of two rings, a 5 whose roof is high);
/// - or one goes through the other, which neighbors that merely touch do not (a 4, a crossed 7, a 0 with a slash);
/// - or they touch, one is much lower than both together, and they overlap in width or one stands lower and right of the
///   other (a 4 of an angle and a stem).
///
/// What is still too small for a digit after that joins the nearest of the others (the roof of a 5, the bar of a 7, the
/// foot of a 1). Source: rules and numbers are our own, chosen on 600 digits written with pens.
///
/// The work grows with the square of the strokes, of which more than 64 are taken for one digit.
pub fn digits(strokes: &[Stroke]) -> Vec<Group> {
    digits_by(strokes, &mut |_| None)
}

/// As [`digits`], and where the places of strokes leave a doubt, `look` is asked what it makes of those with these places in
/// the drawing, by themselves: a 4 whose strokes lie far apart is put together, digits that touch are parted. Where it
/// knows nothing, places decide.
pub fn digits_by(strokes: &[Stroke], look: &mut dyn FnMut(&[usize]) -> Option<Look>) -> Vec<Group> {
    let drawing = Drawing::of(strokes);
    let mut owner = rule::owners(&drawing);
    look::settle(&drawing, &mut owner, look);
    reading_order(drawing.collect(&owner))
}

/// What there is on the paper.
struct Drawing {
    marks: Vec<Mark>,
    /// Each mark's way in steps; none of more marks than are sorted out.
    paths: Vec<Vec<Point>>,
    /// That of the digits.
    height: f32,
}

impl Drawing {
    fn of(strokes: &[Stroke]) -> Drawing {
        let marks: Vec<Mark> =
            strokes.iter().enumerate().filter_map(|(i, stroke)| Mark::of(i, stroke)).collect();
        let height = digit_height(&marks).unwrap_or(0.0);
        let sorted_out = if marks.len() > MOST_STROKES { &[] } else { marks.as_slice() };
        let paths = sorted_out.iter().map(|mark| mark.steps(strokes, height)).collect();
        Drawing { marks, paths, height }
    }

    /// The groups, by their first strokes. Each mark's owner is a name that it shares with the others of its group.
    #[inline(never)]
    fn collect(&self, owner: &[usize]) -> Vec<Group> {
        let mut groups: Vec<Group> = Vec::new();
        let mut names: Vec<usize> = Vec::new();
        for (mark, &name) in self.marks.iter().zip(owner) {
            match names.iter().position(|&other| other == name) {
                Some(at) => {
                    groups[at].strokes.push(mark.stroke);
                    groups[at].bounds = groups[at].bounds.with(mark.bounds);
                }
                None => {
                    names.push(name);
                    groups.push(Group { strokes: vec![mark.stroke], bounds: mark.bounds });
                }
            }
        }
        groups
    }
}

/// A stroke that left something on the paper.
struct Mark {
    stroke: usize,
    bounds: Bounds,
}

impl Mark {
    fn of(stroke: usize, points: &Stroke) -> Option<Mark> {
        let bounds = Bounds::of(points.iter().filter(|point| point.is_finite()));
        (bounds.left <= bounds.right).then_some(Mark { stroke, bounds })
    }

    /// Points along the stroke, at most a step apart.
    #[inline(never)]
    fn steps(&self, strokes: &[Stroke], height: f32) -> Vec<Point> {
        let points = || strokes[self.stroke].iter().filter(|point| point.is_finite());
        let lengths = points().zip(points().skip(1)).map(|(a, b)| distance(a, b));
        let step = (STEP * height).max(lengths.sum::<f32>() / MOST_STEPS as f32);
        let mut steps: Vec<Point> = points().take(1).copied().collect();
        for (a, b) in points().zip(points().skip(1)) {
            let n_pieces = if step > 0.0 { (distance(a, b) / step) as usize + 1 } else { 1 };
            steps.extend((1..=n_pieces).map(|piece| {
                let share = piece as f32 / n_pieces as f32;
                Point { x: a.x + share * (b.x - a.x), y: a.y + share * (b.y - a.y) }
            }));
        }
        steps
    }
}

/// The median height of the strokes that may be digits of their own; none of no strokes.
fn digit_height(marks: &[Mark]) -> Option<f32> {
    let most = |of: fn(&Bounds) -> f32| marks.iter().map(|mark| of(&mark.bounds)).reduce(f32::max);
    let (highest, widest) = (most(Bounds::height)?, most(Bounds::width)?);
    let mut heights: Vec<f32> = Vec::new();
    for height in marks.iter().map(|mark| mark.bounds.height()).filter(|&height| height >= 0.5 * highest) {
        heights.insert(heights.partition_point(|&other| other < height), height);
    }
    // A lone bar is as good as flat.
    Some(heights[heights.len() / 2].max(0.3 * widest))
}

fn distance(a: &Point, b: &Point) -> f32 {
    let (x, y) = (a.x - b.x, a.y - b.y);
    (x * x + y * y).sqrt()
}

/// Gives the groups of `i` and `j` one owner.
#[inline(never)]
fn unite(owner: &mut [usize], i: usize, j: usize) {
    let (from, to) = (owner[i], owner[j]);
    owner.iter_mut().filter(|owner| **owner == from).for_each(|owner| *owner = to);
}

/// Rows from the top, each from the left. A digit is in the row of another when at least half of the lower one's height is
/// beside it, and in the row of that one's neighbors: a row may climb.
fn reading_order(mut groups: Vec<Group>) -> Vec<Group> {
    let mut rows: Vec<usize> = (0..groups.len()).collect();
    let middle = |a: f32, b: f32| a / 2.0 + b / 2.0;
    for i in 0..groups.len() {
        for j in 0..i {
            let (a, b) = (&groups[i].bounds, &groups[j].bounds);
            let common = a.bottom.min(b.bottom) - a.top.max(b.top);
            if common >= 0.5 * a.height().min(b.height()) {
                unite(&mut rows, i, j);
            }
        }
    }
    // A row stands where its highest digit's middle is; rows of one height are told apart by their names.
    let mut tops = vec![f32::INFINITY; groups.len()];
    for (group, &row) in groups.iter().zip(&rows) {
        tops[row] = tops[row].min(middle(group.bounds.top, group.bounds.bottom));
    }
    let key = |place: usize| {
        let bounds = &groups[place].bounds;
        (tops[rows[place]], rows[place], middle(bounds.left, bounds.right))
    };
    let mut order: Vec<usize> = Vec::new();
    for place in 0..groups.len() {
        order.insert(order.partition_point(|&other| key(other) <= key(place)), place);
    }
    order.into_iter().map(|place| std::mem::take(&mut groups[place])).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stroke(points: &[(f32, f32)]) -> Stroke {
        points.iter().map(|&(x, y)| Point { x, y }).collect()
    }

    /// A ring from the top around to the top.
    fn ring(x: f32, y: f32, radius_x: f32, radius_y: f32) -> Stroke {
        let corners =
            [(0.0, -1.0), (0.7, -0.7), (1.0, 0.0), (0.7, 0.7), (0.0, 1.0), (-0.7, 0.7), (-1.0, 0.0)];
        let corners = corners.iter().chain(&[(-0.7, -0.7), (0.0, -1.0)]);
        corners.map(|&(u, v)| Point { x: x + u * radius_x, y: y + v * radius_y }).collect()
    }

    fn moved(strokes: &[Stroke], x: f32, y: f32) -> Vec<Stroke> {
        strokes.iter().map(|s| s.iter().map(|p| Point { x: p.x + x, y: p.y + y }).collect()).collect()
    }

    /// Digits of more than one stroke, in boxes about 60 wide and 100 high.
    fn in_pieces() -> Vec<(&'static str, Vec<Stroke>)> {
        vec![
            (
                "4",
                vec![
                    stroke(&[(20.0, 0.0), (5.0, 60.0), (60.0, 58.0)]),
                    stroke(&[(45.0, 20.0), (42.0, 100.0)]),
                ],
            ),
            (
                "4 whose stem merely touches",
                vec![
                    stroke(&[(10.0, 0.0), (8.0, 50.0), (50.0, 50.0)]),
                    stroke(&[(45.0, 5.0), (48.0, 100.0)]),
                ],
            ),
            (
                "5",
                vec![
                    stroke(&[(15.0, 0.0), (12.0, 45.0), (50.0, 50.0), (48.0, 90.0), (5.0, 96.0)]),
                    stroke(&[(18.0, 2.0), (58.0, 0.0)]),
                ],
            ),
            (
                "5 with its roof away",
                vec![
                    stroke(&[(15.0, 5.0), (12.0, 45.0), (50.0, 50.0), (48.0, 90.0), (5.0, 96.0)]),
                    stroke(&[(30.0, -8.0), (70.0, -12.0)]),
                ],
            ),
            (
                "7 with a bar",
                vec![
                    stroke(&[(0.0, 0.0), (60.0, 0.0), (25.0, 100.0)]),
                    stroke(&[(15.0, 52.0), (58.0, 50.0)]),
                ],
            ),
            ("8 of two rings", vec![ring(30.0, 22.0, 22.0, 22.0), ring(30.0, 73.0, 27.0, 25.0)]),
            ("0 with a slash", vec![ring(30.0, 50.0, 28.0, 50.0), stroke(&[(60.0, 0.0), (2.0, 100.0)])]),
            (
                "1 with flag and foot",
                vec![
                    stroke(&[(10.0, 25.0), (28.0, 2.0)]),
                    stroke(&[(30.0, 0.0), (30.0, 100.0)]),
                    stroke(&[(8.0, 101.0), (55.0, 100.0)]),
                ],
            ),
            ("+", vec![stroke(&[(0.0, 50.0), (60.0, 50.0)]), stroke(&[(30.0, 20.0), (30.0, 80.0)])]),
        ]
    }

    #[test]
    fn a_digit_of_several_strokes_is_one_alone_and_between_neighbors() {
        let one = stroke(&[(0.0, 0.0), (1.0, 100.0)]);
        for (name, strokes) in in_pieces() {
            assert_eq!(digits(&strokes).len(), 1, "{name}");
            let mut row = moved(std::slice::from_ref(&one), -25.0, 0.0);
            row.extend(strokes.clone());
            row.extend(moved(&strokes, 95.0, 8.0));
            row.extend(moved(std::slice::from_ref(&one), 185.0, 0.0));
            let sizes: Vec<usize> = digits(&row).iter().map(|group| group.strokes.len()).collect();
            assert_eq!(sizes, [1, strokes.len(), strokes.len(), 1], "{name}");
        }
    }

    #[test]
    fn the_order_of_the_strokes_and_the_unit_do_not_matter() {
        let mut drawing = Vec::new();
        for (i, (_, strokes)) in in_pieces().into_iter().enumerate() {
            drawing.extend(moved(&strokes, 90.0 * i as f32, 0.0));
        }
        let expected: Vec<Bounds> = digits(&drawing).iter().map(|group| group.bounds).collect();
        assert_eq!(expected.len(), in_pieces().len());
        drawing.reverse();
        assert_eq!(digits(&drawing).iter().map(|group| group.bounds).collect::<Vec<_>>(), expected);
        for scale in [0.001, 1000.0] {
            let scaled: Vec<Stroke> = drawing
                .iter()
                .map(|s| s.iter().map(|p| Point { x: p.x * scale, y: p.y * scale }).collect())
                .collect();
            assert_eq!(digits(&scaled).len(), expected.len(), "{scale}");
        }
    }

    #[test]
    fn neighbors_that_touch_stay_two() {
        let touching = [ring(30.0, 50.0, 28.0, 50.0), ring(86.0, 50.0, 28.0, 50.0)];
        assert_eq!(digits(&touching).len(), 2);
        let leaning = [stroke(&[(50.0, 0.0), (0.0, 100.0)]), stroke(&[(75.0, 0.0), (25.0, 100.0)])];
        assert_eq!(digits(&leaning).len(), 2, "their boxes overlap, they do not");
    }

    #[test]
    fn digits_are_read_in_rows_that_may_climb() {
        let bar = |x: f32, y: f32| stroke(&[(x, y), (x + 5.0, y + 100.0)]);
        // Drawn from behind; each row climbs by 30 from one to the next.
        let rows = [
            bar(200.0, 210.0),
            bar(100.0, 240.0),
            bar(0.0, 270.0),
            bar(200.0, 0.0),
            bar(100.0, 30.0),
            bar(0.0, 60.0),
        ];
        let order: Vec<usize> = digits(&rows).iter().map(|group| group.strokes[0]).collect();
        assert_eq!(order, [5, 4, 3, 2, 1, 0]);
    }

    #[test]
    fn nothing_is_no_digit_and_wild_numbers_are_skipped() {
        assert!(digits(&[]).is_empty());
        assert!(digits(&[vec![], stroke(&[(f32::NAN, 1.0)])]).is_empty());
        let dot = digits(&[stroke(&[(3.0, 4.0)])]);
        assert_eq!(dot.len(), 1);
        let wild = [vec![], stroke(&[(0.0, 0.0), (f32::INFINITY, 2.0), (5.0, 90.0)])];
        assert_eq!(digits(&wild)[0].strokes, [1]);
        let extreme = stroke(&[(f32::MAX, f32::MIN), (f32::MIN, f32::MAX)]);
        assert!(!digits(&[extreme.clone(), extreme]).is_empty());
        let many: Vec<Stroke> = (0..1000).map(|i| stroke(&[(i as f32, 0.0), (i as f32, 9.0)])).collect();
        assert_eq!(digits(&many).len(), 1);
    }
}
