//! A run on this machine: the native host of a lab, on the thread that calls it.
//!
//! `kindling worker` and `kindling train` run labs through it; they differ in where events, checkpoints and
//! weights go (a [`Keeper`]) and in who sends controls.

use std::cell::RefCell;
use std::fs;
use std::future::ready;
use std::io;
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, TryRecvError};
use std::time::{Duration, Instant};

use kindling_labs::burn::tensor::Device;
use kindling_labs::crew::Crew;
use kindling_labs::host::{DataError, Host, Interrupt, Lab, LocalFuture, Run, Snapshot, Tick};
use kindling_labs::pace::Pace;
use kindling_protocol::engine::Control;
use kindling_protocol::event::{Event, EventBody, FailureCode, Progress};
use kindling_protocol::knob;
use kindling_protocol::run::RunConfig;
use kindling_protocol::text::text;

use crate::crew::Members;
use crate::data::Library;
use crate::runs::folder::write_whole;

/// Where what a run brings forth goes. An error ends the run; its newest checkpoint is not touched by that.
pub trait Keeper {
    fn event(&mut self, event: &Event) -> io::Result<()>;

    /// `seq` is the newest event so far, `at_ms` the time of running so far.
    fn checkpoint(&mut self, step: u64, at_ms: u64, seq: u64, bytes: &[u8]) -> io::Result<()>;

    fn snapshot(&mut self, snapshot: &Snapshot) -> io::Result<()>;
}

/// Where a run begins: from the start, or where it was cut off.
#[derive(Default)]
pub struct Begin {
    /// A checkpoint and its step.
    pub checkpoint: Option<(u64, Vec<u8>)>,
    /// Milliseconds of running before.
    pub done_ms: u64,
    /// The newest event before.
    pub last_seq: u64,
}

/// How a run came to an end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    Finished,
    Stopped,
    Failed(FailureCode),
    /// Whoever sent controls is gone. A checkpoint was kept and nothing was said: the run goes on elsewhere.
    Abandoned,
}

/// What a run here needs besides the lab.
pub struct Surroundings<K> {
    pub keeper: K,
    pub data: Library,
    /// Where runs leave something to later ones; none: nowhere.
    pub memory: Option<PathBuf>,
    /// Its end means that the run is abandoned.
    pub controls: Receiver<Control>,
    /// How often a checkpoint is kept, with the weights of that moment.
    pub checkpoint_every: Duration,
    /// How many may compute beside a run at a time, where the lab has a use for it.
    pub cores: usize,
    /// This very binary, for those of them that are processes.
    pub program: PathBuf,
}

/// The cores of this machine.
pub fn cores() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// This very binary. Where the system does not say which it is, nothing is started of it.
pub fn program() -> PathBuf {
    std::env::current_exe().unwrap_or_default()
}

/// Runs a lab to its end. `config` must be resolved, `device` is without autodiff.
pub fn run<K: Keeper>(
    lab: &Lab,
    config: &RunConfig,
    device: Device,
    device_name: &str,
    begin: Begin,
    surroundings: Surroundings<K>,
) -> Ended {
    let (step, resume) = begin.checkpoint.unzip();
    // Cut off before its first checkpoint, it begins again: whatever was told before is void.
    let resumed_at = step.or((begin.last_seq > 0).then_some(0));
    let host = LocalHost::new(lab, begin.done_ms, begin.last_seq, surroundings);
    let run = Run { device, knobs: config.knobs.clone(), seed: config.seed, resume, host: &host };
    let ended = pollster::block_on(async {
        host.emit(EventBody::Started { device: device_name.to_string(), resumed_at }).await?;
        (lab.run)(run).await
    });
    let mut state = host.0.into_inner();
    let last_word = match ended {
        Ok(()) => return Ended::Finished,
        Err(Interrupt::Stop) if state.abandoned => return Ended::Abandoned,
        Err(Interrupt::Stop) => (Ended::Stopped, EventBody::Stopped { step: state.progress.step }),
        Err(Interrupt::Fail { code, text, detail }) => (Ended::Failed(code), EventBody::Failed { code, text, detail }),
    };
    // If even this can't be told, the exit without a last word says enough.
    match state.emit(last_word.1) {
        Ok(()) => last_word.0,
        Err(_) => Ended::Abandoned,
    }
}

