//! Words of a lab's panels: charts, heat maps, predictions; and of the buttons that set knobs for a goal or a panel.

use super::{Language, Text, text};

// Charts.
pub static CHART_KEYS: Text = text(
    "Left and right arrows read the values, Home and End go to the ends, Escape leaves.",
    "左右方向键逐点读数，Home 和 End 跳到两端，Esc 退出。",
);
pub static NOTHING_TO_DRAW: Text = text("There is nothing to draw yet.", "还没有可画的内容。");
pub static TOGGLE_TRACE: Text = text("Show or hide", "显示或隐藏");
pub static TRACE: Text = text("Line", "曲线");

static LAST_VALUES: Text = text("Last values", "最后的值");
static NUMBERS_OF_POINTS: Text = text("Numbers of points", "点数");
static LENGTHS: Text = text("Lengths together", "总长");

/// What a summary says of each trace: its last value, of a cloud how many points it has, of lying bars how long they are.
#[derive(Clone, Copy)]
pub enum Summed {
    LastValues,
    Points,
    Lengths,
}

pub fn chart_summary(language: Language, title: &str, y: &str, x: &str, summed: Summed, told: &str) -> String {
    let what = match summed {
        Summed::LastValues => LAST_VALUES.get(language),
        Summed::Points => NUMBERS_OF_POINTS.get(language),
        Summed::Lengths => LENGTHS.get(language),
    };
    match language {
        Language::En => format!("{title}: {y} over {x}. {what}: {told}"),
        Language::Zh => format!("{title}：{y} 随 {x} 的变化。{what}：{told}"),
    }
}

// Heat maps.
pub static AXES: Text = text("Axes of the heat map", "热力图的坐标轴");
pub static MISSING: Text = text("not known", "未知");
pub static HEATMAP_KEYS: Text =
    text("Point at a cell, or walk through them with the arrow keys.", "指向一个单元格，或用方向键逐格查看。");

pub fn heat_cell(language: Language, (y, row): (&str, &str), (x, column): (&str, &str), value: &str) -> String {
    match language {
        Language::En => format!("{y} {row}, {x} {column}: {value}"),
        Language::Zh => format!("{y} {row}，{x} {column}：{value}"),
    }
}

// Knobs set by a button.
pub static MAKE_IT_FAIL: Text = text("Make it fail", "让它失败");
pub static COUNTER_HELP: Text =
    text("Sets the knobs at which this goal is missed. Nothing runs yet.", "设为会使此目标落空的参数，不会立即运行。");
pub static COUNTER_THEN: Text = text("Run, and see this goal missed.", "运行后可看到此目标落空。");
pub static FILL: Text = text("Set the knobs for it", "设好所需参数");
pub static FILL_HELP: Text =
    text("Sets the knobs at which a run fills this panel. Nothing runs yet.", "设为能显示此面板的参数，不会立即运行。");
pub static FILL_THEN: Text = text("Run, and see it here.", "运行后在此显示。");
pub static COUNTER_UNDO: Text = text("Undo", "撤销");
pub static COUNTER_ALREADY: Text = text("These knobs are set already.", "这些参数已经如此设置。");

/// `changes` is one or more of [`counter_change`].
pub fn counter_set(language: Language, changes: &[String], then: &str) -> String {
    match language {
        Language::En => format!("Set: {}. {then}", changes.join(", ")),
        Language::Zh => format!("已设置：{}。{then}", changes.join("，")),
    }
}

pub fn counter_change(language: Language, knob: &str, new: &str, old: &str) -> String {
    match language {
        Language::En => format!("{knob} {new} (was {old})"),
        Language::Zh => format!("{knob} {new}（原为 {old}）"),
    }
}
