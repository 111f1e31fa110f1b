//! `/api/runs`: training on the server.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::time::Duration;

use axum::Json;
use axum::extract::{FromRef, Path, Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use kindling_labs::host::Snapshot;
use kindling_protocol::api::{ErrorBody, ModelVersion, NewRun, PublishRun, RenameRun, RunInfo, StepRun, TurnKnob};
use kindling_protocol::model::Manifest;
use serde::Deserialize;
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use tokio_stream::StreamExt;
use tokio_stream::wrappers::ReceiverStream;
use utoipa::openapi::{self, RefOr};
use utoipa::{IntoParams, IntoResponses};
use utoipa_axum::routes;

use super::AppState;
use super::access::{Access, Routes};
use super::openapi::refusal;
use crate::error::ApiError;
use crate::registry::RegistryError;
use crate::runs::id::RunId;
use crate::runs::{RunError, Runs, state};

pub fn routes(routes: Routes) -> Routes {
    routes
        .add(Access::Member, routes!(list, create))
        .add(Access::Member, routes!(get, rename, delete))
        .add(Access::Member, routes!(pause))
        .add(Access::Member, routes!(resume))
        .add(Access::Member, routes!(stop))
        .add(Access::Member, routes!(step))
        .add(Access::Member, routes!(checkpoint))
        .add(Access::Member, routes!(turn))
        .add(Access::Member, routes!(events))
        .add(Access::Member, routes!(publish))
        .add(Access::Member, routes!(model))
        .add(Access::Member, routes!(model_file))
}

/// How it may be refused to do something with a run.
struct OfOneRun;

impl IntoResponses for OfOneRun {
    fn responses() -> BTreeMap<String, RefOr<openapi::Response>> {
        let codes = [(StatusCode::NOT_FOUND, "unknown_run"), (StatusCode::CONFLICT, "wrong_state")];
        codes.map(|(status, code)| (status.as_str().to_string(), RefOr::T(refusal(code)))).into()
    }
}

impl FromRef<AppState> for Runs {
    fn from_ref(state: &AppState) -> Self {
        state.runs.clone()
    }
}

/// Runs, newest first, 500 at most.
#[utoipa::path(get, path = "/api/runs", tag = "runs", responses((status = 200, body = Vec<RunInfo>)))]
async fn list(State(runs): State<Runs>) -> Result<Json<Vec<RunInfo>>, ApiError> {
    Ok(Json(runs.list().await?))
}

/// Starts a run, or queues it behind the one that holds its device.
#[utoipa::path(
    post, path = "/api/runs", tag = "runs",
    request_body = NewRun,
    responses(
        (status = 201, body = RunInfo),
        (status = 422, body = ErrorBody, description = "unknown_lab, unknown_device, invalid_config, invalid_name"),
        (status = 429, body = ErrorBody, description = "queue_full"),
    )
)]
async fn create(State(runs): State<Runs>, Json(new): Json<NewRun>) -> Result<(StatusCode, Json<RunInfo>), ApiError> {
    Ok((StatusCode::CREATED, Json(runs.create(new).await?)))
}

/// One run.
#[utoipa::path(
    get, path = "/api/runs/{id}", tag = "runs",
    params(("id" = String, Path)),
    responses((status = 200, body = RunInfo), (status = 404, body = ErrorBody, description = "unknown_run"))
)]
async fn get(State(runs): State<Runs>, Path(id): Path<String>) -> Result<Json<RunInfo>, ApiError> {
    Ok(Json(runs.get(&parse(&id)?).await?))
}

/// Gives a run another name.
#[utoipa::path(
    patch, path = "/api/runs/{id}", tag = "runs",
    params(("id" = String, Path)),
    request_body = RenameRun,
    responses(
        (status = 200, body = RunInfo),
        (status = 404, body = ErrorBody, description = "unknown_run"),
        (status = 422, body = ErrorBody, description = "invalid_name"),
    )
)]
async fn rename(
    State(runs): State<Runs>,
    Path(id): Path<String>,
    Json(new): Json<RenameRun>,
) -> Result<Json<RunInfo>, ApiError> {
    Ok(Json(runs.rename(&parse(&id)?, &new.name).await?))
}

