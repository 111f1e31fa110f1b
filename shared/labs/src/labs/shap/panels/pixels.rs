//! Pictures, and which pixels speak for what the model sees in them.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use kindling_protocol::event::{Caption, EventBody, ImageGrid};

use super::super::explain::{Explainer, Method};
use super::super::net::{Model, Scale};
use super::super::problem::pixels_by_square;
use super::Told;
use crate::data::idx::Digits;
use crate::data::mnist::SIDE;
use crate::host::{Interrupt, Run};

pub const PICTURES: &str = "pictures";
pub const PIXELS: &str = "pixels";

const SHOWN: usize = 24;

/// DeepSHAP of each pixel for the class that the model chose.
pub async fn tell(told: &Told<'_>, pictures: &Digits, background: &[&[f32]], run: &Run<'_>) -> Result<(), Interrupt> {
    let order = pixels_by_square();
    let each: Vec<_> = (0..order.len()).map(|input| input..input + 1).collect();
    let shown = &told.rows[..SHOWN.min(told.rows.len())];
    let predicted: Vec<usize> = shown.iter().map(|row| told.model.net.predict(row)).collect();
    let mut maps = vec![128u8; shown.len() * SIDE * SIDE];
    for class in 0..told.problem.classes.len() {
        let of_class: Vec<usize> = (0..shown.len()).filter(|&row| predicted[row] == class).collect();
        if of_class.is_empty() {
            continue;
        }
        let model = Model::new(told.model.net.clone(), class, Scale::LogOdds);
        let explainer = Explainer::new(&model, each.clone(), background, run.seed);
        for row in of_class {
            let values = explainer.explain(Method::Deep, &[shown[row]]).remove(0);
            let most = values.iter().fold(f64::MIN_POSITIVE, |most, value| most.max(value.abs()));
            for (value, pixel) in values.iter().zip(&order) {
                maps[row * SIDE * SIDE + pixel] = (128.0 + 127.0 * value / most).round() as u8;
            }
        }
    }
    let captions: Vec<Caption> = (0..shown.len())
        .map(|row| Caption {
            index: row as u32,
            label: Some(pictures.labels[row].to_string()),
            predicted: Some(predicted[row].to_string()),
            confidence: None,
        })
        .collect();
    let images = &pictures.images[..shown.len() * SIDE * SIDE];
    for (id, pixels, signed) in [(PICTURES, images, false), (PIXELS, &maps[..], true)] {
        let grid = ImageGrid {
            id: id.into(),
            height: SIDE as u32,
            width: SIDE as u32,
            channels: 1,
            pixels: BASE64.encode(pixels),
            captions: captions.clone(),
            columns: vec![],
            signed,
        };
        run.host.emit(EventBody::Images(grid)).await?;
    }
    Ok(())
}
