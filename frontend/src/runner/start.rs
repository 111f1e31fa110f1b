//! Starting, resuming and opening runs, and the table of all of them.

use std::cell::RefCell;

use kindling_protocol::api::{NewRun, RunInfo, RunState};
use kindling_protocol::knob::Knobs;
use kindling_protocol::lab::Place;
use kindling_protocol::run::RunConfig;
use kindling_protocol::text::text;
use leptos::prelude::*;

use super::engine::EngineKind;
use super::handle::{ModelFiles, RunHandle};
use super::held::{self, Held};
use super::{browser, gpu, server};
use crate::api;
use crate::store::runs::{self as kept, Checkpoint, KeptRun};
use crate::store::{StoreError, quota};
use crate::trouble::Trouble;

/// One row of the runs table.
#[derive(Clone, Debug, PartialEq)]
pub struct RunRow {
    pub info: RunInfo,
    /// Cpu or Gpu: in this browser. Server: there.
    pub place: Place,
}

/// Why a run did not start.
#[derive(Clone, Debug, PartialEq)]
pub enum StartError {
    /// One run at a time: this one goes on in this tab.
    Busy {
        id: String,
    },
    /// Another tab of this browser trains.
    OtherTab,
    /// The person did not wait for the GPU's self-test.
    Cancelled,
    /// WebGPU is not here or failed its self-test.
    Gpu(Trouble),
    Other(Trouble),
}

impl StartError {
    /// Nothing where the person knows: it was their wish.
    pub fn trouble(self) -> Option<Trouble> {
        let sentence = match self {
            StartError::Busy { .. } => {
                text("Another run goes on in this tab. Stop it first.", "本页已有运行在进行，请先停止它。")
            }
            StartError::OtherTab => text(
                "Another tab of this browser is training. One at a time.",
                "此浏览器的另一个标签页正在训练，请等待其结束。",
            ),
            StartError::Cancelled => return None,
            StartError::Gpu(problem) | StartError::Other(problem) => return Some(problem),
        };
        Some(sentence.into())
    }
}

thread_local!(static ACTIVE: RefCell<Option<ArcRwSignal<Option<RunHandle>>>> = const { RefCell::new(None) });

fn active_signal() -> ArcRwSignal<Option<RunHandle>> {
    ACTIVE.with_borrow_mut(|active| active.get_or_insert_with(|| ArcRwSignal::new(None)).clone())
}

/// The run that was started or resumed last in this tab, wherever it is computed; it stays here when
/// the page that started it is left, and after its end.
pub fn active() -> ArcReadSignal<Option<RunHandle>> {
    active_signal().read_only()
}

/// Starts a run. In this tab one at a time; on the server they queue.
pub async fn start(config: RunConfig, place: Place, name: Option<String>) -> Result<RunHandle, StartError> {
    let name = name.unwrap_or_else(|| config.lab.clone());
    if place == Place::Server {
        let new = NewRun { config, device: None, name: Some(name) };
        let info = api::start_run(&new).await.map_err(|error| StartError::Other(error.trouble()))?;
        return follow(&info, StartError::Other);
    }
    let info = RunInfo {
        id: new_id(),
        name,
        config,
        turned: Knobs::default(),
        device: String::new(),
        state: RunState::Queued,
        created_ms: js_sys::Date::now() as u64,
        ran_ms: 0,
        progress: None,
        figures: Default::default(),
        last_seq: 0,
    };
    compute(KeptRun { info, place }, None, claim(place).await?).await
}

/// Goes on from the newest checkpoint: a run of this browser in a fresh worker, one of the server there.
pub async fn resume(id: &str) -> Result<RunHandle, StartError> {
    let Ok(run) = kept::get(id).await else {
        let other = |error: api::ApiError| StartError::Other(error.trouble());
        api::control_run(id, &kindling_protocol::engine::Control::Resume).await.map_err(other)?;
        return follow(&api::run(id).await.map_err(other)?, StartError::Other);
    };
    let other = |error: StoreError| StartError::Other(error.trouble());
    let claimed = claim(run.place).await?;
    // Read again: until now another tab may have computed it.
    let mut run = kept::get(id).await.map_err(other)?;
    if run.info.state == RunState::Finished {
        return Err(StartError::Other(text("This run is finished.", "该运行已完成。").into()));
    }
    let checkpoint = kept::newest_checkpoint(id).await.map_err(other)?;
    run.info.state = RunState::Queued;
    compute(run, checkpoint, claimed).await
}

/// A run to look at: all its events so far; one that goes on is followed.
pub async fn open(id: &str) -> Result<RunHandle, Trouble> {
    if let Some(active) = active_signal().get_untracked().filter(|run| run.id() == id) {
        return Ok(active);
    }
    if let Ok(mut run) = kept::get(id).await {
        run.info.state = at_rest(run.info.state);
        let events = kept::events(id).await.map_err(|error| error.trouble())?;
        return Ok(RunHandle::new(&run.info, run.place, events));
    }
    let info = api::run(id).await.map_err(|error| error.trouble())?;
    let handle = RunHandle::new(&info, Place::Server, Vec::new());
    server::follow(&handle, &info)?;
    Ok(handle)
}

/// Runs of this browser that a reload or a crash cut off, newest first. Empty while a tab trains:
/// one of them may be that tab's.
pub async fn unfinished() -> Vec<RunRow> {
    if held::stays_held().await {
        return Vec::new();
    }
    let mut rows = browser_rows().await;
    rows.retain(|row| row.info.state == RunState::Interrupted);
    rows
}

/// All runs of this browser and of the server, newest first.
pub async fn runs() -> Vec<RunRow> {
    let (mut rows, remote) = futures::join!(browser_rows(), api::runs());
    rows.extend(remote.unwrap_or_default().into_iter().map(|info| RunRow { info, place: Place::Server }));
    rows.sort_by_key(|row| std::cmp::Reverse(row.info.created_ms));
    rows
}

