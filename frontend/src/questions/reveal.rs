//! The answer, once it is asked for: short, long, traps, follow-ups, sources.

use kindling_protocol::question::QuestionPage;
use kindling_protocol::text::Text;
use leptos::prelude::*;

use crate::i18n::{questions as words, tr};
use crate::questions::practice::Practice;

#[component]
pub fn Reveal(practice: Practice, page: Signal<QuestionPage>) -> impl IntoView {
    let label = move || if practice.revealed.get() { tr(&words::HIDE)() } else { tr(&words::REVEAL)() };
    let answer = move || practice.revealed.get().then(|| view! { <Answer page /> });
    view! {
        <p>
            <button
                class="button"
                class:primary=move || !practice.revealed.get()
                type="button"
                aria-expanded=move || practice.revealed.get().to_string()
                aria-controls="answer"
                data-testid="reveal"
                on:click=move |_| practice.turn()
            >
                {label}
            </button>
        </p>
        <div id="answer" class="beside" hidden=move || !practice.revealed.get() data-testid="answer">{answer}</div>
    }
}

#[component]
fn Answer(page: Signal<QuestionPage>) -> impl IntoView {
    let (follow_ups, sources) = page.with_untracked(|page| (page.follow_ups.len(), page.sources.clone()));
    let follow_up = move |place: usize| {
        let ask = move || page.with(|page| page.follow_ups[place].ask.clone());
        let answer = move || page.with(|page| page.follow_ups[place].answer.clone());
        view! {
            <details class="follow-up" data-testid=format!("follow-up-{place}")>
                <summary inner_html=ask></summary>
                <div class="prose" inner_html=answer></div>
            </details>
        }
    };
    let sources = sources.into_iter().map(|source| {
        view! {
            <li lang="en">
                {source.authors} " (" {source.year} "). "
                <a href=source.url target="_blank" rel="noopener noreferrer">{source.title}</a>
            </li>
        }
    });
    let sources = sources.collect_view();
    view! {
        <div class="stack-wide">
            {section("short", &words::SHORT, page, |page| &page.short)}
            {section("long", &words::LONG, page, |page| &page.long)}
        </div>
        <div class="stack-wide">
        {section("traps", &words::TRAPS, page, |page| &page.traps)}
        <section class="stack" aria-labelledby="follow-ups-title" data-part="follow-ups">
            <h2 id="follow-ups-title">{tr(&words::FOLLOW_UPS)}</h2>
            <p class="quiet">{tr(&words::FOLLOW_UPS_BODY)}</p>
            <div>{(0..follow_ups).map(follow_up).collect_view()}</div>
        </section>
        <section class="stack" aria-labelledby="sources-title" data-part="sources">
            <h2 id="sources-title">{tr(&words::SOURCES)}</h2>
            <ul class="sources">{sources}</ul>
        </section>
        </div>
    }
}

/// A part of the page with a heading and rendered text.
pub fn section(
    id: &'static str,
    title: &'static Text,
    page: Signal<QuestionPage>,
    html: fn(&QuestionPage) -> &str,
) -> impl IntoView {
    let title_id = format!("{id}-title");
    let labelled_by = title_id.clone();
    view! {
        <section class="stack" aria-labelledby=labelled_by data-part=id data-testid=format!("section-{id}")>
            <h2 id=title_id>{tr(title)}</h2>
            <div class="prose" inner_html=move || page.with(|page| html(page).to_owned())></div>
        </section>
    }
}
