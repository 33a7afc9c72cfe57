//! Training two networks against each other, a step of each in turn.

use super::optimizer::{Optimizer, OptimizerSpec};
use crate::data::Dataset;
use crate::error::{Error, Result};
use crate::graph::{Mode, Targets};
use crate::kernels::elementwise::add_assign;
use crate::model::{GanGraph, GanSpec};
use crate::plan::{Plan, Step};
use crate::rng::{Rng, mix};
use crate::settings::Settings;
use crate::told::Told;
use crate::value::Value;

/// Tells this use of a seed from every other.
const STREAM: u64 = 0x67616e; // "gan"

/// What the discriminator should say of real pictures: a little less than certain.
///
/// Source: Salimans et al. 2016, section 3.4.
const REAL: f32 = 0.9;

/// Options of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GanOptions {
    /// Real pictures of a step, and as many made ones: 1 to 1024.
    pub batch_size: usize,
    /// Of both networks, by Adam with beta1 0.5 and beta2 0.999.
    pub learning_rate: f32,
    /// Decides weights, noise, order and dropout.
    pub seed: u64,
}

impl Default for GanOptions {
    fn default() -> GanOptions {
        GanOptions { batch_size: 64, learning_rate: 2e-4, seed: 1 }
    }
}

impl TryFrom<Value> for GanOptions {
    type Error = Box<Error>;

    fn try_from(value: Value) -> Result<GanOptions> {
        let mut settings = Settings::new("training", value)?;
        let usual = GanOptions::default();
        let options = GanOptions {
            batch_size: settings.get_or("batchSize", usual.batch_size)?,
            learning_rate: settings.get_or("learningRate", usual.learning_rate)?,
            seed: settings.get_or("seed", usual.seed)?,
        };
        settings.finish()?;
        Ok(options)
    }
}

/// Which noise pictures are made of: that of `seed`, led the share `at` of the way to that of `towards`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Latent {
    /// Where the way begins.
    pub seed: u64,
    /// Where it leads.
    pub towards: u64,
    /// From 0, the beginning, to 1, the end.
    pub at: f32,
}

impl Latent {
    /// The beginning itself.
    pub fn of(seed: u64) -> Latent {
        Latent { seed, towards: seed, at: 0.0 }
    }

    /// What the numbers of both ends are multiplied with: `(1 − at, at) / √((1 − at)² + at²)`, so that noise of unit
    /// variance stays such all the way.
    fn shares(&self) -> [f32; 2] {
        let rest = 1.0 - self.at;
        let norm = (rest * rest + self.at * self.at).sqrt();
        [rest / norm, self.at / norm]
    }
}

/// How a step went.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct GanLosses {
    /// Binary cross-entropy of the discriminator, of real and of made pictures.
    pub discriminator: [f32; 2],
    /// Binary cross-entropy of made pictures that should pass for real.
    pub generator: f32,
}

/// A run.
#[derive(Debug)]
pub struct Gan {
    spec: GanSpec,
    options: GanOptions,
    /// Of both networks, the generator's first.
    params: Vec<f32>,
    state: Vec<f32>,
    n_generator_state: usize,
    /// Both networks one after the other.
    both: Plan,
    ids: GanGraph,
    /// The discriminator alone.
    alone: Plan,
    alone_ids: GanGraph,
    optimizers: [Optimizer; 2],
    /// Gradients: of both, of the discriminator, and of the discriminator once more.
    d_params: [Vec<f32>; 3],
    made: Vec<f32>,
    masks: Vec<f32>,
    targets: Vec<f32>,
    n_steps: u64,
}

impl Gan {
    /// A run that has not begun.
    ///
    /// # Errors
    /// [`Error::Config`] for options out of range; those of the networks' layers.
    pub fn new(spec: GanSpec, options: GanOptions) -> Result<Gan> {
        let numbers = spec.initial(options.seed)?;
        Gan::going_on(spec, numbers, options)
    }

