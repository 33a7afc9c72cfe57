//! A depthwise convolution: every channel has one filter of its own, so the lanes go along the channels. Sums stay in
//! registers; each is in the order of the filter's cells or of the pictures' pixels.

use super::conv2d::Conv2d;
use super::simd::{Lanes, Pass};

/// Cells of the largest filter whose pairs fit their list.
pub(super) const MOST_CELLS: usize = 49;

/// Where the factors of one pixel's products begin: in a picture, and in the filters.
type Pairs = [(usize, usize); MOST_CELLS];

/// `to += Σ over pairs of picture · filters`, channel by channel.
#[inline(always)]
fn add_products<V: Lanes>(pairs: &[(usize, usize)], picture: &[f32], filters: &[f32], to: &mut [f32]) {
    let (c, mut channel) = (to.len(), 0);
    while channel + 2 * V::LANES <= c {
        block::<V, 2>(pairs, picture, filters, channel, to);
        channel += 2 * V::LANES;
    }
    while channel + V::LANES <= c {
        block::<V, 1>(pairs, picture, filters, channel, to);
        channel += V::LANES;
    }
    for channel in channel..c {
        block::<f32, 1>(pairs, picture, filters, channel, to);
    }
}

#[inline(always)]
fn block<V: Lanes, const NV: usize>(
    pairs: &[(usize, usize)],
    picture: &[f32],
    filters: &[f32],
    channel: usize,
    to: &mut [f32],
) {
    let to = &mut to[channel..][..NV * V::LANES];
    let mut sums = [V::zero(); NV];
    for (j, sum) in sums.iter_mut().enumerate() {
        *sum = V::load(&to[j * V::LANES..]);
    }
    for &(of_picture, of_filters) in pairs {
        let picture = &picture[of_picture + channel..][..NV * V::LANES];
        let filters = &filters[of_filters + channel..][..NV * V::LANES];
        for (j, sum) in sums.iter_mut().enumerate() {
            *sum = sum.mul_add(V::load(&picture[j * V::LANES..]), V::load(&filters[j * V::LANES..]));
        }
    }
    for (j, sum) in sums.iter().enumerate() {
        sum.store(&mut to[j * V::LANES..]);
    }
}

/// The input along one axis that output `at` reads by this cell.
fn read_by(at: usize, cell: usize, stride: usize, dilation: usize, pad: usize, len: usize) -> Option<usize> {
    let place = (at * stride + cell * dilation).wrapping_sub(pad);
    (place < len).then_some(place)
}

/// The output along one axis that reads input `at` by this cell.
fn reader_of(
    at: usize,
    cell: usize,
    stride: usize,
    dilation: usize,
    pad: usize,
    len: usize,
) -> Option<usize> {
    let start = (at + pad).checked_sub(cell * dilation)?;
    let reader = if stride == 1 { start } else { start / stride };
    (reader * stride == start && reader < len).then_some(reader)
}

/// `y += x ∗ filters`.
pub(super) struct Forward<'a> {
    pub conv: &'a Conv2d,
    pub x: &'a [f32],
    pub filters: &'a [f32],
    pub y: &'a mut [f32],
}

impl Pass for Forward<'_> {
    type Output = ();
    #[inline(always)]
    fn run<V: Lanes>(self) {
        let Forward { conv, x, filters, y } = self;
        let (c, mut pairs): (usize, Pairs) = (conv.in_c, [(0, 0); MOST_CELLS]);
        let pictures = x.chunks_exact(conv.in_h * conv.in_w * c);
        for (x, y) in pictures.zip(y.chunks_exact_mut(conv.out_h * conv.out_w * c)) {
            for (pixel, y) in y.chunks_exact_mut(c).enumerate() {
                let n = pairs_of_output(conv, pixel / conv.out_w, pixel % conv.out_w, &mut pairs);
                add_products::<V>(&pairs[..n], x, filters, y);
            }
        }
    }
}

/// The pairs of an output pixel, in order of the cells.
fn pairs_of_output(conv: &Conv2d, y: usize, x: usize, pairs: &mut Pairs) -> usize {
    let mut n = 0;
    for u in 0..conv.kernel_h {
        let Some(row) = read_by(y, u, conv.stride_h, conv.dilation_h, conv.pad_top, conv.in_h) else {
            continue;
        };
        for v in 0..conv.kernel_w {
            if let Some(column) = read_by(x, v, conv.stride_w, conv.dilation_w, conv.pad_left, conv.in_w) {
                pairs[n] = ((row * conv.in_w + column) * conv.in_c, (u * conv.kernel_w + v) * conv.in_c);
                n += 1;
            }
        }
    }
    n
}

/// `d_x += ` gradient.
pub(super) struct InputGradient<'a> {
    pub conv: &'a Conv2d,
    pub d_y: &'a [f32],
    pub filters: &'a [f32],
    pub d_x: &'a mut [f32],
}

