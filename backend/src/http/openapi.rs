//! `GET /api/openapi.json`: the description of every route, put together where the routes are registered.

use std::sync::Arc;

use axum::http::header;
use axum::routing::get;
use axum::{Router, response::IntoResponse};
use kindling_protocol::api::ErrorBody;
use utoipa::OpenApi as _;
use utoipa::openapi::path::Operation;
use utoipa::openapi::{Content, OpenApi, Ref, Response, ResponseBuilder};

use super::AppState;

#[derive(utoipa::OpenApi)]
#[openapi(
    info(title = "Kindling", description = "Labs, runs, models and data. Every error is an ErrorBody."),
    components(schemas(ErrorBody))
)]
struct Head;

/// The document before any route is described.
pub fn head() -> OpenApi {
    Head::openapi()
}

/// Serves the document. It describes the API, so it isn't part of what it describes.
pub fn router(mut document: OpenApi) -> Router<AppState> {
    for item in document.paths.paths.values_mut() {
        let operations =
            [&mut item.get, &mut item.put, &mut item.post, &mut item.delete, &mut item.patch, &mut item.head];
        operations.into_iter().flatten().for_each(|operation| {
            name(operation);
            describe_errors(operation);
        });
    }
    let json: Arc<str> = serde_json::to_string(&document).expect("a document becomes JSON").into();
    Router::new().route(
        "/api/openapi.json",
        get(move || {
            let json = json.to_string();
            async move { ([(header::CONTENT_TYPE, "application/json")], json).into_response() }
        }),
    )
}

/// Handlers of two areas may share a name; in the document it stands once.
fn name(operation: &mut Operation) {
    let area = operation.tags.iter().flatten().next().cloned().unwrap_or_default();
    operation.operation_id = operation.operation_id.take().map(|id| format!("{area}_{id}"));
}

/// Whatever goes wrong, the answer has one shape.
fn describe_errors(operation: &mut Operation) {
    let any = refusal("What went wrong: a stable code, a sentence, the request's id.");
    operation.responses.responses.entry("default".to_string()).or_insert(any.into());
}

/// An answer that is an [`ErrorBody`].
pub fn refusal(description: &str) -> Response {
    let content = Content::new(Some(Ref::from_schema_name("ErrorBody")));
    ResponseBuilder::new().description(description).content("application/json", content).build()
}
