//! The search: which configurations are trained, for how long, and what is kept so that none is trained twice, also not
//! by a later run.

use std::cell::OnceCell;
use std::collections::VecDeque;

use kindling_protocol::event::{EventBody, Progress};
use kindling_protocol::knob::Knobs;
use kindling_protocol::text::Text;

use super::memory::{Memory, Scores};
use super::problem::Problem;
use super::space::{Config, Space};
use super::{LAB, member, panels, spec};
use crate::crew::gather;
use crate::data::random;
use crate::host::{Interrupt, Run};
use crate::nn::weights::sha256_hex;
use crate::train::container;
use crate::train::run_loop::unfit;

/// Of so many configurations one goes on to the next rung, which trains so many times as long.
const REDUCTION: u64 = 3;
/// More workers than that share little of what is left of a search's time.
const WORKERS: usize = 8;
/// Trainings that a worker has been asked for: one that it does and one that waits, so that it never does.
const ASKED: usize = 2;
/// Times that the panels are filled on the way.
const LOOKS: usize = 5;
pub const SCORE: &str = "score";
pub const BEST: &str = "best";

/// A configuration trained for so many epochs on all folds but one, for each fold.
pub struct Trial {
    pub config: Config,
    pub epochs: u64,
    /// The mean over the folds.
    pub score: f64,
    /// The standard deviation over the folds.
    pub deviation: f64,
    /// Epochs trained until then in the whole search, each on all folds.
    pub cost: u64,
}

/// How many configurations are trained for how many epochs, rung by rung. Successive halving (Jamieson and Talwalkar
/// 2016) spends on every rung the same, and in all what the others spend on their one; a rung trains from scratch.
pub fn rungs(knobs: &Knobs) -> Vec<(usize, u64)> {
    let (trials, most) = (knobs.count("trials") as u64, knobs.count("epochs") as u64);
    match knobs.word("method") {
        "halving" => {}
        "grid" => {
            let space = Space::new(knobs, spec::searched(knobs));
            return vec![(space.grid(trials as usize).len(), most)];
        }
        _ => return vec![(trials as usize, most)],
    }
    let mut epochs = vec![most];
    while epochs[0] >= REDUCTION {
        epochs.insert(0, epochs[0] / REDUCTION);
    }
    let share = trials * most / epochs.len() as u64;
    epochs.into_iter().map(|epochs| ((share / epochs).max(1) as usize, epochs)).collect()
}

/// What a training is kept under: the hash of its configuration and length.
fn key(config: &Config, epochs: u64) -> String {
    sha256_hex(&serde_json::to_vec(&(config, epochs)).expect("plain data"))
}

