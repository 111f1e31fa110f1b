//! A chart of a lab's panel: legend, drawing, cross-hair, keys, table and files.

use std::collections::BTreeSet;
use std::sync::Arc;

use kindling_protocol::chart::{Chart, Shape};
use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::charts::plot::HUES;
use crate::charts::save::SaveButtons;
use crate::charts::width::follow_width;
use crate::i18n::panels::Summed;
use crate::i18n::{self, charts as words, panels, t, tr};
use crate::panels::layout::{Layout, Look, TOP, layout};
use crate::panels::numbers::{Numbers, axis_text, csv, spread_text};
use crate::panels::reading::{self, Stop, marks_near, nearest, rows};
use crate::panels::strokes::{axes, hatches, line_class, marks, swatch, traces};

const HEIGHT: f64 = 280.0;
/// Of a name on the y axis, where the axis has names.
const ROW: f64 = 24.0;

/// A point of a chart that can be moved.
#[derive(Clone, Copy)]
pub struct Handle {
    /// Where it stands, in values of the axes.
    pub at: Signal<Option<(f64, f64)>>,
    /// It is wanted near here.
    pub drag: Callback<(f64, f64)>,
}

#[component]
pub fn DrawnChart(
    /// Of its files and of its parts in the document.
    #[prop(into)]
    name: String,
    #[prop(into)] title: Signal<String>,
    #[prop(into)] chart: Signal<Arc<Chart>>,
    #[prop(optional)] handle: Option<Handle>,
) -> impl IntoView {
    let hidden = RwSignal::new(BTreeSet::new());
    let log_y = RwSignal::new(chart.with_untracked(|chart| chart.y.log));
    let width = RwSignal::new(0.0);
    let body = NodeRef::<Div>::new();
    follow_width(body, width);

    let height = Memo::new(move |_| chart.with(|chart| HEIGHT.max(ROW * chart.y.names.len() as f64 + 80.0)));
    let drawn = Memo::new(move |_| {
        let look = Look {
            language: i18n::language(),
            width: width.get(),
            height: height.get(),
            log_y: log_y.get(),
            hidden: hidden.get(),
        };
        chart.with(|chart| layout(chart, &look))
    });
    let stops = Memo::new(move |_| {
        drawn.with(|drawn| drawn.as_ref().map_or(Vec::new(), |drawn| chart.with(|chart| reading::stops(chart, drawn))))
    });
    let stop = RwSignal::new(None::<Stop>);
    let can_be_log = Memo::new(move |_| chart.with(|chart| has_log_y(chart)));
    let log_button = {
        let testid = format!("{name}-log");
        move || {
            can_be_log.get().then(|| {
                view! {
                    <button
                        class="button plain chart-tool"
                        type="button"
                        data-testid=testid.clone()
                        aria-pressed=move || log_y.get().to_string()
                        on:click=move |_| log_y.update(|log| *log = !*log)
                    >
                        {tr(&words::LOG_AXIS)}
                    </button>
                }
            })
        }
    };
    let csv = Callback::new(move |()| chart.with(|chart| csv(chart, i18n::language())));
    let label = move || format!("{}. {}", title.get(), t(&panels::CHART_KEYS));
    let summary = move || chart.with(|chart| summary(&title.get(), chart));
    let (prefix, testid) = (StoredValue::new(name.clone()), format!("drawn-{name}"));
    let surface = format!("drawing-{name}");
    let drawing = move || {
        let height = height.get();
        drawn.with(|drawn| {
            let drawn = drawn.as_ref()?;
            let prefix = prefix.get_value();
            Some(chart.with(|chart| {
                view! {
                    {hatches(chart, &prefix)}
                    {axes(chart, drawn, height)}
                    {traces(drawn, &prefix, height)}
                    {marks(drawn)}
                }
            }))
        })
    };
    view! {
        <div class="drawn" data-testid=testid>
            <Legend name=name.clone() chart hidden />
            <div
                class="chart-body"
                node_ref=body
                tabindex="0"
                role="group"
                data-testid=surface
                aria-label=label
                style:height=move || format!("{}px", height.get())
                on:keydown=move |event| on_key(&event, stop, stops)
                on:blur=move |_| stop.set(None)
            >
                <Surface chart drawn stops stop body handle />
                <svg role="img" aria-label=summary width="100%" height=move || height.get().to_string()>{drawing}</svg>
                <HandleDot drawn handle />
                <Told chart drawn stop />
                <p class="chart-empty quiet" hidden=move || drawn.with(Option::is_some)>{tr(&panels::NOTHING_TO_DRAW)}</p>
            </div>
            <div class="drawn-foot">
                <Numbers chart />
                {log_button}
                <SaveButtons name csv body height />
            </div>
        </div>
    }
}

