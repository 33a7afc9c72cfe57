//! Vectors of whichever width the processor has. Lane by lane the arithmetic is the same, so the width
//! changes no bit; wasm has four lanes and nothing else.

use super::F32x4;

/// What kernels need of a vector. In each operation every lane is on its own.
pub(in crate::kernels) trait Lanes: Copy {
    /// Floats in it.
    const LANES: usize;
    /// All lanes `x`.
    fn splat(x: f32) -> Self;
    /// `self + b`.
    fn add(self, b: Self) -> Self;
    /// `self - b`.
    fn sub(self, b: Self) -> Self;
    /// `self · b`.
    fn mul(self, b: Self) -> Self;
    /// The larger of each pair; `self` where `b` is not greater, so also for NaN.
    fn max(self, b: Self) -> Self;
    /// The floats from `x` on.
    ///
    /// # Safety
    /// `LANES` floats at `x` must be readable.
    unsafe fn load_pointer(x: *const f32) -> Self;
    /// Writes the lanes to the floats from `x` on.
    ///
    /// # Safety
    /// `LANES` floats at `x` must be writable.
    unsafe fn store_pointer(self, x: *mut f32);
    /// The float at `x` in all lanes.
    ///
    /// # Safety
    /// `x` must be readable.
    unsafe fn splat_pointer(x: *const f32) -> Self;

    /// All lanes 0.
    #[inline(always)]
    fn zero() -> Self {
        Self::splat(0.0)
    }

    /// `self + a · b`, rounded twice.
    #[inline(always)]
    fn mul_add(self, a: Self, b: Self) -> Self {
        self.add(a.mul(b))
    }

    /// The first elements of `s`.
    ///
    /// # Panics
    /// If there are fewer than lanes.
    #[inline(always)]
    fn load(s: &[f32]) -> Self {
        assert!(s.len() >= Self::LANES);
        // SAFETY: asserted.
        unsafe { Self::load_pointer(s.as_ptr()) }
    }

    /// Writes the lanes to the first elements of `s`.
    ///
    /// # Panics
    /// If there are fewer.
    #[inline(always)]
    fn store(self, s: &mut [f32]) {
        assert!(s.len() >= Self::LANES);
        // SAFETY: asserted.
        unsafe { self.store_pointer(s.as_mut_ptr()) }
    }
}

/// Work that can be done with vectors of any width. Its `run` must be `#[inline(always)]`, as must all that it calls
/// with vectors, so that it is compiled for the processor's own.
pub(in crate::kernels) trait Pass {
    /// What comes of it.
    type Output;
    /// Does it.
    fn run<V: Lanes>(self) -> Self::Output;
}

/// Runs a pass with the widest vectors there are.
#[inline(always)]
pub(in crate::kernels) fn widest<P: Pass>(pass: P) -> P::Output {
    #[cfg(target_arch = "x86_64")]
    if is_wide() {
        // SAFETY: the processor has AVX2.
        return unsafe { eight::run(pass) };
    }
    pass.run::<F32x4>()
}

/// Whether there are vectors of eight lanes.
#[cfg(target_arch = "x86_64")]
#[inline(always)]
pub(in crate::kernels) fn is_wide() -> bool {
    std::arch::is_x86_feature_detected!("avx2")
}

#[cfg(target_arch = "x86_64")]
pub(in crate::kernels) use eight::F32x8;

macro_rules! forwarded {
    () => {
        #[inline(always)]
        fn splat(x: f32) -> Self {
            Self::splat(x)
        }
        #[inline(always)]
        fn add(self, b: Self) -> Self {
            self.add(b)
        }
        #[inline(always)]
        fn sub(self, b: Self) -> Self {
            self.sub(b)
        }
        #[inline(always)]
        fn mul(self, b: Self) -> Self {
            self.mul(b)
        }
        #[inline(always)]
        fn max(self, b: Self) -> Self {
            self.max(b)
        }
    };
}

impl Lanes for F32x4 {
    const LANES: usize = 4;
    forwarded!();
    #[inline(always)]
    unsafe fn load_pointer(x: *const f32) -> F32x4 {
        // SAFETY: the caller's promise; the read needs no alignment.
        F32x4::from_array(unsafe { x.cast::<[f32; 4]>().read_unaligned() })
    }
    #[inline(always)]
    unsafe fn store_pointer(self, x: *mut f32) {
        // SAFETY: the caller's promise; the write needs no alignment.
        unsafe { x.cast::<[f32; 4]>().write_unaligned(self.to_array()) }
    }
    #[inline(always)]
    unsafe fn splat_pointer(x: *const f32) -> F32x4 {
        // SAFETY: the caller's promise.
        unsafe { F32x4::splat_pointer(x) }
    }
}

