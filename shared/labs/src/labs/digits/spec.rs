//! What the page and the command line are told of this lab.

use kindling_protocol::knob::Knob;
use kindling_protocol::lab::{Goal, GoalTest, LabSpec, Place, Unit};
use kindling_protocol::text::text;

use super::{SLUG, drawing, panels};
use crate::labs::parts::{
    batch, choice, count, digits, epochs, figure, goal, live_rate, number, panel, series, slider, told,
};
use crate::train::run_loop::LEARNING_RATE;

pub fn spec() -> LabSpec {
    LabSpec {
        slug: SLUG.into(),
        title: text("Handwritten digits", "手写数字"),
        summary: text(
            "Build a network that reads handwritten digits, train it here, and try it on your own hand.",
            "搭建一个识别手写数字的网络，就在这里训练，再用你自己的字迹试一试。",
        ),
        knobs: knobs(),
        quick: vec![],
        goals: vec![Goal {
            within_s: Some(60.0),
            ..goal(
                "accuracy",
                text("97 % of the test digits right", "测试集准确率达到 97%"),
                "test_accuracy",
                GoalTest::AtLeast(0.97),
                vec![number(LEARNING_RATE, 10.0)],
            )
        }],
        series: vec![
            series("train-loss", text("Training loss", "训练损失"), "loss", Unit::Number),
            series("validation-loss", text("Validation loss", "验证损失"), "loss", Unit::Number),
            series("train-accuracy", text("Training accuracy", "训练准确率"), "accuracy", Unit::Fraction),
            series("validation-accuracy", text("Validation accuracy", "验证准确率"), "accuracy", Unit::Fraction),
        ],
        figures: vec![
            figure("test_accuracy", text("Test accuracy", "测试准确率"), Unit::Fraction),
            figure("test_loss", text("Test loss", "测试损失"), Unit::Number),
            figure("validation_accuracy", text("Validation accuracy", "验证准确率"), Unit::Fraction),
            figure("validation_loss", text("Validation loss", "验证损失"), Unit::Number),
            figure("drawings_accuracy", text("On generated drawings", "在生成的手写数字上"), Unit::Fraction),
            figure("parameters", text("Parameters", "参数量"), Unit::Number),
        ],
        panels: vec![
            panel(
                panels::CONFUSION,
                text("Confusion matrix", "混淆矩阵"),
                text(
                    "Rows are the true digits, columns the answers, on the test set. A cell opens its pictures.",
                    "行是真实数字，列是模型的回答，取自测试集。点开一格可以看到其中的图片。",
                ),
            ),
            panel(
                panels::MISTAKES,
                text("Mistakes", "错例"),
                text(
                    "Test digits that were read wrongly, the most confident answers first.",
                    "被认错的测试数字，按模型的自信程度从高到低排列。",
                ),
            ),
            panel(
                panels::FIRST_LAYER,
                text("First layer", "第一层权重"),
                text(
                    "What each unit of the first layer looks for: where ink speaks for it, and where against.",
                    "第一层每个单元在寻找什么：哪里有墨迹会支持它，哪里有墨迹会反对它。",
                ),
            ),
            told(),
        ],
        model: true,
        drawing: Some(drawing::examination()),
        places: vec![Place::Cpu, Place::Gpu, Place::Server],
        data: vec!["mnist".into()],
    }
}

fn knobs() -> Vec<Knob> {
    vec![
        choice(
            "model",
            text("Network", "网络"),
            text(
                "Dense layers see all pixels at once; convolutions look for the same small shapes everywhere.",
                "全连接层一次看到所有像素；卷积层在各处寻找同样的小形状。",
            ),
            &[("mlp", text("Dense (MLP)", "全连接 (MLP)")), ("cnn", text("Convolutional (CNN)", "卷积 (CNN)"))],
            "mlp",
        ),
        count(
            "width",
            text("Hidden width", "隐藏层宽度"),
            text("Units of the hidden dense layer.", "全连接隐藏层的单元数。"),
            [8, 1024, 8, 128],
        ),
        count(
            "channels",
            text("Filters", "卷积核数"),
            text(
                "Filters of the first convolution; the second has four times as many. Only for the convolutional network.",
                "第一层卷积的卷积核数，第二层为其四倍。仅用于卷积网络。",
            ),
            [4, 64, 4, 16],
        )
        .only_when("model", &["cnn"]),
        slider(
            "dropout",
            text("Dropout", "随机失活"),
            text(
                "Share of the hidden units that are switched off at random at each step.",
                "每一步随机关闭的隐藏单元比例。",
            ),
            [0.0, 0.8, 0.05, 0.0],
        ),
        choice(
            "optimiser",
            text("Optimiser", "优化器"),
            text("How a gradient becomes a step.", "如何由梯度得到更新步。"),
            &[
                ("sgd", text("SGD with momentum", "带动量的 SGD")),
                ("rmsprop", text("RMSprop", "RMSprop")),
                ("adam", text("Adam", "Adam")),
                ("adamw", text("AdamW", "AdamW")),
            ],
            "adam",
        ),
        live_rate([1e-5, 10.0, 0.002]),
        choice(
            "schedule",
            text("Schedule", "学习率变化"),
            text(
                "Constant, or up over the first tenth and then down to nothing.",
                "保持不变，或在前十分之一升高后逐渐降到零。",
            ),
            &[("constant", text("Constant", "恒定")), ("cosine", text("Warm-up and cosine", "预热加余弦"))],
            "cosine",
        ),
        slider(
            "decay",
            text("Weight decay", "权重衰减"),
            text(
                "How strongly AdamW pulls weights to zero. Only for AdamW.",
                "AdamW 将权重拉向零的强度。仅用于 AdamW。",
            ),
            [0.0, 0.5, 0.005, 0.01],
        )
        .only_when("optimiser", &["adamw"]),
        batch([8, 512, 8, 64]),
        epochs([1, 100, 1, 3]),
        count(
            "samples",
            text("Training samples", "训练样本数"),
            text(
                "Pictures to learn from. Up to 58,000 the last 2,000 of the training set are held out to validate; beyond, generated drawings serve for that.",
                "用来学习的图片数。不超过 58,000 时，训练集的最后 2,000 张留作验证；超过时改用生成的数字验证。",
            ),
            [500, 60_000, 500, 55_000],
        ),
        slider(
            "smoothing",
            text("Label smoothing", "标签平滑"),
            text(
                "Share of the target probability that is spread over all digits, so that the network is not taught to be certain.",
                "分摊到所有数字上的目标概率，使网络不至于过分自信。",
            ),
            [0.0, 0.3, 0.01, 0.0],
        ),
        choice(
            "augmentation",
            text("Augmentation", "数据增强"),
            text(
                "Vary each picture as hands do: turn, slant, stretch, bend, thicker and thinner pens.",
                "像不同的人书写那样变化每张图片：旋转、倾斜、拉伸、弯曲、笔画粗细。",
            ),
            &[("none", text("None", "无")), ("light", text("Light", "轻度")), ("full", text("Full", "充分"))],
            "none",
        ),
        slider(
            "pen",
            text("Pen drawings", "手绘样本"),
            text(
                "Share of the samples that are drawn as on the pad, for a network that is to read what people draw there.",
                "以画板方式绘制的样本所占比例，让网络更善于识别画板上的字迹。",
            ),
            [0.0, 0.5, 0.05, 0.0],
        ),
        digits(),
    ]
}
