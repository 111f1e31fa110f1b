//! The confusion matrix: counts or shares, and the images or rows behind a cell.

use kindling_protocol::run::RunConfig;
use leptos::prelude::*;
use leptos::task::spawn_local;

use crate::components::icons::Icon;
use crate::components::table_scroll::TableScroll;
use crate::i18n::{self, lab as words, t, tr};
use crate::lab::matrix::{Matrix, share};
use crate::lab::panels::table_view;
use crate::lab::picture::{Tile, TileView};
use crate::lab::run_view::PanelContent;
use crate::lab::segmented::Segmented;
use crate::panels::heatmap::on_heat;
use crate::runner::pad::Pad;
use crate::trouble::{Trouble, TroubleText};

/// Images shown for one cell, at most.
const MAX_IMAGES: usize = 60;

/// What a cell says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Show {
    Counts,
    Rows,
    Columns,
}

#[component]
pub fn Confusion(
    matrix: Signal<Matrix>,
    /// Of the run whose matrix it is.
    config: Signal<RunConfig>,
) -> impl IntoView {
    let show = RwSignal::new(Show::Counts);
    let opened = RwSignal::new(None::<(usize, usize)>);
    let options = vec![
        (Show::Counts, &words::MATRIX_COUNTS),
        (Show::Rows, &words::MATRIX_ROWS),
        (Show::Columns, &words::MATRIX_COLUMNS),
    ];
    let rows = move || {
        matrix
            .with(|matrix| (0..matrix.counts.len()).map(|row| row_view(matrix, row, show.get(), opened)).collect_view())
    };
    let head = move || {
        matrix.with(|matrix| {
            matrix.labels.iter().map(|label| view! { <th scope="col">{label.clone()}</th> }).collect_view()
        })
    };
    view! {
        <Segmented legend=&words::MATRIX_SHOW options value=show on_choose=move |chosen| show.set(chosen) testid="matrix-show" />
        <div class="matrix-scroll">
            <table class="matrix" data-testid="confusion">
                <thead>
                    <tr><th class="matrix-corner" scope="col"><span>{tr(&words::MATRIX_TRUE)}" ↓"</span> <span>{tr(&words::MATRIX_CALLED)}" →"</span></th>{head}</tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </div>
        <CellExamples matrix opened config />
        <details class="per-class">
            <summary>{tr(&words::MATRIX_PER_CLASS)}</summary>
            <PerClass matrix />
        </details>
    }
}

fn row_view(
    matrix: &Matrix,
    row: usize,
    show: Show,
    opened: RwSignal<Option<(usize, usize)>>,
) -> impl IntoView + use<> {
    let label = matrix.labels.get(row).cloned().unwrap_or_default();
    let darkest = darkest_mistake(matrix);
    let cells = (0..matrix.counts[row].len()).map(|column| {
        let count = matrix.counts[row][column];
        let text = cell_text(matrix, row, column, show);
        let called = matrix.labels.get(column).cloned().unwrap_or_default();
        let described = words::cell(i18n::language(), &label, &called, count);
        // Mistakes are what one looks for: the diagonal keeps a colour of its own, and quiet.
        let class = if row == column { "cell right" } else { "cell" };
        let heat =
            if row == column { 0.0 } else { (share(count, matrix.row_total(row)).unwrap_or(0.0) / darkest).sqrt() };
        let open = move |_| {
            opened.update(|opened| *opened = if *opened == Some((row, column)) { None } else { Some((row, column)) })
        };
        let class = format!("{class}{}{}", on_heat(heat, TURNS_AT), if count == 0 { " none" } else { "" });
        let style = ("--heat", format!("{:.0}%", heat * 100.0));
        let testid = format!("cell-{row}-{column}");
        // What opens nothing is no button.
        let cell = if matrix.opens(row, column) {
            view! {
                <button
                    class=class
                    type="button"
                    style=style
                    aria-label=described.clone()
                    title=described
                    aria-pressed=move || (opened.get() == Some((row, column))).to_string()
                    data-testid=testid
                    on:click=open
                >
                    {text}
                </button>
            }
            .into_any()
        } else {
            view! { <span class=class style=style title=described data-testid=testid>{text}</span> }.into_any()
        };
        view! { <td>{cell}</td> }
    });
    let cells = cells.collect_view();
    view! { <tr><th scope="row">{label}</th>{cells}</tr> }
}

/// Where the text of a cell turns in the dark: its ground is a mixture of `--series-1` and `--surface-2`.
const TURNS_AT: f64 = 0.59;

/// The greatest share of a row that is called something else: full colour.
fn darkest_mistake(matrix: &Matrix) -> f64 {
    let mistakes = matrix.counts.iter().enumerate().flat_map(|(row, counts)| {
        let wrong = counts.iter().enumerate().filter(move |(column, _)| *column != row);
        wrong.filter_map(move |(_, count)| share(*count, matrix.row_total(row)))
    });
    mistakes.fold(f64::MIN_POSITIVE, f64::max)
}

