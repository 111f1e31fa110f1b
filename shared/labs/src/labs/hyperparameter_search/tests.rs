//! The goal and its counter-knob, folds as scikit-learn deals them, the gradient, resumption, and that nothing is
//! trained twice.

use std::cell::RefCell;
use std::collections::BTreeMap;

use kindling_protocol::chart::Heatmap;
use kindling_protocol::event::{EventBody, FailureCode};
use kindling_protocol::knob::{KnobValue, Knobs};
use serde::Deserialize;

use super::*;
use crate::testing::{TestHost, knobs, with_table};
use crate::train::rows::Rows;

fn quick(changed: &[(&str, &str)]) -> Knobs {
    let mut all = vec![
        ("data", KnobValue::Word("generated".into())),
        ("trials", KnobValue::Number(4.0)),
        ("epochs", KnobValue::Number(3.0)),
        ("folds", KnobValue::Number(2.0)),
    ];
    all.extend(changed.iter().map(|(name, value)| (*name, KnobValue::Word(value.to_string()))));
    knobs(&LAB, &all)
}

/// What a run said of its steps.
fn told(host: &TestHost) -> Vec<EventBody> {
    let events = host.events.borrow();
    events.iter().filter(|event| matches!(event, EventBody::Points { .. })).cloned().collect()
}

#[test]
fn the_goal_holds_for_every_seed_and_fails_on_a_linear_scale() {
    let goal = &spec::spec().goals[0];
    for seed in 0..10 {
        let advantage = |scale: &str| {
            let contest = planted::contest(&Space::new(&quick(&[("rate-scale", scale)]), DIMS), seed);
            contest.random[planted::BUDGET - 1] - contest.grid[planted::BUDGET - 1]
        };
        let (log, linear) = (advantage("log"), advantage("linear"));
        assert!(goal.holds(log, 1.0) && !goal.holds(linear, 1.0), "seed {seed}: {log}, linear {linear}");
    }
}

#[test]
fn a_run_that_was_cut_ends_the_same_and_trains_nothing_again_whoever_goes_on() {
    for method in ["random", "halving"] {
        let small = quick(&[("method", method)]);
        let whole = TestHost::default();
        whole.run(&LAB, small.clone(), None).expect("runs");
        // In the middle of a trial, and between two.
        for stop_at in [3, 6] {
            let cut = TestHost { crew: 3, ..TestHost::that_stops_at(stop_at) };
            let rest = TestHost { crew: 2, ..TestHost::default() };
            assert!(cut.run(&LAB, small.clone(), None).is_err(), "cut at {stop_at}");
            rest.run(&LAB, small.clone(), cut.checkpoint.take()).expect("goes on");
            assert_eq!(whole.figures(), rest.figures(), "{method} cut at {stop_at}");
            assert_eq!(told(&whole), [told(&cut), told(&rest)].concat(), "{method} cut at {stop_at}");
        }
    }
}

#[test]
fn a_configuration_that_comes_again_is_not_trained_again() {
    let host = TestHost::default();
    let run = crate::host::Run {
        device: burn::tensor::Device::flex(),
        knobs: quick(&[("method", "grid"), ("searched", "2")]),
        seed: 7,
        resume: None,
        host: &host,
    };
    pollster::block_on(async {
        let problem = Problem::load(&run).await.expect("the stand-in");
        let mut space = Space::new(&run.knobs, 2);
        // A range of one value: the grid's four points are two.
        space.ranges[space::MOMENTUM] = space::Range::only(0.5);
        let trials = search::search(&problem, &space, "a name", &run).await.expect("runs");
        let costs: Vec<u64> = trials.iter().map(|trial| trial.cost).collect();
        assert_eq!(costs, [3, 6, 6, 6]);
        assert_eq!(trials[0].score, trials[2].score);
    });
    assert_eq!(told(&host).len(), 2);
}

/// What a run after others says of them, in numbers: trainings that it knew, and all of its own.
fn recalled(host: &TestHost) -> Option<[u64; 2]> {
    let events = host.events.borrow();
    let note = events.iter().find_map(|event| match event {
        EventBody::Note { text } if text.en.contains("of earlier runs") => Some(text.en.to_string()),
        _ => None,
    })?;
    let mut numbers = note.split_whitespace().filter_map(|word| word.parse().ok());
    Some([numbers.next()?, numbers.next()?])
}

