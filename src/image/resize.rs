//! Resizing by exact whole-number arithmetic: area averaging where a side shrinks, bilinear where it grows.

use super::Pixels;

/// Which source samples make one target sample along one axis, and how much each counts.
struct Axis {
    /// For each target index: its first source index and its range in `weights`.
    taps: Vec<(usize, std::ops::Range<usize>)>,
    weights: Vec<u64>,
    /// The sum of the weights of any one target index.
    total: u64,
}

impl Axis {
    /// The taps from `from` to `to` samples.
    fn new(from: usize, to: usize) -> Axis {
        if to <= from { Axis::averaging(from, to) } else { Axis::bilinear(from, to) }
    }

    /// Source sample s spans s·to..(s+1)·to and target sample t spans t·from..(t+1)·from on a ruler of
    /// from·to marks; a weight is the length of their overlap, so all are whole and sum to `from`.
    fn averaging(from: usize, to: usize) -> Axis {
        let (from, to) = (from as u64, to as u64);
        let (mut taps, mut weights) = (Vec::with_capacity(to as usize), Vec::new());
        for target in 0..to {
            let (low, high) = (target * from, (target + 1) * from);
            let start = weights.len();
            for source in low / to..high.div_ceil(to) {
                weights.push(high.min((source + 1) * to) - low.max(source * to));
            }
            taps.push(((low / to) as usize, start..weights.len()));
        }
        Axis { taps, weights, total: from }
    }

    /// Target sample t has its middle at ((2t+1)·from − to) / 2·to in source samples; beyond the outermost
    /// middles the outermost samples go on.
    fn bilinear(from: usize, to: usize) -> Axis {
        let (mut taps, mut weights) = (Vec::with_capacity(to), Vec::new());
        let total = 2 * to as u64;
        for target in 0..to as u64 {
            let at = ((2 * target + 1) * from as u64).saturating_sub(to as u64);
            let (source, rest) = ((at / total) as usize, at % total);
            let start = weights.len();
            if source + 1 < from {
                weights.extend([total - rest, rest]);
                taps.push((source, start..weights.len()));
            } else {
                weights.push(total);
                taps.push((from - 1, start..weights.len()));
            }
        }
        Axis { taps, weights, total }
    }
}

/// `picture` at `width`×`height`: the exact mean of the area under each new pixel along a side that
/// shrinks, bilinear interpolation between pixel middles along one that grows; rounded once, at the end.
/// Colors count by their alpha. The same bytes on every target.
///
/// # Panics
/// When `width` or `height` is 0.
pub fn area(picture: &Pixels, width: usize, height: usize) -> Pixels {
    assert!(width > 0 && height > 0, "a picture has at least 1×1 pixels");
    if (width, height) == (picture.width, picture.height) {
        return picture.clone();
    }
    let channels = picture.channels;
    let (columns, rows) = (Axis::new(picture.width, width), Axis::new(picture.height, height));
    let total = columns.total * rows.total;
    let row_len = width * channels;
    let mut data = Vec::with_capacity(row_len * height);
    // Two narrowed source rows are remembered: neighbouring target rows share at most two.
    let mut narrowed = [(usize::MAX, vec![0u64; row_len]), (usize::MAX, vec![0u64; row_len])];
    let mut sums = vec![0u64; row_len];
    for (first, weights) in &rows.taps {
        sums.fill(0);
        for (i, &weight) in rows.weights[weights.clone()].iter().enumerate() {
            let source = first + i;
            let (at, row) = &mut narrowed[source % 2];
            if *at != source {
                *at = source;
                let start = source * picture.width * channels;
                let samples = &picture.data[start..start + picture.width * channels];
                match channels {
                    1 => narrow::<1>(samples, &columns, row),
                    3 => narrow::<3>(samples, &columns, row),
                    _ => narrow_by_alpha(samples, &columns, row),
                }
            }
            for (sum, &value) in sums.iter_mut().zip(row.iter()) {
                *sum += weight * value;
            }
        }
        if channels == 4 {
            for rgba in sums.chunks_exact(4) {
                let alpha = rgba[3].max(1);
                data.extend([0, 1, 2].map(|channel| ((rgba[channel] + alpha / 2) / alpha) as u8));
                data.push(((rgba[3] + total / 2) / total) as u8);
            }
        } else {
            data.extend(sums.iter().map(|&sum| ((sum + total / 2) / total) as u8));
        }
    }
    Pixels { width, height, channels, data }
}

