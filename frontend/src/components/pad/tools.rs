//! The buttons below the pad, and the keys that do the same.

use gloo::events::EventListener;
use gloo::timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;
use wasm_bindgen::JsCast;
use web_sys::KeyboardEvent;

use super::desk::{BRUSH_MAX, BRUSH_MIN, Desk};
use super::sheet::Sheet;
use crate::components::dialog::Dialog;
use crate::components::icons::Icon;
use crate::components::toast;
use crate::i18n::{Text, home, own, percent, t, tr};

/// What can be done to the sheet, by button or by key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Action {
    Undo,
    Redo,
    Clear,
    Example,
    Help,
}

impl Action {
    /// The key that does it, with Ctrl or Cmd held or not.
    fn of_key(event: &KeyboardEvent) -> Option<Action> {
        let command = event.ctrl_key() || event.meta_key();
        match (event.key().as_str(), command, event.shift_key()) {
            ("z" | "Z", true, false) => Some(Action::Undo),
            ("z" | "Z", true, true) | ("y", true, false) => Some(Action::Redo),
            ("Escape" | "Delete" | "Backspace", false, false) => Some(Action::Clear),
            ("r" | "R", false, false) if !event.alt_key() => Some(Action::Example),
            ("?", false, _) => Some(Action::Help),
            _ => None,
        }
    }
}

#[component]
pub fn PadTools(
    /// Where the keys are the pad's: in what this selects. Without it, on the whole page.
    #[prop(optional)]
    keys_within: Option<&'static str>,
) -> impl IntoView {
    let desk = Desk::here();
    let help = RwSignal::new(false);
    let fetching = RwSignal::new(false);
    let act = move |action: Action| match action {
        Action::Undo => desk.sheet.update(Sheet::undo),
        Action::Redo => desk.sheet.update(Sheet::redo),
        Action::Clear => desk.sheet.update(Sheet::clear),
        Action::Example => show_example(desk, fetching),
        Action::Help => help.set(true),
    };
    listen_to_keys(keys_within, act);

    let button = move |action: Action, icon: Icon, label: &'static Text, id: &'static str, enabled: Signal<bool>| {
        view! {
            <button
                class="button plain icon"
                data-testid=id
                aria-label=tr(label)
                title=tr(label)
                disabled=move || !enabled.get()
                on:click=move |_| act(action)
            >
                {icon.view()}
            </button>
        }
    };
    let can_undo = Signal::derive(move || desk.sheet.with(Sheet::can_undo));
    let can_redo = Signal::derive(move || desk.sheet.with(Sheet::can_redo));
    let can_clear = Signal::derive(move || desk.sheet.with(|sheet| !sheet.is_empty()));
    let always = Signal::derive(|| true);
    let width = move || percent(crate::i18n::language(), f64::from(desk.brush.get()), 1);

    view! {
        <div class="pad-tools">
            <div class="row" role="group" aria-label=tr(&home::TOOLS)>
                {button(Action::Undo, Icon::Undo, &home::UNDO, "undo", can_undo)}
                {button(Action::Redo, Icon::Redo, &home::REDO, "redo", can_redo)}
                {button(Action::Clear, Icon::Clear, &home::CLEAR, "clear", can_clear)}
            </div>
            <label class="brush" title=tr(&home::BRUSH)>
                <span class="brush-dot" style=("--width", move || desk.brush.get().to_string()) aria-hidden="true"></span>
                <span class="hidden-text">{tr(&home::BRUSH)}</span>
                <input
                    type="range"
                    data-testid="brush"
                    min=BRUSH_MIN
                    max=BRUSH_MAX
                    step="0.005"
                    prop:value=move || desk.brush.get().to_string()
                    aria-valuetext=width
                    on:input:target=move |event| {
                        if let Ok(width) = event.target().value().parse::<f32>() {
                            desk.brush.set(width.clamp(BRUSH_MIN, BRUSH_MAX));
                        }
                    }
                />
            </label>
            <div class="row">
                <button
                    class="button example"
                    data-testid="random-digit"
                    aria-busy=move || fetching.get().to_string()
                    on:click=move |_| act(Action::Example)
                >
                    {Icon::Dice.view()}
                    <span>{tr(&home::EXAMPLE)}</span>
                </button>
                {button(Action::Help, Icon::Keyboard, &home::SHORTCUTS, "shortcuts", always)}
            </div>
        </div>
        <Dialog open=help title=&home::SHORTCUTS>
            <dl class="shortcuts">
                {SHORTCUTS.iter().map(|(keys, meaning)| view! {
                    <dt>{keys.iter().map(|key| view! { <kbd>{*key}</kbd> " " }).collect_view()}</dt>
                    <dd>{tr(meaning)}</dd>
                }).collect_view()}
            </dl>
        </Dialog>
    }
}

