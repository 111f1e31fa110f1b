//! Words of a lab's look at the learner's own drawing.

use super::{Language, Text, text};

pub static TITLE: Text = text("On your own drawing", "用你自己写的数字试试");
pub static EMPTY: Text = text(
    "Write a digit, or take a test digit with the dice. Nothing needs to be trained first.",
    "写一个数字，或用骰子取一个测试数字。无需先训练。",
);
pub static COMPUTING: Text = text("Computing …", "正在计算……");

pub fn took(language: Language, model: &str, ms: f64) -> String {
    match language {
        Language::En => format!("{model} · {ms:.0} ms"),
        Language::Zh => format!("{model} · {ms:.0} 毫秒"),
    }
}
