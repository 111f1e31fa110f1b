//! How far the values are from exact ones, by method and by number of coalitions.

use kindling_protocol::chart::{Axis, Chart, Shape, Trace};
use kindling_protocol::event::{Cell, EventBody};
use kindling_protocol::lab::Unit;
use kindling_protocol::text::{Text, text};

use super::super::coalition::EXACT;
use super::super::explain::{self, Explainer, Method};
use crate::host::{Interrupt, Run};

pub const ERRORS: &str = "errors";
pub const METHODS: &str = "methods";

/// `errors` are rows of coalitions, mean and greatest difference.
pub async fn tell(
    explainer: &Explainer<'_>,
    method: Method,
    rows: &[&[f32]],
    exact: &[Vec<f64>],
    errors: &[Vec<f64>],
    run: &Run<'_>,
) -> Result<(), Interrupt> {
    let budget = match method {
        Method::Kernel(budget) => budget,
        _ => run.knobs.count("coalitions"),
    };
    let deep = explain::error(&explainer.explain(Method::Deep, rows), exact);
    let kernel = explain::error(&explainer.explain(Method::Kernel(budget), rows), exact);
    run.host.emit(EventBody::Chart(chart(errors, deep[1]))).await?;

    let background = explainer.background.len();
    let line = |name: Text, method: Method, answers: usize, [mean, most]: [f64; 2]| {
        let coalitions = match method {
            Method::Deep => "–".to_string(),
            method => explainer.coalitions(method).to_string(),
        };
        let values = [coalitions, answers.to_string(), format!("{mean:.1e}"), format!("{most:.1e}")];
        [name.into()].into_iter().chain(values.map(Cell::from)).collect()
    };
    let answers = |method: Method| explainer.coalitions(method) * background;
    let best = if explainer.groups.len() <= EXACT {
        text("Exact", "精确")
    } else {
        text("KernelSHAP (16384)", "KernelSHAP (16384)")
    };
    let rows = vec![
        line(best, Method::Exact, answers(Method::Exact), [0.0; 2]),
        line(text("KernelSHAP", "KernelSHAP"), Method::Kernel(budget), answers(Method::Kernel(budget)), kernel),
        line(text("DeepSHAP", "DeepSHAP"), Method::Deep, background, deep),
    ];
    let columns = vec![
        text("Method", "方法"),
        text("Coalitions", "特征子集数"),
        text("Model answers a row", "每个样本的模型调用次数"),
        text("Mean error", "平均误差"),
        text("Greatest error", "最大误差"),
    ];
    run.host.emit(EventBody::Table { id: METHODS.into(), columns, rows }).await
}

fn chart(errors: &[Vec<f64>], deep: f64) -> Chart {
    // On a logarithmic axis there is no zero, and below this it is all rounding.
    let at = |row: &Vec<f64>, which: usize| [row[0] as f32, row[which].max(1e-9) as f32];
    let line =
        |label: Text, which: usize| Trace::new(label, Shape::Line, errors.iter().map(|row| at(row, which)).collect());
    let ends = [errors[0][0] as f32, errors[errors.len() - 1][0] as f32];
    let level = ends.map(|coalitions| [coalitions, deep.max(1e-9) as f32]).to_vec();
    let x = Axis { log: true, ..Axis::new(text("Coalitions asked", "所用特征子集数"), Unit::Number) };
    let y = Axis { log: true, ..Axis::new(text("Difference to the exact value", "与精确值之差"), Unit::Number) };
    let traces = vec![
        line(text("KernelSHAP, greatest", "KernelSHAP 最大误差"), 2),
        line(text("KernelSHAP, mean", "KernelSHAP 平均误差"), 1),
        Trace::new(text("DeepSHAP, greatest", "DeepSHAP 最大误差"), Shape::Dashed, level),
    ];
    Chart { id: ERRORS.into(), x, y, traces, marks: vec![] }
}
