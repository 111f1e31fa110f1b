//! Panels: power, p-values over time, errors by look, intervals, tests.

use kindling_protocol::chart::{Axis, Chart, ChartMark, Shape, Trace};
use kindling_protocol::event::{Cell, EventBody};
use kindling_protocol::lab::Unit;
use kindling_protocol::text::{Text, text};
use kindling_statistics::comparisons::{
    McNemar, Tested, bootstrap, mcnemar, percentile_interval, two_proportions, welch,
};
use kindling_statistics::power::Planned;

use super::contest::Contest;
use super::draw::{Design, Drawer};
use super::looks::{Kind, fixed};
use super::simulation::{Counts, EFFECTS};
use crate::data::random;
use crate::host::{Host, Interrupt, Run};

pub const POWER: &str = "power";
pub const PATHS: &str = "paths";
pub const ERRORS: &str = "errors";
pub const INTERVALS: &str = "intervals";
pub const TESTS: &str = "tests";
pub const PAIRS: &str = "pairs";

const RESAMPLES: usize = 1_000;
/// A/A tests among which one that fools is looked for.
const SEARCHED: u64 = 400;
/// Points of the power curve.
const PLACES: usize = 60;

/// What can be said before any experiment: of the two models, and of single A/A tests.
pub async fn models(design: &Design, contest: &Contest, right: &[Vec<bool>], run: &Run<'_>) -> Result<(), Interrupt> {
    let compared = compared(contest, right, 1.0 - design.alpha, run.seed);
    for event in
        [pairs(contest), tests(&compared, design.alpha), intervals(&compared, design.alpha), paths(design, run.seed)]
    {
        run.host.emit(event).await?;
    }
    Ok(())
}

/// What the experiments so far come to.
pub async fn experiments(design: &Design, counts: &Counts, host: &dyn Host) -> Result<(), Interrupt> {
    host.emit(errors(design, counts)).await?;
    host.emit(power(design, counts)).await
}

fn power(design: &Design, counts: &Counts) -> EventBody {
    let theory = |place: usize| {
        let effect = 2.0 * design.effect * place as f64 / PLACES as f64;
        let planned = match design.kind {
            Kind::McNemar => Planned::paired(design.differing.max(effect), effect, design.alpha),
            _ => Planned::proportions(design.base, effect, design.alpha),
        };
        [effect as f32, planned.power(design.samples() as f64) as f32]
    };
    // No rate is above one.
    let can_be = |point: &[f32; 2]| design.kind == Kind::McNemar || design.base + f64::from(point[0]) < 1.0;
    let tried = EFFECTS.iter().enumerate().filter(|(place, _)| counts.runs[*place] > 0);
    let found = tried.map(|(place, share)| {
        let (rate, runs) = (counts.rate(place), counts.runs[place] as f64);
        let margin = 1.96 * (rate * (1.0 - rate) / runs).sqrt();
        ([(share * design.effect) as f32, rate as f32], [(rate - margin) as f32, (rate + margin) as f32])
    });
    let (points, spread) = found.unzip();
    let level = |y: f64| vec![[0.0, y as f32], [2.0 * design.effect as f32, y as f32]];
    EventBody::Chart(Chart {
        id: POWER.into(),
        x: Axis::new(text("True difference", "真实差异"), Unit::Fraction),
        y: Axis::new(text("Experiments that find it", "发现差异的实验比例"), Unit::Fraction),
        traces: vec![
            Trace::new(
                text("One look at the end, in theory", "理论值（只在结束时看一次）"),
                Shape::Line,
                (0..=PLACES).map(theory).filter(can_be).collect(),
            ),
            Trace { spread, ..Trace::new(text("Simulated, as set", "按当前设置模拟"), Shape::Points, points) },
            Trace::new(text("Alpha", "显著性水平 α"), Shape::Dashed, level(design.alpha)),
            Trace::new(text("Planned power", "计划的检验力"), Shape::Dashed, level(design.power)),
        ],
        marks: vec![ChartMark { x: design.effect as f32, text: text("planned", "计划值") }],
    })
}

