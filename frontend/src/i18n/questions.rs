//! Words of the catalogue of questions and of the page of one.

use kindling_protocol::text::{Language, Text, text};

pub static TITLE: Text = text("Interview questions", "面试题");
pub static LEAD: Text = text(
    "Think first, then compare with a strong answer, and run the lab that proves it.",
    "先自己想，再对照一份有力的回答，然后运行实验来验证它。",
);
pub static FIND: Text = text("Find a question", "查找题目");
pub static FIND_HINT: Text =
    text("A method or a word of the title, in either language", "方法名或题目中的词，中英文均可");
pub static TOPIC: Text = text("Topic", "主题");
pub static ROLE: Text = text("Role", "岗位");
pub static DIFFICULTY: Text = text("Difficulty", "难度");
pub static ANY: Text = text("All", "全部");
pub static CLEAR: Text = text("Clear filters", "清除筛选");
pub static NONE: Text = text("No question fits", "没有符合条件的题目");
pub static NONE_BODY: Text =
    text("Take a filter away, or search for a shorter word.", "去掉一个筛选条件，或换一个更短的词试试。");
pub static SEEN: Text = text("Answer seen", "看过答案");
pub static ANSWERED: Text = text("Answered", "已作答");

pub static ALL: Text = text("All questions", "全部题目");
pub static WAY: Text = text("Other questions", "其他题目");
pub static WAY_ON: Text = text("Where to go from here", "接下来去哪里");
pub static PREVIOUS: Text = text("Previous question", "上一题");
pub static NEXT: Text = text("Next question", "下一题");
pub static NO_SUCH: Text = text("There is no such question", "没有这道题");
pub static NOT_BUILT: Text = text(
    "This program was built without its questions. `cargo xtask web` makes them.",
    "这个程序构建时没有包含题目。`cargo xtask web` 会生成它们。",
);

pub static QUESTION: Text = text("Question", "题目");
pub static THINK: Text = text("Think first", "先想一想");
pub static THINK_BODY: Text = text(
    "Answer aloud or in writing before you look. What you write stays in this browser.",
    "先口头或书面回答，再看答案。你写下的内容只保存在这个浏览器里。",
);
pub static TIMER: Text = text("Time to think", "思考计时");
pub static START: Text = text("Start the timer", "开始计时");
pub static PAUSE: Text = text("Pause", "暂停");
pub static GO_ON: Text = text("Go on", "继续");
pub static BACK_TO_ZERO: Text = text("Back to zero", "归零");
pub static TIME_UP: Text =
    text("Time is up: say what you have, then compare.", "时间到：把想到的说出来，然后对照答案。");
pub static OWN: Text = text("Your answer", "你的回答");
pub static OWN_HINT: Text = text("Key words are enough", "写下关键词即可");
pub static KEPT: Text = text("Kept", "已保存");
pub static NOT_KEPT: Text = text(
    "This browser keeps nothing for the page, so your answer is gone when you leave.",
    "浏览器不允许页面保存数据，离开后你的回答会丢失。",
);

pub static PREDICT: Text = text("Predict", "做个预测");
pub static PREDICT_BODY: Text = text("Decide before you run anything.", "先做判断，再去运行。");
pub static RIGHT: Text = text("Right.", "正确。");
pub static WRONG: Text = text("Not so.", "并非如此。");
pub static THIS_ONE: Text = text("This is what happens", "实际结果");
pub static YOURS: Text = text("Your choice", "你的选择");
pub static AGAIN: Text = text("Choose again", "重新选择");
pub static FAULTS: Text = text("Find the fault", "找出错误");
pub static FAULTS_BODY: Text = text(
    "Mistakes that circulate in answers to this question. In each piece of code one line is wrong: choose it.",
    "这道题的答案里常见的错误。每段代码都有一行有错，把它选出来。",
);
pub static THIS_LINE: Text = text("This line", "是这一行");
pub static CHECKS: Text = text("Check yourself", "自测");
pub static CHECKS_BODY: Text =
    text("A short quiz. Choose, then read what is said of each option.", "几道小题。先选择，再看对每个选项的说明。");
pub static THIS_ANSWER: Text = text("The answer", "正确答案");

pub static REVEAL: Text = text("Show the answer", "显示答案");
pub static HIDE: Text = text("Hide the answer", "收起答案");
pub static SHORT: Text = text("In 60 seconds", "60 秒回答");
pub static LONG: Text = text("In 5 minutes", "5 分钟回答");
pub static TRAPS: Text = text("Traps", "常见陷阱");
pub static FOLLOW_UPS: Text = text("Follow-ups", "追问");
pub static FOLLOW_UPS_BODY: Text = text("Answer each before you open it.", "先回答，再展开。");
pub static SOURCES: Text = text("Sources", "参考文献");

