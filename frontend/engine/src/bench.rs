//! The training cells of `cargo xtask bench`, timed against TensorFlow.js in one page.
//!
//! Not part of the product: compiled only with the `bench` feature. The layers, the loss and the optimiser
//! are the product's; the shapes are the peer's example networks, and the weights come from the page so that
//! both sides start alike.

use burn::module::{Module, ModuleVisitor, Param};
use burn::nn::conv::{Conv2d, Conv2dConfig};
use burn::nn::{Linear, LinearConfig};
use burn::tensor::activation::relu;
use burn::tensor::module::max_pool2d;
use burn::tensor::ops::MaxPoolOptions;
use burn::tensor::{Device, Tensor, TensorData};
use kindling_labs::burn;
use kindling_labs::nn::state;
use kindling_labs::train::optimiser::{Optimiser, Rule};
use kindling_labs::train::run_loop::cross_entropy;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::device;

/// Finds the device once; every cell of a worker computes on it.
#[wasm_bindgen]
pub async fn bench_device() -> Result<BenchDevice, String> {
    std::panic::set_hook(Box::new(|info| error(&info.to_string())));
    let found = device::find().await;
    match found.problem {
        Some(problem) => Err(problem),
        None => Ok(BenchDevice(found.device)),
    }
}

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = console)]
    fn error(text: &str);
}

#[wasm_bindgen]
pub struct BenchDevice(Device);

#[wasm_bindgen]
impl BenchDevice {
    /// Products of two square matrices, one after the other: how fast the device multiplies and nothing else.
    pub async fn products(&self, side: usize, count: usize) -> f32 {
        // Each product is the mean of a column, again and again: no number grows.
        let mean = Tensor::<2>::full([side, side], 1.0 / side as f64, &self.0); // [side, side]
        let product = (0..count).fold(mean.clone(), |product, _| mean.clone().matmul(product)); // [side, side]
        read(product.slice([0..1, 0..1]).reshape([1])).await
    }
}

/// One cell: a network, an optimiser, and batches that lie on the device before the clock starts.
#[wasm_bindgen]
pub struct Bench {
    device: Device,
    rate: f64,
    /// Taken while a step is under way.
    network: Option<Network>,
    optimiser: Optimiser,
    batches: Vec<(Tensor<2>, Tensor<2>)>,
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
        let mut targets = vec![0.0f32; count * 10];
        labels.iter().enumerate().for_each(|(row, label)| targets[row * 10 + *label as usize] = 1.0);
        let pixels = Tensor::from_data(TensorData::new(pixels, [count, 784]), &self.device); // [batch, 784]
        let targets = Tensor::from_data(TensorData::new(targets, [count, 10]), &self.device); // [batch, 10]
        self.batches.push((pixels, targets));
    }

    /// The loss of every step. Reads back each time, so it is never timed.
    pub async fn losses(&mut self, steps: usize) -> Vec<f32> {
        let mut losses = Vec::with_capacity(steps);
        for _ in 0..steps {
            let loss = self.train();
            losses.push(read(loss.without_autodiff()).await);
        }
        losses
    }

    /// So many steps, and one read at the end that depends on all of them.
    pub async fn run(&mut self, steps: usize) -> f32 {
        for _ in 0..steps {
            self.train();
        }
        let mut corners = Corners(Tensor::zeros([1], &self.device.clone().without_autodiff()));
        self.network.as_ref().expect("no step is under way").visit(&mut corners);
        read(corners.0).await
    }

    fn train(&mut self) -> Tensor<1> {
        let (pixels, targets) = self.batches[self.step % self.batches.len()].clone();
        self.step += 1;
        let network = self.network.take().expect("one step at a time");
        let loss = cross_entropy(network.forward(pixels), targets); // [1]
        let gradients = loss.backward();
        self.network = Some(network.map(&mut self.optimiser.descent(gradients, self.rate)));
        loss
    }
}

async fn read(value: Tensor<1>) -> f32 {
    state::read(value).await[0]
}

/// The first value of every parameter, summed: a number that the whole of the last step went into.
struct Corners(Tensor<1>);

impl ModuleVisitor for Corners {
    fn visit_float<const D: usize>(&mut self, param: &Param<Tensor<D>>) {
        let values = param.val().without_autodiff();
        let count = values.dims().iter().product::<usize>();
        self.0 = self.0.clone() + values.reshape([count]).narrow(0, 0, 1); // [1]
    }
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
            let halved = max_pool2d(maps, MaxPoolOptions::new([2, 2]).with_stride([2, 2])); // [batch, 64, 12, 12]
            flat = halved.flatten(1, 3); // [batch, 9216]
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
