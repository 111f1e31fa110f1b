//! The panels of a lab: each is filled by the newest event that has its id, whatever its kind.

use std::sync::Arc;

use base64::prelude::{BASE64_STANDARD, Engine};
use kindling_protocol::chart::{Chart, Heatmap};
use kindling_protocol::event::ImageGrid;
use kindling_protocol::lab::Panel;
use kindling_protocol::predictions::Predictions;
use kindling_protocol::run::RunConfig;
use leptos::children::ViewFn;
use leptos::prelude::*;

use crate::charts::export;
use crate::charts::save::save_button;
use crate::components::icons::Icon;
use crate::components::table_scroll::TableScroll;
use crate::i18n::{self, lab as words, tr};
use crate::lab::confusion::Confusion;
use crate::lab::images::Images;
use crate::lab::in_turn::{Content, Turns};
use crate::lab::live::LiveRun;
use crate::lab::matrix::Matrix;
use crate::lab::preset::{FILL, Preset};
use crate::lab::run_view::PanelContent;
use crate::lab::state::LabState;
use crate::panels::drawing::DrawnChart;
use crate::panels::heatmap::{HeatmapView, WRITTEN_UP_TO};
use crate::panels::predictions::PredictionsView;

/// One that is still empty when the run is over is left out, for what a run did not do has no place; one that takes
/// other knobs stays and offers them.
#[component]
pub fn Panels(state: LabState) -> impl IntoView {
    let panels = state.spec.with_value(|spec| spec.panels.clone());
    let config = Signal::derive(move || {
        let of_run = state.live.with(|live| live.as_ref().map(|live| live.run.config().clone()));
        of_run.unwrap_or_else(|| state.config.get())
    });
    let over = move || state.live.with(|live| live.as_ref().is_some_and(|live| live.view.read().end.is_some()));
    let turns = Turns::default();
    let of_run = move |panel: Panel| {
        let id = panel.id.to_string();
        let newest = move |live: &LiveRun| live.view.read().panels.get(&id).cloned();
        let newest = Memo::new(move |_| state.live.with(|live| live.as_ref().and_then(&newest)));
        let content = turns.follow(newest);
        let needs = !panel.filled_at.is_empty();
        let shown = Memo::new(move |_| needs || newest.with(Option::is_some) || !over());
        let (id, knobs) = (panel.id.clone(), panel.filled_at.clone());
        let empty = ViewFn::from(move || {
            // One that waits for its turn is not empty.
            let waits = move || newest.with(Option::is_some);
            let (id, knobs) = (id.clone(), knobs.clone());
            move || {
                (!waits()).then(|| {
                    view! {
                        <p>{tr(if needs { &words::PANEL_NEEDS } else { &words::PANEL_EMPTY })}</p>
                        <Preset aim=FILL id=id.clone() knobs=knobs.clone() state />
                    }
                })
            }
        });
        let panel =
            move || shown.get().then(|| view! { <PanelView panel=panel.clone() config content empty=empty.clone() /> });
        (shown, panel)
    };
    let (shown, panels): (Vec<_>, Vec<_>) = panels.into_iter().map(of_run).unzip();
    let none = Memo::new(move |_| !shown.iter().any(|shown| shown.get()));
    view! {
        {move || none.get().then(|| view! { <p class="quiet" data-testid="no-panels">{tr(&words::NO_PANELS)}</p> })}
        <div class="panels">{panels.into_iter().collect_view()}</div>
    }
}

/// Which component draws a content. A panel is rebuilt when this changes, not when its content grows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Empty,
    Matrix,
    Images,
    Table,
    File,
    Passage,
    Chart,
    Heatmap,
    Predictions,
}

/// One panel of a lab. `empty`: what stands there as long as it has no content.
#[component]
pub fn PanelView(
    panel: Panel,
    /// Of what fills it.
    config: Signal<RunConfig>,
    #[prop(into)] content: Signal<Content>,
    #[prop(optional, into)] empty: ViewFn,
) -> impl IntoView {
    let id = panel.id.to_string();
    let kind = Memo::new(move |_| {
        content.with(|content| match content.as_deref() {
            None => Kind::Empty,
            Some(PanelContent::Predictions(_)) => Kind::Predictions,
            Some(PanelContent::Chart(_)) => Kind::Chart,
            Some(PanelContent::Heatmap(_)) => Kind::Heatmap,
            Some(PanelContent::Matrix(_)) => Kind::Matrix,
            Some(PanelContent::Images(_)) => Kind::Images,
            Some(PanelContent::Table { .. }) => Kind::Table,
            Some(PanelContent::File { .. }) => Kind::File,
            Some(PanelContent::Passage(_)) => Kind::Passage,
        })
    });
    let testid = format!("panel-{id}");
    let (title, help) = (panel.title, panel.help);
    let title = Signal::derive(move || i18n::own(&title));
    let body = move || match kind.get() {
        Kind::Empty => view! { <div class="quiet panel-empty">{empty.run()}</div> }.into_any(),
        Kind::Matrix => {
            view! { <Confusion matrix=Signal::derive(move || matrix_of(&content.get())) config /> }.into_any()
        }
        Kind::Images => {
            view! { <Images name=id.clone() grid=Memo::new(move |_| grid_of(&content.get())) /> }.into_any()
        }
        Kind::Table => {
            let id = id.clone();
            (move || content.get().as_deref().and_then(|content| table_view(&id, content))).into_any()
        }
        Kind::File => (move || content.get().as_deref().and_then(file_view)).into_any(),
        Kind::Chart => {
            let chart = newest(content, chart_of);
            chart.map(|chart| view! { <DrawnChart name=id.clone() title chart /> }).into_any()
        }
        Kind::Heatmap => newest(content, map_of).map(|map| view! { <HeatmapView map /> }).into_any(),
        Kind::Predictions => {
            let predictions = newest(content, predictions_of);
            predictions.map(|predictions| view! { <PredictionsView predictions /> }).into_any()
        }
        Kind::Passage => (move || content.get().as_deref().and_then(passage_view)).into_any(),
    };
    let wide = Memo::new(move |_| content.with(|content| content.as_deref().is_some_and(is_wide)));
    view! {
        <section class="panel card" class:wide=wide data-testid=testid>
            <h3>{title}</h3>
            <p class="quiet">{move || i18n::own(&help)}</p>
            {body}
        </section>
    }
}

