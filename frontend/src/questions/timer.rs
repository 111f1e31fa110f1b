//! A clock that counts up while the person thinks.

use std::time::Duration;

use leptos::prelude::*;

use crate::components::icons::Icon;
use crate::i18n::{self, questions as words, t, tr};
use crate::questions::practice::Practice;

const TICK: Duration = Duration::from_millis(250);
/// Kept this often, in seconds, and at every pause.
const KEEP_EVERY: f64 = 5.0;

#[component]
pub fn Timer(practice: Practice, minutes: u32) -> impl IntoView {
    let seconds = RwSignal::new(practice.kept.with_untracked(|kept| kept.seconds));
    // The time of the last tick, while the clock goes.
    let ticked = RwSignal::new(None::<f64>);
    let keep = move || practice.kept.update(|kept| kept.seconds = seconds.get_untracked());
    let tick = move || {
        let Some(before) = ticked.get_untracked() else { return };
        let now = now_ms();
        let sum = seconds.get_untracked() + (now - before).max(0.0) / 1e3;
        ticked.set(Some(now));
        seconds.set(sum);
        if sum - practice.kept.with_untracked(|kept| kept.seconds) >= KEEP_EVERY {
            keep();
        }
    };
    if let Ok(clock) = set_interval_with_handle(tick, TICK) {
        on_cleanup(move || clock.clear());
    }
    on_cleanup(move || {
        if ticked.try_get_untracked().flatten().is_some() {
            tick();
            keep();
            practice.keep();
        }
    });
    let goes = Memo::new(move |_| ticked.with(Option::is_some));
    let turn = move |_| {
        if goes.get_untracked() {
            tick();
            ticked.set(None);
            keep();
        } else {
            ticked.set(Some(now_ms()));
        }
    };
    let to_zero = move |_| {
        ticked.set(None);
        seconds.set(0.0);
        keep();
    };
    let whole = Memo::new(move |_| seconds.get() as u32);
    let label = move || match (goes.get(), whole.get()) {
        (true, _) => t(&words::PAUSE),
        (false, 0) => t(&words::START),
        (false, _) => t(&words::GO_ON),
    };
    let time_up = Memo::new(move |_| whole.get() >= minutes * 60);
    view! {
        <div class="row timer">
            <span class="number timer-clock" class:late=move || time_up.get() role="timer" aria-label=tr(&words::TIMER) data-testid="timer">
                {move || words::elapsed(i18n::language(), &clock(whole.get()), minutes)}
            </span>
            <button class="button" type="button" data-testid="timer-turn" on:click=turn>
                {move || if goes.get() { Icon::Pause.view() } else { Icon::Play.view() }} {label}
            </button>
            <button class="button plain" type="button" data-testid="timer-zero" hidden=move || whole.get() == 0 on:click=to_zero>
                {tr(&words::BACK_TO_ZERO)}
            </button>
            <span class="quiet" role="status">{move || time_up.get().then(|| t(&words::TIME_UP))}</span>
        </div>
    }
}

fn clock(seconds: u32) -> String {
    format!("{}:{:02}", seconds / 60, seconds % 60)
}

fn now_ms() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}
