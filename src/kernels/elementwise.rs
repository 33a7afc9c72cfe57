//! One pass over vectors of equal length.

use super::simd::{F32x4, LANES};

/// Replaces each `y` by `f(y)`, four at a time; the last few in a vector filled up with zeros.
#[inline(always)]
pub(super) fn each(y: &mut [f32], f: impl Fn(F32x4) -> F32x4) {
    let mut lines = y.chunks_exact_mut(LANES);
    for y in &mut lines {
        f(F32x4::load(y)).store(y);
    }
    let y = lines.into_remainder();
    f(F32x4::load_part(y)).store_part(y);
}

/// Replaces each `y` by `f(y, x)`.
#[inline(always)]
pub(super) fn each_with(y: &mut [f32], x: &[f32], f: impl Fn(F32x4, F32x4) -> F32x4) {
    assert_eq!(x.len(), y.len());
    let (mut y_lines, x_lines) = (y.chunks_exact_mut(LANES), x.chunks_exact(LANES));
    let x_rest = x_lines.remainder();
    for (y, x) in (&mut y_lines).zip(x_lines) {
        f(F32x4::load(y), F32x4::load(x)).store(y);
    }
    let y = y_lines.into_remainder();
    f(F32x4::load_part(y), F32x4::load_part(x_rest)).store_part(y);
}

/// Replaces each `y` by `f(y, a, b)`.
#[inline(always)]
pub(super) fn each_with_two(y: &mut [f32], a: &[f32], b: &[f32], f: impl Fn(F32x4, F32x4, F32x4) -> F32x4) {
    assert!(a.len() == y.len() && b.len() == y.len());
    let (a_lines, b_lines) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let (a_rest, b_rest) = (a_lines.remainder(), b_lines.remainder());
    let mut y_lines = y.chunks_exact_mut(LANES);
    for ((y, a), b) in (&mut y_lines).zip(a_lines).zip(b_lines) {
        f(F32x4::load(y), F32x4::load(a), F32x4::load(b)).store(y);
    }
    let y = y_lines.into_remainder();
    f(F32x4::load_part(y), F32x4::load_part(a_rest), F32x4::load_part(b_rest)).store_part(y);
}

/// Replaces the elements at each place of the vectors `y` by what `f` makes of them and of that of `x`.
#[inline(always)]
pub fn each_of<const N: usize>(
    mut y: [&mut [f32]; N],
    x: &[f32],
    f: impl Fn([F32x4; N], F32x4) -> [F32x4; N],
) {
    assert!(y.iter().all(|y| y.len() == x.len()));
    let whole = x.len() - x.len() % LANES;
    for at in (0..whole).step_by(LANES) {
        let lanes = f(std::array::from_fn(|k| F32x4::load(&y[k][at..])), F32x4::load(&x[at..]));
        y.iter_mut().zip(lanes).for_each(|(y, lanes)| lanes.store(&mut y[at..]));
    }
    let lanes = f(std::array::from_fn(|k| F32x4::load_part(&y[k][whole..])), F32x4::load_part(&x[whole..]));
    y.iter_mut().zip(lanes).for_each(|(y, lanes)| lanes.store_part(&mut y[whole..]));
}

/// `y += a · x + b · z + c` for each channel. Shapes: `x, z, y: [rows, channels]`, the others `[channels]`.
#[inline(never)]
pub fn channel_lines_add([a, x]: [&[f32]; 2], [b, z]: [&[f32]; 2], c: &[f32], y: &mut [f32]) {
    let channels = c.len();
    assert!(x.len() == y.len() && z.len() == y.len() && a.len() == channels && b.len() == channels);
    let rows = x.chunks_exact(channels).zip(z.chunks_exact(channels));
    for ((x, z), y) in rows.zip(y.chunks_exact_mut(channels)) {
        let sum = |at: usize, load: fn(&[f32]) -> F32x4| {
            let lines = load(&a[at..]).mul(load(&x[at..])).mul_add(load(&b[at..]), load(&z[at..]));
            lines.add(load(&c[at..]))
        };
        let whole = channels - channels % LANES;
        for at in (0..whole).step_by(LANES) {
            F32x4::load(&y[at..]).add(sum(at, F32x4::load)).store(&mut y[at..]);
        }
        let rest = &mut y[whole..];
        F32x4::load_part(rest).add(sum(whole, F32x4::load_part)).store_part(rest);
    }
}

