//! Models, and questions about drawings. Always on the CPU: one small input never pays the way to a GPU.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;

use kindling_labs::answer::answer;
use kindling_labs::burn::tensor::Device;
use kindling_labs::crew::Crew;
use kindling_labs::host::{DataError, Host, Interrupt, Lab, LocalFuture, Snapshot, Tick};
use kindling_labs::labs;
use kindling_labs::nn::model::Classifier;
use kindling_labs::nn::{parity, weights};
use kindling_labs::train::told;
use kindling_protocol::engine::FromEngine;
use kindling_protocol::event::{EventBody, Progress};
use kindling_protocol::input::{ModelInput, Picture, Preparation};
use kindling_protocol::model::{Manifest, ModelError};
use kindling_protocol::run::RunConfig;
use kindling_protocol::text::text;
use wasm_bindgen_futures::spawn_local;

use crate::turn::{give_way, now_ms};
use crate::{fetch, page};

pub struct Loaded {
    pub model: Classifier,
    pub manifest: Manifest,
}

struct Question {
    id: u64,
    input: ModelInput,
    preparation: Preparation,
}

thread_local! {
    static MODELS: RefCell<BTreeMap<String, Rc<Loaded>>> = RefCell::default();
    /// The newest question of each slot that is not computed yet.
    static WAITING: RefCell<BTreeMap<String, Question>> = RefCell::default();
}

/// Verifies and loads. A slot keeps what it had when this is refused.
pub async fn load(id: u64, slot: String, manifest: Box<Manifest>, file: usize, files: (Vec<u8>, Vec<u8>)) {
    let result = verify(&manifest, file, &files.0, &files.1).await;
    let result = result.map(|(model, parity)| {
        let loaded = Rc::new(Loaded { model, manifest: *manifest });
        MODELS.with_borrow_mut(|models| models.insert(slot.clone(), loaded));
        parity
    });
    page::send(&FromEngine::ModelLoaded { id, slot, result }, &[]);
}

/// What a loaded model says of the test set of its lab.
pub async fn examine(id: u64, slot: String) {
    let loaded = MODELS.with_borrow(|models| models.get(&slot).cloned());
    let result = match loaded {
        Some(loaded) => told::examine(&loaded.model, &loaded.manifest, &Lookup).await,
        None => Err(Interrupt::Stop),
    };
    let result = result.map_err(|interrupt| match interrupt {
        Interrupt::Fail { text, .. } => text,
        Interrupt::Stop => text("No model is loaded.", "没有加载模型。"),
    });
    page::send(&FromEngine::Examined { id, result }, &[]);
}

async fn verify(
    manifest: &Manifest,
    file: usize,
    weights: &[u8],
    parity: &[u8],
) -> Result<(Classifier, f32), ModelError> {
    let missing = || ModelError::Manifest { detail: format!("it names no weights {file}") };
    let which = manifest.weights.get(file).ok_or_else(missing)?;
    let model = weights::load(manifest, which, weights, &Device::flex())?;
    let difference = parity::check(&model, manifest, which.dtype, parity).await?;
    Ok((model, difference))
}

/// Takes a question. Of those that come in before the next one is computed only the newest counts.
pub fn ask(id: u64, slot: String, input: ModelInput, preparation: Preparation) {
    let question = Question { id, input, preparation };
    let older = WAITING.with_borrow_mut(|waiting| waiting.insert(slot.clone(), question));
    match older {
        Some(older) => {
            let result = Err("a newer question took its place".into());
            page::send(&FromEngine::Prediction { id: older.id, slot, result }, &[]);
        }
        None => spawn_local(async move {
            give_way().await;
            let newest = WAITING.with_borrow_mut(|waiting| waiting.remove(&slot));
            if let Some(Question { id, input, preparation }) = newest {
                let result = compute(&slot, &input, preparation).await;
                page::send(&FromEngine::Prediction { id, slot, result }, &[]);
            }
        }),
    }
}