/// Progress is told this often.
const PROGRESS_EVERY: Duration = Duration::from_millis(250);

struct LocalHost<K>(RefCell<HostState<K>>);

struct HostState<K> {
    surroundings: Surroundings<K>,
    live_knobs: Vec<knob::Knob>,
    seq: u64,
    /// Running time before the clock was last started.
    done: Duration,
    clock: Instant,
    progress: Progress,
    progress_told: Option<Instant>,
    pace: Pace,
    checkpointed: Instant,
    /// Steps left before a pause, when stepping.
    steps_left: Option<u64>,
    paused: bool,
    stopping: bool,
    abandoned: bool,
}

impl<K: Keeper> LocalHost<K> {
    fn new(lab: &Lab, done_ms: u64, last_seq: u64, surroundings: Surroundings<K>) -> Self {
        let now = Instant::now();
        LocalHost(RefCell::new(HostState {
            surroundings,
            live_knobs: (lab.spec)().knobs.into_iter().filter(|knob| knob.live).collect(),
            seq: last_seq,
            done: Duration::from_millis(done_ms),
            clock: now,
            progress: Progress::default(),
            progress_told: None,
            pace: Pace::default(),
            checkpointed: now,
            steps_left: None,
            paused: false,
            stopping: false,
            abandoned: false,
        }))
    }
}

impl<K: Keeper> Host for LocalHost<K> {
    fn data<'a>(&'a self, part: &'a str) -> LocalFuture<'a, Result<Vec<u8>, DataError>> {
        Box::pin(ready(self.0.borrow().surroundings.data.read(part)))
    }

    fn emit(&self, event: EventBody) -> LocalFuture<'_, Result<(), Interrupt>> {
        Box::pin(ready(self.0.borrow_mut().emit(event)))
    }

    fn tick<'a>(&'a self, progress: &'a Progress) -> LocalFuture<'a, Result<Tick, Interrupt>> {
        Box::pin(ready(self.0.borrow_mut().tick(progress)))
    }

    fn checkpoint(&self, step: u64, bytes: Vec<u8>) -> LocalFuture<'_, Result<(), Interrupt>> {
        Box::pin(ready(self.0.borrow_mut().checkpoint(step, &bytes)))
    }

    fn snapshot(&self, model: Snapshot) -> LocalFuture<'_, Result<(), Interrupt>> {
        Box::pin(ready(self.0.borrow_mut().surroundings.keeper.snapshot(&model).map_err(unkept)))
    }

    fn now_ms(&self) -> Option<f64> {
        Some(self.0.borrow().ran().as_secs_f64() * 1e3)
    }

    fn recall<'a>(&'a self, name: &'a str) -> LocalFuture<'a, Option<Vec<u8>>> {
        let memory = &self.0.borrow().surroundings.memory;
        Box::pin(ready(memory.as_ref().and_then(|folder| fs::read(folder.join(name)).ok())))
    }

    fn remember(&self, name: &str, bytes: Vec<u8>) {
        let Some(folder) = &self.0.borrow().surroundings.memory else { return };
        let kept = fs::create_dir_all(folder).and_then(|()| write_whole(folder, name, &bytes));
        // Without it a later run takes longer, and that is all.
        if let Err(error) = kept {
            eprintln!("{} was not written: {error}", folder.join(name).display());
        }
    }

    fn crew<'a>(&'a self, lab: &Lab, most: usize, setup: &[u8]) -> Option<Box<dyn Crew + 'a>> {
        let Surroundings { cores, program, .. } = &self.0.borrow().surroundings;
        let size = most.min(*cores);
        let join = lab.join.filter(|_| size > 1)?;
        Some(Box::new(Members::start(lab, join, size, setup, program, *cores)))
    }
}

