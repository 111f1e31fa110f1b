//! The only place that fetches: the HTTP API, and files the page was shipped with.
//!
//! A page can also be served by something that is no Kindling server (a folder of files). Then every
//! call under `/api` answers [`ApiError::Offline`], and the page does what it can without.

use gloo::net::http::{Request, RequestBuilder, Response};
use js_sys::Uint8Array;
use kindling_protocol::api::{
    DataSet, ErrorBody, ErrorDetail, ModelVersion, NewRun, PublishRun, RenameRun, RunInfo, ServerInfo, StepRun,
    TurnKnob,
};
use kindling_protocol::engine::Control;
use kindling_protocol::model::{Dtype, FileRef, Manifest, WeightsFile};
use kindling_protocol::text::{Text, text};
use serde::Serialize;
use serde::de::DeserializeOwned;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::RequestCache;

use crate::digest::Digest;
use crate::i18n::refusals;
use crate::runner::ModelFiles;
use crate::trouble::Trouble;

/// Why a call came to nothing.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum ApiError {
    #[error("no Kindling server answers here")]
    Offline,
    #[error("{}", .0.message)]
    Refused(ErrorDetail),
    #[error("the answer is not understood: {0}")]
    Unreadable(String),
    #[error("{url} has {got} bytes, expected {expected}")]
    WrongLength { url: String, expected: u64, got: u64 },
    #[error("{url} is damaged: its sha256 is {got}, expected {expected}")]
    WrongHash { url: String, expected: String, got: String },
}

impl ApiError {
    /// For people. The server speaks English: what it said is a detail elsewhere.
    pub fn trouble(&self) -> Trouble {
        match self {
            ApiError::Offline => text("No Kindling server answers here.", "此处没有 Kindling 服务器应答。").into(),
            ApiError::Refused(ErrorDetail { code, message, request_id }) => {
                let sentence = Text { en: message.clone().into(), zh: refusals::zh(code).into() };
                Trouble::new(sentence, format!("{message} ({code}, {request_id})"))
            }
            ApiError::Unreadable(detail) => {
                Trouble::new(text("The server's answer can't be read.", "无法读懂服务器的应答。"), detail)
            }
            ApiError::WrongLength { .. } | ApiError::WrongHash { .. } => {
                let sentence = text(
                    "The file arrived damaged and was not used. Try again.",
                    "文件在传输中损坏，未被使用。请重试。",
                );
                Trouble::new(sentence, self.to_string())
            }
        }
    }
}

/// Bytes so far, and in all where that is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Transfer {
    pub done: u64,
    pub total: Option<u64>,
}

pub async fn info() -> Result<ServerInfo, ApiError> {
    get("/api/info").await
}

pub async fn data_sets() -> Result<Vec<DataSet>, ApiError> {
    get("/api/data").await
}

/// The decompressed bytes of `set/part`. The browser undoes the gzip of the transfer.
pub async fn data_part(part: &str, file: &FileRef, progress: impl FnMut(Transfer)) -> Result<Uint8Array, ApiError> {
    verified(&format!("/api/data/{part}"), file, progress).await
}

/// A file of the registry by what it holds.
pub async fn blob(file: &FileRef, progress: impl FnMut(Transfer)) -> Result<Uint8Array, ApiError> {
    verified(&format!("/api/blobs/{}", file.sha256), file, progress).await
}

/// What was published. The shipped models came with the page; the server has them too, as version 0.
pub async fn models() -> Result<Vec<ModelVersion>, ApiError> {
    let mut versions: Vec<ModelVersion> = get("/api/models").await?;
    versions.retain(|version| version.version > 0);
    Ok(versions)
}

pub async fn runs() -> Result<Vec<RunInfo>, ApiError> {
    get("/api/runs").await
}

pub async fn run(id: &str) -> Result<RunInfo, ApiError> {
    get(&format!("/api/runs/{id}")).await
}

pub async fn start_run(new: &NewRun) -> Result<RunInfo, ApiError> {
    post("/api/runs", new).await
}

