//! From values of 0 to 255 to the numbers a network is fed.

/// Writes `example` into `out` as it is: `(value / 255 - mean[c]) * inverse_deviation[c]`.
///
/// Shapes: `example` and `out` `[h, w, c]`, `mean` and `inverse_deviation` `[c]`.
///
/// # Panics
/// When the lengths do not fit.
pub fn write_plain(example: &[u8], mean: &[f32], inverse_deviation: &[f32], out: &mut [f32]) {
    assert_eq!(example.len(), out.len(), "one number for each byte");
    for (x, &byte) in out.iter_mut().zip(example) {
        *x = f32::from(byte);
    }
    normalize(mean, inverse_deviation, out);
}

/// Turns values of 0 to 255 into `(value / 255 - mean[c]) * inverse_deviation[c]`.
///
/// Shapes and panics: as [`write_plain`].
pub fn normalize(mean: &[f32], inverse_deviation: &[f32], out: &mut [f32]) {
    assert_eq!(mean.len(), inverse_deviation.len(), "one of each a channel");
    if let (&[mean], &[inverse_deviation]) = (mean, inverse_deviation) {
        for x in out {
            *x = (*x / 255.0 - mean) * inverse_deviation;
        }
        return;
    }
    assert!(out.len().is_multiple_of(mean.len()), "whole pixels");
    for pixel in out.chunks_exact_mut(mean.len()) {
        for ((x, mean), inverse_deviation) in pixel.iter_mut().zip(mean).zip(inverse_deviation) {
            *x = (*x / 255.0 - mean) * inverse_deviation;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_normalized_by_channel() {
        let mut out = [0.0; 4];
        write_plain(&[0, 255, 51, 102], &[0.5, 0.25], &[2.0, 4.0], &mut out);
        assert_eq!(out, [-1.0, 3.0, (0.2 - 0.5) * 2.0, (0.4 - 0.25) * 4.0]);
    }
}
