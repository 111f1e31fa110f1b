//! Tests of where everything of a chart stands.

use kindling_protocol::chart::ChartMark;
use kindling_protocol::text::text;

use super::*;

fn look() -> Look {
    Look { language: Language::En, width: 400.0, height: 260.0, log_y: false, hidden: BTreeSet::new() }
}

fn trace(shape: Shape, points: &[[f32; 2]]) -> Trace {
    Trace::new(text("a", "甲"), shape, points.to_vec())
}

fn chart(traces: Vec<Trace>) -> Chart {
    let axis = || Axis::new(text("x", "横"), Unit::Number);
    Chart { id: "chart".into(), x: axis(), y: axis(), traces, marks: Vec::new() }
}

#[test]
fn nothing_to_draw_is_no_layout() {
    assert_eq!(layout(&chart(vec![]), &look()), None);
    assert_eq!(layout(&chart(vec![trace(Shape::Line, &[])]), &look()), None);
    let one = chart(vec![trace(Shape::Line, &[[1.0, 2.0]])]);
    assert_eq!(layout(&one, &Look { width: 0.0, ..look() }), None);
    assert!(layout(&one, &look()).is_some(), "one point can be drawn");
}

#[test]
fn bars_begin_at_zero_and_stay_inside() {
    let named = ["a", "b", "c"].map(|name| text(name, name)).to_vec();
    let mut grouped = chart(vec![
        trace(Shape::Bars, &[[0.0, 5.0], [1.0, 7.0], [2.0, 6.0]]),
        trace(Shape::Bars, &[[0.0, 4.0], [1.0, 8.0], [2.0, 9.0]]),
    ]);
    grouped.x.names = named;
    let laid = layout(&grouped, &look()).unwrap();
    assert_eq!(laid.y.low, 0.0);
    assert_eq!(laid.x_ticks.iter().map(|tick| tick.text.as_str()).collect::<Vec<_>>(), ["a", "b", "c"]);
    assert!(!laid.slanted);
    let first = |drawn: &Drawn| -> f64 { drawn.bars[1..].split(' ').next().unwrap().parse().unwrap() };
    assert!(first(&laid.traces[0]) >= laid.x.pixels.0 && first(&laid.traces[0]) < first(&laid.traces[1]));
    // Alone, a trace has the whole place.
    let hidden = BTreeSet::from([0]);
    let alone = layout(&grouped, &Look { hidden, ..look() }).unwrap();
    assert_eq!(alone.traces.iter().map(|drawn| drawn.index).collect::<Vec<_>>(), [1]);
    assert!(first(&alone.traces[0]) < first(&laid.traces[1]));
}

#[test]
fn long_names_are_written_aslant_and_cut() {
    let mut named = chart(vec![trace(Shape::Bars, &[[0.0, 1.0], [7.0, 2.0]])]);
    named.x.names = vec![text("mean radius of the nucleus", "细胞核平均半径"); 8];
    let laid = layout(&named, &look()).unwrap();
    assert!(laid.slanted);
    assert_eq!(laid.x_ticks[0].text, "mean radius of …");
    assert_eq!(name_at(&named.x, 7.2, Language::Zh).as_deref(), Some("细胞核平均半径"));
    assert_eq!((name_at(&named.x, -1.0, Language::En), name_at(&named.x, 8.0, Language::En)), (None, None));
}

#[test]
fn fractions_that_fill_most_of_it_are_drawn_from_0_to_1() {
    let mut curve = chart(vec![trace(Shape::Line, &[[0.0, 0.05], [0.5, 0.9], [1.0, 1.0]])]);
    (curve.x.unit, curve.y.unit) = (Unit::Fraction, Unit::Fraction);
    let laid = layout(&curve, &look()).unwrap();
    assert_eq!((laid.x.low, laid.x.high, laid.y.low, laid.y.high), (0.0, 1.0, 0.0, 1.0));
    assert_eq!(laid.y_ticks.last().unwrap().text, "100%");
}

#[test]
fn equal_units_are_as_long_on_both_axes() {
    let mut map = chart(vec![trace(Shape::Points, &[[0.0, 0.0], [2.0, 9.0]])]);
    map.y.equal = true;
    let laid = layout(&map, &look()).unwrap();
    assert!((per_pixel(&laid.x) - per_pixel(&laid.y)).abs() < 1e-9);
    assert!(laid.x.low < 0.0 && laid.x.high > 2.0 && laid.y.low <= 0.0 && laid.y.high >= 9.0, "all is in it");
}

#[test]
fn a_log_axis_leaves_out_what_has_no_place() {
    let mut falling = chart(vec![trace(Shape::Points, &[[0.001, 1.0], [0.0, 1.0], [10.0, 2.0]])]);
    falling.x.log = true;
    let laid = layout(&falling, &look()).unwrap();
    assert!(laid.x.log && laid.x.low > 0.0);
    assert_eq!(laid.traces[0].points.matches('M').count(), 2);
}

#[test]
fn intervals_are_bands_under_lines_and_whiskers_elsewhere() {
    let with = |shape| {
        let mut one = trace(shape, &[[0.0, 1.0], [1.0, 2.0]]);
        one.spread = vec![[0.5, 1.5], [1.0, 9.0]];
        layout(&chart(vec![one]), &look()).unwrap()
    };
    let line = with(Shape::Line);
    assert!(!line.traces[0].band.is_empty() && line.traces[0].whiskers.is_empty());
    assert!(line.y.high > 9.0, "the axis holds the interval");
    for shape in [Shape::Points, Shape::Bars] {
        let drawn = &with(shape).traces[0];
        assert!(drawn.band.is_empty() && !drawn.whiskers.is_empty(), "{shape:?}");
    }
}

#[test]
fn lying_bars_go_from_edge_to_edge_in_rows_with_names() {
    let mut lanes = chart(vec![trace(Shape::Spans, &[[2.0, 0.0], [7.0, 0.0], [3.0, 1.0], [9.0, 1.0]])]);
    lanes.y.names = ["second", "first"].map(|name| text(name, name)).to_vec();
    let laid = layout(&lanes, &look()).unwrap();
    assert_eq!((laid.x.low, laid.x.high), (2.0, 9.0));
    assert_eq!(laid.y_ticks.iter().map(|tick| tick.text.as_str()).collect::<Vec<_>>(), ["second", "first"]);
    assert_eq!(laid.traces[0].bars.matches('M').count(), 2);
}

#[test]
fn marks_say_what_they_are_where_there_is_room() {
    let mut marked = chart(vec![trace(Shape::Line, &[[0.0, 1.0], [100.0, 2.0]])]);
    let mark = |x, word: &'static str| ChartMark { x, text: text(word, word) };
    marked.marks = vec![mark(99.0, "best epoch"), mark(10.0, "cut"), mark(11.0, "again")];
    let laid = layout(&marked, &look()).unwrap();
    let told: Vec<_> = laid.marks.iter().map(|flag| (flag.text.as_deref(), flag.before)).collect();
    assert_eq!(told, [(Some("cut"), true), (Some("again"), false), (Some("best epoch"), true)]);
}
