//! rten in the browser, for the benchmark: one ONNX model and its predictions.

use rten::Model;
use rten_tensor::prelude::*;
use rten_tensor::NdTensorView;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
pub struct Network {
    model: Model,
    shape: [usize; 3],
}

#[wasm_bindgen]
impl Network {
    /// The network of an ONNX file.
    #[wasm_bindgen(constructor)]
    pub fn new(onnx: Vec<u8>) -> Result<Network, String> {
        let model = Model::load(onnx).map_err(|error| error.to_string())?;
        let shape = model.input_shape(0).ok_or("the model has no input")?;
        let dim = |i: usize| match shape.get(i) {
            Some(rten::Dimension::Fixed(size)) => Ok(*size),
            _ => Err("the input has no fixed size".to_owned()),
        };
        Ok(Network { shape: [dim(1)?, dim(2)?, dim(3)?], model })
    }

    /// Probabilities of `batch` pictures.
    pub fn predict(&self, pictures: &[f32], batch: usize) -> Result<Vec<f32>, String> {
        let [channels, height, width] = self.shape;
        let input = NdTensorView::from_data([batch, channels, height, width], pictures);
        let output = self.model.run_one(input.into(), None).map_err(|error| error.to_string())?;
        let output = output.into_tensor::<f32>().ok_or("the output is not of floats")?;
        Ok(output.to_vec())
    }
}
