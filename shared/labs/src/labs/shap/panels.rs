//! What is seen of the explanations: one row as a waterfall, all of them as a swarm, and what they come to.

pub mod errors;
pub mod groups;
pub mod pixels;

use kindling_protocol::chart::{Axis, Chart, ChartMark, Shape, Trace};
use kindling_protocol::event::EventBody;
use kindling_protocol::lab::Unit;
use kindling_protocol::text::{Text, text};

use super::additive;
use super::net::{Model, Scale};
use super::problem::Problem;
use crate::data::tabular::Values;
use crate::host::{Interrupt, Run};

pub const WATERFALL: &str = "waterfall";
pub const BEESWARM: &str = "beeswarm";
pub const IMPORTANCE: &str = "importance";
pub const DEPENDENCE: &str = "dependence";

/// Features that a chart has room for; the others are one.
const SHOWN: usize = 12;

/// Explanations, and what they are of.
pub struct Told<'a> {
    pub problem: &'a Problem,
    pub model: &'a Model,
    /// Whose answer is explained.
    pub class: usize,
    pub base: f64,
    pub rows: &'a [&'a [f32]],
    /// SHAP values `[rows][features]`
    pub values: &'a [Vec<f64>],
    /// What the model says of each row.
    pub answers: &'a [f64],
}

pub async fn tell(told: &Told<'_>, run: &Run<'_>) -> Result<(), Interrupt> {
    let order = told.by_importance();
    let row = (run.knobs.count("row") - 1).min(told.rows.len() - 1);
    let feature = run.knobs.count("feature").min(order.len());
    let feature = feature.checked_sub(1).unwrap_or(order[0]);
    let charts = [
        waterfall(told, row),
        beeswarm(told, &order),
        importance(told, &order),
        dependence(told, feature, &order),
        groups::chart(told, &order, run.knobs.word("compare")),
    ];
    for chart in charts {
        run.host.emit(EventBody::Chart(chart)).await?;
    }
    Ok(())
}

impl Told<'_> {
    fn column(&self, feature: usize) -> Vec<f64> {
        self.values.iter().map(|row| row[feature]).collect()
    }

    /// Features by mean absolute value, the greatest first.
    fn by_importance(&self) -> Vec<usize> {
        let weights: Vec<f64> =
            (0..self.problem.features.len()).map(|feature| mean_abs(&self.column(feature))).collect();
        by_size(&weights)
    }

    fn name(&self, feature: usize) -> Text {
        self.problem.features[feature].name.clone()
    }

    /// The axis of what is explained.
    pub fn answer_axis(&self) -> Axis {
        match self.model.scale {
            Scale::Probability => Axis::new(text("Probability of the class", "该类别的概率"), Unit::Number),
            Scale::LogOdds => Axis::new(text("Log-odds of the class", "该类别的对数几率"), Unit::Number),
        }
    }
}

fn shap_axis() -> Axis {
    Axis::new(text("SHAP value", "SHAP 值"), Unit::Number)
}

fn mean_abs(values: &[f64]) -> f64 {
    values.iter().map(|value| value.abs()).sum::<f64>() / values.len() as f64
}

/// Mean, and the ends of its 95 % interval.
pub fn mean_with_interval(values: &[f64]) -> (f32, [f32; 2]) {
    let count = values.len() as f64;
    let mean = values.iter().sum::<f64>() / count;
    let variance = values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / (count - 1.0).max(1.0);
    let half = 1.96 * (variance / count).sqrt();
    (mean as f32, [(mean - half) as f32, (mean + half) as f32])
}

/// Places of the values, the greatest without its sign first.
pub fn by_size(values: &[f64]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&one, &other| values[other].abs().total_cmp(&values[one].abs()));
    order
}

