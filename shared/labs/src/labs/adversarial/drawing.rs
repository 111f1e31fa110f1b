//! The learner's own drawing under attack: what a model says of it before and after, and how little is enough.

mod spec;
#[cfg(test)]
mod tests;

use burn::tensor::{Tensor, TensorData};
use kindling_protocol::chart::{Axis, Chart, ChartMark, Shape, Trace};
use kindling_protocol::event::{Caption, EventBody, Progress};
use kindling_protocol::lab::Unit;
use kindling_protocol::text::{Text, text};

use super::attack::{self, Aim, Pgd, Shown, Victim};
use super::{net, panels};
use crate::data::random;
use crate::host::{Exhibit, Interrupt};
use crate::nn::state;
use crate::train::metrics::softmax;

pub use spec::examination;

const PICTURES: &str = "drawn-pictures";
const CHANGE: &str = "drawn-change";
const ANSWERS: &str = "drawn-answers";
const SIZES: &str = "drawn-sizes";

const ATTACK: &str = "drawn-attack";
const EPS: &str = "drawn-eps";
const STEPS: &str = "drawn-steps";
const TARGET: &str = "drawn-target";

/// Of the curve: from nothing to half the grey scale, where every pixel can be made grey.
const CURVE: usize = 50;
/// Every so many of them noise is tried too.
const NOISE_EVERY: usize = 5;
/// Steps of PGD between two looks at who else is waiting.
const BREATH: usize = 4;

pub async fn examine(exhibit: Exhibit<'_>) -> Result<Vec<EventBody>, Interrupt> {
    let Exhibit { manifest, knobs, .. } = exhibit;
    let (eps, labels) = (knobs.number(EPS), &manifest.labels);
    let model = exhibit.model.frozen();
    let victim = |pictures: Tensor<2>| net::logits_of(&model, &manifest.input, pictures); // [batch, classes]
    let device = exhibit.model.device();
    let tensor = |values: Vec<f32>, columns: usize| {
        let rows = values.len() / columns;
        Tensor::<2>::from_data(TensorData::new(values, [rows, columns]), &device) // [rows, columns]
    };
    let ask = async |values: Vec<f32>| -> Vec<Vec<f32>> {
        let pictures = tensor(values, exhibit.pixels.len()); // [batch, pixels]
        let logits = state::read(victim(pictures.autodiff()).without_autodiff()).await;
        logits.chunks(labels.len()).map(|row| softmax(row, manifest.temperature)).collect()
    };

    let drawn: Vec<f32> = exhibit.pixels.iter().map(|&byte| f32::from(byte) / 255.0).collect();
    let before = ask(drawn.clone()).await.remove(0);
    let first = best(&before);
    // Away from what the model says, or towards what it shall say: then the same steps go down instead of up.
    let target = labels.iter().position(|label| *label == knobs.word(TARGET));
    let sign = if target.is_some() { -1.0 } else { 1.0 };
    let mut aim = vec![0.0; labels.len()];
    aim[target.unwrap_or(first)] = 1.0;
    let shown = Shown { pictures: tensor(drawn.clone(), drawn.len()), targets: tensor(aim, labels.len()) };
    let slope = attack::gradient(&victim, shown.pictures.clone(), &shown.targets, Aim::CrossEntropy);
    let slope: Vec<f32> = state::read(slope.sign()).await.iter().map(|way| sign as f32 * way).collect();

    let attacked = match knobs.word(ATTACK) {
        "pgd" => descend(&victim, &shown, sign, &exhibit).await?,
        _ => stepped(&drawn, &slope, eps as f32),
    };
    let size = |place: usize| place as f32 / 100.0;
    let mut random = random::stream(exhibit.seed, "noise on a drawing", 0, 0);
    let noise: Vec<f32> = drawn.iter().map(|_| if random.chance(0.5) { 1.0 } else { -1.0 }).collect();
    let noisy: Vec<usize> = (0..=CURVE).step_by(NOISE_EVERY).collect();
    let mut tried = attacked.clone();
    (0..=CURVE).for_each(|place| tried.extend(stepped(&drawn, &slope, size(place))));
    noisy.iter().for_each(|&place| tried.extend(stepped(&drawn, &noise, size(place))));
    let mut said = ask(tried).await;
    let after = said.remove(0);
    let by_noise = said.split_off(CURVE + 1);

    let won = |answer: &[f32]| match target {
        Some(target) => first != target && best(answer) == target,
        None => best(answer) != first,
    };
    let least = (0..=CURVE).find(|&place| won(&said[place])).map(size);
    let told = Told { labels, before: &before, after: &after, eps, pgd: knobs.word(ATTACK) == "pgd", least };
    let sure = |answer: &Vec<f32>| answer[first];
    let fgsm = said.iter().enumerate().map(|(place, answer)| [size(place), sure(answer)]).collect();
    let noise = noisy.iter().zip(&by_noise).map(|(&place, answer)| [size(place), sure(answer)]).collect();
    let scale = 127.0 / (eps as f32).max(f32::EPSILON);
    let change = attacked.iter().zip(&drawn).map(|(after, before)| (128.0 + scale * (after - before)).round() as u8);
    let ink = drawn.iter().chain(&attacked).map(|value| (255.0 * value).round() as u8);
    let captions = [&before, &after].map(|answer| told.caption(answer));
    let heads =
        [0.0, eps].map(|eps| format!("ε = {eps:.2}")).map(|head| Text { en: head.clone().into(), zh: head.into() });
    Ok(vec![
        EventBody::Note { text: told.outcome(won(&after)) },
        panels::grid(PICTURES, heads.to_vec(), &ink.collect::<Vec<_>>(), captions.to_vec(), false),
        panels::grid(CHANGE, vec![], &change.collect::<Vec<_>>(), vec![], true),
        told.answers(),
        sizes(fgsm, noise, eps as f32),
    ])
}

