//! The labs. Adding one is a folder and a line in [`LABS`].

pub mod ab_test;
pub mod adversarial;
pub mod callbacks;
pub mod class_imbalance;
pub mod compression;
pub mod digits;
pub mod distributed;
pub mod ensemble;
pub mod hyperparameter_search;
pub mod metrics;
pub mod overfitting;
pub mod self_supervised;
pub mod shap;

pub(crate) mod parts;

use crate::host::Lab;

/// What `cargo xtask new-lab` copies: compiled and tested here, so that a new lab begins with code that works.
#[cfg(test)]
#[path = "../../../../xtask/src/new_lab/template/mod.rs"]
mod template;

/// Every lab, in the order of its slugs. A static: of a constant each program that uses it would hold a copy of the labs.
pub static LABS: &[Lab] = &[
    ab_test::LAB,
    adversarial::LAB,
    callbacks::LAB,
    class_imbalance::LAB,
    compression::LAB,
    digits::LAB,
    distributed::LAB,
    ensemble::LAB,
    hyperparameter_search::LAB,
    metrics::LAB,
    overfitting::LAB,
    self_supervised::LAB,
    shap::LAB,
];

/// The lab of that slug.
pub fn find(slug: &str) -> Option<&'static Lab> {
    LABS.iter().find(|lab| (lab.spec)().slug == slug)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use kindling_protocol::event::EventBody;
    use kindling_protocol::knob::{self, Knob, KnobKind, KnobValue};

    use super::*;
    use crate::data::generator;
    use crate::testing;

    #[test]
    fn labs_are_in_order_named_well_and_run_at_their_defaults() {
        let slugs: Vec<String> = LABS.iter().map(|lab| (lab.spec)().slug.to_string()).collect();
        assert!(slugs.is_sorted_by(|a, b| a < b), "{slugs:?}");
        for lab in LABS {
            let spec = (lab.spec)();
            let plain = |id: &str| {
                !id.is_empty()
                    && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
            };
            let ids = spec.knobs.iter().map(|knob| &knob.id).chain(spec.series.iter().map(|series| &series.id));
            let panels = spec.panels.iter().map(|panel| &panel.id);
            for id in ids.chain(panels).chain([&spec.slug]) {
                assert!(plain(id), "`{id}` of the lab `{}`", spec.slug);
            }
            for goal in &spec.goals {
                let known = spec.figures.iter().any(|figure| figure.id == goal.figure);
                assert!(known, "goal `{}` of `{}` judges `{}`, which is no figure", goal.id, spec.slug, goal.figure);
            }
            let knobs = spec.knobs_with(&[]).expect("defaults are in range");
            for goal in &spec.goals {
                let countered = spec.knobs_with(&[&spec.quick, &goal.counter]);
                assert!(!goal.counter.is_empty() && countered.is_ok(), "goal `{}`: {countered:?}", goal.id);
                assert!(goal.judges(&spec.knobs, &knobs), "goal `{}` is not about the defaults", goal.id);
                for when in &goal.only_when {
                    let knob = knob::find(&spec.knobs, &when.knob).expect("a knob of its lab");
                    assert!(when.values.iter().all(|value| knob.check(value).is_ok()), "goal `{}`: {when:?}", goal.id);
                }
            }
            for panel in &spec.panels {
                let filled = spec.knobs_with(&[&panel.filled_at]);
                let other = filled.as_ref().is_ok_and(|filled| *filled != knobs);
                assert!(panel.filled_at.is_empty() || other, "panel `{}` of `{}`: {filled:?}", panel.id, spec.slug);
            }
            let cost = (lab.cost)(&knobs);
            assert!(cost.steps > 0 && cost.flops > 0.0 && cost.parameters > 0, "{cost:?}");
            assert!(find(&spec.slug).is_some() && find("no-such-lab").is_none());
        }
    }

    #[test]
    fn a_knob_is_idle_by_choices_that_are_there_and_costs_nothing_then() {
        for lab in LABS {
            let spec = (lab.spec)();
            let of_drawing = spec.drawing.iter().map(|drawing| &drawing.knobs);
            for knobs in [&spec.knobs].into_iter().chain(of_drawing) {
                for (knob, when) in knobs.iter().flat_map(|knob| knob.only_when.iter().map(move |when| (knob, when))) {
                    let told = format!("`{}` of `{}`, idle by `{}`", knob.id, spec.slug, when.knob);
                    let other = knob::find(knobs, &when.knob).expect(&told);
                    assert!(when.values.iter().all(|value| other.check(value).is_ok()), "{told}: no such value");
                    // So whoever decides counts itself, and no chain comes back to where it began.
                    assert!(other.id != knob.id, "{told}");
                    let along = other.only_when.iter().all(|condition| knob.only_when.contains(condition));
                    assert!(along, "{told}, which may be idle itself");
                }
            }
            let knobs = spec.knobs.iter();
            for (knob, when) in knobs.flat_map(|knob| knob.only_when.iter().map(move |when| (knob, when))) {
                let other = knob::find(&spec.knobs, &when.knob).expect("as above");
                let elsewhere: Vec<_> =
                    alternatives(other).into_iter().filter(|value| !when.values.contains(value)).collect();
                assert!(!elsewhere.is_empty(), "`{}` of `{}` is never idle by `{}`", knob.id, spec.slug, when.knob);
                for value in elsewhere {
                    let mut with = spec.knobs_with(&[&[(other.id.clone(), value)]]).expect("a value of its own");
                    assert!(!knob.counts(&with));
                    let cost = (lab.cost)(&with);
                    for value in alternatives(knob) {
                        with.0.insert(knob.id.to_string(), value);
                        assert_eq!((lab.cost)(&with), cost, "idle `{}` of `{}`", knob.id, spec.slug);
                    }
                }
            }
            for goal in &spec.goals {
                let with = spec.knobs_with(&[&spec.quick, &goal.counter]).expect("as above");
                let idle = |id: &str| !knob::find(&spec.knobs, id).expect("as above").counts(&with);
                assert!(!spec.quick.iter().any(|(id, _)| idle(id)), "quick of `{}`, idle at `{}`", spec.slug, goal.id);
                assert!(!goal.counter.iter().all(|(id, _)| idle(id)), "the counter of `{}` changes nothing", goal.id);
            }
        }
    }

    /// Values of a knob: all, or those at the ends.
    fn alternatives(knob: &Knob) -> Vec<KnobValue> {
        match &knob.kind {
            KnobKind::Slider { min, max, .. } => vec![KnobValue::Number(*min), KnobValue::Number(*max)],
            KnobKind::Count { min, max, .. } => vec![KnobValue::Number(*min as f64), KnobValue::Number(*max as f64)],
            KnobKind::Choice { options, .. } => {
                options.iter().map(|option| KnobValue::Word(option.id.to_string())).collect()
            }
            KnobKind::Switch { .. } => vec![false.into(), true.into()],
            KnobKind::File { .. } | KnobKind::Predictions => vec![KnobValue::Word("0f".repeat(32))],
        }
    }

    #[test]
    fn what_a_lab_shows_of_a_drawing_is_what_its_spec_says() {
        for lab in LABS {
            let spec = (lab.spec)();
            assert_eq!(lab.look.is_some(), spec.drawing.is_some(), "`{}`", spec.slug);
            let Some(drawing) = spec.drawing else { continue };
            // Both stand on one page.
            let knobs: BTreeSet<_> = spec.knobs.iter().chain(&drawing.knobs).map(|knob| &knob.id).collect();
            assert_eq!(knobs.len(), spec.knobs.len() + drawing.knobs.len(), "a knob of `{}` stands twice", spec.slug);
            let panels: BTreeSet<_> = spec.panels.iter().chain(&drawing.panels).map(|panel| &panel.id).collect();
            assert_eq!(panels.len(), spec.panels.len() + drawing.panels.len(), "a panel of `{}` does", spec.slug);

            let (model, manifest) = testing::classifier(3);
            let digit = generator::digits(11, 1);
            let events = testing::examine(lab, &model, &manifest, digit.image(0), &[]);
            let mut said: Vec<String> = events
                .into_iter()
                .map(|event| match event {
                    EventBody::Images(grid) => grid.id,
                    EventBody::Chart(chart) => chart.id,
                    EventBody::Table { id, .. } => id,
                    EventBody::Note { .. } => "note".into(),
                    other => panic!("{other:?}"),
                })
                .collect();
            let mut declared: Vec<String> = drawing.panels.iter().map(|panel| panel.id.to_string()).collect();
            declared.push("note".into());
            said.sort();
            declared.sort();
            assert_eq!(said, declared, "`{}`", spec.slug);
        }
    }
}
