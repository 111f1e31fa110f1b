//! The attacks keep to their rules and are as strong as they claim; a run that is cut ends at the same bits.

use std::collections::BTreeSet;

use burn::tensor::{Device, Tensor, TensorData};
use kindling_protocol::event::EventBody;
use kindling_protocol::knob::{KnobValue, Knobs};
use kindling_protocol::model::Architecture;

use super::attack::{Aim, Pgd, Shown, fgsm, gradient, pgd, project, random_start};
use super::transform::Transform;
use super::{CLASSES, LAB, SIDE, net};
use crate::data::generator;
use crate::host::Interrupt;
use crate::nn::model::Classifier;
use crate::nn::state;
use crate::testing::{TestHost, knobs};
use crate::train::run_loop::cross_entropy;

fn read<const D: usize>(tensor: Tensor<D>) -> Vec<f32> {
    pollster::block_on(state::read(tensor))
}

fn model(seed: u64) -> Classifier {
    let architecture =
        Architecture::Mlp { inputs: (SIDE * SIDE) as u32, hidden: vec![24], classes: CLASSES as u32, dropout: 0.0 };
    Classifier::new(&architecture, seed, &Device::flex().autodiff()).expect("a network of these sizes").frozen()
}

fn shown(count: usize) -> Shown {
    let digits = generator::digits(11, count);
    let pictures: Vec<f32> = digits.images.iter().map(|&byte| f32::from(byte) / 255.0).collect();
    let mut targets = vec![0.0f32; count * CLASSES];
    digits.labels.iter().enumerate().for_each(|(row, &label)| targets[row * CLASSES + usize::from(label)] = 1.0);
    let tensor = |values, columns| Tensor::from_data(TensorData::new(values, [count, columns]), &Device::flex());
    Shown { pictures: tensor(pictures, SIDE * SIDE), targets: tensor(targets, CLASSES) }
}

fn loss(model: &Classifier, pictures: Tensor<2>, shown: &Shown) -> f32 {
    let logits = net::logits(model, pictures.autodiff()).without_autodiff();
    read(cross_entropy(logits, shown.targets.clone()))[0]
}

#[test]
fn the_slope_agrees_with_finite_differences() {
    let (model, shown) = (model(3), shown(2));
    let slope = read(gradient(
        &|pictures| net::logits(&model, pictures),
        shown.pictures.clone(),
        &shown.targets,
        Aim::CrossEntropy,
    ));
    let place = (0..slope.len()).max_by(|&a, &b| slope[a].abs().total_cmp(&slope[b].abs())).expect("pixels");
    let moved = |by: f32| {
        let mut pictures = read(shown.pictures.clone());
        pictures[place] += by;
        loss(&model, Tensor::from_data(TensorData::new(pictures, [2, SIDE * SIDE]), &Device::flex()), &shown)
    };
    let difference = (moved(1e-2) - moved(-1e-2)) / 2e-2;
    assert!((difference - slope[place]).abs() < 0.03 * slope[place].abs(), "{difference} against {}", slope[place]);
}

#[test]
fn attacks_stay_in_the_ball_and_in_the_range_and_pgd_is_the_stronger() {
    let (model, shown) = (model(3), shown(20));
    let victim = |pictures: Tensor<2>| net::logits(&model, pictures);
    let clean = loss(&model, shown.pictures.clone(), &shown);
    let mut losses = vec![clean];
    for eps in [0.05, 0.2] {
        let start = random_start(&shown.pictures, eps, 1, 0, 0);
        let noise = loss(&model, start.clone(), &shown);
        let once = fgsm(&victim, &shown, eps);
        let often = pgd(&victim, &shown, start.clone(), Pgd::new(eps, 20));
        let margin = pgd(&victim, &shown, start.clone(), Pgd::new(eps, 20).at(Aim::Margin));
        assert!(loss(&model, margin.clone(), &shown) > clean, "an attack on the margin is one on the loss");
        for (name, pictures) in [("noise", &start), ("FGSM", &once), ("PGD", &often), ("margin", &margin)] {
            let far = (pictures.clone() - shown.pictures.clone()).abs();
            assert!(read(far).iter().all(|&far| f64::from(far) <= eps + 1e-6), "{name} left the ball of {eps}");
            assert!(read(pictures.clone()).iter().all(|value| (0.0..=1.0).contains(value)), "{name} is no picture");
        }
        let (once, often) = (loss(&model, once, &shown), loss(&model, often, &shown));
        assert!(noise < clean + 0.5 * (once - clean), "noise {noise} is about as harmless as {clean}");
        assert!(clean < once && once < often, "{clean} {once} {often} at {eps}");
        losses.push(often);
    }
    assert!(losses.is_sorted(), "a larger ball is never safer: {losses:?}");
}

