//! Two models asked about the same rows: trained here on the same others, or told by two runs.

use std::collections::BTreeMap;

use kindling_protocol::event::FailureCode;
use kindling_protocol::model::Architecture;
use kindling_protocol::text::{Text, text};
use kindling_statistics::comparisons::{Pairs, Share};

use crate::data::tabular::{Encoder, sets};
use crate::host::{Interrupt, Run};
use crate::labs::parts::{OWN_FILE, OWN_LABEL};
use crate::train::rows::{Fit, Rows, enough, enough_samples, fit, probabilities};
use crate::train::told::kept;

/// Share of the rows that judge the two.
const TEST: f64 = 0.5;
const BATCH: usize = 64;
const LEARNING_RATE: f64 = 0.01;

/// The option of the knob `data` that compares two runs, and the knobs that have their predictions.
pub const RUNS: &str = "runs";
pub const PREDICTIONS: [&str; 2] = ["predictions-a", "predictions-b"];

/// What is compared.
pub enum Problem {
    Trained(Training),
    /// For each test row a byte: 1 where the model of that run is right.
    Told([Vec<u8>; 2]),
}

pub struct Training {
    train: Rows,
    test: Rows,
    classes: usize,
    /// Hidden units of both models; none is softmax regression.
    hidden: [u32; 2],
    epochs: u64,
    sums: BTreeMap<String, String>,
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
            RUNS => return of_runs(run).await,
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
        Ok(Problem::Trained(Training {
            train,
            test,
            classes: data.labels.classes.len(),
            hidden: [run.knobs.count("hidden-a") as u32, run.knobs.count("hidden-b") as u32],
            epochs: run.knobs.count("epochs") as u64,
            sums: data.sums,
        }))
    }

    /// sha256 by part of what is learnt from. Of runs, the knobs hold it.
    pub fn sums(&self) -> BTreeMap<String, String> {
        match self {
            Problem::Trained(training) => training.sums.clone(),
            Problem::Told(_) => BTreeMap::new(),
        }
    }

    pub fn steps(&self, model: usize) -> u64 {
        match self {
            Problem::Trained(training) => training.fit(model, "", 0).steps(),
            Problem::Told(_) => 0,
        }
    }
}

/// The answers of two runs, if they are about the same rows.
async fn of_runs(run: &Run<'_>) -> Result<Problem, Interrupt> {
    let [first, second] = PREDICTIONS.map(|knob| kept(run.host, run.knobs.word(knob)));
    let (first, second) = (first.await?, second.await?);
    if first.classes != second.classes || first.truth != second.truth {
        return Err(Interrupt::Fail { code: FailureCode::Data, text: NOT_THE_SAME, detail: None });
    }
    enough_samples(first.truth.len())?;
    Ok(Problem::Told([first, second].map(|told| told.right().into_iter().map(u8::from).collect())))
}

const NOT_THE_SAME: Text = text(
    "The two runs were not judged on the same samples: their true labels differ, so nothing can be paired. Choose two runs with one test set: the same data set, and the same seed where the seed deals the rows.",
    "两次运行评判的不是同一批样本：真实标签不同，无法配对。请选择测试集相同的两次运行：数据集相同；若测试样本由种子划分，种子也要相同。",
);

impl Training {
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
}

/// For each test row a byte: 1 where the model is right.
pub async fn answers(problem: &Problem, model: usize, config: &str, run: Run<'_>) -> Result<Vec<u8>, Interrupt> {
    let problem = match problem {
        Problem::Trained(training) => training,
        Problem::Told(told) => return Ok(told[model].clone()),
    };
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
