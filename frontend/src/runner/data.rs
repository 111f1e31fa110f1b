//! Data an engine asks for: from this browser by hash, else from the server.

use std::cell::RefCell;
use std::collections::BTreeMap;

use js_sys::Uint8Array;
use kindling_protocol::api::{DataSet, DataState};
use kindling_protocol::engine::{DataFault, REMEMBERED, ToEngine};
use kindling_protocol::model::FileRef;

use super::engine::Engine;
use crate::api::{self, ApiError};
use crate::store::files;

/// Fetches the part and hands it to the engine, or says why not. "Missing" is an answer too: the lab
/// then uses its generated stand-in and says so.
pub async fn answer(engine: &Engine, part: String) {
    match fetch(&part).await {
        Ok(bytes) => engine.give(&ToEngine::Data { part, fault: None }, &[bytes]),
        Err(fault) => engine.send(&ToEngine::Data { part, fault: Some(fault) }, &[]),
    }
}

async fn fetch(part: &str) -> Result<Uint8Array, DataFault> {
    if let Some(sha256) = part.strip_prefix("own/") {
        // The learner's own file is in this browser or nowhere: no server is asked for it.
        return files::own(sha256).await.map(|(_, bytes)| bytes).ok_or(DataFault::Missing);
    }
    if let Some(name) = part.strip_prefix(REMEMBERED) {
        return files::remembered(name).await.ok_or(DataFault::Missing);
    }
    let file = describe(part).await?;
    if let Some(bytes) = files::get(&file).await {
        return Ok(bytes);
    }
    let bytes = api::data_part(part, &file, |_| ()).await.map_err(fault)?;
    // A browser that keeps nothing still trains; it fetches again next time.
    drop(files::put(&file, &bytes).await);
    Ok(bytes)
}

/// Length and hash of a part, as the server has it. Remembered, so that a run goes on from kept data
/// when the server is away.
async fn describe(part: &str) -> Result<FileRef, DataFault> {
    thread_local!(static KNOWN: RefCell<BTreeMap<String, FileRef>> = RefCell::default());
    if let Some(file) = KNOWN.with_borrow(|known| known.get(part).cloned()) {
        return Ok(file);
    }
    let key = format!("data:{part}");
    let found = match api::data_sets().await {
        Ok(sets) => find(&sets, part),
        Err(error) => match files::note(&key).await.and_then(|json| serde_json::from_str(&json).ok()) {
            Some(file) => Ok(file),
            None => Err(fault(error)),
        },
    };
    if let Ok(file) = &found {
        KNOWN.with_borrow_mut(|known| known.insert(part.to_owned(), file.clone()));
        drop(files::set_note(&key, &serde_json::to_string(file).unwrap_or_default()).await);
    }
    found
}

fn find(sets: &[DataSet], part: &str) -> Result<FileRef, DataFault> {
    let (set, name) = part.split_once('/').ok_or(DataFault::Missing)?;
    let set = sets.iter().find(|known| known.name == set).ok_or(DataFault::Missing)?;
    match set.state {
        DataState::Present => {}
        DataState::Missing => return Err(DataFault::Missing),
        DataState::Damaged => return Err(DataFault::Damaged { detail: "the server's copy of it is damaged".into() }),
    }
    let part = set.parts.iter().find(|part| part.name == name).ok_or(DataFault::Missing)?;
    Ok(FileRef { sha256: part.sha256.clone(), bytes: part.bytes })
}

fn fault(error: ApiError) -> DataFault {
    match error {
        ApiError::Offline => DataFault::Missing,
        ApiError::Refused(detail) if detail.code == "data_missing" => DataFault::Missing,
        other => DataFault::Damaged { detail: other.to_string() },
    }
}
