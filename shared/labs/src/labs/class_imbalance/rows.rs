//! The table split, encoded, and made into rare against common.

use std::collections::BTreeMap;

use kindling_protocol::event::EventBody;
use kindling_protocol::text::Text;

use crate::data::random;
use crate::data::tabular::telling::telling;
use crate::data::tabular::{Dataset, Encoder, Values, sets};
use crate::host::{Interrupt, Run};
use crate::labs::parts::{OWN_FILE, OWN_LABEL};
use crate::train::rows::{Rows, enough};

/// Label of what is common, and of what is rare.
pub const COMMON: u32 = 0;
pub const RARE: u32 = 1;

/// What is learnt from, what thresholds could be chosen on, and what is judged by. The last two keep the share of the
/// rare class that the world has.
pub struct Parts {
    pub train: Rows,
    pub validation: Rows,
    pub test: Rows,
    /// Names of common and rare.
    pub classes: [String; 2],
    /// The most telling columns, of the test part.
    pub told: Vec<(Text, Values)>,
    pub sums: BTreeMap<String, String>,
}

const VALIDATION: f64 = 0.15;
const TEST: f64 = 0.25;
/// The split is the same for every seed: seeds then differ by training alone.
const SPLIT_SEED: u64 = 1;

impl Parts {
    pub async fn load(run: &Run<'_>) -> Result<Parts, Interrupt> {
        let data = match run.knobs.word("data") {
            "own" => sets::load_own(run.host, run.knobs.word(OWN_FILE), run.knobs.count(OWN_LABEL)).await?,
            name => sets::load(run.host, name, SPLIT_SEED).await?,
        };
        let rare = rarest(&data);
        let classes = match &data.labels.classes[..] {
            [common, rare] => [common.clone(), rare.clone()],
            many => {
                let name = many[rare as usize].clone();
                let text = Text {
                    en: format!("There are {} classes: `{name}`, the rarest, stands against all others.", many.len())
                        .into(),
                    zh: format!("共有 {} 个类别：以最稀有的“{name}”对其余所有类别。", many.len()).into(),
                };
                run.host.emit(EventBody::Note { text }).await?;
                ["other".to_string(), name]
            }
        };
        let mut split = data.split(VALIDATION, TEST, SPLIT_SEED);
        let wanted = run.knobs.count("samples");
        if split.train.len() > wanted {
            random::stream(SPLIT_SEED, "rows to learn from", 0, 0).shuffle(&mut split.train);
            split.train.truncate(wanted);
            split.train.sort_unstable();
        }
        // Fitted on the training part: means of all rows would tell of those it is judged by.
        let encoder = Encoder::fit(&data.table, &data.features, &split.train);
        let rows = |indices: &[usize]| Rows {
            inputs: encoder.encode(&data.table, indices),
            labels: data.labels.of(indices).into_iter().map(|class| u32::from(class == rare)).collect(),
            width: encoder.width(),
        };
        let (train, validation, test) = (rows(&split.train), rows(&split.validation), rows(&split.test));
        enough(&[&train, &validation, &test])?;
        let positive: Vec<bool> = train.labels.iter().map(|&label| label == RARE).collect();
        let told = telling(&data, &encoder, &train.inputs, &positive, &split.test);
        Ok(Parts { train, validation, test, classes, told, sums: data.sums })
    }
}

/// The class with the fewest rows; of two, the second.
fn rarest(data: &Dataset) -> u32 {
    let labelled: Vec<usize> = (0..data.table.rows).filter(|&row| data.labels.of_row[row].is_some()).collect();
    let counts = data.labels.counts(&labelled);
    (0..counts.len()).rev().min_by_key(|&class| counts[class]).unwrap_or(1) as u32
}

/// Rows of each class.
pub fn counts(labels: &[u32]) -> [usize; 2] {
    let rare = labels.iter().filter(|label| **label == RARE).count();
    [labels.len() - rare, rare]
}
