//! A convolution and the maximum pooling of its output as one: the output is never kept, and the gradients
//! are sums over the winners of the windows, since all other cells have none.

use super::Conv2d;
use super::forward::{Filters, ForwardPass};
use crate::kernels::activation::Activation;
use crate::kernels::microkernel::Last;
use crate::kernels::pack::transpose;
use crate::kernels::pool::{MAX_CELLS, Pool2d, cell_of};
use crate::kernels::weighted_rows::{Entry, add_weighted_rows, entry};

/// Entries that make a list worth its sums' way to the registers and back.
const LONG_LIST: usize = 128;

/// Runs of a window at least as long are added up entry by entry; of shorter ones the whole gradient of the
/// convolution is made after all, picture by picture.
const LONG_RUN: usize = 16;

/// `y = max over each window of f(x * filters + bias)`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PooledConv2d {
    conv: Conv2d,
    pool: Pool2d,
}

impl PooledConv2d {
    /// Whether it pays: pooling at every cell leaves no zeros to gain from, and large windows are rare.
    pub fn pays(pool: &Pool2d) -> bool {
        pool.pool_h * pool.pool_w <= MAX_CELLS && pool.stride_h * pool.stride_w >= 4
    }

    /// A convolution and what pools its output, for which it [pays](Self::pays).
    pub fn new(conv: Conv2d, pool: Pool2d) -> PooledConv2d {
        assert!(PooledConv2d::pays(&pool));
        // Outputs that lie in no window are not computed.
        let reach =
            |n: usize, stride: usize, size: usize, pad: usize| ((n - 1) * stride + size).saturating_sub(pad);
        let in_h = pool.in_h.min(reach(pool.out_h, pool.stride_h, pool.pool_h, pool.pad_top));
        let in_w = pool.in_w.min(reach(pool.out_w, pool.stride_w, pool.pool_w, pool.pad_left));
        let conv = Conv2d { out_h: in_h, out_w: in_w, ..conv };
        PooledConv2d { conv, pool: Pool2d { in_h, in_w, ..pool } }
    }

    /// The convolution, as far as windows of the pooling reach.
    pub fn conv(&self) -> &Conv2d {
        &self.conv
    }

    /// Elements of scratch that [`forward`](Self::forward) needs, for any batch; packed filters need as much less as
    /// the [convolution](Self::conv)'s.
    pub fn forward_scratch_len(&self) -> usize {
        self.conv.forward_scratch_len(1) + self.conv.n_together() * self.conv.out_len()
    }

    /// Convolves and pools; `winners` are those of [`Pool2d::max_forward`], or of no length.
    ///
    /// Shapes: `x: [batch, in_h, in_w, in_c]`, `y` and `winners` `[batch, pool.out_h, pool.out_w, out_c]`, the
    /// others as in [`Conv2d::forward`].
    pub fn forward(
        &self,
        batch: usize,
        x: &[f32],
        filters: Filters<'_>,
        bias: Option<&[f32]>,
        activation: Activation,
        scratch: &mut [f32],
        winners: &mut [f32],
        y: &mut [f32],
    ) {
        let (conv, pool) = (&self.conv, &self.pool);
        assert!(x.len() == batch * conv.in_len() && y.len() == batch * pool.out_len());
        let n_together = conv.n_together();
        let (whole, scratch) = scratch.split_at_mut(n_together * conv.out_len());
        let mut pass = ForwardPass::new(conv, filters, Last { bias, activation, ..Last::NONE }, scratch);
        let pictures = x.chunks(n_together * conv.in_len()).zip(y.chunks_mut(n_together * pool.out_len()));
        for (i, (x, y)) in pictures.enumerate() {
            let n = x.len() / conv.in_len();
            let whole = &mut whole[..n * conv.out_len()];
            pass.run(x, whole);
            let first = i * n_together * pool.out_len();
            let winners = winners.get_mut(first..first + y.len()).unwrap_or_default();
            pool.max_forward(n, whole, y, winners);
        }
    }

    fn sums_by_entries(&self) -> bool {
        self.conv.runs(0).run_len >= LONG_RUN
    }

    /// Pictures whose entries make one list.
    fn n_together(&self, batch: usize) -> usize {
        LONG_LIST.div_ceil(self.pool.out_h * self.pool.out_w).min(batch)
    }

