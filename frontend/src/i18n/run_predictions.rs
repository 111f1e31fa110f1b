//! Words about the predictions of a run that a lab takes.

use kindling_protocol::text::{Language, Text, text};

use super::lab::grouped;

pub static CHOOSE: Text = text("Choose a run or a model…", "选择一次运行或一个模型…");
pub static RUNS: Text = text("Runs", "运行");
pub static MODELS: Text = text("Models, asked about their test set now", "模型（现在就对其测试集作答）");
pub static NO_RUNS: Text = text(
    "No finished run has predictions yet. Train in one of these labs first:",
    "还没有带预测的已完成运行。请先在以下实验之一中训练：",
);
pub static OR_FILE: Text =
    text("Or a .json file of predictions: choose it, or drop it here", "或选择预测的 .json 文件，也可拖到这里");
pub static READING: Text = text("Reading the predictions…", "正在读取预测…");
pub static WITHOUT: Text = text(
    "This run has told no predictions, and no model of it is kept to ask. Run it again.",
    "该运行没有给出预测，也没有留下可供询问的模型。请重新运行。",
);
pub static GONE: Text =
    text("These predictions are not in this browser. Choose them again.", "此浏览器中没有这些预测，请重新选择。");
/// Why a run on them has no other place.
pub static STAY: Text =
    text("The predictions you chose are kept in this browser alone.", "所选的预测只保存在这个浏览器中。");

/// What a run is called where one is chosen.
pub fn option(name: &str, lab: &str, accuracy: Option<&str>, place: &str, when: &str) -> String {
    let accuracy = accuracy.map_or(String::new(), |accuracy| format!(" · {accuracy}"));
    format!("{name} · {lab}{accuracy} · {place} · {when}")
}

/// Two runs of one name mostly differ by their seeds.
pub fn of_seed(language: Language, name: &str, seed: u64) -> String {
    match language {
        Language::En => format!("{name}, seed {seed}"),
        Language::Zh => format!("{name}，种子 {seed}"),
    }
}

/// What predictions hold.
pub fn summary(language: Language, samples: u64, classes: usize, accuracy: &str) -> String {
    let samples = grouped(samples);
    match language {
        Language::En => format!("{samples} samples, {classes} classes, {accuracy} right."),
        Language::Zh => format!("{samples} 个样本，{classes} 个类别，正确率 {accuracy}。"),
    }
}
