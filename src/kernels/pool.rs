//! Pooling over windows of a picture, NHWC.

use super::elementwise::{add_assign, axpy, scale};

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

impl Pool2d {
    fn in_len(&self) -> usize {
        self.in_h * self.in_w * self.channels
    }

    fn out_len(&self) -> usize {
        self.out_h * self.out_w * self.channels
    }

    /// Calls `visit(output place, first input place, n_rows, n_columns)` for each window of one picture, cut to
    /// the input.
    fn for_each_window(&self, mut visit: impl FnMut(usize, usize, usize, usize)) {
        for out_y in 0..self.out_h {
            let (y, n_rows) = cut(out_y * self.stride_h, self.pad_top, self.pool_h, self.in_h);
            for out_x in 0..self.out_w {
                let (x, n_columns) = cut(out_x * self.stride_w, self.pad_left, self.pool_w, self.in_w);
                let place = (out_y * self.out_w + out_x) * self.channels;
                visit(place, (y * self.in_w + x) * self.channels, n_rows, n_columns);
            }
        }
    }

    /// `y = max of x over each window`; padding never wins.
    pub fn max_forward(&self, batch: usize, x: &[f32], y: &mut [f32]) {
        let c = self.channels;
        assert!(x.len() == batch * self.in_len() && y.len() == batch * self.out_len());
        for (x, y) in x.chunks_exact(self.in_len()).zip(y.chunks_exact_mut(self.out_len())) {
            self.for_each_window(|place, first, n_rows, n_columns| {
                let y = &mut y[place..place + c];
                y.copy_from_slice(&x[first..first + c]);
                for row in 0..n_rows {
                    for column in 0..n_columns {
                        let from = first + (row * self.in_w + column) * c;
                        for (y, &x) in y.iter_mut().zip(&x[from..from + c]) {
                            *y = if x > *y { x } else { *y };
                        }
                    }
                }
            });
        }
    }

    /// Adds each `d_y` to the `d_x` of the first maximum of its window, row by row, found again from `x` and `y`.
    pub fn max_backward(&self, batch: usize, x: &[f32], y: &[f32], d_y: &[f32], d_x: &mut [f32]) {
        let c = self.channels;
        assert!(x.len() == batch * self.in_len() && y.len() == batch * self.out_len());
        assert!(d_x.len() == x.len() && d_y.len() == y.len());
        let pictures = x.chunks_exact(self.in_len()).zip(d_x.chunks_exact_mut(self.in_len()));
        let outputs = y.chunks_exact(self.out_len()).zip(d_y.chunks_exact(self.out_len()));
        for ((x, d_x), (y, d_y)) in pictures.zip(outputs) {
            self.for_each_window(|place, first, n_rows, n_columns| {
                // Channels are taken eight at a time, with what is still to be given away beside them.
                for block in (0..c).step_by(8) {
                    let width = 8.min(c - block);
                    let mut left = [0.0f32; 8];
                    left[..width].copy_from_slice(&d_y[place + block..place + block + width]);
                    let y = &y[place + block..place + block + width];
                    for row in 0..n_rows {
                        for column in 0..n_columns {
                            let from = first + (row * self.in_w + column) * c + block;
                            let cells = x[from..from + width].iter().zip(&mut d_x[from..from + width]);
                            for (((&x, d_x), &y), left) in cells.zip(y).zip(&mut left) {
                                let given = if x == y { *left } else { 0.0 };
                                *d_x += given;
                                *left -= given;
                            }
                        }
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
            self.for_each_window(|place, first, n_rows, n_columns| {
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
            self.for_each_window(|place, first, n_rows, n_columns| {
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
}
