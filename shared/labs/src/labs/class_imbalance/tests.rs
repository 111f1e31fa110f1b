//! Weights as scikit-learn has them, resampling and losses by hand, and the run as a whole.

use burn::tensor::{Device, Tensor};
use kindling_protocol::event::{EventBody, FailureCode};
use kindling_protocol::knob::{KnobValue, Knobs};
use serde_json::Value;

use super::loss::{balanced, focal_loss};
use super::resample::{Strategy, input, nearest, resample};
use super::rows::{RARE, counts};
use super::{LAB, spec};
use crate::data::random;
use crate::host::Interrupt;
use crate::nn::state;
use crate::testing::{TestHost, knobs, ran, turned, with_table};
use crate::train::rows::Rows;

#[test]
fn class_weights_are_those_of_scikit_learn() {
    let golden: Value = serde_json::from_str(include_str!("../../../../../tests/goldens/class_weights.json")).unwrap();
    let cases = golden["cases"].as_array().unwrap();
    assert!(cases.len() >= 100);
    for case in cases {
        let number = |value: &Value| value.as_f64().unwrap();
        let counts: Vec<usize> =
            case["counts"].as_array().unwrap().iter().map(|count| number(count) as usize).collect();
        let expected: Vec<f64> = case["weights"].as_array().unwrap().iter().map(number).collect();
        let got = match counts[..] {
            [a, b] => balanced([a, b]).to_vec(),
            [a, b, c] => balanced([a, b, c]).to_vec(),
            [a, b, c, d, e] => balanced([a, b, c, d, e]).to_vec(),
            _ => panic!("counts of two, three or five classes"),
        };
        for (got, expected) in got.iter().zip(&expected) {
            assert!((got - expected).abs() <= 1e-12 * expected.abs(), "{counts:?}: {got} and {expected}");
        }
    }
    assert_eq!(balanced([4, 0]), [1.0, 0.0], "an absent class weighs nothing");
}

/// 90 common rows and 10 rare ones in the plane.
fn rows() -> Rows {
    let mut random = random::stream(1, "rows to resample", 0, 0);
    let labels: Vec<u32> = (0..100).map(|row| u32::from(row % 10 == 3)).collect();
    let inputs = labels.iter().flat_map(|label| [random.normal() + 3.0 * *label as f32, random.normal()]).collect();
    Rows { inputs, labels, width: 2 }
}

#[test]
fn sampling_gives_the_ratio_and_keeps_what_it_should() {
    let train = rows();
    assert_eq!(counts(&train.labels), [90, 10]);
    let resampled = |strategy| resample(&train, strategy, 3);
    assert_eq!(resampled(Strategy::Keep).inputs, train.inputs);
    assert_eq!(counts(&resampled(Strategy::Under { ratio: 0.5 }).labels), [20, 10]);
    assert_eq!(counts(&resampled(Strategy::Over { ratio: 0.5 }).labels), [90, 45]);
    assert_eq!(counts(&resampled(Strategy::Smote { ratio: 1.0, neighbours: 3 }).labels), [90, 90]);
    // A ratio below the one there is leaves it.
    assert_eq!(counts(&resampled(Strategy::Over { ratio: 0.05 }).labels), [90, 10]);
    assert_eq!(counts(&resampled(Strategy::Under { ratio: 0.05 }).labels), [90, 10]);

    let known: Vec<&[f32]> = (0..100).map(|row| input(&train, row)).collect();
    for strategy in [Strategy::Under { ratio: 1.0 }, Strategy::Over { ratio: 1.0 }] {
        let rows = resampled(strategy);
        assert!((0..rows.labels.len()).all(|row| known.contains(&input(&rows, row))), "{strategy:?} makes no new rows");
    }
    let one = Rows { labels: vec![0; 4], inputs: vec![0.0; 8], width: 2 };
    assert_eq!(resample(&one, Strategy::Over { ratio: 1.0 }, 1).labels.len(), 4, "nothing to draw from");
}

