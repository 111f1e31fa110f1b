//! The worker that answers drawings. It lives as long as the page; training has workers of its own, so
//! a run never makes the pad wait.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures::channel::oneshot;
use kindling_protocol::api::ModelVersion;
use kindling_protocol::engine::{FromEngine, Looked, ToEngine};
use kindling_protocol::input::{Answer, ModelInput, Picture, Preparation};
use kindling_protocol::lab::{Cost, LabSpec};
use kindling_protocol::model::{Dtype, FileRef, Manifest};
use kindling_protocol::run::RunConfig;
use kindling_protocol::table::TableSummary;
use kindling_protocol::text::{Text, text};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::engine::{Engine, EngineKind, Incoming};
use super::handle::ModelFiles;
use super::refused;
use crate::api::{self, Transfer};
use crate::store::files;
use crate::trouble::Trouble;

/// In the page's context: `provide_context(Pad::start())`. Copy: every copy is the same pad.
#[derive(Clone, Copy)]
pub struct Pad {
    /// The engine runs: its device, and the labs compiled into it.
    pub ready: ReadSignal<Option<ReadyInfo>>,
    /// The newest answer. Its `version` counts up with each.
    pub answer: ReadSignal<Option<PadAnswer>>,
    /// The model that answers now. `None` until the shipped one is loaded.
    pub model: ReadSignal<Option<ModelInUse>>,
    /// Why the pad can't answer, if it can't.
    pub problem: ReadSignal<Option<Trouble>>,
    set: Setters,
    inner: StoredValue<Rc<Inner>, LocalStorage>,
}

#[derive(Clone, Copy)]
struct Setters {
    ready: WriteSignal<Option<ReadyInfo>>,
    answer: WriteSignal<Option<PadAnswer>>,
    model: WriteSignal<Option<ModelInUse>>,
    problem: WriteSignal<Option<Trouble>>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct ReadyInfo {
    pub device: String,
    pub labs: Vec<LabSpec>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct PadAnswer {
    pub version: u64,
    pub answer: Answer,
    pub model_name: String,
    pub labels: Vec<String>,
    /// The device that computed it.
    pub engine: String,
    /// From the question to the answer, as the page saw it.
    pub ms: f64,
}

/// Where the model that answers comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// It came with the page.
    Shipped,
    /// A version from the server's registry.
    Registry { name: String, version: u32 },
    /// The run with this id, as it was at its newest snapshot.
    Run { id: String },
}

#[derive(Clone, Debug, PartialEq)]
pub struct ModelInUse {
    pub manifest: Manifest,
    pub dtype: Dtype,
    pub source: Source,
    /// The greatest difference of any logit on the parity inputs.
    pub parity: f32,
}

impl ModelInUse {
    /// As people know it: a version of the registry has its number.
    pub fn name(&self) -> String {
        match &self.source {
            Source::Registry { name, version } => format!("{name} v{version}"),
            Source::Shipped | Source::Run { .. } => self.manifest.name.clone(),
        }
    }
}

#[derive(Default)]
struct Inner {
    engine: RefCell<Option<Rc<Engine>>>,
    /// Holds back whoever asks before the engine is ready.
    waiting_for_ready: RefCell<Vec<oneshot::Sender<()>>>,
    /// A prediction is under way.
    busy: Cell<bool>,
    /// The newest input that waits. An older one that waited is forgotten.
    next: RefCell<Option<(ModelInput, Preparation)>>,
    /// The last input asked about: asked again when the model changes.
    last: RefCell<Option<(ModelInput, Preparation)>>,
    version: Cell<u64>,
    shipped: RefCell<Option<ModelFiles>>,
    /// Where in the engine the model in use is.
    slot: Cell<&'static str>,
    /// Models asked for so far.
    loads: Cell<u64>,
}

/// The model every page is shipped with.
const SHIPPED: &str = "digits-cnn";

impl Pad {
    /// Starts the CPU engine and loads the shipped model.
    pub fn start() -> Self {
        let (ready, set_ready) = signal(None);
        let (answer, set_answer) = signal(None);
        let (model, set_model) = signal(None);
        let (problem, set_problem) = signal(None);
        let set = Setters { ready: set_ready, answer: set_answer, model: set_model, problem: set_problem };
        let inner = StoredValue::new_local(Rc::new(Inner::default()));
        let pad = Pad { ready, answer, model, problem, set, inner };
        pad.start_engine();
        spawn_local(async move {
            if let Err(problem) = pad.use_shipped().await {
                pad.set.problem.set(Some(problem));
            }
        });
        pad
    }

