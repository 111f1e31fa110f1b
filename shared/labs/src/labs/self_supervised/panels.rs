//! Panels: a map of the features, pictures beside their nearest neighbours, and what features are worth.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use kindling_protocol::chart::{Axis, Chart, Shape, Trace};
use kindling_protocol::event::{Caption, EventBody, ImageGrid};
use kindling_protocol::lab::Unit;
use kindling_protocol::text::{Text, text};

use super::probe::{self, Features};
use super::{Worth, sentences, texts};
use crate::data::idx::Digits;
use crate::data::mnist::{CLASSES, class_name, numbered};
use crate::data::newsgroups;
use crate::host::{Host, Interrupt};

pub const MAP: &str = "map";
pub const NEIGHBOURS: &str = "neighbours";
pub const PROBES: &str = "probes";

/// Points of the map.
const MAPPED: usize = 500;
pub const ASKED: usize = 6;
const SHOWN: usize = 5;

/// What the classes of the data are called.
pub fn names(source: &str) -> Vec<Text> {
    let numbers = |names: &[Text]| names.iter().enumerate().map(|(class, name)| numbered(class, name)).collect();
    match source {
        newsgroups::SET => numbers(&texts::GROUPS.map(|(_, name)| name)),
        sentences::SOURCE => numbers(&sentences::NAMES),
        _ => (0..CLASSES).map(|class| class_name(source, class)).collect(),
    }
}

/// A trace a class, so that a legend tells them apart and each can be looked at alone.
pub async fn map(features: &Features, source: &str, host: &dyn Host) -> Result<(), Interrupt> {
    let (places, labels) = (probe::map(features), &features.labels);
    let of = |(class, name): (usize, Text)| {
        let own = places.iter().zip(labels).take(MAPPED).filter(|(_, label)| usize::from(**label) == class);
        Trace::new(name, Shape::Points, own.map(|(place, _)| *place).collect())
    };
    let axis = |label| Axis::new(label, Unit::Number);
    host.emit(EventBody::Chart(Chart {
        id: MAP.to_string(),
        x: axis(text("First direction", "第一方向")),
        y: Axis { equal: true, ..axis(text("Second direction", "第二方向")) },
        traces: names(source).into_iter().enumerate().map(of).collect(),
        marks: vec![],
    }))
    .await
}

/// A test picture, then those that the encoder holds for most alike. The encoder never saw a label.
pub async fn neighbours(features: &Features, test: &Digits, host: &dyn Host) -> Result<(), Interrupt> {
    let mut places = Vec::new();
    for asked in 0..ASKED.min(test.len()) {
        places.push((asked, None));
        let label = test.labels[asked].to_string();
        places.extend(features.nearest(asked, SHOWN).into_iter().map(|place| (place, Some(label.clone()))));
    }
    // A neighbour's caption says what was looked for, and what came.
    let caption = |(place, asked): &(usize, Option<String>)| {
        let own = test.labels[*place].to_string();
        let (label, predicted) = match asked {
            None => (Some(own), None),
            Some(asked) => (Some(asked.clone()), Some(own)),
        };
        Caption { index: *place as u32, label, predicted, confidence: None }
    };
    let pixels: Vec<u8> = places.iter().flat_map(|(place, _)| test.image(*place).iter().copied()).collect();
    host.emit(EventBody::Images(ImageGrid {
        id: NEIGHBOURS.to_string(),
        height: test.height as u32,
        width: test.width as u32,
        channels: 1,
        pixels: BASE64.encode(pixels),
        captions: places.iter().map(caption).collect(),
        columns: vec![
            text("Picture", "图片"),
            text("Nearest", "最近"),
            text("2nd", "第二"),
            text("3rd", "第三"),
            text("4th", "第四"),
            text("5th", "第五"),
        ],
        signed: false,
    }))
    .await
}

/// Accuracy by number of labels: of the probe on learnt and on random features, and of the labels `alone`.
pub async fn probes(worth: &Worth, alone: &[f64], host: &dyn Host) -> Result<(), Interrupt> {
    let rows = || worth.by_labels.iter().map(|row| row[0] as f32);
    let line = |label, of: fn(&[f64; 3]) -> f64| {
        let points = rows().zip(&worth.by_labels).map(|(labels, row)| [labels, of(row) as f32]).collect();
        Trace::new(label, Shape::Line, points)
    };
    let alone = rows().zip(alone).map(|(labels, &accuracy)| [labels, accuracy as f32]).collect();
    let labels = Axis { log: true, ..Axis::new(text("Labelled samples", "有标签的样本数"), Unit::Number) };
    host.emit(EventBody::Chart(Chart {
        id: PROBES.to_string(),
        x: labels,
        y: Axis::new(text("Accuracy", "准确率"), Unit::Fraction),
        traces: vec![
            line(text("Probe on features learnt without labels", "探针，无标签学到的特征"), |row| row[1]),
            line(text("Probe on random features", "探针，随机特征"), |row| row[2]),
            Trace::new(text("Supervised on these labels alone", "只用这些标签的监督学习"), Shape::Dashed, alone),
        ],
        marks: vec![],
    }))
    .await
}
