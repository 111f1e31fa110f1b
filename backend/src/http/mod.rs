//! The page and the API over HTTP.
//!
//! - [`access`]: the one way to add a route.
//! - [`envelope`]: what every answer gets: a request id, the error shape, headers.
//! - [`guard`]: requests that another site made a browser send.
//! - [`listen`]: connections, and their end.
//! - [`encoding`], [`range`]: which form of a body, and which part of it, a client wants.
//! - [`info`], [`data`], [`runs`], [`models`], [`blobs`]: the API, an area each.
//! - [`openapi`]: its description.
//! - [`assets`]: everything else: the page and its files.

pub mod access;
mod assets;
mod blobs;
mod data;
mod encoding;
mod envelope;
mod guard;
mod info;
pub mod listen;
mod models;
mod openapi;
mod range;
mod runs;

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn;
use tokio_util::sync::CancellationToken;

use crate::data::Library;
use crate::registry::Registry;
use crate::runs::Runs;
use crate::store::Store;
use access::Routes;

/// What handlers work with.
pub struct App {
    pub store: Store,
    pub library: Arc<Library>,
    pub runs: Runs,
    pub registry: Registry,
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
    let routes = data::routes(routes);
    let routes = runs::routes(routes);
    let routes = models::routes(routes);
    blobs::routes(routes)
}

#[cfg(test)]
mod tests;
