//! The goals of a lab and the verdict on each.

use kindling_protocol::knob::{self, Knob, KnobKind, KnobValue, When};
use kindling_protocol::lab::{Goal, LabSpec};
use leptos::prelude::*;

use crate::components::icons::Icon;
use crate::i18n::{self, lab as words, t, tr};
use crate::lab::figures;
use crate::lab::live::LiveRun;
use crate::lab::preset::{MISS, Preset};
use crate::lab::run_view::Verdict;
use crate::lab::state::LabState;

#[component]
pub fn Goals(state: LabState) -> impl IntoView {
    let goals = state.spec.with_value(|spec| spec.goals.clone());
    (!goals.is_empty()).then(|| {
        view! {
            <section class="goals" aria-labelledby="goals-title" data-testid="goals">
                <h2 id="goals-title">{tr(&words::GOALS)}</h2>
                <ul>{goals.into_iter().map(|goal| view! { <GoalLine goal state /> }).collect_view()}</ul>
            </section>
        }
    })
}

#[component]
fn GoalLine(goal: Goal, state: LabState) -> impl IntoView {
    let (id, counter) = (goal.id.clone(), goal.counter.clone());
    let goal = StoredValue::new(goal);
    let verdict = Memo::new(move |_| {
        let judged = |live: &LiveRun| {
            let judges = |goal: &Goal| state.spec.with_value(|spec| goal.judges(&spec.knobs, &live.run.config().knobs));
            goal.with_value(|goal| match judges(goal) {
                true => live.view.read().verdict(goal),
                false => Verdict::Elsewhere,
            })
        };
        state.live.with(|live| live.as_ref().map_or(Verdict::Open, judged))
    });
    let shown = move || {
        let (class, icon, text) = match verdict.get() {
            Verdict::Open => ("badge", None, &words::GOAL_OPEN),
            Verdict::Elsewhere => ("badge", None, &words::GOAL_ELSEWHERE),
            Verdict::Passed { .. } => ("badge good", Some(Icon::Check), &words::GOAL_PASSED),
            Verdict::Missed { .. } => ("badge bad", Some(Icon::Cross), &words::GOAL_MISSED),
            Verdict::TooLate { .. } => ("badge warn", Some(Icon::Warning), &words::GOAL_TOO_LATE),
            Verdict::Unknown => ("badge", None, &words::GOAL_UNKNOWN),
        };
        view! { <span class=class data-testid=goal.with_value(|goal| format!("goal-{}", goal.id))>{icon.map(Icon::view)} {t(text)}</span> }
    };
    let written = move |figure: f64| {
        state.spec.with_value(|spec| goal.with_value(|goal| figures::written(spec, &goal.figure, figure)))
    };
    let figure = move || {
        let language = i18n::language();
        match verdict.get() {
            Verdict::Passed { figure } | Verdict::Missed { figure } => Some(written(figure)),
            Verdict::TooLate { figure, took_s } => {
                Some(format!("{}, {}", written(figure), words::took(language, took_s)))
            }
            Verdict::Open | Verdict::Elsewhere | Verdict::Unknown => None,
        }
    };
    let limit = move || goal.with_value(|goal| goal.within_s).map(|limit| words::within(i18n::language(), limit));
    let at = move || state.spec.with_value(|spec| goal.with_value(|goal| judged_at(spec, goal)));
    view! {
        <li class="goal">
            <span class="goal-text">{move || goal.with_value(|goal| i18n::own(&goal.text))} " " <span class="quiet">{limit} {at}</span></span>
            <b class="number">{figure}</b>
            {shown}
            <Preset aim=MISS id knobs=counter state />
        </li>
    }
}

/// Names of the choices that a goal is judged at, where it is not about all. Tracks the language.
fn judged_at(spec: &LabSpec, goal: &Goal) -> Option<String> {
    let name = |when: &When| -> Vec<String> {
        let Ok(Knob { kind: KnobKind::Choice { options, .. }, .. }) = knob::find(&spec.knobs, &when.knob) else {
            return vec![];
        };
        let named = options.iter().filter(|option| when.values.contains(&KnobValue::Word(option.id.to_string())));
        named.map(|option| i18n::own(&option.label)).collect()
    };
    let names: Vec<String> = goal.only_when.iter().flat_map(name).collect();
    (!names.is_empty()).then(|| words::judged_at(i18n::language(), &names))
}
