//! The pretext task: training without one label.

use burn::tensor::Tensor;
use kindling_protocol::event::{EventBody, Progress};
use kindling_protocol::knob::KnobValue;

use super::encoder::{self, Encoder};
use super::{plan, pretext, probe};
use crate::data::mnist::Sets;
use crate::data::random;
use crate::host::{Interrupt, Run};
use crate::nn::{state, weights};
use crate::train::checkpoint::{self, Checkpoint, Position};
use crate::train::optimiser::{Optimiser, Rule};
use crate::train::run_loop::{LEARNING_RATE, internal, not_a_number, turned, unfit};
use crate::train::schedule::Schedule;

/// Reading from a GPU waits for it.
const READ_EVERY: u64 = 10;
/// Looks at the features on the way.
const LOOKS: u64 = 10;
const RULE: Rule = Rule::Adam { beta_1: 0.9, beta_2: 0.999, epsilon: 1e-8, weight_decay: 1e-4 };
const SCHEDULE: Schedule = Schedule::Cosine { warm_up: 0.1 };

pub fn fresh(run: &Run<'_>, sets: &Sets) -> Encoder {
    let pixels = sets.train.height * sets.train.width;
    let outputs = encoder::outputs(run.knobs.word("pretext"));
    Encoder::new(pixels, run.knobs.count("width"), outputs, run.seed, &run.device.clone().autodiff())
}

/// The encoder's weights as a file.
pub async fn bytes(encoder: &Encoder) -> Vec<u8> {
    weights::write(&state::take(encoder).await)
}

/// What comes back is [`bytes`] of the trained encoder.
pub async fn train(sets: &Sets, config: &str, run: &Run<'_>) -> Result<Vec<u8>, Interrupt> {
    let (knobs, host) = (&run.knobs, run.host);
    let device = run.device.clone().autodiff();
    let (count, batch) = (sets.train.len(), plan::batch(knobs).min(sets.train.len()));
    let steps_per_epoch = (count / batch).max(1) as u64;
    let steps = knobs.count("epochs") as u64 * steps_per_epoch;
    let look_every = steps.div_ceil(LOOKS).max(1);
    let (views, temperature) = (pretext::views(knobs.word("augmentation")), knobs.number("temperature"));

    let mut encoder = fresh(run, sets);
    let mut optimiser = Optimiser::new(RULE);
    let mut position = Position { learning_rate: knobs.number(LEARNING_RATE), ..Position::default() };
    if let Some(bytes) = &run.resume {
        let kept = checkpoint::read(bytes, config).map_err(|error| unfit(&error))?;
        encoder = state::put(encoder, kept.model).map_err(|error| unfit(&error))?;
        optimiser = Optimiser::resume(RULE, kept.position.step, kept.optimiser, &run.device);
        position = kept.position;
    }
    let mut loss_sum = Tensor::<1>::from_floats([position.loss_sum], &run.device);
    let mut order = (u64::MAX, vec![]);

    while position.step < steps {
        let (epoch, place) = (position.step / steps_per_epoch, (position.step % steps_per_epoch) as usize * batch);
        if order.0 != epoch {
            order = (epoch, random::permutation(run.seed, epoch, count));
        }
        let indices = &order.1[place..place + batch];
        let loss = if knobs.word("pretext") == "rotation" {
            let (pictures, turns) = pretext::turned(&sets.train, indices);
            let logits = encoder.forward(probe::inputs(&pictures, &sets.train, &device)); // [4 batch, TURNS]
            pretext::turn_loss(logits, &turns, &device)
        } else {
            let pictures = pretext::pairs(&sets.train, indices, views.as_ref(), run.seed, position.step);
            let projections = encoder.forward(probe::inputs(&pictures, &sets.train, &device)); // [2 batch, d]
            pretext::nt_xent(projections, temperature)
        }; // [1]
        loss_sum = loss_sum + loss.clone().without_autodiff();
        position.sum_steps += 1;
        let rate = position.learning_rate * SCHEDULE.factor(position.step, steps);
        encoder = optimiser.step(encoder, loss.backward(), rate);
        position.step += 1;

        let epochs = position.step as f64 / steps_per_epoch as f64;
        if position.step.is_multiple_of(READ_EVERY) || position.step == steps {
            let loss = f64::from(state::read(loss_sum).await[0]) / position.sum_steps as f64;
            tell(&position, epochs, ("loss", loss), run).await?;
            loss_sum = Tensor::from_floats([0.0], &run.device);
            position.sum_steps = 0;
        }
        if position.step.is_multiple_of(look_every) || position.step == steps {
            let features = probe::features(&encoder, &sets.validation, &run.device).await;
            tell(&position, epochs, ("spread", features.spread()), run).await?;
        }

        let samples = position.step * batch as u64;
        let progress = Progress { step: position.step, steps, epoch: epochs, samples, ..Progress::default() };
        let tick = host.tick(&progress).await?;
        for (knob, value) in tick.turned {
            if let (LEARNING_RATE, KnobValue::Number(rate)) = (&knob[..], value)
                && rate != position.learning_rate
            {
                let text = turned(position.learning_rate, rate);
                position.learning_rate = rate;
                host.emit(EventBody::Mark { step: position.step, text }).await?;
            }
        }
        if tick.checkpoint {
            position.loss_sum = state::read(loss_sum.clone()).await[0];
            if !position.loss_sum.is_finite() {
                return Err(not_a_number(position.step));
            }
            let (model, optimiser) = (state::take(&encoder).await, optimiser.state().await);
            let kept = Checkpoint { position: position.clone(), model, optimiser };
            host.checkpoint(position.step, checkpoint::write(&kept, config)).await?;
        }
        if tick.stop {
            return Err(Interrupt::Stop);
        }
    }
    Ok(bytes(&encoder).await)
}

/// The encoder that [`train`] came to.
pub fn read(bytes: &[u8], sets: &Sets, run: &Run<'_>) -> Result<Encoder, Interrupt> {
    let values = weights::read(bytes, kindling_protocol::model::Dtype::F32).map_err(|error| internal(&error))?;
    state::put(fresh(run, sets), values).map_err(|error| internal(&error))
}

async fn tell(position: &Position, epoch: f64, (name, value): (&str, f64), run: &Run<'_>) -> Result<(), Interrupt> {
    if !value.is_finite() {
        return Err(not_a_number(position.step));
    }
    let values = [(name.to_string(), value)].into();
    run.host.emit(EventBody::Points { step: position.step, epoch, values }).await
}
