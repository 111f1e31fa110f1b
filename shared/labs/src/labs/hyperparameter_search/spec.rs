//! What the page and the command line are told of this lab.

use kindling_protocol::knob::{Knob, Knobs};
use kindling_protocol::lab::{Cost, Figure, GoalTest, LabSpec, Panel, Place, Unit};
use kindling_protocol::text::text;

use super::{SLUG, panels, problem, search};
use crate::data::size::on_its_way;
use crate::labs::parts::{OWN, choice, count, figure, goal, number, own_table, panel, series, switch, word};

pub fn spec() -> LabSpec {
    LabSpec {
        slug: SLUG.into(),
        title: text("Hyperparameter search", "超参数搜索"),
        summary: text(
            "Tune a small network by grid, by chance and by successive halving, at one budget and by cross-validation.",
            "在同样的预算下，用网格、随机和逐次减半搜索为小网络调参，以交叉验证评判。",
        ),
        knobs: knobs(),
        quick: vec![number("trials", 9.0), number("epochs", 3.0), number("folds", 3.0)],
        goals: vec![goal(
            "random-beats-grid",
            text(
                "Where two of six matter, chance ends 0.35 above the grid, each with 64 trials",
                "六个超参数中只有两个起作用时，各试 64 次，随机搜索比网格高 0.35",
            ),
            "advantage",
            GoalTest::AtLeast(0.35),
            vec![word("rate-scale", "linear")],
        )],
        series: vec![
            series(search::SCORE, text("This trial", "本次试验"), "accuracy", Unit::Fraction),
            series(search::BEST, text("Best so far", "迄今最优"), "accuracy", Unit::Fraction),
        ],
        figures: figures(),
        panels: panels(),
        model: false,
        drawing: None,
        places: vec![Place::Cpu, Place::Gpu, Place::Server],
        data: vec!["wine-quality".into(), "breast-cancer".into(), "mnist".into()],
    }
}

fn figures() -> Vec<Figure> {
    vec![
        figure("advantage", text("Planted task: random − grid", "植入任务：随机 − 网格"), Unit::Number),
        figure("planted_random", text("Planted task: best of random", "植入任务：随机的最优"), Unit::Number),
        figure("planted_grid", text("Planted task: best of grid", "植入任务：网格的最优"), Unit::Number),
        figure("planted_won", text("Planted task: random wins", "植入任务：随机胜出的比例"), Unit::Fraction),
        figure("folds_accuracy", text("Chosen: accuracy on the folds", "选中者：各折准确率"), Unit::Fraction),
        figure("test_accuracy", text("Chosen: accuracy on the test part", "选中者：测试准确率"), Unit::Fraction),
        figure("optimism", text("Folds − test", "各折 − 测试"), Unit::Fraction),
        figure("trials", text("Trials", "试验数"), Unit::Number),
        figure("cost", text("Epochs trained", "已训练轮数"), Unit::Number),
    ]
}

fn panels() -> Vec<Panel> {
    vec![
        panel(
            panels::PLANTED,
            text("Two of six matter", "六个中只有两个起作用"),
            text(
                "Best score so far on a made-up task, on average over 400. In 64 trials a grid sees two learning rates, chance 64. It is always 64, whatever your budget: two values of each of the six make 64. Of the knobs only the scale of the learning rate changes it.",
                "在构造的任务上迄今最优得分，400 次平均。64 次试验中，网格只试两个学习率，随机试 64 个。这里固定为 64 次，与所设预算无关：六个超参数各取两个值就是 64 个配置。旋钮中只有学习率的尺度会改变它。",
            ),
        ),
        panel(
            panels::COST,
            text("Best so far against cost", "迄今最优与代价"),
            text(
                "Cost in epochs, each on all folds. Successive halving begins with many short trials.",
                "代价以轮数计，每轮在所有折上进行。逐次减半先做大量短试验。",
            ),
        ),
        panel(
            panels::HEAT,
            text("Score over two hyperparameters", "得分随两个超参数的变化"),
            text(
                "The best trial in each cell; empty where none fell. Where more than two are searched, choose which two.",
                "每格取最好的试验；没有试验落入则为空。搜索的超参数多于两个时，可选择看哪两个。",
            ),
        ),
        panel(
            panels::PARALLEL,
            text("Parallel coordinates", "平行坐标"),
            text(
                "The best trials as lines, the worst dashed. An axis on which the best lie together matters.",
                "实线为最好的试验，虚线为最差的。最好的试验聚在一起的坐标轴就是重要的超参数。",
            ),
        ),
        panel(
            panels::TRIALS,
            text("Best trials", "最好的试验"),
            text(
                "Trials closer together than the standard error of their means, the deviation over the folds by √(k − 1), may be taken as equally good.",
                "差距小于均值标准误（各折标准差除以 √(k − 1)）的试验可视为同样好。",
            ),
        ),
    ]
}