/// The trials in their order. Workers train several at once; answers are taken in the order of the questions, so that
/// nothing depends on which of them is done first.
pub async fn search(problem: &Problem, space: &Space, name: &str, run: &Run<'_>) -> Result<Vec<Trial>, Interrupt> {
    let rungs = rungs(&run.knobs);
    let mut configs = match run.knobs.word("method") {
        "grid" => space.grid(rungs[0].0),
        _ => space.random(rungs[0].0, &mut random::stream(run.seed, "search", 0, 0)),
    };
    let folds = problem.folds.len();
    let all = rungs.iter().map(|rung| rung.0).sum::<usize>();
    let (steps, look_every) = ((all * folds) as u64, all.div_ceil(LOOKS));
    // All that a checkpoint holds: the search goes through its trials again and trains what is missing.
    let mut kept = Scores::new();
    if let Some(bytes) = &run.resume {
        kept = container::read(bytes, name).map_err(|error| unfit(&error))?.0;
    }
    let mut step = kept.values().map(Vec::len).sum::<usize>() as u64;
    let setup = member::setup(problem, run.seed);
    let memory = Memory::recall(run.host, &setup, run.knobs.flag("recall")).await;
    let (mut recalled, mut samples) = (0, 0);
    // Not gathered where all is known.
    let crew = OnceCell::new();
    let mut next = 0;
    let (mut trials, mut cost, mut best) = (Vec::<Trial>::new(), 0, 0.0f64);
    for (count, epochs) in rungs {
        configs.truncate(count);
        let rung = trials.len();
        let mut missing = Vec::new();
        for (place, config) in configs.iter().enumerate() {
            if !configs[..place].contains(config) {
                let key = key(config, epochs);
                let known = [&kept, &memory.scores].map(|scores| scores.get(&key).map_or(0, Vec::len));
                missing.extend((known[0].max(known[1])..folds).map(|fold| member::ask(config, epochs, fold)));
            }
        }
        if !missing.is_empty() && crew.get().is_none() {
            crew.set(gather(&LAB, run, WORKERS, &setup).await?).ok().expect("it is gathered once");
        }
        let (mut missing, mut asked) = (missing.into_iter(), VecDeque::new());
        for config in &configs {
            let key = key(config, epochs);
            let before = kept.get(&key).map_or(0, Vec::len);
            let rows = |fold: usize| problem.folds[fold].0.labels.len() as u64;
            if !trials.iter().any(|trial| trial.config == *config && trial.epochs == epochs) {
                cost += epochs;
                samples += epochs * (0..before).map(rows).sum::<u64>();
            }
            for fold in before..folds {
                if let Some(crew) = crew.get() {
                    while asked.len() < ASKED * crew.size()
                        && let Some(ask) = missing.next()
                    {
                        asked.push_back(crew.ask(next, ask));
                        next = (next + 1) % crew.size();
                    }
                }
                let score = match memory.scores.get(&key).and_then(|scores| scores.get(fold)) {
                    Some(&score) => {
                        recalled += 1;
                        score
                    }
                    None => {
                        let answer = asked.pop_front().expect("what is not known is asked").await?;
                        samples += epochs * rows(fold);
                        member::answered(&answer.bytes).to_bits()
                    }
                };
                kept.entry(key.clone()).or_default().push(score);
                step += 1;

                if fold + 1 == folds {
                    let score = mean(&kept[&key]);
                    let values = [(SCORE.to_string(), score), (BEST.to_string(), best.max(score))].into();
                    run.host.emit(EventBody::Points { step, epoch: cost as f64, values }).await?;
                }
                // Without those of what an earlier run knew, which take no time and say nothing of the speed (but for those
                // before a cut, which a checkpoint does not tell apart).
                let progress = Progress { step, steps, epoch: cost as f64, samples, ..Progress::default() };
                let tick = run.host.tick(&progress).await?;
                if tick.checkpoint {
                    run.host.checkpoint(step, container::write(&kept, name, &[])).await?;
                }
                if tick.stop {
                    memory.remember(run.host, kept);
                    return Err(Interrupt::Stop);
                }
            }
            let (score, deviation) = (mean(&kept[&key]), deviation(&kept[&key]));
            best = best.max(score);
            trials.push(Trial { config: *config, epochs, score, deviation, cost });
            if trials.len().is_multiple_of(look_every) && trials.len() < all {
                panels::show(space, &trials, run.host).await?;
            }
        }
        let mut order: Vec<&Trial> = trials[rung..].iter().collect();
        order.sort_by(|one, other| other.score.total_cmp(&one.score));
        configs = order.into_iter().map(|trial| trial.config).collect();
    }
    memory.remember(run.host, kept);
    if recalled > 0 {
        run.host.emit(EventBody::Note { text: known_before(recalled, steps) }).await?;
    }
    Ok(trials)
}

fn known_before(recalled: u64, steps: u64) -> Text {
    Text {
        en: format!("{recalled} of {steps} trainings are of earlier runs, which had the same data, folds and seed.")
            .into(),
        zh: format!("{steps} 次训练中有 {recalled} 次沿用了之前运行的结果（数据、折和种子都相同）。").into(),
    }
}

fn mean(scores: &[u64]) -> f64 {
    scores.iter().map(|&score| f64::from_bits(score)).sum::<f64>() / scores.len() as f64
}

fn deviation(scores: &[u64]) -> f64 {
    let middle = mean(scores);
    let square = |&score: &u64| (f64::from_bits(score) - middle) * (f64::from_bits(score) - middle);
    (scores.iter().map(square).sum::<f64>() / scores.len() as f64).sqrt()
}
