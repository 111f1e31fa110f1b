//! A run that is looked at: its view grows as events come, and says so at most every 100 ms.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use kindling_protocol::event::EventBody;
use leptos::prelude::*;

use crate::lab::run_view::RunView;
use crate::lab::speed;
use crate::runner::{Listener, RunHandle};

/// However fast events come, the page draws ten times a second.
const REDRAW_EVERY: Duration = Duration::from_millis(100);

/// Clones look at the same view. Listening ends with the last of them.
#[derive(Clone)]
pub struct LiveRun {
    pub run: RunHandle,
    pub view: ArcRwSignal<RunView>,
    _listener: Arc<Listener>,
}

impl LiveRun {
    pub fn new(run: RunHandle) -> Self {
        let view = ArcRwSignal::new(RunView::default());
        let redraw_due = Arc::new(AtomicBool::new(false));
        let replaying = Arc::new(AtomicBool::new(true));
        let (grown, replay, config, place) = (view.clone(), replaying.clone(), run.config().clone(), run.place());
        let listener = run.listen(move |event| {
            grown.write_untracked().apply(event);
            if replay.load(Ordering::Relaxed) {
                return;
            }
            if matches!(event.body, EventBody::Report { .. }) {
                // Over the whole run, with all that is done beside learning. One that was cut short has too much of that.
                let samples = grown.read_untracked().progress.as_ref().map_or(0, |progress| progress.samples);
                speed::keep(&config, place, samples as f64 / (event.at_ms as f64 / 1e3));
            }
            if !redraw_due.swap(true, Ordering::Relaxed) {
                let (grown, redraw_due) = (grown.clone(), redraw_due.clone());
                let redraw = move || {
                    redraw_due.store(false, Ordering::Relaxed);
                    grown.notify();
                };
                set_timeout(redraw, REDRAW_EVERY);
            }
        });
        replaying.store(false, Ordering::Relaxed);
        LiveRun { run, view, _listener: Arc::new(listener) }
    }
}

impl PartialEq for LiveRun {
    fn eq(&self, other: &Self) -> bool {
        self.run == other.run && self.view == other.view
    }
}
