//! Callbacks: a training that is steered, beside the same one at a constant rate.
//!
//! - [`spec`]: knobs, goals, curves and panels.
//! - [`plan`]: from knobs to a network, a plan and a cost.
//! - [`schedules`]: rates that are known before the first step.
//! - [`steering`]: the callbacks at work. They are in [`crate::train::callbacks`], one a file.
//! - [`panels`]: rate and losses on one axis, and the table of events.
//!
//! The loop [`crate::train::run_loop`] asks the callbacks through [`crate::train::steer`].
//!
//! The comparison is made within one run: both trainings begin with the same weights and see the same samples in the
//! same order. The first goes on at one rate for all epochs; the second may end sooner. The callbacks watch the
//! validation set; what both come to is measured on the test set, which neither has seen.

mod panels;
mod plan;
mod schedules;
mod spec;
mod steering;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use kindling_protocol::event::EventBody;
use kindling_protocol::model::Manifest;
use serde::{Deserialize, Serialize};

use crate::data::mnist::{self, CLASSES, SIDE, Sets};
use crate::host::{Interrupt, Lab, LocalFuture, Run, Snapshot};
use crate::nn::model::Classifier;
use crate::nn::parity;
use crate::train::batch::score;
use crate::train::checkpoint::config_hash;
use crate::train::hand_over::{hand_over, manifest, rounded, tested};
use crate::train::run_loop::{HandOver, Task, internal, train_steered};
use crate::train::stages::Stages;
use crate::train::told::predictions;
use steering::{Callbacks, Epoch};

pub const LAB: Lab = Lab::new(spec::spec, plan::cost, |run| Box::pin(run_lab(run))).with_pictures(
    |host, seed| Box::pin(mnist::sample(host, "mnist", seed)),
    |host, knobs, indices| Box::pin(mnist::samples(host, knobs.word("data"), indices)),
);

const SLUG: &str = "callbacks";

async fn run_lab(run: Run<'_>) -> Result<(), Interrupt> {
    let sets = mnist::sets(run.host, run.seed, plan::wanted(&run.knobs)).await?;
    let steps = plan::plan(&run.knobs).steps(sets.train.len());
    let config = config_hash(SLUG, &run.knobs, run.seed, &sets.sums);
    let mut stages = Stages::begin(&run, &config, &[steps, steps])?;

    let constant = stages.next(
        |series| Some(format!("constant-{series}")),
        async |stage| {
            let callbacks = Callbacks::none(steps, stage.host);
            train(&stage, &sets, &config, callbacks, false).await
        },
    );
    let constant = Trained::read(&constant.await?)?;
    let steered = stages.next(
        |series| Some(series.to_string()),
        async |stage| {
            let callbacks = Callbacks::of(&stage.knobs, steps, &constant.epochs, stage.host);
            train(&stage, &sets, &config, callbacks, true).await
        },
    );
    let steered = Trained::read(&steered.await?)?;
    run.host.emit(EventBody::Report { figures: figures(&constant, &steered), model: steered.model }).await
}

/// What a training came to.
#[derive(Serialize, Deserialize)]
struct Trained {
    epochs: Vec<Epoch>,
    validation_accuracy: f64,
    test_accuracy: f64,
    /// Where it was handed over.
    model: Option<Box<Manifest>>,
}

impl Trained {
    fn read(bytes: &[u8]) -> Result<Self, Interrupt> {
        serde_json::from_slice(bytes).map_err(|error| internal(&error))
    }
}

/// One training and its test. `hands_over`: its model is what the run is for.
async fn train(
    run: &Run<'_>,
    sets: &Sets,
    config: &str,
    callbacks: Callbacks<'_>,
    hands_over: bool,
) -> Result<Vec<u8>, Interrupt> {
    let (spec, feed) = (plan::input(), plan::Plain(&sets.train));
    let base = manifest(SLUG, run, plan::architecture(&run.knobs), plan::input(), sets);
    let parity_images = &sets.test.images[..parity::COUNT.min(sets.test.len()) * SIDE * SIDE];
    let handing = |model: Classifier| -> LocalFuture<'_, Result<Snapshot, Interrupt>> {
        Box::pin(hand_over(model, base.clone(), parity_images))
    };
    let task = Task {
        architecture: base.architecture.clone(),
        spec: spec.clone(),
        classes: CLASSES,
        feed: &feed,
        validation: &sets.validation,
        plan: plan::plan(&run.knobs),
        config: config.to_string(),
        hand_over: hands_over.then_some(&handing as HandOver),
        show: &|_| Box::pin(std::future::ready(Ok(()))),
    };
    let steered = train_steered(&task, run, Some(&callbacks)).await?;
    // As Keras restores them: the best weights, however the training ended.
    let model: Classifier = rounded(steered.kept.unwrap_or(steered.last), &base).await?;
    let validation = score(&model, &spec, &sets.validation).await;
    let test = score(&model, &spec, &sets.test).await;
    let mut trained = Trained {
        epochs: callbacks.state.into_inner().epochs,
        validation_accuracy: validation.accuracy(),
        test_accuracy: test.accuracy(),
        model: None,
    };
    if hands_over {
        let manifest = tested(base, &sets.source, &validation, &test);
        run.host.emit(EventBody::Predictions(predictions(&test, manifest.temperature))).await?;
        let snapshot = hand_over(model, manifest, parity_images).await?;
        trained.model = Some(Box::new(snapshot.manifest.clone()));
        run.host.snapshot(snapshot).await?;
    }
    Ok(serde_json::to_vec(&trained).expect("plain data"))
}

fn figures(constant: &Trained, steered: &Trained) -> BTreeMap<String, f64> {
    let (all, used) = (constant.epochs.len(), steered.epochs.len());
    [
        ("test_accuracy", steered.test_accuracy),
        ("constant_accuracy", constant.test_accuracy),
        ("accuracy_lost", constant.test_accuracy - steered.test_accuracy),
        ("epochs", used as f64),
        ("epochs_share", used as f64 / all as f64),
        ("validation_accuracy", steered.validation_accuracy),
        ("constant_validation", constant.validation_accuracy),
        // What it would have cost to end the constant run there instead.
        ("constant_then", constant.epochs[used.clamp(1, all) - 1].accuracy),
    ]
    .map(|(name, value)| (name.to_string(), value))
    .into()
}
