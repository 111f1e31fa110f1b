//! Panels: matrix, metrics, calibration, cost.

use kindling_protocol::chart::{Axis, Chart, ChartMark, Shape, Trace};
use kindling_protocol::event::{Cell, EventBody};
use kindling_protocol::lab::Unit;
use kindling_protocol::predictions::{Decision, Predictions};
use kindling_protocol::text::{Text, text};
use kindling_statistics::calibration::{log_loss, reliability};
use kindling_statistics::confusion::{Average, Confusion};
use kindling_statistics::cost::Costs;
use kindling_statistics::curves::Ranking;

use super::BINS;
use super::choice::Rule;
use super::problem::{Judged, Problem};
use crate::host::{Interrupt, Run};
use crate::train::examples::{Column, Decided, probability, values};
use crate::train::told::tell;

pub const PREDICTIONS: &str = kindling_protocol::predictions::PANEL;
pub const DECISIONS: &str = "decisions";
pub const CLASSES: &str = "classes";
pub const METRICS: &str = "metrics";
pub const AVERAGES: &str = "averages";
pub const CALIBRATION: &str = "calibration";
pub const COST: &str = "cost";
pub const CHOICES: &str = "choices";

/// Places of the cost chart.
const PLACES: usize = 100;

pub async fn show(
    problem: &Problem,
    validation: &Judged,
    test: &Judged,
    threshold: f64,
    costs: Costs,
    run: &Run<'_>,
) -> Result<(), Interrupt> {
    let decided = Confusion::at_threshold(&test.truth, &test.scores, threshold);
    tell(predictions(problem, test, threshold, costs), run.host).await?;
    for event in [
        decisions(problem, test, threshold),
        classes(problem, test),
        metrics(problem, &decided, test),
        averages(test),
        calibration(validation, test),
        cost(validation, test, threshold, costs),
        choices(validation, test, costs),
    ] {
        run.host.emit(event).await?;
    }
    Ok(())
}

fn predictions(problem: &Problem, test: &Judged, threshold: f64, costs: Costs) -> Predictions {
    let pair = |&score: &f64| [1.0 - score as f32, score as f32];
    Predictions {
        id: PREDICTIONS.into(),
        classes: problem.sides().into(),
        truth: test.truth.iter().map(|&positive| u32::from(positive)).collect(),
        probabilities: test.scores.iter().flat_map(pair).collect(),
        decision: Some(Decision {
            threshold,
            false_positive: costs.false_positive,
            false_negative: costs.false_negative,
        }),
    }
}

fn decisions(problem: &Problem, test: &Judged, threshold: f64) -> EventBody {
    let truth: Vec<u32> = test.truth.iter().map(|&positive| u32::from(positive)).collect();
    let called: Vec<u32> = test.scores.iter().map(|&score| u32::from(score >= threshold)).collect();
    let of_truth = test.scores.iter().zip(&test.truth).map(|(&score, &truth)| if truth { score } else { 1.0 - score });
    let decided = Decided {
        labels: problem.sides().into(),
        truth: &truth,
        called: &called,
        of_truth: &of_truth.collect::<Vec<_>>(),
    };
    let class = |sample: usize| problem.classes[test.labels[sample] as usize].clone();
    let class: Column = (text("True class", "真实类别"), Box::new(class));
    let score = probability(text("P(positive)", "P(正类)"), |sample| test.scores[sample]);
    // Of two classes the cell's row says it.
    let class = (problem.classes.len() > 2).then_some(class);
    decided.matrix(DECISIONS, class.into_iter().chain([score]).chain(values(&problem.told)).collect())
}

