//! Defences that change the picture and not the network, and why they seem to work.
//!
//! Rounding has no slope, so an attack that follows the gradient through it stands still: the gradient is masked, and
//! the weakness is still there (Athalye, Carlini and Wagner 2018). An attacker who knows of the defence goes round it.

use burn::tensor::{Tensor, TensorData};

use super::SIDE;

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Transform {
    /// Grey values rounded to so many levels (feature squeezing, Xu, Evans and Qi 2017).
    Quantise { levels: usize },
    /// Each pixel the mean of its neighbours by weights 1, 2, 1 in both directions.
    Blur,
}

impl Transform {
    /// What the network is shown instead of the pictures `[batch, pixels]`.
    pub fn apply(self, pictures: Tensor<2>) -> Tensor<2> {
        match self {
            Transform::Quantise { levels } => {
                let steps = levels as f64 - 1.0;
                pictures.mul_scalar(steps).round().div_scalar(steps) // [batch, pixels]
            }
            Transform::Blur => {
                let matrix = Tensor::from_data(TensorData::new(blur_matrix(), [SIDE * SIDE; 2]), &pictures.device());
                pictures.matmul(matrix) // [batch, pixels]
            }
        }
    }

    /// The same forward; backward as if rounding were not there. Backward-pass differentiable approximation, with the
    /// straight line as the approximation: on the whole, that is what rounding is.
    pub fn apply_with_slope(self, pictures: Tensor<2>) -> Tensor<2> {
        match self {
            Transform::Quantise { .. } => pictures.clone() + (self.apply(pictures.clone()) - pictures).detach(),
            Transform::Blur => self.apply(pictures),
        }
    }
}

/// Row: the pixel it comes from. Outside the picture there is no ink.
fn blur_matrix() -> Vec<f32> {
    let weight = |a: usize, b: usize| match a.abs_diff(b) {
        0 => 0.5,
        1 => 0.25,
        _ => 0.0,
    };
    let places = 0..SIDE * SIDE;
    places
        .clone()
        .flat_map(|from| places.clone().map(move |to| weight(from / SIDE, to / SIDE) * weight(from % SIDE, to % SIDE)))
        .collect()
}
