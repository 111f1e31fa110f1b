//! From knobs to a network, its cuts and a cost.

use kindling_protocol::knob::Knobs;
use kindling_protocol::lab::Cost;
use kindling_protocol::model::{Architecture, InputSpec};

use super::Kind;
use super::quantise::Coding;
use crate::data::mnist::{CLASSES, SIDE, Wanted};
use crate::data::size::{on_its_way, pictures_in_memory};
use crate::nn::model;

const VALIDATION: usize = 1_000;

pub fn wanted(knobs: &Knobs) -> Wanted<'_> {
    Wanted { set: knobs.word("data"), train: knobs.count("samples"), validation: VALIDATION, test: usize::MAX }
}

/// Mean and deviation of all training pixels of MNIST.
pub fn input() -> InputSpec {
    InputSpec::Ink { height: SIDE as u32, width: SIDE as u32, ink_box: 20, mean: 0.1307, std: 0.3081 }
}

/// LeNet-300-100 (LeCun et al. 1998), on which most papers on pruning begin.
pub fn architecture() -> Architecture {
    Architecture::Mlp { inputs: (SIDE * SIDE) as u32, hidden: vec![300, 100], classes: CLASSES as u32, dropout: 0.0 }
}

/// Share of the weights that is zero after each cut. That of several is cubic: fast while there is much to spare, slow
/// towards the end (Zhu and Gupta 2017).
pub fn cuts(knobs: &Knobs) -> Vec<f64> {
    let (last, rounds) = (knobs.number("sparsity"), knobs.count("rounds"));
    match knobs.word("pruning") {
        "iterative" => {
            let cut = |round: usize| {
                let left = 1.0 - round as f64 / rounds as f64;
                last * (1.0 - left * left * left)
            };
            (1..=rounds).map(cut).collect()
        }
        "one-shot" => vec![last],
        _ => vec![],
    }
}

/// The file that the knobs ask for.
pub fn wanted_file(knobs: &Knobs) -> (Kind, u32) {
    (if cuts(knobs).is_empty() { Kind::Dense } else { Kind::Tuned }, Coding::of(knobs).bits)
}

/// What is written at the end, the one that all are compared with first.
pub fn files(knobs: &Knobs) -> Vec<(Kind, u32)> {
    let mut files = vec![(Kind::Plain, 32), (Kind::Dense, 8), (Kind::Dense, 4)];
    if !cuts(knobs).is_empty() {
        files.extend([(Kind::Cut, 32), (Kind::Tuned, 32), (Kind::Tuned, 8), (Kind::Tuned, 4)]);
    } else if Coding::of(knobs).bits == 32 {
        files.push((Kind::Dense, 32));
    }
    files
}

/// Epochs after each cut. One cut is given what several would share.
pub fn fine_tuning(knobs: &Knobs) -> u64 {
    let rounds = if knobs.word("pruning") == "one-shot" { knobs.count("rounds") } else { 1 };
    (rounds * knobs.count("fine-tune")) as u64
}

pub fn cost(knobs: &Knobs) -> Cost {
    let (samples, batch) = (knobs.count("samples"), knobs.count("batch"));
    let size = model::size(&architecture());
    let epochs = knobs.count("epochs") as u64 + cuts(knobs).len() as u64 * fine_tuning(knobs);
    let data = knobs.word("data");
    // Weights, gradients, two moments, a mask.
    let floats = size.parameters * 5.0 + size.activations * batch as f64 * 2.0;
    Cost {
        steps: epochs * samples.div_ceil(batch) as u64 + files(knobs).len() as u64,
        samples: epochs * samples as u64,
        // Forward, and twice as much backward. A multiply-add is two.
        flops: 6.0 * size.multiply_adds * (epochs * samples as u64) as f64,
        parameters: size.parameters as u64,
        data_bytes: on_its_way(data),
        memory_bytes: (4.0 * floats) as u64 + pictures_in_memory(data, samples),
    }
}
