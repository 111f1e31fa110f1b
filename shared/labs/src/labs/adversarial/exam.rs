//! The exam: accuracy on test pictures that were attacked, by whom and how strongly.

use std::collections::BTreeMap;

use burn::tensor::Tensor;
use kindling_protocol::event::Progress;
use kindling_protocol::knob::Knobs;

use super::attack::{self, Aim, Pgd, Shown};
use super::net::{self, Net};
use super::panels;
use crate::data::idx::Digits;
use crate::host::{Interrupt, Run};
use crate::train::run_loop::{internal, unfit};

/// Whom an attack is made on, and whom it is tried against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Who {
    Undefended,
    /// The undefended network from another seed.
    Twin,
    Defended,
    /// The undefended network behind the transform, its slope as it is.
    Transformed,
    /// The same, attacked by somebody who knows how to go round the transform.
    TransformedKnown,
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub enum How {
    Noise,
    Fgsm,
    Pgd,
    /// PGD from the random start of this number, on the pictures that withstood all earlier ones. A picture counts as
    /// right if no start leads to one that is read wrongly.
    Restart(usize),
}

/// One attack on all test pictures, tried against some networks.
pub struct Trial {
    on: Who,
    how: How,
    eps: f64,
    against: Vec<Who>,
}

/// Sizes that the curves are drawn at, beside those that the goals speak of.
const SIZES: [f64; 7] = [0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.4];
/// The size that the defended network is judged at, whatever it was trained with.
pub const JUDGED: f64 = 0.2;

/// Pictures attacked at once.
const AT_ONCE: usize = 500;

/// Sizes of the curves from none on.
pub fn sizes(knobs: &Knobs) -> Vec<f64> {
    let mut sizes: Vec<f64> = SIZES.into_iter().chain([0.0, knobs.number("eps")]).collect();
    sizes.sort_by(f64::total_cmp);
    sizes.dedup();
    sizes
}

pub fn trials(knobs: &Knobs) -> Vec<Trial> {
    let mut trials = Vec::new();
    let chosen = knobs.number("eps");
    let everyone = vec![Who::Undefended, Who::Twin, Who::Defended, Who::Transformed];
    for eps in sizes(knobs) {
        for on in [Who::Undefended, Who::Defended] {
            for how in [How::Noise, How::Fgsm, How::Pgd] {
                let against = if (how, eps) == (How::Pgd, chosen) { everyone.clone() } else { vec![on] };
                trials.push(Trial { on, how, eps, against });
            }
        }
    }
    trials.push(Trial { on: Who::Twin, how: How::Pgd, eps: chosen, against: everyone });
    trials.push(Trial { on: Who::Twin, how: How::Noise, eps: 0.0, against: vec![Who::Twin, Who::Transformed] });
    for on in [Who::Transformed, Who::TransformedKnown] {
        trials.push(Trial { on, how: How::Pgd, eps: chosen, against: vec![Who::Transformed] });
    }
    let restart =
        |number| Trial { on: Who::Defended, how: How::Restart(number), eps: chosen, against: vec![Who::Defended] };
    trials.extend((0..restarts(knobs)).map(restart));
    trials
}

/// Random starts of the last attack on the defended network. A single one is the PGD that the curve has.
fn restarts(knobs: &Knobs) -> usize {
    Some(knobs.count("restarts")).filter(|&restarts| restarts > 1).unwrap_or(0)
}

/// The accuracy of the defended network where the worst of all starts counts.
pub fn worst(marks: &Marks, knobs: &Knobs) -> f64 {
    let last = restarts(knobs).checked_sub(1).map_or(How::Pgd, How::Restart);
    mark(marks, Who::Defended, last, knobs.number("eps"), Who::Defended)
}

/// Slopes that all trials take for each picture.
pub fn gradients(knobs: &Knobs) -> usize {
    let slopes = |trial: &Trial| match trial.how {
        How::Noise => 0,
        How::Fgsm => 1,
        How::Pgd | How::Restart(_) => knobs.count("steps"),
    };
    trials(knobs).iter().map(slopes).sum()
}

/// Accuracies by what they are of.
pub type Marks = BTreeMap<String, f64>;

/// The accuracy of `against` on pictures that were attacked `how` by `eps` on `on`.
pub fn mark(marks: &Marks, on: Who, how: How, eps: f64, against: Who) -> f64 {
    known(marks, on, how, eps, against).expect("the whole exam was sat")
}

/// The same, if it was tried already.
pub fn known(marks: &Marks, on: Who, how: How, eps: f64, against: Who) -> Option<f64> {
    marks.get(&name(on, how, eps, against)).copied()
}

fn name(on: Who, how: How, eps: f64, against: Who) -> String {
    format!("{how:?} of {eps} on {on:?} against {against:?}")
}

