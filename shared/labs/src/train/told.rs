//! Predictions of a test set: told by a lab that trained a classifier, read by labs that judge and compare.

use kindling_protocol::event::FailureCode;
use kindling_protocol::knob::KnobValue;
use kindling_protocol::model::Manifest;
use kindling_protocol::predictions::{PANEL, Predictions};
use kindling_protocol::text::{Text, text};

use super::batch::score;
use super::metrics::Scored;
use crate::data::mnist;
use crate::host::{DataError, Host, Interrupt};
use crate::nn::model::Classifier;

/// Samples from the front of the test set: enough to tell two models apart, few enough that a run stays small.
pub const ROWS: usize = 2_000;
/// Probabilities are told to four digits.
const STEPS: f32 = 1e4;
/// A probability that is told as 0 may be nearly as much.
pub const LEAST: f64 = 0.5e-4;

/// What is said of the test set, its classes named by their numbers.
pub fn predictions(test: &Scored, temperature: f32) -> Predictions {
    let rows = test.len().min(ROWS);
    let said = (0..rows).flat_map(|row| test.probabilities(row, temperature));
    Predictions {
        id: PANEL.to_string(),
        classes: (0..test.classes).map(|class| class.to_string()).collect(),
        truth: test.labels[..rows].iter().map(|&label| u32::from(label)).collect(),
        probabilities: said.map(|probability| (probability * STEPS).round() / STEPS).collect(),
        decision: None,
    }
}

/// What a model says of the test set that its lab would test it on.
pub async fn examine(model: &Classifier, manifest: &Manifest, host: &dyn Host) -> Result<Predictions, Interrupt> {
    let set = match manifest.run.knobs.0.get("data") {
        Some(KnobValue::Word(set)) => set,
        _ => "mnist",
    };
    let scored = score(model, &manifest.input, &mnist::test(host, set, ROWS).await?).await;
    Ok(Predictions { classes: manifest.labels.clone(), ..predictions(&scored, manifest.temperature) })
}

/// The kept predictions of a run, by the hash that their knob holds.
pub async fn kept(host: &dyn Host, sha256: &str) -> Result<Predictions, Interrupt> {
    let failed = |text: Text, detail| Interrupt::Fail { code: FailureCode::Data, text, detail };
    if sha256.is_empty() {
        return Err(failed(NONE, None));
    }
    let bytes = host.data(&format!("own/{sha256}")).await.map_err(|error| match error {
        DataError::Missing(_) => failed(GONE, None),
        error => failed(UNREADABLE, Some(error.to_string())),
    })?;
    Predictions::read(&bytes).map_err(|error| failed(error.text(), None))
}

const NONE: Text = text("Choose the predictions of a run, or other data.", "请选择某次运行的预测，或改用其他数据。");
const GONE: Text = text(
    "These predictions are not in this browser any more. Choose them again.",
    "这些预测已不在这个浏览器中，请重新选择。",
);
const UNREADABLE: Text = text("The predictions can't be read.", "无法读取这些预测。");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_is_short_whole_and_answers_as_the_model_does() {
        let count = ROWS + 100;
        let logit = |place: usize| ((place * 37 + place / 10 * 11) % 23) as f32 / 3.0;
        let labels = (0..count).map(|row| (row % 10) as u8).collect();
        let test = Scored { classes: 10, logits: (0..count * 10).map(logit).collect(), labels };
        let told = predictions(&test, 1.5);
        assert_eq!((told.truth.len(), told.check()), (ROWS, Ok(())));
        let right: Vec<bool> = (0..ROWS).map(|row| test.predicted(row) == row % 10).collect();
        assert_eq!(told.right(), right);
        let json = serde_json::to_string(&told).expect("plain data");
        assert!(json.len() < 160_000, "{} bytes", json.len());
    }
}
