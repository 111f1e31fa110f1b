//! What a classifier said of every sample of a test set: told by a run, kept as a file, judged by other labs.

use serde::{Deserialize, Serialize};

use crate::text::Text;

/// All that thresholds, curves and calibration are made of. The page works them out while somebody drags, and labs that
/// judge and compare take them from any run.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Predictions {
    pub id: String,
    /// Names of the classes. Of two, the second is the positive one.
    pub classes: Vec<String>,
    /// The true class of each sample.
    pub truth: Vec<u32>,
    /// Probabilities, `truth.len() * classes.len()`, sample by sample.
    pub probabilities: Vec<f32>,
    /// How the run decides, where a threshold and costs are among its knobs. Of two classes alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
}

/// Positive is what has at least the threshold; and what mistakes cost.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Decision {
    pub threshold: f64,
    pub false_positive: f64,
    pub false_negative: f64,
}

/// The panel that a lab shows them in: whose labs have it tell predictions.
pub const PANEL: &str = "predictions";

/// Bytes of a file of them.
pub const MAX_BYTES: u64 = 8 << 20;
const MAX_ROWS: usize = 50_000;
const MAX_CLASSES: usize = 100;
/// Numbers that fit into [`MAX_BYTES`] however many digits they have.
const MAX_NUMBERS: usize = 500_000;
/// How far from 1 the probabilities of a sample may sum: four digits of a hundred classes.
const SLACK: f64 = 0.01;

/// Why something is no predictions.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PredictionsError {
    #[error("The file is too large: at most 8 MB.")]
    TooLarge,
    #[error("The file holds no predictions as Kindling saves them ({0}).")]
    NoPredictions(String),
    #[error("Classes: {0}, expected 2 to {MAX_CLASSES}.")]
    Classes(usize),
    #[error("Class {0} has no name.")]
    Nameless(usize),
    #[error("Samples: {0}, expected 1 to {MAX_ROWS}.")]
    Rows(usize),
    #[error("Probabilities: {found}, expected {expected}: one for each sample and class.")]
    Length { found: usize, expected: usize },
    #[error("The true class of sample {row} is {found}, and classes are counted from 0 to {last}.")]
    Truth { row: usize, found: u32, last: usize },
    #[error("A probability of sample {0} is not between 0 and 1.")]
    Probability(usize),
    #[error("The probabilities of sample {row} sum to {sum:.3}, expected 1.")]
    Sum { row: usize, sum: f64 },
}

impl Predictions {
    /// Reads a file of them.
    pub fn read(bytes: &[u8]) -> Result<Predictions, PredictionsError> {
        if bytes.len() as u64 > MAX_BYTES {
            return Err(PredictionsError::TooLarge);
        }
        let read: Predictions =
            serde_json::from_slice(bytes).map_err(|error| PredictionsError::NoPredictions(error.to_string()))?;
        read.check()?;
        Ok(read)
    }

    /// Its first samples, as many as a file may hold.
    pub fn bounded(mut self) -> Predictions {
        let rows = MAX_ROWS.min(MAX_NUMBERS / (self.classes.len() + 1));
        self.truth.truncate(rows);
        self.probabilities.truncate(rows * self.classes.len());
        self
    }

    /// Whether the numbers fit each other, so that all that follows may rely on it. Samples and classes are counted
    /// from 1 where they are told.
    pub fn check(&self) -> Result<(), PredictionsError> {
        let (rows, classes) = (self.truth.len(), self.classes.len());
        if !(2..=MAX_CLASSES).contains(&classes) {
            return Err(PredictionsError::Classes(classes));
        }
        if let Some(place) = self.classes.iter().position(|name| name.trim().is_empty()) {
            return Err(PredictionsError::Nameless(place + 1));
        }
        if !(1..=MAX_ROWS).contains(&rows) {
            return Err(PredictionsError::Rows(rows));
        }
        let (found, expected) = (self.probabilities.len(), rows * classes);
        if found != expected {
            return Err(PredictionsError::Length { found, expected });
        }
        for (row, (&truth, said)) in self.truth.iter().zip(self.probabilities.chunks(classes)).enumerate() {
            let row = row + 1;
            if truth as usize >= classes {
                return Err(PredictionsError::Truth { row, found: truth, last: classes - 1 });
            }
            if !said.iter().all(|probability| (0.0..=1.0).contains(probability)) {
                return Err(PredictionsError::Probability(row));
            }
            let sum = said.iter().map(|&probability| f64::from(probability)).sum::<f64>();
            if (sum - 1.0).abs() > SLACK {
                return Err(PredictionsError::Sum { row, sum });
            }
        }
        Ok(())
    }

