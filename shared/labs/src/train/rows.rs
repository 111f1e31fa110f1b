//! Training on rows of numbers: for labs about judging and comparing models, where the training itself is no matter.

use burn::tensor::{Device, Int, Tensor, TensorData};
use kindling_protocol::event::{EventBody, FailureCode, Progress};
use kindling_protocol::model::Architecture;
use kindling_protocol::text::text;

use super::checkpoint::{self, Checkpoint, Position};
use super::metrics::softmax;
use super::optimiser::{Optimiser, Rule};
use super::run_loop::{cross_entropy, internal, not_a_number, unfit};
use super::schedule::Schedule;
use crate::data::random;
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
    let rule = Rule::adam(fit.weight_decay);
    let (batch, steps) = (fit.batch(), fit.steps());
    let mut model = Classifier::new(&fit.architecture, fit.seed, &device).map_err(|error| internal(&error))?;
    let mut optimiser = Optimiser::new(rule);
    let mut position = Position { learning_rate: fit.learning_rate, ..Position::default() };
    if let Some(bytes) = &run.resume {
        let kept = checkpoint::read(bytes, fit.config).map_err(|error| unfit(&error))?;
        model = state::put(model, kept.model).map_err(|error| unfit(&error))?;
        optimiser = Optimiser::resume(rule, kept.position.step, kept.optimiser, &run.device);
        position = kept.position;
    }
    let mut loss_sum = Tensor::<1>::from_floats([position.loss_sum], &run.device);
    let mut order = (u64::MAX, vec![]);

    while position.step < steps {
        let epoch = position.step / fit.steps_per_epoch();
        if order.0 != epoch {
            order = (epoch, random::permutation(fit.seed, epoch, fit.rows.labels.len()));
        }
        let place = (position.step % fit.steps_per_epoch()) as usize * batch;
        let (inputs, targets) = fit.rows.batch(&order.1[place..place + batch], fit.classes, &device);
        let loss = cross_entropy(model.forward(inputs, None), targets); // [1]
        loss_sum = loss_sum + loss.clone().without_autodiff();
        position.sum_steps += 1;
        let rate = fit.learning_rate * SCHEDULE.factor(position.step, steps);
        model = optimiser.step(model, loss.backward(), rate);
        position.step += 1;

        let epoch = position.step as f64 / fit.steps_per_epoch() as f64;
        if position.step.is_multiple_of(READ_EVERY) || position.step == steps {
            let loss = f64::from(state::read(loss_sum).await[0]) / position.sum_steps as f64;
            if !loss.is_finite() {
                return Err(not_a_number(position.step));
            }
            let values = [(LOSS.to_string(), loss)].into();
            run.host.emit(EventBody::Points { step: position.step, epoch, values }).await?;
            loss_sum = Tensor::from_floats([0.0], &run.device);
            position.sum_steps = 0;
        }
        let samples = position.step * batch as u64;
        let progress = Progress { step: position.step, steps, epoch, samples, ..Progress::default() };
        let tick = run.host.tick(&progress).await?;
        if tick.checkpoint {
            position.loss_sum = state::read(loss_sum.clone()).await[0];
            let (model, optimiser) = (state::take(&model).await, optimiser.state().await);
            let kept = Checkpoint { position: position.clone(), model, optimiser };
            run.host.checkpoint(position.step, checkpoint::write(&kept, fit.config)).await?;
        }
        if tick.stop {
            return Err(Interrupt::Stop);
        }
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
    const LEAST: usize = 10;
    if parts.iter().all(|part| part.labels.len() >= LEAST) {
        return Ok(());
    }
    let text = text(
        "There are too few rows: training, validation and test each need ten.",
        "数据行太少：训练、验证和测试各需至少十行。",
    );
    Err(Interrupt::Fail { code: FailureCode::Data, text, detail: None })
}

impl Rows {
    /// Inputs `[rows, width]` and targets `[rows, classes]`.
    fn batch(&self, rows: &[u32], classes: usize, device: &Device) -> (Tensor<2>, Tensor<2>) {
        let row = |&row: &u32| &self.inputs[row as usize * self.width..][..self.width];
        let inputs: Vec<f32> = rows.iter().flat_map(row).copied().collect();
        let labels: Vec<i32> = rows.iter().map(|&row| self.labels[row as usize] as i32).collect();
        let inputs = Tensor::from_data(TensorData::new(inputs, [rows.len(), self.width]), device);
        let labels = Tensor::<1, Int>::from_data(TensorData::new(labels, [rows.len()]), device);
        (inputs, labels.one_hot(classes).float())
    }
}
