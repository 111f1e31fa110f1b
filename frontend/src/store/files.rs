//! Model and data files by sha256, verified again whenever they are read. And small notes by name.

use js_sys::Uint8Array;
use kindling_protocol::model::FileRef;

use super::StoreError;
use super::db::{self, Table};
use crate::api::{self, ApiError, Transfer};

/// The kept bytes of a file. A copy that is not what its hash says is removed and counts as absent.
pub async fn get(file: &FileRef) -> Option<Uint8Array> {
    let key = file.sha256.as_str().into();
    let value = db::read(&[Table::Files]).await.ok()?.get(Table::Files, &key).await.ok()??;
    let bytes = db::as_bytes(&value).ok()?;
    if api::sha256_hex(&bytes).await == file.sha256 {
        return Some(bytes);
    }
    let change = db::write(&[Table::Files]).await.ok()?;
    change.delete(Table::Files, &key).await.ok()?;
    change.commit().await.ok()?;
    None
}

/// Keeps the bytes of a file. The caller has verified them.
pub async fn put(file: &FileRef, bytes: &Uint8Array) -> Result<(), StoreError> {
    let change = db::write(&[Table::Files]).await?;
    change.put(Table::Files, &file.sha256.as_str().into(), bytes).await?;
    change.commit().await
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
