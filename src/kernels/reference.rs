//! Plain loops in f64, straight from the formulas: what tests hold the fast kernels against.

use super::conv2d::Conv2d;
use super::gemm::Gemm;

/// `op(A) · op(B)`.
pub fn gemm(gemm: &Gemm, a: &[f32], b: &[f32]) -> Vec<f64> {
    let Gemm { m, n, k, a_transposed, b_transposed, .. } = *gemm;
    let mut c = vec![0.0; m * n];
    for i in 0..m {
        for j in 0..n {
            for p in 0..k {
                let a = a[if a_transposed { p * m + i } else { i * k + p }];
                let b = b[if b_transposed { j * k + p } else { p * n + j }];
                c[i * n + j] += f64::from(a) * f64::from(b);
            }
        }
    }
    c
}

/// Calls `visit(x place, filter place, y place)` for every multiplication of a convolution.
pub fn for_each_product(conv: &Conv2d, batch: usize, mut visit: impl FnMut(usize, usize, usize)) {
    for image in 0..batch {
        for (out_y, out_x) in (0..conv.out_h * conv.out_w).map(|i| (i / conv.out_w, i % conv.out_w)) {
            for (u, v) in (0..conv.kernel_h * conv.kernel_w).map(|i| (i / conv.kernel_w, i % conv.kernel_w)) {
                let y = (out_y * conv.stride_h + u * conv.dilation_h).wrapping_sub(conv.pad_top);
                let x = (out_x * conv.stride_w + v * conv.dilation_w).wrapping_sub(conv.pad_left);
                if y >= conv.in_h || x >= conv.in_w {
                    continue;
                }
                for (c, o) in (0..conv.in_c * conv.out_c).map(|i| (i / conv.out_c, i % conv.out_c)) {
                    visit(
                        ((image * conv.in_h + y) * conv.in_w + x) * conv.in_c + c,
                        ((u * conv.kernel_w + v) * conv.in_c + c) * conv.out_c + o,
                        ((image * conv.out_h + out_y) * conv.out_w + out_x) * conv.out_c + o,
                    );
                }
            }
        }
    }
}
