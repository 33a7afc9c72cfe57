//! A head by linear discriminant analysis, for features of which many say nearly the same.
//!
//! With `m_k` the mean of class k and `S` the covariance of the features within the classes, drawn toward equal and independent
//! ones, `S' = (1 - a) S + a (trace S / d) I`: `w_k = S'⁻¹ m_k`, `bias_k = -½ m_k · w_k`. What all pictures vary in, light or
//! place, counts little then, which a head trained from few pictures cannot know. All it needs are sums over the examples, so
//! what a head without some of them would be is a subtraction away.
//!
//! Source: Fisher 1936 for the direction; Friedman 1989, *Regularized discriminant analysis*, for the shrinking.

use super::heads::{Examples, add_scaled, dot};
use crate::kernels::activation::Activation;
use crate::kernels::gemm::Gemm;
use crate::model::Head;

/// Rows of a block of the covariance.
const BLOCK: usize = 128;
/// Examples taken together.
const ROWS: usize = 256;

/// The upper half of a symmetric matrix: blocks of rows, each from the diagonal's block on.
#[derive(Clone, Debug)]
struct Upper {
    n: usize,
    blocks: Vec<Vec<f32>>,
}

impl Upper {
    fn zeros(n: usize) -> Upper {
        let block = |start: usize| vec![0.0; BLOCK.min(n - start) * (n - start)];
        Upper { n, blocks: (0..n).step_by(BLOCK).map(block).collect() }
    }

    /// Adds `scale · zᵀ z` of `z: [k, n]`.
    fn add_products(&mut self, z: &[f32], scale: f32) {
        let n = self.n;
        let k = z.len() / n;
        for (b, block) in self.blocks.iter_mut().enumerate() {
            add_block(block, z, n, k, b * BLOCK, scale);
        }
    }

    fn add_scaled(&mut self, other: &Upper, scale: f32) {
        for (block, other) in self.blocks.iter_mut().zip(&other.blocks) {
            add_scaled(block, other, scale);
        }
    }

    fn diagonal(&self) -> impl Iterator<Item = f32> {
        (0..self.n).map(|i| self.blocks[i / BLOCK][(i % BLOCK) * (self.n - i / BLOCK * BLOCK) + i % BLOCK])
    }

    /// Adds to the diagonal.
    fn lift(&mut self, by: f32) {
        for i in 0..self.n {
            let width = self.n - i / BLOCK * BLOCK;
            self.blocks[i / BLOCK][(i % BLOCK) * width + i % BLOCK] += by;
        }
    }

    /// Becomes R with `Rᵀ R` as this was; pivots are `least` at least.
    fn factor(&mut self, least: f32) {
        for b in 0..self.blocks.len() {
            let width = self.n - b * BLOCK;
            let (done, rest) = self.blocks.split_at_mut(b + 1);
            let panel = &mut done[b];
            let height = panel.len() / width;
            for i in 0..height {
                let (above, row) = panel.split_at_mut(i * width);
                let row = &mut row[..width];
                for above in above.chunks_exact(width) {
                    let factor = -above[i];
                    add_scaled(&mut row[i..], &above[i..], factor);
                }
                let pivot = row[i].max(least).sqrt();
                row[i..].iter_mut().for_each(|x| *x /= pivot);
                row[i] = pivot;
            }
            for (c, block) in rest.iter_mut().enumerate() {
                add_block(block, panel, width, height, (c + 1) * BLOCK, -1.0);
            }
        }
    }

    /// `x` with `Rᵀ R x = y`, in the place of `y`; this is R.
    fn solve(&self, y: &mut [f32]) {
        let row = |i: usize| {
            let width = self.n - i / BLOCK * BLOCK;
            &self.blocks[i / BLOCK][(i % BLOCK) * width + i % BLOCK..(i % BLOCK + 1) * width]
        };
        for i in 0..self.n {
            let row = row(i);
            y[i] /= row[0];
            let factor = -y[i];
            add_scaled(&mut y[i + 1..], &row[1..], factor);
        }
        for i in (0..self.n).rev() {
            let row = row(i);
            y[i] = (y[i] - dot(&row[1..], &y[i + 1..])) / row[0];
        }
    }
}

