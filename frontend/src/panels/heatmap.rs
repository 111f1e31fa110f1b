//! A heat map: a table whose cells are coloured by what they say.

use std::fmt::Write;
use std::sync::Arc;

use kindling_protocol::chart::Heatmap;
use leptos::ev::KeyboardEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::charts::chart::value_text;
use crate::charts::export::{quoted, save};
use crate::charts::save::save_button;
use crate::i18n::{self, panels, t};

/// More columns leave no room for numbers in the cells.
pub const WRITTEN_UP_TO: usize = 12;

#[component]
pub fn HeatmapView(#[prop(into)] map: Signal<Arc<Heatmap>>) -> impl IntoView {
    let maps = map;
    // Which of the maps is shown; one that is gone is the first again.
    let over = RwSignal::new(0usize);
    let map = Memo::new(move |_| {
        let maps = maps.get();
        let other = over.get().checked_sub(1).and_then(|place| maps.others.get(place));
        other.map_or(maps.clone(), |other| Arc::new(other.clone()))
    });
    // Chosen anew only where these change, not whenever a run fills more cells.
    let axes = Memo::new(move |_| {
        let language = i18n::language();
        let name = |map: &Heatmap| format!("{} × {}", map.x.get(language), map.y.get(language));
        maps.with(|maps| std::iter::once(&**maps).chain(&maps.others).map(name).collect::<Vec<_>>())
    });
    let told = RwSignal::new(None::<(usize, usize)>);
    let range = Memo::new(move |_| map.with(|map| range(map)));
    let save_csv = move || {
        map.with_untracked(|map| {
            save(&format!("kindling-{}.csv", map.id), "text/csv;charset=utf-8", csv(map).as_bytes());
        });
    };
    let point_at = move |target: Option<web_sys::EventTarget>| {
        let cell = target.and_then(|target| target.dyn_into::<web_sys::Element>().ok()).as_ref().and_then(cell_of);
        if cell.is_some() {
            told.set(cell);
        }
    };
    let on_key = move |event: KeyboardEvent| {
        let Some(now) = event.target().and_then(|target| cell_of(&target.unchecked_into())) else { return };
        let size = map.with_untracked(|map| (map.rows.len(), map.columns.len()));
        let Some((row, column)) = moved(event.key().as_str(), now, size) else { return };
        event.prevent_default();
        let id = map.with_untracked(|map| cell_id(&map.id, row, column));
        if let Some(cell) = document().get_element_by_id(&id) {
            told.set(Some((row, column)));
            let _ = cell.unchecked_into::<web_sys::HtmlElement>().focus();
        }
    };
    let reading = move || {
        let (row, column) = told.get()?;
        map.with(|map| spoken(map, row, column))
    };
    let table = move || map.with(|map| table(map, range.get()));
    let key = move || range.get().map(|(low, high)| map.with(|map| key(map, low, high)));
    view! {
        <div class="chart-head">
            {move || axes.with(|axes| (axes.len() > 1).then(|| choice(axes, over)))}
            {key}
            {save_button("CSV", "heatmap-csv", save_csv)}
        </div>
        <div
            class="matrix-scroll"
            on:pointerover=move |event| point_at(event.target())
            on:focusin=move |event| point_at(event.target())
            on:keydown=on_key
        >
            {table}
        </div>
        <p class="quiet heat-told" role="status" data-testid="heatmap-told">{move || reading().unwrap_or_else(|| t(&panels::HEATMAP_KEYS).to_string())}</p>
    }
}

/// Which of several maps.
fn choice(axes: &[String], over: RwSignal<usize>) -> impl IntoView + use<> {
    let option = |(place, name): (usize, &String)| {
        view! { <option value=place.to_string() selected=over.get_untracked() == place>{name.clone()}</option> }
    };
    let options = axes.iter().enumerate().map(option).collect_view();
    let choose = move |event| over.set(event_target_value(&event).parse().unwrap_or(0));
    view! { <select aria-label=t(&panels::AXES) data-testid="heatmap-axes" on:change=choose>{options}</select> }
}

