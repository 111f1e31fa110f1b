//! The slider that says from which score on a sample is called positive.

use leptos::prelude::*;

use super::Looked;
use crate::i18n::{self, predictions as words, t, tr};

/// Above every probability: nothing is called positive.
pub const ABOVE_ALL: f64 = 1.000_001;

#[component]
pub fn ThresholdSlider(looked: Looked) -> impl IntoView {
    let threshold = looked.threshold;
    let spoken = move || {
        let place = looked.one.with(|one| one.ranking.place(threshold.get()));
        let called = place.true_positives + place.false_positives;
        words::called_positive(i18n::language(), threshold.get(), called)
    };
    view! {
        <label class="field predictions-threshold">
            <span class="label">{tr(&words::THRESHOLD)} " " <b class="number" data-testid="threshold-value">{move || written(threshold.get())}</b></span>
            <input
                type="range"
                min="0"
                max="1"
                step="0.001"
                data-testid="threshold"
                aria-label=move || t(&words::THRESHOLD)
                aria-valuetext=spoken
                prop:value=move || threshold.get().min(1.0).to_string()
                on:input=move |event| {
                    if let Ok(value) = event_target_value(&event).parse::<f64>() {
                        threshold.set(value);
                    }
                }
            />
        </label>
    }
}

/// With as many places as tell close scores apart.
pub fn written(threshold: f64) -> String {
    match threshold {
        _ if threshold > 1.0 => "> 1".to_string(),
        _ if threshold > 0.0 && threshold < 0.01 => format!("{threshold:.5}"),
        _ => format!("{threshold:.3}"),
    }
}
