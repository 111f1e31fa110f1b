//! Golden values of the shap library, closed forms, the axioms, and runs that are cut.

use kindling_protocol::event::{EventBody, FailureCode};
use kindling_protocol::knob::{KnobValue, Knobs};
use serde_json::Value;

use super::explain::{Explainer, Method, error};
use super::net::{Model, Net, Scale};
use super::{LAB, additive, background, coalition, panels, spec};
use crate::data::random;
use crate::host::Interrupt;
use crate::testing::{TestHost, knobs, with_table};

mod ensembles;

const GOLDEN: &str = include_str!("../../../../../tests/goldens/shapley.json");

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().expect("a list").iter().map(|number| number.as_f64().expect("a number")).collect()
}

fn lists(value: &Value) -> Vec<Vec<f64>> {
    value.as_array().expect("a list").iter().map(numbers).collect()
}

fn floats(values: &[f64]) -> Vec<f32> {
    values.iter().map(|&value| value as f32).collect()
}

fn net(golden: &Value) -> Net {
    let of = |name: &str| floats(&numbers(&golden[name]));
    let (first_bias, second_bias) = (of("first_bias"), of("second_bias"));
    Net {
        hidden: first_bias.len(),
        classes: second_bias.len(),
        first: of("first"),
        first_bias,
        second: of("second"),
        second_bias,
        relu: true,
    }
}

/// A network with weights by chance.
fn drawn(inputs: usize, hidden: usize, relu: bool, seed: u64) -> Net {
    let mut random = random::stream(seed, "weights", 0, 0);
    let mut values = |count: usize| -> Vec<f32> { (0..count).map(|_| 0.5 * random.normal()).collect() };
    Net {
        hidden,
        classes: 2,
        first: values(inputs * hidden),
        first_bias: values(hidden),
        second: values(hidden * 2),
        second_bias: values(2),
        relu,
    }
}

fn rows(count: usize, inputs: usize, seed: u64) -> Vec<Vec<f32>> {
    let mut random = random::stream(seed, "rows", 0, 0);
    (0..count).map(|_| (0..inputs).map(|_| random.normal()).collect()).collect()
}

fn explainer<'a>(model: &'a Model, background: &[Vec<f32>]) -> Explainer<'a> {
    let each = (0..background[0].len()).map(|input| input..input + 1).collect();
    Explainer::new(model, each, &background.iter().map(Vec::as_slice).collect::<Vec<_>>(), 7)
}

fn explain(explainer: &Explainer<'_>, method: Method, rows: &[Vec<f32>]) -> Vec<Vec<f64>> {
    explainer.explain(method, &rows.iter().map(Vec::as_slice).collect::<Vec<_>>())
}

#[test]
fn values_are_those_of_the_shap_library() {
    let golden: Value = serde_json::from_str(GOLDEN).expect("JSON");
    let (background, rows) = (lists(&golden["background"]), lists(&golden["rows"]));
    let background: Vec<Vec<f32>> = background.iter().map(|row| floats(row)).collect();
    let rows: Vec<Vec<f32>> = rows.iter().map(|row| floats(row)).collect();
    for (name, scale) in [("log_odds", Scale::LogOdds), ("probability", Scale::Probability)] {
        let model = Model::new(net(&golden), 1, scale);
        let explainer = explainer(&model, &background);
        for (row, answer) in rows.iter().zip(numbers(&golden[name]["answers"])) {
            assert!((model.answer(row) - answer).abs() < 1e-6, "{name}");
        }
        for (which, method, tolerance) in
            [("exact", Method::Exact, 1e-6), ("kernel", Method::Kernel(126), 1e-6), ("deep", Method::Deep, 1e-5)]
        {
            // The library's DeepExplainer was asked for log-odds alone.
            if golden[name][which].is_null() {
                continue;
            }
            let [_, most] = error(&explain(&explainer, method, &rows), &lists(&golden[name][which]));
            assert!(most < tolerance, "{name}, {which}: {most}");
        }
    }
}

