//! What every answer gets: a request id, the one error shape, and the headers that keep a page safe.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Instant;

use axum::Json;
use axum::body::to_bytes;
use axum::extract::Request;
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use kindling_protocol::api::{ErrorBody, ErrorDetail};

use crate::error::ApiError;
use crate::tasks::attached;

/// No inline script or style, nothing from elsewhere, no frame around the page.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; \
     img-src 'self' data: blob:; connect-src 'self'; worker-src 'self'; font-src 'self'; form-action 'self'; \
     base-uri 'none'; frame-ancestors 'none'";

const PERMISSIONS_POLICY: &str = "camera=(), microphone=(), geolocation=(), payment=(), usb=(), serial=(), midi=()";

/// Bytes of a sentence that axum wrote by itself.
const SENTENCE_LIMIT: usize = 2048;

/// The outermost layer.
pub async fn envelope(request: Request, next: Next) -> Response {
    let id = next_request_id();
    let (method, path) = (request.method().clone(), request.uri().path().to_string());
    let begun = Instant::now();
    // A task of its own, so that a handler that panics ends one request. One that only reads ends with its client, too;
    // one that changes something goes on to its end: cut between two steps it would leave a run that nobody starts, or
    // a folder without its row.
    let response = match method.is_safe() {
        true => attached(next.run(request)).await,
        false => tokio::spawn(next.run(request)).await,
    };
    let response = response.unwrap_or_else(|error| ApiError::internal(error).into_response());
    let status = response.status();
    let took_ms = begun.elapsed().as_millis() as u64;
    let mut response = match status.is_client_error() || status.is_server_error() {
        true => error_answer(response, &id, &method, &path).await,
        false => response,
    };
    tracing::debug!(request = %id, %method, path, status = status.as_u16(), took_ms, "answered");
    let headers = response.headers_mut();
    headers.insert("x-request-id", HeaderValue::from_str(&id).expect("an id is ASCII"));
    add_safety_headers(headers);
    response
}

/// Of a path that exists, for a method that it does not have.
pub async fn method_not_allowed(method: Method) -> ApiError {
    let message = format!("This path does not take {method}; the `allow` header says what it takes.");
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
}

/// Writes the body of an error, and the log. Headers that a handler set stay (`allow`, `retry-after`, `content-range`).
async fn error_answer(mut response: Response, id: &str, method: &Method, path: &str) -> Response {
    let status = response.status();
    let error = match response.extensions_mut().remove::<ApiError>() {
        Some(error) => error,
        None => {
            let (code, standard) = standard(status);
            let sentence = sentence(&mut response).await;
            ApiError::new(status, code, sentence.unwrap_or_else(|| standard.to_string()))
        }
    };
    let (code, message) = (error.code, error.message.as_str());
    match &error.cause {
        Some(cause) => {
            tracing::error!(request = %id, %method, path, status = status.as_u16(), code, "{message} {cause:#}")
        }
        None => tracing::info!(request = %id, %method, path, status = status.as_u16(), code, "{message}"),
    }
    let detail = ErrorDetail { code: error.code.to_string(), message: error.message, request_id: id.to_string() };
    let mut answer = (status, Json(ErrorBody { error: detail })).into_response();
    for (name, value) in response.headers() {
        if name != header::CONTENT_TYPE && name != header::CONTENT_LENGTH && name != header::CONTENT_ENCODING {
            answer.headers_mut().append(name, value.clone());
        }
    }
    answer
}

/// The sentence in which axum says what is wrong with a request. Never that of a fault of ours.
async fn sentence(response: &mut Response) -> Option<String> {
    let is_text = response.headers().get(header::CONTENT_TYPE)?.as_bytes().starts_with(b"text/plain");
    if !is_text || response.status().is_server_error() {
        return None;
    }
    let body = to_bytes(std::mem::take(response.body_mut()), SENTENCE_LIMIT).await.ok()?;
    let text = String::from_utf8(body.to_vec()).ok()?;
    (!text.is_empty()).then_some(text)
}

/// Code and sentence of errors that no handler of ours made.
fn standard(status: StatusCode) -> (&'static str, &'static str) {
    match status {
        StatusCode::BAD_REQUEST => ("bad_request", "The request can't be read."),
        StatusCode::NOT_FOUND => ("not_found", "There is nothing at this path."),
        StatusCode::METHOD_NOT_ALLOWED => ("method_not_allowed", "This path does not take this method."),
        StatusCode::REQUEST_TIMEOUT => ("timeout", "The request took too long to arrive."),
        StatusCode::PAYLOAD_TOO_LARGE => ("too_large", "The body is larger than this path takes."),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => {
            ("wrong_content_type", "The body is not of the type that this path takes.")
        }
        StatusCode::UNPROCESSABLE_ENTITY => ("invalid", "The body is not what this path takes."),
        status if status.is_client_error() => ("bad_request", "The request can't be answered."),
        _ => ("internal", "The server failed at this request. Its log has the details under the request's id."),
    }
}

/// Unique over restarts, too, and in the order of arrival.
fn next_request_id() -> String {
    static START_MS: LazyLock<u64> = LazyLock::new(crate::runs::now_ms);
    static COUNT: AtomicU64 = AtomicU64::new(0);
    format!("{:x}-{:x}", *START_MS, COUNT.fetch_add(1, Ordering::Relaxed))
}

fn add_safety_headers(headers: &mut HeaderMap) {
    let fixed: [(HeaderName, &'static str); 7] = [
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-embedder-policy"), "require-corp"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
        (HeaderName::from_static("permissions-policy"), PERMISSIONS_POLICY),
    ];
    for (name, value) in fixed {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // What is worth keeping says so itself.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
}
