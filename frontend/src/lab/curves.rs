//! All charts of a lab: one for each group of series that share an axis.

use kindling_protocol::lab::{LabSpec, Series};
use leptos::prelude::*;

use crate::charts::chart::{Chart, ChartRun};
use crate::charts::plot::HUES;
use crate::charts::toolbar::{ChartSettings, ChartToolbar};

#[component]
pub fn Curves(spec: LabSpec, #[prop(into)] runs: Signal<Vec<ChartRun>>) -> impl IntoView {
    let settings = ChartSettings::new();
    let charts = groups(&spec.series).into_iter().map(|(id, series)| view! { <Chart id series runs settings /> });
    // One name a run; in the charts its letter stands for it.
    let names = move || {
        let runs = runs.get();
        let several = runs.len() > 1;
        let name = |run: ChartRun| view! { <li><b class=format!("run-letter hue-{}", run.hue % HUES)>{run.letter.to_string()}</b> {run.name}</li> };
        several.then(
            || view! { <ul class="run-names" data-testid="run-names">{runs.into_iter().map(name).collect_view()}</ul> },
        )
    };
    view! {
        <ChartToolbar settings />
        {names}
        <div class="charts">{charts.collect_view()}</div>
    }
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
    use kindling_protocol::lab::Unit;
    use kindling_protocol::text::text;

    use super::*;

    #[test]
    fn series_are_grouped_by_axis_in_order() {
        let one = |id: &'static str, chart: &'static str| Series {
            id: id.into(),
            label: text(id, id),
            chart: chart.into(),
            unit: Unit::Number,
        };
        let series = [one("a", "loss"), one("b", "accuracy"), one("c", "loss")];
        let groups: Vec<(String, Vec<String>)> = groups(&series)
            .into_iter()
            .map(|(id, group)| (id, group.iter().map(|one| one.id.to_string()).collect()))
            .collect();
        assert_eq!(groups, [("loss".into(), vec!["a".into(), "c".into()]), ("accuracy".into(), vec!["b".to_string()])]);
    }
}
