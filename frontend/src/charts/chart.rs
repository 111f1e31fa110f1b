//! One chart: curves of one or several runs with a cross-hair, zoom, legend, marks, files and a table.

use kindling_protocol::lab::{Series, Unit};
use leptos::html::Div;
use leptos::prelude::*;

use crate::charts::cross_hair::{Interaction, on_key};
use crate::charts::curve::XAxis;
use crate::charts::legend::{Entry, Legend};
use crate::charts::plot::{BOTTOM, Curve, DASHES, HUES, LEFT, Line, LineKey, Look, Plot, RIGHT, TOP, plot};
use crate::charts::save::SaveButtons;
use crate::charts::scale::short;
use crate::charts::table::ChartTable;
use crate::charts::toolbar::{ChartSettings, x_text};
use crate::charts::width::follow_width;
use crate::charts::{export, table};
use crate::i18n::{self, Language, charts as words, t, tr};
use crate::lab::run_view::RunView;

const HEIGHT: f64 = 240.0;

/// A run in a chart.
#[derive(Clone, PartialEq)]
pub struct ChartRun {
    pub id: String,
    pub name: String,
    /// Tells runs apart where colour does not.
    pub letter: char,
    pub hue: usize,
    pub view: ArcRwSignal<RunView>,
}

/// A value as its unit is written.
pub fn value_text(language: Language, unit: Unit, value: f64) -> String {
    match unit {
        Unit::Fraction if value.is_finite() => i18n::percent(language, value, 2),
        _ => short(value),
    }
}

/// What the parts of one chart look at.
#[derive(Clone, Copy)]
pub struct ChartData {
    pub series: StoredValue<Vec<Series>>,
    pub runs: Signal<Vec<ChartRun>>,
    pub settings: ChartSettings,
    /// The line that is shown alone.
    pub alone: Memo<Option<LineKey>>,
}

impl ChartData {
    /// Looks at the curves that are shown. Tracked: called again when one of them grows.
    pub fn with_curves<R>(&self, look: impl FnOnce(&[Curve]) -> R) -> R {
        let runs = self.runs.get();
        let alone = self.alone.get();
        let views: Vec<_> = runs.iter().map(|run| run.view.read()).collect();
        self.series.with_value(|series| {
            let mut curves = Vec::new();
            for (run, view) in runs.iter().zip(&views) {
                for (index, one) in series.iter().enumerate() {
                    let key = LineKey { run: run.id.clone(), series: one.id.to_string() };
                    let points = view.points(&one.id);
                    if points.is_empty() || alone.as_ref().is_some_and(|alone| *alone != key) {
                        continue;
                    }
                    // Of one run, colour tells the series; of several, the run.
                    let hue = if runs.len() > 1 { run.hue } else { index };
                    curves.push(Curve { key, hue, dash: index, points });
                }
            }
            look(&curves)
        })
    }

    pub fn unit(&self) -> Unit {
        self.series.with_value(|series| series.first().map_or(Unit::Number, |one| one.unit))
    }

    /// What a line is called: its series, and the letter of its run where there are several.
    pub fn label(&self, key: &LineKey) -> String {
        let series = self.series.with_value(|series| {
            series
                .iter()
                .find(|one| one.id == key.series.as_str())
                .map_or(key.series.clone(), |one| i18n::own(&one.label))
        });
        match self.letter(key) {
            Some(letter) => format!("{letter} {series}"),
            None => series,
        }
    }

    pub fn letter(&self, key: &LineKey) -> Option<char> {
        let runs = self.runs.read();
        let several = runs.len() > 1;
        runs.iter().find(|run| run.id == key.run).filter(|_| several).map(|run| run.letter)
    }
}

