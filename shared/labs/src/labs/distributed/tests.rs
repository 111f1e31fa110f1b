//! The ring adds up, top-k loses nothing, the replicas are one large batch, and a run that is cut ends at the same bits.
//!
//! The goal at the defaults on MNIST, seeds 1 to 10, CPU: greatest difference 1.9e-7 to 2.7e-7 (at most 1e-5 is allowed);
//! with gradients added, seeds 1 to 3: 2.4 2.4 2.7. With 8 replicas 1.7e-6 1.1e-6 3.9e-6: the larger the rate, the more
//! a step magnifies the rounding of those before, and at twice this rate the runs part.

use std::cell::RefCell;

use burn::tensor::Device;
use kindling_protocol::event::EventBody;
use kindling_protocol::knob::{KnobValue, Knobs};

use super::compress::{Sparse, top_k};
use super::plan::Plan;
use super::replica::{Activation, Network, Worker};
use super::samples::{Kind, Samples};
use super::timeline::lanes;
use super::{LAB, meet, ring, spec};
use crate::data::{colours, generator, random};
use crate::host::{Interrupt, Run};
use crate::testing::{TestHost, knobs};

fn number(value: f64) -> KnobValue {
    KnobValue::Number(value)
}

fn word(value: &'static str) -> KnobValue {
    KnobValue::Word(value.into())
}

/// 10 steps an epoch, twice.
fn small(changed: &[(&str, KnobValue)]) -> Knobs {
    let base =
        [("data", word("generated")), ("samples", number(500.0)), ("width", number(16.0)), ("epochs", number(2.0))];
    let steps = [("batch", number(12.0)), ("lr", number(0.02))];
    knobs(&LAB, &[&base[..], &steps, changed].concat())
}

fn ran(knobs: Knobs) -> TestHost {
    let host = with_clock(TestHost::default());
    host.run(&LAB, knobs, None).expect("runs");
    host
}

/// Its clock tells the same of each batch, whatever its size.
fn with_clock(host: TestHost) -> TestHost {
    host.clock.set(Some(0.0));
    TestHost { unsaid: &["amdahl", "speed_up", "measured"], ..host }
}

fn figure(host: &TestHost, name: &str) -> f64 {
    host.figures().expect("a report")[name]
}

fn points(host: &TestHost, series: &str) -> Vec<f64> {
    let of = |event: &EventBody| match event {
        EventBody::Points { values, .. } => values.get(series).copied(),
        _ => None,
    };
    host.events.borrow().iter().filter_map(of).collect()
}

fn vectors(count: usize, length: usize) -> Vec<Vec<f32>> {
    let mut stream = random::stream(count as u64, "ring", 0, length as u64);
    (0..count).map(|_| (0..length).map(|_| stream.normal()).collect()).collect()
}

#[test]
fn the_ring_gives_everyone_the_same_sum_in_as_few_messages_as_the_paper_says() {
    for count in 1..=8 {
        for length in [0, 1, 5, 7, 64, 101] {
            let before = vectors(count, length);
            let mut after = before.clone();
            let log = ring::all_reduce(&mut after);
            for place in 0..length {
                let sum: f64 = before.iter().map(|vector| f64::from(vector[place])).sum();
                assert!((f64::from(after[0][place]) - sum).abs() < 1e-5, "{count} replicas, {length} numbers");
            }
            assert!(after.iter().all(|vector| *vector == after[0]), "{count} replicas, {length} numbers");
            for index in 0..count {
                let of = |chosen: &dyn Fn(&ring::Message) -> bool| log.iter().filter(|message| chosen(message)).count();
                assert_eq!(of(&|message| message.chunk == index), 2 * (count - 1), "messages of chunk {index}");
                assert_eq!(of(&|message| message.from == index), 2 * (count - 1), "messages from replica {index}");
            }
            let bytes: usize = log.iter().map(|message| message.bytes).sum();
            assert_eq!(bytes, 2 * (count - 1) * 4 * length);
        }
    }
}

