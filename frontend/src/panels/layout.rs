//! Where everything of a lab's chart stands, worked out without a document.

use std::collections::BTreeSet;

use kindling_protocol::chart::{Axis, Chart, Shape, Trace};
use kindling_protocol::lab::Unit;
use kindling_protocol::text::Language;

use crate::charts::scale::{Scale, short};
use crate::panels::shapes::{self, Slot};

/// How a chart is looked at.
#[derive(Clone, Debug, PartialEq)]
pub struct Look {
    pub language: Language,
    /// Pixels of the whole drawing.
    pub width: f64,
    pub height: f64,
    pub log_y: bool,
    /// Traces that are not shown.
    pub hidden: BTreeSet<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    pub x: Scale,
    pub y: Scale,
    pub x_ticks: Vec<Tick>,
    pub y_ticks: Vec<Tick>,
    /// The names on the x axis have no room side by side and are written aslant.
    pub slanted: bool,
    pub traces: Vec<Drawn>,
    pub marks: Vec<Flag>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Tick {
    pub at: f64,
    pub text: String,
}

/// A trace as paths.
#[derive(Clone, Debug, PartialEq)]
pub struct Drawn {
    /// Of the trace in the chart: what its colour, dash, point and hatching follow from.
    pub index: usize,
    pub shape: Shape,
    pub line: String,
    pub band: String,
    pub whiskers: String,
    pub points: String,
    pub bars: String,
}

/// A moment on the x axis.
#[derive(Clone, Debug, PartialEq)]
pub struct Flag {
    pub at: f64,
    /// What stands beside it, where there is room.
    pub text: Option<String>,
    /// The text stands to the left.
    pub before: bool,
}

/// Air around the axes: above is the name of the y axis, below are the ticks and the name of the x axis.
pub const TOP: f64 = 26.0;
const RIGHT: f64 = 16.0;
const BOTTOM: f64 = 42.0;
/// Height of names that are written aslant, at most.
const SLANT: f64 = 62.0;
/// Longer names are cut off below a chart, and beside a narrow one; the table has them whole.
const LONGEST_NAME: usize = 16;
/// Beside one that is wider than this there is room for twice that.
const WIDE: f64 = 480.0;
/// Lines with more points than this show no single ones.
const DOTTED_UP_TO: usize = 30;
/// A fraction that fills most of 0 to 1 is drawn from 0 to 1.
const WHOLE_FROM: f64 = 0.6;

/// Lays out a chart. Nothing if it has no room or no point.
pub fn layout(chart: &Chart, look: &Look) -> Option<Layout> {
    let shown = |index: &usize| !look.hidden.contains(index);
    let visible: Vec<usize> = (0..chart.traces.len()).filter(shown).collect();
    // With all of them hidden, the axes stay as they were.
    let counted = if visible.is_empty() { (0..chart.traces.len()).collect() } else { visible.clone() };
    let counted: Vec<&Trace> = counted.iter().map(|index| &chart.traces[*index]).collect();
    if look.width <= 0.0 || counted.iter().all(|trace| trace.points.is_empty()) {
        return None;
    }

    let bottom_of = |slanted: bool| look.height - if slanted { BOTTOM + SLANT } else { BOTTOM };
    let mut y = y_scale(&chart.y, &counted, look.log_y, (bottom_of(false), TOP));
    let beside = if look.width > WIDE { 2 * LONGEST_NAME } else { LONGEST_NAME };
    let mut y_texts = tick_texts(&chart.y, &y, 5, beside, look.language);
    let left = y_texts.iter().map(|(_, text)| text_width(text)).fold(24.0, f64::max) + 14.0;
    let right = (look.width - RIGHT).max(left + 1.0);
    let mut x = x_scale(chart, &counted, (left, right));
    if chart.y.equal && !y.log {
        let unit = per_pixel(&x).max(per_pixel(&y));
        x = with_unit(x, unit);
        y = with_unit(y, unit);
        y_texts = tick_texts(&chart.y, &y, 5, beside, look.language);
    }
    let room = (right - left) / 64.0;
    let x_texts = tick_texts(&chart.x, &x, room.clamp(2.0, 8.0) as usize, LONGEST_NAME, look.language);
    let slot = (right - left) / x_texts.len().max(1) as f64;
    let slanted = !chart.x.names.is_empty() && x_texts.iter().any(|(_, text)| text_width(text) + 6.0 > slot);
    y.pixels.0 = bottom_of(slanted);

    let bars: Vec<usize> = visible.iter().copied().filter(|&at| chart.traces[at].shape == Shape::Bars).collect();
    let width = bar_room(&counted, &x);
    let slot_of = |index: usize| {
        let place = bars.iter().position(|bar| *bar == index)?;
        Some(Slot { place, of: bars.len(), width })
    };
    let traces = visible.iter().map(|&index| draw(index, &chart.traces[index], &x, &y, slot_of(index))).collect();
    let place = |texts: Vec<(f64, String)>, scale: &Scale| -> Vec<Tick> {
        texts.into_iter().filter_map(|(value, text)| Some(Tick { at: scale.pixel(value)?, text })).collect()
    };
    Some(Layout {
        x_ticks: place(x_texts, &x),
        y_ticks: place(y_texts, &y),
        slanted,
        traces,
        marks: flags(chart, &x, look.language),
        x,
        y,
    })
}

/// A value as its axis writes it.
pub fn tick_text(axis: &Axis, value: f64, language: Language) -> String {
    match (axis.names.is_empty(), axis.unit) {
        (false, _) => name_at(axis, value, language).unwrap_or_default(),
        (true, Unit::Fraction) => format!("{}%", short(value * 100.0)),
        (true, Unit::Number) => short(value),
    }
}

/// The name of the whole number next to `value`.
pub fn name_at(axis: &Axis, value: f64, language: Language) -> Option<String> {
    let index = value.round();
    let name = (index >= 0.0).then(|| axis.names.get(index as usize))??;
    Some(name.get(language).to_string())
}

fn draw(index: usize, trace: &Trace, x: &Scale, y: &Scale, slot: Option<Slot>) -> Drawn {
    let shift = slot.map_or(0.0, |slot| slot.shift());
    let pixels = shapes::pixels(&trace.points, x, y, shift);
    let spread: Vec<_> = if trace.spread.len() == trace.points.len() {
        let ends = trace.points.iter().zip(&trace.spread);
        let place = |(point, [low, high]): (&[f32; 2], &[f32; 2])| {
            Some((x.pixel(point[0].into())? + shift, y.pixel((*low).into())?, y.pixel((*high).into())?))
        };
        ends.map(place).collect()
    } else {
        Vec::new()
    };
    let mut drawn = Drawn {
        index,
        shape: trace.shape,
        line: String::new(),
        band: String::new(),
        whiskers: String::new(),
        points: String::new(),
        bars: String::new(),
    };
    match trace.shape {
        Shape::Bars => {
            let width = slot.map_or(1.0, |slot| slot.bar_width());
            drawn.bars = shapes::bars(&pixels, width, y.pixel(0.0).unwrap_or(y.pixels.0));
            drawn.whiskers = shapes::whiskers(&spread);
        }
        Shape::Spans => {
            let row = (y.pixel(0.0), y.pixel(1.0));
            let row = if let (Some(one), Some(next)) = row { (one - next).abs() } else { 0.0 };
            drawn.bars = shapes::spans(&pixels, row * 0.7);
        }
        Shape::Points => {
            let radius = if trace.points.len() > 400 { 2.0 } else { 3.4 };
            drawn.points = shapes::points(&pixels, index, radius);
            drawn.whiskers = shapes::whiskers(&spread);
        }
        Shape::Line | Shape::Dashed | Shape::Steps => {
            drawn.line = if trace.shape == Shape::Steps { shapes::steps(&pixels) } else { shapes::line(&pixels) };
            drawn.band = shapes::band(&spread);
            if trace.shape == Shape::Line && trace.points.len() <= DOTTED_UP_TO {
                drawn.points = shapes::points(&pixels, index, 2.8);
            }
        }
    }
    drawn
}

fn per_pixel(scale: &Scale) -> f64 {
    (scale.high - scale.low) / (scale.pixels.1 - scale.pixels.0).abs()
}

/// Wider about its middle, so that a pixel is `unit`.
fn with_unit(scale: Scale, unit: f64) -> Scale {
    let (middle, half) = ((scale.low + scale.high) / 2.0, unit * (scale.pixels.1 - scale.pixels.0).abs() / 2.0);
    Scale { low: middle - half, high: middle + half, ..scale }
}

fn y_scale(axis: &Axis, traces: &[&Trace], log: bool, pixels: (f64, f64)) -> Scale {
    if !axis.names.is_empty() {
        return Scale { low: -0.5, high: axis.names.len() as f64 - 0.5, log: false, pixels };
    }
    let ends = traces.iter().flat_map(|trace| trace.spread.iter().flatten().map(|value| f64::from(*value)));
    let values = traces.iter().flat_map(|trace| trace.points.iter().map(|point| f64::from(point[1])));
    let bars = traces.iter().any(|trace| trace.shape == Shape::Bars);
    let values: Vec<f64> = values.chain(ends).chain((bars && !log).then_some(0.0)).collect();
    whole(axis, &values).map_or_else(
        || Scale::around(values.iter().copied(), log, pixels),
        |(low, high)| Scale { low, high, log: false, pixels },
    )
}

fn x_scale(chart: &Chart, traces: &[&Trace], pixels: (f64, f64)) -> Scale {
    let axis = &chart.x;
    if !axis.names.is_empty() {
        return Scale { low: -0.5, high: axis.names.len() as f64 - 0.5, log: false, pixels };
    }
    let values = traces.iter().flat_map(|trace| trace.points.iter().map(|point| f64::from(point[0])));
    let values: Vec<f64> = values.chain(chart.marks.iter().map(|mark| f64::from(mark.x))).collect();
    if let Some((low, high)) = whole(axis, &values).filter(|_| !axis.log) {
        return Scale { low, high, log: false, pixels };
    }
    let usable = values.iter().copied().filter(|value| !axis.log || *value > 0.0);
    let (low, high) = usable.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(v), high.max(v)));
    let lines =
        traces.iter().all(|trace| matches!(trace.shape, Shape::Line | Shape::Dashed | Shape::Steps | Shape::Spans));
    if traces.iter().any(|trace| trace.shape == Shape::Bars) && low < high && !axis.log {
        let half = gap(traces).unwrap_or(high - low) / 2.0;
        return Scale { low: low - half, high: high + half, log: false, pixels };
    }
    // Lines and lying bars go from edge to edge; points and standing bars need air.
    if lines && low < high {
        return Scale { low, high, log: axis.log, pixels };
    }
    Scale::around(values.iter().copied(), axis.log, pixels)
}