fn classes(problem: &Problem, test: &Judged) -> EventBody {
    let count = problem.classes.len();
    let likeliest = |row: &[f32]| (1..count).fold(0, |best, class| if row[class] > row[best] { class } else { best });
    let called: Vec<u32> = test.probabilities.chunks(count).map(|row| likeliest(row) as u32).collect();
    let said = |sample: usize, class: u32| f64::from(test.probabilities[sample * count + class as usize]);
    let of = |classes: &[u32]| -> Vec<f64> { (0..).zip(classes).map(|(sample, &class)| said(sample, class)).collect() };
    let (of_truth, of_called) = (of(&test.labels), of(&called));
    let decided =
        Decided { labels: problem.classes.clone(), truth: &test.labels, called: &called, of_truth: &of_truth };
    let columns = [
        probability(text("P(true class)", "P(真实类别)"), |sample| of_truth[sample]),
        probability(text("P(called class)", "P(预测类别)"), |sample| of_called[sample]),
    ];
    decided.matrix(CLASSES, columns.into_iter().chain(values(&problem.told)).collect())
}

/// Each metric with the cells that it is made of, and the numbers put in.
fn metrics(problem: &Problem, decided: &Confusion, test: &Judged) -> EventBody {
    let (cells, rates) = (decided.cells(1), decided.cells(1).rates());
    let [tp, fp, fn_, tn] = [cells.true_positives, cells.false_positives, cells.false_negatives, cells.true_negatives];
    let ranking = Ranking::new(&test.truth, &test.scores);
    let loss = log_loss(&test.labels, &wide(&test.probabilities, problem.least), test.classes.classes());
    let row = |name: Text, cells: &'static str, with: String, value: f64| {
        vec![name.into(), cells.to_string().into(), with.into(), format!("{value:.4}").into()]
    };
    let every = tp + fp + fn_ + tn;
    let rows = vec![
        row(
            text("accuracy", "准确率"),
            "(TP + TN) / (TP + FP + FN + TN)",
            format!("({tp} + {tn}) / {every}"),
            decided.accuracy(),
        ),
        row(text("precision", "精确率"), "TP / (TP + FP)", format!("{tp} / ({tp} + {fp})"), rates.precision),
        row(text("recall", "召回率"), "TP / (TP + FN)", format!("{tp} / ({tp} + {fn_})"), rates.recall),
        row(text("specificity", "特异度"), "TN / (TN + FP)", format!("{tn} / ({tn} + {fp})"), rates.specificity),
        row(text("F1", "F1"), "2 TP / (2 TP + FP + FN)", format!("{} / ({} + {fp} + {fn_})", 2 * tp, 2 * tp), rates.f1),
        row(
            text("balanced accuracy", "平衡准确率"),
            "(recall + specificity) / 2",
            String::new(),
            decided.balanced_accuracy(),
        ),
        row(text("MCC", "马修斯相关系数 (MCC)"), "TP FP FN TN", String::new(), decided.matthews()),
        row(text("Cohen κ", "Cohen κ"), "TP FP FN TN", String::new(), decided.kappa()),
        row(text("ROC AUC", "ROC AUC"), "—", String::new(), ranking.auc().unwrap_or(0.5)),
        row(text("average precision", "平均精度"), "—", String::new(), ranking.average_precision()),
        row(text("log loss", "对数损失"), "—", String::new(), loss),
    ];
    let columns =
        vec![text("Metric", "指标"), text("Cells it uses", "用到的格子"), text("Here", "代入"), text("Value", "值")];
    EventBody::Table { id: METRICS.into(), columns, rows }
}

fn averages(test: &Judged) -> EventBody {
    let row = |(name, average)| {
        let rates = test.classes.averaged(average);
        named_row(name, [rates.precision, rates.recall, rates.f1].map(|value| format!("{value:.4}")))
    };
    let micro = (text("micro", "微平均 (micro)"), Average::Micro);
    let weighted = (text("weighted", "加权平均 (weighted)"), Average::Weighted);
    let mut rows: Vec<_> = [micro, (text("macro", "宏平均 (macro)"), Average::Macro), weighted].map(row).into();
    let accuracy = format!("{:.4}", test.classes.accuracy());
    rows.push(named_row(text("accuracy", "准确率"), [String::new(), accuracy, String::new()]));
    let columns =
        vec![text("Average", "平均方式"), text("Precision", "精确率"), text("Recall", "召回率"), text("F1", "F1")];
    EventBody::Table { id: AVERAGES.into(), columns, rows }
}