#[test]
fn a_linear_model_has_a_closed_form_by_every_method() {
    let (background, rows) = (rows(30, 9, 1), rows(5, 9, 2));
    let model = Model::new(drawn(9, 6, false, 3), 0, Scale::LogOdds);
    let explainer = explainer(&model, &background);
    let weight = |input: usize| -> f64 {
        (0..6).map(|unit| f64::from(model.net.first[input * 6 + unit] * model.direction[unit])).sum()
    };
    let mean = |input: usize| background.iter().map(|row| f64::from(row[input])).sum::<f64>() / 30.0;
    let of = |row: &Vec<f32>| (0..9).map(|input| weight(input) * (f64::from(row[input]) - mean(input))).collect();
    let expected: Vec<Vec<f64>> = rows.iter().map(of).collect();
    for method in [Method::Exact, Method::Kernel(510), Method::Kernel(60), Method::Deep] {
        let [_, most] = error(&explain(&explainer, method, &rows), &expected);
        assert!(most < 2e-6, "{method:?}: {most}");
    }
}

#[test]
fn values_add_up_and_a_feature_that_does_nothing_gets_nothing() {
    let mut net = drawn(8, 12, true, 5);
    net.first[3 * 12..4 * 12].fill(0.0);
    // Features 0 and 1 do the same.
    let first = net.first[..12].to_vec();
    net.first[12..24].copy_from_slice(&first);
    let background: Vec<Vec<f32>> = rows(20, 8, 6).into_iter().map(alike).collect();
    let rows: Vec<Vec<f32>> = rows(6, 8, 7).into_iter().map(alike).collect();
    for scale in [Scale::LogOdds, Scale::Probability] {
        let model = Model::new(net.clone(), 1, scale);
        let explainer = explainer(&model, &background);
        for method in [Method::Exact, Method::Kernel(254), Method::Deep] {
            for (row, values) in rows.iter().zip(explain(&explainer, method, &rows)) {
                let sum = explainer.base + values.iter().sum::<f64>();
                assert!((sum - model.answer(row)).abs() < 1e-5, "{scale:?} {method:?}: {sum}");
                assert!(values[3].abs() < 1e-6, "{scale:?} {method:?}: the dummy gets {}", values[3]);
                assert!((values[0] - values[1]).abs() < 1e-6, "{scale:?} {method:?}: {values:?}");
            }
        }
        // Half of the coalitions: the sum is right by constraint, though the values are not.
        for (row, values) in rows.iter().zip(explain(&explainer, Method::Kernel(10), &rows)) {
            assert!((explainer.base + values.iter().sum::<f64>() - model.answer(row)).abs() < 1e-5);
        }
    }
}

fn alike(mut row: Vec<f32>) -> Vec<f32> {
    row[1] = row[0];
    row
}

#[test]
fn the_error_of_kernel_shap_falls_to_nothing() {
    let (background, rows) = (rows(25, 10, 8), rows(8, 10, 9));
    let model = Model::new(drawn(10, 16, true, 10), 1, Scale::Probability);
    let explainer = explainer(&model, &background);
    let exact = explain(&explainer, Method::Exact, &rows);
    let most = |budget| error(&explain(&explainer, Method::Kernel(budget), &rows), &exact)[1];
    let errors = [10, 100, 600, 1022].map(most);
    assert!(errors.is_sorted_by(|one, next| one > next) && errors[0] > 0.02 && errors[3] < 1e-6, "{errors:?}");
    assert!(error(&explain(&explainer, Method::Deep, &rows), &exact)[1] > 1e-3, "DeepSHAP is no Shapley value");
}

