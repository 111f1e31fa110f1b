//! `/api/data`: data sets, and their parts as labs read them.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, State};
use axum::http::header::{self, HeaderMap};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use kindling_protocol::api::DataSet;
use tokio_util::io::ReaderStream;
use utoipa_axum::routes;

use super::AppState;
use super::access::{Access, Routes};
use super::encoding::{self, Encoding};
use crate::data::sets::{self, Packing, SETS};
use crate::data::{Content, Library, PartError};
use crate::error::ApiError;

pub fn routes(routes: Routes) -> Routes {
    routes.add(Access::Member, routes!(list)).add(Access::Member, routes!(part)).add(Access::Admin, routes!(fetch))
}

/// Every data set, and whether it is here.
#[utoipa::path(get, path = "/api/data", tag = "data", responses((status = 200, body = Vec<DataSet>)))]
async fn list(State(app): State<AppState>) -> Result<Json<Vec<DataSet>>, ApiError> {
    Ok(Json(describe_all(&app).await?))
}

/// The decompressed bytes of a part; over the wire as gzip where the client takes it.
#[utoipa::path(
    get, path = "/api/data/{set}/{part}", tag = "data",
    params(("set" = String, Path), ("part" = String, Path)),
    responses(
        (status = 200, content_type = "application/octet-stream", body = Vec<u8>),
        (status = 304, description = "the client has it"),
        (status = 404, description = "unknown_data, data_missing"),
        (status = 500, description = "data_damaged"),
    )
)]
async fn part(
    State(app): State<AppState>,
    Path((set, part)): Path<(String, String)>,
    request: HeaderMap,
) -> Result<Response, ApiError> {
    let unknown = || ApiError::not_found("unknown_data", "There is no such part of a data set.");
    let (set, part) = sets::find_part(&set, &part).ok_or_else(unknown)?;
    let library = app.library.clone();
    let held = blocking(move || library.file(set, part)).await??;
    let there: &[Encoding] = match held.packing {
        Packing::Gzip => &[Encoding::Gzip, Encoding::Identity],
        // Of an archive: pictures of three colours hardly shrink, and a newsgroup's messages are a megabyte.
        Packing::Plain | Packing::Tar(_) => &[Encoding::Identity],
    };
    // A tag names one encoding: caches between may keep several.
    let gzip = encoding::choose(&request, there) == Encoding::Gzip;
    let etag = if gzip { format!("\"{}-gzip\"", part.raw_sha256) } else { format!("\"{}\"", part.raw_sha256) };

    let mut headers = HeaderMap::new();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    // What stands under this name is pinned by its sum, so it never changes.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, max-age=31536000, immutable"));
    headers.insert(header::VARY, HeaderValue::from_static("accept-encoding"));
    headers.insert(header::ETAG, HeaderValue::from_str(&etag).map_err(ApiError::internal)?);
    if encoding::has_it(&request, &etag) {
        return Ok((StatusCode::NOT_MODIFIED, headers).into_response());
    }
    let body = if gzip {
        headers.insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        let file = tokio::fs::File::open(held.path).await?;
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(file.metadata().await?.len()));
        Body::from_stream(ReaderStream::with_capacity(file, 64 << 10))
    } else {
        headers.insert(header::CONTENT_LENGTH, HeaderValue::from(part.raw_bytes));
        let library = app.library.clone();
        match blocking(move || library.content(set, part, &held)).await?? {
            Content::Stream(reader) => pieces(reader),
            Content::Whole(bytes) => Body::from(Bytes::from_owner(bytes)),
        }
    };
    Ok((headers, body).into_response())
}

/// Begins to fetch what is missing of a set, from its public mirrors. `GET /api/data` tells how far it is.
#[utoipa::path(
    post, path = "/api/data/{set}/fetch", tag = "data", params(("set" = String, Path)),
    responses((status = 202, body = DataSet), (status = 404, description = "unknown_data"), (status = 409, description = "data_unpublished"))
)]
async fn fetch(State(app): State<AppState>, Path(set): Path<String>) -> Result<(StatusCode, Json<DataSet>), ApiError> {
    let set = sets::find(&set).ok_or_else(|| ApiError::not_found("unknown_data", "There is no such data set."))?;
    if set.mirrors.is_empty() {
        let text =
            format!("Nobody publishes `{}` for download: `kindling data fetch {0}` says where it belongs.", set.name);
        return Err(ApiError::new(StatusCode::CONFLICT, "data_unpublished", text));
    }
    let library = app.library.clone();
    // It goes on when whoever asked is gone; when the server ends, what arrived stays for the next try.
    tokio::task::spawn_blocking(move || {
        let mirrors: Vec<String> = set.mirrors.iter().map(ToString::to_string).collect();
        match library.fetch(set, &mirrors, &mut |_| ()) {
            Ok(()) => tracing::info!(set = set.name, "the data set is here"),
            Err(error) => tracing::warn!(set = set.name, "{error}"),
        }
    });
    let library = app.library.clone();
    Ok((StatusCode::ACCEPTED, Json(blocking(move || library.describe(set)).await?)))
}

pub(super) async fn describe_all(app: &AppState) -> Result<Vec<DataSet>, ApiError> {
    let library: Arc<Library> = app.library.clone();
    blocking(move || SETS.iter().map(|set| library.describe(set)).collect()).await
}

/// Reads and inflates on a thread that may block, a piece at a time: a set is larger than the server should be.
fn pieces(mut reader: Box<dyn std::io::Read + Send>) -> Body {
    let (sender, receiver) = tokio::sync::mpsc::channel::<std::io::Result<Vec<u8>>>(2);
    tokio::task::spawn_blocking(move || {
        loop {
            let mut piece = vec![0; 256 << 10];
            let read = reader.read(&mut piece);
            let done = !matches!(read, Ok(1..));
            let piece = read.map(|count| {
                piece.truncate(count);
                piece
            });
            // Whoever asked may be gone.
            if sender.blocking_send(piece).is_err() || done {
                return;
            }
        }
    });
    Body::from_stream(tokio_stream::wrappers::ReceiverStream::new(receiver))
}

/// Reading and hashing files takes as long as the disk takes.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, ApiError> {
    tokio::task::spawn_blocking(work).await.map_err(ApiError::internal)
}

impl From<PartError> for ApiError {
    fn from(error: PartError) -> Self {
        let message = match &error {
            // The folder is the business of whoever reads the log.
            PartError::Damaged { set, file, detail } => {
                let name = file.file_name().unwrap_or_default().to_string_lossy();
                format!(
                    "The file {name} of the data set `{set}` is damaged: {detail}. `kindling data fetch {set}` brings it anew."
                )
            }
            PartError::Missing { set } => {
                format!("The data set `{set}` is not on this server. `kindling data fetch {set}` brings it.")
            }
            PartError::Unreadable { .. } => return ApiError::internal(error),
        };
        match error {
            PartError::Missing { .. } => ApiError::not_found("data_missing", message),
            _ => ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "data_damaged", message),
        }
    }
}