/// From 0 to 1, for fractions that fill most of it.
fn whole(axis: &Axis, values: &[f64]) -> Option<(f64, f64)> {
    let (low, high) =
        values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), v| (low.min(*v), high.max(*v)));
    let fills = axis.unit == Unit::Fraction && !axis.log && low >= 0.0 && high <= 1.0 && high - low >= WHOLE_FROM;
    fills.then_some((0.0, 1.0))
}

/// The least distance between two places that have bars.
fn gap(traces: &[&Trace]) -> Option<f64> {
    let bars = traces.iter().filter(|trace| trace.shape == Shape::Bars);
    let mut places: Vec<f64> = bars.flat_map(|trace| trace.points.iter().map(|point| f64::from(point[0]))).collect();
    places.sort_by(f64::total_cmp);
    let gaps = places.windows(2).map(|pair| pair[1] - pair[0]).filter(|gap| *gap > 1e-9);
    gaps.reduce(f64::min)
}

/// Pixels that the bars of one place share.
fn bar_room(traces: &[&Trace], x: &Scale) -> f64 {
    let all = x.pixels.1 - x.pixels.0;
    let gap = gap(traces).map_or(all, |gap| gap / (x.high - x.low) * all);
    (gap * 0.8).clamp(1.0, 120.0)
}

