//! What the page and the command line are told of this lab.

use kindling_protocol::knob::{Knob, Knobs};
use kindling_protocol::lab::{Cost, GoalTest, LabSpec, Place, Unit};
use kindling_protocol::text::text;

use super::resample::Strategy;
use super::{SLUG, learn, panels};
use crate::data::size::on_its_way;
use crate::labs::parts::{
    OWN, choice, count, figure, goal, judged, live_rate, number, own_table, panel, ratio, series, slider, width, word,
};

pub fn spec() -> LabSpec {
    LabSpec {
        slug: SLUG.into(),
        title: text("Skewed classes", "类别不平衡"),
        summary: text(
            "One class is rare, and accuracy looks good without it. Resample, weigh or focus, then choose a threshold.",
            "某一类很稀有，忽略它准确率照样好看。试试重采样、加权或焦点损失，再选一个阈值。",
        ),
        knobs: knobs(),
        quick: vec![number("samples", 6_000.0), number("epochs", 6.0)],
        goals: vec![judged(
            "data",
            // What is known of card payments does not tell defaults so well, whatever the model and the threshold. Of a
            // table of one's own a note says so.
            &["adult", "mammography", "generated", OWN.0],
            goal(
                "rare",
                text(
                    "80 % of the rare class found, at twice the precision of chance",
                    "找出 80% 的稀有类，且精确率至少是随机的两倍",
                ),
                "reached",
                GoalTest::AtLeast(1.0),
                vec![word("strategy", "none")],
            ),
        )],
        series: vec![
            series("train-loss", text("Training loss", "训练损失"), "loss", Unit::Number),
            series("rare-recall", text("Recall of the rare class", "稀有类召回率"), "rates", Unit::Fraction),
            series("rare-precision", text("Precision of the rare class", "稀有类精确率"), "rates", Unit::Fraction),
        ],
        figures: vec![
            figure("reached", text("Goal reached by a factor of", "达到目标的倍数"), Unit::Number),
            figure("rare_recall", text("Recall of the rare class", "稀有类召回率"), Unit::Fraction),
            figure("rare_precision", text("Precision of the rare class", "稀有类精确率"), Unit::Fraction),
            figure("lift", text("Precision over the base rate", "精确率与基准率之比"), Unit::Number),
            figure("base_rate", text("Share of the rare class", "稀有类占比"), Unit::Fraction),
            figure("accuracy", text("Accuracy", "准确率"), Unit::Fraction),
            figure("balanced_accuracy", text("Balanced accuracy", "平衡准确率"), Unit::Fraction),
            figure("average_precision", text("Average precision", "平均精度 (AP)"), Unit::Fraction),
            figure("auc", text("Area under ROC", "ROC 曲线下面积"), Unit::Fraction),
            figure("mean_cost", text("Mean cost a row", "每行平均代价"), Unit::Number),
            figure("parameters", text("Parameters", "参数量"), Unit::Number),
        ],
        panels: vec![
            panel(
                panels::PREDICTIONS,
                text("Predictions", "预测"),
                text(
                    "Precision-recall and ROC of the test set. Drag the threshold and see what it catches and what it costs.",
                    "测试集的 PR 与 ROC 曲线。拖动阈值，看它抓住什么、代价多少。",
                ),
            ),
            panel(
                panels::RECALL,
                text("Recall and precision by class", "各类别的召回率与精确率"),
                text(
                    "At the threshold of the knob, on the test set. Accuracy hides the right pair of bars.",
                    "在所设阈值下的测试集结果。准确率会掩盖右边这一组。",
                ),
            ),
            panel(
                panels::COST,
                text("Cost by threshold", "代价随阈值的变化"),
                text(
                    "What mistakes cost at each threshold if a miss costs as many false alarms as the knob says.",
                    "按所设的漏报与误报代价比，每个阈值下错误的平均代价。",
                ),
            ),
            panel(
                panels::CONFUSION,
                text("Confusion matrix", "混淆矩阵"),
                text(
                    "Rows are the true classes, columns the answers at the threshold of the knob, on the test set.",
                    "行是真实类别，列是在所设阈值下的回答，取自测试集。",
                ),
            ),
            panel(
                panels::COUNTS,
                text("Rows of each class", "各类别的行数"),
                text(
                    "Only the training part is resampled. Validation and test keep the share that the world has.",
                    "只有训练集被重采样。验证集和测试集保持真实世界的比例。",
                ),
            ),
        ],
        model: false,
        drawing: None,
        places: vec![Place::Cpu, Place::Gpu, Place::Server],
        data: vec!["adult".into(), "credit-default".into(), "mammography".into()],
    }
}