#[component]
pub fn Chart(
    /// What the series share: `loss`, `accuracy`, ...
    id: String,
    series: Vec<Series>,
    #[prop(into)] runs: Signal<Vec<ChartRun>>,
    settings: ChartSettings,
) -> impl IntoView {
    let isolated = RwSignal::new(None::<LineKey>);
    // Of a run that is shown no more, a line hides no other.
    let alone = Memo::new(move |_| isolated.get().filter(|alone| runs.with(|runs| has_run(runs, alone))));
    let data = ChartData { series: StoredValue::new(series), runs, settings, alone };
    let log = RwSignal::new(false);
    let width = RwSignal::new(0.0);
    let body = NodeRef::<Div>::new();
    follow_width(body, width);

    let drawn = Memo::new(move |_| {
        let look = Look {
            axis: settings.axis.get(),
            log: log.get(),
            smoothing: settings.smoothing.get(),
            zoom: settings.zoom.get(),
            width: width.get(),
            height: HEIGHT,
        };
        if look.width <= 0.0 { None } else { data.with_curves(|curves| plot(curves, &look)) }
    });
    let entries = Memo::new(move |_| legend_entries(&data));
    let title = {
        let id = id.clone();
        move || words::chart_title(&id).map_or(id.clone(), |title| t(title).to_string())
    };
    let title = Signal::derive(title);
    let summary = move || {
        let language = i18n::language();
        let told = entries.with(|entries| {
            entries.iter().map(|entry| format!("{} {}", entry.label, entry.latest)).collect::<Vec<_>>().join(", ")
        });
        match language {
            Language::En => format!("{}: {told}", title.get()),
            Language::Zh => format!("{}：{told}", title.get()),
        }
    };
    let empty = move || drawn.with(Option::is_none);
    let csv = Callback::new(move |()| {
        let runs = data.runs.get();
        data.with_curves(|curves| {
            let run_name =
                |key: &LineKey| runs.iter().find(|run| run.id == key.run).map_or("", |run| run.name.as_str());
            export::csv(curves.iter().map(|curve| (run_name(&curve.key), curve.key.series.as_str(), curve.points)))
        })
    });

    view! {
        <figure class="chart" data-testid=format!("chart-{id}")>
            <div class="chart-head">
                <figcaption>{title}</figcaption>
                <button
                    class="button plain chart-tool"
                    type="button"
                    data-testid=format!("chart-{id}-log")
                    aria-pressed=move || log.get().to_string()
                    on:click=move |_| log.update(|log| *log = !*log)
                >
                    {tr(&words::LOG_AXIS)}
                </button>
                <SaveButtons name=id.clone() csv body height=HEIGHT />
            </div>
            <Legend entries alone isolated />
            <div
                class="chart-body"
                node_ref=body
                tabindex="0"
                role="group"
                aria-label=move || format!("{}. {}", title.get(), t(&words::CHART_HELP))
                style:height=format!("{HEIGHT}px")
                on:keydown=move |event| on_key(event, settings, drawn)
            >
                <Interaction data drawn body />
                <svg role="img" aria-label=summary width="100%" height=HEIGHT.to_string()>
                    {move || drawn.with(|plot| plot.as_ref().map(|plot| axes(plot, data.unit(), settings.axis.get())))}
                    {move || drawn.with(|plot| plot.as_ref().map(|plot| marks(&data, plot)))}
                    {move || drawn.with(|plot| plot.as_ref().map(|plot| lines(&data, plot)))}
                </svg>
                <p class="chart-empty quiet" hidden=move || !empty()>{tr(&words::CHART_EMPTY)}</p>
            </div>
            <ChartTable data />
        </figure>
    }
}

fn has_run(runs: &[ChartRun], line: &LineKey) -> bool {
    runs.iter().any(|run| run.id == line.run)
}