    /// Elements of scratch that either backward call needs.
    pub fn backward_scratch_len(&self, batch: usize) -> usize {
        let (conv, pool) = (&self.conv, &self.pool);
        if !self.sums_by_entries() {
            return conv.out_len() + conv.backward_scratch_len(1);
        }
        let turned = conv.window_len() * conv.out_c;
        let n_together = self.n_together(batch);
        let of_filters = 2 * n_together * pool.out_h * pool.out_w + n_together * conv.padded_len();
        let of_input = 2 * conv.out_c * pool.pool_h * pool.pool_w + conv.padded_len();
        turned + of_filters.max(of_input)
    }

    /// For each cell of a pooling's window how far its convolution's window begins from that of the first, in
    /// pictures of `w` columns.
    fn cell_offsets(&self, w: usize) -> [usize; MAX_CELLS] {
        let (conv, pool) = (&self.conv, &self.pool);
        std::array::from_fn(|cell| {
            let (row, column) = (cell / pool.pool_w, cell % pool.pool_w);
            (row * conv.stride_h * w + column * conv.stride_w) * conv.in_c
        })
    }

    /// Where the convolution's window of the first cell of each pooling's window begins, in pictures of `w`
    /// columns. A first cell may lie before the picture, and its place wrap around; winners do not.
    fn first_places(&self, w: usize) -> impl Iterator<Item = usize> {
        let PooledConv2d { conv, pool } = *self;
        (0..pool.out_h).flat_map(move |y| {
            let row = (y * pool.stride_h).wrapping_sub(pool.pad_top).wrapping_mul(conv.stride_h * w);
            (0..pool.out_w).map(move |x| {
                let column = (x * pool.stride_w).wrapping_sub(pool.pad_left).wrapping_mul(conv.stride_w);
                row.wrapping_add(column).wrapping_mul(conv.in_c)
            })
        })
    }

    /// `d_filters += ` gradient. Shapes: `d_y` as `y`, the others as in [`Conv2d::backward_filters`].
    pub fn backward_filters(
        &self,
        batch: usize,
        x: &[f32],
        winners: &[f32],
        d_y: &[f32],
        scratch: &mut [f32],
        d_filters: &mut [f32],
    ) {
        let (conv, pool) = (&self.conv, &self.pool);
        assert!(x.len() == batch * conv.in_len() && d_filters.len() == conv.window_len() * conv.out_c);
        assert!(d_y.len() == batch * pool.out_len() && winners.len() == d_y.len());
        if !self.sums_by_entries() {
            let (whole, scratch) = scratch.split_at_mut(conv.out_len());
            let outputs = winners.chunks_exact(pool.out_len()).zip(d_y.chunks_exact(pool.out_len()));
            for (x, (winners, d_y)) in x.chunks_exact(conv.in_len()).zip(outputs) {
                whole.fill(0.0);
                pool.max_backward(1, winners, d_y, whole);
                conv.backward_filters(1, x, whole, scratch, d_filters);
            }
            return;
        }
        let (turned, rest) = scratch.split_at_mut(d_filters.len());
        let n_together = self.n_together(batch);
        let (list, pads) = rest.split_at_mut(2 * n_together * pool.out_h * pool.out_w);
        let list = list.as_chunks_mut().0;
        turned.fill(0.0);
        pads.fill(0.0);
        let lens = (n_together * conv.in_len(), n_together * pool.out_len());
        let outputs = winners.chunks(lens.1).zip(d_y.chunks(lens.1));
        for (x, (winners, d_y)) in x.chunks(lens.0).zip(outputs) {
            let (x, w) = conv.pad_all(x, pads);
            self.add_to_filters(x, w, winners, d_y, list, turned);
        }
        transpose(conv.out_c, conv.window_len(), turned, d_filters, true);
    }

    /// Filter after filter: the list of its winners in some pictures, then their windows added up.
    fn add_to_filters(
        &self,
        x: &[f32],
        w: usize,
        winners: &[f32],
        d_y: &[f32],
        list: &mut [Entry],
        turned: &mut [f32],
    ) {
        let PooledConv2d { conv, pool } = *self;
        let (runs, offsets) = (conv.runs(w), self.cell_offsets(w));
        let picture_len = conv.picture_len();
        for (filter, turned) in turned.chunks_exact_mut(conv.window_len()).enumerate() {
            let mut n = 0;
            let outputs = winners.chunks_exact(pool.out_len()).zip(d_y.chunks_exact(pool.out_len()));
            for (picture, (winners, d_y)) in outputs.enumerate() {
                let cells = winners.chunks_exact(conv.out_c).zip(d_y.chunks_exact(conv.out_c));
                for ((winners, d_y), first) in cells.zip(self.first_places(w)) {
                    let place = first.wrapping_add(offsets[cell_of(winners[filter]) % MAX_CELLS]);
                    list[n] = entry(place.wrapping_add(picture * picture_len), d_y[filter]);
                    n += usize::from(d_y[filter] != 0.0);
                }
            }
            for (run, turned) in turned.chunks_exact_mut(runs.run_len).enumerate() {
                add_weighted_rows(&list[..n], &x[runs.offset(run)..], turned);
            }
        }
    }

