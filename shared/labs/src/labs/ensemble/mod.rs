//! Ensembles: several networks vote, and are right more often than any of them.
//!
//! - [`plan`]: who the members are, and in what they differ.
//! - [`sets`]: the data, and bootstrap shares of it.
//! - [`vote`]: soft, hard and weighted voting.
//! - [`Council`] (here): the members' say on the test set, and what a vote makes of it. [`panels`], [`spec`].
//! - [`own`]: what the goals can say on a table of the learner's own.
//!
//! Whether a vote is as sure as it should be, [`kindling_statistics::calibration`] says.

mod own;
mod panels;
mod plan;
mod sets;
mod spec;
#[cfg(test)]
mod tests;
mod vote;

use std::collections::BTreeMap;

use kindling_protocol::event::EventBody;
use kindling_protocol::knob::Knobs;
use kindling_protocol::model::Dtype;
use kindling_statistics::calibration::{expected_calibration_error, log_loss, reliability};

use crate::host::{Interrupt, Lab, Run};
use crate::labs::parts::OWN;
use crate::nn::model::Classifier;
use crate::nn::{state, weights};
use crate::train::checkpoint::config_hash;
use crate::train::rows::{Fit, Rows, fit, probabilities};
use crate::train::run_loop::internal;
use crate::train::stages::Stages;
use plan::Member;
use sets::Sets;

pub const LAB: Lab = Lab::new(spec::spec, plan::cost, |run| Box::pin(run_lab(run)));

const SLUG: &str = "ensemble";

async fn run_lab(run: Run<'_>) -> Result<(), Interrupt> {
    let sets = Sets::load(&run).await?;
    let members = plan::members(&run.knobs, run.seed, sets.train.width, sets.classes.len());
    let config = config_hash(SLUG, &run.knobs, run.seed, &sets.sums);
    let steps: Vec<u64> =
        members.iter().map(|member| task(&run.knobs, member, &sets.train, &sets, &config).steps()).collect();
    let mut stages = Stages::begin(&run, &config, &steps)?;
    let (mut validated, mut tested) = (Vec::new(), Vec::new());
    for member in &members {
        let work = async |run: Run<'_>| {
            // As many rows as all, and gone with the stage: eight shares of MNIST are half a gigabyte.
            let share = member.bootstrap.then(|| sets::bootstrap(&sets.train, member.seed));
            let task = task(&run.knobs, member, share.as_ref().unwrap_or(&sets.train), &sets, &config);
            Ok(weights::write(&state::take(&fit(&task, &run).await?).await))
        };
        let bytes = stages.next(|series| Some(format!("member-{series}")), work).await?;
        let model = read(&bytes, member, &run)?;
        validated.push(said(&model, &sets.validation).await);
        tested.push(said(&model, &sets.test).await);
    }

    let council = Council::new(&run.knobs, validated, tested, &sets);
    panels::show(&council, &sets.told, run.host).await?;
    let mut figures = council.figures();
    if run.knobs.word("data") == OWN.0 {
        run.host.emit(EventBody::Note { text: own::VOTE }).await?;
        if let Some(text) = own::undecided(figures["mean_loss"]) {
            figures.remove("loss_gain");
            run.host.emit(EventBody::Note { text }).await?;
        }
    }
    run.host.emit(EventBody::Report { figures, model: None }).await
}

fn task<'a>(knobs: &Knobs, member: &Member, rows: &'a Rows, sets: &Sets, config: &'a str) -> Fit<'a> {
    Fit {
        architecture: member.architecture.clone(),
        rows,
        classes: sets.classes.len(),
        seed: member.seed,
        epochs: knobs.count("epochs") as u64,
        batch: knobs.count("batch"),
        learning_rate: knobs.number("lr"),
        weight_decay: 0.0,
        config,
    }
}

fn read(bytes: &[u8], member: &Member, run: &Run<'_>) -> Result<Classifier, Interrupt> {
    let empty = Classifier::empty(&member.architecture, &run.device).map_err(|error| internal(&error))?;
    let values = weights::read(bytes, Dtype::F32).map_err(|error| internal(&error))?;
    state::put(empty, values).map_err(|error| internal(&error))
}

/// Probabilities `[rows, classes]`.
async fn said(model: &Classifier, rows: &Rows) -> Vec<f64> {
    probabilities(model, rows).await.into_iter().map(f64::from).collect()
}

