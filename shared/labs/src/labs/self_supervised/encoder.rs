//! The network: an encoder that is kept, and a head that only the pretext task needs.

use burn::module::{Module, ModuleMapper, ModuleVisitor};
use burn::nn::{Initializer, Linear, LinearConfig};
use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor};

use crate::nn::init;
use crate::nn::state::{self, Weights};

/// Width of the picture's representation, on which everything is judged.
pub const FEATURES: usize = 64;
/// Of the space in which two views are compared (Chen et al. 2020 project to a smaller one too).
pub const PROJECTION: usize = 32;

/// `f`: pictures to features; `g`: features to what the pretext task asks for.
#[derive(Module, Debug)]
pub struct Encoder {
    first: Linear,
    second: Linear,
    head: Linear,
    output: Linear,
}

impl Encoder {
    /// `outputs` of the head: four turns, all words, or a projection.
    pub fn new(pixels: usize, width: usize, outputs: usize, seed: u64, device: &Device) -> Self {
        let linear =
            |inputs, outputs| LinearConfig::new(inputs, outputs).with_initializer(Initializer::Zeros).init(device);
        let empty = Encoder {
            first: linear(pixels, width),
            second: linear(width, FEATURES),
            head: linear(FEATURES, FEATURES),
            output: linear(FEATURES, outputs),
        };
        state::replace(empty, |path, shape| Some(init::values(seed, path, &shape.to_vec().into())))
    }

    /// What is kept after the pretext task.
    pub fn features(&self, pictures: Tensor<2>) -> Tensor<2> {
        let hidden = relu(self.first.forward(pictures)); // [batch, width]
        relu(self.second.forward(hidden)) // [batch, FEATURES]
    }

    /// What the pretext task is asked about.
    pub fn forward(&self, pictures: Tensor<2>) -> Tensor<2> {
        let hidden = relu(self.head.forward(self.features(pictures))); // [batch, FEATURES]
        self.output.forward(hidden) // [batch, outputs]
    }
}

impl Weights for Encoder {
    fn valid(&self) -> Self {
        Module::valid(self)
    }

    fn visit(&self, visitor: &mut impl ModuleVisitor) {
        Module::visit(self, visitor);
    }

    fn map(self, mapper: &mut impl ModuleMapper) -> Self {
        Module::map(self, mapper)
    }
}

pub fn parameters(pixels: usize, width: usize, outputs: usize) -> usize {
    let dense = |inputs: usize, outputs: usize| inputs * outputs + outputs;
    dense(pixels, width) + dense(width, FEATURES) + dense(FEATURES, FEATURES) + dense(FEATURES, outputs)
}