fn cell_text(matrix: &Matrix, row: usize, column: usize, show: Show) -> String {
    let count = matrix.counts[row][column];
    let of = |whole: u64| share(count, whole).map_or(String::new(), |share| format!("{:.1}", share * 100.0));
    match show {
        _ if count == 0 => "·".into(),
        Show::Counts => count.to_string(),
        Show::Rows => of(matrix.row_total(row)),
        Show::Columns => of(matrix.column_total(column)),
    }
}

/// The images or rows behind the cell that is open.
#[component]
fn CellExamples(
    matrix: Signal<Matrix>,
    opened: RwSignal<Option<(usize, usize)>>,
    config: Signal<RunConfig>,
) -> impl IntoView {
    let pad = expect_context::<Pad>();
    let images = RwSignal::new(None::<Result<Vec<Tile>, Trouble>>);
    let wanted = Memo::new(move |_| -> Option<((usize, usize), Vec<u32>)> {
        let (row, column) = opened.get()?;
        let indices = matrix.with(|matrix| matrix.pictures(row, column).iter().copied().take(MAX_IMAGES).collect());
        Some(((row, column), indices))
    });
    Effect::new(move |_| {
        images.set(None);
        let Some((_, indices)) = wanted.get() else { return };
        if indices.is_empty() {
            return;
        }
        let config = config.get_untracked();
        spawn_local(async move {
            let answer = pad.samples(config, indices.clone()).await;
            // Another cell may have been opened meanwhile.
            if wanted.try_get_untracked().flatten().is_some_and(|(_, newest)| newest == indices) {
                images.try_set(Some(answer.map(|pictures| pictures.iter().filter_map(Tile::of_picture).collect())));
            }
        });
    });
    move || {
        // A newer matrix may have nothing of a cell that is open.
        let (row, column) = opened.get().filter(|&(row, column)| matrix.with(|matrix| matrix.opens(row, column)))?;
        let language = i18n::language();
        let (truth, called, count, table) = matrix.with(|matrix| {
            let label = |class: usize| matrix.labels.get(class).cloned().unwrap_or_default();
            (label(row), label(column), matrix.counts[row][column], matrix.table(row, column))
        });
        let shown = match &table {
            Some(PanelContent::Table { rows, .. }) => rows.len(),
            _ => images.with(|images| images.as_ref().and_then(|images| images.as_ref().ok()).map_or(0, Vec::len)),
        };
        let body = match images.get() {
            _ if table.is_some() => table.as_ref().and_then(|table| table_view("cell", table)).into_any(),
            None => view! { <p class="quiet">{t(&words::LOADING_IMAGES)}</p> }.into_any(),
            Some(Err(trouble)) => view! { <div class="notice warn"><TroubleText trouble /></div> }.into_any(),
            Some(Ok(tiles)) => {
                let label = words::caption(language, &truth, &called);
                let tiles = tiles.into_iter().map(|tile| view! { <li><TileView tile label=label.clone() /></li> });
                view! { <ul class="tiles" data-testid="cell-images">{tiles.collect_view()}</ul> }.into_any()
            }
        };
        Some(view! {
            <section class="cell-images" aria-live="polite">
                <header>
                    <h4>{words::images_of(language, &truth, &called, shown, count)}</h4>
                    <button class="button plain icon" type="button" aria-label=t(&words::CLOSE_IMAGES) on:click=move |_| opened.set(None)>
                        {Icon::Cross.view()}
                    </button>
                </header>
                {body}
            </section>
        })
    }
}

#[component]
fn PerClass(matrix: Signal<Matrix>) -> impl IntoView {
    let rows = move || {
        let language = i18n::language();
        let percent = |value: Option<f64>| value.map_or("–".to_string(), |value| i18n::percent(language, value, 1));
        matrix.with(|matrix| {
            let row = |class: usize| {
                view! {
                    <tr>
                        <th scope="row">{matrix.labels.get(class).cloned()}</th>
                        <td class="number">{percent(matrix.precision(class))}</td>
                        <td class="number">{percent(matrix.recall(class))}</td>
                        <td class="number">{percent(matrix.f1(class))}</td>
                        <td class="number">{words::grouped(matrix.row_total(class))}</td>
                    </tr>
                }
            };
            (0..matrix.labels.len()).map(row).collect_view()
        })
    };
    view! {
        <TableScroll>
            <table>
                <thead>
                    <tr>
                        <th scope="col">{tr(&words::CLASS)}</th>
                        <th class="number" scope="col">{tr(&words::PRECISION)}</th>
                        <th class="number" scope="col">{tr(&words::RECALL)}</th>
                        <th class="number" scope="col">{tr(&words::F1)}</th>
                        <th class="number" scope="col">{tr(&words::SUPPORT)}</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </table>
        </TableScroll>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_say_counts_or_shares() {
        let labels = vec!["a".into(), "b".into()];
        let matrix = Matrix { labels, counts: vec![vec![8, 2], vec![0, 10]], samples: vec![], examples: None };
        assert_eq!(cell_text(&matrix, 0, 1, Show::Counts), "2");
        assert_eq!(cell_text(&matrix, 0, 1, Show::Rows), "20.0");
        assert_eq!(cell_text(&matrix, 0, 1, Show::Columns), "16.7");
        assert_eq!(cell_text(&matrix, 1, 0, Show::Rows), "·");
        assert!((darkest_mistake(&matrix) - 0.2).abs() < 1e-12);
    }
}
