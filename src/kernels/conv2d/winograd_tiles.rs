//! The transforms of inputs and outputs on Winograd's way, tile by tile.

use std::array::from_fn;

use super::winograd::Winograd;
use super::winograd_lines::{OfInput, OfOutputGradient, TILE, ToOutput, both_ways};
use crate::kernels::microkernel::Last;
use crate::kernels::simd::{F32x4, LANES, Lanes, Pass};

/// The first channels of whole vectors.
#[inline(always)]
fn whole<V: Lanes>(channels: usize) -> impl Iterator<Item = usize> {
    (0..n_whole::<V>(channels)).step_by(V::LANES)
}

/// Four channels that are left.
#[inline(always)]
fn rest<V: Lanes>(channels: usize) -> Option<usize> {
    let first = n_whole::<V>(channels);
    (first < channels).then_some(first)
}

/// Channels are a multiple of four.
#[inline(always)]
fn n_whole<V: Lanes>(channels: usize) -> usize {
    if V::LANES > LANES { channels - channels % V::LANES } else { channels }
}

/// [`Winograd::transform_inputs`].
pub(super) struct Inputs<'a> {
    pub winograd: &'a Winograd,
    pub first: usize,
    pub n: usize,
    pub apart: usize,
    pub x: &'a [f32],
    pub w: usize,
    pub points: &'a mut [f32],
}

impl Inputs<'_> {
    #[inline(always)]
    fn channels<V: Lanes>(&mut self, rows: &[&[f32]; 6], tile: usize, channel: usize) {
        let c = self.winograd.whole.in_c;
        both_ways::<OfInput, _, _, _>(
            |i, j| V::load(&rows[i][j * c + channel..]),
            |i, j, d| d.store(&mut self.points[((6 * i + j) * self.apart + tile) * c + channel..]),
        );
    }
}

impl Pass for Inputs<'_> {
    type Output = ();
    #[inline(always)]
    fn run<V: Lanes>(mut self) {
        let (c, x) = (self.winograd.whole.in_c, self.x);
        for tile in 0..self.n {
            let [picture, row, column] = self.winograd.corner(self.first + tile);
            let x = &x[picture * self.winograd.whole.picture_len()..];
            let rows = from_fn(|i| &x[((row + i) * self.w + column) * c..][..6 * c]);
            for channel in whole::<V>(c) {
                self.channels::<V>(&rows, tile, channel);
            }
            if let Some(channel) = rest::<V>(c) {
                self.channels::<F32x4>(&rows, tile, channel);
            }
        }
    }
}

/// [`Winograd::transform_outputs`].
pub(super) struct Outputs<'a> {
    pub winograd: &'a Winograd,
    pub first: usize,
    pub n: usize,
    pub apart: usize,
    pub points: &'a [f32],
    pub last: Last<'a>,
    pub y: &'a mut [f32],
}

impl Outputs<'_> {
    #[inline(always)]
    fn channels<V: Lanes>(&mut self, tile: usize, [picture, row, column]: [usize; 3], channel: usize) {
        let Winograd { whole, out_h, out_w, .. } = *self.winograd;
        let (c, last) = (whole.out_c, self.last);
        let bias = last.bias.map(|bias| V::load(&bias[channel..]));
        both_ways::<ToOutput, _, _, _>(
            |i, j| V::load(&self.points[((6 * i + j) * self.apart + tile) * c + channel..]),
            |i, j, output| {
                if i >= out_h - row || j >= out_w - column {
                    return;
                }
                let place = ((picture * out_h + row + i) * out_w + column + j) * c + channel;
                let place = &mut self.y[place..];
                let output = match bias {
                    _ if last.accumulate => V::load(place).add(output),
                    Some(bias) => last.activation.of_lanes(output.add(bias)),
                    None => last.activation.of_lanes(output),
                };
                output.store(place);
            },
        );
    }
}

impl Pass for Outputs<'_> {
    type Output = ();
    #[inline(always)]
    fn run<V: Lanes>(mut self) {
        let c = self.winograd.whole.out_c;
        for tile in 0..self.n {
            let corner = self.winograd.corner(self.first + tile);
            for channel in whole::<V>(c) {
                self.channels::<V>(tile, corner, channel);
            }
            if let Some(channel) = rest::<V>(c) {
                self.channels::<F32x4>(tile, corner, channel);
            }
        }
    }
}

/// [`Winograd::transform_d_outputs`].
pub(super) struct OutputGradients<'a> {
    pub winograd: &'a Winograd,
    pub first: usize,
    pub n: usize,
    pub apart: usize,
    pub d_y: &'a [f32],
    pub points: &'a mut [f32],
}

impl OutputGradients<'_> {
    #[inline(always)]
    fn channels<V: Lanes>(&mut self, tile: usize, [picture, row, column]: [usize; 3], channel: usize) {
        let Winograd { whole, out_h, out_w, .. } = *self.winograd;
        let c = whole.out_c;
        both_ways::<OfOutputGradient, V, TILE, 6>(
            |i, j| {
                let (row, column) = (row + i, column + j);
                if row < out_h && column < out_w {
                    V::load(&self.d_y[((picture * out_h + row) * out_w + column) * c + channel..])
                } else {
                    V::zero()
                }
            },
            |i, j, d| d.store(&mut self.points[((6 * i + j) * self.apart + tile) * c + channel..]),
        );
    }
}

impl Pass for OutputGradients<'_> {
    type Output = ();
    #[inline(always)]
    fn run<V: Lanes>(mut self) {
        let c = self.winograd.whole.out_c;
        for tile in 0..self.n {
            let corner = self.winograd.corner(self.first + tile);
            for channel in whole::<V>(c) {
                self.channels::<V>(tile, corner, channel);
            }
            if let Some(channel) = rest::<V>(c) {
                self.channels::<F32x4>(tile, corner, channel);
            }
        }
    }
}
