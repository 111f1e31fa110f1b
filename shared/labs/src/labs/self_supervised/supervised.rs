//! What the labels are worth alone: the same network, trained from scratch on the pictures that the probe sees.

use super::encoder::Encoder;
use super::learn::{RULE, SCHEDULE};
use super::{pretext, probe};
use crate::data::idx::Digits;
use crate::host::{Interrupt, Run};
use crate::train::course::{Course, Route};
use crate::train::metrics::Scored;
use crate::train::run_loop::LEARNING_RATE;

const BATCH: usize = 32;
/// Times through the pictures, and more of them where they are few. Set beforehand: nothing here is tuned by the test set.
const EPOCHS: u64 = 20;
const LEAST_STEPS: u64 = 100;

fn steps_per_epoch(labels: usize) -> u64 {
    (labels / BATCH).max(1) as u64
}

pub fn steps(labels: usize) -> u64 {
    (EPOCHS * steps_per_epoch(labels)).max(LEAST_STEPS)
}

/// Pictures seen on the way.
pub fn samples(labels: usize) -> u64 {
    steps(labels) * BATCH.min(labels) as u64
}

/// What comes back is the accuracy on `test`.
pub async fn train(
    labelled: &Digits,
    test: &Digits,
    classes: usize,
    config: &str,
    run: &Run<'_>,
) -> Result<Vec<u8>, Interrupt> {
    let (knobs, device) = (&run.knobs, run.device.clone().autodiff());
    let (samples, pixels) = (labelled.len(), labelled.height * labelled.width);
    let (steps_per_epoch, steps) = (steps_per_epoch(samples), steps(samples));
    let route = Route { seed: run.seed, samples, batch: BATCH.min(samples), steps_per_epoch, steps, config };
    let fresh = Encoder::new(pixels, knobs.count("width"), classes, run.seed, &device);
    let (mut encoder, mut optimiser, mut course) = Course::begin(route, fresh, RULE, knobs.number(LEARNING_RATE), run)?;
    while !course.is_over() {
        let picked = labelled.pick(course.batch().iter().map(|&index| index as usize));
        let labels: Vec<i32> = picked.labels.iter().map(|&label| i32::from(label)).collect();
        let logits = encoder.forward(probe::inputs(&picked.images, labelled, &device)); // [batch, classes]
        let loss = pretext::answer_loss(logits, &labels, &device); // [1]
        encoder = optimiser.step(encoder, loss.clone().backward(), course.rate(&SCHEDULE));
        course.stepped(loss);
        course.tick(&encoder, &optimiser).await?;
    }
    let logits = probe::logits(&encoder, test, &run.device).await; // [test, classes]
    let scored = Scored { classes, logits, labels: test.labels.clone() };
    Ok(scored.accuracy().to_le_bytes().to_vec())
}