#[test]
fn what_an_earlier_run_trained_is_not_trained_again_and_comes_to_the_same() {
    let first = TestHost::default();
    first.run(&LAB, quick(&[]), None).expect("runs");
    assert_eq!(recalled(&first), None);
    let left = first.remembered.take();
    let after = |left: &BTreeMap<String, Vec<u8>>, changed: &[(&str, f64)]| {
        let host = TestHost { remembered: RefCell::new(left.clone()), ..TestHost::default() };
        let mut knobs = quick(&[]);
        knobs.0.extend(changed.iter().map(|(name, value)| (name.to_string(), KnobValue::Number(*value))));
        host.run(&LAB, knobs, None).expect("runs");
        host
    };
    let again = after(&left, &[]);
    assert_eq!(recalled(&again), Some([8, 8]));
    assert_eq!((told(&again), again.figures()), (told(&first), first.figures()));
    // The first four of six are the same draws; with other folds none of them is.
    let longer = after(&left, &[("trials", 6.0)]);
    assert_eq!(recalled(&longer), Some([8, 12]));
    assert_eq!(told(&longer)[..4], told(&first));
    assert_eq!(recalled(&after(&left, &[("folds", 3.0)])), None);
    // Both problems are remembered from then on.
    let other = after(&longer.remembered.take(), &[("folds", 3.0)]).remembered.take();
    assert_eq!(recalled(&after(&other, &[("trials", 6.0)])), Some([12, 12]));
    // Who does not want them trains anew, and leaves what is found then.
    let anew = TestHost { remembered: RefCell::new(left.clone()), ..TestHost::default() };
    let mut knobs = quick(&[("method", "grid"), ("searched", "2")]);
    knobs.0.insert("recall".into(), KnobValue::Flag(false));
    anew.run(&LAB, knobs, None).expect("runs");
    assert_eq!(recalled(&anew), None);
    assert_eq!(recalled(&after(&anew.remembered.take(), &[])), None, "the draws are forgotten");
    let damaged = left.into_iter().map(|(name, bytes)| (name, bytes[..bytes.len() - 1].to_vec())).collect();
    assert_eq!(recalled(&after(&damaged, &[])), None);
}

#[test]
fn a_run_that_was_stopped_leaves_what_it_trained() {
    let stopped = TestHost::that_stops_at(3);
    assert!(stopped.run(&LAB, quick(&[]), None).is_err());
    let next = TestHost { remembered: stopped.remembered, crew: 2, ..TestHost::default() };
    next.run(&LAB, quick(&[]), None).expect("runs");
    assert_eq!(recalled(&next), Some([3, 8]));
}

#[test]
fn digits_are_judged_by_folds_as_well_and_told_apart() {
    let host = TestHost { crew: 2, ..TestHost::default() };
    host.run(&LAB, quick(&[("data", "mnist")]), None).expect("runs on drawings");
    let figures = host.figures().expect("a report");
    assert!(figures["test_accuracy"] > 0.6 && figures["folds_accuracy"] > 0.6, "{figures:?}");
}

#[test]
fn a_table_of_ones_own_is_searched_on_and_one_that_is_too_short_refused() {
    let run = |rows: usize| {
        let line = |row: usize| format!("{},{},{}\n", row % 7, row % 3, ["red", "green", "blue"][row % 3]);
        let csv = format!("a,b,kind\n{}", (0..rows).map(line).collect::<String>());
        let (host, knobs) = with_table(csv, quick(&[]));
        host.run(&LAB, knobs, None).map(|()| host.figures().expect("a report"))
    };
    let figures = run(120).expect("runs");
    assert!(spec::spec().goals[0].holds(figures["advantage"], 1.0), "the planted task is the same with any data");
    assert!(figures["test_accuracy"] > 0.4, "`b` tells all of it: {figures:?}");
    assert!(matches!(run(12), Err(Interrupt::Fail { code: FailureCode::Data, .. })));
}

#[test]
fn the_methods_spend_the_same() {
    let spent = |method: &str, trials: f64| {
        let mut knobs = quick(&[("method", method)]);
        knobs.0.insert("trials".into(), KnobValue::Number(trials));
        knobs.0.insert("epochs".into(), KnobValue::Number(9.0));
        search::rungs(&knobs)
    };
    assert_eq!(spent("random", 27.0), [(27, 9)]);
    assert_eq!(spent("halving", 27.0), [(81, 1), (27, 3), (9, 9)]);
    let space = Space::new(&quick(&[]), 3);
    assert_eq!((space.levels(27), space.levels(26), space.levels(7), space.grid(30).len()), (3, 2, 1, 27));
}

