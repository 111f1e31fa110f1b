//! Training on rows of numbers: for labs about judging and comparing models, where the training itself is no matter.

use burn::tensor::{Device, Tensor, TensorData};
use kindling_protocol::event::FailureCode;
use kindling_protocol::model::Architecture;
use kindling_protocol::text::text;

use super::course::{Course, Route};
use super::metrics::softmax;
use super::optimiser::Rule;
use super::run_loop::{cross_entropy, internal};
use super::schedule::Schedule;
use crate::host::{Interrupt, Run};
use crate::nn::model::Classifier;
use crate::nn::state;

/// Inputs `[rows, width]` and a class each.
#[derive(Clone, Debug, Default)]
pub struct Rows {
    pub inputs: Vec<f32>,
    pub labels: Vec<u32>,
    pub width: usize,
}

/// What to train, on what, for how long.
pub struct Fit<'a> {
    pub architecture: Architecture,
    pub rows: &'a Rows,
    pub classes: usize,
    /// Of the first weights and the order of the rows.
    pub seed: u64,
    pub epochs: u64,
    pub batch: usize,
    pub learning_rate: f64,
    pub weight_decay: f64,
    /// Names the run in its checkpoints.
    pub config: &'a str,
}

/// Reading from a GPU waits for it.
const READ_EVERY: u64 = 20;
const SCHEDULE: Schedule = Schedule::Cosine { warm_up: 0.1 };
/// The one curve it draws.
pub const LOSS: &str = "loss";

impl Fit<'_> {
    fn batch(&self) -> usize {
        self.batch.min(self.rows.labels.len()).max(1)
    }

    /// Rows beyond the last full batch wait for another epoch's order.
    fn steps_per_epoch(&self) -> u64 {
        (self.rows.labels.len() / self.batch()).max(1) as u64
    }

    pub fn steps(&self) -> u64 {
        self.epochs * self.steps_per_epoch()
    }
}

/// The model at the end, without autodiff.
pub async fn fit(fit: &Fit<'_>, run: &Run<'_>) -> Result<Classifier, Interrupt> {
    let device = run.device.clone().autodiff();
    let Fit { ref architecture, rows, classes, seed, learning_rate, weight_decay, config, .. } = *fit;
    let (samples, batch, steps_per_epoch) = (rows.labels.len(), fit.batch(), fit.steps_per_epoch());
    let route = Route { seed, samples, batch, steps_per_epoch, steps: fit.steps(), config };
    let fresh = Classifier::new(architecture, seed, &device).map_err(|error| internal(&error))?;
    let (mut model, mut optimiser, mut course) =
        Course::begin(route, fresh, Rule::adam(weight_decay), learning_rate, run)?;

    while !course.is_over() {
        let (inputs, targets) = rows.batch(course.batch(), classes, &device);
        let loss = cross_entropy(model.forward(inputs, None), targets); // [1]
        model = optimiser.step(model, loss.clone().backward(), course.rate(&SCHEDULE));
        course.stepped(loss);
        if course.is_due(READ_EVERY) {
            let loss = course.mean_loss().await;
            course.points([(LOSS, loss)]).await?;
        }
        course.tick(&model, &optimiser).await?;
    }
    Ok(model.valid())
}

/// `[rows, classes]`, row by row.
pub async fn probabilities(model: &Classifier, rows: &Rows) -> Vec<f32> {
    let (count, device) = (rows.labels.len(), model.device());
    if count == 0 {
        return vec![];
    }
    let inputs = Tensor::<2>::from_data(TensorData::new(rows.inputs.clone(), [count, rows.width]), &device);
    let logits = state::read(model.forward(inputs, None)).await; // [rows, classes]
    logits.chunks(logits.len() / count).flat_map(|row| softmax(row, 1.0)).collect()
}

/// Refuses parts that are too small to say anything: a learner's own file may have three rows.
pub fn enough(parts: &[&Rows]) -> Result<(), Interrupt> {
    enough_samples(parts.iter().map(|part| part.labels.len()).min().unwrap_or(0))
}

/// The same of the smallest part.
pub fn enough_samples(count: usize) -> Result<(), Interrupt> {
    const LEAST: usize = 10;
    if count >= LEAST {
        return Ok(());
    }
    let text = text(
        "There are too few rows: training, validation and test each need ten.",
        "数据行太少：训练、验证和测试各需至少十行。",
    );
    Err(Interrupt::Fail { code: FailureCode::Data, text, detail: None })
}

impl Rows {
    /// Inputs `[rows, width]` and targets `[rows, classes]`, one-hot.
    pub fn batch(&self, rows: &[u32], classes: usize, device: &Device) -> (Tensor<2>, Tensor<2>) {
        let row = |&row: &u32| &self.inputs[row as usize * self.width..][..self.width];
        let inputs: Vec<f32> = rows.iter().flat_map(row).copied().collect();
        // Filled here: `Tensor::one_hot` reads its labels back.
        let mut targets = vec![0.0_f32; rows.len() * classes];
        for (target, &row) in targets.chunks_mut(classes).zip(rows) {
            target[self.labels[row as usize] as usize] = 1.0;
        }
        let inputs = Tensor::from_data(TensorData::new(inputs, [rows.len(), self.width]), device);
        (inputs, Tensor::from_data(TensorData::new(targets, [rows.len(), classes]), device))
    }
}
