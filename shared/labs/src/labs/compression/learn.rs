//! Training, and training on with a mask.

use kindling_protocol::event::EventBody;
use kindling_protocol::text::Text;

use super::plan;
use super::prune::Mask;
use crate::data::mnist::{CLASSES, Sets};
use crate::host::{Interrupt, Run};
use crate::nn::model::Classifier;
use crate::nn::state::{self, State};
use crate::nn::weights;
use crate::train::batch::{self, Feed, score};
use crate::train::course::{Course, Route};
use crate::train::optimiser::Rule;
use crate::train::run_loop::{LEARNING_RATE, cross_entropy, internal};
use crate::train::schedule::Schedule;

/// One training.
pub struct Lesson<'a> {
    sets: &'a Sets,
    config: &'a str,
    epochs: u64,
    batch: usize,
    /// What every learning rate is multiplied by. The rate itself stays in units of its knob, which may be turned.
    pace: f64,
}

const SCHEDULE: Schedule = Schedule::Cosine { warm_up: 0.05 };
/// Fine-tuning goes in smaller steps: what is left knows almost everything.
const FINE: f64 = 0.5;
const READ_EVERY: u64 = 20;

impl<'a> Lesson<'a> {
    pub fn dense(sets: &'a Sets, config: &'a str, run: &Run<'_>) -> Self {
        let (epochs, batch) = (run.knobs.count("epochs") as u64, run.knobs.count("batch"));
        Lesson { sets, config, epochs, batch, pace: 1.0 }
    }

    pub fn fine_tuning(sets: &'a Sets, config: &'a str, run: &Run<'_>) -> Self {
        Lesson { epochs: plan::fine_tuning(&run.knobs), pace: FINE, ..Self::dense(sets, config, run) }
    }

    pub fn steps(&self) -> u64 {
        self.epochs * self.steps_per_epoch()
    }

    fn steps_per_epoch(&self) -> u64 {
        self.sets.train.len().div_ceil(self.batch) as u64
    }

    /// From `start` on. After a cut to this sparsity, weights that are zero stay it. What comes back is a file.
    pub async fn train(&self, start: State, cut: Option<f64>, run: &Run<'_>) -> Result<Vec<u8>, Interrupt> {
        let (sets, spec, device) = (self.sets, plan::input(), run.device.clone().autodiff());
        let (samples, steps_per_epoch) = (sets.train.len(), self.steps_per_epoch());
        let route = Route {
            seed: run.seed,
            samples,
            batch: self.batch,
            steps_per_epoch,
            steps: self.steps(),
            config: self.config,
        };
        if let (Some(sparsity), None) = (cut, &run.resume) {
            let percent = (sparsity * 100.0).round();
            let text = Text { en: format!("Pruned to {percent} %").into(), zh: format!("剪枝到 {percent}%").into() };
            run.host.emit(EventBody::Mark { step: 0, text }).await?;
        }
        let mut mask = cut.map(|_| Mask::of(&start, &run.device));
        let fresh = Classifier::empty(&plan::architecture(), &device).map_err(|error| internal(&error))?;
        let fresh = state::put(fresh, start).map_err(|error| internal(&error))?;
        let (mut model, mut optimiser, mut course) =
            Course::begin(route, fresh, Rule::adam(0.0), run.knobs.number(LEARNING_RATE), run)?;

        let feed = Plain(sets);
        while !course.is_over() {
            let indices = course.batch();
            let batch = batch::batch(&feed, &spec, CLASSES, 0.0, 0, indices, &device);
            let loss = cross_entropy(model.forward(batch.inputs, None), batch.targets); // [1]
            model = optimiser.step(model, loss.clone().backward(), self.pace * course.rate(&SCHEDULE));
            if let Some(mask) = &mut mask {
                model = model.map(mask);
            }
            course.stepped(loss);

            if course.is_due(READ_EVERY) {
                let loss = course.mean_loss().await;
                course.points([("loss", loss)]).await?;
            }
            if course.is_due(steps_per_epoch) {
                let scored = score(&model.valid(), &spec, &sets.validation).await;
                course.points([("accuracy", scored.accuracy())]).await?;
            }
            course.tick(&model, &optimiser).await?;
        }
        Ok(weights::write(&state::take(&model).await))
    }
}

/// The training pictures as they are.
struct Plain<'a>(&'a Sets);

impl Feed for Plain<'_> {
    fn len(&self) -> usize {
        self.0.train.len()
    }

    fn sample(&self, _: u64, index: u32) -> (Vec<u8>, u8) {
        (self.0.train.image(index as usize).to_vec(), self.0.train.labels[index as usize])
    }
}
