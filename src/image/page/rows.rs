//! The order in which the digits of a page are read: rows from the top, each from the left, in numbers.

use super::Bounds;

/// Digits are in one row if their middles are no further apart than this, along the row's slope; all lengths in the digits'
/// usual height.
const LEVEL: f32 = 0.5;
/// How far the next digit of a row may be, for its height to tell where the row goes on.
const NEXT: f32 = 4.0;
/// A digit this far from the one before begins another number.
const APART: f32 = 0.8;

/// A digit's place on the page.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Place {
    /// Of the digit, among those given.
    pub at: usize,
    /// From 0, downwards.
    pub row: usize,
    /// From 0, along the row.
    pub number: usize,
}

/// The digits in the order of reading. `slope` is how much the rows sink, in pixels a pixel, where lines on the paper tell.
pub fn order(boxes: &[Bounds], usual: f32, slope: Option<f32>) -> Vec<Place> {
    let slope = slope.unwrap_or_else(|| slope_of(boxes, usual));
    let middle = |low: usize, high: usize| (low + high) as f32 / 2.0;
    let across = |i: usize| middle(boxes[i].left, boxes[i].right);
    let down = |i: usize| middle(boxes[i].top, boxes[i].bottom) - slope * across(i);
    let mut from_left: Vec<usize> = (0..boxes.len()).collect();
    from_left.sort_by(|&a, &b| across(a).total_cmp(&across(b)));
    // Each row by its digits so far, from the left.
    let mut rows: Vec<Vec<usize>> = Vec::new();
    for i in from_left {
        let off = |row: &Vec<usize>| {
            let last = row[row.len() - 1];
            let is_next = boxes[i].left as f32 - boxes[last].right as f32 <= NEXT * usual;
            // A row may bend, so the nearest digits tell where it is; from far away all of them.
            let near = if is_next { &row[row.len().saturating_sub(3)..] } else { &row[..] };
            let at = near.iter().map(|&j| down(j)).sum::<f32>() / near.len() as f32;
            (down(i) - at).abs()
        };
        let nearest =
            rows.iter().enumerate().map(|(at, row)| (off(row), at)).min_by(|a, b| a.0.total_cmp(&b.0));
        match nearest {
            Some((off, at)) if off <= LEVEL * usual => rows[at].push(i),
            _ => rows.push(vec![i]),
        }
    }
    let height = |row: &[usize]| row.iter().map(|&i| down(i)).sum::<f32>() / row.len() as f32;
    rows.sort_by(|a, b| height(a).total_cmp(&height(b)));
    let mut places = Vec::with_capacity(boxes.len());
    for (row, digits) in rows.iter().enumerate() {
        let mut number = 0;
        for (i, &at) in digits.iter().enumerate() {
            if i > 0 && boxes[at].left as f32 - boxes[digits[i - 1]].right as f32 > APART * usual {
                number += 1;
            }
            places.push(Place { at, row, number });
        }
    }
    places
}

/// The slope of the straight lines through each digit and the next one beside it, by least squares: far neighbors tell most.
fn slope_of(boxes: &[Bounds], usual: f32) -> f32 {
    let (mut squares, mut products) = (0.0, 0.0);
    for a in boxes {
        let beside = boxes.iter().filter(|b| {
            let apart = b.left as f32 + b.right as f32 - a.left as f32 - a.right as f32;
            let common = a.bottom.min(b.bottom) as f32 - a.top.max(b.top) as f32;
            apart > 0.0 && apart < 2.0 * NEXT * usual && common > 0.3 * usual
        });
        if let Some(next) = beside.min_by_key(|b| b.left + b.right) {
            let across = (next.left + next.right - a.left - a.right) as f32;
            let down = next.bottom as f32 + next.top as f32 - a.bottom as f32 - a.top as f32;
            squares += across * across;
            products += across * down;
        }
    }
    if squares > 0.0 { (products / squares).clamp(-0.3, 0.3) } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_that_climb_are_told_apart_and_numbers_by_their_gaps() {
        // Two rows that sink by a fifth, 60 apart: the first one's end is lower than the second one's start.
        let columns = [0usize, 40, 80, 200, 240, 400];
        let boxes: Vec<Bounds> = [60usize, 0]
            .iter()
            .flat_map(|&below| {
                columns.iter().rev().map(move |&x| {
                    let top = 20 + below + x / 5;
                    Bounds { left: x, top, right: x + 25, bottom: top + 40 }
                })
            })
            .collect();
        for slope in [None, Some(0.2)] {
            let places = order(&boxes, 40.0, slope);
            let read: Vec<usize> = places.iter().map(|place| place.at).collect();
            assert_eq!(read, [11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0], "{slope:?}");
            let numbers: Vec<usize> = places.iter().map(|place| place.number).collect();
            assert_eq!(numbers, [0, 0, 0, 1, 1, 2, 0, 0, 0, 1, 1, 2]);
            assert_eq!(places[5].row + 1, places[6].row);
        }
        assert!(order(&[], 0.0, None).is_empty());
    }
}
