//! Panels: the gap between training and validation, the weights, and error against width.

use kindling_protocol::chart::{Axis, Chart, ChartMark, Shape, Trace};
use kindling_protocol::event::EventBody;
use kindling_protocol::lab::Unit;
use kindling_protocol::text::{Text, text};

use super::Trained;
use super::penalty::Decay;
use super::watch::Epoch;
use super::weights::{Histogram, middle};
use crate::data::mnist::{CLASSES, SIDE};
use crate::host::{Host, Interrupt};

pub const GAP: &str = "gap";
pub const LOSSES: &str = "losses";
pub const WEIGHTS: &str = "weights";
pub const SWEEP: &str = "sweep";

/// Accuracy and loss, training against validation, with what lies between them shaded.
pub async fn gap(epochs: &[Epoch], host: &dyn Host) -> Result<(), Interrupt> {
    let accuracy = text("Accuracy", "准确率");
    let drawn = [
        (GAP, accuracy, Unit::Fraction, [|at: &Epoch| at.train_accuracy, |at: &Epoch| at.accuracy]),
        (LOSSES, text("Loss", "损失"), Unit::Number, [|at: &Epoch| at.train_loss, |at: &Epoch| at.loss]),
    ];
    for (id, label, unit, [train, validation]) in drawn {
        let points = |value: fn(&Epoch) -> f64| epochs.iter().map(|at| [at.epoch as f32, value(at) as f32]).collect();
        let between = |at: &Epoch| {
            let (train, validation) = (train(at) as f32, validation(at) as f32);
            [train.min(validation), train.max(validation)]
        };
        let mut shaded = Trace::new(text("Validation", "验证"), Shape::Line, points(validation));
        shaded.spread = epochs.iter().map(between).collect();
        let chart = Chart {
            id: id.to_string(),
            x: Axis::new(text("Epoch", "轮次"), Unit::Number),
            y: Axis::new(label, unit),
            traces: vec![Trace::new(text("Training", "训练"), Shape::Line, points(train)), shaded],
            marks: vec![],
        };
        host.emit(EventBody::Chart(chart)).await?;
    }
    Ok(())
}

/// The weights at the start, and as each training left them.
pub async fn weights(start: &Histogram, trained: &[(Decay, &Trained)], host: &dyn Host) -> Result<(), Interrupt> {
    let bars = |label: Text, histogram: &Histogram| {
        let points = histogram.shares.iter().enumerate().map(|(bin, &share)| [middle(bin), share]).collect();
        Trace::new(label, Shape::Bars, points)
    };
    let name = |decay: Decay| match decay {
        Decay::InLoss(0.0) | Decay::Decoupled(0.0) => text("Trained, no decay", "训练后，无衰减"),
        Decay::InLoss(_) => text("Trained, L2 in the loss", "训练后，损失中的 L2"),
        Decay::Decoupled(_) => text("Trained, decoupled decay", "训练后，解耦衰减"),
    };
    let mut traces = vec![bars(text("At the start", "初始"), start)];
    traces.extend(trained.iter().map(|(decay, trained)| bars(name(*decay), &trained.weights)));
    let chart = Chart {
        id: WEIGHTS.to_string(),
        x: Axis::new(text("Weight", "权重"), Unit::Number),
        y: Axis::new(text("Share of all weights", "占全部权重的比例"), Unit::Fraction),
        traces,
        marks: vec![],
    };
    host.emit(EventBody::Chart(chart)).await
}

/// Errors at the end of training against the hidden width, and where there are as many parameters as outputs to learn.
pub async fn sweep(widths: &[u32], done: &[Trained], samples: usize, host: &dyn Host) -> Result<(), Interrupt> {
    let points = |error: fn(&Trained) -> f64| {
        widths.iter().zip(done).map(|(&width, trained)| [width as f32, error(trained) as f32]).collect()
    };
    let threshold = samples as f32 * CLASSES as f32 / (SIDE * SIDE + 1 + CLASSES) as f32;
    let chart = Chart {
        id: SWEEP.to_string(),
        x: Axis { log: true, ..Axis::new(text("Hidden units", "隐藏单元数"), Unit::Number) },
        y: Axis::new(text("Error", "错误率"), Unit::Fraction),
        traces: vec![
            Trace::new(text("Training", "训练"), Shape::Line, points(|at| 1.0 - at.train_accuracy)),
            Trace::new(text("Validation", "验证"), Shape::Line, points(|at| 1.0 - at.validation_accuracy)),
        ],
        marks: vec![ChartMark {
            x: threshold,
            text: text("parameters = samples × classes", "参数量 = 样本数 × 类别数"),
        }],
    };
    host.emit(EventBody::Chart(chart)).await
}
