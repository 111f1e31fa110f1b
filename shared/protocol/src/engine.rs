//! Messages between the page and the engine worker, and between the server and its worker process.
//!
//! In the browser a message is `{json, buffers}`: the enum as JSON, and the `ArrayBuffer`s it speaks of,
//! which are transferred and not copied. A variant that comes with buffers says which.

use serde::{Deserialize, Serialize};

use crate::event::{Event, FailureCode};
use crate::input::{Answer, ModelInput, Picture, Preparation};
use crate::knob::KnobValue;
use crate::lab::{Cost, LabSpec};
use crate::model::{Manifest, ModelError};
use crate::predictions::Predictions;
use crate::run::RunConfig;
use crate::table::TableSummary;
use crate::text::Text;

/// What the person at the run bar asks of a run that goes on. Also a line on the worker process's stdin.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "control", rename_all = "snake_case")]
pub enum Control {
    Pause,
    Resume,
    /// Go on for this many steps, then pause.
    Step {
        steps: u64,
    },
    /// Write a checkpoint and end.
    Stop,
    /// Turn a live knob.
    Set {
        knob: String,
        value: KnobValue,
    },
    /// Write a checkpoint now.
    Checkpoint,
}

/// From the page to the engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum ToEngine {
    /// What would this run take? Answered by [`FromEngine::Cost`].
    Estimate {
        id: u64,
        config: RunConfig,
    },
    /// Run the kernel checks and compare with the CPU. Answered by [`FromEngine::Check`]s and one `SelfTestDone`.
    SelfTest,
    /// Start a run, or go on with one. Buffer: the checkpoint, if there is one; a run that was cut off before its
    /// first has `resumed_at` 0 and begins again.
    Start {
        config: RunConfig,
        resumed_at: Option<u64>,
        done_ms: u64,
        last_seq: u64,
    },
    Control(Control),
    /// The bytes of a data part that [`FromEngine::NeedData`] asked for. Buffer: the bytes, unless `fault`.
    Data {
        part: String,
        fault: Option<DataFault>,
    },
    /// Use these weights under `slot`. Buffers: the weights, the parity file.
    LoadModel {
        id: u64,
        slot: String,
        manifest: Box<Manifest>,
        file: usize,
    },
    /// Ask the model in `slot`. Of several predictions waiting only the newest is computed.
    Predict {
        id: u64,
        slot: String,
        input: ModelInput,
        preparation: Preparation,
    },
    /// Have a lab look at a drawing with the model in `slot`. Answered by [`FromEngine::Looked`].
    Look {
        id: u64,
        /// The lab, with knobs of its examination.
        config: RunConfig,
        slot: String,
        input: ModelInput,
        preparation: Preparation,
    },
    /// An example from a lab's data, chosen by `seed`. Answered by [`FromEngine::Sample`].
    Sample {
        id: u64,
        lab: String,
        seed: u64,
    },
    /// Examples by index of the test set of this run, as its confusion matrix names them. Answered by
    /// [`FromEngine::Samples`].
    Samples {
        id: u64,
        config: RunConfig,
        indices: Vec<u32>,
    },
    /// The weights of the run as they are now. Answered by [`FromEngine::Model`].
    Snapshot {
        id: u64,
    },
    /// What does the model in `slot` say of the test set of its lab? Answered by [`FromEngine::Examined`].
    Examine {
        id: u64,
        slot: String,
    },
    /// What is in this table? Buffer: the file. Answered by [`FromEngine::Inspected`].
    Inspect {
        id: u64,
    },
    /// For tests: make this happen, to see that it is noticed.
    Inject {
        fault: Injection,
    },
}

/// Data parts that begin so are what an earlier run left, and in this browser or nowhere.
pub const REMEMBERED: &str = "remembered/";

