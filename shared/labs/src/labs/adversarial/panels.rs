//! Panels: attacked pictures, accuracy against the size of the attack, transfer, masking.

use base64::Engine;
use base64::engine::general_purpose::STANDARD as BASE64;
use burn::tensor::Tensor;
use kindling_protocol::chart::{Axis, Chart, ChartMark, Heatmap, Shape, Trace};
use kindling_protocol::event::{Caption, EventBody, ImageGrid};
use kindling_protocol::lab::Unit;
use kindling_protocol::text::{Text, text};

use super::SIDE;
use super::exam::{self, Class, How, Marks, Who, mark};
use super::net::{self, Net};
use crate::data::idx::Digits;
use crate::host::{Interrupt, Run};
use crate::nn::state;

pub const PICTURES: &str = "pictures";
pub const CHANGES: &str = "changes";
pub const ROBUST: &str = "robust-curve";
pub const TRANSFER: &str = "transfer";
pub const MASKING: &str = "masking";

/// Digits in the pictures, each three times.
const SHOWN: usize = 6;
const UNDEFENDED: Text = text("Attack on the undefended", "攻击未防御网络");
const DEFENDED: Text = text("Attack on the defended", "攻击已防御网络");

/// Each digit as it is, attacked on the undefended network, attacked on the defended one; and what was changed.
pub async fn pictures(class: &Class, test: &Digits, run: &Run<'_>) -> Result<(), Interrupt> {
    let few = test.pick(0..SHOWN.min(test.len()));
    let (shown, eps) = (net::shown(&few, run), run.knobs.number("eps"));
    let on = |who| class.attacked(&shown, who, How::Pgd, eps, run);
    let (weak, strong) = (on(Who::Undefended), on(Who::Defended));
    let columns = [
        row(&class.undefended, shown.pictures.clone(), &few).await,
        row(&class.undefended, weak.clone(), &few).await,
        row(&class.defended, strong.clone(), &few).await,
    ];
    let (mut pixels, mut captions) = (Vec::new(), Vec::new());
    for place in 0..few.len() {
        for (values, said) in &columns {
            pixels.extend(of_place(values, place).iter().map(|value| (255.0 * value).round() as u8));
            captions.push(said[place].clone());
        }
    }
    let heads = vec![text("As it is", "原图"), UNDEFENDED, DEFENDED];
    run.host.emit(grid(PICTURES, heads, &pixels, captions, false)).await?;

    let mut pixels = Vec::new();
    let changes = [state::read(weak - shown.pictures.clone()).await, state::read(strong - shown.pictures).await];
    for place in 0..few.len() {
        for values in &changes {
            let scale = 127.0 / eps.max(f64::from(f32::EPSILON)) as f32;
            pixels.extend(of_place(values, place).iter().map(|value| (128.0 + scale * value).round() as u8));
        }
    }
    run.host.emit(grid(CHANGES, vec![UNDEFENDED, DEFENDED], &pixels, vec![], true)).await
}

/// Values of the pictures, and what the network says of each.
async fn row(net: &Net, pictures: Tensor<2>, digits: &Digits) -> (Vec<f32>, Vec<Caption>) {
    let scored = net.score(pictures.clone(), &digits.labels).await;
    let caption = |place: usize| {
        let predicted = scored.predicted(place);
        Caption {
            index: place as u32,
            label: Some(digits.labels[place].to_string()),
            predicted: Some(predicted.to_string()),
            confidence: Some(scored.probabilities(place, 1.0)[predicted]),
        }
    };
    (state::read(pictures).await, (0..digits.len()).map(caption).collect())
}

fn of_place(values: &[f32], place: usize) -> &[f32] {
    &values[place * SIDE * SIDE..(place + 1) * SIDE * SIDE]
}

pub fn grid(id: &str, columns: Vec<Text>, pixels: &[u8], captions: Vec<Caption>, signed: bool) -> EventBody {
    EventBody::Images(ImageGrid {
        id: id.to_string(),
        height: SIDE as u32,
        width: SIDE as u32,
        channels: 1,
        pixels: BASE64.encode(pixels),
        captions,
        columns,
        signed,
    })
}

