//! Test a model's security: pictures changed a little so that a network is wrong, and what helps against it.
//!
//! - [`attack`]: FGSM and PGD.
//! - [`learn`]: training, plain or on attacked pictures.
//! - [`transform`]: a defence that hides the gradient, and how it is gone round.
//! - [`exam`]: accuracy under attack, by whom and how strongly.
//! - [`drawing`]: the attack on the learner's own drawing.
//! - [`net`]: a network as an attacker meets it. [`plan`]: from knobs to trainings. [`panels`], [`spec`].

mod attack;
mod drawing;
mod exam;
mod learn;
mod net;
mod panels;
mod plan;
mod spec;
#[cfg(test)]
mod tests;
mod transform;

use std::collections::BTreeMap;

use kindling_protocol::event::EventBody;
use kindling_protocol::knob::Knobs;
use kindling_protocol::model::Manifest;

use crate::data::mnist::{self, CLASSES, SIDE, Sets};
use crate::host::{Interrupt, Lab, Run};
use crate::nn::parity;
use crate::train::batch::score;
use crate::train::checkpoint::config_hash;
use crate::train::hand_over::{hand_over, manifest, rounded, tested};
use crate::train::run_loop::internal;
use crate::train::stages::Stages;
use crate::train::told::predictions;
use exam::{Class, How, JUDGED, Marks, Who, mark};
use learn::{Lesson, train};
use net::Net;

pub const LAB: Lab = Lab::new(spec::spec, plan::cost, |run| Box::pin(run_lab(run)))
    .with_pictures(
        |host, seed| Box::pin(mnist::sample(host, "mnist", seed)),
        |host, knobs, indices| Box::pin(mnist::samples(host, knobs.word("data"), indices)),
    )
    .with_drawing(|exhibit| Box::pin(drawing::examine(exhibit)));

const SLUG: &str = "adversarial";
/// What is not attacked needs smaller steps: at the full rate one seed in ten ended where its slope said too little for
/// an attack to follow, which looks like a defence and is none.
const PLAIN_PACE: f64 = 0.5;

async fn run_lab(run: Run<'_>) -> Result<(), Interrupt> {
    let sets = mnist::sets(run.host, run.seed, plan::wanted(&run.knobs)).await?;
    let config = config_hash(SLUG, &run.knobs, run.seed, &sets.sums);
    let [plain, _, epochs] = plan::epochs(&run.knobs);
    let lesson = |name: &str, seed, epochs, pace, defence| Lesson {
        train: &sets.train,
        validation: &sets.validation,
        seed,
        epochs,
        pace,
        defence,
        config: format!("{config} {name}"),
    };
    // Seeds of runs are below 2^53: the twin's is nobody's.
    let undefended = lesson("undefended", run.seed, plain, PLAIN_PACE, None);
    let twin = lesson("twin", run.seed | 1 << 60, plain, PLAIN_PACE, None);
    let defended = lesson("defended", run.seed, epochs, 1.0, Some(plan::defence(&run.knobs)));

    let mut stages = Stages::begin(&run, &config, &plan::steps(&run.knobs, sets.train.len()))?;
    let named = |name: &'static str| move |series: &str| Some(format!("{name}-{series}"));
    let weak = stages.next(named("plain"), async |run| train(&undefended, &run).await).await?;
    let other = stages.next(|_| None, async |run| train(&twin, &run).await).await?;
    let strong = stages.next(named("defended"), async |run| train(&defended, &run).await).await?;

    let undefended = Net::read(&weak, &run)?;
    let class = Class {
        transformed: undefended.behind(plan::transform(&run.knobs)),
        undefended,
        twin: Net::read(&other, &run)?,
        defended: Net::read(&strong, &run)?,
    };
    panels::pictures(&class, &sets.test, &run).await?;
    let marks = stages.next(|_| None, async |run| class.sit(&sets.test, &run).await).await?;
    let marks: Marks = serde_json::from_slice(&marks).map_err(|error| internal(&error))?;
    panels::robust_curve(&marks, &run).await?;
    panels::transfer(&marks, &run).await?;
    panels::masking(&marks, &run).await?;

    let model = hand_over_defended(&strong, &sets, &run).await?;
    let figures = figures(&marks, &run.knobs);
    run.host.emit(EventBody::Report { figures, model: Some(Box::new(model)) }).await
}

/// The defended network, to be opened on the pad.
async fn hand_over_defended(bytes: &[u8], sets: &Sets, run: &Run<'_>) -> Result<Manifest, Interrupt> {
    let (spec, base) = (plan::input(), manifest(SLUG, run, plan::architecture(&run.knobs), plan::input(), sets));
    let model = rounded(net::read(bytes, &run.device, run)?, &base).await?;
    let [validation, test] = [score(&model, &spec, &sets.validation).await, score(&model, &spec, &sets.test).await];
    let known = tested(base, &sets.source, &validation, &test);
    run.host.emit(EventBody::Predictions(predictions(&test, known.temperature))).await?;
    let snapshot =
        hand_over(model, known, &sets.test.images[..parity::COUNT.min(sets.test.len()) * SIDE * SIDE]).await?;
    let manifest = snapshot.manifest.clone();
    run.host.snapshot(snapshot).await?;
    Ok(manifest)
}

fn figures(marks: &Marks, knobs: &Knobs) -> BTreeMap<String, f64> {
    let eps = knobs.number("eps");
    let of = |who, how, eps| mark(marks, who, how, eps, who);
    [
        ("undefended_clean", of(Who::Undefended, How::Noise, 0.0)),
        ("undefended_fgsm", of(Who::Undefended, How::Fgsm, eps)),
        ("undefended_pgd", of(Who::Undefended, How::Pgd, eps)),
        ("defended_clean", of(Who::Defended, How::Noise, 0.0)),
        ("defended_fgsm", of(Who::Defended, How::Fgsm, JUDGED)),
        ("defended_pgd", of(Who::Defended, How::Pgd, JUDGED)),
        ("defended_worst", exam::worst(marks, knobs)),
        ("masked", of(Who::Transformed, How::Pgd, eps)),
        ("unmasked", mark(marks, Who::TransformedKnown, How::Pgd, eps, Who::Transformed)),
    ]
    .map(|(name, value)| (name.to_string(), value))
    .into()
}
