//! Elementary functions of our own: additions, multiplications and bit patterns only, so that every
//! target computes the same bits. The platform's `exp` and kin differ by target.

const LN_2_HIGH: f32 = 0.693_359_4;
const LN_2_LOW: f32 = -2.121_944_4e-4;

/// `eˣ`, within 2 units in the last place. Above 88.7 it is infinite; below -87.3 it is 0, where the true
/// value would be subnormal.
///
/// Source: coefficients of Cephes' `expf` (Moshier).
pub fn exp(x: f32) -> f32 {
    if x > 88.72 {
        return f32::INFINITY;
    }
    if x < -87.33 {
        return 0.0;
    }
    let n = (x * std::f32::consts::LOG2_E + 0.5).floor();
    let r = x - n * LN_2_HIGH - n * LN_2_LOW;
    let mut p = 1.987_569_1e-4;
    for coefficient in [1.398_2e-3, 8.333_452e-3, 4.166_579_6e-2, 1.666_666_5e-1, 0.5] {
        p = p * r + coefficient;
    }
    let y = p * r * r + r + 1.0;
    // Two factors, since 2¹²⁸ is no f32 while the product is one.
    let half = n as i32 / 2;
    y * power_of_two(half) * power_of_two(n as i32 - half)
}

/// `2ⁿ` for `n` from -126 to 127; 0 for NaN's `n` of 0 never matters, its `y` is NaN already.
fn power_of_two(n: i32) -> f32 {
    f32::from_bits(((n + 127) as u32) << 23)
}

/// The natural logarithm, within 2 units in the last place; -∞ at 0, NaN below.
///
/// Source: coefficients of Cephes' `logf` (Moshier).
pub fn ln(x: f32) -> f32 {
    if x.is_nan() || x < 0.0 {
        return f32::NAN;
    }
    if x == 0.0 {
        return f32::NEG_INFINITY;
    }
    if x == f32::INFINITY {
        return x;
    }
    // A subnormal is first lifted by 2²⁴.
    let (x, lifted) = if x < f32::MIN_POSITIVE { (x * 16_777_216.0, 24.0) } else { (x, 0.0) };
    let bits = x.to_bits();
    let mut exponent = ((bits >> 23) as i32 - 126) as f32 - lifted;
    let mut m = f32::from_bits((bits & 0x007f_ffff) | 0x3f00_0000);
    if m < std::f32::consts::FRAC_1_SQRT_2 {
        m += m;
        exponent -= 1.0;
    }
    let f = m - 1.0;
    let z = f * f;
    let mut p = 7.037_684e-2;
    for coefficient in [
        -1.151_461e-1,
        1.167_699_9e-1,
        -1.242_014_1e-1,
        1.424_932_3e-1,
        -1.666_805_8e-1,
        2.000_071_5e-1,
        -2.499_999_4e-1,
        3.333_333e-1,
    ] {
        p = p * f + coefficient;
    }
    let y = f * z * p + exponent * LN_2_LOW - 0.5 * z;
    f + y + exponent * LN_2_HIGH
}

/// The hyperbolic tangent, within 3e-7 of its value.
///
/// Source: coefficients of Cephes' `tanhf` (Moshier) for small arguments.
pub fn tanh(x: f32) -> f32 {
    let size = x.abs();
    if size < 0.625 {
        let z = x * x;
        let mut p = -5.704_988_6e-3;
        for coefficient in [2.063_909e-2, -5.373_971_6e-2, 1.333_144_2e-1, -3.333_328e-1] {
            p = p * z + coefficient;
        }
        return x + x * z * p;
    }
    let y = 1.0 - 2.0 / (exp(2.0 * size) + 1.0);
    if x < 0.0 { -y } else { y }
}

/// `1 / (1 + e⁻ˣ)`.
pub fn sigmoid(x: f32) -> f32 {
    if x >= 0.0 {
        1.0 / (1.0 + exp(-x))
    } else {
        let e = exp(x);
        e / (1.0 + e)
    }
}

/// The error function `2 / √π ∫ e^(-t²)` from 0 to `x`, within 3e-7.
///
/// Source: Abramowitz and Stegun 1964, 7.1.26.
pub fn erf(x: f32) -> f32 {
    let size = x.abs();
    let t = 1.0 / (1.0 + 0.327_591_1 * size);
    let mut p = 1.061_405_4;
    for coefficient in [-1.453_152, 1.421_413_7, -0.284_496_74, 0.254_829_6] {
        p = p * t + coefficient;
    }
    let y = 1.0 - p * t * exp(-size * size);
    if x < 0.0 { -y } else { y }
}

