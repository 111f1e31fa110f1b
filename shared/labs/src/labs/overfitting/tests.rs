//! Decay in both places against numbers worked out by hand, resumption, noise, and the double meaning of dropout.
//!
//! The goals at the defaults on MNIST, seeds 1 to 10, CPU: gap 2.52 2.30 2.76 2.46 2.50 2.42 2.40 2.62 2.88 2.50 points
//! (at most 3 are asked for), validation 88.38 88.40 88.24 88.34 88.30 88.28 88.40 88.48 88.42 88.20 % (at least 88).
//! Seeds 11 to 30: gap 2.32 to 2.82, validation 88.12 to 88.42. One bounds the other: other decays, dropouts, widths, rates
//! and epochs (some twenty settings) give up three points of validation for every two of the gap, and none has more of both.
//! At their counter-knobs, seed 1: gap 8.80, validation 55.12.

use std::collections::BTreeMap;

use burn::tensor::{Device, Tensor};
use kindling_protocol::event::EventBody;
use kindling_protocol::knob::{KnobValue, Knobs};
use kindling_protocol::model::Architecture;
use serde::Deserialize;

use super::LAB;
use super::penalty::Decay;
use super::plan::{self, Noisy};
use crate::data::generator;
use crate::host::Interrupt;
use crate::nn::model::Classifier;
use crate::nn::parity;
use crate::nn::state::{self, State};
use crate::testing::{self, TestHost, ran};
use crate::train::optimiser::{Optimiser, Rule};
use crate::train::run_loop::cross_entropy;

/// 7 steps an epoch, 6 epochs, twice.
fn small(changed: &[(&str, KnobValue)]) -> Knobs {
    testing::small(
        &LAB,
        &[("samples", 200.0), ("width", 16.0), ("epochs", 6.0), ("lr", 0.01), ("label-noise", 0.2)],
        changed,
    )
}

#[test]
fn a_run_cut_in_either_training_ends_with_the_same_bits() {
    let whole = ran(&LAB, small(&[]));
    for stop_at in [3, 41, 44, 80] {
        let cut = TestHost::that_stops_at(stop_at);
        assert!(matches!(cut.run(&LAB, small(&[]), None), Err(Interrupt::Stop)), "at {stop_at}");
        let resumed = TestHost::default();
        resumed.run(&LAB, small(&[]), cut.checkpoint.take()).expect("goes on");
        assert_eq!(resumed.figures(), whole.figures(), "cut at {stop_at}");
        let weights = |host: &TestHost| host.snapshot.borrow().as_ref().map(|snapshot| snapshot.weights.clone());
        // A model that was handed over before the cut is not handed over again.
        assert!(stop_at > 42 || weights(&resumed) == weights(&whole), "cut at {stop_at}");
    }
}

#[test]
fn the_sweep_draws_every_width_and_leaves_the_figures_alone() {
    let (with, without) = (ran(&LAB, small(&[("sweep", KnobValue::Flag(true))])), ran(&LAB, small(&[])));
    assert_eq!(with.figures(), without.figures());
    let events = with.events.borrow();
    let drawn = events.iter().filter_map(|event| match event {
        EventBody::Chart(chart) if chart.id == super::panels::SWEEP => Some(chart.traces[0].points.len()),
        _ => None,
    });
    assert!(drawn.eq(1..=plan::SWEEP.len()));
}

/// A small network, and its weights after `steps` steps on the same eight pictures.
fn after(steps: usize, rule: Rule, decay: Decay) -> (State, State) {
    let device = Device::flex().autodiff();
    let architecture = plan::architecture(&small(&[]), 4);
    let digits = generator::digits(9, 8);
    let mut model = Classifier::new(&architecture, 3, &device).expect("a network");
    let before = pollster::block_on(state::take(&model));
    let mut optimiser = Optimiser::new(rule);
    for _ in 0..steps {
        let inputs = parity::inputs(&plan::input(), &digits.images, &device);
        let targets: Vec<f32> = digits
            .labels
            .iter()
            .flat_map(|&label| (0..10).map(move |class| f32::from(u8::from(class == label))))
            .collect();
        let targets = Tensor::<1>::from_floats(&targets[..], &device).reshape([8, 10]);
        let mut loss = cross_entropy(model.forward(inputs, None), targets);
        if let Some(penalty) = decay.penalty(&model) {
            loss = loss + penalty;
        }
        model = optimiser.step(model, loss.backward(), 0.01);
    }
    (before, pollster::block_on(state::take(&model)))
}

