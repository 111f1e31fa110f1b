//! A chart in rows: as a file with every point, and as a table for those who read better than they see.

use std::fmt::Write;

use kindling_protocol::chart::{Axis, Chart, Trace};
use kindling_protocol::text::Language;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::charts::chart::value_text;
use crate::charts::export::quoted;
use crate::components::table_scroll::TableScroll;
use crate::i18n::{self, charts as words, panels, t, tr};
use crate::panels::layout::name_at;

/// Rows of a table, spread evenly over the longest trace.
const ROWS: usize = 40;

/// Every point of every trace, one a line.
pub fn csv(chart: &Chart, language: Language) -> String {
    let mut text = String::from("trace,x,y,low,high\n");
    let named = |axis: &Axis, value: f32| {
        name_at(axis, value.into(), language).map_or_else(|| value.to_string(), |name| quoted(&name))
    };
    for trace in &chart.traces {
        for (index, [x, y]) in trace.points.iter().enumerate() {
            let (x, y) = (named(&chart.x, *x), named(&chart.y, *y));
            let [low, high] =
                trace.spread.get(index).map_or([String::new(), String::new()], |ends| ends.map(|end| end.to_string()));
            writeln!(text, "{},{x},{y},{low},{high}", quoted(trace.label.get(language))).expect("writing to a string");
        }
    }
    text
}

/// A value on its axis, in words.
pub fn axis_text(axis: &Axis, value: f64, language: Language) -> String {
    name_at(axis, value, language).unwrap_or_else(|| value_text(language, axis.unit, value))
}

/// A value with its interval, if it has one.
pub fn spread_text(axis: &Axis, value: f64, spread: Option<[f32; 2]>, language: Language) -> String {
    let value = axis_text(axis, value, language);
    match spread {
        Some([low, high]) => {
            let [low, high] = [low, high].map(|end| value_text(language, axis.unit, end.into()));
            format!("{value} ({low} – {high})")
        }
        None => value,
    }
}

#[component]
pub fn Numbers(chart: Signal<std::sync::Arc<Chart>>) -> impl IntoView {
    // Only a table that is open is worked out.
    let open = RwSignal::new(false);
    let on_toggle = move |event: web_sys::Event| {
        let details: Option<web_sys::Element> = event.current_target().map(JsCast::unchecked_into);
        open.set(details.is_some_and(|details| details.has_attribute("open")));
    };
    view! {
        <details class="chart-table" on:toggle=on_toggle>
            <summary>{tr(&words::CHART_TABLE)}</summary>
            {move || open.get().then(|| chart.with(|chart| table(chart)))}
        </details>
    }
}

