//! Words of a lab's page.

use kindling_protocol::text::{Language, Text, text};

// The form.
pub static KNOBS: Text = text("Settings", "设置");
pub static SEED: Text = text("Seed", "随机种子");
pub static SEED_HELP: Text = text(
    "Decides the first weights, the order of the samples, dropout and augmentation. Same seed on the CPU: the same run, bit for bit.",
    "决定初始权重、样本顺序、dropout 和数据增强。在 CPU 上，种子相同，运行逐位相同。",
);
pub static DICE: Text = text("Roll a new seed", "掷出新种子");
pub static LIVE: Text = text("live", "可即时调");
pub static LIVE_HELP: Text = text(
    "Can be changed while the run goes on. The change leaves a mark on the curve.",
    "运行中也能调整，改动会在曲线上留下标记。",
);
pub static LESS: Text = text("Less", "减少");
pub static MORE: Text = text("More", "增加");
pub static DEFAULTS: Text = text("Back to the defaults", "恢复默认");
pub static LINK_FAULT: Text =
    text("Part of this link could not be used, and stands at its default", "链接中有部分内容无法使用，已恢复为默认值");
pub static COPY_LINK: Text = text("Copy link", "复制链接");
pub static LINK_COPIED: Text = text("The link with all settings is copied.", "已复制包含全部设置的链接。");
pub static LINK_NOT_COPIED: Text = text(
    "The browser did not allow copying. The address bar holds the same link.",
    "浏览器不允许复制。地址栏里就是这个链接。",
);

// Place.
pub static PLACE: Text = text("Where it runs", "在哪里运行");
pub static PLACE_CPU: Text = text("Here, CPU", "本机 CPU");
pub static PLACE_GPU: Text = text("Here, GPU", "本机 GPU");
pub static PLACE_SERVER: Text = text("Server", "服务器");
pub static PLACE_NOT_FOR_LAB: Text = text("This lab does not run there.", "本实验不能在那里运行。");
pub static GPU_NOT_BUILT: Text = text("This page was built without the GPU engine.", "本页面构建时未包含 GPU 引擎。");
pub static GPU_NO_WEBGPU: Text = text(
    "This browser has no WebGPU. Recent Chrome, Edge and Safari have it.",
    "此浏览器没有 WebGPU，较新的 Chrome、Edge 和 Safari 支持。",
);
pub static GPU_NO_ADAPTER: Text = text(
    "The browser offers no graphics adapter. Check that hardware acceleration is on.",
    "浏览器没有提供显卡适配器，请检查是否开启了硬件加速。",
);
pub static GPU_SEARCHING: Text = text("Looking for a graphics adapter.", "正在查找显卡适配器。");
pub static GPU_FAILED: Text = text(
    "The GPU computed something else than the CPU in the self-test. See the engine page.",
    "自检中 GPU 的结果与 CPU 不一致，详见引擎页。",
);
pub static SERVER_SEARCHING: Text = text("Looking for the server.", "正在查找服务器。");

// Cost.
pub static COST: Text = text("What it takes", "开销");
pub static COST_STEPS: Text = text("Steps", "步数");
pub static COST_SAMPLES: Text = text("Samples", "样本");
pub static COST_PARAMETERS: Text = text("Parameters", "参数量");
pub static COST_DATA: Text = text("Data to read", "读取数据");
pub static COST_MEMORY: Text = text("Memory, at most", "内存上限");
pub static COST_TIME: Text = text("Time", "时间");
pub static COST_TIME_UNKNOWN: Text = text("known after the first run here", "首次运行后可知");

// Run bar.
pub static RUN_BAR: Text = text("Run", "运行");
pub static RUN: Text = text("Run", "运行");
pub static RUN_AGAIN: Text = text("Run again", "再次运行");
pub static PAUSE: Text = text("Pause", "暂停");
pub static GO_ON: Text = text("Go on", "继续");
pub static GO_ON_FROM_CHECKPOINT: Text = text("Go on from the checkpoint", "从检查点继续");
pub static STARTING: Text = text("Starting…", "启动中…");
pub static ONE_STEP: Text = text("One step", "单步");
pub static ONE_EPOCH: Text = text("To the end of the epoch", "到本轮结束");
pub static STOP: Text = text("Stop and keep", "停止并保留");
pub static CANCEL: Text = text("Cancel", "取消");
pub static RESET: Text = text("Back to the seed", "回到种子");
pub static SHORTCUTS: Text = text("Keyboard shortcuts", "键盘快捷键");
pub static SHORTCUT_HELP: Text = text("These shortcuts", "显示快捷键");
pub static SPACE_KEY: Text = text("Space", "空格");
pub static READY: Text = text("Ready", "就绪");
pub static QUEUED: Text = text("Waiting for its turn", "排队中");
pub static RUNNING: Text = text("Running", "运行中");
pub static PAUSED: Text = text("Paused", "已暂停");
pub static INTERRUPTED: Text = text("Cut off", "已中断");
pub static STOPPED: Text = text("Stopped", "已停止");
pub static FINISHED: Text = text("Finished", "已完成");
pub static FAILED: Text = text("Failed", "失败");
pub static PREPARING: Text = text("Preparing: data and first weights", "准备中：数据与初始权重");
pub static NEW_RUN_NEEDED: Text = text("A new run is needed for", "需要重新运行才能生效");
pub static RESET_AND_RUN: Text = text("Stop this run and start anew", "停止并重新开始");
pub static KEEP_RUNNING: Text = text("Undo the change", "撤销改动");
pub static CUT_OFF_RUN: Text =
    text("A run was cut off and can go on from its checkpoint.", "有一个运行被中断，可从检查点继续。");
