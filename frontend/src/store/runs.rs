//! Runs of this browser: what they are, their events, their checkpoints and the model they came to.

use js_sys::Array;
use kindling_protocol::api::{RunInfo, RunState};
use kindling_protocol::event::{Event, EventBody};
use kindling_protocol::lab::Place;
use kindling_protocol::model::{Dtype, Manifest};
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};

use super::StoreError;
use super::db::{self, Change, Table};
use crate::digest::sha256_hex;
use crate::runner::ModelFiles;

/// What is kept of a run besides its events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct KeptRun {
    pub info: RunInfo,
    pub place: Place,
}

/// A point a run can go on from.
pub struct Checkpoint {
    pub step: u64,
    /// The newest event at that point, and its time of running.
    pub seq: u64,
    pub at_ms: u64,
    pub bytes: Vec<u8>,
}

/// How many checkpoints of a run are kept: the newest, and the one before in case it does not verify.
const KEPT_CHECKPOINTS: usize = 2;

/// All runs, in no order.
pub async fn list() -> Result<Vec<KeptRun>, StoreError> {
    let look = db::read(&[Table::Runs]).await?;
    let values = look.all(Table::Runs, None).await?;
    // One damaged record hides itself and not the others.
    Ok(values.iter().filter_map(|value| parse(value).ok()).collect())
}

pub async fn get(id: &str) -> Result<KeptRun, StoreError> {
    let value = db::read(&[Table::Runs]).await?.get(Table::Runs, &id.into()).await?;
    parse(&value.ok_or_else(|| StoreError::NoSuchRun(id.into()))?)
}

pub async fn put(run: &KeptRun) -> Result<(), StoreError> {
    let change = db::write(&[Table::Runs]).await?;
    put_run(&change, run).await?;
    change.commit().await
}

/// In one transaction: a run that goes on, here or in another tab, is put again and again.
pub async fn rename(id: &str, name: &str) -> Result<(), StoreError> {
    let change = db::write(&[Table::Runs]).await?;
    let value = change.get(Table::Runs, &id.into()).await?;
    let mut run: KeptRun = parse(&value.ok_or_else(|| StoreError::NoSuchRun(id.into()))?)?;
    run.info.name = name.into();
    put_run(&change, &run).await?;
    change.commit().await
}

pub async fn delete(id: &str) -> Result<(), StoreError> {
    let change = db::write(&[Table::Runs, Table::Events, Table::Checkpoints, Table::Models]).await?;
    change.delete(Table::Runs, &id.into()).await?;
    change.delete(Table::Models, &id.into()).await?;
    change.delete_range(Table::Events, db::items_from(id, 0)).await?;
    change.delete_range(Table::Checkpoints, db::items_from(id, 0)).await?;
    change.commit().await
}

/// A run's events in order.
pub async fn events(id: &str) -> Result<Vec<Event>, StoreError> {
    let values = db::read(&[Table::Events]).await?.all(Table::Events, Some(db::items_from(id, 0))).await?;
    values.iter().map(parse).collect()
}

/// Keeps new events and what they change in the run, in one transaction.
pub async fn append(run: &KeptRun, events: &[Event]) -> Result<(), StoreError> {
    let change = db::write(&[Table::Runs, Table::Events]).await?;
    put_grown(&change, run).await?;
    put_events(&change, run, events).await?;
    change.commit().await
}

/// Keeps a checkpoint, the events up to it and the run, in one transaction: whatever cuts this off,
/// the run goes on from a point where all three agree.
pub async fn put_checkpoint(run: &KeptRun, events: &[Event], checkpoint: &Checkpoint) -> Result<(), StoreError> {
    let bytes = db::from_bytes(&checkpoint.bytes);
    let sha256 = sha256_hex(&bytes);
    let id = run.info.id.as_str();
    let change = db::write(&[Table::Runs, Table::Events, Table::Checkpoints]).await?;
    put_grown(&change, run).await?;
    put_events(&change, run, events).await?;
    let head = CheckpointHead { step: checkpoint.step, seq: checkpoint.seq, at_ms: checkpoint.at_ms, sha256 };
    let value = Array::of2(&json(&head), &bytes);
    change.put(Table::Checkpoints, &db::item(id, checkpoint.step), &value).await?;
    let keys = change.keys(Table::Checkpoints, Some(db::items_from(id, 0))).await?;
    for old in keys.iter().rev().skip(KEPT_CHECKPOINTS) {
        change.delete(Table::Checkpoints, old).await?;
    }
    change.commit().await
}

