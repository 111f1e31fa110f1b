//! How long one picture takes on this device, in a dense and in a sparse kernel.
//!
//! A dense kernel multiplies zeros like any other number, so pruning does not make it faster. One that skips them must
//! first look up where the others are.

use std::hint::black_box;

use serde::{Deserialize, Serialize};

use super::plan;
use crate::host::Host;
use crate::nn::model::Classifier;
use crate::nn::parity;
use crate::nn::state::{self, State};

/// Milliseconds of one picture.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Latency {
    /// The matrix products that everything here runs on, with reading the answer from the device.
    pub dense: f64,
    /// [`Sparse`], on one core of the CPU.
    pub sparse: f64,
}

/// A browser's clock goes in steps; many pictures are longer than one.
const REPEATS: u32 = 40;

pub async fn measure(model: &Classifier, weights: &State, picture: &[u8], host: &dyn Host) -> Option<Latency> {
    let inputs = parity::inputs(&plan::input(), picture, &model.device()); // [1, pixels]
    let pixels = state::read(inputs.clone()).await;
    let sparse = Sparse::of(weights);
    // Once for whatever is done only once.
    state::read(model.forward(inputs.clone(), None)).await;
    let begun = host.now_ms()?;
    for _ in 0..REPEATS {
        black_box(state::read(model.forward(inputs.clone(), None)).await);
    }
    let between = host.now_ms()?;
    for _ in 0..REPEATS {
        black_box(sparse.forward(black_box(&pixels)));
    }
    let each = |ms: f64| ms / f64::from(REPEATS);
    Some(Latency { dense: each(between - begun), sparse: each(host.now_ms()? - between) })
}

/// A multilayer perceptron by its weights that are not zero.
pub struct Sparse(Vec<Layer>);

struct Layer {
    bias: Vec<f32>,
    /// Where the weights of each input begin, and where those of the last one end (compressed sparse rows).
    starts: Vec<usize>,
    /// Output and weight.
    weights: Vec<(u32, f32)>,
}

impl Sparse {
    /// In the order of names a layer's bias comes before its weights, and the output after all hidden layers.
    pub fn of(state: &State) -> Self {
        let tensors: Vec<_> = state.values().collect();
        let layer = |pair: &[&state::Values]| {
            let (mut starts, mut weights) = (vec![0], Vec::new());
            for row in pair[1].values.chunks(pair[0].values.len().max(1)) {
                weights.extend((0..).zip(row.iter().copied()).filter(|&(_, weight)| weight != 0.0));
                starts.push(weights.len());
            }
            Layer { bias: pair[0].values.clone(), starts, weights }
        };
        Sparse(tensors.chunks_exact(2).map(layer).collect())
    }

    /// Logits.
    pub fn forward(&self, inputs: &[f32]) -> Vec<f32> {
        let mut values = inputs.to_vec();
        for (depth, layer) in self.0.iter().enumerate() {
            let mut sums = layer.bias.clone();
            for (value, ends) in values.iter().zip(layer.starts.windows(2)) {
                for &(output, weight) in &layer.weights[ends[0]..ends[1]] {
                    sums[output as usize] += value * weight;
                }
            }
            if depth + 1 < self.0.len() {
                sums.iter_mut().for_each(|sum| *sum = sum.max(0.0));
            }
            values = sums;
        }
        values
    }
}