/// Accuracy against the size of the attack, at the sizes that have been tried.
pub async fn robust_curve(marks: &Marks, run: &Run<'_>) -> Result<(), Interrupt> {
    let sizes = exam::sizes(&run.knobs);
    let trace = |label, shape, who, how| {
        let points = sizes.iter().filter_map(|&eps| Some([eps as f32, exam::known(marks, who, how, eps, who)? as f32]));
        Trace::new(label, shape, points.collect())
    };
    let chart = Chart {
        id: ROBUST.to_string(),
        x: Axis::new(text("Size of the attack, eps", "攻击强度 eps"), Unit::Number),
        y: Axis::new(text("Accuracy", "准确率"), Unit::Fraction),
        traces: vec![
            trace(text("Undefended, noise", "未防御，随机噪声"), Shape::Dashed, Who::Undefended, How::Noise),
            trace(text("Undefended, FGSM", "未防御，FGSM"), Shape::Line, Who::Undefended, How::Fgsm),
            trace(text("Undefended, PGD", "未防御，PGD"), Shape::Line, Who::Undefended, How::Pgd),
            trace(text("Defended, FGSM", "已防御，FGSM"), Shape::Line, Who::Defended, How::Fgsm),
            trace(text("Defended, PGD", "已防御，PGD"), Shape::Line, Who::Defended, How::Pgd),
        ],
        marks: vec![ChartMark { x: run.knobs.number("eps") as f32, text: text("trained with", "训练所用") }],
    };
    run.host.emit(EventBody::Chart(chart)).await
}

/// Who is fooled by pictures that were made to fool another.
pub async fn transfer(marks: &Marks, run: &Run<'_>) -> Result<(), Interrupt> {
    let eps = run.knobs.number("eps");
    let nets = [Who::Undefended, Who::Twin, Who::Defended];
    let cell = |on, against| Some(mark(marks, on, How::Pgd, eps, against) as f32);
    // Two seeds without defence, and the defended one: the panel's help says so in both languages.
    let names: Vec<String> = ["A", "B", "D"].map(String::from).to_vec();
    let map = Heatmap {
        id: TRANSFER.to_string(),
        x: text("Answered by", "由谁回答"),
        y: text("Attack made on", "攻击针对谁生成"),
        columns: names.clone(),
        rows: names,
        values: nets.map(|on| nets.map(|against| cell(on, against)).to_vec()).to_vec(),
        unit: Unit::Fraction,
        others: vec![],
    };
    run.host.emit(EventBody::Heatmap(map)).await
}

/// The same defence seen by attackers who know more and more of it.
pub async fn masking(marks: &Marks, run: &Run<'_>) -> Result<(), Interrupt> {
    let eps = run.knobs.number("eps");
    let behind = |on, how, eps| mark(marks, on, how, eps, Who::Transformed) as f32;
    let heights = [
        behind(Who::Twin, How::Noise, 0.0),
        behind(Who::Transformed, How::Pgd, eps),
        behind(Who::Undefended, How::Pgd, eps),
        behind(Who::TransformedKnown, How::Pgd, eps),
    ];
    let points = heights.iter().enumerate().map(|(place, &height)| [place as f32, height]).collect();
    let names = vec![
        text("No attack", "无攻击"),
        text("Gradient as it is", "直接用梯度"),
        text("Made on the bare network", "针对裸网络生成后迁移"),
        text("Made for the transform", "针对变换的自适应攻击"),
    ];
    let chart = Chart {
        id: MASKING.to_string(),
        x: Axis { names, ..Axis::new(text("Attack", "攻击方式"), Unit::Number) },
        y: Axis::new(text("Accuracy", "准确率"), Unit::Fraction),
        traces: vec![Trace::new(text("Undefended, behind the transform", "未防御网络加输入变换"), Shape::Bars, points)],
        marks: vec![],
    };
    run.host.emit(EventBody::Chart(chart)).await
}
