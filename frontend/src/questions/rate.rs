//! How well one knew it, and when the question comes again.

use kindling_protocol::text::Text;
use leptos::prelude::*;

use crate::i18n::{self, questions as words, tr};
use crate::questions::practice::{Practice, today};
use crate::questions::schedule::{Grade, Memory};

/// The four grades, each with the days after which it would come again. What was said can be taken back until the page
/// is left; from then on another grade is another review.
#[component]
pub fn Rate(practice: Practice) -> impl IntoView {
    let memory = Memo::new(move |_| practice.kept.with(|kept| kept.memory));
    // What was remembered before the grade of this visit.
    let before = RwSignal::new(None::<Option<Memory>>);
    let grade = move |grade: Grade| {
        let known = memory.get_untracked();
        before.set(Some(known));
        practice.kept.update(|kept| kept.memory = Some(Memory::after(known, grade, today())));
    };
    let take_back = move |_| {
        if let Some(known) = before.get_untracked() {
            practice.kept.update(|kept| kept.memory = known);
            before.set(None);
        }
    };
    let button = move |one: Grade, name: &'static Text| {
        let days = move || {
            let next = Memory::after(memory.get(), one, today());
            words::in_days(i18n::language(), next.interval())
        };
        let testid = format!("grade-{}", one as u8);
        view! {
            <button class="button" type="button" data-testid=testid on:click=move |_| grade(one)>
                <b>{tr(name)}</b> <span class="quiet">{days}</span>
            </button>
        }
    };
    let grades = move || Grade::ALL.into_iter().zip(&words::GRADES).map(|(one, name)| button(one, name)).collect_view();
    let told = move || {
        let days = practice.kept.with(|kept| kept.due_in(today()))?;
        Some(words::comes_again(i18n::language(), days))
    };
    view! {
        <section class="stack" aria-labelledby="rate-title" data-part="rate" data-testid="rate">
            <h2 id="rate-title">{tr(&words::RATE)}</h2>
            <p class="quiet">{tr(&words::RATE_BODY)}</p>
            <div class="row" hidden=move || before.with(Option::is_some)>{grades}</div>
            <div class="row">
                <p role="status" data-testid="comes-again">{told}</p>
                <button class="button plain" type="button" data-testid="take-back" hidden=move || before.with(Option::is_none) on:click=take_back>{tr(&words::TAKE_BACK)}</button>
            </div>
        </section>
    }
}
