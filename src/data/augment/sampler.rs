//! The sampler: draws an example's amounts, then writes it varied and normalized.

use super::elastic::{Field, bell};
use super::stroke_width::StrokeWidth;
use super::warp::{Frame, Motion, resample};
use super::{Augmentation, Surroundings};
use crate::error::{Error, Result};
use crate::image::normalize::{normalize, write_plain};
use crate::kernels::math::within;
use crate::rng::Rng;

/// Varies examples of one shape. It owns all its scratch: a call allocates nothing.
#[derive(Debug)]
pub struct Sampler {
    options: Augmentation,
    is_off: bool,
    frame: Frame,
    /// The picture within its surroundings, 0 to 255.
    framed: Vec<f32>,
    /// Where the pixels of one row come from.
    places: Vec<f32>,
    field: Option<Field>,
    stroke_width: Option<StrokeWidth>,
}

/// What one example drew.
///
/// Every amount is drawn, in the order of the fields and whether its option is on or not, so that
/// switching one option on leaves the others' amounts as they were. After them the elastic grid is
/// drawn when that is on, and at last the noise, one `u32` a value, when that is on.
struct Draw {
    motion: Motion,
    elastic: f32,
    erased: Rectangle,
    brightness: f32,
    contrast: f32,
    noise: f32,
    thickness: f32,
}

struct Rectangle {
    top: usize,
    left: usize,
    height: usize,
    width: usize,
}

impl Draw {
    fn new(options: &Augmentation, frame: &Frame, rng: &mut Rng) -> Draw {
        fn either_way(most: f32, rng: &mut Rng) -> f32 {
            rng.range(-most, most)
        }
        let shift = [(); 2].map(|()| {
            let pixels = either_way(options.shift, rng);
            if options.resamples() { pixels } else { whole(pixels, options.shift) }
        });
        let rotate = either_way(options.rotate, rng);
        let scale = rng.range(options.scale[0], options.scale[1]);
        let stretch = either_way(options.stretch, rng);
        // Wider by 1 + stretch is as likely as narrower by 1 + stretch.
        let aspect = if stretch < 0.0 { 1.0 / (1.0 - stretch) } else { 1.0 + stretch }.sqrt();
        let shear = either_way(options.shear, rng);
        let elastic = rng.range(0.0, options.elastic.strength);
        let is_mirrored = rng.below(2) == 1 && options.flip_horizontal;
        let [height, width] = [frame.height, frame.width].map(|side| {
            let most = options.erase * side as f32;
            ((most * rng.uniform() + 0.5).floor() as usize).min(side)
        });
        let top = ((frame.height - height + 1) as f32 * rng.uniform()) as usize;
        let left = ((frame.width - width + 1) as f32 * rng.uniform()) as usize;
        Draw {
            motion: Motion {
                scale: [if is_mirrored { -scale * aspect } else { scale * aspect }, scale / aspect],
                shear,
                rotate,
                shift,
            },
            elastic,
            erased: Rectangle { top, left, height, width },
            brightness: 1.0 + either_way(options.brightness, rng),
            contrast: 1.0 + either_way(options.contrast, rng),
            noise: 255.0 * rng.range(0.0, options.noise),
            thickness: either_way(options.thickness, rng),
        }
    }
}

/// An amount between `-most` and `most` as one of the whole numbers between them, each as likely.
fn whole(amount: f32, most: f32) -> f32 {
    let most_whole = most.floor();
    if most_whole == 0.0 {
        return 0.0;
    }
    let widened = amount / most * (most_whole + 0.5);
    within((widened + 0.5).floor(), -most_whole, most_whole)
}

impl Sampler {
    /// A sampler for pictures of `shape`, `[h, w, c]`.
    ///
    /// # Errors
    /// Those of [`Augmentation::validate`], and [`Error::Shape`] for a side of 0 or above 65535.
    pub fn new(shape: [usize; 3], options: &Augmentation) -> Result<Sampler> {
        options.validate()?;
        let [height, width, channels] = shape;
        if shape.iter().any(|side| !(1..=65_535).contains(side)) {
            return Err(Error::shape("Augmentation", "sides of 1 to 65535", shape));
        }
        let frame = Frame { height, width, channels, edge: options.surroundings == Surroundings::Edge };
        let is_off = options.is_off();
        Ok(Sampler {
            options: *options,
            is_off,
            framed: vec![0.0; if is_off { 0 } else { frame.len() }],
            places: vec![0.0; 2 * width],
            field: (options.elastic.strength > 0.0)
                .then(|| Field::new(height, width, options.elastic.smoothness)),
            stroke_width: (options.thickness > 0.0).then(|| StrokeWidth::new(&frame)),
            frame,
        })
    }

