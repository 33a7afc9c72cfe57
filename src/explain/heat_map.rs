//! Which pixels speak for a class, by the method of one's choice.

use super::{cam, occlusion, saliency};
use crate::error::Result;
use crate::model::Model;
use crate::settings::{Setting, Settings, choose};
use crate::value::Value;

/// How a heat map is found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Method {
    /// Where a layer's features that raise the class' logit lie.
    #[default]
    GradCam,
    /// How much each pixel's change would change the logit.
    Saliency,
    /// The mean of [`Method::Saliency`] over noisy copies.
    SmoothGrad,
    /// What each pixel adds to the logit by its value, seen from the network's zero.
    GradientTimesInput,
    /// How much lower the logit is where a patch is covered.
    Occlusion,
}

impl Method {
    /// All by the names they have in JSON.
    pub const NAMES: [(&'static str, Method); 5] = [
        ("gradCam", Method::GradCam),
        ("saliency", Method::Saliency),
        ("smoothGrad", Method::SmoothGrad),
        ("gradientTimesInput", Method::GradientTimesInput),
        ("occlusion", Method::Occlusion),
    ];
}

impl Setting for Method {
    fn read(name: &str, value: Value) -> Result<Method> {
        choose(name, value, &Method::NAMES)
    }
}

/// What is asked.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Explain {
    /// How.
    pub method: Method,
    /// For which class; the one answered if not said.
    pub class_index: Option<usize>,
    /// The layer of Grad-CAM; if not said, the last convolution, with the activation that follows.
    pub layer: Option<String>,
}

impl TryFrom<Value> for Explain {
    type Error = Box<crate::Error>;

    fn try_from(value: Value) -> Result<Explain> {
        let mut settings = Settings::new("explain", value)?;
        let read = Explain {
            method: settings.get_or("method", Method::default())?,
            class_index: settings.get("classIndex")?,
            layer: settings.get("layer")?,
        };
        settings.finish()?;
        Ok(read)
    }
}

/// A number for each pixel of the network's input: the higher, the more it speaks for the class.
#[derive(Clone, Debug, PartialEq)]
pub struct HeatMap {
    /// `[height, width]`; never below 0 but for occlusion and gradient × input.
    pub data: Vec<f32>,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// The class it is for.
    pub class_index: usize,
    /// The layer it was read at, for Grad-CAM.
    pub layer: Option<String>,
}

/// The heat map of a picture of the model's input shape, one byte a value.
///
/// # Errors
/// [`Error::Config`](crate::Error::Config) for a class or layer that there is not, or a layer that has no place in the
/// picture; [`Error::Unsupported`](crate::Error::Unsupported) for Grad-CAM without a convolution.
pub fn heat_map(model: &Model, picture: &[u8], answered: usize, asked: &Explain) -> Result<HeatMap> {
    let [height, width, _] = model.spec().input_shape;
    let class_index = asked.class_index.unwrap_or(answered);
    check_class(model, class_index)?;
    let (data, layer) = match asked.method {
        Method::GradCam => {
            let (data, layer) = cam::grad_cam(model, picture, class_index, asked.layer.as_deref())?;
            (data, Some(layer))
        }
        Method::Saliency => (saliency::plain(model, picture, class_index)?, None),
        Method::SmoothGrad => (saliency::smooth(model, picture, class_index)?, None),
        Method::GradientTimesInput => (saliency::times_input(model, picture, class_index)?, None),
        Method::Occlusion => (occlusion::occlusion(model, picture, class_index)?, None),
    };
    Ok(HeatMap { data, width, height, class_index, layer })
}

/// Refuses a class that the model has not.
pub(super) fn check_class(model: &Model, class_index: usize) -> Result<()> {
    let n = model.spec().labels.len();
    if class_index < n {
        return Ok(());
    }
    Err(crate::Error::config("classIndex", format!("below {n}"), class_index))
}