#[test]
fn sparse_vectors_go_round_whole() {
    let parts: Vec<Sparse> = vec![vec![(0, 1.0), (3, 2.0)], vec![(3, 0.5)], vec![]];
    let (sum, log) = ring::all_gather(&parts, 5);
    assert_eq!(sum, [1.0, 0.0, 0.0, 2.5, 0.0]);
    assert_eq!(log.len(), 3 * 2);
    assert_eq!(log.iter().map(|message| message.bytes).sum::<usize>(), 2 * 8 * 3);
    // 16 bytes are the longest message of both rounds.
    assert_eq!(ring::duration_ms(&log, 0.5, 16.0), 2.0 * (0.5 + 1.0));
}

#[test]
fn top_k_takes_the_largest_and_error_feedback_loses_nothing() {
    let mut values = vec![0.5, -3.0, 2.0, 0.0, 3.0];
    assert_eq!(top_k(&mut values, 2), [(1, -3.0), (4, 3.0)]);
    assert_eq!(values, [0.5, 0.0, 2.0, 0.0, 0.0]);

    let (mut unsent, mut sent, mut given) = (vec![0.0f32; 50], vec![0.0f64; 50], vec![0.0f64; 50]);
    for step in 0..40 {
        let gradient = &vectors(step + 1, 50)[step];
        unsent.iter_mut().zip(gradient).for_each(|(unsent, slope)| *unsent += slope);
        given.iter_mut().zip(gradient).for_each(|(given, slope)| *given += f64::from(*slope));
        top_k(&mut unsent, 5).iter().for_each(|&(place, value)| sent[place as usize] += f64::from(value));
    }
    for place in 0..50 {
        assert!((sent[place] + f64::from(unsent[place]) - given[place]).abs() < 1e-4, "at {place}");
    }
    assert!(sent.iter().filter(|sent| **sent != 0.0).count() > 40, "the small ones have their turn too");
}

#[test]
fn it_begins_at_chance_and_its_gradient_is_the_slope() {
    let digits = (Samples::from(generator::digits(5, 40)), Activation::Tanh);
    let colour = || Samples::from(colours::pictures(5, 40));
    for (samples, activation) in [digits, (colour(), Activation::Tanh), (colour(), Activation::Relu)] {
        slopes_are_right(&samples, activation);
    }
}

fn slopes_are_right(samples: &Samples, activation: Activation) {
    let (network, plain) = (Network { kind: samples.kind, hidden: 16, activation }, Device::flex());
    let mut weights = network.first(3);
    let gradient = pollster::block_on(network.gradient(&weights, samples, &plain.clone().autodiff()));
    let loss = |weights: &[f32]| pollster::block_on(network.score(weights, samples, &plain)).loss(1.0);
    let (told, slopes) = gradient.split_last().expect("the loss");
    let start = loss(&weights);
    assert!((start - f64::from(*told)).abs() < 1e-5 && (start - 10f64.ln()).abs() < 0.5, "{start}, told {told}");
    for start in [0, 16, 16 + samples.kind.pixels() * 16, slopes.len() - 160] {
        let range = start..(start + 160).min(slopes.len());
        let steepest = range.max_by(|&a, &b| slopes[a].abs().total_cmp(&slopes[b].abs())).expect("weights");
        let from = weights[steepest];
        weights[steepest] = from + 2e-3;
        let above = loss(&weights);
        weights[steepest] = from - 2e-3;
        let slope = (above - loss(&weights)) / 4e-3;
        weights[steepest] = from;
        assert!((slope - f64::from(slopes[steepest])).abs() < 0.02 * slope.abs() + 1e-3, "{slope} at {steepest}");
    }
}

