//! Two networks that compete: one makes pictures, the other tells them from real ones.

use serde::Serialize;

use super::{Initializer, LayerSpec, ModelSpec, initialize, push_layers};
use crate::error::{Error, Result};
use crate::graph::{Graph, NodeId};
use crate::ops::{Input, Loss, LossKind, Multiply, Padding};
use crate::settings::Settings;
use crate::told::Told;
use crate::value::Value;

/// The names that [`gan_preset`] knows.
pub const GAN_NAMES: [&str; 2] = ["gan", "gan-small"];

/// A generator and a discriminator.
///
/// With classes, the generator is told the class beside its noise, and the discriminator has an output for each class,
/// of which only the told one's counts. Values of pictures go from -1 to 1.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GanSpec {
    /// Height, width and channels of a picture.
    pub picture_shape: [usize; 3],
    /// Random numbers that the generator makes a picture of.
    pub latent_len: usize,
    /// Classes to tell it; 0 for none.
    pub n_classes: usize,
    /// From noise (and the class' one-hot vector) to a picture.
    pub generator: Vec<LayerSpec>,
    /// From a picture to a logit, or one for each class: above 0 for real ones.
    pub discriminator: Vec<LayerSpec>,
}

impl TryFrom<Value> for GanSpec {
    type Error = Box<Error>;

    fn try_from(value: Value) -> Result<GanSpec> {
        let mut settings = Settings::new("generator", value)?;
        let spec = GanSpec {
            picture_shape: settings.require("pictureShape")?,
            latent_len: settings.require("latentLen")?,
            n_classes: settings.require("nClasses")?,
            generator: settings.records("generator")?,
            discriminator: settings.records("discriminator")?,
        };
        settings.finish()?;
        if !(1..=4096).contains(&spec.latent_len) {
            return Err(Error::config("latentLen", "between 1 and 4096", spec.latent_len));
        }
        if spec.n_classes > 1000 {
            return Err(Error::config("nClasses", "at most 1000", spec.n_classes));
        }
        Ok(spec)
    }
}

/// The networks of this name, for pictures of 28 × 28: `gan` as in the courses, `gan-small` smaller and told the digit.
///
/// Source: Goodfellow et al. 2014; Radford et al. 2016. The outputs of each class: Liu et al. 2019, section 3.2.
///
/// # Errors
/// [`Error::Config`] for another name.
pub fn gan_preset(name: &str) -> Result<GanSpec> {
    let same = |filters: usize| LayerSpec::Conv2d {
        filters,
        kernel_size: 3,
        stride: 1,
        padding: Padding::Same,
        dilation: 1,
        groups: 1,
        bias: true,
    };
    let leaky = || LayerSpec::LeakyRelu { slope: 0.2 };
    let up = || LayerSpec::Upsample2d { size: 2, interpolation: crate::ops::Interpolation::Nearest };
    let norm = || LayerSpec::BatchNorm { momentum: 0.8, epsilon: 1e-3 };
    let layers = || ModelSpec::new([1, 1, 1], &[""; 0]);
    let generator = |depths: [usize; 3]| {
        let [first, second, third] = depths;
        layers()
            .layer(LayerSpec::Dense { units: 49 * first, bias: false })
            .layer(leaky())
            .reshape(&[7, 7, first])
            .layer(up())
            .layer(same(second))
            .layer(norm())
            .relu()
            .layer(up())
            .layer(same(third))
            .layer(norm())
            .relu()
            .conv2d_same(1, 3)
            .layer(LayerSpec::Tanh {})
            .layers
    };
    let picture_shape = [28, 28, 1];
    match name {
        "gan" => Ok(GanSpec {
            picture_shape,
            latent_len: 100,
            n_classes: 0,
            generator: generator([256, 128, 64]),
            discriminator: layers()
                .flatten()
                .dense(512)
                .layer(leaky())
                .dense(256)
                .layer(leaky())
                .dense(1)
                .layers,
        }),
        "gan-small" => {
            let halve = |filters: usize| LayerSpec::Conv2d {
                filters,
                kernel_size: 3,
                stride: 2,
                padding: Padding::Same,
                dilation: 1,
                groups: 1,
                bias: true,
            };
            let discriminator = layers()
                .layer(halve(16))
                .layer(leaky())
                .dropout(0.25)
                .layer(halve(32))
                .layer(leaky())
                .dropout(0.25)
                .layer(same(32))
                .layer(leaky())
                .flatten()
                .dense(10);
            Ok(GanSpec {
                picture_shape,
                latent_len: 32,
                n_classes: 10,
                generator: generator([32, 32, 16]),
                discriminator: discriminator.layers,
            })
        }
        other => Err(Error::config("preset", GAN_NAMES.join(" or "), other)),
    }
}