fn knobs() -> Vec<Knob> {
    let mut knobs = vec![
        choice(
            "method",
            text("Method", "方法"),
            text(
                "What is tried. All three spend the same number of epochs, the grid what fits into them.",
                "试哪些配置。三种方法花费的轮数相同，网格取预算内放得下的部分。",
            ),
            &[
                ("random", text("Random", "随机")),
                ("grid", text("Grid", "网格")),
                ("halving", text("Successive halving", "逐次减半")),
            ],
            "random",
        ),
        count(
            "trials",
            text("Budget in full trials", "预算（完整试验数）"),
            text(
                "So many trials of full length, or as many epochs in shorter ones. Of the search on the data; the made-up task always has 64.",
                "完整长度的试验数，或等量轮数的短试验。用于在数据上的搜索；构造的任务固定为 64 次。",
            ),
            [4, 81, 1, 27],
        ),
        choice(
            "searched",
            text("Searched", "搜索范围"),
            text("The others stand where they usually do.", "其余超参数取常用值。"),
            &[
                ("2", text("Learning rate, momentum", "学习率、动量")),
                ("3", text("And the L2 penalty", "再加 L2 惩罚")),
                ("6", text("And batch, width, initial scale", "再加批大小、宽度、初始尺度")),
            ],
            "3",
        ),
        choice(
            "rate-scale",
            text("Scale of the learning rate", "学习率的尺度"),
            text(
                "Between 0.0001 and 10. On a linear scale nine of ten draws are above 1.",
                "范围 0.0001 到 10。若用线性尺度，十次有九次抽到大于 1 的值。",
            ),
            &[("log", text("Logarithmic", "对数")), ("linear", text("Linear", "线性"))],
            "log",
        ),
        count("epochs", text("Epochs", "轮数"), text("Of a full trial.", "一次完整试验的轮数。"), [1, 27, 1, 9]),
        count(
            "folds",
            text("Folds", "折数"),
            text(
                "Each trial is trained once for each fold and judged on it.",
                "每次试验对每一折训练一次，并在该折上评判。",
            ),
            [2, 10, 1, 5],
        ),
        choice(
            "data",
            text("Data", "数据"),
            text(
                "Three tenths, or 2,000 other digits, are kept for one test at the end.",
                "留出三成（或另外 2000 个数字），最后只测一次。",
            ),
            &[
                ("wine-quality", text("Wine quality", "葡萄酒品质")),
                ("breast-cancer", text("Breast cancer", "乳腺癌")),
                ("mnist", text("MNIST, 2,000 digits at 14 × 14", "MNIST，2000 个 14 × 14 的数字")),
                ("generated", text("Generated", "生成数据")),
                OWN,
            ],
            "wine-quality",
        ),
    ];
    knobs.extend(own_table());
    knobs.push(switch(
        "recall",
        text("Take scores of earlier runs", "沿用之前运行的得分"),
        text(
            "A configuration that an earlier run judged on the same data, folds and seed is not trained again. Off, what was known of them is forgotten.",
            "之前的运行若在相同的数据、折和种子上评判过某个配置，就不再训练。关闭则忘掉这些得分，全部重新训练。",
        ),
        true,
    ));
    knobs
}

/// How many hyperparameters are searched.
pub fn searched(knobs: &Knobs) -> usize {
    knobs.word("searched").parse().expect("the knob offers numbers")
}

/// Of the sets that the knob `data` offers: rows that are searched on, inputs, classes.
const SIZES: [(&str, u64, u64, u64); 5] = [
    ("wine-quality", problem::ROWS as u64, 13, 7),
    ("breast-cancer", 489, 10, 2),
    ("mnist", problem::ROWS as u64, problem::INPUTS as u64, 10),
    ("generated", problem::ROWS as u64, 6, 2),
    // A guess: nobody knows it before it is read.
    ("own", problem::ROWS as u64, 20, 2),
];
/// Hidden units, on average.
const HIDDEN: u64 = 16;

pub fn cost(knobs: &Knobs) -> Cost {
    let data = knobs.word("data");
    let &(_, rows, inputs, classes) = SIZES.iter().find(|(name, ..)| *name == data).expect("the knob offers these");
    let data_bytes = on_its_way(data);
    let (rungs, folds) = (search::rungs(knobs), knobs.count("folds") as u64);
    let samples = rungs.iter().map(|rung| rung.0 as u64 * rung.1).sum::<u64>() * rows * (folds - 1);
    let parameters = (inputs + 1) * HIDDEN + (HIDDEN + 1) * classes;
    Cost {
        steps: rungs.iter().map(|rung| rung.0 as u64).sum::<u64>() * folds,
        samples,
        flops: 6.0 * (parameters * samples) as f64,
        parameters,
        data_bytes,
        memory_bytes: 8 * data_bytes + 8 * rows * inputs * folds,
    }
}
