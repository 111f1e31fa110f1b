//! The model to be explained: trained as any other.

use kindling_protocol::model::{Architecture, Dtype};

use super::net::Net;
use super::plan;
use super::problem::Problem;
use crate::host::{Interrupt, Run};
use crate::nn::model::Classifier;
use crate::nn::{state, weights};
use crate::train::course::{Course, Route};
use crate::train::optimiser::Rule;
use crate::train::run_loop::{cross_entropy, internal};
use crate::train::schedule::Schedule;

/// Reading from a GPU waits for it.
const READ_EVERY: u64 = 20;
const LEARNING_RATE: f64 = 0.01;
const RULE: Rule = Rule::Adam { beta_1: 0.9, beta_2: 0.999, epsilon: 1e-8, weight_decay: 0.02 };
const SCHEDULE: Schedule = Schedule::Cosine { warm_up: 0.1 };

/// What comes back is for [`read`].
pub async fn train(problem: &Problem, config: &str, run: Run<'_>) -> Result<Vec<u8>, Interrupt> {
    let device = run.device.clone().autodiff();
    let (samples, classes) = (problem.train.labels.len(), problem.classes.len());
    let (batch, steps) = (plan::BATCH.min(samples), plan::training_steps(&run.knobs));
    let route = Route { seed: run.seed, samples, batch, steps_per_epoch: (samples / batch) as u64, steps, config };

    let fresh = Classifier::new(&architecture(problem, &run), run.seed, &device).map_err(|error| internal(&error))?;
    let (mut model, mut optimiser, mut course) = Course::begin(route, fresh, RULE, LEARNING_RATE, &run)?;

    while !course.is_over() {
        let (inputs, targets) = problem.train.batch(course.batch(), classes, &device);
        let loss = cross_entropy(model.forward(inputs, None), targets); // [1]
        model = optimiser.step(model, loss.clone().backward(), course.rate(&SCHEDULE));
        course.stepped(loss);

        if course.is_due(READ_EVERY) {
            let loss = course.mean_loss().await;
            course.points([("loss", loss)]).await?;
        }
        course.tick(&model, &optimiser).await?;
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
