//! Both goals and their counter-knobs, every kind of test at its level, resumption, and draws by hand.

use kindling_protocol::event::{Cell, EventBody, FailureCode};
use kindling_protocol::knob::{KnobValue, Knobs};
use kindling_protocol::predictions::{self, Predictions};
use kindling_protocol::text::Language;

use super::draw::{Binomial, Drawer, Seen};
use super::looks::Judge;
use super::*;
use crate::data::random;
use crate::testing::{TestHost, knobs};
use kindling_statistics::comparisons::Pairs;

fn quick(changed: &[(&str, KnobValue)]) -> Knobs {
    let mut all = vec![
        ("data", KnobValue::Word("generated".into())),
        ("epochs", KnobValue::Number(1.0)),
        ("hidden-a", KnobValue::Number(4.0)),
        ("experiments", KnobValue::Number(10_000.0)),
    ];
    all.extend(changed.iter().cloned());
    knobs(&LAB, &all)
}

fn outcome(changed: &[(&str, KnobValue)]) -> BTreeMap<String, f64> {
    let host = TestHost::default();
    host.run(&LAB, quick(changed), None).expect("runs");
    host.figures().expect("a report")
}

#[test]
fn the_goals_hold_and_fail_by_peeking_and_by_stopping_early() {
    let [level, power] = &spec::spec().goals[..] else { panic!("two goals") };
    let good = outcome(&[]);
    assert!(level.holds(good["level_error"], 1.0) && power.holds(good["power_missing"], 1.0), "{good:?}");
    let peeked = outcome(&[("peeking", KnobValue::Flag(true))]);
    assert!(!level.holds(peeked["level_error"], 1.0) && peeked["false_positives"] > 0.15, "{peeked:?}");
    let small = outcome(&[("traffic", KnobValue::Number(0.5))]);
    assert!(!power.holds(small["power_missing"], 1.0), "{small:?}");
}

/// Two runs on 300 samples: A is wrong on every fifth, B on every fourth, and of B the truths may be shifted.
fn two_runs(shift: u32) -> (TestHost, Result<(), Interrupt>) {
    let run = |wrong_on: u32, shift: u32| {
        let truth: Vec<u32> = (0..300).map(|row| (row + shift) % 3).collect();
        let said = |(row, &truth): (usize, &u32)| {
            let answer = (truth + u32::from((row as u32).is_multiple_of(wrong_on))) % 3;
            [0, 1, 2].map(|class| if class == answer { 0.8 } else { 0.1 })
        };
        let probabilities = truth.iter().enumerate().flat_map(said).collect();
        let classes = ["a", "b", "c"].map(String::from).into();
        serde_json::to_vec(&Predictions {
            id: predictions::PANEL.into(),
            classes,
            truth,
            probabilities,
            decision: None,
        })
        .expect("plain data")
    };
    let mut host = TestHost::default();
    let mut knobs =
        quick(&[("data", KnobValue::Word(contest::RUNS.into())), ("experiments", KnobValue::Number(2_000.0))]);
    for ((file, knob), hash) in [run(5, 0), run(4, shift)].into_iter().zip(contest::PREDICTIONS).zip(["0a", "0b"]) {
        host.files.insert(format!("own/{}", hash.repeat(32)), file);
        knobs.0.insert(knob.into(), KnobValue::Word(hash.repeat(32)));
    }
    let ended = host.run(&LAB, knobs, None);
    (host, ended)
}

#[test]
fn two_runs_are_compared_row_by_row() {
    let (host, ended) = two_runs(0);
    ended.expect("runs");
    let figures = host.figures().expect("a report");
    // Of 300: both wrong on 15, only A on 45, only B on 60.
    assert_eq!((figures["accuracy_a"], figures["accuracy_b"]), (0.8, 0.75));
    let pairs = Pairs { both: 180, only_first: 60, only_second: 45, neither: 15 };
    assert_eq!(figures["p_paired"], mcnemar(pairs, McNemar::Exact).p);
    let table = host.events.borrow().iter().find_map(|event| match event {
        EventBody::Table { id, rows, .. } if id == panels::PAIRS => Some(rows.clone()),
        _ => None,
    });
    let expected = [["A right", "180", "60"], ["A wrong", "45", "15"]];
    let english = |row: &Vec<Cell>| row.iter().map(|cell| cell.get(Language::En).to_string()).collect::<Vec<_>>();
    assert_eq!(table.expect("the pairs").iter().map(english).collect::<Vec<_>>(), expected);
}

#[test]
fn runs_on_other_samples_are_refused() {
    let (_, ended) = two_runs(1);
    let Err(Interrupt::Fail { code: FailureCode::Data, text, .. }) = ended else { panic!("{ended:?}") };
    assert!(text.en.contains("not judged on the same samples"), "{}", text.en);
}

