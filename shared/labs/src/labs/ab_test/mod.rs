//! A/B tests: of two models on one test set, and of two variants before people.
//!
//! - [`spec`]: knobs, goals and panels.
//! - [`contest`]: two models, trained or of runs, asked about the same rows.
//! - [`draw`]: experiments drawn at random.
//! - [`looks`]: what a test says at each look.
//! - [`simulation`]: thousands of experiments, as one run that pauses and resumes.
//! - [`panels`]: power, p-values over time, intervals, tests.
//!
//! The tests themselves are [`kindling_statistics::comparisons`] and [`kindling_statistics::sequential`], the plan is
//! [`kindling_statistics::power`].

mod contest;
mod draw;
mod looks;
mod panels;
mod simulation;
mod spec;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use kindling_protocol::event::EventBody;
use kindling_protocol::knob::Knobs;
use kindling_protocol::text::Text;
use kindling_statistics::comparisons::{McNemar, mcnemar, two_proportions};
use kindling_statistics::power::Planned;

use crate::host::{Interrupt, Lab, Run};
use crate::train::checkpoint::config_hash;
use crate::train::run_loop::internal;
use crate::train::stages::Stages;
use draw::Design;
use looks::Kind;

pub const LAB: Lab = Lab::new(spec::spec, spec::cost, |run| Box::pin(run_lab(run)));

const SLUG: &str = "ab-test";

async fn run_lab(run: Run<'_>) -> Result<(), Interrupt> {
    let problem = contest::Problem::load(&run).await?;
    let config = config_hash(SLUG, &run.knobs, run.seed, &problem.sums());
    let design = design(&run.knobs);
    let asked = run.knobs.count("looks");
    if design.looks < asked {
        run.host.emit(EventBody::Note { text: fewer_looks(&design, asked) }).await?;
    }
    let steps = [problem.steps(0), problem.steps(1), simulation::steps(&run.knobs)];
    let mut stages = Stages::begin(&run, &config, &steps)?;
    let mut right = Vec::new();
    for model in 0..2 {
        let series = |name: &str| Some(format!("{name}-{}", ["a", "b"][model]));
        let work = async |run: Run<'_>| contest::answers(&problem, model, &config, run).await;
        right.push(stages.next(series, work).await?.iter().map(|&right| right == 1).collect::<Vec<bool>>());
    }
    let contest = contest::Contest::new(&right[0], &right[1]);
    panels::models(&design, &contest, &right, &run).await?;
    let work = async |run: Run<'_>| simulation::simulate(&design, &config, run).await;
    let simulated = stages.next(|name| Some(name.to_string()), work).await?;
    let simulated = serde_json::from_slice(&simulated).map_err(|error| internal(&error))?;
    panels::experiments(&design, &simulated, run.host).await?;
    let report = figures(&design, &simulated, &contest);
    run.host.emit(EventBody::Report { figures: report, model: None }).await
}

/// Samples that a look waits for at least, where there are so many.
const LEAST_STEP: f64 = 20.0;

/// The experiment that the knobs plan.
fn design(knobs: &Knobs) -> Design {
    let (effect, alpha, power) = (knobs.number("effect"), knobs.number("alpha"), knobs.number("power"));
    let kind = Kind::of(knobs.word("test"));
    let (base, differing) = (knobs.number("base"), knobs.number("differing").max(effect));
    let planned = match kind {
        Kind::McNemar => Planned::paired(differing, effect, alpha),
        _ => Planned::proportions(base, effect, alpha),
    };
    let samples = planned.samples(power) * knobs.number("traffic");
    // Looks are whole steps apart: many looks at few samples would round them up to more than were planned.
    let looks = knobs.count("looks").min((samples / LEAST_STEP) as usize).max(1);
    Design {
        kind,
        base,
        differing,
        alpha,
        effect,
        power,
        // In whole steps from look to look.
        step: ((samples / looks as f64).ceil() as u64).max(2),
        looks,
        peeking: knobs.flag("peeking") || kind.is_sequential(),
    }
}

fn fewer_looks(design: &Design, asked: usize) -> Text {
    let (looks, samples) = (design.looks, design.samples());
    let en = format!(
        "Looks: {looks} instead of {asked}. An experiment of {samples} samples is looked at every {LEAST_STEP} or more."
    );
    let zh =
        format!("查看次数：{looks}，而不是 {asked}。{samples} 个样本的实验，每次查看至少间隔 {LEAST_STEP} 个样本。");
    Text { en: en.into(), zh: zh.into() }
}

fn figures(design: &Design, simulated: &simulation::Counts, contest: &contest::Contest) -> BTreeMap<String, f64> {
    let (errors, power) = (simulated.rate(0), simulated.rate(simulation::PLANNED));
    [
        ("false_positives", errors),
        ("level_error", (errors - design.alpha).abs()),
        ("power_found", power),
        ("power_missing", design.power - power),
        ("samples", design.samples() as f64),
        ("samples_used", simulated.used(simulation::PLANNED) * design.samples() as f64),
        ("accuracy_a", contest.first.rate()),
        ("accuracy_b", contest.second.rate()),
        ("p_paired", mcnemar(contest.pairs, McNemar::Exact).p),
        ("p_unpaired", two_proportions(contest.first, contest.second).p),
    ]
    .map(|(name, value)| (name.to_string(), value))
    .into()
}
