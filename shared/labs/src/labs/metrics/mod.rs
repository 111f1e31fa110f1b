//! Judge a classifier: by which metric, at which threshold, at which cost.
//!
//! - [`spec`]: knobs, goals and panels.
//! - [`problem`]: the data, what counts as positive, and the mix of classes that is expected.
//! - [`choice`]: the threshold that a metric would choose.
//! - [`panels`]: matrix, metrics, calibration, cost.
//! - [`own`]: whether a table of the learner's own can decide the goal.
//!
//! The metrics themselves are [`kindling_statistics::confusion`], [`kindling_statistics::curves`],
//! [`kindling_statistics::calibration`] and [`kindling_statistics::cost`].

mod choice;
mod own;
mod panels;
mod problem;
mod spec;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use kindling_protocol::event::EventBody;
use kindling_protocol::model::Architecture;
use kindling_statistics::calibration::{brier, expected_calibration_error, reliability};
use kindling_statistics::confusion::{Average, Confusion};
use kindling_statistics::cost::Costs;
use kindling_statistics::curves::Ranking;

use crate::host::{Interrupt, Lab, Run};
use crate::labs::parts::OWN;
use crate::train::checkpoint::config_hash;
use crate::train::rows::{Fit, enough, fit, probabilities};
use choice::Rule;
use problem::{Judged, Problem};

pub const LAB: Lab = Lab::new(spec::spec, spec::cost, |run| Box::pin(run_lab(run)));

const SLUG: &str = "metrics";
/// Bins of the calibration chart.
const BINS: usize = 10;
const BATCH: usize = 64;
const LEARNING_RATE: f64 = 0.01;

async fn run_lab(run: Run<'_>) -> Result<(), Interrupt> {
    let (problem, [validation, test]) = match run.knobs.word("data") {
        problem::RUN => Problem::of_run(&run).await?,
        _ => trained(&run).await?,
    };
    let (validation, test) = (problem.judge(&problem.validation, validation), problem.judge(&problem.test, test));

    // The threshold is chosen where the model was not trained, and judged where nothing was chosen.
    let costs = Costs { false_positive: run.knobs.number("cost-fp"), false_negative: run.knobs.number("cost-fn") };
    let threshold = match Rule::of(run.knobs.word("choose")) {
        Some(rule) => rule.threshold(&validation, costs),
        None => run.knobs.number("threshold"),
    };
    panels::show(&problem, &validation, &test, threshold, costs, &run).await?;
    let mut figures = figures(&test, threshold, costs, average(&run));
    let own = run.knobs.word("data") == OWN.0;
    if let Some(text) = own.then(|| own::undecided(&test, costs)).flatten() {
        figures.remove("excess");
        run.host.emit(EventBody::Note { text }).await?;
    }
    run.host.emit(EventBody::Report { figures, model: None }).await
}

/// A model trained here, and what it says of validation and test.
async fn trained(run: &Run<'_>) -> Result<(Problem, [Vec<f32>; 2]), Interrupt> {
    let problem = Problem::load(run).await?;
    enough(&[&problem.train, &problem.validation, &problem.test])?;
    let config = config_hash(SLUG, &run.knobs, run.seed, &problem.sums);
    let model = fit(
        &Fit {
            architecture: architecture(run, &problem),
            rows: &problem.train,
            classes: problem.classes.len(),
            seed: run.seed,
            epochs: run.knobs.count("epochs") as u64,
            batch: BATCH,
            learning_rate: LEARNING_RATE,
            weight_decay: 0.01,
            config: &config,
        },
        run,
    )
    .await?;
    let said = [probabilities(&model, &problem.validation).await, probabilities(&model, &problem.test).await];
    Ok((problem, said))
}

fn figures(test: &Judged, threshold: f64, costs: Costs, average: Average) -> BTreeMap<String, f64> {
    let ranking = Ranking::new(&test.truth, &test.scores);
    let decided = Confusion::at_threshold(&test.truth, &test.scores, threshold);
    let (rates, averaged) = (decided.cells(1).rates(), test.classes.averaged(average));
    let cost = costs.at_threshold(&ranking, threshold);
    let best = costs.cheapest(&ranking).1;
    let bins = reliability(&test.truth, &test.scores, BINS);
    [
        ("excess", excess(cost, best, &ranking, costs)),
        ("cost", cost),
        ("best_cost", best),
        ("threshold", threshold),
        ("accuracy", decided.accuracy()),
        ("precision", rates.precision),
        ("recall", rates.recall),
        ("f1", rates.f1),
        ("averaged_f1", averaged.f1),
        ("auc", ranking.auc().unwrap_or(0.5)),
        ("average_precision", ranking.average_precision()),
        ("calibration_error", expected_calibration_error(&bins)),
        ("brier", brier(&test.truth, &test.scores)),
    ]
    .map(|(name, value)| (name.to_string(), value))
    .into()
}

/// How much dearer than the best threshold would have been on this very set. Where that one costs nothing, as a share of
/// what it costs to treat all alike; where one of the two ways to do so is free as well, of the other.
fn excess(cost: f64, best: f64, ranking: &Ranking, costs: Costs) -> f64 {
    let [none, all] = [f64::INFINITY, f64::NEG_INFINITY].map(|threshold| costs.at_threshold(ranking, threshold));
    let measure = [best, none.min(all), none.max(all)].into_iter().find(|measure| *measure > 0.0);
    measure.map_or(0.0, |measure| (cost - best) / measure)
}

fn average(run: &Run<'_>) -> Average {
    match run.knobs.word("average") {
        "micro" => Average::Micro,
        "weighted" => Average::Weighted,
        _ => Average::Macro,
    }
}

fn architecture(run: &Run<'_>, problem: &Problem) -> Architecture {
    let hidden = if run.knobs.word("model") == "linear" { vec![] } else { vec![spec::HIDDEN] };
    Architecture::Mlp {
        inputs: problem.train.width as u32,
        hidden,
        classes: problem.classes.len() as u32,
        dropout: 0.0,
    }
}