/// Names that need more than half the page's width.
const MANY_NAMES: usize = 10;

/// Whether a panel takes the whole width.
fn is_wide(content: &PanelContent) -> bool {
    match content {
        PanelContent::Predictions(_) => true,
        PanelContent::Chart(chart) => chart.x.names.len().max(chart.y.names.len()) > MANY_NAMES,
        PanelContent::Heatmap(map) => map.columns.len() > WRITTEN_UP_TO,
        PanelContent::Table { columns, .. } => columns.len() > 6,
        _ => false,
    }
}

/// The newest content of one kind. A panel that is about to be rebuilt for another kind keeps the last one.
fn newest<T: Clone + PartialEq + Send + Sync + 'static>(
    content: Signal<Content>,
    pick: fn(&PanelContent) -> Option<&T>,
) -> Option<Memo<Arc<T>>> {
    let picked = move |content: &Content| content.as_deref().and_then(pick).cloned().map(Arc::new);
    let first = content.with_untracked(picked)?;
    Some(Memo::new(move |last: Option<&Arc<T>>| {
        content.with(picked).or(last.cloned()).unwrap_or_else(|| first.clone())
    }))
}

fn chart_of(content: &PanelContent) -> Option<&Chart> {
    match content {
        PanelContent::Chart(chart) => Some(chart),
        _ => None,
    }
}

fn map_of(content: &PanelContent) -> Option<&Heatmap> {
    match content {
        PanelContent::Heatmap(map) => Some(map),
        _ => None,
    }
}

fn predictions_of(content: &PanelContent) -> Option<&Predictions> {
    match content {
        PanelContent::Predictions(predictions) => Some(predictions),
        _ => None,
    }
}

fn matrix_of(content: &Content) -> Matrix {
    match content.as_deref() {
        Some(PanelContent::Matrix(matrix)) => matrix.clone(),
        _ => Matrix { labels: Vec::new(), counts: Vec::new(), samples: Vec::new(), examples: None },
    }
}

fn grid_of(content: &Content) -> ImageGrid {
    match content.as_deref() {
        Some(PanelContent::Images(grid)) => grid.clone(),
        _ => ImageGrid::default(),
    }
}

/// A longer cell is a text, which may take several lines.
const LONGEST_NUMBER: usize = 40;

/// A table, which saves itself as `kindling-ID.csv`. `None` for another content.
pub fn table_view(id: &str, content: &PanelContent) -> Option<AnyView> {
    let PanelContent::Table { columns, rows } = content else { return None };
    let language = i18n::language();
    let names: Vec<&str> = columns.iter().map(|column| column.get(language)).collect();
    let rows: Vec<Vec<&str>> = rows.iter().map(|row| row.iter().map(|cell| cell.get(language)).collect()).collect();
    let line =
        |fields: &Vec<&str>| fields.iter().map(|field| export::quoted(field)).collect::<Vec<_>>().join(",") + "\n";
    let (name, csv) = (format!("kindling-{id}.csv"), line(&names) + &rows.iter().map(line).collect::<String>());
    let head = names.iter().map(|name| view! { <th scope="col">{name.to_string()}</th> }).collect_view();
    let lines = rows.iter().map(|row| {
        let cells = row.iter().map(|cell| {
            let class = if cell.chars().count() > LONGEST_NUMBER { "sentence" } else { "number" };
            view! { <td class=class>{cell.to_string()}</td> }
        });
        view! { <tr>{cells.collect_view()}</tr> }
    });
    let lines = lines.collect_view();
    let save = save_button("CSV", "table-csv", move || export::save(&name, "text/csv;charset=utf-8", csv.as_bytes()));
    Some(
        view! {
            <TableScroll><table><thead><tr>{head}</tr></thead><tbody>{lines}</tbody></table></TableScroll>
            <div>{save}</div>
        }
        .into_any(),
    )
}

fn file_view(content: &PanelContent) -> Option<AnyView> {
    let PanelContent::File { name, bytes } = content else { return None };
    let bytes = BASE64_STANDARD.decode(bytes).ok()?;
    let (name, shown) = (name.clone(), format!("{name} ({})", i18n::bytes(bytes.len() as u64)));
    let save = move |_| export::save(&name, "application/octet-stream", &bytes);
    Some(
        view! { <p><button class="button" type="button" data-testid="file-save" on:click=save>{Icon::Download.view()} {shown}</button></p> }
            .into_any(),
    )
}

fn passage_view(content: &PanelContent) -> Option<AnyView> {
    let PanelContent::Passage(text) = content else { return None };
    Some(view! { <pre class="passage">{text.clone()}</pre> }.into_any())
}
