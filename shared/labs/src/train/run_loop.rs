//! The training loop.

use burn::tensor::activation::log_softmax;
use burn::tensor::{Device, Tensor};
use kindling_protocol::event::{FailureCode, Progress};
use kindling_protocol::model::{Architecture, Dtype, InputSpec};
use kindling_protocol::text::{Text, text};

use super::batch::{self, Feed};
use super::checkpoint::Position;
use super::optimiser::{Optimiser, Rule};
use super::schedule::Schedule;
use super::steer::{Steer, Steered, Validated};
use super::{container, course};
use crate::data::idx::Digits;
use crate::data::random;
use crate::host::{Host, Interrupt, LocalFuture, Run, Snapshot};
use crate::nn::dropout::Dropout;
use crate::nn::model::Classifier;
use crate::nn::{state, weights};

/// What to learn, from what, and how.
pub struct Task<'a> {
    pub architecture: Architecture,
    pub spec: InputSpec,
    pub classes: usize,
    pub feed: &'a dyn Feed,
    pub validation: &'a Digits,
    pub plan: Plan,
    /// Names the run in its checkpoints.
    pub config: String,
    /// None of a training that is not what the run is for: its weights must not take the place of the run's model.
    pub hand_over: Option<HandOver<'a>>,
    /// Told at every validation, with the model as it stands; for a lab's own panels.
    pub show: &'a dyn Fn(Classifier) -> LocalFuture<'a, Result<(), Interrupt>>,
}

/// Makes the model as it stands into what is handed over.
pub type HandOver<'a> = &'a dyn Fn(Classifier) -> LocalFuture<'a, Result<Snapshot, Interrupt>>;

/// The numbers of a run.
#[derive(Clone, Debug)]
pub struct Plan {
    pub epochs: u64,
    pub batch: usize,
    pub rule: Rule,
    pub schedule: Schedule,
    pub learning_rate: f64,
    pub smoothing: f32,
    /// Reading from a GPU waits for it: once in so many steps is enough for a curve.
    pub read_every: u64,
    pub validations: u64,
}

impl Plan {
    pub fn steps_per_epoch(&self, samples: usize) -> u64 {
        samples.div_ceil(self.batch) as u64
    }

    pub fn steps(&self, samples: usize) -> u64 {
        self.epochs * self.steps_per_epoch(samples)
    }
}

/// The knob that can be turned while a run goes on.
pub const LEARNING_RATE: &str = "lr";

/// Trains to the end of the plan. What comes back is the model without autodiff.
pub async fn train(task: &Task<'_>, run: &Run<'_>) -> Result<Classifier, Interrupt> {
    Ok(train_steered(task, run, None).await?.last)
}

