//! A trained model asked about one input.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use kindling_protocol::input::{Answer, ModelInput, Picture, Preparation};
use kindling_protocol::model::{InputSpec, Manifest};

use crate::data::ink::{Frame, prepare_picture};
use crate::data::render::prepare_drawing;
use crate::nn::model::Classifier;
use crate::nn::{parity, state};
use crate::train::metrics::softmax;

/// The answer; `took_ms` is left for whoever has a clock.
pub async fn answer(
    model: &Classifier,
    manifest: &Manifest,
    input: &ModelInput,
    preparation: Preparation,
) -> Result<Answer, String> {
    let InputSpec::Ink { height, width, .. } = manifest.input;
    let prepared = prepare(&manifest.input, input, preparation)?;
    let seen = |pixels: &[u8]| Picture { height, width, channels: 1, pixels: BASE64.encode(pixels) };
    let Some(pixels) = prepared else {
        let empty = vec![0; (height * width) as usize];
        return Ok(Answer { probabilities: vec![], unsure: true, seen: seen(&empty), took_ms: 0.0 });
    };
    let probabilities = probabilities(model, manifest, &pixels).await?;
    let greatest = probabilities.iter().copied().fold(0.0, f32::max);
    Ok(Answer { unsure: greatest < manifest.unsure_below, probabilities, seen: seen(&pixels), took_ms: 0.0 })
}

/// Of each class, for what [`prepare`] made of an input.
pub async fn probabilities(model: &Classifier, manifest: &Manifest, pixels: &[u8]) -> Result<Vec<f32>, String> {
    let logits = model.forward(parity::inputs(&manifest.input, pixels, &model.device()), None); // [1, classes]
    let probabilities = softmax(&state::read(logits).await, manifest.temperature);
    if probabilities.iter().any(|probability| !probability.is_finite()) {
        return Err("the model's answer is not a number".to_string());
    }
    Ok(probabilities)
}

/// What the model is shown: `height * width` bytes. None: there is nothing to look at.
pub fn prepare(spec: &InputSpec, input: &ModelInput, preparation: Preparation) -> Result<Option<Vec<u8>>, String> {
    let frame = Frame::of(spec).map_err(|error| error.to_string())?;
    let prepared = match input {
        ModelInput::Drawing(drawing) => prepare_drawing(drawing, &frame, preparation),
        ModelInput::Picture(picture) => {
            if picture.channels != 1 {
                return Err(format!("a picture with {} channels, expected 1", picture.channels));
            }
            let pixels =
                BASE64.decode(&picture.pixels).map_err(|error| format!("the pixels are not base64: {error}"))?;
            prepare_picture(&pixels, picture.height as usize, picture.width as usize, &frame, preparation)
        }
    };
    prepared.map_err(|error| error.to_string())
}