/// The newest checkpoint that verifies.
pub async fn newest_checkpoint(id: &str) -> Result<Option<Checkpoint>, StoreError> {
    let look = db::read(&[Table::Checkpoints]).await?;
    let values = look.all(Table::Checkpoints, Some(db::items_from(id, 0))).await?;
    for value in values.iter().rev() {
        let Ok(pair) = value.clone().dyn_into::<Array>() else { continue };
        let (Ok(head), Ok(bytes)) = (parse::<CheckpointHead>(&pair.get(0)), db::as_bytes(&pair.get(1))) else {
            continue;
        };
        if sha256_hex(&bytes) == head.sha256 {
            let CheckpointHead { step, seq, at_ms, .. } = head;
            return Ok(Some(Checkpoint { step, seq, at_ms, bytes: bytes.to_vec() }));
        }
    }
    Ok(None)
}

/// Keeps the model a run came to.
pub async fn put_model(id: &str, files: &ModelFiles) -> Result<(), StoreError> {
    let change = db::write(&[Table::Models]).await?;
    let head = ModelHead { manifest: files.manifest.clone(), dtype: files.dtype };
    let value = Array::of3(&json(&head), &db::from_bytes(&files.weights), &db::from_bytes(&files.parity));
    change.put(Table::Models, &id.into(), &value).await?;
    change.commit().await
}

/// The runs of this browser that have a model.
pub async fn with_model() -> Result<Vec<String>, StoreError> {
    let keys = db::read(&[Table::Models]).await?.keys(Table::Models, None).await?;
    Ok(keys.iter().filter_map(JsValue::as_string).collect())
}

pub async fn model(id: &str) -> Result<Option<ModelFiles>, StoreError> {
    let value = db::read(&[Table::Models]).await?.get(Table::Models, &id.into()).await?;
    let Some(value) = value.filter(|value| !value.is_undefined()) else { return Ok(None) };
    let parts: Array = value.dyn_into().map_err(|_| StoreError::Damaged("expected a model".into()))?;
    let head: ModelHead = parse(&parts.get(0))?;
    let (weights, parity) = (db::as_bytes(&parts.get(1))?.to_vec(), db::as_bytes(&parts.get(2))?.to_vec());
    Ok(Some(ModelFiles { manifest: head.manifest, dtype: head.dtype, weights, parity }))
}

/// What an event changes in the run's record.
pub fn note(info: &mut RunInfo, event: &Event) {
    info.last_seq = event.seq;
    info.ran_ms = event.at_ms;
    match &event.body {
        EventBody::Started { device, .. } => {
            info.device = device.clone();
            info.state = RunState::Running;
        }
        EventBody::Progress(progress) => info.progress = Some(progress.clone()),
        EventBody::Report { figures, .. } => {
            info.figures = figures.clone();
            info.state = RunState::Finished;
        }
        EventBody::Stopped { .. } => info.state = RunState::Stopped,
        EventBody::Failed { .. } => info.state = RunState::Failed,
        _ => {}
    }
}

#[derive(Serialize, Deserialize)]
struct CheckpointHead {
    step: u64,
    seq: u64,
    at_ms: u64,
    sha256: String,
}

#[derive(Serialize, Deserialize)]
struct ModelHead {
    manifest: Manifest,
    dtype: Dtype,
}

async fn put_run(change: &Change, run: &KeptRun) -> Result<(), StoreError> {
    change.put(Table::Runs, &run.info.id.as_str().into(), &json(run)).await
}

/// The record of a run that goes on keeps its name: another tab may have changed it.
async fn put_grown(change: &Change, run: &KeptRun) -> Result<(), StoreError> {
    let there = change.get(Table::Runs, &run.info.id.as_str().into()).await?;
    let mut run = run.clone();
    if let Some(there) = there.and_then(|value| parse::<KeptRun>(&value).ok()) {
        run.info.name = there.info.name;
    }
    put_run(change, &run).await
}

async fn put_events(change: &Change, run: &KeptRun, events: &[Event]) -> Result<(), StoreError> {
    for event in events {
        change.put(Table::Events, &db::item(&run.info.id, event.seq), &json(event)).await?;
    }
    Ok(())
}

fn json(value: &impl Serialize) -> JsValue {
    serde_json::to_string(value).expect("plain data").into()
}

fn parse<T: serde::de::DeserializeOwned>(value: &JsValue) -> Result<T, StoreError> {
    serde_json::from_str(&db::to_text(value)?).map_err(|error| StoreError::Damaged(error.to_string()))
}
