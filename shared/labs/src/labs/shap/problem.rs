//! The data as features that are explained: a column of a table, or a square of pixels, with the inputs that it has.

use std::collections::BTreeMap;
use std::ops::Range;

use kindling_protocol::text::Text;

use super::additive;
use crate::data::idx::Digits;
use crate::data::mnist::{self, SIDE, Wanted};
use crate::data::random;
use crate::data::tabular::{Dataset, Encoder, Values, sets};
use crate::host::{Interrupt, Run};
use crate::labs::parts::{OWN_FILE, OWN_LABEL};
use crate::train::rows::Rows;

/// Side of the squares of pixels that are switched together.
pub const SQUARE: usize = 4;
/// Share of the rows that no model sees. Adult has a test half of its own.
const TEST: f64 = 0.25;
const TRAINING_DIGITS: usize = 8_000;
const TEST_DIGITS: usize = 1_000;
/// From this quality on a wine is good.
const GOOD_WINE: u32 = 7;

pub struct Problem {
    /// sha256 by part of what was read.
    pub sums: BTreeMap<String, String>,
    pub classes: Vec<String>,
    pub features: Vec<Feature>,
    /// Inputs a row.
    pub width: usize,
    pub train: Rows,
    /// In a random order: the first ones are a sample.
    pub test: Rows,
    pub pictures: Option<Digits>,
    /// The table is that of [`additive`], whose effects are known.
    pub truth_is_known: bool,
}

pub struct Feature {
    pub name: Text,
    pub inputs: Range<usize>,
    /// Of the test rows, as people read them.
    pub values: Values,
}

impl Problem {
    pub async fn load(run: &Run<'_>) -> Result<Problem, Interrupt> {
        match run.knobs.word("data") {
            "generated" => Ok(Problem { truth_is_known: true, ..of_table(additive::dataset(run.seed), run.seed) }),
            "mnist" => {
                let wanted = Wanted { set: "mnist", train: TRAINING_DIGITS, validation: 0, test: TEST_DIGITS };
                Ok(of_pictures(mnist::sets(run.host, run.seed, wanted).await?))
            }
            "own" => {
                let (file, label) = (run.knobs.word(OWN_FILE), run.knobs.count(OWN_LABEL));
                Ok(of_table(sets::load_own(run.host, file, label).await?, run.seed))
            }
            name => {
                let mut data = sets::load(run.host, name, run.seed).await?;
                if data.source == "wine-quality" {
                    good_or_not(&mut data);
                }
                // In numbers it stands beside it, and one thing told twice would share its worth.
                data.features.retain(|&column| data.table.columns[column].name != "education");
                Ok(of_table(data, run.seed))
            }
        }
    }

    pub fn groups(&self) -> Vec<Range<usize>> {
        self.features.iter().map(|feature| feature.inputs.clone()).collect()
    }

    pub fn rows<'a>(&self, rows: &'a Rows) -> Vec<&'a [f32]> {
        rows.inputs.chunks(self.width).collect()
    }
}

fn good_or_not(data: &mut Dataset) {
    let good: Vec<bool> = data
        .labels
        .classes
        .iter()
        .map(|quality| quality.parse().is_ok_and(|quality: u32| quality >= GOOD_WINE))
        .collect();
    data.labels.of_row.iter_mut().flatten().for_each(|class| *class = u32::from(good[*class as usize]));
    data.labels.classes = vec![format!("< {GOOD_WINE}"), format!("≥ {GOOD_WINE}")];
}

fn of_table(data: Dataset, seed: u64) -> Problem {
    let split = data.split(0.0, TEST, seed);
    let encoder = Encoder::fit(&data.table, &data.features, &split.train);
    let mut test = split.test;
    random::stream(seed, "explained rows", 0, 0).shuffle(&mut test);
    let shown = |column: usize| data.table.columns[column].values.of(&test);
    let features = data.features.iter().zip(encoder.groups());
    let features =
        features.map(|(&column, inputs)| Feature { name: data.named(column), inputs, values: shown(column) }).collect();
    let width = encoder.width();
    let rows = |rows: &[usize]| Rows { inputs: encoder.encode(&data.table, rows), labels: data.labels.of(rows), width };
    Problem {
        features,
        width,
        train: rows(&split.train),
        test: rows(&test),
        sums: data.sums,
        classes: data.labels.classes,
        pictures: None,
        truth_is_known: false,
    }
}

fn of_pictures(sets: mnist::Sets) -> Problem {
    let order = pixels_by_square();
    let rows = |digits: &Digits| Rows {
        inputs: digits
            .images
            .chunks(SIDE * SIDE)
            .flat_map(|picture| order.iter().map(|&pixel| f32::from(picture[pixel]) / 255.0))
            .collect(),
        labels: digits.labels.iter().map(|&label| u32::from(label)).collect(),
        width: SIDE * SIDE,
    };
    let (train, test) = (rows(&sets.train), rows(&sets.test));
    let (across, pixels) = (SIDE / SQUARE, SQUARE * SQUARE);
    let feature = |square: usize| {
        let inputs = square * pixels..(square + 1) * pixels;
        let ink = test.inputs.chunks(SIDE * SIDE).map(|row| f64::from(row[inputs.clone()].iter().sum::<f32>()));
        let (row, column) = (square / across + 1, square % across + 1);
        let name = Text { en: format!("square {row}, {column}").into(), zh: format!("方格 {row}，{column}").into() };
        Feature { name, values: Values::Numbers(ink.collect()), inputs }
    };
    Problem {
        features: (0..across * across).map(feature).collect(),
        width: SIDE * SIDE,
        classes: (0..mnist::CLASSES).map(|digit| digit.to_string()).collect(),
        train,
        test,
        sums: sets.sums,
        pictures: Some(sets.test),
        truth_is_known: false,
    }
}

/// The pixel of each input: those of a square stand together.
pub fn pixels_by_square() -> Vec<usize> {
    let across = SIDE / SQUARE;
    let pixel = |input: usize| {
        let (square, inside) = (input / (SQUARE * SQUARE), input % (SQUARE * SQUARE));
        let row = square / across * SQUARE + inside / SQUARE;
        row * SIDE + square % across * SQUARE + inside % SQUARE
    };
    (0..SIDE * SIDE).map(pixel).collect()
}
