//! Overfitting: what a network learns by heart, and what keeps it from doing so.
//!
//! - [`spec`]: knobs, goals, curves and panels.
//! - [`plan`]: from knobs to networks, plans, noisy labels and a cost.
//! - [`penalty`]: L2 in the loss and decoupled decay, which are not the same with Adam.
//! - [`watch`]: the gap between training and validation, and early stopping.
//! - [`weights`]: how the weights are spread.
//! - [`panels`]: what is drawn.
//!
//! Shared with other labs: [`crate::nn::dropout`], [`crate::train::optimiser`] with its decoupled decay,
//! [`crate::train::callbacks::early_stopping`] and [`crate::train::callbacks::monitor`].
//!
//! A run trains the network as the knobs say; then, where there is decay, once more with the same decay in the other
//! place; then, where asked for, once for each width of a sweep. Dropout is on only while a network learns: every
//! figure and every curve but "while learning" is without it.

mod panels;
mod penalty;
mod plan;
mod spec;
#[cfg(test)]
mod tests;
mod watch;
mod weights;

use std::collections::BTreeMap;

use kindling_protocol::event::EventBody;
use kindling_protocol::model::Manifest;
use serde::{Deserialize, Serialize};

use crate::data::mnist::{self, CLASSES, SIDE, Sets};
use crate::host::{Interrupt, Lab, LocalFuture, Run, Snapshot};
use crate::nn::model::Classifier;
use crate::nn::{parity, state};
use crate::train::batch::score;
use crate::train::checkpoint::config_hash;
use crate::train::hand_over::{hand_over, manifest, rounded, tested};
use crate::train::run_loop::{HandOver, Task, internal, train_steered};
use crate::train::stages::Stages;
use crate::train::told::predictions;
use penalty::Decay;
use plan::Noisy;
use watch::{Epoch, Watch};
use weights::Histogram;

pub const LAB: Lab = Lab::new(spec::spec, plan::cost, |run| Box::pin(run_lab(run))).with_pictures(
    |host, seed| Box::pin(mnist::sample(host, "mnist", seed)),
    |host, knobs, indices| Box::pin(mnist::samples(host, knobs.word("data"), indices)),
);

const SLUG: &str = "overfitting";

async fn run_lab(run: Run<'_>) -> Result<(), Interrupt> {
    let mut sets = mnist::sets(run.host, run.seed, plan::wanted(&run.knobs)).await?;
    let train = Noisy::new(std::mem::take(&mut sets.train), run.knobs.number("label-noise"), run.seed);
    let config = config_hash(SLUG, &run.knobs, run.seed, &sets.sums);
    let lab = Data { sets, train, config };
    let (decay, widths) = (Decay::of(&run.knobs), plan::widths(&run.knobs));
    let steps = plan::plan(&run.knobs, decay, 1).steps(lab.train.0.len());
    let mut stages = Stages::begin(&run, &lab.config, &vec![steps; widths.len()])?;

    let main =
        stages.next(|series| Some(name(series)), async |stage| lab.train(&stage, decay, widths[0], What::Main).await);
    let main = Trained::read(&main.await?)?;
    panels::weights(&start(&run, widths[0]).await?, &[(decay, &main)], run.host).await?;
    let other = if run.knobs.number("decay") > 0.0 {
        let only = |series: &str| OTHER.contains(&series).then(|| format!("other-{series}"));
        let other = stages.next(only, async |stage| lab.train(&stage, decay.other(), widths[0], What::Other).await);
        let other = Trained::read(&other.await?)?;
        let both = [(decay, &main), (decay.other(), &other)];
        panels::weights(&start(&run, widths[0]).await?, &both, run.host).await?;
        Some(other)
    } else {
        None
    };
    if run.knobs.flag("sweep") {
        let mut done = Vec::new();
        for width in plan::SWEEP {
            let trained = stages.next(|_| None, async |stage| lab.train(&stage, decay, width, What::Sweep).await);
            done.push(Trained::read(&trained.await?)?);
            panels::sweep(&plan::SWEEP, &done, lab.train.0.len(), run.host).await?;
        }
    }
    let figures = figures(&main, other.as_ref().unwrap_or(&main));
    run.host.emit(EventBody::Report { figures, model: main.model }).await
}

/// Curves of the second training.
const OTHER: [&str; 2] = ["fit-accuracy", "validation-accuracy"];

fn name(series: &str) -> String {
    series.to_string()
}