/// The likeliest class; the first of equals.
fn best(answer: &[f32]) -> usize {
    (1..answer.len()).fold(0, |best, class| if answer[class] > answer[best] { class } else { best })
}

/// The picture, each pixel moved that way by `eps`.
fn stepped(drawn: &[f32], way: &[f32], eps: f32) -> Vec<f32> {
    drawn.iter().zip(way).map(|(value, way)| (value + eps * way).clamp(0.0, 1.0)).collect()
}

/// PGD up or down the margin, a few steps at a time.
async fn descend(victim: Victim<'_>, shown: &Shown, sign: f64, exhibit: &Exhibit<'_>) -> Result<Vec<f32>, Interrupt> {
    let (eps, steps) = (exhibit.knobs.number(EPS), exhibit.knobs.count(STEPS));
    let whole = Pgd::new(eps, steps).at(Aim::Margin);
    let mut pictures = attack::random_start(&shown.pictures, eps, exhibit.seed, 0, 0);
    for done in (0..steps).step_by(BREATH) {
        let part = Pgd { step: sign * whole.step, steps: BREATH.min(steps - done), ..whole };
        pictures = attack::pgd(victim, shown, pictures, part);
        exhibit.host.tick(&Progress::default()).await?;
    }
    Ok(state::read(pictures).await)
}

/// What came of it, to be said.
struct Told<'a> {
    labels: &'a [String],
    before: &'a [f32],
    after: &'a [f32],
    eps: f64,
    pgd: bool,
    /// The smallest size at which FGSM wins.
    least: Option<f32>,
}

impl Told<'_> {
    fn outcome(&self, won: bool) -> Text {
        let of = |answer: &[f32]| (&self.labels[best(answer)], (100.0 * answer[best(answer)]).round());
        let ((first, sure), (then, still)) = (of(self.before), of(self.after));
        let (eps, levels) = (self.eps, (255.0 * self.eps).round());
        let name = if self.pgd { "PGD" } else { "FGSM" };
        let verdict =
            if won { text("the attack wins", "攻击成功") } else { text("the attack fails", "攻击失败") };
        let least = match self.least {
            Some(least) => Text {
                en: format!("The least FGSM that does it: {least:.2}").into(),
                zh: format!("FGSM 的最小强度：{least:.2}").into(),
            },
            None => text("No FGSM up to 0.5 does it", "FGSM 到 0.5 也不能成功"),
        };
        Text {
            en: format!(
                "Read as {first}, {sure} %. After {name} of {eps:.2} ({levels} of 255 grey levels): {then}, {still} %; {}. {}.",
                verdict.en, least.en
            )
            .into(),
            zh: format!(
                "识别为 {first}，{sure}%。经强度 {eps:.2} 的 {name}（255 级灰度中的 {levels} 级）后：{then}，{still}%；{}。{}。",
                verdict.zh, least.zh
            )
            .into(),
        }
    }

    /// The first answer, and this one.
    fn caption(&self, answer: &[f32]) -> Caption {
        let class = best(answer);
        Caption {
            index: 0,
            label: Some(self.labels[best(self.before)].clone()),
            predicted: Some(self.labels[class].clone()),
            confidence: Some(answer[class]),
        }
    }

    fn answers(&self) -> EventBody {
        let bars = |label: Text, answer: &[f32]| {
            Trace::new(label, Shape::Bars, answer.iter().enumerate().map(|(class, &p)| [class as f32, p]).collect())
        };
        let names = self.labels.iter().map(|label| Text { en: label.clone().into(), zh: label.clone().into() });
        EventBody::Chart(Chart {
            id: ANSWERS.to_string(),
            x: Axis { names: names.collect(), ..Axis::new(text("Digit", "数字"), Unit::Number) },
            y: Axis::new(text("Probability", "概率"), Unit::Fraction),
            traces: vec![bars(text("before", "攻击前"), self.before), bars(text("after", "攻击后"), self.after)],
            marks: vec![],
        })
    }
}

fn sizes(fgsm: Vec<[f32; 2]>, noise: Vec<[f32; 2]>, eps: f32) -> EventBody {
    EventBody::Chart(Chart {
        id: SIZES.to_string(),
        x: Axis::new(text("Size, eps", "强度 eps"), Unit::Number),
        y: Axis::new(text("Probability of the first answer", "最初答案的概率"), Unit::Fraction),
        traces: vec![
            Trace::new(text("FGSM", "FGSM"), Shape::Line, fgsm),
            Trace::new(text("noise", "噪声"), Shape::Dashed, noise),
        ],
        marks: vec![ChartMark { x: eps, text: text("chosen", "所选") }],
    })
}
