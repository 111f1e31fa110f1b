//! Parity: inputs with the logits that the trainer got. Whoever loads a model runs them before showing it.

use burn::tensor::{Device, Tensor, TensorData};
use kindling_protocol::model::{Dtype, InputSpec, Manifest, ModelError};

use super::model::Classifier;
use super::state;
use super::weights::{self, Plain};

/// Pictures in a parity file.
pub const COUNT: usize = 64;

/// A file with `inputs` (u8) and the `logits` (f32) that `model` gives for them here.
pub async fn write(model: &Classifier, spec: &InputSpec, images: &[u8]) -> Vec<u8> {
    let InputSpec::Ink { height, width, .. } = *spec;
    let count = images.len() / (height * width) as usize;
    let logits = logits(model, spec, images).await;
    let inputs = Plain {
        dtype: safetensors::Dtype::U8,
        shape: vec![count, height as usize, width as usize],
        bytes: images.to_vec(),
    };
    let logits = Plain {
        dtype: safetensors::Dtype::F32,
        shape: vec![count, logits.len() / count.max(1)],
        bytes: logits.iter().flat_map(|value| value.to_le_bytes()).collect(),
    };
    safetensors::serialize([("inputs", inputs), ("logits", logits)], None).expect("shapes fit their values")
}

/// The greatest difference of any logit. An error if it is more than `dtype` allows, or not a number.
pub async fn check(
    model: &Classifier,
    manifest: &Manifest,
    dtype: Dtype,
    parity_bytes: &[u8],
) -> Result<f32, ModelError> {
    weights::check_file(&manifest.parity, parity_bytes)?;
    let file = weights::parse(parity_bytes)?;
    let tensor = |name: &str, dtype: safetensors::Dtype| {
        let tensor = file.tensor(name).map_err(|_| ModelError::MissingTensor { name: name.to_string() })?;
        if tensor.dtype() != dtype {
            let (expected, got) = (format!("{dtype:?}"), format!("{:?}", tensor.dtype()));
            return Err(ModelError::WrongType { name: name.to_string(), expected, got });
        }
        Ok(tensor)
    };
    let (inputs, expected) = (tensor("inputs", safetensors::Dtype::U8)?, tensor("logits", safetensors::Dtype::F32)?);
    let InputSpec::Ink { height, width, .. } = manifest.input;
    let count = inputs.shape().first().copied().unwrap_or(0).clamp(1, 4096);
    for (name, tensor, shape) in [
        ("inputs", &inputs, vec![count, height as usize, width as usize]),
        ("logits", &expected, vec![count, manifest.labels.len()]),
    ] {
        if tensor.shape() != shape {
            let got = tensor.shape().to_vec();
            return Err(ModelError::WrongShape { name: name.to_string(), expected: shape, got });
        }
    }
    let logits = logits(model, &manifest.input, inputs.data()).await;
    let differences = logits.iter().zip(weights::floats(&expected)).map(|(got, expected)| (got - expected).abs());
    // `max` would pass over a NaN, and JSON has no infinity.
    let greatest = differences.fold(0.0f32, |most, next| if next.is_finite() { most.max(next) } else { f32::MAX });
    let allowed = dtype.parity_tolerance();
    if greatest <= allowed { Ok(greatest) } else { Err(ModelError::Parity { got: greatest, allowed }) }
}

async fn logits(model: &Classifier, spec: &InputSpec, images: &[u8]) -> Vec<f32> {
    state::read(model.forward(inputs(spec, images, &model.device()), None)).await
}

/// Prepared pictures as a model takes them.
pub fn inputs(spec: &InputSpec, images: &[u8], device: &Device) -> Tensor<2> {
    let InputSpec::Ink { height, width, mean, std, .. } = *spec;
    let pixels = (height * width) as usize;
    // The same 256 numbers everywhere: a table keeps the rounding in one place.
    let table: [f32; 256] = std::array::from_fn(|byte| (byte as f32 / 255.0 - mean) / std);
    let values: Vec<f32> = images.iter().map(|&byte| table[usize::from(byte)]).collect();
    Tensor::from_data(TensorData::new(values, [images.len() / pixels, pixels]), device) // [batch, pixels]
}
