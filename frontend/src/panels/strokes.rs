//! The parts of a chart's drawing: axes, traces, marks, and how a trace looks in the legend.

use kindling_protocol::chart::{Chart, Shape};
use leptos::prelude::*;

use crate::charts::plot::{DASHES, HUES};
use crate::i18n;
use crate::panels::layout::{Drawn, Layout, TOP};
use crate::panels::shapes;

/// Degrees of the hatchings that tell bars apart without colour. The first kind of bar is filled.
const ANGLES: [u32; 4] = [45, 135, 0, 90];

/// Fills of bars, for `url(#…)`. The colour comes from the class of the pattern.
pub fn hatches(chart: &Chart, name: &str) -> impl IntoView + use<> {
    let hatched = chart.traces.iter().enumerate().filter(|(index, trace)| trace.shape.is_filled() && *index > 0);
    let patterns = hatched.map(|(index, _)| {
        let turned = format!("rotate({})", ANGLES[(index - 1) % ANGLES.len()]);
        view! {
            <pattern id=hatch_id(name, index) class=format!("hue-{}", index % HUES) width="6" height="6" patternUnits="userSpaceOnUse" patternTransform=turned>
                <path class="hatch-ground" d="M0 0H6V6H0Z" />
                <path class="hatch-line" d="M0 3H6" />
            </pattern>
        }
    });
    view! { <defs>{patterns.collect_view()}</defs> }
}

fn hatch_id(name: &str, index: usize) -> String {
    format!("{name}-hatch-{index}")
}

fn bar_fill(name: &str, index: usize) -> Option<String> {
    (index > 0).then(|| format!("url(#{})", hatch_id(name, index)))
}

pub fn axes(chart: &Chart, drawn: &Layout, height: f64) -> impl IntoView + use<> {
    let language = i18n::language();
    let (left, right) = drawn.x.pixels;
    let bottom = drawn.y.pixels.0;
    let rows = drawn.y_ticks.iter().map(|tick| {
        view! {
            <path class="chart-grid" d=format!("M{left:.1} {:.1}L{right:.1} {:.1}", tick.at, tick.at) />
            <text class="chart-tick" x=format!("{:.1}", left - 8.0) y=format!("{:.1}", tick.at + 4.0) text-anchor="end">{tick.text.clone()}</text>
        }
    });
    let slanted = drawn.slanted;
    let columns = drawn.x_ticks.iter().map(|tick| {
        let (x, y) = (tick.at, bottom + if slanted { 12.0 } else { 16.0 });
        let turned = slanted.then(|| format!("rotate(-38 {x:.1} {y:.1})"));
        let anchor = if slanted { "end" } else { "middle" };
        view! { <text class="chart-tick" x=format!("{x:.1}") y=format!("{y:.1}") text-anchor=anchor transform=turned>{tick.text.clone()}</text> }
    });
    let below = format!("{:.1}", height - 6.0);
    view! {
        <g aria-hidden="true">
            {rows.collect_view()}
            {columns.collect_view()}
            <path class="chart-axis" d=format!("M{left:.1} {TOP}L{left:.1} {bottom:.1}L{right:.1} {bottom:.1}") />
            <text class="chart-tick axis-name" x="2" y="12">{chart.y.label.get(language).to_string()}</text>
            <text class="chart-tick axis-name" x=format!("{right:.1}") y=below text-anchor="end">{chart.x.label.get(language).to_string()}</text>
        </g>
    }
}

/// Bands lie at the bottom and points on top, so that no trace hides another.
pub fn traces(drawn: &Layout, name: &str, height: f64) -> impl IntoView + use<> {
    let (left, right) = drawn.x.pixels;
    let path = |class: String, d: &str, fill: Option<String>| {
        (!d.is_empty()).then(|| view! { <path class=class d=d.to_string() fill=fill /> })
    };
    let hue = |trace: &Drawn| trace.index % HUES;
    let bands = drawn.traces.iter().map(|trace| path(format!("band hue-{}", hue(trace)), &trace.band, None));
    let bands = bands.collect_view();
    let bars = drawn.traces.iter().map(|trace| {
        let class = if trace.index > 0 { "bar hatched" } else { "bar" };
        path(format!("{class} hue-{}", hue(trace)), &trace.bars, bar_fill(name, trace.index))
    });
    let bars = bars.collect_view();
    let lines = drawn.traces.iter().map(|trace| path(line_class(trace.shape, trace.index), &trace.line, None));
    let lines = lines.collect_view();
    let whiskers = drawn.traces.iter().map(|trace| path(format!("whisker hue-{}", hue(trace)), &trace.whiskers, None));
    let whiskers = whiskers.collect_view();
    let points = drawn.traces.iter().map(|trace| path(format!("points hue-{}", hue(trace)), &trace.points, None));
    let points = points.collect_view();
    // A nested drawing cuts off what is outside of the axes, with air for a point on an edge.
    let (from, wide) = (left - 5.0, right - left + 10.0);
    view! {
        <svg x=from.to_string() y="0" width=wide.to_string() height=height.to_string() viewBox=format!("{from} 0 {wide} {height}")>
            {bands}{bars}{lines}{whiskers}{points}
        </svg>
    }
}

pub fn line_class(shape: Shape, index: usize) -> String {
    let (hue, dash) = (index % HUES, index % DASHES);
    let compared = if shape == Shape::Dashed { " compared" } else { "" };
    format!("line-bold hue-{hue} dash-{dash}{compared}")
}

pub fn marks(drawn: &Layout) -> impl IntoView + use<> {
    let bottom = drawn.y.pixels.0;
    let flags = drawn.marks.iter().map(|flag| {
        let x = flag.at;
        let (place, anchor) = if flag.before { (x - 6.0, "end") } else { (x + 6.0, "start") };
        let text = flag.text.clone().map(|text| view! { <text class="chart-tick mark-text" x=format!("{place:.1}") y=(TOP + 8.0).to_string() text-anchor=anchor>{text}</text> });
        view! {
            <path class="chart-mark" d=format!("M{x:.1} {TOP}L{x:.1} {bottom:.1}") />
            <path class="chart-flag" d=format!("M{:.1} {TOP}L{:.1} {TOP}L{x:.1} {:.1}Z", x - 4.0, x + 4.0, TOP + 6.0) />
            {text}
        }
    });
    flags.collect_view()
}

/// How a trace looks, small.
pub fn swatch(shape: Shape, index: usize, name: &str) -> impl IntoView + use<> {
    let hue = index % HUES;
    let part = match shape {
        Shape::Bars | Shape::Spans => {
            let class = if index > 0 { "bar hatched" } else { "bar" };
            view! { <path class=format!("{class} hue-{hue}") d="M5 0.5H21V9.5H5Z" fill=bar_fill(name, index) /> }
                .into_any()
        }
        Shape::Points => {
            let d = shapes::points(&[Some((13.0, 5.0))], index, 3.4);
            view! { <path class=format!("points hue-{hue}") d=d /> }.into_any()
        }
        Shape::Line => {
            let d = shapes::points(&[Some((13.0, 5.0))], index, 2.8);
            view! { <path class=line_class(shape, index) d="M1 5L25 5" /><path class=format!("points hue-{hue}") d=d /> }
                .into_any()
        }
        Shape::Dashed | Shape::Steps => view! { <path class=line_class(shape, index) d="M1 5L25 5" /> }.into_any(),
    };
    view! { <svg class="swatch" viewBox="0 0 26 10" width="26" height="10" aria-hidden="true">{part}</svg> }
}
