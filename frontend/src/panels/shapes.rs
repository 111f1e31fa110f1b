//! Paths of a chart's traces: lines, steps, bands, points, bars, lying bars, whiskers.

use std::fmt::Write;

use crate::charts::plot::HUES;
use crate::charts::scale::Scale;

/// A pixel, or none for a value that has no place on its axis.
pub type Place = Option<(f64, f64)>;

/// Shapes of points.
pub const POINT_SHAPES: usize = 6;
/// Closer than this to the point before, a point of a line changes nothing that can be seen.
const SEEN: f64 = 0.4;

/// The place of a trace's bars among those that stand side by side.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Slot {
    pub place: usize,
    pub of: usize,
    /// Pixels for all of them together.
    pub width: f64,
}

impl Slot {
    /// From the middle of the group to the middle of this bar.
    pub fn shift(&self) -> f64 {
        (self.place as f64 + 0.5) * self.width / self.of as f64 - self.width / 2.0
    }

    pub fn bar_width(&self) -> f64 {
        (self.width / self.of as f64 * 0.92).max(1.0)
    }
}

pub fn pixels(points: &[[f32; 2]], x: &Scale, y: &Scale, shift: f64) -> Vec<Place> {
    let place = |point: &[f32; 2]| Some((x.pixel(point[0].into())? + shift, y.pixel(point[1].into())?));
    points.iter().map(place).collect()
}

/// Broken where a value has no place. Points that would not be seen are left out, the last of them excepted.
pub fn line(places: &[Place]) -> String {
    let mut path = String::new();
    let mut drawn: Place = None;
    for (index, place) in places.iter().enumerate() {
        let Some((x, y)) = *place else {
            drawn = None;
            continue;
        };
        let last = places.get(index + 1).is_none_or(Option::is_none);
        match drawn {
            None => write!(path, "M{x:.1} {y:.1}"),
            Some((before_x, before_y)) if !last && (x - before_x).abs() < SEEN && (y - before_y).abs() < SEEN => {
                continue;
            }
            Some(_) => write!(path, "L{x:.1} {y:.1}"),
        }
        .expect("writing to a string");
        drawn = Some((x, y));
    }
    path
}

/// Each value holds until the next one.
pub fn steps(places: &[Place]) -> String {
    let mut path = String::new();
    let mut open = false;
    for place in places {
        match place {
            Some((x, y)) if open => write!(path, "H{x:.1}V{y:.1}"),
            Some((x, y)) => write!(path, "M{x:.1} {y:.1}"),
            None => Ok(()),
        }
        .expect("writing to a string");
        open = place.is_some();
    }
    path
}

/// The area between the ends `(x, low, high)` of intervals.
pub fn band(spread: &[Option<(f64, f64, f64)>]) -> String {
    let mut path = String::new();
    for run in spread.split(Option::is_none).filter(|run| run.len() > 1) {
        let there = run.iter().flatten().map(|(x, _, high)| (*x, *high));
        let back = run.iter().rev().flatten().map(|(x, low, _)| (*x, *low));
        for (index, (x, y)) in there.chain(back).enumerate() {
            write!(path, "{}{x:.1} {y:.1}", if index == 0 { 'M' } else { 'L' }).expect("writing to a string");
        }
        path.push('Z');
    }
    path
}

pub fn whiskers(spread: &[Option<(f64, f64, f64)>]) -> String {
    let mut path = String::new();
    for (x, low, high) in spread.iter().flatten() {
        write!(path, "M{x:.1} {low:.1}V{high:.1}").expect("writing to a string");
        for end in [low, high] {
            write!(path, "M{:.1} {end:.1}h8", x - 4.0).expect("writing to a string");
        }
    }
    path
}

