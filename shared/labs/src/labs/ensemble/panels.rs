//! Panels: member against vote, how much members differ, what another member is worth, who was right, calibration.

use kindling_protocol::chart::{Axis, Chart, Heatmap, Shape, Trace};
use kindling_protocol::event::EventBody;
use kindling_protocol::lab::Unit;
use kindling_protocol::predictions::Predictions;
use kindling_protocol::text::{Text, text};
use kindling_statistics::calibration::reliability;

use super::Council;
use super::vote::{argmax, disagreement};
use crate::data::tabular::Values;
use crate::host::{Host, Interrupt};
use crate::train::examples::{Column, Decided, probability, values};
use crate::train::told::tell;

pub const ERRORS: &str = "errors";
pub const LOSSES: &str = "losses";
pub const SIZE: &str = "size";
pub const DISAGREEMENT: &str = "disagreement";
pub const DECISIONS: &str = "decisions";
pub const CALIBRATION: &str = "calibration";
pub const PREDICTIONS: &str = kindling_protocol::predictions::PANEL;

const BINS: usize = 10;

/// `told` are columns of the test part, if it is a table's.
pub async fn show(council: &Council, told: &[(Text, Values)], host: &dyn Host) -> Result<(), Interrupt> {
    host.emit(EventBody::Chart(errors(council))).await?;
    host.emit(EventBody::Chart(losses(council))).await?;
    host.emit(EventBody::Chart(size(council))).await?;
    host.emit(EventBody::Heatmap(differences(council))).await?;
    host.emit(decisions(council, told)).await?;
    host.emit(EventBody::Chart(calibration(council))).await?;
    tell(predictions(council), host).await
}

fn number(place: usize) -> Text {
    Text { en: (place + 1).to_string().into(), zh: (place + 1).to_string().into() }
}

/// One bar for each name.
fn bars(id: &str, unit: Unit, y: Text, label: Text, named: Vec<(Text, f64)>) -> Chart {
    let points = named.iter().enumerate().map(|(place, (_, value))| [place as f32, *value as f32]).collect();
    let names = named.into_iter().map(|(name, _)| name).collect();
    Chart {
        id: id.to_string(),
        x: Axis { names, ..Axis::new(text("Member", "成员"), Unit::Number) },
        y: Axis::new(y, unit),
        traces: vec![Trace::new(label, Shape::Bars, points)],
        marks: vec![],
    }
}

fn errors(council: &Council) -> Chart {
    let members = (0..council.members.len()).map(|place| (number(place), 1.0 - council.accuracy_of(place)));
    let vote = (text("Vote", "投票"), 1.0 - council.accuracy(&council.vote));
    let label = text("Wrong on the test set", "测试集错误率");
    bars(ERRORS, Unit::Fraction, text("Error", "错误率"), label, members.chain([vote]).collect())
}

fn losses(council: &Council) -> Chart {
    let members = (0..council.members.len()).map(|place| (number(place), council.loss(&council.members[place])));
    let both = [
        (text("Mean of the losses", "各成员损失的均值"), council.mean_loss()),
        (text("Loss of the mean", "平均概率的损失"), council.loss(&council.mean)),
    ];
    let label = text("Loss on the test set", "测试集损失");
    bars(LOSSES, Unit::Number, text("Loss", "损失"), label, members.chain(both).collect())
}

/// Accuracy of the vote of every choice of members, by their number: the mean, between the worst and the best choice.
fn size(council: &Council) -> Chart {
    let count = council.members.len();
    let mut by_size = vec![Vec::new(); count];
    for choice in 1u32..1 << count {
        let chosen: Vec<usize> = (0..count).filter(|member| choice & 1 << member != 0).collect();
        by_size[chosen.len() - 1].push(council.accuracy(&council.vote_of(&chosen)) as f32);
    }
    let of = |(place, values): (usize, &Vec<f32>)| {
        let mean = values.iter().sum::<f32>() / values.len() as f32;
        let least = values.iter().copied().fold(f32::INFINITY, f32::min);
        let most = values.iter().copied().fold(f32::NEG_INFINITY, f32::max);
        ([place as f32 + 1.0, mean], [least, most])
    };
    let (points, spread) = by_size.iter().enumerate().map(of).unzip();
    let trace =
        Trace { spread, ..Trace::new(text("All choices of members", "所有成员组合"), Shape::Line, points) };
    Chart {
        id: SIZE.to_string(),
        x: Axis::new(text("Members that vote", "参与投票的成员数"), Unit::Number),
        y: Axis::new(text("Accuracy", "准确率"), Unit::Fraction),
        traces: vec![trace],
        marks: vec![],
    }
}