/// Traces that share their places on the x axis stand side by side, others one below the other.
fn table(chart: &Chart) -> AnyView {
    let language = i18n::language();
    let x_name = i18n::own(&chart.x.label);
    let value = |trace: &Trace, index: usize| {
        spread_text(&chart.y, trace.points[index][1].into(), trace.spread.get(index).copied(), language)
    };
    let x = |trace: &Trace, index: usize| {
        let ends = &trace.points[index..][..trace.shape.ends()];
        let ends = ends.iter().map(|end| axis_text(&chart.x, end[0].into(), language));
        ends.collect::<Vec<_>>().join(" – ")
    };
    let (head, rows): (Vec<String>, Vec<Vec<String>>) = match chart.traces.first() {
        Some(first) if first.shape.ends() == 1 && share_places(&chart.traces) => {
            let head = std::iter::once(x_name).chain(chart.traces.iter().map(|trace| i18n::own(&trace.label)));
            let row = |index| {
                let values = chart.traces.iter().map(|trace| value(trace, index));
                std::iter::once(x(first, index)).chain(values).collect()
            };
            (head.collect(), spread_over(first.points.len(), ROWS).map(row).collect())
        }
        _ => {
            let head = vec![t(&panels::TRACE).to_string(), x_name, i18n::own(&chart.y.label)];
            let each = (ROWS / chart.traces.len().max(1)).max(4);
            let of_trace = |trace: &'_ Trace| -> Vec<Vec<String>> {
                let ends = trace.shape.ends();
                let row = |index| vec![i18n::own(&trace.label), x(trace, index), value(trace, index)];
                spread_over(trace.points.len() / ends, each).map(|place| row(place * ends)).collect()
            };
            (head, chart.traces.iter().flat_map(of_trace).collect())
        }
    };
    let head = head.into_iter().map(|cell| view! { <th class="number" scope="col">{cell}</th> }).collect_view();
    let line = |row: Vec<String>| {
        let mut cells = row.into_iter();
        let name = cells.next();
        let cells = cells.map(|cell| view! { <td class="number">{cell}</td> }).collect_view();
        view! { <tr><th class="number" scope="row">{name}</th>{cells}</tr> }
    };
    let rows = rows.into_iter().map(line).collect_view();
    let marks = chart.marks.iter().map(|mark| {
        let at = axis_text(&chart.x, mark.x.into(), language);
        view! { <li><span class="number">{at}</span> " " {i18n::own(&mark.text)}</li> }
    });
    let marks = (!chart.marks.is_empty())
        .then(|| view! { <h4>{t(&words::CHART_MARKS)}</h4><ul class="chart-mark-list">{marks.collect_view()}</ul> });
    view! {
        <TableScroll><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></TableScroll>
        {marks}
    }
    .into_any()
}

fn share_places(traces: &[Trace]) -> bool {
    let places = |trace: &'_ Trace| trace.points.iter().map(|point| point[0]).collect::<Vec<_>>();
    traces.windows(2).all(|pair| places(&pair[0]) == places(&pair[1]))
}

/// At most `rows` of the indices below `count`, first and last among them.
fn spread_over(count: usize, rows: usize) -> impl Iterator<Item = usize> {
    let shown = count.min(rows);
    (0..shown).map(move |row| if shown > 1 { row * (count - 1) / (shown - 1) } else { 0 })
}

#[cfg(test)]
mod tests {
    use kindling_protocol::chart::Shape;
    use kindling_protocol::lab::Unit;
    use kindling_protocol::text::text;

    use super::*;

    #[test]
    fn a_file_has_every_point_with_names_and_intervals() {
        let mut one = Trace::new(text("=sum", "和"), Shape::Bars, vec![[0.0, 1.5], [1.0, 2.0]]);
        one.spread = vec![[1.0, 2.0], [1.5, 2.5]];
        let mut x = Axis::new(text("kind", "种类"), Unit::Number);
        x.names = vec![text("a,b", "甲"), text("c", "乙")];
        let y = Axis::new(text("y", "值"), Unit::Number);
        let chart = Chart { id: "c".into(), x, y, traces: vec![one], marks: Vec::new() };
        let told = "trace,x,y,low,high\n'=sum,\"a,b\",1.5,1,2\n'=sum,c,2,1.5,2.5\n";
        assert_eq!(csv(&chart, Language::En), told);
        assert!(csv(&chart, Language::Zh).contains("和,甲,1.5"));
        assert_eq!(spread_text(&chart.y, 1.5, Some([1.0, 2.0]), Language::En), "1.5 (1 – 2)");
        let bar = Trace::new(text("works", "工作"), Shape::Spans, vec![[0.5, 1.0], [2.0, 1.0]]);
        let rows = Chart { x: chart.y.clone(), y: chart.x.clone(), traces: vec![bar], ..chart };
        assert_eq!(csv(&rows, Language::En), "trace,x,y,low,high\nworks,0.5,c,,\nworks,2,c,,\n");
    }

    #[test]
    fn a_table_has_the_first_and_the_last_point() {
        assert_eq!(spread_over(100, 4).collect::<Vec<_>>(), [0, 33, 66, 99]);
        assert_eq!(spread_over(2, 4).collect::<Vec<_>>(), [0, 1]);
        assert_eq!(spread_over(0, 4).count(), 0);
    }
}