fn calibration(validation: &Judged, test: &Judged) -> EventBody {
    let points = |judged: &Judged| -> Vec<[f32; 2]> {
        let bins = reliability(&judged.truth, &judged.scores, BINS);
        bins.iter().filter(|bin| bin.count > 0).map(|bin| [bin.said as f32, bin.was as f32]).collect()
    };
    let trace = |label, shape, points| Trace::new(label, shape, points);
    EventBody::Chart(Chart {
        id: CALIBRATION.into(),
        x: Axis::new(text("Said probability", "给出的概率"), Unit::Fraction),
        y: Axis::new(text("Share that was positive", "实际为正的比例"), Unit::Fraction),
        traces: vec![
            trace(text("Perfect", "完全校准"), Shape::Dashed, vec![[0.0, 0.0], [1.0, 1.0]]),
            trace(text("Test", "测试集"), Shape::Line, points(test)),
            trace(text("Validation", "验证集"), Shape::Points, points(validation)),
        ],
        marks: vec![],
    })
}

fn cost(validation: &Judged, test: &Judged, threshold: f64, costs: Costs) -> EventBody {
    let line = |label: Text, judged: &Judged| {
        let ranking = Ranking::new(&judged.truth, &judged.scores);
        let at = |place: usize| {
            let threshold = place as f64 / PLACES as f64;
            [threshold as f32, costs.at_threshold(&ranking, threshold) as f32]
        };
        Trace::new(label, Shape::Line, (0..=PLACES).map(at).collect())
    };
    // Where no mistake costs anything there is no best threshold.
    let mark = |x: f64, text: Text| x.is_finite().then_some(ChartMark { x: x as f32, text });
    EventBody::Chart(Chart {
        id: COST.into(),
        x: Axis::new(text("Threshold", "阈值"), Unit::Fraction),
        y: Axis::new(text("Cost a sample", "每个样本的代价"), Unit::Number),
        traces: vec![line(text("Test", "测试集"), test), line(text("Validation", "验证集"), validation)],
        marks: [
            mark(threshold, text("chosen", "所选")),
            mark(costs.threshold(), text("best if calibrated", "概率准确时的最优点")),
        ]
        .into_iter()
        .flatten()
        .collect(),
    })
}

/// What each metric would have chosen, and what it would have cost.
fn choices(validation: &Judged, test: &Judged, costs: Costs) -> EventBody {
    let ranking = Ranking::new(&test.truth, &test.scores);
    let row = |rule: Rule| {
        let threshold = rule.threshold(validation, costs);
        let decided = Confusion::at_threshold(&test.truth, &test.scores, threshold);
        let values = [
            threshold,
            costs.at_threshold(&ranking, threshold),
            decided.accuracy(),
            decided.cells(1).rates().recall,
            decided.cells(1).rates().precision,
        ];
        named_row(rule.name(), values.map(|value| format!("{value:.3}")))
    };
    let columns = vec![
        text("Chosen by", "选择依据"),
        text("Threshold", "阈值"),
        text("Cost a sample", "每样本代价"),
        text("Accuracy", "准确率"),
        text("Recall", "召回率"),
        text("Precision", "精确率"),
    ];
    EventBody::Table { id: CHOICES.into(), columns, rows: Rule::ALL.map(row).into() }
}

fn named_row<const N: usize>(name: Text, values: [String; N]) -> Vec<Cell> {
    [name.into()].into_iter().chain(values.map(Cell::from)).collect()
}

fn wide(values: &[f32], least: f64) -> Vec<f64> {
    values.iter().map(|&value| f64::from(value).max(least)).collect()
}
