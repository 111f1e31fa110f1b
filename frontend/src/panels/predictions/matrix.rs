//! The confusion matrix at the threshold, and the metrics, which light up the cells that they are made of.

use leptos::prelude::*;

use super::Looked;
use super::metric::{Cell, METRICS, Metric};
use crate::charts::scale::short;
use crate::i18n::{self, lab, predictions as words, t, tr};

#[component]
pub fn FourCells(looked: Looked) -> impl IntoView {
    let confusion = Memo::new(move |_| looked.one.with(|one| one.confusion(looked.threshold.get())));
    let chosen = RwSignal::new(Metric::Precision);
    let name = move || {
        let class = looked.class.get();
        looked.predictions.with(|all| all.classes.get(class).cloned().unwrap_or_default())
    };
    let cell = move |cell: Cell| {
        let class = move || {
            let metric = chosen.get();
            match (metric.part().contains(&cell), metric.whole().contains(&cell)) {
                (true, _) => "four-cell part",
                (false, true) => "four-cell whole",
                (false, false) => "four-cell",
            }
        };
        let count = move || confusion.with(|confusion| lab::grouped(cell.count(confusion)));
        view! {
            <td class=class data-testid=format!("cell-{}", cell.letters())>
                <small>{cell.letters()}</small>
                <b class="number">{count}</b>
            </td>
        }
    };
    let metric = move |metric: Metric| {
        let value = move || confusion.with(|confusion| written(metric, metric.of(confusion)));
        view! {
            <li>
                <button
                    class="metric"
                    type="button"
                    aria-pressed=move || (chosen.get() == metric).to_string()
                    data-testid=format!("metric-{}", metric.id())
                    on:focus=move |_| chosen.set(metric)
                    on:pointerenter=move |_| chosen.set(metric)
                    on:click=move |_| chosen.set(metric)
                >
                    <span>{tr(metric.name())}</span>
                    <b class="number">{value}</b>
                </button>
            </li>
        }
    };
    let yes = move || words::is_class(i18n::language(), &name());
    let no = move || words::is_not_class(i18n::language(), &name());
    view! {
        <section class="four" aria-labelledby="four-title">
            <h4 id="four-title">{tr(&words::AT_THRESHOLD)}</h4>
            <div class="four-parts">
                <table class="four-table">
                    <thead>
                        <tr>
                            <td></td>
                            <th scope="col">{tr(&lab::MATRIX_CALLED)}<br />{yes}</th>
                            <th scope="col">{tr(&lab::MATRIX_CALLED)}<br />{no}</th>
                        </tr>
                    </thead>
                    <tbody>
                        <tr><th scope="row">{tr(&lab::MATRIX_TRUE)}<br />{yes}</th>{cell(Cell::TruePositive)}{cell(Cell::FalseNegative)}</tr>
                        <tr><th scope="row">{tr(&lab::MATRIX_TRUE)}<br />{no}</th>{cell(Cell::FalsePositive)}{cell(Cell::TrueNegative)}</tr>
                    </tbody>
                </table>
                <ul class="metrics">{METRICS.map(metric).collect_view()}</ul>
                <div class="metric-meaning" role="status" data-testid="metric-meaning">
                    <p><b>{move || t(chosen.get().name())}</b> " = " <code>{move || chosen.get().formula()}</code></p>
                    <p>{move || t(chosen.get().meaning())}</p>
                    <p class="quiet four-key">
                        <span class="four-sample part" aria-hidden="true"></span>{tr(&words::ABOVE_LINE)}
                        <span class="four-sample whole" aria-hidden="true"></span>{tr(&words::BELOW_LINE)}
                    </p>
                </div>
            </div>
        </section>
    }
}

fn written(metric: Metric, value: f64) -> String {
    match metric {
        Metric::Matthews => short((value * 1e4).round() / 1e4),
        _ => i18n::percent(i18n::language(), value, 1),
    }
}
