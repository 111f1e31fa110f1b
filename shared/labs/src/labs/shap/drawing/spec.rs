//! What the page is told of an explained drawing.

use kindling_protocol::knob::{Choice, KnobKind};
use kindling_protocol::lab::Examination;
use kindling_protocol::text::text;

use super::{CLASS, CLASSES, COALITIONS, MAP, SQUARES, SUMS};
use crate::labs::parts::{count, knob, panel};

pub fn examination() -> Examination {
    let digit = |digit: &'static str| Choice { id: digit.into(), label: text(digit, digit) };
    let mut classes = vec![Choice { id: "seen".into(), label: text("What the model sees", "模型认出的数字") }];
    classes.extend(["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"].map(digit));
    Examination {
        lead: text(
            "Write a digit and see which strokes speak for it: KernelSHAP over squares of 4 by 4 pixels, compared with empty paper.",
            "写一个数字，看哪些笔画支持这个答案：以 4×4 像素的方格为特征的 KernelSHAP，与空白纸面相比。",
        ),
        knobs: vec![
            knob(
                CLASS,
                text("Digit explained", "解释哪个数字"),
                text(
                    "Choose one the model does not see, to learn why not.",
                    "选一个模型没有认出的数字，看看为什么不是它。",
                ),
                KnobKind::Choice { options: classes, default: "seen".into() },
            ),
            count(
                COALITIONS,
                text("Coalitions of squares", "方格子集数"),
                text(
                    "Pictures with some squares wiped that the model is asked about. More are slower and more exact.",
                    "擦去部分方格后让模型回答的图片数。越多越慢，也越精确。",
                ),
                [20, 4000, 20, 400],
            ),
        ],
        panels: vec![
            panel(
                MAP,
                text("Pixel map of the drawing", "手写数字的像素图"),
                text(
                    "What each square of it adds to or takes from the digit explained, laid over the strokes.",
                    "每个方格对所解释的数字是加分还是减分，叠加在笔画上。",
                ),
            ),
            panel(
                SQUARES,
                text("Worth of the squares", "各方格的作用"),
                text(
                    "The weightiest squares as numbers, by row and column of the 7 by 7 grid.",
                    "作用最大的方格的数值，按 7×7 网格的行、列标出。",
                ),
            ),
            panel(
                CLASSES,
                text("For and against every digit", "对每个数字的支持与反对"),
                text(
                    "The same strokes asked about all digits, likeliest first, on one scale.",
                    "同样的笔画针对每个数字的结果，可能性大的在前，尺度相同。",
                ),
            ),
            panel(
                SUMS,
                text("The sum", "求和"),
                text(
                    "From empty paper to the drawing, in log-odds: the digit's logit less the mean of the others. The sum comes out by constraint; the values themselves are the better, the more coalitions are asked.",
                    "从空白纸面到这幅画，以对数几率计：该数字的 logit 减去其余数字的平均值。求和成立是约束的结果；子集越多，各个值本身才越准。",
                ),
            ),
        ],
    }
}
