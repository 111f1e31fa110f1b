//! The worth of squares: a closed form, the sum, and what a drawing's own answer says.

use kindling_protocol::event::EventBody;
use kindling_protocol::knob::KnobValue;
use kindling_protocol::model::{Architecture, InputSpec};
use kindling_protocol::text::Language;

use super::super::LAB;
use super::super::problem::SQUARE;
use super::{CLASS, CLASSES, COALITIONS, MAP, SQUARES, SUMS};
use crate::data::generator;
use crate::nn::model::Classifier;
use crate::nn::{parity, state};
use crate::testing::{examine, manifest_of, shipped};

fn worths(events: &[EventBody]) -> Vec<(String, f32)> {
    let chart = events.iter().find_map(|event| match event {
        EventBody::Chart(chart) if chart.id == SQUARES => Some(chart),
        _ => None,
    });
    let chart = chart.expect("a chart");
    let heights = chart.traces[0].points.iter().map(|point| point[1]);
    chart.x.names.iter().map(|name| name.en.to_string()).zip(heights).collect()
}

fn sums(events: &[EventBody]) -> Vec<f64> {
    let row = events.iter().find_map(|event| match event {
        EventBody::Table { id, rows, .. } if id == SUMS => Some(rows[0].clone()),
        _ => None,
    });
    row.expect("a table").iter().map(|cell| cell.get(Language::En).parse().expect("a number")).collect()
}

#[test]
fn squares_of_a_linear_model_are_worth_their_ink_times_its_weights() {
    let architecture = Architecture::Mlp { inputs: 784, hidden: vec![], classes: 10, dropout: 0.0 };
    let model = Classifier::new(&architecture, 4, &burn::tensor::Device::flex()).expect("a model");
    let manifest = manifest_of(architecture);
    let InputSpec::Ink { std, .. } = manifest.input;
    let digit = generator::digits(3, 1);
    let state = pollster::block_on(state::take(&model));
    let weights = &state["output.weight"].values; // [784, 10]
    let class = 6;
    let margin = |pixel: usize| {
        let row = &weights[pixel * 10..][..10];
        f64::from(row[class]) - (row.iter().sum::<f32>() - row[class]) as f64 / 9.0
    };
    let mut worth = vec![0.0; 49];
    for pixel in 0..784 {
        let ink = f64::from(digit.image(0)[pixel]) / 255.0 / f64::from(std);
        worth[pixel / 28 / SQUARE * 7 + pixel % 28 / SQUARE] += ink * margin(pixel);
    }
    let knobs = [(CLASS, KnobValue::Word("6".into())), (COALITIONS, KnobValue::Number(200.0))];
    let events = examine(&LAB, &model, &manifest, digit.image(0), &knobs);
    let shown = worths(&events);
    assert_eq!(shown.len(), super::SHOWN);
    for (name, height) in shown {
        let place = name.split_once(", ").expect("row and column");
        let [row, column] = [place.0, place.1].map(|number| number.parse::<usize>().expect("a number") - 1);
        let should = worth[row * 7 + column];
        assert!((f64::from(height) - should).abs() < 1e-4, "{name}: {height} should be {should}");
    }
}

#[test]
fn the_values_add_up_to_what_the_model_itself_says() {
    let (model, manifest) = shipped();
    let digit = generator::digits(8, 1);
    let logits = |pixels: &[u8]| {
        let inputs = parity::inputs(&manifest.input, pixels, &model.device());
        pollster::block_on(state::read(model.forward(inputs, None)))
    };
    let (paper, drawn) = (logits(&[0; 784]), logits(digit.image(0)));
    for class in ["seen", "3"] {
        let events = examine(&LAB, &model, &manifest, digit.image(0), &[(CLASS, KnobValue::Word(class.into()))]);
        let row = sums(&events);
        let explained = row[0] as usize;
        assert_eq!(explained, if class == "seen" { usize::from(digit.labels[0]) } else { 3 });
        let margin =
            |row: &[f32]| f64::from(row[explained]) - f64::from(row.iter().sum::<f32>() - row[explained]) / 9.0;
        assert!((row[1] - margin(&paper)).abs() < 0.01 && (row[3] - margin(&drawn)).abs() < 0.01, "{row:?}");
        assert!((row[1] + row[2] - row[3]).abs() < 0.02 && row[4] < 1e-6, "{row:?}");
    }
}

#[test]
fn maps_are_blank_where_there_is_no_ink_and_begin_with_the_likeliest() {
    let (model, manifest) = shipped();
    let mut pixels = vec![0; 784];
    // One square with ink: one player, and no coalition between none and all.
    pixels[5 * 28 + 9] = 255;
    let events = examine(&LAB, &model, &manifest, &pixels, &[]);
    let grids = events.iter().filter_map(|event| match event {
        EventBody::Images(grid) => Some((&grid.id[..], grid)),
        _ => None,
    });
    for (id, grid) in grids {
        use base64::Engine;
        let bytes = base64::engine::general_purpose::STANDARD.decode(&grid.pixels).expect("base64");
        let count = if id == MAP { 1 } else { 10 };
        assert_eq!((bytes.len(), grid.captions.len(), id == MAP || id == CLASSES), (784 * count, count, true));
        let inked = |pixel: usize| (4..8).contains(&(pixel / 28)) && (8..12).contains(&(pixel % 28));
        assert!((0..784).all(|pixel| inked(pixel) || bytes[pixel] == 128));
        assert_ne!(bytes[5 * 28 + 9], 128);
        assert!(grid.captions.is_sorted_by(|a, b| a.confidence >= b.confidence));
    }
}
