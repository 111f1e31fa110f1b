//! What the server is, whether it is well, and which labs it has.

use axum::Json;
use axum::extract::{Path, State};
use kindling_labs::host::Lab;
use kindling_labs::labs::{self, LABS};
use kindling_protocol::PROTOCOL_VERSION;
use kindling_protocol::api::{Health, ServerInfo};
use kindling_protocol::knob::{self, Knobs};
use kindling_protocol::lab::{Cost, LabSpec};
use utoipa_axum::routes;

use super::AppState;
use super::access::{Access, Routes};
use super::data::describe_all;
use crate::error::ApiError;

pub fn routes(routes: Routes) -> Routes {
    routes
        .add(Access::Public, routes!(health))
        .add(Access::Public, routes!(ready))
        .add(Access::Member, routes!(server_info))
        .add(Access::Member, routes!(list_labs))
        .add(Access::Member, routes!(lab))
        .add(Access::Member, routes!(cost))
}

/// The process runs.
#[utoipa::path(get, path = "/api/health", tag = "server", responses((status = 200, body = Health)))]
async fn health() -> Json<Health> {
    Json(Health { ok: true })
}

/// The server takes work: its database answers, and it was not told to end.
#[utoipa::path(
    get, path = "/api/ready", tag = "server",
    responses((status = 200, body = Health), (status = 503, description = "closing"))
)]
async fn ready(State(app): State<AppState>) -> Result<Json<Health>, ApiError> {
    if app.closing.is_cancelled() {
        return Err(ApiError::unavailable("closing", "The server is about to end."));
    }
    app.store.call(|connection| connection.query_row("select 1", [], |_| Ok(()))).await?;
    Ok(Json(Health { ok: true }))
}

/// Version, devices and data sets.
#[utoipa::path(get, path = "/api/info", tag = "server", responses((status = 200, body = ServerInfo)))]
async fn server_info(State(app): State<AppState>) -> Result<Json<ServerInfo>, ApiError> {
    Ok(Json(ServerInfo {
        program: env!("CARGO_PKG_VERSION").to_string(),
        protocol: PROTOCOL_VERSION,
        devices: app.devices.clone(),
        data: describe_all(&app).await?,
    }))
}

/// Every lab, in alphabetical order.
#[utoipa::path(get, path = "/api/labs", tag = "labs", responses((status = 200, body = Vec<LabSpec>)))]
async fn list_labs() -> Json<Vec<LabSpec>> {
    Json(LABS.iter().map(|lab| (lab.spec)()).collect())
}

/// One lab.
#[utoipa::path(
    get, path = "/api/labs/{slug}", tag = "labs", params(("slug" = String, Path)),
    responses((status = 200, body = LabSpec), (status = 404, description = "unknown_lab"))
)]
async fn lab(Path(slug): Path<String>) -> Result<Json<LabSpec>, ApiError> {
    Ok(Json((find(&slug)?.spec)()))
}

/// What a run with these knobs would take. Knobs that are left out are at their defaults.
#[utoipa::path(
    post, path = "/api/labs/{slug}/cost", tag = "labs", params(("slug" = String, Path)), request_body = Knobs,
    responses(
        (status = 200, body = Cost),
        (status = 404, description = "unknown_lab"),
        (status = 422, description = "invalid_config"),
    )
)]
async fn cost(Path(slug): Path<String>, Json(knobs): Json<Knobs>) -> Result<Json<Cost>, ApiError> {
    let lab = find(&slug)?;
    let knobs = knob::resolve(&(lab.spec)().knobs, &knobs)
        .map_err(|error| ApiError::invalid("invalid_config", error.to_string()))?;
    Ok(Json((lab.cost)(&knobs)))
}

fn find(slug: &str) -> Result<&'static Lab, ApiError> {
    labs::find(slug).ok_or_else(|| {
        let known: Vec<String> = LABS.iter().map(|lab| (lab.spec)().slug.to_string()).collect();
        ApiError::not_found("unknown_lab", format!("There is no such lab; there are: {}.", known.join(", ")))
    })
}
