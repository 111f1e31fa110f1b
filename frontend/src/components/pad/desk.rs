//! The sheet with its settings. It outlives the pages, so a drawing is still there after a look elsewhere.

use std::cell::Cell;
use std::time::Duration;

use kindling_protocol::input::Preparation;
use leptos::prelude::*;

use super::sheet::Sheet;
use crate::runner::pad::{Pad, PadAnswer};

/// Pen width as a fraction of the pad's side. Read as a drawing, MNIST's own is near the default.
pub const BRUSH: f32 = 0.085;
pub const BRUSH_MIN: f32 = 0.05;
pub const BRUSH_MAX: f32 = 0.14;

/// Between two questions at least this long while the pen moves: one frame.
const PACE_MS: f64 = 16.0;

#[derive(Clone, Copy)]
pub struct Desk {
    pub sheet: RwSignal<Sheet>,
    pub brush: RwSignal<f32>,
    pub preparation: RwSignal<Preparation>,
    pub pad: Pad,
}

impl Desk {
    /// Lays the desk out for the whole page, and asks the model whenever something on it changes.
    pub fn provide(pad: Pad) {
        let desk = Desk {
            sheet: RwSignal::new(Sheet::default()),
            brush: RwSignal::new(BRUSH),
            preparation: RwSignal::new(Preparation::default()),
            pad,
        };
        provide_context(desk);
        desk.ask_on_change();
    }

    pub fn here() -> Desk {
        expect_context()
    }

    /// The newest answer about what lies on the pad. `None` for an empty pad, whatever is still on its way.
    pub fn answer(&self) -> Option<PadAnswer> {
        let empty = self.sheet.with(Sheet::is_empty);
        self.pad.answer.get().filter(|answer| !empty && !answer.answer.probabilities.is_empty())
    }

    /// Asks at once when the last question is a frame ago, else when it is: the newest state always gets asked.
    fn ask_on_change(self) {
        let last_ms = StoredValue::new_local(Cell::new(f64::NEG_INFINITY));
        let waiting = StoredValue::new_local(Cell::new(false));
        let ask = move || {
            last_ms.with_value(|last| last.set(now_ms()));
            let input = self.sheet.with_untracked(|sheet| sheet.input(self.brush.get_untracked()));
            self.pad.predict(input, self.preparation.get_untracked());
        };
        Effect::new(move |_| {
            let pen_down = self.sheet.with(|sheet| sheet.pen().is_some());
            self.brush.track();
            self.preparation.track();
            if self.pad.model.get().is_none() {
                return;
            }
            let rest_ms = PACE_MS - (now_ms() - last_ms.with_value(Cell::get));
            if rest_ms <= 0.0 || !pen_down {
                ask();
            } else if !waiting.with_value(|waiting| waiting.replace(true)) {
                let later = move || {
                    waiting.with_value(|waiting| waiting.set(false));
                    ask();
                };
                set_timeout(later, Duration::from_micros((rest_ms * 1000.0) as u64));
            }
        });
    }
}

fn now_ms() -> f64 {
    window().performance().map_or(0.0, |performance| performance.now())
}