    /// A run that begins with these parameters and running statistics of both networks, the generator's first.
    ///
    /// # Errors
    /// As [`Gan::new`].
    pub fn going_on(spec: GanSpec, numbers: [Vec<f32>; 2], options: GanOptions) -> Result<Gan> {
        if !(1..=1024).contains(&options.batch_size) {
            return Err(Error::config("batchSize", "between 1 and 1024", options.batch_size));
        }
        super::options::check_learning_rate(options.learning_rate)?;
        let [params, state] = numbers;
        let n_generator_state = spec.generator_graph()?.state_len();
        let (ids, alone_ids) = (spec.discriminator_graph(true)?, spec.discriminator_graph(false)?);
        let both = Plan::compile(ids.graph.clone(), options.batch_size, Mode::Training, &[ids.picture])?;
        let alone = Plan::compile(alone_ids.graph.clone(), options.batch_size, Mode::Training, &[])?;
        let adam = OptimizerSpec::Adam { beta1: 0.5, beta2: 0.999, epsilon: 1e-7 };
        let n_generator = ids.n_generator_params;
        let n_discriminator = params.len() - n_generator;
        let n_outputs = spec.n_classes.max(1);
        Ok(Gan {
            optimizers: [
                Optimizer::new(&adam, 0.0, n_generator)?,
                Optimizer::new(&adam, 0.0, n_discriminator)?,
            ],
            d_params: [vec![0.0; params.len()], vec![0.0; n_discriminator], vec![0.0; n_discriminator]],
            made: vec![0.0; options.batch_size * spec.picture_shape.iter().product::<usize>()],
            masks: vec![0.0; options.batch_size * spec.n_classes],
            targets: vec![0.0; options.batch_size * n_outputs],
            n_steps: 0,
            spec,
            options,
            params,
            state,
            n_generator_state,
            both,
            ids,
            alone,
            alone_ids,
        })
    }

    /// The networks.
    pub fn spec(&self) -> &GanSpec {
        &self.spec
    }

    /// The parameters of both networks, the generator's first.
    pub fn params(&self) -> &[f32] {
        &self.params
    }

    /// The running statistics of both networks, the generator's first.
    pub fn state(&self) -> &[f32] {
        &self.state
    }

    /// How many of the parameters are the generator's.
    pub fn n_generator_params(&self) -> usize {
        self.ids.n_generator_params
    }

    /// The options of this run.
    pub fn options(&self) -> &GanOptions {
        &self.options
    }

    /// Steps taken.
    pub fn steps(&self) -> u64 {
        self.n_steps
    }

    /// One step of the generator, then one of the discriminator on the same made pictures and on real ones.
    ///
    /// # Errors
    /// [`Error::Shape`] or [`Error::Label`] for data that do not fit; [`Error::NonFinite`], after which the run is of no
    /// use.
    pub fn advance(&mut self, dataset: &Dataset) -> Result<GanLosses> {
        self.check_fit(dataset)?;
        let batch = self.options.batch_size;
        let mut rng = Rng::new(mix(&[self.options.seed, self.n_steps]), STREAM);
        let n_generator = self.ids.n_generator_params;
        let rate = self.options.learning_rate;

        fill_noise(&self.spec, self.both.input_mut(self.ids.input, batch), &mut self.masks, &mut rng);
        if let Some(mask) = self.ids.mask {
            self.both.input_mut(mask, batch).copy_from_slice(&self.masks);
        }
        self.targets.fill(1.0);
        let step = self::step(&self.options, &self.targets, self.n_steps, 0);
        self.both.forward(&self.params, &mut self.state, step);
        self.both.backward(&self.params, step, &mut self.d_params[0]);
        let generator = mean_loss(&self.both, batch, self.spec.n_classes);
        self.made.copy_from_slice(self.both.value(self.ids.picture, batch));
        let d_generator = &self.d_params[0][..n_generator];
        self.optimizers[0].step(rate, &mut self.params[..n_generator], d_generator, &[]);

        let of_made = self.judge(None, &mut rng, dataset);
        let of_real = self.judge(Some(REAL), &mut rng, dataset);
        let [_, sum, _] = &self.d_params;
        self.optimizers[1].step(rate, &mut self.params[n_generator..], sum, &[]);
        self.n_steps += 1;
        let losses = GanLosses { discriminator: [of_real, of_made], generator };
        match [of_real, of_made, generator].iter().find(|loss| !loss.is_finite()) {
            Some(&loss) => Err(Box::new(Error::NonFinite { step: self.n_steps, loss })),
            None => Ok(losses),
        }
    }

    /// The discriminator's gradient on the made pictures, or added to it that on real ones; the loss.
    fn judge(&mut self, real: Option<f32>, rng: &mut Rng, dataset: &Dataset) -> f32 {
        let batch = self.options.batch_size;
        let pictures = self.alone.input_mut(self.alone_ids.input, batch);
        if real.is_none() {
            pictures.copy_from_slice(&self.made);
        } else {
            self.masks.fill(0.0);
            for (example, picture) in pictures.chunks_exact_mut(dataset.example_len()).enumerate() {
                let idx = rng.below(dataset.len() as u32) as usize;
                for (x, &pixel) in picture.iter_mut().zip(dataset.example(idx)) {
                    *x = f32::from(pixel) / 127.5 - 1.0;
                }
                if self.spec.n_classes > 0 {
                    self.masks[example * self.spec.n_classes + dataset.labels[idx] as usize] = 1.0;
                }
            }
        }
        if let Some(mask) = self.alone_ids.mask {
            self.alone.input_mut(mask, batch).copy_from_slice(&self.masks);
        }
        self.targets.fill(real.unwrap_or(0.0));
        let step = self::step(&self.options, &self.targets, self.n_steps, 1 + u64::from(real.is_some()));
        let params = &self.params[self.ids.n_generator_params..];
        let [_, sum, part] = &mut self.d_params;
        self.alone.forward(params, &mut self.state[self.n_generator_state..], step);
        self.alone.backward(params, step, if real.is_some() { &mut *part } else { &mut *sum });
        if real.is_some() {
            add_assign(sum, part);
        }
        mean_loss(&self.alone, batch, self.spec.n_classes)
    }