/// False alarms of a test in A/A experiments.
fn false_alarms(kind: &str, peeking: bool, experiments: u64) -> f64 {
    let changed = [("test", KnobValue::Word(kind.into())), ("peeking", KnobValue::Flag(peeking))];
    let design = design(&quick(&changed));
    let (judge, drawer) = (Judge::new(&design), Drawer::new(&design, 0.0));
    let wrong = (0..experiments).filter(|&experiment| {
        let mut stream = random::stream(3, "level", 0, experiment);
        let seen = drawer.draw(&mut stream);
        judge.verdict(&seen, &mut stream).is_some()
    });
    wrong.count() as f64 / experiments as f64
}

#[test]
fn every_test_keeps_its_level_where_it_promises_to() {
    for (kind, experiments) in [("z", 8_000), ("welch", 8_000), ("mcnemar", 8_000), ("bootstrap", 3_000)] {
        let rate = false_alarms(kind, false, experiments);
        assert!((rate - 0.05).abs() < 0.012, "{kind}: {rate}");
    }
    let spent = false_alarms("spending", true, 8_000);
    assert!((spent - 0.05).abs() < 0.01, "{spent}");
    let always = false_alarms("always-valid", true, 4_000);
    assert!(always < 0.05, "{always}");
    assert!(false_alarms("z", true, 2_000) > 0.15, "twenty looks at a fixed test");
}

#[test]
fn a_run_that_was_cut_ends_the_same() {
    let small = quick(&[("experiments", KnobValue::Number(2_000.0))]);
    let whole = TestHost::default();
    whole.run(&LAB, small.clone(), None).expect("runs");
    // In the first model, in the second, in the simulation.
    for stop_at in [5, 120, 200] {
        let (cut, rest) = (TestHost::that_stops_at(stop_at), TestHost::default());
        assert!(cut.run(&LAB, small.clone(), None).is_err(), "cut at {stop_at}");
        rest.run(&LAB, small.clone(), cut.checkpoint.take()).expect("goes on");
        assert_eq!(whole.figures(), rest.figures(), "cut at {stop_at}");
    }
}

#[test]
fn the_panels_that_are_declared_are_shown_in_their_order_or_another() {
    let host = TestHost::default();
    host.run(&LAB, quick(&[("experiments", KnobValue::Number(2_000.0))]), None).expect("runs");
    let id = |event: &EventBody| match event {
        EventBody::Table { id, .. } => Some(id.clone()),
        EventBody::Chart(chart) => Some(chart.id.clone()),
        _ => None,
    };
    let mut shown: Vec<String> = host.events.borrow().iter().filter_map(id).collect();
    let mut declared: Vec<String> = spec::spec().panels.iter().map(|panel| panel.id.to_string()).collect();
    // Those of the experiments are filled on the way, too.
    assert!(shown.iter().filter(|id| **id == panels::POWER).count() > 5, "{shown:?}");
    shown.sort();
    shown.dedup();
    declared.sort();
    assert_eq!(shown, declared);
}

#[test]
fn a_binomial_has_its_mean_and_its_ends() {
    let mut stream = random::stream(1, "binomial", 0, 0);
    let binomial = Binomial::new(500, 0.1);
    let mean = (0..20_000).map(|_| binomial.draw(&mut stream)).sum::<u64>() as f64 / 20_000.0;
    assert!((mean - 50.0).abs() < 0.2, "{mean}");
    let (never, always) = (Binomial::new(9, 0.0), Binomial::new(9, 1.0));
    assert!((0..100).all(|_| never.draw(&mut stream) == 0 && always.draw(&mut stream) == 9));
}

#[test]
fn small_experiments_keep_to_what_was_planned() {
    let planned = |changed: &[(&str, f64)]| {
        let mut knobs = quick(&[("looks", KnobValue::Number(50.0)), ("effect", KnobValue::Number(0.2))]);
        knobs.0.extend(changed.iter().map(|(name, value)| (name.to_string(), KnobValue::Number(*value))));
        let design = design(&knobs);
        (design.samples(), design.looks)
    };
    // At a base of 0.1 sixty-two a group: three looks every 21.
    assert_eq!(planned(&[]), (63, 3));
    assert_eq!(planned(&[("traffic", 0.5)]), (31, 1));
}

#[test]
fn a_drawn_experiment_grows_from_look_to_look() {
    let design = design(&quick(&[]));
    let seen = Drawer::new(&design, 0.02).draw(&mut random::stream(1, "a", 0, 0));
    let trials: Vec<u64> = seen
        .iter()
        .map(|seen| match seen {
            Seen::Groups(first, second) => {
                assert_eq!(first.trials, second.trials);
                first.trials
            }
            Seen::Pairs(pairs) => pairs.total(),
        })
        .collect();
    assert_eq!(trials, (1..=20).map(|look| look * design.step).collect::<Vec<_>>());
    assert!(design.samples() >= 3_840 && design.samples() < 3_880, "the textbook's 3,841: {}", design.samples());
}