/// A log axis shows amounts above zero; bars begin at zero, which it has not.
fn has_log_y(chart: &Chart) -> bool {
    let bars = chart.traces.iter().any(|trace| trace.shape == Shape::Bars);
    let mut values = chart.traces.iter().flat_map(|trace| trace.points.iter().map(|point| point[1]));
    let above = values.all(|value| value > 0.0);
    chart.y.log || (!bars && above && chart.y.names.is_empty())
}

/// What the drawing shows, in a sentence.
fn summary(title: &str, chart: &Chart) -> String {
    let language = i18n::language();
    // Of a cloud, the last point says no more than any other; nor does the last of many lying bars.
    let all = |shape| chart.traces.iter().all(|trace| trace.shape == shape);
    let what = match (all(Shape::Points), all(Shape::Spans)) {
        (true, _) => Summed::Points,
        (_, true) => Summed::Lengths,
        _ => Summed::LastValues,
    };
    let told = chart.traces.iter().map(|trace| {
        let value = match (what, trace.points.last()) {
            (Summed::LastValues, Some(point)) => axis_text(&chart.y, point[1].into(), language),
            (Summed::Lengths, _) => {
                let lengths = trace.points.chunks_exact(2).map(|ends| f64::from((ends[1][0] - ends[0][0]).abs()));
                axis_text(&chart.x, lengths.sum(), language)
            }
            _ => trace.points.len().to_string(),
        };
        format!("{} {value}", trace.label.get(language))
    });
    let told = told.collect::<Vec<_>>().join(", ");
    panels::chart_summary(language, title, chart.y.label.get(language), chart.x.label.get(language), what, &told)
}

/// Which trace is which. A click takes one away or brings it back.
#[component]
fn Legend(name: String, chart: Signal<Arc<Chart>>, hidden: RwSignal<BTreeSet<usize>>) -> impl IntoView {
    let entries = Memo::new(move |_| {
        let language = i18n::language();
        let entry = |trace: &kindling_protocol::chart::Trace| (trace.shape, trace.label.get(language).to_string());
        chart.with(|chart| chart.traces.iter().map(entry).collect::<Vec<_>>())
    });
    let item = move |(index, (shape, label)): (usize, (Shape, String))| {
        let shown = move || hidden.with(|hidden| !hidden.contains(&index));
        let toggle = move |_| {
            hidden.update(|hidden| {
                if !hidden.remove(&index) {
                    hidden.insert(index);
                }
            });
        };
        view! {
            <li>
                <button class="legend-entry" class:faded=move || !shown() type="button" aria-pressed=move || shown().to_string() title=move || t(&panels::TOGGLE_TRACE) on:click=toggle>
                    {swatch(shape, index, &name)}
                    <span>{label}</span>
                </button>
            </li>
        }
    };
    view! { <ul class="legend">{move || entries.get().into_iter().enumerate().map(item.clone()).collect_view()}</ul> }
}

/// Where the pointer is taken: over the drawing, which it does not hide.
#[component]
fn Surface(
    chart: Signal<Arc<Chart>>,
    drawn: Memo<Option<Layout>>,
    stops: Memo<Vec<Stop>>,
    stop: RwSignal<Option<Stop>>,
    body: NodeRef<Div>,
    handle: Option<Handle>,
) -> impl IntoView {
    let dragging = RwSignal::new(false);
    let pixel = move |event: &PointerEvent| {
        let place = body.get_untracked()?.get_bounding_client_rect();
        Some((event.client_x() as f64 - place.left(), event.client_y() as f64 - place.top()))
    };
    let point_at = move |place: (f64, f64)| {
        let found = drawn.with_untracked(|drawn| {
            let drawn = drawn.as_ref()?;
            stops.with_untracked(|stops| {
                let index = chart.with_untracked(|chart| nearest(chart, drawn, stops, place))?;
                stops.get(index).copied()
            })
        });
        stop.set(found);
    };
    let drag_to = move |(x, y): (f64, f64)| {
        let Some(handle) = handle else { return };
        let value = drawn.with_untracked(|drawn| drawn.as_ref().map(|drawn| (drawn.x.value(x), drawn.y.value(y))));
        if let Some(value) = value {
            handle.drag.run(value);
        }
    };
    let on_down = move |event: PointerEvent| {
        if handle.is_none() || event.button() != 0 {
            return;
        }
        if let Some(target) = event.current_target().map(|target| target.unchecked_into::<web_sys::Element>()) {
            let _ = target.set_pointer_capture(event.pointer_id());
        }
        dragging.set(true);
        stop.set(None);
        pixel(&event).map(drag_to);
    };
    let on_move = move |event: PointerEvent| {
        let Some(place) = pixel(&event) else { return };
        if dragging.get_untracked() { drag_to(place) } else { point_at(place) }
    };
    view! {
        <div
            class="chart-surface"
            class:draggable=handle.is_some()
            on:pointerdown=on_down
            on:pointermove=on_move
            on:pointerup=move |_| dragging.set(false)
            on:pointercancel=move |_| dragging.set(false)
            on:pointerleave=move |_| stop.set(None)
        ></div>
    }
}

