//! Runs on the server: a queue for each device, a worker process for each run, events stored before they are shown.
//!
//! # What holds at any moment, and after any kill
//!
//! - **The log only grows.** Events of a run are numbered from 1 without a gap, and an event that was stored is
//!   never changed, renumbered or removed. So `Last-Event-ID` always means the same, and a client that comes
//!   back after any cut gets exactly what it lacks, nothing twice.
//! - **What was cut off is told again, under new numbers.** A run that resumes goes on from its newest checkpoint,
//!   say of step 200, though its events may have reached step 250. Its next event is
//!   `Started { resumed_at: Some(200) }`: **a reader forgets points and marks of steps beyond 200** and hears them
//!   again (`Some(0)`: it was cut off before its first checkpoint). On the CPU what is told again is the same, bit
//!   for bit.
//! - **No event is lost with the server.** A worker process also writes its events to a spool in the run's folder
//!   ([`folder`]); whoever takes over stores from it what the killed server did not get to. A checkpoint whose
//!   events are not all stored is never resumed from, so a curve has no hole.
//! - **One process works in a run's folder**: it holds a lock there. A new server waits for the process that a
//!   killed one left behind, which ends by itself when its stdin ends.
//! - **A knob that was turned stays turned.** The newest value of each is kept, and a new process is told it again; where
//!   the checkpoint has it already, nothing happens.
//! - **A run's state changes in one place**, [`state::next`], inside the transaction that stores the reason.
//!
//! In reading order:
//!
//! - [`state`]: the states of a run, and every way from one to another.
//! - [`id`]: a run's id.
//! - [`folder`]: a run's files.
//! - [`job`]: what a worker process is told first.
//! - [`worker`]: the worker process's side.
//! - [`process`]: the server's side of one process.
//! - [`supervisor`]: who gets a device, and what becomes of a run while a process works on it.

pub mod folder;
pub mod id;
pub mod job;
mod process;
pub mod state;
mod supervisor;
pub mod worker;

use std::collections::HashMap;
use std::io;
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use kindling_labs::labs;
use kindling_protocol::api::{NewRun, RunInfo, RunState};
use kindling_protocol::engine::Control;
use kindling_protocol::knob::{self, KnobError, KnobValue};
use kindling_protocol::run::{LinkFault, RunConfig};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio_util::sync::CancellationToken;

use self::folder::RunFolder;
use self::id::RunId;
use self::state::Happening;
use crate::store::runs::{self as table, EventPage, NewRow, Settled};
use crate::store::{Store, StoreError};
use crate::tasks::TaskTracker;

/// Runs that may wait for a device.
pub const MAX_QUEUE: u32 = 20;
/// Characters of a run's name.
pub const MAX_NAME: usize = 80;
/// Streams of events that may be open, over all runs.
pub const MAX_STREAMS: usize = 64;
/// Runs in a list.
const MAX_LIST: u32 = 500;
/// Steps that may be asked for at once.
const MAX_STEPS: u64 = 1_000_000;

/// Everything that can be done with runs. Cheap to clone.
#[derive(Clone)]
pub struct Runs(Arc<Inner>);

/// What the runs need to know of the server.
pub struct Settings {
    /// This very program: worker processes are started from it.
    pub program: PathBuf,
    /// `<state>/runs`.
    pub folder: PathBuf,
    pub data_dir: PathBuf,
    /// Devices a run can ask for; the first is the default.
    pub devices: Vec<String>,
    /// How often a run keeps a checkpoint, with the weights of that moment.
    pub checkpoint_every: Duration,
}

struct Inner {
    store: Store,
    settings: Settings,
    /// Runs that hold a device.
    live: Mutex<HashMap<RunId, Live>>,
    /// Readers that wait for more of a run.
    feeds: Mutex<HashMap<RunId, watch::Sender<()>>>,
    streams: Arc<Semaphore>,
    /// The queue or the devices changed.
    wake: Notify,
    closing: CancellationToken,
    tasks: TaskTracker,
}

struct Live {
    device: String,
    controls: mpsc::Sender<Control>,
}

