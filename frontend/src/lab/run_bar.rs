//! Run, pause, step, stop, reset; how far it is; and the keys for all of them.

use kindling_protocol::api::RunState;
use kindling_protocol::text::Text;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::components::dialog::Dialog;
use crate::components::icons::Icon;
use crate::i18n::{self, lab as words, t, tr};
use crate::lab::run_view::RunView;
use crate::lab::state::LabState;
use crate::runner::gpu;

#[component]
pub fn RunBar(state: LabState) -> impl IntoView {
    let shortcuts = RwSignal::new(false);
    listen_for_keys(state, shortcuts);
    title_follows(state);

    let run_state = Memo::new(move |_| state.run_state());
    let main_button = move || match run_state.get() {
        _ if state.starting.get() => (Icon::Play, &words::STARTING),
        Some(RunState::Running | RunState::Queued) => (Icon::Pause, &words::PAUSE),
        Some(RunState::Paused | RunState::Stopped | RunState::Interrupted) => (Icon::Play, &words::GO_ON),
        Some(RunState::Finished | RunState::Failed) => (Icon::Play, &words::RUN_AGAIN),
        None => (Icon::Play, &words::RUN),
    };
    let no_step =
        move || state.starting.get() || matches!(run_state.get(), Some(RunState::Stopped | RunState::Interrupted));
    view! {
        <section class="run-bar" aria-label=tr(&words::RUN_BAR) data-testid="run-bar">
            <div class="run-buttons">
                <button
                    class="button primary run-main"
                    type="button"
                    data-testid="run"
                    disabled=move || state.starting.get()
                    on:click=move |_| state.run_or_pause()
                >
                    {move || main_button().0.view()}
                    <span>{move || t(main_button().1)}</span>
                </button>
                <Tool icon=Icon::Step label=&words::ONE_STEP key="." testid="run-step" blocked=no_step act=move || state.step(1) />
                <Tool icon=Icon::Epoch label=&words::ONE_EPOCH key="Shift+." testid="run-epoch" blocked=no_step act=move || state.step_epoch() />
                <StopButton state />
                <Tool
                    icon=Icon::Reset
                    label=&words::RESET
                    key="0"
                    testid="run-reset"
                    blocked=move || run_state.get().is_none()
                    act=move || state.reset()
                />
                <Tool icon=Icon::Keyboard label=&words::SHORTCUTS key="?" testid="run-keys" blocked=|| false act=move || shortcuts.set(true) />
            </div>
            <RunProgress state />
        </section>
        <Dialog open=shortcuts title=&words::SHORTCUTS>
            <dl class="shortcuts">
                <dt><kbd>{tr(&words::SPACE_KEY)}</kbd></dt><dd>{tr(&words::RUN)} " / " {tr(&words::PAUSE)}</dd>
                <dt><kbd>"."</kbd></dt><dd>{tr(&words::ONE_STEP)}</dd>
                <dt><kbd>"Shift"</kbd> " " <kbd>"."</kbd></dt><dd>{tr(&words::ONE_EPOCH)}</dd>
                <dt><kbd>"0"</kbd></dt><dd>{tr(&words::RESET)}</dd>
                <dt><kbd>"?"</kbd></dt><dd>{tr(&words::SHORTCUT_HELP)}</dd>
            </dl>
        </Dialog>
    }
}

#[component]
fn Tool(
    icon: Icon,
    label: &'static Text,
    /// As it stands on the keyboard.
    key: &'static str,
    testid: &'static str,
    blocked: impl Fn() -> bool + Copy + Send + Sync + 'static,
    act: impl Fn() + 'static,
) -> impl IntoView {
    let title = move || format!("{} ({key})", t(label));
    view! {
        <button
            class="button icon"
            type="button"
            data-testid=testid
            aria-label=tr(label)
            title=title
            disabled=blocked
            on:click=move |_| act()
        >
            {icon.view()}
        </button>
    }
}

/// Stops a run; cancels what comes before its first step. The check of the GPU takes long enough to say so in a word.
#[component]
fn StopButton(state: LabState) -> impl IntoView {
    let checking = Memo::new(move |_| state.is_checking());
    let label = move || if checking.get() || state.is_preparing() { t(&words::CANCEL) } else { t(&words::STOP) };
    view! {
        <button
            class="button"
            class:icon=move || !checking.get()
            type="button"
            data-testid="run-stop"
            aria-label=label
            title=label
            disabled=move || !checking.get() && !state.is_live()
            on:click=move |_| state.stop()
        >
            {Icon::Stop.view()}
            {move || checking.get().then(|| view! { <span>{label}</span> })}
        </button>
    }
}

