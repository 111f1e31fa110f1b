//! The catalogue of questions: search, filters, and how far one is.

use std::collections::BTreeMap;

use kindling_protocol::question::{Card, Catalogue, Named};
use kindling_protocol::text::Text;
use leptos::prelude::*;

use crate::components::icons::Icon;
use crate::i18n::{self, questions as words, t, tr};
use crate::questions::book::{self, Fetched};
use crate::questions::filter::{DUE, Filter, NEW};
use crate::questions::practice::{Kept, today};
use crate::router;

thread_local! {
    /// The filter that the catalogue was left with, for the way back from a question.
    static LEFT_WITH: ArcRwSignal<String> = ArcRwSignal::new(String::new());
}

/// The address of the catalogue as it was left.
pub fn way_back() -> String {
    let query = LEFT_WITH.with(|query| query.get());
    if query.is_empty() { "/questions".into() } else { format!("/questions?{query}") }
}

#[component]
pub fn QuestionsPage() -> impl IntoView {
    let catalogue = RwSignal::new(book::catalogue());
    let content = move || match catalogue.get().get() {
        Fetched::Here(catalogue) => view! { <Questions catalogue /> }.into_any(),
        other => book::absent(&other, move || catalogue.set(book::catalogue())),
    };
    view! {
        <section class="page" data-testid="questions-page">
            <header class="stack">
                <h1>{tr(&words::TITLE)}</h1>
                <p class="lead">{tr(&words::LEAD)}</p>
            </header>
            {content}
        </section>
    }
}

#[component]
fn Questions(catalogue: Catalogue) -> impl IntoView {
    let kept: BTreeMap<String, Kept> =
        catalogue.questions.iter().map(|card| (card.id.clone(), Kept::read(&card.id))).collect();
    let (topics, roles) = (catalogue.topics.clone(), catalogue.roles.clone());
    let catalogue = StoredValue::new(catalogue);
    let kept = StoredValue::new(kept);
    let filter = Memo::new(|_| Filter::from_pairs(router::query_pairs()));
    Effect::new(move |_| LEFT_WITH.with(|query| query.set(filter.get().to_query(encode))));
    let change = move |change: &dyn Fn(&mut Filter)| {
        let mut changed = filter.get_untracked();
        change(&mut changed);
        router::replace_query(&changed.to_query(encode));
    };
    let today = today();
    let due_in = move |id: &str| kept.with_value(|kept| kept.get(id).and_then(|kept| kept.due_in(today)));
    let shown = Memo::new(move |_| {
        catalogue
            .with_value(|catalogue| filter.get().apply(catalogue, due_in).into_iter().cloned().collect::<Vec<Card>>())
    });
    let count = move || {
        let all = catalogue.with_value(|catalogue| catalogue.questions.len());
        words::count(i18n::language(), shown.with(Vec::len), all)
    };
    let progress = move || {
        let count = |of: &dyn Fn(&Kept) -> bool| kept.with_value(|kept| kept.values().filter(|one| of(one)).count());
        let (answered, seen) = (count(&Kept::is_answered), count(&|one| one.seen));
        let due = count(&|one| one.due_in(today) == Some(0));
        (answered + seen + due > 0).then(|| words::progress(i18n::language(), answered, seen, due))
    };
    let used = move |named: Vec<Named>, ids: fn(&Card) -> &[String]| -> Vec<(String, Text)> {
        let used = |id: &String| {
            catalogue.with_value(|catalogue| catalogue.questions.iter().any(|card| ids(card).contains(id)))
        };
        named.into_iter().filter(|named| used(&named.id)).map(|named| (named.id, named.name)).collect()
    };
    let (topics, roles) = (used(topics, |card| &card.topics), used(roles, |card| &card.roles));
    let levels = (1..=5).map(|level: u8| {
        (
            level.to_string(),
            Text {
                en: words::difficulty(i18n::Language::En, level).into(),
                zh: words::difficulty(i18n::Language::Zh, level).into(),
            },
        )
    });
    let practice = [(DUE, &words::DUE_TODAY), (NEW, &words::NEVER_GRADED)];
    let practice = practice.map(|(id, name)| (id.to_owned(), name.clone())).into();
    let practised = Signal::derive(move || filter.get().practice);
    let topic = Signal::derive(move || filter.get().topic);
    let role = Signal::derive(move || filter.get().role);
    let level = Signal::derive(move || match filter.get().difficulty {
        0 => String::new(),
        level => level.to_string(),
    });
    let clear = move |_| router::replace_query("");
    let is_filtered = Memo::new(move |_| filter.get() != Filter::default());
    let list = move || {
        if shown.with(Vec::is_empty) {
            return view! {
                <div class="card stack nothing" data-testid="no-question">
                    <h2>{tr(&words::NONE)}</h2>
                    <p>{tr(&words::NONE_BODY)}</p>
                    <p><button class="button" type="button" on:click=clear>{tr(&words::CLEAR)}</button></p>
                </div>
            }
            .into_any();
        }
        let line = |card: Card| {
            let kept = kept.with_value(|kept| kept.get(&card.id).cloned().unwrap_or_default());
            view! { <Line card kept catalogue today /> }
        };
        view! { <ul class="question-list">{shown.get().into_iter().map(line).collect_view()}</ul> }.into_any()
    };
    view! {
        <form class="question-filters" role="search" on:submit=|event| event.prevent_default()>
            <div class="field question-find">
                <label for="find">{tr(&words::FIND)}</label>
                <input
                    type="search"
                    id="find"
                    data-testid="find"
                    placeholder=tr(&words::FIND_HINT)
                    prop:value=move || filter.get().words
                    on:input=move |event| {
                        let value = event_target_value(&event);
                        change(&|filter| filter.words = value.clone());
                    }
                />
            </div>
            {select("topic", &words::TOPIC, topics, topic, move |value| change(&|filter| filter.topic = value.clone()))}
            {select("role", &words::ROLE, roles, role, move |value| change(&|filter| filter.role = value.clone()))}
            {select("difficulty", &words::DIFFICULTY, levels.collect(), level, move |value| {
                change(&|filter| filter.difficulty = value.parse().unwrap_or(0));
            })}
            {select("practice", &words::PRACTICE, practice, practised, move |value| {
                change(&|filter| filter.practice = value.clone());
            })}
        </form>
        <div class="row spread">
            <p role="status" data-testid="question-count">{count}</p>
            <button class="button plain" type="button" data-testid="clear-filters" hidden=move || !is_filtered.get() on:click=clear>{tr(&words::CLEAR)}</button>
            <p class="quiet" data-testid="question-progress">{progress}</p>
        </div>
        {list}
    }
}