/// From the base on top to the answer at the bottom, the greatest steps first: a bar for each, from sum to sum.
fn waterfall(told: &Told<'_>, row: usize) -> Chart {
    let values = &told.values[row];
    let order = by_size(values);
    let (shown, rest) = order.split_at(SHOWN.min(order.len()));
    let mut steps: Vec<(Text, f64)> =
        shown.iter().map(|&feature| (cell(told, feature, row), values[feature])).collect();
    if !rest.is_empty() {
        steps.push((text("all others", "其余特征"), rest.iter().map(|&feature| values[feature]).sum()));
    }
    let mut up = Trace::new(text("raises the answer", "使输出升高"), Shape::Spans, vec![]);
    let mut down = Trace::new(text("lowers the answer", "使输出降低"), Shape::Spans, vec![]);
    let (top, mut total) = (steps.len() + 1, told.base);
    for (place, (_, step)) in steps.iter().enumerate() {
        let (before, height) = (total, (top - 1 - place) as f32);
        total += step;
        let trace = if *step >= 0.0 { &mut up } else { &mut down };
        trace.points.extend([[before as f32, height], [total as f32, height]]);
    }
    let ends = vec![[told.base as f32, top as f32], [told.answers[row] as f32, 0.0]];
    let ends = Trace::new(text("base and answer", "基准值与模型输出"), Shape::Points, ends);
    let names = steps.into_iter().map(|(name, _)| name).rev();
    let mut y = Axis::new(text("Feature of this row", "该样本的特征"), Unit::Number);
    y.names = [text("answer", "模型输出")].into_iter().chain(names).chain([text("base", "基准值")]).collect();
    Chart { id: WATERFALL.into(), x: told.answer_axis(), y, traces: vec![up, down, ends], marks: vec![] }
}

/// `name = value` of one row.
fn cell(told: &Told<'_>, feature: usize, row: usize) -> Text {
    let known = &told.problem.features[feature];
    let value = match &known.values {
        Values::Numbers(numbers) if numbers[row].is_finite() => short(numbers[row]),
        values => values.show(row),
    };
    let value = if value.is_empty() { "?".to_string() } else { value };
    Text { en: format!("{} = {value}", known.name.en).into(), zh: format!("{} = {value}", known.name.zh).into() }
}

/// Four significant digits: a density of 0.9968 is not 1.
fn short(number: f64) -> String {
    if number.abs() >= 1e4 {
        return number.round().to_string();
    }
    format!("{number:.3e}").parse::<f64>().expect("a number").to_string()
}

/// Which third of its values each row's value is in; categories of more than two levels have no order.
fn thirds(values: &Values, rows: usize) -> Vec<usize> {
    match values {
        Values::Numbers(numbers) => {
            let mut sorted: Vec<f64> = numbers[..rows].iter().copied().filter(|number| number.is_finite()).collect();
            sorted.sort_by(f64::total_cmp);
            let below = |number: f64| sorted.partition_point(|other| *other < number);
            let upto = |number: f64| sorted.partition_point(|other| *other <= number);
            // The middle of the places that equal values share.
            let third = |&number: &f64| match number.is_finite() {
                true => (3 * (below(number) + upto(number)) / (2 * sorted.len().max(1))).min(2),
                false => MISSING,
            };
            numbers[..rows].iter().map(third).collect()
        }
        Values::Categories { levels, codes } if levels.len() == 2 => {
            codes[..rows].iter().map(|&code| [0, 2].get(code as usize).copied().unwrap_or(MISSING)).collect()
        }
        Values::Categories { levels, codes } => {
            codes[..rows].iter().map(|&code| if (code as usize) < levels.len() { 3 } else { MISSING }).collect()
        }
    }
}

const THIRDS: [Text; 5] = [
    text("low value of the feature", "特征值低"),
    text("middle", "特征值居中"),
    text("high", "特征值高"),
    text("a category", "类别特征"),
    text("missing", "缺失"),
];
const MISSING: usize = 4;

/// A row of points a feature, the most important on top; points that would lie on each other are moved apart.
fn beeswarm(told: &Told<'_>, order: &[usize]) -> Chart {
    let shown = &order[..SHOWN.min(order.len())];
    let mut traces: Vec<Trace> = THIRDS.iter().map(|name| Trace::new(name.clone(), Shape::Points, vec![])).collect();
    let all = shown.iter().flat_map(|&feature| told.column(feature));
    let (low, high) = all.fold((0.0f64, 0.0f64), |(low, high), value| (low.min(value), high.max(value)));
    let slots = 120.0 / (high - low).max(f64::MIN_POSITIVE);
    for (place, &feature) in shown.iter().rev().enumerate() {
        let column = told.column(feature);
        let thirds = thirds(&told.problem.features[feature].values, column.len());
        let mut crowd = std::collections::BTreeMap::new();
        for (value, third) in column.iter().zip(thirds) {
            let here = crowd.entry((value * slots).round() as i64).or_insert(0u32);
            // Above and below in turn, by ever more, up to the next row.
            let step = here.div_ceil(2) as f32 * 0.06;
            let side = if *here % 2 == 0 { 1.0 } else { -1.0 };
            *here += 1;
            traces[third].points.push([*value as f32, place as f32 + side * step.min(0.4)]);
        }
    }
    traces.retain(|trace| !trace.points.is_empty());
    let mut y = Axis::new(text("Feature", "特征"), Unit::Number);
    y.names = shown.iter().rev().map(|&feature| told.name(feature)).collect();
    Chart {
        id: BEESWARM.into(),
        x: shap_axis(),
        y,
        traces,
        marks: vec![ChartMark { x: 0.0, text: text("no effect", "无影响") }],
    }
}

