//! The data as rows of numbers, and a member's share of them.

use std::collections::BTreeMap;

use kindling_protocol::text::Text;

use crate::data::idx::Digits;
use crate::data::mnist::{self, Wanted};
use crate::data::random;
use crate::data::tabular::telling::telling;
use crate::data::tabular::{Dataset, Encoder, Values, sets};
use crate::host::{Interrupt, Run};
use crate::labs::parts::{OWN_FILE, OWN_LABEL};
use crate::train::rows::{Rows, enough};

pub struct Sets {
    pub train: Rows,
    /// Weights of votes are chosen on it.
    pub validation: Rows,
    pub test: Rows,
    pub classes: Vec<String>,
    /// The most telling columns of a table, of the test part.
    pub told: Vec<(Text, Values)>,
    /// sha256 by part.
    pub sums: BTreeMap<String, String>,
}

/// At most, of tables too.
const VALIDATION: usize = 1_000;
const TEST: usize = 5_000;

impl Sets {
    pub async fn load(run: &Run<'_>) -> Result<Sets, Interrupt> {
        match run.knobs.word("data") {
            "own" => {
                let (file, label) = (run.knobs.word(OWN_FILE), run.knobs.count(OWN_LABEL));
                Self::table(sets::load_own(run.host, file, label).await?, run)
            }
            "wine-quality" => Self::table(sets::load(run.host, "wine-quality", run.seed).await?, run),
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
            told: vec![],
            sums: sets.sums,
        })
    }

    /// A class that nobody learns from, as a rare grade of wine, is nobody's answer, but it keeps its place.
    fn table(data: Dataset, run: &Run<'_>) -> Result<Sets, Interrupt> {
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
        let bounded = |mut part: Vec<usize>, most: usize, purpose: &str| {
            if part.len() > most {
                random::stream(run.seed, purpose, 0, 0).shuffle(&mut part);
                part.truncate(most);
                part.sort_unstable();
            }
            part
        };
        let validation = rows(&bounded(split.validation, VALIDATION, "validation share"));
        let tested = bounded(split.test, TEST, "test share");
        let (train, test) = (rows(&train), rows(&tested));
        enough(&[&train, &validation, &test])?;
        // Of many classes, the columns that tell the commonest from the others.
        let counts = data.labels.counts(&tested);
        let commonest = (0..counts.len()).max_by_key(|&class| counts[class]).unwrap_or(0) as u32;
        let positive: Vec<bool> = train.labels.iter().map(|&label| label == commonest).collect();
        let told = telling(&data, &encoder, &train.inputs, &positive, &tested);
        Ok(Sets { train, validation, test, classes: data.labels.classes, told, sums: data.sums })
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
    let inputs = Vec::with_capacity(rows.inputs.len());
    let mut drawn = Rows { inputs, width: rows.width, ..Rows::default() };
    for _ in 0..count {
        let row = random.below(count as u32) as usize;
        drawn.inputs.extend_from_slice(&rows.inputs[row * rows.width..(row + 1) * rows.width]);
        drawn.labels.push(rows.labels[row]);
    }
    drawn
}
