//! What an answer that is no success looks like: `{"error": {"code", "message", "request_id"}}`.
//!
//! Handlers return [`ApiError`]. One layer ([`crate::http`]) turns it, and every error that axum answers by itself,
//! into the body, adds the request's id, and writes the log. So an error is logged once, and nothing of its cause is
//! ever sent.

use std::sync::Arc;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use crate::store::StoreError;

/// An error on its way to the client.
#[derive(Clone, Debug)]
pub struct ApiError {
    pub status: StatusCode,
    /// Stable, `snake_case`: programs match on it.
    pub code: &'static str,
    /// A sentence that names the thing and what was expected. It is sent.
    pub message: String,
    /// For the log alone.
    pub cause: Option<Arc<anyhow::Error>>,
}

impl ApiError {
    pub fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        ApiError { status, code, message: message.into(), cause: None }
    }

    pub fn bad_request(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, code, message)
    }

    pub fn not_found(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::NOT_FOUND, code, message)
    }

    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::CONFLICT, code, message)
    }

    pub fn invalid(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, code, message)
    }

    pub fn unavailable(code: &'static str, message: impl Into<String>) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, code, message)
    }

    /// A fault of ours. The client gets the request's id, and the log gets the cause.
    pub fn internal(cause: impl Into<anyhow::Error>) -> Self {
        let message = "The server failed at this request. Its log has the details under the request's id.";
        let cause = Some(Arc::new(cause.into()));
        ApiError { cause, ..Self::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", message) }
    }
}

/// Without a body: the layer writes it.
impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        ApiError::internal(error)
    }
}

/// A full disk is no fault of the program, and whoever asked can do something about it.
impl From<std::io::Error> for ApiError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            std::io::ErrorKind::StorageFull | std::io::ErrorKind::QuotaExceeded => {
                let message = "There is no space left where the server keeps its state.";
                let cause = Some(Arc::new(error.into()));
                ApiError { cause, ..Self::new(StatusCode::INSUFFICIENT_STORAGE, "storage_full", message) }
            }
            _ => ApiError::internal(error),
        }
    }
}
