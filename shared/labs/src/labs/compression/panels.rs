//! Panels: sizes against accuracies, times, weights before and after, and all files in a table.

use std::collections::BTreeMap;

use base64::prelude::{BASE64_STANDARD, Engine};
use kindling_protocol::chart::{Axis, Chart, ChartMark, Shape, Trace};
use kindling_protocol::event::{Cell, EventBody};
use kindling_protocol::lab::Unit;
use kindling_protocol::text::{Text, text};

use super::prune::{is_weight, sparsity};
use super::{File, Kind, Variant};
use crate::host::{Host, Interrupt};
use crate::nn::state::State;

pub const SIZES: &str = "sizes";
pub const LATENCY: &str = "latency";
pub const WEIGHTS: &str = "weights";
pub const FILES: &str = "files";
pub const FILE: &str = "file";

/// How much smaller than floats the goal wants it.
pub const GOAL: f64 = 8.0;

/// `fine_tuned`: what was pruned as chosen was trained on.
pub async fn show(
    variants: &[Variant],
    before: &State,
    file: &File,
    fine_tuned: bool,
    host: &dyn Host,
) -> Result<(), Interrupt> {
    host.emit(EventBody::Chart(sizes(variants))).await?;
    if let Some(chart) = latency(variants) {
        host.emit(EventBody::Chart(chart)).await?;
    }
    if let Some(text) = chosen(variants).and_then(told) {
        host.emit(EventBody::Note { text }).await?;
    }
    host.emit(EventBody::Chart(weights(before, &file.weights))).await?;
    host.emit(files(variants, fine_tuned)).await?;
    host.emit(EventBody::File {
        id: FILE.to_string(),
        name: "lenet-300-100.kpq".to_string(),
        bytes: BASE64_STANDARD.encode(&file.bytes),
    })
    .await
}

/// A trace for each file, so that its shape and name tell kind and bits without colour. What all are compared with is a
/// line up to its own size: there are six shapes of points.
fn sizes(variants: &[Variant]) -> Chart {
    let place = |variant: &Variant| [variant.file.bytes.len() as f32 / 1e3, variant.mark.accuracy as f32];
    let [size, accuracy] = place(&variants[0]);
    let least = variants.iter().map(|variant| place(variant)[0]).fold(size, f32::min);
    let plain = Trace::new(named(&variants[0]), Shape::Dashed, vec![[least, accuracy], [size, accuracy]]);
    let others = variants[1..].iter().map(|variant| Trace::new(named(variant), Shape::Points, vec![place(variant)]));
    Chart {
        id: SIZES.to_string(),
        x: Axis { log: true, ..Axis::new(text("File (kB)", "文件大小 (kB)"), Unit::Number) },
        y: Axis::new(text("Test accuracy", "测试准确率"), Unit::Fraction),
        traces: [plain].into_iter().chain(others).collect(),
        marks: vec![ChartMark {
            x: variants[0].file.bytes.len() as f32 / 8e3,
            text: text("8 times smaller", "八分之一"),
        }],
    }
}

fn latency(variants: &[Variant]) -> Option<Chart> {
    let measured = || variants.iter().filter_map(|variant| Some((variant, variant.mark.latency?)));
    let bars = |value: fn(super::Latency) -> f64| {
        measured().enumerate().map(|(place, (_, latency))| [place as f32, value(latency) as f32]).collect()
    };
    let names = measured().map(|(variant, _)| named(variant)).collect();
    measured().next()?;
    let judged = chosen(variants).and_then(|variant| verdict(variant.mark.latency?));
    let sparse = judged.map_or(text("Sparse kernel", "稀疏内核"), |(times, [en, zh])| Text {
        en: format!("Sparse kernel: {times:.2} times as long for the chosen file, {en}").into(),
        zh: format!("稀疏内核：所选文件的耗时是稠密的 {times:.2} 倍，{zh}").into(),
    });
    Some(Chart {
        id: LATENCY.to_string(),
        x: Axis { names, ..Axis::new(text("File", "文件"), Unit::Number) },
        y: Axis::new(text("Milliseconds a picture", "每张图片的毫秒数"), Unit::Number),
        traces: vec![
            Trace::new(text("Dense kernel", "稠密内核"), Shape::Bars, bars(|latency| latency.dense)),
            Trace::new(sparse, Shape::Bars, bars(|latency| latency.sparse)),
        ],
        marks: vec![],
    })
}

fn chosen(variants: &[Variant]) -> Option<&Variant> {
    variants.iter().rfind(|variant| variant.file.chosen)
}

/// Shorter by less than this may be the measurement.
const NOTICEABLE: f64 = 0.95;