    /// `d_x += ` gradient. Shapes: `d_y` as `y`, the others as in [`Conv2d::backward_input`].
    pub fn backward_input(
        &self,
        batch: usize,
        winners: &[f32],
        d_y: &[f32],
        filters: &[f32],
        scratch: &mut [f32],
        d_x: &mut [f32],
    ) {
        let (conv, pool) = (&self.conv, &self.pool);
        assert!(d_x.len() == batch * conv.in_len() && filters.len() == conv.window_len() * conv.out_c);
        assert!(d_y.len() == batch * pool.out_len() && winners.len() == d_y.len());
        let outputs = winners.chunks_exact(pool.out_len()).zip(d_y.chunks_exact(pool.out_len()));
        let pictures = d_x.chunks_exact_mut(conv.in_len()).zip(outputs);
        if !self.sums_by_entries() {
            let (whole, scratch) = scratch.split_at_mut(conv.out_len());
            for (d_x, (winners, d_y)) in pictures {
                whole.fill(0.0);
                pool.max_backward(1, winners, d_y, whole);
                conv.backward_input(1, whole, filters, scratch, d_x);
            }
            return;
        }
        let (turned, rest) = scratch.split_at_mut(filters.len());
        transpose(conv.window_len(), conv.out_c, filters, turned, false);
        let (lists, pad) = rest.split_at_mut(2 * conv.out_c * pool.pool_h * pool.pool_w);
        let lists = lists.as_chunks_mut().0;
        for (d_x, (winners, d_y)) in pictures {
            if conv.is_padded() {
                let (pad, w) = (&mut pad[..conv.padded_len()], conv.padded().w);
                pad.fill(0.0);
                self.add_to_input(w, winners, d_y, turned, lists, pad);
                conv.add_inner(pad, d_x);
            } else {
                self.add_to_input(conv.in_w, winners, d_y, turned, lists, d_x);
            }
        }
    }