const SHORTCUTS: [(&[&str], &Text); 8] = [
    (&["Ctrl/⌘", "Z"], &home::UNDO),
    (&["Ctrl/⌘", "⇧", "Z"], &home::REDO),
    (&["Esc", "Del"], &home::CLEAR),
    (&["R"], &home::EXAMPLE),
    (&["← ↑ ↓ →"], &home::KEY_MOVE),
    (&["Home", "PgUp", "End", "PgDn"], &home::KEY_DIAGONAL),
    (&["Space", "Enter"], &home::KEY_PEN),
    (&["?"], &home::SHORTCUTS),
];

/// Puts an example from the data of the lab that made the model on the pad, with its true label.
fn show_example(desk: Desk, fetching: RwSignal<bool>) {
    if fetching.get_untracked() {
        return;
    }
    fetching.set(true);
    spawn_local(async move {
        let Some(lab) = lab_of_the_model(desk).await else {
            let _ = fetching.try_set(false);
            return toast::show(untrack(|| t(&home::NO_MODEL_YET)));
        };
        let seed = (js_sys::Math::random() * f64::from(u32::MAX)) as u64;
        match desk.pad.sample(&lab, seed).await {
            Ok((picture, label)) => desk.sheet.update(|sheet| sheet.show(picture, label)),
            Err(problem) => toast::show(&untrack(|| own(&problem.text))),
        }
        let _ = fetching.try_set(false);
    });
}

/// Whoever presses the button before the model is there waits for it, and not in vain for ever.
async fn lab_of_the_model(desk: Desk) -> Option<String> {
    const PATIENCE_MS: u32 = 10_000;
    const LOOK_EVERY_MS: u32 = 50;
    for _ in 0..PATIENCE_MS / LOOK_EVERY_MS {
        let lab = desk.pad.model.with_untracked(|model| model.as_ref().map(|model| model.manifest.run.lab.clone()));
        if lab.is_some() {
            return lab;
        }
        TimeoutFuture::new(LOOK_EVERY_MS).await;
    }
    None
}

/// Keys of the page while it is shown, or of a part of it: never those of a control that takes text or moves by keys,
/// and none while a dialog is open.
fn listen_to_keys(place: Option<&'static str>, act: impl Fn(Action) + 'static) {
    let listener = EventListener::new_with_options(
        &document(),
        "keydown",
        gloo::events::EventListenerOptions::enable_prevent_default(),
        move |event| {
            let event: &KeyboardEvent = event.unchecked_ref();
            if event.default_prevented()
                || place.is_some_and(|place| !is_within(event, place))
                || belongs_to_a_control(event)
            {
                return;
            }
            if let Some(action) = Action::of_key(event) {
                event.prevent_default();
                act(action);
            }
        },
    );
    let _ = StoredValue::new_local(listener);
}

fn is_within(event: &KeyboardEvent, selector: &str) -> bool {
    let target = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok());
    target.is_some_and(|element| element.closest(selector).ok().flatten().is_some())
}

fn belongs_to_a_control(event: &KeyboardEvent) -> bool {
    is_within(event, "input, textarea, select, [contenteditable], dialog")
        || document().query_selector("dialog[open]").ok().flatten().is_some()
}