/// A single lane, for what is left after the last whole vector.
impl Lanes for f32 {
    const LANES: usize = 1;
    #[inline(always)]
    fn splat(x: f32) -> f32 {
        x
    }
    #[inline(always)]
    fn add(self, b: f32) -> f32 {
        self + b
    }
    #[inline(always)]
    fn sub(self, b: f32) -> f32 {
        self - b
    }
    #[inline(always)]
    fn mul(self, b: f32) -> f32 {
        self * b
    }
    #[inline(always)]
    fn max(self, b: f32) -> f32 {
        if self < b { b } else { self }
    }
    #[inline(always)]
    unsafe fn load_pointer(x: *const f32) -> f32 {
        // SAFETY: the caller's promise.
        unsafe { *x }
    }
    #[inline(always)]
    unsafe fn store_pointer(self, x: *mut f32) {
        // SAFETY: the caller's promise.
        unsafe { *x = self }
    }
    #[inline(always)]
    unsafe fn splat_pointer(x: *const f32) -> f32 {
        // SAFETY: the caller's promise.
        unsafe { *x }
    }
}

#[cfg(target_arch = "x86_64")]
mod eight {
    use super::{Lanes, Pass};
    use core::arch::x86_64::*;

    /// Eight `f32` lanes; only ever named where AVX2 was found.
    #[derive(Clone, Copy)]
    pub struct F32x8(__m256);

    /// Runs a pass with vectors of eight lanes.
    #[target_feature(enable = "avx2")]
    pub fn run<P: Pass>(pass: P) -> P::Output {
        pass.run::<F32x8>()
    }

    impl Lanes for F32x8 {
        const LANES: usize = 8;
        #[inline(always)]
        fn splat(x: f32) -> F32x8 {
            // SAFETY: AVX2 is there.
            F32x8(unsafe { _mm256_set1_ps(x) })
        }
        #[inline(always)]
        fn add(self, b: F32x8) -> F32x8 {
            // SAFETY: AVX2 is there.
            F32x8(unsafe { _mm256_add_ps(self.0, b.0) })
        }
        #[inline(always)]
        fn sub(self, b: F32x8) -> F32x8 {
            // SAFETY: AVX2 is there.
            F32x8(unsafe { _mm256_sub_ps(self.0, b.0) })
        }
        #[inline(always)]
        fn mul(self, b: F32x8) -> F32x8 {
            // SAFETY: AVX2 is there.
            F32x8(unsafe { _mm256_mul_ps(self.0, b.0) })
        }
        #[inline(always)]
        fn max(self, b: F32x8) -> F32x8 {
            // SAFETY: AVX2 is there. The instruction returns its second operand unless the first is greater.
            F32x8(unsafe { _mm256_max_ps(b.0, self.0) })
        }
        #[inline(always)]
        unsafe fn load_pointer(x: *const f32) -> F32x8 {
            // SAFETY: the caller's promise; the load is the unaligned one.
            F32x8(unsafe { _mm256_loadu_ps(x) })
        }
        #[inline(always)]
        unsafe fn store_pointer(self, x: *mut f32) {
            // SAFETY: the caller's promise; the store is the unaligned one.
            unsafe { _mm256_storeu_ps(x, self.0) }
        }
        #[inline(always)]
        unsafe fn splat_pointer(x: *const f32) -> F32x8 {
            // SAFETY: the caller's promise.
            F32x8(unsafe { _mm256_broadcast_ss(&*x) })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct All<'a> {
        a: &'a [f32],
        b: &'a [f32],
    }

    impl Pass for All<'_> {
        type Output = Vec<f32>;
        #[inline(always)]
        fn run<V: Lanes>(self) -> Vec<f32> {
            let mut results = vec![0.0; 5 * self.a.len()];
            for (i, (a, b)) in self.a.chunks(V::LANES).zip(self.b.chunks(V::LANES)).enumerate() {
                let (a, b) = (V::load(a), V::load(b));
                let of_each = [a.add(b), a.sub(b), a.mul(b), a.max(b), a.mul_add(a, b)];
                for (kind, result) in of_each.into_iter().enumerate() {
                    result.store(&mut results[kind * self.a.len() + i * V::LANES..]);
                }
            }
            results
        }
    }

    #[test]
    fn wider_vectors_compute_the_bits_of_four_lanes() {
        let mut rng = crate::rng::Rng::new(8, 0);
        let special = [0.0, -0.0, 1.0, -1.5, f32::MIN_POSITIVE, 1e-40, f32::MAX, f32::INFINITY, f32::NAN];
        let mut draw = || match rng.below(3) {
            0 => special[rng.below(9) as usize],
            _ => rng.range(-3.0, 3.0),
        };
        let [a, b]: [Vec<f32>; 2] = std::array::from_fn(|_| (0..4_000).map(|_| draw()).collect());
        let narrow = All { a: &a, b: &b }.run::<F32x4>();
        for other in [widest(All { a: &a, b: &b }), All { a: &a, b: &b }.run::<f32>()] {
            for (other, narrow) in other.into_iter().zip(&narrow) {
                // The bits of a NaN are the processor's own affair.
                assert!(other.to_bits() == narrow.to_bits() || (other.is_nan() && narrow.is_nan()));
            }
        }
    }
}
