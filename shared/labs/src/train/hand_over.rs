//! A trained classifier made into what is handed over: a manifest with its files.

use kindling_protocol::model::{Architecture, Dtype, InputSpec, MANIFEST_FORMAT, Manifest, Metric, WeightsFile};
use kindling_protocol::run::RunConfig;

use super::metrics::Scored;
use super::run_loop::internal;
use crate::data::mnist::{CLASSES, Sets};
use crate::host::{Interrupt, Run, Snapshot};
use crate::nn::model::{self, Classifier};
use crate::nn::{parity, state, weights};

/// All of a manifest that is known before training on one of MNIST's kind.
pub fn manifest(lab: &str, run: &Run<'_>, architecture: Architecture, input: InputSpec, sets: &Sets) -> Manifest {
    Manifest {
        format: MANIFEST_FORMAT,
        name: lab.to_string(),
        parameters: model::size(&architecture).parameters as u64,
        architecture,
        input,
        labels: (0..CLASSES).map(|class| class.to_string()).collect(),
        temperature: 1.0,
        unsure_below: 0.5,
        metrics: vec![],
        run: RunConfig { lab: lab.to_string(), knobs: run.knobs.clone(), seed: run.seed },
        data: sets.sums.clone(),
        program: concat!("kindling ", env!("CARGO_PKG_VERSION")).to_string(),
        weights: vec![],
        parity: Default::default(),
    }
}

/// The manifest with what validation and test say of the model.
pub fn tested(manifest: Manifest, source: &str, validation: &Scored, test: &Scored) -> Manifest {
    let temperature = validation.temperature();
    let metric = |name: &str, value: f64| Metric {
        name: name.to_string(),
        value,
        data: format!("{source}/test"),
        count: test.len() as u64,
    };
    Manifest {
        temperature,
        unsure_below: validation.unsure_below(temperature),
        metrics: vec![metric("accuracy", test.accuracy()), metric("loss", test.loss(temperature))],
        ..manifest
    }
}

/// The same network with every weight rounded to f16, so that its f32 and its f16 file are one model.
pub async fn rounded(model: Classifier, manifest: &Manifest) -> Result<Classifier, Interrupt> {
    let mut state = state::take(&model).await;
    weights::round_to_f16(&mut state);
    let empty = Classifier::empty(&manifest.architecture, &model.device()).map_err(|error| internal(&error))?;
    state::put(empty, state).map_err(|error| internal(&error))
}

/// The weights with their manifest and parity inputs.
pub async fn hand_over(model: Classifier, mut manifest: Manifest, images: &[u8]) -> Result<Snapshot, Interrupt> {
    let model = rounded(model, &manifest).await?;
    let weights = weights::write(&state::take(&model).await);
    let parity = parity::write(&model, &manifest.input, images).await;
    manifest.weights = vec![WeightsFile { dtype: Dtype::F32, file: weights::file_ref(&weights) }];
    // Where a value is too large for f16 there is only the f32 file.
    if let Ok(half) = weights::to_f16(&weights) {
        manifest.weights.push(WeightsFile { dtype: Dtype::F16, file: weights::file_ref(&half) });
    }
    manifest.parity = weights::file_ref(&parity);
    Ok(Snapshot { manifest, weights, parity })
}