/// How many times as long the sparse kernel took as the dense one, with the same weights, and whether that is faster.
fn verdict(latency: super::Latency) -> Option<(f64, [&'static str; 2])> {
    let times = latency.sparse / latency.dense;
    let told = if times < NOTICEABLE { ["faster", "更快"] } else { ["not faster", "没有更快"] };
    times.is_finite().then_some((times, told))
}

fn told(variant: &Variant) -> Option<Text> {
    let (times, [en, zh]) = verdict(variant.mark.latency?)?;
    let zeros = sparsity(&variant.file.weights) * 100.0;
    let en = format!(
        "For the chosen file, {zeros:.0} % zeros, the sparse kernel took {times:.2} times as long as the dense one here: {en}."
    );
    let zh = format!("所选文件有 {zeros:.0}% 的权重为零：在这里，稀疏内核的耗时是稠密内核的 {times:.2} 倍，{zh}。");
    Some(Text { en: en.into(), zh: zh.into() })
}

fn named(variant: &Variant) -> Text {
    let (name, bits) = (variant.file.kind.name(), variant.file.bits);
    Text { en: format!("{}, {bits} bit", name.en).into(), zh: format!("{}，{bits} 位", name.zh).into() }
}

const BINS: usize = 41;
const END: f32 = 0.2;

fn weights(before: &State, after: &State) -> Chart {
    let bars = |label: Text, state: &State| {
        let weights = || state.iter().filter(|(name, _)| is_weight(name)).flat_map(|(_, tensor)| &tensor.values);
        let mut counts = [0u32; BINS];
        for &weight in weights().filter(|&&weight| weight != 0.0) {
            let place = (weight / END + 1.0) / 2.0 * (BINS - 1) as f32;
            counts[(place.round().max(0.0) as usize).min(BINS - 1)] += 1;
        }
        let all = weights().count() as f32;
        let middle = |bin: usize| END * (2.0 * bin as f32 / (BINS - 1) as f32 - 1.0);
        let points = counts.iter().enumerate().map(|(bin, &count)| [middle(bin), count as f32 / all]).collect();
        Trace::new(label, Shape::Bars, points)
    };
    Chart {
        id: WEIGHTS.to_string(),
        x: Axis::new(text("Weight", "权重"), Unit::Number),
        y: Axis::new(text("Share of all weights", "占全部权重的比例"), Unit::Fraction),
        traces: vec![
            bars(text("Before", "压缩前"), before),
            bars(text("After, zeros left out", "压缩后（不含零）"), after),
        ],
        marks: vec![],
    }
}

fn files(variants: &[Variant], fine_tuned: bool) -> EventBody {
    let mark = |set: bool| if set { "✓" } else { "" }.to_string();
    let format = |variant: &Variant| match (variant.file.kind, variant.file.bits) {
        (Kind::Plain, _) => "safetensors f32".to_string(),
        (_, 32) => "f32".to_string(),
        (_, bits) => format!("int{bits}"),
    };
    let row = |variant: &Variant| {
        let ms = |value: fn(super::Latency) -> f64| {
            variant.mark.latency.map_or("–".to_string(), |latency| format!("{:.3}", value(latency)))
        };
        [
            mark(variant.file.chosen),
            format(variant),
            mark(variant.file.kind == Kind::Tuned && fine_tuned),
            format!("{:.1}", sparsity(&variant.file.weights) * 100.0),
            variant.file.bytes.len().to_string(),
            format!("{:.1}", ratio(variants, variant)),
            format!("{:.2}", variant.mark.accuracy * 100.0),
            ms(|latency| latency.dense),
            ms(|latency| latency.sparse),
        ]
        .map(Cell::from)
        .into()
    };
    EventBody::Table {
        id: FILES.to_string(),
        columns: vec![
            text("Chosen", "所选"),
            text("Format", "格式"),
            text("Fine-tuned", "已微调"),
            text("Zeros (%)", "零的比例 (%)"),
            text("Bytes", "字节"),
            text("Times smaller", "压缩倍数"),
            text("Accuracy (%)", "准确率 (%)"),
            text("Dense kernel (ms)", "稠密内核 (ms)"),
            text("Sparse kernel (ms)", "稀疏内核 (ms)"),
        ],
        rows: variants.iter().map(row).collect(),
    }
}

fn ratio(variants: &[Variant], variant: &Variant) -> f64 {
    variants[0].file.bytes.len() as f64 / variant.file.bytes.len() as f64
}

/// Times are no figures: they would be others in a run that was cut off and went on.
pub fn figures(variants: &[Variant], chosen: &Variant) -> BTreeMap<String, f64> {
    let plain = &variants[0];
    let figures = [
        ("ratio", ratio(variants, chosen)),
        ("accuracy_lost", plain.mark.accuracy - chosen.mark.accuracy),
        ("accuracy", chosen.mark.accuracy),
        ("dense_accuracy", plain.mark.accuracy),
        ("bytes", chosen.file.bytes.len() as f64),
        ("dense_bytes", plain.file.bytes.len() as f64),
        ("zeros", sparsity(&chosen.file.weights)),
    ];
    // Of a run that prunes nothing there is none.
    let cut = variants.iter().find(|variant| variant.file.kind == Kind::Cut);
    let cut = cut.map(|cut| ("cut_accuracy", cut.mark.accuracy));
    figures.into_iter().chain(cut).map(|(name, value)| (name.to_string(), value)).collect()
}