/// Trains to the end of the plan, or to where `steer` ends it.
pub async fn train_steered(task: &Task<'_>, run: &Run<'_>, steer: Option<&dyn Steer>) -> Result<Steered, Interrupt> {
    let (plan, host) = (&task.plan, run.host);
    let device = run.device.clone().autodiff();
    let samples = task.feed.len();
    let (steps, steps_per_epoch) = (plan.steps(samples), plan.steps_per_epoch(samples));
    let validate_every = steps.div_ceil(plan.validations.max(1)).max(1);

    let Start { mut model, mut optimiser, mut position, mut kept } = begin(task, run, &device, steer)?;
    let mut tally = Tally::new(&position, &run.device);
    let mut order = (u64::MAX, vec![]);

    while position.step < steps && !steer.is_some_and(Steer::stopped) {
        let (epoch, place) = (position.step / steps_per_epoch, (position.step % steps_per_epoch) as usize * plan.batch);
        if order.0 != epoch {
            order = (epoch, random::permutation(run.seed, epoch, samples));
        }
        let indices = &order.1[place..(place + plan.batch).min(samples)];
        let batch = batch::batch(task.feed, &task.spec, task.classes, plan.smoothing, epoch, indices, &device);

        let dropout = Dropout { seed: run.seed, step: position.step };
        let logits = model.forward(batch.inputs, Some(dropout)); // [batch, classes]
        let loss = cross_entropy(logits.clone(), batch.targets); // [1]
        tally.add(loss.clone(), logits, batch.labels, batch.size);
        let loss = match steer.and_then(|steer| steer.penalty(&model)) {
            Some(penalty) => loss + penalty,
            None => loss,
        };
        let gradients = loss.backward();
        let mut rate = position.learning_rate * plan.schedule.factor(position.step, steps);
        if let Some(steer) = steer {
            rate *= steer.factor(position.step, steps);
        }
        model = optimiser.step(model, gradients, rate);
        position.step += 1;

        let seen = Seen { position: &position, steps, steps_per_epoch, samples, batch: plan.batch };
        let validate = position.step.is_multiple_of(validate_every) || position.step == steps;
        let mut trained = [0.0; 2];
        if validate || position.step.is_multiple_of(plan.read_every) {
            trained = tally.tell(&seen, host).await?;
        }
        if validate {
            let frozen = model.valid();
            let scored = batch::score(&frozen, &task.spec, task.validation).await;
            let values = [("validation-loss", scored.loss(1.0)), ("validation-accuracy", scored.accuracy())];
            seen.points(values, host).await?;
            if let Some(steer) = steer {
                let validated = Validated {
                    step: position.step,
                    epoch: seen.epoch(),
                    learning_rate: position.learning_rate,
                    train_loss: trained[0],
                    train_accuracy: trained[1],
                    loss: scored.loss(1.0),
                    accuracy: scored.accuracy(),
                    model: frozen.clone(),
                };
                if steer.validated(validated).await? {
                    kept = Some(frozen.clone());
                }
            }
            (task.show)(frozen).await?;
        }

        let tick = host.tick(&seen.progress()).await?;
        course::turn(&mut position.learning_rate, position.step, tick.turned, host).await?;
        if tick.checkpoint {
            tally.save_into(&mut position).await;
            let mut bytes = course::keep(&position, &model, &optimiser, &task.config).await?;
            if let Some(steer) = steer {
                bytes = steered(&bytes, steer, kept.as_ref(), &task.config).await;
            }
            host.checkpoint(position.step, bytes).await?;
        }
        if let (true, Some(hand_over)) = (tick.snapshot, task.hand_over) {
            host.snapshot(hand_over(model.valid()).await?).await?;
        }
        if tick.stop {
            return Err(Interrupt::Stop);
        }
    }
    Ok(Steered { last: model.valid(), kept })
}

struct Start {
    model: Classifier,
    optimiser: Optimiser,
    position: Position,
    kept: Option<Classifier>,
}

/// From the seed, or from where the run was cut off.
fn begin(task: &Task<'_>, run: &Run<'_>, device: &Device, steer: Option<&dyn Steer>) -> Result<Start, Interrupt> {
    let fresh =
        |device: &Device| Classifier::new(&task.architecture, run.seed, device).map_err(|error| internal(&error));
    let (bytes, kept) = match (&run.resume, steer) {
        (Some(bytes), Some(steer)) => {
            let (bytes, kept) = take_up(bytes, steer, &task.config)?;
            (Some(bytes), kept)
        }
        (bytes, _) => (bytes.as_deref(), None),
    };
    let Plan { rule, learning_rate, .. } = task.plan;
    let (model, optimiser, position) = course::begin(fresh(device)?, rule, learning_rate, bytes, &task.config, run)?;
    let kept = match kept {
        Some(kept) => Some(state::put(fresh(&run.device)?, kept).map_err(|error| unfit(&error))?),
        None => None,
    };
    Ok(Start { model, optimiser, position, kept })
}

/// A checkpoint together with what steers the training.
async fn steered(checkpoint: &[u8], steer: &dyn Steer, kept: Option<&Classifier>, config: &str) -> Vec<u8> {
    let state = steer.save();
    let kept = match kept {
        Some(kept) => Some(weights::write(&state::take(kept).await)),
        None => None,
    };
    let parts = [("training", checkpoint), ("steering", &state[..])];
    let kept = kept.iter().map(|kept| ("kept", &kept[..]));
    container::write(&(), config, &parts.into_iter().chain(kept).collect::<Vec<_>>())
}

/// What [`steered`] wrote: the checkpoint, and the weights that were kept.
fn take_up<'a>(
    bytes: &'a [u8],
    steer: &dyn Steer,
    config: &str,
) -> Result<(&'a [u8], Option<state::State>), Interrupt> {
    let ((), parts) = container::read(bytes, config).map_err(|error| unfit(&error))?;
    let part = |wanted: &str| parts.iter().find(|(name, _)| name == wanted).map(|&(_, bytes)| bytes);
    let (Some(training), Some(steering)) = (part("training"), part("steering")) else {
        return Err(unfit(&"it is of a training that nobody steers"));
    };
    steer.resume(steering).map_err(|error| unfit(&error))?;
    let kept = part("kept").map(|bytes| weights::read(bytes, Dtype::F32)).transpose();
    Ok((training, kept.map_err(|error| unfit(&error))?))
}

