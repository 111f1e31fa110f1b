//! Words of the first screen.

use kindling_protocol::text::{Language, Text, text};

use crate::runner::pad::PadAnswer;

pub static TITLE: Text = text("Draw a digit", "写一个数字");
pub static LEAD: Text = text(
    "A small neural network reads along as the pen moves. It runs here, in this tab.",
    "一个小型神经网络会随着笔迹实时识别。它就在这个标签页里运行。",
);
pub static PRIVACY: Text = text("Drawings stay on this device.", "笔迹只留在这台设备上。");

pub static PAD_HINT: Text = text("0 to 9, as you write it", "0 到 9，按你的习惯写");
pub static PAD_EMPTY_LABEL: Text = text("Pad, empty", "画板，空白");
pub static PAD_LABEL: Text = text("Pad with your drawing", "画板，上面有你的笔迹");
pub static PAD_KEYS: Text = text(
    "By keyboard: arrow keys move the pen, space puts it down and lifts it, Escape clears the pad.",
    "键盘操作：方向键移动画笔，空格键落笔和提笔，Esc 键清空画板。",
);
pub static TOOLS: Text = text("Pad tools", "画板工具");
pub static UNDO: Text = text("Undo", "撤销");
pub static REDO: Text = text("Redo", "重做");
pub static CLEAR: Text = text("Clear", "清空");
pub static BRUSH: Text = text("Pen width", "笔的粗细");
pub static EXAMPLE: Text = text("Random test digit", "随机测试数字");
pub static SHORTCUTS: Text = text("Keyboard shortcuts", "键盘快捷键");
pub static KEY_MOVE: Text = text("Move the pen (pad focused)", "移动画笔（焦点在画板上）");
pub static KEY_DIAGONAL: Text = text("Move diagonally", "斜向移动");
pub static KEY_PEN: Text = text("Pen down, pen up", "落笔，提笔");
pub static NO_MODEL_YET: Text = text("The model is still loading.", "模型还在加载。");

pub static LOADING: Text = text("Getting ready …", "正在准备……");
pub static WAITING: Text = text("Ready when you are", "准备好了，写吧");
pub static BARS: Text = text("Probability of each digit", "每个数字的概率");

pub static SEEN: Text = text("What the model sees", "模型看到的");
pub static SEEN_LABEL: Text = text(
    "The drawing as the model gets it: 28 by 28 pixels, white on black as in MNIST",
    "模型得到的输入：28×28 像素，与 MNIST 一样黑底白字",
);
pub static SCALE: Text = text("Scale", "缩放");
pub static CENTRE: Text = text("Centre", "居中");
pub static LESSON_BOTH: Text = text(
    "28 × 28 pixels, scaled to a box of 20 and centred by mass: exactly as every training picture was. Switch a step off and draw small or in a corner.",
    "28 × 28 像素，先缩放到 20 像素的框内，再按重心居中：与每张训练图片的处理完全相同。关掉其中一步，再写得小一点或偏一点试试。",
);
pub static LESSON_NO_SCALE: Text = text(
    "Not scaled: a small drawing stays small, and the model was never shown anything like it.",
    "没有缩放：写得小，图就小，而模型从未见过这样的图。",
);
pub static LESSON_NO_CENTRE: Text = text(
    "Not centred: the same digit in a corner falls on other pixels than it was learnt on.",
    "没有居中：同一个数字写在角落里，会落在与训练时不同的像素上。",
);
pub static LESSON_NEITHER: Text = text(
    "Neither scaled nor centred: this is how most digit demos feed their model, and why they fail.",
    "既不缩放也不居中：多数手写识别演示正是这样喂给模型的，所以才认不准。",
);

pub static MODEL: Text = text("Answered by", "由谁来答");
pub static MODEL_SHIPPED: Text = text("The model that came with the page", "页面自带的模型");
pub static RUN_HAS_NO_MODEL: Text =
    text("The run has no weights yet. Try again in a moment.", "这次运行还没有权重，请稍后再试。");

pub static NEXT: Text = text("Go on", "接下来");
pub static NEXT_TRAIN: Text = text("Train it yourself", "亲手训练它");
pub static NEXT_TRAIN_BODY: Text = text(
    "On real MNIST, in this tab or on the server, with live curves. A minute to 97 %.",
    "用真实的 MNIST，在这个标签页里或服务器上训练，曲线实时更新。一分钟可达 97%。",
);
pub static NEXT_ENGINE: Text = text("Look at your engine", "看看你的引擎");
pub static NEXT_ENGINE_BODY: Text = text(
    "Is your GPU right, and is it faster? Every kernel checked against the CPU.",
    "你的 GPU 算得对吗，更快吗？每个算子都与 CPU 对照检查。",
);
pub static NEXT_MODELS: Text = text("Open another model", "换一个模型");
pub static NEXT_MODELS_BODY: Text = text(
    "Weights trained on the server come here with one click, verified.",
    "服务器训练好的权重，一键取来，并逐一校验。",
);

pub fn sure(language: Language, share: &str) -> String {
    match language {
        Language::En => format!("{share} sure"),
        Language::Zh => format!("{share} 的把握"),
    }
}

pub fn not_sure(language: Language, best: &str, second: &str) -> String {
    match language {
        Language::En => format!("Not sure: {best}, or {second}?"),
        Language::Zh => format!("拿不准：{best}，还是 {second}？"),
    }
}

pub fn truth(language: Language, label: &str) -> String {
    match language {
        Language::En => format!("labelled {label}"),
        Language::Zh => format!("标签是 {label}"),
    }
}

/// Which model answered, where, and how fast.
pub fn who(language: Language, answer: &PadAnswer) -> String {
    let (model, engine, ms) = (&answer.model_name, &answer.engine, answer.ms);
    match language {
        Language::En => format!("{model} · {engine} · {ms:.1} ms"),
        Language::Zh => format!("{model} · {engine} · {ms:.1} 毫秒"),
    }
}

/// What a screen reader says. Each class with its share.
pub fn spoken(language: Language, best: (&str, &str), second: (&str, &str), unsure: bool) -> String {
    match (language, unsure) {
        (Language::En, false) => format!("Looks like {}, {}; then {}, {}", best.0, best.1, second.0, second.1),
        (Language::En, true) => format!("Not sure. Maybe {}, {}; or {}, {}", best.0, best.1, second.0, second.1),
        (Language::Zh, false) => format!("看起来是 {}，{}；其次是 {}，{}", best.0, best.1, second.0, second.1),
        (Language::Zh, true) => format!("拿不准。可能是 {}，{}；或者 {}，{}", best.0, best.1, second.0, second.1),
    }
}

/// Where the keyboard's pen is. Counted from 1.
pub fn cursor(language: Language, column: i32, row: i32, down: bool) -> String {
    match (language, down) {
        (Language::En, false) => format!("Row {row}, column {column}, pen up"),
        (Language::En, true) => format!("Row {row}, column {column}, pen down"),
        (Language::Zh, false) => format!("第 {row} 行第 {column} 列，提笔"),
        (Language::Zh, true) => format!("第 {row} 行第 {column} 列，落笔"),
    }
}

pub fn model_of_run(language: Language, name: &str, live: bool) -> String {
    match (language, live) {
        (Language::En, true) => format!("In training now: {name}"),
        (Language::En, false) => format!("Trained here: {name}"),
        (Language::Zh, true) => format!("正在训练：{name}"),
        (Language::Zh, false) => format!("在这里训练的：{name}"),
    }
}
