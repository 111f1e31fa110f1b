//! A model asked about the test set of its lab.

use kindling_protocol::api::ModelVersion;
use kindling_protocol::engine::{FromEngine, ToEngine};
use kindling_protocol::predictions::Predictions;

use super::handle::ModelFiles;
use super::pad::{Pad, engine_said, fetch_version};
use super::start::{RunRow, model_of};
use crate::trouble::Trouble;

/// What a version of the registry, or the model that came with the page, says of its lab's test set. The model is
/// verified as one that answers is; the pad keeps its own.
pub async fn examine(pad: Pad, version: Option<&ModelVersion>) -> Result<Predictions, Trouble> {
    let files = match version {
        Some(version) => fetch_version(version, |_| ()).await?,
        None => pad.shipped().await?,
    };
    ask(pad, &files).await
}

/// The same of the model that a run came to, published or not. None: it has no model.
pub async fn examine_run(pad: Pad, row: &RunRow) -> Result<Option<Predictions>, Trouble> {
    match model_of(&row.info.id, row.place).await? {
        Some(files) => ask(pad, &files).await.map(Some),
        None => Ok(None),
    }
}

async fn ask(pad: Pad, files: &ModelFiles) -> Result<Predictions, Trouble> {
    pad.load_as(SLOT, files).await?;
    match pad.ask(|id| ToEngine::Examine { id, slot: SLOT.into() }, &[]).await?.message {
        FromEngine::Examined { result, .. } => result.map_err(Trouble::from),
        _ => Err(engine_said("")),
    }
}

/// Beside those of the pad.
const SLOT: &str = "examined";