/// A graph with the places that are filled and read from outside.
#[derive(Clone, Debug)]
pub struct GanGraph {
    pub graph: Graph,
    /// What is filled first: noise, or a picture.
    pub input: NodeId,
    /// The picture made.
    pub picture: NodeId,
    /// The one-hot vector of the class, for the discriminator.
    pub mask: Option<NodeId>,
    /// Parameters of the generator, which lie first.
    pub n_generator_params: usize,
}

impl GanSpec {
    /// Numbers that the generator is given.
    pub fn input_len(&self) -> usize {
        self.latent_len + self.n_classes
    }

    /// The generator alone.
    ///
    /// # Errors
    /// As [`push_layers`]; [`Error::Shape`] when it does not end in a picture.
    pub fn generator_graph(&self) -> Result<Graph> {
        let mut graph = Graph::default();
        let input = graph.push(Input { shape: vec![self.input_len()] }, &[])?;
        let picture = push_layers(&mut graph, &self.generator, input)?;
        let shape = &graph.nodes()[picture].shape;
        if shape[..] == self.picture_shape {
            return Ok(graph);
        }
        Err(Error::shape(
            "The generator's end",
            format!("a picture of {}", self.picture_shape.told()),
            &shape[..],
        ))
    }

    /// Both networks one after the other, with the loss.
    ///
    /// # Errors
    /// As [`generator_graph`](Self::generator_graph).
    pub fn graph(&self) -> Result<Graph> {
        Ok(self.discriminator_graph(true)?.graph)
    }

    /// The discriminator with its loss: on given pictures, or after the generator.
    pub(crate) fn discriminator_graph(&self, after_generator: bool) -> Result<GanGraph> {
        let mut graph = if after_generator { self.generator_graph()? } else { Graph::default() };
        if !after_generator {
            graph.push(Input { shape: self.picture_shape.to_vec() }, &[])?;
        }
        let (picture, n_generator_params) = (graph.output(), graph.n_params());
        let mut logits = push_layers(&mut graph, &self.discriminator, picture)?;
        let mut mask = None;
        if self.n_classes > 0 {
            let input = graph.push(Input { shape: vec![self.n_classes] }, &[])?;
            logits = graph.push(Multiply, &[logits, input])?;
            mask = Some(input);
        }
        graph.push(Loss::new(LossKind::BinaryCrossEntropy), &[logits])?;
        Ok(GanGraph { graph, input: 0, picture, mask, n_generator_params })
    }

    /// The parameters and the running statistics of both networks, the generator's first.
    ///
    /// # Errors
    /// As [`generator_graph`](Self::generator_graph).
    pub fn initial(&self, seed: u64) -> Result<[Vec<f32>; 2]> {
        let graph = self.discriminator_graph(true)?.graph;
        let params = initialize::parameters(&graph, Initializer::GlorotUniform, seed);
        Ok([params, initialize::state(&graph)])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn presets_have_the_parameters_that_keras_counts() {
        let printed = include_str!("../../tests/golden/gan_parameters.txt");
        for line in printed.lines() {
            let (name, n_params) = line.split_once(' ').unwrap();
            let [params, _] = gan_preset(name).unwrap().initial(0).unwrap();
            assert_eq!(params.len().to_string(), n_params, "{name}");
        }
        assert_eq!(printed.lines().count(), GAN_NAMES.len());
        assert_eq!(gan_preset("gam").unwrap_err().code(), "config");
    }
}
