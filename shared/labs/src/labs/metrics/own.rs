//! Whether a table of the learner's own can decide the goal.

use kindling_protocol::text::Text;
use kindling_statistics::cost::Costs;
use kindling_statistics::curves::Ranking;

use super::problem::Judged;

/// The least possible cost in mistakes of the dearer kind. At the default costs breast cancer has at most two, where the
/// goal is luck, and mammography 19 to 23.
const ENOUGH: f64 = 20.0;

/// Why the goal is not judged, if one mistake more or less decides it.
pub fn undecided(test: &Judged, costs: Costs) -> Option<Text> {
    let dearer = costs.false_positive.max(costs.false_negative);
    let (_, least) = costs.cheapest(&Ranking::new(&test.truth, &test.scores));
    let mistakes = if dearer > 0.0 { least * test.truth.len() as f64 / dearer } else { 0.0 };
    let en = format!(
        "The least possible cost of the test set is that of {mistakes:.1} mistakes of the dearer kind. Of fewer than {ENOUGH} a few more or less decide, so the goal is not judged."
    );
    let zh = format!(
        "测试集上最低可能的代价相当于 {mistakes:.1} 次代价较高的错误。不足 {ENOUGH} 次时，多一两次错误就左右结果，因此不评判目标。"
    );
    (mistakes < ENOUGH).then(|| Text { en: en.into(), zh: zh.into() })
}