/// A/A tests that have been significant by now: what peeking costs, and what mends it.
fn errors(design: &Design, counts: &Counts) -> EventBody {
    let line = |label: Text, crossed: &[u64]| {
        let point =
            |(look, &count): (usize, &u64)| [(look + 1) as f32, (count as f64 / counts.runs[0].max(1) as f64) as f32];
        Trace::new(label, Shape::Steps, crossed.iter().enumerate().map(point).collect())
    };
    let [naive, spent, always] = &counts.crossed;
    let level = vec![[1.0, design.alpha as f32], [design.looks as f32, design.alpha as f32]];
    EventBody::Chart(Chart {
        id: ERRORS.into(),
        x: Axis::new(text("Looks so far", "已查看次数"), Unit::Number),
        y: Axis::new(text("False alarms so far", "累计误报比例"), Unit::Fraction),
        traces: vec![
            line(text("Fixed test, read at every look", "固定样本检验，每次都看"), naive),
            line(text("Spent alpha (O'Brien–Fleming)", "α 消耗 (O'Brien–Fleming)"), spent),
            line(text("Always-valid p (mSPRT)", "始终有效的 p 值 (mSPRT)"), always),
            Trace::new(text("Alpha", "显著性水平 α"), Shape::Dashed, level),
        ],
        marks: vec![],
    })
}

/// P-values of A/A tests over time: one that would have fooled who peeked, and two others.
fn paths(design: &Design, seed: u64) -> EventBody {
    let drawer = Drawer::new(design, 0.0);
    let path = |experiment: u64| -> Vec<f64> {
        let seen = drawer.draw(&mut random::stream(seed, "ab-test", 0, experiment));
        seen.iter().map(|seen| fixed(seen).p).collect()
    };
    let fools = |path: &Vec<f64>| {
        let last = path.len() - 1;
        path[last] >= design.alpha && path[..last].iter().any(|&p| p < design.alpha)
    };
    let fooling = (0..SEARCHED).map(path).find(fools);
    let stop = fooling.as_ref().and_then(|path| path.iter().position(|&p| p < design.alpha));
    let line = |label: Text, path: &[f64]| {
        let point = |(look, &p): (usize, &f64)| [(look + 1) as f32, p as f32];
        Trace::new(label, Shape::Line, path.iter().enumerate().map(point).collect())
    };
    let mut traces: Vec<Trace> = fooling
        .iter()
        .map(|path| line(text("Significant on the way, not at the end", "中途显著、最终不显著"), path))
        .collect();
    let others = [text("Another A/A test", "另一次 A/A 检验"), text("A third one", "第三次 A/A 检验")];
    traces.extend(
        (0..SEARCHED).map(path).filter(|path| !fools(path)).zip(others).map(|(path, label)| line(label, &path)),
    );
    let level = vec![[1.0, design.alpha as f32], [design.looks as f32, design.alpha as f32]];
    traces.push(Trace::new(text("Alpha", "显著性水平 α"), Shape::Dashed, level));
    let mark =
        |look: usize| ChartMark { x: (look + 1) as f32, text: text("a peeker stops here", "偷看者在此停止") };
    EventBody::Chart(Chart {
        id: PATHS.into(),
        x: Axis::new(text("Looks so far", "已查看次数"), Unit::Number),
        y: Axis::new(text("p-value", "p 值"), Unit::Number),
        traces,
        marks: stop.map(mark).into_iter().collect(),
    })
}

fn pairs(contest: &Contest) -> EventBody {
    let pairs = contest.pairs;
    let row = |name: Text, cells: [u64; 2]| {
        [name.into()].into_iter().chain(cells.map(|count| Cell::from(count.to_string()))).collect()
    };
    EventBody::Table {
        id: PAIRS.into(),
        columns: vec![text("A against B", "A 对照 B"), text("B right", "B 对"), text("B wrong", "B 错")],
        rows: vec![
            row(text("A right", "A 对"), [pairs.both, pairs.only_first]),
            row(text("A wrong", "A 错"), [pairs.only_second, pairs.neither]),
        ],
    }
}

/// One test of the two models.
struct Compared {
    name: Text,
    paired: bool,
    difference: f64,
    statistic: Option<f64>,
    p: Option<f64>,
    interval: (f64, f64),
}

