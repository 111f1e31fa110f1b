//! The goal and its counter-knob on the stand-in, resumption, and the choices by hand.

use kindling_protocol::event::{Cell, EventBody, FailureCode};
use kindling_protocol::knob::{KnobValue, Knobs};
use kindling_protocol::predictions::{self, Predictions};
use kindling_protocol::text::Language;
use kindling_statistics::confusion::Confusion;
use kindling_statistics::cost::Costs;

use super::choice::Rule;
use super::problem::{Judged, mixed, positive_from};
use super::*;
use crate::data::random;
use crate::data::tabular::Split;
use crate::testing::{TestHost, knobs, with_table};

fn quick(changed: &[(&str, &str)]) -> Knobs {
    let mut all = vec![("data", KnobValue::Word("generated".into())), ("epochs", KnobValue::Number(4.0))];
    all.extend(changed.iter().map(|(name, value)| (*name, KnobValue::Word(value.to_string()))));
    knobs(&LAB, &all)
}

#[test]
fn the_goal_holds_by_cost_and_fails_by_accuracy() {
    let goal = &spec::spec().goals[0];
    let (good, bad) = (TestHost::default(), TestHost::default());
    good.run(&LAB, quick(&[]), None).expect("runs");
    bad.run(&LAB, quick(&[("choose", "accuracy")]), None).expect("runs");
    let [good, bad] = [good, bad].map(|host| host.figures().expect("a report"));
    assert!(goal.holds(good["excess"], 1.0), "{good:?}");
    assert!(!goal.holds(bad["excess"], 1.0), "{bad:?}");
    assert!(bad["accuracy"] > good["accuracy"], "the dearer choice has the better accuracy");
}

#[test]
fn a_run_that_was_cut_ends_the_same() {
    let whole = TestHost::default();
    whole.run(&LAB, quick(&[]), None).expect("runs");
    for stop_at in [1, 90] {
        let (cut, rest) = (TestHost::that_stops_at(stop_at), TestHost::default());
        assert!(cut.run(&LAB, quick(&[]), None).is_err());
        rest.run(&LAB, quick(&[]), cut.checkpoint.take()).expect("goes on");
        assert_eq!(whole.figures(), rest.figures(), "cut at {stop_at}");
    }
}

#[test]
fn a_file_of_ones_own_is_judged_and_one_that_is_too_short_refused() {
    let run = |rows: usize, choose: &str, unmeasured: &'static [&'static str]| {
        // One row in five, and `a` tells most of it.
        let mut random = random::stream(1, "own table", 0, 0);
        let line = |row: usize| {
            let yes = row.is_multiple_of(5);
            let a = random.normal() + if yes { 2.0 } else { 0.0 };
            format!("{a},{},{}\n", row % 3, if yes { "yes" } else { "no" })
        };
        let csv = format!("a,b,bought\n{}", (0..rows).map(line).collect::<String>());
        let (mut host, knobs) = with_table(csv, quick(&[("choose", choose)]));
        host.unmeasured = unmeasured;
        let ended = host.run(&LAB, knobs, None);
        let told = |event: &EventBody| matches!(event, EventBody::Note { text } if text.en.contains("not judged"));
        assert_eq!(host.events.borrow().iter().any(told), !unmeasured.is_empty(), "{rows} rows");
        ended.map(|()| host.figures().expect("a report"))
    };
    let goal = &spec::spec().goals[0];
    assert!(goal.holds(run(3_000, "cost", &[]).expect("runs")["excess"], 1.0));
    assert!(!goal.holds(run(3_000, "accuracy", &[]).expect("runs")["excess"], 1.0));
    assert!(run(200, "cost", &["excess"]).is_ok(), "a few mistakes decide nothing");
    assert!(matches!(run(12, "cost", &[]), Err(Interrupt::Fail { code: FailureCode::Data, .. })));
}

/// What a run said of 400 samples of four classes.
fn told() -> Predictions {
    let row = |row: usize| {
        let mut said = [0.1f32, 0.2, 0.05, 0.05];
        // Of every fifth row it may say anything, and it is differently sure.
        let sure = if row.is_multiple_of(5) { row / 7 % 4 } else { row % 4 };
        said[sure] += 0.6 - (row % 50) as f32 / 250.0;
        said[3 - sure] += (row % 50) as f32 / 250.0;
        said
    };
    Predictions {
        id: predictions::PANEL.into(),
        classes: ["a", "b", "c", "d"].map(String::from).into(),
        truth: (0..400).map(|row| row % 4).collect(),
        probabilities: (0..400).flat_map(row).collect(),
        decision: None,
    }
}

