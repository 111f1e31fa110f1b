//! Short ways to write a `LabSpec`.

use kindling_protocol::knob::{Choice, Knob, KnobKind, KnobValue};
use kindling_protocol::lab::{Figure, Goal, GoalTest, Panel, Series, Unit};
use kindling_protocol::predictions;
use kindling_protocol::text::{Text, text};

use crate::data::tabular::Limits;

pub fn knob(id: &'static str, label: Text, help: Text, kind: KnobKind) -> Knob {
    Knob { id: id.into(), label, help, kind, live: false }
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

/// A table of the learner's own, and which column of it is predicted.
pub fn own_table() -> [Knob; 2] {
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
    Goal { id: id.into(), text, figure: figure.into(), test, within_s: None, counter, data: vec![] }
}

/// The same goal, judged on these options of the knob `data` alone.
pub fn on(data: &[&'static str], goal: Goal) -> Goal {
    Goal { data: data.iter().map(|&set| set.into()).collect(), ..goal }
}

pub fn series(id: &'static str, label: Text, chart: &'static str, unit: Unit) -> Series {
    Series { id: id.into(), label, chart: chart.into(), unit }
}

pub fn figure(id: &'static str, label: Text, unit: Unit) -> Figure {
    Figure { id: id.into(), label, unit }
}

pub fn panel(id: &'static str, title: Text, help: Text) -> Panel {
    Panel { id: id.into(), title, help }
}
