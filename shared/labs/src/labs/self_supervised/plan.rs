//! From knobs to sizes and a cost.

use kindling_protocol::knob::Knobs;
use kindling_protocol::lab::Cost;

use super::encoder::{self, FEATURES, PROJECTION};
use super::pretext::TURNS;
use super::{probe, sentences, supervised};
use crate::data::mnist::{self, SIDE, Sets, Wanted};
use crate::host::{Interrupt, Run};

/// Pictures that features are looked at on the way.
const VALIDATION: usize = 200;
/// Generated drawings are made before the first step, so there are fewer.
const GENERATED: usize = 5_000;
const SENTENCES: usize = 20_000;
const TEST: usize = 2_000;
/// Bytes of the data set as it travels, compressed, and as it lies in memory.
const DOWNLOAD_BYTES: u64 = 11_594_722;
const MEMORY_BYTES: u64 = 2 * 54_950_048;

pub async fn sets(run: &Run<'_>) -> Result<Sets, Interrupt> {
    let train = samples(&run.knobs);
    if is_text(&run.knobs) {
        return Ok(sentences::sets(run.seed, train, VALIDATION, TEST));
    }
    let wanted = Wanted { set: run.knobs.word("data"), train, validation: VALIDATION, test: TEST };
    mnist::sets(run.host, run.seed, wanted).await
}

/// Sentences are asked for their masked words, whatever the pretext task of pictures.
pub fn is_text(knobs: &Knobs) -> bool {
    knobs.word("data") == "sentences"
}

/// Of the network's head.
pub fn outputs(knobs: &Knobs) -> usize {
    match knobs.word("pretext") {
        _ if is_text(knobs) => sentences::vocabulary().len(),
        "rotation" => TURNS,
        _ => PROJECTION,
    }
}

fn samples(knobs: &Knobs) -> usize {
    let wanted = knobs.count("samples");
    match knobs.word("data") {
        "generated" => wanted.min(GENERATED),
        "sentences" => wanted.min(SENTENCES),
        _ => wanted,
    }
}

/// Numbers of labels that probes see, each four times the one before, of `samples` pictures.
pub fn probe_sizes(knobs: &Knobs, samples: usize) -> Vec<usize> {
    let most = knobs.count("labels").min(samples);
    let mut sizes: Vec<usize> =
        std::iter::successors(Some(most), |size| (size / 4 >= 20).then_some(size / 4)).collect();
    sizes.reverse();
    sizes
}

/// Pictures a step takes. What is left over at the end of an epoch waits for the next.
pub fn batch(knobs: &Knobs) -> usize {
    knobs.count("batch").min(samples(knobs))
}

pub fn steps_per_epoch(knobs: &Knobs, samples: usize) -> u64 {
    (samples / batch(knobs)).max(1) as u64
}

/// Of the pretext task.
pub fn steps(knobs: &Knobs, samples: usize) -> u64 {
    knobs.count("epochs") as u64 * steps_per_epoch(knobs, samples)
}

/// Pictures that the network sees for each one of the set.
fn shown(knobs: &Knobs) -> u64 {
    match knobs.word("pretext") {
        _ if is_text(knobs) => 1,
        "rotation" => TURNS as u64,
        _ => 2,
    }
}

pub fn cost(knobs: &Knobs) -> Cost {
    let samples = samples(knobs);
    let steps = steps(knobs, samples);
    let sizes = probe_sizes(knobs, samples);
    let alone = sizes.iter().map(|&labels| supervised::samples(labels)).sum::<u64>();
    let seen = steps * batch(knobs) as u64 * shown(knobs) + alone;
    let inputs = if is_text(knobs) { sentences::WORDS * outputs(knobs) } else { SIDE * SIDE };
    let parameters = encoder::parameters(inputs, knobs.count("width"), outputs(knobs)) as u64;
    let generated = is_text(knobs) || knobs.word("data") == "generated";
    let probes = 2.0 * probe::ITERATIONS as f64 * knobs.count("labels") as f64 * (4 * FEATURES * 10) as f64;
    Cost {
        steps: steps + sizes.iter().map(|&labels| 1 + supervised::steps(labels)).sum::<u64>(),
        samples: seen,
        flops: 6.0 * parameters as f64 * seen as f64 + probes,
        parameters,
        data_bytes: if generated { 0 } else { DOWNLOAD_BYTES },
        memory_bytes: 16 * parameters
            + if generated { (samples * inputs) as u64 } else { MEMORY_BYTES }
            + (8 * batch(knobs) * inputs) as u64 * shown(knobs),
    }
}
