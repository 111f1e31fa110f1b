//! The learner's own drawing: KernelSHAP over its squares, with any model for digits.
//!
//! The lab's own DeepSHAP knows networks with one hidden layer; the model that is asked here may have convolutions, so
//! it is asked as a black box. A square that is taken away becomes empty paper, which is all the background there is.
//! Squares without ink are empty paper either way and are worth nothing: they do not play.

mod spec;
#[cfg(test)]
mod tests;

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use kindling_protocol::chart::{Axis, Chart, Shape, Trace};
use kindling_protocol::event::{Caption, Cell, EventBody, ImageGrid, Progress};
use kindling_protocol::lab::Unit;
use kindling_protocol::model::InputSpec;
use kindling_protocol::text::{Text, text};

use super::coalition;
use super::panels::by_size;
use super::problem::SQUARE;
use super::shapley::Regression;
use crate::host::{Exhibit, Interrupt};
use crate::nn::{parity, state};
use crate::train::metrics::softmax;

pub use spec::examination;

const MAP: &str = "drawn-map";
const CLASSES: &str = "drawn-classes";
const SQUARES: &str = "drawn-squares";
const SUMS: &str = "drawn-sums";

const CLASS: &str = "drawn-class";
const COALITIONS: &str = "drawn-coalitions";

/// Pictures the model is asked about between two looks at who else is waiting.
const BATCH: usize = 64;
/// Squares in the chart.
const SHOWN: usize = 10;

pub async fn examine(exhibit: Exhibit<'_>) -> Result<Vec<EventBody>, Interrupt> {
    let Exhibit { manifest, pixels, knobs, .. } = exhibit;
    let InputSpec::Ink { height, width, .. } = manifest.input;
    let (labels, across) = (&manifest.labels, (width as usize).div_ceil(SQUARE));
    let square_of = |pixel: usize| pixel / width as usize / SQUARE * across + pixel % width as usize / SQUARE;

    let mut inked = vec![false; across * across];
    (0..pixels.len()).for_each(|pixel| inked[square_of(pixel)] |= pixels[pixel] > 0);
    // More than a mask has bits for are only on a picture larger than a digit: there the rest stays as it is.
    let players: Vec<usize> = (0..inked.len()).filter(|&square| inked[square]).take(coalition::MOST).collect();
    let player_of: Vec<Option<usize>> =
        (0..pixels.len()).map(|pixel| players.iter().position(|&square| square == square_of(pixel))).collect();
    let of_coalition = |mask: u64| -> Vec<u8> {
        let stays = |player: Option<usize>| player.is_none_or(|player| mask >> player & 1 == 1);
        pixels.iter().zip(&player_of).map(|(&ink, &player)| if stays(player) { ink } else { 0 }).collect()
    };

    let chosen = coalition::sampled(players.len(), knobs.count(COALITIONS), exhibit.seed);
    let regression = Regression::new(players.len(), chosen);
    let ends = [0, coalition::whole(players.len())];
    let masks: Vec<u64> = ends.iter().chain(regression.masks()).copied().collect();
    let mut logits: Vec<f32> = Vec::new();
    for some in masks.chunks(BATCH) {
        let pictures: Vec<u8> = some.iter().flat_map(|&mask| of_coalition(mask)).collect();
        let inputs = parity::inputs(&manifest.input, &pictures, &exhibit.model.device()); // [batch, pixels]
        logits.extend(state::read(exhibit.model.forward(inputs, None)).await);
        exhibit.host.tick(&Progress::default()).await?;
    }

    let probabilities = softmax(&logits[labels.len()..2 * labels.len()], manifest.temperature);
    let order = by_size(&probabilities.iter().map(|&probability| f64::from(probability)).collect::<Vec<_>>());
    let worth = |class: usize| Worth::of(class, &logits, labels.len(), &regression);
    let class = labels.iter().position(|label| *label == knobs.word(CLASS)).unwrap_or(order[0]);
    let explained = worth(class);
    let all: Vec<Worth> = order.iter().map(|&class| worth(class)).collect();

    let maps = |id: &str, of: &[&Worth]| {
        let most =
            of.iter().flat_map(|worth| &worth.values).fold(f64::MIN_POSITIVE, |most, value| most.max(value.abs()));
        let byte = |worth: &Worth, pixel: usize| {
            let value = player_of[pixel].map_or(0.0, |player| worth.values[player] / most);
            // The square is tinted, the strokes in it are seen through.
            let shade = 0.25 + 0.75 * f64::from(pixels[pixel]) / 255.0;
            (128.0 + 127.0 * value * shade).round() as u8
        };
        let bytes: Vec<u8> = of.iter().flat_map(|worth| (0..pixels.len()).map(|pixel| byte(worth, pixel))).collect();
        let caption = |worth: &&Worth| Caption {
            index: worth.class as u32,
            label: Some(labels[worth.class].clone()),
            predicted: None,
            confidence: Some(probabilities[worth.class]),
        };
        let captions = of.iter().map(caption).collect();
        let pixels = BASE64.encode(bytes);
        EventBody::Images(ImageGrid {
            id: id.to_string(),
            height,
            width,
            channels: 1,
            pixels,
            captions,
            columns: vec![],
            signed: true,
        })
    };
    let told = Told { labels, players: &players, across, probabilities: &probabilities, seen: order[0] };
    Ok(vec![
        EventBody::Note { text: told.outcome(&explained) },
        maps(MAP, &[&explained]),
        told.chart(&explained),
        maps(CLASSES, &all.iter().collect::<Vec<_>>()),
        told.sums(&explained, masks.len()),
    ])
}

