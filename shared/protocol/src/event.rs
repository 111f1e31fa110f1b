//! What a run says while it goes on. A run is its events: whoever has them can draw it again.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::chart::{Chart, Heatmap};
use crate::model::Manifest;
use crate::predictions::Predictions;
use crate::text::{Language, Text};

/// One event. The host stamps it; the lab knows neither the clock nor the number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Event {
    /// Counts up from 1 without a gap. The SSE id, and where a replay goes on.
    pub seq: u64,
    /// Milliseconds of running when it was emitted, pauses and time cut off left out.
    pub at_ms: u64,
    #[serde(flatten)]
    pub body: EventBody,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(tag = "type", rename_all = "snake_case")]
pub enum EventBody {
    /// The first event of a run and of every resumption of it. Events are never taken back, so a reader who sees
    /// `resumed_at` forgets points and marks of later steps: they are told again.
    Started {
        device: String,
        resumed_at: Option<u64>,
    },
    /// Points of several series at one step. Many values in one event keep long runs small. All finite:
    /// JSON has no other numbers.
    Points {
        step: u64,
        epoch: f64,
        values: BTreeMap<String, f64>,
    },
    Progress(Progress),
    /// A matrix of counts. `samples[row][column]` names pictures to open: indices into the test set. Where there are no
    /// pictures, `examples` has rows of a table.
    Matrix {
        id: String,
        labels: Vec<String>,
        counts: Vec<Vec<u64>>,
        samples: Vec<Vec<Vec<u32>>>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        examples: Option<Examples>,
    },
    Images(ImageGrid),
    Chart(Chart),
    Heatmap(Heatmap),
    Predictions(Predictions),
    Table {
        id: String,
        columns: Vec<Text>,
        rows: Vec<Vec<Cell>>,
    },
    /// Text a model wrote or reads.
    Passage {
        id: String,
        text: String,
    },
    /// A file that the run wrote, for whoever wants to keep it.
    File {
        id: String,
        name: String,
        /// Base64.
        bytes: String,
    },
    Audio {
        id: String,
        sample_rate: u32,
        samples: Vec<f32>,
    },
    /// The state of an environment at one moment, for drawing.
    Frame {
        id: String,
        state: Vec<f32>,
    },
    /// Something that happened at this step and belongs on the curve: a knob changed, a pause.
    Mark {
        step: u64,
        text: Text,
    },
    /// Something a reader should know: which data served, what was skipped.
    Note {
        text: Text,
    },
    /// A checkpoint is written and verifies.
    Checkpoint {
        step: u64,
        bytes: u64,
    },
    /// The figures the run came to, by name: what goals are judged by.
    Report {
        figures: BTreeMap<String, f64>,
        model: Option<Box<Manifest>>,
    },
    /// The run ended before its end, by request.
    Stopped {
        step: u64,
    },
    /// The run can't go on. `code` is stable, `text` says what happened and what helps, `detail` what was found beneath
    /// it, in a program's words.
    Failed {
        code: FailureCode,
        text: Text,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        detail: Option<String>,
    },
    /// What another version said and this one has no word for. A stored run is read all the same.
    #[serde(other)]
    Unknown,
}

/// How far a run is. A lab fills the first four; the host, which has a clock, the rest.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Progress {
    pub step: u64,
    pub steps: u64,
    pub epoch: f64,
    /// Training samples seen so far.
    pub samples: u64,
    #[serde(default)]
    pub samples_per_s: Option<f64>,
    #[serde(default)]
    pub left_s: Option<f64>,
}

/// Small pictures in a grid, one byte a value.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ImageGrid {
    pub id: String,
    pub height: u32,
    pub width: u32,
    /// 1 (grey; 0 is no ink) or 3 (RGB).
    pub channels: u32,
    /// `count * height * width * channels` bytes, base64: events are JSON, and numbers would take four times as much.
    pub pixels: String,
    /// One caption a picture, or none.
    pub captions: Vec<Caption>,
    /// What stands above each column; the pictures come row by row. None: they stand as they find room.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub columns: Vec<Text>,
    /// Values are signed: 128 is zero, drawn in two colours (weights).
    #[serde(default)]
    pub signed: bool,
}