/// What the members say of the test set, and what is made of it.
struct Council {
    classes: Vec<String>,
    truth: Vec<u32>,
    /// Probabilities `[samples, classes]` of each member.
    members: Vec<Vec<f64>>,
    /// One a member, where votes have weights.
    weights: Option<Vec<f64>>,
    hard: bool,
    /// The mean of the probabilities, by the weights.
    mean: Vec<f64>,
    /// What is voted on: the mean, or shares of hard votes.
    vote: Vec<f64>,
}

impl Council {
    fn new(knobs: &Knobs, validated: Vec<Vec<f64>>, members: Vec<Vec<f64>>, sets: &Sets) -> Council {
        let classes = sets.classes.len();
        let weigh = |said: &Vec<f64>| vote::weight(accuracy(said, &sets.validation.labels, classes), classes);
        let weights = (knobs.word("weights") == "accuracy").then(|| validated.iter().map(weigh).collect::<Vec<_>>());
        // Where no member is better than chance all weights are nothing, and no vote is better than another.
        let weights = weights.filter(|weights| weights.iter().sum::<f64>() > 0.0);
        let mean = vote::soft(&members, weights.as_deref());
        let mut council = Council {
            classes: sets.classes.clone(),
            truth: sets.test.labels.clone(),
            members,
            weights,
            hard: knobs.word("voting") == "hard",
            mean,
            vote: vec![],
        };
        council.vote = council.vote_of(&(0..council.members.len()).collect::<Vec<_>>());
        council
    }

    /// The vote of some of the members.
    fn vote_of(&self, chosen: &[usize]) -> Vec<f64> {
        let members: Vec<Vec<f64>> = chosen.iter().map(|&member| self.members[member].clone()).collect();
        let weights =
            self.weights.as_ref().map(|weights| chosen.iter().map(|&member| weights[member]).collect::<Vec<_>>());
        let weights = weights.filter(|weights| weights.iter().sum::<f64>() > 0.0);
        match self.hard {
            true => vote::hard(&members, weights.as_deref(), self.classes.len()),
            false => vote::soft(&members, weights.as_deref()),
        }
    }

    fn accuracy(&self, said: &[f64]) -> f64 {
        accuracy(said, &self.truth, self.classes.len())
    }

    fn accuracy_of(&self, member: usize) -> f64 {
        self.accuracy(&self.members[member])
    }

    fn loss(&self, said: &[f64]) -> f64 {
        log_loss(&self.truth, said, self.classes.len())
    }

    /// The members' mean loss, by the weights of their votes.
    fn mean_loss(&self) -> f64 {
        let losses: Vec<Vec<f64>> = self.members.iter().map(|member| vec![self.loss(member)]).collect();
        vote::soft(&losses, self.weights.as_deref())[0]
    }

    /// The gap between confidence and accuracy.
    fn miscalibration(&self, said: &[f64]) -> f64 {
        let (said, right): (Vec<f64>, Vec<bool>) = self.answers(said).into_iter().unzip();
        expected_calibration_error(&reliability(&right, &said, 15))
    }

    fn figures(&self) -> BTreeMap<String, f64> {
        let count = self.members.len();
        let mean = |values: Vec<f64>| values.iter().sum::<f64>() / values.len().max(1) as f64;
        let accuracies: Vec<f64> = (0..count).map(|member| self.accuracy_of(member)).collect();
        let best = accuracies.iter().copied().fold(0.0, f64::max);
        let differ =
            |one: usize, other: usize| vote::disagreement(&self.members[one], &self.members[other], self.classes.len());
        let pairs = (0..count).flat_map(|one| (0..one).map(move |other| (one, other)));
        [
            ("vote", self.accuracy(&self.vote)),
            ("best_member", best),
            ("mean_member", mean(accuracies)),
            ("gain", self.accuracy(&self.vote) - best),
            ("mean_loss", self.mean_loss()),
            ("loss_of_mean", self.loss(&self.mean)),
            ("loss_gain", self.mean_loss() - self.loss(&self.mean)),
            ("disagreement", mean(pairs.map(|(one, other)| differ(one, other)).collect())),
            ("member_ece", mean(self.members.iter().map(|member| self.miscalibration(member)).collect())),
            ("vote_ece", self.miscalibration(&self.mean)),
        ]
        .map(|(name, value)| (name.to_string(), value))
        .into()
    }
}

fn accuracy(said: &[f64], truth: &[u32], classes: usize) -> f64 {
    let right = said.chunks(classes).zip(truth).filter(|(row, truth)| vote::argmax(row) == **truth as usize).count();
    right as f64 / truth.len().max(1) as f64
}