pub static LAB: Text = text("See it in the lab", "在实验中观察");
pub static LAB_BODY: Text = text(
    "The lab opens with the settings of this question and checks its goals on your own run.",
    "实验会以本题的设置打开，并在你自己的运行上检查本题的目标。",
);
pub static LAB_HERE: Text = text("Open the lab here", "在这里打开实验");
pub static LAB_APART: Text = text("Open it on its own page", "在单独的页面中打开");
pub static LAB_HIDDEN: Text = text(
    "What to try, and what will be seen, is told once you have made your predictions or seen the answer.",
    "做完预测或看过答案后，这里会说明可以试什么、会看到什么。",
);

pub static CODE: Text = text("The code", "代码");
pub static CODE_BODY: Text = text(
    "The lab's own source as it runs here and on the server, then what it shares with other labs.",
    "实验自身的源代码，随后是它与其他实验共用的部分；这里和服务器上运行的就是这些。",
);
pub static FILES: Text = text("Files", "文件");
pub static COPY: Text = text("Copy", "复制");
pub static COPIED: Text = text("Copied.", "已复制。");
pub static NOT_COPIED: Text = text("The browser refused to copy.", "浏览器拒绝了复制。");

pub static RATE: Text = text("How well did you know it?", "掌握得怎么样？");
pub static RATE_BODY: Text = text(
    "Before you looked. The question comes again when you would still know it nine times in ten (FSRS); that stays in this browser.",
    "指看答案之前。系统会在你还有九成把握记得时再让你复习这道题（FSRS），记录只保存在这个浏览器里。",
);
/// In the order of the scheduler's grades.
pub static GRADES: [Text; 4] =
    [text("Again", "重来"), text("Hard", "困难"), text("Good", "良好"), text("Easy", "轻松")];
pub static TAKE_BACK: Text = text("Take it back", "撤销");
pub static PRACTICE: Text = text("Practice", "复习");
pub static DUE: Text = text("Due", "该复习了");
pub static DUE_TODAY: Text = text("Due today", "今天该复习");
pub static NEVER_GRADED: Text = text("Not graded yet", "尚未评分");

/// `tomorrow`, `in 12 days`
pub fn in_days(language: Language, days: u32) -> String {
    match (language, days) {
        (Language::En, 0) => "today".into(),
        (Language::En, 1) => "tomorrow".into(),
        (Language::En, _) => format!("in {days} days"),
        (Language::Zh, 0) => "今天".into(),
        (Language::Zh, 1) => "明天".into(),
        (Language::Zh, _) => format!("{days} 天后"),
    }
}

pub fn comes_again(language: Language, days: u32) -> String {
    let when = in_days(language, days);
    match (language, days) {
        (Language::En, 0) => "It is due today.".into(),
        (Language::En, _) => format!("It comes again {when}."),
        (Language::Zh, 0) => "今天该复习这道题了。".into(),
        (Language::Zh, _) => format!("{when}再复习这道题。"),
    }
}

/// How many of all are shown.
pub fn count(language: Language, shown: usize, all: usize) -> String {
    match (language, shown == all, all) {
        (Language::En, true, 1) => "1 question".into(),
        (Language::En, true, _) => format!("{all} questions"),
        (Language::En, false, _) => format!("{shown} of {all} questions"),
        (Language::Zh, true, _) => format!("共 {all} 题"),
        (Language::Zh, false, _) => format!("{shown} / {all} 题"),
    }
}

pub fn progress(language: Language, answered: usize, seen: usize, due: usize) -> String {
    match language {
        Language::En => format!("{answered} answered, {seen} seen, {due} due"),
        Language::Zh => format!("已作答 {answered} 题，看过答案 {seen} 题，今天该复习 {due} 题"),
    }
}

pub fn difficulty(language: Language, level: u8) -> String {
    match language {
        Language::En => format!("Difficulty {level} of 5"),
        Language::Zh => format!("难度 {level} / 5"),
    }
}

pub fn minutes(language: Language, minutes: u32) -> String {
    match language {
        Language::En => format!("{minutes} min"),
        Language::Zh => format!("{minutes} 分钟"),
    }
}

/// `1:05 of 8:00`
pub fn elapsed(language: Language, clock: &str, minutes: u32) -> String {
    match language {
        Language::En => format!("{clock} of {minutes}:00"),
        Language::Zh => format!("{clock} / {minutes}:00"),
    }
}