impl Pass for InputGradient<'_> {
    type Output = ();
    #[inline(always)]
    fn run<V: Lanes>(self) {
        let InputGradient { conv, d_y, filters, d_x } = self;
        let (c, mut pairs): (usize, Pairs) = (conv.in_c, [(0, 0); MOST_CELLS]);
        let pictures = d_x.chunks_exact_mut(conv.in_h * conv.in_w * c);
        for (d_x, d_y) in pictures.zip(d_y.chunks_exact(conv.out_h * conv.out_w * c)) {
            for (pixel, d_x) in d_x.chunks_exact_mut(c).enumerate() {
                let n = pairs_of_input(conv, pixel / conv.in_w, pixel % conv.in_w, &mut pairs);
                add_products::<V>(&pairs[..n], d_y, filters, d_x);
            }
        }
    }
}

/// The pairs of an input pixel, in order of the outputs that read it.
fn pairs_of_input(conv: &Conv2d, y: usize, x: usize, pairs: &mut Pairs) -> usize {
    let mut n = 0;
    for u in (0..conv.kernel_h).rev() {
        let Some(row) = reader_of(y, u, conv.stride_h, conv.dilation_h, conv.pad_top, conv.out_h) else {
            continue;
        };
        for v in 0..conv.kernel_w {
            let reader = reader_of(x, v, conv.stride_w, conv.dilation_w, conv.pad_left, conv.out_w);
            if let Some(column) = reader {
                pairs[n] = ((row * conv.out_w + column) * conv.in_c, (u * conv.kernel_w + v) * conv.in_c);
                n += 1;
            }
        }
    }
    n
}

/// `d_filters += ` gradient.
pub(super) struct FilterGradient<'a> {
    pub conv: &'a Conv2d,
    pub x: &'a [f32],
    pub d_y: &'a [f32],
    pub d_filters: &'a mut [f32],
}

impl Pass for FilterGradient<'_> {
    type Output = ();
    #[inline(always)]
    fn run<V: Lanes>(self) {
        let FilterGradient { conv, x, d_y, d_filters } = self;
        let (x_row, y_row) = (conv.in_w * conv.in_c, conv.out_w * conv.in_c);
        for (row, d_y) in d_y.chunks_exact(y_row).enumerate() {
            let (picture, y) = (row / conv.out_h, row % conv.out_h);
            for u in 0..conv.kernel_h {
                let read = read_by(y, u, conv.stride_h, conv.dilation_h, conv.pad_top, conv.in_h);
                if let Some(read) = read {
                    let x = &x[(picture * conv.in_h + read) * x_row..][..x_row];
                    let d_filters = &mut d_filters[u * conv.kernel_w * conv.in_c..];
                    correlate_rows::<V>(conv, x, d_y, d_filters);
                }
            }
        }
    }
}

/// What one row of inputs and one of outputs add to a row of filter cells.
#[inline(always)]
fn correlate_rows<V: Lanes>(conv: &Conv2d, x: &[f32], d_y: &[f32], d_filters: &mut [f32]) {
    let (c, stride) = (conv.in_c, conv.stride_w);
    for (v, d_filters) in d_filters.chunks_exact_mut(c).take(conv.kernel_w).enumerate() {
        let reach = v * conv.dilation_w;
        // The outputs whose cell lies on the input.
        let from = conv.pad_left.saturating_sub(reach).div_ceil(stride).min(conv.out_w);
        let to = (conv.pad_left + conv.in_w).saturating_sub(reach).div_ceil(stride).clamp(from, conv.out_w);
        if from == to {
            continue;
        }
        let x = &x[(from * stride + reach - conv.pad_left) * c..];
        let d_y = &d_y[from * c..to * c];
        let mut channel = 0;
        while channel + 4 * V::LANES <= c {
            correlate::<V, 4>(c, stride * c, x, d_y, channel, d_filters);
            channel += 4 * V::LANES;
        }
        while channel + V::LANES <= c {
            correlate::<V, 1>(c, stride * c, x, d_y, channel, d_filters);
            channel += V::LANES;
        }
        for channel in channel..c {
            correlate::<f32, 1>(c, stride * c, x, d_y, channel, d_filters);
        }
    }
}

/// `d_filter += Σ over pixels of x · d_y` for `NV` vectors of channels.
#[inline(always)]
fn correlate<V: Lanes, const NV: usize>(
    c: usize,
    x_step: usize,
    x: &[f32],
    d_y: &[f32],
    channel: usize,
    d_filter: &mut [f32],
) {
    let d_filter = &mut d_filter[channel..][..NV * V::LANES];
    let mut sums = [V::zero(); NV];
    for (j, sum) in sums.iter_mut().enumerate() {
        *sum = V::load(&d_filter[j * V::LANES..]);
    }
    for (d_y, x) in d_y.chunks_exact(c).zip(x.chunks(x_step)) {
        let (d_y, x) = (&d_y[channel..][..NV * V::LANES], &x[channel..][..NV * V::LANES]);
        for (j, sum) in sums.iter_mut().enumerate() {
            *sum = sum.mul_add(V::load(&x[j * V::LANES..]), V::load(&d_y[j * V::LANES..]));
        }
    }
    for (j, sum) in sums.iter().enumerate() {
        sum.store(&mut d_filter[j * V::LANES..]);
    }
}