#[test]
fn loss_rises_along_the_path_and_a_ball_of_nothing_is_the_picture() {
    let (model, shown) = (model(5), shown(10));
    let victim = |pictures: Tensor<2>| net::logits(&model, pictures);
    let after = |steps| {
        loss(&model, pgd(&victim, &shown, shown.pictures.clone(), Pgd { step: 0.02, ..Pgd::new(0.3, steps) }), &shown)
    };
    let path: Vec<f32> = [0, 2, 5, 10].map(after).to_vec();
    assert!(path.is_sorted_by(|a, b| a < b), "{path:?}");
    let still = pgd(&victim, &shown, shown.pictures.clone(), Pgd { step: 0.1, ..Pgd::new(0.0, 3) });
    assert_eq!(read(still), read(shown.pictures));
}

#[test]
fn a_network_that_is_sure_has_a_margin_to_climb_and_no_loss() {
    let (model, shown) = (model(3), shown(4));
    let answer =
        Tensor::<2>::from_data(TensorData::new([vec![0.0f32; 9], vec![1.0]].concat(), [1, 10]), &Device::flex());
    let shown = Shown { targets: answer.clone().repeat_dim(0, 4), ..shown };
    // A hundred ahead: the probability of the right answer rounds to 1, the others to nothing.
    let sure = |pictures: Tensor<2>| net::logits(&model, pictures) + answer.clone().autodiff().mul_scalar(200.0);
    let steepest = |aim| {
        let slope = gradient(&sure, shown.pictures.clone(), &shown.targets, aim);
        read(slope).iter().fold(0.0f32, |most, value| most.max(value.abs()))
    };
    assert_eq!(steepest(Aim::CrossEntropy), 0.0);
    assert!(steepest(Aim::Margin) > 1e-3);
}

#[test]
fn projection_by_hand() {
    let row = |values: [f32; 4]| Tensor::<2>::from_data(TensorData::new(values.to_vec(), [1, 4]), &Device::flex());
    let back = project(row([0.9, -0.4, 0.55, 1.4]), &row([0.5, 0.1, 0.5, 0.95]), 0.25);
    assert_eq!(read(back), [0.75, 0.0, 0.55, 1.0]);
}

#[test]
fn rounding_hides_the_slope_and_the_straight_line_brings_it_back() {
    let (model, shown) = (model(3), shown(3));
    for transform in [Transform::Quantise { levels: 4 }, Transform::Blur] {
        let apply = |pictures: Tensor<2>| net::logits(&model, transform.apply(pictures));
        let known = |pictures: Tensor<2>| net::logits(&model, transform.apply_with_slope(pictures));
        let same = read(apply(shown.pictures.clone().autodiff()).without_autodiff());
        let other = read(known(shown.pictures.clone().autodiff()).without_autodiff());
        assert!(same.iter().zip(&other).all(|(a, b)| (a - b).abs() < 1e-4), "{transform:?} answers the same");
        let steepest = |slope: Tensor<2>| read(slope).iter().fold(0.0f32, |most, value| most.max(value.abs()));
        let hidden = steepest(gradient(&apply, shown.pictures.clone(), &shown.targets, Aim::CrossEntropy));
        let found = steepest(gradient(&known, shown.pictures.clone(), &shown.targets, Aim::CrossEntropy));
        assert!(found > 1e-4);
        assert_eq!(hidden == 0.0, transform != Transform::Blur, "{transform:?} {hidden}");
    }
    let grey = Tensor::<2>::from_data(TensorData::new(vec![0.0f32, 0.16, 0.17, 0.5, 1.0], [1, 5]), &Device::flex());
    let levels = read(Transform::Quantise { levels: 4 }.apply(grey));
    let thirds: Vec<f32> = levels.iter().map(|level| 3.0 * level).collect();
    assert_eq!(thirds, [0.0, 0.0, 1.0, 2.0, 3.0]);
}

