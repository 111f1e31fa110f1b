//! A run on the server, followed through server-sent events with replay.

use std::rc::Rc;

use futures::future::LocalBoxFuture;
use gloo::timers::future::TimeoutFuture;
use kindling_protocol::api::{RunInfo, RunState};
use kindling_protocol::engine::Control;
use kindling_protocol::event::Event;
use wasm_bindgen::JsCast;
use wasm_bindgen::prelude::Closure;
use wasm_bindgen_futures::spawn_local;
use web_sys::{EventSource, MessageEvent};

use super::handle::{ModelFiles, RunHandle, RunWorker, WeakRun};
use crate::api::{self, ApiError};
use crate::trouble::Trouble;

/// Follows a run from the event after the newest one the handle has, until its last event or until
/// nobody holds the handle. The browser connects again by itself after a broken connection, and names
/// the last event it saw.
pub fn follow(handle: &RunHandle, info: &RunInfo) -> Result<(), Trouble> {
    // What was told before is told again first. An end in there is none: the run was resumed after it.
    let is_over = matches!(info.state, RunState::Finished | RunState::Stopped | RunState::Failed);
    let (history, state) = (if is_over { info.last_seq.saturating_sub(1) } else { info.last_seq }, info.state);
    let url = api::events_url(handle.id(), handle.newest().0);
    let source = EventSource::new(&url).map_err(|_| ApiError::Offline.trouble())?;
    let on_message = Closure::new({
        let run = handle.weak();
        move |message: MessageEvent| {
            let Some(run) = run.upgrade() else { return };
            let Some(json) = message.data().as_string() else { return };
            let Ok(event) = serde_json::from_str::<Event>(&json) else { return };
            let (seq, last) = (event.seq, event.body.is_last());
            run.tell(event);
            if seq == history && !is_over {
                run.set_state(state);
            }
            if last && seq > history {
                // Not at once: this closure is part of what goes.
                spawn_local(async move { run.set_worker(None) });
            }
        }
    });
    source.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    let on_error = Closure::new({
        let (run, source) = (handle.weak(), source.clone());
        move |_: web_sys::Event| {
            // Otherwise the browser connects again by itself.
            if source.ready_state() == EventSource::CLOSED
                && let Some(run) = run.upgrade()
            {
                spawn_local(let_go_if_deleted(run));
            }
        }
    });
    source.set_onerror(Some(on_error.as_ref().unchecked_ref()));
    let stream = Stream { source, _on_message: on_message, _on_error: on_error };
    handle.set_worker(Some(Rc::new(Remote { run: handle.weak(), id: handle.id().into(), _stream: stream })));
    watch_queue(handle, history);
    Ok(())
}

/// An open stream of events. Closed when dropped.
struct Stream {
    source: EventSource,
    _on_message: Closure<dyn FnMut(MessageEvent)>,
    _on_error: Closure<dyn FnMut(web_sys::Event)>,
}

impl Drop for Stream {
    fn drop(&mut self) {
        self.source.set_onmessage(None);
        self.source.set_onerror(None);
        self.source.close();
    }
}

struct Remote {
    run: WeakRun,
    id: String,
    _stream: Stream,
}

impl RunWorker for Remote {
    fn control(&self, control: Control) -> LocalBoxFuture<'static, Result<(), Trouble>> {
        let (id, run) = (self.id.clone(), self.run.clone());
        Box::pin(async move {
            api::control_run(&id, &control).await.map_err(|error| error.trouble())?;
            let Some(run) = run.upgrade() else { return Ok(()) };
            match control {
                Control::Pause | Control::Step { .. } => run.set_state(RunState::Paused),
                Control::Resume => run.set_state(RunState::Running),
                Control::Stop | Control::Set { .. } | Control::Checkpoint => {}
            }
            Ok(())
        })
    }

    fn snapshot(&self) -> LocalBoxFuture<'static, Result<Option<ModelFiles>, Trouble>> {
        let id = self.id.clone();
        Box::pin(async move { api::run_model(&id).await.map_err(|error| error.trouble()) })
    }
}

/// The server refused the stream. Nothing more comes of a run that was deleted.
async fn let_go_if_deleted(run: RunHandle) {
    if let Err(ApiError::Refused(detail)) = api::run(run.id()).await
        && detail.code == "unknown_run"
    {
        run.set_void();
        run.set_worker(None);
    }
}

/// A queued run has no event to tell its state by, so it is asked for until the first new one comes.
fn watch_queue(handle: &RunHandle, history: u64) {
    let run = handle.weak();
    spawn_local(async move {
        loop {
            let Some(handle) = run.upgrade().filter(|run| run.is_live() && run.newest().0 <= history) else { return };
            if let Ok(info) = api::run(handle.id()).await
                && handle.newest().0 <= history
            {
                handle.set_state(info.state);
            }
            drop(handle);
            TimeoutFuture::new(2000).await;
        }
    });
}
