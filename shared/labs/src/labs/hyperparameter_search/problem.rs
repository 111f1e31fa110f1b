//! The data: folds that choose, and a test part that is asked once.

use std::collections::BTreeMap;

use super::folds::stratified;
use crate::data::idx::Digits;
use crate::data::mnist::{self, CLASSES, SIDE, Wanted};
use crate::data::random;
use crate::data::tabular::{Encoder, sets};
use crate::host::{Interrupt, Run};
use crate::labs::parts::{OWN_FILE, OWN_LABEL};
use crate::train::rows::{Rows, enough};

const TEST: f64 = 0.3;
/// Rows that are searched on, at most.
pub const ROWS: usize = 2_000;
const TEST_DIGITS: usize = 2_000;
/// Pixels of a digit to a side that become one input: the network's time goes with the inputs.
const SQUARE: usize = 2;
pub const INPUTS: usize = (SIDE / SQUARE) * (SIDE / SQUARE);

pub struct Problem {
    pub classes: usize,
    /// For each fold: the others to train on, and itself to be judged on.
    pub folds: Vec<(Rows, Rows)>,
    /// All folds, and the test part.
    pub last: (Rows, Rows),
    pub sums: BTreeMap<String, String>,
}

impl Problem {
    pub async fn load(run: &Run<'_>) -> Result<Problem, Interrupt> {
        let count = run.knobs.count("folds");
        let data = match run.knobs.word("data") {
            "mnist" => {
                let wanted = Wanted { set: "mnist", train: ROWS, validation: 0, test: TEST_DIGITS };
                return Ok(of_digits(mnist::sets(run.host, run.seed, wanted).await?, count));
            }
            "own" => sets::load_own(run.host, run.knobs.word(OWN_FILE), run.knobs.count(OWN_LABEL)).await?,
            name => sets::load(run.host, name, run.seed).await?,
        };
        let split = data.split(0.0, TEST, run.seed);
        let mut rows = split.train;
        random::stream(run.seed, "search rows", 0, 0).shuffle(&mut rows);
        rows.truncate(ROWS);
        // Means and scales are of the part that is trained on: what judges has no say in them.
        let encoded = |train: &[usize], judged: &[usize]| {
            let encoder = Encoder::fit(&data.table, &data.features, train);
            let rows = |rows: &[usize]| Rows {
                inputs: encoder.encode(&data.table, rows),
                labels: data.labels.of(rows),
                width: encoder.width(),
            };
            (rows(train), rows(judged))
        };
        let folds = in_folds(&rows, &data.labels.of(&rows), count, encoded);
        let last = encoded(&rows, &split.test);
        enough(&folds.iter().chain([&last]).flat_map(|(train, judged)| [train, judged]).collect::<Vec<_>>())?;
        Ok(Problem { classes: data.labels.classes.len(), folds, last, sums: data.sums })
    }
}

fn of_digits(sets: mnist::Sets, count: usize) -> Problem {
    let labels: Vec<u32> = sets.train.labels.iter().map(|&label| label.into()).collect();
    let part = |rows: &[usize]| coarse(&sets.train.pick(rows.iter().copied()));
    let rows: Vec<usize> = (0..labels.len()).collect();
    let folds = in_folds(&rows, &labels, count, |train, judged| (part(train), part(judged)));
    Problem { classes: CLASSES, folds, last: (part(&rows), coarse(&sets.test)), sums: sets.sums }
}

/// Each fold, and the other rows to train on.
fn in_folds(
    rows: &[usize],
    labels: &[u32],
    count: usize,
    encoded: impl Fn(&[usize], &[usize]) -> (Rows, Rows),
) -> Vec<(Rows, Rows)> {
    let of_row = stratified(labels, count);
    let side = |fold: usize, judged: bool| -> Vec<usize> {
        rows.iter().zip(&of_row).filter(|(_, of)| (**of == fold) == judged).map(|(row, _)| *row).collect()
    };
    (0..count).map(|fold| encoded(&side(fold, false), &side(fold, true))).collect()
}

/// The mean ink of each square, from 0 to 1.
fn coarse(digits: &Digits) -> Rows {
    let across = SIDE / SQUARE;
    let mut inputs = vec![0.0; digits.len() * INPUTS];
    for (picture, inputs) in digits.images.chunks(SIDE * SIDE).zip(inputs.chunks_mut(INPUTS)) {
        for (pixel, &ink) in picture.iter().enumerate() {
            let (row, column) = (pixel / SIDE / SQUARE, pixel % SIDE / SQUARE);
            inputs[row * across + column] += f32::from(ink) / (255 * SQUARE * SQUARE) as f32;
        }
    }
    Rows { inputs, labels: digits.labels.iter().map(|&label| label.into()).collect(), width: INPUTS }
}
