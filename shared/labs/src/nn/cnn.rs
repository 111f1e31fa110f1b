//! A small convolutional network after LeNet, with batch norm.

use burn::module::Module;
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{BatchNorm, BatchNormConfig, Initializer, Linear, LinearConfig};
use burn::tensor::activation::relu;
use burn::tensor::module::max_pool2d;
use burn::tensor::ops::MaxPoolOptions;
use burn::tensor::{Device, Tensor};

use super::dropout::Dropout;

#[derive(Clone, Debug)]
pub struct CnnConfig {
    /// Pictures are `side` x `side`, one channel.
    pub side: usize,
    pub channels: Vec<usize>,
    pub kernel: usize,
    /// 1: blocks end in 2x2 max-pooling. 2: the convolution halves the picture itself.
    pub stride: usize,
    pub dense: usize,
    pub classes: usize,
    pub dropout: f32,
}

#[derive(Module, Debug)]
pub struct Cnn {
    blocks: Vec<Block>,
    dense: Linear,
    output: Linear,
    #[module(skip)]
    side: usize,
    #[module(skip)]
    dropout: f32,
}

#[derive(Module, Debug)]
struct Block {
    conv: Conv2d,
    norm: BatchNorm,
    #[module(skip)]
    pool: bool,
}

impl CnnConfig {
    /// All weights zero: [`super::init`] or a file fills them.
    pub fn init(&self, device: &Device) -> Cnn {
        let mut inputs = 1;
        let block = |&channels: &usize| {
            // A bias before batch norm would be subtracted again.
            let conv = Conv2dConfig::new([std::mem::replace(&mut inputs, channels), channels], [self.kernel; 2])
                .with_stride([self.stride; 2])
                .with_bias(false)
                .with_initializer(Initializer::Zeros)
                .init(device);
            Block { conv, norm: BatchNormConfig::new(channels).init(device), pool: self.stride == 1 }
        };
        let blocks = self.channels.iter().map(block).collect();
        let linear =
            |inputs, outputs| LinearConfig::new(inputs, outputs).with_initializer(Initializer::Zeros).init(device);
        Cnn {
            blocks,
            dense: linear(self.features(), self.dense),
            output: linear(self.dense, self.classes),
            side: self.side,
            dropout: self.dropout,
        }
    }

    /// Side of the picture after each convolution and after each block. None: too small for so many blocks.
    pub fn sides(&self) -> Option<Vec<[usize; 2]>> {
        let mut side = self.side;
        let block = |_: &usize| {
            let convolved = side.checked_sub(self.kernel)? / self.stride + 1;
            side = if self.stride == 1 { convolved / 2 } else { convolved };
            (side > 0).then_some([convolved, side])
        };
        self.channels.iter().map(block).collect()
    }

    /// Values that the dense layer sees.
    pub fn features(&self) -> usize {
        let side = match self.sides().as_deref() {
            Some([.., [_, side]]) => *side,
            _ => self.side,
        };
        side * side * self.channels.last().unwrap_or(&1)
    }
}

impl Cnn {
    /// Logits. Without `dropout`, nothing is dropped. On an autodiff device batch norm uses the batch's own
    /// statistics and moves the running ones; elsewhere it uses the running ones.
    pub fn forward(&self, inputs: Tensor<2>, dropout: Option<Dropout>) -> Tensor<2> {
        let [batch, _] = inputs.dims();
        let mut values = inputs.reshape([batch, 1, self.side, self.side]); // [batch, 1, side, side]
        for block in &self.blocks {
            values = block.forward(values); // [batch, channels, side, side]
        }
        let values = relu(self.dense.forward(values.flatten::<2>(1, 3))); // [batch, dense]
        let values = match dropout {
            Some(dropout) => dropout.apply(values, self.dropout, 0),
            None => values,
        };
        self.output.forward(values) // [batch, classes]
    }

    /// The first kernels, one a row.
    pub fn first_layer(&self) -> Tensor<2> {
        self.blocks[0].conv.weight.val().flatten::<2>(1, 3) // [channels, kernel * kernel]
    }
}

impl Block {
    fn forward(&self, values: Tensor<4>) -> Tensor<4> {
        let values = self.norm.forward(self.conv.forward(values)); // [batch, channels, side, side]
        // ReLU and the maximum commute, and after pooling there are four times fewer values.
        relu(if self.pool { max_pool2d(values, MaxPoolOptions::new([2, 2]).with_stride([2, 2])) } else { values })
    }
}
