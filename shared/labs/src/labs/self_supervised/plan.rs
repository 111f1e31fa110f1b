//! From knobs to sizes and a cost.

use kindling_protocol::knob::Knobs;
use kindling_protocol::lab::Cost;

use super::encoder::{self, FEATURES, PROJECTION};
use super::pretext::TURNS;
use super::texts::{self, VOCABULARY, Wording};
use super::{probe, sentences, supervised};
use crate::data::mnist::{self, SIDE, Sets, Wanted};
use crate::data::newsgroups;
use crate::data::size::{on_its_way, pictures_in_memory};
use crate::host::{Interrupt, Run};

/// Samples that features are looked at on the way.
const VALIDATION: usize = 200;
/// Generated drawings are made before the first step, so there are fewer.
const GENERATED: usize = 5_000;
const SENTENCES: usize = 20_000;
/// What the messages make, less those looked at.
const PASSAGES: usize = 4_330;
const TEST: usize = 2_000;
/// Messages are not compressed as they travel. In memory they are bytes, texts and passages.
const MESSAGE_BYTES: u64 = 7_855_144;

/// Texts come with their wording.
pub async fn sets(run: &Run<'_>) -> Result<(Sets, Option<Wording>), Interrupt> {
    let train = samples(&run.knobs);
    if is_text(&run.knobs) {
        let (sets, wording) = texts::load(run, [train, VALIDATION, TEST]).await?;
        return Ok((sets, Some(wording)));
    }
    let wanted = Wanted { set: run.knobs.word("data"), train, validation: VALIDATION, test: TEST };
    Ok((mnist::sets(run.host, run.seed, wanted).await?, None))
}

/// Texts are asked for their masked words, whatever the pretext task of pictures.
pub fn is_text(knobs: &Knobs) -> bool {
    matches!(knobs.word("data"), newsgroups::SET | sentences::SOURCE)
}

/// Of the network's head, for pictures of so many pixels.
pub fn outputs(knobs: &Knobs, pixels: usize) -> usize {
    match knobs.word("pretext") {
        _ if is_text(knobs) => pixels,
        "rotation" => TURNS,
        _ => PROJECTION,
    }
}

fn samples(knobs: &Knobs) -> usize {
    let wanted = knobs.count("samples");
    match knobs.word("data") {
        "generated" => wanted.min(GENERATED),
        newsgroups::SET => wanted.min(PASSAGES),
        sentences::SOURCE => wanted.min(SENTENCES),
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
    let learnt = steps * batch(knobs) as u64;
    let inputs = match knobs.word("data") {
        newsgroups::SET => VOCABULARY,
        sentences::SOURCE => sentences::vocabulary().words.len(),
        _ => SIDE * SIDE,
    };
    let parameters = encoder::parameters(inputs, knobs.count("width"), outputs(knobs, inputs)) as u64;
    let (data_bytes, set_bytes) = match knobs.word("data") {
        newsgroups::SET => (MESSAGE_BYTES, 4 * MESSAGE_BYTES + ((samples + TEST) * inputs) as u64),
        sentences::SOURCE => (0, (samples * inputs) as u64),
        set => (on_its_way(set), pictures_in_memory(set, samples)),
    };
    let probes = 2.0 * probe::ITERATIONS as f64 * knobs.count("labels") as f64 * (4 * FEATURES * 10) as f64;
    Cost {
        steps: steps + sizes.iter().map(|&labels| 1 + supervised::steps(labels)).sum::<u64>(),
        samples: learnt + alone,
        flops: 6.0 * parameters as f64 * (learnt * shown(knobs) + alone) as f64 + probes,
        parameters,
        data_bytes,
        memory_bytes: 16 * parameters + set_bytes + (8 * batch(knobs) * inputs) as u64 * shown(knobs),
    }
}
