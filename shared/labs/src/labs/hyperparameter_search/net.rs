//! The network that is tuned: one hidden layer, trained by gradient descent with momentum.
//!
//! Plain numbers and no tensors: hundreds of trainings of so small a network take less time than their kernels' calls.

use super::space::{BATCH, Config, DECAY, HIDDEN, INIT, MOMENTUM, RATE};
use crate::data::random;
use crate::train::rows::Rows;

pub struct Net {
    width: usize,
    hidden: usize,
    classes: usize,
    /// `[width + 1, hidden]` and then `[hidden + 1, classes]`; the last row of each is the bias.
    weights: Vec<f32>,
}

impl Net {
    pub fn new(width: usize, classes: usize, config: &Config, seed: u64) -> Net {
        let hidden = config[HIDDEN] as usize;
        let mut stream = random::stream(seed, "search weights", 0, 0);
        let mut weights = vec![0.0; (width + 1) * hidden + (hidden + 1) * classes];
        let (first, second) = weights.split_at_mut((width + 1) * hidden);
        for (layer, inputs, outputs) in [(first, width, hidden), (second, hidden, classes)] {
            let deviation = config[INIT] as f32 * (1.0 / inputs as f32).sqrt();
            layer[..inputs * outputs].fill_with(|| deviation * stream.normal());
        }
        Net { width, hidden, classes, weights }
    }

    /// The weights after so many epochs. Order and first weights follow from the seed.
    pub fn train(rows: &Rows, classes: usize, config: &Config, epochs: u64, seed: u64) -> Net {
        let mut net = Net::new(rows.width, classes, config, seed);
        let [rate, momentum, decay] = [RATE, MOMENTUM, DECAY].map(|place| config[place] as f32);
        let mut velocity = vec![0.0; net.weights.len()];
        let mut gradient = velocity.clone();
        for epoch in 0..epochs {
            for batch in random::permutation(seed, epoch, rows.labels.len()).chunks(config[BATCH] as usize) {
                gradient.fill(0.0);
                for &row in batch {
                    net.add_gradient(rows, row as usize, &mut gradient);
                }
                let share = 1.0 / batch.len() as f32;
                for ((weight, velocity), gradient) in net.weights.iter_mut().zip(&mut velocity).zip(&gradient) {
                    *velocity = momentum * *velocity - rate * (gradient * share + decay * *weight);
                    *weight += *velocity;
                }
            }
        }
        net
    }

    /// Hidden units `[hidden]` and probabilities `[classes]` of a row.
    fn forward(&self, input: &[f32]) -> (Vec<f32>, Vec<f32>) {
        let (first, second) = self.weights.split_at((self.width + 1) * self.hidden);
        let mut units = layer(input, first, self.hidden);
        units.iter_mut().for_each(|unit| *unit = unit.max(0.0));
        let mut outputs = layer(&units, second, self.classes);
        let most = outputs.iter().fold(f32::NEG_INFINITY, |most, &output| most.max(output));
        outputs.iter_mut().for_each(|output| *output = libm::expf(*output - most));
        let sum: f32 = outputs.iter().sum();
        outputs.iter_mut().for_each(|output| *output /= sum);
        (units, outputs)
    }

    /// Adds the gradient of a row's cross-entropy.
    fn add_gradient(&self, rows: &Rows, row: usize, gradient: &mut [f32]) {
        let input = &rows.inputs[row * self.width..][..self.width];
        let (units, mut error) = self.forward(input);
        error[rows.labels[row] as usize] -= 1.0; // [classes]
        let (first, second) = gradient.split_at_mut((self.width + 1) * self.hidden);
        add_outer(&units, &error, second);
        let weights = &self.weights[(self.width + 1) * self.hidden..];
        let back = |(unit, weights): (&f32, &[f32])| match *unit > 0.0 {
            true => weights.iter().zip(&error).map(|(weight, error)| weight * error).sum(),
            false => 0.0,
        };
        let back: Vec<f32> = units.iter().zip(weights.chunks(self.classes)).map(back).collect(); // [hidden]
        add_outer(input, &back, first);
    }

    /// The share of the rows whose likeliest class is the true one.
    pub fn accuracy(&self, rows: &Rows) -> f64 {
        // Of a network that has diverged nothing is right: a NaN is at least nothing.
        let right = |(input, label): &(&[f32], &u32)| {
            let outputs = self.forward(input).1;
            outputs.iter().all(|&other| outputs[**label as usize] >= other)
        };
        rows.inputs.chunks(self.width).zip(&rows.labels).filter(right).count() as f64 / rows.labels.len() as f64
    }
}

/// `[outputs]`: the bias, and each input times its row of the weights.
fn layer(inputs: &[f32], weights: &[f32], outputs: usize) -> Vec<f32> {
    let mut sums = weights[inputs.len() * outputs..].to_vec();
    for (input, weights) in inputs.iter().zip(weights.chunks(outputs)) {
        sums.iter_mut().zip(weights).for_each(|(sum, weight)| *sum += input * weight);
    }
    sums
}

/// Adds the outer product of a layer's inputs (and the one of its bias) and its outputs' errors.
fn add_outer(inputs: &[f32], errors: &[f32], gradient: &mut [f32]) {
    for (input, gradient) in inputs.iter().chain(&[1.0]).zip(gradient.chunks_mut(errors.len())) {
        gradient.iter_mut().zip(errors).for_each(|(gradient, error)| *gradient += input * error);
    }
}

#[cfg(test)]
impl Net {
    pub fn loss(&self, rows: &Rows) -> f32 {
        let loss = |(input, label): (&[f32], &u32)| -self.forward(input).1[*label as usize].ln();
        rows.inputs.chunks(self.width).zip(&rows.labels).map(loss).sum::<f32>() / rows.labels.len() as f32
    }

    pub fn gradient(&self, rows: &Rows) -> Vec<f32> {
        let mut gradient = vec![0.0; self.weights.len()];
        (0..rows.labels.len()).for_each(|row| self.add_gradient(rows, row, &mut gradient));
        gradient.iter().map(|sum| sum / rows.labels.len() as f32).collect()
    }

    pub fn shift(&mut self, place: usize, by: f32) {
        self.weights[place] += by;
    }
}