fn knobs() -> Vec<Knob> {
    let mut knobs = vec![
        choice(
            "strategy",
            text("Strategy", "策略"),
            text("What is done about the rare class, in the training part alone.", "如何对待稀有类，只作用于训练集。"),
            &[
                ("none", text("None", "不处理")),
                ("under", text("Under-sampling", "欠采样")),
                ("over", text("Over-sampling", "过采样")),
                ("smote", text("SMOTE", "SMOTE")),
                ("weights", text("Class weights", "类别权重")),
                ("focal", text("Focal loss", "焦点损失")),
            ],
            "weights",
        ),
        choice(
            "data",
            text("Data", "数据"),
            text(
                "Incomes (24 % rare), card payments (22 %), X-ray spots (2.3 %), or a generated table (5 %).",
                "收入（稀有类 24%）、信用卡违约（22%）、X 光亮斑（2.3%），或程序生成的表格（5%）。",
            ),
            &[
                ("adult", text("Adult", "Adult 收入")),
                ("credit-default", text("Credit default", "信用卡违约")),
                ("mammography", text("Mammography", "乳腺 X 光")),
                ("generated", text("Generated", "程序生成")),
                OWN,
            ],
            "adult",
        ),
        slider(
            "threshold",
            text("Threshold", "阈值"),
            text(
                "A row is called rare from this probability on. It changes no weight of the network.",
                "概率达到该值就判为稀有类。它不改变网络的任何权重。",
            ),
            [0.01, 0.99, 0.01, 0.5],
        ),
        slider(
            "ratio",
            text("Ratio", "比例"),
            text(
                "Rare rows for each common one after resampling. For the three kinds of sampling.",
                "重采样后稀有类与常见类的行数之比。用于三种采样策略。",
            ),
            [0.1, 1.0, 0.05, 1.0],
        )
        .only_when("strategy", &["under", "over", "smote"]),
        count(
            "neighbours",
            text("Neighbours", "近邻数"),
            text(
                "New rows lie between a rare row and one of so many nearest rare ones. For SMOTE.",
                "新样本位于某稀有样本与这么多个最近稀有样本之一的连线上。用于 SMOTE。",
            ),
            [1, 20, 1, 5],
        )
        .only_when("strategy", &["smote"]),
        slider(
            "gamma",
            text("Focus", "聚焦参数 γ"),
            text(
                "How much less a row counts that the network is sure of already. For the focal loss; 0 is cross-entropy.",
                "网络已有把握的样本少算多少。用于焦点损失；0 即交叉熵。",
            ),
            [0.0, 5.0, 0.5, 2.0],
        )
        .only_when("strategy", &["focal"]),
        slider(
            "alpha",
            text("Weight of the rare class", "稀有类权重 α"),
            text(
                "What the rare class weighs in the focal loss; the common one weighs the rest to 1.",
                "焦点损失中稀有类的权重；常见类为 1 减去它。",
            ),
            [0.05, 0.95, 0.05, 0.75],
        )
        .only_when("strategy", &["focal"]),
        ratio(
            "miss-cost",
            text("Cost of a miss", "漏报代价"),
            text(
                "How many false alarms one missed rare row costs. For the cost curve; it changes no training.",
                "漏掉一个稀有样本相当于多少次误报。用于代价曲线，不影响训练。",
            ),
            [1.0, 100.0, 5.0],
        ),
        width([8, 256, 8, 32]),
        live_rate([1e-4, 0.1, 0.003]),
        count("batch", text("Batch", "批大小"), text("Rows a step.", "每一步的行数。"), [16, 1024, 16, 128]),
        count(
            "epochs",
            text("Epochs", "轮数"),
            text("Times through the training rows.", "遍历训练行的次数。"),
            [1, 50, 1, 6],
        ),
        count(
            "samples",
            text("Training rows", "训练行数"),
            text("Rows to learn from at most, before resampling.", "重采样之前最多用来学习的行数。"),
            [500, 40_000, 500, 25_000],
        ),
    ];
    // After the choice of data.
    knobs.splice(2..2, own_table());
    knobs
}

pub fn strategy(knobs: &Knobs) -> Strategy {
    let ratio = knobs.number("ratio");
    match knobs.word("strategy") {
        "under" => Strategy::Under { ratio },
        "over" => Strategy::Over { ratio },
        "smote" => Strategy::Smote { ratio, neighbours: knobs.count("neighbours") },
        _ => Strategy::Keep,
    }
}

/// Of a set as it is known: rows in the training part, share of the rare class, inputs.
fn known(data: &str) -> (usize, f64, usize) {
    match data {
        "adult" => (27_677, 0.24, 97),
        "credit-default" => (18_000, 0.22, 34),
        "mammography" => (6_710, 0.023, 6),
        _ => (7_200, 0.05, 6),
    }
}

pub fn cost(knobs: &Knobs) -> Cost {
    let data = knobs.word("data");
    let ((rows, rare, inputs), bytes) = (known(data), on_its_way(data));
    let rows = rows.min(knobs.count("samples")) as f64;
    let resampled = match strategy(knobs) {
        Strategy::Keep => rows,
        Strategy::Under { ratio } => rows * rare * (1.0 + 1.0 / ratio).min(1.0 / rare),
        Strategy::Over { ratio } | Strategy::Smote { ratio, .. } => rows * (1.0 - rare) * (1.0 + ratio),
    };
    let batch = (knobs.count("batch") as f64).min(resampled);
    let steps = (resampled / batch) as u64 * knobs.count("epochs") as u64;
    let samples = steps * batch as u64;
    let parameters = learn::parameters(knobs, inputs);
    Cost {
        steps: steps.max(1),
        samples,
        flops: 6.0 * parameters * samples as f64,
        parameters: parameters as u64,
        data_bytes: bytes,
        memory_bytes: bytes * 6 + (4.0 * (3.0 * parameters + 3.0 * resampled * inputs as f64)) as u64,
    }
}
