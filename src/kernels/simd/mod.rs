//! Four `f32` lanes: `simd128` on wasm, SSE2 on x86-64, a plain array elsewhere. The same operations
//! in the same order on all, so all round alike. With `microkernel` the only module that may use
//! `unsafe`.
// Methods, not operators: each shows that it rounds, and none can be mistaken for that of a scalar.
#![allow(unsafe_code, clippy::should_implement_trait)]

mod wide;

#[cfg(target_arch = "x86_64")]
pub(super) use wide::{F32x8, is_wide};
pub(super) use wide::{Lanes, Pass, widest};

/// Lanes in a [`F32x4`].
pub const LANES: usize = 4;

/// The plain array, for targets without four lanes and as the reference of the others.
#[cfg_attr(
    any(all(target_arch = "wasm32", target_feature = "simd128"), target_arch = "x86_64"),
    allow(dead_code)
)]
mod scalar {
    /// Four `f32` lanes.
    #[derive(Clone, Copy, Debug)]
    pub struct F32x4([f32; 4]);

    impl F32x4 {
        /// All lanes `x`.
        #[inline(always)]
        pub fn splat(x: f32) -> F32x4 {
            F32x4([x; 4])
        }
        /// The lanes `x`.
        #[inline(always)]
        pub fn from_array(x: [f32; 4]) -> F32x4 {
            F32x4(x)
        }
        /// The lanes as an array.
        #[inline(always)]
        pub fn to_array(self) -> [f32; 4] {
            self.0
        }
        /// `self + b`.
        #[inline(always)]
        pub fn add(self, b: F32x4) -> F32x4 {
            F32x4(std::array::from_fn(|i| self.0[i] + b.0[i]))
        }
        /// `self - b`.
        #[inline(always)]
        pub fn sub(self, b: F32x4) -> F32x4 {
            F32x4(std::array::from_fn(|i| self.0[i] - b.0[i]))
        }
        /// `self · b`.
        #[inline(always)]
        pub fn mul(self, b: F32x4) -> F32x4 {
            F32x4(std::array::from_fn(|i| self.0[i] * b.0[i]))
        }
        /// `self / b`.
        #[inline(always)]
        pub fn div(self, b: F32x4) -> F32x4 {
            F32x4(std::array::from_fn(|i| self.0[i] / b.0[i]))
        }
        /// The larger of each pair; `self` where `b` is not greater, so also for NaN.
        #[inline(always)]
        pub fn max(self, b: F32x4) -> F32x4 {
            F32x4(std::array::from_fn(|i| if self.0[i] < b.0[i] { b.0[i] } else { self.0[i] }))
        }
        /// The square root of each lane.
        #[inline(always)]
        pub fn sqrt(self) -> F32x4 {
            F32x4(self.0.map(f32::sqrt))
        }
        /// `self` where `a > b`, 0 elsewhere.
        #[inline(always)]
        pub fn where_greater(self, a: F32x4, b: F32x4) -> F32x4 {
            F32x4(std::array::from_fn(|i| if a.0[i] > b.0[i] { self.0[i] } else { 0.0 }))
        }
        /// `self` where `a = b`, 0 elsewhere.
        #[inline(always)]
        pub fn where_equal(self, a: F32x4, b: F32x4) -> F32x4 {
            F32x4(std::array::from_fn(|i| if a.0[i] == b.0[i] { self.0[i] } else { 0.0 }))
        }
        /// The four vectors as rows of a matrix, turned into its columns.
        #[inline(always)]
        pub fn transpose(rows: [F32x4; 4]) -> [F32x4; 4] {
            std::array::from_fn(|i| F32x4(rows.map(|row| row.0[i])))
        }
        /// Each lane without its sign.
        #[inline(always)]
        pub fn abs(self) -> F32x4 {
            F32x4(self.0.map(f32::abs))
        }
    }
}

#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
mod lanes {
    use core::arch::wasm32::*;

    /// Four `f32` lanes.
    #[derive(Clone, Copy, Debug)]
    pub struct F32x4(v128);

