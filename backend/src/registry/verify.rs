//! What weights must pass before they become a version.

use kindling_labs::burn::tensor::Device;
use kindling_labs::nn::{parity, weights};
use kindling_protocol::model::{Dtype, FileRef, MANIFEST_FORMAT, Manifest, ModelError, WeightsFile};

/// Bounds of what a manifest may say. Ours never come near them.
const MAX_LABELS: usize = 1000;
const MAX_ENTRIES: usize = 64;
const MAX_WORD: usize = 200;

/// Loads and computes with the weights, in both precisions, and answers with them in f16.
pub fn verify(manifest: &Manifest, weights: &[u8], parity: &[u8]) -> Result<Vec<u8>, ModelError> {
    check_manifest(manifest)?;
    agrees(manifest, full_precision(manifest)?, weights, parity)?;
    let half = weights::to_f16(weights)?;
    let file = FileRef { sha256: weights::sha256_hex(&half), bytes: half.len() as u64 };
    agrees(manifest, &WeightsFile { dtype: Dtype::F16, file }, &half, parity)?;
    Ok(half)
}

/// The entry of the weights in f32: what everything else is made from.
pub fn full_precision(manifest: &Manifest) -> Result<&WeightsFile, ModelError> {
    let found = manifest.weights.iter().find(|weights| weights.dtype == Dtype::F32);
    found.ok_or_else(|| unusable("it names no weights in f32"))
}

fn agrees(manifest: &Manifest, file: &WeightsFile, weights: &[u8], parity: &[u8]) -> Result<(), ModelError> {
    let model = weights::load(manifest, file, weights, &Device::flex())?;
    pollster::block_on(parity::check(&model, manifest, file.dtype, parity)).map(drop)
}

/// What a version says forever is bounded. Architecture and input are checked where the model is made.
fn check_manifest(manifest: &Manifest) -> Result<(), ModelError> {
    if manifest.format != MANIFEST_FORMAT {
        return Err(unusable(&format!("its format is {}, this program knows {MANIFEST_FORMAT}", manifest.format)));
    }
    let fits = (1..=MAX_LABELS).contains(&manifest.labels.len())
        && manifest.metrics.len() <= MAX_ENTRIES
        && manifest.data.len() <= MAX_ENTRIES
        && manifest.run.knobs.0.len() <= MAX_ENTRIES
        && short(&manifest.labels)
        && short(manifest.data.iter().flat_map(|(part, hash)| [part, hash]))
        && short(manifest.metrics.iter().flat_map(|metric| [&metric.name, &metric.data]))
        && short([&manifest.program, &manifest.run.lab]);
    if !fits {
        return Err(unusable("a list or a word in it is too long"));
    }
    if !manifest.metrics.iter().all(|metric| metric.value.is_finite()) {
        return Err(unusable("a metric in it is no finite number"));
    }
    Ok(())
}

fn short<'a>(words: impl IntoIterator<Item = &'a String>) -> bool {
    words.into_iter().all(|word| word.chars().count() <= MAX_WORD)
}

fn unusable(detail: &str) -> ModelError {
    ModelError::Manifest { detail: detail.to_string() }
}
