//! Elementwise activation functions and their derivatives.

use super::math::{sigmoid, tanh};
use super::simd::{F32x4, LANES};

/// A function applied to each element.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Activation {
    /// `x`.
    None,
    /// `max(x, 0)`.
    Relu,
    /// `x` where positive, else `x` times this slope, which must be positive.
    LeakyRelu(f32),
    /// `1 / (1 + e⁻ˣ)`.
    Sigmoid,
    /// The hyperbolic tangent.
    Tanh,
}

impl Activation {
    /// `y = f(x)`.
    pub fn forward(self, x: &[f32], y: &mut [f32]) {
        y.copy_from_slice(x);
        self.forward_in_place(y);
    }

    /// `y = f(y)`.
    pub fn forward_in_place(self, y: &mut [f32]) {
        match self {
            Activation::None => {}
            Activation::Relu => y.iter_mut().for_each(|y| *y = if *y > 0.0 { *y } else { 0.0 }),
            Activation::LeakyRelu(slope) => {
                y.iter_mut().for_each(|y| *y = if *y > 0.0 { *y } else { slope * *y });
            }
            Activation::Sigmoid => y.iter_mut().for_each(|y| *y = sigmoid(*y)),
            Activation::Tanh => y.iter_mut().for_each(|y| *y = tanh(*y)),
        }
    }

    /// `f` of each lane where it needs no transcendental function; the others leave it to
    /// [`forward_in_place`](Self::forward_in_place) after the product.
    #[inline(always)]
    pub(super) fn of_lanes(self, y: F32x4) -> F32x4 {
        match self {
            Activation::Relu => y.where_greater(y, F32x4::zero()),
            // With a slope between 0 and 1 the larger of both is the one on the right side of 0.
            Activation::LeakyRelu(slope) => {
                let zero = F32x4::zero();
                y.where_greater(y, zero).sub(zero.sub(y.mul(F32x4::splat(slope))).where_greater(zero, y))
            }
            Activation::None | Activation::Sigmoid | Activation::Tanh => y,
        }
    }

    /// Whether [`of_lanes`](Self::of_lanes) left the function to be applied.
    pub(super) fn is_transcendental(self) -> bool {
        matches!(self, Activation::Sigmoid | Activation::Tanh)
    }

    /// The derivative, told from the output.
    #[inline(always)]
    fn slope_at(self, y: f32) -> f32 {
        match self {
            Activation::None => 1.0,
            Activation::Relu => f32::from(u8::from(y > 0.0)),
            Activation::LeakyRelu(slope) => {
                if y > 0.0 {
                    1.0
                } else {
                    slope
                }
            }
            Activation::Sigmoid => y * (1.0 - y),
            Activation::Tanh => 1.0 - y * y,
        }
    }

    /// `d_x += d_y · f'(x)`, with `f'` told from the output `y`.
    pub fn backward(self, y: &[f32], d_y: &[f32], d_x: &mut [f32]) {
        assert!(y.len() == d_y.len() && y.len() == d_x.len());
        if self == Activation::Relu {
            let whole = y.len() - y.len() % LANES;
            for i in (0..whole).step_by(LANES) {
                let masked = F32x4::load(&d_y[i..]).where_greater(F32x4::load(&y[i..]), F32x4::zero());
                F32x4::load(&d_x[i..]).add(masked).store(&mut d_x[i..]);
            }
            for i in whole..y.len() {
                d_x[i] += if y[i] > 0.0 { d_y[i] } else { 0.0 };
            }
            return;
        }
        for ((d_x, &y), &d_y) in d_x.iter_mut().zip(y).zip(d_y) {
            *d_x += d_y * self.slope_at(y);
        }
    }

    /// `d_y = d_y · f'(x)`, with `f'` told from the output `y`; `y` is not read where `f` is the identity.
    pub fn backward_in_place(self, y: &[f32], d_y: &mut [f32]) {
        match self {
            Activation::None => {}
            Activation::Relu => {
                for (d_y, &y) in d_y.iter_mut().zip(y) {
                    *d_y = if y > 0.0 { *d_y } else { 0.0 };
                }
            }
            _ => d_y.iter_mut().zip(y).for_each(|(d_y, &y)| *d_y *= self.slope_at(y)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_agree_with_single_elements() {
        let x: Vec<f32> = (-8..8).map(|i| i as f32 * 0.37).collect();
        for activation in [Activation::None, Activation::Relu, Activation::LeakyRelu(0.2)] {
            let mut y = x.clone();
            activation.forward_in_place(&mut y);
            for (x, y) in x.chunks(4).zip(y.chunks(4)) {
                assert_eq!(activation.of_lanes(F32x4::load(x)).to_array(), *y, "{activation:?}");
            }
        }
    }
}
