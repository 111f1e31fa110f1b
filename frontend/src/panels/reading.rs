//! What a chart says where somebody points at it, with a pointer or with keys.

use kindling_protocol::chart::{Chart, Shape, Trace};

use crate::panels::layout::{Drawn, Layout};

/// Nearer than this, a trace's own point is read; further off, its line.
const REACH: f64 = 6.0;
/// A mark is told this near to the cross-hair.
const MARK_REACH: f64 = 8.0;

/// A place of a chart that can be read. Keys go from one to the next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stop {
    /// Pixel and value on the x axis. Of a lying bar, the pixel of its middle and the value at its first end.
    pub at: f64,
    pub x: f64,
    /// Of a lying bar: half its length in pixels, and the value at its other end.
    pub half: f64,
    pub to: Option<f64>,
    /// Of a cloud of points, the one that is meant: trace and point. Elsewhere, all traces are read at once.
    pub only: Option<(usize, usize)>,
}

/// What one trace says there.
#[derive(Clone, Debug, PartialEq)]
pub struct Row {
    pub trace: usize,
    pub y: f64,
    pub spread: Option<[f32; 2]>,
    /// Pixel on the y axis.
    pub at: f64,
}

/// All places that can be read, from left to right.
pub fn stops(chart: &Chart, layout: &Layout) -> Vec<Stop> {
    let cloud = !layout.traces.is_empty()
        && layout.traces.iter().all(|drawn| matches!(drawn.shape, Shape::Points | Shape::Spans));
    let of_trace = |drawn: &Drawn| -> Vec<Stop> {
        let (index, each) = (drawn.index, drawn.shape.ends());
        let stop = |(place, ends): (usize, &[[f32; 2]])| {
            let ([x, y], [to, _]) = (ends[0], ends[each - 1]);
            layout.y.pixel(y.into())?;
            let (from, until) = (layout.x.pixel(x.into())?, layout.x.pixel(to.into())?);
            Some(Stop {
                at: (from + until) / 2.0,
                x: x.into(),
                half: (until - from).abs() / 2.0,
                to: (each > 1).then_some(to.into()),
                only: cloud.then_some((index, place * each)),
            })
        };
        chart.traces[index].points.chunks_exact(each).enumerate().filter_map(stop).collect()
    };
    let mut all: Vec<Stop> = layout.traces.iter().flat_map(of_trace).collect();
    all.sort_by(|one, other| one.at.total_cmp(&other.at));
    if !cloud {
        // Every pixel once.
        all.dedup_by(|one, before| (one.at - before.at).abs() < 0.5);
    }
    all
}

/// The stop nearest to a pixel. Among the points of a cloud, height counts as well; all of a lying bar is near.
pub fn nearest(chart: &Chart, layout: &Layout, stops: &[Stop], (x, y): (f64, f64)) -> Option<usize> {
    let distance = |stop: &Stop| {
        let height = stop.only.and_then(|(trace, point)| layout.y.pixel(chart.traces[trace].points[point][1].into()));
        ((stop.at - x).abs() - stop.half).max(0.0).powi(2) + height.map_or(0.0, |height| (height - y).powi(2))
    };
    (0..stops.len()).min_by(|one, other| distance(&stops[*one]).total_cmp(&distance(&stops[*other])))
}

/// What the shown traces say at a stop.
pub fn rows(chart: &Chart, layout: &Layout, stop: &Stop) -> Vec<Row> {
    let at = |y: f64| layout.y.pixel(y);
    if let Some((trace, point)) = stop.only {
        let y = f64::from(chart.traces[trace].points[point][1]);
        let spread = chart.traces[trace].spread.get(point).copied();
        return at(y).map(|at| Row { trace, y, spread, at }).into_iter().collect();
    }
    let row = |drawn: &Drawn| {
        let trace = &chart.traces[drawn.index];
        let (y, spread) = value_at(trace, layout, stop)?;
        Some(Row { trace: drawn.index, y, spread, at: at(y)? })
    };
    layout.traces.iter().filter_map(row).collect()
}

/// Texts of the marks at a pixel, by their index.
pub fn marks_near(layout: &Layout, at: f64) -> impl Iterator<Item = usize> {
    layout.marks.iter().enumerate().filter(move |(_, flag)| (flag.at - at).abs() <= MARK_REACH).map(|(index, _)| index)
}