#[test]
fn smote_puts_rows_between_a_rare_row_and_one_of_its_nearest() {
    let train = rows();
    let rares: Vec<usize> = (0..100).filter(|&row| train.labels[row] == RARE).collect();
    let made = resample(&train, Strategy::Smote { ratio: 1.0, neighbours: 3 }, 5);
    assert_eq!(made.inputs[..200], train.inputs[..], "what there was stays first");
    let near: Vec<(usize, Vec<usize>)> = rares.iter().map(|&row| (row, nearest(&train, row, &rares, 3))).collect();
    let distance = |a: &[f32], b: &[f32]| ((a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2)).sqrt();
    for row in 100..made.labels.len() {
        let new = input(&made, row);
        let on_a_line = near.iter().any(|(from, near)| {
            near.iter().any(|to| {
                let (from, to) = (input(&train, *from), input(&train, *to));
                (distance(from, new) + distance(new, to) - distance(from, to)).abs() < 1e-5
            })
        });
        assert!(on_a_line, "row {row} at {new:?}");
    }
    let mut by_distance = rares.clone();
    by_distance.retain(|&other| other != 3);
    by_distance.sort_by(|&a, &b| {
        distance(input(&train, a), input(&train, 3)).total_cmp(&distance(input(&train, b), input(&train, 3)))
    });
    assert_eq!(nearest(&train, 3, &rares, 3), by_distance[..3]);
}

fn loss(gamma: f64, weights: [f32; 2]) -> f64 {
    let device = Device::flex();
    let logits = Tensor::<2>::from_floats([[0.0, 2.0], [1.0, -1.0]], &device);
    let targets = Tensor::<2>::from_floats([[0.0, 1.0], [0.0, 1.0]], &device);
    let weights = Tensor::<2>::from_floats([[weights[0]], [weights[1]]], &device);
    f64::from(pollster::block_on(state::read(focal_loss(logits, targets, weights, gamma)))[0])
}

#[test]
fn the_focal_loss_is_that_of_the_paper() {
    // Probabilities of the true class: 1 / (1 + e^-2) and 1 / (1 + e^2).
    let p = [1.0 / (1.0 + (-2f64).exp()), 1.0 / (1.0 + 2f64.exp())];
    for (gamma, weights) in [(0.0, [1.0, 1.0]), (2.0, [1.0, 1.0]), (0.5, [3.0, 0.25]), (5.0, [1.5, 0.5])] {
        let terms = p.iter().zip(weights).map(|(p, weight)| -f64::from(weight) * (1.0 - p).powf(gamma) * p.ln());
        let expected = terms.sum::<f64>() / 2.0;
        let got = loss(gamma, weights);
        assert!((got - expected).abs() < 1e-6 * expected.max(1.0), "gamma {gamma}: {got} and {expected}");
    }
    assert!(loss(2.0, [1.0, 1.0]) < loss(0.0, [1.0, 1.0]));
}

fn word(word: &str) -> KnobValue {
    KnobValue::Word(word.to_string())
}

fn small(strategy: &str) -> Knobs {
    let number = KnobValue::Number;
    let changed = [
        ("strategy", word(strategy)),
        ("data", word("generated")),
        ("samples", number(2_000.0)),
        ("epochs", number(4.0)),
        ("batch", number(64.0)),
        ("width", number(16.0)),
        ("lr", number(0.01)),
    ];
    knobs(&LAB, &changed)
}

#[test]
fn every_strategy_runs_and_the_rare_class_is_found_only_where_something_is_done() {
    for strategy in ["none", "under", "over", "smote", "weights", "focal"] {
        let host = TestHost::default();
        host.run(&LAB, small(strategy), None).unwrap();
        let figures = host.figures().unwrap();
        assert!(figures["auc"] > 0.85, "{strategy}: {figures:?}");
        match strategy {
            "none" => assert!(figures["rare_recall"] < 0.6 && figures["accuracy"] > 0.95, "{strategy}: {figures:?}"),
            "focal" => {}
            _ => assert!(figures["rare_recall"] > 0.8, "{strategy}: {figures:?}"),
        }
        for event in host.events.borrow().iter() {
            let EventBody::Matrix { counts, examples, .. } = event else { continue };
            let rows = &examples.as_ref().expect("samples behind the cells").rows;
            for (cell, &count) in counts.iter().flatten().enumerate() {
                let cell = [cell as u32 / 2, cell as u32 % 2];
                let told = rows.iter().filter(|row| row.cell == cell).count() as u64;
                assert_eq!(told, count.min(10), "{strategy}, {cell:?}");
            }
        }
        let failed = figures["reached"] < 1.0;
        assert!(if strategy == "none" { failed } else { strategy != "weights" || !failed }, "{strategy}: {figures:?}");
    }
}

