//! Training, plain or on pictures that are attacked anew at every step.

use burn::tensor::Tensor;
use kindling_protocol::event::{EventBody, Progress};
use kindling_protocol::knob::KnobValue;

use super::attack::{self, Aim, Pgd, Shown};
use super::net::{self, Net};
use super::plan::{self, Defence};
use crate::data::idx::Digits;
use crate::data::random;
use crate::host::{Host, Interrupt, Run};
use crate::nn::model::Classifier;
use crate::nn::state;
use crate::train::checkpoint::{self, Checkpoint, Position};
use crate::train::optimiser::{Optimiser, Rule};
use crate::train::run_loop::{LEARNING_RATE, cross_entropy, internal, not_a_number, turned, unfit};

/// One training.
pub struct Lesson<'a> {
    pub train: &'a Digits,
    /// Looked at on the way, as it is and attacked.
    pub validation: &'a Digits,
    /// Decides first weights and the order of samples.
    pub seed: u64,
    pub epochs: u64,
    /// Share of the learning rate that it is trained at.
    pub pace: f64,
    /// None: plain training.
    pub defence: Option<Defence>,
    /// Names this training in its checkpoints.
    pub config: String,
}

/// A point of the curves every so many steps.
const READ_EVERY: u64 = 20;
const VALIDATIONS: u64 = 8;
const WATCH_STEPS: usize = 7;

/// What comes back is [`net::bytes`] of the model.
pub async fn train(lesson: &Lesson<'_>, run: &Run<'_>) -> Result<Vec<u8>, Interrupt> {
    let (device, host) = (run.device.clone().autodiff(), run.host);
    let (count, batch) = (lesson.train.len(), run.knobs.count("batch"));
    let steps_per_epoch = count.div_ceil(batch) as u64;
    let steps = lesson.epochs * steps_per_epoch;
    let validate_every = steps.div_ceil(VALIDATIONS).max(1);

    let rule = Rule::adam(0.0);
    let fresh = Classifier::new(&plan::architecture(&run.knobs), lesson.seed, &device);
    let mut model = fresh.map_err(|error| internal(&error))?;
    let mut optimiser = Optimiser::new(rule);
    let mut position = Position { learning_rate: run.knobs.number(LEARNING_RATE), ..Position::default() };
    if let Some(bytes) = &run.resume {
        let kept = checkpoint::read(bytes, &lesson.config).map_err(|error| unfit(&error))?;
        model = state::put(model, kept.model).map_err(|error| unfit(&error))?;
        optimiser = Optimiser::resume(rule, kept.position.step, kept.optimiser, &run.device);
        position = kept.position;
    }
    let mut loss_sum = Tensor::<1>::from_floats([position.loss_sum], &run.device);
    let mut order = (u64::MAX, vec![]);

    while position.step < steps {
        let (epoch, place) = (position.step / steps_per_epoch, (position.step % steps_per_epoch) as usize * batch);
        if order.0 != epoch {
            order = (epoch, random::permutation(lesson.seed, epoch, count));
        }
        let indices = &order.1[place..(place + batch).min(count)];
        let shown = net::shown(&lesson.train.pick(indices.iter().map(|&index| index as usize)), run);
        let pictures = match lesson.defence {
            Some(defence) => attacked(&model.frozen(), &shown, defence, lesson.seed, position.step),
            None => shown.pictures,
        }; // [batch, pixels]

        let loss = cross_entropy(net::logits(&model, pictures.autodiff()), shown.targets.autodiff()); // [1]
        loss_sum = loss_sum + loss.clone().without_autodiff();
        position.sum_steps += 1;
        let rate = lesson.pace * position.learning_rate * plan::SCHEDULE.factor(position.step, steps);
        model = optimiser.step(model, loss.backward(), rate);
        position.step += 1;

        let epochs = position.step as f64 / steps_per_epoch as f64;
        if position.step.is_multiple_of(READ_EVERY) || position.step == steps {
            let loss = f64::from(state::read(loss_sum).await[0]) / position.sum_steps as f64;
            tell(host, &position, epochs, [("loss", loss)]).await?;
            loss_sum = Tensor::from_floats([0.0], &run.device);
            position.sum_steps = 0;
        }
        if position.step.is_multiple_of(validate_every) || position.step == steps {
            let [clean, attacked] = validate(lesson, &model, run).await?;
            tell(host, &position, epochs, [("clean", clean), ("attacked", attacked)]).await?;
        }

        let done = position.step / steps_per_epoch * count as u64 + position.step % steps_per_epoch * batch as u64;
        let progress = Progress { step: position.step, steps, epoch: epochs, samples: done, ..Progress::default() };
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
            let (model, optimiser) = (state::take(&model).await, optimiser.state().await);
            let kept = Checkpoint { position: position.clone(), model, optimiser };
            host.checkpoint(position.step, checkpoint::write(&kept, &lesson.config)).await?;
        }
        if tick.stop {
            return Err(Interrupt::Stop);
        }
    }
    Ok(net::bytes(&model).await)
}

/// The pictures of a step as the defence attacks them.
fn attacked(model: &Classifier, shown: &Shown, defence: Defence, seed: u64, step: u64) -> Tensor<2> {
    let victim = |pictures: Tensor<2>| net::logits(model, pictures);
    match defence {
        Defence::Fgsm { eps } => attack::fgsm(&victim, shown, eps),
        Defence::Pgd { attack } => {
            let start = attack::random_start(&shown.pictures, attack.eps, seed, step, 0);
            attack::pgd(&victim, shown, start, attack)
        }
    }
}

/// Accuracy on the validation pictures as they are, and under a short PGD.
async fn validate(lesson: &Lesson<'_>, model: &Classifier, run: &Run<'_>) -> Result<[f64; 2], Interrupt> {
    let net = Net::of(model);
    let shown = net::shown(lesson.validation, run);
    let attack = Pgd::new(run.knobs.number("eps"), WATCH_STEPS).at(Aim::Margin);
    let start = attack::random_start(&shown.pictures, attack.eps, lesson.seed, 0, 1);
    let attacked = attack::pgd(&|pictures| net.logits(pictures), &shown, start, attack);
    let labels = &lesson.validation.labels;
    let clean = net.score(shown.pictures, labels).await.accuracy();
    Ok([clean, net.score(attacked, labels).await.accuracy()])
}

async fn tell<const N: usize>(
    host: &dyn Host,
    position: &Position,
    epoch: f64,
    values: [(&str, f64); N],
) -> Result<(), Interrupt> {
    if values.iter().any(|(_, value)| !value.is_finite()) {
        return Err(not_a_number(position.step));
    }
    let values = values.map(|(name, value)| (name.to_string(), value)).into();
    host.emit(EventBody::Points { step: position.step, epoch, values }).await
}
