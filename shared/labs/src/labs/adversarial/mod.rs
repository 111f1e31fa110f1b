//! Test a model's security: pictures changed a little so that a network is wrong, and what helps against it.
//!
//! - [`attack`]: FGSM and PGD.
//! - [`learn`]: training, plain or on attacked pictures.
//! - [`transform`]: a defence that hides the gradient, and how it is gone round.
//! - [`exam`]: accuracy under attack, by whom and how strongly.
//! - [`net`]: a network as an attacker meets it. [`plan`]: from knobs to trainings. [`panels`], [`spec`].

mod attack;
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

use crate::data::mnist::{self, CLASSES, SIDE};
use crate::host::{Interrupt, Lab, Run};
use crate::train::checkpoint::config_hash;
use crate::train::run_loop::internal;
use crate::train::stages::Stages;
use exam::{Class, How, JUDGED, Marks, Who, mark};
use learn::{Lesson, train};
use net::Net;

pub const LAB: Lab = Lab {
    spec: spec::spec,
    cost: plan::cost,
    run: |run| Box::pin(run_lab(run)),
    sample: |host, seed| Box::pin(mnist::sample(host, "mnist", seed)),
    samples: |host, indices| Box::pin(mnist::samples(host, "mnist", indices)),
};

const SLUG: &str = "adversarial";

async fn run_lab(run: Run<'_>) -> Result<(), Interrupt> {
    let sets = mnist::sets(run.host, run.seed, plan::wanted(&run.knobs)).await?;
    let config = config_hash(SLUG, &run.knobs, run.seed, &sets.sums);
    let [plain, _, epochs] = plan::epochs(&run.knobs);
    let lesson = |name: &str, seed, epochs, defence| Lesson {
        train: &sets.train,
        validation: &sets.validation,
        seed,
        epochs,
        defence,
        config: format!("{config} {name}"),
    };
    // Seeds of runs are below 2^53: the twin's is nobody's.
    let undefended = lesson("undefended", run.seed, plain, None);
    let twin = lesson("twin", run.seed | 1 << 60, plain, None);
    let defended = lesson("defended", run.seed, epochs, Some(plan::defence(&run.knobs)));

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
    run.host.emit(EventBody::Report { figures: figures(&marks, run.knobs.number("eps")), model: None }).await
}

fn figures(marks: &Marks, eps: f64) -> BTreeMap<String, f64> {
    let of = |who, how, eps| mark(marks, who, how, eps, who);
    [
        ("undefended_clean", of(Who::Undefended, How::Noise, 0.0)),
        ("undefended_fgsm", of(Who::Undefended, How::Fgsm, eps)),
        ("undefended_pgd", of(Who::Undefended, How::Pgd, eps)),
        ("defended_clean", of(Who::Defended, How::Noise, 0.0)),
        ("defended_fgsm", of(Who::Defended, How::Fgsm, JUDGED)),
        ("defended_pgd", of(Who::Defended, How::Pgd, JUDGED)),
        ("masked", of(Who::Transformed, How::Pgd, eps)),
        ("unmasked", mark(marks, Who::TransformedKnown, How::Pgd, eps, Who::Transformed)),
    ]
    .map(|(name, value)| (name.to_string(), value))
    .into()
}
