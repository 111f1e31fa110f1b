//! From knobs to sizes and a cost.

use kindling_protocol::knob::Knobs;
use kindling_protocol::lab::Cost;

use super::encoder::{self, FEATURES};
use super::pretext::TURNS;
use super::probe;
use crate::data::mnist::{SIDE, Wanted};

/// Pictures that features are looked at on the way.
const VALIDATION: usize = 200;
/// Generated drawings are made before the first step, so there are fewer.
const GENERATED: usize = 5_000;
const TEST: usize = 2_000;
/// Bytes of the data set as it travels, compressed, and as it lies in memory.
const DOWNLOAD_BYTES: u64 = 11_594_722;
const MEMORY_BYTES: u64 = 2 * 54_950_048;

pub fn wanted(knobs: &Knobs) -> Wanted<'_> {
    Wanted { set: knobs.word("data"), train: samples(knobs), validation: VALIDATION, test: TEST }
}

fn samples(knobs: &Knobs) -> usize {
    let wanted = knobs.count("samples");
    if knobs.word("data") == "generated" { wanted.min(GENERATED) } else { wanted }
}

/// Pictures whose label the probe may see.
pub fn labelled(knobs: &Knobs) -> usize {
    knobs.count("labels")
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
    if knobs.word("pretext") == "rotation" { TURNS as u64 } else { 2 }
}

pub fn cost(knobs: &Knobs) -> Cost {
    let samples = samples(knobs);
    let steps = steps(knobs, samples);
    let seen = steps * batch(knobs) as u64 * shown(knobs);
    let parameters =
        encoder::parameters(SIDE * SIDE, knobs.count("width"), encoder::outputs(knobs.word("pretext"))) as u64;
    let generated = knobs.word("data") == "generated";
    let probes = 2.0 * probe::ITERATIONS as f64 * labelled(knobs) as f64 * (4 * FEATURES * 10) as f64;
    Cost {
        steps: steps + 2,
        samples: seen,
        flops: 6.0 * parameters as f64 * seen as f64 + probes,
        parameters,
        data_bytes: if generated { 0 } else { DOWNLOAD_BYTES },
        memory_bytes: 16 * parameters
            + if generated { (samples * SIDE * SIDE) as u64 } else { MEMORY_BYTES }
            + (8 * batch(knobs) * SIDE * SIDE) as u64 * shown(knobs),
    }
}
