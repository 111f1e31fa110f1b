//! What a lab's page knows and can do: the form, the run at the run bar, and the runs it is compared with.

use std::time::Duration;

use gloo::timers::future::sleep;
use kindling_protocol::api::RunState;
use kindling_protocol::engine::Control;
use kindling_protocol::event::Progress;
use kindling_protocol::knob::{self, KnobValue};
use kindling_protocol::lab::{LabSpec, Place};
use kindling_protocol::run::{MAX_SEED, RunConfig};
use kindling_protocol::text::Text;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::lab::changes::first_name;
use crate::lab::live::LiveRun;
use crate::runner::{self, RunHandle, StartError, gpu};
use crate::trouble::Trouble;

/// Copy: every copy is the same page's state.
#[derive(Clone, Copy)]
pub struct LabState {
    pub spec: StoredValue<LabSpec>,
    /// What the form shows: the next run's configuration, and of a run that goes on its live knobs.
    pub config: RwSignal<RunConfig>,
    pub place: RwSignal<Place>,
    pub live: RwSignal<Option<LiveRun>>,
    pub compared: RwSignal<Vec<LiveRun>>,
    /// The last thing that did not work, in words.
    pub trouble: RwSignal<Option<Trouble>>,
    /// A start or a resumption is under way.
    pub starting: RwSignal<bool>,
    /// Step to the end of the epoch once the run has told how long an epoch is.
    epoch_wanted: RwSignal<bool>,
}

/// What a run that is started is to do.
#[derive(Clone, Copy, PartialEq)]
enum Begin {
    Run,
    /// So many steps, then pause.
    Steps(u64),
    /// Pause at the end of its first epoch.
    Epoch,
}

/// A run that goes on tells more within this time.
const STANDS_AFTER: Duration = Duration::from_secs(1);

impl LabState {
    pub fn new(spec: LabSpec, config: RunConfig, place: Place) -> Self {
        let state = LabState {
            spec: StoredValue::new(spec),
            config: RwSignal::new(config),
            place: RwSignal::new(place),
            live: RwSignal::new(None),
            compared: RwSignal::new(Vec::new()),
            trouble: RwSignal::new(None),
            starting: RwSignal::new(false),
            epoch_wanted: RwSignal::new(false),
        };
        Effect::new(move |_| state.step_epoch_if_wanted());
        Effect::new(move |_| {
            let trouble = state.live.with(|live| live.as_ref().and_then(|live| live.run.trouble().get()));
            if let Some(trouble) = trouble {
                state.tell(trouble);
            }
        });
        state
    }

    /// State of the run at the run bar. Tracked.
    pub fn run_state(&self) -> Option<RunState> {
        self.live.with(|live| live.as_ref().map(|live| live.run.state().get()))
    }

    /// The run goes on, or waits to. Tracked.
    pub fn is_live(&self) -> bool {
        matches!(self.run_state(), Some(RunState::Queued | RunState::Running | RunState::Paused))
    }

    /// A start waits for the GPU's self-test. Tracked.
    pub fn is_checking(&self) -> bool {
        self.starting.get() && gpu::compared().with(Option::is_some)
    }

    /// The run at the run bar has not taken a step yet. Tracked.
    pub fn is_preparing(&self) -> bool {
        self.live.with(|live| live.as_ref().is_some_and(|live| live.run.is_preparing()))
    }

    /// Knobs that differ from the run that goes on and can't be turned while it does. Tracked.
    pub fn waiting_for_reset(&self) -> Vec<Text> {
        if !self.is_live() {
            return Vec::new();
        }
        let Some(running) = self.live.with(|live| live.as_ref().map(|live| live.run.config().clone())) else {
            return Vec::new();
        };
        let config = self.config.read();
        let mut waiting = self.spec.with_value(|spec| {
            let differs = |id: &str| running.knobs.0.get(id) != config.knobs.0.get(id);
            let fixed = spec.knobs.iter().filter(|knob| !knob.live && differs(&knob.id));
            fixed.map(|knob| knob.label.clone()).collect::<Vec<_>>()
        });
        if running.seed != config.seed {
            waiting.push(crate::i18n::lab::SEED.clone());
        }
        waiting
    }