    /// Writes `example` into `out`, varied by what `rng` draws: each value is
    /// `(value / 255 - mean[c]) * inverse_deviation[c]`.
    ///
    /// Shapes: `example` and `out` `[h, w, c]`, `mean` and `inverse_deviation` `[c]`.
    ///
    /// # Panics
    /// When a length is another.
    pub fn write(
        &mut self,
        example: &[u8],
        rng: &mut Rng,
        mean: &[f32],
        inverse_deviation: &[f32],
        out: &mut [f32],
    ) {
        let Frame { height, width, channels, .. } = self.frame;
        assert!(example.len() == height * width * channels && mean.len() == channels, "the sampler's shape");
        assert_eq!(example.len(), out.len(), "the sampler's shape");
        if self.is_off {
            return write_plain(example, mean, inverse_deviation, out);
        }
        let draw = Draw::new(&self.options, &self.frame, rng);
        if let Some(field) = &mut self.field {
            field.draw(draw.elastic, rng);
        }
        self.frame.place(example, &mut self.framed);
        if let Some(stroke_width) = &mut self.stroke_width {
            stroke_width.apply(&self.frame, &mut self.framed, draw.thickness);
        }
        let map = draw.motion.inverse();
        resample(&self.frame, &self.framed, &map, self.field.as_mut(), &mut self.places, out);
        self.tone(&draw, rng, out);
        self.erase(&draw.erased, out);
        normalize(mean, inverse_deviation, out);
    }

    /// Contrast about the picture's mean, brightness, noise; values stay within 0 to 255.
    fn tone(&self, draw: &Draw, rng: &mut Rng, out: &mut [f32]) {
        let Augmentation { brightness, contrast, noise, .. } = self.options;
        if brightness == 0.0 && contrast == 0.0 && noise == 0.0 {
            return;
        }
        let mean = if contrast > 0.0 { mean(out) } else { 0.0 };
        let gain = draw.brightness * draw.contrast;
        let offset = draw.brightness * (mean - draw.contrast * mean);
        for x in &mut *out {
            *x = gain * *x + offset;
        }
        if noise > 0.0 {
            for x in &mut *out {
                *x += draw.noise * bell(rng);
            }
        }
        for x in out {
            let positive = if *x > 0.0 { *x } else { 0.0 };
            *x = if positive < 255.0 { positive } else { 255.0 };
        }
    }

    fn erase(&self, erased: &Rectangle, out: &mut [f32]) {
        let channels = self.frame.channels;
        let rows = out.chunks_exact_mut(self.frame.width * channels);
        for row in rows.skip(erased.top).take(erased.height) {
            row[erased.left * channels..][..erased.width * channels].fill(0.0);
        }
    }
}

/// The mean, by four running sums: a fixed order that needs not wait for each addition.
fn mean(values: &[f32]) -> f32 {
    let mut sums = [0.0f32; 4];
    let fours = values.chunks_exact(4);
    let rest: f32 = fours.remainder().iter().sum();
    for four in fours {
        for (sum, x) in sums.iter_mut().zip(four) {
            *sum += x;
        }
    }
    ((sums[0] + sums[1]) + (sums[2] + sums[3]) + rest) / values.len() as f32
}

#[cfg(test)]
mod tests {
    use super::super::Elastic;
    use super::*;

    const ALL: Augmentation = Augmentation {
        shift: 2.0,
        rotate: 12.0,
        scale: [0.85, 1.15],
        stretch: 0.2,
        shear: 12.0,
        elastic: Elastic { strength: 1.2, smoothness: 7.0 },
        flip_horizontal: true,
        erase: 0.3,
        brightness: 0.2,
        contrast: 0.2,
        noise: 0.1,
        thickness: 1.0,
        surroundings: Surroundings::Black,
    };

    fn picture(len: usize, seed: u64) -> Vec<u8> {
        let mut rng = Rng::new(seed, 3);
        (0..len).map(|_| rng.below(256) as u8).collect()
    }