const STRENGTH: f64 = 0.3;

/// How far the two places are apart after 20 steps, as a share of the weight, for each weight of the first layer.
fn apart(rule: impl Fn(f64) -> Rule) -> Vec<f32> {
    let (before, in_loss) = after(20, rule(0.0), Decay::InLoss(STRENGTH));
    let (_, decoupled) = after(20, rule(STRENGTH), Decay::Decoupled(STRENGTH));
    let of = |state: &State| state["hidden.0.weight"].values.clone();
    let pairs = of(&in_loss).into_iter().zip(of(&decoupled)).zip(of(&before));
    pairs.map(|((in_loss, decoupled), before)| (in_loss - decoupled) / before.abs().max(1e-4)).collect()
}

#[test]
fn the_penalty_has_decay_times_weight_for_its_gradient() {
    // Of plain gradient descent a step shows the gradient: with the penalty it is greater by decay times weight.
    let sgd = Rule::Sgd { momentum: 0.0 };
    let (before, with) = after(1, sgd, Decay::InLoss(STRENGTH));
    let (_, without) = after(1, sgd, Decay::InLoss(0.0));
    for (name, weights) in &before {
        for (index, weight) in weights.values.iter().enumerate() {
            let pull = without[name].values[index] - with[name].values[index];
            let expected = if name.ends_with("weight") { 0.01 * STRENGTH as f32 * weight } else { 0.0 };
            assert!((pull - expected).abs() < 1e-6, "{name} {index}: {pull}, expected {expected}");
        }
    }
}

#[test]
fn under_adam_the_two_decays_differ_most_where_nothing_else_pulls() {
    let difference = apart(Rule::adam);
    assert!(difference.iter().filter(|share| share.abs() > 0.01).count() > difference.len() / 2);
    // Where the penalty is the whole gradient, Adam makes of it a step of the whole rate, however weak the decay.
    let mut optimiser = Optimiser::new(Rule::adam(0.0));
    let device = Device::flex();
    let weight = Tensor::<1>::from_floats([0.05, -0.002], &device);
    let gradient = weight.clone().mul_scalar(STRENGTH);
    let stepped =
        pollster::block_on(state::read(optimiser.advance("hidden.0.weight", weight.clone(), gradient, 0.001)));
    assert!((stepped[0] - 0.049).abs() < 1e-6 && (stepped[1] + 0.001).abs() < 1e-6, "{stepped:?}");
    // Decoupled decay takes the same share off both.
    let mut optimiser = Optimiser::new(Rule::adam(STRENGTH));
    let nothing = weight.zeros_like();
    let stepped = pollster::block_on(state::read(optimiser.advance("hidden.0.weight", weight, nothing, 0.001)));
    let share = 1.0 - 0.001 * STRENGTH as f32;
    assert!((stepped[0] - 0.05 * share).abs() < 1e-8 && (stepped[1] + 0.002 * share).abs() < 1e-8, "{stepped:?}");
}

#[derive(Deserialize)]
struct Golden {
    sizes: [usize; 3],
    rate: f64,
    decay: f64,
    inputs: Vec<f32>,
    labels: Vec<usize>,
    start: Named,
    steps: Vec<u64>,
    in_loss: Vec<Named>,
    decoupled: Vec<Named>,
}

/// Weights by name.
type Named = BTreeMap<String, Vec<f32>>;

