//! The data, what counts as positive, and the mix of classes that is expected.

use std::collections::BTreeMap;

use kindling_protocol::text::{Text, text};
use kindling_statistics::confusion::Confusion;

use crate::data::random;
use crate::data::tabular::telling::telling;
use crate::data::tabular::{Encoder, Split, Values, sets};
use crate::host::{Interrupt, Run};
use crate::labs::parts::{OWN_FILE, OWN_LABEL};
use crate::train::rows::{Rows, enough};
use crate::train::told::{LEAST, kept};

/// Shares of the rows that choose a threshold and that judge it.
const VALIDATION: f64 = 0.3;
const TEST: f64 = 0.3;
/// The option of the knob `data` that takes a run's predictions, and the knob that has them.
pub const RUN: &str = "run";
pub const PREDICTIONS: &str = "predictions";
/// Of more than two classes, the last ones are positive as long as they are no more than this.
const RARE: f64 = 1.0 / 3.0;

const OF_RUN: Text = text("Sample in the run's CSV", "在该运行 CSV 中的编号");

pub struct Problem {
    pub classes: Vec<String>,
    /// This class and those after it are positive.
    pub positive_from: u32,
    pub train: Rows,
    pub validation: Rows,
    pub test: Rows,
    /// What is told of a row of the test set besides the answers: its most telling columns, or where it is in the run.
    pub told: Vec<(Text, Values)>,
    pub sums: BTreeMap<String, String>,
    /// What a probability of 0 may have been before it was rounded.
    pub least: f64,
}

/// A set with what the model says of it.
pub struct Judged {
    pub labels: Vec<u32>,
    /// `[rows, classes]`
    pub probabilities: Vec<f32>,
    /// Whether each row is positive, and the probability that it is.
    pub truth: Vec<bool>,
    pub scores: Vec<f64>,
    /// The likeliest class of each row against the true one.
    pub classes: Confusion,
}

impl Problem {
    pub async fn load(run: &Run<'_>) -> Result<Problem, Interrupt> {
        let data = match run.knobs.word("data") {
            "own" => sets::load_own(run.host, run.knobs.word(OWN_FILE), run.knobs.count(OWN_LABEL)).await?,
            name => sets::load(run.host, name, run.seed).await?,
        };
        let split = data.split(VALIDATION, TEST, run.seed);
        let encoder = Encoder::fit(&data.table, &data.features, &split.train);
        let positive_from = positive_from(&data.labels.counts(&split.train));
        let share = run.knobs.number("prevalence");
        let rows = |rows: &[usize]| Rows {
            inputs: encoder.encode(&data.table, rows),
            labels: data.labels.of(rows),
            width: encoder.width(),
        };
        let positive =
            |part: &[usize]| data.labels.of(part).into_iter().map(|label| label >= positive_from).collect::<Vec<_>>();
        // Training keeps the mix of the data; what is expected later is what judges.
        let mixed = |part: &[usize], purpose: &str| mixed(part, &positive(part), share, run.seed, purpose);
        let (train, test) = (rows(&split.train), mixed(&split.test, "test mix"));
        Ok(Problem {
            told: telling(&data, &encoder, &train.inputs, &positive(&split.train), &test),
            train,
            validation: rows(&mixed(&split.validation, "validation mix")),
            test: rows(&test),
            classes: data.labels.classes,
            positive_from,
            sums: data.sums,
            least: 0.0,
        })
    }