/// Why something can't be done with a run.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    #[error("there is no such run")]
    Unknown,
    #[error("the run is {}, so it can't be {asked}", state::name(*state))]
    State { state: RunState, asked: &'static str },
    #[error("{MAX_QUEUE} runs wait already; try again when one has started")]
    QueueFull,
    #[error("there is no lab `{0}`")]
    Lab(String),
    #[error(transparent)]
    Config(LinkFault),
    #[error(transparent)]
    Knob(KnobError),
    #[error("knob `{0}` can't be turned while a run goes on")]
    NotLive(String),
    #[error("there is no device `{device}` here; there are: {known}")]
    Device { device: String, known: String },
    #[error("a name has 1 to {MAX_NAME} characters and no control characters")]
    Name,
    #[error("steps are 1 to {MAX_STEPS}")]
    Steps,
    #[error("the run has not taken up what it was told before; try again in a moment")]
    Overrun,
    #[error("another process still works on the run")]
    Occupied,
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Io(#[from] io::Error),
}

impl Runs {
    /// Takes up runs that were cut off when the server last ended, and begins to give devices to those that wait.
    pub async fn open(store: Store, settings: Settings) -> Result<Self, RunError> {
        std::fs::create_dir_all(&settings.folder)?;
        let cut_off = store.call(table::cut_off_all).await?;
        if cut_off > 0 {
            tracing::info!(runs = cut_off, "runs that were cut off go on from their checkpoints");
        }
        let runs = Runs(Arc::new(Inner {
            store,
            settings,
            live: Mutex::default(),
            feeds: Mutex::default(),
            streams: Arc::new(Semaphore::new(MAX_STREAMS)),
            wake: Notify::new(),
            closing: CancellationToken::new(),
            tasks: TaskTracker::default(),
        }));
        runs.0.tasks.spawn(runs.clone().schedule());
        Ok(runs)
    }

    /// Lets every worker process keep a checkpoint and end, and ends every stream of events.
    pub async fn close(&self) {
        self.0.closing.cancel();
        self.0.tasks.wait().await;
    }

    /// Done when the server closes.
    pub fn closing(&self) -> &CancellationToken {
        &self.0.closing
    }

    pub async fn create(&self, new: NewRun) -> Result<RunInfo, RunError> {
        let lab =
            labs::find(&new.config.lab).ok_or_else(|| RunError::Lab(new.config.lab.chars().take(40).collect()))?;
        let spec = (lab.spec)();
        let config = new.config.resolve(&spec).map_err(RunError::Config)?;
        knob::for_elsewhere(&spec.knobs, &config.knobs).map_err(RunError::Knob)?;
        let device = self.device(new.device)?;
        let name = match new.name {
            Some(name) => checked_name(&name)?,
            None => default_name(&spec.title.en, &config),
        };
        let created = self
            .0
            .store
            .call(move |connection| {
                if table::count_waiting(connection)? >= MAX_QUEUE {
                    return Ok(None);
                }
                let row = NewRow { name: &name, config: &config, device: &device, now_ms: now_ms() };
                let id = table::insert(connection, &row)?;
                table::get(connection, &id)
            })
            .await?;
        self.0.wake.notify_one();
        created.ok_or(RunError::QueueFull)
    }

    fn device(&self, asked: Option<String>) -> Result<String, RunError> {
        let known = &self.0.settings.devices;
        match asked {
            None => known.first().cloned().ok_or(RunError::Device { device: String::new(), known: String::new() }),
            Some(device) if known.contains(&device) => Ok(device),
            Some(device) => {
                Err(RunError::Device { device: device.chars().take(40).collect(), known: known.join(", ") })
            }
        }
    }

    pub async fn list(&self) -> Result<Vec<RunInfo>, RunError> {
        Ok(self.0.store.call(|connection| table::list(connection, MAX_LIST)).await?)
    }

    pub async fn get(&self, id: &RunId) -> Result<RunInfo, RunError> {
        let run = id.clone();
        self.0.store.call(move |connection| table::get(connection, &run)).await?.ok_or(RunError::Unknown)
    }

    pub async fn rename(&self, id: &RunId, name: &str) -> Result<RunInfo, RunError> {
        let (run, name) = (id.clone(), checked_name(name)?);
        self.0.store.call(move |connection| table::rename(connection, &run, &name)).await?;
        self.get(id).await
    }

    /// Removes a run that is over or still waits, with its events and files.
    pub async fn delete(&self, id: &RunId) -> Result<(), RunError> {
        let info = self.get(id).await?;
        let folder = self.folder(id);
        // Before the row goes: nobody may begin to work on it in between.
        if state::is_open(info.state) {
            if state::is_live(info.state) {
                return Err(RunError::State { state: info.state, asked: "deleted before it is stopped" });
            }
            let state = self.stop(id).await?.state;
            if state::is_open(state) {
                return Err(RunError::State { state, asked: "deleted before it is stopped" });
            }
        }
        let run = id.clone();
        self.0.store.call(move |connection| table::delete(connection, &run)).await?;
        self.told(id);
        Ok(folder.remove()?)
    }

    pub async fn pause(&self, id: &RunId) -> Result<RunInfo, RunError> {
        self.settle(id, Happening::PauseAsked, "paused").await?;
        self.tell(id, Control::Pause)?;
        self.get(id).await
    }

    /// Lets a paused run go on, and queues one that was stopped or failed: it goes on from its checkpoint.
    pub async fn resume(&self, id: &RunId) -> Result<RunInfo, RunError> {
        if self.settle(id, Happening::ResumeAsked, "resumed").await? == RunState::Running {
            self.tell(id, Control::Resume)?;
        }
        self.0.wake.notify_one();
        self.get(id).await
    }

    /// Asks for a checkpoint and the end. A live run stops by itself, at its next step.
    pub async fn stop(&self, id: &RunId) -> Result<RunInfo, RunError> {
        let info = self.get(id).await?;
        if state::is_over(info.state) {
            return Err(RunError::State { state: info.state, asked: "stopped" });
        }
        // A run that holds a device but no process, between two attempts, hears this too.
        match self.tell(id, Control::Stop) {
            Err(RunError::Unknown) => self.stop_idle(id).await?,
            told => told?,
        }
        self.get(id).await
    }

    /// Keeps a checkpoint at the next step.
    pub async fn checkpoint(&self, id: &RunId) -> Result<RunInfo, RunError> {
        let info = self.get(id).await?;
        if !state::is_live(info.state) {
            return Err(RunError::State { state: info.state, asked: "checkpointed" });
        }
        self.tell(id, Control::Checkpoint)?;
        Ok(info)
    }

    /// Goes on for some steps, then pauses.
    pub async fn step(&self, id: &RunId, steps: u64) -> Result<RunInfo, RunError> {
        if !(1..=MAX_STEPS).contains(&steps) {
            return Err(RunError::Steps);
        }
        self.settle(id, Happening::PauseAsked, "stepped").await?;
        self.tell(id, Control::Step { steps })?;
        self.get(id).await
    }

    pub async fn turn(&self, id: &RunId, knob: String, value: KnobValue) -> Result<RunInfo, RunError> {
        let info = self.get(id).await?;
        let lab = labs::find(&info.config.lab).ok_or_else(|| RunError::Lab(info.config.lab.clone()))?;
        let spec = (lab.spec)();
        let found = knob::find(&spec.knobs, &knob).map_err(RunError::Knob)?;
        if !found.live {
            return Err(RunError::NotLive(knob));
        }
        found.check(&value).map_err(RunError::Knob)?;
        if !state::is_live(info.state) {
            return Err(RunError::State { state: info.state, asked: "turned" });
        }
        self.tell(id, Control::Set { knob: knob.clone(), value: value.clone() })?;
        // Only then is it answered: what a person was told is done outlives the process and the server.
        let run = id.clone();
        self.0.store.call(move |connection| table::keep_turned(connection, &run, &knob, &value)).await?;
        self.get(id).await
    }

    /// Up to `limit` events with numbers above `after`, and where the run stands at that moment.
    pub async fn events_after(&self, id: &RunId, after: u64, limit: u32) -> Result<EventPage, RunError> {
        let run = id.clone();
        let page = self.0.store.call(move |connection| table::events_after(connection, &run, after, limit)).await?;
        page.ok_or(RunError::Unknown)
    }

    /// A place among the streams of events, for as long as it is held.
    pub fn stream_place(&self) -> Option<OwnedSemaphorePermit> {
        self.0.streams.clone().try_acquire_owned().ok()
    }

    /// Changes whenever there may be more to read of a run.
    pub fn follow(&self, id: &RunId) -> watch::Receiver<()> {
        let mut feeds = self.0.feeds.lock().expect("no one panics while holding it");
        feeds.retain(|_, feed| feed.receiver_count() > 0);
        feeds.entry(id.clone()).or_insert_with(|| watch::channel(()).0).subscribe()
    }

    pub fn folder(&self, id: &RunId) -> RunFolder {
        RunFolder::new(self.0.settings.folder.join(id.as_str()))
    }

    /// Wakes the readers of a run.
    fn told(&self, id: &RunId) {
        if let Some(feed) = self.0.feeds.lock().expect("no one panics while holding it").get(id) {
            feed.send_replace(());
        }
    }

    fn tell(&self, id: &RunId, control: Control) -> Result<(), RunError> {
        let live = self.0.live.lock().expect("no one panics while holding it");
        let Some(work) = live.get(id) else { return Err(RunError::Unknown) };
        work.controls.try_send(control).map_err(|_| RunError::Overrun)
    }

    async fn settle(&self, id: &RunId, happening: Happening, asked: &'static str) -> Result<RunState, RunError> {
        let run = id.clone();
        let settled = self.0.store.call(move |connection| table::settle(connection, &run, happening, now_ms())).await?;
        self.told(id);
        match settled {
            Settled::Now(state) => Ok(state),
            Settled::Refused(state) => Err(RunError::State { state, asked }),
            Settled::Unknown => Err(RunError::Unknown),
        }
    }
}

fn checked_name(name: &str) -> Result<String, RunError> {
    let name = name.trim();
    let fits = (1..=MAX_NAME).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    if fits { Ok(name.to_string()) } else { Err(RunError::Name) }
}

/// What tells runs apart at a glance; a person can rename them.
fn default_name(title: &str, config: &RunConfig) -> String {
    format!("{title}, seed {}", config.seed).chars().take(MAX_NAME).collect()
}

pub(crate) fn now_ms() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or(Duration::ZERO).as_millis() as u64
}
