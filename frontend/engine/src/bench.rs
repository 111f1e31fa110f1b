//! The training cells of `cargo xtask bench`, timed against TensorFlow.js in one page.
//!
//! Not part of the product: compiled only with the `bench` feature. The layers, the loss and the optimiser
//! are the product's; the shapes are the peer's example networks, and the weights come from the page so that
//! both sides start alike.

use burn::module::{Module, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::loss::CrossEntropyLossConfig;
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::relu;
use burn::tensor::module::max_pool2d;
use burn::tensor::ops::MaxPoolOptions;
use burn::tensor::{Device, Int, Tensor, TensorData};
use kindling_labs::burn;
use kindling_labs::train::optimiser::{Optimiser, Rule};
use wasm_bindgen::prelude::wasm_bindgen;

use crate::device;

/// Finds the device once; a page that calls it a second time gets the same.
#[wasm_bindgen]
pub async fn bench_device() -> Result<BenchDevice, String> {
    let found = device::find().await;
    match found.problem {
        Some(problem) => Err(problem),
        None => Ok(BenchDevice(found.device)),
    }
}

#[wasm_bindgen]
pub struct BenchDevice(Device);

/// One cell: a network, an optimiser, and batches that lie on the device before the clock starts.
#[wasm_bindgen]
pub struct Bench {
    device: Device,
    rate: f64,
    /// Taken while a step is under way.
    network: Option<Network>,
    optimiser: Optimiser,
    batches: Vec<(Tensor<2>, Tensor<1, Int>)>,
    step: usize,
}

#[wasm_bindgen]
impl Bench {
    /// `weights` are the tensors of the cell in its order, channels first, each flat.
    #[wasm_bindgen(constructor)]
    pub fn new(
        device: &BenchDevice,
        cell: &str,
        rate: f64,
        weights: Vec<js_sys::Float32Array>,
    ) -> Result<Bench, String> {
        let device = device.0.clone().autodiff();
        let weights = weights.iter().map(|values| values.to_vec()).collect();
        let network = Network::new(cell, weights, &device)?;
        let optimiser = Optimiser::new(Rule::adam(0.0));
        Ok(Bench { device, rate, network: Some(network), optimiser, batches: vec![], step: 0 })
    }

    /// Puts a batch on the device: `pixels` are 784 numbers a sample.
    pub fn batch(&mut self, pixels: Vec<f32>, labels: Vec<i32>) {
        let count = labels.len();
        let pixels = Tensor::from_data(TensorData::new(pixels, [count, 784]), &self.device); // [batch, 784]
        let labels = Tensor::from_data(TensorData::new(labels, [count]), &self.device); // [batch]
        self.batches.push((pixels, labels));
    }

    /// The loss of every step. Reads back each time, so it is never timed.
    pub async fn losses(&mut self, steps: usize) -> Vec<f32> {
        let mut losses = Vec::with_capacity(steps);
        for _ in 0..steps {
            let loss = self.train();
            losses.push(read(loss).await);
        }
        losses
    }

    /// So many steps, and one read at the end that depends on all of them.
    pub async fn run(&mut self, steps: usize) -> f32 {
        let mut loss = None;
        for _ in 0..steps {
            loss = Some(self.train());
        }
        match loss {
            Some(loss) => read(loss).await,
            None => f32::NAN,
        }
    }

    fn train(&mut self) -> Tensor<1> {
        let (pixels, labels) = self.batches[self.step % self.batches.len()].clone();
        self.step += 1;
        let network = self.network.take().expect("one step at a time");
        let logits = network.forward(pixels); // [batch, 10]
        let loss = CrossEntropyLossConfig::new().init(&self.device).forward(logits, labels); // [1]
        let gradients = loss.backward();
        self.network = Some(self.optimiser.step(network, gradients, self.rate));
        loss
    }
}

async fn read(loss: Tensor<1>) -> f32 {
    let data = loss.into_data_async().await.expect("the loss can be read");
    data.to_vec::<f32>().expect("a loss is f32")[0]
}

/// Convolutions without padding and without pooling between them, one 2x2 max-pooling, dense layers.
#[derive(Module, Debug)]
struct Network {
    convolutions: Vec<Conv2d>,
    dense: Vec<Linear>,
}

impl Network {
    fn new(cell: &str, weights: Vec<Vec<f32>>, device: &Device) -> Result<Self, String> {
        let (channels, features): (&[usize], &[usize]) = match cell {
            "mlp" => (&[], &[784, 512, 512, 10]),
            "cnn" => (&[1, 32, 64], &[9216, 128, 10]),
            _ => return Err(format!("there is no cell `{cell}`")),
        };
        let layers = channels.len().saturating_sub(1) + features.len() - 1;
        if weights.len() != 2 * layers {
            return Err(format!("{} tensors came, expected {}", weights.len(), 2 * layers));
        }
        let mut weights = weights.into_iter();
        let mut next = || weights.next().expect("counted above");
        let convolutions = channels.windows(2).map(|pair| {
            let mut layer = Conv2dConfig::new([pair[0], pair[1]], [3, 3]).init(device);
            layer.weight = parameter(next(), [pair[1], pair[0], 3, 3], device);
            layer.bias = Some(parameter(next(), [pair[1]], device));
            layer
        });
        let convolutions = convolutions.collect();
        let dense = features.windows(2).map(|pair| {
            let mut layer = LinearConfig::new(pair[0], pair[1]).init(device);
            layer.weight = parameter(next(), [pair[0], pair[1]], device);
            layer.bias = Some(parameter(next(), [pair[1]], device));
            layer
        });
        Ok(Network { dense: dense.collect(), convolutions })
    }

    fn forward(&self, pixels: Tensor<2>) -> Tensor<2> {
        let [batch, _] = pixels.dims();
        let mut flat = pixels; // [batch, 784]
        if !self.convolutions.is_empty() {
            let mut maps = flat.reshape([batch, 1, 28, 28]);
            for layer in &self.convolutions {
                maps = relu(layer.forward(maps)); // [batch, 64, 24, 24] in the end
            }
            flat = max_pool2d(maps, MaxPoolOptions::new([2, 2]).with_strides([2, 2])).flatten(1, 3); // [batch, 9216]
        }
        let (last, hidden) = self.dense.split_last().expect("both cells end in a dense layer");
        for layer in hidden {
            flat = relu(layer.forward(flat));
        }
        last.forward(flat) // [batch, 10]
    }
}

fn parameter<const D: usize>(values: Vec<f32>, shape: [usize; D], device: &Device) -> Param<Tensor<D>> {
    Param::from_tensor(Tensor::from_data(TensorData::new(values, shape), device))
}
