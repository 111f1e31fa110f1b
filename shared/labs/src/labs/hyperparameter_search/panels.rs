//! Panels: grid against chance, best so far against cost, a heat map, parallel coordinates, the best trials.

use kindling_protocol::chart::{Axis, Chart, Heatmap, Shape, Trace};
use kindling_protocol::event::{Cell, EventBody};
use kindling_protocol::lab::Unit;
use kindling_protocol::text::{Text, text};

use super::planted::Contest;
use super::search::Trial;
use super::space::{NAMES, Space};
use crate::host::{Host, Interrupt};

pub const PLANTED: &str = "planted";
pub const COST: &str = "cost";
pub const HEAT: &str = "heat";
pub const PARALLEL: &str = "parallel";
pub const TRIALS: &str = "trials";

/// Cells of the heat map to a side.
const CELLS: usize = 6;
/// Trials in the table; half as many good ones and bad ones among the lines.
const LISTED: usize = 10;

const TRIED: Text = text("Trials", "试验数");
const SO_FAR: Text = text("Best so far", "迄今最优");
const ACCURACY: Text = text("Accuracy on the folds", "各折平均准确率");

pub fn planted(contest: &Contest) -> EventBody {
    let line = |label: Text, means: &[f64]| {
        let points = means.iter().enumerate().map(|(place, &mean)| [place as f32 + 1.0, mean as f32]);
        Trace::new(label, Shape::Steps, points.collect())
    };
    let traces = vec![
        line(text("Random", "随机"), &contest.random),
        line(text("Grid, two levels each", "网格，每维两档"), &contest.grid),
    ];
    chart(PLANTED, Axis::new(TRIED, Unit::Number), Axis::new(SO_FAR, Unit::Number), traces)
}

/// What the trials so far come to.
pub async fn show(space: &Space, trials: &[Trial], host: &dyn Host) -> Result<(), Interrupt> {
    let mut ranked: Vec<&Trial> = trials.iter().collect();
    // Longer trainings first: scores of different lengths don't compare.
    ranked.sort_by(|one, other| (other.epochs, other.score).partial_cmp(&(one.epochs, one.score)).expect("finite"));
    for panel in [cost(trials), heat(space, trials), parallel(space, &ranked), table(&ranked)] {
        host.emit(panel).await?;
    }
    Ok(())
}

fn cost(trials: &[Trial]) -> EventBody {
    let mut best = 0.0f32;
    let point = |trial: &Trial| [trial.cost as f32, trial.score as f32];
    let steps = trials.iter().map(|trial| {
        best = best.max(trial.score as f32);
        [trial.cost as f32, best]
    });
    let traces = vec![
        Trace::new(SO_FAR, Shape::Steps, steps.collect()),
        Trace::new(text("Each trial", "每次试验"), Shape::Points, trials.iter().map(point).collect()),
    ];
    let x = Axis::new(text("Epochs trained", "已训练轮数"), Unit::Number);
    chart(COST, x, Axis::new(ACCURACY, Unit::Fraction), traces)
}

/// Of each two that are searched, learning rate and momentum first.
fn heat(space: &Space, trials: &[Trial]) -> EventBody {
    let pairs = (1..space.searched).flat_map(|y| (0..y).map(move |x| (x, y)));
    let mut maps = pairs.map(|(x, y)| heat_over(space, trials, x, y));
    let first = maps.next().expect("at least two are searched");
    EventBody::Heatmap(Heatmap { others: maps.collect(), ..first })
}

/// The best score in each cell.
fn heat_over(space: &Space, trials: &[Trial], x: usize, y: usize) -> Heatmap {
    let mut values = vec![vec![None; CELLS]; CELLS];
    for trial in trials {
        let [column, row] = [x, y].map(|place| {
            let unit = space.ranges[place].unit(trial.config[place]);
            ((unit * CELLS as f64) as usize).min(CELLS - 1)
        });
        let cell: &mut Option<f32> = &mut values[row][column];
        *cell = Some(cell.unwrap_or(0.0).max(trial.score as f32));
    }
    // Named by their middles.
    let names = |place: usize| {
        (0..CELLS).map(|cell| space.ranges[place].show((cell as f64 + 0.5) / CELLS as f64)).collect::<Vec<_>>()
    };
    Heatmap {
        id: HEAT.into(),
        x: NAMES[x].clone(),
        y: NAMES[y].clone(),
        columns: names(x),
        rows: names(y),
        values,
        unit: Unit::Fraction,
        others: vec![],
    }
}

/// A line for each of the best trials and, dashed, of the worst.
fn parallel(space: &Space, ranked: &[&Trial]) -> EventBody {
    let half = (ranked.len() / 2).min(LISTED / 2);
    let line = |trial: &&Trial, shape: Shape| {
        let place = |place: usize| [place as f32, space.ranges[place].unit(trial.config[place]) as f32];
        let score = [space.searched as f32, trial.score as f32];
        let name = percent(trial.score);
        let label = Text { en: name.clone().into(), zh: name.into() };
        Trace::new(label, shape, (0..space.searched).map(place).chain([score]).collect())
    };
    let good = ranked.iter().take(half).map(|trial| line(trial, Shape::Line));
    let bad = ranked[ranked.len() - half..].iter().map(|trial| line(trial, Shape::Dashed));
    let names = NAMES.into_iter().take(space.searched).chain([ACCURACY]).collect();
    let x = Axis { names, ..Axis::new(text("Hyperparameter", "超参数"), Unit::Number) };
    let y = Axis::new(text("From low to high in its range", "在其范围内由低到高"), Unit::Number);
    chart(PARALLEL, x, y, good.chain(bad).collect())
}

fn table(ranked: &[&Trial]) -> EventBody {
    let mut columns = vec![ACCURACY, text("± over the folds", "各折标准差"), text("Epochs", "轮数")];
    columns.extend(NAMES);
    let row = |trial: &&Trial| {
        let mut row = vec![percent(trial.score), percent(trial.deviation), trial.epochs.to_string()];
        row.extend(trial.config.iter().map(f64::to_string));
        row.into_iter().map(Cell::from).collect()
    };
    let rows = ranked.iter().take(LISTED).map(row).collect();
    EventBody::Table { id: TRIALS.into(), columns, rows }
}

fn percent(share: f64) -> String {
    format!("{:.1} %", 100.0 * share)
}

fn chart(id: &str, x: Axis, y: Axis, traces: Vec<Trace>) -> EventBody {
    EventBody::Chart(Chart { id: id.into(), x, y, traces, marks: vec![] })
}
