//! A run in a worker of this tab. Its events and checkpoints are kept in this browser, so it survives a reload.

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use futures::StreamExt;
use futures::channel::mpsc::{self, UnboundedReceiver, UnboundedSender};
use futures::channel::oneshot;
use futures::future::{AbortHandle, LocalBoxFuture, abortable};
use kindling_protocol::api::RunState;
use kindling_protocol::engine::{Control, FromEngine, Injection, ToEngine};
use kindling_protocol::event::{Event, EventBody, FailureCode};
use kindling_protocol::model::Dtype;
use kindling_protocol::text::{Text, text};
use leptos::prelude::untrack;
use wasm_bindgen_futures::spawn_local;

use super::data;
use super::engine::{Engine, EngineKind, Incoming};
use super::handle::{ModelFiles, RunHandle, RunWorker};
use super::held::Held;
use super::pad::now_ms;
use crate::store::runs::{self, Checkpoint, KeptRun};
use crate::store::{StoreError, files};
use crate::trouble::Trouble;

/// A run that computes in this tab.
struct BrowserRun {
    handle: RunHandle,
    engine: Rc<Engine>,
    kept: RefCell<KeptRun>,
    /// The step it went on from; `None`: it is new.
    resumed_at: Option<u64>,
    /// Events not stored yet: they go in batches, and always before or with a checkpoint.
    unsaved: RefCell<Vec<Event>>,
    saved_at_ms: Cell<f64>,
    /// Nothing could be stored the last time; the run goes on all the same.
    forgetful: Cell<bool>,
    /// There is a checkpoint to go on from.
    can_go_on: Cell<bool>,
    /// Data on its way to the engine. Each holds the engine.
    fetches: RefCell<Vec<AbortHandle>>,
}

/// What a run takes in, in order.
enum Heard {
    Engine(Incoming),
    /// Stopped before its first step. The sender is dropped once the run is gone.
    Cancelled(oneshot::Sender<()>),
}

/// Events wait this long to be stored together.
const BATCH_MS: f64 = 1000.0;
/// The longest detail of a failure that is kept. A rejected shader may be told in pages.
const DETAIL_CHARS: usize = 1000;

/// Starts the worker and the run in it. `resume`: the checkpoint to go on from.
pub fn start(
    handle: &RunHandle,
    kept: KeptRun,
    kind: EngineKind,
    resume: Option<Checkpoint>,
    held: Held,
) -> Result<(), String> {
    let (sender, receiver) = mpsc::unbounded();
    // A closed channel means the run is over and nobody wants to hear more.
    let hear = sender.clone();
    let engine = Engine::start(kind, move |incoming| drop(hear.unbounded_send(Heard::Engine(incoming))))?;
    let config = kept.info.config.clone();
    let last_seq = handle.newest().0;
    let done_ms = resume.as_ref().map_or(0, |checkpoint| checkpoint.at_ms);
    // Cut off before its first checkpoint, it begins again: whatever was told before is void.
    let resumed_at = resume.as_ref().map(|checkpoint| checkpoint.step).or((last_seq > 0).then_some(0));
    let message = ToEngine::Start { config, resumed_at, done_ms, last_seq };
    let can_go_on = Cell::new(resume.is_some());
    let bytes = resume.map(|checkpoint| checkpoint.bytes);
    engine.send(&message, &bytes.iter().map(Vec::as_slice).collect::<Vec<_>>());
    for (knob, value) in kept.info.turned.0.clone() {
        engine.send(&ToEngine::Control(Control::Set { knob, value }), &[]);
    }

    let run = Rc::new(BrowserRun {
        handle: handle.clone(),
        engine: Rc::new(engine),
        kept: RefCell::new(kept),
        resumed_at,
        unsaved: RefCell::default(),
        saved_at_ms: Cell::new(now_ms()),
        forgetful: Cell::new(false),
        can_go_on,
        fetches: RefCell::default(),
    });
    handle.set_worker(Some(Rc::new(Steering { run: Rc::downgrade(&run), sender })));
    spawn_local(async move {
        let cancelled = run.follow(receiver).await;
        run.fetches.take().iter().for_each(AbortHandle::abort);
        if cancelled.is_some() {
            run.give_up().await;
        }
        run.handle.set_worker(None);
        // The worker ends here with `run`, and only then may another tab train.
        drop(run);
        drop(held);
        drop(cancelled);
    });
    Ok(())
}

