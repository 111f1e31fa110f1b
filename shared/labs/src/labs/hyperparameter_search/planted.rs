//! A task of which we know that two of its six hyperparameters matter: grid against chance, many times over.

use super::space::{Config, MOMENTUM, RATE, Space};
use crate::data::random;

/// Points that each of the two tries, whatever the run's own budget: the least that a full grid over six
/// hyperparameters can spend on more than one level of each. Of the 27 that a run has by default it would spend one.
pub const BUDGET: usize = 64;
const REPETITIONS: u64 = 400;

/// The best score so far after each trial, on average over the repetitions.
pub struct Contest {
    pub random: Vec<f64>,
    pub grid: Vec<f64>,
    /// The share of the repetitions in which chance found the better one.
    pub won: f64,
}

/// Where a task has its best.
struct Task {
    log_rate: f64,
    momentum: f64,
}

impl Task {
    /// From 0 to 1: good within half a decade of the right learning rate, and near the right momentum.
    fn score(&self, config: &Config) -> f64 {
        let rate = (libm::log10(config[RATE]) - self.log_rate) / 0.5;
        let momentum = (config[MOMENTUM] - self.momentum) / 0.2;
        libm::exp(-0.5 * (rate * rate + momentum * momentum))
    }
}

pub fn contest(space: &Space, seed: u64) -> Contest {
    let mut contest = Contest { random: vec![0.0; BUDGET], grid: vec![0.0; BUDGET], won: 0.0 };
    let grid = space.grid(BUDGET);
    for repetition in 0..REPETITIONS {
        let mut stream = random::stream(seed, "planted", 0, repetition);
        let log_rate = f64::from(stream.between(-3.5, -0.5));
        let task = Task { log_rate, momentum: f64::from(stream.unit()) };
        let drawn = space.random(BUDGET, &mut stream);
        // In any order: the last point of a grid is as good as its first.
        let mut grid = grid.clone();
        stream.shuffle(&mut grid);
        let [random, grid] = [(&drawn, &mut contest.random), (&grid, &mut contest.grid)].map(|(configs, means)| {
            let mut best = 0.0f64;
            for (config, mean) in configs.iter().zip(means) {
                best = best.max(task.score(config));
                *mean += best / REPETITIONS as f64;
            }
            best
        });
        contest.won += f64::from(u8::from(random > grid)) / REPETITIONS as f64;
    }
    contest
}
