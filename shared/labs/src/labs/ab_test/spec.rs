//! What the page and the command line are told of this lab.

use kindling_protocol::knob::{Knob, KnobValue, Knobs};
use kindling_protocol::lab::{Cost, Figure, GoalTest, LabSpec, Panel, Place, Unit};
use kindling_protocol::text::text;

use super::contest::{PREDICTIONS, RUNS};
use super::{SLUG, panels, simulation};
use crate::data::size::on_its_way;
use crate::labs::parts::{
    TABLES, choice, count, figure, goal, number, of_tables, own_table, panel, predictions, series, slider, switch,
};

pub fn spec() -> LabSpec {
    LabSpec {
        slug: SLUG.into(),
        title: text("A/B tests", "A/B 测试"),
        summary: text(
            "Compare two models on one test set and two variants before people, and see how often each test is fooled.",
            "在同一测试集上比较两个模型，在人群中比较两个方案，看看每种检验会被骗多少次。",
        ),
        knobs: knobs(),
        quick: vec![number("epochs", 5.0)],
        goals: vec![
            goal(
                "level",
                text(
                    "False alarms within one point of alpha over the A/A tests",
                    "A/A 检验的误报率与 α 相差不超过 1 个百分点",
                ),
                "level_error",
                GoalTest::AtMost(0.01),
                vec![("peeking".into(), KnobValue::Flag(true))],
            ),
            goal(
                "power",
                text("At most 3 points short of the planned power", "检验力与计划相差不超过 3 个百分点"),
                "power_missing",
                GoalTest::AtMost(0.03),
                vec![number("traffic", 0.5)],
            ),
        ],
        series: vec![
            series("loss-a", text("Loss of A", "A 的损失"), "loss", Unit::Number),
            series("loss-b", text("Loss of B", "B 的损失"), "loss", Unit::Number),
            series(simulation::SERIES, text("False alarms so far", "目前的误报率"), "errors", Unit::Fraction),
        ],
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
        figure("false_positives", text("False alarms in A/A tests", "A/A 检验的误报率"), Unit::Fraction),
        figure("level_error", text("Distance from alpha", "与 α 的差距"), Unit::Fraction),
        figure("power_found", text("Power at the planned effect", "计划效应下的检验力"), Unit::Fraction),
        figure("power_missing", text("Power missing", "检验力缺口"), Unit::Fraction),
        figure("samples", text("Samples planned (a group, or pairs)", "计划样本数（每组或对数）"), Unit::Number),
        figure("samples_used", text("Samples used on average", "平均实际用量"), Unit::Number),
        figure("accuracy_a", text("Accuracy of A", "A 的准确率"), Unit::Fraction),
        figure("accuracy_b", text("Accuracy of B", "B 的准确率"), Unit::Fraction),
        figure("p_paired", text("p by McNemar (paired)", "McNemar 的 p 值（配对）"), Unit::Number),
        figure("p_unpaired", text("p as if independent", "误当独立时的 p 值"), Unit::Number),
    ]
}

fn panels() -> Vec<Panel> {
    vec![
        panel(
            panels::POWER,
            text("Power", "检验力曲线"),
            text(
                "How often an experiment of this size finds a difference, by theory and by simulation. At zero it should be alpha.",
                "这一规模的实验发现差异的频率：理论与模拟。差异为零处应等于 α。",
            ),
        ),
        panel(
            panels::ERRORS,
            text("What peeking costs", "偷看的代价"),
            text(
                "The share of A/A tests, where there is nothing to find, that some look so far called significant.",
                "A/A 检验本无差异，图中是截至此刻至少有一次被判显著的比例。",
            ),
        ),
        panel(
            panels::PATHS,
            text("p-values over time", "p 值随时间的变化"),
            text(
                "Three A/A tests read at every look with the fixed test. A p-value wanders; who waits long enough sees it small.",
                "三次 A/A 检验，每次查看都用固定样本检验读取。p 值会游走，等得够久总能看到它变小。",
            ),
        ),
        panel(
            panels::PAIRS,
            text("Two models, the same rows", "两个模型，同一批样本"),
            text(
                "McNemar's test looks at the two cells where only one model is right.",
                "McNemar 检验只看仅有一个模型答对的那两格。",
            ),
        ),
        panel(
            panels::TESTS,
            text("All tests of the two models", "两个模型的全部检验"),
            text(
                "The unpaired ones take the two for answers of different people; they are about the same rows, so their intervals are too wide.",
                "不配对的检验把两份答案当作来自不同的人群，其实是同一批样本，因此区间过宽。",
            ),
        ),
        panel(
            panels::INTERVALS,
            text("Intervals", "区间图"),
            text(
                "An interval that crosses the dashed line does not tell the models apart.",
                "跨过虚线的区间不能区分两个模型。",
            ),
        ),
    ]
}

