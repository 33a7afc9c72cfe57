//! Sums of a few rows of a matrix, each with a weight: the products of a vector that is mostly zeros.

use super::simd::{F32x4, LANES, Lanes, Pass, widest};

/// Where a row begins and what it is multiplied by: [`entry`]. Two floats, since memory of a plan is floats.
pub(super) type Entry = [f32; 2];

/// The row from `place` on, times `weight`.
#[inline(always)]
pub(super) fn entry(place: usize, weight: f32) -> Entry {
    // Only moved, never computed with: whatever number these bits are, they stay.
    [f32::from_bits(place as u32), weight]
}

#[inline(always)]
fn place([place, _]: Entry) -> usize {
    place.to_bits() as usize
}

/// `c[j] += Σ over entries of weight · x[place + j]` for all of `c`, in order of the entries.
///
/// # Panics
/// If a row ends beyond `x`.
pub(super) fn add_weighted_rows(entries: &[Entry], x: &[f32], c: &mut [f32]) {
    widest(WeightedRows { entries, x, c });
}

struct WeightedRows<'a> {
    entries: &'a [Entry],
    x: &'a [f32],
    c: &'a mut [f32],
}

impl Pass for WeightedRows<'_> {
    type Output = ();
    #[inline(always)]
    fn run<V: Lanes>(self) {
        let WeightedRows { entries, x, c } = self;
        let mut j = 0;
        while j + 12 * V::LANES <= c.len() {
            block::<V, 12>(entries, &x[j..], &mut c[j..]);
            j += 12 * V::LANES;
        }
        while j + 6 * V::LANES <= c.len() {
            block::<V, 6>(entries, &x[j..], &mut c[j..]);
            j += 6 * V::LANES;
        }
        while j + V::LANES <= c.len() {
            block::<V, 1>(entries, &x[j..], &mut c[j..]);
            j += V::LANES;
        }
        if V::LANES > LANES && j + LANES <= c.len() {
            block::<F32x4, 1>(entries, &x[j..], &mut c[j..]);
            j += LANES;
        }
        for (j, c) in c.iter_mut().enumerate().skip(j) {
            for &entry in entries {
                *c += entry[1] * x[place(entry) + j];
            }
        }
    }
}

/// As [`add_weighted_rows`] for the first `NV` vectors of `c`, which stay in registers.
// Compiled for the processor's own vectors where it is inlined; V8 keeps more in registers where it is not.
#[cfg_attr(target_arch = "wasm32", inline(never))]
#[cfg_attr(not(target_arch = "wasm32"), inline(always))]
fn block<V: Lanes, const NV: usize>(entries: &[Entry], x: &[f32], c: &mut [f32]) {
    let c = &mut c[..V::LANES * NV];
    let mut sums = [V::zero(); NV];
    for (sum, c) in sums.iter_mut().zip(c.chunks_exact(V::LANES)) {
        *sum = V::load(c);
    }
    for &entry in entries {
        let row = &x[place(entry)..][..V::LANES * NV];
        let weight = V::splat(entry[1]);
        for (sum, x) in sums.iter_mut().zip(row.chunks_exact(V::LANES)) {
            *sum = sum.mul_add(weight, V::load(x));
        }
    }
    for (sum, c) in sums.into_iter().zip(c.chunks_exact_mut(V::LANES)) {
        sum.store(c);
    }
}
