//! Weights as a histogram, and how many of them are next to nothing.

use serde::{Deserialize, Serialize};

use crate::nn::state::State;

/// Shares of all weights, biases left out. What lies beyond the ends is counted in the outermost bins.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    pub shares: Vec<f32>,
    /// Share of the weights that are smaller than [`NEXT_TO_NOTHING`].
    pub near_zero: f64,
    /// Square root of the sum of all squares.
    pub norm: f64,
}

const BINS: usize = 41;
const END: f32 = 0.2;
const NEXT_TO_NOTHING: f32 = 1e-3;

/// The middle of a bin.
pub fn middle(bin: usize) -> f32 {
    END * (2.0 * bin as f32 / (BINS - 1) as f32 - 1.0)
}

impl Histogram {
    pub fn of(state: &State) -> Self {
        let matrices = state.iter().filter(|(name, _)| name.ends_with("weight"));
        let weights: Vec<f32> = matrices.flat_map(|(_, values)| values.values.iter().copied()).collect();
        let count = weights.len().max(1) as f64;
        let mut counts = [0u32; BINS];
        for &weight in &weights {
            let place = (weight / END + 1.0) / 2.0 * (BINS - 1) as f32;
            counts[(place.round().max(0.0) as usize).min(BINS - 1)] += 1;
        }
        let small = weights.iter().filter(|weight| weight.abs() < NEXT_TO_NOTHING).count();
        Histogram {
            shares: counts.iter().map(|&bin| (f64::from(bin) / count) as f32).collect(),
            near_zero: small as f64 / count,
            norm: weights.iter().map(|&weight| f64::from(weight).powi(2)).sum::<f64>().sqrt(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::state::Values;

    #[test]
    fn every_weight_is_counted_once_and_no_bias() {
        let values = |values: Vec<f32>| Values { shape: vec![values.len()], values };
        let state = State::from([
            ("output.weight".to_string(), values(vec![0.0, 0.0005, -9.0, 3.0])),
            ("output.bias".to_string(), values(vec![1.0; 7])),
        ]);
        let histogram = Histogram::of(&state);
        assert_eq!(histogram.shares.iter().sum::<f32>(), 1.0);
        assert_eq!((histogram.shares[0], histogram.shares[BINS / 2], histogram.shares[BINS - 1]), (0.25, 0.5, 0.25));
        assert_eq!(histogram.near_zero, 0.5);
        assert!((histogram.norm - 90f64.sqrt()).abs() < 1e-6);
        assert_eq!(middle(BINS / 2), 0.0);
    }
}