    fn sampled(shape: [usize; 3], options: &Augmentation, example: &[u8], seed: u64) -> Vec<f32> {
        let c = shape[2];
        let mut out = vec![f32::NAN; example.len()];
        let mut sampler = Sampler::new(shape, options).unwrap();
        sampler.write(example, &mut Rng::new(seed, 0), &vec![0.0; c], &vec![1.0; c], &mut out);
        out
    }

    #[test]
    fn with_everything_off_nothing_changes() {
        let nearly_off = Augmentation { erase: 1e-9, ..Augmentation::default() };
        for shape in [[28, 28, 1], [5, 8, 3], [3, 1, 4], [1, 1, 2]] {
            let example = picture(shape.iter().product(), 1);
            let (mean, inverse): (Vec<_>, Vec<_>) = (0..shape[2]).map(|c| (0.1 * c as f32, 3.0)).unzip();
            let (mut plain, mut through) = (vec![0.0; example.len()], vec![0.0; example.len()]);
            write_plain(&example, &mean, &inverse, &mut plain);
            // The second goes the whole way through the resampling.
            for options in [Augmentation::default(), nearly_off] {
                let mut sampler = Sampler::new(shape, &options).unwrap();
                sampler.write(&example, &mut Rng::new(1, 1), &mean, &inverse, &mut through);
                assert_eq!(plain, through);
            }
        }
    }

    #[test]
    fn the_generator_decides_and_nothing_else() {
        let shape = [28, 28, 1];
        let (first, second) = (picture(784, 1), picture(784, 2));
        for seed in 0..10 {
            let fresh = sampled(shape, &ALL, &first, seed);
            assert_ne!(fresh, sampled(shape, &ALL, &first, seed + 1));
            let mut sampler = Sampler::new(shape, &ALL).unwrap();
            let mut out = vec![0.0; 784];
            sampler.write(&second, &mut Rng::new(99, 0), &[0.0], &[1.0], &mut out);
            sampler.write(&first, &mut Rng::new(seed, 0), &[0.0], &[1.0], &mut out);
            assert!(fresh.iter().zip(&out).all(|(a, b)| a.to_bits() == b.to_bits()));
        }
    }

    #[test]
    fn the_bits_are_those_of_every_target() {
        // Made natively; wasm must give the same.
        let mut hash = Vec::new();
        for (shape, seed) in [([28, 28, 1], 1), ([13, 9, 3], 2)] {
            let example = picture(shape.iter().product(), 5);
            hash.extend(sampled(shape, &ALL, &example, seed).iter().map(|x| u64::from(x.to_bits())));
        }
        assert_eq!(crate::rng::mix(&hash), 3_171_857_211_598_495_047);
    }

    #[test]
    fn whatever_is_drawn_stays_within_the_range_of_values() {
        let wild = Augmentation {
            shift: 50.0,
            rotate: 180.0,
            scale: [0.1, 10.0],
            stretch: 3.0,
            shear: 80.0,
            elastic: Elastic { strength: 40.0, smoothness: 1.0 },
            brightness: 1.0,
            contrast: 1.0,
            noise: 1.0,
            thickness: 4.0,
            ..ALL
        };
        for seed in 0..200 {
            let surroundings = [Surroundings::Black, Surroundings::Edge][seed as usize % 2];
            let shape = [[28, 28, 1], [3, 5, 3], [1, 1, 1], [2, 9, 5]][seed as usize % 4];
            let example = picture(shape.iter().product(), seed);
            let out = sampled(shape, &Augmentation { surroundings, ..wild }, &example, seed);
            assert!(out.iter().all(|x| (0.0..=1.0).contains(x)), "{seed}");
        }
    }

    #[test]
    fn switching_one_option_on_leaves_the_amounts_of_others() {
        let frame = Frame { height: 28, width: 28, channels: 1, edge: false };
        let some = Augmentation { shear: 0.0, elastic: Elastic::default(), erase: 0.0, ..ALL };
        for seed in 0..20 {
            let all = Draw::new(&ALL, &frame, &mut Rng::new(seed, 0));
            let some = Draw::new(&some, &frame, &mut Rng::new(seed, 0));
            assert_eq!(all.motion.shift, some.motion.shift);
            assert_eq!(all.motion.scale, some.motion.scale);
            assert_eq!(all.thickness, some.thickness);
        }
    }