/// Adds to the rows from `start` on, as many as a block has, `scale · zᵀ z`: `z: [k, n]`, `block: [rows, n - start]`.
fn add_block(block: &mut [f32], z: &[f32], n: usize, k: usize, start: usize, scale: f32) {
    let width = n - start;
    let height = block.len() / width;
    let part = |columns: usize, scale: f32| -> Vec<f32> {
        z.chunks_exact(n).flat_map(|row| row[start..start + columns].iter().map(move |x| scale * x)).collect()
    };
    let (a, b) = (part(height, scale), part(width, 1.0));
    let gemm = Gemm { m: height, n: width, k, a_transposed: true, b_transposed: false, accumulate: true };
    gemm.run(&a, &b, None, Activation::None, &mut [], block);
}

/// Sums over examples, of their features less a common center.
#[derive(Clone, Debug)]
pub(super) struct Sums {
    counts: Vec<f32>,
    /// Shape `[n_classes, n_features]`.
    sums: Vec<f32>,
    products: Upper,
}

impl Sums {
    /// Those of these examples, which need not have all the classes.
    pub(super) fn of<'a>(
        rows: impl Iterator<Item = (&'a [f32], usize)>,
        center: &[f32],
        n_classes: usize,
    ) -> Sums {
        let n = center.len();
        let mut sums =
            Sums { counts: vec![0.0; n_classes], sums: vec![0.0; n_classes * n], products: Upper::zeros(n) };
        sums.take(rows, center);
        sums
    }

    /// Takes these examples, too.
    pub(super) fn take<'a>(&mut self, rows: impl Iterator<Item = (&'a [f32], usize)>, center: &[f32]) {
        let n = center.len();
        let mut z = Vec::with_capacity(ROWS * n);
        for (row, class) in rows {
            let start = z.len();
            z.extend(row.iter().zip(center).map(|(x, m)| x - m));
            self.counts[class] += 1.0;
            add_scaled(&mut self.sums[class * n..][..n], &z[start..], 1.0);
            if z.len() == ROWS * n {
                self.products.add_products(&z, 1.0);
                z.clear();
            }
        }
        if !z.is_empty() {
            self.products.add_products(&z, 1.0);
        }
    }

    /// More examples, by 1, or fewer, by -1.
    pub(super) fn add(&mut self, other: &Sums, scale: f32) {
        add_scaled(&mut self.counts, &other.counts, scale);
        add_scaled(&mut self.sums, &other.sums, scale);
        self.products.add_scaled(&other.products, scale);
    }

    /// The head that these examples give; none where a class has no example. Takes the sums, in whose place it is computed:
    /// the products of 1,664 features are 5.5 MB.
    pub(super) fn into_head(self, center: &[f32], shrinkage: f32) -> Option<Head> {
        let (n, n_classes) = (center.len(), self.counts.len());
        if self.counts.contains(&0.0) {
            return None;
        }
        let total: f32 = self.counts.iter().sum();
        let Sums { counts, sums: mut means, products: mut within } = self;
        let mut spread = vec![0.0; n_classes * n];
        for ((mean, spread), &count) in means.chunks_exact_mut(n).zip(spread.chunks_exact_mut(n)).zip(&counts)
        {
            mean.iter_mut().for_each(|x| *x /= count);
            add_scaled(spread, mean, count.sqrt());
        }
        let whole: f32 = within.diagonal().sum();
        within.add_products(&spread, -1.0);
        // Of the mean variance; pictures that are all alike within their classes have none.
        let level = (within.diagonal().sum::<f32>() / (total * n as f32))
            .max(1e-4 * whole / (total * n as f32))
            .max(1e-12);
        within.blocks.iter_mut().flatten().for_each(|x| *x *= (1.0 - shrinkage) / total);
        within.lift(shrinkage.max(1e-4) * level);
        within.factor(1e-6 * level);
        let mut head = Head { weights: vec![0.0; n * n_classes], bias: vec![0.0; n_classes] };
        for (class, mean) in means.chunks_exact(n).enumerate() {
            let mut w = mean.to_vec();
            within.solve(&mut w);
            for (i, w) in w.iter().enumerate() {
                head.weights[i * n_classes + class] = *w;
            }
            head.bias[class] = -0.5 * dot(mean, &w) - dot(center, &w);
        }
        Some(head)
    }
}