pub async fn rename_run(id: &str, name: &str) -> Result<RunInfo, ApiError> {
    let builder = Request::patch(&format!("/api/runs/{id}"));
    json(send(builder, Some(&RenameRun { name: name.into() })).await?).await
}

pub async fn delete_run(id: &str) -> Result<(), ApiError> {
    send(Request::delete(&format!("/api/runs/{id}")), None::<&()>).await.map(drop)
}

/// Asks something of a run that goes on.
pub async fn control_run(id: &str, control: &Control) -> Result<(), ApiError> {
    let verb = match control {
        Control::Set { knob, value } => {
            let body = TurnKnob { knob: knob.clone(), value: value.clone() };
            return send(Request::post(&format!("/api/runs/{id}/knobs")), Some(&body)).await.map(drop);
        }
        Control::Pause => "pause",
        Control::Resume => "resume",
        Control::Step { steps } => {
            let body = StepRun { steps: *steps };
            return send(Request::post(&format!("/api/runs/{id}/step")), Some(&body)).await.map(drop);
        }
        Control::Stop => "stop",
        Control::Checkpoint => "checkpoint",
    };
    send(Request::post(&format!("/api/runs/{id}/{verb}")), None::<&()>).await.map(drop)
}

/// The weights of a run on the server as they are; `None` before it has some.
pub async fn run_model(id: &str) -> Result<Option<ModelFiles>, ApiError> {
    let manifest: Manifest = match get(&format!("/api/runs/{id}/model")).await {
        Err(ApiError::Refused(detail)) if detail.code == "no_weights" => return Ok(None),
        manifest => manifest?,
    };
    let file = manifest.weights.iter().find(|file| file.dtype == Dtype::F32).or(manifest.weights.first());
    let WeightsFile { dtype, file } = file.cloned().ok_or(ApiError::Unreadable("a model without weights".into()))?;
    let fetch = async |file: &FileRef| verified(&format!("/api/runs/{id}/model/{}", file.sha256), file, |_| ()).await;
    let (weights, parity) = futures::join!(fetch(&file), fetch(&manifest.parity));
    Ok(Some(ModelFiles { weights: weights?.to_vec(), parity: parity?.to_vec(), dtype, manifest }))
}

/// Asks the server to fetch a data set from its public mirrors; [`data_sets`] tells how far it is.
pub async fn fetch_data(set: &str) -> Result<DataSet, ApiError> {
    json(send(Request::post(&format!("/api/data/{set}/fetch")), None::<&()>).await?).await
}

/// Makes the run's weights a version of the model `name`.
pub async fn publish_run(id: &str, name: &str) -> Result<ModelVersion, ApiError> {
    post(&format!("/api/runs/{id}/publish"), &PublishRun { name: name.into() }).await
}

/// Where a run's events come from, with replay.
pub fn events_url(id: &str, after: u64) -> String {
    format!("/api/runs/{id}/events?after={after}")
}

/// Makes weights trained in this browser a version of the model `name`. The server checks all of it again.
pub async fn publish_model(name: &str, files: &ModelFiles) -> Result<ModelVersion, ApiError> {
    let mut manifest = files.manifest.clone();
    manifest.name = name.into();
    manifest.weights.retain(|file| file.dtype == files.dtype);
    let weights = manifest.weights.first().map(|file| file.file.sha256.clone()).unwrap_or_default();
    put_blob(&weights, &files.weights).await?;
    put_blob(&manifest.parity.sha256, &files.parity).await?;
    post("/api/models", &manifest).await
}

async fn put_blob(sha256: &str, bytes: &[u8]) -> Result<(), ApiError> {
    let unreadable = |error: gloo::net::Error| ApiError::Unreadable(error.to_string());
    let request = Request::put(&format!("/api/blobs/{sha256}")).header("content-type", "application/octet-stream");
    answered(request.body(Uint8Array::from(bytes)).map_err(unreadable)?).await.map(drop)
}

/// A JSON file the page was shipped with.
pub async fn shipped_json<T: DeserializeOwned>(url: &str) -> Result<T, ApiError> {
    get(url).await
}

