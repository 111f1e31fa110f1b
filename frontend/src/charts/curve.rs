//! The points of one curve, and the few of them that are worth drawing.

use std::ops::Range;

/// One value of a series, with the three positions it can be drawn at.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    pub step: u64,
    pub epoch: f64,
    /// Milliseconds of running, pauses left out.
    pub at_ms: u64,
    pub value: f64,
}

/// What runs to the right.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum XAxis {
    #[default]
    Step,
    Epoch,
    Time,
}

impl XAxis {
    /// Where a point stands: a step, an epoch, or seconds.
    pub fn of(self, point: &Point) -> f64 {
        match self {
            XAxis::Step => point.step as f64,
            XAxis::Epoch => point.epoch,
            XAxis::Time => point.at_ms as f64 / 1000.0,
        }
    }
}

/// Points that lie in `[from, to]`, and one neighbour on each side so that lines run to the edge.
/// Points are ordered on every axis.
pub fn visible(points: &[Point], axis: XAxis, from: f64, to: f64) -> Range<usize> {
    let first = points.partition_point(|point| axis.of(point) < from);
    let last = points.partition_point(|point| axis.of(point) <= to);
    first.saturating_sub(1)..(last + 1).min(points.len())
}

/// The point nearest to `x`.
pub fn nearest(points: &[Point], axis: XAxis, x: f64) -> Option<&Point> {
    let after = points.partition_point(|point| axis.of(point) < x);
    let before = after.checked_sub(1).and_then(|index| points.get(index));
    match (before, points.get(after)) {
        (Some(left), Some(right)) if x - axis.of(left) <= axis.of(right) - x => Some(left),
        (left, None) => left,
        (_, right) => right,
    }
}

/// Exponential moving average, without the pull towards zero at the start.
///
/// `weight` 0 changes nothing, 0.99 smooths strongly. What is not a number is passed through and forgotten.
pub fn smooth(points: &[Point], weight: f64) -> Vec<Point> {
    let (mut sum, mut norm) = (0.0, 0.0);
    points
        .iter()
        .map(|point| {
            if !point.value.is_finite() {
                return *point;
            }
            sum = weight * sum + (1.0 - weight) * point.value;
            norm = weight * norm + (1.0 - weight);
            Point { value: sum / norm, ..*point }
        })
        .collect()
}

/// At most `limit` points that look the same when drawn: of each stretch the lowest and the highest,
/// so that no spike is lost, and the very first and last.
pub fn decimate(points: &[Point], limit: usize) -> Vec<Point> {
    let limit = limit.max(4);
    if points.len() <= limit {
        return points.to_vec();
    }
    let (inner, stretches) = (&points[1..points.len() - 1], (limit - 2) / 2);
    let mut kept = Vec::with_capacity(limit);
    kept.push(points[0]);
    for stretch in 0..stretches {
        let range = inner.len() * stretch / stretches..inner.len() * (stretch + 1) / stretches;
        let lowest = range.clone().min_by(|&a, &b| inner[a].value.total_cmp(&inner[b].value));
        let highest = range.max_by(|&a, &b| inner[a].value.total_cmp(&inner[b].value));
        if let (Some(lowest), Some(highest)) = (lowest, highest) {
            kept.push(inner[lowest.min(highest)]);
            if lowest != highest {
                kept.push(inner[lowest.max(highest)]);
            }
        }
    }
    kept.push(points[points.len() - 1]);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    fn points(values: impl IntoIterator<Item = f64>) -> Vec<Point> {
        let point =
            |(step, value)| Point { step: step as u64, epoch: step as f64 / 10.0, at_ms: step as u64 * 20, value };
        values.into_iter().enumerate().map(point).collect()
    }

    #[test]
    fn decimation_keeps_ends_order_and_spikes() {
        let mut many = points((0..50_000).map(|index| (index as f64 / 900.0).sin()));
        many[31_234].value = 40.0;
        many[31_240].value = -40.0;
        let few = decimate(&many, 2000);
        assert!(few.len() <= 2000, "{}", few.len());
        assert!(few.len() > 1500, "{}", few.len());
        assert_eq!((few[0], few[few.len() - 1]), (many[0], many[many.len() - 1]));
        assert!(few.is_sorted_by_key(|point| point.step));
        assert!(few.contains(&many[31_234]) && few.contains(&many[31_240]));
    }

    #[test]
    fn a_short_curve_is_left_as_it_is() {
        let few = points([3.0, 1.0, 2.0]);
        assert_eq!(decimate(&few, 2000), few);
    }

    #[test]
    fn decimation_bears_values_that_are_no_numbers() {
        let many = points((0..5000).map(|index| if index > 2500 { f64::NAN } else { 1.0 }));
        assert!(decimate(&many, 100).len() <= 100);
    }

    #[test]
    fn smoothing_starts_at_the_first_value_and_skips_what_is_no_number() {
        let smoothed = smooth(&points([2.0, 2.0, f64::NAN, 2.0]), 0.9);
        assert!((smoothed[0].value - 2.0).abs() < 1e-12);
        assert!((smoothed[1].value - 2.0).abs() < 1e-12);
        assert!(smoothed[2].value.is_nan());
        assert!((smoothed[3].value - 2.0).abs() < 1e-12);
        // Weights of the two values: 0.9 * 0.1 and 0.1, over their sum.
        let step = smooth(&points([0.0, 1.0]), 0.9);
        assert!((step[1].value - 0.1 / 0.19).abs() < 1e-12);
        assert_eq!(smooth(&points([5.0, 1.0]), 0.0)[1].value, 1.0);
    }

    #[test]
    fn the_nearest_point_and_the_visible_ones() {
        let curve = points((0..10).map(f64::from));
        assert_eq!(nearest(&curve, XAxis::Step, 4.4).unwrap().step, 4);
        assert_eq!(nearest(&curve, XAxis::Step, 4.6).unwrap().step, 5);
        assert_eq!(nearest(&curve, XAxis::Step, -3.0).unwrap().step, 0);
        assert_eq!(nearest(&curve, XAxis::Time, 99.0).unwrap().step, 9);
        assert_eq!(nearest(&[], XAxis::Step, 0.0), None);
        assert_eq!(visible(&curve, XAxis::Step, 3.0, 5.0), 2..7);
        assert_eq!(visible(&curve, XAxis::Epoch, -1.0, 99.0), 0..10);
        assert_eq!(visible(&[], XAxis::Step, 0.0, 1.0), 0..0);
    }
}
