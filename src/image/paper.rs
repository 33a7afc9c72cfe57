//! How bright the paper of a picture is, at each pixel, so that ink is what differs from it.

use super::{Pixels, resize};

/// The brightness of the empty paper: a surface of degree 2, constant where the light is even.
pub(super) struct Paper {
    /// Of 1, x, y, x², xy, y², where x and y run from −1 to 1 over the picture.
    terms: [f64; 6],
    /// The spread of the picture's border around the surface: 1.48 times the median distance, which is
    /// one standard deviation of a normal distribution.
    pub noise: f32,
}

/// Border levels (10th to 90th percentile) may differ by this much under even light.
const EVEN_SPREAD: usize = 8;
/// The surface is fitted to a picture reduced to this many pixels a side.
const FIT_SIDE: usize = 48;

impl Paper {
    /// The paper of a gray picture, judged by its border where that is even, else by the brightness that
    /// most of the picture follows.
    pub fn of(gray: &Pixels) -> Paper {
        let border = border_levels(gray);
        let spread = percentile(&border, 0.9) - percentile(&border, 0.1);
        let level = percentile(&border, 0.5) as f64;
        let mut paper = Paper { terms: [level, 0.0, 0.0, 0.0, 0.0, 0.0], noise: 0.0 };
        if spread > EVEN_SPREAD && gray.width.min(gray.height) >= 8 {
            paper.fit(gray, spread as f64);
        }
        paper.noise = paper.border_noise(gray);
        paper
    }

    /// The paper's brightness along row `y`.
    pub fn row(&self, gray: &Pixels, y: usize) -> impl Fn(usize) -> f32 {
        let terms = self.terms;
        let (at_y, step_x) = (centered(y, gray.height), 2.0 / gray.width as f64);
        let constant = terms[0] + terms[2] * at_y + terms[5] * at_y * at_y;
        let linear = terms[1] + terms[4] * at_y;
        move |x| {
            let at_x = (x as f64 + 0.5) * step_x - 1.0;
            (constant + linear * at_x + terms[3] * at_x * at_x) as f32
        }
    }

    /// Least squares, again and again with less weight on what lies far off: ink ends with next to none.
    fn fit(&mut self, gray: &Pixels, spread: f64) {
        let small = resize::area(gray, gray.width.min(FIT_SIDE), gray.height.min(FIT_SIDE));
        let mut tolerance = spread;
        for _ in 0..12 {
            let mut system = [[0.0f64; 7]; 6];
            for y in 0..small.height {
                let paper = self.row(&small, y);
                let at_y = centered(y, small.height);
                for x in 0..small.width {
                    let at_x = centered(x, small.width);
                    let value = f64::from(small.data[y * small.width + x]);
                    let off = (value - f64::from(paper(x))) / tolerance;
                    let weight = 1.0 / ((1.0 + off * off) * (1.0 + off * off));
                    let row = [1.0, at_x, at_y, at_x * at_x, at_x * at_y, at_y * at_y, value];
                    for i in 0..6 {
                        for j in 0..7 {
                            system[i][j] += weight * row[i] * row[j];
                        }
                    }
                }
            }
            let Some(terms) = solve(system) else { return };
            self.terms = terms;
            tolerance = (tolerance * 0.8).max(4.0);
        }
    }

    fn border_noise(&self, gray: &Pixels) -> f32 {
        let mut counts = [0usize; 256];
        for_border(gray, |x, y, value| {
            let off = (f32::from(value) - self.row(gray, y)(x)).abs();
            counts[(off + 0.5).min(255.0) as usize] += 1;
        });
        1.48 * percentile(&counts, 0.5) as f32
    }
}

/// The middle of pixel `at` of `n`, from −1 to 1.
fn centered(at: usize, n: usize) -> f64 {
    (at as f64 + 0.5) * (2.0 / n as f64) - 1.0
}

/// Gauss elimination with pivots; none where the system has no single solution.
fn solve(mut system: [[f64; 7]; 6]) -> Option<[f64; 6]> {
    for column in 0..6 {
        let pivot =
            (column..6).max_by(|&a, &b| system[a][column].abs().total_cmp(&system[b][column].abs()))?;
        system.swap(column, pivot);
        if system[column][column].abs() < 1e-9 {
            return None;
        }
        let pivot = system[column];
        for row in &mut system[column + 1..] {
            let factor = row[column] / pivot[column];
            for (value, pivot_value) in row.iter_mut().zip(pivot).skip(column) {
                *value -= factor * pivot_value;
            }
        }
    }
    let mut solution = [0.0; 6];
    for row in (0..6).rev() {
        let mut rest = system[row][6];
        for column in row + 1..6 {
            rest -= system[row][column] * solution[column];
        }
        solution[row] = rest / system[row][row];
    }
    Some(solution)
}

/// Calls `visit(x, y, value)` for a frame of 1/32 of the shorter side.
fn for_border(gray: &Pixels, mut visit: impl FnMut(usize, usize, u8)) {
    let (width, height) = (gray.width, gray.height);
    let thick = (width.min(height) / 32).max(1);
    for y in 0..height {
        let whole_row = y < thick || y + thick >= height;
        for x in 0..width {
            if whole_row || x < thick || x + thick >= width {
                visit(x, y, gray.data[y * width + x]);
            }
        }
    }
}

fn border_levels(gray: &Pixels) -> [usize; 256] {
    let mut counts = [0; 256];
    for_border(gray, |_, _, value| counts[usize::from(value)] += 1);
    counts
}

/// The least level that at least `share` of the counted pixels do not exceed.
pub(super) fn percentile(counts: &[usize; 256], share: f64) -> usize {
    let total: usize = counts.iter().sum();
    let mut seen = 0;
    for (level, &count) in counts.iter().enumerate() {
        seen += count;
        if seen as f64 >= share * total as f64 && seen > 0 {
            return level;
        }
    }
    255
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_paper_is_its_border_whatever_lies_inside() {
        let mut gray = Pixels::new(20, 20, 1, vec![240; 400]).expect("sound");
        for y in 3..17 {
            gray.data[y * 20 + 3..y * 20 + 17].fill(10);
        }
        let paper = Paper::of(&gray);
        assert_eq!((paper.row(&gray, 10)(10), paper.noise), (240.0, 0.0));
    }

    #[test]
    fn slanted_light_is_followed_under_a_stroke() {
        let shade = |x: usize, y: usize| 120.0 + x as f32 + 0.5 * y as f32 - 0.004 * (x * x) as f32;
        let mut data: Vec<u8> = (0..100 * 80).map(|i| shade(i % 100, i / 100) as u8).collect();
        for y in 10..70 {
            data[y * 100 + 45..y * 100 + 55].fill(20);
        }
        let gray = Pixels::new(100, 80, 1, data).expect("sound");
        let paper = Paper::of(&gray);
        for (x, y) in [(5, 5), (50, 40), (95, 70), (50, 12)] {
            let off = paper.row(&gray, y)(x) - shade(x, y);
            assert!(off.abs() < 3.0, "{off} at {x} {y}");
        }
    }
}
