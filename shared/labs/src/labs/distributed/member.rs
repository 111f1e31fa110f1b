//! A gradient or some steps, as a worker of the crew works them out: it has the samples, and is sent weights and which
//! samples.

use burn::tensor::Device;

use super::replica::{Network, Worker};
use crate::crew::{Answered, Member, pack, unpack};
use crate::data::idx::Digits;
use crate::data::mnist::SIDE;
use crate::host::LocalFuture;

struct Computer {
    network: Network,
    samples: Digits,
    /// With autodiff.
    device: Device,
}

/// What a worker has to know: the width of the network, and all samples.
pub fn setup(network: Network, samples: &Digits) -> Vec<u8> {
    let sizes = pack(&[network.hidden as f32, samples.len() as f32]);
    [&sizes[..], &samples.labels, &samples.images].concat()
}

pub fn join(device: Device, setup: &[u8]) -> Box<dyn Member> {
    let (sizes, rest) = setup.split_at(8);
    let sizes = unpack(sizes);
    let (labels, images) = rest.split_at(sizes[1] as usize);
    let samples = Digits { images: images.to_vec(), labels: labels.to_vec(), height: SIDE, width: SIDE };
    Box::new(Computer { network: Network { hidden: sizes[0] as usize }, samples, device: device.autodiff() })
}

/// The gradient of one batch.
pub fn gradient(weights: &[f32], batch: &[u32]) -> Vec<u8> {
    ask(weights, batch, batch.len(), None)
}

/// A step of SGD for each batch of so many, one after another: in one ask, for what is sent back and forth takes time.
pub fn steps(weights: &[f32], indices: &[u32], batch: usize, rate: f64) -> Vec<u8> {
    ask(weights, indices, batch, Some(rate as f32))
}

fn ask(weights: &[f32], indices: &[u32], batch: usize, rate: Option<f32>) -> Vec<u8> {
    let mut numbers = vec![rate.unwrap_or(f32::NAN), batch as f32, indices.len() as f32];
    numbers.extend(indices.iter().map(|&index| index as f32));
    numbers.extend(weights);
    pack(&numbers)
}

impl Member for Computer {
    fn answer(&self, ask: Vec<u8>) -> LocalFuture<'_, Vec<u8>> {
        Box::pin(async move {
            let numbers = unpack(&ask);
            let (rate, batch) = (numbers[0], numbers[1] as usize);
            let (indices, weights) = numbers[3..].split_at(numbers[2] as usize);
            let mut worker = Worker { weights: weights.to_vec(), unsent: vec![] };
            let mut mean = 0.0;
            for batch in indices.chunks(batch) {
                let digits = self.samples.pick(batch.iter().map(|&index| index as usize));
                let mut slopes = self.network.gradient(&worker.weights, &digits, &self.device).await;
                let loss = slopes.pop().expect("the loss is behind the gradient");
                mean += loss * batch.len() as f32 / indices.len() as f32;
                match rate.is_nan() {
                    true => worker.weights = slopes,
                    false => worker.descend(&slopes, f64::from(rate)),
                }
            }
            worker.weights.push(mean);
            pack(&worker.weights)
        })
    }
}

/// A gradient or new weights, and the mean loss of the batches.
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
