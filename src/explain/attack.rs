//! Adversarial pictures: changed by so little that a person hardly sees it, so that the network reads them wrongly.

use super::fed;
use super::slope::Slope;
use crate::error::{Error, Result};
use crate::kernels::math::within;
use crate::model::Model;
use crate::ops::Loss;

/// Steps of PGD.
const N_STEPS: usize = 10;

/// How a picture is changed. The result stays within `epsilon` of it at every value, and within 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Attack {
    /// `x + epsilon · sign(d loss / d x)`. Source: Goodfellow et al. 2015.
    Fgsm,
    /// Ten steps of `epsilon / 4` by that sign, each brought back to within `epsilon`, from the picture itself.
    /// Source: Madry et al. 2018.
    Pgd,
}

/// What changes pictures of one model, several at a time.
#[derive(Debug)]
pub(super) struct Attacker {
    slope: Slope,
    batch: usize,
    /// From a picture's range of 0 to 1 to that of the network, for the signs.
    inverse_deviation: Vec<f32>,
    mean: Vec<f32>,
}

impl Attacker {
    pub fn new(model: &Model, batch: usize) -> Result<Attacker> {
        let spec = model.spec();
        let (mean, inverse_deviation) = spec.preprocessing.normalization(spec.input_shape[2]);
        Ok(Attacker {
            slope: Slope::by_input(model, Loss::cross_entropy(), batch)?,
            batch,
            inverse_deviation,
            mean,
        })
    }

    /// Changes `pictures`, `[n, h, w, c]`, away from `classes`, or with `toward` to them. `epsilon`: 1 is the whole range.
    ///
    /// A value is rounded to a byte toward the picture's own, so that `epsilon` holds for what comes out.
    pub fn change(
        &mut self,
        model: &Model,
        pictures: &[u8],
        classes: &[u32],
        attack: Attack,
        epsilon: f32,
        toward: bool,
    ) -> Vec<u8> {
        let len = pictures.len() / classes.len().max(1);
        let (n_steps, stride) = match attack {
            Attack::Fgsm => (1, epsilon),
            Attack::Pgd => (N_STEPS, epsilon / 4.0),
        };
        let direction = if toward { -stride } else { stride };
        let mut changed = Vec::with_capacity(pictures.len());
        for (pictures, classes) in pictures.chunks(self.batch * len).zip(classes.chunks(self.batch)) {
            let from: Vec<f32> = pictures.iter().map(|&byte| f32::from(byte) / 255.0).collect();
            let mut x = from.clone();
            let mut input = fed(model, pictures);
            for step in 0..n_steps {
                if step > 0 {
                    self.feed(&x, &mut input);
                }
                self.slope.run(model, &input, classes);
                // Deviations are above 0: the sign is that by the picture, too.
                for ((x, from), d) in x.iter_mut().zip(&from).zip(self.slope.gradient(classes.len())) {
                    let sign = if *d == 0.0 { 0.0 } else { d.signum() };
                    *x = within(*x + direction * sign, from - epsilon, from + epsilon).clamp(0.0, 1.0);
                }
            }
            changed.extend(x.iter().zip(pictures).map(|(x, &from)| {
                let value = x * 255.0;
                let toward_own =
                    if value > f32::from(from) { (value + 1e-3).floor() } else { (value - 1e-3).ceil() };
                toward_own as u8
            }));
        }
        changed
    }

    fn feed(&self, x: &[f32], input: &mut [f32]) {
        let n = self.mean.len();
        for (input, x) in input.chunks_exact_mut(n).zip(x.chunks_exact(n)) {
            for (c, (input, x)) in input.iter_mut().zip(x).enumerate() {
                *input = (x - self.mean[c]) * self.inverse_deviation[c];
            }
        }
    }
}

/// Refuses what is no share.
pub(super) fn check_epsilon(epsilon: f32) -> Result<()> {
    if (0.0..=1.0).contains(&epsilon) {
        return Ok(());
    }
    Err(Error::config("epsilon", "between 0 and 1", epsilon))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::zoo;
    use crate::rng::Rng;

    #[test]
    fn a_changed_picture_stays_within_epsilon_and_has_a_higher_loss() {
        let model = Model::create(zoo::preset("tiny").unwrap(), 5).unwrap();
        let mut rng = Rng::new(2, 0);
        let pictures: Vec<u8> = (0..3 * 784).map(|_| rng.below(256) as u8).collect();
        let classes = [3, 0, 9];
        let mut attacker = Attacker::new(&model, 2).unwrap();
        let loss = |pictures: &[u8]| -> f32 {
            let mut slope = Slope::by_input(&model, Loss::cross_entropy(), 3).unwrap();
            slope.run(&model, &fed(&model, pictures), &classes);
            let rows = slope.logits(3).chunks_exact(10).zip(classes);
            rows.map(|(x, class)| crate::kernels::softmax::log_sum_exp(x) - x[class as usize]).sum()
        };
        let before = loss(&pictures);
        let mut after = Vec::new();
        for attack in [Attack::Fgsm, Attack::Pgd] {
            let changed = attacker.change(&model, &pictures, &classes, attack, 0.1, false);
            let most = changed.iter().zip(&pictures).map(|(a, b)| a.abs_diff(*b)).max().unwrap();
            assert!((20..=25).contains(&most), "{most} of 25.5");
            after.push(loss(&changed));
            let closer = attacker.change(&model, &pictures, &classes, attack, 0.1, true);
            assert!(loss(&closer) < before);
        }
        assert!(after[0] > before && after[1] >= after[0], "{before} {after:?}");
        assert_eq!(attacker.change(&model, &pictures, &classes, Attack::Pgd, 0.0, false), pictures);
    }
}
