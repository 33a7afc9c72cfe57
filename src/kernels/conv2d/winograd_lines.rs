//! The matrices of Winograd's F(4, 3), each as what it makes of one row or column of a tile.
//!
//! They follow (Toom and Cook) from the points 0, ±a, ±b and ∞ at which polynomials are multiplied. With a = 11/16
//! and b = 11/8, whose squares and their product are exact, errors are smaller than with the usual 1 and 2.
//!
//! Source: Barabasz, Anderson, Soodhalter and Gregg 2020, *Error Analysis and Improving the Accuracy of Winograd
//! Convolution for Deep Neural Networks*, which compares choices of points.

use crate::kernels::simd::Lanes;

/// Outputs of a tile in each direction.
pub(super) const TILE: usize = 4;
/// Products for each tile and pair of channels.
pub(super) const POINTS: usize = 36;

const A: f32 = 11.0 / 16.0;
const B: f32 = 11.0 / 8.0;
const AA: f32 = A * A;
const BB: f32 = B * B;
/// What the polynomial of each point is divided by: of 0, of ±a, of ±b.
const OF_ZERO: f32 = 1.0 / (AA * BB);
const OF_A: f32 = 1.0 / (2.0 * AA * (AA - BB));
const OF_B: f32 = 1.0 / (2.0 * BB * (BB - AA));

/// What one of the matrices makes of a line of a tile. A trait and no function handed over: that would be called through
/// something that is not compiled for the processor's own vectors.
pub(super) trait Line<const N: usize, const M: usize> {
    fn of<V: Lanes>(line: [V; N]) -> [V; M];
}

/// `L` applied to all rows of a tile and then to all columns of that. Each vector is loaded when its row needs it and
/// stored when its column has it: a whole tile fits no processor's registers.
#[inline(always)]
pub(super) fn both_ways<L: Line<N, M>, V: Lanes, const N: usize, const M: usize>(
    load: impl Fn(usize, usize) -> V,
    mut store: impl FnMut(usize, usize, V),
) {
    let mut rows = [[V::zero(); M]; N];
    for (i, row) in rows.iter_mut().enumerate() {
        let mut given = [V::zero(); N];
        for (j, given) in given.iter_mut().enumerate() {
            *given = load(i, j);
        }
        *row = L::of(given);
    }
    for j in 0..M {
        let mut given = [V::zero(); N];
        for (given, row) in given.iter_mut().zip(&rows) {
            *given = row[j];
        }
        for (i, value) in L::of(given).into_iter().enumerate() {
            store(i, j, value);
        }
    }
}

/// `a + factor · b`.
#[inline(always)]
fn plus<V: Lanes>(a: V, factor: f32, b: V) -> V {
    a.mul_add(V::splat(factor), b)
}

/// `Bᵀ d`.
pub(super) struct OfInput;

impl Line<6, 6> for OfInput {
    #[inline(always)]
    fn of<V: Lanes>([d0, d1, d2, d3, d4, d5]: [V; 6]) -> [V; 6] {
        let (even_a, odd_a) = (plus(d4, -BB, d2), plus(d3, -BB, d1).mul(V::splat(A)));
        let (even_b, odd_b) = (plus(d4, -AA, d2), plus(d3, -AA, d1).mul(V::splat(B)));
        [
            plus(plus(d4, -(AA + BB), d2), AA * BB, d0),
            even_a.add(odd_a),
            even_a.sub(odd_a),
            even_b.add(odd_b),
            even_b.sub(odd_b),
            plus(plus(d5, -(AA + BB), d3), AA * BB, d1),
        ]
    }
}

/// `Aᵀ m`.
pub(super) struct ToOutput;

impl Line<6, 4> for ToOutput {
    #[inline(always)]
    fn of<V: Lanes>([m0, m1, m2, m3, m4, m5]: [V; 6]) -> [V; 4] {
        let (sum_a, difference_a) = (m1.add(m2), m1.sub(m2));
        let (sum_b, difference_b) = (m3.add(m4), m3.sub(m4));
        [
            m0.add(sum_a).add(sum_b),
            plus(difference_a.mul(V::splat(A)), B, difference_b),
            plus(sum_a.mul(V::splat(AA)), BB, sum_b),
            plus(plus(m5, AA * A, difference_a), BB * B, difference_b),
        ]
    }
}

/// `G g`.
pub(super) struct OfFilter;

impl Line<3, 6> for OfFilter {
    #[inline(always)]
    fn of<V: Lanes>([g0, g1, g2]: [V; 3]) -> [V; 6] {
        let (even_a, odd_a) = (plus(g0, AA, g2).mul(V::splat(OF_A)), g1.mul(V::splat(A * OF_A)));
        let (even_b, odd_b) = (plus(g0, BB, g2).mul(V::splat(OF_B)), g1.mul(V::splat(B * OF_B)));
        [
            g0.mul(V::splat(OF_ZERO)),
            even_a.add(odd_a),
            even_a.sub(odd_a),
            even_b.add(odd_b),
            even_b.sub(odd_b),
            g2,
        ]
    }
}

/// `A d_y`.
pub(super) struct OfOutputGradient;

impl Line<4, 6> for OfOutputGradient {
    #[inline(always)]
    fn of<V: Lanes>([d0, d1, d2, d3]: [V; 4]) -> [V; 6] {
        let (even_a, odd_a) = (plus(d0, AA, d2), plus(d1, AA, d3).mul(V::splat(A)));
        let (even_b, odd_b) = (plus(d0, BB, d2), plus(d1, BB, d3).mul(V::splat(B)));
        [d0, even_a.add(odd_a), even_a.sub(odd_a), even_b.add(odd_b), even_b.sub(odd_b), d3]
    }
}

/// `Gᵀ p`.
pub(super) struct ToFilter;

impl Line<6, 3> for ToFilter {
    #[inline(always)]
    fn of<V: Lanes>([p0, p1, p2, p3, p4, p5]: [V; 6]) -> [V; 3] {
        let (sum_a, difference_a) = (p1.add(p2), p1.sub(p2));
        let (sum_b, difference_b) = (p3.add(p4), p3.sub(p4));
        [
            plus(plus(p0.mul(V::splat(OF_ZERO)), OF_A, sum_a), OF_B, sum_b),
            plus(difference_a.mul(V::splat(A * OF_A)), B * OF_B, difference_b),
            plus(plus(p5, AA * OF_A, sum_a), BB * OF_B, sum_b),
        ]
    }
}
