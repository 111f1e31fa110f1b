//! A run's events, turned into what can be drawn. The same for a run in this tab, one on the server and
//! one read back from the store: a run is its events.

use std::collections::BTreeMap;
use std::sync::Arc;

use kindling_protocol::chart::{Chart, Heatmap};
use kindling_protocol::event::{Cell, Event, EventBody, FailureCode, ImageGrid, Progress};
use kindling_protocol::lab::Goal;
use kindling_protocol::model::Manifest;
use kindling_protocol::predictions::Predictions;
use kindling_protocol::text::{Text, text};

use crate::charts::curve::Point;
use crate::lab::matrix::Matrix;
use crate::trouble::Trouble;

/// Everything the events so far add up to. Big parts are shared, so that looking at them costs nothing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunView {
    pub device: Option<String>,
    /// By series id, each ordered by step.
    pub curves: BTreeMap<String, Vec<Point>>,
    pub marks: Vec<Mark>,
    pub progress: Option<Progress>,
    pub panels: BTreeMap<String, Arc<PanelContent>>,
    pub notes: Vec<Text>,
    /// The figures of the report. Empty until it comes.
    pub figures: BTreeMap<String, f64>,
    pub model: Option<Arc<Manifest>>,
    pub end: Option<End>,
    /// Step and size of the newest checkpoint.
    pub checkpoint: Option<(u64, u64)>,
    pub last_seq: u64,
    /// Milliseconds of running at the newest event.
    pub at_ms: u64,
}

/// Something that happened at one moment of the run.
#[derive(Clone, Debug, PartialEq)]
pub struct Mark {
    pub step: u64,
    pub epoch: f64,
    pub at_ms: u64,
    pub text: Text,
}

/// What fills a panel. The kind is told by the event, the panel by its `id`.
#[derive(Clone, Debug, PartialEq)]
pub enum PanelContent {
    Matrix(Matrix),
    Images(ImageGrid),
    Table { columns: Vec<Text>, rows: Vec<Vec<Cell>> },
    File { name: String, bytes: String },
    Passage(String),
    Chart(Chart),
    Heatmap(Heatmap),
    Predictions(Predictions),
}

/// How a run ended.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    Finished,
    Stopped { step: u64 },
    Failed { code: FailureCode, trouble: Trouble },
}

/// Whether a goal was met.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Verdict {
    /// The run has not reported yet.
    Open,
    /// The goal is about other settings than the run's.
    Elsewhere,
    Passed {
        figure: f64,
    },
    /// The run reported, and the figure is on the wrong side of the bound.
    Missed {
        figure: f64,
    },
    /// The figure was reached, but too late.
    TooLate {
        figure: f64,
        took_s: f64,
    },
    /// The run ended without this figure.
    Unknown,
}

