//! The multilayer perceptron: dense layers with ReLU between them.

use burn::module::Module;
use burn::nn::{Initializer, Linear, LinearConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

use super::dropout::Dropout;

#[derive(Clone, Debug)]
pub struct MlpConfig {
    pub inputs: usize,
    pub hidden: Vec<usize>,
    pub classes: usize,
    pub dropout: f32,
}

/// Weights are `[in, out]`.
#[derive(Module, Debug)]
pub struct Mlp {
    hidden: Vec<Linear>,
    output: Linear,
    #[module(skip)]
    dropout: f32,
}

impl MlpConfig {
    /// All weights zero: [`super::init`] or a file fills them.
    pub fn init(&self, device: &Device) -> Mlp {
        let linear =
            |inputs, outputs| LinearConfig::new(inputs, outputs).with_initializer(Initializer::Zeros).init(device);
        let mut inputs = self.inputs;
        let hidden = self.hidden.iter().map(|&width| linear(std::mem::replace(&mut inputs, width), width)).collect();
        Mlp { hidden, output: linear(inputs, self.classes), dropout: self.dropout }
    }
}

impl Mlp {
    /// Logits. Without `dropout`, nothing is dropped.
    pub fn forward(&self, inputs: Tensor<2>, dropout: Option<Dropout>) -> Tensor<2> {
        let mut values = inputs; // [batch, inputs]
        for (layer, linear) in self.hidden.iter().enumerate() {
            values = relu(linear.forward(values)); // [batch, hidden]
            if let Some(dropout) = dropout {
                values = dropout.apply(values, self.dropout, layer as u64);
            }
        }
        self.output.forward(values) // [batch, classes]
    }

    /// The weights from one pixel each to the first hidden units.
    pub fn first_layer(&self) -> Tensor<2> {
        self.hidden.first().unwrap_or(&self.output).weight.val().transpose() // [units, inputs]
    }
}