fn legend_entries(data: &ChartData) -> Vec<Entry> {
    let (runs, language, unit) = (data.runs.get(), i18n::language(), data.unit());
    data.series.with_value(|series| {
        let mut entries = Vec::new();
        for run in &runs {
            let view = run.view.read();
            for (index, one) in series.iter().enumerate() {
                let Some(latest) = view.latest(&one.id) else { continue };
                let key = LineKey { run: run.id.clone(), series: one.id.to_string() };
                entries.push(Entry {
                    label: data.label(&key),
                    hue: if runs.len() > 1 { run.hue } else { index },
                    dash: index,
                    latest: value_text(language, unit, latest),
                    key,
                });
            }
        }
        entries
    })
}

fn axes(plot: &Plot, unit: Unit, axis: XAxis) -> impl IntoView + use<> {
    let (left, right) = plot.x.pixels;
    let bottom = HEIGHT - BOTTOM;
    let y_text = move |value: f64| match unit {
        Unit::Fraction => format!("{}%", short(value * 100.0)),
        Unit::Number => short(value),
    };
    let rows = plot.y_ticks.iter().map(|&(value, y)| {
        view! {
            <path class="chart-grid" d=format!("M{left} {y:.1}L{right} {y:.1}") />
            <text class="chart-tick" x=(left - 8.0).to_string() y=format!("{:.1}", y + 4.0) text-anchor="end">{y_text(value)}</text>
        }
    });
    let columns = plot.x_ticks.iter().map(|&(value, x)| {
        view! {
            <text class="chart-tick" x=format!("{x:.1}") y=(bottom + 17.0).to_string() text-anchor="middle">{x_text(axis, value)}</text>
        }
    });
    view! {
        <g aria-hidden="true">
            {rows.collect_view()}
            {columns.collect_view()}
            <path class="chart-axis" d=format!("M{left} {TOP}L{left} {bottom}L{right} {bottom}") />
        </g>
    }
}

/// Where something happened: a line through the chart with a flag on top.
fn marks(data: &ChartData, plot: &Plot) -> impl IntoView + use<> {
    let bottom = HEIGHT - BOTTOM;
    let places = table::marks(data).into_iter().filter_map(|(x, _)| plot.x.pixel(x));
    let inside = places.filter(|x| (LEFT..=plot.x.pixels.1).contains(x)).collect::<Vec<_>>();
    inside
        .into_iter()
        .map(|x| {
            view! {
                <path class="chart-mark" d=format!("M{x:.1} {TOP}L{x:.1} {bottom}") />
                <path class="chart-flag" d=format!("M{:.1} {TOP}L{:.1} {TOP}L{x:.1} {:.1}Z", x - 4.0, x + 4.0, TOP + 6.0) />
            }
        })
        .collect_view()
}

fn lines(data: &ChartData, plot: &Plot) -> impl IntoView + use<> {
    let (left, right) = plot.x.pixels;
    let one = |line: &Line| {
        let (hue, dash) = (line.hue % HUES, line.dash % DASHES);
        let letter = data.letter(&line.key).zip(line.letter_at).map(|(letter, (x, y))| {
            view! {
                <text class=format!("chart-letter hue-{hue}") x=format!("{x:.1}") y=format!("{:.1}", y - 6.0) text-anchor="middle">
                    {letter.to_string()}
                </text>
            }
        });
        let dots = line.dots.iter().map(|&(x, y)| {
            view! { <circle class=format!("chart-dot hue-{hue}") cx=format!("{x:.1}") cy=format!("{y:.1}") r="2.5" /> }
        });
        view! {
            <path class=format!("line-raw hue-{hue}") d=line.raw.clone() />
            <path class=format!("line-bold hue-{hue} dash-{dash}") d=line.bold.clone() />
            {dots.collect_view()}
            {letter}
        }
    };
    let lines = plot.lines.iter().map(one).collect_view();
    // A nested drawing cuts off what a zoom leaves outside; coordinates stay those of the chart.
    let view_box = format!("{left} 0 {} {HEIGHT}", right + RIGHT - left);
    view! {
        <svg x=left.to_string() y="0" width=(right + RIGHT - left).to_string() height=HEIGHT.to_string() viewBox=view_box>
            {lines}
        </svg>
    }
}