/// The value of the nearest point, or what the trace's line says between its points.
fn value_at(trace: &Trace, layout: &Layout, stop: &Stop) -> Option<(f64, Option<[f32; 2]>)> {
    let pixel = |point: &[f32; 2]| layout.x.pixel(point[0].into());
    let places = trace.points.iter().enumerate().filter_map(|(index, point)| Some((index, pixel(point)?)));
    let (index, place) = places.min_by(|one, other| (one.1 - stop.at).abs().total_cmp(&(other.1 - stop.at).abs()))?;
    let exact = f64::from(trace.points[index][1]);
    if (place - stop.at).abs() <= REACH {
        return Some((exact, trace.spread.get(index).copied()));
    }
    let span = trace.points.windows(2).find(|pair| {
        let ends = (pixel(&pair[0]), pixel(&pair[1]));
        matches!(ends, (Some(from), Some(to)) if from.min(to) <= stop.at && stop.at <= from.max(to))
    })?;
    match trace.shape {
        Shape::Steps => Some((span[0][1].into(), None)),
        Shape::Line | Shape::Dashed => {
            let (from, to) = (pixel(&span[0])?, pixel(&span[1])?);
            let (low, high) = (layout.y.pixel(span[0][1].into())?, layout.y.pixel(span[1][1].into())?);
            let share = (stop.at - from) / (to - from);
            Some((layout.y.value(low + share * (high - low)), None))
        }
        Shape::Points | Shape::Bars | Shape::Spans => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use kindling_protocol::chart::Axis;
    use kindling_protocol::lab::Unit;
    use kindling_protocol::text::{Language, text};

    use super::*;
    use crate::panels::layout::{Look, layout};

    fn laid(traces: Vec<(Shape, Vec<[f32; 2]>)>) -> (Chart, Layout) {
        let axis = || Axis::new(text("x", "横"), Unit::Number);
        let traces = traces.into_iter().map(|(shape, points)| Trace::new(text("a", "甲"), shape, points)).collect();
        let chart = Chart { id: "c".into(), x: axis(), y: axis(), traces, marks: Vec::new() };
        let look = Look { language: Language::En, width: 400.0, height: 260.0, log_y: false, hidden: BTreeSet::new() };
        let layout = layout(&chart, &look).unwrap();
        (chart, layout)
    }

    #[test]
    fn lines_are_read_between_their_points_and_bars_are_not() {
        let line = vec![[0.0, 0.0], [50.0, 5.0], [100.0, 10.0]];
        let (chart, layout) = laid(vec![
            (Shape::Line, line),
            (Shape::Dashed, vec![[0.0, 1.0], [100.0, 3.0]]),
            (Shape::Steps, vec![[0.0, 7.0], [100.0, 9.0]]),
            (Shape::Points, vec![[0.0, 4.0]]),
        ]);
        let stops = stops(&chart, &layout);
        assert_eq!(stops.iter().map(|stop| stop.x).collect::<Vec<_>>(), [0.0, 50.0, 100.0]);
        let read: Vec<(usize, f64)> =
            rows(&chart, &layout, &stops[1]).iter().map(|row| (row.trace, (row.y * 100.0).round() / 100.0)).collect();
        assert_eq!(read, [(0, 5.0), (1, 2.0), (2, 7.0)]);
        let middle = nearest(&chart, &layout, &stops, (stops[1].at + 3.0, 0.0));
        assert_eq!(middle, Some(1));
    }

    #[test]
    fn a_cloud_is_read_point_by_point() {
        let (chart, layout) = laid(vec![(Shape::Points, vec![[1.0, 1.0], [1.0, 9.0], [2.0, 5.0]])]);
        let stops = stops(&chart, &layout);
        assert_eq!(stops.len(), 3);
        let high = layout.y.pixel(9.0).unwrap();
        let near = nearest(&chart, &layout, &stops, (stops[0].at, high)).unwrap();
        let read = rows(&chart, &layout, &stops[near]);
        assert_eq!(read.iter().map(|row| row.y).collect::<Vec<_>>(), [9.0]);
    }

    #[test]
    fn a_lying_bar_is_read_as_one_wherever_it_is_pointed_at() {
        let (chart, layout) = laid(vec![
            (Shape::Spans, vec![[0.0, 0.0], [90.0, 0.0], [0.0, 1.0], [10.0, 1.0]]),
            (Shape::Spans, vec![[100.0, 1.0], [10.0, 1.0]]),
        ]);
        let stops = stops(&chart, &layout);
        assert_eq!(stops.len(), 3, "one a bar");
        let read = |x: f64, y: f64| {
            let place = (layout.x.pixel(x).unwrap(), layout.y.pixel(y).unwrap());
            let stop = &stops[nearest(&chart, &layout, &stops, place).unwrap()];
            let row = &rows(&chart, &layout, stop)[0];
            (row.trace, row.y, stop.x, stop.to)
        };
        assert_eq!(read(50.0, 0.0), (0, 0.0, 0.0, Some(90.0)));
        assert_eq!(read(5.0, 1.0), (0, 1.0, 0.0, Some(10.0)));
        assert_eq!(read(60.0, 1.0), (1, 1.0, 100.0, Some(10.0)), "one that goes back, too");
    }
}
