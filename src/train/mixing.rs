//! Training on pictures between two examples, with targets between their classes.

use crate::kernels::math::pow;
use crate::rng::Rng;

/// How strongly: the parameter of a symmetric beta distribution, 0 for not at all, up to 1 for any share alike.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Mixing {
    /// Pictures laid over each other. Source: Zhang et al. 2018.
    pub mixup: f32,
    /// A rectangle of one picture in the other. Source: Yun et al. 2019.
    pub cutmix: f32,
}

impl Mixing {
    /// Whether nothing is mixed.
    pub fn is_off(self) -> bool {
        self.mixup == 0.0 && self.cutmix == 0.0
    }

    /// Mixes the first example with the last, the second with the last but one, and so on, both ways; writes the
    /// targets. With both kinds on, a coin decides.
    ///
    /// Shapes: `input: [n, h, w, c]`, `labels: [n]`, `targets: [n, classes]`.
    pub fn apply(
        self,
        rng: &mut Rng,
        [h, w, c]: [usize; 3],
        labels: &[u32],
        input: &mut [f32],
        targets: &mut [f32],
    ) {
        let (n, example_len) = (labels.len(), h * w * c);
        let n_classes = targets.len() / n;
        let cuts = self.cutmix > 0.0 && (self.mixup == 0.0 || rng.below(2) == 0);
        let own = beta(rng, if cuts { self.cutmix } else { self.mixup });
        // A rectangle of the other's share of the picture, about any place, cut at the border.
        let side = |len: usize, rng: &mut Rng| {
            let half = 0.5 * (1.0 - own).sqrt() * len as f32;
            let center = rng.uniform() * len as f32;
            ((center - half).max(0.0) as usize, ((center + half) as usize).min(len))
        };
        let (rows, columns) = (side(h, rng), side(w, rng));
        let area = (rows.1 - rows.0) * (columns.1 - columns.0);
        let own = if cuts { 1.0 - area as f32 / (h * w) as f32 } else { own };
        for first in 0..n / 2 {
            let (head, tail) = input.split_at_mut((n - 1 - first) * example_len);
            let (a, b) = (&mut head[first * example_len..][..example_len], &mut tail[..example_len]);
            if cuts {
                for row in rows.0..rows.1 {
                    let cells = (row * w + columns.0) * c..(row * w + columns.1) * c;
                    a[cells.clone()].swap_with_slice(&mut b[cells]);
                }
            } else {
                for (a, b) in a.iter_mut().zip(b) {
                    (*a, *b) = (own * *a + (1.0 - own) * *b, own * *b + (1.0 - own) * *a);
                }
            }
        }
        targets.fill(0.0);
        for (example, target) in targets.chunks_exact_mut(n_classes).enumerate() {
            target[labels[example] as usize] += own;
            target[labels[n - 1 - example] as usize] += 1.0 - own;
        }
    }
}

/// A number from 0 to 1 of the beta distribution whose parameters are both `alpha`, above 0 and at most 1.
///
/// Source: Jöhnk 1964.
fn beta(rng: &mut Rng, alpha: f32) -> f32 {
    loop {
        // Above 0, where the logarithm ends.
        let mut draw = || pow(1.0 - rng.uniform(), 1.0 / alpha);
        let (x, y) = (draw(), draw());
        if x + y <= 1.0 && x + y > 0.0 {
            return x / (x + y);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_the_shares_of_the_pictures() {
        // Pictures that are all 1 or all 0: the mean of a mixed one is its share of the first class.
        for (mixup, cutmix) in [(1.0, 0.0), (0.0, 1.0), (0.2, 0.5)] {
            let mixing = Mixing { mixup, cutmix };
            let mut n_mixed = 0;
            for seed in 0..50 {
                let mut rng = Rng::new(seed, 0);
                let labels = [0, 0, 1, 1, 1];
                let mut input: Vec<f32> =
                    labels.iter().flat_map(|&label| [1.0 - label as f32; 5 * 4 * 2]).collect();
                let mut targets = [f32::NAN; 10];
                mixing.apply(&mut rng, [5, 4, 2], &labels, &mut input, &mut targets);
                for (picture, target) in input.chunks_exact(40).zip(targets.chunks_exact(2)) {
                    let mean = picture.iter().sum::<f32>() / 40.0;
                    assert!((target[0] - mean).abs() < 1e-5 && (target[0] + target[1] - 1.0).abs() < 1e-6);
                    n_mixed += usize::from(target[0] > 0.01 && target[0] < 0.99);
                }
            }
            assert!(n_mixed > 50, "{n_mixed}");
        }
    }

    #[test]
    fn shares_have_the_deviation_of_their_distribution() {
        for alpha in [0.2, 1.0] {
            let mut rng = Rng::new(2, 0);
            let draws: Vec<f32> = (0..20_000).map(|_| beta(&mut rng, alpha)).collect();
            let mean = draws.iter().sum::<f32>() / 20_000.0;
            let variance = draws.iter().map(|x| (x - mean) * (x - mean)).sum::<f32>() / 20_000.0;
            let expected = 1.0 / (4.0 * (2.0 * alpha + 1.0));
            assert!((mean - 0.5).abs() < 0.01 && (variance - expected).abs() < 0.005, "{mean} {variance}");
        }
    }
}
