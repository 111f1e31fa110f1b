//! What the page and the command line are told of this lab.

use kindling_protocol::knob::Knob;
use kindling_protocol::lab::{Figure, GoalTest, LabSpec, Panel, Place, Series, Unit};
use kindling_protocol::text::text;

use super::{SLUG, panels};
use crate::labs::parts::{
    choice, count, digits, epochs, figure, filled_at, flag, goal, live, number, panel, ratio, series, slider, switch,
    told, width,
};
use crate::train::run_loop::LEARNING_RATE;

pub fn spec() -> LabSpec {
    LabSpec {
        slug: SLUG.into(),
        title: text("Overfitting", "过拟合"),
        summary: text(
            "Teach a network from a thousand digits without letting it learn them by heart: weight decay, dropout, early stopping, width, noise.",
            "只用一千张数字训练网络，又不让它死记硬背：权重衰减、随机失活、早停、宽度与标签噪声。",
        ),
        knobs: knobs(),
        // The defaults take a few seconds.
        quick: vec![],
        goals: vec![
            goal(
                "gap",
                text("At most 3 points between training and validation", "训练与验证准确率相差不超过 3 个百分点"),
                "gap",
                GoalTest::AtMost(0.03),
                vec![number("decay", 0.0), number("dropout", 0.0), number("epochs", 200.0)],
            ),
            goal(
                "accuracy",
                text("88 % of the validation digits right", "验证准确率达到 88%"),
                "validation_accuracy",
                GoalTest::AtLeast(0.88),
                // Too much of a good thing.
                vec![number("decay", 1.0)],
            ),
        ],
        series: all_series(),
        figures: figures(),
        panels: all_panels(),
        model: true,
        drawing: None,
        places: vec![Place::Cpu, Place::Gpu, Place::Server],
        data: vec!["mnist".into()],
    }
}

fn all_series() -> Vec<Series> {
    vec![
        series("fit-loss", text("Training loss", "训练损失"), "loss", Unit::Number),
        series("validation-loss", text("Validation loss", "验证损失"), "loss", Unit::Number),
        series("train-loss", text("While learning, with dropout", "学习过程中（含随机失活）"), "loss", Unit::Number),
        series("fit-accuracy", text("Training accuracy", "训练准确率"), "accuracy", Unit::Fraction),
        series("validation-accuracy", text("Validation accuracy", "验证准确率"), "accuracy", Unit::Fraction),
        series(
            "train-accuracy",
            text("While learning, with dropout", "学习过程中（含随机失活）"),
            "accuracy",
            Unit::Fraction,
        ),
        series("other-fit-accuracy", text("Other decay: training", "另一种衰减：训练"), "accuracy", Unit::Fraction),
        series(
            "other-validation-accuracy",
            text("Other decay: validation", "另一种衰减：验证"),
            "accuracy",
            Unit::Fraction,
        ),
    ]
}

fn figures() -> Vec<Figure> {
    vec![
        figure("gap", text("Gap", "差距"), Unit::Fraction),
        figure("validation_accuracy", text("Validation accuracy", "验证准确率"), Unit::Fraction),
        figure("train_accuracy", text("Training accuracy", "训练准确率"), Unit::Fraction),
        figure("test_accuracy", text("Test accuracy", "测试准确率"), Unit::Fraction),
        figure("epochs", text("Epochs", "轮数"), Unit::Number),
        figure("weight_norm", text("Norm of all weights", "全部权重的范数"), Unit::Number),
        figure("near_zero", text("Weights within ±0.001", "绝对值小于 0.001 的权重"), Unit::Fraction),
        figure("other_gap", text("Gap with the other decay", "另一种衰减的差距"), Unit::Fraction),
        figure(
            "other_validation",
            text("Validation accuracy with the other decay", "另一种衰减的验证准确率"),
            Unit::Fraction,
        ),
        figure(
            "other_weight_norm",
            text("Norm of all weights with the other decay", "另一种衰减的权重范数"),
            Unit::Number,
        ),
        figure(
            "other_near_zero",
            text("Weights within ±0.001 with the other decay", "另一种衰减中绝对值小于 0.001 的权重"),
            Unit::Fraction,
        ),
    ]
}

