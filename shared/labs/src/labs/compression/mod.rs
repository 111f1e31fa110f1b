//! Compression: the same network in a smaller file, and what that costs.
//!
//! - [`spec`]: knobs, goals, curves and panels.
//! - [`plan`]: from knobs to a network, its cuts and a cost.
//! - [`prune`]: the smallest weights become zero, and stay it.
//! - [`quantise`]: whole numbers and a scale instead of floats.
//! - [`file`]: what is left as bytes, and read again.
//! - [`learn`]: training, and training on with a mask.
//! - [`latency`]: a picture's time in a dense and in a sparse kernel.
//! - [`panels`]: sizes against accuracies, weights before and after, the table.
//!
//! A run trains a dense network, prunes and fine-tunes it in one cut or several, and writes it in each precision. Every
//! accuracy is of weights read back from the file whose bytes are counted.

mod file;
mod latency;
mod learn;
mod panels;
mod plan;
mod prune;
mod quantise;
mod spec;
#[cfg(test)]
mod tests;

use kindling_protocol::event::{EventBody, Progress};
use kindling_protocol::model::Dtype;
use kindling_protocol::text::{Text, text};
use serde::{Deserialize, Serialize};

use crate::data::idx::Digits;
use crate::data::mnist::{self, SIDE};
use crate::host::{Interrupt, Lab, Run};
use crate::nn::model::Classifier;
use crate::nn::state::{self, State};
use crate::nn::{parity, weights};
use crate::train::batch::score;
use crate::train::checkpoint::config_hash;
use crate::train::hand_over::{hand_over, manifest, rounded, tested};
use crate::train::run_loop::{internal, unfit};
use crate::train::stages::Stages;
use crate::train::told::predictions;
use latency::Latency;
use learn::Lesson;
use quantise::Coding;

pub const LAB: Lab = Lab::new(spec::spec, plan::cost, |run| Box::pin(run_lab(run))).with_pictures(
    |host, seed| Box::pin(mnist::sample(host, "mnist", seed)),
    |host, knobs, indices| Box::pin(mnist::samples(host, knobs.word("data"), indices)),
);

const SLUG: &str = "compression";

async fn run_lab(run: Run<'_>) -> Result<(), Interrupt> {
    let sets = mnist::sets(run.host, run.seed, plan::wanted(&run.knobs)).await?;
    let config = config_hash(SLUG, &run.knobs, run.seed, &sets.sums);
    let cuts = plan::cuts(&run.knobs);
    let mut lessons = vec![Lesson::dense(&sets, &config, &run)];
    lessons.extend(cuts.iter().map(|_| Lesson::fine_tuning(&sets, &config, &run)));
    let mut steps: Vec<u64> = lessons.iter().map(Lesson::steps).collect();
    steps.push(plan::files(&run.knobs).len() as u64);
    let mut stages = Stages::begin(&run, &config, &steps)?;
    let named = |series: &str| Some(series.to_string());

    let fresh = Classifier::new(&plan::architecture(), run.seed, &run.device).map_err(|error| internal(&error))?;
    let start = state::take(&fresh).await;
    let dense = stages.next(named, async |stage| lessons[0].train(start, None, &stage).await).await?;
    let dense = read(&dense)?;
    let mut tuned = dense.clone();
    for (lesson, &sparsity) in lessons[1..].iter().zip(&cuts) {
        prune::prune(&mut tuned, sparsity);
        tuned = read(&stages.next(named, async |stage| lesson.train(tuned, Some(sparsity), &stage).await).await?)?;
    }

    let files = files(&run, dense.clone(), tuned)?;
    let marks = stages.next(|_| None, async |stage| exam(&files, &sets.test, &stage).await).await?;
    let marks: Vec<Mark> = serde_json::from_slice(&marks).map_err(|error| internal(&error))?;
    let variants: Vec<Variant> = files.into_iter().zip(marks).map(|(file, mark)| Variant { file, mark }).collect();
    let chosen = variants.iter().rfind(|variant| variant.file.chosen).expect("one is what the knobs ask for");
    let fine_tuned = plan::fine_tuning(&run.knobs) > 0;
    panels::show(&variants, &dense, &chosen.file, fine_tuned, run.host).await?;
    let figures = panels::figures(&variants, chosen);
    let base = manifest(SLUG, &run, plan::architecture(), plan::input(), &sets);
    let model = rounded(model(&run, &chosen.file.weights)?, &base).await?;
    let validation = score(&model, &plan::input(), &sets.validation).await;
    let test = score(&model, &plan::input(), &sets.test).await;
    let parity_images = &sets.test.images[..parity::COUNT.min(sets.test.len()) * SIDE * SIDE];
    let known = tested(base, &sets.source, &validation, &test);
    run.host.emit(EventBody::Predictions(predictions(&test, known.temperature))).await?;
    let snapshot = hand_over(model, known, parity_images).await?;
    let manifest = Box::new(snapshot.manifest.clone());
    run.host.snapshot(snapshot).await?;
    run.host.emit(EventBody::Report { figures, model: Some(manifest) }).await
}