fn judge_run(file: Vec<u8>, changed: &[(&str, &str)]) -> (TestHost, Result<(), Interrupt>) {
    let hash = "0b".repeat(32);
    let mut host = TestHost::default();
    host.files.insert(format!("own/{hash}"), file);
    let mut knobs = quick(&[("data", "run"), (problem::PREDICTIONS, &hash)]);
    knobs.0.extend(quick(changed).0.into_iter().filter(|(name, _)| changed.iter().any(|(id, _)| name == id)));
    let ended = host.run(&LAB, knobs, None);
    (host, ended)
}

#[test]
fn the_predictions_of_a_run_are_judged_as_they_are() {
    let told = told();
    let (host, ended) = judge_run(serde_json::to_vec(&told).expect("plain data"), &[("choose", "hand")]);
    ended.expect("runs");
    // Straight from what was told: the last class is the positive one, and half of each class is the test set.
    let every: Vec<usize> = (0..400).collect();
    let test = Split::stratified(&every, &told.truth, 0.5, 0.5, 7).test;
    assert_eq!(test.len(), 200);
    let truth: Vec<bool> = test.iter().map(|&row| told.truth[row] == 3).collect();
    let scores: Vec<f64> = test.iter().map(|&row| f64::from(told.probabilities[row * 4 + 3])).collect();
    let decided = Confusion::at_threshold(&truth, &scores, 0.5);
    let ranking = kindling_statistics::curves::Ranking::new(&truth, &scores);
    let figures = host.figures().expect("a report");
    assert_eq!(figures["threshold"], 0.5);
    for (name, expected) in [
        ("accuracy", decided.accuracy()),
        ("recall", decided.cells(1).rates().recall),
        ("auc", ranking.auc().expect("two classes")),
        ("average_precision", ranking.average_precision()),
        ("brier", brier(&truth, &scores)),
    ] {
        assert!((figures[name] - expected).abs() < 1e-12, "{name}: {} and {expected}", figures[name]);
    }
    let events = host.events.borrow();
    let decision = events.iter().find_map(|event| match event {
        EventBody::Predictions(predictions) => predictions.decision,
        _ => None,
    });
    assert_eq!(decision.map(|decision| (decision.threshold, decision.false_negative)), Some((0.5, 10.0)));
    // Behind a cell are samples that belong there.
    let examples = |wanted: &str| {
        let matrix = events.iter().find_map(|event| match event {
            EventBody::Matrix { id, examples, .. } if id == wanted => examples.clone(),
            _ => None,
        });
        let rows = matrix.expect("examples").rows.into_iter();
        let plain = |cell: &Cell| cell.get(Language::En).to_string();
        rows.map(|row| (row.cell, row.values.iter().map(plain).collect::<Vec<String>>())).collect::<Vec<_>>()
    };
    for (cell, values) in examples(panels::DECISIONS) {
        let [_, class, score, row] = &values[..] else { panic!("{values:?}") };
        let row: usize = row.parse().expect("a place in the run");
        let said = told.probabilities[row * 4 + 3];
        assert_eq!(cell, [u32::from(told.truth[row] == 3), u32::from(said >= 0.5)], "{values:?}");
        assert_eq!((class, score), (&told.classes[told.truth[row] as usize], &format!("{said:.3}")));
    }
    for (cell, values) in examples(panels::CLASSES) {
        let place: usize = values[0].parse().expect("a sample");
        let row = test[place];
        assert_eq!((values[3].clone(), cell[0]), (row.to_string(), told.truth[row]));
        assert_eq!(values[2], format!("{:.3}", told.probabilities[row * 4 + cell[1] as usize]));
    }
    assert!((0.6..0.99).contains(&figures["auc"]), "the numbers tell something: {figures:?}");
    assert!(events.iter().all(|event| !matches!(event, EventBody::Points { .. })), "nothing is trained");
    drop(events);
    // The threshold is chosen on the other half.
    let (host, ended) = judge_run(serde_json::to_vec(&told).expect("plain data"), &[("choose", "cost")]);
    ended.expect("runs");
    assert_ne!(host.figures().expect("a report")["threshold"], 0.5);
}

#[test]
fn what_is_no_predictions_of_a_run_is_refused_with_the_reason() {
    let mut odd = told();
    odd.probabilities[9] = 2.0;
    let odd = serde_json::to_vec(&odd).expect("plain data");
    for (file, part) in [(odd, "sample 3 is not between 0 and 1"), (b"[1, 2]".to_vec(), "no predictions")] {
        let Err(Interrupt::Fail { code: FailureCode::Data, text, .. }) = judge_run(file, &[]).1 else {
            panic!("{part}")
        };
        assert!(text.en.contains(part), "{}", text.en);
    }
    let nothing = TestHost::default().run(&LAB, quick(&[("data", "run")]), None);
    assert!(matches!(nothing, Err(Interrupt::Fail { code: FailureCode::Data, .. })));
}

