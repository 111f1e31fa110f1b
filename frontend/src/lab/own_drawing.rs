//! The lab on the learner's own drawing: the pad, a model, and what the lab shows of both as the pen moves.

use std::time::Duration;

use kindling_protocol::engine::Looked;
use kindling_protocol::knob::{self, Knob, KnobValue, Knobs};
use kindling_protocol::lab::{Examination, Panel};
use kindling_protocol::run::RunConfig;
use leptos::ev;
use leptos::html::Details;
use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::model_choice::ModelChoice;
use crate::components::pad::desk::Desk;
use crate::components::pad::sheet::Sheet;
use crate::components::pad::surface::PadSurface;
use crate::components::pad::tools::PadTools;
use crate::i18n::{language, own, own_drawing as words, tr};
use crate::lab::knobs::KnobField;
use crate::lab::panels::PanelView;
use crate::lab::run_view::RunView;
use crate::trouble::{Trouble, TroubleText};

/// A screen reader hears an outcome when it has stood for so long.
const SETTLED: Duration = Duration::from_millis(700);

/// The same drawing is looked at in the same way.
const SEED: u64 = 1;

/// Folded away it costs nothing: what is in it is made when it is first unfolded.
#[component]
pub fn OwnDrawing(
    lab: String,
    examination: Examination,
    /// There is nothing else to look at.
    open: bool,
) -> impl IntoView {
    let opened = RwSignal::new(false);
    if open {
        // The page is painted first.
        request_animation_frame(move || {
            let _ = opened.try_set(true);
        });
    }
    let details = NodeRef::<Details>::new();
    let toggled = move |_: ev::Event| {
        if details.get_untracked().is_some_and(|details| details.open()) {
            opened.set(true);
        }
    };
    let inside = StoredValue::new((lab, examination));
    view! {
        <details class="card own-drawing" data-testid="own-drawing" open=open node_ref=details on:toggle=toggled>
            <summary><h2>{tr(&words::TITLE)}</h2></summary>
            {move || opened.get().then(|| {
                let (lab, examination) = inside.get_value();
                view! { <Inside lab examination /> }
            })}
        </details>
    }
}

/// What the newest look came to.
#[derive(Clone, Debug, Default, PartialEq)]
struct Seen {
    view: RunView,
    model: String,
    took_ms: f64,
}

#[component]
fn Inside(lab: String, examination: Examination) -> impl IntoView {
    let desk = Desk::here();
    let Examination { lead, knobs, panels } = examination;
    let values = RwSignal::new(knob::resolve(&knobs, &Knobs::default()).unwrap_or_default());
    let (seen, trouble, busy) = (RwSignal::new(None), RwSignal::new(None::<Trouble>), RwSignal::new(false));
    let name = lab.clone();
    look_on_change(desk, lab, values, seen, trouble, busy);

    let outcome = Memo::new(move |_| seen.with(|seen: &Option<Seen>| seen.as_ref()?.view.notes.last().map(own)));
    let took = move || seen.with(|seen| seen.as_ref().map(|seen| words::took(language(), &seen.model, seen.took_ms)));
    let field = move |knob: Knob| {
        let (id, turned) = (knob.id.to_string(), knob.id.to_string());
        let value = Memo::new(move |_| values.with(|values| values.0.get(&id).cloned()));
        let set = Callback::new(move |value: KnobValue| {
            values.update(|values| drop(values.0.insert(turned.clone(), value)));
        });
        view! { <KnobField knob value set /> }
    };
    let config = Signal::derive(move || config_of(&name, values.get()));
    let panel = move |panel: Panel| {
        let id = panel.id.to_string();
        let content =
            Memo::new(move |_| seen.with(|seen| seen.as_ref().and_then(|seen| seen.view.panels.get(&id).cloned())));
        view! { <PanelView panel config content /> }
    };
    let is_seen = Memo::new(move |_| seen.with(Option::is_some));
    let empty = move || (!is_seen.get()).then(|| view! { <p class="quiet">{tr(&words::EMPTY)}</p> });
    let shown = move || {
        is_seen.get().then(|| view! { <div class="panels">{panels.iter().cloned().map(&panel).collect_view()}</div> })
    };
    view! {
        <p class="quiet">{move || own(&lead)}</p>
        <div class="own-drawing-parts">
            <div class="own-drawing-pad">
                <PadSurface />
                <PadTools keys_within=".own-drawing[open]" />
                <ModelChoice />
            </div>
            <div class="own-drawing-outcome" aria-busy=move || busy.get().to_string()>
                {empty}
                <p data-testid="own-drawing-outcome">{move || outcome.get()}</p>
                <p class="quiet" data-testid="own-drawing-took">{took} <span class="own-drawing-busy">{tr(&words::COMPUTING)}</span></p>
                {move || trouble.get().map(|trouble| view! { <div class="notice warn" role="alert"><TroubleText trouble /></div> })}
                <p class="hidden-text" role="status" aria-live="polite">{settled(outcome)}</p>
            </div>
            <div class="knobs own-drawing-knobs">{knobs.into_iter().map(field).collect_view()}</div>
            <div class="own-drawing-panels">{shown}</div>
        </div>
    }
}