/// A field of a table: a number, a name or a formula that is the same in every language, or a name in each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(untagged)]
pub enum Cell {
    Plain(String),
    Named(Text),
}

impl Cell {
    pub fn get(&self, language: Language) -> &str {
        match self {
            Cell::Plain(plain) => plain,
            Cell::Named(text) => text.get(language),
        }
    }
}

impl From<String> for Cell {
    fn from(plain: String) -> Self {
        Cell::Plain(plain)
    }
}

impl From<Text> for Cell {
    fn from(text: Text) -> Self {
        Cell::Named(text)
    }
}

/// Samples behind the cells of a matrix, told in a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Examples {
    pub columns: Vec<Text>,
    pub rows: Vec<Example>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Example {
    /// The cell: row and column.
    pub cell: [u32; 2],
    pub values: Vec<Cell>,
}

/// What stands under a picture.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Caption {
    /// Index in the set the picture comes from.
    pub index: u32,
    pub label: Option<String>,
    pub predicted: Option<String>,
    pub confidence: Option<f32>,
}

/// Why a run failed. Stable: pages and scripts match on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum FailureCode {
    /// Loss or weights are not numbers any more.
    NotANumber,
    /// Data could not be read, or is not what it should be.
    Data,
    /// A checkpoint does not fit this run.
    Checkpoint,
    /// The browser rejected a shader; results would be wrong from here on.
    ShaderRejected,
    /// The GPU reported an error that nobody caught.
    GpuError,
    /// The GPU device was lost.
    DeviceLost,
    OutOfMemory,
    /// The process or worker that ran it ended without a word.
    Crashed,
    /// A fault of the program.
    Internal,
}

impl EventBody {
    /// No event of the run follows this one, unless it is resumed.
    pub fn is_last(&self) -> bool {
        matches!(self, EventBody::Report { .. } | EventBody::Stopped { .. } | EventBody::Failed { .. })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_one_flat_object() {
        let body = EventBody::Points { step: 10, epoch: 0.5, values: [("train-loss".to_string(), 0.25)].into() };
        let event = Event { seq: 3, at_ms: 120, body };
        let json = serde_json::to_string(&event).unwrap();
        assert_eq!(json, r#"{"seq":3,"at_ms":120,"type":"points","step":10,"epoch":0.5,"values":{"train-loss":0.25}}"#);
        assert_eq!(serde_json::from_str::<Event>(&json).unwrap(), event);
    }

    #[test]
    fn an_event_of_another_version_is_passed_over() {
        let json = r#"{"seq":4,"at_ms":130,"type":"scatter","id":"map","points":[[0.5,1.0]],"classes":[3]}"#;
        assert_eq!(
            serde_json::from_str::<Event>(json).unwrap(),
            Event { seq: 4, at_ms: 130, body: EventBody::Unknown }
        );
    }

    #[test]
    fn pictures_that_were_stored_without_columns_are_read() {
        let json = r#"{"id":"first-layer","height":1,"width":1,"channels":1,"pixels":"AA==","captions":[]}"#;
        let grid: ImageGrid = serde_json::from_str(json).unwrap();
        assert!(grid.columns.is_empty() && !serde_json::to_string(&grid).unwrap().contains("columns"));
    }

    #[test]
    fn a_field_is_a_plain_string_or_a_name_in_each_language() {
        // A run that was stored before fields had languages has plain strings alone.
        let rows: Vec<Cell> = serde_json::from_str(r#"["0.97", {"en": "recall", "zh": "召回率"}]"#).unwrap();
        assert_eq!(rows, [Cell::from("0.97".to_string()), Cell::from(crate::text::text("recall", "召回率"))]);
        assert_eq!(rows.iter().map(|cell| cell.get(Language::Zh)).collect::<Vec<_>>(), ["0.97", "召回率"]);
        assert_eq!(serde_json::to_string(&rows).unwrap(), r#"["0.97",{"en":"recall","zh":"召回率"}]"#);
    }
}
