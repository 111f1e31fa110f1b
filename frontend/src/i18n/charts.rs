//! Words of charts.

use kindling_protocol::text::{Language, Text, text};

pub static STEP: Text = text("Step", "步");
pub static EPOCH: Text = text("Epoch", "轮");
pub static TIME: Text = text("Time", "时间");
pub static X_AXIS: Text = text("Horizontal axis", "横轴");
pub static SMOOTHING: Text = text("Smoothing", "平滑");
pub static LOG_AXIS: Text = text("Log axis", "对数轴");
pub static RESET_ZOOM: Text = text("Show all", "显示全部");
pub static SHOW_ALL_LINES: Text = text("Show all lines", "显示全部曲线");
pub static CHART_EMPTY: Text =
    text("The curve appears here once the run takes its first steps.", "运行开始后，曲线会出现在这里。");
pub static CHART_HELP: Text = text(
    "Left and right arrows move the cross-hair, plus and minus zoom, Escape shows all.",
    "左右方向键移动十字线，加减号缩放，Esc 显示全部。",
);
pub static CHART_TABLE: Text = text("As a table", "以表格显示");
pub static CHART_SAVE: Text = text("Save", "保存");
pub static CHART_MARKS: Text = text("Marks", "标记");
pub static VALUE_MISSING: Text = text("none", "无");
pub static CHART_LOSS: Text = text("Loss", "损失");
pub static CHART_ACCURACY: Text = text("Accuracy", "准确率");
pub static CHART_RATES: Text = text("Recall and precision", "召回率与精确率");
pub static CHART_ERRORS: Text = text("False alarms", "误报率");
pub static CHART_SPREAD: Text = text("Spread of the features", "特征的分散程度");
pub static CHART_DIFFERENCE: Text = text("Difference of the weights", "权重差");
pub static CHART_REWARD: Text = text("Reward", "奖励");
pub static CHART_LEARNING_RATE: Text = text("Learning rate", "学习率");
pub static CHART_GRADIENT: Text = text("Gradient", "梯度");

/// What a chart is called. Its id is what series share; an id without a name of its own is shown as it is.
pub fn chart_title(id: &str) -> Option<&'static Text> {
    match id {
        "loss" => Some(&CHART_LOSS),
        "accuracy" => Some(&CHART_ACCURACY),
        "rates" => Some(&CHART_RATES),
        "errors" => Some(&CHART_ERRORS),
        "spread" => Some(&CHART_SPREAD),
        "difference" => Some(&CHART_DIFFERENCE),
        "reward" => Some(&CHART_REWARD),
        "lr" | "learning-rate" => Some(&CHART_LEARNING_RATE),
        "gradient" => Some(&CHART_GRADIENT),
        _ => None,
    }
}

pub fn zoomed(language: Language, from: &str, to: &str) -> String {
    match language {
        Language::En => format!("Showing {from} to {to}"),
        Language::Zh => format!("显示 {from} 到 {to}"),
    }
}