/// The point that can be moved.
#[component]
fn HandleDot(drawn: Memo<Option<Layout>>, handle: Option<Handle>) -> impl IntoView {
    move || {
        let (x, y) = handle?.at.get()?;
        let (x, y) = drawn.with(|drawn| {
            let drawn = drawn.as_ref()?;
            Some((drawn.x.pixel(x)?, drawn.y.pixel(y)?))
        })?;
        Some(view! { <div class="chart-handle" style:left=format!("{x:.1}px") style:top=format!("{y:.1}px")></div> })
    }
}

/// Keys of a chart that has the focus: from stop to stop.
fn on_key(event: &KeyboardEvent, stop: RwSignal<Option<Stop>>, stops: Memo<Vec<Stop>>) {
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    let next = stops.with_untracked(|stops| {
        let last = stops.len().checked_sub(1)?;
        let now = stop.get_untracked().and_then(|stop| stops.iter().position(|other| *other == stop));
        let index = match (event.key().as_str(), now) {
            ("ArrowRight", None) | ("Home", _) => 0,
            ("ArrowLeft", None) | ("End", _) => last,
            ("ArrowRight", Some(now)) => (now + 1).min(last),
            ("ArrowLeft", Some(now)) => now.saturating_sub(1),
            ("PageDown", now) => (now.unwrap_or(0) + (last / 10).max(1)).min(last),
            ("PageUp", now) => now.unwrap_or(last).saturating_sub((last / 10).max(1)),
            _ => return None,
        };
        Some(stops[index])
    });
    if next.is_some() || event.key() == "Escape" {
        stop.set(next);
        event.prevent_default();
    }
}

/// A line at the stop, and what the traces say there.
#[component]
fn Told(chart: Signal<Arc<Chart>>, drawn: Memo<Option<Layout>>, stop: RwSignal<Option<Stop>>) -> impl IntoView {
    move || {
        let stop = stop.get()?;
        let language = i18n::language();
        drawn.with(|drawn| {
            let drawn = drawn.as_ref()?;
            chart.with(|chart| {
                // The chart may have grown smaller since.
                if stop.only.is_some_and(|(trace, point)| chart.traces.get(trace).is_none_or(|trace| trace.points.len() <= point)) {
                    return None;
                }
                let read = rows(chart, drawn, &stop);
                let dots = read.iter().map(|row| {
                    view! { <div class=format!("chart-spot hue-{}", row.trace % HUES) style:left=format!("{:.1}px", stop.at) style:top=format!("{:.1}px", row.at)></div> }
                });
                let dots = dots.collect_view();
                let items = read.iter().map(|row| {
                    let trace = &chart.traces[row.trace];
                    let value = spread_text(&chart.y, row.y, row.spread, language);
                    view! {
                        <li>
                            <svg class="swatch" viewBox="0 0 26 10" width="20" height="10" aria-hidden="true">
                                <path class=line_class(trace.shape, row.trace) d="M1 5L25 5" />
                            </svg>
                            <span>{trace.label.get(language).to_string()}</span>
                            <b class="number">{value}</b>
                        </li>
                    }
                });
                let items = items.collect_view();
                let near = marks_near(drawn, stop.at).filter_map(|index| chart.marks.get(index));
                let near = near.map(|mark| view! { <li class="chart-tip-mark">{i18n::own(&mark.text)}</li> });
                let near = near.collect_view();
                let middle = (drawn.x.pixels.0 + drawn.x.pixels.1) / 2.0;
                let side = if stop.at > middle { "chart-tip left" } else { "chart-tip right" };
                let ends: Vec<String> =
                    [Some(stop.x), stop.to].into_iter().flatten().map(|x| axis_text(&chart.x, x, language)).collect();
                let head = format!("{} {}", chart.x.label.get(language), ends.join(" – "));
                let (top, tall) = (TOP, drawn.y.pixels.0 - TOP);
                Some(view! {
                    <div class="chart-hair drawn-hair" style:left=format!("{:.1}px", stop.at) style:top=format!("{top}px") style:height=format!("{tall}px")></div>
                    {dots}
                    <ul class=side style:left=format!("{:.1}px", stop.at) role="status">
                        <li class="chart-tip-head">{head}</li>
                        {items}
                        {near}
                    </ul>
                })
            })
        })
    }
}
