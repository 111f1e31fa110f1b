//! Panels: the lanes of the replicas, the three losses by samples, and the speed-up by replicas.

use kindling_protocol::chart::{Axis, Chart, ChartMark, Shape, Trace};
use kindling_protocol::event::EventBody;
use kindling_protocol::lab::Unit;
use kindling_protocol::text::{Text, text};

use super::plan::Plan;
use super::position::Position;
use super::speed::{MOST, Speed, SpeedUp};
use super::{spec, timeline};
use crate::host::{Host, Interrupt};

pub const LANES: &str = "lanes";
pub const SAMPLES: &str = "loss-by-samples";
pub const SPEED: &str = "speed-up";

fn amount(en: &'static str, zh: &'static str) -> Axis {
    Axis::new(text(en, zh), Unit::Number)
}

/// What can be drawn while the run goes on.
pub async fn show(plan: &Plan, position: &Position, host: &dyn Host) -> Result<(), Interrupt> {
    lanes(plan, position, host).await?;
    let trace = |(place, (_, label)): (usize, (&str, Text))| {
        let shape = if place == 1 { Shape::Dashed } else { Shape::Line };
        Trace::new(label, shape, position.history.iter().map(|at| [at[0], at[place + 1]]).collect())
    };
    host.emit(EventBody::Chart(Chart {
        id: SAMPLES.into(),
        x: amount("Samples", "样本数"),
        y: Axis { log: true, ..amount("Training loss", "训练损失") },
        traces: spec::LOSSES.into_iter().enumerate().map(trace).collect(),
        marks: vec![],
    }))
    .await
}

/// What a replica does, in the order of the traces.
const DOES: [Text; 3] =
    [text("computes", "计算"), text("all-reduce", "all-reduce"), text("waits for the slowest", "等待最慢者")];

/// A row of bars for each replica, the first on top.
async fn lanes(plan: &Plan, position: &Position, host: &dyn Host) -> Result<(), Interrupt> {
    if position.times.is_empty() {
        return Ok(());
    }
    let steps = plan.local.map_or(4, |every| (2 * every as usize).max(4));
    let times = &position.times[position.times.len().saturating_sub(steps)..];
    let lanes = timeline::lanes(plan, times, position.ring_ms);
    let mut traces = DOES.map(|does| Trace::new(does, Shape::Spans, vec![]));
    for (row, turns) in lanes.iter().rev().enumerate() {
        let mut bar = |does: usize, from: f64, to: f64| {
            if to > from {
                traces[does].points.extend([[from as f32, row as f32], [to as f32, row as f32]]);
            }
        };
        for turn in turns {
            bar(0, turn.begins, turn.waits);
            if let Some([begins, ends]) = turn.sends {
                bar(1, begins, ends);
                bar(2, turn.waits, begins);
            }
        }
    }
    let name = |replica: usize| Text {
        en: format!("Replica {}", replica + 1).into(),
        zh: format!("副本 {}", replica + 1).into(),
    };
    host.emit(EventBody::Chart(Chart {
        id: LANES.into(),
        x: amount("Milliseconds", "毫秒"),
        y: Axis { names: (0..plan.replicas).rev().map(name).collect(), ..amount("Replica", "副本") },
        traces: traces.into_iter().filter(|trace| !trace.points.is_empty()).collect(),
        marks: vec![],
    }))
    .await
}

/// What could be worked out and measured, and a note of what could not.
pub async fn speed_up(plan: &Plan, speed: &Speed, host: &dyn Host) -> Result<(), Interrupt> {
    let ideal = (1..=MOST).map(|count| [count as f32; 2]).collect();
    let mut traces = vec![Trace::new(text("Ideal", "理想"), Shape::Dashed, ideal)];
    match &speed.worked_out {
        Ok(all) => {
            let points = |of: fn(&SpeedUp) -> f64| {
                all.iter().enumerate().map(|(place, at)| [(place + 1) as f32, of(at) as f32]).collect()
            };
            let real = text("With all-reduce and straggler", "计入 all-reduce 与慢节点");
            traces.push(Trace::new(text("Amdahl's law", "阿姆达尔定律"), Shape::Dashed, points(|at| at.amdahl)));
            traces.push(Trace::new(real, Shape::Line, points(|at| at.real)));
        }
        Err(why) => host.emit(EventBody::Note { text: why.clone() }).await?,
    }
    if let Some(measured) = speed.measured {
        let workers = measured.workers;
        let label = Text {
            en: format!("Measured here, with {workers} workers on this machine").into(),
            zh: format!("本机实测，{workers} 个 worker").into(),
        };
        let mut trace = Trace::new(label, Shape::Points, vec![[workers as f32, measured.median as f32]]);
        trace.spread = vec![measured.quartiles.map(|quartile| quartile as f32)];
        traces.push(trace);
    }
    host.emit(EventBody::Chart(Chart {
        id: SPEED.into(),
        x: amount("Replicas side by side", "同时计算的副本数"),
        y: amount("Speed-up", "加速比"),
        traces,
        marks: vec![ChartMark { x: plan.replicas as f32, text: text("This run", "本次运行") }],
    }))
    .await
}
