//! Panels: rate and losses on one axis with a mark at every event, and the events as a table.

use kindling_protocol::chart::{Axis, Chart, ChartMark, Shape, Trace};
use kindling_protocol::event::{Cell, EventBody};
use kindling_protocol::lab::Unit;
use kindling_protocol::text::text;

use super::steering::{Epoch, Happening, State, What};
use crate::host::{Host, Interrupt};

pub const COURSE: &str = "course";
pub const EVENTS: &str = "events";

/// A rate that is annihilated has no place on a logarithmic axis.
const LEAST_DRAWN: f64 = 1e-7;

/// What is drawn is no figure to be judged by, so its numbers may be short.
fn points(epochs: &[Epoch], value: impl Fn(&Epoch) -> f64) -> Vec<[f32; 2]> {
    (1..).zip(epochs).map(|(epoch, at)| [epoch as f32, value(at).max(LEAST_DRAWN) as f32]).collect()
}

pub async fn course(constant: &[Epoch], state: &State, host: &dyn Host) -> Result<(), Interrupt> {
    let epochs = &state.epochs;
    let traces = vec![
        Trace::new(text("Learning rate", "学习率"), Shape::Steps, points(epochs, |at| at.rate)),
        Trace::new(text("Training loss", "训练损失"), Shape::Line, points(epochs, |at| at.train_loss)),
        Trace::new(text("Validation loss", "验证损失"), Shape::Line, points(epochs, |at| at.loss)),
        Trace::new(
            text("Validation loss at a constant rate", "恒定学习率的验证损失"),
            Shape::Dashed,
            points(constant, |at| at.loss),
        ),
    ];
    let marks = state.happenings.iter();
    let chart = Chart {
        id: COURSE.to_string(),
        x: Axis::new(text("Epoch", "轮次"), Unit::Number),
        y: Axis { log: true, ..Axis::new(text("Learning rate, loss", "学习率、损失"), Unit::Number) },
        traces,
        marks: marks.map(|happening| ChartMark { x: happening.epoch as f32, text: happening.text() }).collect(),
    };
    host.emit(EventBody::Chart(chart)).await
}

/// In the names of Keras, which are the same in every language.
pub async fn events(happenings: &[Happening], host: &dyn Host) -> Result<(), Interrupt> {
    let row = |happening: &Happening| {
        let (callback, did) = match happening.what {
            What::Reduced { from, to } => ("ReduceLROnPlateau", format!("{from:.3e} → {to:.3e}")),
            What::Saved => ("ModelCheckpoint", "save".to_string()),
            What::Stopped { best_epoch } => ("EarlyStopping", format!("stop_training (best_epoch {best_epoch})")),
        };
        let row = [happening.epoch.to_string(), callback.to_string(), did, format!("{:.4}", happening.watched)];
        row.map(Cell::from).into()
    };
    host.emit(EventBody::Table {
        id: EVENTS.to_string(),
        columns: vec![
            text("Epoch", "轮次"),
            text("Callback", "回调"),
            text("What it did", "动作"),
            text("Watched figure", "监控值"),
        ],
        rows: happenings.iter().map(row).collect(),
    })
    .await
}
