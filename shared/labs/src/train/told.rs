//! Predictions of a test set: told by a lab that trained a classifier, read by labs that judge and compare.

use kindling_protocol::event::{EventBody, FailureCode};
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
    let said = (0..rows).flat_map(|row| rounded(test.probabilities(row, temperature), test.predicted(row)));
    Predictions {
        id: PANEL.to_string(),
        classes: (0..test.classes).map(|class| class.to_string()).collect(),
        truth: test.labels[..rows].iter().map(|&label| u32::from(label)).collect(),
        probabilities: said.collect(),
        decision: None,
    }
}

/// To four digits, and the decision stays what it is where two classes come to the same.
fn rounded(probabilities: Vec<f32>, decided: usize) -> Vec<f32> {
    let mut steps: Vec<f32> = probabilities.iter().map(|probability| (probability * STEPS).round()).collect();
    let highest = steps.iter().copied().fold(0.0, f32::max);
    if steps.iter().position(|&step| step == highest) != Some(decided) {
        steps[decided] = highest + 1.0;
    }
    steps.into_iter().map(|step| step / STEPS).collect()
}

/// Fills the panel with what is said of a whole test set. What a file of predictions can't hold is left out, and said.
pub async fn tell(all: Predictions, host: &dyn Host) -> Result<(), Interrupt> {
    let count = all.truth.len();
    let told = all.bounded();
    let first = told.truth.len();
    if first < count {
        let text = Text {
            en: format!(
                "The panel of predictions shows the first {first} of {count} test samples; every figure is of all."
            )
            .into(),
            zh: format!("预测面板只显示 {count} 个测试样本中的前 {first} 个，各项指标按全部样本计算。").into(),
        };
        host.emit(EventBody::Note { text }).await?;
    }
    host.emit(EventBody::Predictions(told)).await
}

/// What a model says of the test set that its lab would test it on.
pub async fn examine(model: &Classifier, manifest: &Manifest, host: &dyn Host) -> Result<Predictions, Interrupt> {
    let scored = score(model, &manifest.input, &mnist::test(host, source(manifest), ROWS).await?).await;
    Ok(Predictions { classes: manifest.labels.clone(), ..predictions(&scored, manifest.temperature) })
}

/// What a model was trained on, by the files that it read: what its run asked for may not have been at hand.
fn source(manifest: &Manifest) -> &str {
    let read = manifest.data.keys().find_map(|part| Some(part.split_once('/')?.0));
    let asked = manifest.run.knobs.0.contains_key("data");
    read.unwrap_or(if asked { "generated" } else { "mnist" })
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
    use crate::testing::TestHost;

    #[test]
    fn what_a_file_can_hold_is_told_and_the_rest_is_named() {
        for (classes, rows, first) in [(2, 60_000, 50_000), (99, 6_000, 5_000), (2, 100, 100)] {
            let host = TestHost::default();
            let all = Predictions {
                id: PANEL.to_string(),
                classes: (0..classes).map(|class| class.to_string()).collect(),
                truth: vec![1; rows],
                // As long as a number can be.
                probabilities: (0..rows * classes)
                    .map(|at| if at % classes == 1 { 0.9999 } else { 1.234567e-5 })
                    .collect(),
                decision: None,
            };
            pollster::block_on(tell(all, &host)).expect("runs");
            let events = host.events.borrow();
            let Some(EventBody::Predictions(told)) = events.last() else { panic!("{classes} classes") };
            assert_eq!((told.truth.len(), events.len()), (first, if first < rows { 2 } else { 1 }));
            let file = serde_json::to_vec(told).expect("plain data");
            assert_eq!(Predictions::read(&file).as_ref(), Ok(told), "{} bytes", file.len());
        }
    }

    #[test]
    fn what_is_told_decides_as_the_model_does() {
        assert_eq!(rounded(vec![0.43211, 0.43214, 0.13575], 1), [0.4321, 0.4322, 0.1358]);
        assert_eq!(rounded(vec![0.43214, 0.43211, 0.13575], 0), [0.4321, 0.4321, 0.1358]);
    }

    #[test]
    fn a_model_is_asked_about_what_it_was_trained_on() {
        let of = |data: &[&str], asked: Option<&'static str>| {
            let mut manifest = crate::nn::testing::manifest(kindling_protocol::model::Dtype::F32, &[], &[]);
            manifest.data = data.iter().map(|part| (part.to_string(), String::new())).collect();
            manifest.run.knobs.0.clear();
            manifest.run.knobs.0.extend(asked.map(|set| ("data".to_string(), set.into())));
            source(&manifest).to_string()
        };
        assert_eq!(of(&["fashion-mnist-10k/test-images"], Some("fashion-mnist")), "fashion-mnist-10k");
        assert_eq!(of(&[], Some("mnist")), "generated", "which stood in");
        assert_eq!(of(&[], None), "mnist", "a stranger's");
    }

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