fn differences(council: &Council) -> Heatmap {
    let names: Vec<String> = (1..=council.members.len()).map(|member| member.to_string()).collect();
    let cell = |one: &Vec<f64>, other| Some(disagreement(one, other, council.classes.len()) as f32);
    Heatmap {
        id: DISAGREEMENT.to_string(),
        x: text("Member", "成员"),
        y: text("Member", "成员"),
        columns: names.clone(),
        rows: names,
        values: council
            .members
            .iter()
            .map(|one| council.members.iter().map(|other| cell(one, other)).collect())
            .collect(),
        unit: Unit::Fraction,
        others: vec![],
    }
}

fn decisions(council: &Council, told: &[(Text, Values)]) -> EventBody {
    let (classes, truth) = (council.classes.len(), &council.truth);
    let answers = |said: &[f64]| said.chunks(classes).map(|row| argmax(row) as u32).collect::<Vec<_>>();
    let alone: Vec<Vec<u32>> = council.members.iter().map(|said| answers(said)).collect();
    let of_truth: Vec<f64> = council.mean.chunks(classes).zip(truth).map(|(row, &truth)| row[truth as usize]).collect();
    let right = |sample: usize| alone.iter().filter(|answers| answers[sample] == truth[sample]).count().to_string();
    let right: Column = (text("Members that are right", "答对的成员数"), Box::new(right));
    let probable = probability(text("P(true class)", "P(真实类别)"), |sample| of_truth[sample]);
    let decided =
        Decided { labels: council.classes.clone(), truth, called: &answers(&council.vote), of_truth: &of_truth };
    decided.matrix(DECISIONS, [right, probable].into_iter().chain(values(told)).collect())
}

fn calibration(council: &Council) -> Chart {
    let line = |label, answers: Vec<(f64, bool)>| {
        let (said, right): (Vec<f64>, Vec<bool>) = answers.into_iter().unzip();
        let bins = reliability(&right, &said, BINS).into_iter().filter(|bin| bin.count > 0);
        Trace::new(label, Shape::Line, bins.map(|bin| [bin.said as f32, bin.was as f32]).collect())
    };
    let alone = council.members.iter().flat_map(|member| council.answers(member)).collect();
    let diagonal = vec![[0.0, 0.0], [1.0, 1.0]];
    Chart {
        id: CALIBRATION.to_string(),
        x: Axis::new(text("Confidence", "置信度"), Unit::Fraction),
        y: Axis::new(text("Share that was right", "实际正确的比例"), Unit::Fraction),
        traces: vec![
            Trace::new(text("As sure as right", "完全校准"), Shape::Dashed, diagonal),
            line(text("Members", "单个成员"), alone),
            line(text("Mean of the members", "成员概率的均值"), council.answers(&council.mean)),
        ],
        marks: vec![],
    }
}

fn predictions(council: &Council) -> Predictions {
    Predictions {
        id: PREDICTIONS.to_string(),
        classes: council.classes.clone(),
        truth: council.truth.clone(),
        probabilities: council.mean.iter().map(|&probability| probability as f32).collect(),
        decision: None,
    }
}

impl Council {
    /// How sure each answer is, and whether it is right.
    pub fn answers(&self, said: &[f64]) -> Vec<(f64, bool)> {
        let rows = said.chunks(self.classes.len()).zip(&self.truth);
        rows.map(|(row, &truth)| (row[argmax(row)], argmax(row) == truth as usize)).collect()
    }
}
