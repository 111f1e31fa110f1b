//! Panels: predictions, recall by class, cost by threshold, confusion matrix, counts.

use std::collections::BTreeMap;

use kindling_protocol::chart::{Axis, Chart, ChartMark, Shape, Trace};
use kindling_protocol::event::{Cell, EventBody};
use kindling_protocol::knob::Knobs;
use kindling_protocol::lab::Unit;
use kindling_protocol::predictions::{Decision, Predictions};
use kindling_protocol::text::{Text, text};
use kindling_statistics::confusion::{Confusion, Rates};
use kindling_statistics::cost::Costs;
use kindling_statistics::curves::Ranking;

use super::learn::rare_scores;
use super::loss::Weighing;
use super::rows::{COMMON, Parts, RARE, counts as count};
use crate::host::{Host, Interrupt};
use crate::nn::model::Classifier;
use crate::train::examples::{Decided, probability, values};
use crate::train::rows::Rows;
use crate::train::told::tell;

pub const PREDICTIONS: &str = kindling_protocol::predictions::PANEL;
pub const RECALL: &str = "class-recall";
pub const COST: &str = "cost";
pub const CONFUSION: &str = "confusion";
pub const COUNTS: &str = "counts";

/// What is asked of a run: this recall, at so many times the precision of calling everything rare.
const WANTED_RECALL: f64 = 0.8;
const WANTED_LIFT: f64 = 2.0;

/// Rows of each class before and after resampling, and what a row weighs.
pub async fn counts(parts: &Parts, resampled: &Rows, weighing: &Weighing, host: &dyn Host) -> Result<(), Interrupt> {
    let of = [&parts.train, resampled, &parts.validation, &parts.test].map(|rows| count(&rows.labels));
    let row = |class: usize| {
        let numbers = of.iter().map(|counts| counts[class].to_string());
        let weight = format!("{:.3}", weighing.classes[class]);
        [parts.classes[class].clone()].into_iter().chain(numbers).chain([weight]).map(Cell::from).collect()
    };
    let columns = vec![
        text("Class", "类别"),
        text("Training", "训练集"),
        text("After resampling", "重采样后"),
        text("Validation", "验证集"),
        text("Test", "测试集"),
        text("Weight in the loss", "损失中的权重"),
    ];
    host.emit(EventBody::Table { id: COUNTS.into(), columns, rows: vec![row(0), row(1)] }).await
}

/// What the model says of the test set, and what that is worth.
pub struct Judged {
    scores: Vec<f64>,
    truth: Vec<bool>,
    ranking: Ranking,
    confusion: Confusion,
    costs: Costs,
    threshold: f64,
}

impl Judged {
    pub async fn of(model: &Classifier, test: &Rows, knobs: &Knobs) -> Judged {
        let scores = rare_scores(model, test).await;
        let truth: Vec<bool> = test.labels.iter().map(|label| *label == RARE).collect();
        let threshold = knobs.number("threshold");
        Judged {
            ranking: Ranking::new(&truth, &scores),
            confusion: Confusion::at_threshold(&truth, &scores, threshold),
            costs: Costs { false_positive: 1.0, false_negative: knobs.number("miss-cost") },
            scores,
            truth,
            threshold,
        }
    }

    fn rates(&self, class: u32) -> Rates {
        self.confusion.cells(class as usize).rates()
    }

    fn base_rate(&self) -> f64 {
        self.ranking.positives as f64 / self.truth.len().max(1) as f64
    }

    /// A precision in multiples of that of calling everything rare.
    fn lift(&self, precision: f64) -> f64 {
        if self.base_rate() > 0.0 { precision / self.base_rate() } else { 0.0 }
    }

    /// By which factor the goal is reached.
    fn reached(&self, recall: f64, precision: f64) -> f64 {
        (recall / WANTED_RECALL).min(self.lift(precision) / WANTED_LIFT)
    }

    /// The same at the threshold that is best for it.
    pub fn within_reach(&self) -> f64 {
        let places = self.ranking.precision_recall().into_iter();
        places.map(|(recall, precision)| self.reached(recall, precision)).fold(0.0, f64::max)
    }