#[test]
fn replicas_are_one_large_batch_unless_gradients_are_only_added() {
    let goal = &spec::spec().goals[0];
    for replicas in [1.0, 3.0, 8.0] {
        let host = ran(small(&[("replicas", number(replicas)), ("batch", number(8.0))]));
        assert!(goal.holds(figure(&host, "difference"), 1.0), "{replicas}: {}", figure(&host, "difference"));
        assert_eq!(figure(&host, "replicas_differ"), 0.0);
    }
    // Momentum comes behind the mean, and the data make no difference.
    let heavy = [("momentum", number(0.9)), ("lr", number(0.005))];
    let colour = [("data", word("generated-colour")), ("lr", number(0.005))];
    for changed in [&heavy[..], &colour, &[&heavy[..], &colour[..1]].concat()[..]] {
        let right = ran(small(changed));
        assert!(goal.holds(figure(&right, "difference"), 1.0), "{changed:?}: {}", figure(&right, "difference"));
        assert_eq!(figure(&right, "replicas_differ"), 0.0);
        let added = ran(small(&[changed, &[("reduce", word("sum"))]].concat()));
        assert!(!goal.holds(figure(&added, "difference"), 1.0), "{changed:?}");
    }
    let host = ran(small(&[("reduce", word("sum"))]));
    assert!(!goal.holds(figure(&host, "difference"), 1.0));
    // Added at a rate that is not scaled, they are averaged at one that is.
    let added = ran(small(&[("reduce", word("sum")), ("scaling", word("none"))]));
    assert_eq!(points(&added, "replicas-loss"), points(&ran(small(&[])), "replicas-loss"));
}

#[test]
fn all_numbers_sent_by_top_k_are_the_gradient_and_local_steps_of_one_are_synchronous() {
    let goal = &spec::spec().goals[0];
    // With velocities of their own too: the mean of steps is the step along the mean.
    for momentum in [0.0, 0.9] {
        for same in [
            [("compression", word("feedback")), ("keep", number(1.0))],
            [("mode", word("local")), ("local-steps", number(1.0))],
        ] {
            let knobs = small(&[&same[..], &[("momentum", number(momentum)), ("lr", number(0.005))]].concat());
            assert!(goal.holds(figure(&ran(knobs), "difference"), 1.0), "{same:?}, momentum {momentum}");
        }
    }
    let local = ran(small(&[("mode", word("local")), ("local-steps", number(7.0))]));
    assert!(figure(&local, "difference") > 1e-4);
    assert_eq!(figure(&local, "replicas_differ"), 0.0, "in the end they meet");
    let sync = ran(small(&[]));
    // 20 steps: after 7, 14 and at the end.
    assert!((figure(&local, "sent_mb") / figure(&sync, "sent_mb") - 3.0 / 20.0).abs() < 1e-9);
}

#[test]
fn momentum_is_that_of_pytorch() {
    let mut worker = Worker { weights: vec![1.0], unsent: vec![], velocity: vec![0.0] };
    let steps: Vec<f32> = [2.0, 0.0, -1.0]
        .into_iter()
        .map(|slope| {
            worker.descend(&[slope], 0.1, 0.5);
            worker.weights[0]
        })
        .collect();
    // Velocities 2, 1, -0.5.
    assert!(steps.iter().zip([0.8, 0.7, 0.75]).all(|(found, right): (&f32, f32)| (found - right).abs() < 1e-6));
}

#[test]
fn pictures_become_numbers_around_nothing() {
    assert_eq!(Kind::Colour.numbers(&[0, 255]), [-1.0, 1.0]);
    let ink = Kind::Digits.numbers(&[0, 255]);
    assert!((ink[0] + 0.4242).abs() < 1e-3 && (ink[1] - 2.8215).abs() < 1e-3, "{ink:?}");
    for (data, kind) in [("mnist", Kind::Digits), ("generated", Kind::Digits), ("cifar10", Kind::Colour)] {
        assert_eq!(Kind::of(data), kind);
    }
    assert_eq!(Kind::of("generated-colour"), Kind::Colour);
}

