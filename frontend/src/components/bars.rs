//! One probability bar a class.

use leptos::prelude::*;

use super::pad::desk::Desk;
use crate::i18n::{home, language, percent, tr};

#[component]
pub fn Bars() -> impl IntoView {
    let desk = Desk::here();
    // Before the model is here its ten classes are known all the same; bars that appear later would make
    // the page jump.
    let labels = Memo::new(move |_| match desk.pad.model.get() {
        Some(model) => model.manifest.labels,
        None => (0..10).map(|digit| digit.to_string()).collect(),
    });
    let best = Memo::new(move |_| best(&desk.answer()?.answer.probabilities));
    let bar = move |(class, label): (usize, String)| {
        let probability =
            move || desk.answer().and_then(|answer| answer.answer.probabilities.get(class).copied()).unwrap_or(0.0);
        view! {
            <li class="bar" class:best=move || best.get() == Some(class) data-testid="bar">
                <span class="bar-label">{label}</span>
                <span class="bar-track">
                    <span class="bar-fill" style=("--share", move || probability().to_string())></span>
                </span>
                <span class="bar-value number">{move || percent(language(), f64::from(probability()), 0)}</span>
            </li>
        }
    };
    view! {
        <ol class="bars" data-testid="bars" aria-label=tr(&home::BARS)>
            {move || labels.get().into_iter().enumerate().map(bar).collect_view()}
        </ol>
    }
}

/// The class with the greatest probability.
pub fn best(probabilities: &[f32]) -> Option<usize> {
    (0..probabilities.len()).max_by(|a, b| probabilities[*a].total_cmp(&probabilities[*b]))
}
