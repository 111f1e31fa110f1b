//! Samples as tensors: a batch to train on, a set to be scored.

use burn::tensor::{Device, Int, Tensor, TensorData};
use kindling_protocol::model::InputSpec;

use super::metrics::Scored;
use crate::data::idx::Digits;
use crate::nn::model::Classifier;
use crate::nn::{parity, state};

/// Training samples. What it gives is a function of its arguments, so a resumed run sees what it would have seen.
pub trait Feed: Sync {
    /// Samples an epoch.
    fn len(&self) -> usize;

    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Sample `index` as `epoch` shows it: a prepared picture and its label.
    fn sample(&self, epoch: u64, index: u32) -> (Vec<u8>, u8);
}

pub struct Batch {
    pub inputs: Tensor<2>,
    /// Probabilities to be learnt.
    pub targets: Tensor<2>,
    pub labels: Tensor<2, Int>,
    pub size: usize,
}

/// `smoothing` of the probability is spread evenly over all classes (Szegedy et al. 2016).
pub fn batch(
    feed: &dyn Feed,
    spec: &InputSpec,
    classes: usize,
    smoothing: f32,
    epoch: u64,
    indices: &[u32],
    device: &Device,
) -> Batch {
    let samples = samples(feed, epoch, indices);
    let size = samples.len();
    let images: Vec<u8> = samples.iter().flat_map(|(image, _)| image.iter().copied()).collect();
    let mut targets = vec![smoothing / classes as f32; size * classes];
    for (row, (_, label)) in samples.iter().enumerate() {
        targets[row * classes + usize::from(*label)] += 1.0 - smoothing;
    }
    let labels: Vec<i32> = samples.iter().map(|(_, label)| i32::from(*label)).collect();
    Batch {
        inputs: parity::inputs(spec, &images, device), // [batch, pixels]
        targets: Tensor::from_data(TensorData::new(targets, [size, classes]), device), // [batch, classes]
        labels: Tensor::from_data(TensorData::new(labels, [size, 1]), device), // [batch, 1]
        size,
    }
}

/// Augmentation costs about as much as training a small network, so natively it is done on all cores.
#[cfg(not(target_family = "wasm"))]
fn samples(feed: &dyn Feed, epoch: u64, indices: &[u32]) -> Vec<(Vec<u8>, u8)> {
    use rayon::prelude::*;
    indices.par_iter().map(|&index| feed.sample(epoch, index)).collect()
}

#[cfg(target_family = "wasm")]
fn samples(feed: &dyn Feed, epoch: u64, indices: &[u32]) -> Vec<(Vec<u8>, u8)> {
    indices.iter().map(|&index| feed.sample(epoch, index)).collect()
}

/// Pictures scored at once: enough to keep a device busy, few enough for a browser's memory.
const SCORED_AT_ONCE: usize = 500;

/// What a model says of a set.
pub async fn score(model: &Classifier, spec: &InputSpec, digits: &Digits) -> Scored {
    let (device, pixels) = (model.device(), digits.height * digits.width);
    let mut logits = Vec::new();
    for images in digits.images.chunks(SCORED_AT_ONCE * pixels.max(1)) {
        logits.extend(state::read(model.forward(parity::inputs(spec, images, &device), None)).await);
    }
    Scored { classes: logits.len() / digits.len().max(1), logits, labels: digits.labels.clone() }
}
