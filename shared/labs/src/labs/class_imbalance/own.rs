//! The goal on a table of the learner's own: whether its rows can decide it, and whether it can be reached at all.

use kindling_protocol::text::{Text, text};

use super::rows::{Parts, counts};

/// Rare rows in the test part. Of fewer, each is more than five points of recall.
const ENOUGH: usize = 20;

/// Why the goal is not judged, if there are too few rare rows for it.
pub fn undecided(parts: &Parts) -> Option<Text> {
    let ([_, rare], name) = (counts(&parts.test.labels), &parts.classes[1]);
    let en = format!(
        "Rows of `{name}` in the test part: {rare}. Of fewer than {ENOUGH}, each is over five points of recall, so the goal is not judged."
    );
    let zh =
        format!("测试集中“{name}”只有 {rare} 行。不足 {ENOUGH} 行时，每行就占五个百分点以上的召回率，因此不评判目标。");
    (rare < ENOUGH).then(|| Text { en: en.into(), zh: zh.into() })
}

/// What nobody's threshold reaches.
pub const OUT_OF_REACH: Text = text(
    "With what this model says, no threshold reaches the goal. Another strategy or more training may; or your columns tell too little of the rare class, and then it is nobody's mistake.",
    "就这个模型的输出而言，任何阈值都达不到目标。换一种策略或多训练一些也许可以；也可能你的各列本来就说明不了稀有类，那就不是谁的错。",
);