/// The state of a run in a word.
pub fn state_text(state: RunState) -> &'static Text {
    match state {
        RunState::Queued => &words::QUEUED,
        RunState::Running => &words::RUNNING,
        RunState::Paused => &words::PAUSED,
        RunState::Interrupted => &words::INTERRUPTED,
        RunState::Stopped => &words::STOPPED,
        RunState::Finished => &words::FINISHED,
        RunState::Failed => &words::FAILED,
    }
}

/// The class of a badge that shows it.
pub fn state_class(state: RunState) -> &'static str {
    match state {
        RunState::Finished => "badge good",
        RunState::Failed => "badge bad",
        RunState::Paused | RunState::Interrupted | RunState::Queued => "badge warn",
        RunState::Running => "badge running",
        RunState::Stopped => "badge",
    }
}

#[component]
fn RunProgress(state: LabState) -> impl IntoView {
    let badge = move || match state.run_state() {
        Some(run) => view! { <span class=state_class(run) data-testid="run-state">{t(state_text(run))}</span> },
        None => view! { <span class="badge" data-testid="run-state">{t(&words::READY)}</span> },
    };
    let share = move || state.live.with(|live| live.as_ref().map_or(0.0, |live| live.view.read().share_done()));
    let compared = gpu::compared();
    let told = move || {
        if state.is_checking() {
            let done = compared.with(|checks| checks.as_ref().map_or(0, Vec::len));
            return Some(i18n::engine::awaited(i18n::language(), done));
        }
        let live = state.live.get()?;
        let going = live.run.state().get() == RunState::Running;
        Some(told(&live.view.read(), going, going || live.run.is_preparing()))
    };
    view! {
        <div class="run-progress">
            <progress max="1" prop:value=move || share().to_string() aria-label=tr(&words::RUN_BAR) data-testid="run-progress"></progress>
            <p class="run-told number">{badge} " " <span data-testid="run-told">{told}</span></p>
        </div>
    }
}

/// How far a run is, in words.
fn told(view: &RunView, going: bool, preparing: bool) -> String {
    let language = i18n::language();
    let Some(progress) = &view.progress else {
        return if preparing { t(&words::PREPARING).to_string() } else { String::new() };
    };
    let mut parts = vec![
        i18n::percent(language, view.share_done(), 0),
        words::epoch(language, progress.epoch),
        words::step_of(language, progress.step, progress.steps),
    ];
    if let Some(speed) = progress.samples_per_s {
        parts.push(words::speed(language, speed));
    }
    match progress.left_s {
        Some(left) if going && view.end.is_none() => parts.push(words::left(language, left)),
        _ => parts.push(words::duration(language, view.at_ms as f64 / 1000.0)),
    }
    parts.join(" · ")
}

/// The tab says how far the run is, for whoever looks at another one.
fn title_follows(state: LabState) {
    let title = Memo::new(move |_| {
        let lab = state.spec.with_value(|spec| i18n::own(&spec.title));
        let share = state.live.with(|live| live.as_ref().map(|live| live.view.read().share_done()));
        match share.filter(|_| state.is_live()) {
            Some(share) => format!("{} · {lab} · Kindling", i18n::percent(i18n::language(), share, 0)),
            None => format!("{lab} · Kindling"),
        }
    });
    Effect::new(move |_| document().set_title(&title.get()));
    on_cleanup(|| document().set_title("Kindling"));
}

fn listen_for_keys(state: LabState, shortcuts: RwSignal<bool>) {
    let listener = window_event_listener(leptos::ev::keydown, move |event: KeyboardEvent| {
        if event.default_prevented()
            || event.ctrl_key()
            || event.meta_key()
            || event.alt_key()
            || shortcuts.get_untracked()
        {
            return;
        }
        let key = event.key();
        if taken_by_target(&event, key == " ") {
            return;
        }
        match key.as_str() {
            " " if event.repeat() => {}
            " " => state.run_or_pause(),
            "." if event.shift_key() => state.step_epoch(),
            "." => state.step(1),
            // Shift and the full stop on most keyboards.
            ">" => state.step_epoch(),
            "0" => state.reset(),
            "?" => shortcuts.set(true),
            _ => return,
        }
        event.prevent_default();
    });
    on_cleanup(move || listener.remove());
}

/// Whether the key belongs to what has the focus: text to a field, the space bar to a button as well.
fn taken_by_target(event: &KeyboardEvent, space: bool) -> bool {
    let Some(target) = event.target().and_then(|target| target.dyn_into::<web_sys::Element>().ok()) else {
        return false;
    };
    let takes = |selector: &str| target.closest(selector).is_ok_and(|found| found.is_some());
    takes("input, select, textarea, dialog, [contenteditable]") || (space && takes("button, a, summary, [role=button]"))
}
