//! Pooling over windows of a picture, NHWC.

use super::elementwise::{add_assign, axpy, each_with, each_with_two, scale};
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

/// The most cells of a window whose winner is kept.
pub const MAX_CELLS: usize = 16;

/// What marks cell 0 as the winner: a number whose last bits are those of the cell, as those of the numbers
/// after it are.
const FIRST_CELL: f32 = (1 << 23) as f32;

/// Which cell a winner is, below [`MAX_CELLS`].
#[inline(always)]
pub(super) fn cell_of(winner: f32) -> usize {
    winner.to_bits() as usize % MAX_CELLS
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

    /// `y = max of x over each window`; padding never wins.
    pub fn max_forward(&self, batch: usize, x: &[f32], y: &mut [f32]) {
        let c = self.channels;
        assert!(x.len() == batch * self.in_len() && y.len() == batch * self.out_len());
        for (x, y) in x.chunks_exact(self.in_len()).zip(y.chunks_exact_mut(self.out_len())) {
            self.for_each_window(|Window { place, first, n_rows, n_columns, .. }| {
                let y = &mut y[place..place + c];
                if (n_rows, n_columns) == (2, 2) {
                    let (top, bottom) = (&x[first..first + 2 * c], &x[first + self.in_w * c..][..2 * c]);
                    let (left, right) = top.split_at(c);
                    each_with_two(y, left, right, |_, left, right| left.max(right));
                    let (left, right) = bottom.split_at(c);
                    each_with_two(y, left, right, |y, left, right| y.max(left).max(right));
                    return;
                }
                y.copy_from_slice(&x[first..first + c]);
                for row in 0..n_rows {
                    for column in 0..n_columns {
                        let from = first + (row * self.in_w + column) * c;
                        each_with(y, &x[from..from + c], |y, x| y.max(x));
                    }
                }
            });
        }
    }

    /// As [`max_forward`](Self::max_forward) for one picture; `winners` tell which cell of each window is the
    /// largest, the first of equals. The window has at most [`MAX_CELLS`] cells.
    #[inline(never)]
    pub(super) fn max_forward_with_winners(&self, x: &[f32], y: &mut [f32], winners: &mut [f32]) {
        let c = self.channels;
        assert!(x.len() == self.in_len() && y.len() == self.out_len() && winners.len() == y.len());
        let whole = c - c % LANES;
        self.for_each_window(|Window { place, first, first_cell, n_rows, n_columns }| {
            let (y, winners) = (&mut y[place..place + c], &mut winners[place..place + c]);
            if (n_rows, n_columns, self.pool_w) == (2, 2, 2) && c == whole {
                let top = x[first..first + 2 * c].split_at(c);
                let bottom = x[first + self.in_w * c..][..2 * c].split_at(c);
                return largest_of_four([top.0, top.1, bottom.0, bottom.1], y, winners);
            }
            let lines = y.chunks_mut(LANES).zip(winners.chunks_mut(LANES));
            for (line, (y, winners)) in lines.enumerate() {
                let first = first + line * LANES;
                let load = |place: usize| {
                    if line * LANES < whole {
                        F32x4::load(&x[place..])
                    } else {
                        F32x4::load_part(&x[place..][..c - whole])
                    }
                };
                let mut largest = load(first);
                let mut winner = F32x4::splat(FIRST_CELL + first_cell as f32);
                for row in 0..n_rows {
                    for column in 0..n_columns {
                        let x = load(first + (row * self.in_w + column) * c);
                        let cell =
                            F32x4::splat(FIRST_CELL + (first_cell + row * self.pool_w + column) as f32);
                        // Cells count upward, so the larger of two numbers is the later winner.
                        winner = winner.max(cell.where_greater(x, largest));
                        largest = largest.max(x);
                    }
                }
                largest.store_part(y);
                winner.store_part(winners);
            }
        });
    }

    /// Adds each `d_y` to the `d_x` of its window's winner, for one picture.
    pub(super) fn add_to_winners(&self, winners: &[f32], d_y: &[f32], d_x: &mut [f32]) {
        let c = self.channels;
        assert!(winners.len() == self.out_len() && d_y.len() == winners.len() && d_x.len() == self.in_len());
        let offsets: [usize; MAX_CELLS] =
            std::array::from_fn(|cell| (cell / self.pool_w * self.in_w + cell % self.pool_w) * c);
        self.for_each_window(|Window { place, first, first_cell, .. }| {
            let first = first.wrapping_sub(offsets[first_cell]);
            for (channel, (&winner, &d_y)) in winners[place..place + c].iter().zip(&d_y[place..]).enumerate()
            {
                d_x[first.wrapping_add(offsets[cell_of(winner)] + channel)] += d_y;
            }
        });
    }

    /// Adds each `d_y` to the `d_x` of the first maximum of its window, row by row, found again from `x` and `y`.
    pub fn max_backward(&self, batch: usize, x: &[f32], y: &[f32], d_y: &[f32], d_x: &mut [f32]) {
        let c = self.channels;
        assert!(x.len() == batch * self.in_len() && y.len() == batch * self.out_len());
        assert!(d_x.len() == x.len() && d_y.len() == y.len());
        let whole = c - c % LANES;
        let pictures = x.chunks_exact(self.in_len()).zip(d_x.chunks_exact_mut(self.in_len()));
        let outputs = y.chunks_exact(self.out_len()).zip(d_y.chunks_exact(self.out_len()));
        for ((x, d_x), (y, d_y)) in pictures.zip(outputs) {
            self.for_each_window(|Window { place, first, n_rows, n_columns, .. }| {
                let (y, d_y) = (&y[place..place + c], &d_y[place..place + c]);
                // What each lane still has to give away goes from cell to cell.
                for block in (0..whole).step_by(LANES) {
                    let (y, mut left) = (F32x4::load(&y[block..]), F32x4::load(&d_y[block..]));
                    for row in 0..n_rows {
                        for column in 0..n_columns {
                            let from = first + (row * self.in_w + column) * c + block;
                            let (x, d_x) = (F32x4::load(&x[from..]), &mut d_x[from..from + LANES]);
                            let given = left.where_equal(x, y);
                            F32x4::load(d_x).add(given).store(d_x);
                            left = left.sub(given);
                        }
                    }
                }
                for channel in whole..c {
                    let cells = (0..n_rows * n_columns)
                        .map(|cell| (cell / n_columns * self.in_w + cell % n_columns) * c + first + channel);
                    if let Some(cell) = cells.into_iter().find(|&cell| x[cell] == y[channel]) {
                        d_x[cell] += d_y[channel];
                    }
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

/// The largest of four cells and which it is, channel by channel, for whole lines of channels.
#[inline(always)]
fn largest_of_four([a, b, c, d]: [&[f32]; 4], y: &mut [f32], winners: &mut [f32]) {
    let cells = [1.0, 2.0, 3.0].map(|cell| F32x4::splat(FIRST_CELL + cell));
    let outputs = y.chunks_exact_mut(LANES).zip(winners.chunks_exact_mut(LANES));
    let top = a.chunks_exact(LANES).zip(b.chunks_exact(LANES));
    let bottom = c.chunks_exact(LANES).zip(d.chunks_exact(LANES));
    for ((y, winners), ((a, b), (c, d))) in outputs.zip(top.zip(bottom)) {
        let (mut largest, mut winner) = (F32x4::load(a), F32x4::splat(FIRST_CELL));
        for (cell, x) in cells.into_iter().zip([b, c, d].map(F32x4::load)) {
            winner = winner.max(cell.where_greater(x, largest));
            largest = largest.max(x);
        }
        largest.store(y);
        winner.store(winners);
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
        let mut d_x = [0.0; 4];
        pool.max_backward(1, &[1.0, 5.0, 5.0, 5.0], &[5.0], &[3.0], &mut d_x);
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
        pool.max_forward(1, &[-3.0, -5.0, -7.0], &mut y);
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
        ];
        let mut rng = crate::rng::Rng::new(5, 0);
        for pool in shapes {
            // Few values, so that windows have several maxima.
            let mut random =
                |len: usize| -> Vec<f32> { (0..len).map(|_| rng.below(5) as f32 - 2.0).collect() };
            let (x, d_y) = (random(2 * pool.in_len()), random(2 * pool.out_len()));
            let mut y = [vec![f32::NAN; d_y.len()], vec![f32::NAN; d_y.len()]];
            let mut d_x = [vec![1.0; x.len()], vec![1.0; x.len()]];
            pool.max_forward(2, &x, &mut y[0]);
            pool.average_forward(2, &x, &mut y[1]);
            pool.max_backward(2, &x, &y[0], &d_y, &mut d_x[0]);
            pool.average_backward(2, &d_y, &mut d_x[1]);
            for (image, d_y) in d_y.chunks_exact(pool.out_len()).enumerate() {
                let x = &x[image * pool.in_len()..][..pool.in_len()];
                let (mut again, mut winners) = (vec![f32::NAN; d_y.len()], vec![f32::NAN; d_y.len()]);
                pool.max_forward_with_winners(x, &mut again, &mut winners);
                assert_eq!(again, y[0][image * pool.out_len()..][..again.len()], "{pool:?}");
                let mut given = vec![1.0; x.len()];
                pool.add_to_winners(&winners, d_y, &mut given);
                assert_eq!(given, d_x[0][image * pool.in_len()..][..given.len()], "{pool:?}");
            }
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
