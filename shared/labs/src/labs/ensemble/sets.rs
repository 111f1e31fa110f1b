//! The data as rows of numbers, and a member's share of them.

use std::collections::BTreeMap;

use crate::data::idx::Digits;
use crate::data::mnist::{self, Wanted};
use crate::data::random;
use crate::data::tabular::{self, Encoder};
use crate::host::{Interrupt, Run};
use crate::train::rows::Rows;

pub struct Sets {
    pub train: Rows,
    /// Weights of votes are chosen on it.
    pub validation: Rows,
    pub test: Rows,
    pub classes: Vec<String>,
    /// sha256 by part.
    pub sums: BTreeMap<String, String>,
}

const VALIDATION: usize = 1_000;
const TEST: usize = 5_000;

impl Sets {
    pub async fn load(run: &Run<'_>) -> Result<Sets, Interrupt> {
        match run.knobs.word("data") {
            "wine-quality" => Self::wine(run).await,
            set => Self::digits(run, set).await,
        }
    }

    async fn digits(run: &Run<'_>, set: &str) -> Result<Sets, Interrupt> {
        let wanted = Wanted { set, train: run.knobs.count("samples"), validation: VALIDATION, test: TEST };
        let sets = mnist::sets(run.host, run.seed, wanted).await?;
        Ok(Sets {
            train: pixels(&sets.train),
            validation: pixels(&sets.validation),
            test: pixels(&sets.test),
            classes: (0..mnist::CLASSES).map(|digit| digit.to_string()).collect(),
            sums: sets.sums,
        })
    }

    /// The published classes are grades; a grade nobody learns from is nobody's answer, but it keeps its place.
    async fn wine(run: &Run<'_>) -> Result<Sets, Interrupt> {
        let data = tabular::sets::load(run.host, "wine-quality", run.seed).await?;
        let split = data.split(0.15, 0.3, run.seed);
        let encoder = Encoder::fit(&data.table, &data.features, &split.train);
        let rows = |rows: &[usize]| Rows {
            inputs: encoder.encode(&data.table, rows),
            labels: data.labels.of(rows),
            width: encoder.width(),
        };
        let mut train = split.train;
        random::stream(run.seed, "wine share", 0, 0).shuffle(&mut train);
        train.truncate(run.knobs.count("samples"));
        Ok(Sets {
            train: rows(&train),
            validation: rows(&split.validation),
            test: rows(&split.test),
            classes: data.labels.classes,
            sums: data.sums,
        })
    }
}

/// Mean and deviation of all training pixels of MNIST, as everyone uses them.
fn pixels(digits: &Digits) -> Rows {
    Rows {
        inputs: digits.images.iter().map(|&byte| (f32::from(byte) / 255.0 - 0.1307) / 0.3081).collect(),
        labels: digits.labels.iter().map(|&label| u32::from(label)).collect(),
        width: digits.height * digits.width,
    }
}

/// As many rows, drawn with replacement (Breiman 1996): about 63 % of them, some several times.
pub fn bootstrap(rows: &Rows, seed: u64) -> Rows {
    let count = rows.labels.len();
    let mut random = random::stream(seed, "bootstrap", 0, 0);
    let mut drawn = Rows { width: rows.width, ..Rows::default() };
    for _ in 0..count {
        let row = random.below(count as u32) as usize;
        drawn.inputs.extend_from_slice(&rows.inputs[row * rows.width..(row + 1) * rows.width]);
        drawn.labels.push(rows.labels[row]);
    }
    drawn
}
