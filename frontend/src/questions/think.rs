//! Before the answer: the clock, and a box for one's own.

use leptos::prelude::*;

use crate::i18n::{questions as words, t, tr};
use crate::questions::practice::{LONGEST_ANSWER, Practice};
use crate::questions::timer::Timer;

#[component]
pub fn Think(practice: Practice, minutes: u32) -> impl IntoView {
    let initial = practice.kept.with_untracked(|kept| kept.answer.clone());
    let write = move |event| practice.kept.update(|kept| kept.answer = event_target_value(&event));
    let told = move || {
        let empty = practice.kept.with(|kept| kept.answer.is_empty());
        match practice.is_safe.get() {
            false => t(&words::NOT_KEPT),
            true if empty => "",
            true => t(&words::KEPT),
        }
    };
    view! {
        <section class="stack" aria-labelledby="think-title" data-part="think">
            <h2 id="think-title">{tr(&words::THINK)}</h2>
            <p class="quiet">{tr(&words::THINK_BODY)}</p>
            <Timer practice minutes />
            <div class="field">
                <label for="own-answer">{tr(&words::OWN)}</label>
                <textarea
                    id="own-answer"
                    data-testid="own-answer"
                    rows="5"
                    maxlength=LONGEST_ANSWER.to_string()
                    placeholder=tr(&words::OWN_HINT)
                    aria-describedby="own-answer-kept"
                    prop:value=initial
                    on:input=write
                ></textarea>
                <p class="quiet" id="own-answer-kept" class:bad-text=move || !practice.is_safe.get() data-testid="own-answer-kept">{told}</p>
            </div>
        </section>
    }
}
