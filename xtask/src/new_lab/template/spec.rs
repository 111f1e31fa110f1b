//! What the page and the command line are told of this lab.

use kindling_protocol::knob::{Knob, KnobKind, KnobValue, Knobs};
use kindling_protocol::lab::{Cost, Figure, Goal, GoalTest, LabSpec, Place, Series, Unit};
use kindling_protocol::text::text;

use super::{POINTS, SLUG};

pub fn spec() -> LabSpec {
    LabSpec {
        slug: SLUG.into(),
        title: text("A line through points", "用直线拟合点"),
        summary: text("Fit a slope and an intercept by gradient descent.", "用梯度下降拟合斜率和截距。"),
        knobs: vec![
            Knob {
                id: "steps".into(),
                label: text("Steps", "步数"),
                help: text("How often the line is moved.", "直线移动多少次。"),
                kind: KnobKind::Count { min: 1, max: 10_000, step: 1, default: 200 },
                live: false,
                only_when: vec![],
            },
            Knob {
                id: "lr".into(),
                label: text("Learning rate", "学习率"),
                help: text("How far it moves each time.", "每次移动多远。"),
                kind: KnobKind::Slider { min: 0.0001, max: 10.0, step: 0.0001, log: true, default: 0.3 },
                live: false,
                only_when: vec![],
            },
        ],
        quick: vec![],
        goals: vec![Goal {
            id: "loss".into(),
            text: text("Loss of at most 0.01", "损失不超过 0.01"),
            figure: "loss".into(),
            test: GoalTest::AtMost(0.01),
            within_s: None,
            counter: vec![("lr".into(), KnobValue::Number(0.0001))],
            only_when: vec![],
        }],
        series: vec![Series {
            id: "loss".into(),
            label: text("Loss", "损失"),
            chart: "loss".into(),
            unit: Unit::Number,
        }],
        figures: vec![Figure { id: "loss".into(), label: text("Loss at the end", "最终损失"), unit: Unit::Number }],
        panels: vec![],
        model: false,
        drawing: None,
        places: vec![Place::Cpu, Place::Gpu, Place::Server],
        data: vec![],
    }
}

pub fn cost(knobs: &Knobs) -> Cost {
    let steps = knobs.count("steps") as u64;
    let samples = steps * POINTS as u64;
    // A multiply-add forward, two backward.
    Cost { steps, samples, flops: samples as f64 * 6.0, parameters: 2, data_bytes: 0, memory_bytes: 64 * POINTS as u64 }
}