/// Has the lab look again whenever drawing, model or a knob is another. One look is under way at a time, and after it
/// comes the newest state: so the panels follow a pen that never rests, however long a look takes.
fn look_on_change(
    desk: Desk,
    lab: String,
    knobs: RwSignal<Knobs>,
    seen: RwSignal<Option<Seen>>,
    trouble: RwSignal<Option<Trouble>>,
    busy: RwSignal<bool>,
) {
    let wanted = StoredValue::new(false);
    let look = move |lab: String| async move {
        // The section may be gone by the time of an answer.
        while wanted.try_update_value(std::mem::take).unwrap_or(false) {
            if desk.sheet.with_untracked(Sheet::is_empty) {
                seen.try_set(None);
                continue;
            }
            let input = desk.sheet.with_untracked(|sheet| sheet.input(desk.brush.get_untracked()));
            let Some(knobs) = knobs.try_get_untracked() else { return };
            let model = desk.pad.model.with_untracked(|model| model.as_ref().map(|model| model.name()));
            let preparation = desk.preparation.get_untracked();
            match desk.pad.look(config_of(&lab, knobs), input, preparation).await {
                Ok(looked) => {
                    trouble.try_set(None);
                    seen.try_set(gather(looked, model.unwrap_or_default()));
                }
                Err(problem) => drop(trouble.try_set(Some(problem))),
            }
        }
        busy.try_set(false);
    };
    Effect::new(move |_| {
        desk.sheet.track();
        desk.brush.track();
        desk.preparation.track();
        knobs.track();
        if desk.pad.model.with(Option::is_none) {
            return;
        }
        wanted.set_value(true);
        if !busy.get_untracked() {
            busy.set(true);
            spawn_local(look(lab.clone()));
        }
    });
}

fn config_of(lab: &str, knobs: Knobs) -> RunConfig {
    RunConfig { lab: lab.to_string(), knobs, seed: SEED }
}

/// Events make the same panels as those of a run. None: there was nothing to look at.
fn gather(looked: Looked, model: String) -> Option<Seen> {
    let mut view = RunView::default();
    looked.events.iter().for_each(|event| view.apply(event));
    (view.last_seq > 0).then_some(Seen { view, model, took_ms: looked.took_ms })
}

/// The newest outcome once it stands still, for a screen reader.
fn settled(outcome: Memo<Option<String>>) -> impl Fn() -> String {
    let settled = RwSignal::new(String::new());
    let waiting = StoredValue::new_local(None::<TimeoutHandle>);
    Effect::new(move |_| {
        let now = outcome.get().unwrap_or_default();
        let later = move || drop(settled.try_set(now));
        waiting.update_value(|waiting| {
            if let Some(waiting) = waiting.take() {
                waiting.clear();
            }
            *waiting = set_timeout_with_handle(later, SETTLED).ok();
        });
    });
    move || settled.get()
}
