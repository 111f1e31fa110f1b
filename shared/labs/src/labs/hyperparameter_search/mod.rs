//! Hyperparameter search: grid, chance and successive halving, judged by cross-validation.
//!
//! - [`spec`]: knobs, goals and panels.
//! - [`space`]: six hyperparameters and their ranges, grids and draws.
//! - [`folds`]: stratified folds; [`problem`]: the data in them.
//! - [`net`]: the network that is tuned.
//! - [`member`]: one training, as a worker of the crew does it.
//! - [`search`]: trials, each kept by its configuration. [`memory`]: those of earlier runs.
//! - [`planted`]: grid against chance where two of six matter.
//! - [`panels`]: score over two hyperparameters, parallel coordinates, best so far against cost.

mod folds;
mod member;
mod memory;
mod net;
mod panels;
mod planted;
mod problem;
mod search;
mod space;
mod spec;
#[cfg(test)]
mod tests;

use burn::tensor::Device;
use kindling_protocol::event::EventBody;
use kindling_protocol::text::{Text, text};

use crate::host::{Interrupt, Lab, Run};
use crate::train::checkpoint::config_hash;
use net::Net;
use problem::Problem;
use search::Trial;
use space::{DIMS, Space};

pub const LAB: Lab = Lab::new(spec::spec, spec::cost, |run| Box::pin(run_lab(run))).with_crew(member::join);

const SLUG: &str = "hyperparameter-search";

/// Said where another device was asked for.
const ON_THE_CPU: Text = text(
    "All of it is computed on the CPU here too: the networks are so small that training them takes less time than calling a GPU's kernels.",
    "这里的计算同样全部由 CPU 完成：网络很小，训练它们比调用 GPU 内核还快。",
);

async fn run_lab(run: Run<'_>) -> Result<(), Interrupt> {
    if run.device != Device::flex() {
        run.host.emit(EventBody::Note { text: ON_THE_CPU }).await?;
    }
    let contest = planted::contest(&Space::new(&run.knobs, DIMS), run.seed);
    run.host.emit(panels::planted(&contest)).await?;

    let problem = Problem::load(&run).await?;
    let space = Space::new(&run.knobs, spec::searched(&run.knobs));
    let name = config_hash(SLUG, &run.knobs, run.seed, &problem.sums);
    let trials = search::search(&problem, &space, &name, &run).await?;
    panels::show(&space, &trials, run.host).await?;

    // The folds have chosen. The test part is asked once, of the one that they chose, trained on all of them.
    let chosen = best(&trials);
    let (train, test) = &problem.last;
    let accuracy = Net::train(train, problem.classes, &chosen.config, chosen.epochs, run.seed).accuracy(test);
    let [random, grid] = [&contest.random, &contest.grid].map(|scores| scores[planted::BUDGET - 1]);
    let figures = [
        ("advantage", random - grid),
        ("planted_random", random),
        ("planted_grid", grid),
        ("planted_won", contest.won),
        ("folds_accuracy", chosen.score),
        ("test_accuracy", accuracy),
        ("optimism", chosen.score - accuracy),
        ("trials", trials.len() as f64),
        ("cost", trials.last().map_or(0, |trial| trial.cost) as f64),
    ]
    .map(|(name, value)| (name.to_string(), value))
    .into();
    run.host.emit(EventBody::Report { figures, model: None }).await
}

/// The best of those that were trained longest; of equals the first.
fn best(trials: &[Trial]) -> &Trial {
    let last = trials.iter().map(|trial| trial.epochs).max();
    let longest = trials.iter().filter(|trial| Some(trial.epochs) == last);
    longest.reduce(|best, trial| if trial.score > best.score { trial } else { best }).expect("a search tries something")
}
