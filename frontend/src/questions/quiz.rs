//! Options, a choice, the verdict and why: what happens in the lab, before it runs; which line of some code is wrong;
//! and a short quiz on what was read.

use kindling_protocol::question::{QuestionPage, Quiz};
use kindling_protocol::text::Text;
use leptos::prelude::*;

use crate::components::icons::Icon;
use crate::i18n::{questions as words, t, tr};
use crate::questions::practice::{Kept, Practice};

/// A part of the page with some of them.
pub struct Part {
    pub id: &'static str,
    title: &'static Text,
    body: &'static Text,
    /// What stands at the right option once one is chosen.
    this_one: &'static Text,
    /// Options are lines of code.
    is_code: bool,
    of: fn(&QuestionPage) -> &[Quiz],
    pub chosen: fn(&Kept) -> &[Option<usize>],
    pub chosen_mut: fn(&mut Kept) -> &mut Vec<Option<usize>>,
}

pub static PREDICTIONS: Part = Part {
    id: "prediction",
    title: &words::PREDICT,
    body: &words::PREDICT_BODY,
    this_one: &words::THIS_ONE,
    is_code: false,
    of: |page| &page.predictions,
    chosen: |kept| &kept.predictions,
    chosen_mut: |kept| &mut kept.predictions,
};

pub static FAULTS: Part = Part {
    id: "fault",
    title: &words::FAULTS,
    body: &words::FAULTS_BODY,
    this_one: &words::THIS_LINE,
    is_code: true,
    of: |page| &page.faults,
    chosen: |kept| &kept.faults,
    chosen_mut: |kept| &mut kept.faults,
};

pub static CHECKS: Part = Part {
    id: "check",
    title: &words::CHECKS,
    body: &words::CHECKS_BODY,
    this_one: &words::THIS_ANSWER,
    is_code: false,
    of: |page| &page.checks,
    chosen: |kept| &kept.checks,
    chosen_mut: |kept| &mut kept.checks,
};

/// As many as the page has, which is the same in both languages.
#[component]
pub fn Quizzes(part: &'static Part, practice: Practice, page: Signal<QuestionPage>) -> impl IntoView {
    let sizes = page.with_untracked(|page| (part.of)(page).iter().map(|one| one.options.len()).collect::<Vec<_>>());
    let each = sizes.into_iter().enumerate();
    let each = each.map(|(place, options)| view! { <OneQuiz part practice page place options /> }).collect_view();
    let title_id = format!("{}-title", part.id);
    let labelled_by = title_id.clone();
    view! {
        <section class="stack" aria-labelledby=labelled_by data-part=part.id data-testid=format!("{}s", part.id)>
            <h2 id=title_id>{tr(part.title)}</h2>
            <p class="quiet">{tr(part.body)}</p>
            {each}
        </section>
    }
}

/// Buttons and not radio buttons: an arrow key must not already be a choice.
#[component]
fn OneQuiz(
    part: &'static Part,
    practice: Practice,
    page: Signal<QuestionPage>,
    place: usize,
    options: usize,
) -> impl IntoView {
    let answer = page.with_untracked(|page| (part.of)(page)[place].answer);
    let chosen = Memo::new(move |_| practice.chosen(part, place).filter(|option| *option < options));
    let ask = move || page.with(|page| (part.of)(page)[place].ask.clone());
    let why = move |which: usize| move || page.with(|page| (part.of)(page)[place].whys[which].clone());
    let each_has_its_own = page.with_untracked(|page| (part.of)(page)[place].whys.len() > 1);
    let why_id = move |option: usize| format!("{}-{place}-{option}-why", part.id);
    let option = move |option: usize| {
        let mark = move || {
            let chosen = chosen.get()?;
            let (icon, word) = match (option == answer, option == chosen) {
                (true, true) => (Icon::Check, &words::RIGHT),
                (true, false) => (Icon::Check, part.this_one),
                (false, true) => (Icon::Cross, &words::YOURS),
                (false, false) => return None,
            };
            Some(view! { <span class="option-mark">{icon.view()} {t(word)}</span> })
        };
        let choose = move |_| {
            if chosen.get_untracked().is_none() {
                practice.choose(part, place, Some(option));
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
                    aria-describedby=each_has_its_own.then(|| why_id(option))
                    data-testid=format!("{}-{place}-{option}", part.id)
                    on:click=choose
                >
                    <span inner_html=move || page.with(|page| (part.of)(page)[place].options[option].clone())></span>
                    {mark}
                </button>
                {move || {
                    let told = each_has_its_own && chosen.get().is_some();
                    told.then(|| view! { <p class="prose option-why" id=why_id(option) inner_html=why(option)></p> })
                }}
            </li>
        }
    };
    let verdict = move || {
        chosen.get().map(|chosen| {
            let (class, word) = if chosen == answer { ("notice good", &words::RIGHT) } else { ("notice bad", &words::WRONG) };
            view! {
                <div class=class data-testid=format!("{}-verdict-{place}", part.id)>
                    <p class="prose"><b>{tr(word)}</b> {(!each_has_its_own).then(|| view! { " " <span inner_html=why(0)></span> })}</p>
                    <p><button class="button" type="button" data-testid=format!("{}-again-{place}", part.id) on:click=move |_| practice.choose(part, place, None)>{tr(&words::AGAIN)}</button></p>
                </div>
            }
        })
    };
    let ask_id = format!("{}-{place}-ask", part.id);
    let labelled_by = ask_id.clone();
    view! {
        <div class="card stack quiz" role="group" aria-labelledby=labelled_by>
            <p class="prose" id=ask_id inner_html=ask></p>
            <ol class="options" class:code=part.is_code>{(0..options).map(option).collect_view()}</ol>
            <div role="status">{verdict}</div>
        </div>
    }
}
