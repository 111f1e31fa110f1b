//! What the page and the command line are told of this lab.

use kindling_protocol::knob::{Knob, Knobs};
use kindling_protocol::lab::{Cost, Figure, GoalTest, LabSpec, Panel, Place, Unit};
use kindling_protocol::text::text;

use super::choice::Rule;
use super::{BATCH, SLUG, panels, problem};
use crate::data::size::on_its_way;
use crate::labs::parts::{
    OWN, TABLES, choice, epochs, figure, goal, judged, number, of_tables, own_table, panel, predictions, series,
    slider, word,
};
use crate::train::rows::LOSS;

/// Units of the hidden layer.
pub const HIDDEN: u32 = 32;

pub fn spec() -> LabSpec {
    LabSpec {
        slug: SLUG.into(),
        title: text("Metrics and thresholds", "指标与阈值"),
        summary: text(
            "Train a small classifier, judge it by every common metric, and find the threshold that a stated cost asks for.",
            "训练一个小分类器，用各种常见指标评价它，并找出给定代价所要求的阈值。",
        ),
        knobs: knobs(),
        quick: vec![number("epochs", 15.0)],
        goals: vec![judged(
            "data",
            // Breast cancer has some seventy positives to judge by: one of them more or less is half of the cost.
            // Of a table of one's own that has as few the report leaves the figure out.
            &["wine-quality", "mammography", "generated", OWN.0],
            goal(
                "cost",
                text("At most 25 % above the least possible cost", "代价不超过最低可能代价的 1.25 倍"),
                "excess",
                GoalTest::AtMost(0.25),
                vec![word("choose", "accuracy")],
            ),
        )],
        series: vec![series(LOSS, text("Training loss", "训练损失"), "loss", Unit::Number)],
        figures: figures(),
        panels: panels(),
        model: false,
        drawing: None,
        places: vec![Place::Cpu, Place::Gpu, Place::Server],
        data: vec!["wine-quality".into(), "breast-cancer".into(), "mammography".into()],
    }
}

fn figures() -> Vec<Figure> {
    vec![
        figure("excess", text("Cost above the least possible", "高出最低代价的比例"), Unit::Fraction),
        figure("cost", text("Cost a sample", "每样本代价"), Unit::Number),
        figure("best_cost", text("Least possible with these scores", "这些分数下的最低代价"), Unit::Number),
        figure("threshold", text("Threshold", "阈值"), Unit::Number),
        figure("accuracy", text("Accuracy", "准确率"), Unit::Fraction),
        figure("precision", text("Precision", "精确率"), Unit::Fraction),
        figure("recall", text("Recall", "召回率"), Unit::Fraction),
        figure("f1", text("F1", "F1"), Unit::Fraction),
        figure("averaged_f1", text("F1 over all classes, averaged", "全部类别的平均 F1"), Unit::Fraction),
        figure("auc", text("Area under the ROC curve", "ROC 曲线下面积"), Unit::Fraction),
        figure("average_precision", text("Average precision", "平均精度 (AP)"), Unit::Fraction),
        figure("calibration_error", text("Calibration error", "校准误差 (ECE)"), Unit::Fraction),
        figure("brier", text("Brier score", "Brier 分数"), Unit::Number),
    ]
}

fn panels() -> Vec<Panel> {
    vec![
        panel(
            panels::PREDICTIONS,
            text("Precision-recall and ROC", "PR 与 ROC 曲线"),
            text(
                "Move the threshold and see where it lies on both curves. On the test set.",
                "移动阈值，看它落在两条曲线的何处。取自测试集。",
            ),
        ),
        panel(
            panels::DECISIONS,
            text("Decisions at the threshold", "阈值处的判定"),
            text(
                "Rows are the truth, columns the decision: the four cells that every metric below is made of.",
                "行是真实情况，列是判定：下面所有指标都由这四格算出。",
            ),
        ),
        panel(
            panels::METRICS,
            text("Metrics and the cells they use", "各指标及其用到的格子"),
            text("The same four numbers, put into each definition.", "把同样的四个数代入每个定义。"),
        ),
        panel(
            panels::CHOICES,
            text("What each metric would choose", "各指标会选的阈值"),
            text(
                "Each chooses its threshold on the validation set; what follows is of the test set.",
                "各指标在验证集上选阈值，其后各列取自测试集。",
            ),
        ),
        panel(
            panels::COST,
            text("Cost by threshold", "代价随阈值的变化"),
            text("The mean cost of a sample at your two costs.", "按你设定的两种代价计算的每样本平均代价。"),
        ),
        panel(
            panels::CALIBRATION,
            text("Calibration", "校准曲线"),
            text(
                "Of the samples with about this probability, how many were positive? On the dashed line the probabilities can be trusted.",
                "在给出此概率的样本中，真正为正的占多少？落在虚线上说明概率可信。",
            ),
        ),
        panel(
            panels::CLASSES,
            text("All classes", "全部类别"),
            text(
                "The likeliest class against the true one, no threshold involved.",
                "最可能的类别与真实类别的对照，不涉及阈值。",
            ),
        ),
        panel(
            panels::AVERAGES,
            text("Three averages", "三种平均"),
            text(
                "Over the classes of the matrix above. Micro and weighted recall are the accuracy, whatever the model.",
                "对上面矩阵的各类求平均。无论什么模型，micro 与 weighted 召回率都等于准确率。",
            ),
        ),
    ]
}

