//! `/api/blobs`: files named by the sha256 of what they hold.

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use kindling_protocol::api::ErrorBody;
use kindling_protocol::model::FileRef;
use tokio::io::{AsyncReadExt, AsyncSeekExt, SeekFrom};
use tokio_stream::StreamExt;
use tokio_util::io::ReaderStream;
use utoipa_axum::routes;

use super::access::{Access, Routes};
use super::range::{self, Part};
use crate::error::ApiError;
use crate::registry::blobs::{BlobHash, MAX_BYTES};
use crate::registry::{Blob, Registry, RegistryError};

pub fn routes(routes: Routes) -> Routes {
    // A little more than a blob may have, so that the blob itself says what is too much.
    routes.add_sized(Access::Member, MAX_BYTES as usize + 4096, routes!(get, put))
}

/// A blob, whole or in part. It never changes, so it may be kept forever.
#[utoipa::path(
    get, path = "/api/blobs/{sha256}", tag = "models",
    params(("sha256" = String, Path), ("range" = Option<String>, Header), ("if-range" = Option<String>, Header)),
    responses(
        (status = 200, content_type = "application/octet-stream", body = Vec<u8>),
        (status = 206, content_type = "application/octet-stream", body = Vec<u8>),
        (status = 304, description = "The client has it (`If-None-Match`)"),
        (status = 404, body = ErrorBody, description = "unknown_blob"),
        (status = 416, body = ErrorBody, description = "range_not_satisfiable"),
    )
)]
async fn get(
    State(registry): State<Registry>,
    Path(sha256): Path<String>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let hash = parse(&sha256)?;
    let blob = registry.blob(&hash).await?;
    let bytes = match &blob {
        Blob::File { bytes, .. } => *bytes,
        Blob::Memory(memory) => memory.len() as u64,
    };
    let etag = format!("\"{}\"", hash.as_str());
    let mut response = Response::builder()
        .header(header::ETAG, &etag)
        .header(header::CACHE_CONTROL, "private, max-age=31536000, immutable")
        .header(header::ACCEPT_RANGES, "bytes");
    if range::names(&headers, header::IF_NONE_MATCH, &etag) {
        return response.status(StatusCode::NOT_MODIFIED).body(Body::empty()).map_err(ApiError::internal);
    }
    let (from, to) = match range::wanted(&headers, &etag, bytes) {
        Part::Whole => {
            response = response.header("repr-digest", digest(hash.as_str()));
            (0, bytes)
        }
        Part::Range { from, to } => {
            let range = format!("bytes {from}-{}/{bytes}", to - 1);
            response = response.status(StatusCode::PARTIAL_CONTENT).header(header::CONTENT_RANGE, range);
            (from, to)
        }
        Part::Unsatisfiable => {
            let message = format!("The range lies outside of the blob's {bytes} bytes.");
            let error = ApiError::new(StatusCode::RANGE_NOT_SATISFIABLE, "range_not_satisfiable", message);
            let mut response = error.into_response();
            let range = HeaderValue::from_str(&format!("bytes */{bytes}")).map_err(ApiError::internal)?;
            response.headers_mut().insert(header::CONTENT_RANGE, range);
            return Ok(response);
        }
    };
    let body = match blob {
        Blob::Memory(memory) => Body::from(Bytes::from_static(&memory[from as usize..to as usize])),
        Blob::File { path, .. } => {
            let mut file = tokio::fs::File::open(path).await?;
            file.seek(SeekFrom::Start(from)).await?;
            Body::from_stream(ReaderStream::with_capacity(file.take(to - from), 64 << 10))
        }
    };
    response =
        response.header(header::CONTENT_TYPE, "application/octet-stream").header(header::CONTENT_LENGTH, to - from);
    response.body(body).map_err(ApiError::internal)
}

/// Takes in a file of at most 64 MiB. Unless its bytes have the sha256 of the path, nothing of it is kept.
///
/// A file that becomes part of no model within a day is removed.
#[utoipa::path(
    put, path = "/api/blobs/{sha256}", tag = "models",
    params(("sha256" = String, Path)),
    request_body(content = Vec<u8>, content_type = "application/octet-stream"),
    responses(
        (status = 201, body = FileRef),
        (status = 400, body = ErrorBody, description = "bad_hash, broken_upload"),
        (status = 413, body = ErrorBody, description = "too_large"),
        (status = 422, body = ErrorBody, description = "wrong_hash"),
        (status = 507, body = ErrorBody, description = "too_many_uploads, storage_full"),
    )
)]
async fn put(
    State(registry): State<Registry>,
    Path(sha256): Path<String>,
    body: Body,
) -> Result<(StatusCode, Json<FileRef>), ApiError> {
    let hash = sha256
        .parse::<BlobHash>()
        .map_err(|error| ApiError::bad_request("bad_hash", super::runs::sentence(&error.to_string())))?;
    let mut incoming = registry.begin_blob().await?;
    let mut pieces = body.into_data_stream();
    while let Some(piece) = pieces.next().await {
        let broken = |_| ApiError::bad_request("broken_upload", "The upload broke off. Nothing of it was kept.");
        let piece = piece.map_err(broken)?;
        incoming.write(&piece).await.map_err(RegistryError::from)?;
    }
    Ok((StatusCode::CREATED, Json(registry.finish_blob(incoming, &hash).await?)))
}

fn parse(sha256: &str) -> Result<BlobHash, ApiError> {
    sha256.parse().map_err(|_| RegistryError::UnknownBlob.into())
}

/// RFC 9530.
fn digest(sha256: &str) -> String {
    let nibble = |byte: u8| (byte as char).to_digit(16).unwrap_or_default() as u8;
    let bytes: Vec<u8> = sha256.as_bytes().chunks(2).map(|pair| nibble(pair[0]) << 4 | nibble(pair[1])).collect();
    format!("sha-256=:{}:", STANDARD.encode(bytes))
}