/// What a stage came to.
fn read(bytes: &[u8]) -> Result<State, Interrupt> {
    weights::read(bytes, Dtype::F32).map_err(|error| internal(&error))
}

fn model(run: &Run<'_>, weights: &State) -> Result<Classifier, Interrupt> {
    let empty = Classifier::empty(&plan::architecture(), &run.device).map_err(|error| internal(&error))?;
    state::put(empty, weights.clone()).map_err(|error| internal(&error))
}

/// The network in one file.
struct File {
    kind: Kind,
    bits: u32,
    bytes: Vec<u8>,
    /// As read back from it.
    weights: State,
    /// It is what the knobs ask for.
    chosen: bool,
}

/// What a file is worth.
#[derive(Serialize, Deserialize)]
struct Mark {
    accuracy: f64,
    latency: Option<Latency>,
}

struct Variant {
    file: File,
    mark: Mark,
}

#[derive(Clone, Copy, PartialEq)]
enum Kind {
    /// As safetensors, which is what it is compared with.
    Plain,
    Dense,
    /// Cut at once, and not trained on.
    Cut,
    Tuned,
}

impl Kind {
    fn name(self) -> Text {
        match self {
            Kind::Plain => text("Dense, safetensors", "稠密，safetensors"),
            Kind::Dense => text("Dense", "稠密"),
            Kind::Cut => text("Pruned at once, no fine-tuning", "一次剪枝，不微调"),
            Kind::Tuned => text("Pruned as chosen", "按设置剪枝"),
        }
    }
}

/// Writes every file and reads it back.
fn files(run: &Run<'_>, dense: State, tuned: State) -> Result<Vec<File>, Interrupt> {
    let (wanted, mut cut) = (plan::wanted_file(&run.knobs), dense.clone());
    prune::prune(&mut cut, run.knobs.number("sparsity"));
    let written = |(kind, bits)| {
        let weights = match kind {
            Kind::Plain | Kind::Dense => &dense,
            Kind::Cut => &cut,
            Kind::Tuned => &tuned,
        };
        let (bytes, weights) = if kind == Kind::Plain {
            (weights::write(weights), weights.clone())
        } else {
            let bytes = file::write(weights, &Coding { bits, ..Coding::of(&run.knobs) });
            let read = file::read(&bytes).map_err(|error| internal(&error))?;
            (bytes, read)
        };
        Ok(File { kind, bits, bytes, weights, chosen: (kind, bits) == wanted })
    };
    plan::files(&run.knobs).into_iter().map(written).collect()
}

/// Tests and times every file, one a step. What comes back are [`Mark`]s as JSON.
async fn exam(files: &[File], test: &Digits, run: &Run<'_>) -> Result<Vec<u8>, Interrupt> {
    let mut marks: Vec<Mark> = match &run.resume {
        Some(bytes) => serde_json::from_slice(bytes).map_err(|error| unfit(&error))?,
        None => Vec::new(),
    };
    let written = |marks: &Vec<Mark>| serde_json::to_vec(marks).map_err(|error| internal(&error));
    while let Some(file) = files.get(marks.len()) {
        let model = model(run, &file.weights)?;
        let accuracy = score(&model, &plan::input(), test).await.accuracy();
        let latency = latency::measure(&model, &file.weights, test.image(0), run.host).await;
        marks.push(Mark { accuracy, latency });
        let (step, steps) = (marks.len() as u64, files.len() as u64);
        // No samples: nobody learns from these pictures.
        let progress = Progress { step, steps, ..Progress::default() };
        let tick = run.host.tick(&progress).await?;
        if tick.checkpoint {
            run.host.checkpoint(step, written(&marks)?).await?;
        }
        if tick.stop {
            return Err(Interrupt::Stop);
        }
    }
    written(&marks)
}
