//! Mean SHAP values of two or more groups of rows, side by side.

use kindling_protocol::chart::{Axis, Chart, Shape, Trace};
use kindling_protocol::lab::Unit;
use kindling_protocol::text::{Text, text};

use super::{SHOWN, Told, mean_with_interval, shap_axis};
use crate::data::tabular::Values;

pub const GROUPS: &str = "groups";

/// By the true class, or by the first feature with two levels where there is one: with adult that is sex.
pub fn chart(told: &Told<'_>, order: &[usize], by: &str) -> Chart {
    let two_levels = |feature: &&usize| match &told.problem.features[**feature].values {
        Values::Categories { levels, .. } => levels.len() == 2,
        Values::Numbers(_) => false,
    };
    let mut features: Vec<usize> = order.to_vec();
    features.sort_unstable();
    let split = features.iter().find(two_levels).filter(|_| by == "feature");
    let (name, names, of_row) = match split.map(|&feature| &told.problem.features[feature]) {
        Some(feature) => match &feature.values {
            Values::Categories { levels, codes } => (feature.name.clone(), levels.clone(), codes.clone()),
            Values::Numbers(_) => unreachable!("it has two levels"),
        },
        None => (text("class", "类别"), told.problem.classes.clone(), told.problem.test.labels.clone()),
    };
    let shown = &order[..SHOWN.min(order.len())];
    let trace = |(group, level): (usize, &String)| {
        let rows: Vec<usize> = (0..told.rows.len()).filter(|&row| of_row[row] as usize == group).collect();
        let label = |name: &str| format!("{name} = {level} (n = {})", rows.len());
        let label = Text { en: label(&name.en).into(), zh: label(&name.zh).into() };
        let mut bars = Trace::new(label, Shape::Bars, vec![]);
        for (place, &feature) in shown.iter().enumerate().filter(|_| !rows.is_empty()) {
            let values: Vec<f64> = rows.iter().map(|&row| told.values[row][feature]).collect();
            let (mean, interval) = mean_with_interval(&values);
            bars.points.push([place as f32, mean]);
            bars.spread.push(interval);
        }
        bars
    };
    let mut traces: Vec<Trace> = names.iter().enumerate().map(trace).collect();
    traces.retain(|trace| !trace.points.is_empty());
    let mut x = Axis::new(text("Feature", "特征"), Unit::Number);
    x.names = shown.iter().map(|&feature| told.name(feature)).collect();
    let y =
        Axis { label: text("Mean SHAP value, with its 95 % interval", "SHAP 均值及其 95% 区间"), ..shap_axis() };
    Chart { id: GROUPS.into(), x, y, traces, marks: vec![] }
}
