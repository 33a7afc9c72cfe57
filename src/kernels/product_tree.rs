//! The sum of several products of a transposed matrix: the gradient of weights over several batches.

use super::elementwise::add_assign;
use super::microkernel::{Places, TILE_ROWS};
use super::products::outer_product;

/// `C = Σ over parts of Aᵀ B`, added up as a binary tree: of eight parts, `((0 + 1) + (2 + 3)) + ((4 + 5) + (6 + 7))`.
///
/// Shapes: `A: [places, m]`, `B: [places, n]`, `C: [m, n]`; each part has places of its own, or none. Each element of a part is
/// one sum in order of the places, so the result has the bits of the products written out and then added up, but every element
/// of C goes to memory once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProductTree {
    /// Rows of C.
    pub m: usize,
    /// Columns of C.
    pub n: usize,
}

/// Rows of C whose parts are added up while they are near.
const ROWS: usize = 8 * TILE_ROWS;

impl ProductTree {
    /// Elements of scratch that [`run`](Self::run) needs for so many parts of up to so many places.
    pub fn scratch_len(&self, n_parts: usize, most_places: usize) -> usize {
        let height = n_parts.next_power_of_two().ilog2() as usize;
        ROWS * (most_places + height * self.n)
    }

    /// Computes the rows of C from `first_row` on that `c` has room for; `part` tells A and B of each part.
    ///
    /// # Panics
    /// If a slice has not the length its shape says, there is no part, or the scratch is too short.
    pub fn run<'a>(
        &self,
        n_parts: usize,
        part: &dyn Fn(usize) -> [&'a [f32]; 2],
        first_row: usize,
        scratch: &mut [f32],
        c: &mut [f32],
    ) {
        assert!(
            n_parts > 0 && c.len().is_multiple_of(self.n) && first_row * self.n + c.len() <= self.m * self.n
        );
        for (block, c) in c.chunks_mut(ROWS * self.n).enumerate() {
            let rows = Rows { tree: *self, first: first_row + block * ROWS, len: c.len() / self.n };
            rows.subtree(0, n_parts, part, scratch, c);
        }
    }
}

/// Some rows of C.
#[derive(Clone, Copy)]
struct Rows {
    tree: ProductTree,
    first: usize,
    len: usize,
}

impl Rows {
    /// `c` becomes the sum of `len` parts from `first` on.
    fn subtree<'a>(
        self,
        first: usize,
        len: usize,
        part: &dyn Fn(usize) -> [&'a [f32]; 2],
        scratch: &mut [f32],
        c: &mut [f32],
    ) {
        if len == 1 {
            return self.product(part(first), false, scratch, c);
        }
        let left = len.next_power_of_two() / 2;
        self.subtree(first, left, part, scratch, c);
        match len - left {
            1 => self.product(part(first + left), true, scratch, c),
            right => {
                let (sum, scratch) = scratch.split_at_mut(c.len());
                self.subtree(first + left, right, part, scratch, sum);
                add_assign(c, sum);
            }
        }
    }

    /// `c = Aᵀ B`, or `c += Aᵀ B`.
    fn product(self, [a, b]: [&[f32]; 2], add: bool, scratch: &mut [f32], c: &mut [f32]) {
        let (m, n) = (self.tree.m, self.tree.n);
        let n_places = b.len() / n;
        assert!(a.len() == n_places * m && b.len() == n_places * n);
        if n_places == 0 {
            // Adding 0 makes 0 of −0, as adding a gradient of zeros would.
            c.iter_mut().for_each(|c| *c = if add { *c + 0.0 } else { 0.0 });
            return;
        }
        let near = &mut scratch[..n_places * self.len];
        for (near, far) in near.chunks_exact_mut(self.len).zip(a.chunks_exact(m)) {
            near.copy_from_slice(&far[self.first..self.first + self.len]);
        }
        let places = |column_stride| Places { rows: 1, columns: n_places, row_stride: 0, column_stride };
        outer_product(self.len, n, near, places(self.len), b, places(n), c, add);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::activation::Activation;
    use crate::kernels::gemm::Gemm;
    use crate::rng::Rng;

    #[test]
    fn the_bits_are_those_of_products_added_up_one_by_one() {
        let mut rng = Rng::new(5, 0);
        for (m, n, places) in
            [(37, 12, vec![3, 0, 5, 1, 2]), (5, 3, vec![2]), (16, 9, vec![0, 0]), (61, 16, vec![4; 8])]
        {
            let parts: Vec<[Vec<f32>; 2]> = places
                .iter()
                .map(|&k| [k * m, k * n].map(|len| (0..len).map(|_| rng.range(-1.0, 1.0)).collect()))
                .collect();
            let mut sums: Vec<Vec<f32>> = parts
                .iter()
                .zip(&places)
                .map(|([a, b], &k)| {
                    let gemm = Gemm { m, n, k, a_transposed: true, b_transposed: false, accumulate: false };
                    let mut c = vec![0.0; m * n];
                    if k > 0 {
                        gemm.run(a, b, None, Activation::None, &mut vec![0.0; gemm.scratch_len()], &mut c);
                    }
                    c
                })
                .collect();
            let mut distance = 1;
            while distance < sums.len() {
                for left in (0..sums.len() - distance).step_by(2 * distance) {
                    let right = sums[left + distance].clone();
                    add_assign(&mut sums[left], &right);
                }
                distance *= 2;
            }
            let tree = ProductTree { m, n };
            let most = *places.iter().max().unwrap();
            let mut scratch = vec![f32::NAN; tree.scratch_len(parts.len(), most)];
            let part = |idx: usize| [&parts[idx][0][..], &parts[idx][1][..]];
            // In two calls, as a sum that is handed on in pieces is.
            let mut c = vec![f32::NAN; m * n];
            let (above, below) = c.split_at_mut(m / 2 * n);
            tree.run(parts.len(), &part, 0, &mut scratch, above);
            tree.run(parts.len(), &part, m / 2, &mut scratch, below);
            assert!(
                c.iter().zip(&sums[0]).all(|(c, sum)| c.to_bits() == sum.to_bits()),
                "{m} {n} {places:?}"
            );
        }
    }
}