#[test]
fn coalitions_keep_to_their_budget_and_come_in_pairs() {
    for (features, budget) in [(2, 10), (7, 10), (7, 126), (12, 11), (12, 2048), (12, 5000), (49, 300), (63, 1000)] {
        let chosen = coalition::sampled(features, budget, 3);
        let whole = coalition::whole(features);
        let mut masks = chosen.masks.clone();
        masks.sort_unstable();
        masks.dedup();
        assert_eq!(masks.len(), chosen.masks.len(), "none comes twice");
        assert!(masks.len() <= budget && masks.len() + 2 > budget.min((1usize << features.min(40)) - 2));
        assert!(masks.iter().all(|mask| *mask != 0 && *mask != whole && masks.binary_search(&(whole ^ mask)).is_ok()));
        assert!((chosen.weights.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{features} {budget}");
    }
    assert!(coalition::sampled(1, 10, 3).masks.is_empty());
    assert_eq!((coalition::choose(49, 2), coalition::choose(5, 0)), (1176.0, 1.0));
}

#[test]
fn a_background_that_is_spread_has_the_right_mean_and_one_row_has_not() {
    let mut random = random::stream(4, "answers", 0, 0);
    let answers: Vec<f64> = (0..5000).map(|_| f64::from(random.unit()).powi(3)).collect();
    let mean = |rows: &[usize]| rows.iter().map(|&row| answers[row]).sum::<f64>() / rows.len() as f64;
    let all = mean(&(0..5000).collect::<Vec<_>>());
    let off = |count, spread, seed| (mean(&background::choose(&answers, count, spread, seed)) - all).abs();
    let by_chance = (1..=10).map(|seed| off(100, false, seed)).sum::<f64>() / 10.0;
    assert!(off(100, true, 1) < 1e-3 && by_chance > 0.01 && off(1, true, 1) > 0.05);
    let few = background::choose(&answers[..7], 9, true, 1);
    assert_eq!(few, [0, 1, 2, 3, 4, 5, 6]);
}

fn small(numbers: &[(&str, f64)], words: &[(&str, &str)]) -> Knobs {
    let default = [("steps", 150.0), ("explained", 40.0), ("background", 60.0)];
    let numbers = default.iter().chain(numbers).map(|(id, value)| (*id, KnobValue::Number(*value)));
    let words = [("data", "generated")].into_iter().chain(words.iter().copied());
    let words = words.map(|(id, value)| (id, KnobValue::Word(value.to_string())));
    knobs(&LAB, &numbers.chain(words).collect::<Vec<_>>())
}

#[test]
fn a_run_that_was_cut_ends_at_the_same_bits() {
    let with = || small(&[("steps", 50.0)], &[]);
    let whole = TestHost::default();
    whole.run(&LAB, with(), None).expect("runs");
    // In training, in the reference, between the explanations, between two budgets.
    for stop_at in [20, 51, 52, 56] {
        let (cut, rest) = (TestHost::that_stops_at(stop_at), TestHost::default());
        assert!(matches!(cut.run(&LAB, with(), None), Err(Interrupt::Stop)), "at {stop_at}");
        rest.run(&LAB, with(), cut.checkpoint.take()).expect("goes on");
        let panels = |host: &TestHost| -> Vec<EventBody> {
            let shown = |event: &&EventBody| matches!(event, EventBody::Chart(_) | EventBody::Table { .. });
            host.events.borrow().iter().filter(shown).cloned().collect()
        };
        assert_eq!(panels(&rest), panels(&whole), "cut at {stop_at}");
        assert_eq!(rest.figures(), whole.figures(), "cut at {stop_at}");
    }
}

#[test]
fn the_goals_hold_on_the_stand_in_and_fail_at_their_counters() {
    let spec = spec::spec();
    let host = TestHost::default();
    host.run(&LAB, small(&[], &[]), None).expect("runs");
    let figures = host.figures().expect("a report");
    for goal in &spec.goals {
        assert!(goal.holds(figures[&goal.figure[..]], 1.0), "{}: {figures:?}", goal.id);
        let over: Vec<(&str, f64)> = goal
            .counter
            .iter()
            .map(|(id, value)| match value {
                KnobValue::Number(number) => (&id[..], *number),
                other => panic!("{other:?}"),
            })
            .collect();
        let countered = TestHost::default();
        countered.run(&LAB, small(&over, &[]), None).expect("runs");
        let figures = countered.figures().expect("a report");
        assert!(!goal.holds(figures[&goal.figure[..]], 1.0), "{} at its counter: {figures:?}", goal.id);
    }
    assert!(figures["efficiency_error"] < 1e-5 && figures["accuracy"] > 0.7, "{figures:?}");
}

#[test]
fn shap_finds_the_effects_that_the_table_was_made_from() {
    let host = TestHost::default();
    let with = small(&[("steps", 1500.0), ("explained", 200.0), ("feature", 2.0)], &[("output", "log-odds")]);
    host.run(&LAB, with, None).expect("runs");
    let events = host.events.borrow();
    let charts: Vec<_> = events
        .iter()
        .filter_map(|event| match event {
            EventBody::Chart(chart) => Some(chart),
            _ => None,
        })
        .collect();
    let dependence = charts.iter().find(|chart| chart.id == panels::DEPENDENCE).expect("a chart");
    assert_eq!(dependence.x.label.en, "valley");
    let points: Vec<[f32; 2]> = dependence
        .traces
        .iter()
        .filter(|trace| trace.label.en != "the truth")
        .flat_map(|trace| trace.points.clone())
        .collect();
    let truth = |[x, _]: &[f32; 2]| additive::truth("valley", f64::from(*x));
    let mean = points.iter().map(truth).sum::<f64>() / points.len() as f64;
    let off = points.iter().map(|point| (f64::from(point[1]) - truth(point) + mean).abs()).sum::<f64>();
    assert!(points.len() == 200 && off / 200.0 < 0.35, "{}", off / 200.0);
    let waterfall = charts.iter().find(|chart| chart.id == panels::WATERFALL).expect("a chart");
    let [bars @ .., ends] = &waterfall.traces[..] else { panic!("bars and ends") };
    let mut bars: Vec<&[[f32; 2]]> = bars.iter().flat_map(|trace| trace.points.chunks(2)).collect();
    bars.sort_by(|one, other| other[0][1].total_cmp(&one[0][1]));
    assert_eq!((bars.len(), bars[0][0][0], &waterfall.y.names[0].en[..]), (7, ends.points[0][0], "answer"));
    assert!(bars.windows(2).all(|pair| pair[0][1][0] == pair[1][0][0]), "each begins where the one before ends");
    assert!((bars[6][1][0] - ends.points[1][0]).abs() < 1e-4, "{bars:?}, {ends:?}");
    // What causes nothing comes last: the noise. The twin is a copy of a cause, and may take part of its worth.
    let importance = charts.iter().find(|chart| chart.id == panels::IMPORTANCE).expect("a chart");
    let order: Vec<&str> = importance.x.names.iter().map(|name| &name.en[..]).collect();
    assert_eq!(order.last(), Some(&"noise"), "{order:?}");
}

#[test]
fn a_file_of_ones_own_is_explained_and_one_that_is_too_short_refused() {
    let run = |rows: usize| {
        let word = |row: usize| if row % 5 < 2 { "yes" } else { "no" };
        let line = |row: usize| format!("{},{},{},{}\n", row % 7, row % 5, ["red", "green"][row % 2], word(row));
        let csv = format!("a,b,colour,bought\n{}", (0..rows).map(line).collect::<String>());
        let (host, knobs) = with_table(csv, small(&[("steps", 50.0)], &[]));
        host.run(&LAB, knobs, None)?;
        let chart = host.events.borrow().iter().find_map(|event| match event {
            EventBody::Chart(chart) if chart.id == panels::IMPORTANCE => Some(chart.x.names[0].en.to_string()),
            _ => None,
        });
        Ok::<_, Interrupt>((chart.expect("a chart"), host.figures().expect("a report")["shapley_error"]))
    };
    let (first, error) = run(200).expect("runs");
    assert_eq!(first, "b", "it alone decides");
    assert!(spec::spec().goals[1].holds(error, 1.0), "of three features all coalitions are asked: {error}");
    assert!(matches!(run(2), Err(Interrupt::Fail { code: FailureCode::Data, .. })));
}

#[test]
fn of_more_than_twelve_columns_no_distance_to_exact_values_is_told() {
    let line = |row: usize| (2..15).map(|by| format!("{},", row % by)).collect::<String>() + ["no", "yes"][row % 2];
    let with = small(&[("steps", 50.0), ("explained", 20.0), ("background", 5.0)], &[]);
    let (mut host, with) = with_table((0..120).map(|row| line(row) + "\n").collect(), with);
    host.unmeasured = &["shapley_error"];
    host.run(&LAB, with, None).expect("runs");
    let told = |event: &EventBody| matches!(event, EventBody::Note { text } if text.en.starts_with("13 features"));
    assert!(host.events.borrow().iter().any(told), "why its goal is not judged");
}

#[test]
fn digits_have_a_pixel_map() {
    let host = TestHost { unmeasured: &["shapley_error"], ..TestHost::default() };
    let with = small(
        &[("steps", 60.0), ("explained", 20.0), ("coalitions", 200.0), ("background", 5.0)],
        &[("data", "mnist")],
    );
    host.run(&LAB, with, None).expect("runs on drawings");
    let events = host.events.borrow();
    let grids = events.iter().filter_map(|event| match event {
        EventBody::Images(grid) => Some((&grid.id[..], grid.captions.len(), grid.signed)),
        _ => None,
    });
    let told = |event: &EventBody| matches!(event, EventBody::Note { text } if text.en.starts_with("49 features"));
    assert!(events.iter().any(told), "that nothing is exact here");
    let expected = [(panels::pixels::PICTURES, 20, false), (panels::pixels::PIXELS, 20, true)];
    assert_eq!(grids.collect::<Vec<_>>(), expected);
}
