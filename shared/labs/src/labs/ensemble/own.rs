//! What the goals can say on a table of the learner's own.

use kindling_protocol::text::{Text, text};

/// The members' mean loss. Of less, more than a tenth would have to be gained.
const LOSS: f64 = 0.2;

/// Why the goal of the vote is not judged: of six tables with three seeds each, five tables had a seed with no gain.
pub const VOTE: Text = text(
    "Accuracy promises nothing: the best of all members, chosen in view of the test set, may be as good as the vote. On a table of your own the goal of the vote is not judged.",
    "准确率没有任何保证：看着测试集挑出的最好成员，可能与投票一样好。因此在你自己的表格上不评判投票这一目标。",
);

/// Why the goal of the loss is not judged, if there is hardly any to gain.
pub fn undecided(mean_loss: f64) -> Option<Text> {
    let en = format!(
        "The members' mean loss is {mean_loss:.3}. Of less than {LOSS} there is hardly anything to gain, so the goal of the loss is not judged."
    );
    let zh = format!("成员损失的均值为 {mean_loss:.3}。低于 {LOSS} 时已几乎没有下降余地，因此不评判损失这一目标。");
    (mean_loss < LOSS).then(|| Text { en: en.into(), zh: zh.into() })
}