fn table(map: &Heatmap, range: Option<(f32, f32)>) -> impl IntoView + use<> {
    let language = i18n::language();
    let written = map.columns.len() <= WRITTEN_UP_TO;
    let head = map.columns.iter().map(|name| view! { <th scope="col"><span>{name.clone()}</span></th> }).collect_view();
    let row = |(row, name): (usize, &String)| {
        let cells = (0..map.columns.len()).map(|column| {
            let value = map.values.get(row).and_then(|values| values.get(column)).copied().flatten();
            let share = value.zip(range).map_or(0.0, |(value, range)| share(value, range));
            let text = value.filter(|_| written).map(|value| value_text(language, map.unit, value.into()));
            view! {
                <td
                    class=cell_class(value, share)
                    id=cell_id(&map.id, row, column)
                    data-cell=format!("{row} {column}")
                    tabindex=if row == 0 && column == 0 { "0" } else { "-1" }
                    aria-label=spoken(map, row, column)
                    style=("--heat", format!("{:.0}%", share * 100.0))
                >
                    {text}
                </td>
            }
        });
        let cells = cells.collect_view();
        view! { <tr><th scope="row">{name.clone()}</th>{cells}</tr> }
    };
    let rows = map.rows.iter().enumerate().map(row).collect_view();
    let size = if written { "matrix heatmap" } else { "matrix heatmap small" };
    view! {
        <table class=size role="grid" data-testid=format!("heatmap-{}", map.id)>
            <thead>
                <tr><th class="matrix-corner" scope="col"><span>{map.y.get(language).to_string()}" ↓"</span> <span>{map.x.get(language).to_string()}" →"</span></th>{head}</tr>
            </thead>
            <tbody>{rows}</tbody>
        </table>
    }
}

/// The scale of colours, with its ends in words.
fn key(map: &Heatmap, low: f32, high: f32) -> impl IntoView + use<> {
    let language = i18n::language();
    let text = |value: f32| value_text(language, map.unit, value.into());
    let missing = map.values.iter().flatten().any(Option::is_none);
    view! {
        <p class="heat-key quiet">
            <span class="number">{text(low)}</span>
            <span class="heat-scale" aria-hidden="true"></span>
            <span class="number">{text(high)}</span>
            {missing.then(|| view! { <span class="heat-missing" aria-hidden="true"></span>{t(&panels::MISSING)} })}
        </p>
    }
}

fn cell_id(map: &str, row: usize, column: usize) -> String {
    format!("heat-{map}-{row}-{column}")
}

/// Row and column that a cell of the document stands for.
fn cell_of(element: &web_sys::Element) -> Option<(usize, usize)> {
    let words = element.closest("[data-cell]").ok()??.get_attribute("data-cell")?;
    let (row, column) = words.split_once(' ')?;
    Some((row.parse().ok()?, column.parse().ok()?))
}

/// Where an arrow leads.
fn moved(key: &str, (row, column): (usize, usize), (rows, columns): (usize, usize)) -> Option<(usize, usize)> {
    let next = match key {
        "ArrowUp" => (row.checked_sub(1)?, column),
        "ArrowDown" => (row + 1, column),
        "ArrowLeft" => (row, column.checked_sub(1)?),
        "ArrowRight" => (row, column + 1),
        "Home" => (row, 0),
        "End" => (row, columns.checked_sub(1)?),
        _ => return None,
    };
    (next.0 < rows && next.1 < columns).then_some(next)
}

/// Least and greatest value. Nothing if none is known.
fn range(map: &Heatmap) -> Option<(f32, f32)> {
    let known = map.values.iter().flatten().flatten().filter(|value| value.is_finite());
    let ends = known.fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), v| (low.min(*v), high.max(*v)));
    (ends.0 <= ends.1).then_some(ends)
}

/// Where a value stands in its range, from 0 to 1.
fn share(value: f32, (low, high): (f32, f32)) -> f64 {
    if high > low { f64::from((value - low) / (high - low)).clamp(0.0, 1.0) } else { 0.5 }
}

