//! A gradient or some steps, as a worker of the crew works them out: it has the samples, and is sent weights and which
//! samples.

use burn::tensor::Device;

use super::replica::{Activation, Network, Worker};
use super::samples::{Kind, Samples};
use crate::crew::{Answered, Member, pack, unpack};
use crate::host::LocalFuture;

struct Computer {
    network: Network,
    samples: Samples,
    /// With autodiff.
    device: Device,
}

/// What a worker has to know: the network, and all samples.
pub fn setup(network: Network, samples: &Samples) -> Vec<u8> {
    let sort = u8::from(network.kind == Kind::Colour) + 2 * u8::from(network.activation == Activation::Relu);
    let sizes = pack(&[network.hidden as f32, samples.len() as f32, f32::from(sort)]);
    [&sizes[..], &samples.labels, &samples.pixels].concat()
}

pub fn join(device: Device, setup: &[u8]) -> Box<dyn Member> {
    let (sizes, rest) = setup.split_at(12);
    let sizes = unpack(sizes);
    let (labels, pixels) = rest.split_at(sizes[1] as usize);
    let sort = sizes[2] as u8;
    let kind = if sort & 1 == 1 { Kind::Colour } else { Kind::Digits };
    let activation = if sort & 2 == 2 { Activation::Relu } else { Activation::Tanh };
    let samples = Samples { kind, pixels: pixels.to_vec(), labels: labels.to_vec() };
    Box::new(Computer {
        network: Network { kind, hidden: sizes[0] as usize, activation },
        samples,
        device: device.autodiff(),
    })
}

/// The gradient of one batch.
pub fn gradient(weights: &[f32], batch: &[u32]) -> Vec<u8> {
    ask([f32::NAN, 0.0, batch.len() as f32], batch, weights, &[])
}

/// A step of SGD for each batch of so many, one after another: in one ask, for what is sent back and forth takes time.
pub fn steps(worker: &Worker, indices: &[u32], batch: usize, rate: f64, momentum: f64) -> Vec<u8> {
    ask([rate as f32, momentum as f32, batch as f32], indices, &worker.weights, &worker.velocity)
}

fn ask([rate, momentum, batch]: [f32; 3], indices: &[u32], weights: &[f32], velocity: &[f32]) -> Vec<u8> {
    let mut numbers = vec![rate, momentum, batch, indices.len() as f32, weights.len() as f32];
    numbers.extend(indices.iter().map(|&index| index as f32));
    numbers.extend(weights);
    numbers.extend(velocity);
    pack(&numbers)
}

impl Member for Computer {
    fn answer(&self, ask: Vec<u8>) -> LocalFuture<'_, Vec<u8>> {
        Box::pin(async move {
            let numbers = unpack(&ask);
            let (rate, momentum, batch) = (numbers[0], numbers[1], numbers[2] as usize);
            let (indices, rest) = numbers[5..].split_at(numbers[3] as usize);
            let (weights, velocity) = rest.split_at(numbers[4] as usize);
            let mut worker = Worker { weights: weights.to_vec(), velocity: velocity.to_vec(), unsent: vec![] };
            let mut mean = 0.0;
            for batch in indices.chunks(batch) {
                let samples = self.samples.pick(batch.iter().map(|&index| index as usize));
                let mut slopes = self.network.gradient(&worker.weights, &samples, &self.device).await;
                let loss = slopes.pop().expect("the loss is behind the gradient");
                mean += loss * batch.len() as f32 / indices.len() as f32;
                match rate.is_nan() {
                    true => worker.weights = slopes,
                    false => worker.descend(&slopes, f64::from(rate), f64::from(momentum)),
                }
            }
            let mut answer = worker.weights;
            answer.extend(worker.velocity);
            answer.push(mean);
            pack(&answer)
        })
    }
}

/// A gradient or new weights, behind weights the velocity if there is momentum, and the mean loss of the batches.
pub struct Done {
    pub numbers: Vec<f32>,
    pub loss: f32,
    pub took_ms: Option<f64>,
}

pub fn done(answer: &Answered) -> Done {
    let mut numbers = unpack(&answer.bytes);
    let loss = numbers.pop().expect("the loss is behind them");
    Done { numbers, loss, took_ms: answer.took_ms }
}
