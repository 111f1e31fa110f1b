//! What a lab asks of this worker: the [`Host`] of a run in a browser.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use futures::channel::oneshot;
use kindling_labs::crew::Crew;
use kindling_labs::host::{DataError, Host, Interrupt, Lab, LocalFuture, Snapshot, Tick};
use kindling_labs::pace::Pace;
use kindling_protocol::engine::{Control, FromEngine, REMEMBERED};
use kindling_protocol::event::{Event, EventBody, Progress};
use kindling_protocol::knob::{self, Knob};

use crate::turn::{give_way, now_ms};
use crate::{crew, device, fetch, page};

/// What the page wants of the run. Messages write it between steps, the host reads it at the next one.
#[derive(Default)]
pub struct Steering {
    controls: RefCell<VecDeque<Control>>,
    /// Questions for the weights that no snapshot has answered yet.
    snapshots: RefCell<Vec<u64>>,
    /// Wakes a run that is paused.
    wake: RefCell<Option<oneshot::Sender<()>>>,
    /// The weights handed over last: they answer while the run is paused.
    kept: RefCell<Option<Snapshot>>,
    paused: Cell<bool>,
}

impl Steering {
    pub fn control(&self, control: Control) {
        self.controls.borrow_mut().push_back(control);
        if let Some(wake) = self.wake.take() {
            let _ = wake.send(());
        }
    }

    /// Takes a command to step that came before anything else.
    fn first_steps(&self) -> Option<u64> {
        let mut controls = self.controls.borrow_mut();
        let Some(&Control::Step { steps }) = controls.front() else { return None };
        controls.pop_front();
        Some(steps.max(1))
    }

    pub fn ask_snapshot(&self, id: u64) {
        if self.is_resting() || self.paused.get() && self.kept.borrow().is_some() {
            self.answer(id);
        } else {
            self.snapshots.borrow_mut().push(id);
        }
    }

    fn is_resting(&self) -> bool {
        self.wake.borrow().is_some()
    }

    /// With the last weights that there were.
    fn answer(&self, id: u64) {
        match self.kept.borrow().as_ref() {
            Some(kept) => send_model(id, kept),
            None => page::send(&FromEngine::Model { id, manifest: None }, &[]),
        }
    }

    /// The lab was told of these questions, and had no weights to hand over.
    fn answer_unheeded(&self, told: Vec<u64>) {
        let (unheeded, new) = self.snapshots.take().into_iter().partition::<Vec<_>, _>(|id| told.contains(id));
        self.snapshots.replace(new);
        unheeded.into_iter().for_each(|id| self.answer(id));
    }
}

pub struct WorkerHost<'a> {
    steering: &'a Steering,
    live_knobs: Vec<Knob>,
    state: RefCell<State>,
}

struct State {
    seq: u64,
    /// Running time before the clock was last started.
    done_ms: f64,
    started_ms: f64,
    progress: Progress,
    told_ms: f64,
    checkpointed_ms: f64,
    gave_way_ms: f64,
    pace: Pace,
    /// Steps left before a pause, when stepping.
    steps_left: Option<u64>,
    /// No step was taken yet.
    fresh: bool,
    stopping: bool,
    /// Questions for the weights that the lab was told of.
    told_of: Vec<u64>,
    /// The report waits for the lab to return: no event of a run follows it.
    report: Option<EventBody>,
}

/// Between two looks at messages. Long enough to cost nothing, short enough for a button to feel prompt.
const GIVE_WAY_MS: f64 = 10.0;
const PROGRESS_MS: f64 = 500.0;
const CHECKPOINT_MS: f64 = 10_000.0;

impl<'a> WorkerHost<'a> {
    pub fn new(steering: &'a Steering, knobs: Vec<Knob>, done_ms: u64, last_seq: u64) -> Self {
        let now = now_ms();
        let state = State {
            seq: last_seq,
            done_ms: done_ms as f64,
            started_ms: now,
            progress: Progress::default(),
            told_ms: f64::NEG_INFINITY,
            checkpointed_ms: now,
            gave_way_ms: now,
            pace: Pace::default(),
            steps_left: None,
            fresh: true,
            stopping: false,
            told_of: Vec::new(),
            report: None,
        };
        let live_knobs = knobs.into_iter().filter(|knob| knob.live).collect();
        WorkerHost { steering, live_knobs, state: RefCell::new(state) }
    }