/// SHAP values of the players for one class.
struct Worth {
    class: usize,
    /// Of empty paper, and of the drawing.
    base: f64,
    answer: f64,
    values: Vec<f64>,
}

impl Worth {
    /// `logits` are of empty paper, of the drawing, and of the coalitions of the regression.
    fn of(class: usize, logits: &[f32], classes: usize, regression: &Regression) -> Worth {
        let margin = |row: &[f32]| {
            let others = row.iter().map(|&logit| f64::from(logit)).sum::<f64>() - f64::from(row[class]);
            f64::from(row[class]) - others / (classes - 1) as f64
        };
        let margins: Vec<f64> = logits.chunks(classes).map(margin).collect();
        let (base, answer) = (margins[0], margins[1]);
        Worth { class, base, answer, values: regression.solve(&margins[2..], base, answer) }
    }
}

struct Told<'a> {
    labels: &'a [String],
    /// Squares with ink.
    players: &'a [usize],
    /// Squares in a row.
    across: usize,
    probabilities: &'a [f32],
    seen: usize,
}

impl Told<'_> {
    fn outcome(&self, worth: &Worth) -> Text {
        let (seen, sure) = (&self.labels[self.seen], (100.0 * self.probabilities[self.seen]).round());
        let class = &self.labels[worth.class];
        let strongest = |sign: f64| {
            let player = by_size(&worth.values).into_iter().find(|&player| sign * worth.values[player] > 0.0)?;
            Some((self.place(player), worth.values[player]))
        };
        let mut outcome = Text {
            en: format!("Read as {seen}, {sure} %.").into(),
            zh: format!("识别为 {seen}，{sure}%。").into(),
        };
        for (strongest, en, zh) in [(strongest(1.0), "for", "支持"), (strongest(-1.0), "against", "反对")] {
            if let Some((place, value)) = strongest {
                outcome.en.to_mut().push_str(&format!(" Most {en} {class}: square {place}, {value:+.1}."));
                outcome.zh.to_mut().push_str(&format!("最{zh} {class} 的是方格 {place}，{value:+.1}。"));
            }
        }
        outcome
    }

    /// Row and column.
    fn place(&self, player: usize) -> String {
        format!("{}, {}", self.players[player] / self.across + 1, self.players[player] % self.across + 1)
    }

    fn chart(&self, worth: &Worth) -> EventBody {
        let mut order = by_size(&worth.values);
        order.truncate(SHOWN);
        let name = |&player: &usize| Text { en: self.place(player).into(), zh: self.place(player).into() };
        let names = order.iter().map(name).collect();
        let points = order.iter().enumerate().map(|(place, &player)| [place as f32, worth.values[player] as f32]);
        EventBody::Chart(Chart {
            id: SQUARES.to_string(),
            x: Axis { names, ..Axis::new(text("Square: row, column", "方格：行，列"), Unit::Number) },
            y: Axis::new(text("SHAP value, log-odds", "SHAP 值（对数几率）"), Unit::Number),
            traces: vec![Trace::new(text("worth", "作用"), Shape::Bars, points.collect())],
            marks: vec![],
        })
    }

    fn sums(&self, worth: &Worth, asked: usize) -> EventBody {
        let sum: f64 = worth.values.iter().sum();
        let off = (worth.base + sum - worth.answer).abs();
        let columns = vec![
            text("Digit", "数字"),
            text("Empty paper", "空白纸面"),
            text("Sum of the squares", "各方格之和"),
            text("Drawing", "这幅画"),
            text("Additivity error", "可加性误差"),
            text("Squares with ink", "有墨迹的方格"),
            text("Model answers", "模型调用次数"),
        ];
        let number = |value: f64| format!("{value:.2}");
        let row = vec![
            self.labels[worth.class].clone(),
            number(worth.base),
            format!("{sum:+.2}"),
            number(worth.answer),
            format!("{off:.9}"),
            self.players.len().to_string(),
            asked.to_string(),
        ];
        EventBody::Table { id: SUMS.to_string(), columns, rows: vec![row.into_iter().map(Cell::from).collect()] }
    }
}