/// Removes a run with its events, checkpoints and weights. A run that goes on must be stopped before.
#[utoipa::path(
    delete, path = "/api/runs/{id}", tag = "runs",
    params(("id" = String, Path)),
    responses((status = 204), OfOneRun)
)]
async fn delete(State(runs): State<Runs>, Path(id): Path<String>) -> Result<StatusCode, ApiError> {
    runs.delete(&parse(&id)?).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Pauses at the next step. A paused run keeps its device.
#[utoipa::path(
    post, path = "/api/runs/{id}/pause", tag = "runs",
    params(("id" = String, Path)),
    responses((status = 200, body = RunInfo), OfOneRun)
)]
async fn pause(State(runs): State<Runs>, Path(id): Path<String>) -> Result<Json<RunInfo>, ApiError> {
    Ok(Json(runs.pause(&parse(&id)?).await?))
}

/// Lets a paused run go on. One that was stopped or failed is queued and goes on from its checkpoint.
#[utoipa::path(
    post, path = "/api/runs/{id}/resume", tag = "runs",
    params(("id" = String, Path)),
    responses((status = 200, body = RunInfo), OfOneRun)
)]
async fn resume(State(runs): State<Runs>, Path(id): Path<String>) -> Result<Json<RunInfo>, ApiError> {
    Ok(Json(runs.resume(&parse(&id)?).await?))
}

/// Asks a run to keep a checkpoint and end. It is `stopped` when its last event says so.
#[utoipa::path(
    post, path = "/api/runs/{id}/stop", tag = "runs",
    params(("id" = String, Path)),
    responses((status = 200, body = RunInfo), OfOneRun)
)]
async fn stop(State(runs): State<Runs>, Path(id): Path<String>) -> Result<Json<RunInfo>, ApiError> {
    Ok(Json(runs.stop(&parse(&id)?).await?))
}

/// Goes on for some steps, then pauses; for one step without a body.
#[utoipa::path(
    post, path = "/api/runs/{id}/step", tag = "runs",
    params(("id" = String, Path)),
    request_body = Option<StepRun>,
    responses(
        (status = 200, body = RunInfo),
        OfOneRun,
        (status = 422, body = ErrorBody, description = "invalid_steps"),
    )
)]
async fn step(
    State(runs): State<Runs>,
    Path(id): Path<String>,
    steps: Option<Json<StepRun>>,
) -> Result<Json<RunInfo>, ApiError> {
    let steps = steps.map_or(1, |Json(asked)| asked.steps);
    Ok(Json(runs.step(&parse(&id)?, steps).await?))
}

/// Keeps a checkpoint, and the weights of that moment, at the next step.
#[utoipa::path(
    post, path = "/api/runs/{id}/checkpoint", tag = "runs",
    params(("id" = String, Path)),
    responses((status = 200, body = RunInfo), OfOneRun)
)]
async fn checkpoint(State(runs): State<Runs>, Path(id): Path<String>) -> Result<Json<RunInfo>, ApiError> {
    Ok(Json(runs.checkpoint(&parse(&id)?).await?))
}

/// Turns a live knob of a run that goes on. The lab leaves a mark where it took effect.
#[utoipa::path(
    post, path = "/api/runs/{id}/knobs", tag = "runs",
    params(("id" = String, Path)),
    request_body = TurnKnob,
    responses(
        (status = 200, body = RunInfo),
        OfOneRun,
        (status = 422, body = ErrorBody, description = "invalid_knob, knob_not_live"),
    )
)]
async fn turn(
    State(runs): State<Runs>,
    Path(id): Path<String>,
    Json(turn): Json<TurnKnob>,
) -> Result<Json<RunInfo>, ApiError> {
    Ok(Json(runs.turn(&parse(&id)?, turn.knob, turn.value).await?))
}