    impl F32x4 {
        /// All lanes `x`.
        #[inline(always)]
        pub fn splat(x: f32) -> F32x4 {
            F32x4(f32x4_splat(x))
        }
        /// The lanes `x`.
        #[inline(always)]
        pub fn from_array(x: [f32; 4]) -> F32x4 {
            // SAFETY: the array is 16 readable bytes, and `v128_load` has no alignment need.
            F32x4(unsafe { v128_load(x.as_ptr().cast()) })
        }
        /// The lanes as an array.
        #[inline(always)]
        pub fn to_array(self) -> [f32; 4] {
            let mut x = [0.0; 4];
            // SAFETY: the array is 16 writable bytes.
            unsafe { v128_store(x.as_mut_ptr().cast(), self.0) };
            x
        }
        /// `self + b`.
        #[inline(always)]
        pub fn add(self, b: F32x4) -> F32x4 {
            F32x4(f32x4_add(self.0, b.0))
        }
        /// `self - b`.
        #[inline(always)]
        pub fn sub(self, b: F32x4) -> F32x4 {
            F32x4(f32x4_sub(self.0, b.0))
        }
        /// `self · b`.
        #[inline(always)]
        pub fn mul(self, b: F32x4) -> F32x4 {
            F32x4(f32x4_mul(self.0, b.0))
        }
        /// `self / b`.
        #[inline(always)]
        pub fn div(self, b: F32x4) -> F32x4 {
            F32x4(f32x4_div(self.0, b.0))
        }
        /// The larger of each pair; `self` where `b` is not greater, so also for NaN.
        #[inline(always)]
        pub fn max(self, b: F32x4) -> F32x4 {
            F32x4(f32x4_pmax(self.0, b.0))
        }
        /// The square root of each lane.
        #[inline(always)]
        pub fn sqrt(self) -> F32x4 {
            F32x4(f32x4_sqrt(self.0))
        }
        /// `self` where `a > b`, 0 elsewhere.
        #[inline(always)]
        pub fn where_greater(self, a: F32x4, b: F32x4) -> F32x4 {
            F32x4(v128_and(self.0, f32x4_gt(a.0, b.0)))
        }
        /// `self` where `a = b`, 0 elsewhere.
        #[inline(always)]
        pub fn where_equal(self, a: F32x4, b: F32x4) -> F32x4 {
            F32x4(v128_and(self.0, f32x4_eq(a.0, b.0)))
        }
        /// The four vectors as rows of a matrix, turned into its columns.
        #[inline(always)]
        pub fn transpose([a, b, c, d]: [F32x4; 4]) -> [F32x4; 4] {
            let (ac_low, ac_high) =
                (i32x4_shuffle::<0, 4, 1, 5>(a.0, c.0), i32x4_shuffle::<2, 6, 3, 7>(a.0, c.0));
            let (bd_low, bd_high) =
                (i32x4_shuffle::<0, 4, 1, 5>(b.0, d.0), i32x4_shuffle::<2, 6, 3, 7>(b.0, d.0));
            [
                F32x4(i32x4_shuffle::<0, 4, 1, 5>(ac_low, bd_low)),
                F32x4(i32x4_shuffle::<2, 6, 3, 7>(ac_low, bd_low)),
                F32x4(i32x4_shuffle::<0, 4, 1, 5>(ac_high, bd_high)),
                F32x4(i32x4_shuffle::<2, 6, 3, 7>(ac_high, bd_high)),
            ]
        }
        /// Each lane without its sign.
        #[inline(always)]
        pub fn abs(self) -> F32x4 {
            F32x4(f32x4_abs(self.0))
        }
        /// The float at `x` in all lanes, in one instruction.
        ///
        /// # Safety
        /// `x` must be readable.
        #[inline(always)]
        pub unsafe fn splat_pointer(x: *const f32) -> F32x4 {
            // SAFETY: the caller's promise.
            F32x4(unsafe { v128_load32_splat(x.cast()) })
        }
    }
}

#[cfg(target_arch = "x86_64")]
mod lanes {
    use core::arch::x86_64::*;

    // SSE2 belongs to every x86-64 processor, so its intrinsics are always there.

    /// Four `f32` lanes.
    #[derive(Clone, Copy, Debug)]
    pub struct F32x4(__m128);

