//! Two models trained on the same rows and asked about the same others.

use std::collections::BTreeMap;

use kindling_protocol::model::Architecture;
use kindling_statistics::comparisons::{Pairs, Share};

use crate::data::tabular::{Encoder, sets};
use crate::host::{Interrupt, Run};
use crate::labs::parts::{OWN_FILE, OWN_LABEL};
use crate::train::rows::{Fit, Rows, enough, fit, probabilities};

/// Share of the rows that judge the two.
const TEST: f64 = 0.5;
const BATCH: usize = 64;
const LEARNING_RATE: f64 = 0.01;

pub struct Problem {
    train: Rows,
    test: Rows,
    classes: usize,
    /// Hidden units of both models; none is softmax regression.
    hidden: [u32; 2],
    epochs: u64,
    pub sums: BTreeMap<String, String>,
}

/// Who was right on how many.
pub struct Contest {
    pub first: Share,
    pub second: Share,
    pub pairs: Pairs,
}

impl Problem {
    pub async fn load(run: &Run<'_>) -> Result<Problem, Interrupt> {
        let data = match run.knobs.word("data") {
            "own" => sets::load_own(run.host, run.knobs.word(OWN_FILE), run.knobs.count(OWN_LABEL)).await?,
            name => sets::load(run.host, name, run.seed).await?,
        };
        let split = data.split(0.0, TEST, run.seed);
        let encoder = Encoder::fit(&data.table, &data.features, &split.train);
        let rows = |rows: &[usize]| Rows {
            inputs: encoder.encode(&data.table, rows),
            labels: data.labels.of(rows),
            width: encoder.width(),
        };
        let (train, test) = (rows(&split.train), rows(&split.test));
        enough(&[&train, &test])?;
        Ok(Problem {
            train,
            test,
            classes: data.labels.classes.len(),
            hidden: [run.knobs.count("hidden-a") as u32, run.knobs.count("hidden-b") as u32],
            epochs: run.knobs.count("epochs") as u64,
            sums: data.sums,
        })
    }

    fn fit<'a>(&'a self, model: usize, config: &'a str, seed: u64) -> Fit<'a> {
        let hidden = if self.hidden[model] == 0 { vec![] } else { vec![self.hidden[model]] };
        Fit {
            architecture: Architecture::Mlp {
                inputs: self.train.width as u32,
                hidden,
                classes: self.classes as u32,
                dropout: 0.0,
            },
            rows: &self.train,
            classes: self.classes,
            // Where both are of one size they differ by their seeds alone.
            seed: seed.wrapping_add(model as u64),
            epochs: self.epochs,
            batch: BATCH,
            learning_rate: LEARNING_RATE,
            weight_decay: 0.01,
            config,
        }
    }

    pub fn steps(&self, model: usize) -> u64 {
        self.fit(model, "", 0).steps()
    }
}

/// For each test row a byte: 1 where the model is right.
pub async fn answers(problem: &Problem, model: usize, config: &str, run: Run<'_>) -> Result<Vec<u8>, Interrupt> {
    let trained = fit(&problem.fit(model, config, run.seed), &run).await?;
    let said = probabilities(&trained, &problem.test).await; // [rows, classes]
    let right = |(row, &label): (&[f32], &u32)| {
        let likeliest = (1..row.len()).fold(0, |best, class| if row[class] > row[best] { class } else { best });
        u8::from(likeliest == label as usize)
    };
    Ok(said.chunks(problem.classes).zip(&problem.test.labels).map(right).collect())
}

impl Contest {
    pub fn new(first: &[bool], second: &[bool]) -> Self {
        let share = |right: &[bool]| Share {
            successes: right.iter().filter(|right| **right).count() as u64,
            trials: right.len() as u64,
        };
        Contest { first: share(first), second: share(second), pairs: Pairs::new(first, second) }
    }
}
