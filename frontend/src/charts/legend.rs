//! The legend of a chart: which line is which, and one click to see a line alone.

use leptos::prelude::*;

use crate::charts::plot::{DASHES, HUES, LineKey};
use crate::i18n::{charts as words, tr};

/// One entry.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    pub key: LineKey,
    pub hue: usize,
    pub dash: usize,
    pub label: String,
    /// The newest value, in words.
    pub latest: String,
}

#[component]
pub fn Legend(
    entries: Memo<Vec<Entry>>,
    /// The line that is shown alone.
    alone: Memo<Option<LineKey>>,
    /// The line that was chosen to be.
    isolated: RwSignal<Option<LineKey>>,
) -> impl IntoView {
    let item = move |entry: Entry| {
        let key = StoredValue::new(entry.key);
        let is_alone = move || key.with_value(|key| alone.with(|alone| alone.as_ref() == Some(key)));
        let faded = move || alone.with(Option::is_some) && !is_alone();
        let toggle = move |_| isolated.set(if untrack(is_alone) { None } else { Some(key.get_value()) });
        view! {
            <li>
                <button class="legend-entry" class:faded=faded type="button" aria-pressed=move || is_alone().to_string() on:click=toggle>
                    <svg class="swatch" viewBox="0 0 26 10" width="26" height="10" aria-hidden="true">
                        <path class=format!("line-bold hue-{} dash-{}", entry.hue % HUES, entry.dash % DASHES) d="M1 5L25 5" />
                    </svg>
                    <span>{entry.label}</span>
                    <span class="number legend-value">{entry.latest}</span>
                </button>
            </li>
        }
    };
    view! {
        <ul class="legend">
            {move || entries.get().into_iter().map(item).collect_view()}
            {move || {
                alone.with(Option::is_some).then(|| view! {
                    <li>
                        <button class="legend-entry" type="button" on:click=move |_| isolated.set(None)>{tr(&words::SHOW_ALL_LINES)}</button>
                    </li>
                })
            }}
        </ul>
    }
}
