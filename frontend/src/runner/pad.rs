//! The worker that answers drawings. It lives as long as the page; training has workers of its own, so
//! a run never makes the pad wait.
//!
//! SIGNATURES: bodies follow.

use kindling_protocol::input::{Answer, ModelInput, Picture, Preparation};
use kindling_protocol::lab::{Cost, LabSpec};
use kindling_protocol::model::{Dtype, Manifest};
use kindling_protocol::run::RunConfig;
use kindling_protocol::text::Text;
use leptos::prelude::*;

use super::handle::ModelFiles;

/// In the page's context (`Pad::start()` then `provide_context`). Copy: every clone is the same pad.
#[derive(Clone, Copy)]
pub struct Pad {
    /// The engine runs: its device, and the labs compiled into it.
    pub ready: ReadSignal<Option<ReadyInfo>>,
    /// The newest answer. `version` counts up with each.
    pub answer: ReadSignal<Option<PadAnswer>>,
    /// The model that answers now. `None` until the shipped one is loaded.
    pub model: ReadSignal<Option<ModelInUse>>,
    /// Why the pad can't answer, if it can't.
    pub problem: ReadSignal<Option<Text>>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ReadyInfo {
    pub device: String,
    pub labs: Vec<LabSpec>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct PadAnswer {
    pub version: u64,
    pub answer: Answer,
    pub model_name: String,
    pub labels: Vec<String>,
    /// The device that computed it.
    pub engine: String,
    /// From the question to the answer, as the page saw it.
    pub ms: f64,
}

/// Where the model that answers comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// It came with the page.
    Shipped,
    /// A version from the server's registry.
    Registry { name: String, version: u32 },
    /// The run with this id, as it was at its newest snapshot.
    Run { id: String },
}

#[derive(Clone, Debug, PartialEq)]
pub struct ModelInUse {
    pub manifest: Manifest,
    pub dtype: Dtype,
    pub source: Source,
    /// The greatest difference of any logit on the parity inputs.
    pub parity: f32,
}

impl Pad {
    /// Starts the CPU engine and loads the shipped model.
    pub fn start() -> Self;
    /// Asks about `input`. Newest wins: at most one question is under way and one waits.
    pub fn predict(&self, input: ModelInput, preparation: Preparation);
    /// Verifies, loads and switches. The model before stays when this one is refused.
    pub async fn load(&self, files: ModelFiles, source: Source) -> Result<f32, Text>;
    /// Back to the model the page came with.
    pub async fn use_shipped(&self) -> Result<f32, Text>;
    /// Fetches a version from the registry (cached by hash), then [`Pad::load`]s it.
    pub async fn open_version(&self, version: &ModelVersion, progress: impl FnMut(Transfer)) -> Result<f32, Text>;
    /// An example of the lab's data and its label.
    pub async fn sample(&self, lab: &str, seed: u64) -> Result<(Picture, String), Text>;
    /// Test examples by index, as a confusion matrix names them.
    pub async fn samples(&self, lab: &str, indices: Vec<u32>) -> Result<Vec<Picture>, Text>;
    pub async fn estimate(&self, config: RunConfig) -> Result<Cost, Text>;
    /// The labs, empty until the engine is ready.
    pub fn labs(&self) -> Vec<LabSpec>;
    pub fn lab(&self, slug: &str) -> Option<LabSpec>;
}