    /// Asks about `input`. Newest wins: at most one question is under way and one waits.
    pub fn predict(&self, input: ModelInput, preparation: Preparation) {
        let inner = self.inner();
        *inner.last.borrow_mut() = Some((input.clone(), preparation));
        *inner.next.borrow_mut() = Some((input, preparation));
        self.pump();
    }

    /// Verifies, loads and switches. The model before stays when this one is refused.
    pub async fn load(&self, files: ModelFiles, source: Source) -> Result<f32, Trouble> {
        let inner = self.inner();
        // Two slots by turns: the model in use stays in its own until this one is loaded.
        let load = inner.loads.get() + 1;
        inner.loads.set(load);
        let slot = if inner.slot.get() == "a" { "b" } else { "a" };
        let parity = self.load_as(slot, &files).await?;
        // Another load may have been asked for meanwhile; the later one wins.
        if inner.loads.get() == load {
            inner.slot.set(slot);
            let ModelFiles { manifest, dtype, .. } = files;
            self.set.model.set(Some(ModelInUse { manifest, dtype, source, parity }));
            self.set.problem.set(None);
            let last = inner.last.borrow().clone();
            if inner.next.borrow().is_none() {
                *inner.next.borrow_mut() = last;
            }
            self.pump();
        }
        Ok(parity)
    }

    /// Verifies and loads, and answers how far the logits are from the trainer's.
    pub(super) async fn load_as(&self, slot: &str, files: &ModelFiles) -> Result<f32, Trouble> {
        self.until_ready().await;
        let file = files.manifest.weights.iter().position(|file| file.dtype == files.dtype);
        let file = file.ok_or_else(|| refused::manifest("it does not name these weights"))?;
        let manifest = Box::new(files.manifest.clone());
        let question = |id| ToEngine::LoadModel { id, slot: slot.to_string(), manifest, file };
        let answer = self.ask(question, &[&files.weights, &files.parity]).await?;
        let FromEngine::ModelLoaded { result, .. } = answer.message else { return Err(engine_said("")) };
        result.map_err(|error| refused::model(&error))
    }

    /// Back to the model the page came with.
    pub async fn use_shipped(&self) -> Result<f32, Trouble> {
        self.load(self.shipped().await?, Source::Shipped).await
    }

    pub(super) async fn shipped(&self) -> Result<ModelFiles, Trouble> {
        let kept = self.inner().shipped.borrow().clone();
        let files = match kept {
            Some(files) => files,
            None => fetch_shipped().await?,
        };
        *self.inner().shipped.borrow_mut() = Some(files.clone());
        Ok(files)
    }

    /// Fetches a version from the registry (kept by hash), then loads it.
    pub async fn open_version(&self, version: &ModelVersion, progress: impl FnMut(Transfer)) -> Result<f32, Trouble> {
        let source = Source::Registry { name: version.name.clone(), version: version.version };
        self.load(fetch_version(version, progress).await?, source).await
    }

    /// What a lab shows of a drawing, with the model in use.
    pub async fn look(
        &self,
        config: RunConfig,
        input: ModelInput,
        preparation: Preparation,
    ) -> Result<Looked, Trouble> {
        let slot = self.inner().slot.get().to_string();
        match self.ask(|id| ToEngine::Look { id, config, slot, input, preparation }, &[]).await?.message {
            FromEngine::Looked { result, .. } => result.map_err(Trouble::from),
            _ => Err(engine_said("")),
        }
    }

