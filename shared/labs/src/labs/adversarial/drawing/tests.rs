//! The attack on a drawing is the lab's own, and what is said of it is so.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use burn::tensor::{Device, Tensor, TensorData};
use kindling_protocol::chart::Chart;
use kindling_protocol::event::{EventBody, ImageGrid};
use kindling_protocol::knob::KnobValue;

use super::super::attack::{Aim, Pgd, Shown, fgsm, pgd, random_start};
use super::super::{LAB, net};
use super::{ANSWERS, ATTACK, EPS, PICTURES, SIZES, TARGET};
use crate::data::generator;
use crate::nn::state;
use crate::testing::{examine, shipped};

fn with(attack: &str, eps: f64, target: &str) -> Vec<(&'static str, KnobValue)> {
    vec![
        (ATTACK, KnobValue::Word(attack.into())),
        (EPS, KnobValue::Number(eps)),
        (TARGET, KnobValue::Word(target.into())),
    ]
}

/// A drawing of a seven.
fn seven() -> Vec<u8> {
    let digits = generator::digits(5, 40);
    let place = digits.labels.iter().position(|&label| label == 7).expect("a seven");
    digits.image(place).to_vec()
}

fn look(pixels: &[u8], knobs: &[(&str, KnobValue)]) -> Vec<EventBody> {
    let (model, manifest) = shipped();
    examine(&LAB, &model, &manifest, pixels, knobs)
}

fn pictures(events: &[EventBody]) -> &ImageGrid {
    let found = events.iter().find_map(|event| match event {
        EventBody::Images(grid) if grid.id == PICTURES => Some(grid),
        _ => None,
    });
    found.expect("pictures")
}

fn chart<'a>(events: &'a [EventBody], id: &str) -> &'a Chart {
    let found = events.iter().find_map(|event| match event {
        EventBody::Chart(chart) if chart.id == id => Some(chart),
        _ => None,
    });
    found.expect("a chart")
}

fn said(events: &[EventBody]) -> &str {
    let note = events.iter().find_map(|event| match event {
        EventBody::Note { text } => Some(&text.en[..]),
        _ => None,
    });
    note.expect("a note")
}

#[test]
fn both_attacks_are_the_labs_own() {
    let (model, manifest) = shipped();
    let (pixels, frozen) = (seven(), model.frozen());
    let tensor = |values: Vec<f32>| {
        let columns = values.len();
        Tensor::<2>::from_data(TensorData::new(values, [1, columns]), &Device::flex())
    };
    let mut certain = vec![0.0; 10];
    certain[7] = 1.0;
    let shown = Shown {
        pictures: tensor(pixels.iter().map(|&byte| f32::from(byte) / 255.0).collect()),
        targets: tensor(certain),
    };
    // The shipped model takes its inputs as the lab's own networks do.
    assert_eq!(manifest.input, super::super::plan::input());
    let victim = |pictures: Tensor<2>| net::logits(&frozen, pictures);
    let start = random_start(&shown.pictures, 0.15, 1, 0, 0);
    let by_pgd = pgd(&victim, &shown, start, Pgd::new(0.15, 40).at(Aim::Margin));
    for (name, should) in [("fgsm", fgsm(&victim, &shown, 0.15)), ("pgd", by_pgd)] {
        let should: Vec<u8> =
            pollster::block_on(state::read(should)).iter().map(|value| (255.0 * value).round() as u8).collect();
        let events = look(&pixels, &with(name, 0.15, "any"));
        let bytes = BASE64.decode(&pictures(&events).pixels).expect("base64");
        assert_eq!(bytes[..784], pixels, "first the drawing");
        assert_eq!(bytes[784..], should, "{name}");
    }
}

#[test]
fn nothing_changes_by_nothing_and_much_by_enough() {
    let pixels = seven();
    let answers = |events: &[EventBody]| -> Vec<String> {
        pictures(events).captions.iter().map(|caption| caption.predicted.clone().expect("an answer")).collect()
    };
    let still = look(&pixels, &with("pgd", 0.0, "any"));
    assert_eq!(answers(&still), ["7", "7"]);
    let [before, after] = &chart(&still, ANSWERS).traces[..] else { panic!("two traces") };
    // Products of one row and of many add up in another order.
    let near = |(one, other): (&[f32; 2], &[f32; 2])| one[0] == other[0] && (one[1] - other[1]).abs() < 1e-6;
    assert!(before.points.iter().zip(&after.points).all(near));
    assert!(said(&still).starts_with("Read as 7, ") && said(&still).contains("the attack fails"), "{}", said(&still));

    for attack in ["fgsm", "pgd"] {
        let fooled = look(&pixels, &with(attack, 0.4, "any"));
        assert_ne!(answers(&fooled)[1], "7", "{attack}");
        assert!(said(&fooled).contains("the attack wins"), "{}", said(&fooled));
    }
    assert_eq!(answers(&look(&pixels, &with("pgd", 0.4, "3"))), ["7", "3"]);
    assert!(said(&look(&pixels, &with("pgd", 0.4, "7"))).contains("the attack fails"), "it was read so before");
}

#[test]
fn the_curve_begins_at_the_drawing_and_tells_the_least_size_that_is_enough() {
    let events = look(&seven(), &with("fgsm", 0.1, "any"));
    let [fgsm, noise] = &chart(&events, SIZES).traces[..] else { panic!("two traces") };
    let first = chart(&events, ANSWERS).traces[0].points[7][1];
    assert!((fgsm.points[0][1] - first).abs() < 1e-5 && (noise.points[0][1] - first).abs() < 1e-5);
    assert_eq!(fgsm.points.last().map(|point| point[0]), Some(0.5));
    let told = said(&events).split("The least FGSM that does it: ").nth(1).expect("it can be fooled");
    let least: f64 = told.trim_end_matches('.').parse().expect("a number");
    let verdict = |eps| said(&look(&seven(), &with("fgsm", eps, "any"))).contains("the attack wins");
    assert!(least > 0.0 && verdict(least) && !verdict(least - 0.01), "{least}");
}