    pub fn figures(&self, parameters: f64) -> BTreeMap<String, f64> {
        let rare = self.rates(RARE);
        [
            ("reached", self.reached(rare.recall, rare.precision)),
            ("rare_recall", rare.recall),
            ("rare_precision", rare.precision),
            ("lift", self.lift(rare.precision)),
            ("base_rate", self.base_rate()),
            ("accuracy", self.confusion.accuracy()),
            ("balanced_accuracy", self.confusion.balanced_accuracy()),
            ("average_precision", self.ranking.average_precision()),
            ("auc", self.ranking.auc().unwrap_or(0.5)),
            ("mean_cost", self.costs.at_threshold(&self.ranking, self.threshold)),
            ("parameters", parameters),
        ]
        .map(|(name, value)| (name.to_string(), value))
        .into()
    }

    pub async fn show(&self, parts: &Parts, host: &dyn Host) -> Result<(), Interrupt> {
        let classes = parts.classes.to_vec();
        let said = Predictions {
            id: PREDICTIONS.into(),
            classes: classes.clone(),
            truth: self.truth.iter().map(|rare| u32::from(*rare)).collect(),
            probabilities: self.scores.iter().flat_map(|score| [1.0 - *score as f32, *score as f32]).collect(),
            decision: Some(Decision {
                threshold: self.threshold,
                false_positive: self.costs.false_positive,
                false_negative: self.costs.false_negative,
            }),
        };
        tell(said, host).await?;
        host.emit(EventBody::Chart(self.recall_by_class(&classes))).await?;
        host.emit(EventBody::Chart(self.cost_by_threshold())).await?;
        host.emit(self.decisions(parts)).await
    }

    fn decisions(&self, parts: &Parts) -> EventBody {
        let rows = || self.scores.iter().zip(&self.truth);
        let truth: Vec<u32> = self.truth.iter().map(|&rare| u32::from(rare)).collect();
        let called: Vec<u32> = self.scores.iter().map(|&score| u32::from(score >= self.threshold)).collect();
        let of_truth: Vec<f64> = rows().map(|(&score, &rare)| if rare { score } else { 1.0 - score }).collect();
        let decided = Decided { labels: parts.classes.to_vec(), truth: &truth, called: &called, of_truth: &of_truth };
        let score = probability(text("P(rare)", "P(稀有类)"), |sample| self.scores[sample]);
        decided.matrix(CONFUSION, [score].into_iter().chain(values(&parts.told)).collect())
    }

    fn recall_by_class(&self, classes: &[String]) -> Chart {
        let [common, rare] = [COMMON, RARE].map(|class| self.rates(class));
        let bars = |label, values: [f64; 2]| {
            Trace::new(label, Shape::Bars, vec![[0.0, values[0] as f32], [1.0, values[1] as f32]])
        };
        let names = classes.iter().map(|name| Text { en: name.clone().into(), zh: name.clone().into() }).collect();
        Chart {
            id: RECALL.into(),
            x: Axis { names, ..Axis::new(text("Class", "类别"), Unit::Number) },
            y: Axis::new(text("Share", "比例"), Unit::Fraction),
            traces: vec![
                bars(text("Recall", "召回率"), [common.recall, rare.recall]),
                bars(text("Precision", "精确率"), [common.precision, rare.precision]),
            ],
            marks: vec![],
        }
    }

    fn cost_by_threshold(&self) -> Chart {
        let thresholds = (0..=100).map(|percent| f64::from(percent) / 100.0);
        let point = |threshold: f64| [threshold as f32, self.costs.at_threshold(&self.ranking, threshold) as f32];
        let nobody = self.costs.at_threshold(&self.ranking, f64::INFINITY) as f32;
        let (cheapest, _) = self.costs.cheapest(&self.ranking);
        let mark = |threshold: f64, text| ChartMark { x: threshold as f32, text };
        Chart {
            id: COST.into(),
            x: Axis::new(text("Threshold", "阈值"), Unit::Number),
            y: Axis::new(text("Mean cost a row, in false alarms", "每行平均代价（以误报为单位）"), Unit::Number),
            traces: vec![
                Trace::new(text("This model", "本模型"), Shape::Line, thresholds.map(point).collect()),
                Trace::new(
                    text("Calling nothing rare", "全部判为常见类"),
                    Shape::Dashed,
                    vec![[0.0, nobody], [1.0, nobody]],
                ),
            ],
            marks: vec![
                mark(self.threshold, text("Threshold", "当前阈值")),
                mark(cheapest.clamp(0.0, 1.0), text("Cheapest", "代价最低")),
            ],
        }
    }
}