fn knobs() -> Vec<Knob> {
    let mut knobs = vec![
        choice(
            "test",
            text("Test", "检验"),
            text(
                "How the simulated experiments are judged. McNemar gets pairs, the others two groups.",
                "如何评判模拟实验。McNemar 用配对样本，其余用两组样本。",
            ),
            &[
                ("z", text("Two-proportion z", "两比例 z 检验")),
                ("welch", text("Welch t", "Welch t 检验")),
                ("mcnemar", text("McNemar (paired)", "McNemar（配对）")),
                ("bootstrap", text("Bootstrap", "自助法")),
                ("spending", text("Sequential: spent alpha", "序贯：α 消耗")),
                ("always-valid", text("Sequential: always valid", "序贯：始终有效")),
            ],
            "z",
        ),
        switch(
            "peeking",
            text("Peeking", "偷看"),
            text(
                "Test at every look and stop at the first significant one. Sequential tests always may.",
                "每次查看都做检验，一显著就停。序贯检验本就允许这样做。",
            ),
            false,
        )
        .only_when("test", &["z", "welch", "mcnemar", "bootstrap"]),
        count(
            "looks",
            text("Looks", "查看次数"),
            text("How often the data are looked at until the end.", "到结束为止查看数据的次数。"),
            [1, 50, 1, 20],
        ),
        slider(
            "base",
            text("Base rate", "基准转化率"),
            text("Rate of success without a difference.", "无差异时的成功率。"),
            [0.01, 0.7, 0.01, 0.1],
        )
        .only_when("test", &["z", "welch", "bootstrap", "spending", "always-valid"]),
        slider(
            "effect",
            text("Effect", "效应"),
            text("The difference that the experiment is planned to find.", "实验计划要发现的差异。"),
            [0.005, 0.2, 0.005, 0.02],
        ),
        slider(
            "alpha",
            text("Alpha", "显著性水平 α"),
            text("False alarms that are accepted where there is no difference.", "在无差异时可以接受的误报率。"),
            [0.01, 0.2, 0.01, 0.05],
        ),
        slider(
            "power",
            text("Power", "检验力"),
            text("How often the planned effect is to be found.", "计划效应应被发现的频率。"),
            [0.5, 0.95, 0.05, 0.8],
        ),
        slider(
            "traffic",
            text("Share of the planned samples", "实际收集的样本比例"),
            text("Below 1 the experiment ends before it is large enough.", "小于 1 表示实验在样本不足时就结束。"),
            [0.1, 2.0, 0.05, 1.0],
        ),
        slider(
            "differing",
            text("Pairs that differ", "结论不同的样本对"),
            text(
                "Share of the samples on which two models differ. Only for McNemar's simulation.",
                "两个模型结论不同的样本比例。仅用于 McNemar 的模拟。",
            ),
            [0.02, 0.5, 0.01, 0.1],
        )
        .only_when("test", &["mcnemar"]),
        count(
            "experiments",
            text("A/A tests", "A/A 检验次数"),
            text(
                "Simulated experiments without a difference; a quarter as many for each real difference.",
                "无差异的模拟实验数；每种真实差异再各模拟四分之一。",
            ),
            [2_000, 40_000, 1_000, 20_000],
        ),
        choice(
            "data",
            text("Data of the two models", "两个模型的数据"),
            text(
                "What they learn from and are compared on; or two runs, whose predictions are compared as they are.",
                "用于训练和比较的数据；也可选两次运行，直接比较它们的预测。",
            ),
            &[&TABLES[..], &[(RUNS, text("Two runs", "两次运行"))]].concat(),
            "wine-quality",
        ),
        of_tables(count(
            "hidden-a",
            text("Hidden units of A", "A 的隐藏单元"),
            text("0 is softmax regression.", "0 即 softmax 回归。"),
            [0, 128, 1, 64],
        )),
        of_tables(count(
            "hidden-b",
            text("Hidden units of B", "B 的隐藏单元"),
            text("As many as A has: then the two differ by their seeds alone.", "与 A 相同时，两者只差随机种子。"),
            [0, 128, 1, 0],
        )),
        of_tables(count(
            "epochs",
            text("Epochs", "轮数"),
            text("Of both models.", "两个模型各自的轮数。"),
            [1, 100, 1, 20],
        )),
    ];
    // Beside the choice that they belong to.
    let data = knobs.iter().position(|knob| knob.id == "data").expect("it is above");
    knobs.splice(data + 1..data + 1, own_table());
    for (place, label) in
        [text("Predictions of A", "A 的预测"), text("Predictions of B", "B 的预测")].into_iter().enumerate()
    {
        let help = text(
            "For the choice “Two runs” above. Both must have been judged on the same test samples.",
            "用于上面的“两次运行”选项。两者必须在同一批测试样本上评判。",
        );
        knobs.insert(data + 3 + place, predictions(PREDICTIONS[place], label, help).only_when("data", &[RUNS]));
    }
    knobs
}

/// Of the sets that the knob `data` offers: rows to train on, inputs, classes.
const SIZES: [(&str, u64, u64, u64); 6] = [
    ("wine-quality", 3_248, 13, 7),
    ("breast-cancer", 349, 10, 2),
    ("mammography", 5_591, 6, 2),
    ("generated", 6_000, 6, 2),
    // A guess: nobody knows it before it is read.
    ("own", 6_000, 20, 2),
    // Nothing is trained.
    (RUNS, 0, 0, 0),
];

pub fn cost(knobs: &Knobs) -> Cost {
    let data = knobs.word("data");
    let &(_, rows, inputs, classes) = SIZES.iter().find(|(name, ..)| *name == data).expect("the knob offers these");
    let data_bytes = on_its_way(data);
    let parameters = ["hidden-a", "hidden-b"].map(|knob| match knobs.count(knob) as u64 {
        _ if rows == 0 => 0,
        0 => (inputs + 1) * classes,
        hidden => (inputs + 1) * hidden + (hidden + 1) * classes,
    });
    let epochs = knobs.count("epochs") as u64;
    let (all, simulated) = (parameters.iter().sum::<u64>(), simulation::steps(knobs));
    Cost {
        steps: 2 * epochs * (rows / 64) + simulated,
        samples: 2 * epochs * rows,
        flops: 6.0 * (all * epochs * rows) as f64 + simulated as f64 * 1e6,
        parameters: all,
        data_bytes,
        memory_bytes: 16 * all + 8 * data_bytes + 8 * rows * inputs,
    }
}
