//! Weights as files: safetensors in f32 or f16, checked before anything is parsed.

use std::borrow::Cow;

use burn::tensor::Device;
use half::f16;
use kindling_protocol::model::{Dtype, Manifest, ModelError, WeightsFile};
use safetensors::SafeTensors;
use safetensors::tensor::TensorView;
use sha2::{Digest, Sha256};

use super::model::{self, Classifier};
use super::state::{self, State, Values};

/// A model from one of its weights files. Length and sha256 are compared before a byte is parsed.
pub fn load(manifest: &Manifest, which: &WeightsFile, bytes: &[u8], device: &Device) -> Result<Classifier, ModelError> {
    check_file(&which.file, bytes)?;
    model::check_manifest(manifest)?;
    let state = read(bytes, which.dtype)?;
    state::put(Classifier::empty(&manifest.architecture, device)?, state)
}

/// Length first: it is cheap, and tells a cut file from a damaged one.
pub fn check_file(expected: &kindling_protocol::model::FileRef, bytes: &[u8]) -> Result<(), ModelError> {
    let got = bytes.len() as u64;
    if got != expected.bytes {
        return Err(ModelError::WrongLength { expected: expected.bytes, got });
    }
    let got = sha256_hex(bytes);
    if got != expected.sha256 {
        return Err(ModelError::WrongHash { expected: expected.sha256.clone(), got });
    }
    Ok(())
}

/// Lower-case hex.
pub fn sha256_hex(bytes: &[u8]) -> String {
    format!("{:x}", Sha256::digest(bytes))
}

/// What a manifest says of these bytes.
pub fn file_ref(bytes: &[u8]) -> kindling_protocol::model::FileRef {
    kindling_protocol::model::FileRef { sha256: sha256_hex(bytes), bytes: bytes.len() as u64 }
}

/// f32 safetensors. The same state always gives the same bytes.
pub fn write(state: &State) -> Vec<u8> {
    write_as(state, Dtype::F32)
}

/// The f16 file of an f32 file.
pub fn to_f16(bytes_f32: &[u8]) -> Result<Vec<u8>, ModelError> {
    let state = read(bytes_f32, Dtype::F32)?;
    for (name, values) in &state {
        if values.values.iter().any(|&value| !f16::from_f32(value).is_finite()) {
            return Err(ModelError::NotFinite { name: name.clone() });
        }
    }
    Ok(write_as(&state, Dtype::F16))
}

/// Every value rounded to the nearest that f16 has.
pub fn round_to_f16(state: &mut State) {
    state.values_mut().flat_map(|values| &mut values.values).for_each(|value| *value = f16::from_f32(*value).to_f32());
}

fn write_as(state: &State, dtype: Dtype) -> Vec<u8> {
    let tensors = state.iter().map(|(name, tensor)| {
        let bytes: Vec<u8> = match dtype {
            Dtype::F32 => tensor.values.iter().flat_map(|value| value.to_le_bytes()).collect(),
            Dtype::F16 => tensor.values.iter().flat_map(|&value| f16::from_f32(value).to_le_bytes()).collect(),
        };
        (name, Plain { dtype: format_of(dtype), shape: tensor.shape.clone(), bytes })
    });
    safetensors::serialize(tensors, None).expect("shapes fit their values")
}

fn format_of(dtype: Dtype) -> safetensors::Dtype {
    match dtype {
        Dtype::F32 => safetensors::Dtype::F32,
        Dtype::F16 => safetensors::Dtype::F16,
    }
}

/// A tensor on its way into a file.
pub(crate) struct Plain {
    pub dtype: safetensors::Dtype,
    pub shape: Vec<usize>,
    pub bytes: Vec<u8>,
}

impl safetensors::View for Plain {
    fn dtype(&self) -> safetensors::Dtype {
        self.dtype
    }

    fn shape(&self) -> &[usize] {
        &self.shape
    }

    fn data(&self) -> Cow<'_, [u8]> {
        Cow::Borrowed(&self.bytes)
    }

    fn data_len(&self) -> usize {
        self.bytes.len()
    }
}

/// A header of more than this belongs to no model here.
const MAX_HEADER_BYTES: u64 = 64 << 10;

/// Parses safetensors of either precision. Every value must be finite.
pub fn read(bytes: &[u8], dtype: Dtype) -> Result<State, ModelError> {
    let file = parse(bytes)?;
    let mut state = State::new();
    for (name, tensor) in file.tensors() {
        if tensor.dtype() != format_of(dtype) {
            let (got, expected) = (format!("{:?}", tensor.dtype()), format!("{:?}", format_of(dtype)));
            return Err(ModelError::WrongType { name, expected, got });
        }
        let values = match dtype {
            Dtype::F32 => floats(&tensor),
            Dtype::F16 => {
                tensor.data().chunks_exact(2).map(|pair| f16::from_le_bytes([pair[0], pair[1]]).to_f32()).collect()
            }
        };
        if values.iter().any(|value| !value.is_finite()) {
            return Err(ModelError::NotFinite { name });
        }
        state.insert(name, Values { shape: tensor.shape().to_vec(), values });
    }
    Ok(state)
}

/// The values of an f32 tensor.
pub(crate) fn floats(tensor: &TensorView<'_>) -> Vec<f32> {
    tensor.data().chunks_exact(4).map(|word| f32::from_le_bytes([word[0], word[1], word[2], word[3]])).collect()
}

/// Parses a safetensors file with a bounded header.
pub(crate) fn parse(bytes: &[u8]) -> Result<SafeTensors<'_>, ModelError> {
    let malformed = |detail: String| ModelError::Malformed { detail };
    let header = bytes.first_chunk::<8>().ok_or_else(|| malformed(format!("{} bytes", bytes.len())))?;
    let header = u64::from_le_bytes(*header);
    if header > MAX_HEADER_BYTES {
        return Err(malformed(format!("a header of {header} bytes, at most {MAX_HEADER_BYTES} are read")));
    }
    SafeTensors::deserialize(bytes).map_err(|error| malformed(error.to_string()))
}