pub async fn rename(row: &RunRow, name: &str) -> Result<(), Trouble> {
    if let Some(active) = active_signal().get_untracked().filter(|run| run.id() == row.info.id) {
        active.set_name(name);
    }
    match row.place {
        Place::Server => api::rename_run(&row.info.id, name).await.map(drop).map_err(|error| error.trouble()),
        Place::Cpu | Place::Gpu => kept::rename(&row.info.id, name).await.map_err(|error| error.trouble()),
    }
}

/// Removes a run and all it kept. One that goes on has to be stopped first.
pub async fn delete(row: &RunRow) -> Result<(), Trouble> {
    let active = active_signal();
    if let Some(run) = active.get_untracked().filter(|run| run.id() == row.info.id) {
        if computes_here(&run) {
            return Err(text("This run goes on. Stop it first.", "该运行正在进行，请先停止它。").into());
        }
        active.set(None);
    }
    match row.place {
        Place::Server => api::delete_run(&row.info.id).await.map_err(|error| error.trouble()),
        Place::Cpu | Place::Gpu => {
            let goes_on = kept::get(&row.info.id).await.is_ok_and(|run| at_rest(run.info.state) != run.info.state);
            if goes_on && another_tab_trains().await {
                let sentence = text(
                    "This run goes on in another tab. Stop it there first.",
                    "该运行正在另一个标签页中进行，请先在那里停止它。",
                );
                return Err(sentence.into());
            }
            kept::delete(&row.info.id).await.map_err(|error| error.trouble())
        }
    }
}

/// The model a run that is over came to.
pub(super) async fn model_of(id: &str, place: Place) -> Result<Option<ModelFiles>, Trouble> {
    match place {
        Place::Server => api::run_model(id).await.map_err(|error| error.trouble()),
        Place::Cpu | Place::Gpu => kept::model(id).await.map_err(|error| error.trouble()),
    }
}

/// A run that was cancelled before its first step is nobody's any more.
pub(super) fn forget(run: &RunHandle) {
    active_signal().update(|active| {
        active.take_if(|active| active == run);
    });
}

/// A worker of this tab computes it now.
fn computes_here(run: &RunHandle) -> bool {
    run.is_live() && run.place() != Place::Server
}

/// Then any run of this browser that was not told its end may be that tab's.
async fn another_tab_trains() -> bool {
    let here = active_signal().get_untracked().is_some_and(|run| computes_here(&run));
    !here && held::is_held().await
}

/// What a run needs before it is computed in this tab: an engine that is right, and that nothing else trains.
async fn claim(place: Place) -> Result<(EngineKind, Held), StartError> {
    if let Some(busy) = active_signal().get_untracked().filter(computes_here) {
        return Err(StartError::Busy { id: busy.id().into() });
    }
    let kind = match place {
        Place::Gpu => {
            gpu::require().await?;
            EngineKind::Gpu
        }
        Place::Cpu | Place::Server => EngineKind::Cpu,
    };
    let held = held::hold().await.ok_or(StartError::OtherTab)?;
    Ok((kind, held))
}

/// Computes a run in this tab, from its beginning or from a checkpoint.
async fn compute(
    run: KeptRun,
    resume: Option<Checkpoint>,
    (kind, held): (EngineKind, Held),
) -> Result<RunHandle, StartError> {
    // A browser that keeps nothing still trains; what it will lack is told with the first checkpoint.
    if let Err(error) = kept::put(&run).await {
        leptos::logging::warn!("{error}");
    }
    quota::ask_to_keep();
    // Events are never taken back: what follows the checkpoint is told again, after `Started`.
    let events = kept::events(&run.info.id).await.unwrap_or_default();
    let handle = RunHandle::new(&run.info, run.place, events);
    handle.set_state(RunState::Queued);
    browser::start(&handle, run, kind, resume, held).map_err(|detail| StartError::Other(engine_missing(detail)))?;
    active_signal().set(Some(handle.clone()));
    Ok(handle)
}

fn follow<E>(info: &RunInfo, wrap: impl Fn(Trouble) -> E) -> Result<RunHandle, E> {
    let handle = RunHandle::new(info, Place::Server, Vec::new());
    server::follow(&handle, info).map_err(wrap)?;
    active_signal().set(Some(handle.clone()));
    Ok(handle)
}

/// This browser's runs; those that nobody computes any more stand as interrupted.
async fn browser_rows() -> Vec<RunRow> {
    let elsewhere = another_tab_trains().await;
    let active = active_signal().get_untracked();
    let kept = kept::list().await.unwrap_or_default().into_iter();
    let mut rows: Vec<RunRow> = kept
        .map(|KeptRun { mut info, place, .. }| {
            if !elsewhere {
                info.state = match active.as_ref().filter(|run| run.id() == info.id) {
                    Some(run) => run.state().get_untracked(),
                    None => at_rest(info.state),
                };
            }
            RunRow { info, place }
        })
        .collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.info.created_ms));
    rows
}

/// The state of a kept run that no worker computes.
fn at_rest(state: RunState) -> RunState {
    match state {
        RunState::Queued | RunState::Running | RunState::Paused => RunState::Interrupted,
        over => over,
    }
}

/// Sortable by time, and unique in this browser.
fn new_id() -> String {
    let chance = (js_sys::Math::random() * f64::from(1u32 << 24)) as u32;
    format!("b{:x}-{chance:06x}", js_sys::Date::now() as u64)
}

fn engine_missing(detail: String) -> Trouble {
    Trouble::new(text("The engine did not start.", "引擎未能启动。"), detail)
}
