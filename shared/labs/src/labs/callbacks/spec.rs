//! What the page and the command line are told of this lab.

use kindling_protocol::knob::Knob;
use kindling_protocol::lab::{GoalTest, LabSpec, Place, Unit};
use kindling_protocol::text::{Text, text};

use super::{SLUG, panels};
use crate::labs::parts::{
    batch, choice, count, figure, goal, live, number, panel, pictures, ratio, samples, series, slider, switch, told,
    width,
};
use crate::train::run_loop::LEARNING_RATE;

pub fn spec() -> LabSpec {
    LabSpec {
        slug: SLUG.into(),
        title: text("Callbacks", "训练回调"),
        summary: text(
            "Let a training watch itself: lower the rate on a plateau, keep the best weights, stop in time. A run at a constant rate is trained first, to compare.",
            "让训练过程自我监控：进入平台期就降低学习率，保留最佳权重，及时停止。会先以恒定学习率训练一次作为对照。",
        ),
        knobs: knobs(),
        quick: vec![number("samples", 3_000.0)],
        goals: vec![
            goal(
                "accuracy",
                text(
                    "At most one point of test accuracy lost to the constant run",
                    "测试准确率相比恒定学习率最多低 1 个百分点",
                ),
                "accuracy_lost",
                GoalTest::AtMost(0.01),
                // The first epoch that is no better ends it.
                vec![number("patience", 0.0)],
            ),
            goal(
                "epochs",
                text("At most 60 % of the epochs of the constant run", "轮数不超过恒定学习率训练的 60%"),
                "epochs_share",
                GoalTest::AtMost(0.6),
                vec![number("patience", 30.0)],
            ),
        ],
        series: [("", "", ""), ("constant-", "Constant rate: ", "恒定学习率：")]
            .into_iter()
            .flat_map(|(id, en, zh)| {
                SERIES.map(|(name, label, chart, unit)| {
                    let (en, zh) = match en {
                        "" => (label.en.to_string(), label.zh.to_string()),
                        _ => (format!("{en}{}", label.en.to_lowercase()), format!("{zh}{}", label.zh)),
                    };
                    let label = Text { en: en.into(), zh: zh.into() };
                    kindling_protocol::lab::Series {
                        id: format!("{id}{name}").into(),
                        ..series("", label, chart, unit)
                    }
                })
            })
            .collect(),
        figures: vec![
            figure("test_accuracy", text("Test accuracy with callbacks", "使用回调的测试准确率"), Unit::Fraction),
            figure(
                "constant_accuracy",
                text("Test accuracy at a constant rate", "恒定学习率的测试准确率"),
                Unit::Fraction,
            ),
            figure("accuracy_lost", text("Accuracy lost", "损失的准确率"), Unit::Fraction),
            figure("epochs", text("Epochs with callbacks", "使用回调的轮数"), Unit::Number),
            figure("epochs_share", text("Share of the epochs", "占全部轮数的比例"), Unit::Fraction),
            figure(
                "validation_accuracy",
                text("Validation accuracy with callbacks", "使用回调的验证准确率"),
                Unit::Fraction,
            ),
            figure(
                "constant_validation",
                text("Validation accuracy at a constant rate", "恒定学习率的验证准确率"),
                Unit::Fraction,
            ),
            figure(
                "constant_then",
                text("Constant rate, after as many epochs (validation)", "恒定学习率在相同轮数时的验证准确率"),
                Unit::Fraction,
            ),
        ],
        panels: vec![
            panel(
                panels::COURSE,
                text("Rate, losses and events", "学习率、损失与事件"),
                text(
                    "The steered training epoch by epoch on one logarithmic axis, with a mark wherever a callback acted. Dashed: the training at a constant rate.",
                    "受回调控制的训练逐轮变化，共用一条对数轴，每次回调动作处有标记。虚线为恒定学习率的训练。",
                ),
            ),
            panel(
                panels::EVENTS,
                text("What the callbacks did", "回调做了什么"),
                text(
                    "In the names that Keras uses. The best epoch counts from 1.",
                    "沿用 Keras 的名称；最佳轮次从 1 数起。",
                ),
            ),
            told(),
        ],
        model: true,
        drawing: None,
        places: vec![Place::Cpu, Place::Gpu, Place::Server],
        data: vec!["mnist".into(), "fashion-mnist".into()],
    }
}

const SERIES: [(&str, Text, &str, Unit); 4] = [
    ("train-loss", text("Training loss", "训练损失"), "loss", Unit::Number),
    ("validation-loss", text("Validation loss", "验证损失"), "loss", Unit::Number),
    ("train-accuracy", text("Training accuracy", "训练准确率"), "accuracy", Unit::Fraction),
    ("validation-accuracy", text("Validation accuracy", "验证准确率"), "accuracy", Unit::Fraction),
];

