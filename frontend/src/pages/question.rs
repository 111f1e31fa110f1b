//! The page of one question: think, predict, reveal, run, find the fault, check what was learnt, rate it, read the code.

use kindling_protocol::question::{Card, Catalogue, Named, QuestionPage as Page};
use kindling_protocol::text::Text;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::icons::Icon;
use crate::i18n::{self, questions as words, tr};
use crate::pages::questions::{Level, NoQuestion, facet, way_back};
use crate::questions::book::{self, Fetched};
use crate::questions::code::CodeView;
use crate::questions::lab::LabPart;
use crate::questions::place;
use crate::questions::practice::Practice;
use crate::questions::quiz::{CHECKS, FAULTS, PREDICTIONS, Quizzes};
use crate::questions::rate::Rate;
use crate::questions::reveal::{Reveal, section};
use crate::questions::think::Think;
use crate::trouble::Trouble;

#[component]
pub fn QuestionPage(id: String) -> impl IntoView {
    let catalogue = RwSignal::new(book::catalogue());
    let content = move || match catalogue.get().get() {
        Fetched::Here(catalogue) => match catalogue.questions.iter().position(|card| card.id == id) {
            Some(place) => view! { <Question catalogue place /> }.into_any(),
            None => view! { <NoQuestion /> }.into_any(),
        },
        other => book::absent(&other, move || catalogue.set(book::catalogue())),
    };
    view! { <article class="page question" data-testid="question-page">{content}</article> }
}

#[component]
fn Question(catalogue: Catalogue, place: usize) -> impl IntoView {
    let card = catalogue.questions[place].clone();
    let practice = Practice::of(&card.id);
    let page = RwSignal::new(None::<Page>);
    let problem = RwSignal::new(None::<Trouble>);
    let addresses = StoredValue::new(card.page.clone());
    let fetch = move |language| {
        spawn_local(async move {
            let arrived = book::fetch(&addresses.with_value(|all| all.get(language).to_owned())).await;
            // Another language was chosen meanwhile, or the page was left.
            if page.is_disposed() || untrack(i18n::language) != language {
                return;
            }
            problem.set(None);
            match arrived {
                Fetched::Here(arrived) => {
                    let here = place::here();
                    page.set(Some(arrived));
                    place::back_to(here);
                }
                Fetched::Failed(trouble) => problem.set(Some(trouble)),
                Fetched::Waiting => {}
            }
        });
    };
    Effect::new(move |_| fetch(i18n::language()));
    let again = move || fetch(untrack(i18n::language));
    let told = move || problem.get().map(|trouble| book::absent::<Page>(&Fetched::Failed(trouble), again));
    // Built once: in the other language the same parts get other words, and what is open stays open.
    let is_here = Memo::new(move |_| page.with(Option::is_some));
    let (minutes, lab) = (card.minutes, StoredValue::new(card.clone()));
    let parts = move || {
        if !is_here.get() {
            let waits = problem.with(Option::is_none);
            return waits.then(|| book::absent::<Page>(&Fetched::Waiting, again)).into_any();
        }
        let page = Signal::derive(move || page.get().expect("a page that is here is never taken away"));
        view! {
            <div class="beside">
                <div class="stack-wide">
                    {section("question", &words::QUESTION, page, |page| &page.question)}
                    <Think practice minutes />
                </div>
                <Quizzes part=&PREDICTIONS practice page />
            </div>
            <Reveal practice page />
            <LabPart practice page card=lab.get_value() />
            <Quizzes part=&FAULTS practice page />
            <Quizzes part=&CHECKS practice page />
            <Rate practice />
            <CodeView address=lab.with_value(|card| card.code.clone()) />
        }
        .into_any()
    };
    let title = card.title.clone();
    let of = |all: &[Named], ids: &[String], name: &'static str| {
        let named = all.iter().filter(|named| ids.contains(&named.id)).cloned();
        named.map(|named| facet(named, name)).collect_view()
    };
    view! {
        <Way catalogue=catalogue.clone() place label=&words::WAY />
        <header class="stack">
            <h1><span class="mono quiet question-id">{card.id.clone()}</span> " " {move || i18n::own(&title)}</h1>
            <p class="row question-facts">
                <Level level=card.difficulty />
                <span class="quiet">{move || words::minutes(i18n::language(), minutes)}</span>
                {of(&catalogue.topics, &card.topics, "topic")}
                {of(&catalogue.roles, &card.roles, "role")}
            </p>
        </header>
        {told}
        {parts}
        <Way catalogue place label=&words::WAY_ON />
    }
}

/// To the catalogue, and to the questions before and after.
#[component]
fn Way(catalogue: Catalogue, place: usize, label: &'static Text) -> impl IntoView {
    let to = |card: Option<&Card>, label: &'static Text, rel: &'static str, back: bool| {
        let card = card?.clone();
        let title = card.title;
        Some(view! {
            <a class="button plain" class:back=back href=format!("/questions/{}", card.id) rel=rel title=move || i18n::own(&title) data-testid=format!("question-{rel}")>
                {Icon::Arrow.view()} <span>{tr(label)}</span>
            </a>
        })
    };
    let before = place.checked_sub(1).and_then(|before| catalogue.questions.get(before));
    view! {
        <nav class="row question-way" aria-label=tr(label)>
            <a class="button plain" href=way_back data-testid="all-questions">{tr(&words::ALL)}</a>
            {to(before, &words::PREVIOUS, "prev", true)}
            {to(catalogue.questions.get(place + 1), &words::NEXT, "next", false)}
        </nav>
    }
}