/// Makes the run's newest weights the next version of a model, after checking them as any other.
#[utoipa::path(
    post, path = "/api/runs/{id}/publish", tag = "runs",
    params(("id" = String, Path)),
    request_body = PublishRun,
    responses(
        (status = 201, body = ModelVersion),
        (status = 404, body = ErrorBody, description = "unknown_run"),
        (status = 409, body = ErrorBody, description = "no_weights"),
        (status = 422, body = ErrorBody, description = "invalid_name, or what is wrong with the weights"),
    )
)]
async fn publish(
    State(state): State<AppState>,
    Path(id): Path<String>,
    Json(publish): Json<PublishRun>,
) -> Result<(StatusCode, Json<ModelVersion>), ApiError> {
    let snapshot = snapshot(&state.runs, &id).await?;
    let version = state.registry.publish(snapshot, publish.name).await?;
    Ok((StatusCode::CREATED, Json(version)))
}

/// The manifest of the run's newest weights: of its end, or of its newest checkpoint while it goes on.
#[utoipa::path(
    get, path = "/api/runs/{id}/model", tag = "runs",
    params(("id" = String, Path)),
    responses(
        (status = 200, body = Manifest),
        (status = 404, body = ErrorBody, description = "unknown_run"),
        (status = 409, body = ErrorBody, description = "no_weights"),
    )
)]
async fn model(State(runs): State<Runs>, Path(id): Path<String>) -> Result<Json<Manifest>, ApiError> {
    Ok(Json(snapshot(&runs, &id).await?.manifest))
}

/// A file that the manifest of the run's newest weights names: the f32 weights or the parity inputs.
///
/// The run may have newer weights since the manifest was read; then the file is gone, and the manifest is to be read
/// again.
#[utoipa::path(
    get, path = "/api/runs/{id}/model/{sha256}", tag = "runs",
    params(("id" = String, Path), ("sha256" = String, Path)),
    responses(
        (status = 200, content_type = "application/octet-stream", body = Vec<u8>),
        (status = 404, body = ErrorBody, description = "unknown_run, unknown_blob"),
        (status = 409, body = ErrorBody, description = "no_weights"),
    )
)]
async fn model_file(
    State(runs): State<Runs>,
    Path((id, sha256)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    let Snapshot { manifest, weights, parity } = snapshot(&runs, &id).await?;
    let named = [(manifest.weights.first().map(|weights| &weights.file), weights), (Some(&manifest.parity), parity)];
    let file = named.into_iter().find(|(file, _)| file.is_some_and(|file| file.sha256 == sha256));
    let (_, bytes) = file.ok_or(RegistryError::UnknownBlob)?;
    Ok(([(header::CONTENT_TYPE, "application/octet-stream")], bytes).into_response())
}

async fn snapshot(runs: &Runs, id: &str) -> Result<Snapshot, ApiError> {
    let id = parse(id)?;
    runs.get(&id).await?;
    let folder = runs.folder(&id);
    let snapshot = tokio::task::spawn_blocking(move || folder.snapshot()).await.map_err(ApiError::internal)??;
    snapshot.ok_or_else(|| {
        ApiError::conflict("no_weights", "The run has no weights yet: they come with its first checkpoint.")
    })
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct EventsQuery {
    /// Only events with greater numbers. The header `Last-Event-ID` of a browser that reconnects goes before it.
    after: Option<u64>,
}

/// The run's events as server-sent events, from the first or from where a client left off, then as they come.
///
/// `id` is the event's number, `data` the event. The stream ends when the run is over and everything was sent;
/// asked again after that, the answer is 204, at which an `EventSource` stops asking.
#[utoipa::path(
    get, path = "/api/runs/{id}/events", tag = "runs",
    params(("id" = String, Path), EventsQuery),
    responses(
        (status = 200, content_type = "text/event-stream", body = String),
        (status = 204, description = "The run is over and there is nothing more"),
        (status = 404, body = ErrorBody, description = "unknown_run"),
        (status = 503, body = ErrorBody, description = "too_many_streams"),
    )
)]
async fn events(
    State(runs): State<Runs>,
    Path(id): Path<String>,
    Query(query): Query<EventsQuery>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let id = parse(&id)?;
    let last_seen = headers.get("last-event-id").and_then(|value| value.to_str().ok()?.parse().ok());
    let after = last_seen.or(query.after).unwrap_or(0);
    let head = runs.events_after(&id, after, 0).await?;
    if state::is_over(head.state) && after >= head.last_seq {
        return Ok(StatusCode::NO_CONTENT.into_response());
    }
    let place = runs.stream_place().ok_or_else(|| {
        ApiError::unavailable("too_many_streams", "Too many event streams are open; close one, or try again later.")
    })?;
    let (sender, receiver) = mpsc::channel(IN_FLIGHT);
    tokio::spawn(feed(runs, id, after, sender, place));
    let stream = ReceiverStream::new(receiver).map(|(seq, body): (u64, String)| {
        Ok::<_, Infallible>(Event::default().id(seq.to_string()).retry(RETRY).data(body))
    });
    Ok(Sse::new(stream).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response())
}

