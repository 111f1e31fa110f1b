//! One worker: a copy of the weights, all in one flat vector as they are sent, and the gradient of a batch.

use burn::tensor::{Device, Tensor, TensorData};

use super::plan;
use crate::data::idx::Digits;
use crate::data::mnist::{CLASSES, SIDE};
use crate::nn::{init, parity, state};
use crate::train::metrics::Scored;
use crate::train::run_loop::cross_entropy;

const PIXELS: usize = SIDE * SIDE;

#[derive(Clone, Debug, Default)]
pub struct Worker {
    pub weights: Vec<f32>,
    /// Gradient that top-k has not sent yet.
    pub unsent: Vec<f32>,
}

impl Worker {
    /// Plain SGD.
    pub fn descend(&mut self, gradient: &[f32], rate: f64) {
        self.weights.iter_mut().zip(gradient).for_each(|(weight, slope)| *weight -= rate as f32 * slope);
    }
}

/// A network with one hidden layer, all of whose numbers lie one after another: bias and weights of the hidden layer,
/// then of the output.
///
/// Its hidden units bend by tanh. A ReLU has a kink, and there the rounding of two sums that ought to be equal decides
/// whether a unit learns: then two runs part that are the same in exact numbers. It was so for 3 of 10 seeds.
#[derive(Clone, Copy, Debug)]
pub struct Network {
    pub hidden: usize,
}

/// Pictures scored at once.
const SCORED_AT_ONCE: usize = 500;

impl Network {
    /// First weights: every worker's.
    pub fn first(self, seed: u64) -> Vec<f32> {
        let weight = |name: &str, shape: [usize; 2]| {
            [vec![0.0; shape[1]], init::values(seed, name, &shape.to_vec().into())].concat()
        };
        [weight("hidden.0.weight", [PIXELS, self.hidden]), weight("output.weight", [self.hidden, CLASSES])].concat()
    }

    /// Logits `[batch, classes]`.
    fn forward(self, flat: &Tensor<1>, inputs: Tensor<2>) -> Tensor<2> {
        let mut start = 0;
        let mut next = |rows: usize, columns: usize| {
            let from = start;
            start += rows * columns;
            flat.clone().slice(from..start).reshape([rows, columns])
        };
        let (bias, weight) = (next(1, self.hidden), next(PIXELS, self.hidden));
        let hidden = (inputs.matmul(weight) + bias).tanh(); // [batch, hidden]
        let (bias, weight) = (next(1, CLASSES), next(self.hidden, CLASSES));
        hidden.matmul(weight) + bias // [batch, classes]
    }

    /// The gradient of the mean loss of a batch, and behind it that loss: so one read brings both. `device` has autodiff.
    pub async fn gradient(self, weights: &[f32], batch: &Digits, device: &Device) -> Vec<f32> {
        let count = batch.len();
        let mut targets = vec![0.0f32; count * CLASSES];
        batch.labels.iter().enumerate().for_each(|(row, &label)| targets[row * CLASSES + usize::from(label)] = 1.0);
        let targets = Tensor::from_data(TensorData::new(targets, [count, CLASSES]), device); // [batch, classes]
        let inputs = parity::inputs(&plan::input(), &batch.images, device); // [batch, pixels]
        let flat = flat(weights, device).require_grad();
        let loss = cross_entropy(self.forward(&flat, inputs), targets); // [1]
        let gradients = loss.backward();
        let gradient = flat.grad(&gradients).expect("the loss depends on the weights"); // [parameters]
        state::read(Tensor::cat(vec![gradient, loss.without_autodiff()], 0)).await
    }

    /// What it says of a set. `device` is without autodiff.
    pub async fn score(self, weights: &[f32], digits: &Digits, device: &Device) -> Scored {
        let (flat, mut logits) = (flat(weights, device), Vec::new());
        for images in digits.images.chunks(SCORED_AT_ONCE * PIXELS) {
            logits.extend(state::read(self.forward(&flat, parity::inputs(&plan::input(), images, device))).await);
        }
        Scored { classes: CLASSES, logits, labels: digits.labels.clone() }
    }
}

fn flat(weights: &[f32], device: &Device) -> Tensor<1> {
    Tensor::from_data(TensorData::new(weights.to_vec(), [weights.len()]), device) // [parameters]
}