impl BrowserRun {
    /// Takes the engine's messages one after the other until the run is over, or cancelled: then whoever waits for
    /// its end is returned.
    async fn follow(&self, mut heard: UnboundedReceiver<Heard>) -> Option<oneshot::Sender<()>> {
        while let Some(heard) = heard.next().await {
            let incoming = match heard {
                Heard::Engine(incoming) => incoming,
                Heard::Cancelled(waiting) => return Some(waiting),
            };
            match incoming.message {
                FromEngine::Event(event) => {
                    let over = self.take(event).await;
                    if over {
                        return None;
                    }
                }
                FromEngine::Checkpoint { step, at_ms, seq } => {
                    let Some(bytes) = incoming.buffers.into_iter().next() else { continue };
                    self.keep(Checkpoint { step, seq, at_ms, bytes }).await;
                }
                FromEngine::Remember { name } => {
                    if let Some(bytes) = incoming.buffers.into_iter().next() {
                        // Without it a later run takes longer, and that is all.
                        drop(files::remember(&name, &bytes).await);
                    }
                }
                FromEngine::NeedData { part } => {
                    let engine = self.engine.clone();
                    let (answer, abort) = abortable(async move { data::answer(&engine, part).await });
                    self.fetches.borrow_mut().push(abort);
                    spawn_local(async move { _ = answer.await });
                }
                // Unasked: the run's last weights.
                message @ FromEngine::Model { .. } => {
                    if let Some(files) = model(Incoming { message, buffers: incoming.buffers }) {
                        self.heed(runs::put_model(self.handle.id(), &files).await);
                    }
                }
                FromEngine::Broken { code, detail } => {
                    self.fail(code, &detail).await;
                    return None;
                }
                _ => {}
            }
        }
        None
    }

    /// Ends a run that has not taken a step: of a new one nothing stays, a resumed one stays what it was.
    async fn give_up(&self) {
        match self.resumed_at {
            Some(step) => {
                let (seq, at_ms) = self.handle.newest();
                self.take(Event { seq: seq + 1, at_ms, body: EventBody::Stopped { step } }).await;
            }
            None => {
                self.heed(runs::delete(self.handle.id()).await);
                super::start::forget(&self.handle);
                self.handle.set_void();
            }
        }
    }

    /// Tells and keeps one event. True: it was the last.
    async fn take(&self, event: Event) -> bool {
        runs::note(&mut self.kept.borrow_mut().info, &event);
        self.unsaved.borrow_mut().push(event.clone());
        let last = event.body.is_last();
        self.handle.tell(event);
        // What could not be stored is tried again with the next checkpoint: each try writes all of it.
        if last || !self.forgetful.get() && now_ms() - self.saved_at_ms.get() >= BATCH_MS {
            self.save().await;
        }
        last
    }

    async fn save(&self) {
        self.saved_at_ms.set(now_ms());
        let events = self.unsaved.take();
        let kept = self.as_it_stands();
        let stored = runs::append(&kept, &events).await;
        self.forgetful.set(stored.is_err());
        if stored.is_err() {
            self.put_back(events);
        }
        self.heed(stored);
    }

    /// Events that could not be stored wait before those that came meanwhile: a run with a hole is damaged.
    fn put_back(&self, mut events: Vec<Event>) {
        let mut unsaved = self.unsaved.borrow_mut();
        events.append(&mut unsaved);
        *unsaved = events;
    }

    /// With what the handle knows better.
    fn as_it_stands(&self) -> KeptRun {
        let mut kept = self.kept.borrow_mut();
        kept.info.name = self.handle.name();
        kept.info.turned = self.handle.turned();
        kept.clone()
    }

    /// Stores a checkpoint with all events up to it, and only then says that it is written.
    async fn keep(&self, checkpoint: Checkpoint) {
        let body = EventBody::Checkpoint { step: checkpoint.step, bytes: checkpoint.bytes.len() as u64 };
        let mut event = Event { seq: checkpoint.seq, at_ms: checkpoint.at_ms, body };
        runs::note(&mut self.kept.borrow_mut().info, &event);
        let mut events = self.unsaved.take();
        events.push(event.clone());
        let kept = self.as_it_stands();
        let stored = runs::put_checkpoint(&kept, &events, &checkpoint).await;
        self.saved_at_ms.set(now_ms());
        if let Err(error) = &stored {
            // The number is taken, so something has to stand under it.
            event.body = EventBody::Note { text: error.text() };
            events.pop();
            events.push(event.clone());
            self.put_back(events);
        }
        self.forgetful.set(stored.is_err());
        self.can_go_on.set(self.can_go_on.get() || stored.is_ok());
        self.handle.tell(event);
    }