#[test]
fn both_decays_are_those_of_pytorch_step_by_step() {
    let golden = include_str!("../../../../../tests/goldens/decays.json");
    let golden: Golden = serde_json::from_str(golden).expect("the golden file");
    let ([inputs, hidden, classes], device) = (golden.sizes, Device::flex().autodiff());
    let architecture =
        Architecture::Mlp { inputs: inputs as u32, hidden: vec![hidden as u32], classes: classes as u32, dropout: 0.0 };
    let samples = golden.labels.len();
    let mut targets = vec![0f32; samples * classes];
    golden.labels.iter().enumerate().for_each(|(row, label)| targets[row * classes + label] = 1.0);
    let tensor = |values: &[f32], columns| Tensor::<1>::from_floats(values, &device).reshape([samples, columns]);
    let mut ends = Vec::new();
    for (decay, expected) in
        [(Decay::InLoss(golden.decay), &golden.in_loss), (Decay::Decoupled(golden.decay), &golden.decoupled)]
    {
        let fresh = Classifier::new(&architecture, 1, &device).expect("a network");
        let mut weights = pollster::block_on(state::take(&fresh));
        weights.iter_mut().for_each(|(name, tensor)| tensor.values = golden.start[name].clone());
        let mut model = state::put(fresh, weights).expect("as many weights");
        let mut optimiser = Optimiser::new(Rule::adam(decay.decoupled()));
        let mut told = golden.steps.iter().zip(expected).peekable();
        for step in 1..=golden.steps[golden.steps.len() - 1] {
            let loss = cross_entropy(model.forward(tensor(&golden.inputs, inputs), None), tensor(&targets, classes));
            let loss = match decay.penalty(&model) {
                Some(penalty) => loss + penalty,
                None => loss,
            };
            model = optimiser.step(model, loss.backward(), golden.rate);
            if let Some((_, expected)) = told.next_if(|(told, _)| **told == step) {
                for (name, tensor) in pollster::block_on(state::take(&model)) {
                    for (ours, theirs) in tensor.values.iter().zip(&expected[&name]) {
                        assert!((ours - theirs).abs() < 1e-5, "{decay:?} {name} at {step}: {ours}, not {theirs}");
                    }
                }
            }
        }
        assert!(told.next().is_none());
        ends.push(&expected[expected.len() - 1]["hidden.0.weight"]);
    }
    let apart = ends[0].iter().zip(ends[1]).map(|(one, other)| (one - other).abs()).fold(0.0, f32::max);
    assert!(apart > 0.1, "with Adam the two are not the same: {apart}");
}

#[test]
fn noise_changes_its_share_of_labels_and_never_to_the_true_one() {
    let digits = generator::digits(1, 2_000);
    let noisy = Noisy::new(digits.clone(), 0.3, 5);
    let wrong = digits.labels.iter().zip(&noisy.0.labels).filter(|(own, given)| own != given).count();
    assert!(wrong.abs_diff(600) < 80, "{wrong} of 2,000");
    assert!(noisy.0.labels.iter().all(|&label| label < 10));
    assert_eq!(Noisy::new(digits.clone(), 0.3, 5).0, noisy.0);
    assert_eq!(Noisy::new(digits.clone(), 0.0, 5).0, digits);
}

#[test]
fn dropout_is_off_when_the_network_is_judged() {
    // With most of its units off, a network that was judged so would not be as good on what it learns.
    let figures = ran(
        &LAB,
        small(&[
            ("dropout", KnobValue::Number(0.7)),
            ("width", KnobValue::Number(64.0)),
            ("label-noise", KnobValue::Number(0.0)),
            ("decay", KnobValue::Number(0.0)),
            ("lr", KnobValue::Number(0.003)),
            ("epochs", KnobValue::Number(30.0)),
        ]),
    );
    let last = |name: &str| {
        let points = figures.events.borrow();
        points
            .iter()
            .rev()
            .find_map(|event| match event {
                EventBody::Points { values, .. } => values.get(name).copied(),
                _ => None,
            })
            .expect("a point")
    };
    let (learning, judged) = (last("train-accuracy"), last("fit-accuracy"));
    assert!(judged > learning + 0.1, "judged {judged}, while learning {learning}");
}