fn all_panels() -> Vec<Panel> {
    vec![
        panel(
            panels::GAP,
            text("Training against validation", "训练与验证对比"),
            text(
                "Accuracy without dropout, epoch by epoch. The gap between the two is shaded.",
                "关闭随机失活时逐轮的准确率。两者之间的差距以阴影表示。",
            ),
        ),
        panel(
            panels::LOSSES,
            text("The same in loss", "以损失衡量"),
            text(
                "Loss sees overfitting sooner than accuracy: it charges for wrong answers that are certain.",
                "损失比准确率更早暴露过拟合：它会惩罚自信的错误。",
            ),
        ),
        panel(
            panels::WEIGHTS,
            text("Weights", "权重分布"),
            text(
                "How large the weights are at the start and after training, with the decay in the one place and in the other.",
                "权重在初始时和训练后的大小分布，分别对应衰减放在两处的情形。",
            ),
        ),
        filled_at(
            // Those at which there is a second descent to be seen.
            vec![
                number("decay", 0.0),
                number("dropout", 0.0),
                number("label-noise", 0.4),
                number("epochs", 100.0),
                flag("sweep", true),
            ],
            panel(
                panels::SWEEP,
                text("Error against width", "错误率随宽度的变化"),
                text(
                    "Filled when the sweep is on: training and validation error of networks from 2 to 320 hidden units.",
                    "打开宽度扫描后显示：隐藏单元数从 2 到 320 的网络的训练与验证错误率。",
                ),
            ),
        ),
        told(),
    ]
}

fn knobs() -> Vec<Knob> {
    vec![
        slider(
            "decay",
            text("Weight decay", "权重衰减"),
            text("How strongly weights are pulled to zero. 0: not at all.", "将权重拉向零的强度。0 表示不衰减。"),
            [0.0, 10.0, 0.01, 0.19],
        ),
        choice(
            "decay-in",
            text("Decay acts", "衰减的位置"),
            text(
                "As a penalty in the loss, which Adam then rescales, or straight on the weights (AdamW). The run trains both, this one first.",
                "作为损失中的惩罚项（会被 Adam 重新缩放），或直接作用于权重（AdamW）。两种都会训练，先训练所选的。",
            ),
            &[
                ("loss", text("In the loss (L2)", "在损失中 (L2)")),
                ("weights", text("On the weights (AdamW)", "直接作用于权重 (AdamW)")),
            ],
            "loss",
        ),
        slider(
            "dropout",
            text("Dropout", "随机失活"),
            text(
                "Share of the hidden units that are switched off at random at each step; never when the network is judged.",
                "每一步随机关闭的隐藏单元比例；评估时从不关闭。",
            ),
            [0.0, 0.9, 0.05, 0.3],
        ),
        switch(
            "stop",
            text("Early stopping", "早停"),
            text(
                "End where the validation loss stops falling, and go back to the best weights.",
                "验证损失不再下降时结束，并恢复最佳权重。",
            ),
            false,
        ),
        count(
            "patience",
            text("Patience", "早停耐心值"),
            text("Epochs without improvement before the training ends.", "连续多少轮没有改善后结束训练。"),
            [0, 50, 1, 10],
        )
        .only_when("stop", &[true]),
        width([1, 1024, 1, 128]),
        slider(
            "label-noise",
            text("Label noise", "标签噪声"),
            text("Share of the training pictures that get a wrong label.", "被贴上错误标签的训练图片比例。"),
            [0.0, 0.8, 0.05, 0.0],
        ),
        count(
            "samples",
            text("Training samples", "训练样本数"),
            text("More data is the best regularisation of all.", "更多数据是最好的正则化。"),
            [100, 20_000, 100, 1_000],
        ),
        epochs([1, 500, 1, 40]),
        live(ratio(
            LEARNING_RATE,
            text("Learning rate", "学习率"),
            text(
                "Of Adam; it falls along half a cosine. It can be turned while training goes on.",
                "Adam 的学习率，沿半个余弦下降。训练过程中也可以调整。",
            ),
            [1e-5, 0.1, 0.002],
        )),
        switch(
            "sweep",
            text("Sweep the width", "扫描宽度"),
            text(
                "Train eleven more networks from 2 to 320 hidden units. With decay and dropout off, 40 % label noise and 100 epochs, the error falls, rises a little and falls a second time.",
                "再训练 11 个隐藏单元数从 2 到 320 的网络。关闭衰减与随机失活，设 40% 标签噪声、100 轮，可以看到错误率先降、略升、再次下降。",
            ),
            false,
        ),
        digits(),
    ]
}
