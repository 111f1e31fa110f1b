//! Model and data files by sha256, verified again whenever they are read. And small notes by name.

use kindling_protocol::model::FileRef;
use kindling_protocol::text::Text;

use super::StoreError;
use super::db::{self, Table};
use crate::api::{self, Transfer};

/// The kept bytes of a file. A copy that is not what its hash says is removed and counts as absent.
pub async fn get(file: &FileRef) -> Option<Vec<u8>> {
    let key = file.sha256.as_str().into();
    let value = db::read(&[Table::Files]).await.ok()?.get(Table::Files, &key).await.ok()??;
    let bytes = db::to_bytes(&value).ok()?;
    if api::sha256_hex(&bytes).await == file.sha256 {
        return Some(bytes);
    }
    let change = db::write(&[Table::Files]).await.ok()?;
    change.delete(Table::Files, &key).await.ok()?;
    change.commit().await.ok()?;
    None
}

/// Keeps the bytes of a file. The caller has verified them.
pub async fn put(file: &FileRef, bytes: &[u8]) -> Result<(), StoreError> {
    let change = db::write(&[Table::Files]).await?;
    change.put(Table::Files, &file.sha256.as_str().into(), &db::from_bytes(bytes)).await?;
    change.commit().await
}

/// The file, from this browser or else from the server's registry.
pub async fn get_or_fetch(file: &FileRef, progress: impl FnMut(Transfer)) -> Result<Vec<u8>, Text> {
    if let Some(bytes) = get(file).await {
        return Ok(bytes);
    }
    let bytes = api::blob(file, progress).await.map_err(|error| error.text())?;
    // Not kept is no harm: it is fetched again.
    drop(put(file, &bytes).await);
    Ok(bytes)
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