/// `base` to the power of `exponent`, for `base` above 0; its relative error grows with the size of
/// `exponent · ln base`, from 1e-6 below 8 to 1e-5 at 80.
pub fn pow(base: f32, exponent: f32) -> f32 {
    exp(exponent * ln(base))
}

/// Sine and cosine, within 1e-6 for arguments up to some thousands.
///
/// Source: the coefficients of Cephes' `sinf` and `cosf` (Moshier), after reduction to ±π/4.
pub fn sin_cos(x: f32) -> (f32, f32) {
    let quarter = (x * std::f32::consts::FRAC_2_PI + 0.5).floor();
    let r = ((x - quarter * 1.570_312_5) - quarter * 4.837_513e-4) - quarter * 7.549_79e-8;
    let z = r * r;
    let sin = r + r * z * (-1.666_665_5e-1 + z * (8.332_161e-3 + z * -1.951_529_6e-4));
    let cos = 1.0 - 0.5 * z + z * z * (4.166_664_6e-2 + z * (-1.388_731_6e-3 + z * 2.443_315_7e-5));
    match quarter as i32 & 3 {
        0 => (sin, cos),
        1 => (cos, -sin),
        2 => (-sin, -cos),
        _ => (-cos, sin),
    }
}

/// `x` brought to between `least` and `most`; what is no number stays so.
///
/// `f32::clamp` does the same, but where its bounds are no constants it may have to print them for its panic, and the
/// printing of floats is 20 KB of a wasm module.
pub fn within(x: f32, least: f32, most: f32) -> f32 {
    if x < least {
        least
    } else if x > most {
        most
    } else {
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The largest error of `ours` against `exact` over `-40..40`, relative above `scale`.
    fn worst(ours: impl Fn(f32) -> f32, exact: impl Fn(f64) -> f64, scale: f64) -> f64 {
        (-40_000..=40_000)
            .map(|i| i as f32 / 1000.0)
            .map(|x| (f64::from(ours(x)) - exact(f64::from(x))).abs() / exact(f64::from(x)).abs().max(scale))
            .fold(0.0, f64::max)
    }

    #[test]
    fn functions_are_within_their_stated_errors() {
        assert!(worst(exp, f64::exp, 1e-37) < 2.5e-7);
        assert!(worst(tanh, f64::tanh, 1e-30) < 3e-7);
        assert!(worst(sigmoid, |x| 1.0 / (1.0 + (-x).exp()), 1e-37) < 4e-7);
        assert!(worst(|x| ln(exp(x)), |x| f64::from(exp(x as f32)).ln(), 1e-2) < 3e-7);
        assert!(
            worst(
                |x| pow(x.abs() + 0.1, 1.7),
                |x| (x.abs() + f64::from(0.1f32)).powf(f64::from(1.7f32)),
                1e-9
            ) < 2e-6
        );
        assert!(worst(|x| sin_cos(x).0, f64::sin, 1.0) < 1e-6);
        assert!(worst(|x| sin_cos(x).1, f64::cos, 1.0) < 1e-6);
    }

    #[test]
    fn borders_are_kept() {
        assert_eq!((exp(89.0), exp(-88.0), exp(0.0)), (f32::INFINITY, 0.0, 1.0));
        assert!(exp(88.7) < f32::MAX && exp(88.7) > 3.3e38);
        assert_eq!((ln(0.0), ln(1.0), ln(f32::INFINITY)), (f32::NEG_INFINITY, 0.0, f32::INFINITY));
        assert!((ln(1e-40) - (1e-40f64).ln() as f32).abs() < 1e-4);
        for f in [exp, ln, tanh, sigmoid] {
            assert!(f(f32::NAN).is_nan());
        }
    }

    #[test]
    fn within_is_what_clamp_is() {
        for x in [f32::NEG_INFINITY, -1.5, -1.0, -0.0, 0.0, 0.5, 2.0, f32::INFINITY, f32::NAN] {
            for (least, most) in [(-1.0, 1.0), (-0.0, 0.0), (0.0, 0.0), (0.5, 3.0)] {
                assert_eq!(within(x, least, most).to_bits(), x.clamp(least, most).to_bits());
            }
        }
    }
}
