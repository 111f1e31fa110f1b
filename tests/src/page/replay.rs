//! Drawings of other people, drawn on the pad as pointer events and read as the page answers them.

use std::time::Duration;

use serde_json::Value;

use super::{Page, Pointer, Stroke, by_test_id};

/// A drawing as it lies on the pad, and what it is meant to be.
pub struct Drawing {
    pub label: u8,
    pub strokes: Vec<Stroke>,
}

/// What the page said of a finished drawing.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    pub digit: String,
    pub confidence: f64,
    /// Counts up with each answer.
    pub version: u64,
}

/// Reads lines of `{"label":7,"strokes":[[[x,y],...],...]}`, y down, any scale. Each drawing is put in the middle of
/// the pad, its longer side as long as `kindling eval --strokes` makes it.
pub fn read(file: &str) -> Vec<Drawing> {
    file.lines().filter(|line| !line.trim().is_empty()).map(drawing).collect()
}

/// Longer side of a drawing, as a share of the pad's.
const SIZE: f64 = 0.6;

fn drawing(line: &str) -> Drawing {
    let fault = |error: serde_json::Error| -> ! { panic!("{error} in {line}") };
    let mut value: Value = serde_json::from_str(line).unwrap_or_else(|error| fault(error));
    let label = value["label"].as_u64().and_then(|label| label.try_into().ok());
    let label = label.unwrap_or_else(|| panic!("no label in {line}"));
    let strokes: Vec<Stroke> = serde_json::from_value(value["strokes"].take()).unwrap_or_else(|error| fault(error));
    let bounds = |of: fn(&(f64, f64)) -> f64| {
        let values = strokes.iter().flatten().map(of);
        values.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), value| (low.min(value), high.max(value)))
    };
    let ((left, right), (top, bottom)) = (bounds(|point| point.0), bounds(|point| point.1));
    let extent = (right - left).max(bottom - top);
    let scale = if extent > 0.0 { SIZE / extent } else { 1.0 };
    let place =
        |(x, y): (f64, f64)| (0.5 + (x - (left + right) / 2.0) * scale, 0.5 + (y - (top + bottom) / 2.0) * scale);
    let strokes = strokes.iter().map(|stroke| stroke.iter().copied().map(place).collect()).collect();
    Drawing { label, strokes }
}

impl Page {
    /// Clears the pad, draws and reads the answer to the finished drawing.
    pub fn replay(&mut self, pointer: Pointer, strokes: &[Stroke]) -> Answer {
        let answer = by_test_id("digit-answer");
        self.eval(&format!("{}.click()", by_test_id("clear")));
        self.wait_for(&format!("{answer}.dataset.digit === ''"), LIMIT);
        let before = self.eval(&format!("{answer}.dataset.version"));
        self.draw_with(pointer, "digit-pad", strokes);
        // Each answer counts up, also those to the drawing as it grew: the last one is the one that stands.
        let read = self.wait_for(
            &format!(
                "new Promise(done => {{ const answer = {answer}; let timer; \
                   const seen = new MutationObserver(() => wait()); \
                   const end = () => {{ if (answer.dataset.version === {before} || !answer.dataset.digit) return wait(); \
                     seen.disconnect(); done({{ ...answer.dataset }}); }}; \
                   const wait = () => {{ clearTimeout(timer); timer = setTimeout(end, {STANDS_MS}); }}; \
                   seen.observe(answer, {{ attributes: true, attributeFilter: ['data-version'] }}); wait(); }})"
            ),
            LIMIT,
        );
        let text = |name: &str| read[name].as_str().unwrap_or_default().to_owned();
        let number = |name: &str| text(name).parse().unwrap_or(f64::NAN);
        Answer { digit: text("digit"), confidence: number("confidence"), version: number("version") as u64 }
    }
}

/// An answer takes a few milliseconds: one that has stood for so long is the last.
const STANDS_MS: u32 = 100;
const LIMIT: Duration = Duration::from_secs(20);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn drawings_of_any_scale_lie_alike_in_the_middle() {
        let drawings = read(
            "{\"label\":7,\"strokes\":[[[0,0],[2,0],[1,4]]]}\n\n{\"strokes\":[[[-10,5],[10,5],[0,45]]],\"label\":7}\n",
        );
        assert_eq!(drawings.len(), 2);
        assert_eq!(drawings[0].strokes, drawings[1].strokes);
        assert_eq!(drawings[0].strokes[0][2], (0.5, 0.8));
    }
}