fn encode(value: &str) -> String {
    String::from(js_sys::encode_uri_component(value))
}

/// One of a list, or any of it.
fn select(
    id: &'static str,
    label: &'static Text,
    options: Vec<(String, Text)>,
    chosen: Signal<String>,
    choose: impl Fn(String) + 'static,
) -> impl IntoView {
    let option = |(id, name): (String, Text)| {
        let mine = id.clone();
        view! { <option value=id prop:selected=move || chosen.get() == mine>{move || i18n::own(&name)}</option> }
    };
    let field = format!("filter-{id}");
    view! {
        <div class="field">
            <label for=field.clone()>{tr(label)}</label>
            <select id=field.clone() data-testid=field on:change=move |event| choose(event_target_value(&event))>
                <option value="" prop:selected=move || chosen.with(String::is_empty)>{tr(&words::ANY)}</option>
                {options.into_iter().map(option).collect_view()}
            </select>
        </div>
    }
}

#[component]
fn Line(card: Card, kept: Kept, catalogue: StoredValue<Catalogue>, today: u32) -> impl IntoView {
    let title = card.title.clone();
    let topics: Vec<Text> = catalogue.with_value(|catalogue| {
        catalogue
            .topics
            .iter()
            .filter(|topic| card.topics.contains(&topic.id))
            .map(|topic| topic.name.clone())
            .collect()
    });
    let topics = topics.into_iter().map(|name| view! { <span class="badge">{move || i18n::own(&name)}</span> });
    let mark = |word: &'static Text, icon: Icon| view! { <span class="badge good">{icon.view()} {tr(word)}</span> };
    view! {
        <li class="card question-line" data-testid=format!("question-{}", card.id)>
            <span class="mono quiet question-id">{card.id.clone()}</span>
            <h2><a href=format!("/questions/{}", card.id)>{move || i18n::own(&title)}</a></h2>
            <p class="row question-facts">
                <Level level=card.difficulty />
                <span class="quiet">{move || words::minutes(i18n::language(), card.minutes)}</span>
                {topics.collect_view()}
                {kept.is_answered().then(|| mark(&words::ANSWERED, Icon::Pen))}
                {kept.seen.then(|| mark(&words::SEEN, Icon::Check))}
                {kept.due_in(today).map(|days| match days {
                    0 => view! { <span class="badge warn">{tr(&words::DUE)}</span> }.into_any(),
                    _ => view! { <span class="quiet">{move || words::comes_again(i18n::language(), days)}</span> }.into_any(),
                })}
            </p>
        </li>
    }
}

/// Five marks, and the same in words.
#[component]
pub fn Level(level: u8) -> impl IntoView {
    let marks = (1..=5).map(|place| view! { <i class:full=place <= level></i> }).collect_view();
    let label = move || words::difficulty(i18n::language(), level);
    view! { <span class="level" role="img" aria-label=label title=label>{marks}</span> }
}

/// The name of a topic or role as a link into the catalogue.
pub fn facet(named: Named, name: &'static str) -> impl IntoView {
    let label = named.name;
    view! { <a class="badge" href=format!("/questions?{name}={}", named.id)>{move || i18n::own(&label)}</a> }
}

/// A sentence where a question would be.
#[component]
pub fn NoQuestion() -> impl IntoView {
    view! {
        <div class="stack">
            <h1>{move || t(&words::NO_SUCH)}</h1>
            <p><a class="button primary" href="/questions">{tr(&words::ALL)}</a></p>
        </div>
    }
}
