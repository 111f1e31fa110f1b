//! Pointing at a chart: cross-hair, brush zoom, keys.

use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::charts::chart::{ChartData, value_text};
use crate::charts::curve::{XAxis, nearest};
use crate::charts::plot::{Curve, DASHES, HUES, LEFT, Plot};
use crate::charts::table;
use crate::charts::toolbar::{ChartSettings, x_text};
use crate::i18n::{self, charts as words, t};

/// Closer to a mark than this, the cross-hair says what it is. Pixels.
const MARK_REACH: f64 = 8.0;

/// Cross-hair, brush and keys.
#[component]
pub fn Interaction(data: ChartData, drawn: Memo<Option<Plot>>, body: NodeRef<Div>) -> impl IntoView {
    let settings = data.settings;
    // Pixels where a brush began and where it is.
    let brush = RwSignal::new(None::<(f64, f64)>);
    let pixel = move |event: &PointerEvent| {
        body.get_untracked().map(|body| event.client_x() as f64 - body.get_bounding_client_rect().left())
    };
    let value = move |pixel: f64| {
        drawn.with_untracked(|plot| {
            plot.as_ref().map(|plot| plot.x.value(pixel.clamp(plot.x.pixels.0, plot.x.pixels.1)))
        })
    };
    let on_down = move |event: PointerEvent| {
        if event.button() == 0 && drawn.with_untracked(Option::is_some) {
            if let Some(target) = event.current_target().map(|target| target.unchecked_into::<web_sys::Element>()) {
                let _ = target.set_pointer_capture(event.pointer_id());
            }
            brush.set(pixel(&event).map(|x| (x, x)));
        }
    };
    let on_move = move |event: PointerEvent| {
        let Some(x) = pixel(&event) else { return };
        settings.hover.set(value(x));
        if brush.with_untracked(Option::is_some) {
            brush.update(|brush| *brush = brush.map(|(from, _)| (from, x)));
        }
    };
    let on_up = move |_| {
        let Some((from, to)) = brush.get_untracked() else { return };
        brush.set(None);
        if (to - from).abs() > 8.0
            && let (Some(from), Some(to)) = (value(from.min(to)), value(from.max(to)))
        {
            settings.zoom.set(Some((from, to)));
        }
    };
    let selection = move || {
        brush.get().map(|(from, to)| {
            let (from, to) = (from.min(to).max(LEFT), from.max(to));
            view! { <div class="chart-brush" style:left=format!("{from}px") style:width=format!("{}px", (to - from).max(0.0))></div> }
        })
    };
    view! {
        <div
            class="chart-surface"
            on:pointerdown=on_down
            on:pointermove=on_move
            on:pointerup=on_up
            on:pointercancel=move |_| brush.set(None)
            on:pointerleave=move |_| settings.hover.set(None)
            on:dblclick=move |_| settings.zoom.set(None)
        ></div>
        {selection}
        <CrossHair data drawn />
    }
}

/// Keys of a chart that has the focus.
pub fn on_key(event: KeyboardEvent, settings: ChartSettings, drawn: Memo<Option<Plot>>) {
    if event.ctrl_key() || event.meta_key() || event.alt_key() {
        return;
    }
    let Some((from, to)) = drawn.with_untracked(|plot| plot.as_ref().map(|plot| (plot.x.low, plot.x.high))) else {
        return;
    };
    let span = to - from;
    let at = settings.hover.get_untracked().unwrap_or(to);
    match event.key().as_str() {
        "ArrowLeft" => settings.hover.set(Some((at - span / 50.0).max(from))),
        "ArrowRight" => settings.hover.set(Some((at + span / 50.0).min(to))),
        "+" | "=" => settings.zoom.set(Some(((at - span / 4.0).max(from), (at + span / 4.0).min(to)))),
        "-" | "Escape" => settings.zoom.set(None),
        _ => return,
    }
    event.prevent_default();
}

/// A line at the moment pointed at, and the values of all lines there.
#[component]
fn CrossHair(data: ChartData, drawn: Memo<Option<Plot>>) -> impl IntoView {
    let settings = data.settings;
    move || {
        let x = settings.hover.get()?;
        let (pixel, middle, reach) = drawn.with(|plot| {
            let plot = plot.as_ref()?;
            let (left, right) = plot.x.pixels;
            let per_pixel = (plot.x.high - plot.x.low) / (right - left);
            Some((
                plot.x.pixel(x).filter(|pixel| (left..=right).contains(pixel))?,
                (left + right) / 2.0,
                per_pixel * MARK_REACH,
            ))
        })?;
        let (axis, language, unit) = (settings.axis.get(), i18n::language(), data.unit());
        let readings = data.with_curves(|curves| {
            let read = |curve: &Curve| {
                let value = nearest(curve.points, axis, x).map(|point| value_text(language, unit, point.value));
                (curve.key.clone(), curve.hue, curve.dash, value.unwrap_or_default())
            };
            curves.iter().map(read).collect::<Vec<_>>()
        });
        let rows = readings.into_iter().map(|(key, hue, dash, value)| {
            view! {
                <li>
                    <svg class="swatch" viewBox="0 0 26 10" width="20" height="10" aria-hidden="true">
                        <path class=format!("line-bold hue-{} dash-{}", hue % HUES, dash % DASHES) d="M1 5L25 5" />
                    </svg>
                    <span>{data.label(&key)}</span>
                    <b class="number">{value}</b>
                </li>
            }
        });
        let near = table::marks(&data).into_iter().filter(|(at, _)| (at - x).abs() <= reach);
        let told = near.map(|(_, text)| view! { <li class="chart-tip-mark">{i18n::own(&text)}</li> }).collect_view();
        let axis_name = match axis {
            XAxis::Step => &words::STEP,
            XAxis::Epoch => &words::EPOCH,
            XAxis::Time => &words::TIME,
        };
        let side = if pixel > middle { "chart-tip left" } else { "chart-tip right" };
        Some(view! {
            <div class="chart-hair" style:left=format!("{pixel:.1}px")></div>
            <ul class=side style:left=format!("{pixel:.1}px") role="status">
                <li class="chart-tip-head">{t(axis_name)} " " {x_text(axis, x)}</li>
                {rows.collect_view()}
                {told}
            </ul>
        })
    }
}
