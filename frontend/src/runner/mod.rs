//! Runs and predictions, wherever they are computed: in a worker of this tab or on the server.
//!
//! Pages see one thing: a [`RunHandle`] that tells its events from the first to the newest, whoever
//! sent them.
//!
//! - [`engine`]: one engine worker and the questions under way.
//! - [`pad`]: the worker that answers drawings, from the page's start to its end.
//! - [`handle`]: a run as pages see it.
//! - [`start`](mod@start): starting, resuming and opening runs; the runs table.
//! - [`events`](mod@events): all that a kept run has told.
//! - [`examine`](mod@examine): a model asked about the test set of its lab.
//! - [`browser`]: a run in a worker of this tab, kept in this browser.
//! - [`server`]: a run on the server, followed.
//! - [`gpu`]: is WebGPU here, and is it right? The self-test and its remembered outcome.
//! - [`data`]: what an engine asks for. [`held`]: locks a run holds. [`refused`]: why a model was not used.

mod browser;
mod data;
pub mod engine;
mod events;
mod examine;
pub mod gpu;
pub mod handle;
mod held;
pub mod pad;
mod refused;
mod server;
mod start;

pub use events::events;
pub use examine::{examine, examine_run};
pub use handle::{Listener, ModelFiles, RunHandle};
pub use start::{RunRow, StartError, active, delete, open, rename, resume, runs, start, unfinished};

/// The address of something the page was shipped with: the content of `<meta name="kindling:NAME">`.
/// `None` when this build was made without it.
pub fn shipped(name: &str) -> Option<String> {
    let selector = format!("meta[name='kindling:{name}']");
    let meta = leptos::prelude::document().query_selector(&selector).ok()??;
    meta.get_attribute("content").filter(|content| !content.is_empty())
}
