//! What is shown of a drawing is what the pad would answer, by the shipped model and by one just trained.

use burn::tensor::Device;
use kindling_protocol::event::EventBody;
use kindling_protocol::input::{ModelInput, Preparation};
use kindling_protocol::model::{Dtype, Manifest};

use super::super::LAB;
use crate::answer::{answer, prepare};
use crate::data::generator;
use crate::nn::model::Classifier;
use crate::nn::weights;
use crate::testing::{examine, ran, shipped, small};

fn trained(model: &'static str) -> (Classifier, Manifest) {
    let numbers = [("samples", 500.0), ("epochs", 2.0), ("width", 16.0), ("channels", 4.0)];
    let snapshot = ran(&LAB, small(&LAB, &numbers, &[("model", model.into())])).snapshot.take().expect("a model");
    let file = snapshot.manifest.weights.iter().find(|file| file.dtype == Dtype::F32).expect("f32 weights");
    let model = weights::load(&snapshot.manifest, file, &snapshot.weights, &Device::flex()).expect("its weights");
    (model, snapshot.manifest)
}

#[test]
fn what_is_shown_is_what_the_pad_answers() {
    for (model, manifest) in [shipped(), trained("mlp"), trained("cnn")] {
        for index in 0..8 {
            let (drawing, label) = generator::drawing(11, index);
            let input = ModelInput::Drawing(drawing);
            let pad = pollster::block_on(answer(&model, &manifest, &input, Preparation::default())).expect("an answer");
            let pixels = prepare(&manifest.input, &input, Preparation::default()).expect("a drawing").expect("ink");
            let events = examine(&LAB, &model, &manifest, &pixels, &[]);
            let [EventBody::Note { text }, EventBody::Images(seen), EventBody::Chart(chart)] = &events[..] else {
                panic!("{events:?}")
            };

            let said: Vec<f32> = chart.traces[0].points.iter().map(|point| point[1]).collect();
            assert_eq!((&said, &seen.pixels), (&pad.probabilities, &pad.seen.pixels));
            assert!((said.iter().sum::<f32>() - 1.0).abs() < 1e-5, "{said:?}");
            let best = (1..10).fold(0, |best, class| if said[class] > said[best] { class } else { best });
            let begins = if pad.unsure { format!("Not sure: {best}, ") } else { format!("Read as {best}, ") };
            assert!(text.en.starts_with(&begins), "{} of a {label}", text.en);
            assert_eq!(seen.captions[0].confidence, Some(said[best]));
        }
    }
}