impl RunView {
    pub fn replay<'a>(events: impl IntoIterator<Item = &'a Event>) -> RunView {
        let mut view = RunView::default();
        events.into_iter().for_each(|event| view.apply(event));
        view
    }

    /// Takes in one event. One seen before is left out: a stream that reconnects may repeat some.
    pub fn apply(&mut self, event: &Event) {
        if event.seq <= self.last_seq {
            return;
        }
        self.last_seq = event.seq;
        self.at_ms = event.at_ms;
        match &event.body {
            EventBody::Started { device, resumed_at } => {
                self.device = Some(device.clone());
                self.end = None;
                match resumed_at {
                    Some(step) => {
                        self.go_back_to(*step);
                        self.mark(*step, event.at_ms, text("Resumed", "继续"));
                    }
                    // Cut off before its first checkpoint, a run begins again.
                    None => {
                        self.curves.clear();
                        self.marks.clear();
                    }
                }
            }
            EventBody::Points { step, epoch, values } => {
                for (series, value) in values {
                    let point = Point { step: *step, epoch: *epoch, at_ms: event.at_ms, value: *value };
                    self.curves.entry(series.clone()).or_default().push(point);
                }
            }
            EventBody::Progress(progress) => self.progress = Some(progress.clone()),
            EventBody::Matrix { id, labels, counts, samples, examples } => {
                let (labels, counts, samples) = (labels.clone(), counts.clone(), samples.clone());
                let examples = examples.clone();
                self.fill(id, PanelContent::Matrix(Matrix { labels, counts, samples, examples }));
            }
            EventBody::Images(grid) => self.fill(&grid.id, PanelContent::Images(grid.clone())),
            EventBody::Table { id, columns, rows } => {
                self.fill(id, PanelContent::Table { columns: columns.clone(), rows: rows.clone() });
            }
            EventBody::File { id, name, bytes } => {
                self.fill(id, PanelContent::File { name: name.clone(), bytes: bytes.clone() });
            }
            EventBody::Passage { id, text } => self.fill(id, PanelContent::Passage(text.clone())),
            EventBody::Chart(chart) => self.fill(&chart.id, PanelContent::Chart(chart.clone())),
            EventBody::Heatmap(map) => self.fill(&map.id, PanelContent::Heatmap(map.clone())),
            EventBody::Predictions(all) => self.fill(&all.id, PanelContent::Predictions(all.clone())),
            // No panel plays sound or draws an environment; a lab that emits them brings its panel.
            EventBody::Audio { .. } | EventBody::Frame { .. } | EventBody::Unknown => {}
            EventBody::Mark { step, text } => self.mark(*step, event.at_ms, text.clone()),
            EventBody::Note { text } => {
                // A resumed run says again which data it reads.
                if !self.notes.contains(text) {
                    self.notes.push(text.clone());
                }
            }
            EventBody::Checkpoint { step, bytes } => self.checkpoint = Some((*step, *bytes)),
            EventBody::Report { figures, model } => {
                self.figures = figures.clone();
                self.model = model.as_ref().map(|manifest| Arc::new((**manifest).clone()));
                self.end = Some(End::Finished);
            }
            EventBody::Stopped { step } => self.end = Some(End::Stopped { step: *step }),
            EventBody::Failed { code, text, detail } => {
                let trouble = Trouble::new(text.clone(), detail.clone().unwrap_or_default());
                self.end = Some(End::Failed { code: *code, trouble });
            }
        }
    }

    /// A run that was cut off goes on from its checkpoint: what it said after that one comes again.
    fn go_back_to(&mut self, step: u64) {
        for curve in self.curves.values_mut() {
            curve.truncate(curve.partition_point(|point| point.step <= step));
        }
        self.marks.retain(|mark| mark.step <= step);
        self.figures.clear();
        self.model = None;
    }

    fn mark(&mut self, step: u64, at_ms: u64, text: Text) {
        let epoch = self.epoch_at(step);
        self.marks.push(Mark { step, epoch, at_ms, text });
    }

    /// The epoch a step belongs to, from the newest point before it.
    fn epoch_at(&self, step: u64) -> f64 {
        let newest = |curve: &Vec<Point>| curve[..curve.partition_point(|point| point.step <= step)].last().copied();
        let of_points = self.curves.values().filter_map(newest).max_by_key(|point| point.step).map(|point| point.epoch);
        of_points.or(self.progress.as_ref().map(|progress| progress.epoch)).unwrap_or(0.0)
    }

    fn fill(&mut self, panel: &str, content: PanelContent) {
        self.panels.insert(panel.to_string(), Arc::new(content));
    }

    pub fn points(&self, series: &str) -> &[Point] {
        self.curves.get(series).map_or(&[], Vec::as_slice)
    }

    /// The newest value of a series.
    pub fn latest(&self, series: &str) -> Option<f64> {
        self.points(series).last().map(|point| point.value)
    }

    /// From 0 to 1.
    pub fn share_done(&self) -> f64 {
        match (&self.end, &self.progress) {
            (Some(End::Finished), _) => 1.0,
            (_, Some(progress)) if progress.steps > 0 => (progress.step as f64 / progress.steps as f64).clamp(0.0, 1.0),
            _ => 0.0,
        }
    }

    /// Milliseconds of running when training ended: at the newest point of the curves. The test at the end is not training.
    fn trained_ms(&self) -> u64 {
        let newest = self.curves.values().filter_map(|curve| curve.last()).map(|point| point.at_ms).max();
        newest.unwrap_or(self.at_ms)
    }

    /// As it stands for a goal that judges the run's settings.
    pub fn verdict(&self, goal: &Goal) -> Verdict {
        let took_s = self.trained_ms() as f64 / 1000.0;
        match (self.figures.get(goal.figure.as_ref()), &self.end) {
            (Some(&figure), _) if goal.holds(figure, took_s) => Verdict::Passed { figure },
            (Some(&figure), _) if goal.holds(figure, 0.0) => Verdict::TooLate { figure, took_s },
            (Some(&figure), _) => Verdict::Missed { figure },
            (None, Some(_)) => Verdict::Unknown,
            (None, None) => Verdict::Open,
        }
    }
}

#[cfg(test)]
mod tests {
    use kindling_protocol::lab::GoalTest;

    use super::*;

    /// Stamps bodies as a host does: numbers without a gap, ten milliseconds each.
    fn events(bodies: Vec<EventBody>) -> Vec<Event> {
        let stamp = |(index, body)| Event { seq: index as u64 + 1, at_ms: (index as u64 + 1) * 10, body };
        bodies.into_iter().enumerate().map(stamp).collect()
    }

    fn started(resumed_at: Option<u64>) -> EventBody {
        EventBody::Started { device: "CPU".into(), resumed_at }
    }

    fn loss(step: u64, value: f64) -> EventBody {
        let values = BTreeMap::from([("loss".to_string(), value)]);
        EventBody::Points { step, epoch: step as f64 / 100.0, values }
    }