/// All points of a trace as one path: circle, square, triangle, diamond, cross or plus. There are as many hues, so the
/// seventh trace has the first one's hue and the next shape: no two of 36 look the same.
pub fn points(places: &[Place], index: usize, r: f64) -> String {
    let mut path = String::new();
    for (x, y) in places.iter().flatten() {
        let (d, long) = (2.0 * r, 1.25 * r);
        match (index + index / HUES) % POINT_SHAPES {
            0 => write!(path, "M{:.1} {y:.1}a{r} {r} 0 1 0 {d} 0a{r} {r} 0 1 0 -{d} 0Z", x - r),
            1 => write!(path, "M{:.1} {:.1}h{d}v{d}h-{d}Z", x - r, y - r),
            2 => write!(path, "M{x:.1} {:.1}l{long:.1} {:.1}h-{:.1}Z", y - long, 2.1 * r, 2.0 * long),
            3 => {
                write!(path, "M{x:.1} {:.1}l{long:.1} {long:.1}l-{long:.1} {long:.1}l-{long:.1} -{long:.1}Z", y - long)
            }
            4 => write!(path, "M{:.1} {:.1}l{d} {d}m0 -{d}l-{d} {d}", x - r, y - r),
            _ => write!(path, "M{:.1} {y:.1}h{d}M{x:.1} {:.1}v{d}", x - r, y - r),
        }
        .expect("writing to a string");
    }
    path
}

/// From `zero` to each value.
pub fn bars(places: &[Place], width: f64, zero: f64) -> String {
    let mut path = String::new();
    for (x, y) in places.iter().flatten() {
        write!(path, "M{:.1} {zero:.1}V{y:.1}h{width:.1}V{zero:.1}Z", x - width / 2.0).expect("writing to a string");
    }
    path
}

/// From each first of two places to its second.
pub fn spans(places: &[Place], height: f64) -> String {
    let mut path = String::new();
    for pair in places.chunks_exact(2) {
        if let [Some((from, y)), Some((to, _))] = pair {
            write!(path, "M{from:.1} {:.1}H{to:.1}v{height:.1}H{from:.1}Z", y - height / 2.0)
                .expect("writing to a string");
        }
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_breaks_where_a_value_has_no_place_and_leaves_out_what_is_not_seen() {
        let places = [Some((0.0, 0.0)), Some((0.1, 0.1)), Some((5.0, 5.0)), None, Some((9.0, 1.0)), Some((9.2, 1.0))];
        assert_eq!(line(&places), "M0.0 0.0L5.0 5.0M9.0 1.0L9.2 1.0");
    }

    #[test]
    fn steps_hold_until_the_next_value() {
        assert_eq!(steps(&[Some((0.0, 9.0)), Some((4.0, 3.0)), Some((8.0, 3.0))]), "M0.0 9.0H4.0V3.0H8.0V3.0");
    }

    #[test]
    fn a_band_closes_and_whiskers_have_caps() {
        let spread = [Some((0.0, 8.0, 2.0)), Some((4.0, 9.0, 1.0))];
        assert_eq!(band(&spread), "M0.0 2.0L4.0 1.0L4.0 9.0L0.0 8.0Z");
        assert_eq!(band(&spread[..1]), "");
        assert_eq!(whiskers(&spread[..1]), "M0.0 8.0V2.0M-4.0 8.0h8M-4.0 2.0h8");
    }

    #[test]
    fn bars_that_share_a_place_stand_side_by_side() {
        let slot = |place| Slot { place, of: 2, width: 20.0 };
        assert_eq!([slot(0).shift(), slot(1).shift()], [-5.0, 5.0]);
        assert!(slot(0).bar_width() < 10.0);
        assert_eq!(Slot { place: 0, of: 1, width: 20.0 }.shift(), 0.0);
        assert_eq!(bars(&[Some((10.0, 4.0)), None], 4.0, 20.0), "M8.0 20.0V4.0h4.0V20.0Z");
    }

    #[test]
    fn a_lying_bar_goes_from_one_place_to_the_next() {
        assert_eq!(spans(&[Some((4.0, 20.0)), Some((9.0, 20.0)), None], 6.0), "M4.0 17.0H9.0v6.0H4.0Z");
        assert_eq!(spans(&[None, Some((9.0, 20.0))], 6.0), "");
    }

    #[test]
    fn no_two_traces_have_hue_and_point_shape_in_common() {
        let look = |index: usize| (index % HUES, points(&[Some((5.0, 5.0))], index, 3.0));
        let looks: std::collections::BTreeSet<_> = (0..HUES * POINT_SHAPES).map(look).collect();
        assert_eq!(looks.len(), HUES * POINT_SHAPES);
    }
}
