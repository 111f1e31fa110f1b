//! Losses that care more for what is rare, or for what is hard.

use burn::tensor::Tensor;
use burn::tensor::activation::log_softmax;
use kindling_protocol::knob::Knobs;

use super::rows::counts;
use crate::train::rows::Rows;

/// What a row weighs in the loss.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Weighing {
    /// Of common and of rare rows.
    pub classes: [f64; 2],
    /// Focusing of Lin et al. (2017): `(1 - p)^gamma`, with `p` the probability of the true class. 0 is plain
    /// cross-entropy.
    pub gamma: f64,
}

impl Weighing {
    pub fn of(knobs: &Knobs, rows: &Rows) -> Weighing {
        match knobs.word("strategy") {
            "weights" => Weighing { classes: balanced(counts(&rows.labels)), gamma: 0.0 },
            "focal" => {
                let alpha = knobs.number("alpha");
                // Twice, so that one half weighs as much as no weight.
                Weighing { classes: [2.0 * (1.0 - alpha), 2.0 * alpha], gamma: knobs.number("gamma") }
            }
            _ => Weighing { classes: [1.0; 2], gamma: 0.0 },
        }
    }
}

/// scikit-learn's `balanced`: rows / (classes * rows of the class), so that each class weighs as much as any other (King
/// and Zeng 2001). A class without rows has no weight.
pub fn balanced<const N: usize>(counts: [usize; N]) -> [f64; N] {
    let rows: usize = counts.iter().sum();
    let present = counts.iter().filter(|count| **count > 0).count();
    counts.map(|count| if count == 0 { 0.0 } else { rows as f64 / (present * count) as f64 })
}

/// Mean over the batch of `-weight * (1 - p)^gamma * ln p`, with `p` the probability of the true class.
///
/// `targets` are `[batch, 2]` ones and zeros, `weights` `[batch, 1]`.
pub fn focal_loss(logits: Tensor<2>, targets: Tensor<2>, weights: Tensor<2>, gamma: f64) -> Tensor<1> {
    let log_p = (log_softmax(logits, 1) * targets).sum_dim(1); // [batch, 1]
    let weights = match gamma > 0.0 {
        // Above zero, or a power of less than one has no slope there.
        true => log_p.clone().exp().neg().add_scalar(1.0).clamp_min(1e-6).powf_scalar(gamma) * weights, // [batch, 1]
        false => weights,
    };
    (log_p * weights).mean().neg() // [1]
}
