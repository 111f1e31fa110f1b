//! Words of the frame and of every page.

use kindling_protocol::text::{Text, text};

pub static SKIP: Text = text("Skip to the page", "跳到正文");
pub static NAV: Text = text("Pages", "页面");
pub static NAV_PAD: Text = text("Draw", "手写");
pub static NAV_QUESTIONS: Text = text("Questions", "题目");
pub static NAV_LABS: Text = text("Labs", "实验");
pub static NAV_RUNS: Text = text("Runs", "运行");
pub static NAV_MODELS: Text = text("Models", "模型");
pub static NAV_ENGINE: Text = text("Engine", "引擎");
pub static TABLE: Text = text("Table", "表格");
pub static THEME: Text = text("Colours", "配色");
pub static THEME_SYSTEM: Text = text("As the system", "跟随系统");
pub static THEME_LIGHT: Text = text("Light", "浅色");
pub static THEME_DARK: Text = text("Dark", "深色");
pub static UNKNOWN_TITLE: Text = text("There is no such page", "没有这个页面");
pub static UNKNOWN_BODY: Text =
    text("The address may be old or mistyped. The pad is always here.", "地址可能已失效或输入有误。画板一直在这里。");
pub static UNKNOWN_LINK: Text = text("Go to the pad", "回到画板");
pub static CLOSE: Text = text("Close", "关闭");
pub static LOADING: Text = text("Loading…", "正在加载…");
pub static PART_FAILED: Text =
    text("This page could not be fetched. Is the server still running?", "无法获取这个页面。服务器还在运行吗？");
pub static DETAILS: Text = text("Technical details", "技术细节");
pub static TRY_AGAIN: Text = text("Try again", "重试");
