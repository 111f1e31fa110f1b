//! Everything a chart draws, worked out without a document: paths, ticks and marks in pixels.

use std::fmt::Write;

use crate::charts::curve::{Point, XAxis, decimate, nearest, smooth, visible};
use crate::charts::scale::Scale;

/// Points drawn in one chart, all lines together.
pub const MAX_DRAWN: usize = 2000;

/// Curves with fewer points are drawn as they are: smoothing a value per epoch hides it.
const SMOOTHED_FROM: usize = 24;

/// Which line of a chart: the run it belongs to and the series in it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineKey {
    pub run: String,
    pub series: String,
}

/// A curve to be drawn.
pub struct Curve<'a> {
    pub key: LineKey,
    /// Index of its colour, and of its dash pattern.
    pub hue: usize,
    pub dash: usize,
    pub points: &'a [Point],
}

/// How a chart looks at its curves.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Look {
    pub axis: XAxis,
    pub log: bool,
    /// Weight of the moving average, 0 for none.
    pub smoothing: f64,
    /// The part of the x axis that is shown; nothing for all of it.
    pub zoom: Option<(f64, f64)>,
    /// Pixels of the whole drawing.
    pub width: f64,
    pub height: f64,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Plot {
    pub x: Scale,
    pub y: Scale,
    pub lines: Vec<Line>,
    pub x_ticks: Vec<(f64, f64)>,
    pub y_ticks: Vec<(f64, f64)>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub key: LineKey,
    pub hue: usize,
    pub dash: usize,
    /// The values as they are, drawn faint behind the smoothed line. Empty if nothing is smoothed.
    pub raw: String,
    pub bold: String,
    /// Pixels of single points, for curves that have few.
    pub dots: Vec<(f64, f64)>,
    /// Where the letter of the line's run stands.
    pub letter_at: Option<(f64, f64)>,
}

/// Colours and dash patterns the style sheet has.
pub const HUES: usize = 6;
pub const DASHES: usize = 4;

pub const LEFT: f64 = 50.0;
pub const RIGHT: f64 = 22.0;
pub const TOP: f64 = 10.0;
pub const BOTTOM: f64 = 24.0;

/// Lays out a chart. Nothing if no curve has a point.
pub fn plot(curves: &[Curve], look: &Look) -> Option<Plot> {
    let extent = extent(curves, look.axis)?;
    let (from, to) = look.zoom.unwrap_or(extent);
    let x = Scale { low: from, high: to, log: false, pixels: (LEFT, (look.width - RIGHT).max(LEFT + 1.0)) };

    // Raw and smoothed line of every curve share what may be drawn.
    let budget = MAX_DRAWN / curves.len().max(1) / 2;
    let shapes: Vec<(Vec<Point>, Vec<Point>)> =
        curves.iter().map(|curve| shape(curve, look, (from, to), budget)).collect();

    let inside = |point: &&Point| (from..=to).contains(&look.axis.of(point));
    let values = shapes.iter().flat_map(|(raw, bold)| raw.iter().chain(bold)).filter(inside).map(|point| point.value);
    let y = Scale::around(values, look.log, (look.height - BOTTOM, TOP));

    let lines = curves.iter().zip(shapes).enumerate().map(|(index, (curve, (raw, bold)))| Line {
        key: curve.key.clone(),
        hue: curve.hue,
        dash: curve.dash,
        dots: if bold.len() <= 40 { pixels(&bold, look.axis, &x, &y) } else { Vec::new() },
        letter_at: letter_place(&bold, index)
            .and_then(|point| Some((x.pixel(look.axis.of(point))?, y.pixel(point.value)?))),
        raw: path(&raw, look.axis, &x, &y),
        bold: path(&bold, look.axis, &x, &y),
    });
    let lines = lines.collect();
    let place = |scale: &Scale, count| -> Vec<(f64, f64)> {
        scale.ticks(count).into_iter().filter_map(|tick| Some((tick, scale.pixel(tick)?))).collect()
    };
    let x_ticks = place(&x, ((look.width - LEFT - RIGHT) / 64.0).clamp(2.0, 8.0) as usize);
    let y_ticks = place(&y, 5);
    Some(Plot { x, y, lines, x_ticks, y_ticks })
}

/// Each line has its letter at a place of its own: at the ends, where lines meet, letters would cover each other.
fn letter_place(bold: &[Point], index: usize) -> Option<&Point> {
    let share = 0.94 - 0.09 * (index % 9) as f64;
    bold.get((bold.len().saturating_sub(1) as f64 * share) as usize)
}

/// From the first to the last x of all curves; never empty.
fn extent(curves: &[Curve], axis: XAxis) -> Option<(f64, f64)> {
    let ends = curves.iter().filter_map(|curve| Some((axis.of(curve.points.first()?), axis.of(curve.points.last()?))));
    let (from, to) = ends.reduce(|(from, to), (first, last)| (from.min(first), to.max(last)))?;
    // A curve that begins near the start begins at the axis.
    let from = if from < to * 0.1 { 0.0 } else { from };
    Some(if to > from { (from, to) } else { (from - 0.5, to + 0.5) })
}