/// One row in ten is rare; `a` tells most of it, and `b` nothing.
fn table(rows: usize) -> String {
    let mut random = random::stream(3, "own table", 0, 0);
    let line = |row: usize| {
        let rare = row.is_multiple_of(10);
        let a = random.normal() + if rare { 2.5 } else { 0.0 };
        format!("{a},{},{}\n", random.normal(), if rare { "bad" } else { "good" })
    };
    format!("a,b,made\n{}", (0..rows).map(line).collect::<String>())
}

#[test]
fn a_table_of_ones_own_is_judged_where_its_rare_rows_are_enough() {
    let note = |host: &TestHost, part: &str| {
        let told = |event: &EventBody| matches!(event, EventBody::Note { text } if text.en.contains(part));
        host.events.borrow().iter().any(told)
    };
    let run = |csv: String, strategy: &str, unmeasured: &'static [&'static str]| {
        let (mut host, knobs) = with_table(csv, small(strategy));
        host.unmeasured = unmeasured;
        let ended = host.run(&LAB, knobs, None);
        (host, ended)
    };
    let goal = &spec::spec().goals[0];
    for (strategy, holds) in [("weights", true), ("none", false)] {
        let (host, ended) = run(table(4_000), strategy, &[]);
        ended.unwrap();
        let figures = host.figures().unwrap();
        assert_eq!(goal.holds(figures["reached"], 1.0), holds, "{strategy}: {figures:?}");
        assert!(!note(&host, "no threshold") && !note(&host, "not judged"));
    }
    let (host, ended) = run(table(600), "weights", &["reached"]);
    ended.unwrap();
    assert!(note(&host, "`bad` in the test part: 15"));

    // Columns that say nothing of the class.
    let nothing: String = (0..900).map(|row| format!("{},{}\n", row * 7 % 11, u8::from(row % 9 == 0))).collect();
    let (host, ended) = run(nothing, "weights", &[]);
    ended.unwrap();
    assert!(note(&host, "no threshold reaches") && host.figures().unwrap()["reached"] < 1.0);

    assert!(matches!(run(table(12), "weights", &[]).1, Err(Interrupt::Fail { code: FailureCode::Data, .. })));
}

#[test]
fn a_learning_rate_can_be_turned_on_the_way() {
    let (marks, figures) = turned(&LAB, small("weights"), 1, 1e-4);
    assert_eq!(marks, ["Learning rate 0.01 → 0.0001"]);
    assert!(figures["auc"] < ran(&LAB, small("weights")).figures().expect("a report")["auc"], "{figures:?}");
}

#[test]
fn a_resumed_run_ends_with_the_same_bits() {
    let whole = TestHost::default();
    whole.run(&LAB, small("smote"), None).unwrap();
    for stop_at in [1, 37] {
        let cut = TestHost::that_stops_at(stop_at);
        assert!(matches!(cut.run(&LAB, small("smote"), None), Err(Interrupt::Stop)));
        let resumed = TestHost::default();
        resumed.run(&LAB, small("smote"), cut.checkpoint.take()).unwrap();
        assert_eq!(resumed.figures(), whole.figures(), "cut at {stop_at}");
    }
    let cut = TestHost::that_stops_at(1);
    assert!(cut.run(&LAB, small("smote"), None).is_err());
    assert!(TestHost::default().run(&LAB, small("over"), cut.checkpoint.take()).is_err());
}
