//! Elementwise activation functions and their derivatives.

use super::elementwise::{each, each_with, each_with_two};
use super::math::{erf, exp, ln, sigmoid, tanh};
use super::simd::{F32x4, Lanes};

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
    /// `min(max(x, 0), 6)`.
    Relu6,
    /// `x` where positive, else `eˣ - 1` times this, which must be positive.
    Elu(f32),
    /// `ln (1 + eˣ)`.
    Softplus,
    /// `x · (1 + erf(x / √2)) / 2`.
    Gelu,
    /// `x / (1 + e⁻ˣ)`.
    Silu,
}

/// A function of an element; the second argument is [`Activation::Elu`]'s factor.
type Scalar = fn(f32, f32) -> f32;

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
        let (f, factor): (Scalar, f32) = match self {
            Activation::None => return,
            Activation::Relu => return each(y, |y| Activation::Relu.of_lanes(y)),
            Activation::LeakyRelu(_) => return each(y, |y| self.of_lanes(y)),
            Activation::Relu6 => {
                let zero = F32x4::zero();
                // The lanes have no minimum; this one keeps what is no number.
                return each(y, |y| zero.sub(zero.sub(y.max(zero)).max(F32x4::splat(-6.0))));
            }
            Activation::Elu(factor) => {
                (|x, factor| if x > 0.0 { x } else { factor * (exp(x) - 1.0) }, factor)
            }
            Activation::Sigmoid => (|x, _| sigmoid(x), 0.0),
            Activation::Tanh => (|x, _| tanh(x), 0.0),
            Activation::Softplus => (|x, _| (x + x.abs()) * 0.5 + ln(1.0 + exp(-x.abs())), 0.0),
            Activation::Gelu => (|x, _| x * normal_share(x), 0.0),
            Activation::Silu => (|x, _| x * sigmoid(x), 0.0),
        };
        y.iter_mut().for_each(|y| *y = f(*y, factor));
    }

    /// `f` of each lane where it needs no transcendental function; the others leave it to
    /// [`forward_in_place`](Self::forward_in_place) after the product. What is no number stays so: a network
    /// gone wrong must show it.
    #[inline(always)]
    pub(super) fn of_lanes<V: Lanes>(self, y: V) -> V {
        let zero = V::zero();
        match self {
            Activation::Relu => y.max(zero),
            Activation::LeakyRelu(slope) => {
                let below = zero.sub(zero.sub(y).max(zero));
                y.max(zero).mul_add(below, V::splat(slope))
            }
            _ => y,
        }
    }

    /// Whether a product's last pass left the function to be applied.
    pub fn is_transcendental(self) -> bool {
        !matches!(self, Activation::None | Activation::Relu | Activation::LeakyRelu(_))
    }

    /// Whether the derivative has to be told from `x`; from `y` elsewhere.
    pub fn reads_input(self) -> bool {
        matches!(self, Activation::Gelu | Activation::Silu)
    }

    /// `f'` where no lanes compute it, told from `y` or from `x` as [`reads_input`](Self::reads_input) says.
    fn scalar_derivative(self) -> Option<fn(f32) -> f32> {
        match self {
            Activation::Softplus => Some(|y| 1.0 - exp(-y)),
            Activation::Silu => Some(|x| sigmoid(x) * (1.0 + x * (1.0 - sigmoid(x)))),
            Activation::Gelu => Some(|x| normal_share(x) + x * INVERSE_ROOT_2_PI * exp(-0.5 * x * x)),
            _ => None,
        }
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
            Activation::Relu6 => d_y.where_greater(y, F32x4::zero()).where_greater(F32x4::splat(6.0), y),
            Activation::Elu(factor) => {
                let above = d_y.where_greater(y, F32x4::zero());
                above.mul_add(d_y.sub(above), y.add(F32x4::splat(factor)))
            }
            Activation::Softplus | Activation::Gelu | Activation::Silu => d_y,
        }
    }

    /// `d_x += d_y · f'(x)`, with `f'` told from the output `y`, or from `y` standing for the input where
    /// [`reads_input`](Self::reads_input).
    pub fn backward(self, y: &[f32], d_y: &[f32], d_x: &mut [f32]) {
        if let Some(derivative) = self.scalar_derivative() {
            d_x.iter_mut().zip(y).zip(d_y).for_each(|((d_x, &y), d_y)| *d_x += d_y * derivative(y));
            return;
        }
        match self {
            Activation::Relu => {
                each_with_two(d_x, y, d_y, |d_x, y, d_y| d_x.add(Activation::Relu.times_derivative(y, d_y)))
            }
            _ => each_with_two(d_x, y, d_y, |d_x, y, d_y| d_x.add(self.times_derivative(y, d_y))),
        }
    }

    /// `d_y = d_y · f'(x)`, told as in [`backward`](Self::backward); `y` is not read where `f` is the identity.
    pub fn backward_in_place(self, y: &[f32], d_y: &mut [f32]) {
        if let Some(derivative) = self.scalar_derivative() {
            d_y.iter_mut().zip(y).for_each(|(d_y, &y)| *d_y *= derivative(y));
            return;
        }
        match self {
            Activation::None => {}
            Activation::Relu => {
                each_with(d_y, y, |d_y, y| Activation::Relu.times_derivative(y, d_y));
            }
            _ => each_with(d_y, y, |d_y, y| self.times_derivative(y, d_y)),
        }
    }
}

/// 1 / √(2 π).
const INVERSE_ROOT_2_PI: f32 = 0.398_942_3;

/// The share of a normal distribution below `x`.
fn normal_share(x: f32) -> f32 {
    0.5 * (1.0 + erf(x * std::f32::consts::FRAC_1_SQRT_2))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Activation; 10] = [
        Activation::Relu6,
        Activation::Elu(0.7),
        Activation::Softplus,
        Activation::Gelu,
        Activation::Silu,
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
            Activation::Relu6 => x.clamp(0.0, 6.0),
            Activation::Elu(factor) if x < 0.0 => f64::from(factor) * x.exp_m1(),
            Activation::Elu(_) => x,
            Activation::Softplus => x.exp().ln_1p(),
            Activation::Silu => x / (1.0 + (-x).exp()),
            // The integral of the normal distribution by steps of 1/1000.
            Activation::Gelu => {
                let density = |t: f64| (-0.5 * t * t).exp() / std::f64::consts::TAU.sqrt();
                let share: f64 =
                    (0..1000).map(|i| density(x * (f64::from(i) + 0.5) / 1000.0) * x / 1000.0).sum();
                x * (0.5 + share)
            }
        }
    }

    #[test]
    fn values_and_derivatives_agree_with_f64() {
        let x: Vec<f32> = (-18..19).map(|i| i as f32 * 0.37 + 0.01).collect();
        for activation in ALL {
            let (mut y, mut in_place) = (vec![f32::NAN; x.len()], x.clone());
            activation.forward(&x, &mut y);
            activation.forward_in_place(&mut in_place);
            assert_eq!(y, in_place);
            let d_y: Vec<f32> = x.iter().map(|x| x + 0.5).collect();
            let (mut d_x, mut scaled) = (vec![1.0; x.len()], d_y.clone());
            let told_from = if activation.reads_input() { &x } else { &y };
            activation.backward(told_from, &d_y, &mut d_x);
            activation.backward_in_place(told_from, &mut scaled);
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
            assert!(y[0] >= 1.0, "{activation:?} {y:?}");
        }
    }
}