/// `y = a + b`.
pub fn add(a: &[f32], b: &[f32], y: &mut [f32]) {
    each_with_two(y, a, b, |_, a, b| a.add(b));
}

/// `y += x`.
pub fn add_assign(y: &mut [f32], x: &[f32]) {
    each_with(y, x, |y, x| y.add(x));
}

/// `y *= a`.
pub fn scale(y: &mut [f32], a: f32) {
    let a = F32x4::splat(a);
    each(y, |y| y.mul(a));
}

/// `y += a · x`.
pub fn axpy(a: f32, x: &[f32], y: &mut [f32]) {
    let a = F32x4::splat(a);
    each_with(y, x, |y, x| y.mul_add(a, x));
}

/// `y *= x`, element by element.
pub fn mul_assign(y: &mut [f32], x: &[f32]) {
    each_with(y, x, |y, x| y.mul(x));
}

/// `y += a · b`, element by element.
pub fn multiply_add_assign(y: &mut [f32], a: &[f32], b: &[f32]) {
    each_with_two(y, a, b, |y, a, b| y.mul_add(a, b));
}

/// `y[.., c] = x[.., c] · scale[c] + shift[c]`. Shapes: `x, y: [rows, channels]`.
pub fn channel_affine(x: &[f32], scale: &[f32], shift: &[f32], y: &mut [f32]) {
    assert!(x.len() == y.len() && scale.len() == shift.len());
    let channels = scale.len();
    let whole = channels - channels % LANES;
    for (x, y) in x.chunks_exact(channels).zip(y.chunks_exact_mut(channels)) {
        let lines = scale.chunks_exact(LANES).zip(shift.chunks_exact(LANES));
        for ((x, y), (scale, shift)) in x.chunks_exact(LANES).zip(y.chunks_exact_mut(LANES)).zip(lines) {
            F32x4::load(shift).mul_add(F32x4::load(x), F32x4::load(scale)).store(y);
        }
        for c in whole..channels {
            y[c] = x[c] * scale[c] + shift[c];
        }
    }
}

/// Replaces all elements nearer to 0 than `below` by 0. Subnormal numbers cost processors some 60 times a
/// normal one's time, and wasm has no switch to be rid of them.
pub fn flush_subnormals(x: &mut [f32], below: f32) {
    let below = F32x4::splat(below);
    // Not less than is not the same as greater or equal where x is no number: such must not vanish.
    each(x, |x| x.sub(x.where_greater(below, x.abs())));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pass_treats_the_last_elements_as_the_others() {
        for len in [0, 1, 3, 4, 7, 16, 18] {
            let a: Vec<f32> = (0..len).map(|i| i as f32 + 0.5).collect();
            let b: Vec<f32> = (0..len).map(|i| 3.0 - i as f32).collect();
            let check = |pass: &dyn Fn(&mut [f32]), expected: &dyn Fn(f32, f32) -> f32| {
                let mut y = a.clone();
                pass(&mut y);
                for ((y, &a), &b) in y.iter().zip(&a).zip(&b) {
                    assert_eq!(*y, expected(a, b));
                }
            };
            check(&|y| add(&a, &b, y), &|a, b| a + b);
            check(&|y| add_assign(y, &b), &|a, b| a + b);
            check(&|y| scale(y, 0.3), &|a, _| a * 0.3);
            check(&|y| axpy(0.3, &b, y), &|a, b| a + 0.3 * b);
            check(&|y| mul_assign(y, &b), &|a, b| a * b);
            check(&|y| multiply_add_assign(y, &b, &b), &|a, b| a + b * b);
        }
    }

    #[test]
    fn each_channel_has_its_own_line() {
        let (x, mut y) = ([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [f32::NAN; 6]);
        channel_affine(&x, &[1.0, 2.0, -1.0], &[0.0, 1.0, 10.0], &mut y);
        assert_eq!(y, [1.0, 5.0, 7.0, 4.0, 11.0, 4.0]);
    }

    #[test]
    fn tiny_elements_vanish_and_others_stay() {
        let mut x = [1e-40, -1e-40, 1e-15, -3.0, 0.0, f32::INFINITY, f32::NAN, -1e-16];
        flush_subnormals(&mut x, 1e-15);
        assert_eq!(x[..6], [0.0, 0.0, 1e-15, -3.0, 0.0, f32::INFINITY]);
        assert!(x[6].is_nan() && x[7] == 0.0);
    }
}