#[test]
fn between_meetings_local_replicas_differ() {
    let plan = Plan::of(&small(&[("mode", word("local"))]), 480);
    let fresh = Worker { weights: vec![1.0; 4], unsent: vec![0.0; 4], velocity: vec![] };
    let mut replicas = vec![fresh; 4];
    assert!(meet(&plan, 1, &mut replicas, vectors(4, 4)).is_empty());
    assert_ne!(replicas[0].weights, replicas[1].weights);
    assert_eq!(meet(&plan, 8, &mut replicas, vectors(4, 4)).len(), 4 * 2 * 3);
    assert_eq!(replicas[0].weights, replicas[3].weights);
}

#[test]
fn the_schedule_waits_for_the_slowest() {
    let plan = Plan::of(&small(&[("replicas", number(2.0)), ("straggler", number(3.0))]), 480);
    let turns = lanes(&plan, &[vec![2.0, 1.0, 9.0], vec![1.0, 1.0, 9.0]], 0.5);
    assert_eq!((turns[0][0].waits, turns[1][0].waits), (2.0, 3.0));
    assert_eq!((turns[0][0].sends, turns[1][1].begins), (Some([3.0, 3.5]), 3.5));
    assert_eq!(turns[0][1].sends, Some([6.5, 7.0]));
}

#[test]
fn what_is_not_worked_out_is_told_in_a_note_and_a_crew_is_measured() {
    // By the clock of the tests a step takes as long for each size of batch.
    let alone = ran(small(&[]));
    let note = |event: &EventBody| matches!(event, EventBody::Note { text } if text.en.starts_with("No speed-up"));
    assert_eq!(alone.events.borrow().iter().filter(|event| note(event)).count(), 1);
    let figures = alone.figures().expect("a report");
    assert!(!["amdahl", "speed_up", "measured"].iter().any(|name| figures.contains_key(*name)), "{figures:?}");

    let crew = with_clock(TestHost { crew: 3, ..TestHost::default() });
    crew.run(&LAB, small(&[]), None).expect("runs");
    // Four replicas are read off it eight times, the large batch alone twice.
    assert_eq!(figure(&crew, "measured"), 3.0 / 9.0);
    assert_eq!(figure(&crew, "difference"), figure(&alone, "difference"));
}

#[test]
fn lanes_are_rows_of_bars_that_do_not_overlap() {
    let host = ran(small(&[("straggler", number(3.0))]));
    let events = host.events.borrow();
    let chart = events.iter().rev().find_map(|event| match event {
        EventBody::Chart(chart) if chart.id == super::panels::LANES => Some(chart),
        _ => None,
    });
    let chart = chart.expect("lanes");
    let named: Vec<&str> = chart.y.names.iter().map(|name| &*name.en).collect();
    assert_eq!(named, ["Replica 4", "Replica 3", "Replica 2", "Replica 1"]);
    let does: Vec<&str> = chart.traces.iter().map(|trace| &*trace.label.en).collect();
    assert_eq!(does, ["computes", "all-reduce", "waits for the slowest"]);
    for row in 0..4 {
        let bars = chart.traces.iter().flat_map(|trace| trace.points.chunks_exact(2));
        let mut bars: Vec<[f32; 2]> =
            bars.filter(|ends| ends[0][1] == row as f32).map(|ends| [ends[0][0], ends[1][0]]).collect();
        bars.sort_by(|one, other| one[0].total_cmp(&other[0]));
        // Four steps; only the last replica, which is row 0, waits for nobody.
        assert_eq!(bars.len(), if row == 0 { 8 } else { 12 }, "row {row}");
        assert!(bars.windows(2).all(|pair| pair[0][1] == pair[1][0]), "{bars:?}");
    }
}