    /// Refuses data that the networks are not made for.
    ///
    /// # Errors
    /// [`Error::Shape`] or [`Error::Label`].
    pub fn check_fit(&self, dataset: &Dataset) -> Result<()> {
        if dataset.shape != self.spec.picture_shape || dataset.is_empty() {
            return Err(Error::shape(
                "The discriminator's input",
                format!("pictures of {}", self.spec.picture_shape.told()),
                format!("{} of {}", dataset.len(), dataset.shape.told()),
            ));
        }
        let n_classes = self.spec.n_classes;
        if n_classes > 0 && dataset.n_classes() != n_classes {
            return Err(Error::label(format!("{n_classes} classes"), dataset.n_classes()));
        }
        Ok(())
    }

    /// Pictures made by the generator as it is, of values 0 to 255: one for each of `classes`, which count as none where
    /// it is not told them.
    ///
    /// # Errors
    /// [`Error::Label`] for a class that there is not; [`Error::Config`] for no class at all, or a way's share out of
    /// 0..=1.
    pub fn sample(&self, classes: &[u32], latent: Latent) -> Result<Vec<u8>> {
        if !(0.0..=1.0).contains(&latent.at) {
            return Err(Error::config("at", "between 0 and 1", latent.at));
        }
        if let Some(class) =
            classes.iter().find(|&&class| self.spec.n_classes > 0 && class as usize >= self.spec.n_classes)
        {
            return Err(Error::label(format!("a class below {}", self.spec.n_classes), class));
        }
        let graph = self.spec.generator_graph()?.fused();
        let mut plan = Plan::compile(graph, classes.len(), Mode::Inference, &[])?;
        let [mut rng, mut other] = [latent.seed, latent.towards].map(|seed| Rng::new(mix(&[seed]), STREAM));
        let [own, others] = latent.shares();
        let input_len = self.spec.input_len();
        let rows = plan.input_mut(0, classes.len()).chunks_exact_mut(input_len);
        for (row, &class) in rows.zip(classes) {
            fill_row(&self.spec, row, class, &mut rng);
            if latent.at > 0.0 {
                row[..self.spec.latent_len].iter_mut().for_each(|x| *x = own * *x + others * other.normal());
            }
        }
        let mut state = self.state[..self.n_generator_state].to_vec();
        let step = Step { batch: classes.len(), targets: Targets::None, seed: 0, loss_scale: 0.0 };
        plan.forward(&self.params[..self.ids.n_generator_params], &mut state, step);
        let pictures = plan.value(plan.graph().output(), classes.len());
        Ok(pictures.iter().map(|x| ((x + 1.0) * 127.5 + 0.5) as u8).collect())
    }
}

/// Noise, and the one-hot vector of a class, into one example's part of the generator's input.
fn fill_row(spec: &GanSpec, row: &mut [f32], class: u32, rng: &mut Rng) {
    let (noise, one_hot) = row.split_at_mut(spec.latent_len);
    noise.fill_with(|| rng.normal());
    one_hot.iter_mut().enumerate().for_each(|(i, x)| *x = f32::from(u8::from(i == class as usize)));
}

/// Noise and random classes for a whole batch, and the classes' masks.
fn fill_noise(spec: &GanSpec, input: &mut [f32], masks: &mut [f32], rng: &mut Rng) {
    let mut masks = masks.chunks_exact_mut(spec.n_classes.max(1));
    for row in input.chunks_exact_mut(spec.input_len()) {
        let class = if spec.n_classes > 0 { rng.below(spec.n_classes as u32) } else { 0 };
        fill_row(spec, row, class, rng);
        if let Some(mask) = masks.next() {
            mask.copy_from_slice(&row[spec.latent_len..]);
        }
    }
}

