//! A smooth random displacement field: normally distributed numbers on a coarse grid, joined by a
//! uniform cubic B-spline in both directions.
//!
//! The same kind of field as random displacements smoothed by a Gaussian (Simard, Steinkraus,
//! Platt 2003), at a small part of the cost: nothing dense is filtered.

use crate::rng::Rng;

/// The mean over a cell of Σ B², of the cubic B-spline's four weights B: the share of a grid's
/// variance that the spline leaves along one direction.
const KEPT_SQUARED: f32 = 151.0 / 315.0;

/// A field over a picture of one size, with the spline's weights worked out beforehand.
#[derive(Debug)]
pub(super) struct Field {
    columns: Spline,
    rows: Spline,
    /// Grid of x displacements, then of y displacements, each `[rows.grid_len, columns.grid_len]`.
    grid: Vec<f32>,
    /// One row of the picture: the grid joined vertically, x then y, each `[columns.grid_len]`.
    joined: Vec<f32>,
}

/// Where each pixel along one direction lies on the grid.
#[derive(Debug)]
struct Spline {
    grid_len: usize,
    /// Per pixel, the first of its four grid points and their weights.
    places: Vec<(u32, [f32; 4])>,
}

impl Spline {
    fn new(len: usize, spacing: f32) -> Spline {
        let places: Vec<(u32, [f32; 4])> = (0..len)
            .map(|pixel| {
                let at = pixel as f32 / spacing;
                let first = at.floor();
                let t = at - first;
                let s = 1.0 - t;
                let middle = |t: f32| (4.0 + t * t * (3.0 * t - 6.0)) / 6.0;
                (first as u32, [s * s * s / 6.0, middle(t), middle(s), t * t * t / 6.0])
            })
            .collect();
        let last = places.last().map_or(0, |place| place.0);
        Spline { grid_len: last as usize + 4, places }
    }
}

impl Field {
    /// A still field for pictures of `height` by `width`, its grid `spacing` pixels wide.
    pub(super) fn new(height: usize, width: usize, spacing: f32) -> Field {
        let (columns, rows) = (Spline::new(width, spacing), Spline::new(height, spacing));
        Field {
            grid: vec![0.0; 2 * rows.grid_len * columns.grid_len],
            joined: vec![0.0; 2 * columns.grid_len],
            columns,
            rows,
        }
    }

    /// Draws a new field whose displacements have the standard deviation `deviation` in x and in y.
    ///
    /// Draws one `u32` a grid point: x displacements row by row, then y displacements.
    pub(super) fn draw(&mut self, deviation: f32, rng: &mut Rng) {
        let on_grid = deviation / KEPT_SQUARED; // the root for each of the two directions
        for value in &mut self.grid {
            *value = on_grid * bell(rng);
        }
    }

    /// Adds the displacements of row `y` to `d_x` and `d_y`, each `[width]`.
    pub(super) fn add_row(&mut self, y: usize, d_x: &mut [f32], d_y: &mut [f32]) {
        let n = self.columns.grid_len;
        let (first, weights) = self.rows.places[y];
        let (grid_x, grid_y) = self.grid.split_at(self.grid.len() / 2);
        let (joined_x, joined_y) = self.joined.split_at_mut(n);
        for (grid, joined) in [(grid_x, &mut *joined_x), (grid_y, &mut *joined_y)] {
            let four = &grid[first as usize * n..(first as usize + 4) * n];
            for (i, sum) in joined.iter_mut().enumerate() {
                *sum = weights[0] * four[i]
                    + weights[1] * four[n + i]
                    + weights[2] * four[2 * n + i]
                    + weights[3] * four[3 * n + i];
            }
        }
        for ((&(first, w), d_x), d_y) in self.columns.places.iter().zip(d_x).zip(d_y) {
            let (a, b) = (&joined_x[first as usize..][..4], &joined_y[first as usize..][..4]);
            *d_x += w[0] * a[0] + w[1] * a[1] + w[2] * a[2] + w[3] * a[3];
            *d_y += w[0] * b[0] + w[1] * b[1] + w[2] * b[2] + w[3] * b[3];
        }
    }
}

/// A bell-shaped number of mean 0 and standard deviation 1, never beyond ±3.46: the sum of the
/// four bytes of one draw. A twelfth of the cost of [`Rng::normal`].
pub(super) fn bell(rng: &mut Rng) -> f32 {
    let bits = rng.next_u32();
    // Two bytes at a time, each pair in its own half: no carry can cross.
    let pairs = (bits & 0x00ff_00ff) + ((bits >> 8) & 0x00ff_00ff);
    let sum = (pairs & 0xffff) + (pairs >> 16);
    // Each byte has the mean 127.5 and the variance (256² − 1) / 12.
    (sum as f32 - 510.0) * (1.0 / 147.800_54)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dense(field: &mut Field, height: usize, width: usize) -> (Vec<f32>, Vec<f32>) {
        let (mut all_x, mut all_y) = (vec![0.0; height * width], vec![0.0; height * width]);
        for (y, (d_x, d_y)) in all_x.chunks_mut(width).zip(all_y.chunks_mut(width)).enumerate() {
            field.add_row(y, d_x, d_y);
        }
        (all_x, all_y)
    }

    #[test]
    fn bell_has_mean_0_and_variance_1_and_short_tails() {
        let mut rng = Rng::new(5, 0);
        let draws: Vec<f64> = (0..100_000).map(|_| f64::from(bell(&mut rng))).collect();
        let mean = draws.iter().sum::<f64>() / 1e5;
        let variance = draws.iter().map(|x| x * x).sum::<f64>() / 1e5;
        assert!(mean.abs() < 0.01 && (variance - 1.0).abs() < 0.015, "{mean} {variance}");
        assert!(draws.iter().all(|x| x.abs() < 3.451));
    }

    #[test]
    fn a_level_grid_gives_a_level_field() {
        let mut field = Field::new(9, 11, 2.5);
        field.grid.fill(1.5);
        let (d_x, d_y) = dense(&mut field, 9, 11);
        assert!(d_x.iter().chain(&d_y).all(|d| (d - 1.5).abs() < 1e-5));
    }

    #[test]
    fn displacements_have_the_deviation_asked_for() {
        let mut field = Field::new(28, 28, 6.0);
        let mut rng = Rng::new(1, 1);
        let mut squares = [0.0f64; 2];
        for _ in 0..500 {
            field.draw(2.0, &mut rng);
            let (d_x, d_y) = dense(&mut field, 28, 28);
            squares[0] += d_x.iter().map(|d| f64::from(d * d)).sum::<f64>() / 784.0 / 500.0;
            squares[1] += d_y.iter().map(|d| f64::from(d * d)).sum::<f64>() / 784.0 / 500.0;
        }
        assert!(squares.iter().all(|square| (square.sqrt() - 2.0).abs() < 0.1), "{squares:?}");
    }

    #[test]
    fn neighbours_move_almost_alike() {
        let mut field = Field::new(28, 28, 8.0);
        field.draw(1.0, &mut Rng::new(3, 1));
        let (d_x, _) = dense(&mut field, 28, 28);
        assert!(d_x.windows(2).enumerate().all(|(i, pair)| i % 28 == 27 || (pair[1] - pair[0]).abs() < 0.6));
    }
}