pub static DISMISS: Text = text("Not now", "暂不");
pub static ELSEWHERE: Text = text("Another run goes on", "另一个运行正在进行");
pub static SHOW_IT: Text = text("Show it", "查看");

// Results.
pub static GOALS: Text = text("Goals", "目标");
pub static GOAL_OPEN: Text = text("open", "待定");
pub static GOAL_ELSEWHERE: Text = text("not judged at these settings", "此设置下不作评判");
pub static GOAL_PASSED: Text = text("reached", "达成");
pub static GOAL_MISSED: Text = text("missed", "未达成");
pub static GOAL_TOO_LATE: Text = text("too late", "超时");
pub static GOAL_UNKNOWN: Text = text("not measured", "未测量");
pub static CURVES: Text = text("Curves", "曲线");
pub static NO_CURVES: Text = text("There are no curves to show.", "没有可显示的曲线。");
pub static RESULTS: Text = text("What it learned", "学到了什么");
pub static PANEL_EMPTY: Text = text("Filled during the run or at its end.", "运行过程中或结束时显示。");
pub static PANEL_NEEDS: Text = text("It takes other knobs than the defaults.", "需要默认值以外的参数。");
pub static NO_PANELS: Text = text("This run left nothing to show.", "本次运行没有可显示的内容。");
pub static PUBLISH: Text = text("Publish…", "发布…");
pub static PUBLISH_TITLE: Text = text("Publish this model", "发布此模型");
pub static PUBLISH_NAME: Text = text("Name (lower case, digits and hyphens)", "名称（小写字母、数字和连字符）");
pub static PUBLISH_DO: Text = text("Publish", "发布");
pub static TO_PAD: Text = text("Use on the pad", "用于画板");
pub static OPEN_PAD: Text = text("Go to the pad", "前往画板");
pub static NO_MODEL_YET: Text =
    text("The run has no model yet. Let it take a few steps.", "还没有模型，请先运行几步。");
pub static PUBLISHED_LINK: Text = text("See the models", "查看模型");
pub static FIGURES: Text = text("Figures", "指标");
pub static COMPARE: Text = text("Compare with earlier runs", "与以往运行对比");
pub static COMPARE_NONE: Text = text("Earlier runs of this lab will be listed here.", "本实验以往的运行会列在这里。");

// Confusion matrix.
pub static MATRIX_TRUE: Text = text("True", "真实");
pub static MATRIX_CALLED: Text = text("Called", "预测");
pub static MATRIX_SHOW: Text = text("Show", "显示");
pub static MATRIX_COUNTS: Text = text("Counts", "数量");
pub static MATRIX_ROWS: Text = text("Row %", "行 %");
pub static MATRIX_COLUMNS: Text = text("Column %", "列 %");
pub static MATRIX_PER_CLASS: Text = text("Precision, recall and F1 of each class", "各类别的精确率、召回率与 F1");
pub static CLASS: Text = text("Class", "类别");
pub static PRECISION: Text = text("Precision", "精确率");
pub static RECALL: Text = text("Recall", "召回率");
pub static F1: Text = text("F1", "F1");
pub static SUPPORT: Text = text("Examples", "样本数");
pub static LOADING_IMAGES: Text = text("Fetching the images…", "正在读取图片…");
pub static CLOSE_IMAGES: Text = text("Close", "关闭");
pub static NEGATIVE: Text = text("negative", "负");
pub static POSITIVE: Text = text("positive", "正");

// Labs.
pub static LABS_TITLE: Text = text("Labs", "实验");
pub static LABS_LEAD: Text = text(
    "Experiments that run in your browser or on the server, with every setting in your hand.",
    "在浏览器或服务器上运行的实验，每个设置都由你掌握。",
);
pub static OPEN_LAB: Text = text("Open the lab", "打开实验");
pub static ENGINE_STARTS: Text = text("The engine is starting…", "引擎启动中…");
pub static NO_SUCH_LAB: Text = text("There is no such lab", "没有这个实验");
pub static ALL_LABS: Text = text("All labs", "全部实验");

pub fn within(language: Language, seconds: f64) -> String {
    match language {
        Language::En => format!("within {seconds:.0} s"),
        Language::Zh => format!("{seconds:.0} 秒内"),
    }
}

