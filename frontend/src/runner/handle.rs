//! A run as pages see it: its events from the first to the newest, and what can be asked of it.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::{Rc, Weak};

use futures::future::LocalBoxFuture;
use kindling_protocol::api::{RunInfo, RunState};
use kindling_protocol::engine::{Control, Injection};
use kindling_protocol::event::{Event, EventBody};
use kindling_protocol::knob::Knobs;
use kindling_protocol::lab::Place;
use kindling_protocol::model::{Dtype, Manifest};
use kindling_protocol::run::RunConfig;
use leptos::prelude::*;
use send_wrapper::SendWrapper;

use crate::trouble::Trouble;

/// One run. Clones are the same run; it lives on when the page that started it is left.
#[derive(Clone)]
pub struct RunHandle(SendWrapper<Rc<Inner>>);

struct Inner {
    id: String,
    config: RunConfig,
    place: Place,
    created_ms: u64,
    name: RefCell<String>,
    state: ArcRwSignal<RunState>,
    /// It has taken a step since it was started or resumed here.
    begun: ArcRwSignal<bool>,
    /// It was cancelled before its first step, and nothing of it is kept.
    void: Cell<bool>,
    /// What could not be kept of it.
    trouble: ArcRwSignal<Option<Trouble>>,
    /// Live knobs as they were turned last.
    turned: RefCell<Knobs>,
    events: RefCell<Vec<Event>>,
    listeners: RefCell<BTreeMap<u64, Callback>>,
    next_listener: Cell<u64>,
    worker: RefCell<Option<Rc<dyn RunWorker>>>,
}

type Callback = Rc<RefCell<dyn FnMut(&Event)>>;

/// Trained weights with all that is needed to use them.
#[derive(Clone, Debug, PartialEq)]
pub struct ModelFiles {
    pub manifest: Manifest,
    /// Which of the manifest's weight files `weights` is.
    pub dtype: Dtype,
    pub weights: Vec<u8>,
    pub parity: Vec<u8>,
}

/// Whoever computes a run: a worker of this tab, or the server.
pub(super) trait RunWorker {
    fn control(&self, control: Control) -> LocalBoxFuture<'static, Result<(), Trouble>>;
    fn snapshot(&self) -> LocalBoxFuture<'static, Result<Option<ModelFiles>, Trouble>>;
    /// For tests. Only a worker of this tab can be made to fail.
    fn inject(&self, _injection: Injection) {}
}

/// Ends the listening when dropped.
pub struct Listener(SendWrapper<(Weak<Inner>, u64)>);

impl RunHandle {
    pub fn id(&self) -> &str {
        &self.0.id
    }

    pub fn config(&self) -> &RunConfig {
        &self.0.config
    }

    pub fn place(&self) -> Place {
        self.0.place
    }

    pub fn name(&self) -> String {
        self.0.name.borrow().clone()
    }

    /// Queued, running, paused, ... ; changes as events come in.
    pub fn state(&self) -> ArcReadSignal<RunState> {
        self.0.state.read_only()
    }

    /// Unix milliseconds.
    pub fn created_ms(&self) -> u64 {
        self.0.created_ms
    }

    /// Calls `on_event` with every event so far, at once, and with every one to come. Keep the
    /// [`Listener`] for as long as you listen (`on_cleanup` drops it, or `StoredValue::new`).
    pub fn listen(&self, mut on_event: impl FnMut(&Event) + 'static) -> Listener {
        for event in self.0.events.borrow().iter() {
            on_event(event);
        }
        let number = self.0.next_listener.get();
        self.0.next_listener.set(number + 1);
        self.0.listeners.borrow_mut().insert(number, Rc::new(RefCell::new(on_event)));
        Listener(SendWrapper::new((Rc::downgrade(&self.0), number)))
    }

    /// Live knobs that were turned since the run was made, as they stand now.
    pub fn turned(&self) -> Knobs {
        self.0.turned.borrow().clone()
    }

    /// It computes in this tab and has not taken a step yet: the engine and the data are on their way. Stopped now, a
    /// new run leaves nothing behind, and one that was resumed stays what it was. Tracked.
    pub fn is_preparing(&self) -> bool {
        let live = matches!(self.0.state.get(), RunState::Queued | RunState::Running | RunState::Paused);
        live && self.0.place != Place::Server && !self.0.begun.get()
    }

    /// It was cancelled before its first step: it is in no table, and can't go on.
    pub fn is_void(&self) -> bool {
        self.0.void.get()
    }

    /// What went wrong beside the run and is no event of it: this browser could not keep something.
    pub fn trouble(&self) -> ArcReadSignal<Option<Trouble>> {
        self.0.trouble.read_only()
    }

    /// Asks something of the run. Without effect when it is over.
    pub async fn control(&self, control: Control) -> Result<(), Trouble> {
        if let Control::Set { knob, value } = &control {
            self.0.turned.borrow_mut().0.insert(knob.clone(), value.clone());
        }
        let worker = self.0.worker.borrow().clone();
        match worker {
            Some(worker) => worker.control(control).await,
            None => Ok(()),
        }
    }

    /// The weights as they are now; `None` before the run has a model. Of a run that is over: its last.
    pub async fn snapshot(&self) -> Result<Option<ModelFiles>, Trouble> {
        let worker = self.0.worker.borrow().clone();
        match worker {
            Some(worker) if self.is_live() => worker.snapshot().await,
            // Of a run that is over the worker may be there for a moment, but answers nobody.
            _ => super::start::model_of(self.id(), self.place()).await,
        }
    }