/// Events on their way to one client. What it has not taken waits in the database and not in memory.
const IN_FLIGHT: usize = 64;
const PAGE: u32 = 256;
/// A client that takes nothing for so long is let go; it can come back and go on where it was.
const SLOW: Duration = Duration::from_secs(30);
const KEEP_ALIVE: Duration = Duration::from_secs(15);
const RETRY: Duration = Duration::from_secs(1);

/// Sends what is stored, waits for more, until the run is over, the client gone or the server closing.
async fn feed(
    runs: Runs,
    id: RunId,
    mut after: u64,
    sender: mpsc::Sender<(u64, String)>,
    _place: OwnedSemaphorePermit,
) {
    let mut changes = runs.follow(&id);
    loop {
        changes.mark_unchanged();
        let Ok(page) = runs.events_after(&id, after, PAGE).await else { return };
        for (seq, body) in page.events {
            if sender.send_timeout((seq, body), SLOW).await.is_err() {
                return;
            }
            after = seq;
        }
        if after < page.last_seq {
            continue;
        }
        if state::is_over(page.state) {
            return;
        }
        tokio::select! {
            changed = changes.changed() => if changed.is_err() { return },
            () = sender.closed() => return,
            () = runs.closing().cancelled() => return,
        }
    }
}

/// An id that the server can't have made names no run.
fn parse(id: &str) -> Result<RunId, ApiError> {
    id.parse().map_err(|_| RunError::Unknown.into())
}

impl From<RunError> for ApiError {
    fn from(error: RunError) -> Self {
        let message = sentence(&error.to_string());
        let code = match error {
            RunError::Store(error) => return error.into(),
            RunError::Io(error) => return error.into(),
            RunError::Unknown => return ApiError::not_found("unknown_run", message),
            RunError::State { .. } => return ApiError::conflict("wrong_state", message),
            RunError::Occupied => return ApiError::conflict("run_occupied", message),
            RunError::QueueFull => return ApiError::new(StatusCode::TOO_MANY_REQUESTS, "queue_full", message),
            RunError::Overrun => return ApiError::new(StatusCode::TOO_MANY_REQUESTS, "too_many_controls", message),
            RunError::Lab(_) => "unknown_lab",
            RunError::Config(_) => "invalid_config",
            RunError::Knob(_) => "invalid_knob",
            RunError::NotLive(_) => "knob_not_live",
            RunError::Device { .. } => "unknown_device",
            RunError::Name => "invalid_name",
            RunError::Steps => "invalid_steps",
        };
        ApiError::invalid(code, message)
    }
}

/// An error's text as a sentence of its own.
pub(super) fn sentence(text: &str) -> String {
    let mut rest = text.chars();
    let first = rest.next().map(|first| first.to_uppercase().to_string()).unwrap_or_default();
    format!("{first}{}.", rest.as_str())
}