/// row[t, c] = Σ weight · samples[source, c].
fn narrow<const CHANNELS: usize>(samples: &[u8], columns: &Axis, row: &mut [u64]) {
    for ((first, weights), out) in columns.taps.iter().zip(row.chunks_exact_mut(CHANNELS)) {
        let mut sums = [0u64; CHANNELS];
        let sources = samples[first * CHANNELS..].chunks_exact(CHANNELS);
        for (&weight, source) in columns.weights[weights.clone()].iter().zip(sources) {
            for channel in 0..CHANNELS {
                sums[channel] += weight * u64::from(source[channel]);
            }
        }
        out.copy_from_slice(&sums);
    }
}

/// As [`narrow`], but the colors are summed times their alpha.
fn narrow_by_alpha(samples: &[u8], columns: &Axis, row: &mut [u64]) {
    for ((first, weights), out) in columns.taps.iter().zip(row.chunks_exact_mut(4)) {
        out.fill(0);
        let sources = samples[first * 4..].chunks_exact(4);
        for (&weight, source) in columns.weights[weights.clone()].iter().zip(sources) {
            let weighted_alpha = weight * u64::from(source[3]);
            for channel in 0..3 {
                out[channel] += weighted_alpha * u64::from(source[channel]);
            }
            out[3] += weighted_alpha;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::Rng;

    fn noise(width: usize, height: usize, channels: usize) -> Pixels {
        let mut rng = Rng::new(5, 0);
        let data = (0..width * height * channels).map(|_| rng.below(256) as u8).collect();
        Pixels::new(width, height, channels, data).expect("lengths agree")
    }

    /// The mean over the rectangle under pixel (x, y), in f64 and straight from the definition.
    fn area_mean(picture: &Pixels, width: usize, height: usize, x: usize, y: usize, channel: usize) -> f64 {
        let (step_x, step_y) = (picture.width as f64 / width as f64, picture.height as f64 / height as f64);
        let (mut sum, mut area) = (0.0, 0.0);
        for row in 0..picture.height {
            let high = ((row + 1) as f64).min((y + 1) as f64 * step_y) - (row as f64).max(y as f64 * step_y);
            for column in 0..picture.width {
                let wide = ((column + 1) as f64).min((x + 1) as f64 * step_x)
                    - (column as f64).max(x as f64 * step_x);
                if high > 0.0 && wide > 0.0 {
                    let at = (row * picture.width + column) * picture.channels + channel;
                    sum += high * wide * f64::from(picture.data[at]);
                    area += high * wide;
                }
            }
        }
        sum / area
    }

    #[test]
    fn shrinking_is_the_mean_of_the_area_at_any_ratio() {
        for (width, height, channels, to) in
            [(17, 11, 1, (5, 3)), (13, 29, 3, (13, 7)), (31, 8, 3, (1, 1)), (9, 9, 1, (8, 8))]
        {
            let picture = noise(width, height, channels);
            let small = area(&picture, to.0, to.1);
            for (i, &value) in small.data.iter().enumerate() {
                let (x, y) = (i / channels % to.0, i / channels / to.0);
                let expected = area_mean(&picture, to.0, to.1, x, y, i % channels);
                assert!((f64::from(value) - expected).abs() < 0.5001, "{value} {expected}");
            }
        }
    }

    #[test]
    fn growing_is_bilinear_between_pixel_middles() {
        let picture = Pixels::new(2, 1, 1, vec![0, 100]).expect("sound");
        assert_eq!(area(&picture, 4, 1).data, [0, 25, 75, 100]);
        assert_eq!(area(&picture, 4, 3).data, [0, 25, 75, 100].repeat(3));
    }

    #[test]
    fn a_flat_picture_stays_flat_at_every_size() {
        let picture = Pixels::new(7, 5, 3, vec![201; 105]).expect("sound");
        for (width, height) in [(1, 1), (3, 9), (20, 2), (64, 64)] {
            assert!(area(&picture, width, height).data.iter().all(|&value| value == 201));
        }
    }

    #[test]
    fn clear_pixels_lend_no_color() {
        let picture = Pixels::new(2, 1, 4, vec![200, 10, 0, 255, 9, 9, 9, 0]).expect("sound");
        assert_eq!(area(&picture, 1, 1).data, [200, 10, 0, 128]);
    }
}
