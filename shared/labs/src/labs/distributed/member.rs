//! A gradient, as a worker of the crew works it out: it has the samples, and is sent weights and which of them.

use burn::tensor::Device;

use super::replica::Network;
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

pub fn ask(weights: &[f32], indices: &[u32]) -> Vec<u8> {
    let mut numbers = vec![indices.len() as f32];
    numbers.extend(indices.iter().map(|&index| index as f32));
    numbers.extend(weights);
    pack(&numbers)
}

impl Member for Computer {
    fn answer(&self, ask: Vec<u8>) -> LocalFuture<'_, Vec<u8>> {
        Box::pin(async move {
            let numbers = unpack(&ask);
            let (indices, weights) = numbers[1..].split_at(numbers[0] as usize);
            let batch = self.samples.pick(indices.iter().map(|&index| index as usize));
            pack(&self.network.gradient(weights, &batch, &self.device).await)
        })
    }
}

/// Of a batch.
pub struct Gradient {
    pub slopes: Vec<f32>,
    pub loss: f32,
    pub took_ms: Option<f64>,
}

pub fn answered(answer: &Answered) -> Gradient {
    let mut slopes = unpack(&answer.bytes);
    let loss = slopes.pop().expect("the loss is behind the gradient");
    Gradient { slopes, loss, took_ms: answer.took_ms }
}
