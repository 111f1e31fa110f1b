//! `/api/models`: published models.

use axum::Json;
use axum::extract::{FromRef, Path, State};
use axum::http::StatusCode;
use kindling_protocol::api::{ErrorBody, ModelVersion};
use kindling_protocol::model::{Manifest, ModelError};
use utoipa_axum::routes;

use super::AppState;
use super::access::{Access, Routes};
use super::runs::sentence;
use crate::error::ApiError;
use crate::registry::blobs::BlobError;
use crate::registry::{Registry, RegistryError};

/// Bytes of a manifest.
const MANIFEST_LIMIT: usize = 256 << 10;

pub fn routes(routes: Routes) -> Routes {
    routes
        .add_sized(Access::Member, MANIFEST_LIMIT, routes!(list, create))
        .add(Access::Member, routes!(versions))
        .add(Access::Member, routes!(version))
}

impl FromRef<AppState> for Registry {
    fn from_ref(state: &AppState) -> Self {
        state.registry.clone()
    }
}

/// The newest version of each model, by name. Version 0 is the one inside the program.
#[utoipa::path(get, path = "/api/models", tag = "models", responses((status = 200, body = Vec<ModelVersion>)))]
async fn list(State(registry): State<Registry>) -> Result<Json<Vec<ModelVersion>>, ApiError> {
    Ok(Json(registry.models().await?))
}

/// Makes weights trained elsewhere the next version of the manifest's name.
///
/// The f32 weights and the parity file must have been put under `/api/blobs` before. Everything is checked: hash,
/// tensor names, shapes, types, finite numbers, parity. The f16 weights are made here.
#[utoipa::path(
    post, path = "/api/models", tag = "models",
    request_body = Manifest,
    responses(
        (status = 201, body = ModelVersion),
        (status = 422, body = ErrorBody, description = "missing_blob, invalid_model_name, wrong_length, wrong_hash, \
            malformed, missing_tensor, unexpected_tensor, wrong_shape, wrong_type, not_finite, parity, manifest"),
    )
)]
async fn create(
    State(registry): State<Registry>,
    Json(manifest): Json<Manifest>,
) -> Result<(StatusCode, Json<ModelVersion>), ApiError> {
    Ok((StatusCode::CREATED, Json(registry.publish_uploaded(manifest).await?)))
}

/// Every version of one model, newest first.
#[utoipa::path(
    get, path = "/api/models/{name}", tag = "models",
    params(("name" = String, Path)),
    responses((status = 200, body = Vec<ModelVersion>), (status = 404, body = ErrorBody, description = "unknown_model"))
)]
async fn versions(
    State(registry): State<Registry>,
    Path(name): Path<String>,
) -> Result<Json<Vec<ModelVersion>>, ApiError> {
    Ok(Json(registry.versions(&name).await?))
}

/// One version.
#[utoipa::path(
    get, path = "/api/models/{name}/{version}", tag = "models",
    params(("name" = String, Path), ("version" = u32, Path)),
    responses((status = 200, body = ModelVersion), (status = 404, body = ErrorBody, description = "unknown_model"))
)]
async fn version(
    State(registry): State<Registry>,
    Path((name, version)): Path<(String, u32)>,
) -> Result<Json<ModelVersion>, ApiError> {
    Ok(Json(registry.version(&name, version).await?))
}

impl From<RegistryError> for ApiError {
    fn from(error: RegistryError) -> Self {
        let message = sentence(&error.to_string());
        match error {
            RegistryError::Store(error) => error.into(),
            RegistryError::Io(error) | RegistryError::Blob(BlobError::Io(error)) => error.into(),
            RegistryError::UnknownModel => ApiError::not_found("unknown_model", message),
            RegistryError::UnknownBlob => ApiError::not_found("unknown_blob", message),
            RegistryError::MissingBlob(_) => ApiError::invalid("missing_blob", message),
            RegistryError::Name => ApiError::invalid("invalid_model_name", message),
            RegistryError::NoRoom => ApiError::new(StatusCode::INSUFFICIENT_STORAGE, "too_many_uploads", message),
            RegistryError::Model(error) => ApiError::invalid(model_code(&error), message),
            RegistryError::Blob(BlobError::TooLarge) => {
                ApiError::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", message)
            }
            RegistryError::Blob(BlobError::WrongHash { .. }) => ApiError::invalid("wrong_hash", message),
        }
    }
}

/// As the error's own JSON has it.
fn model_code(error: &ModelError) -> &'static str {
    match error {
        ModelError::WrongLength { .. } => "wrong_length",
        ModelError::WrongHash { .. } => "wrong_hash",
        ModelError::Malformed { .. } => "malformed",
        ModelError::MissingTensor { .. } => "missing_tensor",
        ModelError::UnexpectedTensor { .. } => "unexpected_tensor",
        ModelError::WrongShape { .. } => "wrong_shape",
        ModelError::WrongType { .. } => "wrong_type",
        ModelError::NotFinite { .. } => "not_finite",
        ModelError::Parity { .. } => "parity",
        ModelError::Manifest { .. } => "manifest",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_protocol() {
        let name = || "x".to_string();
        let errors = [
            ModelError::WrongLength { expected: 1, got: 2 },
            ModelError::WrongHash { expected: name(), got: name() },
            ModelError::Malformed { detail: name() },
            ModelError::MissingTensor { name: name() },
            ModelError::UnexpectedTensor { name: name() },
            ModelError::WrongShape { name: name(), expected: vec![], got: vec![] },
            ModelError::WrongType { name: name(), expected: name(), got: name() },
            ModelError::NotFinite { name: name() },
            ModelError::Parity { got: 1.0, allowed: 0.5 },
            ModelError::Manifest { detail: name() },
        ];
        for error in errors {
            assert_eq!(serde_json::to_value(&error).unwrap()["code"], model_code(&error));
        }
    }
}