fn knobs() -> Vec<Knob> {
    vec![
        live(ratio(
            LEARNING_RATE,
            text("Learning rate", "学习率"),
            text(
                "Of the constant training; schedule and plateau multiply it. It can be turned while training goes on.",
                "恒定训练所用的学习率；调度和平台期衰减在其上相乘。训练过程中也可以调整。",
            ),
            [1e-5, 1.0, 0.05],
        )),
        choice(
            "schedule",
            text("Schedule", "学习率调度"),
            text(
                "What the rate does by itself, planned over all epochs. One-cycle goes up, down, and at the end to almost nothing.",
                "学习率自身如何变化，按全部轮数规划。单周期策略先升后降，最后降到接近零。",
            ),
            &[
                ("constant", text("Constant", "恒定")),
                ("cosine", text("Cosine", "余弦")),
                ("warm-up", text("Warm-up", "预热")),
                ("warm-up-cosine", text("Warm-up and cosine", "预热加余弦")),
                ("one-cycle", text("One cycle", "单周期")),
            ],
            "constant",
        ),
        slider(
            "warm-up",
            text("Warm-up", "预热比例"),
            text(
                "Share of the planned steps in which the rate rises. Only for the two schedules with a warm-up.",
                "学习率上升阶段占计划步数的比例。仅用于带预热的两种调度。",
            ),
            [0.0, 0.5, 0.01, 0.1],
        )
        .only_when("schedule", &["warm-up", "warm-up-cosine"]),
        switch(
            "reduce",
            text("Reduce on plateau", "平台期降低学习率"),
            text("Lower the rate where the watched figure stops improving.", "监控值不再改善时降低学习率。"),
            true,
        ),
        count(
            "reduce-patience",
            text("Plateau patience", "平台期耐心值"),
            text("Epochs without improvement before the rate goes down.", "连续多少轮没有改善后降低学习率。"),
            [0, 20, 1, 1],
        )
        .only_when("reduce", &[true]),
        slider(
            "factor",
            text("Factor", "衰减倍数"),
            text("What the rate is multiplied by then.", "此时学习率乘以的倍数。"),
            [0.05, 0.95, 0.05, 0.5],
        )
        .only_when("reduce", &[true]),
        count(
            "cooldown",
            text("Cooldown", "冷却轮数"),
            text("Epochs after a reduction until waiting begins again. The one in which it ends counts already, as in Keras: 1 is the same as 0.", "降低之后隔多少轮重新开始等待。冷却结束的那一轮已计入等待（与 Keras 相同），因此 1 与 0 等效。"),
            [0, 10, 1, 0],
        )
        .only_when("reduce", &[true]),
        ratio(
            "min-lr",
            text("Least rate", "最小学习率"),
            text(
                "A reduction never leads below this; a schedule then multiplies what is left. Above the learning rate, nothing ever happens.",
                "降低后不会低于此值，之后再乘以学习率计划。若高于初始学习率，则什么也不会发生。",
            ),
            [1e-6, 1.0, 1e-4],
        )
        .only_when("reduce", &[true]),
        switch(
            "stop",
            text("Early stopping", "早停"),
            text("End the training where the watched figure stops improving.", "监控值不再改善时结束训练。"),
            true,
        ),
        count(
            "patience",
            text("Patience", "早停耐心值"),
            text(
                "Epochs without improvement before the training ends. It must be longer than the plateau's, or the lower rate never gets its chance.",
                "连续多少轮没有改善后结束训练。应大于平台期耐心值，否则降低后的学习率来不及起作用。",
            ),
            [0, 30, 1, 6],
        )
        .only_when("stop", &[true]),
        switch(
            "best",
            text("Keep the best weights", "保留最佳权重"),
            text(
                "End with the weights of the best epoch rather than with the last ones.",
                "以最佳轮次的权重作为结果，而不是最后一轮的。",
            ),
            true,
        ),
        choice(
            "monitor",
            text("Watched figure", "监控指标"),
            text("What the callbacks look at, on the validation set.", "回调所观察的验证集指标。"),
            &[("loss", text("Loss", "损失")), ("accuracy", text("Accuracy", "准确率"))],
            "loss",
        ),
        ratio(
            "min-delta",
            text("Least improvement", "最小改善"),
            text("A smaller improvement counts as none.", "小于此值的改善不算改善。"),
            [1e-6, 0.1, 1e-4],
        ),
        choice(
            "optimiser",
            text("Optimiser", "优化器"),
            text(
                "How a gradient becomes a step. Adam wants a rate near 0.002.",
                "如何由梯度得到更新步。Adam 的学习率宜在 0.002 左右。",
            ),
            &[("sgd", text("SGD with momentum", "带动量的 SGD")), ("adam", text("Adam", "Adam"))],
            "sgd",
        ),
        width([8, 512, 8, 128]),
        batch([8, 256, 8, 32]),
        count(
            "epochs",
            text("Epochs", "轮数"),
            text(
                "Of the constant training; the steered one takes as many at most.",
                "恒定训练的轮数，也是受控训练的上限。",
            ),
            [2, 100, 1, 30],
        ),
        samples([500, 20_000, 500, 5_000]),
        pictures(),
    ]
}