/// By tests that take the two for independent, which they are not, and by paired ones.
fn compared(contest: &Contest, right: &[Vec<bool>], confidence: f64, seed: u64) -> Vec<Compared> {
    let of = |name, paired, tested: Tested| Compared {
        name,
        paired,
        difference: tested.difference,
        statistic: Some(tested.statistic),
        p: Some(tested.p),
        interval: tested.interval(confidence),
    };
    let difference =
        |row: u32| f64::from(u8::from(right[0][row as usize])) - f64::from(u8::from(right[1][row as usize]));
    let count = right[0].len() as u32;
    let mut stream = random::stream(seed, "bootstrap", 0, 0);
    let mean = |rows: &[u32]| rows.iter().map(|&row| difference(row)).sum::<f64>() / f64::from(count);
    let resampled = bootstrap(count, RESAMPLES, |bound| stream.below(bound), mean);
    let exact = mcnemar(contest.pairs, McNemar::Exact);
    vec![
        of(text("Two-proportion z", "两比例 z 检验"), false, two_proportions(contest.first, contest.second)),
        of(text("Welch t", "Welch t 检验"), false, welch(contest.first.moments(), contest.second.moments())),
        of(text("McNemar, exact", "McNemar 精确检验"), true, exact),
        of(text("McNemar, mid-p", "McNemar mid-p 检验"), true, mcnemar(contest.pairs, McNemar::MidP)),
        of(text("McNemar, χ²", "McNemar χ² 检验"), true, mcnemar(contest.pairs, McNemar::Corrected)),
        Compared {
            name: text("Bootstrap", "自助法 (bootstrap)"),
            paired: true,
            difference: exact.difference,
            statistic: None,
            p: None,
            interval: percentile_interval(resampled, confidence),
        },
    ]
}

/// How sure an interval is that belongs to this level, in percent.
fn percent(alpha: f64) -> f64 {
    ((1.0 - alpha) * 1e4).round() / 1e2
}

fn tests(compared: &[Compared], alpha: f64) -> EventBody {
    let number = |value: Option<f64>| value.map_or("—".to_string(), |value| format!("{value:.4}"));
    let row = |compared: &Compared| {
        let values = [
            if compared.paired { "✓" } else { "✗" }.to_string(),
            format!("{:+.4}", compared.difference),
            number(compared.statistic),
            compared.p.filter(|p| *p < 1e-4).map_or_else(|| number(compared.p), |_| "< 0.0001".into()),
            format!("{:+.4} … {:+.4}", compared.interval.0, compared.interval.1),
        ];
        [compared.name.clone().into()].into_iter().chain(values.map(Cell::from)).collect()
    };
    let percent = percent(alpha);
    let columns = vec![
        text("Test", "检验"),
        text("Paired", "配对"),
        text("A − B", "A − B"),
        text("Statistic", "统计量"),
        text("p", "p 值"),
        Text { en: format!("{percent} % interval").into(), zh: format!("{percent}% 区间").into() },
    ];
    EventBody::Table { id: TESTS.into(), columns, rows: compared.iter().map(row).collect() }
}

fn intervals(compared: &[Compared], alpha: f64) -> EventBody {
    let names = compared.iter().map(|compared| compared.name.clone()).collect();
    let points = compared.iter().enumerate().map(|(place, compared)| [place as f32, compared.difference as f32]);
    let spread = compared.iter().map(|compared| [compared.interval.0 as f32, compared.interval.1 as f32]).collect();
    let last = compared.len() as f32 - 1.0;
    let percent = percent(alpha);
    let label = Text {
        en: format!("A − B with its {percent} % interval (1 − α)").into(),
        zh: format!("A − B 及其 {percent}% 区间 (1 − α)").into(),
    };
    let measured = Trace::new(label, Shape::Points, points.collect());
    EventBody::Chart(Chart {
        id: INTERVALS.into(),
        x: Axis { names, ..Axis::new(text("Test", "检验"), Unit::Number) },
        y: Axis::new(text("Difference of accuracy", "准确率之差"), Unit::Fraction),
        traces: vec![
            Trace { spread, ..measured },
            Trace::new(text("No difference", "无差异"), Shape::Dashed, vec![[0.0, 0.0], [last, 0.0]]),
        ],
        marks: vec![],
    })
}
