//! Thousands of experiments, as one run that pauses and resumes.

use kindling_protocol::event::{EventBody, Progress};
use kindling_protocol::knob::Knobs;
use serde::{Deserialize, Serialize};

use super::draw::{Design, Drawer};
use super::looks::{Judge, fixed};
use super::panels;
use crate::data::random;
use crate::host::{Interrupt, Run};
use crate::train::container;
use crate::train::run_loop::unfit;

/// True differences that are tried, as shares of the planned one. The first is none: an A/A test.
pub const EFFECTS: [f64; 5] = [0.0, 0.5, 0.75, 1.0, 1.5];
/// The place of the planned one.
pub const PLANNED: usize = 3;
/// Experiments a step.
const BLOCK: u64 = 100;
/// Of so many A/A tests there are real differences to one: power needs fewer to be known as well.
const FEWER: u64 = 4;
/// Times that the panels are filled on the way.
const LOOKS: u64 = 10;
/// The curve of the A/A tests so far.
pub const SERIES: &str = "false-positives";

/// What the experiments came to.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Counts {
    /// By effect: experiments, those that called the two different, looks until the end.
    pub runs: [u64; EFFECTS.len()],
    pub found: [u64; EFFECTS.len()],
    pub looks: [u64; EFFECTS.len()],
    pub of_looks: u64,
    /// A/A tests that were significant at this look or before: read naively, by spent alpha, by the p-value that is
    /// always valid.
    pub crossed: [Vec<u64>; 3],
}

impl Counts {
    /// The share that called the two different.
    pub fn rate(&self, effect: usize) -> f64 {
        self.found[effect] as f64 / self.runs[effect].max(1) as f64
    }

    /// The share of the planned samples that was needed on average.
    pub fn used(&self, effect: usize) -> f64 {
        self.looks[effect] as f64 / (self.runs[effect].max(1) * self.of_looks.max(1)) as f64
    }
}

/// Steps of each effect.
fn blocks(knobs: &Knobs) -> [u64; EFFECTS.len()] {
    let all = (knobs.count("experiments") as u64).div_ceil(BLOCK);
    let mut blocks = [all.div_ceil(FEWER); EFFECTS.len()];
    blocks[0] = all;
    blocks
}

pub fn steps(knobs: &Knobs) -> u64 {
    blocks(knobs).iter().sum()
}

/// [`Counts`] as JSON.
pub async fn simulate(design: &Design, config: &str, run: Run<'_>) -> Result<Vec<u8>, Interrupt> {
    let (blocks, steps) = (blocks(&run.knobs), steps(&run.knobs));
    let judge = Judge::new(design);
    let drawers = EFFECTS.map(|share| Drawer::new(design, share * design.effect));
    let none = vec![0; design.looks];
    let mut counts =
        Counts { of_looks: design.looks as u64, crossed: [none.clone(), none.clone(), none], ..Counts::default() };
    let look_every = steps.div_ceil(LOOKS);
    let mut step = 0;
    if let Some(bytes) = &run.resume {
        (step, counts) = container::read(bytes, config).map_err(|error| unfit(&error))?.0;
    }
    while step < steps {
        let (effect, block) = place(step, &blocks);
        for experiment in block * BLOCK..(block + 1) * BLOCK {
            let mut stream = random::stream(run.seed, "ab-test", effect as u64, experiment);
            let seen = drawers[effect].draw(&mut stream);
            let verdict = judge.verdict(&seen, &mut stream);
            counts.runs[effect] += 1;
            counts.found[effect] += u64::from(verdict.is_some());
            counts.looks[effect] += verdict.map_or(design.looks, |look| look + 1) as u64;
            if effect == 0 {
                let mut crossed = [false; 3];
                for (look, seen) in seen.iter().enumerate() {
                    crossed[0] |= fixed(seen).p < design.alpha;
                    crossed[1] |= judge.crosses(look, seen);
                    crossed[2] |= judge.always_valid(seen) < design.alpha;
                    for (rule, crossed) in crossed.into_iter().enumerate() {
                        counts.crossed[rule][look] += u64::from(crossed);
                    }
                }
            }
        }
        step += 1;
        if effect == 0 {
            let values = [(SERIES.to_string(), counts.rate(0))].into();
            run.host.emit(EventBody::Points { step, epoch: step as f64, values }).await?;
        }
        if step.is_multiple_of(look_every) && step < steps {
            panels::experiments(design, &counts, run.host).await?;
        }
        // No samples: nobody learns from them.
        let progress = Progress { step, steps, epoch: step as f64, ..Progress::default() };
        let tick = run.host.tick(&progress).await?;
        if tick.checkpoint {
            run.host.checkpoint(step, container::write(&(step, &counts), config, &[])).await?;
        }
        if tick.stop {
            return Err(Interrupt::Stop);
        }
    }
    Ok(serde_json::to_vec(&counts).expect("plain data"))
}

/// Which effect a step tries, and how many of its blocks came before.
fn place(step: u64, blocks: &[u64; EFFECTS.len()]) -> (usize, u64) {
    let mut left = step;
    for (effect, count) in blocks.iter().enumerate() {
        if left < *count {
            return (effect, left);
        }
        left -= count;
    }
    unreachable!("there are no more steps than blocks")
}
