//! Elementwise activation functions and their derivatives.

use super::elementwise::{each, each_with, each_with_two};
use super::math::{sigmoid, tanh};
use super::simd::F32x4;

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
        match self {
            Activation::Relu => each_with(y, x, |_, x| Activation::Relu.of_lanes(x)),
            _ => {
                y.copy_from_slice(x);
                self.forward_in_place(y);
            }
        }
    }

    /// `y = f(y)`.
    pub fn forward_in_place(self, y: &mut [f32]) {
        match self {
            Activation::None => {}
            Activation::Relu => each(y, |y| Activation::Relu.of_lanes(y)),
            Activation::LeakyRelu(_) => each(y, |y| self.of_lanes(y)),
            Activation::Sigmoid => y.iter_mut().for_each(|y| *y = sigmoid(*y)),
            Activation::Tanh => y.iter_mut().for_each(|y| *y = tanh(*y)),
        }
    }

    /// `f` of each lane where it needs no transcendental function; the others leave it to
    /// [`forward_in_place`](Self::forward_in_place) after the product. What is no number stays so: a network
    /// gone wrong must show it.
    #[inline(always)]
    pub(super) fn of_lanes(self, y: F32x4) -> F32x4 {
        let zero = F32x4::zero();
        match self {
            Activation::Relu => y.max(zero),
            Activation::LeakyRelu(slope) => {
                let below = zero.sub(zero.sub(y).max(zero));
                y.max(zero).mul_add(below, F32x4::splat(slope))
            }
            Activation::None | Activation::Sigmoid | Activation::Tanh => y,
        }
    }

    /// Whether [`of_lanes`](Self::of_lanes) left the function to be applied.
    pub fn is_transcendental(self) -> bool {
        matches!(self, Activation::Sigmoid | Activation::Tanh)
    }

    /// `d_y · f'(x)`, with `f'` told from the output `y`.
    #[inline(always)]
    fn times_derivative(self, y: F32x4, d_y: F32x4) -> F32x4 {
        let one = F32x4::splat(1.0);
        match self {
            Activation::None => d_y,
            Activation::Relu => d_y.where_greater(y, F32x4::zero()),
            Activation::LeakyRelu(slope) => {
                let above = d_y.where_greater(y, F32x4::zero());
                above.mul_add(d_y.sub(above), F32x4::splat(slope))
            }
            Activation::Sigmoid => d_y.mul(y.mul(one.sub(y))),
            Activation::Tanh => d_y.mul(one.sub(y.mul(y))),
        }
    }

    /// `d_x += d_y · f'(x)`, with `f'` told from the output `y`.
    pub fn backward(self, y: &[f32], d_y: &[f32], d_x: &mut [f32]) {
        match self {
            Activation::Relu => {
                each_with_two(d_x, y, d_y, |d_x, y, d_y| d_x.add(Activation::Relu.times_derivative(y, d_y)))
            }
            _ => each_with_two(d_x, y, d_y, |d_x, y, d_y| d_x.add(self.times_derivative(y, d_y))),
        }
    }

    /// `d_y = d_y · f'(x)`, with `f'` told from the output `y`; `y` is not read where `f` is the identity.
    pub fn backward_in_place(self, y: &[f32], d_y: &mut [f32]) {
        match self {
            Activation::None => {}
            Activation::Relu => {
                each_with(d_y, y, |d_y, y| Activation::Relu.times_derivative(y, d_y));
            }
            _ => each_with(d_y, y, |d_y, y| self.times_derivative(y, d_y)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Activation; 5] = [
        Activation::None,
        Activation::Relu,
        Activation::LeakyRelu(0.2),
        Activation::Sigmoid,
        Activation::Tanh,
    ];

    fn reference(activation: Activation, x: f64) -> f64 {
        match activation {
            Activation::None => x,
            Activation::Relu => x.max(0.0),
            Activation::LeakyRelu(slope) => x.max(0.0) + f64::from(slope) * x.min(0.0),
            Activation::Sigmoid => 1.0 / (1.0 + (-x).exp()),
            Activation::Tanh => x.tanh(),
        }
    }

    #[test]
    fn values_and_derivatives_agree_with_f64() {
        let x: Vec<f32> = (-9..10).map(|i| i as f32 * 0.37 + 0.01).collect();
        for activation in ALL {
            let (mut y, mut in_place) = (vec![f32::NAN; x.len()], x.clone());
            activation.forward(&x, &mut y);
            activation.forward_in_place(&mut in_place);
            assert_eq!(y, in_place);
            let d_y: Vec<f32> = x.iter().map(|x| x + 0.5).collect();
            let (mut d_x, mut scaled) = (vec![1.0; x.len()], d_y.clone());
            activation.backward(&y, &d_y, &mut d_x);
            activation.backward_in_place(&y, &mut scaled);
            for i in 0..x.len() {
                let x = f64::from(x[i]);
                assert!((f64::from(y[i]) - reference(activation, x)).abs() < 1e-6, "{activation:?} {x}");
                let slope = (reference(activation, x + 1e-6) - reference(activation, x - 1e-6)) / 2e-6;
                let expected = f64::from(d_y[i]) * slope;
                assert!((f64::from(scaled[i]) - expected).abs() < 1e-5, "{activation:?} {x}");
                assert_eq!(d_x[i], 1.0 + scaled[i]);
            }
        }
    }

    #[test]
    fn what_is_no_number_stays_so() {
        for activation in ALL {
            let mut y = [f32::NAN; 5];
            activation.forward_in_place(&mut y);
            assert!(y.iter().all(|y| y.is_nan()), "{activation:?}");
            let mut y = [f32::INFINITY];
            activation.forward_in_place(&mut y);
            assert!(y[0] >= 1.0, "{activation:?}");
        }
    }
}