    /// An example of the lab's data and its label.
    pub async fn sample(&self, lab: &str, seed: u64) -> Result<(Picture, String), Trouble> {
        self.until_ready().await;
        let lab = lab.to_owned();
        match self.ask(|id| ToEngine::Sample { id, lab, seed }, &[]).await?.message {
            FromEngine::Sample { result, .. } => result.map_err(|detail| engine_said(&detail)),
            _ => Err(engine_said("")),
        }
    }

    /// Test examples by index, as a confusion matrix names them.
    pub async fn samples(&self, lab: &str, indices: Vec<u32>) -> Result<Vec<Picture>, Trouble> {
        self.until_ready().await;
        let lab = lab.to_owned();
        match self.ask(|id| ToEngine::Samples { id, lab, indices }, &[]).await?.message {
            FromEngine::Samples { result, .. } => result.map_err(|detail| engine_said(&detail)),
            _ => Err(engine_said("")),
        }
    }

    /// What is in a table, or what is wrong with it.
    pub async fn inspect(&self, file: &[u8]) -> Result<Result<TableSummary, Text>, Trouble> {
        self.until_ready().await;
        match self.ask(|id| ToEngine::Inspect { id }, &[file]).await?.message {
            FromEngine::Inspected { result, .. } => Ok(result),
            _ => Err(engine_said("")),
        }
    }

    /// What a run would take, without starting it.
    pub async fn estimate(&self, config: RunConfig) -> Result<Cost, Trouble> {
        self.until_ready().await;
        match self.ask(|id| ToEngine::Estimate { id, config }, &[]).await?.message {
            FromEngine::Cost { result, .. } => result.map_err(|detail| engine_said(&detail)),
            _ => Err(engine_said("")),
        }
    }

    /// The labs; empty until the engine is ready. Reactive.
    pub fn labs(&self) -> Vec<LabSpec> {
        self.ready.with(|ready| ready.as_ref().map(|ready| ready.labs.clone())).unwrap_or_default()
    }

    /// One lab by its slug. Reactive.
    pub fn lab(&self, slug: &str) -> Option<LabSpec> {
        self.labs().into_iter().find(|lab| lab.slug == slug)
    }

    fn inner(&self) -> Rc<Inner> {
        self.inner.get_value()
    }

    fn start_engine(self) {
        match Engine::start(EngineKind::Cpu, move |incoming| self.hear(incoming)) {
            Ok(engine) => *self.inner().engine.borrow_mut() = Some(Rc::new(engine)),
            Err(detail) => self.set.problem.set(Some(engine_said(&detail))),
        }
    }

    /// What the engine says of itself.
    fn hear(self, incoming: Incoming) {
        match incoming.message {
            FromEngine::Ready { device, labs, .. } => {
                self.set.ready.set(Some(ReadyInfo { device, labs }));
                for waiting in self.inner().waiting_for_ready.take() {
                    let _ = waiting.send(());
                }
            }
            FromEngine::NeedData { part } => spawn_local(async move {
                let engine = self.inner().engine.borrow().clone();
                if let Some(engine) = engine {
                    super::data::answer(&engine, part).await;
                }
            }),
            FromEngine::Broken { detail, .. } => {
                self.inner().busy.set(false);
                self.set.problem.set(Some(engine_said(&detail)));
            }
            _ => {}
        }
    }

    async fn until_ready(&self) {
        if self.ready.with_untracked(Option::is_some) {
            return;
        }
        let (sender, receiver) = oneshot::channel();
        self.inner().waiting_for_ready.borrow_mut().push(sender);
        // Closed only with the page.
        let _ = receiver.await;
    }

