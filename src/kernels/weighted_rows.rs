//! Sums of a few rows of a matrix, each with a weight: the products of a vector that is mostly zeros.

use super::simd::{F32x4, LANES};

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
    let mut j = 0;
    while j + 48 <= c.len() {
        block::<12>(entries, &x[j..], &mut c[j..j + 48]);
        j += 48;
    }
    while j + 24 <= c.len() {
        block::<6>(entries, &x[j..], &mut c[j..j + 24]);
        j += 24;
    }
    while j + LANES <= c.len() {
        block::<1>(entries, &x[j..], &mut c[j..j + LANES]);
        j += LANES;
    }
    for (j, c) in c.iter_mut().enumerate().skip(j) {
        for &entry in entries {
            *c += entry[1] * x[place(entry) + j];
        }
    }
}

/// As [`add_weighted_rows`] for `NV` vectors, which stay in registers.
#[inline(never)]
fn block<const NV: usize>(entries: &[Entry], x: &[f32], c: &mut [f32]) {
    let mut sums = [F32x4::zero(); NV];
    for (sum, c) in sums.iter_mut().zip(c.chunks_exact(LANES)) {
        *sum = F32x4::load(c);
    }
    for &entry in entries {
        let row = &x[place(entry)..][..LANES * NV];
        let weight = F32x4::splat(entry[1]);
        for (sum, x) in sums.iter_mut().zip(row.chunks_exact(LANES)) {
            *sum = sum.mul_add(weight, F32x4::load(x));
        }
    }
    for (sum, c) in sums.into_iter().zip(c.chunks_exact_mut(LANES)) {
        sum.store(c);
    }
}
