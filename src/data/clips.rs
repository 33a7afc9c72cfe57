//! Short clips of a digit that moves, made from a seed: which way it goes shows in no single frame.

use super::{Dataset, styles};
use crate::error::Result;
use crate::rng::{Rng, mix};

/// Tells this use of a seed from every other.
const STREAM: u64 = 0x636c6970; // "clip"

/// Frames of a clip.
pub const N_FRAMES: usize = 8;
/// Rows and columns of a frame.
pub const SIDE: usize = 16;
/// Rows and columns of the digit: a 28 × 28 one without its border, three pixels to one.
const DIGIT: usize = 9;

/// `n` clips, in turn of a digit that goes left, right, up or down, each of eight 16 × 16 frames one below the other.
///
/// The digit covers half of its way to all of it, at an even pace from anywhere.
///
/// # Errors
/// None for numbers of clips that memory holds; the type is that of [`Dataset::new`].
pub fn generate(n: usize, seed: u64) -> Result<Dataset> {
    let digits = styles::generate(n.div_ceil(styles::N_STYLES), seed)?;
    let mut pixels = vec![0; n * N_FRAMES * SIDE * SIDE];
    for (idx, clip) in pixels.chunks_exact_mut(N_FRAMES * SIDE * SIDE).enumerate() {
        let mut rng = Rng::new(mix(&[seed, idx as u64]), STREAM);
        let digit = digits.example(rng.below(digits.len() as u32) as usize);
        let room = (SIDE - DIGIT) as f32;
        let way = rng.range(0.5, 1.0) * room;
        let start = rng.range(0.0, room - way);
        let across = rng.below((SIDE - DIGIT) as u32 + 1) as usize;
        for (t, frame) in clip.chunks_exact_mut(SIDE * SIDE).enumerate() {
            let share = t as f32 / (N_FRAMES - 1) as f32;
            let share = if idx % 2 == 0 { 1.0 - share } else { share };
            let along = (start + way * share + 0.5) as usize;
            let (left, top) = if idx % 4 < 2 { (along, across) } else { (across, along) };
            for (y, x) in (0..DIGIT * DIGIT).map(|i| (i / DIGIT, i % DIGIT)) {
                let cells = (0..9).map(|i| u32::from(digit[(3 * y + i / 3) * 28 + 3 * x + i % 3]));
                frame[(top + y) * SIDE + left + x] = (cells.sum::<u32>() / 9) as u8;
            }
        }
    }
    let labels = (0..n).map(|idx| idx as u32 % 4).collect();
    let names = ["left", "right", "up", "down"].map(String::from).to_vec();
    Dataset::new([N_FRAMES * SIDE, SIDE, 1], pixels, labels, names)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_go_the_way_their_label_says() {
        let clips = generate(40, 3).unwrap();
        assert_eq!(clips, generate(40, 3).unwrap());
        for idx in 0..clips.len() {
            let center = |frame: &[u8]| {
                let sum: f32 = frame.iter().map(|&v| f32::from(v)).sum();
                let weighted = |of: fn(usize) -> usize| {
                    frame.iter().enumerate().map(|(i, &v)| of(i) as f32 * f32::from(v)).sum::<f32>() / sum
                };
                [weighted(|i| i % SIDE), weighted(|i| i / SIDE)]
            };
            let frames: Vec<&[u8]> = clips.example(idx).chunks_exact(SIDE * SIDE).collect();
            let ([x0, y0], [x1, y1]) = (center(frames[0]), center(frames[N_FRAMES - 1]));
            let (dx, dy) = (x1 - x0, y1 - y0);
            let way = [-dx, dx, -dy, dy][clips.labels[idx] as usize];
            assert!(way >= 2.9 && dx.abs().min(dy.abs()) < 0.1, "{idx}: {dx} {dy}");
        }
    }
}
