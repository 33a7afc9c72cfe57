//! Pooling over windows of a picture, NHWC.

use super::elementwise::{add_assign, axpy, scale};
use super::simd::{F32x4, LANES};

/// Geometry of a pooling.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pool2d {
    /// Rows of the input.
    pub in_h: usize,
    /// Columns of the input.
    pub in_w: usize,
    /// Channels, pooled one by one.
    pub channels: usize,
    /// Rows of the output.
    pub out_h: usize,
    /// Columns of the output.
    pub out_w: usize,
    /// Rows of the window.
    pub pool_h: usize,
    /// Columns of the window.
    pub pool_w: usize,
    /// Rows from one window to the next.
    pub stride_h: usize,
    /// Columns from one window to the next.
    pub stride_w: usize,
    /// Rows of the first window above the input.
    pub pad_top: usize,
    /// Columns of the first window left of the input.
    pub pad_left: usize,
}

/// One window of a picture.
struct Window {
    /// Of its output.
    place: usize,
    /// Of its first cell on the input.
    first: usize,
    /// Which of the window's cells that is, row by row; not 0 where padding is cut off.
    first_cell: usize,
    n_rows: usize,
    n_columns: usize,
}

/// Cells of a window whose places are looked up instead of computed.
pub(super) const MAX_CELLS: usize = 16;

/// What marks cell 0 as the winner: a number whose last bits are those of the cell, as those of the numbers
/// after it are.
const FIRST_CELL: f32 = (1 << 23) as f32;

/// What marks this cell as the winner in all lanes.
#[inline(always)]
fn mark_of(cell: usize) -> F32x4 {
    F32x4::splat(FIRST_CELL + cell as f32)
}

/// [`Pool2d::largest`] of windows of four cells, for whole lines of channels.
#[inline(always)]
fn largest_of_four(cells: [&[f32]; 4], marks: [F32x4; 4], y: &mut [f32], winners: &mut [f32]) {
    let [a, b, c, d] = cells.map(|cell| cell.as_chunks::<LANES>().0.iter());
    let mut winners = winners.as_chunks_mut::<LANES>().0.iter_mut();
    for (y, ((a, b), (c, d))) in y.as_chunks_mut::<LANES>().0.iter_mut().zip(a.zip(b).zip(c.zip(d))) {
        let (mut largest, mut winner) = (F32x4::from_array(*a), marks[0]);
        for (mark, x) in marks.into_iter().zip([a, b, c, d]).skip(1) {
            let x = F32x4::from_array(*x);
            winner = winner.max(mark.where_greater(x, largest));
            largest = largest.max(x);
        }
        *y = largest.to_array();
        if let Some(winners) = winners.next() {
            *winners = winner.to_array();
        }
    }
}

/// Which cell a winner is.
#[inline(always)]
pub(super) fn cell_of(winner: f32) -> usize {
    (winner.to_bits() ^ FIRST_CELL.to_bits()) as usize
}

impl Pool2d {
    /// Elements of one input.
    pub fn in_len(&self) -> usize {
        self.in_h * self.in_w * self.channels
    }

    /// Elements of one output.
    pub fn out_len(&self) -> usize {
        self.out_h * self.out_w * self.channels
    }

    /// Calls `visit` for each window of one picture, cut to the input.
    #[inline(always)]
    fn for_each_window(&self, mut visit: impl FnMut(Window)) {
        for out_y in 0..self.out_h {
            let (y, n_rows) = cut(out_y * self.stride_h, self.pad_top, self.pool_h, self.in_h);
            let cut_rows = y + self.pad_top - out_y * self.stride_h;
            for out_x in 0..self.out_w {
                let (x, n_columns) = cut(out_x * self.stride_w, self.pad_left, self.pool_w, self.in_w);
                let cut_columns = x + self.pad_left - out_x * self.stride_w;
                visit(Window {
                    place: (out_y * self.out_w + out_x) * self.channels,
                    first: (y * self.in_w + x) * self.channels,
                    first_cell: cut_rows * self.pool_w + cut_columns,
                    n_rows,
                    n_columns,
                });
            }
        }
    }

