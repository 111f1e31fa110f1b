//! What features are worth: a linear probe on few labels, a vote of neighbours, and how far they are from collapse.

use burn::module::Module;
use burn::tensor::activation::softmax;
use burn::tensor::{Device, Tensor, TensorData};

use super::encoder::{Encoder, FEATURES};
use crate::data::idx::Digits;
use crate::nn::state;
use crate::train::metrics::Scored;

/// Of the probe's gradient descent, all labelled samples at a time. More changes nothing: it has converged.
pub const ITERATIONS: usize = 400;
/// Pictures that are encoded at once.
const CHUNK: usize = 500;
const MOMENTUM: f64 = 0.9;
const RATE: f64 = 0.2;
/// Pulls the probe's weights to zero: there are more of them than labels.
const DECAY: f64 = 1e-3;

/// Neighbours that vote.
const VOTERS: usize = 20;
/// A voter's weight is `exp(cosine / TEMPERATURE)`.
const TEMPERATURE: f32 = 0.1;

/// Features of a set, read from the device.
pub struct Features {
    /// `[count, FEATURES]`.
    pub rows: Vec<f32>,
    pub labels: Vec<u8>,
}

/// Pictures in 0..=1.
pub fn inputs(pictures: &[u8], like: &Digits, device: &Device) -> Tensor<2> {
    let pixels = like.height * like.width;
    let values: Vec<f32> = pictures.iter().map(|&byte| f32::from(byte) / 255.0).collect();
    Tensor::from_data(TensorData::new(values, [pictures.len() / pixels, pixels]), device) // [count, pixels]
}

/// What the encoder makes of a set. `device` is without autodiff.
pub async fn features(encoder: &Encoder, digits: &Digits, device: &Device) -> Features {
    let encoder = encoder.valid();
    Features { rows: each(digits, device, |inputs| encoder.features(inputs)).await, labels: digits.labels.clone() }
}

/// What it answers to the pretext task, `[count, outputs]`.
pub async fn logits(encoder: &Encoder, digits: &Digits, device: &Device) -> Vec<f32> {
    let encoder = encoder.valid();
    each(digits, device, |inputs| encoder.forward(inputs)).await
}

async fn each(digits: &Digits, device: &Device, of: impl Fn(Tensor<2>) -> Tensor<2>) -> Vec<f32> {
    let mut rows = Vec::new();
    for chunk in digits.images.chunks(CHUNK * digits.height * digits.width) {
        rows.extend(state::read(of(inputs(chunk, digits, device))).await);
    }
    rows
}

impl Features {
    /// Rows of length one.
    fn directions(&self) -> Vec<f32> {
        let one = |row: &[f32]| {
            let length = row.iter().map(|value| value * value).sum::<f32>().sqrt().max(1e-6);
            row.iter().map(|value| value / length).collect::<Vec<_>>()
        };
        self.rows.chunks(FEATURES).flat_map(one).collect()
    }

    /// The collapse meter: the share of the features' directions that is not common to all pictures,
    /// `1 - |mean direction|^2`. Where every picture is encoded the same it is 0.
    pub fn spread(&self) -> f64 {
        let (count, directions) = (self.labels.len().max(1) as f64, self.directions());
        let mean = |column: usize| {
            directions.iter().skip(column).step_by(FEATURES).map(|&value| f64::from(value)).sum::<f64>() / count
        };
        1.0 - (0..FEATURES).map(|column| mean(column) * mean(column)).sum::<f64>()
    }

    /// Places of the `k` pictures whose features point most nearly the same way as those of `place`, itself left out.
    pub fn nearest(&self, place: usize, k: usize) -> Vec<usize> {
        let directions = self.directions();
        let row = |index: usize| &directions[index * FEATURES..(index + 1) * FEATURES];
        let cosine = |index: usize| row(place).iter().zip(row(index)).map(|(a, b)| a * b).sum::<f32>();
        let mut others: Vec<(f32, usize)> =
            (0..self.labels.len()).filter(|&index| index != place).map(|index| (cosine(index), index)).collect();
        others.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        others.into_iter().take(k).map(|(_, index)| index).collect()
    }
}