    /// Window after window: for each of its cells the list of filters that it won, then those filters added
    /// up where the cell's own window lies.
    fn add_to_input(
        &self,
        w: usize,
        winners: &[f32],
        d_y: &[f32],
        turned: &[f32],
        lists: &mut [Entry],
        d_x: &mut [f32],
    ) {
        let PooledConv2d { conv, pool } = *self;
        let (runs, offsets) = (conv.runs(w), self.cell_offsets(w));
        let n_cells = pool.pool_h * pool.pool_w;
        let cells = winners.chunks_exact(conv.out_c).zip(d_y.chunks_exact(conv.out_c));
        for ((winners, d_y), first) in cells.zip(self.first_places(w)) {
            let mut lens = [0; MAX_CELLS];
            for (filter, (&winner, &d_y)) in winners.iter().zip(d_y).enumerate() {
                let cell = cell_of(winner) % MAX_CELLS;
                lists[cell * conv.out_c + lens[cell]] = entry(filter * conv.window_len(), d_y);
                lens[cell] += usize::from(d_y != 0.0);
            }
            for cell in (0..n_cells).filter(|&cell| lens[cell] > 0) {
                let list = &lists[cell * conv.out_c..][..lens[cell]];
                let place = first.wrapping_add(offsets[cell]);
                for run in 0..runs.outer * runs.inner {
                    let d_x = &mut d_x[place + runs.offset(run)..][..runs.run_len];
                    add_weighted_rows(list, &turned[run * runs.run_len..], d_x);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    fn pool(conv: &Conv2d, size: usize, stride: usize, pad: usize) -> Pool2d {
        let out = |len: usize| (len + 2 * pad - size) / stride + 1;
        Pool2d {
            in_h: conv.out_h,
            in_w: conv.out_w,
            channels: conv.out_c,
            out_h: out(conv.out_h),
            out_w: out(conv.out_w),
            pool_h: size,
            pool_w: size,
            stride_h: stride,
            stride_w: stride,
            pad_top: pad,
            pad_left: pad,
        }
    }

    /// Against the convolution and the pooling one after the other.
    fn check(conv: Conv2d, pool: Pool2d) {
        let pooled = PooledConv2d::new(conv, pool);
        let (mut rng, batch) = (Rng::new(6, 0), 3);
        let mut random = |len: usize| -> Vec<f32> { (0..len).map(|_| rng.range(-1.0, 1.0)).collect() };
        let (x, filters) = (random(batch * conv.in_len()), random(conv.window_len() * conv.out_c));
        let bias = random(conv.out_c);
        let mut d_y = random(batch * pool.out_len());
        d_y.iter_mut().step_by(3).for_each(|d_y| *d_y = 0.0);

        let mut whole = vec![0.0; batch * conv.out_len()];
        let mut scratch =
            vec![f32::NAN; conv.forward_scratch_len(batch).max(conv.backward_scratch_len(batch))];
        conv.forward(
            batch,
            &x,
            Filters::Plain(&filters),
            Some(&bias),
            Activation::Relu,
            &mut scratch,
            &mut whole,
        );
        let (mut expected, mut d_whole) = (vec![0.0; d_y.len()], vec![0.0; whole.len()]);
        let mut winners = vec![0.0; d_y.len()];
        pool.max_forward(batch, &whole, &mut expected, &mut winners);
        pool.max_backward(batch, &winners, &d_y, &mut d_whole);
        let (mut d_filters, mut d_x) = (vec![1.0; filters.len()], vec![1.0; x.len()]);
        conv.backward_filters(batch, &x, &d_whole, &mut scratch, &mut d_filters);
        conv.backward_input(batch, &d_whole, &filters, &mut scratch, &mut d_x);

        let (mut y, mut winners) = (vec![f32::NAN; d_y.len()], vec![f32::NAN; d_y.len()]);
        for winners in [&mut [][..], &mut winners] {
            let mut scratch = vec![f32::NAN; pooled.forward_scratch_len()];
            pooled.forward(
                batch,
                &x,
                Filters::Plain(&filters),
                Some(&bias),
                Activation::Relu,
                &mut scratch,
                winners,
                &mut y,
            );
            assert_eq!(y, expected, "{pooled:?}");
        }
        let (mut got_filters, mut got_x) = (vec![1.0; filters.len()], vec![1.0; x.len()]);
        let mut scratch = vec![f32::NAN; pooled.backward_scratch_len(batch)];
        pooled.backward_filters(batch, &x, &winners, &d_y, &mut scratch, &mut got_filters);
        scratch.fill(f32::NAN);
        pooled.backward_input(batch, &winners, &d_y, &filters, &mut scratch, &mut got_x);
        for (got, expected) in [(got_filters, d_filters), (got_x, d_x)] {
            for (i, (got, expected)) in got.iter().zip(expected).enumerate() {
                assert!(
                    (got - expected).abs() < 2e-5 * (1.0 + expected.abs()),
                    "{pooled:?} {i}: {got} {expected}"
                );
            }
        }
    }

    #[test]
    fn pooled_and_one_after_the_other_are_the_same_at_odd_shapes() {
        let base = Conv2d {
            in_h: 9,
            in_w: 10,
            in_c: 6,
            out_h: 7,
            out_w: 8,
            out_c: 9,
            kernel_h: 3,
            kernel_w: 3,
            stride_h: 1,
            stride_w: 1,
            pad_top: 0,
            pad_left: 0,
            dilation_h: 1,
            dilation_w: 1,
        };
        let shapes = [
            base,
            Conv2d { in_c: 1, ..base },
            Conv2d { in_c: 17, out_c: 4, ..base },
            Conv2d { out_h: 9, out_w: 10, pad_top: 1, pad_left: 1, ..base },
            Conv2d { out_h: 5, out_w: 5, stride_h: 2, stride_w: 2, pad_top: 1, ..base },
            Conv2d { in_c: 16, out_h: 5, out_w: 6, dilation_h: 2, dilation_w: 2, ..base },
            Conv2d { in_c: 31, kernel_h: 1, kernel_w: 1, out_h: 9, out_w: 10, ..base },
            Conv2d { kernel_h: 2, kernel_w: 4, out_h: 8, out_w: 8, pad_left: 1, ..base },
        ];
        for conv in shapes {
            for (size, stride, pad) in [(2, 2, 0), (3, 2, 0), (3, 2, 1), (2, 3, 0), (4, 4, 2)] {
                check(conv, pool(&conv, size, stride, pad));
            }
        }
    }
}
