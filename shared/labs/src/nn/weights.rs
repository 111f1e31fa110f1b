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

/// The f32 file of an f16 file: every number of the one is a number of the other.
pub fn to_f32(bytes_f16: &[u8]) -> Result<Vec<u8>, ModelError> {
    Ok(write(&read(bytes_f16, Dtype::F16)?))
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::nn::testing::{manifest, tiny};

    fn tensor(values: &[f32]) -> State {
        [("a".to_string(), Values { shape: vec![values.len()], values: values.to_vec() })].into()
    }

    fn tiny_state() -> State {
        pollster::block_on(state::take(&tiny()))
    }

    /// Loads bytes that are what the manifest says, so that only what is in them can be wrong.
    fn load_as(dtype: Dtype, bytes: &[u8]) -> Result<Classifier, ModelError> {
        let manifest = manifest(dtype, bytes, b"");
        load(&manifest, &manifest.weights[0], bytes, &Device::flex())
    }

    fn refusal(bytes: &[u8]) -> ModelError {
        load_as(Dtype::F32, bytes).expect_err("it is refused")
    }

    #[test]
    fn numbers_come_back_bit_for_bit_and_always_in_the_same_bytes() {
        let odd = [0.0, -0.0, 1.0 / 3.0, -1e-40, f32::MIN_POSITIVE, f32::MAX, f32::MIN];
        let bytes = write(&tensor(&odd));
        let back = read(&bytes, Dtype::F32).unwrap();
        let bits = |values: &[f32]| values.iter().map(|value| value.to_bits()).collect::<Vec<_>>();
        assert_eq!(bits(&back["a"].values), bits(&odd));
        assert_eq!(write(&back), bytes);

        let loaded = load_as(Dtype::F32, &write(&tiny_state())).unwrap();
        assert_eq!(pollster::block_on(state::take(&loaded)), tiny_state());
    }

    /// Known bit patterns (IEEE 754), ties among them.
    const ROUNDED: [(f32, u16); 12] = [
        (0.0, 0x0000),
        (-0.0, 0x8000),
        (1.0, 0x3c00),
        (-2.0, 0xc000),
        (0.1, 0x2e66),
        (1.0 / 3.0, 0x3555),
        // One and half a unit lies between two: the even one of them is taken, below and above.
        (1.0 + 1.0 / 2048.0, 0x3c00),
        (1.0 + 3.0 / 2048.0, 0x3c02),
        // The greatest, and what still rounds down to it.
        (65504.0, 0x7bff),
        (65519.0, 0x7bff),
        // The least above nothing is 2^-24; half of it is nothing.
        (5.960_464_5e-8, 0x0001),
        (2.980_232_2e-8, 0x0000),
    ];

    #[test]
    fn f16_takes_the_nearest_and_of_two_equally_near_the_even() {
        let state = tensor(&ROUNDED.map(|(value, _)| value));
        let half = to_f16(&write(&state)).unwrap();
        let data = parse(&half).unwrap().tensor("a").unwrap().data().to_vec();
        let bits: Vec<u16> = data.chunks_exact(2).map(|pair| u16::from_le_bytes([pair[0], pair[1]])).collect();
        assert_eq!(bits, ROUNDED.map(|(_, bits)| bits));

        // A model that was rounded before is the same model in either file.
        let mut rounded = state;
        round_to_f16(&mut rounded);
        assert_eq!(read(&half, Dtype::F16).unwrap(), rounded);
        assert_eq!(to_f16(&write(&rounded)).unwrap(), half);
        assert_eq!(to_f32(&half).unwrap(), write(&rounded));
    }

    #[test]
    fn what_f16_has_no_number_for_is_refused_by_name() {
        assert_eq!(to_f16(&write(&tensor(&[1.0, 65520.0]))), Err(ModelError::NotFinite { name: "a".into() }));
    }

    #[test]
    fn a_cut_file_and_a_flipped_bit_are_told_apart_before_anything_is_parsed() {
        let bytes = write(&tiny_state());
        let manifest = manifest(Dtype::F32, &bytes, b"");
        let refusal = |bytes: &[u8]| load(&manifest, &manifest.weights[0], bytes, &Device::flex()).err();
        let (expected, got) = (bytes.len() as u64, bytes.len() as u64 - 1);
        assert_eq!(refusal(&bytes[..bytes.len() - 1]), Some(ModelError::WrongLength { expected, got }));
        for place in [0, 8, bytes.len() / 2, bytes.len() - 1] {
            let mut flipped = bytes.clone();
            flipped[place] ^= 1;
            let (expected, got) = (sha256_hex(&bytes), sha256_hex(&flipped));
            assert_eq!(refusal(&flipped), Some(ModelError::WrongHash { expected, got }), "byte {place}");
        }
    }

    #[test]
    fn tensors_that_are_not_those_of_the_network_are_refused_each_for_its_own_reason() {
        let changed = |change: &dyn Fn(&mut State)| {
            let mut state = tiny_state();
            change(&mut state);
            refusal(&write(&state))
        };
        let name = || "output.bias".to_string();
        assert_eq!(changed(&|state| drop(state.remove(&name()))), ModelError::MissingTensor { name: name() });
        let stranger =
            |state: &mut State| drop(state.insert("stranger".into(), Values { shape: vec![1], values: vec![0.0] }));
        assert_eq!(changed(&stranger), ModelError::UnexpectedTensor { name: "stranger".into() });
        let turned = |state: &mut State| state.get_mut("hidden.0.weight").unwrap().shape.reverse();
        let (expected, got) = (vec![4, 3], vec![3, 4]);
        assert_eq!(changed(&turned), ModelError::WrongShape { name: "hidden.0.weight".into(), expected, got });
        for value in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let spoil = |state: &mut State| state.get_mut(&name()).unwrap().values[1] = value;
            assert_eq!(changed(&spoil), ModelError::NotFinite { name: name() }, "{value}");
        }
        let half = to_f16(&write(&tiny_state())).unwrap();
        let ModelError::WrongType { expected, got, .. } = refusal(&half) else { panic!("another type was taken") };
        assert_eq!((expected.as_str(), got.as_str()), ("F32", "F16"));
    }

    #[test]
    fn an_f16_file_with_an_infinity_in_it_is_refused() {
        let mut half = to_f16(&write(&tiny_state())).unwrap();
        let last = half.len() - 2;
        half[last..].copy_from_slice(&f16::INFINITY.to_le_bytes());
        let refused = load_as(Dtype::F16, &half).err();
        assert!(matches!(refused, Some(ModelError::NotFinite { .. })), "{refused:?}");
    }

    #[test]
    fn what_is_no_safetensors_file_is_called_malformed() {
        let whole = write(&tiny_state());
        let header = |length: u64| [&length.to_le_bytes()[..], b"{}"].concat();
        let missing_data = &whole[..whole.len() - 4];
        for bytes in [&b""[..], b"short", b"not a tensor file", &header(1 << 40)[..], &header(3)[..], missing_data] {
            let refused = refusal(bytes);
            assert!(matches!(refused, ModelError::Malformed { .. }), "{bytes:?}: {refused:?}");
        }
    }

    #[test]
    fn a_manifest_that_describes_no_network_is_refused() {
        let bytes = write(&tiny_state());
        let mut manifest = manifest(Dtype::F32, &bytes, b"");
        manifest.labels.pop();
        let refused = load(&manifest, &manifest.weights[0], &bytes, &Device::flex()).err();
        assert!(matches!(refused, Some(ModelError::Manifest { .. })), "{refused:?}");
    }
}
