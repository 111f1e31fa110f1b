//! Words of the table of runs.

use kindling_protocol::text::{Language, Text, text};

pub static TITLE: Text = text("Runs", "运行");
pub static LEAD: Text = text(
    "Every run of this browser and of the server. Tick two or more of one lab to lay their curves over each other.",
    "此浏览器和服务器上的所有运行。勾选同一实验的两个或更多运行，可叠加对比曲线。",
);
pub static EMPTY: Text = text("No runs yet", "还没有运行");
pub static EMPTY_HELP: Text = text(
    "Start one in a lab. It is kept here, with its curves and its checkpoint, also after a reload.",
    "在实验中开始一个运行，它会连同曲线和检查点保存在这里，刷新后仍在。",
);
pub static LOADING: Text = text("Reading the runs…", "正在读取…");
pub static COMPARE: Text = text("Compare", "对比");
pub static NAME: Text = text("Name", "名称");
pub static STATE: Text = text("State", "状态");
pub static LAB: Text = text("Lab", "实验");
pub static CHANGES: Text = text("Changed settings", "改动的设置");
pub static SEED: Text = text("Seed", "种子");
pub static PLACE: Text = text("Place", "位置");
pub static FIGURES: Text = text("Figures", "指标");
pub static TIME: Text = text("Time", "用时");
pub static ACTIONS: Text = text("Actions", "操作");
pub static DEFAULTS: Text = text("all at their defaults", "全部默认");
pub static RENAME: Text = text("Rename", "重命名");
pub static SAVE: Text = text("Save", "保存");
pub static CANCEL: Text = text("Cancel", "取消");
pub static DELETE: Text = text("Delete", "删除");
pub static UNDO: Text = text("Undo", "撤销");
pub static RESUME: Text = text("Go on", "继续");
pub static EXPORT: Text = text("Save as a file", "导出为文件");
pub static IMPORT: Text = text("Open a file", "打开文件");
pub static OTHER_LAB: Text = text("Only runs of one lab can be compared.", "只能对比同一实验的运行。");
pub static COMPARED: Text = text("Compared", "对比");

/// How much this browser holds, and whether it may let go of it.
pub fn kept(language: Language, bytes: &str, for_good: bool) -> String {
    match (language, for_good) {
        (Language::En, true) => {
            format!("This browser keeps {bytes} of runs, models and data sets, until you delete them.")
        }
        (Language::En, false) => format!(
            "This browser keeps {bytes} of runs, models and data sets. It may delete them when it runs out of space: save what matters as a file."
        ),
        (Language::Zh, true) => format!("此浏览器保存着 {bytes} 的运行、模型和数据集，直到你删除它们。"),
        (Language::Zh, false) => {
            format!("此浏览器保存着 {bytes} 的运行、模型和数据集。空间不足时浏览器可能会清除它们，重要的请导出为文件。")
        }
    }
}

pub fn deleted(language: Language, name: &str) -> String {
    match language {
        Language::En => format!("“{name}” will be deleted."),
        Language::Zh => format!("即将删除“{name}”。"),
    }
}

/// What a button in a row speaks of, for those who hear it alone.
pub fn of_run(language: Language, action: &str, name: &str) -> String {
    match language {
        Language::En => format!("{action}: {name}"),
        Language::Zh => format!("{action}：{name}"),
    }
}
