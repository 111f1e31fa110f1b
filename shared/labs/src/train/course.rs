//! What every training loop does on its way: the order of the samples, points on the curves, a turned learning rate,
//! checkpoints. [`Course`] is all of it, for the loop of a lab that only adds its own step; [`super::run_loop`] keeps a
//! tally of its own and takes the parts.

use burn::tensor::Tensor;
use kindling_protocol::event::{EventBody, Progress};
use kindling_protocol::knob::KnobValue;
use kindling_protocol::text::Text;

use super::checkpoint::{self, Checkpoint, Position};
use super::optimiser::{Optimiser, Rule};
use super::run_loop::{LEARNING_RATE, not_a_number, unfit};
use super::schedule::Schedule;
use crate::data::random;
use crate::host::{Host, Interrupt, Run};
use crate::nn::state::{self, Weights};

/// How a training goes through its samples.
#[derive(Clone, Copy, Debug)]
pub struct Route<'a> {
    /// Of the order of the samples.
    pub seed: u64,
    pub samples: usize,
    pub batch: usize,
    pub steps_per_epoch: u64,
    /// Of the whole training.
    pub steps: u64,
    /// Names the training in its checkpoints.
    pub config: &'a str,
}

/// Where a training is on its route.
pub struct Course<'a> {
    pub position: Position,
    route: Route<'a>,
    run: &'a Run<'a>,
    /// Losses since the last point of the curve, summed on the device.
    loss_sum: Tensor<1>,
    /// An epoch, and its order of the samples.
    order: (u64, Vec<u32>),
}

impl<'a> Course<'a> {
    /// From `fresh`, or from where the run was cut off.
    pub fn begin<M: Weights>(
        route: Route<'a>,
        fresh: M,
        rule: Rule,
        learning_rate: f64,
        run: &'a Run<'a>,
    ) -> Result<(M, Optimiser, Self), Interrupt> {
        let kept = run.resume.as_deref();
        let (model, optimiser, position) = begin(fresh, rule, learning_rate, kept, route.config, run)?;
        let loss_sum = Tensor::from_floats([position.loss_sum], &run.device);
        Ok((model, optimiser, Course { position, route, run, loss_sum, order: (u64::MAX, vec![]) }))
    }

    pub fn is_over(&self) -> bool {
        self.position.step >= self.route.steps
    }

    /// The samples of the next step.
    pub fn batch(&mut self) -> &[u32] {
        let Route { seed, samples, batch, steps_per_epoch, .. } = self.route;
        let (epoch, place) = (self.position.step / steps_per_epoch, self.position.step % steps_per_epoch);
        if self.order.0 != epoch {
            self.order = (epoch, random::permutation(seed, epoch, samples));
        }
        let place = place as usize * batch;
        &self.order.1[place..(place + batch).min(samples)]
    }

    /// The learning rate of the next step.
    pub fn rate(&self, schedule: &Schedule) -> f64 {
        self.position.learning_rate * schedule.factor(self.position.step, self.route.steps)
    }

    /// A step was taken, and this was its loss.
    pub fn stepped(&mut self, loss: Tensor<1>) {
        self.loss_sum = self.loss_sum.clone() + loss.without_autodiff();
        self.position.sum_steps += 1;
        self.position.step += 1;
    }

    /// Once in so many steps, and after the last.
    pub fn is_due(&self, every: u64) -> bool {
        self.position.step.is_multiple_of(every) || self.is_over()
    }

    pub fn epoch(&self) -> f64 {
        self.position.step as f64 / self.route.steps_per_epoch as f64
    }

    /// The mean loss since the last time.
    pub async fn mean_loss(&mut self) -> f64 {
        let sum = state::read(self.loss_sum.clone()).await[0];
        let steps = std::mem::take(&mut self.position.sum_steps);
        self.loss_sum = Tensor::from_floats([0.0], &self.run.device);
        f64::from(sum) / steps as f64
    }

