//! Starting, resuming and opening runs, and the table of all of them.
//!
//! SIGNATURES: bodies follow.

/// One row of the runs table.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRow {
    pub info: RunInfo,
    /// Cpu or Gpu: in this browser. Server: there.
    pub place: Place,
}

/// Why a run did not start.
#[derive(Clone, Debug, PartialEq)]
pub enum StartError {
    /// One run at a time: this one goes on in this tab.
    Busy { id: String },
    /// Another tab of this browser trains.
    OtherTab,
    /// WebGPU is not here or failed its self-test.
    Gpu(Text),
    Other(Text),
}

impl StartError { pub fn text(&self) -> Text; }

/// The run that goes on in this tab or is followed from the server, newest first; survives page changes.
pub fn active() -> ArcReadSignal<Option<RunHandle>>;
pub async fn start(config: RunConfig, place: Place, name: Option<String>) -> Result<RunHandle, StartError>;
/// From its newest checkpoint. A run in this browser goes on in a fresh worker; one on the server, there.
pub async fn resume(id: &str) -> Result<RunHandle, StartError>;
/// To look at: all events so far; follows it if it goes on.
pub async fn open(id: &str) -> Result<RunHandle, Text>;
/// Runs of this browser that were cut off by a reload and can be resumed.
pub async fn unfinished() -> Vec<RunRow>;
/// All runs of this browser and of the server, newest first.
pub async fn runs() -> Vec<RunRow>;
pub async fn rename(row: &RunRow, name: &str) -> Result<(), Text>;
pub async fn delete(row: &RunRow) -> Result<(), Text>;