    /// Says the last word of a run that is over.
    pub async fn close(&self, ended: Result<(), Interrupt>) {
        let (report, step) = {
            let mut state = self.state.borrow_mut();
            (state.report.take(), state.progress.step)
        };
        let last = match ended {
            Ok(()) => report.unwrap_or_else(|| EventBody::Report { figures: Default::default(), model: None }),
            Err(Interrupt::Stop) => EventBody::Stopped { step },
            Err(Interrupt::Fail { code, text, detail }) => EventBody::Failed { code, text, detail },
        };
        device::settled().await;
        self.tell(last);
        // Whoever still waits for weights gets the last ones there were.
        for id in self.steering.snapshots.take() {
            self.steering.answer(id);
        }
    }

    pub fn tell(&self, mut body: EventBody) {
        let mut state = self.state.borrow_mut();
        if let EventBody::Progress(progress) = &mut body {
            let ran_ms = state.ran_ms();
            state.pace.fill_in(ran_ms, progress);
        }
        state.seq += 1;
        let event = Event { seq: state.seq, at_ms: state.ran_ms() as u64, body };
        page::send(&FromEngine::Event(event), &[]);
    }

    /// Does what was asked since the last step; waits while the run is paused.
    async fn obey(&self, tick: &mut Tick) {
        loop {
            let control = self.steering.controls.borrow_mut().pop_front();
            let Some(control) = control else {
                // Hearing this tick means going on one step. So the weights that answer during the pause are
                // handed over first, and the pause begins at the next step.
                if !self.steering.paused.get() || self.state.borrow().stopping || tick.snapshot {
                    return;
                }
                self.rest().await;
                continue;
            };
            match control {
                Control::Pause => {
                    self.steering.paused.set(true);
                    tick.checkpoint = true;
                    tick.snapshot = true;
                }
                Control::Resume => {
                    self.steering.paused.set(false);
                    self.state.borrow_mut().steps_left = None;
                }
                Control::Step { steps } => {
                    self.steering.paused.set(false);
                    self.state.borrow_mut().steps_left = Some(steps.max(1));
                }
                Control::Stop => self.state.borrow_mut().stopping = true,
                Control::Checkpoint => tick.checkpoint = true,
                Control::Set { knob, value } => {
                    if knob::find(&self.live_knobs, &knob).and_then(|knob| knob.check(&value)).is_ok() {
                        tick.turned.push((knob, value));
                    }
                }
            }
        }
    }

    /// A pause, until the page says something. It is not running time.
    async fn rest(&self) {
        let progress = self.state.borrow().progress.clone();
        self.tell(EventBody::Progress(progress));
        let (sender, woken) = oneshot::channel();
        *self.steering.wake.borrow_mut() = Some(sender);
        let ran_ms = self.state.borrow().ran_ms();
        let _ = woken.await;
        let mut state = self.state.borrow_mut();
        state.done_ms = ran_ms;
        state.started_ms = now_ms();
    }
}

