//! What the page is told of the attack on a drawing.

use kindling_protocol::knob::{Choice, KnobKind};
use kindling_protocol::lab::Examination;
use kindling_protocol::text::text;

use super::{ANSWERS, ATTACK, CHANGE, EPS, PICTURES, SIZES, STEPS, TARGET};
use crate::labs::parts::{choice, count, knob, panel, slider};

pub fn examination() -> Examination {
    let digit = |digit: &'static str| Choice { id: digit.into(), label: text(digit, digit) };
    let mut targets = vec![Choice { id: "any".into(), label: text("Any other digit", "任意其他数字") }];
    targets.extend(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"].map(digit));
    Examination {
        lead: text(
            "Write a digit. It is attacked as you write, with the weights of the model chosen here.",
            "写一个数字。边写边攻击，所用的是此处所选模型的权重。",
        ),
        knobs: vec![
            choice(
                ATTACK,
                text("Attack on the drawing", "对手写数字的攻击"),
                text(
                    "FGSM takes one step along the gradient, PGD many short ones from a random place.",
                    "FGSM 沿梯度走一步，PGD 从随机位置出发走许多小步。",
                ),
                &[("fgsm", text("FGSM", "FGSM")), ("pgd", text("PGD", "PGD"))],
                "fgsm",
            ),
            slider(
                EPS,
                text("Its size, eps", "攻击强度 eps"),
                text(
                    "How far each pixel may be moved. 0.1 is a tenth of the way from paper to ink.",
                    "每个像素最多可改变多少。0.1 即从白纸到墨迹的十分之一。",
                ),
                [0.0, 0.5, 0.01, 0.2],
            ),
            count(STEPS, text("Its steps", "攻击步数"), text("Only for PGD.", "仅用于 PGD。"), [1, 100, 1, 40]),
            knob(
                TARGET,
                text("Make it read", "使其被认作"),
                text("A chosen digit is harder to reach than just any wrong one.", "指定一个数字比随便认错更难。"),
                KnobKind::Choice { options: targets, default: "any".into() },
            ),
        ],
        panels: vec![
            panel(
                PICTURES,
                text("Before and after", "攻击前后"),
                text(
                    "The drawing as the model gets it, and the attacked one. Under each, the first answer and what the model says.",
                    "模型得到的图片，以及受攻击后的图片。下方是最初的答案和模型的回答。",
                ),
            ),
            panel(
                CHANGE,
                text("What was changed", "改动了什么"),
                text("Ink added or taken away, at full colour by eps.", "增加或擦去的墨迹，颜色最深处为 eps。"),
            ),
            panel(
                ANSWERS,
                text("What the model says", "模型的回答"),
                text("Probability of each digit, before and after.", "攻击前后每个数字的概率。"),
            ),
            panel(
                SIZES,
                text("How little is enough", "多小的改动就够了"),
                text(
                    "How sure the model still is of its first answer, as FGSM grows. Noise moves each pixel as far, but up or down by chance.",
                    "随着 FGSM 增强，模型对最初答案还有多大把握。噪声把每个像素改动同样多，但增减是随机的。",
                ),
            ),
        ],
    }
}