/// Mean over the batch of minus the log-probability of what is to be learnt.
pub fn cross_entropy(logits: Tensor<2>, targets: Tensor<2>) -> Tensor<1> {
    let [batch, _] = logits.dims();
    let log_probabilities = log_softmax(logits, 1); // [batch, classes]
    (log_probabilities * targets).sum().mul_scalar(-1.0 / batch as f64) // [1]
}

/// Where a run is, as its events say it.
struct Seen<'a> {
    position: &'a Position,
    steps: u64,
    steps_per_epoch: u64,
    samples: usize,
    batch: usize,
}

impl Seen<'_> {
    fn epoch(&self) -> f64 {
        self.position.step as f64 / self.steps_per_epoch as f64
    }

    fn progress(&self) -> Progress {
        let (epochs, rest) = (self.position.step / self.steps_per_epoch, self.position.step % self.steps_per_epoch);
        // The last batch of an epoch may be smaller; the first ones never are.
        let samples = epochs * self.samples as u64 + rest * self.batch as u64;
        Progress { step: self.position.step, steps: self.steps, epoch: self.epoch(), samples, ..Progress::default() }
    }

    async fn points<const N: usize>(&self, values: [(&str, f64); N], host: &dyn Host) -> Result<(), Interrupt> {
        course::points(self.position, self.epoch(), values, host).await
    }
}

/// Loss and right answers since the last point of the curves, summed on the device.
struct Tally {
    loss: Tensor<1>,
    right: Tensor<1>,
    steps: u64,
    device: Device,
}

impl Tally {
    fn new(position: &Position, device: &Device) -> Self {
        let value = |value: f32| Tensor::from_floats([value], device);
        let (loss, right) = (value(position.loss_sum), value(position.right_sum));
        Tally { loss, right, steps: position.sum_steps, device: device.clone() }
    }

    fn add(&mut self, loss: Tensor<1>, logits: Tensor<2>, labels: Tensor<2, burn::tensor::Int>, size: usize) {
        let answers = logits.without_autodiff().argmax(1); // [batch, 1]
        let right = answers.equal(labels.without_autodiff()).float().sum(); // [1]
        self.loss = self.loss.clone() + loss.without_autodiff();
        self.right = self.right.clone() + right.mul_scalar(1.0 / size as f64);
        self.steps += 1;
    }

    /// Puts points on the curves and begins anew. Loss and accuracy come back.
    async fn tell(&mut self, seen: &Seen<'_>, host: &dyn Host) -> Result<[f64; 2], Interrupt> {
        let sums = (state::read(self.loss.clone()).await[0], state::read(self.right.clone()).await[0]);
        let mean = |sum: f32| f64::from(sum) / self.steps.max(1) as f64;
        let values = [("train-loss", mean(sums.0)), ("train-accuracy", mean(sums.1))];
        *self = Tally::new(&Position::default(), &self.device);
        seen.points(values, host).await?;
        Ok(values.map(|(_, value)| value))
    }

    async fn save_into(&self, position: &mut Position) {
        position.loss_sum = state::read(self.loss.clone()).await[0];
        position.right_sum = state::read(self.right.clone()).await[0];
        position.sum_steps = self.steps;
    }
}

pub fn not_a_number(step: u64) -> Interrupt {
    let advice = text(
        "The loss is not a number any more: the steps were too large. Start again with a smaller learning rate.",
        "损失已不再是数：步子太大了。请用更小的学习率重新开始。",
    );
    let text =
        Text { en: format!("Step {step}: {}", advice.en).into(), zh: format!("第 {step} 步：{}", advice.zh).into() };
    Interrupt::Fail { code: FailureCode::NotANumber, text, detail: None }
}

/// A checkpoint that can't be gone on from.
pub fn unfit(error: &dyn std::fmt::Display) -> Interrupt {
    Interrupt::Fail {
        code: FailureCode::Checkpoint,
        text: text("The checkpoint can't be used.", "检查点无法使用。"),
        detail: Some(error.to_string()),
    }
}

/// A fault of the program, not of the person or the data.
pub fn internal(error: &dyn std::fmt::Display) -> Interrupt {
    Interrupt::Fail {
        code: FailureCode::Internal,
        text: text("The program has a fault and could not go on.", "程序内部出错，无法继续。"),
        detail: Some(error.to_string()),
    }
}