fn cell_class(value: Option<f32>, share: f64) -> String {
    /// Of a mixture of `--series-2` and `--surface`.
    const TURNS_AT: f64 = 0.625;
    match value {
        None => "cell missing".into(),
        Some(_) => format!("cell{}", on_heat(share, TURNS_AT)),
    }
}

/// Classes for black or white text: which reads better depends on the heat, and on where the theme's scale begins. On
/// the light one the ground's luminance passes 0.18, where both have 4.5:1, at nine tenths; on the dark one at `turns_at`.
pub fn on_heat(share: f64, turns_at: f64) -> &'static str {
    if share > 0.89 {
        " hot hottest"
    } else if share > turns_at {
        " hot"
    } else {
        ""
    }
}

fn spoken(map: &Heatmap, row: usize, column: usize) -> Option<String> {
    let language = i18n::language();
    let (row_name, column_name) = (map.rows.get(row)?, map.columns.get(column)?);
    let value = map.values.get(row)?.get(column)?.map(|value| value_text(language, map.unit, value.into()));
    let value = value.unwrap_or_else(|| t(&panels::MISSING).to_string());
    let (y, x) = (map.y.get(language), map.x.get(language));
    Some(panels::heat_cell(language, (y, row_name), (x, column_name), &value))
}

/// A row a line. A cell that is not known is empty.
fn csv(map: &Heatmap) -> String {
    let line = |name: &str, cells: Vec<String>| {
        let mut line = quoted(name);
        cells.iter().for_each(|cell| write!(line, ",{cell}").expect("writing to a string"));
        line + "\n"
    };
    let head = line("", map.columns.iter().map(|name| quoted(name)).collect());
    let number = |value: &Option<f32>| value.map_or(String::new(), |value| value.to_string());
    let rows = map.rows.iter().zip(&map.values);
    rows.fold(head, |text, (name, values)| text + &line(name, values.iter().map(number).collect()))
}

#[cfg(test)]
mod tests {
    use kindling_protocol::lab::Unit;
    use kindling_protocol::text::text;

    use super::*;

    fn map(values: Vec<Vec<Option<f32>>>) -> Heatmap {
        Heatmap {
            id: "map".into(),
            x: text("dropout", "丢弃率"),
            y: text("width", "宽度"),
            columns: vec!["0".into(), "0.5".into()],
            rows: vec!["=32".into(), "64".into()],
            values,
            unit: Unit::Fraction,
            others: vec![],
        }
    }

    #[test]
    fn the_scale_runs_over_what_is_known() {
        let some = map(vec![vec![Some(0.2), None], vec![Some(0.6), Some(f32::NAN)]]);
        assert_eq!(range(&some), Some((0.2, 0.6)));
        assert_eq!(range(&map(vec![vec![None, None]; 2])), None);
        assert_eq!([0.2, 0.4, 0.6, 9.0].map(|value| (share(value, (0.2, 0.6)) * 10.0).round()), [0.0, 5.0, 10.0, 10.0]);
        assert_eq!(share(0.3, (0.3, 0.3)), 0.5);
        assert_eq!(cell_class(None, 0.0), "cell missing");
    }

    #[test]
    fn arrows_stay_inside() {
        assert_eq!(moved("ArrowDown", (0, 1), (2, 2)), Some((1, 1)));
        assert_eq!(moved("ArrowDown", (1, 1), (2, 2)), None);
        assert_eq!(moved("ArrowLeft", (1, 0), (2, 2)), None);
        assert_eq!(moved("End", (1, 0), (2, 2)), Some((1, 1)));
    }

    #[test]
    fn a_file_has_names_and_leaves_the_unknown_empty() {
        let told = csv(&map(vec![vec![Some(0.25), None], vec![Some(0.5), Some(1.0)]]));
        assert_eq!(told, ",0,0.5\n'=32,0.25,\n64,0.5,1\n");
    }
}
