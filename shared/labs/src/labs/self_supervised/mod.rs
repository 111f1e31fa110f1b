//! Learn without labels: a pretext task makes features, and a linear probe on few labels says what they are worth.
//!
//! - [`pretext`]: two views of a picture and NT-Xent (SimCLR), or which way up it is.
//! - [`texts`]: the masked words of a message. [`sentences`]: for when there are none. [`words`]: what is to be seen of them.
//! - [`encoder`]: what is trained and kept. [`learn`]: how.
//! - [`probe`]: the judge, against the same network untrained. [`supervised`]: what the labels are worth alone.
//! - [`plan`]: from knobs to sizes and a cost. [`panels`], [`spec`].
//!
//! What makes a view of a picture is [`crate::data::augment`].

mod encoder;
mod learn;
mod panels;
mod plan;
mod pretext;
mod probe;
mod sentences;
mod spec;
mod supervised;
#[cfg(test)]
mod tests;
mod texts;
mod words;

use kindling_protocol::event::{EventBody, Progress};
use serde::{Deserialize, Serialize};

use crate::data::mnist::{self, Sets};
use crate::host::{Interrupt, Lab, Run};
use crate::train::checkpoint::config_hash;
use crate::train::run_loop::internal;
use crate::train::stages::Stages;
use crate::train::told::predictions;
use encoder::Encoder;
use probe::Features;

pub const LAB: Lab = Lab::new(spec::spec, plan::cost, |run| Box::pin(run_lab(run))).with_pictures(
    |host, seed| Box::pin(mnist::sample(host, "mnist", seed)),
    |host, knobs, indices| Box::pin(mnist::samples(host, knobs.word("data"), indices)),
);

const SLUG: &str = "self-supervised";

/// What the features came to.
#[derive(Serialize, Deserialize)]
pub struct Worth {
    /// `[labels, accuracy on learnt features, on random ones]`, up to the labels that the knob allows.
    by_labels: Vec<[f64; 3]>,
    spread: f64,
}

async fn run_lab(run: Run<'_>) -> Result<(), Interrupt> {
    let (sets, wording) = plan::sets(&run).await?;
    let config = config_hash(SLUG, &run.knobs, run.seed, &sets.sums);
    let probes = plan::probe_sizes(&run.knobs, sets.train.len());
    let alone = probes.iter().map(|&labels| supervised::steps(labels));
    let classes = panels::names(&sets.source).len();
    let steps: Vec<u64> =
        [plan::steps(&run.knobs, sets.train.len()), probes.len() as u64].into_iter().chain(alone).collect();

    let mut stages = Stages::begin(&run, &config, &steps)?;
    let learnt =
        stages.next(|series| Some(series.to_string()), async |run| learn::train(&sets, &config, &run).await).await?;
    let learnt = learn::read(&learnt, &sets, &run)?;
    let test = probe::features(&learnt, &sets.test, &run.device).await;
    let voted = probe::voted(&probe::features(&learnt, &learn::bank(&sets), &run.device).await, &test, classes);
    panels::map(&test, &sets.source, run.host).await?;
    match &wording {
        Some(wording) => {
            words::neighbours(&test, &sets, wording, run.host).await?;
            words::guesses(&learnt, &sets.test, wording, &run).await?;
        }
        None => panels::neighbours(&test, &sets.test, run.host).await?,
    }
    let worth = stages.next(|_| None, async |run| judge(&learnt, &test, &sets, &probes, &run).await).await?;
    let worth: Worth = serde_json::from_slice(&worth).map_err(|error| internal(&error))?;
    let mut alone = Vec::new();
    for &size in &probes {
        let labelled = sets.train.pick(0..size);
        let work = async |run: Run<'_>| supervised::train(&labelled, &sets.test, classes, &config, &run).await;
        let accuracy = stages.next(|_| None, work).await?;
        alone.push(f64::from_le_bytes(accuracy.try_into().map_err(|_| internal(&"an accuracy is 8 bytes"))?));
    }
    panels::probes(&worth, &alone, run.host).await?;

    let [labels, learnt, random] = *worth.by_labels.last().expect("at least one probe");
    let alone = *alone.last().expect("as many as probes");
    let figures = [
        ("probe_accuracy", learnt),
        ("neighbours_accuracy", voted),
        ("random_accuracy", random),
        ("supervised_accuracy", alone),
        ("gain", learnt - random),
        ("labels", labels),
        ("spread", worth.spread),
    ];
    let figures = figures.map(|(name, value)| (name.to_string(), value)).into();
    run.host.emit(EventBody::Report { figures, model: None }).await
}

/// Probes on the learnt features and on those of the same network before it learnt anything, on equal terms.
async fn judge(
    learnt: &Encoder,
    test: &Features,
    sets: &Sets,
    sizes: &[usize],
    run: &Run<'_>,
) -> Result<Vec<u8>, Interrupt> {
    let start: Worth = match &run.resume {
        Some(bytes) => serde_json::from_slice(bytes).map_err(|error| internal(&error))?,
        None => Worth { by_labels: Vec::new(), spread: test.spread() },
    };
    let mut worth = start;
    let (untrained, classes) = (learn::fresh(run, sets), panels::names(&sets.source).len());
    let random_test = probe::features(&untrained, &sets.test, &run.device).await;
    for &size in &sizes[worth.by_labels.len()..] {
        let labelled = sets.train.pick(0..size);
        let probed = async |encoder: &Encoder, test: &Features| {
            let train = probe::features(encoder, &labelled, &run.device).await;
            probe::probed(&train, test, classes, &run.device).await
        };
        let said = probed(learnt, test).await;
        if Some(&size) == sizes.last() {
            run.host.emit(EventBody::Predictions(predictions(&said, 1.0))).await?;
        }
        let row = [size as f64, said.accuracy(), probed(&untrained, &random_test).await.accuracy()];
        worth.by_labels.push(row);
        let step = worth.by_labels.len() as u64;
        let progress = Progress { step, steps: sizes.len() as u64, ..Progress::default() };
        let tick = run.host.tick(&progress).await?;
        if tick.checkpoint {
            run.host.checkpoint(step, serde_json::to_vec(&worth).expect("plain data")).await?;
        }
        if tick.stop {
            return Err(Interrupt::Stop);
        }
    }
    Ok(serde_json::to_vec(&worth).expect("plain data"))
}
