//! Bodies of the HTTP API under `/api`, and its one error shape.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::event::Progress;
use crate::knob::{KnobValue, Knobs};
use crate::model::Manifest;
use crate::run::RunConfig;

/// Every 4xx and 5xx: `{"error": {...}}`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErrorBody {
    pub error: ErrorDetail,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErrorDetail {
    /// Stable, `snake_case`: programs match on it.
    pub code: String,
    /// A sentence that names the thing and what was expected.
    pub message: String,
    /// Finds the request in the server's log.
    pub request_id: String,
}

/// `GET /api/health` and `GET /api/ready`. Whoever is not well answers with an error.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Health {
    pub ok: bool,
}

/// What the server is and can do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ServerInfo {
    pub program: String,
    pub protocol: u32,
    pub devices: Vec<String>,
    pub data: Vec<DataSet>,
}

/// A data set and whether it is here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DataSet {
    pub name: String,
    pub title: String,
    pub licence: String,
    pub source: String,
    pub bytes: u64,
    pub state: DataState,
    /// While the server fetches it: bytes that have arrived.
    #[serde(default)]
    pub fetched_bytes: Option<u64>,
    pub parts: Vec<DataPart>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum DataState {
    Missing,
    Present,
    /// A file is there but is not what it should be.
    Damaged,
}

/// One file of a data set. `GET /api/data/{set}/{name}` answers with its decompressed bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct DataPart {
    pub name: String,
    pub sha256: String,
    pub bytes: u64,
}

/// Asks for a run on the server.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct NewRun {
    #[serde(flatten)]
    pub config: RunConfig,
    /// `cpu`, `gpu`, `cuda:0`; the server's choice when left out.
    #[serde(default)]
    pub device: Option<String>,
    #[serde(default)]
    pub name: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RunInfo {
    pub id: String,
    pub name: String,
    pub config: RunConfig,
    /// Live knobs as they were turned last. Whoever goes on with the run is told them again: its checkpoint may be
    /// older, for a run that is paused writes none.
    #[serde(default)]
    pub turned: Knobs,
    pub device: String,
    pub state: RunState,
    /// Unix milliseconds.
    pub created_ms: u64,
    /// Milliseconds of running so far.
    pub ran_ms: u64,
    pub progress: Option<Progress>,
    pub figures: BTreeMap<String, f64>,
    pub last_seq: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum RunState {
    Queued,
    Running,
    Paused,
    /// Cut off (a crash, a kill, a shut-down): goes on from its checkpoint.
    Interrupted,
    Stopped,
    Finished,
    Failed,
}

/// `PATCH /api/runs/{id}`
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct RenameRun {
    pub name: String,
}

/// `POST /api/runs/{id}/step`: goes on for so many steps, then pauses. Without a body: for one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct StepRun {
    pub steps: u64,
}

/// `POST /api/runs/{id}/knobs`
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct TurnKnob {
    pub knob: String,
    pub value: KnobValue,
}

/// `POST /api/runs/{id}/publish`: makes the run's weights a version of the model `name`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct PublishRun {
    pub name: String,
}

/// One version of a model in the registry. Versions count up from 1 and never change.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ModelVersion {
    pub name: String,
    pub version: u32,
    pub created_ms: u64,
    pub manifest: Manifest,
}
