//! Short ways to write a `LabSpec`.

use kindling_protocol::knob::{Choice, Knob, KnobKind, KnobValue, When};
use kindling_protocol::lab::{Figure, Goal, GoalTest, Panel, Series, Unit};
use kindling_protocol::predictions;
use kindling_protocol::text::{Text, text};

use crate::data::tabular::Limits;
use crate::train::run_loop::LEARNING_RATE;

pub fn knob(id: &'static str, label: Text, help: Text, kind: KnobKind) -> Knob {
    Knob { id: id.into(), label, help, kind, live: false, only_when: vec![] }
}

/// `range` is min, max, step and default.
pub fn slider(id: &'static str, label: Text, help: Text, [min, max, step, default]: [f64; 4]) -> Knob {
    knob(id, label, help, KnobKind::Slider { min, max, step, log: false, default })
}

/// A slider that moves by ratios: `range` is min, max and default.
pub fn ratio(id: &'static str, label: Text, help: Text, [min, max, default]: [f64; 3]) -> Knob {
    knob(id, label, help, KnobKind::Slider { min, max, step: 0.0, log: true, default })
}

/// `range` is min, max, step and default.
pub fn count(id: &'static str, label: Text, help: Text, [min, max, step, default]: [i64; 4]) -> Knob {
    knob(id, label, help, KnobKind::Count { min, max, step, default })
}