fn knobs() -> Vec<Knob> {
    let mut knobs = vec![
        choice(
            "data",
            text("Data", "数据"),
            text(
                "Of wine the better grades are positive, of two classes the rarer one, of more the last ones, up to a third of the rows. A run's predictions are judged as they are: nothing is trained.",
                "葡萄酒以较高的等级为正类；两类时以较少的一类为正类；多于两类时末尾几类为正类，至多占三分之一。选择某次运行的预测时只评价，不训练。",
            ),
            &[&TABLES[..], &[(problem::RUN, text("Predictions of a run", "某次运行的预测"))]].concat(),
            "wine-quality",
        ),
        choice(
            "choose",
            text("Threshold chosen by", "选择阈值的依据"),
            text("What is made as good as possible on the validation set.", "在验证集上以什么为目标来选阈值。"),
            &[&Rule::ALL.map(|rule| (rule.id(), rule.name()))[..], &[("hand", text("By hand", "手动"))]].concat(),
            "cost",
        ),
        slider(
            "threshold",
            text("Threshold by hand", "手动阈值"),
            text(
                "Positive is what has at least this probability. Only where the threshold is chosen by hand.",
                "概率不低于此值判为正。仅在手动选择时有效。",
            ),
            [0.0, 1.0, 0.01, 0.5],
        )
        .only_when("choose", &["hand"]),
        slider(
            "cost-fp",
            text("Cost of a false alarm", "误报的代价"),
            text("What a false positive costs.", "一次假阳性的代价。"),
            [0.0, 50.0, 0.5, 1.0],
        ),
        slider(
            "cost-fn",
            text("Cost of a miss", "漏报的代价"),
            text("What a false negative costs.", "一次假阴性的代价。"),
            [0.0, 50.0, 0.5, 10.0],
        ),
        slider(
            "prevalence",
            text("Share of positives", "正类比例"),
            text(
                "The mix that validation and test are brought to by leaving rows out; 0 leaves them as they are. Training keeps its own.",
                "通过去掉部分样本使验证集和测试集达到的正类比例；0 表示保持原样。训练集不变。",
            ),
            [0.0, 0.9, 0.01, 0.0],
        ),
        choice(
            "average",
            text("Average", "平均方式"),
            text("How the F1 of all classes becomes one number.", "如何把各类的 F1 合成一个数。"),
            &[
                ("macro", text("Macro", "宏平均 (macro)")),
                ("micro", text("Micro", "微平均 (micro)")),
                ("weighted", text("Weighted", "加权平均 (weighted)")),
            ],
            "macro",
        ),
        of_tables(choice(
            "model",
            text("Model", "模型"),
            text(
                "Softmax regression draws straight borders; a hidden layer bends them.",
                "softmax 回归的边界是直的，加一个隐藏层可使边界弯曲。",
            ),
            &[
                ("linear", text("Softmax regression", "softmax 回归")),
                ("mlp", text("One hidden layer", "单隐藏层网络")),
            ],
            "mlp",
        )),
        of_tables(epochs([1, 200, 1, 30])),
    ];
    // Beside the choice that they belong to.
    let of_run = predictions(
        problem::PREDICTIONS,
        text("Predictions of a run", "某次运行的预测"),
        text(
            "For that choice above: half of each class chooses the threshold, half judges it. Of more than two classes the last ones are positive, up to a third of the samples. A model that is almost always right leaves few mistakes to choose by: with the digits of ten seeds the goal held for five.",
            "用于上面的同名选项：每类一半样本选阈值，另一半评价。多于两类时，末尾几类为正类，至多占三分之一。几乎全对的模型只剩寥寥几个错误可供选阈值：手写数字的十个种子中，五个达到目标。",
        ),
    )
    .only_when("data", &[problem::RUN]);
    knobs.splice(1..1, own_table());
    knobs.insert(3, of_run);
    knobs
}

/// Of the sets that the knob `data` offers: rows to train on, inputs, classes.
const SIZES: [(&str, u64, u64, u64); 6] = [
    ("wine-quality", 2_600, 13, 7),
    ("breast-cancer", 280, 10, 2),
    ("mammography", 4_473, 6, 2),
    ("generated", 4_800, 6, 2),
    // A guess: nobody knows it before it is read.
    ("own", 4_800, 20, 2),
    // Nothing is trained.
    (problem::RUN, 0, 0, 0),
];

pub fn cost(knobs: &Knobs) -> Cost {
    let data = knobs.word("data");
    let &(_, rows, inputs, classes) = SIZES.iter().find(|(name, ..)| *name == data).expect("the knob offers these");
    let data_bytes = on_its_way(data);
    let hidden = u64::from(HIDDEN);
    let parameters = match knobs.word("model") {
        _ if rows == 0 => 0,
        "linear" => (inputs + 1) * classes,
        _ => (inputs + 1) * hidden + (hidden + 1) * classes,
    };
    let steps = knobs.count("epochs") as u64 * (rows / BATCH as u64);
    let samples = steps * BATCH as u64;
    Cost {
        steps,
        samples,
        flops: 6.0 * (parameters * samples) as f64,
        parameters,
        data_bytes,
        memory_bytes: 16 * parameters + 8 * data_bytes + 8 * rows * inputs,
    }
}
