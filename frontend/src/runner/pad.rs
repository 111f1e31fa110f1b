//! The worker that answers drawings. It lives as long as the page; training has workers of its own, so
//! a run never makes the pad wait.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use futures::channel::oneshot;
use kindling_protocol::engine::{FromEngine, ToEngine};
use kindling_protocol::input::{Answer, ModelInput, Preparation};
use kindling_protocol::lab::LabSpec;
use kindling_protocol::model::{Dtype, Manifest};
use kindling_protocol::text::text;
use leptos::prelude::*;
use leptos::task::spawn_local;

pub(super) use self::models::fetch_version;
use super::engine::{Engine, EngineKind, Incoming};
use super::handle::ModelFiles;
use crate::trouble::Trouble;

mod models;
mod questions;

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
                // Whoever waits asks now, and is told.
                self.inner().waiting_for_ready.borrow_mut().clear();
            }
            _ => {}
        }
    }

    /// Until the engine is ready, or is known never to be.
    async fn until_ready(&self) {
        let ended = self.inner().engine.borrow().as_ref().is_none_or(|engine| engine.has_ended());
        if ended || self.ready.with_untracked(Option::is_some) {
            return;
        }
        let (sender, receiver) = oneshot::channel();
        self.inner().waiting_for_ready.borrow_mut().push(sender);
        // Closed when the engine breaks, and with the page.
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

/// Milliseconds since the page began.
pub(super) fn now_ms() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}

pub(super) fn engine_said(detail: &str) -> Trouble {
    let sentence = match detail {
        "" => text("The engine does not answer.", "引擎没有应答。"),
        _ => text("The engine could not do it.", "引擎未能完成此操作。"),
    };
    Trouble::new(sentence, detail)
}
