//! The pretext task: training without one label. Labels are only looked at, to see on the way what the features are worth.

use super::encoder::Encoder;
use super::{panels, plan, pretext, probe, texts};
use crate::data::idx::Digits;
use crate::data::mnist::Sets;
use crate::host::{Interrupt, Run};
use crate::nn::{state, weights};
use crate::train::course::{Course, Route};
use crate::train::optimiser::Rule;
use crate::train::run_loop::{LEARNING_RATE, internal};
use crate::train::schedule::Schedule;

/// Reading from a GPU waits for it.
const READ_EVERY: u64 = 10;
/// Looks at the features on the way.
const LOOKS: u64 = 10;
/// Samples with labels, among which neighbours are looked for.
const BANK: usize = 1_000;
pub const RULE: Rule = Rule::Adam { beta_1: 0.9, beta_2: 0.999, epsilon: 1e-8, weight_decay: 1e-4 };
pub const SCHEDULE: Schedule = Schedule::Cosine { warm_up: 0.1 };

pub fn fresh(run: &Run<'_>, sets: &Sets) -> Encoder {
    let pixels = sets.train.height * sets.train.width;
    let outputs = plan::outputs(&run.knobs, pixels);
    Encoder::new(pixels, run.knobs.count("width"), outputs, run.seed, &run.device.clone().autodiff())
}

/// Samples with known labels, for a vote of neighbours.
pub fn bank(sets: &Sets) -> Digits {
    sets.train.pick(0..BANK.min(sets.train.len()))
}

/// The encoder's weights as a file.
pub async fn bytes(encoder: &Encoder) -> Vec<u8> {
    weights::write(&state::take(encoder).await)
}

/// What comes back is [`bytes`] of the trained encoder.
pub async fn train(sets: &Sets, config: &str, run: &Run<'_>) -> Result<Vec<u8>, Interrupt> {
    let (knobs, device) = (&run.knobs, run.device.clone().autodiff());
    let (samples, batch) = (sets.train.len(), plan::batch(knobs).min(sets.train.len()));
    let steps_per_epoch = (samples / batch).max(1) as u64;
    let steps = knobs.count("epochs") as u64 * steps_per_epoch;
    let route = Route { seed: run.seed, samples, batch, steps_per_epoch, steps, config };
    let look_every = steps.div_ceil(LOOKS).max(1);
    let (bank, classes) = (bank(sets), panels::names(&sets.source).len());
    let (views, temperature) = (pretext::views(knobs.word("augmentation")), knobs.number("temperature"));

    let (mut encoder, mut optimiser, mut course) =
        Course::begin(route, fresh(run, sets), RULE, knobs.number(LEARNING_RATE), run)?;

    while !course.is_over() {
        let step = course.position.step;
        let indices = course.batch();
        let loss = if plan::is_text(knobs) {
            let share = knobs.number("masked");
            let (pictures, asked) = texts::masked(&sets.train, indices, share, run.seed, step);
            let logits = encoder.forward(probe::inputs(&pictures, &sets.train, &device)); // [batch, words]
            pretext::word_loss(logits, asked)
        } else if knobs.word("pretext") == "rotation" {
            let (pictures, turns) = pretext::turned(&sets.train, indices);
            let logits = encoder.forward(probe::inputs(&pictures, &sets.train, &device)); // [4 batch, TURNS]
            pretext::answer_loss(logits, &turns, &device)
        } else {
            let pictures = pretext::pairs(&sets.train, indices, views.as_ref(), run.seed, step);
            let projections = encoder.forward(probe::inputs(&pictures, &sets.train, &device)); // [2 batch, d]
            pretext::nt_xent(projections, temperature)
        }; // [1]
        encoder = optimiser.step(encoder, loss.clone().backward(), course.rate(&SCHEDULE));
        course.stepped(loss);

        if course.is_due(READ_EVERY) {
            let loss = course.mean_loss().await;
            course.points([("loss", loss)]).await?;
        }
        if course.is_due(look_every) {
            let features = probe::features(&encoder, &sets.validation, &run.device).await;
            let known = probe::features(&encoder, &bank, &run.device).await;
            let voted = probe::voted(&known, &features, classes);
            course.points([("spread", features.spread()), ("neighbours", voted)]).await?;
            panels::map(&features, &sets.source, run.host).await?;
        }
        course.tick(&encoder, &optimiser).await?;
    }
    Ok(bytes(&encoder).await)
}

/// The encoder that [`train`] came to.
pub fn read(bytes: &[u8], sets: &Sets, run: &Run<'_>) -> Result<Encoder, Interrupt> {
    let values = weights::read(bytes, kindling_protocol::model::Dtype::F32).map_err(|error| internal(&error))?;
    state::put(fresh(run, sets), values).map_err(|error| internal(&error))
}
