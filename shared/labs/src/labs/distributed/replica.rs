//! One worker: a copy of the weights, all in one flat vector as they are sent, and the gradient of a batch.

use burn::tensor::activation::relu;
use burn::tensor::{Device, Tensor, TensorData};

use super::samples::{Kind, Samples};
use crate::data::mnist::CLASSES;
use crate::nn::{init, state};
use crate::train::metrics::Scored;
use crate::train::run_loop::cross_entropy;

#[derive(Clone, Debug, Default)]
pub struct Worker {
    pub weights: Vec<f32>,
    /// Gradient that top-k has not sent yet.
    pub unsent: Vec<f32>,
    /// What momentum remembers of the gradients before. Empty where there is none.
    pub velocity: Vec<f32>,
}

impl Worker {
    /// SGD. With momentum a step follows `velocity = momentum * velocity + gradient` (Sutskever et al. 2013, as PyTorch
    /// has it), so in the long run it is `1 / (1 - momentum)` times as long. Both are linear in the gradient: replicas
    /// that average their gradients before it, each with its own velocity, remain one large batch.
    pub fn descend(&mut self, gradient: &[f32], rate: f64, momentum: f64) {
        let (rate, momentum) = (rate as f32, momentum as f32);
        if momentum == 0.0 {
            self.weights.iter_mut().zip(gradient).for_each(|(weight, slope)| *weight -= rate * slope);
            return;
        }
        for ((weight, velocity), slope) in self.weights.iter_mut().zip(&mut self.velocity).zip(gradient) {
            *velocity = momentum * *velocity + slope;
            *weight -= rate * *velocity;
        }
    }
}

/// A network with one hidden layer, all of whose numbers lie one after another: bias and weights of the hidden layer,
/// then of the output.
///
/// Its hidden units bend by tanh, unless asked otherwise. A ReLU has a kink, and there the rounding of two sums that ought
/// to be equal decides whether a unit learns: then two runs part that are the same in exact numbers.
#[derive(Clone, Copy, Debug)]
pub struct Network {
    pub kind: Kind,
    pub hidden: usize,
    pub activation: Activation,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    Tanh,
    Relu,
}

/// Pictures scored at once.
const SCORED_AT_ONCE: usize = 500;

impl Network {
    /// First weights: every worker's.
    pub fn first(self, seed: u64) -> Vec<f32> {
        let weight = |name: &str, shape: [usize; 2]| {
            [vec![0.0; shape[1]], init::values(seed, name, &shape.to_vec().into())].concat()
        };
        [weight("hidden.0.weight", [self.kind.pixels(), self.hidden]), weight("output.weight", [self.hidden, CLASSES])]
            .concat()
    }

    /// Logits `[batch, classes]`.
    fn forward(self, flat: &Tensor<1>, inputs: Tensor<2>) -> Tensor<2> {
        let mut start = 0;
        let mut next = |rows: usize, columns: usize| {
            let from = start;
            start += rows * columns;
            flat.clone().slice(from..start).reshape([rows, columns])
        };
        let (bias, weight) = (next(1, self.hidden), next(self.kind.pixels(), self.hidden));
        let hidden = inputs.matmul(weight) + bias; // [batch, hidden]
        let hidden = match self.activation {
            Activation::Tanh => hidden.tanh(),
            Activation::Relu => relu(hidden),
        };
        let (bias, weight) = (next(1, CLASSES), next(self.hidden, CLASSES));
        hidden.matmul(weight) + bias // [batch, classes]
    }

    /// The gradient of the mean loss of a batch, and behind it that loss: so one read brings both. `device` has autodiff.
    pub async fn gradient(self, weights: &[f32], batch: &Samples, device: &Device) -> Vec<f32> {
        let count = batch.len();
        let mut targets = vec![0.0f32; count * CLASSES];
        batch.labels.iter().enumerate().for_each(|(row, &label)| targets[row * CLASSES + usize::from(label)] = 1.0);
        let targets = Tensor::from_data(TensorData::new(targets, [count, CLASSES]), device); // [batch, classes]
        let inputs = self.inputs(&batch.pixels, device);
        let flat = flat(weights, device).require_grad();
        let loss = cross_entropy(self.forward(&flat, inputs), targets); // [1]
        let gradients = loss.backward();
        let gradient = flat.grad(&gradients).expect("the loss depends on the weights"); // [parameters]
        state::read(Tensor::cat(vec![gradient, loss.without_autodiff()], 0)).await
    }

    /// What it says of a set. `device` is without autodiff.
    pub async fn score(self, weights: &[f32], samples: &Samples, device: &Device) -> Scored {
        let (flat, mut logits) = (flat(weights, device), Vec::new());
        for pixels in samples.pixels.chunks(SCORED_AT_ONCE * self.kind.pixels()) {
            logits.extend(state::read(self.forward(&flat, self.inputs(pixels, device))).await);
        }
        Scored { classes: CLASSES, logits, labels: samples.labels.clone() }
    }

    fn inputs(self, pixels: &[u8], device: &Device) -> Tensor<2> {
        let shape = [pixels.len() / self.kind.pixels(), self.kind.pixels()];
        Tensor::from_data(TensorData::new(self.kind.numbers(pixels), shape), device) // [batch, pixels]
    }
}

fn flat(weights: &[f32], device: &Device) -> Tensor<1> {
    Tensor::from_data(TensorData::new(weights.to_vec(), [weights.len()]), device) // [parameters]
}
