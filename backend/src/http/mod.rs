//! The page and the API over HTTP.
//!
//! - [`access`]: the one way to add a route.
//! - [`envelope`]: what every answer gets: a request id, the error shape, headers.
//! - [`guard`]: requests that another site made a browser send.
//! - [`listen`]: connections, and their end.
//! - [`info`], [`data`], [`runs`], [`models`], [`blobs`]: the API, an area each.
//! - [`openapi`]: its description.
//! - [`assets`]: everything else: the page and its files.

pub mod access;
mod assets;
mod data;
mod envelope;
mod guard;
mod info;
pub mod listen;
mod openapi;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn;
use kindling_protocol::api::ServerInfo;
use tokio_util::sync::CancellationToken;

use crate::data::Library;
use crate::runs::Runs;
use crate::store::Store;
use access::Routes;

/// What handlers work with.
pub struct App {
    pub store: Store,
    pub library: Arc<Library>,
    pub runs: Runs,
    /// Names of the devices that runs can ask for.
    pub devices: Vec<String>,
    /// Cancelled when the server is told to end: it is not ready any more.
    pub closing: CancellationToken,
}

pub type AppState = Arc<App>;

/// Everything the server answers, without a socket.
pub fn app(state: AppState) -> Router {
    let (router, document) = routes().into_parts();
    router
        .merge(openapi::router(document))
        .fallback(assets::page)
        .method_not_allowed_fallback(envelope::method_not_allowed)
        .layer(from_fn(guard::guard))
        .layer(from_fn(envelope::envelope))
        .with_state(state)
}

/// Every route there is, with who may use it.
fn routes() -> Routes {
    let routes = Routes::new(openapi::head());
    let routes = info::routes(routes);
    data::routes(routes)
}
