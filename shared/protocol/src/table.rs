//! What was read from a table of the learner's own, told before a run.

use serde::{Deserialize, Serialize};

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TableSummary {
    pub rows: u64,
    pub columns: Vec<ColumnSummary>,
    /// The column that is predicted unless another is chosen, and its classes.
    pub label: u64,
    pub classes: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnSummary {
    pub name: String,
    pub kind: ColumnKind,
    pub missing: u64,
    /// The first cell that holds something.
    pub example: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    Number,
    Category {
        levels: u64,
    },
    /// Constant, empty, or different in nearly every row: nothing is learnt from it.
    Unused,
}