/// Of pass `pass` of step `n_steps`. An output that does not count has a logit and a gradient of 0, but its part in the
/// mean over outputs: the gradient is that of the told one alone.
fn step<'a>(options: &GanOptions, targets: &'a [f32], n_steps: u64, pass: u64) -> Step<'a> {
    let batch = options.batch_size;
    let n_outputs = targets.len() / batch;
    Step {
        batch,
        targets: Targets::Values(targets),
        seed: mix(&[options.seed, n_steps, pass]),
        loss_scale: n_outputs as f32 / batch as f32,
    }
}

/// The mean over a batch of the loss of the output that counts.
fn mean_loss(plan: &Plan, batch: usize, n_classes: usize) -> f32 {
    let losses = plan.value(plan.graph().output(), batch);
    let n_outputs = n_classes.max(1) as f32;
    // A logit of 0 costs ln 2, whatever the target.
    n_outputs * losses.iter().sum::<f32>() / batch as f32 - (n_outputs - 1.0) * std::f32::consts::LN_2
}

/// How different pictures of `len` bytes are: the root of the mean squared distance from their mean, a pixel. A generator
/// that has collapsed makes much less of it than real pictures have.
pub fn diversity(pictures: &[u8], len: usize) -> f32 {
    let n = (pictures.len() / len).max(1) as f64;
    let mut sum = 0.0;
    for pixel in 0..len {
        let of = |power: i32| -> f64 {
            let values = pictures.iter().skip(pixel).step_by(len);
            values
                .map(|&value| if power == 1 { f64::from(value) } else { f64::from(value) * f64::from(value) })
                .sum()
        };
        let mean = of(1) / n;
        sum += of(2) / n - mean * mean;
    }
    (sum.max(0.0) / len as f64).sqrt() as f32
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::gan_preset;

    #[test]
    fn equal_pictures_have_no_diversity() {
        assert_eq!(diversity(&[5, 9, 5, 9, 5, 9], 2), 0.0);
        assert_eq!(diversity(&[0, 10, 20, 10], 2), 50.0f32.sqrt());
    }

    #[test]
    fn a_step_moves_both_networks_and_repeats_bit_for_bit() {
        let pixels: Vec<u8> = (0..20 * 784).map(|i| (i % 251) as u8).collect();
        let names: Vec<String> = (0..10).map(|i| i.to_string()).collect();
        let dataset = Dataset::new([28, 28, 1], pixels, (0..20).map(|i| i % 10).collect(), names).unwrap();
        let run = || {
            let options = GanOptions { batch_size: 4, ..GanOptions::default() };
            let mut gan = Gan::new(gan_preset("gan-small").unwrap(), options).unwrap();
            let before = gan.params.clone();
            let losses: Vec<GanLosses> = (0..2).map(|_| gan.advance(&dataset).unwrap()).collect();
            let n = gan.ids.n_generator_params;
            assert!(gan.params[..n] != before[..n] && gan.params[n..] != before[n..]);
            // Neither network knows anything: all logits are near 0.
            assert!((losses[0].generator - std::f32::consts::LN_2).abs() < 0.5, "{losses:?}");
            (gan.sample(&[3, 3, 7], Latent::of(5)).unwrap(), losses)
        };
        let (pictures, losses) = run();
        assert_eq!(pictures.len(), 3 * 784);
        assert_eq!(run(), (pictures, losses));
    }

    #[test]
    fn a_way_through_the_noise_leads_from_one_seed_to_the_other_in_small_steps() {
        let gan = Gan::new(gan_preset("gan-small").unwrap(), GanOptions::default()).unwrap();
        let at = |at: f32| gan.sample(&[3, 7], Latent { seed: 5, towards: 6, at }).unwrap();
        let [first, last] = [5, 6].map(|seed| gan.sample(&[3, 7], Latent::of(seed)).unwrap());
        assert_eq!((at(0.0), at(1.0)), (first.clone(), last.clone()));
        let apart =
            |a: &[u8], b: &[u8]| -> u32 { a.iter().zip(b).map(|(&a, &b)| u32::from(a.abs_diff(b))).sum() };
        let between = at(0.5);
        assert!(apart(&between, &first) < apart(&last, &first), "half the way is less far than all of it");
        assert!(apart(&at(0.51), &between) * 5 < apart(&between, &first));
        for wrong in [-0.1, 1.1, f32::NAN] {
            let latent = Latent { at: wrong, ..Latent::of(5) };
            assert_eq!(gan.sample(&[3], latent).unwrap_err().code(), "config");
        }
    }

    #[test]
    fn noise_keeps_its_variance_all_the_way() {
        for at in [0.0, 0.2, 0.5, 1.0] {
            let [own, other] = Latent { at, ..Latent::of(1) }.shares();
            assert!((own * own + other * other - 1.0).abs() < 1e-6);
        }
    }
}