/// What a training is for.
#[derive(Clone, Copy, PartialEq)]
enum What {
    /// It is what the run is about, and hands over its model.
    Main,
    Other,
    /// Looked at once, at its end.
    Sweep,
}

/// What a training came to.
#[derive(Serialize, Deserialize)]
struct Trained {
    epochs: Vec<Epoch>,
    train_accuracy: f64,
    validation_accuracy: f64,
    test_accuracy: f64,
    weights: Histogram,
    model: Option<Box<Manifest>>,
}

impl Trained {
    fn read(bytes: &[u8]) -> Result<Self, Interrupt> {
        serde_json::from_slice(bytes).map_err(|error| internal(&error))
    }
}

/// What all trainings of a run share.
struct Data {
    /// Its training part has gone into `train`.
    sets: Sets,
    train: Noisy,
    config: String,
}

impl Data {
    async fn train(&self, run: &Run<'_>, decay: Decay, width: u32, what: What) -> Result<Vec<u8>, Interrupt> {
        let Data { sets, train, config } = self;
        let (spec, knobs) = (plan::input(), &run.knobs);
        let base = manifest(SLUG, run, plan::architecture(knobs, width), spec.clone(), sets);
        let parity_images = &sets.test.images[..parity::COUNT.min(sets.test.len()) * SIDE * SIDE];
        let watch = Watch::new(knobs, decay, &train.0, spec.clone(), run.host);
        let (watch, validations) = match what {
            What::Main => (watch.shown(), plan::looks(knobs)),
            What::Other => (watch, plan::looks(knobs)),
            What::Sweep => (watch.without_stopping(), 1),
        };
        let handing = |model: Classifier| -> LocalFuture<'_, Result<Snapshot, Interrupt>> {
            Box::pin(hand_over(model, base.clone(), parity_images))
        };
        let task = Task {
            architecture: base.architecture.clone(),
            spec: spec.clone(),
            classes: CLASSES,
            feed: train,
            validation: &sets.validation,
            plan: plan::plan(knobs, decay, validations),
            config: config.to_string(),
            hand_over: (what == What::Main).then_some(&handing as HandOver),
            show: &|_| Box::pin(std::future::ready(Ok(()))),
        };
        let steered = train_steered(&task, run, Some(&watch)).await?;
        let model = rounded(steered.kept.unwrap_or(steered.last), &base).await?;
        let validation = score(&model, &spec, &sets.validation).await;
        let test = score(&model, &spec, &sets.test).await;
        let mut trained = Trained {
            epochs: watch.epochs(),
            train_accuracy: score(&model, &spec, &train.0).await.accuracy(),
            validation_accuracy: validation.accuracy(),
            test_accuracy: test.accuracy(),
            weights: Histogram::of(&state::take(&model).await),
            model: None,
        };
        if what == What::Main {
            let manifest = tested(base, &sets.source, &validation, &test);
            run.host.emit(EventBody::Predictions(predictions(&test, manifest.temperature))).await?;
            let snapshot = hand_over(model, manifest, parity_images).await?;
            trained.model = Some(Box::new(snapshot.manifest.clone()));
            run.host.snapshot(snapshot).await?;
        }
        Ok(serde_json::to_vec(&trained).expect("plain data"))
    }
}

/// The weights that every training of this width begins with.
async fn start(run: &Run<'_>, width: u32) -> Result<Histogram, Interrupt> {
    let fresh = Classifier::new(&plan::architecture(&run.knobs, width), run.seed, &run.device);
    Ok(Histogram::of(&state::take(&fresh.map_err(|error| internal(&error))?).await))
}

fn figures(main: &Trained, other: &Trained) -> BTreeMap<String, f64> {
    let gap = |trained: &Trained| trained.train_accuracy - trained.validation_accuracy;
    [
        ("gap", gap(main)),
        ("validation_accuracy", main.validation_accuracy),
        ("train_accuracy", main.train_accuracy),
        ("test_accuracy", main.test_accuracy),
        ("epochs", main.epochs.last().map_or(0.0, |at| at.epoch)),
        ("weight_norm", main.weights.norm),
        ("near_zero", main.weights.near_zero),
        ("other_gap", gap(other)),
        ("other_validation", other.validation_accuracy),
        ("other_weight_norm", other.weights.norm),
        ("other_near_zero", other.weights.near_zero),
    ]
    .map(|(name, value)| (name.to_string(), value))
    .into()
}