fn importance(told: &Told<'_>, order: &[usize]) -> Chart {
    let shown = &order[..SHOWN.min(order.len())];
    let mut bars = Trace::new(text("mean of |SHAP|", "|SHAP| 均值"), Shape::Bars, vec![]);
    for (place, &feature) in shown.iter().enumerate() {
        let sizes: Vec<f64> = told.column(feature).iter().map(|value| value.abs()).collect();
        let (mean, interval) = mean_with_interval(&sizes);
        bars.points.push([place as f32, mean]);
        bars.spread.push(interval);
    }
    let mut x = Axis::new(text("Feature", "特征"), Unit::Number);
    x.names = shown.iter().map(|&feature| told.name(feature)).collect();
    let y = Axis::new(text("Mean of |SHAP|, with its 95 % interval", "|SHAP| 均值及其 95% 区间"), Unit::Number);
    Chart { id: IMPORTANCE.into(), x, y, traces: vec![bars], marks: vec![] }
}

/// SHAP value against the feature's value; the shapes tell the third of the most important other feature.
fn dependence(told: &Told<'_>, feature: usize, order: &[usize]) -> Chart {
    let column = told.column(feature);
    let known = &told.problem.features[feature];
    let other = order.iter().copied().find(|&other| other != feature).unwrap_or(feature);
    let thirds = thirds(&told.problem.features[other].values, column.len());
    let with = |third: &Text| Text {
        en: format!("{}: {}", told.name(other).en, third.en).into(),
        zh: format!("{}：{}", told.name(other).zh, third.zh).into(),
    };
    let mut traces: Vec<Trace> = THIRDS.iter().map(|third| Trace::new(with(third), Shape::Points, vec![])).collect();
    let mut x = Axis::new(known.name.clone(), Unit::Number);
    let places: Vec<Option<f64>> = match &known.values {
        Values::Numbers(numbers) => numbers.iter().map(|&number| number.is_finite().then_some(number)).collect(),
        Values::Categories { levels, codes } => {
            x.names = levels.iter().map(|level| Text { en: level.clone().into(), zh: level.clone().into() }).collect();
            codes.iter().map(|&code| ((code as usize) < levels.len()).then_some(f64::from(code))).collect()
        }
    };
    for ((value, third), place) in column.iter().zip(thirds).zip(&places) {
        if let Some(place) = place {
            traces[third].points.push([*place as f32, *value as f32]);
        }
    }
    traces.retain(|trace| !trace.points.is_empty());
    if told.problem.truth_is_known && told.model.scale == Scale::LogOdds {
        // Made are the odds of the second class: those of the first are their inverse.
        let sign = if told.class == 0 { -1.0 } else { 1.0 };
        traces.push(truth(&known.name.en, &places[..column.len()], sign));
    }
    Chart { id: DEPENDENCE.into(), x, y: shap_axis(), traces, marks: vec![] }
}

/// What the generated table was made from.
fn truth(name: &str, places: &[Option<f64>], sign: f64) -> Trace {
    let mut places: Vec<f64> = places.iter().flatten().copied().collect();
    places.sort_by(f64::total_cmp);
    places.dedup();
    let effect = |place: f64| sign * additive::truth(name, place);
    let mean = places.iter().map(|&place| effect(place)).sum::<f64>() / places.len().max(1) as f64;
    let points = places.iter().map(|&place| [place as f32, (effect(place) - mean) as f32]);
    Trace::new(text("the truth", "真实效应"), Shape::Dashed, points.collect())
}