impl<K: Keeper> HostState<K> {
    fn ran(&self) -> Duration {
        self.done + self.clock.elapsed()
    }

    fn emit(&mut self, mut body: EventBody) -> Result<(), Interrupt> {
        if let EventBody::Progress(progress) = &mut body {
            self.pace.fill_in(self.ran().as_secs_f64() * 1e3, progress);
        }
        self.seq += 1;
        let event = Event { seq: self.seq, at_ms: self.ran().as_millis() as u64, body };
        self.surroundings.keeper.event(&event).map_err(unkept)
    }

    fn tick(&mut self, progress: &Progress) -> Result<Tick, Interrupt> {
        self.progress = progress.clone();
        let mut tick = Tick::default();
        if let Some(left) = &mut self.steps_left {
            *left = left.saturating_sub(1);
            if *left == 0 {
                self.steps_left = None;
                self.paused = true;
            }
        }
        // The last step is always told: a finished run does not stand at 98 %.
        let is_last = progress.step == progress.steps;
        if is_last || self.progress_told.is_none_or(|told| told.elapsed() >= PROGRESS_EVERY) {
            self.progress_told = Some(Instant::now());
            self.emit(EventBody::Progress(progress.clone()))?;
        }
        self.obey(&mut tick)?;
        // A turned knob is part of the run from here on: a cut must not lose it.
        let due = self.checkpointed.elapsed() >= self.surroundings.checkpoint_every;
        tick.checkpoint |= due || self.stopping || !tick.turned.is_empty();
        tick.snapshot = tick.checkpoint;
        tick.stop = self.stopping;
        Ok(tick)
    }

    /// Does what was asked since the last step. Returns when the run is to go on, or to end.
    fn obey(&mut self, tick: &mut Tick) -> Result<(), Interrupt> {
        while !self.stopping {
            let control = match self.surroundings.controls.try_recv() {
                Err(TryRecvError::Empty) if !self.paused => return Ok(()),
                // A pause is not running time. The lab hears nothing while it lasts: hearing means going on.
                Err(TryRecvError::Empty) => {
                    self.emit(EventBody::Progress(self.progress.clone()))?;
                    self.done = self.ran();
                    let control = self.surroundings.controls.recv();
                    self.clock = Instant::now();
                    control.ok()
                }
                Err(TryRecvError::Disconnected) => None,
                Ok(control) => Some(control),
            };
            match control {
                Some(Control::Pause) => self.paused = true,
                Some(Control::Resume) => (self.paused, self.steps_left) = (false, None),
                Some(Control::Step { steps }) => (self.paused, self.steps_left) = (false, Some(steps.max(1))),
                Some(Control::Stop) => self.stopping = true,
                Some(Control::Checkpoint) => tick.checkpoint = true,
                Some(Control::Set { knob, value }) => {
                    if knob::find(&self.live_knobs, &knob).and_then(|knob| knob.check(&value)).is_ok() {
                        tick.turned.push((knob, value));
                    }
                }
                None => (self.stopping, self.abandoned) = (true, true),
            }
        }
        Ok(())
    }

    fn checkpoint(&mut self, step: u64, bytes: &[u8]) -> Result<(), Interrupt> {
        let (at_ms, seq) = (self.ran().as_millis() as u64, self.seq);
        self.surroundings.keeper.checkpoint(step, at_ms, seq, bytes).map_err(unkept)?;
        self.checkpointed = Instant::now();
        self.emit(EventBody::Checkpoint { step, bytes: bytes.len() as u64 })
    }
}

fn unkept(error: io::Error) -> Interrupt {
    Interrupt::Fail {
        code: FailureCode::Internal,
        text: text("What the run brought forth could not be kept.", "运行的结果无法保存。"),
        detail: Some(error.to_string()),
    }
}