    /// `y = max of x over each window`; padding never wins. `winners` tell [`max_backward`](Self::max_backward)
    /// which cell of each window is the largest, the first of equals; of no length they are left out.
    #[inline(never)]
    pub fn max_forward(&self, batch: usize, x: &[f32], y: &mut [f32], winners: &mut [f32]) {
        let c = self.channels;
        assert!(x.len() == batch * self.in_len() && y.len() == batch * self.out_len());
        assert!(winners.is_empty() || winners.len() == y.len());
        let whole = c - c % LANES;
        for (picture, (x, y)) in
            x.chunks_exact(self.in_len()).zip(y.chunks_exact_mut(self.out_len())).enumerate()
        {
            let winners = winners.get_mut(picture * y.len()..(picture + 1) * y.len()).unwrap_or_default();
            self.for_each_window(|Window { place, first, first_cell, n_rows, n_columns }| {
                if (n_rows, n_columns, first_cell, whole) == (2, 2, 0, c) {
                    let cells =
                        [0, c, self.in_w * c, (self.in_w + 1) * c].map(|cell| &x[first + cell..][..c]);
                    let marks = [0, 1, self.pool_w, self.pool_w + 1].map(mark_of);
                    let winners = winners.get_mut(place..place + c).unwrap_or_default();
                    return largest_of_four(cells, marks, &mut y[place..place + c], winners);
                }
                for line in (0..whole).step_by(LANES) {
                    let load = |cell: usize| F32x4::load(&x[cell + line..]);
                    let (largest, winner) = self.largest(first, first_cell, n_rows, n_columns, load);
                    largest.store(&mut y[place + line..]);
                    if !winners.is_empty() {
                        winner.store(&mut winners[place + line..]);
                    }
                }
                if whole < c {
                    let load = |cell: usize| F32x4::load_part(&x[cell + whole..cell + c]);
                    let (largest, winner) = self.largest(first, first_cell, n_rows, n_columns, load);
                    largest.store_part(&mut y[place + whole..place + c]);
                    if !winners.is_empty() {
                        winner.store_part(&mut winners[place + whole..place + c]);
                    }
                }
            });
        }
    }

    /// The largest of a window's cells in each lane, and the mark of the cell it is in.
    #[inline(always)]
    fn largest(
        &self,
        first: usize,
        first_cell: usize,
        n_rows: usize,
        n_columns: usize,
        load: impl Fn(usize) -> F32x4,
    ) -> (F32x4, F32x4) {
        let (mut largest, mut winner) = (load(first), mark_of(first_cell));
        for row in 0..n_rows {
            for column in 0..n_columns {
                let x = load(first + (row * self.in_w + column) * self.channels);
                let mark = mark_of(first_cell + row * self.pool_w + column);
                // Cells count upward, so the larger of two marks is the later winner's.
                winner = winner.max(mark.where_greater(x, largest));
                largest = largest.max(x);
            }
        }
        (largest, winner)
    }

    /// Adds each `d_y` to the `d_x` of its window's winner. Shapes: `winners` and `d_y` as `y`, `d_x` as `x` of
    /// [`max_forward`](Self::max_forward).
    pub fn max_backward(&self, batch: usize, winners: &[f32], d_y: &[f32], d_x: &mut [f32]) {
        let c = self.channels;
        assert!(winners.len() == batch * self.out_len() && d_y.len() == winners.len());
        assert!(d_x.len() == batch * self.in_len());
        let offset = |cell: usize| (cell / self.pool_w * self.in_w + cell % self.pool_w) * c;
        let near: [usize; MAX_CELLS] = std::array::from_fn(offset);
        for (picture, d_x) in d_x.chunks_exact_mut(self.in_len()).enumerate() {
            self.for_each_window(|Window { place, first, first_cell, .. }| {
                let first = first.wrapping_sub(offset(first_cell));
                let place = picture * self.out_len() + place;
                let winners = &winners[place..place + c];
                for (channel, (&winner, &d_y)) in winners.iter().zip(&d_y[place..]).enumerate() {
                    let cell = cell_of(winner);
                    let offset = if cell < MAX_CELLS { near[cell] } else { offset(cell) };
                    d_x[first.wrapping_add(offset + channel)] += d_y;
                }
            });
        }
    }