/// The head by discriminant analysis of all these examples.
pub fn discriminant(examples: Examples<'_>, shrinkage: f32) -> Head {
    let center = examples.center();
    let sums = Sums::of(examples.each(), &center, examples.n_classes);
    sums.into_head(&center, shrinkage).expect("examples have all the classes")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    const N: usize = 150;

    /// Two classes that differ a little in one feature, which a common cause that differs much hides from the eye.
    fn examples(n: usize, seed: u64) -> (Vec<f32>, Vec<u32>) {
        let mut rng = Rng::new(seed, 0);
        let classes: Vec<u32> = (0..n as u32).map(|i| i % 2).collect();
        let mut features = Vec::new();
        for &class in &classes {
            let light = 10.0 * rng.normal();
            for i in 0..N {
                let own = if i == 140 { class as f32 } else { 0.0 };
                features.push(3.0 + light + own + 0.2 * rng.normal());
            }
        }
        (features, classes)
    }

    fn right(head: &Head, features: &[f32], classes: &[u32]) -> usize {
        let told = features.chunks(N).map(|row| {
            let logit = |k: usize| {
                head.bias[k] + row.iter().enumerate().map(|(i, x)| x * head.weights[2 * i + k]).sum::<f32>()
            };
            u32::from(logit(1) > logit(0))
        });
        told.zip(classes).filter(|(told, class)| told == *class).count()
    }

    #[test]
    fn what_all_pictures_vary_in_hides_no_class() {
        let (features, classes) = examples(300, 1);
        let rows: Vec<&[f32]> = features.chunks(N).collect();
        let (others, labels) = examples(200, 2);
        let head = discriminant(Examples::new(&rows, &classes, N, 2).unwrap(), 1e-3);
        assert!(right(&head, &others, &labels) > 185, "{}", right(&head, &others, &labels));
        let mean = super::super::heads::nearest_mean(Examples::new(&rows, &classes, N, 2).unwrap());
        assert!(right(&mean, &others, &labels) < 160);
    }

    #[test]
    fn a_part_taken_away_leaves_what_the_others_give() {
        let (features, classes) = examples(300, 3);
        let rows: Vec<(&[f32], usize)> =
            features.chunks(N).zip(classes.iter().map(|&class| class as usize)).collect();
        let center = vec![2.5; N];
        let mut all = Sums::of(rows.iter().copied(), &center, 2);
        all.add(&Sums::of(rows[..100].iter().copied(), &center, 2), -1.0);
        let others = Sums::of(rows[100..].iter().copied(), &center, 2);
        let (a, b) = (all.into_head(&center, 0.1).unwrap(), others.into_head(&center, 0.1).unwrap());
        for (a, b) in a.weights.iter().zip(&b.weights) {
            assert!((a - b).abs() < 0.02 * (1.0 + b.abs()), "{a} {b}");
        }
        let one_class = Sums::of(rows.iter().copied().filter(|row| row.1 == 0), &center, 2);
        assert!(one_class.into_head(&center, 0.1).is_none());
    }

    #[test]
    fn the_factor_solves_what_it_was_made_of() {
        let mut rng = Rng::new(5, 0);
        let z: Vec<f32> = (0..3 * N * N).map(|_| rng.normal()).collect();
        let mut matrix = Upper::zeros(N);
        matrix.add_products(&z, 1.0 / (3 * N) as f32);
        let x: Vec<f32> = (0..N).map(|i| (i % 7) as f32 - 3.0).collect();
        let mut y = vec![0.0; N];
        for row in z.chunks_exact(N) {
            add_scaled(&mut y, row, dot(row, &x) / (3 * N) as f32);
        }
        matrix.factor(0.0);
        matrix.solve(&mut y);
        for (a, b) in y.iter().zip(&x) {
            assert!((a - b).abs() < 1e-3, "{a} {b}");
        }
    }
}
