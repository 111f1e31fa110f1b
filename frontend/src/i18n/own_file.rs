//! Words about a file of the learner's own.

use kindling_protocol::text::{Language, Text, text};

use super::lab::grouped;

pub static CHOOSE: Text = text("Choose a file, or drop it here", "选择文件，或将其拖到这里");
pub static REMOVE: Text = text("Remove", "移除");
pub static READING: Text = text("Reading the file…", "正在读取文件…");
pub static GONE: Text =
    text("This file is not in this browser. Choose it again.", "此浏览器中没有这个文件，请重新选择。");
/// Above the file of before, where another one was refused.
pub static STILL: Text = text("The form still holds this one:", "表单中仍是这个文件：");
pub static UNREADABLE: Text = text("The file can't be read.", "无法读取该文件。");
pub static STAYS: Text = text("Your file stays in this browser.", "你的文件只保存在这个浏览器中。");
pub static COLUMN: Text = text("Column", "列");
pub static KIND: Text = text("Read as", "读作");
pub static MISSING: Text = text("Missing", "缺失");
pub static EXAMPLE: Text = text("Example", "示例");
pub static NUMBER: Text = text("number", "数值");
pub static UNUSED: Text = text("not used", "不使用");

pub fn category(language: Language, levels: u64) -> String {
    match language {
        Language::En => format!("{levels} categories"),
        Language::Zh => format!("{levels} 种类别"),
    }
}

/// How large a table is, and what is predicted.
pub fn summary(language: Language, rows: u64, columns: usize, label: &str, classes: &str) -> String {
    let rows = grouped(rows);
    match language {
        Language::En => {
            format!("{rows} rows, {columns} columns. Predicted unless you choose otherwise: {label} ({classes}).")
        }
        Language::Zh => format!("{rows} 行，{columns} 列。若不另选，预测目标为“{label}”（{classes}）。"),
    }
}

pub fn too_large(limit: &str) -> Text {
    Text {
        en: format!("The file is too large: at most {limit}.").into(),
        zh: format!("文件过大：最多 {limit}。").into(),
    }
}
