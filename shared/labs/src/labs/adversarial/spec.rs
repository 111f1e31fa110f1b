//! What the page and the command line are told of this lab.

use kindling_protocol::knob::Knob;
use kindling_protocol::lab::{GoalTest, LabSpec, Place, Unit};
use kindling_protocol::text::text;

use super::{SLUG, drawing, panels};
use crate::labs::parts::{batch, choice, count, digits, figure, goal, live_rate, number, panel, series, slider, told};

pub fn spec() -> LabSpec {
    LabSpec {
        slug: SLUG.into(),
        title: text("Attack and defence", "攻击与防御"),
        summary: text(
            "Change pictures so little that you hardly see it, and a good network reads them all wrongly. Train one that withstands, and unmask a defence that only seems to.",
            "只对图片做难以察觉的改动，就能让一个表现良好的网络全部认错。训练一个能够抵御的网络，并揭穿一种徒有其表的防御。",
        ),
        knobs: knobs(),
        quick: vec![number("samples", 8_000.0), number("steps", 10.0)],
        goals: vec![
            goal(
                "attack",
                text("PGD leaves the undefended network at most 1 % right", "PGD 使未防御网络的准确率至多剩 1%"),
                "undefended_pgd",
                GoalTest::AtMost(0.01),
                vec![number("eps", 0.0)],
            ),
            goal(
                "defence",
                text(
                    "The defended network withstands FGSM of size 0.2 on at least 80 %",
                    "已防御网络在强度 0.2 的 FGSM 下至少 80% 仍正确",
                ),
                "defended_fgsm",
                GoalTest::AtLeast(0.8),
                vec![number("eps", 0.0)],
            ),
            goal(
                "clean",
                text(
                    "The defended network reads at least 90 % of untouched pictures",
                    "已防御网络在原图上准确率至少 90%",
                ),
                "defended_clean",
                GoalTest::AtLeast(0.9),
                vec![number("eps", 0.5)],
            ),
        ],
        series: vec![
            series("plain-loss", text("Loss, undefended", "损失，未防御"), "loss", Unit::Number),
            series("defended-loss", text("Loss, defended", "损失，已防御"), "loss", Unit::Number),
            series("plain-clean", text("Undefended, untouched pictures", "未防御，原图"), "accuracy", Unit::Fraction),
            series(
                "plain-attacked",
                text("Undefended, under PGD-7", "未防御，受 PGD-7 攻击"),
                "accuracy",
                Unit::Fraction,
            ),
            series("defended-clean", text("Defended, untouched pictures", "已防御，原图"), "accuracy", Unit::Fraction),
            series(
                "defended-attacked",
                text("Defended, under PGD-7", "已防御，受 PGD-7 攻击"),
                "accuracy",
                Unit::Fraction,
            ),
        ],
        figures: vec![
            figure("undefended_clean", text("Undefended, untouched pictures", "未防御，原图"), Unit::Fraction),
            figure("undefended_fgsm", text("Undefended, FGSM", "未防御，FGSM"), Unit::Fraction),
            figure("undefended_pgd", text("Undefended, PGD", "未防御，PGD"), Unit::Fraction),
            figure("defended_clean", text("Defended, untouched pictures", "已防御，原图"), Unit::Fraction),
            figure("defended_fgsm", text("Defended, FGSM of 0.2", "已防御，0.2 的 FGSM"), Unit::Fraction),
            figure("defended_pgd", text("Defended, PGD of 0.2", "已防御，0.2 的 PGD"), Unit::Fraction),
            figure(
                "defended_worst",
                text("Defended, PGD of the chosen size, worst of its starts", "已防御，所选强度的 PGD，取最坏的起点"),
                Unit::Fraction,
            ),
            figure("masked", text("Transform, gradient as it is", "输入变换，直接用梯度攻击"), Unit::Fraction),
            figure("unmasked", text("Transform, adaptive attack", "输入变换，自适应攻击"), Unit::Fraction),
        ],
        panels: vec![
            panel(
                panels::PICTURES,
                text("Attacked pictures", "受攻击的图片"),
                text(
                    "A digit a row: as it is, attacked to fool the undefended network, attacked to fool the defended one. Under each, the truth and what that network says (of the first, the undefended one).",
                    "每行一个数字：原图、为欺骗未防御网络而改动、为欺骗已防御网络而改动。下方是真实标签和该网络的回答（原图由未防御网络回答）。",
                ),
            ),
            panel(
                panels::CHANGES,
                text("What was changed", "改动了什么"),
                text(
                    "Ink added or taken away in those attacks, a digit a row. On the undefended network it looks like noise; on the defended one it looks like strokes.",
                    "上述攻击增加或擦去的墨迹，每行一个数字。针对未防御网络的像噪声，针对已防御网络的则像笔画。",
                ),
            ),
            panel(
                panels::ROBUST,
                text("Accuracy against the size of the attack", "准确率随攻击强度的变化"),
                text(
                    "How much of the grey scale each pixel may be moved, and what is then still read rightly. Noise of the same size is there to compare.",
                    "每个像素允许改变多少灰度，以及此时还有多少能认对。同等强度的随机噪声作为对照。",
                ),
            ),
            panel(
                panels::TRANSFER,
                text("Transfer between networks", "网络之间的迁移"),
                text(
                    "Accuracy of the network of the column on pictures made to fool that of the row. A and B are undefended, from two seeds; D is defended.",
                    "列所示网络在为欺骗行所示网络而生成的图片上的准确率。A、B 为两个随机种子的未防御网络，D 为已防御网络。",
                ),
            ),
            panel(
                panels::MASKING,
                text("A defence that masks the gradient", "掩盖梯度的防御"),
                text(
                    "The undefended network behind the input transform, under attackers who know more and more of it. The lowest bar is the most that can be said for its safety.",
                    "未防御网络加上输入变换，面对了解程度逐步加深的攻击者。其安全性至多如最低的那根柱所示。",
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
        slider(
            "eps",
            text("Size of the attack, eps", "攻击强度 eps"),
            text(
                "How far each pixel may be moved, in shares of the grey scale. The defended network is trained with it too. From 0.5 on any picture can be made grey, at 1 any picture can be made any other.",
                "每个像素最多可改变多少，以灰度范围的比例计。已防御网络也以此强度训练。到 0.5，任何图片都能变成一片灰；到 1，任何图片都能变成另一张。",
            ),
            [0.0, 1.0, 0.01, 0.2],
        ),
        count(
            "steps",
            text("Steps of PGD", "PGD 步数"),
            text(
                "More steps make a stronger attack, up to a point. Judge a defence by a strong one.",
                "步数越多攻击越强，直到饱和。评判防御要用强攻击。",
            ),
            [1, 100, 1, 20],
        ),
        count(
            "restarts",
            text("Random starts of PGD", "PGD 随机起点数"),
            text(
                "From how many places PGD attacks the defended network in the end. A picture that falls from any of them counts as wrong.",
                "最后从多少个随机起点用 PGD 攻击已防御网络。只要有一个起点得手，该图片就算认错。",
            ),
            [1, 50, 1, 1],
        ),
        choice(
            "defence",
            text("Adversarial training", "对抗训练"),
            text(
                "How training pictures are attacked: one step from the picture (FGSM), one step from a random place near it (fast), or several steps (PGD).",
                "训练图片如何被攻击：从原图走一步（FGSM），从附近随机位置走一步（快速），或走若干步（PGD）。",
            ),
            &[
                ("fgsm", text("FGSM", "FGSM")),
                ("fast", text("Fast: FGSM from a random start", "快速：随机起点的 FGSM")),
                ("pgd", text("PGD", "PGD")),
            ],
            "fast",
        ),
        count(
            "inner-steps",
            text("Steps of PGD in training", "训练中的 PGD 步数"),
            text(
                "Each costs another pass through the network. Only for PGD training.",
                "每一步都要多一次网络前后向计算。仅用于 PGD 训练。",
            ),
            [2, 40, 1, 5],
        )
        .only_when("defence", &["pgd"]),
        choice(
            "transform",
            text("Input transform", "输入变换"),
            text(
                "A defence without training: what the picture goes through before the undefended network.",
                "无需训练的防御：图片在进入未防御网络之前经过的处理。",
            ),
            &[("quantise", text("Quantise", "量化灰度")), ("blur", text("Blur", "模糊"))],
            "quantise",
        ),
        count(
            "levels",
            text("Grey levels", "灰度级数"),
            text("Levels that are left of the grey scale. Only for quantising.", "保留的灰度级数。仅用于量化。"),
            [2, 16, 1, 4],
        )
        .only_when("transform", &["quantise"]),
        choice(
            "model",
            text("Network", "网络"),
            text("Dense, or with convolutions.", "全连接，或带卷积。"),
            &[("mlp", text("Dense (MLP)", "全连接 (MLP)")), ("cnn", text("Convolutional (CNN)", "卷积 (CNN)"))],
            "cnn",
        ),
        count(
            "width",
            text("Hidden width", "隐藏层宽度"),
            text(
                "Units of the dense layer; the convolutions have a sixteenth and a quarter of it in filters. Defence needs room.",
                "全连接层的单元数；两层卷积的卷积核数分别为其十六分之一和四分之一。防御需要更大的容量。",
            ),
            [32, 512, 16, 128],
        ),
        live_rate([1e-5, 1.0, 0.007]),
        batch([16, 512, 16, 32]),
        count(
            "plain-epochs",
            text("Epochs, undefended", "轮数，未防御"),
            text("Times through the training set without defence.", "无防御训练遍历训练集的次数。"),
            [1, 50, 1, 1],
        ),
        count(
            "epochs",
            text("Epochs, defended", "轮数，已防御"),
            text(
                "Times through the training set under attack. Defence learns more slowly.",
                "对抗训练遍历训练集的次数。防御学得更慢。",
            ),
            [1, 50, 1, 3],
        ),
        count(
            "samples",
            text("Training samples", "训练样本数"),
            text("Pictures to learn from.", "用来学习的图片数。"),
            [500, 55_000, 500, 10_000],
        ),
        count(
            "tested",
            text("Test pictures", "测试图片数"),
            text(
                "Pictures that are attacked at the end. More take longer and say it more exactly.",
                "最后用于攻击的图片数。越多越慢，结果也越精确。",
            ),
            [50, 10_000, 50, 200],
        ),
        digits(),
    ]
}