    /// `y = mean of x over those cells of each window that lie inside the input`, as in Keras.
    pub fn average_forward(&self, batch: usize, x: &[f32], y: &mut [f32]) {
        let c = self.channels;
        assert!(x.len() == batch * self.in_len() && y.len() == batch * self.out_len());
        for (x, y) in x.chunks_exact(self.in_len()).zip(y.chunks_exact_mut(self.out_len())) {
            self.for_each_window(|Window { place, first, n_rows, n_columns, .. }| {
                let y = &mut y[place..place + c];
                y.fill(0.0);
                for row in 0..n_rows {
                    for column in 0..n_columns {
                        let from = first + (row * self.in_w + column) * c;
                        add_assign(y, &x[from..from + c]);
                    }
                }
                scale(y, 1.0 / (n_rows * n_columns) as f32);
            });
        }
    }

    /// `d_x += d_y / cells` for each cell of each window.
    pub fn average_backward(&self, batch: usize, d_y: &[f32], d_x: &mut [f32]) {
        let c = self.channels;
        assert!(d_x.len() == batch * self.in_len() && d_y.len() == batch * self.out_len());
        for (d_x, d_y) in d_x.chunks_exact_mut(self.in_len()).zip(d_y.chunks_exact(self.out_len())) {
            self.for_each_window(|Window { place, first, n_rows, n_columns, .. }| {
                let share = 1.0 / (n_rows * n_columns) as f32;
                for row in 0..n_rows {
                    for column in 0..n_columns {
                        let from = first + (row * self.in_w + column) * c;
                        axpy(share, &d_y[place..place + c], &mut d_x[from..from + c]);
                    }
                }
            });
        }
    }
}

/// First cell and number of cells of the window at `start`, less what lies outside `0..len`.
fn cut(start: usize, pad: usize, window: usize, len: usize) -> (usize, usize) {
    let end = (start + window - pad.min(start + window)).min(len);
    let first = start.saturating_sub(pad).min(len - 1);
    (first, end.max(first + 1) - first)
}

/// `y[c] = mean of x over all places`. Shapes: `x: [batch, places, channels]`, `y: [batch, channels]`.
pub fn global_average_forward(batch: usize, places: usize, channels: usize, x: &[f32], y: &mut [f32]) {
    assert!(x.len() == batch * places * channels && y.len() == batch * channels);
    for (x, y) in x.chunks_exact(places * channels).zip(y.chunks_exact_mut(channels)) {
        y.fill(0.0);
        x.chunks_exact(channels).for_each(|x| add_assign(y, x));
        scale(y, 1.0 / places as f32);
    }
}

