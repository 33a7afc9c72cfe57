//! Maps from the gradient of a class' logit by the input.

use super::fed;
use super::slope::Slope;
use crate::error::Result;
use crate::model::Model;
use crate::ops::ChosenOutput;
use crate::rng::Rng;

/// Noisy copies of SmoothGrad.
const N_COPIES: usize = 24;
/// The noise' standard deviation, as a share of the range of the picture's values.
const NOISE: f32 = 0.15;

/// `max_c |d y_class / d x|` at each pixel, with `x` as the network is fed it.
///
/// Source: Simonyan, Vedaldi and Zisserman 2014.
pub(super) fn plain(model: &Model, picture: &[u8], class_index: usize) -> Result<Vec<f32>> {
    let mut slope = Slope::by_input(model, ChosenOutput, 1)?;
    slope.run(model, &fed(model, picture), &[class_index as u32]);
    Ok(strongest(slope.gradient(1), model.spec().input_shape[2]))
}

/// The mean of [`plain`] over copies with normal noise, whose seed is fixed.
///
/// Source: Smilkov et al. 2017 (of magnitudes, as there in 3.1).
pub(super) fn smooth(model: &Model, picture: &[u8], class_index: usize) -> Result<Vec<f32>> {
    let input = fed(model, picture);
    let (low, high) = input.iter().fold((f32::MAX, f32::MIN), |(low, high), &x| (low.min(x), high.max(x)));
    let channels = model.spec().input_shape[2];
    let mut slope = Slope::by_input(model, ChosenOutput, 1)?;
    let mut rng = Rng::new(1, 0);
    let mut sum = vec![0.0; input.len() / channels];
    for _ in 0..N_COPIES {
        let noisy: Vec<f32> = input.iter().map(|x| x + NOISE * (high - low) * rng.normal()).collect();
        slope.run(model, &noisy, &[class_index as u32]);
        let heat = strongest(slope.gradient(1), channels);
        sum.iter_mut().zip(heat).for_each(|(sum, heat)| *sum += heat / N_COPIES as f32);
    }
    Ok(sum)
}

/// `Σ_c x · d y_class / d x` at each pixel.
///
/// Source: Shrikumar et al. 2016.
pub(super) fn times_input(model: &Model, picture: &[u8], class_index: usize) -> Result<Vec<f32>> {
    let input = fed(model, picture);
    let channels = model.spec().input_shape[2];
    let mut slope = Slope::by_input(model, ChosenOutput, 1)?;
    slope.run(model, &input, &[class_index as u32]);
    let pixels = input.chunks_exact(channels).zip(slope.gradient(1).chunks_exact(channels));
    Ok(pixels.map(|(x, d)| x.iter().zip(d).map(|(x, d)| x * d).sum()).collect())
}

/// The largest magnitude among each pixel's channels.
fn strongest(gradient: &[f32], channels: usize) -> Vec<f32> {
    gradient.chunks_exact(channels).map(|d| d.iter().fold(0.0, |most: f32, d| most.max(d.abs()))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_a_linear_network_the_maps_are_its_weights() {
        let spec = r#"{"inputShape":[2,2,3],"labels":["a","b"],"layers":[{"type":"flatten"},{"type":"dense","units":2}]}"#;
        let model = Model::create(serde_json::from_str(spec).unwrap(), 7).unwrap();
        let picture: Vec<u8> = (0..12).map(|i| i * 20).collect();
        let weight = |i: usize| model.params[i * 2 + 1];
        let magnitudes: Vec<f32> =
            (0..4).map(|p| (0..3).map(|c| weight(p * 3 + c).abs()).fold(0.0, f32::max)).collect();
        assert_eq!(plain(&model, &picture, 1).unwrap(), magnitudes);
        for (smooth, plain) in smooth(&model, &picture, 1).unwrap().iter().zip(&magnitudes) {
            assert!((smooth - plain).abs() < 1e-6);
        }
        let shares = times_input(&model, &picture, 1).unwrap();
        for (p, share) in shares.iter().enumerate() {
            let own: f32 = (0..3).map(|c| weight(p * 3 + c) * f32::from(picture[p * 3 + c]) / 255.0).sum();
            assert!((share - own).abs() < 1e-6);
        }
    }
}