#[test]
fn the_panels_that_are_declared_are_shown() {
    let host = TestHost::default();
    host.run(&LAB, quick(&[]), None).expect("runs");
    let shown: Vec<String> = host
        .events
        .borrow()
        .iter()
        .filter_map(|event| match event {
            EventBody::Matrix { id, .. } | EventBody::Table { id, .. } => Some(id.clone()),
            EventBody::Chart(chart) => Some(chart.id.clone()),
            EventBody::Predictions(predictions) => Some(predictions.id.clone()),
            _ => None,
        })
        .collect();
    let declared: Vec<String> = spec::spec().panels.iter().map(|panel| panel.id.to_string()).collect();
    assert!(declared.iter().all(|panel| shown.contains(panel)) && shown.len() == declared.len(), "{shown:?}");
}

fn judged(truth: &[bool], scores: &[f64]) -> Judged {
    let labels: Vec<u32> = truth.iter().map(|&positive| u32::from(positive)).collect();
    Judged {
        probabilities: vec![],
        classes: Confusion::new(2, &labels, &labels),
        labels,
        truth: truth.to_vec(),
        scores: scores.to_vec(),
    }
}

#[test]
fn each_rule_chooses_its_own_threshold() {
    let judged = judged(&[true, false, false, true, false, false], &[0.9, 0.6, 0.55, 0.4, 0.2, 0.1]);
    let costs = Costs { false_positive: 1.0, false_negative: 10.0 };
    let near =
        |rule: Rule, expected: f64| assert!((rule.threshold(&judged, costs) - expected).abs() < 1e-9, "{rule:?}");
    // One miss and no alarm, 5 of 6 right; both found at two alarms, 4 of 6 right.
    near(Rule::Accuracy, 0.75);
    near(Rule::Cost, 0.3);
    near(Rule::BalancedAccuracy, 0.75);
}

#[test]
fn where_false_alarms_are_dear_nothing_is_called_positive() {
    let turned = judged(&[false, true], &[0.9, 0.1]);
    let dear = Costs { false_positive: 10.0, false_negative: 1.0 };
    for rule in [Rule::Cost, Rule::Accuracy] {
        assert!(rule.threshold(&turned, dear) > 0.9, "{rule:?}");
    }
    // Also where a score leaves no room above it.
    assert!(Rule::Cost.threshold(&judged(&[false, true], &[1.0, 0.1]), dear) > 1.0);
}

#[test]
fn one_that_calls_all_positive_where_misses_are_free_is_far_from_the_best() {
    let goal = &spec::spec().goals[0];
    let by_hand = |cost: &str, threshold: f64| {
        let mut knobs = quick(&[("choose", "hand")]);
        knobs.0.insert(cost.into(), KnobValue::Number(0.0));
        knobs.0.insert("threshold".into(), KnobValue::Number(threshold));
        let host = TestHost::default();
        host.run(&LAB, knobs, None).expect("runs");
        host.figures().expect("a report")["excess"]
    };
    assert!(!goal.holds(by_hand("cost-fn", 0.0), 1.0) && !goal.holds(by_hand("cost-fp", 1.0), 1.0));
    assert!(goal.holds(by_hand("cost-fn", 1.0), 1.0) && goal.holds(by_hand("cost-fp", 0.0), 1.0));
}

#[test]
fn where_nothing_costs_anything_the_chart_has_no_best_threshold() {
    let host = TestHost::default();
    let mut knobs = quick(&[]);
    knobs.0.extend(["cost-fp", "cost-fn"].map(|cost| (cost.to_string(), KnobValue::Number(0.0))));
    host.run(&LAB, knobs, None).expect("runs");
    let events = host.events.borrow();
    let chart = events.iter().find_map(|event| match event {
        EventBody::Chart(chart) if chart.id == panels::COST => Some(chart),
        _ => None,
    });
    assert_eq!(chart.expect("a chart").marks.len(), 1);
    // What is no number can't be told.
    assert!(
        events.iter().all(|event| serde_json::from_str::<EventBody>(&serde_json::to_string(event).unwrap()).is_ok())
    );
}

#[test]
fn positives_are_the_last_third_at_most_and_the_mix_is_as_asked() {
    assert_eq!(positive_from(&[400, 200]), 1, "of two classes the second");
    assert_eq!(positive_from(&[5, 40, 30, 15, 5, 5]), 3, "25 of 100, with the third it would be 55");
    let rows: Vec<usize> = (0..100).collect();
    let positive: Vec<bool> = rows.iter().map(|row| row % 4 == 0).collect();
    let share = |share: f64| {
        let kept = mixed(&rows, &positive, share, 1, "test");
        (kept.len(), kept.iter().filter(|&&row| positive[row]).count())
    };
    assert_eq!(share(0.0), (100, 25));
    assert_eq!(share(0.25), (100, 25));
    assert_eq!(share(0.1), (83, 8));
    assert_eq!(share(0.5), (50, 25));
}