    /// Puts the knobs that can't be turned now back to what the run has.
    pub fn keep_running_config(&self) {
        let Some(running) = self.live.with_untracked(|live| live.as_ref().map(|live| live.run.config().clone())) else {
            return;
        };
        let live_knobs: Vec<String> = self
            .spec
            .with_value(|spec| spec.knobs.iter().filter(|knob| knob.live).map(|knob| knob.id.to_string()).collect());
        self.config.update(|config| {
            config.seed = running.seed;
            for (id, value) in running.knobs.0 {
                if !live_knobs.contains(&id) {
                    config.knobs.0.insert(id, value);
                }
            }
        });
    }

    /// Sets a knob in the form; a live knob of a run that goes on is turned there too.
    pub fn set_knob(&self, id: &str, value: KnobValue) {
        let live = self.spec.with_value(|spec| {
            let knob = knob::find(&spec.knobs, id).ok()?;
            knob.check(&value).ok()?;
            Some(knob.live)
        });
        let Some(live) = live else { return };
        self.config.update(|config| drop(config.knobs.0.insert(id.to_string(), value.clone())));
        if live && untrack(|| self.is_live()) {
            self.control(Control::Set { knob: id.to_string(), value });
        }
    }

    pub fn set_seed(&self, seed: u64) {
        self.config.update(|config| config.seed = seed.min(MAX_SEED));
    }

    /// Run, pause or go on, whichever comes next.
    pub fn run_or_pause(&self) {
        match untrack(|| self.run_state()) {
            Some(RunState::Running | RunState::Queued) => self.control(Control::Pause),
            Some(RunState::Paused) => self.control(Control::Resume),
            Some(RunState::Stopped | RunState::Interrupted) => self.resume(),
            None | Some(RunState::Finished | RunState::Failed) => self.start(Begin::Run),
        }
    }

    /// Goes on for `steps`, then pauses. Starts the run if there is none.
    pub fn step(&self, steps: u64) {
        match untrack(|| self.run_state()) {
            Some(RunState::Paused | RunState::Running | RunState::Queued) => self.control(Control::Step { steps }),
            None | Some(RunState::Finished | RunState::Failed) => self.start(Begin::Steps(steps)),
            Some(RunState::Stopped | RunState::Interrupted) => {}
        }
    }

    /// Goes on to the end of the epoch, then pauses.
    pub fn step_epoch(&self) {
        match untrack(|| self.run_state()) {
            Some(RunState::Paused | RunState::Running | RunState::Queued) => self.epoch_wanted.set(true),
            None | Some(RunState::Finished | RunState::Failed) => self.start(Begin::Epoch),
            Some(RunState::Stopped | RunState::Interrupted) => {}
        }
    }

    fn step_epoch_if_wanted(&self) {
        if !self.epoch_wanted.get() {
            return;
        }
        let progress = self.live.with(|live| live.as_ref().and_then(|live| live.view.read().progress.clone()));
        if let Some(steps) = progress.and_then(|progress| steps_to_epoch_end(&progress)) {
            self.epoch_wanted.set(false);
            self.step(steps);
        }
    }

    /// Ends the run and keeps it, with its checkpoint; or what has to come before its first step, and keeps nothing.
    pub fn stop(&self) {
        if untrack(|| self.is_checking()) {
            return gpu::cancel();
        }
        self.control(Control::Stop);
    }

    /// Back to the seed: the run so far is kept in the table, and the next one begins from the start.
    pub fn reset(&self) {
        if untrack(|| self.is_checking() || self.is_live()) {
            self.stop();
        }
        self.epoch_wanted.set(false);
        self.trouble.set(None);
        self.live.set(None);
    }

    /// Starts a run as soon as the one before has written its checkpoint and let go.
    pub fn run_when_free(&self) {
        let state = *self;
        let before = runner::active();
        spawn_local(async move {
            for _ in 0..50 {
                let busy = before.with_untracked(|run| {
                    run.as_ref().is_some_and(|run| run.is_live() && run.place() != Place::Server)
                });
                if !busy {
                    break;
                }
                sleep(Duration::from_millis(100)).await;
            }
            if state.live.try_get_untracked() == Some(None) {
                state.start(Begin::Run);
            }
        });
    }

    fn control(&self, control: Control) {
        if let Some(live) = self.live.get_untracked() {
            spawn_local(self.ask(live.run, control));
        }
    }

    /// The page may be left meanwhile; the run is asked all the same.
    async fn ask(self, run: RunHandle, control: Control) {
        if let Err(trouble) = run.control(control).await {
            self.tell(trouble);
        }
        if run.is_void() {
            self.live.try_update(|shown| shown.take_if(|shown| shown.run == run));
        }
    }