    pub(super) async fn ask(
        &self,
        question: impl FnOnce(u64) -> ToEngine,
        buffers: &[&[u8]],
    ) -> Result<Incoming, Trouble> {
        let engine = self.inner().engine.borrow().clone();
        let engine = engine.ok_or_else(|| engine_said("it did not start"))?;
        engine.ask(question, buffers).await.map_err(|detail| engine_said(&detail))
    }

    /// Sends the input that waits, if the engine is free and has a model.
    fn pump(self) {
        let inner = self.inner();
        let Some(model) = self.model.get_untracked() else { return };
        if inner.busy.get() {
            return;
        }
        let Some((input, preparation)) = inner.next.take() else { return };
        inner.busy.set(true);
        let slot = inner.slot.get().to_string();
        spawn_local(async move {
            let asked = now_ms();
            let answer = self.ask(|id| ToEngine::Predict { id, slot, input, preparation }, &[]).await;
            let inner = self.inner();
            inner.busy.set(false);
            match answer.map(|incoming| incoming.message) {
                Ok(FromEngine::Prediction { result: Ok(answer), .. }) => {
                    inner.version.set(inner.version.get() + 1);
                    self.set.answer.set(Some(PadAnswer {
                        version: inner.version.get(),
                        answer,
                        model_name: model.name(),
                        labels: model.manifest.labels,
                        engine: self
                            .ready
                            .with_untracked(|ready| ready.as_ref().map(|ready| ready.device.clone()))
                            .unwrap_or_default(),
                        ms: now_ms() - asked,
                    }));
                }
                Ok(FromEngine::Prediction { result: Err(detail), .. }) => {
                    self.set.problem.set(Some(engine_said(&detail)));
                }
                Ok(_) => {}
                Err(problem) => self.set.problem.set(Some(problem)),
            }
            self.pump();
        });
    }
}

/// A version from the registry, kept by hash.
pub(super) async fn fetch_version(
    version: &ModelVersion,
    mut progress: impl FnMut(Transfer),
) -> Result<ModelFiles, Trouble> {
    let manifest = version.manifest.clone();
    // The small one travels; f32 only where it is all there is.
    let half = manifest.weights.iter().find(|file| file.dtype == Dtype::F16);
    let Some(chosen) = half.or(manifest.weights.first()).cloned() else {
        return Err(refused::manifest("it names no weights"));
    };
    let weights = files::get_or_fetch(&chosen.file, &mut progress).await.map_err(refused::file)?;
    let parity = files::get_or_fetch(&manifest.parity, |_| ()).await.map_err(refused::file)?;
    Ok(ModelFiles { manifest, dtype: chosen.dtype, weights, parity })
}

/// Milliseconds since the page began.
pub(super) fn now_ms() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}

async fn fetch_shipped() -> Result<ModelFiles, Trouble> {
    let url = |kind: &str| {
        super::shipped(&format!("model{kind}:{SHIPPED}"))
            .ok_or(Trouble::from(text("This build came without a model.", "此版本不含模型。")))
    };
    let (manifest_url, weights_url, parity_url) = (url("")?, url("-weights")?, url("-parity")?);
    let manifest: Manifest = api::shipped_json(&manifest_url).await.map_err(|error| error.trouble())?;
    let half = manifest.weights.iter().find(|file| file.dtype == Dtype::F16);
    let half = half.ok_or_else(|| refused::manifest("it names no f16 weights"))?.file.clone();
    let fetch = async |url: &str, file: &FileRef| api::verified(url, file, |_| ()).await.map_err(refused::file);
    let (weights, parity) = futures::join!(fetch(&weights_url, &half), fetch(&parity_url, &manifest.parity));
    Ok(ModelFiles { dtype: Dtype::F16, weights: weights?.to_vec(), parity: parity?.to_vec(), manifest })
}

pub(super) fn engine_said(detail: &str) -> Trouble {
    let sentence = match detail {
        "" => text("The engine does not answer.", "引擎没有应答。"),
        _ => text("The engine could not do it.", "引擎未能完成此操作。"),
    };
    Trouble::new(sentence, detail)
}
