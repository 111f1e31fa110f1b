//! Handwritten digits: build and train a network that reads them.
//!
//! - [`spec`]: knobs, goals, curves and panels.
//! - [`plan`]: from knobs to a network, a plan and a cost.
//! - [`sets`]: the data, and what to do without it.
//! - [`panels`]: confusion matrix, mistakes, first-layer weights.
//! - [`drawing`]: what the network sees and says of the learner's own digit.
//! - `finish` (here): how good it is, and the model that is handed over.
//!
//! Shared with other labs: the networks [`crate::nn::mlp`] and [`crate::nn::cnn`] with [`crate::nn::init`] and
//! [`crate::nn::dropout`], the loop [`crate::train::run_loop`], the step [`crate::train::optimiser`], and
//! [`crate::data::augment`].

mod drawing;
mod panels;
mod plan;
mod sets;
mod spec;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use kindling_protocol::event::EventBody;
use kindling_protocol::model::{MANIFEST_FORMAT, Manifest, Metric};
use kindling_protocol::run::RunConfig;

use crate::data::mnist;
use crate::host::{Interrupt, Lab, Run};
use crate::nn::{model, parity};
use crate::train::batch::score;
use crate::train::checkpoint::config_hash;
use crate::train::hand_over::{hand_over, rounded};
use crate::train::run_loop::{Task, train};
use crate::train::told::predictions;
use sets::Sets;

pub const LAB: Lab = Lab::new(spec::spec, plan::cost, |run| Box::pin(run_lab(run)))
    .with_pictures(
        |host, seed| Box::pin(mnist::sample(host, "mnist", seed)),
        |host, knobs, indices| Box::pin(mnist::samples(host, knobs.word("data"), indices)),
    )
    .with_drawing(|exhibit| Box::pin(drawing::examine(exhibit)));

const SLUG: &str = "digits";
const CLASSES: usize = 10;

async fn run_lab(run: Run<'_>) -> Result<(), Interrupt> {
    let sets = Sets::load(&run).await?;
    let spec = plan::input();
    let architecture = plan::architecture(&run.knobs);
    let feed = plan::feed(&run, &sets.train);
    let base = manifest(&run, &sets);
    let parity_images = &sets.test.images[..parity::COUNT.min(sets.test.len()) * plan::SIDE * plan::SIDE];
    let task = Task {
        architecture,
        spec: spec.clone(),
        classes: CLASSES,
        feed: &feed,
        validation: &sets.validation,
        plan: plan::plan(&run.knobs),
        config: config_hash(SLUG, &run.knobs, run.seed, &sets.sums),
        hand_over: Some(&|model| Box::pin(hand_over(model, base.clone(), parity_images))),
        show: &|model| Box::pin(panels::first_layer(model, run.host)),
    };
    let trained = train(&task, &run).await?;

    // From here on the model is what its f16 file says: the figures are those of the file that travels.
    let trained = rounded(trained, &base).await?;
    let validation = score(&trained, &spec, &sets.validation).await;
    let test = score(&trained, &spec, &sets.test).await;
    let drawings = score(&trained, &spec, &sets.drawings).await;
    let temperature = validation.temperature();
    let metric = |name: &str, value: f64, data: &str, count: usize| Metric {
        name: name.to_string(),
        value,
        data: data.to_string(),
        count: count as u64,
    };
    let mut manifest = base.clone();
    manifest.temperature = temperature;
    manifest.unsure_below = validation.unsure_below(temperature);
    manifest.metrics = vec![
        metric("accuracy", test.accuracy(), &format!("{}/test", sets.source), test.len()),
        metric("loss", test.loss(temperature), &format!("{}/test", sets.source), test.len()),
        metric("accuracy", validation.accuracy(), sets.validation_source, validation.len()),
        metric("accuracy", drawings.accuracy(), "generated/unseen-drawings", drawings.len()),
    ];
    panels::confusion(&test, run.host).await?;
    panels::mistakes(&test, &sets.test, temperature, run.host).await?;
    run.host.emit(EventBody::Predictions(predictions(&test, temperature))).await?;
    let snapshot = hand_over(trained, manifest, parity_images).await?;
    let manifest = snapshot.manifest.clone();
    run.host.snapshot(snapshot).await?;
    let figures: BTreeMap<String, f64> = [
        ("test_accuracy", test.accuracy()),
        ("test_loss", test.loss(1.0)),
        ("validation_accuracy", validation.accuracy()),
        ("validation_loss", validation.loss(1.0)),
        ("drawings_accuracy", drawings.accuracy()),
        ("parameters", manifest.parameters as f64),
    ]
    .map(|(name, value)| (name.to_string(), value))
    .into();
    run.host.emit(EventBody::Report { figures, model: Some(Box::new(manifest)) }).await
}

/// All of a manifest that is known before training.
fn manifest(run: &Run<'_>, sets: &Sets) -> Manifest {
    let architecture = plan::architecture(&run.knobs);
    let family = run.knobs.word("model");
    Manifest {
        format: MANIFEST_FORMAT,
        name: format!("{SLUG}-{family}"),
        parameters: model::size(&architecture).parameters as u64,
        architecture,
        input: plan::input(),
        labels: (0..CLASSES).map(|digit| digit.to_string()).collect(),
        temperature: 1.0,
        unsure_below: 0.5,
        metrics: vec![],
        run: RunConfig { lab: SLUG.to_string(), knobs: run.knobs.clone(), seed: run.seed },
        data: sets.sums.clone(),
        program: concat!("kindling ", env!("CARGO_PKG_VERSION")).to_string(),
        weights: vec![],
        parity: Default::default(),
    }
}