    impl F32x4 {
        /// All lanes `x`.
        #[inline(always)]
        pub fn splat(x: f32) -> F32x4 {
            // SAFETY: SSE2 is there.
            F32x4(unsafe { _mm_set1_ps(x) })
        }
        /// The lanes `x`.
        #[inline(always)]
        pub fn from_array(x: [f32; 4]) -> F32x4 {
            // SAFETY: the array is 16 readable bytes, and the load is the unaligned one.
            F32x4(unsafe { _mm_loadu_ps(x.as_ptr()) })
        }
        /// The lanes as an array.
        #[inline(always)]
        pub fn to_array(self) -> [f32; 4] {
            let mut x = [0.0; 4];
            // SAFETY: the array is 16 writable bytes.
            unsafe { _mm_storeu_ps(x.as_mut_ptr(), self.0) };
            x
        }
        /// `self + b`.
        #[inline(always)]
        pub fn add(self, b: F32x4) -> F32x4 {
            // SAFETY: SSE2 is there.
            F32x4(unsafe { _mm_add_ps(self.0, b.0) })
        }
        /// `self - b`.
        #[inline(always)]
        pub fn sub(self, b: F32x4) -> F32x4 {
            // SAFETY: SSE2 is there.
            F32x4(unsafe { _mm_sub_ps(self.0, b.0) })
        }
        /// `self · b`.
        #[inline(always)]
        pub fn mul(self, b: F32x4) -> F32x4 {
            // SAFETY: SSE2 is there.
            F32x4(unsafe { _mm_mul_ps(self.0, b.0) })
        }
        /// `self / b`.
        #[inline(always)]
        pub fn div(self, b: F32x4) -> F32x4 {
            // SAFETY: SSE2 is there.
            F32x4(unsafe { _mm_div_ps(self.0, b.0) })
        }
        /// The larger of each pair; `self` where `b` is not greater, so also for NaN.
        #[inline(always)]
        pub fn max(self, b: F32x4) -> F32x4 {
            // SAFETY: SSE2 is there. The instruction returns its second operand unless the first is greater.
            F32x4(unsafe { _mm_max_ps(b.0, self.0) })
        }
        /// The square root of each lane.
        #[inline(always)]
        pub fn sqrt(self) -> F32x4 {
            // SAFETY: SSE2 is there.
            F32x4(unsafe { _mm_sqrt_ps(self.0) })
        }
        /// `self` where `a > b`, 0 elsewhere.
        #[inline(always)]
        pub fn where_greater(self, a: F32x4, b: F32x4) -> F32x4 {
            // SAFETY: SSE2 is there.
            F32x4(unsafe { _mm_and_ps(self.0, _mm_cmpgt_ps(a.0, b.0)) })
        }
        /// `self` where `a = b`, 0 elsewhere.
        #[inline(always)]
        pub fn where_equal(self, a: F32x4, b: F32x4) -> F32x4 {
            // SAFETY: SSE2 is there.
            F32x4(unsafe { _mm_and_ps(self.0, _mm_cmpeq_ps(a.0, b.0)) })
        }
        /// The four vectors as rows of a matrix, turned into its columns.
        #[inline(always)]
        pub fn transpose([a, b, c, d]: [F32x4; 4]) -> [F32x4; 4] {
            // SAFETY: SSE2 is there.
            unsafe {
                let (ac_low, ac_high) = (_mm_unpacklo_ps(a.0, c.0), _mm_unpackhi_ps(a.0, c.0));
                let (bd_low, bd_high) = (_mm_unpacklo_ps(b.0, d.0), _mm_unpackhi_ps(b.0, d.0));
                [
                    F32x4(_mm_unpacklo_ps(ac_low, bd_low)),
                    F32x4(_mm_unpackhi_ps(ac_low, bd_low)),
                    F32x4(_mm_unpacklo_ps(ac_high, bd_high)),
                    F32x4(_mm_unpackhi_ps(ac_high, bd_high)),
                ]
            }
        }
        /// Each lane without its sign.
        #[inline(always)]
        pub fn abs(self) -> F32x4 {
            // SAFETY: SSE2 is there.
            F32x4(unsafe { _mm_andnot_ps(_mm_set1_ps(-0.0), self.0) })
        }
    }
}

#[cfg(any(all(target_arch = "wasm32", target_feature = "simd128"), target_arch = "x86_64"))]
pub use lanes::F32x4;
#[cfg(not(any(all(target_arch = "wasm32", target_feature = "simd128"), target_arch = "x86_64")))]
pub use scalar::F32x4;

impl F32x4 {
    /// All lanes 0.
    #[inline(always)]
    pub fn zero() -> F32x4 {
        F32x4::splat(0.0)
    }

