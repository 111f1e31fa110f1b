//! The button that sets the knobs at which a goal is missed or a panel is filled, and takes them back.

use std::borrow::Cow;

use kindling_protocol::knob::{KnobValue, find};
use kindling_protocol::lab::{LabSpec, Overlay};
use kindling_protocol::text::Text;
use leptos::prelude::*;

use crate::components::icons::Icon;
use crate::i18n::{self, panels as words, t, tr};
use crate::lab::changes::value_text;
use crate::lab::state::LabState;

/// A knob that was turned: from what to what.
#[derive(Clone, Debug, PartialEq)]
struct Turned {
    knob: String,
    old: KnobValue,
    new: KnobValue,
}

/// What the knobs are set for.
#[derive(Clone, Copy)]
pub struct Aim {
    label: &'static Text,
    help: &'static Text,
    /// Of the button.
    testid: &'static str,
    /// What a run with them will show.
    then: &'static Text,
}

pub const MISS: Aim =
    Aim { label: &words::MAKE_IT_FAIL, help: &words::COUNTER_HELP, testid: "counter", then: &words::COUNTER_THEN };
pub const FILL: Aim = Aim { label: &words::FILL, help: &words::FILL_HELP, testid: "fill", then: &words::FILL_THEN };

/// Nothing where there are no knobs to set. `id`: of the goal or the panel.
#[component]
pub fn Preset(
    aim: Aim,
    id: Cow<'static, str>,
    knobs: Vec<(Cow<'static, str>, KnobValue)>,
    state: LabState,
) -> impl IntoView {
    if knobs.is_empty() {
        return ().into_any();
    }
    // What the button set, until it is taken back or turned otherwise by hand.
    let turned = RwSignal::new(None::<Vec<Turned>>);
    let stands = Memo::new(move |_| {
        turned.with(|turned| {
            turned.as_ref().is_some_and(|turned| {
                state.config.with(|config| all_stand(turned, |id| config.knobs.0.get(id).cloned()))
            })
        })
    });
    let set = move |_| {
        let turns = state.config.with_untracked(|config| {
            let mut then = config.knobs.clone();
            then.0.extend(knobs.iter().map(|(knob, value)| (knob.to_string(), value.clone())));
            let idle =
                |id: &str| state.spec.with_value(|spec| !find(&spec.knobs, id).is_ok_and(|knob| knob.counts(&then)));
            turns(&knobs, |id| config.knobs.0.get(id).filter(|_| !idle(id)).cloned())
        });
        for one in &turns {
            state.set_knob(&one.knob, one.new.clone());
        }
        turned.set(Some(turns));
    };
    let undo = move |_| {
        for one in turned.get_untracked().unwrap_or_default() {
            state.set_knob(&one.knob, one.old);
        }
        turned.set(None);
    };
    let told = move || {
        let turns = turned.get().filter(|_| stands.get())?;
        let sentence = state.spec.with_value(|spec| sentence(spec, &turns, aim.then));
        let undo = (!turns.is_empty()).then(|| view! {
            <button class="button plain" type="button" data-testid="counter-undo" on:click=undo>{Icon::Undo.view()} {tr(&words::COUNTER_UNDO)}</button>
        });
        Some(
            view! { <p class="goal-counter quiet" role="status" data-testid="counter-told"><span>{sentence}</span>{undo}</p> },
        )
    };
    view! {
        <button class="button plain goal-fail" type="button" title=tr(aim.help) data-testid=format!("{}-{id}", aim.testid) on:click=set>
            {tr(aim.label)}
        </button>
        {told}
    }
    .into_any()
}

/// What has to be turned for these knobs. `now` knows none that is idle.
fn turns(knobs: &Overlay, now: impl Fn(&str) -> Option<KnobValue>) -> Vec<Turned> {
    let turn = |(knob, new): &(Cow<'static, str>, KnobValue)| {
        let old = now(knob)?;
        (old != *new).then(|| Turned { knob: knob.to_string(), old, new: new.clone() })
    };
    knobs.iter().filter_map(turn).collect()
}

fn all_stand(turned: &[Turned], now: impl Fn(&str) -> Option<KnobValue>) -> bool {
    turned.iter().all(|one| now(&one.knob).as_ref() == Some(&one.new))
}

fn sentence(spec: &LabSpec, turns: &[Turned], then: &'static Text) -> String {
    let language = i18n::language();
    if turns.is_empty() {
        return t(&words::COUNTER_ALREADY).to_string();
    }
    let change = |one: &Turned| {
        let knob = spec.knobs.iter().find(|knob| knob.id == one.knob.as_str())?;
        let [new, old] = [&one.new, &one.old].map(|value| i18n::own(&value_text(&knob.kind, value)));
        Some(words::counter_change(language, knob.label.get(language), &new, &old))
    };
    words::counter_set(language, &turns.iter().filter_map(change).collect::<Vec<_>>(), t(then))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_otherwise_is_turned_and_can_be_taken_back() {
        let knobs = [("lr".into(), KnobValue::Number(10.0)), ("decay".into(), KnobValue::Number(0.0))];
        let now = |id: &str| (id == "lr").then_some(KnobValue::Number(0.1)).or(Some(KnobValue::Number(0.0)));
        let turned = turns(&knobs, now);
        assert_eq!(turned, [Turned { knob: "lr".into(), old: KnobValue::Number(0.1), new: KnobValue::Number(10.0) }]);
        assert!(!all_stand(&turned, now));
        assert!(all_stand(&turned, |_| Some(KnobValue::Number(10.0))));
    }
}