/// 8 steps for each network, a small exam.
fn short(model: &str) -> Knobs {
    let number = KnobValue::Number;
    let changed = [
        ("model", KnobValue::Word(model.into())),
        ("data", KnobValue::Word("generated".into())),
        ("samples", number(500.0)),
        ("batch", number(64.0)),
        ("epochs", number(1.0)),
        ("width", number(32.0)),
        ("tested", number(50.0)),
        ("steps", number(2.0)),
        ("restarts", number(3.0)),
    ];
    knobs(&LAB, &changed)
}

#[test]
fn more_starts_only_lower_what_withstands() {
    let withstands = |restarts: f64| {
        let (host, mut knobs) = (TestHost::default(), short("mlp"));
        let changed = [("restarts", restarts), ("steps", 3.0), ("epochs", 10.0), ("tested", 200.0)];
        knobs.0.extend(changed.map(|(name, value)| (name.into(), KnobValue::Number(value))));
        host.run(&LAB, knobs, None).expect("runs");
        host.figures().expect("a report")["defended_worst"]
    };
    let shares = [1.0, 2.0, 12.0].map(withstands);
    assert!(shares.is_sorted_by(|more, less| more >= less) && shares[0] > shares[2], "{shares:?}");
}

#[test]
fn at_size_one_nothing_is_left() {
    let (host, mut knobs) = (TestHost::default(), short("mlp"));
    knobs.0.extend(
        [("eps", 1.0), ("steps", 20.0), ("plain-epochs", 4.0)]
            .map(|(name, value)| (name.into(), KnobValue::Number(value))),
    );
    host.run(&LAB, knobs, None).expect("runs");
    let figures = host.figures().expect("a report");
    assert!(figures["undefended_clean"] > 0.3, "it has learnt something: {figures:?}");
    assert_eq!((figures["undefended_pgd"], figures["defended_worst"]), (0.0, 0.0));
}

#[test]
fn a_run_that_was_cut_ends_at_the_same_bits() {
    for (model, cuts) in [("mlp", &[3, 11, 21, 24, 40, 77][..]), ("cnn", &[20][..])] {
        let whole = TestHost::default();
        whole.run(&LAB, short(model), None).expect("runs");
        for &stop_at in cuts {
            let (cut, rest) = (TestHost::that_stops_at(stop_at), TestHost::default());
            assert!(matches!(cut.run(&LAB, short(model), None), Err(Interrupt::Stop)), "{model} at {stop_at}");
            rest.run(&LAB, short(model), cut.checkpoint.take()).expect("goes on");
            let last = |host: &TestHost| -> Vec<EventBody> {
                let after = |event: &&EventBody| match event {
                    EventBody::Points { step, .. } => *step > stop_at,
                    event => !matches!(event, EventBody::Note { .. }),
                };
                let mut charts = BTreeSet::new();
                // Of a chart that grows, the last.
                let newest = |event: &&EventBody| match event {
                    EventBody::Chart(chart) => charts.insert(chart.id.clone()),
                    _ => true,
                };
                host.events.borrow().iter().rev().filter(after).filter(newest).cloned().collect()
            };
            assert_eq!(last(&whole), last(&rest), "{model} cut at {stop_at}");
        }
    }
}
