//! From knobs to a network, a plan and a cost.

use kindling_protocol::knob::Knobs;
use kindling_protocol::lab::Cost;

use super::replica::{Activation, Network};
use super::samples::Kind;
use crate::data::cifar;
use crate::data::mnist::CLASSES;
use crate::data::size::{on_its_way, pictures_in_memory};
use crate::train::run_loop::LEARNING_RATE;

pub fn network(knobs: &Knobs) -> Network {
    let activation = if knobs.word("activation") == "relu" { Activation::Relu } else { Activation::Tanh };
    Network { kind: Kind::of(knobs.word("data")), hidden: knobs.count("width"), activation }
}

/// Of colour pictures not more than a part of CIFAR-10 has: a second one is another 31 MB.
pub fn sample_count(knobs: &Knobs) -> usize {
    let wanted = knobs.count("samples");
    match Kind::of(knobs.word("data")) {
        Kind::Digits => wanted,
        Kind::Colour => wanted.min(cifar::PART),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Compression {
    None,
    TopK { feedback: bool },
}

/// What is done at a step.
#[derive(Clone, Debug)]
pub struct Plan {
    pub replicas: usize,
    /// Of one replica.
    pub batch: usize,
    pub steps_per_epoch: u64,
    pub steps: u64,
    /// Learning rate of one worker with one replica's batch. It may be turned: see [`Plan::with_rate`].
    pub base_rate: f64,
    /// Of the large batch, however many replicas share it.
    pub rate: f64,
    /// `rate` is that of one worker times the replicas.
    pub scaled: bool,
    pub momentum: f64,
    /// Local SGD: steps between two averages of the weights.
    pub local: Option<u64>,
    pub sums: bool,
    pub compression: Compression,
    /// Share of the numbers that top-k sends.
    pub keep: f64,
    pub straggler: f64,
    pub latency_ms: f64,
    pub bytes_per_ms: f64,
}

impl Plan {
    pub fn of(knobs: &Knobs, samples: usize) -> Plan {
        let (replicas, base_rate) = (knobs.count("replicas"), knobs.number(LEARNING_RATE));
        // A last batch that is not full would be shared unequally: it is left out.
        let batch = knobs.count("batch").min(samples / replicas);
        let steps_per_epoch = (samples / (replicas * batch)) as u64;
        let plan = Plan {
            replicas,
            batch,
            steps_per_epoch,
            steps: knobs.count("epochs") as u64 * steps_per_epoch,
            base_rate,
            rate: base_rate,
            scaled: knobs.word("scaling") == "linear",
            momentum: knobs.number("momentum"),
            local: (knobs.word("mode") == "local").then(|| knobs.count("local-steps") as u64),
            sums: knobs.word("reduce") == "sum",
            compression: match knobs.word("compression") {
                "none" => Compression::None,
                word => Compression::TopK { feedback: word == "feedback" },
            },
            keep: knobs.number("keep"),
            straggler: knobs.number("straggler"),
            latency_ms: knobs.number("latency"),
            bytes_per_ms: knobs.number("bandwidth") * 1e6 / 8.0,
        };
        plan.with_rate(base_rate)
    }

    /// The same with another learning rate of one worker: that of the replicas and of the large batch follows it.
    pub fn with_rate(self, base_rate: f64) -> Plan {
        let times = if self.scaled { self.replicas as f64 } else { 1.0 };
        Plan { base_rate, rate: base_rate * times, ..self }
    }

    /// How many numbers top-k sends.
    pub fn kept(&self, parameters: usize) -> usize {
        ((self.keep * parameters as f64) as usize).clamp(1, parameters)
    }

    /// Whether the replicas talk after this many steps. In the end they always do: a run ends with one model.
    pub fn meets(&self, step: u64) -> bool {
        self.local.is_none_or(|every| step.is_multiple_of(every) || step == self.steps)
    }
}

/// Bytes of a part of CIFAR-10; one to learn from and the test set are read, and one after the other cut down.
const COLOUR_PART_BYTES: u64 = (cifar::PART * (1 + cifar::SIZE)) as u64;

/// Replicas, the large batch and the one worker see every sample once an epoch each.
pub fn cost(knobs: &Knobs) -> Cost {
    let samples = sample_count(knobs);
    let (plan, network) = (Plan::of(knobs, samples), network(knobs));
    let (width, pixels) = (network.hidden, network.kind.pixels());
    let parameters = (width * (pixels + CLASSES + 1) + CLASSES) as f64;
    let seen = 3 * plan.steps * (plan.replicas * plan.batch) as u64;
    let (data_bytes, data_memory) = match knobs.word("data") {
        "mnist" => (on_its_way("mnist"), pictures_in_memory("mnist", samples)),
        "cifar10" => (2 * COLOUR_PART_BYTES, 3 * COLOUR_PART_BYTES),
        _ => (0, (samples * pixels) as u64),
    };
    // Weights, what was not sent, and a gradient of each; and a velocity.
    let numbers = if plan.momentum > 0.0 { 16.0 } else { 12.0 };
    Cost {
        steps: plan.steps,
        samples: seen,
        // Forward, and twice as much backward. A multiply-add is two.
        flops: 6.0 * parameters * seen as f64,
        parameters: parameters as u64,
        data_bytes,
        memory_bytes: (numbers * parameters) as u64 * (plan.replicas as u64 + 2) + data_memory,
    }
}
