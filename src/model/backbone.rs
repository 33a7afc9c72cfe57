//! A classifier without its last layer: what it knows of pictures, without the classes it knew.

use super::build::push_layers;
use super::{LayerSpec, Model, ModelSpec};
use crate::error::{Error, Result};
use crate::graph::Graph;
use crate::ops::Input;

/// How a picture's features are laid out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Detail {
    /// What the last layer reads.
    #[default]
    Whole,
    /// Where the network takes the mean of each channel: the means of up to 4 × 4 parts of the picture instead, so that
    /// it stays known what is where. Networks without such a mean have no parts.
    Parts,
}

/// Parts along each side.
const PARTS: usize = 4;

/// All of a model but its last dense layer.
#[derive(Clone, Debug)]
pub struct Backbone {
    spec: ModelSpec,
    graph: Graph,
    /// Its parameters, which are the first of the model's.
    pub params: Vec<f32>,
    /// Its running statistics.
    pub state: Vec<f32>,
}

/// The last dense layer of a classifier: `logits = features · weights + bias`.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// Shape `[n_features, n_classes]`.
    pub weights: Vec<f32>,
    /// One for each class.
    pub bias: Vec<f32>,
}

impl Backbone {
    /// What remains of `model` without its last layer.
    ///
    /// # Errors
    /// [`Error::Unsupported`] for a model that does not end in a dense layer.
    pub fn of(model: &Model, detail: Detail) -> Result<Backbone> {
        let mut spec = model.spec().clone();
        if !matches!(spec.layers.pop(), Some(LayerSpec::Dense { .. })) {
            return Err(Error::unsupported(
                "Taking features of a network that does not end in a dense layer",
                "choose a network that does",
            ));
        }
        let mut graph = graph_of(&spec)?;
        if detail == Detail::Parts {
            let mean =
                spec.layers.iter().rposition(|layer| matches!(layer, LayerSpec::GlobalAveragePool2d {}));
            if let Some(mean) = mean {
                let before = graph_of(&ModelSpec { layers: spec.layers[..mean].to_vec(), ..spec.clone() })?;
                let [height, width, _] = before.nodes()[before.output()].shape[..] else {
                    unreachable!("a mean of channels reads pictures")
                };
                let pool_size = height.min(width).div_ceil(PARTS);
                let parts =
                    ModelSpec { layers: Vec::new(), ..spec.clone() }.average_pool2d(pool_size).flatten();
                spec.layers.splice(mean..=mean, parts.layers);
                graph = graph_of(&spec)?;
            }
        }
        if let [n] = graph.nodes()[graph.output()].shape[..] {
            debug_assert!(n > 0);
        } else {
            return Err(Error::unsupported(
                "Taking features that are no flat list",
                "choose a network whose dense layer reads one",
            ));
        }
        let params = model.params[..graph.n_params()].to_vec();
        let state = model.state[..graph.state_len()].to_vec();
        Ok(Backbone { spec, graph, params, state })
    }

    /// From the input to the features.
    pub fn graph(&self) -> &Graph {
        &self.graph
    }

    /// Layers and preprocessing; its labels are the former ones.
    pub fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    /// How many numbers describe a picture.
    pub fn n_features(&self) -> usize {
        self.graph.nodes()[self.graph.output()].len()
    }

    /// A classifier of these classes.
    ///
    /// # Errors
    /// [`Error::Config`] for fewer than two labels; [`Error::Shape`] for a head of another size.
    pub fn with_head(&self, labels: &[String], head: &Head) -> Result<Model> {
        if head.weights.len() != self.n_features() * labels.len() || head.bias.len() != labels.len() {
            return Err(Error::shape(
                "The last layer",
                format!("weights of shape [{}, {}]", self.n_features(), labels.len()),
                format!("{} weights and {} biases", head.weights.len(), head.bias.len()),
            ));
        }
        let spec = ModelSpec { labels: labels.to_vec(), ..self.spec.clone() }.dense(labels.len());
        let mut model = Model::create(spec, 0)?;
        model.params = [&self.params[..], &head.weights, &head.bias].concat();
        model.state.clone_from(&self.state);
        Ok(model)
    }
}

fn graph_of(spec: &ModelSpec) -> Result<Graph> {
    let mut graph = Graph::default();
    let input = graph.push(Input { shape: spec.input_shape.to_vec() }, &[])?;
    push_layers(&mut graph, &spec.layers, input)?;
    Ok(graph)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::zoo;

    #[test]
    fn a_model_without_its_last_layer_gets_it_back() {
        let model = Model::create(zoo::preset("digits").unwrap(), 3).unwrap();
        let backbone = Backbone::of(&model, Detail::Whole).unwrap();
        assert_eq!(backbone.n_features(), 64);
        let (weights, bias) = model.params[backbone.params.len()..].split_at(640);
        let head = Head { weights: weights.to_vec(), bias: bias.to_vec() };
        let again = backbone.with_head(&model.spec().labels, &head).unwrap();
        assert_eq!((again.spec(), &again.params, &again.state), (model.spec(), &model.params, &model.state));
    }

    #[test]
    fn parts_of_the_picture_take_the_place_of_the_mean_of_all() {
        let model = Model::create(zoo::preset("digits").unwrap(), 3).unwrap();
        let backbone = Backbone::of(&model, Detail::Parts).unwrap();
        assert_eq!(backbone.n_features() % 64, 0);
        assert!(backbone.n_features() > 64);
        let labels = ["a".to_owned(), "b".to_owned()];
        let head = Head { weights: vec![0.0; backbone.n_features() * 2], bias: vec![0.0; 2] };
        assert_eq!(backbone.with_head(&labels, &head).unwrap().spec().labels, labels);
        let short = Head { weights: vec![0.0; 3], bias: vec![0.0; 2] };
        assert_eq!(backbone.with_head(&labels, &short).unwrap_err().code(), "shape");
    }

    #[test]
    fn a_network_that_ends_otherwise_has_no_features() {
        let spec = ModelSpec::new([8, 8, 1], &["a", "b"]).conv2d(2, 3).global_average_pool2d();
        let model = Model::create(spec, 1).unwrap();
        assert_eq!(Backbone::of(&model, Detail::Whole).unwrap_err().code(), "unsupported");
    }
}
