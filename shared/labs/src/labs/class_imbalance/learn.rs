//! The training loop.

use burn::tensor::{Device, Tensor, TensorData};
use kindling_protocol::event::{EventBody, Progress};
use kindling_protocol::knob::Knobs;
use kindling_protocol::model::Architecture;
use kindling_statistics::confusion::Confusion;

use super::loss::{Weighing, focal_loss};
use super::rows::RARE;
use crate::data::random;
use crate::host::{Interrupt, Run};
use crate::nn::model::{self, Classifier};
use crate::nn::state;
use crate::train::checkpoint::{self, Checkpoint, Position};
use crate::train::optimiser::{Optimiser, Rule};
use crate::train::rows::{Rows, probabilities};
use crate::train::run_loop::{internal, not_a_number, unfit};
use crate::train::schedule::Schedule;

const READ_EVERY: u64 = 20;
const VALIDATIONS: u64 = 10;
const RULE: Rule = Rule::Adam { beta_1: 0.9, beta_2: 0.999, epsilon: 1e-8, weight_decay: 0.01 };
const SCHEDULE: Schedule = Schedule::Cosine { warm_up: 0.1 };

pub fn architecture(knobs: &Knobs, inputs: usize) -> Architecture {
    Architecture::Mlp { inputs: inputs as u32, hidden: vec![knobs.count("width") as u32], classes: 2, dropout: 0.0 }
}

pub fn parameters(knobs: &Knobs, inputs: usize) -> f64 {
    model::size(&architecture(knobs, inputs)).parameters
}

/// The model at the end, without autodiff.
pub async fn train(
    run: &Run<'_>,
    rows: &Rows,
    validation: &Rows,
    weighing: &Weighing,
    config: &str,
) -> Result<Classifier, Interrupt> {
    let (device, host) = (run.device.clone().autodiff(), run.host);
    let batch = run.knobs.count("batch").min(rows.labels.len());
    // Rows beyond the last full batch wait for another epoch's order.
    let steps_per_epoch = (rows.labels.len() / batch) as u64;
    let steps = steps_per_epoch * run.knobs.count("epochs") as u64;
    let validate_every = steps.div_ceil(VALIDATIONS).max(1);

    let fresh = Classifier::new(&architecture(&run.knobs, rows.width), run.seed, &device);
    let (mut model, mut optimiser) = (fresh.map_err(|error| internal(&error))?, Optimiser::new(RULE));
    let mut position = Position { learning_rate: run.knobs.number("lr"), ..Position::default() };
    if let Some(bytes) = &run.resume {
        let kept = checkpoint::read(bytes, config).map_err(|error| unfit(&error))?;
        model = state::put(model, kept.model).map_err(|error| unfit(&error))?;
        optimiser = Optimiser::resume(RULE, kept.position.step, kept.optimiser, &run.device);
        position = kept.position;
    }
    let mut loss_sum = Tensor::<1>::from_floats([position.loss_sum], &run.device);
    let mut order = (u64::MAX, vec![]);

    while position.step < steps {
        let epoch = position.step / steps_per_epoch;
        if order.0 != epoch {
            order = (epoch, random::permutation(run.seed, epoch, rows.labels.len()));
        }
        let place = (position.step % steps_per_epoch) as usize * batch;
        let Batch { inputs, targets, weights } = Batch::of(rows, &order.1[place..place + batch], weighing, &device);
        let loss = focal_loss(model.forward(inputs, None), targets, weights, weighing.gamma); // [1]
        loss_sum = loss_sum + loss.clone().without_autodiff();
        position.sum_steps += 1;
        let rate = position.learning_rate * SCHEDULE.factor(position.step, steps);
        model = optimiser.step(model, loss.backward(), rate);
        position.step += 1;

        let epoch = position.step as f64 / steps_per_epoch as f64;
        let validate = position.step.is_multiple_of(validate_every) || position.step == steps;
        let mut values = Vec::new();
        // A point is a mean over several steps: soon after another one it waits.
        let due = validate || position.step.is_multiple_of(READ_EVERY);
        if due && (2 * position.sum_steps >= READ_EVERY || position.step == steps) {
            let loss = f64::from(state::read(loss_sum).await[0]) / position.sum_steps as f64;
            if !loss.is_finite() {
                return Err(not_a_number(position.step));
            }
            values.push(("train-loss", loss));
            loss_sum = Tensor::from_floats([0.0], &run.device);
            (position.loss_sum, position.sum_steps) = (0.0, 0);
        }
        if validate {
            values.extend(validated(&model.valid(), validation, run.knobs.number("threshold")).await);
        }
        if !values.is_empty() {
            let values = values.into_iter().map(|(name, value)| (name.to_string(), value)).collect();
            host.emit(EventBody::Points { step: position.step, epoch, values }).await?;
        }
        let samples = position.step * batch as u64;
        let progress = Progress { step: position.step, steps, epoch, samples, ..Progress::default() };
        let tick = host.tick(&progress).await?;
        if tick.checkpoint {
            position.loss_sum = state::read(loss_sum.clone()).await[0];
            let (model, optimiser) = (state::take(&model).await, optimiser.state().await);
            let kept = Checkpoint { position: position.clone(), model, optimiser };
            host.checkpoint(position.step, checkpoint::write(&kept, config)).await?;
        }
        if tick.stop {
            return Err(Interrupt::Stop);
        }
    }
    Ok(model.valid())
}

struct Batch {
    inputs: Tensor<2>,
    targets: Tensor<2>,
    weights: Tensor<2>,
}

impl Batch {
    fn of(rows: &Rows, indices: &[u32], weighing: &Weighing, device: &Device) -> Batch {
        let size = indices.len();
        let row = |&row: &u32| &rows.inputs[row as usize * rows.width..][..rows.width];
        let label = |row: &u32| rows.labels[*row as usize];
        let inputs: Vec<f32> = indices.iter().flat_map(row).copied().collect();
        let targets: Vec<f32> =
            indices.iter().map(label).flat_map(|label| [1.0 - label as f32, label as f32]).collect();
        let weights: Vec<f32> = indices.iter().map(|row| weighing.classes[label(row) as usize] as f32).collect();
        Batch {
            inputs: Tensor::from_data(TensorData::new(inputs, [size, rows.width]), device), // [batch, width]
            targets: Tensor::from_data(TensorData::new(targets, [size, 2]), device),        // [batch, 2]
            weights: Tensor::from_data(TensorData::new(weights, [size, 1]), device),        // [batch, 1]
        }
    }
}

/// Recall and precision of the rare class on the validation part, which nobody resampled.
async fn validated(model: &Classifier, rows: &Rows, threshold: f64) -> [(&'static str, f64); 2] {
    let scores = rare_scores(model, rows).await;
    let truth: Vec<bool> = rows.labels.iter().map(|label| *label == RARE).collect();
    let rates = Confusion::at_threshold(&truth, &scores, threshold).cells(RARE as usize).rates();
    [("rare-recall", rates.recall), ("rare-precision", rates.precision)]
}

/// The probability of the rare class, row by row.
pub async fn rare_scores(model: &Classifier, rows: &Rows) -> Vec<f64> {
    probabilities(model, rows).await.chunks(2).map(|row| f64::from(row[1])).collect()
}
