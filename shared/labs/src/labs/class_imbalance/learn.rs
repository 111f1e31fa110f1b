//! The training loop.

use burn::tensor::{Device, Tensor, TensorData};
use kindling_protocol::knob::Knobs;
use kindling_protocol::model::Architecture;
use kindling_statistics::confusion::Confusion;

use super::loss::{Weighing, focal_loss};
use super::rows::RARE;
use crate::host::{Interrupt, Run};
use crate::nn::model::{self, Classifier};
use crate::train::course::{Course, Route};
use crate::train::optimiser::Rule;
use crate::train::rows::{Rows, probabilities};
use crate::train::run_loop::{LEARNING_RATE, internal};
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
    let device = run.device.clone().autodiff();
    let samples = rows.labels.len();
    let batch = run.knobs.count("batch").min(samples);
    // Rows beyond the last full batch wait for another epoch's order.
    let steps_per_epoch = (samples / batch) as u64;
    let steps = steps_per_epoch * run.knobs.count("epochs") as u64;
    let route = Route { seed: run.seed, samples, batch, steps_per_epoch, steps, config };
    let validate_every = steps.div_ceil(VALIDATIONS).max(1);

    let fresh = Classifier::new(&architecture(&run.knobs, rows.width), run.seed, &device);
    let fresh = fresh.map_err(|error| internal(&error))?;
    let (mut model, mut optimiser, mut course) =
        Course::begin(route, fresh, RULE, run.knobs.number(LEARNING_RATE), run)?;

    while !course.is_over() {
        let Batch { inputs, targets, weights } = Batch::of(rows, course.batch(), weighing, &device);
        let loss = focal_loss(model.forward(inputs, None), targets, weights, weighing.gamma); // [1]
        model = optimiser.step(model, loss.clone().backward(), course.rate(&SCHEDULE));
        course.stepped(loss);

        let validate = course.is_due(validate_every);
        // A point is a mean over several steps: soon after another one it waits.
        let several = 2 * course.position.sum_steps >= READ_EVERY || course.is_over();
        if several && (validate || course.is_due(READ_EVERY)) {
            let loss = course.mean_loss().await;
            course.points([("train-loss", loss)]).await?;
        }
        if validate {
            course.points(validated(&model.valid(), validation, run.knobs.number("threshold")).await).await?;
        }
        course.tick(&model, &optimiser).await?;
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