/// A file of known length and hash from `url`; the hash is verified before anyone sees a byte. The bytes stay the
/// browser's: copying a data set through the page's memory would make the page stand still.
pub async fn verified(url: &str, file: &FileRef, mut progress: impl FnMut(Transfer)) -> Result<Uint8Array, ApiError> {
    match checked(Request::get(url), url, file, &mut progress).await {
        // The browser may have kept a damaged copy, and would give it out for as long as it may keep it.
        Err(ApiError::WrongLength { .. } | ApiError::WrongHash { .. }) => {
            checked(Request::get(url).cache(RequestCache::Reload), url, file, &mut progress).await
        }
        outcome => outcome,
    }
}

async fn checked(
    request: RequestBuilder,
    url: &str,
    file: &FileRef,
    progress: impl FnMut(Transfer),
) -> Result<Uint8Array, ApiError> {
    let (bytes, got) = read(url, send(request, None::<&()>).await?, file.bytes, progress).await?;
    if got != file.sha256 {
        return Err(ApiError::WrongHash { url: url.into(), expected: file.sha256.clone(), got });
    }
    Ok(bytes)
}

async fn get<T: DeserializeOwned>(url: &str) -> Result<T, ApiError> {
    json(send(Request::get(url), None::<&()>).await?).await
}

async fn post<T: DeserializeOwned>(url: &str, body: &impl Serialize) -> Result<T, ApiError> {
    json(send(Request::post(url), Some(body)).await?).await
}

async fn send(builder: RequestBuilder, body: Option<&impl Serialize>) -> Result<Response, ApiError> {
    answered(match body {
        Some(body) => builder.json(body).map_err(unreadable)?,
        None => builder.build().map_err(unreadable)?,
    })
    .await
}

/// Sends, and turns everything but a success into an error. A failure that does not speak our error
/// shape comes from something else than our server.
async fn answered(request: Request) -> Result<Response, ApiError> {
    let response = request.send().await.map_err(|_| ApiError::Offline)?;
    if response.ok() {
        return Ok(response);
    }
    match response.json::<ErrorBody>().await {
        Ok(body) => Err(ApiError::Refused(body.error)),
        Err(_) => Err(ApiError::Offline),
    }
}

fn unreadable(error: gloo::net::Error) -> ApiError {
    ApiError::Unreadable(error.to_string())
}

async fn json<T: DeserializeOwned>(response: Response) -> Result<T, ApiError> {
    // A folder of files may answer every path with its index page.
    let kind = response.headers().get("content-type").unwrap_or_default();
    if !kind.contains("json") {
        return Err(ApiError::Offline);
    }
    response.json().await.map_err(unreadable)
}

/// No file of ours is larger; a manifest that says so is not believed.
const LARGEST: u64 = 1 << 30;

/// Reads a body piece by piece, and answers it with its sha256. Gives up as soon as more comes than was announced.
async fn read(
    url: &str,
    response: Response,
    expected: u64,
    mut progress: impl FnMut(Transfer),
) -> Result<(Uint8Array, String), ApiError> {
    let unreadable = |error: JsValue| ApiError::Unreadable(format!("{error:?}"));
    let wrong_length = |got: u64| ApiError::WrongLength { url: url.into(), expected, got };
    let Some(body) = response.body().filter(|_| expected <= LARGEST) else { return Err(wrong_length(0)) };
    let reader: web_sys::ReadableStreamDefaultReader = body.get_reader().unchecked_into();
    let bytes = Uint8Array::new_with_length(expected as u32);
    let mut digest = Digest::default();
    let mut done = 0;
    // What breaks off on its way is told by its length.
    while let Ok(piece) = JsFuture::from(reader.read()).await {
        let value = js_sys::Reflect::get(&piece, &"value".into()).map_err(unreadable)?;
        if value.is_undefined() {
            break;
        }
        let chunk: Uint8Array = value.unchecked_into();
        let end = done + u64::from(chunk.length());
        if end > expected {
            drop(reader.cancel());
            return Err(wrong_length(end));
        }
        bytes.set(&chunk, done as u32);
        digest.add(&chunk);
        done = end;
        progress(Transfer { done, total: Some(expected) });
    }
    if done == expected { Ok((bytes, digest.hex())) } else { Err(wrong_length(done)) }
}
