//! The answer in one glance: the digit, how sure, and who answered.

use std::time::Duration;

use leptos::leptos_dom::helpers::TimeoutHandle;
use leptos::prelude::*;

use super::pad::desk::Desk;
use crate::i18n::{home, language, percent, t};
use crate::runner::pad::PadAnswer;
use crate::trouble::TroubleText;

/// A screen reader hears an answer when it has stood for so long.
const SETTLED: Duration = Duration::from_millis(700);

#[component]
pub fn AnswerView() -> impl IntoView {
    let desk = Desk::here();
    let answer = Memo::new(move |_| desk.answer());
    let ranked = Memo::new(move |_| answer.with(|answer| answer.as_ref().map(Ranked::of)));

    let digit = move || ranked.with(|ranked| ranked.as_ref().map_or(String::new(), |ranked| ranked.best.0.clone()));
    let confidence =
        move || ranked.with(|ranked| ranked.as_ref().map_or(String::new(), |ranked| ranked.best.1.to_string()));
    let version = move || desk.pad.answer.with(|answer| answer.as_ref().map_or(0, |answer| answer.version));
    let unsure = move || ranked.with(|ranked| ranked.as_ref().is_some_and(|ranked| ranked.unsure));

    let headline = move || match ranked.get() {
        None if desk.pad.model.with(Option::is_none) => t(&home::LOADING).into(),
        None => t(&home::WAITING).into(),
        Some(ranked) if ranked.unsure => home::not_sure(language(), &ranked.best.0, &ranked.second.0),
        Some(ranked) => home::sure(language(), &percent(language(), f64::from(ranked.best.1), 0)),
    };
    let truth = move || {
        let label = desk.sheet.with(|sheet| sheet.example().map(|(_, label)| label.to_string()))?;
        let right = ranked.with(|ranked| ranked.as_ref().map(|ranked| ranked.best.0 == label))?;
        Some(view! {
            <span class=if right { "badge good" } else { "badge bad" } data-testid="true-label">
                {home::truth(language(), &label)}
            </span>
        })
    };
    let problem = move || desk.pad.problem.get();
    let who = move || answer.with(|answer| answer.as_ref().map(|answer| home::who(language(), answer)));

    view! {
        <section class="answer" class:unsure=unsure class:waiting=move || ranked.with(Option::is_none)>
            <output
                class="answer-digit"
                data-testid="digit-answer"
                data-digit=digit
                data-confidence=confidence
                data-version=move || version().to_string()
                data-unsure=move || unsure().to_string()
                aria-hidden="true"
            >
                {move || ranked.with(|ranked| ranked.as_ref().map_or("–".into(), |ranked| ranked.best.0.clone()))}
            </output>
            <div class="answer-words">
                {move || match problem() {
                    Some(problem) => {
                        view! { <div class="answer-problem" role="alert" data-testid="pad-problem"><TroubleText trouble=problem /></div> }.into_any()
                    }
                    None => {
                        view! { <p class="answer-headline" data-testid="answer-headline"><span>{headline}</span> {truth}</p> }.into_any()
                    }
                }}
                <p class="quiet" data-testid="answer-who">{move || who().unwrap_or_else(|| t(&home::PRIVACY).into())}</p>
            </div>
            <p class="hidden-text" role="status" aria-live="polite" data-testid="answer-spoken">{spoken(ranked)}</p>
        </section>
    }
}

/// The two likeliest classes.
#[derive(Clone, Debug, PartialEq)]
struct Ranked {
    best: (String, f32),
    second: (String, f32),
    unsure: bool,
}

impl Ranked {
    fn of(answer: &PadAnswer) -> Ranked {
        let mut classes: Vec<(String, f32)> =
            answer.labels.iter().cloned().zip(answer.answer.probabilities.iter().copied()).collect();
        classes.sort_by(|a, b| b.1.total_cmp(&a.1));
        let mut classes = classes.into_iter();
        Ranked {
            best: classes.next().unwrap_or_default(),
            second: classes.next().unwrap_or_default(),
            unsure: answer.answer.unsure,
        }
    }
}

/// What a screen reader says: the newest answer, once it has settled.
fn spoken(ranked: Memo<Option<Ranked>>) -> impl Fn() -> String {
    let settled = RwSignal::new(None::<Ranked>);
    let waiting = StoredValue::new_local(None::<TimeoutHandle>);
    Effect::new(move |_| {
        let now = ranked.get();
        let later = move || drop(settled.try_set(now));
        waiting.update_value(|waiting| {
            if let Some(waiting) = waiting.take() {
                waiting.clear();
            }
            *waiting = set_timeout_with_handle(later, SETTLED).ok();
        });
    });
    move || match settled.get() {
        None => String::new(),
        Some(ranked) => {
            let share = |class: &(String, f32)| percent(language(), f64::from(class.1), 0);
            let (best, second) = (share(&ranked.best), share(&ranked.second));
            home::spoken(language(), (&ranked.best.0, &best), (&ranked.second.0, &second), ranked.unsure)
        }
    }
}
