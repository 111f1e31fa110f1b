//! Words of the page of models.

use kindling_protocol::text::{Language, Text, text};

pub static TITLE: Text = text("Models", "模型");
pub static LEAD: Text = text(
    "Trained weights with all that is needed to trust them: what made them, how good they are, and proof that they compute the same here.",
    "训练好的权重，以及信任它们所需的一切：由什么训练而来、有多准，以及在这里计算结果一致的证明。",
);
pub static IN_USE: Text = text("Answers on the pad", "正在画板上作答");
pub static SHIPPED: Text = text("Came with the page", "页面自带");
pub static FROM_SERVER: Text = text("On the server", "服务器上");
pub static OPEN: Text = text("Open here", "在这里打开");
pub static USE: Text = text("Use it", "使用它");
pub static TRY: Text = text("Try it on the pad", "到画板上试试");
pub static DOWNLOAD: Text = text("Download f32", "下载 f32");
pub static VERIFYING: Text = text("Verifying …", "正在校验……");
pub static SIZE: Text = text("Size", "大小");
pub static PARAMETERS: Text = text("Parameters", "参数量");
pub static ARCHITECTURE: Text = text("Architecture", "结构");
pub static MADE_BY: Text = text("Made by", "来源");
pub static PARITY: Text = text("Difference here", "此处的差异");
pub static HASH: Text = text("sha256", "sha256");
pub static PARITY_NOTE: Text = text(
    "The greatest difference of any logit between the trainer's machine and this browser, on 64 inputs kept for it.",
    "用专门保留的 64 个输入，比较训练机器与本浏览器的 logit，取最大差异。",
);
pub static REFUSED: Text = text("Not opened. The model before goes on answering.", "未能打开。仍由之前的模型作答。");
pub static EMPTY: Text = text("No model has been published yet", "还没有发布过模型");
pub static EMPTY_BODY: Text = text(
    "Train a lab, here or on the server, and press “Publish” when the run is done.",
    "在这里或服务器上训练一个实验，结束后点“发布”。",
);
pub static EMPTY_LINK: Text = text("Go to the labs", "去做实验");
pub static OFFLINE: Text = text("No server answers", "没有服务器应答");
pub static OFFLINE_BODY: Text = text(
    "The model that came with the page works without one. Published models appear here when the server is back.",
    "页面自带的模型不需要服务器。服务器恢复后，已发布的模型会出现在这里。",
);

/// `seed 7 of the lab digits`
pub fn made_by(language: Language, lab: &str, seed: u64, program: &str) -> String {
    match language {
        Language::En => format!("lab {lab}, seed {seed}, program {program}"),
        Language::Zh => format!("实验 {lab}，种子 {seed}，程序 {program}"),
    }
}

/// What was measured, of those that manifests name.
pub fn metric(language: Language, name: &str) -> String {
    let known = match name {
        "accuracy" => text("Accuracy", "准确率"),
        "loss" => text("Loss", "损失"),
        _ => return name.to_owned(),
    };
    known.get(language).to_owned()
}

/// The data a figure was measured on.
pub fn measured(language: Language, data: &str, count: u64) -> String {
    match language {
        Language::En => format!("{count} of {data}"),
        Language::Zh => format!("{data}，{count} 个样本"),
    }
}