    fn report(figure: f64) -> EventBody {
        EventBody::Report { figures: BTreeMap::from([("accuracy".to_string(), figure)]), model: None }
    }

    fn goal(within_s: Option<f64>) -> Goal {
        Goal {
            id: "good".into(),
            text: text("good", "好"),
            figure: "accuracy".into(),
            test: GoalTest::AtLeast(0.97),
            within_s,
            counter: Vec::new(),
            only_when: Vec::new(),
        }
    }

    #[test]
    fn a_resumed_run_draws_each_step_once() {
        let lr = EventBody::Mark { step: 30, text: text("lr", "lr") };
        let told =
            vec![started(None), loss(10, 3.0), loss(20, 2.0), loss(30, 9.0), lr, started(Some(20)), loss(30, 1.5)];
        let view = RunView::replay(&events(told));
        let drawn: Vec<(u64, f64)> = view.points("loss").iter().map(|point| (point.step, point.value)).collect();
        assert_eq!(drawn, [(10, 3.0), (20, 2.0), (30, 1.5)]);
        let marks: Vec<(u64, &str)> = view.marks.iter().map(|mark| (mark.step, mark.text.en.as_ref())).collect();
        assert_eq!(marks, [(20, "Resumed")]);
        assert!((view.marks[0].epoch - 0.2).abs() < 1e-12);
    }

    #[test]
    fn a_run_that_begins_again_draws_nothing_twice() {
        let view =
            RunView::replay(&events(vec![started(None), loss(10, 3.0), loss(20, 2.0), started(None), loss(10, 4.0)]));
        assert_eq!(view.points("loss").iter().map(|point| point.value).collect::<Vec<_>>(), [4.0]);
    }

    #[test]
    fn events_seen_before_change_nothing() {
        let told = events(vec![started(None), loss(10, 3.0), loss(20, 2.0), report(0.98)]);
        let once = RunView::replay(&told);
        let mut twice = once.clone();
        told.iter().for_each(|event| twice.apply(event));
        assert_eq!(once, twice);
    }

    #[test]
    fn a_resumption_after_the_end_opens_the_run_again() {
        let view = RunView::replay(&events(vec![started(None), EventBody::Stopped { step: 5 }, started(Some(5))]));
        assert_eq!(view.end, None);
        assert_eq!(view.verdict(&goal(None)), Verdict::Open);
    }

    #[test]
    fn goals_are_judged_by_the_report_and_the_time_of_training() {
        let run = |bodies| RunView::replay(&events(bodies));
        assert_eq!(run(vec![started(None)]).verdict(&goal(None)), Verdict::Open);
        assert_eq!(run(vec![EventBody::Stopped { step: 3 }]).verdict(&goal(None)), Verdict::Unknown);
        assert_eq!(run(vec![report(0.96)]).verdict(&goal(None)), Verdict::Missed { figure: 0.96 });
        let nan = run(vec![report(f64::NAN)]).verdict(&goal(None));
        assert!(matches!(nan, Verdict::Missed { .. }), "{nan:?}");
        assert_eq!(run(vec![report(0.98)]).verdict(&goal(Some(1.0))), Verdict::Passed { figure: 0.98 });
        let late = run(vec![report(0.98)]).verdict(&goal(Some(0.005)));
        assert_eq!(late, Verdict::TooLate { figure: 0.98, took_s: 0.01 });
        // Training ends with the curves, at 10 ms here; that its report comes at 30 ms is not its fault.
        let slow = vec![loss(10, 0.1), EventBody::Checkpoint { step: 10, bytes: 1 }, report(0.98)];
        assert_eq!(run(slow).verdict(&goal(Some(0.01))), Verdict::Passed { figure: 0.98 });
    }

    #[test]
    fn notes_are_told_once_and_panels_hold_the_newest() {
        let note = EventBody::Note { text: text("generated data", "生成的数据") };
        let matrix = |count| EventBody::Matrix {
            id: "confusion".into(),
            labels: vec!["a".into()],
            counts: vec![vec![count]],
            samples: vec![],
            examples: None,
        };
        let view = RunView::replay(&events(vec![note.clone(), matrix(1), note, matrix(2)]));
        assert_eq!(view.notes.len(), 1);
        let PanelContent::Matrix(newest) = view.panels["confusion"].as_ref() else { panic!("not a matrix") };
        assert_eq!(newest.counts, [[2]]);
    }

    #[test]
    fn progress_gives_the_share_done() {
        let progress = Progress { step: 30, steps: 120, ..Progress::default() };
        let mut view = RunView::replay(&events(vec![EventBody::Progress(progress)]));
        assert_eq!(view.share_done(), 0.25);
        view.apply(&Event { seq: 9, at_ms: 90, body: report(1.0) });
        assert_eq!(view.share_done(), 1.0);
        assert_eq!(RunView::default().share_done(), 0.0);
    }
}