/// From the engine to the page. Its tag is not `type`: that is the tag of the [`Event`]s it carries.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "message", rename_all = "snake_case")]
pub enum FromEngine {
    /// The first message: the engine runs. `device` is `CPU (wasm SIMD)` or the adapter's name.
    Ready {
        protocol: u32,
        gpu: bool,
        device: String,
        labs: Vec<LabSpec>,
    },
    Cost {
        id: u64,
        result: Result<Cost, String>,
    },
    Check(Check),
    SelfTestDone {
        passed: bool,
        adapter: Option<String>,
        problem: Option<String>,
    },
    NeedData {
        part: String,
    },
    Event(Event),
    /// Leave this to later runs in this browser. They ask for it as the part [`REMEMBERED`] and its name. Buffer: the bytes.
    Remember {
        name: String,
    },
    /// Buffer: the whole checkpoint, one atomic set.
    Checkpoint {
        step: u64,
        at_ms: u64,
        seq: u64,
    },
    /// `parity`: the greatest difference of any logit on the parity inputs.
    ModelLoaded {
        id: u64,
        slot: String,
        result: Result<f32, ModelError>,
    },
    Prediction {
        id: u64,
        slot: String,
        result: Result<Answer, String>,
    },
    Looked {
        id: u64,
        result: Result<Looked, Text>,
    },
    Sample {
        id: u64,
        result: Result<(Picture, String), String>,
    },
    Samples {
        id: u64,
        result: Result<Vec<Picture>, String>,
    },
    /// Or, in both languages, why its test set is of no use.
    Examined {
        id: u64,
        result: Result<Predictions, Text>,
    },
    /// Or, in both languages, what is wrong with it and where.
    Inspected {
        id: u64,
        result: Result<TableSummary, Text>,
    },
    /// Buffers: the weights as f32 safetensors, the parity file. Without buffers: no run has a model yet.
    Model {
        id: u64,
        manifest: Option<Box<Manifest>>,
    },
    /// The engine can't go on, run or no run. The page ends the worker.
    Broken {
        code: FailureCode,
        detail: String,
    },
}

/// What a lab saw in a drawing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Looked {
    /// The lab's panels, and a note that says in a sentence what came of it. None of an empty pad.
    pub events: Vec<Event>,
    /// Milliseconds spent on preparing and computing, measured where it ran.
    pub took_ms: f64,
}

/// Why the page has no bytes for the engine.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "fault", rename_all = "snake_case")]
pub enum DataFault {
    /// Not here: no server, or a server without this data. A lab uses its generated stand-in and says so.
    Missing,
    Damaged {
        detail: String,
    },
}

/// One kernel, computed on this device and on the CPU.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Check {
    pub name: String,
    pub shape: String,
    /// Greatest difference over the greatest value of the reference.
    pub difference: f64,
    pub tolerance: f64,
    pub passed: bool,
    /// Milliseconds, the median of a few runs, on this device and on the CPU.
    pub device_ms: f64,
    pub cpu_ms: f64,
    pub problem: Option<String>,
}

/// Faults that tests bring about, each in the place where the real one would come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Injection {
    /// Hand the device a shader module that does not compile.
    RejectedShader,
    /// Cause a validation error outside any error scope.
    UncapturedError,
    /// Destroy the device.
    LoseDevice,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::EventBody;

    #[test]
    fn an_injected_fault_survives_the_way_to_the_engine() {
        let message = ToEngine::Inject { fault: Injection::LoseDevice };
        let json = serde_json::to_string(&message).unwrap();
        assert_eq!(serde_json::from_str::<ToEngine>(&json).unwrap(), message);
    }

    #[test]
    fn an_event_survives_the_way_to_the_page() {
        let message = FromEngine::Event(Event { seq: 1, at_ms: 2, body: EventBody::Stopped { step: 3 } });
        let json = serde_json::to_string(&message).unwrap();
        assert_eq!(serde_json::from_str::<FromEngine>(&json).unwrap(), message);
    }
}
