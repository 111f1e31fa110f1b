//! What the page and the command line are told of this lab.

use kindling_protocol::knob::Knob;
use kindling_protocol::lab::{GoalTest, LabSpec, Place, Unit};
use kindling_protocol::text::text;

use super::{SLUG, panels, sentences, texts, words};
use crate::data::newsgroups;
use crate::labs::parts::{
    choice, count, figure, filled_at, goal, judged, live_rate, number, panel, ratio, series, slider, told, word,
};

pub fn spec() -> LabSpec {
    LabSpec {
        slug: SLUG.into(),
        title: text("Learning without labels", "无标签学习"),
        summary: text(
            "Make features from pictures or texts alone, then see how far a handful of labels goes on them.",
            "只凭图片或文本本身学出特征，再看看在这些特征上少量标签能走多远。",
        ),
        knobs: knobs(),
        quick: vec![number("samples", 4_000.0), number("epochs", 5.0)],
        goals: vec![judged(
            // Rotation gains about 8 points, less than the bar that tells views apart from equal ones.
            "pretext",
            &["simclr"],
            goal(
                "gain",
                text(
                    "A linear probe is at least 12 points better on the learnt features than on random ones",
                    "线性探针在学到的特征上比随机特征至少高 12 个百分点",
                ),
                "gain",
                // Views that are the same gain up to 8 points too, by pushing other pictures apart; default runs of seeds 1
                // to 10 gain 24 to 29, on messages 26 to 34.
                GoalTest::AtLeast(0.12),
                // Of texts it is the mask that is missing.
                vec![word("pretext", "simclr"), word("augmentation", "none"), number("masked", 0.0)],
            ),
        )],
        series: vec![
            series("loss", text("Loss of the pretext task", "前置任务损失"), "loss", Unit::Number),
            series(
                "spread",
                text("Collapse meter (0: collapsed)", "坍缩指标 (0 为完全坍缩)"),
                "spread",
                Unit::Fraction,
            ),
            series(
                "neighbours",
                text("Vote of the 20 nearest (labels are only looked at)", "最近 20 个样本投票（标签只用于观察）"),
                "accuracy",
                Unit::Fraction,
            ),
        ],
        figures: vec![
            figure("probe_accuracy", text("Probe on learnt features", "探针准确率，学到的特征"), Unit::Fraction),
            figure(
                "neighbours_accuracy",
                text(
                    "Vote of the 20 nearest among 1,000 labelled or fewer",
                    "至多 1,000 个有标签样本中最近 20 个的投票",
                ),
                Unit::Fraction,
            ),
            figure("random_accuracy", text("Probe on random features", "探针准确率，随机特征"), Unit::Fraction),
            figure(
                "supervised_accuracy",
                text("Supervised on the same labels alone", "只用同样标签的监督学习"),
                Unit::Fraction,
            ),
            figure("gain", text("Gain over random features", "相对随机特征的提升"), Unit::Fraction),
            figure("labels", text("Labels the probe saw", "探针用到的标签数"), Unit::Number),
            figure("spread", text("Spread of the features", "特征的分散程度"), Unit::Fraction),
        ],
        panels: vec![
            panel(
                panels::PROBES,
                text("Accuracy by number of labels", "准确率与标签数"),
                text(
                    "A softmax regression on frozen features, beside the whole network trained from scratch on the same labels; tested on 2,000 samples that nobody learnt from.",
                    "在冻结特征上做 softmax 回归，并与只用同样标签从头训练的整个网络对照；用 2,000 个未参与学习的样本测试。",
                ),
            ),
            panel(
                panels::MAP,
                text("Map of the features", "特征分布图"),
                text(
                    "The two directions in which features differ most: of 200 samples while it learns, of 500 test samples at the end. Each class has a colour and a shape; the encoder was never told the classes.",
                    "特征差异最大的两个方向：学习过程中取 200 个样本，结束时取 500 个测试样本。每个类别各有一种颜色和形状，编码器从未见过类别标签。",
                ),
            ),
            panel(
                panels::NEIGHBOURS,
                text("Nearest neighbours", "最近邻"),
                text(
                    "A test picture a row, then the five whose features point most nearly the same way. 3 → 5: looked for like class 3, and class 5 came. Of texts the two nearest.",
                    "每行先是一张测试图片，随后是特征方向最接近的五张。“3 → 5”表示以类别 3 去查找，找到的却是类别 5。文本则列出最近的两段。",
                ),
            ),
            told(),
            filled_at(
                vec![word("data", newsgroups::SET)],
                panel(
                    words::GUESSES,
                    text("Masked words", "被遮住的词"),
                    text(
                        "Only for texts: what the network guesses behind the masks. It sees which words are left, not their order.",
                        "仅用于文本：网络对被遮住的词的猜测。它只看到剩下哪些词，看不到词序。",
                    ),
                ),
            ),
        ],
        model: false,
        drawing: None,
        places: vec![Place::Cpu, Place::Gpu, Place::Server],
        data: vec!["mnist".into(), "fashion-mnist".into(), newsgroups::SET.into()],
    }
}