#[test]
fn a_grid_holds_the_middles_and_chance_keeps_to_the_scale() {
    let space = Space::new(&quick(&[]), 2);
    let grid: Vec<[f64; 2]> = space.grid(4).iter().map(|config| [config[0], config[1]]).collect();
    assert_eq!(grid, [[0.00178, 0.247], [0.562, 0.247], [0.00178, 0.742], [0.562, 0.742]]);
    let share = |scale: &str| {
        let space = Space::new(&quick(&[("rate-scale", scale)]), 6);
        let drawn = space.random(4_000, &mut crate::data::random::stream(1, "test", 0, 0));
        drawn.iter().filter(|config| config[space::RATE] > 1.0).count() as f64 / 4_000.0
    };
    // One decade of five, and nine tenths of the way.
    assert!((share("log") - 0.2).abs() < 0.02 && (share("linear") - 0.9).abs() < 0.02);
}

/// By `tests/goldens/stratified_folds.py`.
#[derive(Deserialize)]
struct Case {
    classes: Vec<u32>,
    folds: usize,
    of_row: Vec<usize>,
}

#[test]
fn folds_are_those_of_scikit_learn() {
    let golden = include_str!("../../../../../tests/goldens/stratified_folds.json");
    let cases: Vec<Case> = serde_json::from_str(golden).expect("a golden file");
    assert_eq!(cases.len(), 60);
    for case in cases {
        assert_eq!(folds::stratified(&case.classes, case.folds), case.of_row, "{:?}", case.classes);
    }
}

fn rows() -> Rows {
    Rows { inputs: vec![0.5, -1.0, 2.0, 0.25, -0.75, 1.5], labels: vec![0, 2, 1], width: 2 }
}

const CONFIG: space::Config = [0.1, 0.0, 0.0, 3.0, 4.0, 1.0];

#[test]
fn the_loss_begins_at_the_logarithm_of_the_classes_and_its_gradient_is_right() {
    let silent = Net::new(2, 3, &[0.1, 0.0, 0.0, 3.0, 4.0, 0.0], 1);
    assert!((silent.loss(&rows()) - 3f32.ln()).abs() < 1e-6);
    let mut net = Net::new(2, 3, &CONFIG, 1);
    let gradient = net.gradient(&rows());
    for (place, &gradient) in gradient.iter().enumerate() {
        let mut at = |shift: f32| {
            net.shift(place, shift);
            let loss = net.loss(&rows());
            net.shift(place, -shift);
            loss
        };
        let slope = (at(0.01) - at(-0.01)) / 0.02;
        assert!((slope - gradient).abs() < 2e-3, "{place}: {slope}, {gradient}");
    }
}

#[test]
fn the_network_learns_by_heart_and_one_that_diverges_is_right_about_nothing() {
    let learned = Net::train(&rows(), 3, &[0.3, 0.9, 0.0, 3.0, 16.0, 1.0], 200, 1);
    assert_eq!(learned.accuracy(&rows()), 1.0);
    let diverged = Net::train(&rows(), 3, &[1e9, 0.9, 1.0, 1.0, 16.0, 1.0], 50, 1);
    assert_eq!(diverged.accuracy(&rows()), 0.0);
}

#[test]
fn the_panels_that_are_declared_are_shown() {
    let host = TestHost::default();
    host.run(&LAB, quick(&[("searched", "6")]), None).expect("runs");
    let id = |event: &EventBody| match event {
        EventBody::Table { id, .. } => Some(id.clone()),
        EventBody::Chart(chart) => Some(chart.id.clone()),
        EventBody::Heatmap(map) => Some(map.id.clone()),
        _ => None,
    };
    let shown: Vec<String> = host.events.borrow().iter().filter_map(id).collect();
    let declared: Vec<String> = spec::spec().panels.iter().map(|panel| panel.id.to_string()).collect();
    assert_eq!(shown[shown.len() - 4..], declared[1..], "at the end");
    assert_eq!(shown[..5], declared, "and on the way");
}

#[test]
fn a_heat_map_is_drawn_over_each_two_that_are_searched() {
    for (searched, maps) in [("2", 1), ("3", 3), ("6", 15)] {
        let host = TestHost::default();
        host.run(&LAB, quick(&[("searched", searched)]), None).expect("runs");
        let events = host.events.borrow();
        let last = events.iter().rev().find_map(|event| match event {
            EventBody::Heatmap(map) => Some(map),
            _ => None,
        });
        let last = last.expect("a heat map");
        let all: Vec<_> = std::iter::once(last).chain(&last.others).collect();
        let axes: Vec<_> = all.iter().map(|map| [&map.x.en, &map.y.en]).collect();
        assert_eq!((axes.len(), axes[0].map(|name| &**name)), (maps, ["Learning rate", "Momentum"]));
        let known = |map: &Heatmap| map.values.iter().flatten().flatten().copied().fold(0.0, f32::max);
        assert!(all.iter().all(|map| known(map) == known(last)), "the best trial stands in each");
        assert!((1..maps).all(|place| !axes[..place].contains(&axes[place])), "{axes:?}");
    }
}
