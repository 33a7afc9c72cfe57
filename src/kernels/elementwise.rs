//! One pass over vectors of equal length.
//!
//! Four elements at a time are taken as arrays (`as_chunks`), whose pairs cost nothing to set up: chunks of a length that is
//! only known as the program runs would have to be inlined to be as fast, and the wasm modules inline sparingly.

use super::simd::{F32x4, LANES};

/// Replaces each `y` by `f(y)`, four at a time; the last few in a vector filled up with zeros.
#[inline(always)]
pub(super) fn each(y: &mut [f32], f: impl Fn(F32x4) -> F32x4) {
    let (lines, rest) = y.as_chunks_mut::<LANES>();
    for y in lines {
        *y = f(F32x4::from_array(*y)).to_array();
    }
    if !rest.is_empty() {
        f(F32x4::load_part(rest)).store_part(rest);
    }
}

/// Replaces each `y` by `f(y, x)`.
#[inline(always)]
pub(super) fn each_with(y: &mut [f32], x: &[f32], f: impl Fn(F32x4, F32x4) -> F32x4) {
    assert_eq!(x.len(), y.len());
    let ((y, y_rest), (x, x_rest)) = (y.as_chunks_mut::<LANES>(), x.as_chunks::<LANES>());
    for (y, x) in y.iter_mut().zip(x) {
        *y = f(F32x4::from_array(*y), F32x4::from_array(*x)).to_array();
    }
    if !y_rest.is_empty() {
        f(F32x4::load_part(y_rest), F32x4::load_part(x_rest)).store_part(y_rest);
    }
}

/// Replaces each `y` by `f(y, a, b)`.
#[inline(always)]
pub(super) fn each_with_two(y: &mut [f32], a: &[f32], b: &[f32], f: impl Fn(F32x4, F32x4, F32x4) -> F32x4) {
    assert!(a.len() == y.len() && b.len() == y.len());
    let ((a, a_rest), (b, b_rest)) = (a.as_chunks::<LANES>(), b.as_chunks::<LANES>());
    let (y, y_rest) = y.as_chunks_mut::<LANES>();
    for ((y, a), b) in y.iter_mut().zip(a).zip(b) {
        *y = f(F32x4::from_array(*y), F32x4::from_array(*a), F32x4::from_array(*b)).to_array();
    }
    if !y_rest.is_empty() {
        f(F32x4::load_part(y_rest), F32x4::load_part(a_rest), F32x4::load_part(b_rest)).store_part(y_rest);
    }
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
    let whole = channels - channels % LANES;
    for ((x, z), y) in rows.zip(y.chunks_exact_mut(channels)) {
        for at in (0..whole).step_by(LANES) {
            let lines = F32x4::load(&a[at..]).mul(F32x4::load(&x[at..]));
            let lines = lines.mul_add(F32x4::load(&b[at..]), F32x4::load(&z[at..]));
            let sum = lines.add(F32x4::load(&c[at..]));
            F32x4::load(&y[at..]).add(sum).store(&mut y[at..]);
        }
        for at in whole..channels {
            y[at] += a[at] * x[at] + b[at] * z[at] + c[at];
        }
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
        let lines = scale.as_chunks::<LANES>().0.iter().zip(shift.as_chunks::<LANES>().0);
        let values = x.as_chunks::<LANES>().0.iter().zip(y.as_chunks_mut::<LANES>().0);
        for ((x, y), (scale, shift)) in values.zip(lines) {
            let [x, scale, shift] = [x, scale, shift].map(|line| F32x4::from_array(*line));
            *y = shift.mul_add(x, scale).to_array();
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
