//! What this browser keeps: runs with their events and checkpoints, and model and data files by hash.
//!
//! - [`db`]: the IndexedDB database and its one schema.
//! - [`runs`]: runs, events and checkpoints.
//! - [`files`]: bytes by sha256, verified again whenever they are read.
//! - [`spare`]: which of the files that can be made anew are dropped.
//! - [`quota`]: how much there is, and for how long.

pub mod db;
pub mod files;
pub mod quota;
pub mod runs;
pub mod spare;

use kindling_protocol::text::{Text, text};

use crate::trouble::Trouble;

/// Why something could not be kept or read.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum StoreError {
    #[error("this browser has no storage for pages here (a private window, or storage is blocked): {0}")]
    Unavailable(String),
    #[error("this browser's storage is full")]
    Full,
    #[error("there is no run `{0}` in this browser")]
    NoSuchRun(String),
    #[error("what was kept can't be read: {0}")]
    Damaged(String),
}

impl StoreError {
    pub fn trouble(&self) -> Trouble {
        match self {
            StoreError::Unavailable(detail) | StoreError::Damaged(detail) => Trouble::new(self.text(), detail),
            StoreError::Full | StoreError::NoSuchRun(_) => self.text().into(),
        }
    }

    pub fn text(&self) -> Text {
        match self {
            StoreError::Unavailable(_) => text(
                "This browser does not let the page keep anything (a private window, or storage is blocked). Runs will not survive a reload.",
                "浏览器不允许本页保存数据（无痕窗口或存储被禁用），刷新后运行会丢失。",
            ),
            StoreError::Full => text(
                "This browser's storage is full. Delete old runs to make room.",
                "浏览器存储空间已满，请删除旧的运行以腾出空间。",
            ),
            StoreError::NoSuchRun(_) => text("That run is not in this browser.", "此浏览器中没有该运行。"),
            StoreError::Damaged(_) => text("What was kept can't be read.", "已保存的内容无法读取。"),
        }
    }
}