/// The data that a pretext task of pictures is for.
const PICTURES: &[&str] = &["mnist", "fashion-mnist", "generated"];

fn knobs() -> Vec<Knob> {
    vec![
        choice(
            "pretext",
            text("Pretext task", "前置任务"),
            text(
                "Which of the other views shows the same picture (SimCLR), or by how many quarter turns a picture is turned.",
                "在其余视图中找出来自同一张图片的那一个（SimCLR），或判断图片被转了几个直角。",
            ),
            &[("simclr", text("Two views (SimCLR)", "两个视图 (SimCLR)")), ("rotation", text("Rotation", "旋转"))],
            "simclr",
        )
        .only_when("data", PICTURES),
        choice(
            "augmentation",
            text("Views", "视图的差异"),
            text(
                "How much two views of a picture differ. What they do not share, the features learn to ignore.",
                "同一图片的两个视图相差多少。视图之间不同的东西，特征会学着忽略。",
            ),
            &[
                ("none", text("The same picture twice", "两个视图相同")),
                ("light", text("Light", "轻微")),
                ("strong", text("Strong", "强烈")),
            ],
            "strong",
        )
        .only_when("pretext", &["simclr"])
        .only_when("data", PICTURES),
        slider(
            "masked",
            text("Masked words", "遮住的词"),
            text(
                "Share of a text's words that can't be seen and are asked for. BERT masks 0.15.",
                "文本中被遮住并要求猜出的词所占的比例。BERT 遮住 0.15。",
            ),
            [0.0, 0.5, 0.05, 0.25],
        )
        .only_when("data", &[newsgroups::SET, sentences::SOURCE]),
        ratio(
            "temperature",
            text("Temperature", "温度"),
            text(
                "Small: only the most similar other pictures push away. Large: all push alike.",
                "越小，只有最相似的其他图片产生排斥；越大，所有图片排斥力趋于相同。",
            ),
            [0.02, 5.0, 0.2],
        )
        .only_when("pretext", &["simclr"])
        .only_when("data", PICTURES),
        count(
            "batch",
            text("Batch", "批大小"),
            text(
                "Pictures a step. Of 2N views, each has to be told from 2N - 2 others: a larger batch is a harder task.",
                "每一步的图片数 N。每个视图要与另外 2N - 2 个区分开，批越大任务越难。",
            ),
            [16, 256, 16, 128],
        ),
        count(
            "width",
            text("Width", "宽度"),
            text("Units of the encoder's hidden layer.", "编码器隐藏层的单元数。"),
            [32, 512, 32, 256],
        ),
        live_rate([1e-5, 1.0, 0.002]),
        count(
            "epochs",
            text("Epochs", "轮数"),
            text("Times through the samples, without their labels.", "在不使用标签的情况下遍历样本的次数。"),
            [1, 50, 1, 6],
        ),
        count("samples", text("Samples", "样本数"), text("Without labels.", "不含标签。"), [500, 50_000, 500, 10_000]),
        count(
            "labels",
            text("Labels", "标签数"),
            text("Samples whose label the linear probe may see.", "线性探针可以看到标签的样本数。"),
            [20, 5_000, 20, 500],
        ),
        choice(
            "data",
            text("Data", "数据"),
            text(
                "Messages of four newsgroups, stripped of headers, quotes and signatures, are asked for masked words, and so are English sentences made by a program, whatever the pretext task of pictures.",
                "四个新闻组的消息（已去掉信头、引用和签名）以及程序生成的英文句子，任务总是猜被遮住的词，与图片的前置任务无关。",
            ),
            &[
                ("mnist", text("MNIST", "MNIST")),
                ("fashion-mnist", text("Fashion-MNIST", "Fashion-MNIST")),
                ("generated", text("Generated digits", "生成的数字")),
                (newsgroups::SET, texts::NAME),
                (sentences::SOURCE, sentences::NAME),
            ],
            "mnist",
        ),
    ]
}