    /// For tests: makes the GPU fail in one of the ways that must be noticed.
    pub fn inject(&self, injection: Injection) {
        if let Some(worker) = self.0.worker.borrow().as_ref() {
            worker.inject(injection);
        }
    }

    /// Some worker computes this run now, or the server has it under way.
    pub fn is_live(&self) -> bool {
        matches!(self.0.state.get_untracked(), RunState::Queued | RunState::Running | RunState::Paused)
    }

    pub(super) fn new(info: &RunInfo, place: Place, events: Vec<Event>) -> Self {
        RunHandle(SendWrapper::new(Rc::new(Inner {
            id: info.id.clone(),
            config: info.config.clone(),
            place,
            created_ms: info.created_ms,
            name: RefCell::new(info.name.clone()),
            state: ArcRwSignal::new(info.state),
            begun: ArcRwSignal::new(false),
            void: Cell::new(false),
            trouble: ArcRwSignal::new(None),
            turned: RefCell::new(info.turned.clone()),
            events: RefCell::new(events),
            listeners: RefCell::default(),
            next_listener: Cell::new(1),
            worker: RefCell::new(None),
        })))
    }

    /// For whoever must not keep the run alive.
    pub(super) fn weak(&self) -> WeakRun {
        WeakRun(Rc::downgrade(&self.0))
    }

    pub(super) fn set_worker(&self, worker: Option<Rc<dyn RunWorker>>) {
        *self.0.worker.borrow_mut() = worker;
    }

    pub(super) fn set_state(&self, state: RunState) {
        if self.0.state.get_untracked() != state {
            self.0.state.set(state);
        }
    }

    pub(super) fn set_void(&self) {
        self.0.void.set(true);
        self.set_state(RunState::Stopped);
    }

    /// The same is told once: a notice that was closed stays closed.
    pub(super) fn set_trouble(&self, trouble: Trouble) {
        if self.0.trouble.with_untracked(|told| told.as_ref() != Some(&trouble)) {
            self.0.trouble.set(Some(trouble));
        }
    }

    pub(super) fn set_name(&self, name: &str) {
        *self.0.name.borrow_mut() = name.into();
    }

    /// The newest event: its number and its time.
    pub(super) fn newest(&self) -> (u64, u64) {
        self.0.events.borrow().last().map_or((0, 0), |event| (event.seq, event.at_ms))
    }

    /// Takes one more event and tells it. One that is known already (a replay after a broken
    /// connection) is passed over.
    pub(super) fn tell(&self, event: Event) {
        if event.seq <= self.newest().0 {
            return;
        }
        match &event.body {
            // One that was asked to pause or to step before it started does, and stands paused.
            EventBody::Started { .. } if self.0.state.get_untracked() == RunState::Paused => {}
            EventBody::Started { .. } => self.set_state(RunState::Running),
            EventBody::Progress(_) if !self.0.begun.get_untracked() => self.0.begun.set(true),
            EventBody::Report { .. } => self.set_state(RunState::Finished),
            EventBody::Stopped { .. } => self.set_state(RunState::Stopped),
            EventBody::Failed { .. } => self.set_state(RunState::Failed),
            _ => {}
        }
        self.0.events.borrow_mut().push(event.clone());
        // A listener may listen or leave while it is told, so the list is not borrowed meanwhile.
        let listeners: Vec<Callback> = self.0.listeners.borrow().values().cloned().collect();
        for listener in listeners {
            listener.borrow_mut()(&event);
        }
    }
}

/// A run, if somebody still looks at it.
#[derive(Clone)]
pub(super) struct WeakRun(Weak<Inner>);

impl WeakRun {
    pub fn upgrade(&self) -> Option<RunHandle> {
        self.0.upgrade().map(|inner| RunHandle(SendWrapper::new(inner)))
    }
}

impl PartialEq for RunHandle {
    fn eq(&self, other: &Self) -> bool {
        self.0.id == other.0.id
    }
}

impl Drop for Listener {
    fn drop(&mut self) {
        let (run, number) = &*self.0;
        if let Some(run) = run.upgrade() {
            run.listeners.borrow_mut().remove(number);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_that_was_paused_before_it_started_stands_paused() {
        let info = RunInfo {
            id: "b1".into(),
            name: "first".into(),
            config: RunConfig { lab: "digits".into(), knobs: Knobs::default(), seed: 1 },
            turned: Knobs::default(),
            device: String::new(),
            state: RunState::Queued,
            created_ms: 5,
            ran_ms: 0,
            progress: None,
            figures: BTreeMap::new(),
            last_seq: 0,
        };
        let started =
            || Event { seq: 1, at_ms: 0, body: EventBody::Started { device: "CPU".into(), resumed_at: None } };
        let run = RunHandle::new(&info, Place::Cpu, Vec::new());
        run.tell(started());
        assert_eq!(run.state().get_untracked(), RunState::Running);
        let run = RunHandle::new(&info, Place::Cpu, Vec::new());
        run.set_state(RunState::Paused);
        run.tell(started());
        assert_eq!(run.state().get_untracked(), RunState::Paused);
    }
}
