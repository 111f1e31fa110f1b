//! Short notices at the lower edge: what happened, for a few seconds.

use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use leptos::prelude::*;

use crate::components::icons::Icon;
use crate::i18n::{common, tr};

const SHOWN_FOR: Duration = Duration::from_secs(7);

thread_local! {
    static TOASTS: ArcRwSignal<Vec<(u32, String)>> = ArcRwSignal::new(Vec::new());
}

/// Shows a notice. The words are chosen now and do not follow the language.
pub fn show(words: &str) {
    // Never one of before: the time of a notice that was closed would end another.
    static SHOWN: AtomicU32 = AtomicU32::new(0);
    let number = SHOWN.fetch_add(1, Ordering::Relaxed);
    signal().update(|toasts| toasts.push((number, words.to_string())));
    set_timeout(move || dismiss(number), SHOWN_FOR);
}

/// Where notices appear. Stands once in the frame, always there, so that screen readers hear what comes.
#[component]
pub fn Toasts() -> impl IntoView {
    let toasts = signal();
    view! {
        <div class="toasts" role="status" aria-live="polite">
            <For each=move || toasts.get() key=|toast| toast.0 let:toast>
                <div class="toast" data-testid="toast">
                    <span>{toast.1}</span>
                    <button class="button icon" aria-label=tr(&common::CLOSE) on:click=move |_| dismiss(toast.0)>
                        {Icon::Cross.view()}
                    </button>
                </div>
            </For>
        </div>
    }
}

fn dismiss(number: u32) {
    signal().update(|toasts| toasts.retain(|toast| toast.0 != number));
}

fn signal() -> ArcRwSignal<Vec<(u32, String)>> {
    TOASTS.with(Clone::clone)
}
