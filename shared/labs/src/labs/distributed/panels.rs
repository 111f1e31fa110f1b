//! Panels: the lanes of the replicas, the three losses by samples, and the speed-up by replicas.

use kindling_protocol::chart::{Axis, Chart, ChartMark, Shape, Trace};
use kindling_protocol::event::EventBody;
use kindling_protocol::lab::Unit;
use kindling_protocol::text::{Text, text};

use super::plan::Plan;
use super::timeline::{self, StepTime};
use super::{Position, spec};
use crate::host::{Host, Interrupt};

pub const LANES: &str = "lanes";
pub const SAMPLES: &str = "loss-by-samples";
pub const SPEED: &str = "speed-up";

/// How far from the middle of a lane it is drawn: a reader rounds to the lane.
const HEIGHT: f32 = 0.35;

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

/// A lane is high while its replica computes, half as high while it sends, low while it waits.
async fn lanes(plan: &Plan, position: &Position, host: &dyn Host) -> Result<(), Interrupt> {
    if position.times.is_empty() {
        return Ok(());
    }
    let steps = plan.local.map_or(4, |every| (2 * every as usize).max(4));
    let times = &position.times[position.times.len().saturating_sub(steps)..];
    let lanes = timeline::lanes(plan, times, position.ring_ms);
    let name = |replica: usize| Text {
        en: format!("Replica {}", replica + 1).into(),
        zh: format!("副本 {}", replica + 1).into(),
    };
    let trace = |(replica, turns): (usize, &Vec<timeline::Turn>)| {
        let (middle, mut points) = (replica as f32, Vec::new());
        for turn in turns {
            points.push([turn.begins as f32, middle + HEIGHT]);
            points.push([turn.waits as f32, middle - HEIGHT]);
            if let Some([begins, ends]) = turn.sends {
                points.push([begins as f32, middle]);
                points.push([ends as f32, middle - HEIGHT]);
            }
        }
        Trace::new(name(replica), Shape::Steps, points)
    };
    host.emit(EventBody::Chart(Chart {
        id: LANES.into(),
        x: amount("Milliseconds", "毫秒"),
        y: Axis { names: (0..plan.replicas).map(name).collect(), ..amount("Replica", "副本") },
        traces: lanes.iter().enumerate().map(trace).collect(),
        marks: vec![],
    }))
    .await
}

/// Replicas that the chart goes up to.
const MOST: usize = 8;

pub async fn speed_up(plan: &Plan, time: StepTime, parameters: usize, host: &dyn Host) -> Result<(), Interrupt> {
    let all: Vec<[f64; 2]> = (1..=MOST).map(|count| timeline::speed_up(plan, time, parameters, count)).collect();
    let points = |of: &dyn Fn(usize) -> f64| (1..=MOST).map(|count| [count as f32, of(count) as f32]).collect();
    host.emit(EventBody::Chart(Chart {
        id: SPEED.into(),
        x: amount("Replicas", "副本数"),
        y: amount("Speed-up", "加速比"),
        traces: vec![
            Trace::new(text("Ideal", "理想"), Shape::Dashed, points(&|count| count as f64)),
            Trace::new(text("Amdahl's law", "阿姆达尔定律"), Shape::Dashed, points(&|count| all[count - 1][0])),
            Trace::new(
                text("With all-reduce and straggler", "计入 all-reduce 与慢节点"),
                Shape::Line,
                points(&|count| all[count - 1][1]),
            ),
        ],
        marks: vec![ChartMark { x: plan.replicas as f32, text: text("This run", "本次运行") }],
    }))
    .await
}