/// The share of `asked` whose class gets most of the votes of its nearest in `bank`, as in Wu et al., "Unsupervised
/// Feature Learning via Non-Parametric Instance Discrimination" (2018). Nothing is trained for it, so it can be watched.
pub fn voted(bank: &Features, asked: &Features, classes: usize) -> f64 {
    let (known, questions) = (bank.directions(), asked.directions());
    let right = |(question, &label): (&[f32], &u8)| {
        let mut near: Vec<(f32, u8)> =
            known.chunks(FEATURES).zip(&bank.labels).map(|(row, &label)| (dot(row, question), label)).collect();
        let voters = VOTERS.min(near.len());
        near.select_nth_unstable_by(voters - 1, |a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let mut votes = vec![0.0f32; classes];
        // Sorted, so that a sum does not depend on how the nearest were found.
        near[..voters].sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        near[..voters].iter().for_each(|(cosine, of)| votes[usize::from(*of)] += (cosine / TEMPERATURE).exp());
        let first = (0..classes).rev().max_by(|&a, &b| votes[a].total_cmp(&votes[b]));
        first == Some(usize::from(label))
    };
    let count = questions.chunks(FEATURES).zip(&asked.labels).filter(|&each| right(each)).count();
    count as f64 / asked.labels.len().max(1) as f64
}

/// What is said of `test` by a softmax regression on so many `classes` that saw the features and labels of `train`, columns
/// standardised by it.
pub async fn probed(train: &Features, test: &Features, classes: usize, device: &Device) -> Scored {
    let (mean, deviation) = moments(train);
    let tensor = |features: &Features| {
        let standard = |(place, value): (usize, &f32)| (value - mean[place % FEATURES]) / deviation[place % FEATURES];
        let values: Vec<f32> = features.rows.iter().enumerate().map(standard).collect();
        Tensor::<2>::from_data(TensorData::new(values, [features.labels.len(), FEATURES]), device) // [count, FEATURES]
    };
    let (inputs, count) = (tensor(train), train.labels.len());
    let mut targets = vec![0.0f32; count * classes];
    train.labels.iter().enumerate().for_each(|(row, &label)| targets[row * classes + usize::from(label)] = 1.0);
    let targets = Tensor::<2>::from_data(TensorData::new(targets, [count, classes]), device); // [count, classes]
    let mut weights = Tensor::<2>::zeros([FEATURES, classes], device); // [FEATURES, classes]
    let mut bias = Tensor::<2>::zeros([1, classes], device); // [1, classes]
    let (mut weights_velocity, mut bias_velocity) = (weights.clone(), bias.clone());
    for _ in 0..ITERATIONS {
        let probabilities = softmax(inputs.clone().matmul(weights.clone()) + bias.clone(), 1); // [count, classes]
        // The gradient of the cross-entropy with respect to the logits.
        let miss = (probabilities - targets.clone()).div_scalar(count as f64); // [count, classes]
        let slope = inputs.clone().transpose().matmul(miss.clone()) + weights.clone().mul_scalar(DECAY);
        weights_velocity = weights_velocity.mul_scalar(MOMENTUM) - slope.mul_scalar(RATE);
        bias_velocity = bias_velocity.mul_scalar(MOMENTUM) - miss.sum_dim(0).mul_scalar(RATE);
        weights = weights + weights_velocity.clone();
        bias = bias + bias_velocity.clone();
    }
    let logits = tensor(test).matmul(weights) + bias; // [test, classes]
    Scored { classes, logits: state::read(logits).await, labels: test.labels.clone() }
}

/// Mean and deviation of each column. A unit that never fires is left as it is.
fn moments(features: &Features) -> (Vec<f32>, Vec<f32>) {
    let count = features.labels.len().max(1) as f64;
    let column = |column: usize| features.rows.iter().skip(column).step_by(FEATURES).map(|&value| f64::from(value));
    let mean: Vec<f64> = (0..FEATURES).map(|at| column(at).sum::<f64>() / count).collect();
    let deviation = |at: usize| {
        let variance = column(at).map(|value| (value - mean[at]) * (value - mean[at])).sum::<f64>() / count;
        if variance > 1e-12 { variance.sqrt() as f32 } else { 1.0 }
    };
    (mean.iter().map(|&mean| mean as f32).collect(), (0..FEATURES).map(deviation).collect())
}

/// The two directions in which the features differ most, by power iteration on their covariance: a map of all pictures.
pub fn map(features: &Features) -> Vec<[f32; 2]> {
    let (mean, _) = moments(features);
    let mut rows: Vec<f32> =
        features.rows.iter().enumerate().map(|(place, value)| value - mean[place % FEATURES]).collect();
    let count = features.labels.len();
    let mut points = vec![[0.0f32; 2]; count];
    for axis in 0..2 {
        // From the unit that varies most: one that never fires would lead nowhere.
        let varies = |unit: usize| rows.iter().skip(unit).step_by(FEATURES).map(|value| value * value).sum::<f32>();
        let first = (0..FEATURES).max_by(|&a, &b| varies(a).total_cmp(&varies(b))).expect("there are units");
        let mut direction = vec![0.0f32; FEATURES];
        direction[first] = 1.0;
        for _ in 0..100 {
            let mut next = vec![0.0f32; FEATURES];
            for row in rows.chunks(FEATURES) {
                let along = dot(row, &direction);
                next.iter_mut().zip(row).for_each(|(sum, value)| *sum += along * value);
            }
            let length = dot(&next, &next).sqrt();
            if length < 1e-12 {
                break;
            }
            direction = next.iter().map(|value| value / length).collect();
        }
        for (row, point) in rows.chunks_mut(FEATURES).zip(&mut points) {
            point[axis] = dot(row, &direction);
            // The second axis is found in what the first leaves.
            row.iter_mut().zip(&direction).for_each(|(value, part)| *value -= point[axis] * part);
        }
    }
    points
}

fn dot(a: &[f32], b: &[f32]) -> f32 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