    fn start(&self, begin: Begin) {
        if self.starting.get_untracked() {
            return;
        }
        let state = *self;
        let (config, place) = (self.config.get_untracked(), self.place.get_untracked());
        let name = self.spec.with_value(|spec| first_name(spec, &config));
        state.starting.set(true);
        state.trouble.set(None);
        spawn_local(async move {
            let started = runner::start(config, place, Some(name)).await;
            state.starting.try_set(false);
            match started {
                Ok(run) => {
                    let live = LiveRun::new(run);
                    state.watch(live.clone());
                    let steps = match begin {
                        Begin::Run => return,
                        Begin::Steps(steps) => steps,
                        // A run that has not begun can't tell how long its epochs are: one step, and it can.
                        Begin::Epoch => 1,
                    };
                    until_launched(&live.run).await;
                    state.ask(live.run.clone(), Control::Step { steps }).await;
                    if begin == Begin::Epoch && stands(&live).await {
                        state.epoch_wanted.try_set(true);
                    }
                }
                Err(error) => state.fail(error),
            }
        });
    }

    pub fn resume(&self) {
        if let Some(id) = self.live.with_untracked(|live| live.as_ref().map(|live| live.run.id().to_string())) {
            self.resume_run(id);
        }
    }

    /// Goes on with a run from its newest checkpoint.
    pub fn resume_run(&self, id: String) {
        if self.starting.get_untracked() {
            return;
        }
        let state = *self;
        state.starting.set(true);
        state.trouble.set(None);
        spawn_local(async move {
            let resumed = runner::resume(&id).await;
            state.starting.try_set(false);
            match resumed {
                Ok(run) => state.show_run(LiveRun::new(run)),
                Err(error) => state.fail(error),
            }
        });
    }

    fn fail(&self, error: StartError) {
        self.epoch_wanted.try_set(false);
        if let Some(trouble) = error.trouble() {
            self.tell(trouble);
        }
    }

    /// Puts a run at the run bar, and the form to what it runs with.
    pub fn show_run(&self, live: LiveRun) {
        let mut config = live.run.config().clone();
        config.knobs.0.extend(live.run.turned().0);
        // The page may be left meanwhile.
        if let Some(Ok(config)) = self.spec.try_with_value(|spec| config.resolve(spec)) {
            self.config.try_set(config);
        }
        self.place.try_set(live.run.place());
        self.watch(live);
    }

    /// The page may be left while a start is under way: the run goes on, and is found again by `runner::active`.
    fn watch(&self, live: LiveRun) {
        self.epoch_wanted.try_set(false);
        self.compared.try_update(|compared| compared.retain(|other| other.run != live.run));
        self.live.try_set(Some(live));
    }

    pub fn tell(&self, trouble: Trouble) {
        self.trouble.try_set(Some(trouble));
    }
}

/// The server refuses to step a run that waits for a device.
async fn until_launched(run: &RunHandle) {
    while run.place() == Place::Server && run.state().get_untracked() == RunState::Queued {
        sleep(Duration::from_millis(100)).await;
    }
}

/// Waits until a run that steps stands: what it told while it went on is not where it is. False: it goes on or is over.
async fn stands(live: &LiveRun) -> bool {
    let step = || live.view.read_untracked().progress.as_ref().map(|progress| progress.step);
    loop {
        let before = step();
        sleep(STANDS_AFTER).await;
        if live.run.state().get_untracked() != RunState::Paused {
            return false;
        }
        if before.is_some() && step() == before {
            return true;
        }
    }
}

/// Steps left in the epoch a run is in; a whole one at its border. Nothing before the first step.
fn steps_to_epoch_end(progress: &Progress) -> Option<u64> {
    if progress.step == 0 || progress.epoch <= 0.0 {
        return None;
    }
    let steps_per_epoch = progress.step as f64 / progress.epoch;
    let end = ((progress.epoch + 1e-6).floor() + 1.0) * steps_per_epoch;
    Some((end.round() as u64).saturating_sub(progress.step).max(1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_epoch_ends_where_it_should() {
        let at = |step, epoch| steps_to_epoch_end(&Progress { step, epoch, ..Progress::default() });
        assert_eq!(at(0, 0.0), None);
        assert_eq!(at(1, 1.0 / 469.0), Some(468));
        assert_eq!(at(469, 1.0), Some(469));
        assert_eq!(at(468, 468.0 / 469.0), Some(1));
        assert_eq!(at(700, 700.0 / 469.0), Some(238));
    }
}
