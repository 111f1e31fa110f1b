//! Both goals and their counter-knobs, every kind of test at its level, resumption, and draws by hand.

use kindling_protocol::event::EventBody;
use kindling_protocol::knob::{KnobValue, Knobs};

use super::draw::{Binomial, Drawer, Seen};
use super::looks::Judge;
use super::*;
use crate::data::random;
use crate::testing::{TestHost, knobs};

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
    shown.sort();
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
