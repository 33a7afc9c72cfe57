//! A generator in training, its data, and how its pictures are.

use serde::Serialize;

use super::Session;
use crate::data::Dataset;
use crate::error::{Error, Limits, Result};
use crate::json::Json;
use crate::model::GanSpec;
use crate::train::gan::{Gan, GanOptions, Latent, diversity};

/// The most pictures made at once.
const MOST_SAMPLES: usize = 1000;

/// A generator, its discriminator, and the real pictures.
#[derive(Debug)]
pub struct GanSession {
    gan: Gan,
    dataset: Option<Dataset>,
}

/// What the two networks are.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GanInfo {
    /// Height, width and channels of a picture.
    pub picture_shape: [usize; 3],
    /// Classes that the generator is told; 0 for none.
    pub n_classes: usize,
    /// Trainable numbers of the generator.
    pub n_generator_parameters: usize,
    /// Trainable numbers of the discriminator.
    pub n_discriminator_parameters: usize,
}

/// How far a run is.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GanProgress {
    /// Steps of both networks since the run began.
    pub step: u64,
    /// Real pictures seen since then, each as often as it came.
    pub n_examples_seen: u64,
    /// Binary cross-entropy of made pictures that should pass for real, mean since the last report.
    pub generator_loss: f32,
    /// Binary cross-entropy of the discriminator on real and on made pictures, mean since the last report.
    pub discriminator_loss: [f32; 2],
}

/// Pictures that were made.
#[derive(Clone, Debug, PartialEq)]
pub struct Samples {
    /// One after the other, of values 0 to 255.
    pub pixels: Vec<u8>,
    /// How different they are from each other: see [`diversity`].
    pub diversity: f32,
    /// The same of as many real pictures; 0 without data.
    pub real_diversity: f32,
}

impl GanSession {
    /// Networks with random weights.
    ///
    /// # Errors
    /// As [`Gan::new`].
    pub fn create(spec: GanSpec, options: GanOptions) -> Result<GanSession> {
        Ok(GanSession { gan: Gan::new(spec, options)?, dataset: None })
    }

    /// The networks of a file. Optimizers begin anew.
    ///
    /// # Errors
    /// As [`GanSpec::load_by`] and [`Gan::new`].
    pub fn load<J: Json>(bytes: &[u8], options: GanOptions) -> Result<GanSession> {
        let (spec, numbers) = GanSpec::load_by::<J>(bytes, &Limits::default())?;
        Ok(GanSession { gan: Gan::going_on(spec, numbers, options)?, dataset: None })
    }

    /// Both networks as the bytes of a file.
    ///
    /// # Errors
    /// As [`GanSpec::save_by`].
    pub fn save<J: Json>(&self) -> Result<Vec<u8>> {
        self.gan.spec().save_by::<J>(self.gan.params(), self.gan.state())
    }

    /// What the networks are.
    pub fn info(&self) -> GanInfo {
        let spec = self.gan.spec();
        GanInfo {
            picture_shape: spec.picture_shape,
            n_classes: spec.n_classes,
            n_generator_parameters: self.gan.n_generator_params(),
            n_discriminator_parameters: self.gan.params().len() - self.gan.n_generator_params(),
        }
    }

    /// Takes the real pictures.
    ///
    /// # Errors
    /// [`Error::Shape`] or [`Error::Label`] when they do not fit the networks.
    pub fn set_dataset(&mut self, dataset: Dataset) -> Result<super::DatasetInfo> {
        self.gan.check_fit(&dataset)?;
        let info = super::DatasetInfo::of(&dataset);
        self.dataset = Some(dataset);
        Ok(info)
    }

    /// Trains until `out_of_time` says so; at least one step of both networks.
    ///
    /// # Errors
    /// [`Error::State`] without data; [`Error::NonFinite`], after which the networks are of no use.
    pub fn train_slice(&mut self, out_of_time: &mut dyn FnMut() -> bool) -> Result<GanProgress> {
        let dataset = self.dataset.as_ref().ok_or_else(|| Session::no_data("Training a generator"))?;
        let (mut n, mut sums) = (0.0, [0.0; 3]);
        loop {
            let losses = self.gan.advance(dataset)?;
            let [real, made] = losses.discriminator;
            for (sum, loss) in sums.iter_mut().zip([losses.generator, real, made]) {
                *sum += loss;
            }
            n += 1.0;
            if out_of_time() {
                break;
            }
        }
        let [generator, real, made] = sums.map(|sum| sum / n);
        let step = self.gan.steps();
        Ok(GanProgress {
            step,
            n_examples_seen: step * self.gan.options().batch_size as u64,
            generator_loss: generator,
            discriminator_loss: [real, made],
        })
    }

    /// Pictures made by the generator as it is: one for each of `classes`, which count as none where it is told none.
    ///
    /// # Errors
    /// [`Error::Config`] unless there are 1 to 1000 of them; as [`Gan::sample`].
    pub fn sample(&self, classes: &[u32], latent: Latent) -> Result<Samples> {
        if !(1..=MOST_SAMPLES).contains(&classes.len()) {
            return Err(Error::config("count", "between 1 and 1000", classes.len()));
        }
        let pixels = self.gan.sample(classes, latent)?;
        let len = self.gan.spec().picture_shape.iter().product();
        let real_diversity = self.dataset.as_ref().map_or(0.0, |dataset| {
            let n = classes.len().max(100).min(dataset.len());
            diversity(&dataset.pixels[..n * len], len)
        });
        Ok(Samples { diversity: diversity(&pixels, len), real_diversity, pixels })
    }
}
