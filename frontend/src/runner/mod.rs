//! Runs and predictions, wherever they are computed: in a worker of this tab or on the server.
//!
//! Pages see one thing: a [`RunHandle`](handle::RunHandle) that tells its events from the first to the
//! newest, whoever sent them.
//!
//! - [`engine`]: one engine worker and the questions under way.
//! - [`pad`]: the worker that answers drawings, from the page's start to its end.
//! - [`handle`]: a run as pages see it.
//! - [`start`]: starting, resuming and opening runs; the runs table.
//! - [`browser`]: a run in a worker of this tab, kept in this browser.
//! - [`server`]: a run on the server, followed.
//! - [`gpu`]: is WebGPU here, and is it right? The self-test and its remembered outcome.

mod browser;
pub mod engine;
pub mod gpu;
pub mod handle;
pub mod pad;
mod server;
mod start;

pub use handle::{Listener, ModelFiles, RunHandle};
pub use start::{RunRow, StartError, active, delete, open, rename, resume, runs, start, unfinished};
