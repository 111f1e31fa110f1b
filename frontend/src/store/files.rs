//! Model and data files by sha256, verified again whenever they are read. And small notes by name.
//!
//! A file is kept as a `Blob`. The database takes one by reference, where it would copy an array while the page
//! stands still, and gives it back slice by slice.

use js_sys::{Array, Uint8Array};
use kindling_protocol::engine::REMEMBERED;
use kindling_protocol::model::FileRef;
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::Blob;

use super::StoreError;
use super::db::{self, Table};
use crate::api::{self, ApiError, Transfer};
use crate::digest::Digest;

/// Read and hashed in one go: a few milliseconds.
const SLICE: u32 = 2 << 20;

/// The kept bytes of a file. A copy that is not what its hash says is removed and counts as absent.
pub async fn get(file: &FileRef) -> Option<Uint8Array> {
    let key = file.sha256.as_str().into();
    let value = db::read(&[Table::Files]).await.ok()?.get(Table::Files, &key).await.ok()??;
    if let Ok(blob) = value.dyn_into::<Blob>()
        && blob.size() == file.bytes as f64
        && let Ok((bytes, sha256)) = read(&blob).await
        && sha256 == file.sha256
    {
        return Some(bytes);
    }
    let change = db::write(&[Table::Files]).await.ok()?;
    change.delete(Table::Files, &key).await.ok()?;
    change.commit().await.ok()?;
    None
}

async fn read(blob: &Blob) -> Result<(Uint8Array, String), JsValue> {
    let length = blob.size() as u32;
    let (bytes, mut digest) = (Uint8Array::new_with_length(length), Digest::default());
    let mut from = 0;
    while from < length {
        let to = length.min(from + SLICE);
        let slice = blob.slice_with_f64_and_f64(f64::from(from), f64::from(to))?;
        let piece = Uint8Array::new(&JsFuture::from(slice.array_buffer()).await?);
        bytes.set(&piece, from);
        digest.add(&piece);
        from = to;
    }
    Ok((bytes, digest.hex()))
}

/// Keeps the bytes of a file. The caller has verified them.
pub async fn put(file: &FileRef, bytes: &Uint8Array) -> Result<(), StoreError> {
    let blob = Blob::new_with_u8_array_sequence(&Array::of1(bytes))
        .map_err(|error| StoreError::Unavailable(format!("{error:?}")))?;
    let change = db::write(&[Table::Files]).await?;
    change.put(Table::Files, &file.sha256.as_str().into(), &blob).await?;
    change.commit().await
}

/// A file of the learner's own: its name, and where its bytes are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Own {
    pub name: String,
    pub file: FileRef,
    /// When it was kept, of what can be made anew: it may be [cleared](super::spare) when many newer ones are kept. None:
    /// it stays until its owner removes it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spare_since_ms: Option<u64>,
}

/// What the names of their notes begin with.
pub(super) const OWN: &str = "own:";

/// Keeps a file of the learner's own. It leaves this browser by no way.
pub async fn put_own(own: &Own, bytes: &Uint8Array) -> Result<(), StoreError> {
    put(&own.file, bytes).await?;
    set_note(&own_note(&own.file.sha256), &serde_json::to_string(own).unwrap_or_default()).await
}

/// The learner's own file of that hash, if this browser has it.
pub async fn own(sha256: &str) -> Option<(Own, Uint8Array)> {
    let own: Own = serde_json::from_str(&note(&own_note(sha256)).await?).ok()?;
    let bytes = get(&own.file).await?;
    Some((own, bytes))
}

/// Forgets it.
pub async fn remove_own(sha256: &str) -> Result<(), StoreError> {
    let change = db::write(&[Table::Files, Table::Notes]).await?;
    change.delete(Table::Files, &sha256.into()).await?;
    change.delete(Table::Notes, &own_note(sha256).as_str().into()).await?;
    change.commit().await
}

fn own_note(sha256: &str) -> String {
    format!("{OWN}{sha256}")
}

/// The file, from this browser or else from the server's registry.
pub async fn get_or_fetch(file: &FileRef, progress: impl FnMut(Transfer)) -> Result<Vec<u8>, ApiError> {
    if let Some(bytes) = get(file).await {
        return Ok(bytes.to_vec());
    }
    let bytes = api::blob(file, progress).await?;
    // Not kept is no harm: it is fetched again.
    drop(put(file, &bytes).await);
    Ok(bytes.to_vec())
}

/// A small remembered text.
pub async fn note(name: &str) -> Option<String> {
    let value = db::read(&[Table::Notes]).await.ok()?.get(Table::Notes, &name.into()).await.ok()??;
    value.as_string()
}

pub async fn set_note(name: &str, text: &str) -> Result<(), StoreError> {
    let change = db::write(&[Table::Notes]).await?;
    change.put(Table::Notes, &name.into(), &text.into()).await?;
    change.commit().await
}

/// What an earlier run left to later ones.
pub async fn remembered(name: &str) -> Option<Uint8Array> {
    let key = format!("{REMEMBERED}{name}").as_str().into();
    let value = db::read(&[Table::Notes]).await.ok()?.get(Table::Notes, &key).await.ok()??;
    value.dyn_into().ok()
}

pub async fn remember(name: &str, bytes: &[u8]) -> Result<(), StoreError> {
    let change = db::write(&[Table::Notes]).await?;
    change.put(Table::Notes, &format!("{REMEMBERED}{name}").as_str().into(), &db::from_bytes(bytes)).await?;
    change.commit().await
}
