//! A classifier as an attacker meets it: pictures in 0..=1 go in, and their preparation is part of it.

use burn::tensor::{Device, Tensor, TensorData};
use kindling_protocol::model::{Dtype, InputSpec};

use super::attack::Shown;
use super::transform::Transform;
use super::{CLASSES, plan};
use crate::data::idx::Digits;
use crate::host::{Interrupt, Run};
use crate::nn::model::Classifier;
use crate::nn::{state, weights};
use crate::train::metrics::Scored;
use crate::train::run_loop::internal;

/// Logits of pictures in 0..=1: so `eps` is in units of ink whatever the network is trained with.
pub fn logits(model: &Classifier, pictures: Tensor<2>) -> Tensor<2> {
    logits_of(model, &plan::input(), pictures)
}

/// [`logits`] of a network that takes its inputs otherwise than this lab's own.
pub fn logits_of(model: &Classifier, input: &InputSpec, pictures: Tensor<2>) -> Tensor<2> {
    let InputSpec::Ink { mean, std, .. } = *input;
    model.forward(pictures.sub_scalar(mean).div_scalar(std), None) // [batch, classes]
}

/// A trained network, and perhaps a transform before it.
pub struct Net {
    /// Takes part in gradients and has none itself.
    model: Classifier,
    transform: Option<Transform>,
}

impl Net {
    /// From what [`bytes`] made of a model.
    pub fn read(bytes: &[u8], run: &Run<'_>) -> Result<Net, Interrupt> {
        Ok(Net::of(&read(bytes, &run.device.clone().autodiff(), run)?))
    }

    pub fn of(model: &Classifier) -> Net {
        Net { model: model.frozen(), transform: None }
    }

    /// The same network behind a transform.
    pub fn behind(&self, transform: Transform) -> Net {
        Net { model: self.model.clone(), transform: Some(transform) }
    }

    pub fn logits(&self, pictures: Tensor<2>) -> Tensor<2> {
        let pictures = match self.transform {
            Some(transform) => transform.apply(pictures),
            None => pictures,
        };
        logits(&self.model, pictures) // [batch, classes]
    }

    /// The same numbers, with a slope that an attacker can follow through the transform.
    pub fn logits_with_slope(&self, pictures: Tensor<2>) -> Tensor<2> {
        let pictures = match self.transform {
            Some(transform) => transform.apply_with_slope(pictures),
            None => pictures,
        };
        logits(&self.model, pictures) // [batch, classes]
    }

    /// What the network says of pictures whose labels these are.
    pub async fn score(&self, pictures: Tensor<2>, labels: &[u8]) -> Scored {
        let logits = state::read(self.logits(pictures.autodiff()).without_autodiff()).await;
        Scored { classes: CLASSES, logits, labels: labels.to_vec() }
    }
}

/// The model that [`bytes`] were made of.
pub fn read(bytes: &[u8], device: &Device, run: &Run<'_>) -> Result<Classifier, Interrupt> {
    let empty = Classifier::empty(&plan::architecture(&run.knobs), device).map_err(|error| internal(&error))?;
    let values = weights::read(bytes, Dtype::F32).map_err(|error| internal(&error))?;
    state::put(empty, values).map_err(|error| internal(&error))
}

pub async fn bytes(model: &Classifier) -> Vec<u8> {
    weights::write(&state::take(model).await)
}

/// Pictures as the attacker has them, with their labels as certainties.
pub fn shown(digits: &Digits, run: &Run<'_>) -> Shown {
    let count = digits.len();
    let pictures: Vec<f32> = digits.images.iter().map(|&byte| f32::from(byte) / 255.0).collect();
    let mut targets = vec![0.0f32; count * CLASSES];
    digits.labels.iter().enumerate().for_each(|(row, &label)| targets[row * CLASSES + usize::from(label)] = 1.0);
    let tensor = |values: Vec<f32>, columns| Tensor::from_data(TensorData::new(values, [count, columns]), &run.device);
    Shown { pictures: tensor(pictures, digits.height * digits.width), targets: tensor(targets, CLASSES) }
}
