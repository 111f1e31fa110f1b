//! The manifest that travels with trained weights, and says all that is needed to use them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::run::RunConfig;

/// Version of the manifest's own format.
pub const MANIFEST_FORMAT: u32 = 1;

/// A trained model: its architecture, its input, how good it is, where it comes from, and its files by hash.
///
/// Whoever loads it verifies a file's sha256 *before* parsing it, and runs the parity inputs before showing it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Manifest {
    pub format: u32,
    /// Lower case, digits and `-`: `digits-cnn`.
    pub name: String,
    pub architecture: Architecture,
    pub input: InputSpec,
    /// One label a class, in the order of the logits.
    pub labels: Vec<String>,
    /// Probabilities are softmax(logits / temperature).
    pub temperature: f32,
    /// Below this greatest probability the answer is "not sure". Chosen on validation data.
    pub unsure_below: f32,
    pub metrics: Vec<Metric>,
    pub parameters: u64,
    /// Lab, knobs and seed of the run that made it.
    pub run: RunConfig,
    /// sha256 of the training data, by part.
    pub data: BTreeMap<String, String>,
    /// Version of the program that trained it.
    pub program: String,
    /// The weights, in each precision they exist in.
    pub weights: Vec<WeightsFile>,
    pub parity: FileRef,
}

/// A model family from a closed list, with its numbers. Data, never code: a manifest can't name
/// anything that is not compiled in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "family", rename_all = "snake_case")]
pub enum Architecture {
    /// Dense layers with ReLU between them.
    Mlp { inputs: u32, hidden: Vec<u32>, classes: u32, dropout: f32 },
    /// Blocks of a valid `kernel` x `kernel` convolution, batch norm and ReLU, then one dense layer and the logits.
    /// With `stride` 1 each block ends in 2x2 max-pooling; with `stride` 2 the convolution itself halves the
    /// picture (Simard, Steinkraus and Platt 2003), which trains six times faster on burn's CPU backend
    /// (measured on two cores, batch 128, 5x5, batch norm: channels 16 and 64 with stride 2 and dense 128 5,462
    /// samples/s, 24 and 48 with pooling 688, 3x3 16 and 32 with pooling 2,398).
    Cnn { side: u32, channels: Vec<u32>, kernel: u32, stride: u32, dense: u32, classes: u32, dropout: f32 },
}

/// What the model takes, and how it is prepared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum InputSpec {
    /// A picture of ink on nothing: bytes / 255, then minus `mean`, over `std`.
    /// Drawings are fitted with their longer side to `ink_box` pixels and centred by mass.
    Ink { height: u32, width: u32, ink_box: u32, mean: f32, std: f32 },
}

/// A figure, and the data it was measured on.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Metric {
    pub name: String,
    pub value: f64,
    /// `mnist/test`.
    pub data: String,
    pub count: u64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct WeightsFile {
    pub dtype: Dtype,
    #[serde(flatten)]
    pub file: FileRef,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "lowercase")]
pub enum Dtype {
    F32,
    F16,
}

impl Dtype {
    /// The greatest difference of any logit on the parity inputs that still counts as the same model.
    pub fn parity_tolerance(self) -> f32 {
        match self {
            Dtype::F32 => 1e-4,
            Dtype::F16 => 2e-3,
        }
    }
}

/// A file named by what it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct FileRef {
    /// Lower-case hex.
    pub sha256: String,
    pub bytes: u64,
}

/// Why weights were refused. Each has a code of its own, so that a page can say what to do.
#[derive(Clone, Debug, PartialEq, thiserror::Error, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum ModelError {
    #[error("the file is cut short or too long: {got} bytes, expected {expected}")]
    WrongLength { expected: u64, got: u64 },
    #[error("the file is damaged: its sha256 is {got}, expected {expected}")]
    WrongHash { expected: String, got: String },
    #[error("not a safetensors file: {detail}")]
    Malformed { detail: String },
    #[error("tensor `{name}` is missing")]
    MissingTensor { name: String },
    #[error("tensor `{name}` does not belong to this architecture")]
    UnexpectedTensor { name: String },
    #[error("tensor `{name}` has shape {got:?}, expected {expected:?}")]
    WrongShape { name: String, expected: Vec<usize>, got: Vec<usize> },
    #[error("tensor `{name}` has type {got}, expected {expected}")]
    WrongType { name: String, expected: String, got: String },
    #[error("tensor `{name}` holds a value that is not a finite number")]
    NotFinite { name: String },
    #[error("the model computes something else here: logits differ by {got:e}, allowed are {allowed:e}")]
    Parity { got: f32, allowed: f32 },
    #[error("the manifest is not usable: {detail}")]
    Manifest { detail: String },
}