/// The faint and the bold line of a curve, within the part that is shown.
fn shape(curve: &Curve, look: &Look, (from, to): (f64, f64), budget: usize) -> (Vec<Point>, Vec<Point>) {
    let range = visible(curve.points, look.axis, from, to);
    if look.smoothing <= 0.0 || curve.points.len() < SMOOTHED_FROM {
        return (Vec::new(), decimate(&curve.points[range], budget));
    }
    // Smoothed over the whole curve and cut afterwards, so that zooming does not change the line.
    let smoothed = smooth(curve.points, look.smoothing);
    (decimate(&curve.points[range.clone()], budget), decimate(&smoothed[range], budget))
}

fn pixels(points: &[Point], axis: XAxis, x: &Scale, y: &Scale) -> Vec<(f64, f64)> {
    points.iter().filter_map(|point| Some((x.pixel(axis.of(point))?, y.pixel(point.value)?))).collect()
}

/// An SVG path. A value that has no place on the axis breaks the line.
fn path(points: &[Point], axis: XAxis, x: &Scale, y: &Scale) -> String {
    let mut path = String::with_capacity(points.len() * 14);
    let mut pen_down = false;
    for point in points {
        match (x.pixel(axis.of(point)), y.pixel(point.value)) {
            (Some(x), Some(y)) => {
                let verb = if pen_down { 'L' } else { 'M' };
                let _ = write!(path, "{verb}{x:.1} {y:.1}");
                pen_down = true;
            }
            _ => pen_down = false,
        }
    }
    path
}

/// What the cross-hair says at `x`: the nearest point of every curve that reaches there.
pub fn readout<'a>(curves: &'a [Curve], axis: XAxis, x: f64) -> Vec<(&'a LineKey, &'a Point)> {
    curves.iter().filter_map(|curve| Some((&curve.key, nearest(curve.points, axis, x)?))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOOK: Look = Look { axis: XAxis::Step, log: false, smoothing: 0.9, zoom: None, width: 600.0, height: 200.0 };

    fn points(count: u64) -> Vec<Point> {
        let value = |step: u64| 1.0 + ((step * 37) % 11) as f64;
        (0..count).map(|step| Point { step, epoch: step as f64, at_ms: step, value: value(step) }).collect()
    }

    fn curve<'a>(series: &str, points: &'a [Point]) -> Curve<'a> {
        Curve { key: LineKey { run: "r".into(), series: series.into() }, hue: 0, dash: 0, points }
    }

    fn drawn(path: &str) -> usize {
        path.matches(['M', 'L']).count()
    }

    #[test]
    fn no_more_points_are_drawn_than_allowed() {
        let many = points(30_000);
        let curves: Vec<Curve> = (0..6).map(|index| curve(&index.to_string(), &many)).collect();
        let plot = plot(&curves, &LOOK).unwrap();
        let total: usize = plot.lines.iter().map(|line| drawn(&line.raw) + drawn(&line.bold)).sum();
        assert!(total <= MAX_DRAWN && total > MAX_DRAWN / 2, "{total}");
    }

    #[test]
    fn few_points_are_drawn_as_they_are_with_dots() {
        let few = points(5);
        let plot = plot(&[curve("validation", &few)], &LOOK).unwrap();
        assert_eq!((plot.lines[0].raw.as_str(), drawn(&plot.lines[0].bold), plot.lines[0].dots.len()), ("", 5, 5));
    }

    #[test]
    fn a_value_that_is_no_number_breaks_the_line() {
        let mut broken = points(9);
        broken[4].value = f64::NAN;
        let plot = plot(&[curve("loss", &broken)], &LOOK).unwrap();
        assert_eq!(plot.lines[0].bold.matches('M').count(), 2);
        assert!(!plot.lines[0].bold.contains("NaN"));
    }

    #[test]
    fn everything_lies_inside_and_zoom_cuts() {
        let many = points(1000);
        let whole = plot(&[curve("loss", &many)], &LOOK).unwrap();
        assert!(whole.lines[0].bold.starts_with("M50.0 "), "{}", &whole.lines[0].bold[..20]);
        assert_eq!((whole.x.low, whole.x.high), (0.0, 999.0));
        let part = plot(&[curve("loss", &many)], &Look { zoom: Some((100.0, 110.0)), ..LOOK }).unwrap();
        assert!(drawn(&part.lines[0].raw) <= 13);
        assert!(part.x_ticks.iter().all(|(tick, _)| (100.0..=110.0).contains(tick)));
    }

    #[test]
    fn nothing_to_draw_is_no_plot_and_one_point_is_one() {
        assert_eq!(plot(&[curve("loss", &[])], &LOOK), None);
        let one = points(1);
        assert!(plot(&[curve("loss", &one)], &LOOK).unwrap().x.high > 0.0);
    }

    #[test]
    fn the_cross_hair_reads_every_curve() {
        let (long, short) = (points(100), points(10));
        let curves = [curve("train", &long), curve("validation", &short)];
        let told: Vec<u64> = readout(&curves, XAxis::Step, 50.2).iter().map(|(_, point)| point.step).collect();
        assert_eq!(told, [50, 9]);
    }
}
