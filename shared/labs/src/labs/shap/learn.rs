//! The model to be explained: trained as any other.

use burn::tensor::{Int, Tensor, TensorData};
use kindling_protocol::event::{EventBody, Progress};
use kindling_protocol::model::{Architecture, Dtype};

use super::net::Net;
use super::plan;
use super::problem::Problem;
use crate::data::random;
use crate::host::{Interrupt, Run};
use crate::nn::model::Classifier;
use crate::nn::{state, weights};
use crate::train::checkpoint::{self, Checkpoint, Position};
use crate::train::optimiser::{Optimiser, Rule};
use crate::train::run_loop::{cross_entropy, internal, not_a_number, unfit};
use crate::train::schedule::Schedule;

/// Reading from a GPU waits for it.
const READ_EVERY: u64 = 20;
const LEARNING_RATE: f64 = 0.01;
const RULE: Rule = Rule::Adam { beta_1: 0.9, beta_2: 0.999, epsilon: 1e-8, weight_decay: 0.02 };
const SCHEDULE: Schedule = Schedule::Cosine { warm_up: 0.1 };

/// What comes back is for [`read`].
pub async fn train(problem: &Problem, config: &str, run: Run<'_>) -> Result<Vec<u8>, Interrupt> {
    let device = run.device.clone().autodiff();
    let (count, classes) = (problem.train.labels.len(), problem.classes.len());
    let (batch, steps) = (plan::BATCH.min(count), plan::training_steps(&run.knobs));
    let steps_per_epoch = (count / batch) as u64;

    let mut model =
        Classifier::new(&architecture(problem, &run), run.seed, &device).map_err(|error| internal(&error))?;
    let mut optimiser = Optimiser::new(RULE);
    let mut position = Position { learning_rate: LEARNING_RATE, ..Position::default() };
    if let Some(bytes) = &run.resume {
        let kept = checkpoint::read(bytes, config).map_err(|error| unfit(&error))?;
        model = state::put(model, kept.model).map_err(|error| unfit(&error))?;
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
        let rows = &order.1[place..place + batch];
        let row = |row: &u32| &problem.train.inputs[*row as usize * problem.width..][..problem.width];
        let inputs: Vec<f32> = rows.iter().flat_map(row).copied().collect();
        let labels: Vec<i32> = rows.iter().map(|&row| problem.train.labels[row as usize] as i32).collect();
        let inputs = Tensor::<2>::from_data(TensorData::new(inputs, [batch, problem.width]), &device);
        let labels = Tensor::<1, Int>::from_data(TensorData::new(labels, [batch]), &device);
        let logits = model.forward(inputs, None); // [batch, classes]
        let loss = cross_entropy(logits, labels.one_hot(classes).float()); // [1]
        loss_sum = loss_sum + loss.clone().without_autodiff();
        position.sum_steps += 1;
        model = optimiser.step(model, loss.backward(), LEARNING_RATE * SCHEDULE.factor(position.step, steps));
        position.step += 1;

        let epoch = position.step as f64 / steps_per_epoch as f64;
        if position.step.is_multiple_of(READ_EVERY) || position.step == steps {
            let loss = f64::from(state::read(loss_sum).await[0]) / position.sum_steps as f64;
            if !loss.is_finite() {
                return Err(not_a_number(position.step));
            }
            let values = [("loss".to_string(), loss)].into();
            run.host.emit(EventBody::Points { step: position.step, epoch, values }).await?;
            loss_sum = Tensor::from_floats([0.0], &run.device);
            position.sum_steps = 0;
        }
        let samples = position.step * batch as u64;
        let tick =
            run.host.tick(&Progress { step: position.step, steps, epoch, samples, ..Progress::default() }).await?;
        if tick.checkpoint {
            position.loss_sum = state::read(loss_sum.clone()).await[0];
            let (model, optimiser) = (state::take(&model).await, optimiser.state().await);
            let kept = Checkpoint { position: position.clone(), model, optimiser };
            run.host.checkpoint(position.step, checkpoint::write(&kept, config)).await?;
        }
        if tick.stop {
            return Err(Interrupt::Stop);
        }
    }
    Ok(weights::write(&state::take(&model).await))
}

fn architecture(problem: &Problem, run: &Run<'_>) -> Architecture {
    let hidden = match run.knobs.word("model") {
        "linear" => vec![],
        _ => vec![run.knobs.count("hidden") as u32],
    };
    Architecture::Mlp { inputs: problem.width as u32, hidden, classes: problem.classes.len() as u32, dropout: 0.0 }
}

/// The network that [`train`] came to.
pub fn read(bytes: &[u8]) -> Result<Net, Interrupt> {
    Ok(Net::of(&weights::read(bytes, Dtype::F32).map_err(|error| internal(&error))?))
}