    /// The engine broke without a last event of its own.
    async fn fail(&self, code: FailureCode, detail: &str) {
        let (seq, at_ms) = self.handle.newest();
        let detail = detail.chars().take(DETAIL_CHARS).collect();
        let body = EventBody::Failed { code, text: failure(code, self.can_go_on.get()), detail: Some(detail) };
        self.take(Event { seq: seq + 1, at_ms, body }).await;
    }

    /// Tells the page that storage does not work; the run goes on.
    fn heed(&self, stored: Result<(), StoreError>) {
        if let Err(error) = stored {
            self.handle.set_trouble(error.trouble());
        }
    }
}

/// What pages ask of a run in this tab. It does not keep the worker alive.
struct Steering {
    run: Weak<BrowserRun>,
    sender: UnboundedSender<Heard>,
}

impl RunWorker for Steering {
    fn control(&self, control: Control) -> LocalBoxFuture<'static, Result<(), Trouble>> {
        let Some(run) = self.run.upgrade() else { return Box::pin(async { Ok(()) }) };
        match control {
            // The engine hears nothing before the first step, and that may be minutes away.
            Control::Stop if untrack(|| run.handle.is_preparing()) => {
                let (waiting, gone) = oneshot::channel();
                drop(self.sender.unbounded_send(Heard::Cancelled(waiting)));
                return Box::pin(async move {
                    // Never sent, only dropped.
                    _ = gone.await;
                    Ok(())
                });
            }
            Control::Pause | Control::Step { .. } => run.handle.set_state(RunState::Paused),
            Control::Resume => run.handle.set_state(RunState::Running),
            Control::Stop | Control::Set { .. } | Control::Checkpoint => {}
        }
        let is_set = matches!(control, Control::Set { .. });
        run.engine.send(&ToEngine::Control(control), &[]);
        Box::pin(async move {
            // A run that is paused says nothing that would be kept, and a tab may close before it goes on.
            if is_set {
                run.save().await;
            }
            Ok(())
        })
    }

    fn snapshot(&self) -> LocalBoxFuture<'static, Result<Option<ModelFiles>, Trouble>> {
        let Some(run) = self.run.upgrade() else { return Box::pin(async { Ok(None) }) };
        let answer = run.engine.begin(|id| ToEngine::Snapshot { id }, &[]);
        let handle = run.handle.clone();
        Box::pin(async move {
            match answer.await.ok().and_then(model) {
                Some(files) => Ok(Some(files)),
                // The run ended meanwhile, and its last weights are kept; or it has none yet.
                None => super::start::model_of(handle.id(), handle.place()).await,
            }
        })
    }

    fn inject(&self, fault: Injection) {
        if let Some(run) = self.run.upgrade() {
            run.engine.send(&ToEngine::Inject { fault }, &[]);
        }
    }
}

/// The weights in a message that brings some.
fn model(incoming: Incoming) -> Option<ModelFiles> {
    let FromEngine::Model { manifest: Some(manifest), .. } = incoming.message else { return None };
    let [weights, parity] = incoming.buffers.try_into().ok()?;
    Some(ModelFiles { manifest: *manifest, dtype: Dtype::F32, weights, parity })
}

fn failure(code: FailureCode, can_go_on: bool) -> Text {
    let cause = match code {
        FailureCode::ShaderRejected => text("The browser rejected a GPU program.", "浏览器拒绝了一个 GPU 程序。"),
        FailureCode::GpuError => text("The GPU reported an error.", "GPU 报告了错误。"),
        FailureCode::DeviceLost => text("The GPU was lost.", "GPU 设备已丢失。"),
        FailureCode::OutOfMemory => text("There was not enough memory.", "内存不足。"),
        FailureCode::Crashed => text("The engine ended without a word.", "引擎意外退出。"),
        _ => text("The engine failed.", "引擎出错。"),
    };
    let next = if can_go_on {
        text(" The run can go on from its last checkpoint.", "运行可从最近的检查点继续。")
    } else {
        text("", "")
    };
    Text { en: format!("{}{}", cause.en, next.en).into(), zh: format!("{}{}", cause.zh, next.zh).into() }
}