    /// Whether the likeliest class of each sample is the true one; of equals the first.
    pub fn right(&self) -> Vec<bool> {
        let count = self.classes.len();
        let likeliest =
            |said: &[f32]| (1..count).fold(0, |best, class| if said[class] > said[best] { class } else { best });
        let rows = self.probabilities.chunks(count).zip(&self.truth);
        rows.map(|(said, &truth)| likeliest(said) == truth as usize).collect()
    }
}

impl PredictionsError {
    pub fn text(&self) -> Text {
        let zh = match self {
            PredictionsError::TooLarge => "文件过大：最多 8 MB。".to_string(),
            PredictionsError::NoPredictions(detail) => format!("文件中没有 Kindling 保存的预测（{detail}）。"),
            PredictionsError::Classes(found) => format!("类别数为 {found}，应为 2 到 {MAX_CLASSES}。"),
            PredictionsError::Nameless(class) => format!("第 {class} 个类别没有名称。"),
            PredictionsError::Rows(found) => format!("样本数为 {found}，应为 1 到 {MAX_ROWS}。"),
            PredictionsError::Length { found, expected } => {
                format!("概率有 {found} 个，应为 {expected} 个：每个样本的每个类别各一个。")
            }
            PredictionsError::Truth { row, found, last } => {
                format!("第 {row} 个样本的真实类别是 {found}，类别应从 0 数到 {last}。")
            }
            PredictionsError::Probability(row) => format!("第 {row} 个样本有概率不在 0 到 1 之间。"),
            PredictionsError::Sum { row, sum } => format!("第 {row} 个样本的概率之和为 {sum:.3}，应为 1。"),
        };
        Text { en: self.to_string().into(), zh: zh.into() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn predictions() -> Predictions {
        Predictions {
            id: PANEL.into(),
            classes: vec!["cat".into(), "dog".into()],
            truth: vec![0, 1, 1],
            probabilities: vec![0.75, 0.25, 0.5, 0.5, 0.1, 0.9],
            decision: None,
        }
    }

    #[test]
    fn a_file_comes_back_as_it_was() {
        let json = serde_json::to_vec(&predictions()).unwrap();
        assert_eq!(Predictions::read(&json), Ok(predictions()));
        // A file of before has no decision.
        assert!(!String::from_utf8(json).unwrap().contains("decision"));
        let decision = Some(Decision { threshold: 0.1, false_positive: 1.0, false_negative: 10.0 });
        let decided = Predictions { decision, ..predictions() };
        assert_eq!(Predictions::read(&serde_json::to_vec(&decided).unwrap()), Ok(decided));
        assert_eq!(predictions().right(), [true, false, true], "of equals the first");
    }

    #[test]
    fn every_oddity_is_told_in_both_languages() {
        let odd = |change: fn(&mut Predictions)| {
            let mut changed = predictions();
            change(&mut changed);
            changed.check().expect_err("it is odd")
        };
        let told = [
            (odd(|it| it.classes.truncate(1)), "Classes: 1"),
            (odd(|it| it.classes[1] = " ".into()), "Class 2 has no name"),
            (odd(|it| it.truth.clear()), "Samples: 0"),
            (odd(|it| it.truth.truncate(2)), "Probabilities: 6, expected 4"),
            (odd(|it| it.truth[2] = 2), "sample 3 is 2, and classes are counted from 0 to 1"),
            (odd(|it| it.probabilities[2] = f32::NAN), "probability of sample 2"),
            (odd(|it| it.probabilities[0] = 0.9), "sample 1 sum to 1.150"),
        ];
        for (error, part) in told {
            let text = error.text();
            assert!(text.en.contains(part), "{} has no `{part}`", text.en);
            assert!(text.zh.chars().any(|letter| letter > '\u{4e00}'), "{}", text.zh);
        }
        for (bytes, part) in [
            (&b"sample,truth"[..], "no predictions as Kindling saves them"),
            (br#"{"classes":["a","b"],"truth":[0]}"#, "missing field `id`"),
            (br#"{"id":"p","classes":["a","b"],"truth":[-1],"probabilities":[1,0]}"#, "invalid value"),
        ] {
            let told = Predictions::read(bytes).expect_err("it is odd").to_string();
            assert!(told.contains(part), "{told}");
        }
        assert_eq!(Predictions::read(&vec![b' '; MAX_BYTES as usize + 1]), Err(PredictionsError::TooLarge));
    }

    #[test]
    fn four_digits_of_a_probability_are_enough() {
        let thirds = Predictions {
            classes: ["a", "b", "c"].map(String::from).into(),
            truth: vec![2],
            probabilities: vec![0.3333; 3],
            ..predictions()
        };
        assert_eq!(thirds.check(), Ok(()));
    }
}