    /// The predictions of a run, and what they say of validation and test: a half of every class each.
    pub async fn of_run(run: &Run<'_>) -> Result<(Problem, [Vec<f32>; 2]), Interrupt> {
        let told = kept(run.host, run.knobs.word(PREDICTIONS)).await?;
        let every: Vec<usize> = (0..told.truth.len()).collect();
        let count = told.classes.len();
        let mut counts = vec![0; count];
        told.truth.iter().for_each(|&class| counts[class as usize] += 1);
        let (positive_from, share) = (positive_from(&counts), run.knobs.number("prevalence"));
        let split = Split::stratified(&every, &told.truth, 0.5, 0.5, run.seed);
        let part = |rows: &[usize], purpose: &str| {
            let positive: Vec<bool> = rows.iter().map(|&row| told.truth[row] >= positive_from).collect();
            let rows = mixed(rows, &positive, share, run.seed, purpose);
            let labels = rows.iter().map(|&row| told.truth[row]).collect();
            let said = rows.iter().flat_map(|&row| &told.probabilities[row * count..][..count]).copied().collect();
            (Rows { labels, ..Rows::default() }, said, rows)
        };
        let (validation, of_validation, _) = part(&split.validation, "validation mix");
        let (test, of_test, places) = part(&split.test, "test mix");
        enough(&[&validation, &test])?;
        let problem = Problem {
            classes: told.classes,
            positive_from,
            train: Rows::default(),
            validation,
            test,
            told: vec![(OF_RUN, Values::Numbers(places.into_iter().map(|place| place as f64).collect()))],
            sums: BTreeMap::new(),
            least: LEAST,
        };
        Ok((problem, [of_validation, of_test]))
    }

    pub fn judge(&self, rows: &Rows, probabilities: Vec<f32>) -> Judged {
        let count = self.classes.len();
        let score = |row: &[f32]| row[self.positive_from as usize..].iter().map(|&value| f64::from(value)).sum::<f64>();
        let likeliest =
            |row: &[f32]| (1..count).fold(0, |best, class| if row[class] > row[best] { class } else { best }) as u32;
        let predicted: Vec<u32> = probabilities.chunks(count).map(likeliest).collect();
        Judged {
            truth: rows.labels.iter().map(|&label| label >= self.positive_from).collect(),
            scores: probabilities.chunks(count).map(|row| score(row).min(1.0)).collect(),
            classes: Confusion::new(count, &rows.labels, &predicted),
            labels: rows.labels.clone(),
            probabilities,
        }
    }

    /// What positive and negative mean here.
    pub fn sides(&self) -> [String; 2] {
        let of = |classes: &[String]| match classes {
            [one] => one.clone(),
            [first, .., last] => format!("{first}–{last}"),
            [] => String::new(),
        };
        let (negative, positive) = self.classes.split_at(self.positive_from as usize);
        [of(negative), of(positive)]
    }
}

/// The first class of the positive ones.
pub fn positive_from(counts: &[usize]) -> u32 {
    let total: usize = counts.iter().sum();
    let mut from = counts.len() - 1;
    while from > 1 && counts[from - 1..].iter().sum::<usize>() as f64 <= RARE * total as f64 {
        from -= 1;
    }
    from as u32
}

/// The rows with so many of one side left out that positives are `share` of them; all of them where `share` is 0.
pub fn mixed(rows: &[usize], positive: &[bool], share: f64, seed: u64, purpose: &str) -> Vec<usize> {
    let side = |wanted: bool| -> Vec<usize> {
        rows.iter().zip(positive).filter(|(_, is)| **is == wanted).map(|(row, _)| *row).collect()
    };
    let (mut positives, mut negatives) = (side(true), side(false));
    if share > 0.0 && !positives.is_empty() && !negatives.is_empty() {
        let stream = |index| random::stream(seed, purpose, 0, index);
        stream(0).shuffle(&mut positives);
        stream(1).shuffle(&mut negatives);
        let wanted_positives = share / (1.0 - share) * negatives.len() as f64;
        if wanted_positives < positives.len() as f64 {
            positives.truncate((wanted_positives.round() as usize).max(1));
        } else {
            negatives.truncate((((1.0 - share) / share * positives.len() as f64).round() as usize).max(1));
        }
    }
    let mut kept = [positives, negatives].concat();
    kept.sort_unstable();
    kept
}
