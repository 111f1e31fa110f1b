//! The learner's own drawing: what the network is shown of it, and what it says.

mod spec;
#[cfg(test)]
mod tests;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use kindling_protocol::chart::{Axis, Chart, Shape, Trace};
use kindling_protocol::event::{Caption, EventBody, FailureCode, ImageGrid};
use kindling_protocol::lab::Unit;
use kindling_protocol::model::InputSpec;
use kindling_protocol::text::{Text, text};

use crate::answer::probabilities;
use crate::host::{Exhibit, Interrupt};

pub use spec::examination;

const SEEN: &str = "drawn-seen";
const ANSWERS: &str = "drawn-answers";

pub async fn examine(exhibit: Exhibit<'_>) -> Result<Vec<EventBody>, Interrupt> {
    let Exhibit { model, manifest, pixels, .. } = exhibit;
    let said = probabilities(model, manifest, pixels).await.map_err(|detail| {
        let text = text("This model gives no answer that is a number.", "这个模型给不出有效的数值。");
        Interrupt::Fail { code: FailureCode::NotANumber, text, detail: Some(detail) }
    })?;
    let mut order: Vec<usize> = (0..said.len()).collect();
    order.sort_by(|&one, &other| said[other].total_cmp(&said[one]));
    let [first, second] =
        [0, 1].map(|place| Answer { label: &manifest.labels[order[place]], sure: said[order[place]] });

    let InputSpec::Ink { height, width, .. } = manifest.input;
    let caption = Caption { label: Some(first.label.into()), confidence: Some(first.sure), ..Caption::default() };
    let seen = ImageGrid {
        id: SEEN.into(),
        height,
        width,
        channels: 1,
        pixels: BASE64.encode(pixels),
        captions: vec![caption],
        signed: false,
        columns: vec![],
    };
    let names = manifest.labels.iter().map(|label| Text { en: label.clone().into(), zh: label.clone().into() });
    let bars = said.iter().enumerate().map(|(class, &sure)| [class as f32, sure]).collect();
    let answers = Chart {
        id: ANSWERS.into(),
        x: Axis { names: names.collect(), ..Axis::new(text("Digit", "数字"), Unit::Number) },
        y: Axis::new(text("Probability", "概率"), Unit::Fraction),
        traces: vec![Trace::new(text("This model", "本模型"), Shape::Bars, bars)],
        marks: vec![],
    };
    let outcome = told(first, second, manifest.unsure_below);
    Ok(vec![EventBody::Note { text: outcome }, EventBody::Images(seen), EventBody::Chart(answers)])
}

struct Answer<'a> {
    label: &'a str,
    sure: f32,
}

/// The best two answers.
fn told(first: Answer<'_>, second: Answer<'_>, unsure_below: f32) -> Text {
    let [sure, less] = [first.sure, second.sure].map(|sure| (100.0 * sure).round());
    let (first_label, second_label) = (first.label, second.label);
    let (en, zh) = if first.sure < unsure_below {
        (
            format!("Not sure: {first_label}, {sure} %, or {second_label}, {less} %."),
            format!("拿不准：{first_label}（{sure}%），也可能是 {second_label}（{less}%）。"),
        )
    } else {
        (
            format!("Read as {first_label}, {sure} %. Next comes {second_label}, {less} %."),
            format!("识别为 {first_label}，{sure}%。其次是 {second_label}，{less}%。"),
        )
    };
    Text { en: en.into(), zh: zh.into() }
}
