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
    let count = inputs.shape().first().copied().unwrap_or(0).clamp(1, COUNT);
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::testing::{manifest, tiny};

    const IMAGES: [u8; 12] = [0, 255, 128, 7, 255, 255, 0, 0, 1, 2, 3, 4];

    fn file(model: &Classifier) -> Vec<u8> {
        let spec = manifest(Dtype::F32, b"", b"").input;
        pollster::block_on(write(model, &spec, &IMAGES))
    }

    fn check_as(model: &Classifier, dtype: Dtype, parity: &[u8]) -> Result<f32, ModelError> {
        pollster::block_on(check(model, &manifest(dtype, b"", parity), dtype, parity))
    }

    /// [`tiny`] with one of its numbers moved.
    fn moved(by: f32) -> Classifier {
        let model = tiny();
        let mut state = pollster::block_on(state::take(&model));
        state.get_mut("output.bias").unwrap().values[1] += by;
        state::put(model, state).unwrap()
    }

    #[test]
    fn a_model_agrees_with_what_it_wrote() {
        assert_eq!(check_as(&tiny(), Dtype::F32, &file(&tiny())), Ok(0.0));
    }

    #[test]
    fn one_changed_weight_is_noticed_at_the_tolerance_of_its_precision() {
        let expected = file(&tiny());
        // The bias goes into its logit as it is.
        let difference = check_as(&moved(1e-3), Dtype::F16, &expected).unwrap();
        assert!((difference - 1e-3).abs() < 1e-6, "{difference}");
        for (dtype, by) in [(Dtype::F32, 1e-3), (Dtype::F16, 3e-3), (Dtype::F16, -3e-3)] {
            let Err(ModelError::Parity { got, allowed }) = check_as(&moved(by), dtype, &expected) else {
                panic!("{by} was not noticed in {dtype:?}")
            };
            assert!((got - by.abs()).abs() < 1e-6 && allowed == dtype.parity_tolerance(), "{got} {allowed}");
        }
    }

    #[test]
    fn an_answer_that_is_no_number_is_never_the_same() {
        for value in [f32::NAN, f32::INFINITY] {
            let refused = check_as(&moved(value), Dtype::F16, &file(&tiny()));
            assert_eq!(refused, Err(ModelError::Parity { got: f32::MAX, allowed: 2e-3 }), "{value}");
        }
    }

    #[test]
    fn a_damaged_parity_file_is_refused_before_anything_is_computed() {
        let whole = file(&tiny());
        let manifest = manifest(Dtype::F32, b"", &whole);
        let refusal = |bytes: &[u8]| pollster::block_on(check(&tiny(), &manifest, Dtype::F32, bytes)).unwrap_err();
        assert!(matches!(refusal(&whole[1..]), ModelError::WrongLength { .. }));
        let mut flipped = whole.clone();
        *flipped.last_mut().unwrap() ^= 1;
        assert!(matches!(refusal(&flipped), ModelError::WrongHash { .. }));
    }

    #[test]
    fn a_parity_file_of_another_make_is_refused_for_its_own_reason() {
        let plain =
            |dtype, shape: &[usize], bytes: usize| Plain { dtype, shape: shape.to_vec(), bytes: vec![0; bytes] };
        let (u8s, f32s) = (safetensors::Dtype::U8, safetensors::Dtype::F32);
        let refusal = |tensors: Vec<(&str, Plain)>| {
            let bytes = safetensors::serialize(tensors, None).unwrap();
            check_as(&tiny(), Dtype::F32, &bytes).unwrap_err()
        };
        let inputs = || ("inputs", plain(u8s, &[3, 2, 2], 12));
        let missing = refusal(vec![inputs()]);
        assert_eq!(missing, ModelError::MissingTensor { name: "logits".into() });
        let typed = refusal(vec![inputs(), ("logits", plain(u8s, &[3, 2], 6))]);
        let (expected, got) = ("F32".to_string(), "U8".to_string());
        assert_eq!(typed, ModelError::WrongType { name: "logits".into(), expected, got });
        let short = refusal(vec![inputs(), ("logits", plain(f32s, &[2, 2], 16))]);
        let (expected, got) = (vec![3, 2], vec![2, 2]);
        assert_eq!(short, ModelError::WrongShape { name: "logits".into(), expected, got });
        let empty = refusal(vec![("inputs", plain(u8s, &[0, 2, 2], 0)), ("logits", plain(f32s, &[0, 2], 0))]);
        assert!(matches!(empty, ModelError::WrongShape { .. }), "nothing proves nothing: {empty:?}");
    }

    #[test]
    fn bytes_become_ink_minus_mean_over_deviation() {
        let spec = manifest(Dtype::F32, b"", b"").input;
        let values = pollster::block_on(state::read(inputs(&spec, &[0, 255, 51, 0], &Device::flex())));
        assert_eq!(values, [-0.5, 1.5, (51.0 / 255.0 - 0.25) / 0.5, -0.5]);
    }
}
