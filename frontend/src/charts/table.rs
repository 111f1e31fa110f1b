//! A chart in rows and words, for those who read better than they see.

use kindling_protocol::text::Text;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::charts::chart::{ChartData, ChartRun, value_text};
use crate::charts::curve::{XAxis, nearest};
use crate::charts::plot::{Curve, LineKey};
use crate::charts::toolbar::x_text;
use crate::components::table_scroll::TableScroll;
use crate::i18n::{self, charts as words, t, tr};
use crate::lab::run_view::Mark;

/// Rows shown, spread evenly over the curve.
const ROWS: usize = 24;

/// Marks of all runs shown, where they stand on the axis. Tracked.
pub fn marks(data: &ChartData) -> Vec<(f64, Text)> {
    let axis = data.settings.axis.get();
    let place = |mark: &Mark| match axis {
        XAxis::Step => mark.step as f64,
        XAxis::Epoch => mark.epoch,
        XAxis::Time => mark.at_ms as f64 / 1000.0,
    };
    let runs = data.runs.get();
    let of_run = |run: &ChartRun| -> Vec<(f64, Text)> {
        run.view.read().marks.iter().map(|mark| (place(mark), mark.text.clone())).collect()
    };
    runs.iter().flat_map(of_run).collect()
}

#[component]
pub fn ChartTable(data: ChartData) -> impl IntoView {
    // Only a table that is open is worked out.
    let open = RwSignal::new(false);
    let on_toggle = move |event: web_sys::Event| {
        let details: Option<web_sys::Element> = event.current_target().map(JsCast::unchecked_into);
        open.set(details.is_some_and(|details| details.has_attribute("open")));
    };
    view! {
        <details class="chart-table" on:toggle=on_toggle>
            <summary>{tr(&words::CHART_TABLE)}</summary>
            {move || open.get().then(|| view! { <Rows data /> })}
        </details>
    }
}

#[component]
fn Rows(data: ChartData) -> impl IntoView {
    let rows = move || {
        let (axis, language, unit) = (data.settings.axis.get(), i18n::language(), data.unit());
        let (keys, rows) = data.with_curves(|curves| {
            let keys: Vec<LineKey> = curves.iter().map(|curve| curve.key.clone()).collect();
            let longest = curves.iter().max_by_key(|curve| curve.points.len());
            let points = longest.map_or(&[][..], |curve| curve.points);
            let count = points.len().min(ROWS);
            let row = |index: usize| {
                let x = axis.of(&points[if count > 1 { index * (points.len() - 1) / (count - 1) } else { 0 }]);
                let value = |curve: &Curve| {
                    nearest(curve.points, axis, x)
                        .map_or(String::new(), |point| value_text(language, unit, point.value))
                };
                (x_text(axis, x), curves.iter().map(value).collect::<Vec<_>>())
            };
            (keys, (0..count).map(row).collect::<Vec<_>>())
        });
        let head =
            keys.iter().map(|key| view! { <th class="number" scope="col">{data.label(key)}</th> }).collect_view();
        let lines = rows.into_iter().map(|(x, values)| {
            let cells = values.into_iter().map(|value| view! { <td class="number">{value}</td> }).collect_view();
            view! { <tr><th class="number" scope="row">{x}</th>{cells}</tr> }
        });
        view! {
            <thead><tr><th class="number" scope="col">{t(&words::X_AXIS)}</th>{head}</tr></thead>
            <tbody>{lines.collect_view()}</tbody>
        }
    };
    let told = move || {
        let axis = data.settings.axis.get();
        let marks = marks(&data);
        (!marks.is_empty()).then(|| {
            let items = marks.into_iter().map(
                |(x, text)| view! { <li><span class="number">{x_text(axis, x)}</span> " " {i18n::own(&text)}</li> },
            );
            view! { <h4>{t(&words::CHART_MARKS)}</h4><ul class="chart-mark-list">{items.collect_view()}</ul> }
        })
    };
    view! {
        <TableScroll><table>{rows}</table></TableScroll>
        {told}
    }
}