    pub async fn points<const N: usize>(&self, values: [(&str, f64); N]) -> Result<(), Interrupt> {
        points(&self.position, self.epoch(), values, self.run.host).await
    }

    /// After each step: the host hears of it, and is given what it asks for.
    pub async fn tick(&mut self, model: &impl Weights, optimiser: &Optimiser) -> Result<(), Interrupt> {
        let (step, Route { samples, batch, steps_per_epoch, .. }) = (self.position.step, self.route);
        // The last batch of an epoch may be smaller; the first ones never are.
        let epoch = samples.min(steps_per_epoch as usize * batch) as u64;
        let progress = Progress {
            step,
            steps: self.route.steps,
            epoch: self.epoch(),
            samples: step / steps_per_epoch * epoch + step % steps_per_epoch * batch as u64,
            ..Progress::default()
        };
        let tick = self.run.host.tick(&progress).await?;
        turn(&mut self.position.learning_rate, step, tick.turned, self.run.host).await?;
        if tick.checkpoint {
            self.position.loss_sum = state::read(self.loss_sum.clone()).await[0];
            let kept = keep(&self.position, model, optimiser, self.route.config).await?;
            self.run.host.checkpoint(step, kept).await?;
        }
        if tick.stop { Err(Interrupt::Stop) } else { Ok(()) }
    }
}

/// Fails where a value is not a number: the steps were too large, and nothing that follows would mean anything.
pub async fn points<const N: usize>(
    position: &Position,
    epoch: f64,
    values: [(&str, f64); N],
    host: &dyn Host,
) -> Result<(), Interrupt> {
    if values.iter().any(|(_, value)| !value.is_finite()) {
        return Err(not_a_number(position.step));
    }
    let values = values.map(|(name, value)| (name.to_string(), value)).into();
    host.emit(EventBody::Points { step: position.step, epoch, values }).await
}

/// Takes up a learning rate that was turned, and marks the step.
pub async fn turn(
    learning_rate: &mut f64,
    step: u64,
    turned: Vec<(String, KnobValue)>,
    host: &dyn Host,
) -> Result<(), Interrupt> {
    for (knob, value) in turned {
        if let (LEARNING_RATE, KnobValue::Number(rate)) = (knob.as_str(), value)
            && rate != *learning_rate
        {
            let from = std::mem::replace(learning_rate, rate);
            let text = Text {
                en: format!("Learning rate {from} → {rate}").into(),
                zh: format!("学习率 {from} → {rate}").into(),
            };
            host.emit(EventBody::Mark { step, text }).await?;
        }
    }
    Ok(())
}

/// A checkpoint's bytes. One of a run that is lost would only be lost again, so it fails instead.
pub async fn keep(
    position: &Position,
    model: &impl Weights,
    optimiser: &Optimiser,
    config: &str,
) -> Result<Vec<u8>, Interrupt> {
    if !position.loss_sum.is_finite() {
        return Err(not_a_number(position.step));
    }
    let (model, optimiser) = (state::take(model).await, optimiser.state().await);
    Ok(checkpoint::write(&Checkpoint { position: position.clone(), model, optimiser }, config))
}

/// `fresh` at the start of a run, or what [`keep`] kept of it.
pub fn begin<M: Weights>(
    fresh: M,
    rule: Rule,
    learning_rate: f64,
    kept: Option<&[u8]>,
    config: &str,
    run: &Run<'_>,
) -> Result<(M, Optimiser, Position), Interrupt> {
    let Some(bytes) = kept else {
        return Ok((fresh, Optimiser::new(rule), Position { learning_rate, ..Position::default() }));
    };
    let Checkpoint { position, model, optimiser } = checkpoint::read(bytes, config).map_err(|error| unfit(&error))?;
    let optimiser = Optimiser::resume(rule, position.step, optimiser, &run.device);
    Ok((state::put(fresh, model).map_err(|error| unfit(&error))?, optimiser, position))
}
