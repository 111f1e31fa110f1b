//! A prediction, made before anything runs; then the verdict, and why.

use kindling_protocol::question::{Prediction, QuestionPage};
use leptos::prelude::*;

use crate::components::icons::Icon;
use crate::i18n::{questions as words, t, tr};
use crate::questions::practice::Practice;

/// As many as the page has, which is the same in both languages.
#[component]
pub fn Predictions(practice: Practice, page: Signal<QuestionPage>) -> impl IntoView {
    let sizes = page.with_untracked(|page| page.predictions.iter().map(|one| one.options.len()).collect::<Vec<_>>());
    let each = sizes.into_iter().enumerate();
    let each = each.map(|(place, options)| view! { <OnePrediction practice page place options /> }).collect_view();
    view! {
        <section class="stack" aria-labelledby="predict-title" data-part="predict" data-testid="predictions">
            <h2 id="predict-title">{tr(&words::PREDICT)}</h2>
            <p class="quiet">{tr(&words::PREDICT_BODY)}</p>
            {each}
        </section>
    }
}

/// Buttons and not radio buttons: an arrow key must not already be a choice.
#[component]
fn OnePrediction(practice: Practice, page: Signal<QuestionPage>, place: usize, options: usize) -> impl IntoView {
    let answer = page.with_untracked(|page| page.predictions[place].answer);
    let chosen = Memo::new(move |_| practice.prediction(place).filter(|option| *option < options));
    let html = move |part: fn(&Prediction) -> &str| move || page.with(|page| part(&page.predictions[place]).to_owned());
    let option = move |option: usize| {
        let mark = move || {
            let chosen = chosen.get()?;
            let (icon, word) = match (option == answer, option == chosen) {
                (true, true) => (Icon::Check, &words::RIGHT),
                (true, false) => (Icon::Check, &words::THIS_ONE),
                (false, true) => (Icon::Cross, &words::YOURS),
                (false, false) => return None,
            };
            Some(view! { <span class="option-mark">{icon.view()} {t(word)}</span> })
        };
        let choose = move |_| {
            if chosen.get_untracked().is_none() {
                practice.predict(place, Some(option));
            }
        };
        view! {
            <li>
                <button
                    class="option"
                    type="button"
                    class:good=move || chosen.get().is_some() && option == answer
                    class:bad=move || chosen.get() == Some(option) && option != answer
                    aria-pressed=move || (chosen.get() == Some(option)).to_string()
                    aria-disabled=move || chosen.get().is_some().to_string()
                    data-testid=format!("prediction-{place}-{option}")
                    on:click=choose
                >
                    <span inner_html=move || page.with(|page| page.predictions[place].options[option].clone())></span>
                    {mark}
                </button>
            </li>
        }
    };
    let verdict = move || {
        chosen.get().map(|chosen| {
            let (class, word) = if chosen == answer { ("notice good", &words::RIGHT) } else { ("notice bad", &words::WRONG) };
            view! {
                <div class=class data-testid=format!("verdict-{place}")>
                    <p class="prose"><b>{tr(word)}</b> " " <span inner_html=html(|one| &one.why)></span></p>
                    <p><button class="button" type="button" data-testid=format!("again-{place}") on:click=move |_| practice.predict(place, None)>{tr(&words::AGAIN)}</button></p>
                </div>
            }
        })
    };
    let ask_id = format!("prediction-{place}-ask");
    let labelled_by = ask_id.clone();
    view! {
        <div class="card stack prediction" role="group" aria-labelledby=labelled_by>
            <p class="prose" id=ask_id inner_html=html(|one| &one.ask)></p>
            <ul class="options">{(0..options).map(option).collect_view()}</ul>
            <div role="status">{verdict}</div>
        </div>
    }
}