pub fn choice(
    id: &'static str,
    label: Text,
    help: Text,
    options: &[(&'static str, Text)],
    default: &'static str,
) -> Knob {
    let options = options.iter().map(|(id, label)| Choice { id: (*id).into(), label: label.clone() }).collect();
    knob(id, label, help, KnobKind::Choice { options, default: default.into() })
}

pub fn switch(id: &'static str, label: Text, help: Text, default: bool) -> Knob {
    knob(id, label, help, KnobKind::Switch { default })
}

/// A learning rate that can be turned while training goes on: min, max and default.
pub fn live_rate(range: [f64; 3]) -> Knob {
    let help = text(
        "The size of the steps. It can be turned while training goes on.",
        "每次更新的步长。训练过程中也可以调整。",
    );
    live(ratio(LEARNING_RATE, text("Learning rate", "学习率"), help, range))
}

pub fn batch(range: [i64; 4]) -> Knob {
    count("batch", text("Batch", "批大小"), text("Samples a step.", "每一步的样本数。"), range)
}

pub fn epochs(range: [i64; 4]) -> Knob {
    count("epochs", text("Epochs", "轮数"), text("Times through the training set.", "遍历训练集的次数。"), range)
}

pub fn width(range: [i64; 4]) -> Knob {
    count("width", text("Hidden width", "隐藏层宽度"), text("Units of the hidden layer.", "隐藏层的单元数。"), range)
}

/// How many pictures are learnt from.
pub fn samples(range: [i64; 4]) -> Knob {
    let help = text("Pictures from the front of the training set.", "取自训练集开头的图片数。");
    count("samples", text("Training samples", "训练样本数"), help, range)
}

/// A choice of digits, scanned or generated.
pub fn digits() -> Knob {
    let help = text("Scanned handwriting, or drawings made by a program.", "扫描的手写数字，或由程序绘制的数字。");
    choice("data", text("Data", "数据"), help, &[MNIST, GENERATED], MNIST.0)
}

/// A choice of digits or clothes.
pub fn pictures() -> Knob {
    let help = text("Digits, clothes, or drawings made by a program.", "手写数字、服饰图片，或由程序绘制的数字。");
    choice("data", text("Data", "数据"), help, &[MNIST, FASHION, GENERATED], MNIST.0)
}

const MNIST: (&str, Text) = ("mnist", text("MNIST", "MNIST"));
const FASHION: (&str, Text) = ("fashion-mnist", text("Fashion-MNIST", "Fashion-MNIST"));
const GENERATED: (&str, Text) = ("generated", text("Generated", "程序生成"));

/// Options of a choice of data: tables to train a small classifier on.
pub const TABLES: [(&str, Text); 5] = [
    ("wine-quality", text("Wine quality", "葡萄酒品质")),
    ("breast-cancer", text("Breast cancer", "乳腺癌")),
    ("mammography", text("Mammography", "乳腺 X 光")),
    ("generated", text("Generated", "生成数据")),
    OWN,
];

/// The same knob, for a choice of data that trains on one of the [`TABLES`] and on nothing else.
pub fn of_tables(knob: Knob) -> Knob {
    knob.only_when("data", &TABLES.map(|(id, _)| id))
}

/// A table of the learner's own, and which column of it is predicted: for the option [`OWN`] of the knob `data`.
pub fn own_table() -> [Knob; 2] {
    let of_own = |knob: Knob| knob.only_when("data", &[OWN.0]);
    let kind = KnobKind::File { accept: ".csv,.tsv,.txt,text/csv".into(), bytes: Limits::DEFAULT.bytes as u64 };
    [
        knob(
            OWN_FILE,
            text("Your own table", "你自己的表格"),
            text(
                "A CSV file with a row for each example, up to 20 MB, for the choice “Your own file” above.",
                "每个样本一行的 CSV 文件，最大 20 MB，用于上面的“自己的文件”选项。",
            ),
            kind,
        ),
        count(
            OWN_LABEL,
            text("Column to predict", "要预测的列"),
            text(
                "Counted from the left; 0 takes the last column with 2 to 20 different values. For your own file.",
                "从左数起；0 表示取最后一个有 2 到 20 种不同值的列。用于自己的文件。",
            ),
            [0, Limits::DEFAULT.columns as i64, 1, 0],
        ),
    ]
    .map(of_own)
}

/// The predictions of a run, for a lab that judges or compares.
pub fn predictions(id: &'static str, label: Text, help: Text) -> Knob {
    knob(id, label, help, KnobKind::Predictions)
}

/// The panel of a lab whose model tells its [predictions](crate::train::told).
pub fn told() -> Panel {
    panel(
        predictions::PANEL,
        text("Predictions", "预测"),
        text(
            "What the model says of the test set, of at most its first 2,000 samples: thresholds, curves, calibration. The labs metrics and ab-test take them from here.",
            "模型对测试集（至多前 2,000 个样本）的预测：阈值、曲线与校准。指标实验与 A/B 测试实验可直接取用。",
        ),
    )
}

/// The option of a choice of data that takes the learner's own table.
pub const OWN: (&str, Text) = ("own", text("Your own file", "自己的文件"));
pub const OWN_FILE: &str = "file";
pub const OWN_LABEL: &str = "label";

/// The same knob, to be turned while a run goes on.
pub fn live(knob: Knob) -> Knob {
    Knob { live: true, ..knob }
}

pub fn number(id: &'static str, value: f64) -> (std::borrow::Cow<'static, str>, KnobValue) {
    (id.into(), KnobValue::Number(value))
}

pub fn flag(id: &'static str, value: bool) -> (std::borrow::Cow<'static, str>, KnobValue) {
    (id.into(), KnobValue::Flag(value))
}

pub fn word(id: &'static str, value: &'static str) -> (std::borrow::Cow<'static, str>, KnobValue) {
    (id.into(), KnobValue::Word(value.into()))
}

/// A goal without a time limit.
pub fn goal(
    id: &'static str,
    text: Text,
    figure: &'static str,
    test: GoalTest,
    counter: Vec<(std::borrow::Cow<'static, str>, KnobValue)>,
) -> Goal {
    Goal { id: id.into(), text, figure: figure.into(), test, within_s: None, counter, only_when: vec![] }
}

/// The same goal, judged at these options of a choice alone.
pub fn judged(knob: &'static str, options: &[&'static str], goal: Goal) -> Goal {
    Goal { only_when: vec![When::of(knob, options)], ..goal }
}

pub fn series(id: &'static str, label: Text, chart: &'static str, unit: Unit) -> Series {
    Series { id: id.into(), label, chart: chart.into(), unit }
}

pub fn figure(id: &'static str, label: Text, unit: Unit) -> Figure {
    Figure { id: id.into(), label, unit }
}

pub fn panel(id: &'static str, title: Text, help: Text) -> Panel {
    Panel { id: id.into(), title, help, filled_at: vec![] }
}

/// The same panel, which a run with the default knobs leaves empty and one with these fills.
pub fn filled_at(knobs: Vec<(std::borrow::Cow<'static, str>, KnobValue)>, panel: Panel) -> Panel {
    Panel { filled_at: knobs, ..panel }
}