/// The model in a slot.
pub fn loaded(slot: &str) -> Result<Rc<Loaded>, String> {
    let loaded = MODELS.with_borrow(|models| models.get(slot).cloned());
    loaded.ok_or_else(|| format!("no model is loaded as `{slot}`"))
}

async fn compute(
    slot: &str,
    input: &ModelInput,
    preparation: Preparation,
) -> Result<kindling_protocol::input::Answer, String> {
    let loaded = loaded(slot)?;
    let begun = now_ms();
    let mut answer = answer(&loaded.model, &loaded.manifest, input, preparation).await?;
    answer.took_ms = now_ms() - begun;
    Ok(answer)
}

/// An example of a lab's data.
pub async fn sample(id: u64, lab: String, seed: u64) {
    let result = match find(&lab) {
        Ok(lab) => (lab.sample)(&Lookup, seed).await.map_err(explain),
        Err(detail) => Err(detail),
    };
    page::send(&FromEngine::Sample { id, result }, &[]);
}

/// Test examples of a run by index.
pub async fn samples(id: u64, config: RunConfig, indices: Vec<u32>) {
    let result = pictures(config, &indices).await;
    page::send(&FromEngine::Samples { id, result }, &[]);
}

async fn pictures(config: RunConfig, indices: &[u32]) -> Result<Vec<Picture>, String> {
    let lab = find(&config.lab)?;
    let config = config.resolve(&(lab.spec)()).map_err(|fault| fault.to_string())?;
    (lab.samples)(&Lookup, &config.knobs, indices).await.map_err(explain)
}

pub fn find(lab: &str) -> Result<&'static Lab, String> {
    labs::find(lab).ok_or_else(|| format!("there is no lab `{lab}`"))
}

fn explain(interrupt: Interrupt) -> String {
    match interrupt {
        Interrupt::Stop => "stopped".into(),
        Interrupt::Fail { text, detail, .. } => detail.unwrap_or(text.en.into_owned()),
    }
}

/// The host of a look at data: nothing runs, so there is nothing to tell and nothing to keep.
pub struct Lookup;

thread_local!(static SEEN: RefCell<BTreeMap<String, Result<Vec<u8>, DataError>>> = RefCell::default());

/// Parts up to this size stay in memory between looks: a test set, not a training set.
const KEPT_BYTES: usize = 16 << 20;

impl Host for Lookup {
    fn data<'a>(&'a self, part: &'a str) -> LocalFuture<'a, Result<Vec<u8>, DataError>> {
        Box::pin(async move {
            if let Some(seen) = SEEN.with_borrow(|seen| seen.get(part).cloned()) {
                return seen;
            }
            let answer = fetch::data(part).await;
            if answer.as_ref().is_ok_and(|bytes| bytes.len() <= KEPT_BYTES) {
                SEEN.with_borrow_mut(|seen| seen.insert(part.to_owned(), answer.clone()));
            }
            answer
        })
    }

    fn emit(&self, _: EventBody) -> LocalFuture<'_, Result<(), Interrupt>> {
        Box::pin(async { Ok(()) })
    }

    fn tick<'a>(&'a self, _: &'a Progress) -> LocalFuture<'a, Result<Tick, Interrupt>> {
        Box::pin(async {
            give_way().await;
            Ok(Tick::default())
        })
    }

    fn checkpoint(&self, _: u64, _: Vec<u8>) -> LocalFuture<'_, Result<(), Interrupt>> {
        Box::pin(async { Ok(()) })
    }

    fn snapshot(&self, _: Snapshot) -> LocalFuture<'_, Result<(), Interrupt>> {
        Box::pin(async { Ok(()) })
    }

    fn now_ms(&self) -> Option<f64> {
        None
    }

    fn recall<'a>(&'a self, _: &'a str) -> LocalFuture<'a, Option<Vec<u8>>> {
        Box::pin(async { None })
    }

    fn remember(&self, _: &str, _: Vec<u8>) {}

    fn crew<'a>(&'a self, _: &Lab, _: usize, _: &[u8]) -> Option<Box<dyn Crew + 'a>> {
        None
    }
}
