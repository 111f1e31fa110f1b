//! Every lab, run small on real data: its goals hold, and each fails where the lab says that it does.

use std::collections::BTreeMap;

use kindling_protocol::event::{Event, EventBody};
use kindling_protocol::lab::{Goal, LabSpec, Overlay};
use kindling_tests::data_dir;

use super::{all, command, json, kindling, text};

#[test]
fn every_goal_holds_and_fails_at_its_counter_knob() {
    let labs: Vec<LabSpec> = serde_json::from_value(json(&kindling(&["labs", "--json"]))).expect("labs");
    let mut wrong = Vec::new();
    for lab in &labs {
        let plain = Outcome::of(lab, &[]);
        println!("{:<24}{:6.1} s  {}", lab.slug, plain.seconds, plain.told(lab));
        assert_eq!(plain.model, lab.model, "{} hands over a model, or says that it does", lab.slug);
        for goal in &lab.goals {
            if !goal.holds(plain.figure(&goal.figure), plain.seconds) {
                wrong.push(format!("{}: `{}` does not hold: {}", lab.slug, goal.id, plain.told(lab)));
            }
            let countered = Outcome::of(lab, &goal.counter);
            println!("{:<24}{:6.1} s  {}  at {:?}", "", countered.seconds, countered.told(lab), goal.counter);
            if goal.holds(countered.figure(&goal.figure), countered.seconds) {
                wrong.push(format!("{}: `{}` holds at its counter-knob: {}", lab.slug, goal.id, countered.told(lab)));
            }
        }
    }
    assert!(!labs.is_empty() && wrong.is_empty(), "{wrong:#?}");
}

/// What a small run came to.
pub(super) struct Outcome {
    /// `None` where it ended without a report: every goal fails then.
    figures: Option<BTreeMap<String, f64>>,
    /// A model was handed over.
    model: bool,
    /// Of training, as a goal with a time limit counts them.
    pub(super) seconds: f64,
}

impl Outcome {
    pub(super) fn of(lab: &LabSpec, over: &Overlay) -> Outcome {
        let (folder, data) = (tempfile::tempdir().expect("a folder"), data_dir());
        let mut command = command(folder.path());
        command.args(["train", &lab.slug, "--quick", "--json", "--data-dir"]).arg(data);
        command.arg("--out").arg(folder.path().join("run"));
        for (knob, value) in over {
            command.arg("--set").arg(format!("{knob}={value}"));
        }
        let output = command.output().expect("the binary starts");
        let event = |line: &str| serde_json::from_str::<Event>(line).unwrap_or_else(|error| panic!("{error}: {line}"));
        let events: Vec<Event> = text(&output.stdout).lines().map(event).collect();
        let report = events.iter().rev().find_map(|event| match &event.body {
            EventBody::Report { figures, model } => Some((figures.clone(), model.is_some())),
            _ => None,
        });
        // A counter-knob may end a run early, with its cause; nothing else may.
        assert!(report.is_some() || !over.is_empty(), "{} came to no report: {}", lab.slug, all(&output));
        let curves = events.iter().rev().find(|event| matches!(event.body, EventBody::Points { .. }));
        let (figures, model) = report.unzip();
        Outcome { figures, model: model == Some(true), seconds: curves.map_or(0.0, |event| event.at_ms as f64 / 1e3) }
    }

    pub(super) fn figure(&self, id: &str) -> f64 {
        self.figures.as_ref().map_or(f64::NAN, |figures| figures[id])
    }

    pub(super) fn told(&self, lab: &LabSpec) -> String {
        let one = |goal: &Goal| format!("{} {:.4}", goal.figure, self.figure(&goal.figure));
        lab.goals.iter().map(one).collect::<Vec<_>>().join(", ")
    }
}