/// The networks that sit the exam.
pub struct Class {
    pub undefended: Net,
    pub twin: Net,
    pub defended: Net,
    pub transformed: Net,
}

impl Class {
    fn net(&self, who: Who) -> &Net {
        match who {
            Who::Undefended => &self.undefended,
            Who::Twin => &self.twin,
            Who::Defended => &self.defended,
            Who::Transformed | Who::TransformedKnown => &self.transformed,
        }
    }

    /// The pictures after an attack on one of the networks, so many at once as a browser has memory for.
    pub fn attacked(&self, shown: &Shown, on: Who, how: How, eps: f64, run: &Run<'_>) -> Tensor<2> {
        let count = shown.pictures.dims()[0];
        let attacked = (0..count).step_by(AT_ONCE).enumerate().map(|(part, from)| {
            let rows = |all: &Tensor<2>| all.clone().narrow(0, from, AT_ONCE.min(count - from));
            let few = Shown { pictures: rows(&shown.pictures), targets: rows(&shown.targets) };
            self.attacked_at_once(&few, part as u64, on, how, eps, run)
        });
        Tensor::cat(attacked.collect(), 0)
    }

    fn attacked_at_once(&self, shown: &Shown, part: u64, on: Who, how: How, eps: f64, run: &Run<'_>) -> Tensor<2> {
        let net = self.net(on);
        let victim = |pictures: Tensor<2>| match on {
            Who::TransformedKnown => net.logits_with_slope(pictures),
            _ => net.logits(pictures),
        };
        let start = |number| attack::random_start(&shown.pictures, eps, run.seed, number, part);
        let pgd = Pgd::new(eps, run.knobs.count("steps")).at(Aim::Margin);
        match how {
            _ if eps == 0.0 => shown.pictures.clone(),
            How::Noise => start(0),
            How::Fgsm => attack::fgsm(&victim, shown, eps),
            How::Pgd => attack::pgd(&victim, shown, start(0), pgd),
            How::Restart(number) => attack::pgd(&victim, shown, start(number as u64), pgd),
        }
    }

    /// All trials, one a step. What comes back are [`Marks`] as JSON.
    pub async fn sit(&self, test: &Digits, run: &Run<'_>) -> Result<Vec<u8>, Interrupt> {
        let trials = trials(&run.knobs);
        // Which pictures have withstood every restart so far.
        let (mut done, mut marks, mut standing): (usize, Marks, Vec<usize>) = match &run.resume {
            Some(bytes) => serde_json::from_slice(bytes).map_err(|error| unfit(&error))?,
            None => (0, Marks::new(), (0..test.len()).collect()),
        };
        let shown = net::shown(test, run);
        while let Some(trial) = trials.get(done) {
            if let How::Restart(_) = trial.how {
                standing = self.withstands(trial, test, standing, run).await;
                let share = standing.len() as f64 / test.len() as f64;
                marks.insert(name(trial.on, trial.how, trial.eps, trial.on), share);
            } else {
                let pictures = self.attacked(&shown, trial.on, trial.how, trial.eps, run);
                for &against in &trial.against {
                    let scored = self.net(against).score(pictures.clone(), &test.labels).await;
                    marks.insert(name(trial.on, trial.how, trial.eps, against), scored.accuracy());
                }
            }
            done += 1;
            // The last one of a size of the curves.
            if (trial.on, trial.how) == (Who::Defended, How::Pgd) {
                panels::robust_curve(&marks, run).await?;
            }
            let (step, steps) = (done as u64, trials.len() as u64);
            // No samples: nobody learns from these pictures.
            let progress = Progress { step, steps, ..Progress::default() };
            let tick = run.host.tick(&progress).await?;
            if tick.checkpoint {
                let bytes = serde_json::to_vec(&(done, &marks, &standing)).map_err(|error| internal(&error))?;
                run.host.checkpoint(step, bytes).await?;
            }
            if tick.stop {
                return Err(Interrupt::Stop);
            }
        }
        serde_json::to_vec(&marks).map_err(|error| internal(&error))
    }

    /// Those of the pictures that are still read rightly after one more attack.
    async fn withstands(&self, trial: &Trial, test: &Digits, standing: Vec<usize>, run: &Run<'_>) -> Vec<usize> {
        if standing.is_empty() {
            return standing;
        }
        let picked = test.pick(standing.iter().copied());
        let pictures = self.attacked(&net::shown(&picked, run), trial.on, trial.how, trial.eps, run);
        let scored = self.net(trial.on).score(pictures, &picked.labels).await;
        let right = |place: &usize| scored.predicted(*place) == usize::from(picked.labels[*place]);
        (0..standing.len()).filter(right).map(|place| standing[place]).collect()
    }
}
