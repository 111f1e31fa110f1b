//! Words of the panel that shows what predictions are worth.

use super::{Language, Text, text};

pub static DAMAGED: Text = text("These predictions do not fit each other.", "这些预测数据互不匹配。");
pub static CLASS_AGAINST_REST: Text = text("Class, against the rest", "正类（其余为负类）");
pub static THRESHOLD: Text = text("Threshold: positive from this probability on", "阈值：概率达到此值即判为正类");
pub static THRESHOLD_SHORT: Text = text("Threshold", "阈值");

pub fn called_positive(language: Language, threshold: f64, called: u64) -> String {
    match language {
        Language::En => format!("{threshold:.3}, {called} called positive"),
        Language::Zh => format!("{threshold:.3}，判为正类 {called} 个"),
    }
}

/// What changes here and what does not; `threshold` is the run's own.
pub fn of_run(language: Language, threshold: Option<&str>) -> String {
    match (language, threshold) {
        (Language::En, Some(threshold)) => {
            format!(
                "The run decides at {threshold}. Changes here re-judge this panel alone: its goals and figures stay."
            )
        }
        (Language::En, None) => "Changes here re-judge this panel alone: the run's goals and figures stay.".into(),
        (Language::Zh, Some(threshold)) => {
            format!("本次运行的阈值为 {threshold}。这里的改动只重新评价本面板，运行的目标和指标不变。")
        }
        (Language::Zh, None) => "这里的改动只重新评价本面板，运行的目标和指标不变。".into(),
    }
}

// Curves.
pub static PRECISION_RECALL: Text = text("Precision and recall", "精确率–召回率曲线");
pub static ROC: Text = text("ROC curve", "ROC 曲线");
pub static CLASSIFIER: Text = text("This classifier", "本分类器");
pub static BASE_RATE: Text = text("Base rate", "正类占比");
pub static CHANCE: Text = text("Guessing", "随机猜测");
pub static FALSE_POSITIVE_RATE: Text = text("False positive rate", "假正率");
pub static TRUE_POSITIVE_RATE: Text = text("True positive rate (recall)", "真正率（召回率）");

pub fn average_precision(language: Language, average: &str, base: &str) -> String {
    match language {
        Language::En => format!("Average precision {average}. Guessing would give the base rate, {base}."),
        Language::Zh => format!("平均精度 (AP) {average}。随机猜测只能得到正类占比 {base}。"),
    }
}

pub fn area(language: Language, area: Option<&str>) -> String {
    match (language, area) {
        (Language::En, Some(area)) => {
            format!("Area under the curve {area}: how often a positive scores above a negative.")
        }
        (Language::Zh, Some(area)) => format!("曲线下面积 {area}：正样本得分高于负样本的概率。"),
        (Language::En, None) => "There is no area: only one of the two classes occurs.".into(),
        (Language::Zh, None) => "只出现了一个类别，没有曲线下面积。".into(),
    }
}

// The four cells and what is made of them.
pub static AT_THRESHOLD: Text = text("Confusion matrix at this threshold", "此阈值下的混淆矩阵");
pub static ABOVE_LINE: Text = text("above the line", "分子");
pub static BELOW_LINE: Text = text("only below it", "仅在分母");
pub static PRECISION: Text = text("Precision", "精确率");
pub static PRECISION_MEANS: Text =
    text("Of all that were called positive, the share that is.", "判为正类的样本中，真正属于正类的比例。");
pub static RECALL: Text = text("Recall", "召回率");
pub static RECALL_MEANS: Text = text(
    "Of all that are positive, the share that was found. Also called sensitivity or true positive rate.",
    "真实正类中被找出来的比例，也叫灵敏度或真正率。",
);
pub static SPECIFICITY: Text = text("Specificity", "特异度");
pub static SPECIFICITY_MEANS: Text =
    text("Of all that are negative, the share that was left alone.", "真实负类中没有被误报的比例。");
pub static F1: Text = text("F1", "F1");
pub static F1_MEANS: Text = text(
    "The harmonic mean of precision and recall: high only if both are. True negatives do not count.",
    "精确率与召回率的调和平均，两者都高才会高；不考虑真负样本。",
);
pub static ACCURACY: Text = text("Accuracy", "准确率");
pub static ACCURACY_MEANS: Text = text(
    "Of all samples, the share that was called rightly. Where one class is rare, calling none of it is nearly always right.",
    "所有样本中判断正确的比例。某一类很少见时，全都不判为该类也几乎总是“正确”。",
);
pub static BALANCED_ACCURACY: Text = text("Balanced accuracy", "平衡准确率");
pub static BALANCED_ACCURACY_MEANS: Text = text(
    "The mean of recall and specificity: both classes count the same, however rare one is. Guessing gives 50 %.",
    "召回率与特异度的平均：无论多少见，两个类别同等重要。随机猜测为 50%。",
);
pub static MATTHEWS: Text = text("Matthews correlation", "马修斯相关系数");
pub static MATTHEWS_MEANS: Text = text(
    "The correlation of truth and call, from −1 to 1. All four cells count; guessing gives 0.",
    "真实与判断之间的相关系数，取值 −1 到 1，四个格子都参与计算；随机猜测为 0。",
);

