//! The promise that natively and in wasm the same bits come out, held against numbers noted down.

use super::activation::Activation;
use super::conv2d::{Conv2d, Filters, PooledConv2d};
use super::gemm::Gemm;
use super::pool::Pool2d;
use super::{math, reduce, softmax};
use crate::rng::Rng;

const POOL: Pool2d = Pool2d {
    in_h: 9,
    in_w: 8,
    channels: 14,
    out_h: 4,
    out_w: 4,
    pool_h: 2,
    pool_w: 2,
    stride_h: 2,
    stride_w: 2,
    pad_top: 0,
    pad_left: 0,
};

/// FNV-1a over the bits.
fn hash(values: &[f32]) -> u64 {
    values
        .iter()
        .flat_map(|value| value.to_bits().to_le_bytes())
        .fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

fn random(len: usize) -> Vec<f32> {
    let mut rng = Rng::new(11, len as u64);
    (0..len).map(|_| rng.range(-1.0, 1.0)).collect()
}

/// The same test runs in wasm. Whoever changes an order of summation changes these numbers, and with them
/// every result that someone noted down: that is allowed, but never by accident.
#[test]
fn every_target_computes_these_bits() {
    let conv = Conv2d {
        in_h: 9,
        in_w: 8,
        in_c: 5,
        out_h: 9,
        out_w: 8,
        out_c: 14,
        kernel_h: 3,
        kernel_w: 3,
        stride_h: 1,
        stride_w: 1,
        pad_top: 1,
        pad_left: 1,
        dilation_h: 1,
        dilation_w: 1,
    };
    let (x, filters, bias) = (random(2 * 9 * 8 * 5), random(9 * 5 * 14), random(14));
    let mut y = vec![0.0; 2 * 9 * 8 * 14];
    let mut scratch = vec![0.0; conv.forward_scratch_len(2).max(conv.backward_scratch_len(2))];
    conv.forward(2, &x, Filters::Plain(&filters), Some(&bias), Activation::Tanh, &mut scratch, &mut y);
    let (mut d_x, mut d_filters) = (vec![0.0; x.len()], vec![0.0; filters.len()]);
    conv.backward_input(2, &y, &filters, &mut scratch, &mut d_x);
    conv.backward_filters(2, &x, &y, &mut scratch, &mut d_filters);
    let strided = Conv2d { out_h: 5, out_w: 4, stride_h: 2, stride_w: 2, ..conv };
    strided.backward_input(1, &y[..5 * 4 * 14], &filters, &mut vec![0.0; 20_000], &mut d_x[..9 * 8 * 5]);

    // Those that are computed in another way: tile by tile, and pooled at once.
    let wide = Conv2d { in_c: 16, out_c: 20, ..conv };
    let (x, filters) = (random(2 * 9 * 8 * 16), random(9 * 16 * 20));
    let mut tiled = vec![0.0; 2 * 9 * 8 * 20];
    let mut scratch = vec![0.0; wide.forward_scratch_len(2).max(wide.backward_scratch_len(2))];
    wide.forward(2, &x, Filters::Plain(&filters), None, Activation::Relu, &mut scratch, &mut tiled);
    let (mut d_wide, mut d_wide_filters) = (vec![0.0; x.len()], vec![0.0; filters.len()]);
    wide.backward_input(2, &tiled, &filters, &mut scratch, &mut d_wide);
    wide.backward_filters(2, &x, &tiled, &mut scratch, &mut d_wide_filters);
    let pool = Pool2d { in_h: 9, in_w: 8, channels: 20, out_h: 4, out_w: 4, ..POOL };
    let pooled = PooledConv2d::new(wide, pool);
    let (mut y_pooled, mut winners) = (vec![0.0; 2 * 16 * 20], vec![0.0; 2 * 16 * 20]);
    let mut scratch = vec![0.0; pooled.forward_scratch_len().max(pooled.backward_scratch_len(2))];
    pooled.forward(
        2,
        &x,
        Filters::Plain(&filters),
        None,
        Activation::Relu,
        &mut scratch,
        &mut winners,
        &mut y_pooled,
    );
    pooled.backward_filters(2, &x, &winners, &y_pooled, &mut scratch, &mut d_wide_filters);
    pooled.backward_input(2, &winners, &y_pooled, &filters, &mut scratch, &mut d_wide);

    let pool = POOL;
    let (mut largest, mut mean) = (vec![0.0; 2 * 16 * 14], vec![0.0; 2 * 16 * 14]);
    pool.max_forward(2, &y, &mut largest, &mut []);
    pool.average_forward(2, &y, &mut mean);

    let gemm = Gemm { m: 14, n: 14, k: 32, a_transposed: true, b_transposed: true, accumulate: false };
    let mut product = vec![0.0; 14 * 14];
    let mut scratch = vec![0.0; gemm.scratch_len()];
    gemm.run(&largest, &mean, None, Activation::LeakyRelu(0.1), &mut scratch, &mut product);
    let mut probabilities = vec![0.0; product.len()];
    softmax::softmax(&product, 14, &mut probabilities);
    let scalars = [
        reduce::sum(&y),
        reduce::dot(&y, &y),
        math::ln(probabilities[3]),
        math::sigmoid(y[0]),
        math::sin_cos(y[1] * 100.0).0,
        math::pow(0.9, y[2] * 30.0),
    ];

    let parts = [
        &y,
        &d_x,
        &d_filters,
        &largest,
        &mean,
        &product,
        &probabilities,
        &scalars.to_vec(),
        &tiled,
        &d_wide,
        &d_wide_filters,
        &y_pooled,
    ];
    let hashes = parts.map(|part| hash(part));
    let noted = [
        0xfc11_a7cd_69db_5334,
        0x3fbb_7104_7404_f0a8,
        0x657b_3eec_e911_f97c,
        0xbb77_b5ec_befc_7514,
        0xf298_f200_3e8a_8b33,
        0x234c_73e3_534e_be35,
        0xed32_10d0_07d1_00ce,
        0x32c9_10f2_22bf_206c,
        0x668a_f4a2_9f34_7ad6,
        0x5665_c237_6ebf_429c,
        0x0e49_4b61_4341_14a5,
        0xeb27_3fba_23d0_e33a,
    ];
    assert_eq!(hashes, noted, "{hashes:#x?}");
}
