//! Training, plain or on pictures that are attacked anew at every step.

use burn::tensor::Tensor;

use super::attack::{self, Aim, Pgd, Shown};
use super::net::{self, Net};
use super::plan::{self, Defence};
use crate::data::idx::Digits;
use crate::host::{Interrupt, Run};
use crate::nn::model::Classifier;
use crate::train::course::{Course, Route};
use crate::train::optimiser::Rule;
use crate::train::run_loop::{LEARNING_RATE, cross_entropy, internal};

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
    let (count, batch) = (lesson.train.len(), run.knobs.count("batch"));
    let steps_per_epoch = count.div_ceil(batch) as u64;
    let steps = lesson.epochs * steps_per_epoch;
    let route = Route { seed: lesson.seed, samples: count, batch, steps_per_epoch, steps, config: &lesson.config };
    let validate_every = steps.div_ceil(VALIDATIONS).max(1);

    let fresh = Classifier::new(&plan::architecture(&run.knobs), lesson.seed, &run.device.clone().autodiff());
    let fresh = fresh.map_err(|error| internal(&error))?;
    let (mut model, mut optimiser, mut course) =
        Course::begin(route, fresh, Rule::adam(0.0), run.knobs.number(LEARNING_RATE), run)?;

    while !course.is_over() {
        let picked = lesson.train.pick(course.batch().iter().map(|&index| index as usize));
        let shown = net::shown(&picked, run);
        let pictures = match lesson.defence {
            Some(defence) => attacked(&model.frozen(), &shown, defence, lesson.seed, course.position.step),
            None => shown.pictures,
        }; // [batch, pixels]
        let loss = cross_entropy(net::logits(&model, pictures.autodiff()), shown.targets.autodiff()); // [1]
        model = optimiser.step(model, loss.clone().backward(), lesson.pace * course.rate(&plan::SCHEDULE));
        course.stepped(loss);

        if course.is_due(READ_EVERY) {
            let loss = course.mean_loss().await;
            course.points([("loss", loss)]).await?;
        }
        if course.is_due(validate_every) {
            let [clean, attacked] = validate(lesson, &model, run).await?;
            course.points([("clean", clean), ("attacked", attacked)]).await?;
        }
        course.tick(&model, &optimiser).await?;
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