    #[test]
    fn a_picture_that_is_only_moved_and_mirrored_stays_sharp() {
        let (shape, n) = ([9, 7, 3], 9 * 7 * 3);
        let options = Augmentation { shift: 2.5, flip_horizontal: true, ..Augmentation::default() };
        let mut sampler = Sampler::new(shape, &options).unwrap();
        let example: Vec<u8> = (0..n).map(|i| 1 + (i * 37 % 255) as u8).collect();
        let (mut out, mut seen) = (vec![0.0; n], [0; 5]);
        for seed in 0..500 {
            sampler.write(&example, &mut Rng::new(seed, 0), &[0.0; 3], &[255.0; 3], &mut out);
            assert!(out.iter().all(|x| (x - x.round()).abs() < 1e-3), "between two pixels");
            let draw = Draw::new(&options, &sampler.frame, &mut Rng::new(seed, 0));
            seen[(draw.motion.shift[0] + 2.0) as usize] += 1;
        }
        assert!(seen.iter().all(|times| (70..=130).contains(times)), "{seen:?}");
    }

    #[test]
    fn amounts_fill_their_ranges_evenly() {
        let frame = Frame { height: 28, width: 28, channels: 1, edge: false };
        let draws: Vec<Draw> = (0..400).map(|seed| Draw::new(&ALL, &frame, &mut Rng::new(seed, 0))).collect();
        let check = |name: &str, low: f32, high: f32, amount: &dyn Fn(&Draw) -> f32| {
            let amounts: Vec<f32> = draws.iter().map(amount).collect();
            assert!(amounts.iter().all(|x| (low..=high).contains(x)), "{name}");
            let share = |from: f32, to: f32| {
                let range = low + from * (high - low)..low + to * (high - low);
                amounts.iter().filter(|x| range.contains(x)).count()
            };
            for quarter in [share(0.0, 0.25), share(0.25, 0.5), share(0.5, 0.75), share(0.75, 1.0)] {
                assert!((60..=140).contains(&quarter), "{name}: {quarter} of 400 in a quarter of the range");
            }
        };
        check("shift x", -2.0, 2.0, &|draw| draw.motion.shift[0]);
        check("shift y", -2.0, 2.0, &|draw| draw.motion.shift[1]);
        check("rotate", -12.0, 12.0, &|draw| draw.motion.rotate);
        check("shear", -12.0, 12.0, &|draw| draw.motion.shear);
        check("scale", 0.85, 1.15, &|draw| (draw.motion.scale[0].abs() * draw.motion.scale[1]).sqrt());
        check("elastic", 0.0, 1.2, &|draw| draw.elastic);
        check("brightness", 0.8, 1.2, &|draw| draw.brightness);
        check("contrast", 0.8, 1.2, &|draw| draw.contrast);
        check("noise", 0.0, 25.5, &|draw| draw.noise);
        check("thickness", -1.0, 1.0, &|draw| draw.thickness);
        let n_mirrored = draws.iter().filter(|draw| draw.motion.scale[0] < 0.0).count();
        assert!((160..=240).contains(&n_mirrored));
        for draw in &draws {
            let [x, y] = draw.motion.scale;
            assert!((1.0 / 1.2001..=1.2001).contains(&(x.abs() / y)));
        }
    }

    #[test]
    fn contrast_keeps_the_mean_and_brightness_scales_it() {
        let example: Vec<u8> = (0..64).map(|i| 100 + i % 50).collect();
        let mean_of = |options: &Augmentation, seed| mean(&sampled([8, 8, 1], options, &example, seed));
        let was = mean_of(&Augmentation::default(), 0);
        for seed in 0..10 {
            let contrast = mean_of(&Augmentation { contrast: 0.3, ..Augmentation::default() }, seed);
            assert!((contrast - was).abs() < 1e-5);
            let options = Augmentation { brightness: 0.3, ..Augmentation::default() };
            let draw = Draw::new(
                &options,
                &Frame { height: 8, width: 8, channels: 1, edge: false },
                &mut Rng::new(seed, 0),
            );
            assert!((mean_of(&options, seed) - was * draw.brightness).abs() < 1e-5);
        }
    }

    #[test]
    fn erased_rectangles_are_black_and_within_the_share() {
        let white = vec![255; 400];
        let options = Augmentation { erase: 0.5, ..Augmentation::default() };
        let mut largest = 0;
        for seed in 0..100 {
            let out = sampled([20, 20, 1], &options, &white, seed);
            let n_black = out.iter().filter(|&&x| x == 0.0).count();
            assert!(n_black <= 100 && out.iter().all(|&x| x == 0.0 || x == 1.0));
            largest = largest.max(n_black);
        }
        assert!(largest > 60);
    }
}