impl Host for WorkerHost<'_> {
    fn data<'a>(&'a self, part: &'a str) -> LocalFuture<'a, Result<Vec<u8>, DataError>> {
        Box::pin(fetch::data(part))
    }

    fn emit(&self, event: EventBody) -> LocalFuture<'_, Result<(), Interrupt>> {
        Box::pin(async move {
            // No number leaves before the GPU has said that nothing went wrong while it came about.
            device::settled().await;
            match event {
                EventBody::Report { .. } => self.state.borrow_mut().report = Some(event),
                event => self.tell(event),
            }
            Ok(())
        })
    }

    fn tick<'a>(&'a self, progress: &'a Progress) -> LocalFuture<'a, Result<Tick, Interrupt>> {
        Box::pin(async move {
            let mut tick = Tick::default();
            let told_of = std::mem::take(&mut self.state.borrow_mut().told_of);
            self.steering.answer_unheeded(told_of);
            let (give, tell) = {
                let mut state = self.state.borrow_mut();
                state.progress = progress.clone();
                // One that was told to step before its first one counts that one.
                if std::mem::replace(&mut state.fresh, false)
                    && let Some(steps) = self.steering.first_steps()
                {
                    state.steps_left = Some(steps);
                }
                let stepped = state.steps_left.as_mut().map(|left| {
                    *left -= 1;
                    *left
                });
                if stepped == Some(0) {
                    state.steps_left = None;
                    self.steering.paused.set(true);
                }
                let now = now_ms();
                // The last step is always told: a finished run does not stand at 98 %.
                let due = now - state.told_ms >= PROGRESS_MS || progress.step == progress.steps;
                (now - state.gave_way_ms >= GIVE_WAY_MS, due)
            };
            if give {
                give_way().await;
            }
            if tell {
                self.tell(EventBody::Progress(progress.clone()));
                self.state.borrow_mut().told_ms = now_ms();
            }
            self.obey(&mut tick).await;
            let mut state = self.state.borrow_mut();
            state.gave_way_ms = now_ms();
            // The step before a pause is the last chance for weights to answer while it lasts.
            tick.snapshot |= state.steps_left == Some(1);
            tick.stop = state.stopping;
            let due = now_ms() - state.checkpointed_ms >= CHECKPOINT_MS;
            // A turned knob is part of the run from here on: a cut must not lose it.
            tick.checkpoint |= due || tick.stop || !tick.turned.is_empty();
            state.told_of = self.steering.snapshots.borrow().clone();
            tick.snapshot |= tick.stop || !state.told_of.is_empty();
            Ok(tick)
        })
    }

    fn checkpoint(&self, step: u64, bytes: Vec<u8>) -> LocalFuture<'_, Result<(), Interrupt>> {
        Box::pin(async move {
            device::settled().await;
            let mut state = self.state.borrow_mut();
            // The page stores it and then tells it, under this number.
            state.seq += 1;
            let message = FromEngine::Checkpoint { step, at_ms: state.ran_ms() as u64, seq: state.seq };
            page::send(&message, &[&bytes]);
            state.checkpointed_ms = now_ms();
            Ok(())
        })
    }

    fn snapshot(&self, model: Snapshot) -> LocalFuture<'_, Result<(), Interrupt>> {
        Box::pin(async move {
            device::settled().await;
            let asked = self.steering.snapshots.take();
            // Unasked, it is kept by the page as what the run came to: also where somebody asked in the last step.
            send_model(0, &model);
            for id in asked {
                send_model(id, &model);
            }
            *self.steering.kept.borrow_mut() = Some(model);
            Ok(())
        })
    }

    fn now_ms(&self) -> Option<f64> {
        Some(now_ms())
    }

    fn recall<'b>(&'b self, name: &'b str) -> LocalFuture<'b, Option<Vec<u8>>> {
        Box::pin(async move { fetch::data(&format!("{REMEMBERED}{name}")).await.ok() })
    }

    fn remember(&self, name: &str, bytes: Vec<u8>) {
        page::send(&FromEngine::Remember { name: name.to_owned() }, &[&bytes]);
    }

    fn crew<'c>(&'c self, lab: &Lab, most: usize, setup: &[u8]) -> Option<Box<dyn Crew + 'c>> {
        crew::start(&(lab.spec)().slug, most, setup)
    }
}

impl State {
    fn ran_ms(&self) -> f64 {
        self.done_ms + now_ms() - self.started_ms
    }
}

fn send_model(id: u64, model: &Snapshot) {
    let message = FromEngine::Model { id, manifest: Some(Box::new(model.manifest.clone())) };
    page::send(&message, &[&model.weights, &model.parity]);
}
