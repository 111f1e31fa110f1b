//! Files of labelled strokes, one JSON object a line: `{"label":7,"strokes":[[[x,y],...],...]}`, y down, any scale.
//!
//! Each becomes a drawing exactly as if it had been drawn on the pad: the longer side of the box around its points is
//! made 60 % of the pad's side and put in the middle, and the pen is the pad's default brush.

use kindling_protocol::input::{Drawing, MAX_POINTS, MAX_STROKES, Stroke};
use serde::Deserialize;

/// Reads a whole file. Empty lines are skipped; every other line must be right.
pub fn parse(file: &str) -> Result<Vec<LabelledDrawing>, StrokesError> {
    let mut drawings = Vec::new();
    for (index, text) in file.lines().enumerate().filter(|(_, text)| !text.trim().is_empty()) {
        let line = index + 1;
        let fault = |detail: String| StrokesError { line, detail };
        if drawings.len() == MAX_DRAWINGS {
            return Err(fault(format!("more than {MAX_DRAWINGS} drawings")));
        }
        if text.len() > MAX_LINE_BYTES {
            return Err(fault(format!("{} bytes, at most {MAX_LINE_BYTES} are read", text.len())));
        }
        let Line { label, strokes } = serde_json::from_str(text).map_err(|error| fault(error.to_string()))?;
        drawings.push(LabelledDrawing { label, drawing: on_pad(strokes).map_err(fault)? });
    }
    Ok(drawings)
}

#[derive(Clone, Debug, PartialEq)]
pub struct LabelledDrawing {
    pub label: u8,
    pub drawing: Drawing,
}

/// Strokes of any scale as they would be on a pad of side 1.
pub fn on_pad(strokes: Vec<Stroke>) -> Result<Drawing, String> {
    let count: usize = strokes.iter().map(Vec::len).sum();
    if strokes.len() > MAX_STROKES || count > MAX_POINTS {
        let found = format!("{} strokes with {count} points", strokes.len());
        return Err(format!("{found}, at most {MAX_STROKES} strokes and {MAX_POINTS} points are read"));
    }
    if count == 0 {
        return Err("no points".to_string());
    }
    let (mut low, mut high) = ([f64::INFINITY; 2], [f64::NEG_INFINITY; 2]);
    for point in strokes.iter().flatten() {
        for axis in 0..2 {
            let value = f64::from(point[axis]);
            if !value.is_finite() {
                return Err("a coordinate is not a finite number".to_string());
            }
            (low[axis], high[axis]) = (low[axis].min(value), high[axis].max(value));
        }
    }
    let extent = (high[0] - low[0]).max(high[1] - low[1]);
    // A single dot has no extent, and needs none.
    let scale = if extent > 0.0 { SIZE / extent } else { 1.0 };
    let place = |point: [f32; 2]| {
        [0, 1].map(|axis| (0.5 + (f64::from(point[axis]) - (low[axis] + high[axis]) / 2.0) * scale) as f32)
    };
    let strokes = strokes.into_iter().map(|stroke| stroke.into_iter().map(place).collect()).collect();
    Ok(Drawing { strokes, side: 1.0, brush: DEFAULT_BRUSH })
}

/// A line that can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {detail}")]
pub struct StrokesError {
    pub line: usize,
    pub detail: String,
}

/// Width of the pad's brush as a share of its side, unless a person changes it.
pub const DEFAULT_BRUSH: f32 = 0.085;
/// Longer side of a digit read from a file, as a share of the pad's side.
const SIZE: f64 = 0.6;
const MAX_DRAWINGS: usize = 1_000_000;
/// Enough for the greatest number of points, each with all its digits.
const MAX_LINE_BYTES: usize = 64 * MAX_POINTS;

#[derive(Deserialize)]
struct Line {
    label: u8,
    strokes: Vec<Stroke>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::ink::Frame;
    use crate::data::render::prepare_drawing;
    use kindling_protocol::input::Preparation;

    #[test]
    fn a_line_of_any_scale_is_the_same_drawing() {
        let small = r#"{"label":7,"strokes":[[[0,0],[2,0],[1,4]],[[0.5,2],[2,2]]]}"#;
        let large =
            r#"{"strokes":[[[-1000,500],[1000,500],[0,4500]],[[-500,2500],[1000,2500]]],"label":7,"writer":"x"}"#;
        let drawings = parse(&format!("{small}\n\n{large}\n")).unwrap();
        assert_eq!(drawings.len(), 2);
        let prepared = drawings.iter().map(|labelled| {
            prepare_drawing(&labelled.drawing, &Frame::MNIST, Preparation::default()).unwrap().unwrap()
        });
        let prepared: Vec<_> = prepared.collect();
        assert_eq!(prepared[0], prepared[1]);
        let heights = drawings[0].drawing.strokes.iter().flatten().map(|point| point[1]);
        let (low, high) = heights.fold((1.0f32, 0.0f32), |(low, high), y| (low.min(y), high.max(y)));
        assert!((low - 0.2).abs() < 1e-6 && (high - 0.8).abs() < 1e-6);
    }

    #[test]
    fn faults_name_their_line() {
        let good = r#"{"label":1,"strokes":[[[0,0],[0,1]]]}"#;
        let message = |bad: &str| parse(&format!("{good}\n{bad}")).unwrap_err().to_string();
        assert!(message("{").starts_with("line 2: EOF"), "{}", message("{"));
        assert!(message(r#"{"label":1}"#).contains("missing field `strokes`"));
        assert!(message(r#"{"label":-1,"strokes":[]}"#).starts_with("line 2: invalid value"));
        assert_eq!(message(r#"{"label":1,"strokes":[[]]}"#), "line 2: no points");
        assert!(message(r#"{"label":1,"strokes":[[[0,1,2]]]}"#).starts_with("line 2:"));
        assert!(message(r#"{"label":1,"strokes":[[[1e39,1]]]}"#).starts_with("line 2: number out of range"));
        let infinite = on_pad(vec![vec![[f32::INFINITY, 1.0]]]).unwrap_err();
        assert_eq!(infinite, "a coordinate is not a finite number");
        let many = format!(r#"{{"label":1,"strokes":[{}[[0,0]]]}}"#, "[[0,0]],".repeat(MAX_STROKES));
        assert!(message(&many).contains("at most 256 strokes"));
        assert!(message(&"[".repeat(100_000)).starts_with("line 2:"));
    }
}
