//! What the server tells a worker process on the first line of its stdin.

use std::path::PathBuf;

use kindling_protocol::run::RunConfig;
use serde::{Deserialize, Serialize};

use super::folder::CheckpointHead;

/// One run, or the rest of one. Lines of [`Control`](kindling_protocol::engine::Control) follow it; the end
/// of stdin means that the server is gone or wants to go: the worker keeps a checkpoint and ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Job {
    pub config: RunConfig,
    pub device: String,
    /// The run's folder.
    pub folder: PathBuf,
    /// What runs leave to later ones.
    pub memory: PathBuf,
    /// Where data sets are.
    pub data_dir: PathBuf,
    /// The newest stored event. The worker's first one follows it.
    pub last_seq: u64,
    pub checkpoint_every_ms: u64,
    /// Where to go on; from the start when there is none.
    pub resume: Option<CheckpointHead>,
}
