//! Pictures made worse: by noise, shift, rotation, blur, or on purpose.

use super::attack::{Attack, Attacker, check_epsilon};
use crate::error::{Error, Result};
use crate::kernels::math::{exp, sin_cos};
use crate::model::Model;
use crate::rng::{Rng, mix};
use crate::settings::{Setting, choose};
use crate::told::Told;
use crate::value::Value;

/// What happens to a picture. What comes into view from outside repeats the edge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disturbance {
    /// Normal noise; the strength is its standard deviation, 1 the whole range.
    Noise,
    /// Moved so many pixels, into a direction drawn from the seed.
    Shift,
    /// Turned so many degrees, clockwise or not as the seed decides.
    Rotation,
    /// A Gaussian's standard deviation, in pixels.
    Blur,
    /// By [`Attack::Fgsm`]; the strength is its `epsilon`.
    Fgsm,
    /// By [`Attack::Pgd`]; the strength is its `epsilon`.
    Pgd,
}

impl Disturbance {
    /// All by the names they have in JSON.
    pub const NAMES: [(&'static str, Disturbance); 6] = [
        ("noise", Disturbance::Noise),
        ("shift", Disturbance::Shift),
        ("rotation", Disturbance::Rotation),
        ("blur", Disturbance::Blur),
        ("fgsm", Disturbance::Fgsm),
        ("pgd", Disturbance::Pgd),
    ];

    /// The attack it is, if it is one.
    pub fn attack(self) -> Option<Attack> {
        match self {
            Disturbance::Fgsm => Some(Attack::Fgsm),
            Disturbance::Pgd => Some(Attack::Pgd),
            _ => None,
        }
    }

    /// Refuses what is no strength of this kind.
    pub(super) fn check(self, strength: f32) -> Result<()> {
        let most = match self {
            Disturbance::Noise => 1.0,
            Disturbance::Shift | Disturbance::Blur => 100.0,
            Disturbance::Rotation => 180.0,
            Disturbance::Fgsm | Disturbance::Pgd => return check_epsilon(strength),
        };
        if (0.0..=most).contains(&strength) {
            return Ok(());
        }
        Err(Error::config("strength", format!("between 0 and {}", most.told()), strength))
    }
}

impl Setting for Disturbance {
    fn read(name: &str, value: Value) -> Result<Disturbance> {
        choose(name, value, &Disturbance::NAMES)
    }
}

/// A picture of the model's input shape, disturbed: away from what `class` says if it is an attack, or with `toward` to
/// it.
///
/// # Errors
/// [`Error::Config`] for a strength or class that there is not.
pub fn disturb(
    model: &Model,
    picture: &[u8],
    class: usize,
    kind: Disturbance,
    strength: f32,
    seed: u64,
    toward: bool,
) -> Result<Vec<u8>> {
    kind.check(strength)?;
    super::heat_map::check_class(model, class)?;
    match kind.attack() {
        Some(attack) => {
            let mut attacker = Attacker::new(model, 1)?;
            Ok(attacker.change(model, picture, &[class as u32], attack, strength, toward))
        }
        None => Ok(innocently(picture, model.spec().input_shape, kind, strength, seed)),
    }
}

/// A picture disturbed without looking at the network.
pub(super) fn innocently(
    picture: &[u8],
    shape: [usize; 3],
    kind: Disturbance,
    strength: f32,
    seed: u64,
) -> Vec<u8> {
    if strength == 0.0 {
        return picture.to_vec();
    }
    let mut rng = Rng::new(mix(&[seed]), 0);
    match kind {
        Disturbance::Noise => {
            picture.iter().map(|&byte| byte_of(f32::from(byte) + 255.0 * strength * rng.normal())).collect()
        }
        Disturbance::Shift => {
            let (sin, cos) = sin_cos(rng.range(0.0, 2.0 * std::f32::consts::PI));
            moved(picture, shape, [1.0, 0.0], [strength * cos, strength * sin])
        }
        Disturbance::Rotation => {
            let sign = if rng.below(2) == 0 { 1.0 } else { -1.0 };
            let (sin, cos) = sin_cos(sign * strength.to_radians());
            moved(picture, shape, [cos, sin], [0.0, 0.0])
        }
        Disturbance::Blur => blurred(picture, shape, strength),
        Disturbance::Fgsm | Disturbance::Pgd => picture.to_vec(),
    }
}

fn byte_of(value: f32) -> u8 {
    (value + 0.5).clamp(0.0, 255.0) as u8
}

/// Turned about the middle by the angle of this cosine and sine, then moved right and down; bilinear.
fn moved(picture: &[u8], [h, w, c]: [usize; 3], [cos, sin]: [f32; 2], shift: [f32; 2]) -> Vec<u8> {
    let (middle_y, middle_x) = ((h - 1) as f32 / 2.0, (w - 1) as f32 / 2.0);
    let mut result = Vec::with_capacity(picture.len());
    for i in 0..h {
        for j in 0..w {
            let (y, x) = (i as f32 - middle_y - shift[1], j as f32 - middle_x - shift[0]);
            let from_y = (cos * y - sin * x + middle_y).clamp(0.0, (h - 1) as f32);
            let from_x = (cos * x + sin * y + middle_x).clamp(0.0, (w - 1) as f32);
            let (top, left) = (from_y as usize, from_x as usize);
            let (down, along) = (from_y - top as f32, from_x - left as f32);
            let (bottom, right) = ((top + 1).min(h - 1), (left + 1).min(w - 1));
            for channel in 0..c {
                let at = |i: usize, j: usize| f32::from(picture[(i * w + j) * c + channel]);
                let upper = at(top, left) * (1.0 - along) + at(top, right) * along;
                let lower = at(bottom, left) * (1.0 - along) + at(bottom, right) * along;
                result.push(byte_of(upper * (1.0 - down) + lower * down));
            }
        }
    }
    result
}

/// By a Gaussian cut off at three standard deviations, along rows and then columns.
fn blurred(picture: &[u8], [h, w, c]: [usize; 3], deviation: f32) -> Vec<u8> {
    let reach = (3.0 * deviation).ceil() as isize;
    let bell = |i: isize| exp(-((i * i) as f32) / (2.0 * deviation * deviation));
    let total: f32 = (-reach..=reach).map(bell).sum();
    let along = |from: &[f32], step: usize, len: usize| -> Vec<f32> {
        let at = |i: usize| {
            let place = i / step % len;
            let base = i - place * step;
            (-reach..=reach)
                .map(|k| {
                    let other = (place as isize + k).clamp(0, len as isize - 1) as usize;
                    bell(k) / total * from[base + other * step]
                })
                .sum()
        };
        (0..from.len()).map(at).collect()
    };
    let values: Vec<f32> = picture.iter().map(|&byte| f32::from(byte)).collect();
    along(&along(&values, c, w), w * c, h).into_iter().map(byte_of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_does_what_it_says() {
        let shape = [9, 9, 1];
        let mut dot = vec![0u8; 81];
        dot[4 * 9 + 4] = 255;
        let at = |picture: &[u8]| picture.iter().position(|&byte| byte > 200);
        // A quarter turn leaves the middle and brings the top to one of the sides.
        assert_eq!(innocently(&dot, shape, Disturbance::Rotation, 90.0, 1), dot);
        let mut top = vec![0u8; 81];
        top[4] = 255;
        assert!([Some(4 * 9), Some(4 * 9 + 8)].contains(&at(&innocently(
            &top,
            shape,
            Disturbance::Rotation,
            90.0,
            3
        ))));
        assert_eq!(moved(&dot, shape, [1.0, 0.0], [2.0, -3.0]).iter().position(|&b| b == 255), Some(9 + 6));
        let blurred = innocently(&dot, shape, Disturbance::Blur, 1.0, 1);
        let sum: u32 = blurred.iter().map(|&byte| u32::from(byte)).sum();
        assert!((245..=265).contains(&sum) && blurred[4 * 9 + 4] < 60, "{sum}");
        let gray = vec![128u8; 10_000];
        let noisy = innocently(&gray, [100, 100, 1], Disturbance::Noise, 0.1, 1);
        let variance: f32 =
            noisy.iter().map(|&b| (f32::from(b) - 128.0) * (f32::from(b) - 128.0)).sum::<f32>() / 1e4;
        assert!((variance.sqrt() - 25.5).abs() < 1.0, "{variance}");
        for (_, kind) in Disturbance::NAMES {
            assert_eq!(innocently(&dot, shape, kind, 0.0, 1), dot);
            assert_eq!(kind.check(-1.0).unwrap_err().code(), "config");
        }
    }
}