/// `d_x += d_y / places`.
pub fn global_average_backward(batch: usize, places: usize, channels: usize, d_y: &[f32], d_x: &mut [f32]) {
    assert!(d_x.len() == batch * places * channels && d_y.len() == batch * channels);
    for (d_x, d_y) in d_x.chunks_exact_mut(places * channels).zip(d_y.chunks_exact(channels)) {
        d_x.chunks_exact_mut(channels).for_each(|d_x| axpy(1.0 / places as f32, d_y, d_x));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_maxima_the_first_receives_the_gradient() {
        let pool = Pool2d {
            in_h: 2,
            in_w: 2,
            channels: 1,
            out_h: 1,
            out_w: 1,
            pool_h: 2,
            pool_w: 2,
            stride_h: 2,
            stride_w: 2,
            pad_top: 0,
            pad_left: 0,
        };
        let (mut d_x, mut y, mut winners) = ([0.0; 4], [0.0], [0.0]);
        pool.max_forward(1, &[1.0, 5.0, 5.0, 5.0], &mut y, &mut winners);
        pool.max_backward(1, &winners, &[3.0], &mut d_x);
        assert_eq!(d_x, [0.0, 3.0, 0.0, 0.0]);
    }

    #[test]
    fn padding_neither_wins_nor_counts() {
        // 3 columns, windows of 3 at stride 2 with one column of padding before and after.
        let pool = Pool2d {
            in_h: 1,
            in_w: 3,
            channels: 1,
            out_h: 1,
            out_w: 2,
            pool_h: 1,
            pool_w: 3,
            stride_h: 1,
            stride_w: 2,
            pad_top: 0,
            pad_left: 1,
        };
        let mut y = [0.0; 2];
        pool.max_forward(1, &[-3.0, -5.0, -7.0], &mut y, &mut []);
        assert_eq!(y, [-3.0, -5.0]);
        pool.average_forward(1, &[-3.0, -5.0, -7.0], &mut y);
        assert_eq!(y, [-4.0, -6.0]);
    }

    /// Cells of each window on the input: `(output place, input places)`, told from the definition.
    fn windows(pool: &Pool2d) -> Vec<(usize, Vec<usize>)> {
        let mut windows = Vec::new();
        for (out_y, out_x) in (0..pool.out_h * pool.out_w).map(|i| (i / pool.out_w, i % pool.out_w)) {
            for channel in 0..pool.channels {
                let mut cells = Vec::new();
                for (u, v) in (0..pool.pool_h * pool.pool_w).map(|i| (i / pool.pool_w, i % pool.pool_w)) {
                    let y = (out_y * pool.stride_h + u).wrapping_sub(pool.pad_top);
                    let x = (out_x * pool.stride_w + v).wrapping_sub(pool.pad_left);
                    if y < pool.in_h && x < pool.in_w {
                        cells.push((y * pool.in_w + x) * pool.channels + channel);
                    }
                }
                windows.push(((out_y * pool.out_w + out_x) * pool.channels + channel, cells));
            }
        }
        windows
    }

    #[test]
    fn pools_agree_with_their_definition_at_odd_shapes() {
        let base = Pool2d {
            in_h: 6,
            in_w: 7,
            channels: 4,
            out_h: 3,
            out_w: 3,
            pool_h: 2,
            pool_w: 2,
            stride_h: 2,
            stride_w: 2,
            pad_top: 0,
            pad_left: 0,
        };
        let shapes = [
            base,
            Pool2d { channels: 7, ..base },
            Pool2d { channels: 1, ..base },
            Pool2d { channels: 9, pool_h: 3, pool_w: 3, out_w: 4, pad_left: 1, pad_top: 1, ..base },
            Pool2d { pool_h: 3, stride_h: 1, out_h: 4, pool_w: 1, stride_w: 3, out_w: 3, ..base },
            // More cells than are looked up.
            Pool2d {
                in_h: 6,
                in_w: 7,
                pool_h: 5,
                pool_w: 6,
                stride_h: 1,
                stride_w: 1,
                out_h: 2,
                out_w: 2,
                ..base
            },
        ];
        let mut rng = crate::rng::Rng::new(5, 0);
        for pool in shapes {
            // Few values, so that windows have several maxima.
            let mut random =
                |len: usize| -> Vec<f32> { (0..len).map(|_| rng.below(5) as f32 - 2.0).collect() };
            let (x, d_y) = (random(2 * pool.in_len()), random(2 * pool.out_len()));
            let mut y = [vec![f32::NAN; d_y.len()], vec![f32::NAN; d_y.len()]];
            let mut d_x = [vec![1.0; x.len()], vec![1.0; x.len()]];
            let mut winners = vec![f32::NAN; d_y.len()];
            pool.max_forward(2, &x, &mut y[1], &mut []);
            pool.max_forward(2, &x, &mut y[0], &mut winners);
            assert_eq!(y[0], y[1]);
            pool.average_forward(2, &x, &mut y[1]);
            pool.max_backward(2, &winners, &d_y, &mut d_x[0]);
            pool.average_backward(2, &d_y, &mut d_x[1]);
            let mut expected = [vec![1.0; x.len()], vec![1.0; x.len()]];
            for image in 0..2 {
                for (place, cells) in windows(&pool) {
                    let place = image * pool.out_len() + place;
                    let at = |cell: usize| image * pool.in_len() + cell;
                    let largest = cells.iter().map(|&cell| x[at(cell)]).fold(f32::NEG_INFINITY, f32::max);
                    assert_eq!(y[0][place], largest, "{pool:?}");
                    let first = cells.iter().find(|&&cell| x[at(cell)] == largest).unwrap();
                    expected[0][at(*first)] += d_y[place];
                    let mean = cells.iter().map(|&cell| x[at(cell)]).sum::<f32>() / cells.len() as f32;
                    assert!((y[1][place] - mean).abs() < 1e-6, "{pool:?}");
                    cells.iter().for_each(|&cell| expected[1][at(cell)] += d_y[place] / cells.len() as f32);
                }
            }
            assert_eq!(d_x[0], expected[0], "{pool:?}");
            for (got, expected) in d_x[1].iter().zip(&expected[1]) {
                assert!((got - expected).abs() < 1e-5, "{pool:?}");
            }
        }
    }
}
