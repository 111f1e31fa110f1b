//! Panels: confusion matrix, mistakes, first-layer weights.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use kindling_protocol::event::{Caption, EventBody, ImageGrid};

use super::CLASSES;
use super::plan::SIDE;
use crate::data::idx::Digits;
use crate::host::{Host, Interrupt};
use crate::nn::model::Classifier;
use crate::nn::state;
use crate::train::metrics::Scored;

pub const CONFUSION: &str = "confusion";
pub const MISTAKES: &str = "mistakes";
pub const FIRST_LAYER: &str = "first-layer";

/// Samples that a cell of the matrix opens.
const SAMPLES_A_CELL: usize = 24;
const MISTAKES_SHOWN: usize = 40;
const UNITS_SHOWN: usize = 32;

pub async fn confusion(test: &Scored, host: &dyn Host) -> Result<(), Interrupt> {
    let labels = (0..CLASSES).map(|digit| digit.to_string()).collect();
    let (counts, samples) = (test.confusion(), test.cells(SAMPLES_A_CELL));
    host.emit(EventBody::Matrix { id: CONFUSION.to_string(), labels, counts, samples, examples: None }).await
}

/// The most confident ones first: they say most about the model, or about the label.
pub async fn mistakes(test: &Scored, digits: &Digits, temperature: f32, host: &dyn Host) -> Result<(), Interrupt> {
    let mistakes: Vec<(usize, f32)> = test.mistakes(temperature).into_iter().take(MISTAKES_SHOWN).collect();
    let pixels: Vec<u8> = mistakes.iter().flat_map(|&(index, _)| digits.image(index).iter().copied()).collect();
    let caption = |&(index, confidence): &(usize, f32)| Caption {
        index: index as u32,
        label: Some(digits.labels[index].to_string()),
        predicted: Some(test.predicted(index).to_string()),
        confidence: Some(confidence),
    };
    let captions = mistakes.iter().map(caption).collect();
    host.emit(EventBody::Images(ImageGrid {
        id: MISTAKES.to_string(),
        height: SIDE as u32,
        width: SIDE as u32,
        channels: 1,
        pixels: BASE64.encode(pixels),
        captions,
        columns: vec![],
        signed: false,
    }))
    .await
}

/// What each unit of the first layer looks for: 128 is no weight, 255 the greatest.
pub async fn first_layer(model: Classifier, host: &dyn Host) -> Result<(), Interrupt> {
    let weights = model.first_layer();
    let [units, size] = weights.dims();
    let side = size.isqrt();
    let weights = state::read(weights).await;
    let mut pixels = Vec::new();
    for unit in weights.chunks(size).take(units.min(UNITS_SHOWN)) {
        let greatest = unit.iter().fold(f32::MIN_POSITIVE, |greatest, weight| greatest.max(weight.abs()));
        pixels.extend(unit.iter().map(|weight| (128.0 + 127.0 * weight / greatest).round() as u8));
    }
    host.emit(EventBody::Images(ImageGrid {
        id: FIRST_LAYER.to_string(),
        height: side as u32,
        width: side as u32,
        channels: 1,
        pixels: BASE64.encode(pixels),
        captions: vec![],
        columns: vec![],
        signed: true,
    }))
    .await
}