    /// The first four elements of `s`.
    ///
    /// # Panics
    /// If there are fewer.
    #[inline(always)]
    pub fn load(s: &[f32]) -> F32x4 {
        F32x4::from_array(*s.first_chunk().expect("four elements"))
    }

    /// Writes the lanes to the first four elements of `s`.
    ///
    /// # Panics
    /// If there are fewer.
    #[inline(always)]
    pub fn store(self, s: &mut [f32]) {
        *s.first_chunk_mut().expect("four elements") = self.to_array();
    }

    /// The first four elements of `s`, zeros after the last. Only ever needed at ends, so one copy will do.
    #[inline(never)]
    pub fn load_part(s: &[f32]) -> F32x4 {
        let mut lanes = [0.0; 4];
        lanes.iter_mut().zip(s).for_each(|(lane, s)| *lane = *s);
        F32x4::from_array(lanes)
    }

    /// Writes as many lanes as `s` has room for; one copy will do.
    #[inline(never)]
    pub fn store_part(self, s: &mut [f32]) {
        s.iter_mut().zip(self.to_array()).for_each(|(s, lane)| *s = lane);
    }

    /// `self + a · b`, rounded twice.
    #[inline(always)]
    pub fn mul_add(self, a: F32x4, b: F32x4) -> F32x4 {
        self.add(a.mul(b))
    }

    /// The float at `x` in all lanes.
    ///
    /// # Safety
    /// `x` must be readable.
    #[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
    #[inline(always)]
    pub unsafe fn splat_pointer(x: *const f32) -> F32x4 {
        // SAFETY: the caller's promise.
        F32x4::splat(unsafe { *x })
    }
}

#[cfg(test)]
mod tests {
    use super::{F32x4, scalar};

    #[test]
    fn lanes_compute_the_bits_of_the_plain_array() {
        let mut rng = crate::rng::Rng::new(8, 0);
        let special = [0.0, -0.0, 1.0, -1.5, f32::MIN_POSITIVE, 1e-40, f32::MAX, f32::INFINITY, f32::NAN];
        let mut draw = || match rng.below(3) {
            0 => special[rng.below(9) as usize],
            _ => rng.range(-3.0, 3.0),
        };
        for _ in 0..2_000 {
            let [a, b, c]: [[f32; 4]; 3] = std::array::from_fn(|_| std::array::from_fn(|_| draw()));
            let ours = [a, b, c].map(F32x4::from_array);
            let plain = [a, b, c].map(scalar::F32x4::from_array);
            let pairs = [
                (ours[0].add(ours[1]).to_array(), plain[0].add(plain[1]).to_array()),
                (ours[0].sub(ours[1]).to_array(), plain[0].sub(plain[1]).to_array()),
                (ours[0].mul(ours[1]).to_array(), plain[0].mul(plain[1]).to_array()),
                (ours[0].div(ours[1]).to_array(), plain[0].div(plain[1]).to_array()),
                (ours[0].max(ours[1]).to_array(), plain[0].max(plain[1]).to_array()),
                (ours[0].abs().sqrt().to_array(), plain[0].abs().sqrt().to_array()),
                (
                    ours[0].where_greater(ours[1], ours[2]).to_array(),
                    plain[0].where_greater(plain[1], plain[2]).to_array(),
                ),
                (
                    ours[0].where_equal(ours[1], ours[2]).to_array(),
                    plain[0].where_equal(plain[1], plain[2]).to_array(),
                ),
                (
                    ours[0].where_equal(ours[1], ours[1]).to_array(),
                    plain[0].where_equal(plain[1], plain[1]).to_array(),
                ),
            ];
            let turned = F32x4::transpose([ours[0], ours[1], ours[2], ours[0]]);
            let plainly = scalar::F32x4::transpose([plain[0], plain[1], plain[2], plain[0]]);
            let turned = turned.iter().zip(plainly).map(|(ours, plain)| (ours.to_array(), plain.to_array()));
            for (ours, plain) in pairs.into_iter().chain(turned) {
                for (x, y) in ours.iter().zip(plain) {
                    // The bits of a NaN are the processor's own affair.
                    assert!(x.to_bits() == y.to_bits() || (x.is_nan() && y.is_nan()), "{a:?} {b:?} {c:?}");
                }
            }
        }
    }
}