pub fn is_class(language: Language, class: &str) -> String {
    match language {
        Language::En => format!("“{class}”"),
        Language::Zh => format!("“{class}”"),
    }
}

pub fn is_not_class(language: Language, class: &str) -> String {
    match language {
        Language::En => format!("not “{class}”"),
        Language::Zh => format!("非“{class}”"),
    }
}

// Class by class.
pub static PER_CLASS: Text = text("Class by class, and in the mean", "各类别及平均");
pub static CALLED_BY_THRESHOLD: Text =
    text("Each sample is called by the threshold above.", "每个样本按上面的阈值判定类别。");
pub static CALLED_BY_GREATEST: Text = text(
    "Here each sample is called the class of its greatest probability; the threshold above is of one class against the rest.",
    "此表中每个样本判为概率最大的类别；上面的阈值只用于所选类别与其余类别之间。",
);
pub static MICRO: Text = text("Micro", "微平均");
pub static MICRO_MEANS: Text = text(
    "All decisions in one pot. With one label a sample, micro precision, recall and F1 are the accuracy.",
    "把所有判定合在一起算。每个样本只有一个标签时，微平均的精确率、召回率和 F1 都等于准确率。",
);
pub static MACRO: Text = text("Macro", "宏平均");
pub static MACRO_MEANS: Text = text(
    "The mean over classes: a rare class counts as much as a common one.",
    "对各类别取平均：少见类别与常见类别同等重要。",
);
pub static WEIGHTED: Text = text("Weighted", "加权平均");
pub static WEIGHTED_MEANS: Text = text(
    "The mean weighed by how often each class is true. Its recall is the accuracy again.",
    "按各类别的真实样本数加权平均。加权召回率就是准确率。",
);

pub fn accuracies(language: Language, accuracy: &str, balanced: &str) -> String {
    match language {
        Language::En => format!("Accuracy {accuracy}, balanced accuracy {balanced} (the mean of the recalls)."),
        Language::Zh => format!("准确率 {accuracy}，平衡准确率 {balanced}（各类召回率的平均）。"),
    }
}

// Costs.
pub static COSTS: Text = text("What the mistakes cost", "错误的代价");
pub static COST_FALSE_POSITIVE: Text = text("Cost of a false positive", "一次误报的代价");
pub static COST_FALSE_NEGATIVE: Text = text("Cost of a false negative", "一次漏报的代价");
pub static TAKE_CHEAPEST: Text = text("Take the cheapest threshold", "采用代价最低的阈值");
pub static MEAN_COST: Text = text("Cost per sample", "每个样本的代价");
pub static CALL_NONE: Text = text("Call none positive", "全部判为负类");
pub static CALL_ALL: Text = text("Call all positive", "全部判为正类");

/// `if_calibrated` is where the threshold would be if every probability were true.
pub fn costs(language: Language, now: &str, cheapest: &str, threshold: &str, if_calibrated: Option<&str>) -> String {
    let here = match language {
        Language::En => {
            format!("Now {now} per sample. Cheapest on these samples: {cheapest}, at threshold {threshold}.")
        }
        Language::Zh => format!("当前每个样本 {now}。在这些样本上最低为 {cheapest}，阈值 {threshold}。"),
    };
    match (language, if_calibrated) {
        (_, None) => here,
        (Language::En, Some(best)) => format!("{here} If every probability were true, {best} would be best."),
        (Language::Zh, Some(best)) => format!("{here}若概率完全准确，最佳阈值应为 {best}。"),
    }
}

pub fn cheapest_mark(threshold: &str) -> Text {
    Text { en: format!("cheapest {threshold}").into(), zh: format!("最低 {threshold}").into() }
}

pub fn run_mark(threshold: &str) -> Text {
    Text { en: format!("this run {threshold}").into(), zh: format!("本次运行 {threshold}").into() }
}

pub fn calibrated_mark(threshold: &str) -> Text {
    Text { en: format!("if calibrated {threshold}").into(), zh: format!("若已校准 {threshold}").into() }
}

// Calibration.
pub static CALIBRATION: Text = text("Calibration", "校准");
pub static CALIBRATION_MEANS: Text = text(
    "On the dashed line, what is said with 80 % is true in 8 of 10 cases. Below it, the classifier is too sure.",
    "落在虚线上时，说 80% 的判断十次中有八次为真；低于虚线说明分类器过于自信。",
);
pub static SAID: Text = text("Probability that was said", "预测概率");
pub static WAS: Text = text("Share that was positive", "实际为正的比例");
pub static PERFECT: Text = text("Perfect", "完全校准");
pub static SHARE_OF_SAMPLES: Text = text("Share of the samples", "样本占比");

pub fn calibration(language: Language, error: &str, brier: f64) -> String {
    match language {
        Language::En => format!("Expected calibration error {error} over ten bins, Brier score {brier:.4}."),
        Language::Zh => format!("期望校准误差 {error}（十个区间），Brier 分数 {brier:.4}。"),
    }
}