/// Values where ticks are, with their texts; names are cut to `longest` characters.
fn tick_texts(axis: &Axis, scale: &Scale, count: usize, longest: usize, language: Language) -> Vec<(f64, String)> {
    if axis.names.is_empty() {
        return scale.ticks(count).into_iter().map(|value| (value, tick_text(axis, value, language))).collect();
    }
    let cut = |name: &str| match name.chars().count() > longest {
        false => name.to_string(),
        true => name.chars().take(longest - 1).chain(['…']).collect(),
    };
    axis.names.iter().enumerate().map(|(index, name)| (index as f64, cut(name.get(language)))).collect()
}

fn flags(chart: &Chart, x: &Scale, language: Language) -> Vec<Flag> {
    let place = |mark: &kindling_protocol::chart::ChartMark| {
        Some((x.pixel(mark.x.into())?, mark.text.get(language).to_string()))
    };
    let mut places: Vec<(f64, String)> = chart.marks.iter().filter_map(place).collect();
    places.sort_by(|one, other| one.0.total_cmp(&other.0));
    let next = |index: usize| places.get(index + 1).map_or(x.pixels.1, |(at, _)| *at);
    // Where the text of the mark before ends.
    let mut taken = x.pixels.0;
    let mut flags = Vec::new();
    for (index, (at, text)) in places.iter().enumerate() {
        let width = text_width(text) + 8.0;
        let after = at + width <= next(index);
        let before = !after && at - width >= taken;
        taken = if after { at + width } else { *at };
        flags.push(Flag { at: *at, text: (after || before).then(|| text.clone()), before });
    }
    flags
}

/// Pixels that a text of an axis takes, about: no document is asked.
fn text_width(text: &str) -> f64 {
    text.chars().map(|letter| if letter.is_ascii() { 6.3 } else { 11.5 }).sum()
}

#[cfg(test)]
#[path = "layout_tests.rs"]
mod tests;