#[test]
fn a_learning_rate_turned_on_the_way_is_turned_for_all_three() {
    let turned = |rate: f64| {
        let turn = RefCell::new(vec![(5, "lr".to_string(), KnobValue::Number(rate))]);
        let host = with_clock(TestHost { turn, ..TestHost::default() });
        host.run(&LAB, small(&[]), None).expect("runs");
        host
    };
    let (host, plain) = (turned(0.005), ran(small(&[])));
    assert!(spec::spec().goals[0].holds(figure(&host, "difference"), 1.0));
    let marks: Vec<String> = host
        .events
        .borrow()
        .iter()
        .filter_map(|event| match event {
            EventBody::Mark { step: 5, text } => Some(text.en.to_string()),
            _ => None,
        })
        .collect();
    assert_eq!(marks, ["Learning rate 0.02 → 0.005"]);
    for series in ["replicas-loss", "large-loss", "one-loss"] {
        let (turned, plain) = (points(&host, series), points(&plain, series));
        assert_eq!(turned[..5], plain[..5], "{series}");
        assert!(turned[6..].iter().zip(&plain[6..]).all(|(turned, plain)| turned != plain), "{series}");
    }
    // Where it stands already, nothing happens.
    assert_eq!(points(&turned(0.02), "one-loss"), points(&plain, "one-loss"));
    assert!(!turned(0.02).events.borrow().iter().any(|event| matches!(event, EventBody::Mark { .. })));

    // A run that goes on has it from its checkpoint.
    let turn = RefCell::new(vec![(5, "lr".to_string(), KnobValue::Number(0.005))]);
    let cut = with_clock(TestHost { turn, ..TestHost::that_stops_at(9) });
    assert!(matches!(cut.run(&LAB, small(&[]), None), Err(Interrupt::Stop)));
    let rest = with_clock(TestHost::default());
    rest.run(&LAB, small(&[]), cut.checkpoint.take()).expect("goes on");
    for name in ["difference", "test_accuracy", "one_accuracy", "large_accuracy"] {
        assert_eq!(figure(&rest, name), figure(&host, name), "{name}");
    }
}

#[test]
fn without_a_clock_nothing_is_said_of_time() {
    let host = TestHost::default();
    let run = Run { device: Device::flex(), knobs: small(&[]), seed: 7, resume: None, host: &host };
    pollster::block_on((LAB.run)(run)).expect("runs");
    let figures = host.figures().expect("a report");
    assert!(!figures.contains_key("speed_up") && !figures.contains_key("amdahl"));
    assert_eq!(figures["test_accuracy"], figure(&ran(small(&[])), "test_accuracy"));
    let events = host.events.borrow();
    let timed = |id: &str| id == super::panels::LANES || id == super::panels::SPEED;
    assert!(!events.iter().any(|event| matches!(event, EventBody::Chart(chart) if timed(&chart.id))));
}

#[test]
fn a_run_that_was_cut_ends_at_the_same_bits_whoever_goes_on() {
    let changed = [("compression", word("feedback")), ("keep", number(0.05)), ("momentum", number(0.5))];
    let whole = ran(small(&changed));
    for stop_at in [1, 9, 10, 20] {
        let cut = with_clock(TestHost { crew: 3, ..TestHost::that_stops_at(stop_at) });
        let rest = with_clock(TestHost { crew: 2, ..TestHost::default() });
        assert!(matches!(cut.run(&LAB, small(&changed), None), Err(Interrupt::Stop)), "at {stop_at}");
        rest.run(&LAB, small(&changed), cut.checkpoint.take()).expect("goes on");
        for name in ["difference", "test_accuracy", "one_accuracy", "large_accuracy", "sent_mb"] {
            assert_eq!(figure(&whole, name), figure(&rest, name), "{name}, cut at {stop_at}");
        }
        // What was not measured with a clock.
        let seen = |host: &TestHost| -> Vec<EventBody> {
            let timeless = |event: &&EventBody| match event {
                EventBody::Points { step, .. } => *step > stop_at,
                EventBody::Chart(chart) => chart.id == super::panels::SAMPLES && chart.traces[0].points.len() == 20,
                _ => false,
            };
            host.events.borrow().iter().filter(timeless).cloned().collect()
        };
        assert_eq!(seen(&whole), seen(&rest), "cut at {stop_at}");
    }
}