pub fn judged_at(language: Language, choices: &[String]) -> String {
    match language {
        Language::En => format!("judged only for: {}", choices.join(", ")),
        Language::Zh => format!("仅评判：{}", choices.join("、")),
    }
}

pub fn took(language: Language, seconds: f64) -> String {
    match language {
        Language::En => format!("took {seconds:.0} s"),
        Language::Zh => format!("用时 {seconds:.0} 秒"),
    }
}

/// Seconds in the two units that say enough.
pub fn duration(language: Language, seconds: f64) -> String {
    let whole = seconds.max(0.0).round() as u64;
    let (hours, minutes, seconds_left) = (whole / 3600, whole % 3600 / 60, whole % 60);
    match (language, hours, minutes) {
        (Language::En, 0, 0) => format!("{seconds_left} s"),
        (Language::En, 0, _) => format!("{minutes} min {seconds_left} s"),
        (Language::En, ..) => format!("{hours} h {minutes} min"),
        (Language::Zh, 0, 0) => format!("{seconds_left} 秒"),
        (Language::Zh, 0, _) => format!("{minutes} 分 {seconds_left} 秒"),
        (Language::Zh, ..) => format!("{hours} 小时 {minutes} 分"),
    }
}

pub fn left(language: Language, seconds: f64) -> String {
    match language {
        Language::En => format!("{} left", duration(language, seconds)),
        Language::Zh => format!("剩余 {}", duration(language, seconds)),
    }
}

pub fn about(language: Language, seconds: f64) -> String {
    match language {
        Language::En => format!("about {}", duration(language, seconds)),
        Language::Zh => format!("约 {}", duration(language, seconds)),
    }
}

/// A count with its thousands set apart.
pub fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut grouped = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

pub fn speed(language: Language, samples_per_s: f64) -> String {
    let count = grouped(samples_per_s.round() as u64);
    match language {
        Language::En => format!("{count} samples/s"),
        Language::Zh => format!("{count} 样本/秒"),
    }
}

pub fn step_of(language: Language, step: u64, steps: u64) -> String {
    let (step, steps) = (grouped(step), grouped(steps));
    match language {
        Language::En => format!("step {step} of {steps}"),
        Language::Zh => format!("第 {step} / {steps} 步"),
    }
}

pub fn epoch(language: Language, epoch: f64) -> String {
    match language {
        Language::En => format!("epoch {epoch:.1}"),
        Language::Zh => format!("第 {epoch:.1} 轮"),
    }
}

pub fn runs_on(language: Language, device: &str) -> String {
    match language {
        Language::En => format!("on {device}"),
        Language::Zh => format!("设备：{device}"),
    }
}

pub fn checkpoint_at(language: Language, step: u64) -> String {
    let step = grouped(step);
    match language {
        Language::En => format!("checkpoint at step {step}"),
        Language::Zh => format!("检查点：第 {step} 步"),
    }
}

pub fn pad_follows(language: Language, difference: f32) -> String {
    match language {
        Language::En => {
            format!("The pad answers with this run's model and follows it (check inputs differ by {difference:.1e}).")
        }
        Language::Zh => format!("画板已使用此运行的模型，并随训练更新（校验差异 {difference:.1e}）。"),
    }
}

pub fn published(language: Language, name: &str, version: u32) -> String {
    match language {
        Language::En => format!("Published as {name}, version {version}."),
        Language::Zh => format!("已发布为 {name}，版本 {version}。"),
    }
}

pub fn cell(language: Language, truth: &str, called: &str, count: u64) -> String {
    match language {
        Language::En => format!("{count} of class {truth} called {called}"),
        Language::Zh => format!("真实为 {truth}、预测为 {called}：{count} 个"),
    }
}

pub fn images_of(language: Language, truth: &str, called: &str, shown: usize, count: u64) -> String {
    match language {
        Language::En => format!("True {truth}, called {called}: {shown} of {count}"),
        Language::Zh => format!("真实 {truth}，预测 {called}：{count} 个中的 {shown} 个"),
    }
}

pub fn caption(language: Language, truth: &str, called: &str) -> String {
    match language {
        Language::En => format!("true {truth}, called {called}"),
        Language::Zh => format!("真实 {truth}，预测 {called}"),
    }
}

pub fn knob_count(language: Language, knobs: usize) -> String {
    match language {
        Language::En => format!("{knobs} settings"),
        Language::Zh => format!("{knobs} 个设置"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_and_times_read_well() {
        assert_eq!(
            ["7", "1,234", "60,000,000"],
            [grouped(7), grouped(1234), grouped(60_000_000)].each_ref().map(String::as_str)
        );
        assert_eq!(duration(Language::En, 59.6), "1 min 0 s");
        assert_eq!(duration(Language::Zh, 3725.0), "1 小时 2 分");
        assert_eq!(duration(Language::En, -3.0), "0 s");
    }
}
