//! All charts of a lab: one for each group of series that share an axis.

use kindling_protocol::lab::{LabSpec, Series};
use leptos::prelude::*;

use crate::charts::chart::{Chart, ChartRun};
use crate::charts::plot::HUES;
use crate::charts::toolbar::{ChartSettings, ChartToolbar};
use crate::i18n::{lab as words, tr};
use crate::lab::run_view::RunView;

/// A chart whose curves have no point is left out once the runs are over: what a run did not do has no place.
#[component]
pub fn Curves(spec: LabSpec, #[prop(into)] runs: Signal<Vec<ChartRun>>) -> impl IntoView {
    let settings = ChartSettings::new();
    let chart = |(id, series): (String, Vec<Series>)| {
        let group = series.clone();
        let shown = Memo::new(move |_| {
            runs.with(|runs| runs.is_empty() || runs.iter().any(|run| may_draw(&group, &run.view.read())))
        });
        let chart = move || {
            let (id, series) = (id.clone(), series.clone());
            shown.get().then(|| view! { <Chart id series runs settings /> })
        };
        (shown, chart)
    };
    let (shown, charts): (Vec<_>, Vec<_>) = groups(&spec.series).into_iter().map(chart).unzip();
    let any = Memo::new(move |_| shown.iter().any(|shown| shown.get()));
    // One name a run; in the charts its letter stands for it.
    let names = move || {
        let runs = runs.get();
        let several = runs.len() > 1;
        let name = |run: ChartRun| view! { <li><b class=format!("run-letter hue-{}", run.hue % HUES)>{run.letter.to_string()}</b> {run.name}</li> };
        several.then(
            || view! { <ul class="run-names" data-testid="run-names">{runs.into_iter().map(name).collect_view()}</ul> },
        )
    };
    let head = move || match any.get() {
        true => view! { <ChartToolbar settings /> }.into_any(),
        false => view! { <p class="quiet" data-testid="no-curves">{tr(&words::NO_CURVES)}</p> }.into_any(),
    };
    view! {
        {head}
        {names}
        <div class="charts">{charts.into_iter().collect_view()}</div>
    }
}

/// Whether the run has something to draw in a chart of these series, or may yet have.
fn may_draw(series: &[Series], run: &RunView) -> bool {
    run.end.is_none() || series.iter().any(|one| !run.points(&one.id).is_empty())
}

/// Series by the axis they share, in the order of the spec.
fn groups(series: &[Series]) -> Vec<(String, Vec<Series>)> {
    let mut groups: Vec<(String, Vec<Series>)> = Vec::new();
    for one in series {
        match groups.iter_mut().find(|(id, _)| *id == one.chart) {
            Some((_, group)) => group.push(one.clone()),
            None => groups.push((one.chart.to_string(), vec![one.clone()])),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use kindling_protocol::event::{Event, EventBody};
    use kindling_protocol::lab::Unit;
    use kindling_protocol::text::text;

    use super::*;

    fn one(id: &'static str, chart: &'static str) -> Series {
        Series { id: id.into(), label: text(id, id), chart: chart.into(), unit: Unit::Number }
    }

    #[test]
    fn a_chart_goes_when_the_run_is_over_and_told_nothing_for_it() {
        let (loss, errors) = ([one("loss", "loss")], [one("errors", "errors")]);
        let told = |seq, body| Event { seq, at_ms: seq, body };
        let values = [("errors".to_string(), 0.05)].into();
        let mut view = RunView::replay(&[told(1, EventBody::Points { step: 1, epoch: 0.0, values })]);
        assert!(may_draw(&loss, &view), "it may come");
        view.apply(&told(2, EventBody::Report { figures: Default::default(), model: None }));
        assert!(!may_draw(&loss, &view) && may_draw(&errors, &view));
        view.apply(&told(3, EventBody::Started { device: "CPU".into(), resumed_at: Some(1) }));
        assert!(may_draw(&loss, &view), "it goes on");
    }

    #[test]
    fn series_are_grouped_by_axis_in_order() {
        let series = [one("a", "loss"), one("b", "accuracy"), one("c", "loss")];
        let groups: Vec<(String, Vec<String>)> = groups(&series)
            .into_iter()
            .map(|(id, group)| (id, group.iter().map(|one| one.id.to_string()).collect()))
            .collect();
        assert_eq!(groups, [("loss".into(), vec!["a".into(), "c".into()]), ("accuracy".into(), vec!["b".to_string()])]);
    }
}
