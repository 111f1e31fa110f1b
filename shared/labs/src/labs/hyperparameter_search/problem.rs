//! The data: folds that choose, and a test part that is asked once.

use std::collections::BTreeMap;

use super::folds::stratified;
use crate::data::random;
use crate::data::tabular::{Encoder, sets};
use crate::host::{Interrupt, Run};
use crate::labs::parts::{OWN_FILE, OWN_LABEL};
use crate::train::rows::{Rows, enough};

const TEST: f64 = 0.3;
/// Rows that are searched on, at most.
pub const ROWS: usize = 2_000;

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
        let data = match run.knobs.word("data") {
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
        let count = run.knobs.count("folds");
        let of_row = stratified(&data.labels.of(&rows), count);
        let fold = |fold: usize| {
            let side = |judged: bool| -> Vec<usize> {
                rows.iter().zip(&of_row).filter(|(_, of)| (**of == fold) == judged).map(|(row, _)| *row).collect()
            };
            encoded(&side(false), &side(true))
        };
        let folds: Vec<(Rows, Rows)> = (0..count).map(fold).collect();
        let last = encoded(&rows, &split.test);
        enough(&folds.iter().chain([&last]).flat_map(|(train, judged)| [train, judged]).collect::<Vec<_>>())?;
        Ok(Problem { classes: data.labels.classes.len(), folds, last, sums: data.sums })
    }
}
